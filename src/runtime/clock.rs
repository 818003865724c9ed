//! The system's time, and a time that a script moves.

use crate::ports::time::Clock;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// How long [`SystemClock`] sleeps before it looks at the time again, so that a wall clock that
/// was set is noticed.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

fn system_now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
    Timestamp::now()
}

/// How long from `now` until `when`; zero if that is past.
pub fn until(now: Timestamp, when: Timestamp) -> Duration {
    Duration::try_from(when.duration_since(now)).unwrap_or(Duration::ZERO)
}

/// What comes of `future`, if it comes within this time.
pub async fn within<T>(
    clock: &dyn Clock,
    length: Duration,
    future: impl Future<Output = T>,
) -> Option<T> {
    let length = SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX);
    let end = clock.now().saturating_add(length).unwrap_or(Timestamp::MAX);
    tokio::select! {
        biased;
        done = future => Some(done),
        () = clock.sleep_until(end) => None,
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        system_now()
    }

    async fn sleep_until(&self, when: Timestamp) {
        loop {
            let left = until(self.now(), when);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK_AGAIN)).await;
        }
    }

    async fn pause(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }
}

/// A clock that is moved by hand, and if wished also runs along with the system's. Clones are the
/// same clock.
#[derive(Debug, Clone)]
pub struct HandClock {
    /// What the hand has set: the time, or the distance to the system's time.
    set: Arc<watch::Sender<Set>>,
}

#[derive(Debug, Clone, Copy)]
enum Set {
    Stands(Timestamp),
    Runs(SignedDuration),
}

impl Set {
    fn now(self) -> Timestamp {
        match self {
            Self::Stands(at) => at,
            Self::Runs(ahead) => system_now().saturating_add(ahead).unwrap_or(Timestamp::MAX),
        }
    }
}

impl HandClock {
    /// A clock that stands at `at` until it is moved.
    pub fn standing(at: Timestamp) -> Self {
        Self { set: Arc::new(watch::Sender::new(Set::Stands(at))) }
    }

    /// A clock that runs with the system's, and can be moved ahead.
    pub fn running() -> Self {
        Self { set: Arc::new(watch::Sender::new(Set::Runs(SignedDuration::ZERO))) }
    }

    /// Moves the clock ahead.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.set.send_modify(|set| {
            *set = match *set {
                Set::Stands(at) => Set::Stands(at.saturating_add(by).unwrap_or(Timestamp::MAX)),
                Set::Runs(ahead) => Set::Runs(ahead.saturating_add(by)),
            };
        });
    }
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        self.set.borrow().now()
    }

    async fn sleep_until(&self, when: Timestamp) {
        let mut moved = self.set.subscribe();
        loop {
            let set = *moved.borrow_and_update();
            let left = until(set.now(), when);
            if left.is_zero() {
                return;
            }
            match set {
                // The sender lives in `self`, so the channel is open as long as this runs.
                Set::Stands(_) => {
                    if moved.changed().await.is_err() {
                        return;
                    }
                }
                Set::Runs(_) => {
                    tokio::select! {
                        changed = moved.changed() => if changed.is_err() { return },
                        () = tokio::time::sleep(left.min(LOOK_AGAIN)) => {}
                    }
                }
            }
        }
    }
}
