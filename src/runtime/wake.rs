//! Wake: "there may be something to do"; coalesces, never blocks, carries no data.

use crate::ports::time::Clock;
use futures::FutureExt;
use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::Notify;

/// A bell for one sleeper. Clones are the same bell.
///
/// However often it rings before the sleeper listens, the sleeper gets up once. It must then look
/// for everything that there is to do, as after a start.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Rings. Kept until somebody listens.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Forgets that it rang: what it rang for is about to be looked at.
    pub fn hush(&self) {
        let _rang = self.0.notified().now_or_never();
    }

    /// Returns when it rings, at once if it has rung since the last wait.
    pub async fn wait(&self) {
        self.0.notified().await;
    }

    /// Returns when it rings, or at the given time if there is one.
    pub async fn wait_or(&self, clock: &dyn Clock, until: Option<Timestamp>) {
        match until {
            Some(until) => tokio::select! {
                biased;
                () = self.wait() => {}
                () = clock.sleep_until(until) => {}
            },
            None => self.wait().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::clock::HandClock;
    use std::time::Duration;

    #[tokio::test]
    async fn rings_before_the_wait_are_kept_as_one() {
        let wake = Wake::default();
        wake.wake();
        wake.wake();
        assert_eq!(wake.wait().now_or_never(), Some(()));
        assert_eq!(wake.wait().now_or_never(), None);
    }

    #[tokio::test]
    async fn what_was_rung_for_before_a_hush_is_forgotten_and_nothing_else() {
        let wake = Wake::default();
        wake.hush();
        wake.wake();
        wake.hush();
        assert_eq!(wake.wait().now_or_never(), None);
        wake.wake();
        assert_eq!(wake.wait().now_or_never(), Some(()));
    }

    #[tokio::test]
    async fn the_bell_or_the_clock_ends_the_wait() {
        let clock = HandClock::standing(Timestamp::UNIX_EPOCH);
        let wake = Wake::default();
        let until = Timestamp::from_second(60).unwrap();
        assert_eq!(wake.wait_or(&clock, Some(until)).now_or_never(), None);

        wake.wake();
        assert_eq!(wake.wait_or(&clock, Some(until)).now_or_never(), Some(()));
        assert_eq!(wake.wait_or(&clock, Some(until)).now_or_never(), None);

        clock.advance(Duration::from_mins(1));
        assert_eq!(wake.wait_or(&clock, Some(until)).now_or_never(), Some(()));
    }
}
