//! The ports face: the world as the bot's ports, without sockets and in virtual time.
//!
//! The same [`World`] as behind the wire, with the same strictness and the same lies; what only a
//! wire can do wrong (garbage frames, tokens, gzip) is left to the wire.

mod chat;
mod checkout;
mod directory;
mod inbound;
mod wallet;

use super::{
    Power, World,
    world::faults::{Service, Spoiled, Trouble, later},
};
use crate::ports::{
    failure::{CallError, Failure, Reason},
    time::{Shown, Witness},
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;

pub use inbound::Feed;

/// Mixin and MixPay, as the ports of a bot whose power may fail around each call.
#[derive(Debug, Clone)]
pub struct Services {
    world: Arc<World>,
    power: Arc<Power>,
    clock: Arc<MixinClock>,
}

/// Mixin's time, which it tells with every answer.
#[derive(Debug, Default)]
struct MixinClock {
    newest: Mutex<Option<Shown>>,
    surprise: Notify,
}

/// What a call does, for what the lack of an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Read,
    Write,
}

/// One call.
#[derive(Debug, Clone, Copy)]
struct Call {
    service: Service,
    name: &'static str,
    does: Does,
}

/// From this difference on Mixin refuses tokens (mixin.md 2.3).
const SKEW_SECONDS_MAX: i64 = 300;
/// A time that differs by less from what was expected is no surprise.
const SURPRISE_MIN: SignedDuration = SignedDuration::from_secs(10);
/// A client gives up waiting after so long.
const PATIENCE: Duration = Duration::from_secs(8);

impl Services {
    /// The services of a world, for a bot with this power.
    pub fn new(world: Arc<World>, power: Arc<Power>) -> Self {
        Self { world, power, clock: Arc::default() }
    }

    /// Mixin answers, and tells its time.
    fn tell_time(&self) {
        let clock = self.world.clock();
        let (now, steady) = (clock.now(), clock.steady());
        let ahead = self.world.read(|state, _| state.faults.mixin_clock_ahead);
        let theirs = now.saturating_add(ahead).unwrap_or(Timestamp::MAX);
        let mut newest = self.clock.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let before = newest.replace(Shown { theirs, steady });
        drop(newest);
        let expected = before.map(|before| before.at(steady));
        let apart = |expected| theirs.duration_since(expected).abs();
        if expected.is_none_or(|expected| apart(expected) >= SURPRISE_MIN) {
            self.clock.surprise.notify_one();
        }
    }

    /// How far the bot's clock is ahead of Mixin's, if that is too far for its tokens.
    fn skew(&self) -> Option<i64> {
        let skew = self.world.read(|state, _| {
            state.faults.bot_clock_ahead.saturating_sub(state.faults.mixin_clock_ahead).as_secs()
        });
        Some(skew).filter(|skew| skew.abs() >= SKEW_SECONDS_MAX)
    }

    /// Makes a call: `act` is what the service does, if nothing keeps it from it; `spoils` says
    /// afterwards whether its answer is lost all the same.
    async fn call<T>(
        &self,
        call: Call,
        act: impl FnOnce(&World) -> Result<T, CallError> + Send,
        spoils: impl FnOnce(&World) -> Option<Trouble> + Send,
    ) -> Result<T, CallError> {
        self.power.point().await;
        let (trouble, delay) = self.world.strike(call.service);
        if !delay.is_zero() {
            let clock = self.world.clock();
            clock.sleep_until(later(clock.now(), delay.min(PATIENCE))).await;
        }
        let counted = call.service == Service::Mixin
            || trouble == Some(Trouble::Cut)
            || self.world.count_mixpay_request().is_some();
        if call.service == Service::Mixin && !matches!(trouble, Some(Trouble::Cut | Trouble::Html))
        {
            self.tell_time();
        }
        let skew = self.skew().filter(|_| call.service == Service::Mixin);
        let outcome = match trouble {
            Some(Trouble::Limited) => Err(self.limits(call)),
            Some(trouble) => Err(call.in_trouble(trouble, false)),
            None if skew.is_some() => {
                let seconds = skew.unwrap_or_default();
                Err(call.error(Failure::Transient, Reason::ClockSkew { seconds }))
            }
            None if !counted => Err(self.limits(call)),
            None => act(&self.world),
        };
        self.power.point().await;
        let outcome = outcome?;
        match self.world.spoil(call.service) {
            Some(Spoiled::Broken) => return Err(call.in_trouble(Trouble::Cut, true)),
            Some(Spoiled::Unanswered) => {
                self.wait_in_vain().await;
                return Err(call.in_trouble(Trouble::Cut, true));
            }
            None => {}
        }
        if delay > PATIENCE {
            return Err(call.error(call.without_answer(), Reason::NoAnswer("too late".to_owned())));
        }
        match spoils(&self.world) {
            Some(trouble) => Err(call.in_trouble(trouble, true)),
            None => Ok(outcome),
        }
    }

    /// Waits until a client gives up.
    async fn wait_in_vain(&self) {
        let clock = self.world.clock();
        clock.sleep_until(later(clock.now(), PATIENCE)).await;
    }

    /// A 429, with what its service says of when to come again.
    fn limits(&self, call: Call) -> CallError {
        let said = self.world.retry_after(call.service);
        let retry_after = said.and_then(|said| {
            let at = || rfc2822::parse(&said).ok().map(Timestamp::from);
            let now = self.world.clock().now();
            let until = || Duration::try_from(at()?.duration_since(now)).ok();
            said.parse().ok().map(Duration::from_secs).or_else(until)
        });
        call.error(Failure::Transient, Reason::Limited { retry_after })
    }

    /// Makes a call whose answer is not lost.
    async fn ask<T>(
        &self,
        call: Call,
        act: impl FnOnce(&World) -> Result<T, CallError> + Send,
    ) -> Result<T, CallError> {
        self.call(call, act, |_| None).await
    }
}

#[async_trait]
impl Witness for Services {
    fn shown(&self) -> Option<Shown> {
        *self.clock.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn surprise(&self) {
        self.clock.surprise.notified().await;
    }
}

impl Call {
    const fn mixin(name: &'static str, does: Does) -> Self {
        Self { service: Service::Mixin, name, does }
    }

    const fn mixpay(name: &'static str, does: Does) -> Self {
        Self { service: Service::MixPay, name, does }
    }

    const fn without_answer(self) -> Failure {
        match self.does {
            Does::Read => Failure::Transient,
            Does::Write => Failure::Unknown,
        }
    }

    fn error(self, failure: Failure, reason: Reason) -> CallError {
        let service = match self.service {
            Service::Mixin => "mixin",
            Service::MixPay => "mixpay",
        };
        CallError { failure, service, call: self.name, reason }
    }

    /// What the client makes of trouble, as the adapters do.
    fn in_trouble(self, trouble: Trouble, happened: bool) -> CallError {
        match trouble {
            Trouble::Cut if !happened => {
                self.error(Failure::Transient, Reason::Unreachable("off the net".to_owned()))
            }
            Trouble::Cut => self
                .error(self.without_answer(), Reason::NoAnswer("the connection broke".to_owned())),
            Trouble::Html => {
                let start = "<html><head><title>502 Bad Gateway</title>".to_owned();
                self.error(self.without_answer(), Reason::NotUnderstood { status: 502, start })
            }
            Trouble::Error => {
                let message = "Internal Server Error.".to_owned();
                self.error(self.without_answer(), Reason::Refused { code: 500, message })
            }
            Trouble::Limited => {
                self.error(Failure::Transient, Reason::Limited { retry_after: None })
            }
            Trouble::Unauthorized => self.error(Failure::Permanent, Reason::Unauthorized),
        }
    }

    /// The service said no for good.
    fn refused(self, code: i64, message: &str) -> CallError {
        self.error(Failure::Permanent, Reason::Refused { code, message: message.to_owned() })
    }
}
