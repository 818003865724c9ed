//! Pace: lets the first rounds of a loop go at once, and spaces out those of one that stays busy.

use jiff::{SignedDuration, Timestamp};

/// Rounds that may go at once after a quiet time.
const AT_ONCE: i32 = 10;

/// When the next round of a loop may begin.
///
/// What a round costs hardly depends on how much it handles, so a busy loop that waits a little
/// between rounds does the same with less. One that is called now and then never waits.
#[derive(Debug, Clone)]
pub struct Pace {
    every: SignedDuration,
    busy: SignedDuration,
    /// When the rounds so far would be over, had each taken `every`.
    paid_until: Timestamp,
}

impl Pace {
    /// A loop that is wanted more seldom than `every` is not busy; one that is has a round every
    /// `busy`, which is longer.
    pub const fn new(every: SignedDuration, busy: SignedDuration) -> Self {
        Self { every, busy, paid_until: Timestamp::MIN }
    }

    /// Counts a round that is wanted at `now`; returns when it may begin.
    pub fn round(&mut self, now: Timestamp) -> Timestamp {
        let after = |time: Timestamp, by| time.saturating_add(by).unwrap_or(Timestamp::MAX);
        let ahead = self.every.saturating_mul(AT_ONCE);
        // Further ahead it can only be if the clock was set back.
        let latest = after(after(now, ahead), self.busy);
        let begun = if self.paid_until > latest { now } else { self.paid_until.max(now) };
        self.paid_until = after(begun, self.every);
        if self.paid_until <= after(now, ahead) {
            return now;
        }
        let next = after(now, self.busy);
        self.paid_until = after(next, ahead);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    fn pace() -> Pace {
        Pace::new(SignedDuration::from_millis(5), SignedDuration::from_millis(20))
    }

    #[test]
    fn after_ten_rounds_at_once_one_goes_every_twenty_milliseconds() {
        let (mut pace, mut now) = (pace(), at(100));
        for _ in 0..10 {
            assert_eq!(pace.round(now), at(100));
        }
        for expected in [120, 140, 160] {
            now = pace.round(now);
            assert_eq!(now, at(expected));
        }
        // Wanted less often, it goes at once again.
        assert_eq!(pace.round(at(165)), at(165));
    }

    #[test]
    fn a_loop_that_is_called_a_hundred_times_a_second_never_waits() {
        let mut pace = pace();
        for called in (0..10_000).step_by(10) {
            assert_eq!(pace.round(at(called)), at(called));
        }
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait() {
        let mut pace = pace();
        pace.round(at(3_600_000));
        assert_eq!(pace.round(at(0)), at(0));
    }
}
