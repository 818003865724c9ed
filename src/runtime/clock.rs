//! The system's time, and a time that a script moves; and what a time may still mean when a clock can be set.

use crate::ports::time::Clock;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// How long [`SystemClock`] sleeps before it looks at the time again, so that a wall clock that
/// was set, or a machine that slept for hours, is noticed.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Within [`LOOK_AGAIN`] a clock that nobody sets strays by less than this.
const STEP_MIN: SignedDuration = SignedDuration::from_secs(2);

fn system_now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
    Timestamp::now()
}

fn system_steady() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// How long from `now` until `when`; zero if that is past.
pub fn until(now: Timestamp, when: Timestamp) -> Duration {
    Duration::try_from(when.duration_since(now)).unwrap_or(Duration::ZERO)
}

/// Whether what was learned at `at` is still good, if it is for `kept`. What lies ahead was learned
/// while the clock was wrong, and counts as never learned.
pub fn is_fresh(at: Timestamp, kept: SignedDuration, now: Timestamp) -> bool {
    at <= now && now.duration_since(at) < kept
}

/// Whether it is time for what is to be done at `when`, and never waits longer than `longest`. What
/// lies further ahead was set while the clock was wrong, and is due.
pub fn is_due(when: Timestamp, longest: SignedDuration, now: Timestamp) -> bool {
    when <= now || when.duration_since(now) > longest
}

/// What comes of `future`, if it comes within this time.
pub async fn within<T>(
    clock: &dyn Clock,
    length: Duration,
    future: impl Future<Output = T>,
) -> Option<T> {
    let end = clock.now().saturating_add(signed(length)).unwrap_or(Timestamp::MAX);
    tokio::select! {
        biased;
        done = future => Some(done),
        () = clock.sleep_until(end) => None,
    }
}

fn signed(length: Duration) -> SignedDuration {
    SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX)
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        system_now()
    }

    fn steady(&self) -> Duration {
        system_steady()
    }

    async fn sleep_until(&self, when: Timestamp) {
        let (begun, longest) = (Instant::now(), until(self.now(), when));
        loop {
            let left = until(self.now(), when).min(longest.saturating_sub(begun.elapsed()));
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK_AGAIN)).await;
        }
    }

    async fn stepped(&self) -> SignedDuration {
        let mut before = (self.now(), Instant::now());
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            let after = (self.now(), Instant::now());
            let passed = signed(after.1.saturating_duration_since(before.1));
            let by = after.0.duration_since(before.0).saturating_sub(passed);
            if by.abs() >= STEP_MIN {
                return by;
            }
            before = after;
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
    set: Arc<watch::Sender<Set>>,
}

/// What the hand has set.
#[derive(Debug, Clone, Copy)]
struct Set {
    /// Where it stands; `None` if it runs with the system's.
    stands: Option<Timestamp>,
    /// How much time was let pass.
    passed: Duration,
    /// How far it was set beside the time that passed.
    ahead: SignedDuration,
}

impl Set {
    fn now(self) -> Timestamp {
        let ahead = signed(self.passed).saturating_add(self.ahead);
        let base = self.stands.unwrap_or_else(system_now);
        let end = if ahead.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
        base.saturating_add(ahead).unwrap_or(end)
    }

    fn steady(self) -> Duration {
        let base = if self.stands.is_some() { Duration::ZERO } else { system_steady() };
        base.saturating_add(self.passed)
    }
}

impl HandClock {
    /// A clock that stands at `at` until it is moved.
    pub fn standing(at: Timestamp) -> Self {
        Self::begin(Some(at))
    }

    /// A clock that runs with the system's, and can be moved ahead.
    pub fn running() -> Self {
        Self::begin(None)
    }

    fn begin(stands: Option<Timestamp>) -> Self {
        let set = Set { stands, passed: Duration::ZERO, ahead: SignedDuration::ZERO };
        Self { set: Arc::new(watch::Sender::new(set)) }
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        self.set.send_modify(|set| set.passed = set.passed.saturating_add(by));
    }

    /// Sets the clock ahead, or back, as one sets a clock: no time passes.
    pub fn step(&self, by: SignedDuration) {
        self.set.send_modify(|set| set.ahead = set.ahead.saturating_add(by));
    }
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        self.set.borrow().now()
    }

    fn steady(&self) -> Duration {
        self.set.borrow().steady()
    }

    async fn sleep_until(&self, when: Timestamp) {
        let mut moved = self.set.subscribe();
        let set = *moved.borrow();
        let (begun, longest) = (set.steady(), until(set.now(), when));
        loop {
            let set = *moved.borrow_and_update();
            let slept = set.steady().saturating_sub(begun);
            let left = until(set.now(), when).min(longest.saturating_sub(slept));
            if left.is_zero() {
                return;
            }
            // The sender lives in `self`, so the channel is open as long as this runs.
            if set.stands.is_some() {
                if moved.changed().await.is_err() {
                    return;
                }
            } else {
                tokio::select! {
                    changed = moved.changed() => if changed.is_err() { return },
                    () = tokio::time::sleep(left.min(LOOK_AGAIN)) => {}
                }
            }
        }
    }

    async fn stepped(&self) -> SignedDuration {
        let mut moved = self.set.subscribe();
        let before = moved.borrow().ahead;
        loop {
            let by = moved.borrow_and_update().ahead.saturating_sub(before);
            if by != SignedDuration::ZERO || moved.changed().await.is_err() {
                return by;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use proptest::prelude::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_clock_that_is_set_back_lengthens_no_sleep() {
        let clock = HandClock::standing(at(0));
        let mut sleep = clock.sleep_until(at(60));
        assert_eq!((&mut sleep).now_or_never(), None);
        clock.step(-HOUR * 5);
        clock.advance(Duration::from_secs(59));
        assert_eq!((&mut sleep).now_or_never(), None);
        clock.advance(Duration::from_secs(1));
        assert_eq!((&mut sleep).now_or_never(), Some(()));
    }

    #[test]
    fn a_clock_that_is_set_ahead_ends_the_sleep() {
        let clock = HandClock::standing(at(0));
        let mut sleep = clock.sleep_until(at(60));
        assert_eq!((&mut sleep).now_or_never(), None);
        clock.step(HOUR);
        assert_eq!((&mut sleep).now_or_never(), Some(()));
    }

    #[test]
    fn whoever_waits_for_the_clock_to_be_set_hears_by_how_much() {
        let clock = HandClock::standing(at(0));
        let mut stepped = clock.stepped();
        assert_eq!((&mut stepped).now_or_never(), None);
        clock.advance(Duration::from_hours(3));
        assert_eq!((&mut stepped).now_or_never(), None);
        clock.step(-HOUR);
        assert_eq!((&mut stepped).now_or_never(), Some(-HOUR));
        assert_eq!(clock.steady(), Duration::from_hours(3));
        assert_eq!(clock.now(), at(2 * 3600));
    }

    #[tokio::test(start_paused = true)]
    async fn the_systems_sleep_is_no_longer_than_it_was_when_it_began() {
        let clock = SystemClock;
        // The wall does not move while the runtime's time is paused, as if it were set back again
        // and again.
        let (begun, steady) = (Instant::now(), clock.steady());
        clock.sleep_until(clock.now() + HOUR).await;
        assert!(begun.elapsed() <= Duration::from_secs(3601), "{:?}", begun.elapsed());
        assert!(clock.steady() > steady);
        // Seen from the time that nobody sets, the wall goes back five seconds in five.
        assert!(clock.stepped().await <= -STEP_MIN);
    }

    proptest! {
        #[test]
        fn nothing_waits_longer_than_its_longest_and_nothing_ahead_is_fresh(
            when in -1_000_000_i64..1_000_000,
            now in -1_000_000_i64..1_000_000,
            longest in 0_i64..10_000,
        ) {
            let length = SignedDuration::from_secs(longest);
            let waits = !is_due(at(when), length, at(now));
            prop_assert_eq!(waits, when > now && when - now <= longest);
            let fresh = is_fresh(at(when), length, at(now));
            prop_assert_eq!(fresh, when <= now && now - when < longest);
        }
    }
}
