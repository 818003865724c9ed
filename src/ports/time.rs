//! Clock: reading the time and waiting for it, and who can say whether it is right. Every timer of
//! the product goes through it.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::{fmt, time::Duration};

/// The time. `sleep_until` follows the same clock as `now`, so that a script can move both.
#[async_trait]
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now. Somebody may set it, ahead and back.
    fn now(&self) -> Timestamp;

    /// How much time has passed since some moment of this process; nobody can set it. It may stand
    /// still while the machine sleeps.
    fn steady(&self) -> Duration;

    /// Returns once `now()` is at or after `when`; at the latest when as much time has passed as
    /// lay between the two at the call, so that a clock that is set back lengthens no wait.
    async fn sleep_until(&self, when: Timestamp);

    /// Returns when the clock was set while this waited (or the machine slept), with by how much:
    /// less than zero is back.
    async fn stepped(&self) -> SignedDuration;

    /// Waits a moment, for work to gather. A time that is moved by hand has no moments to spare, and
    /// does not wait.
    async fn pause(&self, _length: Duration) {}
}

/// What another clock has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Its time.
    pub theirs: Timestamp,
    /// Our [`Clock::steady`] at that moment.
    pub steady: Duration,
}

impl Shown {
    /// What that clock shows when our steady time is `steady`: whatever was done to ours since.
    pub fn at(self, steady: Duration) -> Timestamp {
        let passed = steady.saturating_sub(self.steady);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        self.theirs.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}

/// Somebody whose clock shows whether ours is right.
#[async_trait]
pub trait Witness: Send + Sync {
    /// What their clock has shown last; `None` before the first answer.
    fn shown(&self) -> Option<Shown>;

    /// Returns when their clock has shown another time than was to be expected.
    async fn surprise(&self);
}
