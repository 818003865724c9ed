//! World: everything that Mixin and MixPay remember, behind one lock and one clock.
//!
//! Its parts are files: who exists ([`people`]), what was said and shown ([`chat`]), the bot's
//! wallet ([`wallet`]), payments ([`mixpay`]), and what goes wrong on command ([`faults`]). Each adds
//! its own methods to [`World`].

pub mod account;
pub mod chat;
pub mod coins;
pub mod faults;
pub mod hostile;
pub mod made_up;
pub mod mixpay;
pub mod people;
pub mod wallet;

use crate::{
    domain::ids::MessageId,
    ports::{ids::Ids, time::Clock},
};
use account::Account;
use chat::Chat;
use faults::Faults;
use jiff::Timestamp;
use mixpay::MixPay;
use people::People;
use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::watch;
use wallet::Wallet;

/// The simulated world. All of its methods are quick and never wait.
pub struct World {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    state: Mutex<State>,
    version: watch::Sender<u64>,
    in_flight: AtomicUsize,
}

/// What the world remembers.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) people: People,
    pub(crate) chat: Chat,
    pub(crate) wallet: Wallet,
    pub(crate) mixpay: MixPay,
    pub(crate) faults: Faults,
    violations: Vec<Violation>,
}

/// One change of the world: its state, the time of the change, and the source of ids.
pub(crate) struct Moment<'w> {
    pub(crate) state: &'w mut State,
    pub(crate) now: Timestamp,
    pub(crate) ids: &'w dyn Ids,
}

/// Something a client did that the real service would punish, or that hides a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// A message id that was used before, with other content.
    ReusedMessageId(MessageId),
    /// A request to MixPay above its limit.
    MixPayLimit(Timestamp),
    /// A search during the ban that an earlier answer announced.
    SearchDuringBan(Timestamp),
    /// A request that Mixin refused for its token.
    Token(String),
    /// A parameter that the endpoint does not know; the service ignores it.
    UnknownParameter(String),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReusedMessageId(id) => {
                write!(f, "message id {id} was used before, with other content")
            }
            Self::MixPayLimit(at) => write!(f, "a request to MixPay above its limit, at {at}"),
            Self::SearchDuringBan(at) => write!(f, "a search during the ban, at {at}"),
            Self::Token(why) => write!(f, "a token was refused: {why}"),
            Self::UnknownParameter(name) => write!(f, "MixPay does not know the parameter {name}"),
        }
    }
}

/// What is still on its way; all zero means that nothing happens by itself until time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// Messages to the bot that it has not acknowledged.
    pub unacknowledged: usize,
    /// Callbacks that are due now or being delivered.
    pub callbacks: usize,
    /// Requests that the servers are answering.
    pub requests_in_flight: usize,
}

impl Activity {
    /// Whether nothing is on its way.
    pub const fn is_quiet(self) -> bool {
        self.unacknowledged == 0 && self.callbacks == 0 && self.requests_in_flight == 0
    }
}

/// At most this many violations are kept; they are for reading after a test.
const VIOLATIONS_MAX: usize = 10_000;

impl World {
    /// A world with a bot, its owner, and MixPay's account; everything else is added.
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Arc<Self> {
        let mut people = People::default();
        let owner = people.add(ids.uuid(), "Olivia", false);
        let account = Account::new(ids.as_ref(), owner);
        people.add_bot_account(&account);
        people.add_known(mixpay::MIXPAY_ACCOUNT, "7000104220", "MixPay");
        let state = State {
            account,
            people,
            chat: Chat::default(),
            wallet: Wallet::default(),
            mixpay: MixPay::default(),
            faults: Faults::default(),
            violations: Vec::new(),
        };
        Arc::new(Self {
            clock,
            ids,
            state: Mutex::new(state),
            version: watch::Sender::new(0),
            in_flight: AtomicUsize::new(0),
        })
    }

    /// The world's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// How often the world has changed.
    pub fn version(&self) -> u64 {
        *self.version.borrow()
    }

    /// Tells of every change from now on; its value is the [version](Self::version).
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// What is still on its way.
    pub fn activity(&self) -> Activity {
        self.read(|state, now| Activity {
            unacknowledged: state.chat.pending_count(now),
            callbacks: state.mixpay.callbacks.busy(now),
            requests_in_flight: self.in_flight.load(Ordering::Acquire),
        })
    }

    /// When something happens by itself next: a settlement, an expiry, a callback, a late message.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.read(|state, now| {
            state.mixpay.next_due().into_iter().chain(state.chat.next_due(now)).min()
        })
    }

    /// Does what is due by now.
    pub fn tick(&self) {
        self.read(|_, _| ());
    }

    /// What clients did wrong so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.read(|state, _| state.violations.clone())
    }

    /// How many requests to MixPay were above its limit.
    pub fn limit_violations(&self) -> usize {
        self.read(|state, _| {
            state.violations.iter().filter(|v| matches!(v, Violation::MixPayLimit(_))).count()
        })
    }

    /// Arranges what goes wrong; the second argument of `arrange` is the world's time.
    pub fn faults<T>(&self, arrange: impl FnOnce(&mut Faults, Timestamp) -> T) -> T {
        self.change(|m| arrange(&mut m.state.faults, m.now))
    }

    /// Sets how MixPay behaves where its documents leave a choice.
    pub fn habits<T>(&self, set: impl FnOnce(&mut mixpay::Habits) -> T) -> T {
        self.change(|m| set(&mut m.state.mixpay.habits))
    }

    /// Changes the world, after what is due by now was done, and tells everybody who waits.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Moment<'_>) -> T) -> T {
        let result = {
            let mut state = self.lock();
            let mut moment =
                Moment { state: &mut state, now: self.clock.now(), ids: self.ids.as_ref() };
            moment.do_what_is_due();
            change(&mut moment)
        };
        self.touch();
        result
    }

    /// Reads the world, after what is due by now was done.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&State, Timestamp) -> T) -> T {
        let now = self.clock.now();
        let (result, moved) = {
            let mut state = self.lock();
            let moved = Moment { state: &mut state, now, ids: self.ids.as_ref() }.do_what_is_due();
            (read(&state, now), moved)
        };
        if moved {
            self.touch();
        }
        result
    }

    /// A fresh id, for what the world does not remember.
    pub(crate) fn fresh_id(&self) -> String {
        self.ids.uuid().to_string()
    }

    /// Counts a request that a server answers, until the guard is dropped.
    pub(crate) fn request(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        self.touch();
        InFlight(Arc::clone(self))
    }

    /// Tells everybody who waits that something changed.
    pub(crate) fn touch(&self) {
        self.version.send_modify(|version| *version = version.wrapping_add(1));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("version", &self.version()).finish_non_exhaustive()
    }
}

impl Moment<'_> {
    /// Notes what a client did wrong.
    pub(crate) fn note(&mut self, violation: Violation) {
        if self.state.violations.len() < VIOLATIONS_MAX {
            self.state.violations.push(violation);
        }
    }
}

/// A request that is being answered.
pub(crate) struct InFlight(Arc<World>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
        self.0.touch();
    }
}
