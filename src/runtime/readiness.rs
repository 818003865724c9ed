//! Readiness: whether the bot can do its work right now, and if not, why.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// A backlog whose oldest effect has been due for longer than this is not young any more.
pub const BACKLOG_AGE_MAX: Duration = Duration::from_mins(1);

/// What is known about the bot's ability to work. The tasks that know write it; nobody has to ask
/// the outside for it.
#[derive(Debug)]
pub struct Readiness(Mutex<Known>);

#[derive(Debug)]
struct Known {
    standing_by: bool,
    blaze_connected: bool,
    database_writable: bool,
    oldest_due: Duration,
}

impl Default for Readiness {
    /// At the start nothing is ready.
    fn default() -> Self {
        Self(Mutex::new(Known {
            standing_by: false,
            blaze_connected: false,
            database_writable: false,
            oldest_due: Duration::ZERO,
        }))
    }
}

impl Readiness {
    /// Another process does the work, and this one could; or this one does it.
    pub fn set_standing_by(&self, standing_by: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).standing_by = standing_by;
    }

    /// Whether another process does the work.
    pub fn is_standing_by(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).standing_by
    }

    /// The message service of Mixin is connected, or is not any more.
    pub fn set_blaze_connected(&self, connected: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).blaze_connected = connected;
    }

    /// The last write to the database went well, or did not.
    pub fn set_database_writable(&self, writable: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).database_writable = writable;
    }

    /// For how long the oldest due effect has been due; zero if there is none.
    pub fn set_oldest_due(&self, age: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).oldest_due = age;
    }

    /// Why the bot is not ready; empty if it is.
    pub fn reasons(&self) -> Vec<&'static str> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let checks = [
            (known.standing_by || known.blaze_connected, "Mixin is not connected"),
            (known.database_writable, "the database cannot be written"),
            (known.standing_by || known.oldest_due <= BACKLOG_AGE_MAX, "the backlog is old"),
        ];
        checks.into_iter().filter_map(|(fine, reason)| (!fine).then_some(reason)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_connected_writable_and_young() {
        let readiness = Readiness::default();
        assert_eq!(
            readiness.reasons(),
            ["Mixin is not connected", "the database cannot be written"]
        );
        readiness.set_blaze_connected(true);
        readiness.set_database_writable(true);
        assert!(readiness.reasons().is_empty());
        readiness.set_oldest_due(BACKLOG_AGE_MAX);
        assert!(readiness.reasons().is_empty());
        readiness.set_oldest_due(BACKLOG_AGE_MAX + Duration::from_secs(1));
        assert_eq!(readiness.reasons(), ["the backlog is old"]);
    }

    #[test]
    fn who_stands_by_needs_the_database_alone() {
        let readiness = Readiness::default();
        readiness.set_standing_by(true);
        assert_eq!(readiness.reasons(), ["the database cannot be written"]);
        readiness.set_database_writable(true);
        assert!(readiness.reasons().is_empty() && readiness.is_standing_by());
        readiness.set_standing_by(false);
        assert_eq!(readiness.reasons(), ["Mixin is not connected"]);
    }
}
