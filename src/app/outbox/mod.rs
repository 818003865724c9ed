//! Outbox: performs effects, in order within a lane, lanes side by side.
//!
//! Three loops share it: [`messages`] shows what is ready to be shown, many at a time; [`turns`]
//! finds out who speaks, many people at once, and handles the lines that waited for that; [`errands`]
//! does the rest (upload a picture, make a payment, find something out), a few side by side. An
//! effect that fails for now is tried again, later each time; one that was refused for good is
//! parked and stands in nobody's way.

mod ask;
pub mod delivery;
mod direct;
pub mod errands;
pub mod messages;
mod open;
pub mod turns;

pub use open::{attempt, request, wallet};

use crate::{app::deps::Deps, ports::failure::Failure, runtime::backoff::Backoff};
use jiff::{SignedDuration, Timestamp};

/// When an effect that failed `attempts` times before is tried again.
fn again_at(deps: &Deps, attempts: u32) -> Timestamp {
    let delay = Backoff::CONNECTION.delay(attempts.saturating_add(1), deps.ids.bits());
    let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::from_secs(60));
    deps.now().saturating_add(delay).unwrap_or(Timestamp::MAX)
}

/// Whether the credentials are in question: then nothing is wrong with the effect.
const fn is_about_us(reason: &crate::ports::failure::Reason) -> bool {
    use crate::ports::failure::Reason;
    matches!(reason, Reason::Unauthorized | Reason::ClockSkew { .. })
}

/// Whether trying again cannot help.
fn is_final(error: &crate::ports::failure::CallError) -> bool {
    error.failure == Failure::Permanent && !is_about_us(&error.reason)
}
