//! A time that stands until it is moved to when the next sleeper wants to wake.

use crate::ports::time::Clock;
use async_trait::async_trait;
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    fmt,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// The clock of seeded runs: it jumps from one sleeper's hour to the next, so that years pass in
/// no time, and always in the same order.
pub struct StepClock(Mutex<State>);

struct State {
    now: Timestamp,
    next: u64,
    sleepers: BTreeMap<(Timestamp, u64), Waker>,
}

impl StepClock {
    /// A clock that stands at `now`.
    pub const fn new(now: Timestamp) -> Self {
        Self(Mutex::new(State { now, next: 0, sleepers: BTreeMap::new() }))
    }

    /// When the first sleeper wants to wake.
    pub fn next_sleeper(&self) -> Option<Timestamp> {
        self.lock().sleepers.keys().next().map(|(when, _)| *when)
    }

    /// Moves the time; it never goes back. Wakes those whose hour has come, the earliest first.
    pub fn move_to(&self, now: Timestamp) {
        let mut state = self.lock();
        state.now = state.now.max(now);
        while let Some(entry) = state.sleepers.first_entry()
            && entry.key().0 <= now
        {
            entry.remove().wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for StepClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StepClock").field(&self.lock().now).finish()
    }
}

#[async_trait]
impl Clock for StepClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    async fn sleep_until(&self, when: Timestamp) {
        Sleep { clock: self, when, place: None }.await;
    }
}

struct Sleep<'c> {
    clock: &'c StepClock,
    when: Timestamp,
    place: Option<u64>,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.lock();
        if state.now >= self.when {
            return Poll::Ready(());
        }
        let place = self.place.unwrap_or(state.next);
        if place == state.next {
            state.next += 1;
        }
        state.sleepers.insert((self.when, place), context.waker().clone());
        drop(state);
        self.place = Some(place);
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.clock.lock().sleepers.remove(&(self.when, place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_sleeper_wakes_when_its_hour_has_come_and_not_before() {
        let clock = StepClock::new(at(0));
        let mut early = clock.sleep_until(at(10));
        let mut late = clock.sleep_until(at(20));
        assert_eq!((&mut early).now_or_never(), None);
        assert_eq!((&mut late).now_or_never(), None);
        assert_eq!(clock.next_sleeper(), Some(at(10)));

        clock.move_to(at(10));
        assert_eq!((&mut early).now_or_never(), Some(()));
        assert_eq!((&mut late).now_or_never(), None);
        assert_eq!(clock.next_sleeper(), Some(at(20)));

        drop(late);
        assert_eq!(clock.next_sleeper(), None);
    }

    #[test]
    fn the_time_never_goes_back() {
        let clock = StepClock::new(at(10));
        clock.move_to(at(5));
        assert_eq!(clock.now(), at(10));
    }
}
