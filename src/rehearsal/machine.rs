//! Machine: the simulated world, and the bot on a machine of its own whose power can fail.
//!
//! Everything runs on one thread and no time passes but by [`Machine::pass`], so that the same
//! seed gives the same run, to the last message.

use crate::{
    app::{
        deps::{Deps, Outside, Rules},
        hints::Callbacks,
        reconcile,
    },
    cli::Failure,
    config::{Settings, sources::Sources},
    ports::{
        directory::{Directory, Me},
        hints::{CallbackHint, HintOutcome, Hints},
        ids::Ids,
        inbound::Inbound,
        time::Clock,
    },
    run::{rules, spawn_chores, spawn_loops},
    runtime::{
        ids::SeededIds, metrics::Metrics, readiness::Readiness, stop::Stop, supervisor::Supervisor,
    },
    sim::{
        OwnClock, Power, StepClock, World,
        ports::{Feed, Services},
        world::faults::later,
    },
    speech::qr::QrPicture,
    store::Store,
};
use anyhow::Context;
use futures::FutureExt;
use jiff::Timestamp;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc,
    task::JoinHandle,
};

/// When every world begins.
const BEGINNING: &str = "2026-11-21T14:00:00Z";
/// Events that wait to be handled, as behind a real Blaze connection.
const INBOX_MAX: usize = 1024;
/// How often the runtime looks up from its tasks: so rarely that a yield comes back only when
/// there is nothing left to run.
const LOOK_UP_EVERY: u32 = 1 << 24;
/// At one moment the bot and the world may answer each other this often; more is a loop.
const ROUNDS_MAX: u32 = 10_000;

/// The world, and the bot in it.
#[derive(Debug)]
pub struct Machine {
    /// The simulated world.
    pub world: Arc<World>,
    /// What the bot wrote down; it outlives the bot.
    pub store: Store,
    clock: Arc<StepClock>,
    /// The clock of the bot's own machine.
    own_clock: Arc<OwnClock>,
    power: Arc<Power>,
    rules: Rules,
    me: Me,
    seed: u64,
    lives: u64,
    /// Events that were set aside in earlier lives.
    quarantined: u64,
    /// Whether the bot also keeps its house in order: refreshes lists, and sweeps.
    pub has_chores: bool,
    life: Option<Life>,
}

/// One life of the bot's process; dropping it kills the process.
struct Life {
    runtime: Runtime,
    deps: Arc<Deps>,
    callbacks: Arc<Callbacks>,
    inbox: mpsc::Sender<Inbound>,
    feed: Feed,
    waiting: VecDeque<Inbound>,
    process: JoinHandle<anyhow::Result<()>>,
}

impl std::fmt::Debug for Life {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Life").finish_non_exhaustive()
    }
}

/// How a stretch of time ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Nothing is left to do at this time.
    Quiet,
    /// The power failed.
    Dead,
}

/// Why a run cannot go on: a mistake of the bot, or of the rehearsal itself.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A task of the bot ended unasked.
    #[error("the bot stopped by itself: {0}")]
    Stopped(String),
    /// The bot and the world answer each other for ever.
    #[error("the bot does not become quiet at {0}")]
    Restless(Timestamp),
    /// The machine itself cannot be had.
    #[error(transparent)]
    Machine(#[from] anyhow::Error),
}

impl From<crate::store::StoreError> for Broken {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Machine(error.into())
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Setting(error) | Failure::Credentials(error) | Failure::Failed(error) => {
                Self::Machine(error)
            }
        }
    }
}

impl Machine {
    /// A new world and a bot that has just been started, with the usual settings changed by
    /// `change`.
    pub fn new(seed: u64, change: impl FnOnce(&mut Settings)) -> Result<Self, Broken> {
        let mut machine = Self::with(seed, None, change)?;
        machine.has_chores = true;
        machine.start()?;
        Ok(machine)
    }

    /// The same, not started, with a database that another machine has left.
    pub fn with(
        seed: u64,
        spare: Option<Store>,
        change: impl FnOnce(&mut Settings),
    ) -> Result<Self, Broken> {
        let mut settings = Settings::read(&Sources::default()).context("the usual settings")?;
        settings.invoice.bot_payee = true;
        settings.http.public_url = Some("https://bot.example".parse().context("a URL")?);
        change(&mut settings);
        let clock = Arc::new(StepClock::new(BEGINNING.parse().context("a time")?));
        let own_clock = Arc::new(OwnClock::new(Arc::clone(&clock)));
        let world = World::new(Arc::<StepClock>::clone(&clock), Arc::new(SeededIds::new(seed)));
        let power = Arc::new(Power::default());
        let ids = SeededIds::new(seed.wrapping_add(1));
        let mut secret = [0; 32];
        for chunk in secret.chunks_exact_mut(8) {
            chunk.copy_from_slice(&ids.bits().to_be_bytes());
        }
        let quiet = Services::new(Arc::clone(&world), Arc::default());
        let (store, me) = at_once::<_, anyhow::Error>(async {
            let store = match spare {
                Some(spare) => spare.emptied(secret).await?,
                None => Store::open("sqlite::memory:", secret).await?,
            };
            anyhow::Ok((store, quiet.me().await.context("who the bot is")?))
        })?;
        let store = store.watched(Arc::<Power>::clone(&power));
        let rules = rules(&settings)?;
        Ok(Self {
            world,
            store,
            clock,
            own_clock,
            power,
            rules,
            me,
            seed,
            lives: 0,
            quarantined: 0,
            has_chores: false,
            life: None,
        })
    }

    /// Leaves the database to another machine.
    pub fn into_store(self) -> Store {
        self.store
    }

    /// Starts the bot; one that still runs is killed first.
    pub fn start(&mut self) -> Result<(), Broken> {
        self.die();
        self.power.restore();
        self.lives += 1;
        // Chance goes on where it was, as a system's does: not the same ids again.
        let ids = SeededIds::new(self.seed.wrapping_add(self.lives << 32));
        let runtime = Builder::new_current_thread()
            .event_interval(LOOK_UP_EVERY)
            .enable_time()
            .build()
            .context("a runtime")?;
        let services = Services::new(Arc::clone(&self.world), Arc::clone(&self.power));
        let services = Arc::new(services);
        let outside = Outside {
            chat: Arc::<Services>::clone(&services),
            checkout: Arc::<Services>::clone(&services),
            directory: Arc::<Services>::clone(&services),
            wallet: Arc::<Services>::clone(&services),
            clock: Arc::<OwnClock>::clone(&self.own_clock),
            witness: services,
            ids: Arc::new(ids),
            draw: |_| Ok(QrPicture { png: Vec::new(), side: 0 }),
        };
        let catalogue =
            at_once(async { reconcile::lists::kept(&mut self.store.begin().await?).await })?;
        let (store, rules, me) = (self.store.clone(), self.rules.clone(), self.me.clone());
        let metrics = Arc::new(Metrics::default());
        let readiness = Arc::new(Readiness::default());
        let deps = Deps::new(store, outside, rules, me, metrics, readiness, catalogue);
        let deps = Arc::new(deps);
        let callbacks = Arc::new(Callbacks::default());
        callbacks.begin(Arc::clone(&deps));
        let (inbox, events) = mpsc::channel(INBOX_MAX);
        let stop = Stop::default();
        let mut supervisor = Supervisor::new(stop.clone());
        let entered = runtime.enter();
        spawn_loops(&deps, events, &mut supervisor, &stop);
        if self.has_chores {
            spawn_chores(&deps, &mut supervisor, &stop);
        }
        drop(entered);
        let process = runtime.spawn(supervisor.run());
        let feed = Feed::new(Arc::clone(&self.world));
        let waiting = VecDeque::new();
        self.life = Some(Life { runtime, deps, callbacks, inbox, feed, waiting, process });
        Ok(())
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How many points at which the process can die were passed so far.
    pub fn points(&self) -> u64 {
        self.power.passed()
    }

    /// Lets the power fail at the given point, counted from the beginning.
    pub fn fail_at(&self, point: u64) {
        self.power.fail_at(point);
    }

    /// How many events were set aside so far.
    pub fn quarantined(&self) -> u64 {
        let now = self.life.as_ref().map_or(0, |life| life.deps.metrics.events_quarantined.value());
        self.quarantined.saturating_add(now)
    }

    /// Why the bot is not ready, as `/readyz` says; nothing if it does not run.
    pub fn not_ready(&self) -> Vec<String> {
        self.life.as_ref().map(|life| life.deps.readiness.reasons()).unwrap_or_default()
    }

    /// What the running bot has counted.
    pub fn metrics(&self) -> Option<&Metrics> {
        self.life.as_ref().map(|life| &*life.deps.metrics)
    }

    /// The process dies.
    fn die(&mut self) {
        self.quarantined = self.quarantined();
        if self.life.take().is_some() {
            self.world.client_died();
        }
    }

    /// Runs until nothing is left to do at this time, or the power fails.
    pub fn settle(&mut self) -> Result<Outcome, Broken> {
        for _ in 0..ROUNDS_MAX {
            self.own_clock.set_ahead(self.world.read(|state, _| state.faults.bot_clock_ahead));
            let Some(life) = &mut self.life else { return Ok(Outcome::Dead) };
            let before = self.world.version();
            life.idle();
            if self.power.is_off() {
                self.die();
                return Ok(Outcome::Dead);
            }
            if let Some(why) = life.ended() {
                return Err(Broken::Stopped(why));
            }
            let moved = life.receive() | life.called_back(&self.world);
            if !moved && self.world.version() == before {
                return Ok(Outcome::Quiet);
            }
        }
        Err(Broken::Restless(self.now()))
    }

    /// Lets time pass: whatever wants to happen in between happens in its order. Ends early if the
    /// power fails.
    pub fn pass(&mut self, time: Duration) -> Result<Outcome, Broken> {
        let end = later(self.now(), time);
        loop {
            if self.settle()? == Outcome::Dead {
                return Ok(Outcome::Dead);
            }
            if self.now() >= end {
                return Ok(Outcome::Quiet);
            }
            let wanted =
                [self.clock.next_sleeper(), self.world.next_due(), self.world.next_relief()];
            let next = wanted.into_iter().flatten().min().unwrap_or(end);
            self.clock.move_to(next.max(self.now()).min(end));
            self.world.tick();
        }
    }
}

impl Machine {
    /// The machine sleeps, and its process with it: all of this time passes at once, connections are
    /// dead when it wakes, and callbacks found nobody.
    pub fn sleep(&mut self, time: Duration) {
        self.clock.move_to(later(self.now(), time));
        self.world.tick();
        for callback in self.world.take_callbacks() {
            self.world.callback_answered(callback.number, false);
        }
        self.world.faults(|faults, _| faults.cut_blaze());
    }

    /// Lets time pass while no bot runs; callbacks find nobody.
    pub fn pass_without_bot(&mut self, time: Duration) {
        self.die();
        self.clock.move_to(later(self.now(), time));
        self.world.tick();
        for callback in self.world.take_callbacks() {
            self.world.callback_answered(callback.number, false);
        }
    }
}

impl Life {
    /// Lets every task run until all of them wait.
    fn idle(&self) {
        // Twice: the first yield may come back with the work that it let go on.
        self.runtime.block_on(async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        });
    }

    /// Why the process ended by itself, if it did.
    fn ended(&mut self) -> Option<String> {
        let ended = (&mut self.process).now_or_never()?;
        Some(match ended {
            Ok(Ok(())) => "without an error".to_owned(),
            Ok(Err(error)) => format!("{error:#}"),
            Err(error) => error.to_string(),
        })
    }

    /// Hands on what Blaze brings; true if there was something.
    fn receive(&mut self) -> bool {
        if self.feed.was_cut() {
            self.waiting.clear();
            self.deps.wakes.transfers.wake();
        }
        self.waiting.extend(self.feed.pushes());
        let mut moved = false;
        while let Some(inbound) = self.waiting.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(inbound)) = self.inbox.try_send(inbound) {
                self.waiting.push_front(inbound);
                break;
            }
            moved = true;
        }
        moved
    }

    /// Delivers the callbacks that are due; true if there were some.
    fn called_back(&self, world: &World) -> bool {
        let due = world.take_callbacks();
        let moved = !due.is_empty();
        for callback in due {
            let id = |text: String| Some(text).filter(|text| !text.is_empty());
            let hint = CallbackHint {
                order: id(callback.order),
                trace: id(callback.trace),
                payee: id(callback.payee),
            };
            // A process that dies while it notes the hint never answers.
            let noted = self.callbacks.hint(hint).now_or_never();
            let noted = matches!(noted, Some(Ok(HintOutcome::Noted)));
            world.callback_answered(callback.number, noted);
        }
        moved
    }
}

/// The outcome of what never waits: SQLite answers in place.
pub(super) fn at_once<T, E>(future: impl Future<Output = Result<T, E>>) -> anyhow::Result<T>
where
    anyhow::Error: From<E>,
{
    Ok(future.now_or_never().context("the store waits")??)
}

impl World {
    /// When an arranged outage ends next, for whoever jumps from one hour to the next.
    fn next_relief(&self) -> Option<Timestamp> {
        self.read(|state, now| {
            let outages = [&state.faults.mixin, &state.faults.mixpay];
            let ends = outages.into_iter().flat_map(|each| [each.offline_until, each.html_until]);
            ends.flatten().filter(|until| *until > now).min()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Payment, Place, coins, world::wallet::Transfer};

    #[test]
    fn an_invoice_is_made_paid_and_told_without_a_socket() {
        let mut machine = Machine::new(1, |_| ()).unwrap();
        let world = Arc::clone(&machine.world);
        let bob = world.add_person("Bob");
        world.say(bob, Place::Private, "invoice 10 usd for coffee").unwrap();
        assert_eq!(machine.pass(Duration::from_secs(5)).unwrap(), Outcome::Quiet);
        let link = world.link_beside("coffee").unwrap();
        world.pay(&link, &Payment::default()).unwrap();
        assert_eq!(machine.pass(Duration::from_mins(1)).unwrap(), Outcome::Quiet);
        let shown = world.shown(bob, Place::Private);
        let paid = shown.iter().filter(|shown| shown.words().starts_with("Paid 10.00 USD"));
        assert_eq!(paid.count(), 1, "{shown:?}");
    }

    #[test]
    fn a_transfer_that_cannot_be_read_back_waits_quietly_while_mixin_is_off_the_net() {
        let mut machine = Machine::new(1, |_| ()).unwrap();
        assert_eq!(machine.settle().unwrap(), Outcome::Quiet);
        let world = Arc::clone(&machine.world);
        let bob = world.add_person("Bob");
        let minute = Duration::from_mins(1);
        world.faults(|faults, now| faults.mixin.html_until = Some(later(now, minute)));
        let amount = "0.5".parse().unwrap();
        world.transfer(Transfer::to_bot(bob, coins::BTC, amount, "for you"));
        assert_eq!(machine.settle().unwrap(), Outcome::Quiet);
        world.faults(|faults, now| faults.mixin.offline_until = Some(later(now, minute)));
        assert_eq!(machine.pass(minute * 3).unwrap(), Outcome::Quiet);
        let told = world.shown(bob, Place::Private);
        assert_eq!(told.len(), 1, "{told:?}");
    }

    #[test]
    fn who_dies_when_told_of_a_search_ban_may_ask_once_more() {
        let mut machine = Machine::new(1, |_| ()).unwrap();
        let world = Arc::clone(&machine.world);
        let banned = Duration::from_hours(12);
        world.faults(|faults, now| faults.search_banned_until = Some(later(now, banned)));
        assert!(world.is_search_banned());
        machine.die();
        assert!(world.is_search_banned());
        assert_eq!(world.violations(), []);
        machine.start().unwrap();
        assert_eq!(machine.pass(Duration::from_secs(1)).unwrap(), Outcome::Quiet);
        machine.die();
        assert!(world.is_search_banned());
        assert_eq!(world.violations().len(), 1);
    }

    #[test]
    fn a_machine_without_power_does_nothing_until_it_is_started_again() {
        let mut machine = Machine::new(1, |_| ()).unwrap();
        assert_eq!(machine.settle().unwrap(), Outcome::Quiet);
        let world = Arc::clone(&machine.world);
        let bob = world.add_person("Bob");
        machine.fail_at(machine.points());
        world.say(bob, Place::Private, "help").unwrap();
        assert_eq!(machine.pass(Duration::from_mins(1)).unwrap(), Outcome::Dead);
        assert_eq!(world.shown(bob, Place::Private), []);

        machine.start().unwrap();
        assert_eq!(machine.settle().unwrap(), Outcome::Quiet);
        assert!(!world.shown(bob, Place::Private).is_empty());
    }
}
