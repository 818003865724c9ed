//! MixPay's limit: 60 requests in any 60 seconds, by the world's clock.

use crate::sim::world::{Violation, World};
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// So many requests MixPay answers in any 60 seconds (mixpay.md 7.7).
pub(crate) const REQUESTS_MAX: usize = 60;
const SPAN: SignedDuration = SignedDuration::from_secs(60);

/// The requests of the last 60 seconds, refused ones included.
#[derive(Debug, Default)]
pub(super) struct Window {
    times: VecDeque<Timestamp>,
    total: u64,
}

impl World {
    /// Counts a request to MixPay; how many are left, or `None` if it was one too many.
    pub(crate) fn count_mixpay_request(&self) -> Option<usize> {
        self.change(|m| {
            let window = &mut m.state.mixpay.window;
            while window.times.front().is_some_and(|at| m.now.duration_since(*at) >= SPAN) {
                window.times.pop_front();
            }
            window.total += 1;
            // A refused request keeps the limit busy too; more than a few spans of them need not
            // be remembered.
            if window.times.len() < REQUESTS_MAX * 4 {
                window.times.push_back(m.now);
            }
            let left = REQUESTS_MAX.checked_sub(window.times.len());
            if left.is_none() {
                m.note(Violation::MixPayLimit(m.now));
            }
            left
        })
    }

    /// How many requests MixPay's API got so far.
    pub fn mixpay_requests(&self) -> u64 {
        self.read(|state, _| state.mixpay.window.total)
    }
}
