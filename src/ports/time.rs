//! Clock: reading the time and waiting for it. Every timer of the product goes through it.

use async_trait::async_trait;
use jiff::Timestamp;
use std::{fmt, time::Duration};

/// The time. `sleep_until` follows the same clock as `now`, so that a script can move both.
#[async_trait]
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Returns once `now()` is at or after `when`.
    async fn sleep_until(&self, when: Timestamp);

    /// Waits a moment, for work to gather. A time that is moved by hand has no moments to spare, and
    /// does not wait.
    async fn pause(&self, _length: Duration) {}
}
