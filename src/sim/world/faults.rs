//! Faults: what goes wrong, arranged by hand. The servers look here before and after each request.

use super::World;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

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
    /// So many posts of messages are shown, but answered with 500.
    pub messages_shown_then_500: u32,
    /// So many messages are pushed to the bot twice.
    pub doubled_pushes: u32,
    /// So many acknowledged messages stay unacknowledged.
    pub lost_acknowledgements: u32,
    /// So many frames that are no gzip precede a push.
    pub garbage_frames: u32,
    /// While true, Blaze connections stay open but nothing moves on them.
    pub blaze_mute: bool,
    /// Until then every search is answered with 429.
    pub search_banned_until: Option<Timestamp>,
    /// How far Mixin's clock is ahead of the world's.
    pub mixin_clock_ahead: SignedDuration,
    /// How far MixPay's clock is ahead of the world's.
    pub mixpay_clock_ahead: SignedDuration,
    /// How often all Blaze connections were cut; each new value cuts them.
    pub(crate) blaze_cuts: u64,
    /// Whether a client was told of the search ban.
    pub(crate) search_ban_told: bool,
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
    /// So many requests are answered late, by [`delay`](Self::delay) of the world's time.
    pub slow: u32,
    /// How late a slow answer is.
    pub delay: Duration,
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

    /// Whether a service is off the net now.
    pub(crate) fn is_offline(&self, service: Service) -> bool {
        let now = self.clock.now();
        self.lock().faults.of(service).is_offline(now)
    }

    /// What happens to this request instead of an answer, and how late the answer is.
    pub(crate) fn strike(&self, service: Service) -> (Option<Trouble>, Duration) {
        self.change(|m| {
            let outage = m.state.faults.of(service);
            let delay = if take(&mut outage.slow) { outage.delay } else { Duration::ZERO };
            (outage.strike(m.now), delay)
        })
    }
}

/// `time` after `now`.
pub(crate) fn later(now: Timestamp, time: Duration) -> Timestamp {
    let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    now.saturating_add(time).unwrap_or(Timestamp::MAX)
}
