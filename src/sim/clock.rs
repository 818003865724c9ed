//! A time that stands until it is moved to when the next sleeper wants to wake, and the clock of one
//! machine beside it, which can be wrong.

use crate::ports::time::Clock;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::BTreeMap,
    fmt, future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
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

    fn steady(&self) -> Duration {
        Duration::try_from(self.now().duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default()
    }

    async fn sleep_until(&self, when: Timestamp) {
        Sleep { clock: self, when, place: None }.await;
    }

    async fn stepped(&self) -> SignedDuration {
        // Nobody sets it.
        future::pending().await
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

/// The clock of one machine beside the world's: it goes as fast, and can be set ahead and back at
/// any time.
#[derive(Debug)]
pub struct OwnClock {
    world: Arc<StepClock>,
    own: Mutex<Own>,
}

#[derive(Debug, Default)]
struct Own {
    ahead: SignedDuration,
    next: u64,
    waiting: BTreeMap<u64, Waker>,
}

impl OwnClock {
    /// A clock that agrees with the world's.
    pub fn new(world: Arc<StepClock>) -> Self {
        Self { world, own: Mutex::default() }
    }

    /// How far ahead of the world's it is.
    pub fn ahead(&self) -> SignedDuration {
        self.lock().ahead
    }

    /// Sets it: so far ahead of the world's, or behind if negative. Whoever sleeps looks again.
    pub fn set_ahead(&self, ahead: SignedDuration) {
        let mut own = self.lock();
        if own.ahead != ahead {
            own.ahead = ahead;
            while let Some((_, waker)) = own.waiting.pop_first() {
                waker.wake();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next time at which it is set.
    fn set(&self) -> NextSet<'_> {
        NextSet { clock: self, from: self.ahead(), place: None }
    }
}

#[async_trait]
impl Clock for OwnClock {
    fn now(&self) -> Timestamp {
        shifted(self.world.now(), self.ahead())
    }

    fn steady(&self) -> Duration {
        self.world.steady()
    }

    async fn sleep_until(&self, when: Timestamp) {
        let latest = shifted(self.world.now(), when.duration_since(self.now()));
        loop {
            let mut set = self.set();
            let wakes = shifted(when, -set.from).min(latest);
            let mut sleep = Sleep { clock: &self.world, when: wakes, place: None };
            let woken = future::poll_fn(|context| {
                if Pin::new(&mut sleep).poll(context).is_ready() {
                    return Poll::Ready(true);
                }
                Pin::new(&mut set).poll(context).map(|_| false)
            });
            if woken.await {
                return;
            }
        }
    }

    async fn stepped(&self) -> SignedDuration {
        self.set().await
    }
}

fn shifted(time: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    time.saturating_add(by).unwrap_or(end)
}

/// Waits until an [`OwnClock`] is no longer so far ahead; by how much it was set.
struct NextSet<'c> {
    clock: &'c OwnClock,
    from: SignedDuration,
    place: Option<u64>,
}

impl Future for NextSet<'_> {
    type Output = SignedDuration;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<SignedDuration> {
        let mut own = self.clock.lock();
        let by = own.ahead.saturating_sub(self.from);
        if by != SignedDuration::ZERO {
            return Poll::Ready(by);
        }
        let place = self.place.unwrap_or(own.next);
        if place == own.next {
            own.next += 1;
        }
        own.waiting.insert(place, context.waker().clone());
        drop(own);
        self.place = Some(place);
        Poll::Pending
    }
}

impl Drop for NextSet<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.clock.lock().waiting.remove(&place);
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

    #[test]
    fn a_machines_own_clock_that_is_set_back_lengthens_no_sleep_and_set_ahead_ends_it() {
        let world = Arc::new(StepClock::new(at(0)));
        let clock = OwnClock::new(Arc::clone(&world));
        clock.set_ahead(SignedDuration::from_hours(5));
        let start = clock.now();
        let mut short = clock.sleep_until(start + SignedDuration::from_secs(10));
        let mut long = clock.sleep_until(start + SignedDuration::from_secs(60));
        let mut stepped = clock.stepped();
        assert_eq!((&mut short).now_or_never(), None);
        assert_eq!((&mut long).now_or_never(), None);
        assert_eq!((&mut stepped).now_or_never(), None);

        clock.set_ahead(SignedDuration::ZERO);
        assert_eq!((&mut stepped).now_or_never(), Some(SignedDuration::from_hours(-5)));
        assert_eq!((&mut short).now_or_never(), None);
        assert_eq!(world.next_sleeper(), Some(at(10)));
        world.move_to(at(10));
        assert_eq!((&mut short).now_or_never(), Some(()));
        assert_eq!((&mut long).now_or_never(), None);

        clock.set_ahead(SignedDuration::from_hours(6));
        assert_eq!((&mut long).now_or_never(), Some(()));
        assert_eq!(world.next_sleeper(), None);
    }
}
