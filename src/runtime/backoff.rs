//! Backoff: how long to wait before the next attempt. Pure: chance is passed in.

use std::time::Duration;

/// How waits grow from attempt to attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first attempt.
    pub first: Duration,
    /// The longest wait of all.
    pub most: Duration,
}

impl Backoff {
    /// For connections: up to 1 s after the first failure, up to 60 s from the seventh on.
    pub const CONNECTION: Self =
        Self { first: Duration::from_secs(1), most: Duration::from_mins(1) };

    /// The longest wait after so many failures (1 after the first): `first`, doubled with every
    /// further failure, and never more than `most`.
    ///
    /// | failures | 1 | 2 | 3 | 4 | 5 | 6 | 7 and more |
    /// |---|---|---|---|---|---|---|---|
    /// | [`Backoff::CONNECTION`] | 1 s | 2 s | 4 s | 8 s | 16 s | 32 s | 60 s |
    pub fn ceiling(self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        self.first.saturating_mul(doubled).min(self.most)
    }

    /// The wait after so many failures, with full jitter: anything from nothing to
    /// [`Backoff::ceiling`], in proportion to the random `bits`, in whole milliseconds. So a
    /// thousand bots that fail together do not come back together.
    pub fn delay(self, failures: u32, bits: u64) -> Duration {
        let ceiling_ms = self.ceiling(failures).as_millis();
        // The high half of a 128-bit product is `bits` scaled from 2^64 to the ceiling.
        let share_ms = ceiling_ms.saturating_add(1).saturating_mul(u128::from(bits)) >> 64;
        Duration::from_millis(u64::try_from(share_ms).unwrap_or(u64::MAX)).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_most() {
        let seconds: Vec<u64> =
            (0..10).map(|failures| Backoff::CONNECTION.ceiling(failures).as_secs()).collect();
        assert_eq!(seconds, [1, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(Backoff::CONNECTION.ceiling(u32::MAX).as_secs(), 60);
    }

    #[test]
    fn chance_spreads_the_wait_from_nothing_to_the_ceiling() {
        let wait = |bits| Backoff::CONNECTION.delay(3, bits).as_millis();
        assert_eq!([wait(0), wait(u64::MAX / 2), wait(u64::MAX)], [0, 2000, 4000]);
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_its_ceiling(
            first_ms in 0_u64..1 << 40,
            most_ms in 0_u64..1 << 40,
            failures: u32,
            bits: u64,
        ) {
            let (first, most) = (Duration::from_millis(first_ms), Duration::from_millis(most_ms));
            let backoff = Backoff { first, most };
            prop_assert!(backoff.delay(failures, bits) <= backoff.ceiling(failures));
            prop_assert!(backoff.ceiling(failures) <= most);
            prop_assert!(backoff.ceiling(failures) <= backoff.ceiling(failures.saturating_add(1)));
        }
    }
}
