//! The power of the machine that the bot runs on: it can fail at any commit and any outside call.

use crate::ports::commits::Commits;
use async_trait::async_trait;
use std::{
    future,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

/// Counts the points at which a process can die, and lets it die at one of them: what reaches that
/// point, or any after it, never goes on.
///
/// There are two points around each commit and each outside call: before it happens, and after it
/// happened and before the process knows.
#[derive(Debug)]
pub struct Power {
    passed: AtomicU64,
    fails_at: AtomicU64,
    off: AtomicBool,
}

impl Default for Power {
    fn default() -> Self {
        Self {
            passed: AtomicU64::new(0),
            fails_at: AtomicU64::new(u64::MAX),
            off: AtomicBool::new(false),
        }
    }
}

impl Power {
    /// How many points were passed so far.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// Lets the power fail once so many points were passed altogether.
    pub fn fail_at(&self, point: u64) {
        self.fails_at.store(point, Ordering::Relaxed);
    }

    /// Whether it has failed.
    pub fn is_off(&self) -> bool {
        self.off.load(Ordering::Relaxed)
    }

    /// The power comes back, and stays.
    pub fn restore(&self) {
        self.fails_at.store(u64::MAX, Ordering::Relaxed);
        self.off.store(false, Ordering::Relaxed);
    }

    /// A point at which the process can die.
    pub async fn point(&self) {
        if !self.is_off() {
            let passed = self.passed.fetch_add(1, Ordering::Relaxed);
            if passed < self.fails_at.load(Ordering::Relaxed) {
                return;
            }
            self.off.store(true, Ordering::Relaxed);
        }
        future::pending::<()>().await;
    }
}

#[async_trait]
impl Commits for Power {
    async fn before(&self) {
        self.point().await;
    }

    async fn after(&self) {
        self.point().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn nothing_goes_on_after_the_power_has_failed() {
        let power = Power::default();
        power.fail_at(1);
        assert_eq!(power.point().now_or_never(), Some(()));
        assert!(!power.is_off());
        assert_eq!(power.point().now_or_never(), None);
        assert!(power.is_off());
        assert_eq!(power.before().now_or_never(), None);

        power.restore();
        assert_eq!(power.point().now_or_never(), Some(()));
    }
}
