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
use crate::ports::failure::{CallError, Failure, Reason, retry_after};
use std::{sync::Arc, time::Duration};

pub use inbound::Feed;

/// Mixin and MixPay, as the ports of a bot whose power may fail around each call.
#[derive(Debug, Clone)]
pub struct Services {
    world: Arc<World>,
    power: Arc<Power>,
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

/// A client gives up waiting after so long.
const PATIENCE: Duration = Duration::from_secs(8);

impl Services {
    /// The services of a world, for a bot with this power.
    pub const fn new(world: Arc<World>, power: Arc<Power>) -> Self {
        Self { world, power }
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
        let outcome = match trouble {
            Some(trouble) => Err(call.in_trouble(trouble, false)),
            None if !counted => Err(call.in_trouble(Trouble::Limited, false)),
            None => act(&self.world),
        };
        self.power.point().await;
        let outcome = outcome.map_err(|error| self.says_when(call, error))?;
        match self.world.spoil(call.service) {
            Some(Spoiled::Broken) => return Err(call.in_trouble(Trouble::Cut, true)),
            Some(Spoiled::Unanswered) => {
                let clock = self.world.clock();
                clock.sleep_until(later(clock.now(), PATIENCE)).await;
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

    /// Whoever was one too many is told for how long, if the world tells that.
    fn says_when(&self, call: Call, mut error: CallError) -> CallError {
        if let Reason::Limited { retry_after: after } = &mut error.reason {
            let says = self.world.retry_after(call.service);
            *after = retry_after(says.as_deref(), None, self.world.clock().now());
        }
        error
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
        }
    }

    /// The service said no for good.
    fn refused(self, code: i64, message: &str) -> CallError {
        self.error(Failure::Permanent, Reason::Refused { code, message: message.to_owned() })
    }
}
