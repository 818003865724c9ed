//! Faults: what goes wrong, arranged by hand. The servers look here before and after each request.

use super::{State, World, mixpay::Foreign};
use crate::domain::ids::{ConversationId, MessageId};
use jiff::{SignedDuration, Timestamp};
use std::{collections::BTreeMap, time::Duration};

/// What goes wrong. Counters are used up one by one; times are the world's.
#[derive(Debug, Default)]
pub struct Faults {
    /// Mixin's HTTP and Blaze.
    pub mixin: Outage,
    /// MixPay's HTTP.
    pub mixpay: Outage,
    /// So many creations at MixPay are made, but answered with 500.
    pub mixpay_made_then_500: u32,
    /// So many creations at MixPay are made, but the connection breaks before the answer.
    pub mixpay_made_then_cut: u32,
    /// Until then MixPay answers 10008 to everything that makes a payment.
    pub mixpay_maintenance_until: Option<Timestamp>,
    /// MixPay reports this status for everything, whatever is true.
    pub mixpay_status: Option<String>,
    /// So many results call a payment pending that is unpaid, or the other way round; used up where
    /// it shows.
    pub mixpay_fickle_results: u32,
    /// So many results are old: unpaid, and stamped with the time at which the payment was made;
    /// used up where it shows.
    pub mixpay_stale_results: u32,
    /// So many results have a status that no document knows.
    pub mixpay_strange_results: u32,
    /// So many callbacks come [`callback_copies`](Self::callback_copies) times more.
    pub callback_storms: u32,
    /// How many more callbacks a storm has.
    pub callback_copies: u32,
    /// So many callbacks are made later than they should, by [`callbacks_late_by`](Self::callbacks_late_by).
    pub callbacks_late: u32,
    /// How late a late callback is.
    pub callbacks_late_by: Duration,
    /// So many callbacks tell of events that the merchant did not ask to hear of.
    pub callbacks_unwanted: u32,
    /// So many posts of messages are shown, but answered with 500.
    pub messages_shown_then_500: u32,
    /// So many new messages of the bot are poisoned: each request that has one is always answered with
    /// 500, and nothing of it is shown.
    pub messages_poisoned_500: u32,
    /// The same, but the answer never comes.
    pub messages_poisoned_late: u32,
    /// Every acknowledgement that has this message is refused with 10002, and nothing of it is taken.
    pub acknowledgement_refused: Option<MessageId>,
    /// So many new messages of people become such messages, each for good.
    pub acknowledgements_refused: u32,
    /// Until then every acknowledgement is answered with 500, and nothing of it is taken.
    pub acknowledgements_down_until: Option<Timestamp>,
    /// So many acknowledgements are taken, but answered with 500.
    pub acknowledged_then_500: u32,
    /// So many uploads are kept, but answered with 500.
    pub uploaded_then_500: u32,
    /// So many messages are pushed to the bot twice.
    pub doubled_pushes: u32,
    /// So many times messages that are pushed together come in another order.
    pub shuffled_pushes: u32,
    /// So many new messages reach Blaze later than they should, by [`pushes_late_by`](Self::pushes_late_by);
    /// those behind them overtake them.
    pub pushes_late: u32,
    /// How late a late message is.
    pub pushes_late_by: Duration,
    /// So many pushes break off in the middle of their frame, and the connection with them.
    pub broken_frames: u32,
    /// So many acknowledged messages stay unacknowledged.
    pub lost_acknowledgements: u32,
    /// So many frames that are no gzip precede a push.
    pub garbage_frames: u32,
    /// While true, Blaze connections stay open but nothing moves on them.
    pub blaze_mute: bool,
    /// Whoever asks about this user together with others is refused for good.
    pub person_refused: Option<String>,
    /// Until then every search is answered with 429.
    pub search_banned_until: Option<Timestamp>,
    /// Until then every HTTP call of Mixin's is answered with 401, although the clocks agree; Blaze goes
    /// on.
    pub mixin_unauthorized_until: Option<Timestamp>,
    /// While true, all new transfers have one and the same time.
    pub transfers_at_one_time: bool,
    /// What somebody else's is in every answer about a payment in one coin.
    pub mixpay_foreign_payments: Option<Foreign>,
    /// What every answer of MixPay's has for its time, as a number if it is one.
    pub mixpay_timestamp: Option<String>,
    /// What every result has for the time of its payment, as a number if it is one.
    pub mixpay_date: Option<String>,
    /// While true, the amounts of results are written with exponents; only a wire can do this.
    pub mixpay_exponents: bool,
    /// How far the bot's own clock is ahead of the world's; only a rehearsal can do this.
    pub bot_clock_ahead: SignedDuration,
    /// How far Mixin's clock is ahead of the world's.
    pub mixin_clock_ahead: SignedDuration,
    /// How far MixPay's clock is ahead of the world's.
    pub mixpay_clock_ahead: SignedDuration,
    /// How often all Blaze connections were cut; each new value cuts them.
    pub(crate) blaze_cuts: u64,
    /// How often all Blaze connections became half open; each new value makes them so.
    pub(crate) blaze_halves: u64,
    /// The messages of the bot that are poisoned, and how.
    pub(crate) poisoned: BTreeMap<MessageId, Poison>,
    /// Whose messages are never poisoned: somebody whom no trouble of others may reach.
    pub(crate) poison_spares: Option<ConversationId>,
    /// The messages of people whose acknowledgement is refused for good.
    pub(crate) never_acknowledged: Vec<MessageId>,
    /// The one time of all new transfers.
    pub(crate) one_time: Option<Timestamp>,
    /// When a client was told of the search ban.
    pub(crate) search_ban_told: Option<Timestamp>,
}

/// How one service fails.
#[derive(Debug, Default)]
pub struct Outage {
    /// Until then connections are cut and none is accepted.
    pub offline_until: Option<Timestamp>,
    /// Until then every answer is a proxy's 502 with an HTML page.
    pub html_until: Option<Timestamp>,
    /// So many requests are answered with 500, and not done.
    pub errors: u32,
    /// So many requests are answered with 429, and not done.
    pub limited: u32,
    /// What `Retry-After` says beside each 429: seconds, a date, or nonsense.
    pub retry_after: Option<String>,
    /// Every request takes so much longer of the world's time, which is no error.
    pub latency: Duration,
    /// So many requests are answered late, by [`delay`](Self::delay) of the world's time.
    pub slow: u32,
    /// How late a slow answer is.
    pub delay: Duration,
    /// So many requests are done, but their answers break off in the middle.
    pub broken: u32,
    /// So many requests are done, but never answered; their connections stay open.
    pub unanswered: u32,
}

/// A service of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Mixin,
    MixPay,
}

/// What happens to one request instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Cut,
    Html,
    Error,
    Limited,
    /// The credentials are refused.
    Unauthorized,
}

/// How a poisoned message fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Poison {
    /// With a 500.
    Error,
    /// Without an answer.
    Late,
}

/// What happens to the answer of a request that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoiled {
    /// It breaks off in the middle.
    Broken,
    /// It never comes.
    Unanswered,
}

/// What one Blaze connection is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlazeLine {
    /// It works.
    Open,
    /// Nothing moves on it.
    Mute,
    /// It ends.
    Cut,
}

/// Which cuts a Blaze connection has outlived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlazeBirth {
    cuts: u64,
    halves: u64,
}

impl Outage {
    /// Whether connections are cut now.
    pub fn is_offline(&self, now: Timestamp) -> bool {
        self.offline_until.is_some_and(|until| now < until)
    }

    fn strike(&mut self, now: Timestamp) -> Option<Trouble> {
        if self.is_offline(now) {
            Some(Trouble::Cut)
        } else if self.html_until.is_some_and(|until| now < until) {
            Some(Trouble::Html)
        } else if take(&mut self.errors) {
            Some(Trouble::Error)
        } else if take(&mut self.limited) {
            Some(Trouble::Limited)
        } else {
            None
        }
    }
}

impl Faults {
    /// Cuts every Blaze connection, once.
    pub const fn cut_blaze(&mut self) {
        self.blaze_cuts = self.blaze_cuts.wrapping_add(1);
    }

    /// Makes every Blaze connection half open, once: it stays, but nothing moves on it any more. New
    /// connections work.
    pub const fn half_open_blaze(&mut self) {
        self.blaze_halves = self.blaze_halves.wrapping_add(1);
    }

    /// Whether Mixin refuses every acknowledgement that has this message.
    pub(crate) fn refuses_to_acknowledge(&self, message: MessageId) -> bool {
        self.acknowledgement_refused == Some(message) || self.never_acknowledged.contains(&message)
    }

    /// What was poisoned is well again: its messages pass, and can be acknowledged.
    pub fn cure(&mut self) {
        (self.messages_poisoned_500, self.messages_poisoned_late) = (0, 0);
        (self.acknowledgements_refused, self.acknowledgement_refused) = (0, None);
        self.poisoned.clear();
        self.never_acknowledged.clear();
    }

    /// Ends every fault; connections that were cut or half open stay so.
    pub fn end(&mut self) {
        let (blaze_cuts, blaze_halves) = (self.blaze_cuts, self.blaze_halves);
        *self = Self { blaze_cuts, blaze_halves, ..Self::default() };
    }

    pub(crate) const fn of(&mut self, service: Service) -> &mut Outage {
        match service {
            Service::Mixin => &mut self.mixin,
            Service::MixPay => &mut self.mixpay,
        }
    }
}

/// Uses up one of a counter, if there is one.
pub(crate) const fn take(counter: &mut u32) -> bool {
    let left = *counter > 0;
    *counter = counter.saturating_sub(1);
    left
}

impl World {
    /// The bot's own clock is ahead of the world's by so much, or behind.
    pub fn bot_clock_is_ahead(&self, ahead: SignedDuration) {
        self.faults(|faults, _| faults.bot_clock_ahead = ahead);
    }

    /// Takes Mixin, Blaze included, off the net for a while.
    pub fn mixin_offline_for(&self, time: Duration) {
        self.faults(|faults, now| {
            faults.mixin.offline_until = Some(later(now, time));
            faults.cut_blaze();
        });
    }

    /// Takes MixPay off the net for a while.
    pub fn mixpay_offline_for(&self, time: Duration) {
        self.faults(|faults, now| faults.mixpay.offline_until = Some(later(now, time)));
    }

    /// The client's process died: what it was told in this moment it may not have written down.
    pub(crate) fn client_died(&self) {
        self.change(|m| m.state.faults.search_ban_told.take_if(|told| *told == m.now));
    }

    /// Whether a service is off the net now.
    pub(crate) fn is_offline(&self, service: Service) -> bool {
        let now = self.clock.now();
        self.lock().faults.of(service).is_offline(now)
    }

    /// What happens to this request instead of an answer, and how late the answer is.
    pub(crate) fn strike(&self, service: Service) -> (Option<Trouble>, Duration) {
        self.change(|m| {
            let refused = m.state.faults.mixin_unauthorized_until;
            let outage = m.state.faults.of(service);
            let delay = if take(&mut outage.slow) { outage.delay } else { Duration::ZERO };
            let delay = delay.saturating_add(outage.latency);
            let trouble = outage.strike(m.now).or_else(|| {
                let refused = refused.filter(|until| service == Service::Mixin && m.now < *until);
                refused.map(|_| Trouble::Unauthorized)
            });
            (trouble, delay)
        })
    }
}

impl World {
    /// What happens to the answer of a request that was done, if it is spoiled.
    pub(crate) fn spoil(&self, service: Service) -> Option<Spoiled> {
        self.change(|m| {
            let outage = m.state.faults.of(service);
            if take(&mut outage.broken) {
                Some(Spoiled::Broken)
            } else if take(&mut outage.unanswered) {
                Some(Spoiled::Unanswered)
            } else {
                None
            }
        })
    }

    /// What a service says in `Retry-After` beside a 429.
    pub(crate) fn retry_after(&self, service: Service) -> Option<String> {
        self.lock().faults.of(service).retry_after.clone()
    }

    /// Whether every acknowledgement is answered with 500 now.
    pub(crate) fn are_acknowledgements_down(&self) -> bool {
        self.read(|state, now| {
            state.faults.acknowledgements_down_until.is_some_and(|until| now < until)
        })
    }

    /// What a new Blaze connection has to remember of the faults so far.
    pub(crate) fn blaze_birth(&self) -> BlazeBirth {
        let faults = &self.lock().faults;
        BlazeBirth { cuts: faults.blaze_cuts, halves: faults.blaze_halves }
    }

    /// What a Blaze connection is told to do now.
    pub(crate) fn blaze_line(&self, birth: BlazeBirth) -> BlazeLine {
        self.read(|State { faults, .. }, now| {
            if faults.blaze_cuts != birth.cuts || faults.mixin.is_offline(now) {
                BlazeLine::Cut
            } else if faults.blaze_mute || faults.blaze_halves != birth.halves {
                BlazeLine::Mute
            } else {
                BlazeLine::Open
            }
        })
    }
}

/// `time` after `now`.
pub fn later(now: Timestamp, time: Duration) -> Timestamp {
    let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    now.saturating_add(time).unwrap_or(Timestamp::MAX)
}
