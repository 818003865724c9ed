//! Server clock: Mixin's time, which it tells with every answer, kept beside a time of ours that nobody sets.

use crate::{
    mixin::Mixin,
    ports::time::{Shown, Witness},
};
use async_trait::async_trait;
use jiff::SignedDuration;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// Answers take their time: what differs by less from what was expected is no surprise.
const SURPRISE_MIN: SignedDuration = SignedDuration::from_secs(10);

/// What Mixin's clock has shown.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    newest: Mutex<Option<Shown>>,
    surprise: Notify,
}

impl ServerClock {
    /// An answer came with this time.
    pub(crate) fn show(&self, shown: Shown) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let before = newest.replace(shown);
        drop(newest);
        let expected = before.map(|before| before.at(shown.steady));
        let apart = |expected| shown.theirs.duration_since(expected).abs();
        if expected.is_none_or(|expected| apart(expected) >= SURPRISE_MIN) {
            self.surprise.notify_one();
        }
    }
}

#[async_trait]
impl Witness for Mixin {
    fn shown(&self) -> Option<Shown> {
        *self.api.server_clock.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn surprise(&self) {
        self.api.server_clock.surprise.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use std::time::Duration;

    #[test]
    fn only_another_time_than_was_to_be_expected_is_a_surprise() {
        let clock = ServerClock::default();
        let show = |theirs: i64, steady: u64| {
            let theirs = jiff::Timestamp::from_second(theirs).unwrap();
            clock.show(Shown { theirs, steady: Duration::from_secs(steady) });
            clock.surprise.notified().now_or_never().is_some()
        };
        assert!(show(1_000, 0));
        assert!(!show(1_060, 60));
        assert!(!show(1_111, 120));
        assert!(show(1_200, 180));
        assert!(show(1_200, 240));
    }
}
