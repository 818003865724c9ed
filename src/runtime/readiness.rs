//! Readiness: whether people are served and money is looked at right now, and if not, why.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// A backlog whose oldest effect has been due for longer than this is not young any more.
pub const BACKLOG_AGE_MAX: Duration = Duration::from_mins(1);
/// Acknowledgements that have waited for longer than this are stuck.
pub const ACKNOWLEDGEMENTS_AGE_MAX: Duration = Duration::from_mins(1);
/// A wallet, or a MixPay, that has not answered for longer than this is not looked at.
pub const SILENCE_MAX: Duration = Duration::from_mins(5);

/// Something for which the bot is not ready. The README has a row for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// The message service of Mixin is not connected.
    Blaze,
    /// The last write to the database failed.
    Database,
    /// The database's file is not the one that was opened.
    DatabaseFile,
    /// The oldest due effect is old.
    Backlog,
    /// Mixin does not take acknowledgements.
    Acknowledgements,
    /// Our clock and Mixin's differ.
    Clock,
    /// A service has asked for a pause.
    Paused,
    /// Something that is kept cannot be read.
    Quarantine,
    /// Mixin refuses the credentials.
    Credentials,
    /// The bot's wallet was not read for long.
    Wallet,
    /// MixPay has not answered for long.
    MixPay,
}

impl Condition {
    /// Every condition, in the order in which they are told.
    pub const ALL: [Self; 11] = [
        Self::Blaze,
        Self::Database,
        Self::DatabaseFile,
        Self::Backlog,
        Self::Acknowledgements,
        Self::Clock,
        Self::Paused,
        Self::Quarantine,
        Self::Credentials,
        Self::Wallet,
        Self::MixPay,
    ];

    /// What its words hold, whatever their numbers are. The README has a row for each.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Blaze => "Mixin is not connected",
            Self::Database => "the database cannot be written",
            Self::DatabaseFile => "the database's file was",
            Self::Backlog => "the backlog is old",
            Self::Acknowledgements => "acknowledgements have waited",
            Self::Clock => "our clock is",
            Self::Paused => "asked for a pause until",
            Self::Quarantine => "cannot be read",
            Self::Credentials => "Mixin refuses the credentials",
            Self::Wallet => "the wallet has not been read",
            Self::MixPay => "MixPay has not answered",
        }
    }

    /// Whether it counts for a process that stands by, which talks to nobody but the database.
    const fn concerns_a_standby(self) -> bool {
        matches!(self, Self::Database | Self::DatabaseFile)
    }
}

/// What is known about the bot's ability to work. The tasks that know write it; nobody has to ask
/// the outside for it.
#[derive(Debug)]
pub struct Readiness(Mutex<Known>);

#[derive(Debug)]
struct Known {
    standing_by: bool,
    /// Why the bot is not ready, in words.
    against: BTreeMap<Condition, String>,
}

impl Default for Readiness {
    /// At the start nothing is ready.
    fn default() -> Self {
        let readiness =
            Self(Mutex::new(Known { standing_by: false, against: BTreeMap::default() }));
        readiness.set_blaze_connected(false);
        readiness.set_database_writable(false);
        readiness
    }
}

impl Readiness {
    /// Why the bot is not ready because of this condition, in words with the numbers that an
    /// operator needs; `None` if all is well with it.
    pub fn set(&self, condition: Condition, why: Option<String>) {
        debug_assert!(
            why.as_ref().is_none_or(|why| why.contains(condition.words())),
            "{condition:?}: {why:?}"
        );
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match why {
            Some(why) => drop(known.against.insert(condition, why)),
            None => drop(known.against.remove(&condition)),
        }
    }

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
        self.set(Condition::Blaze, (!connected).then(|| "Mixin is not connected".to_owned()));
    }

    /// The last write to the database went well, or did not.
    pub fn set_database_writable(&self, writable: bool) {
        let why = (!writable).then(|| "the database cannot be written".to_owned());
        self.set(Condition::Database, why);
    }

    /// For how long the oldest due effect has been due; zero if there is none.
    pub fn set_oldest_due(&self, age: Duration) {
        let why = || format!("the backlog is old: an effect has been due for {} s", age.as_secs());
        self.set(Condition::Backlog, (age > BACKLOG_AGE_MAX).then(why));
    }

    /// Why the bot is not ready; empty if it is.
    pub fn reasons(&self) -> Vec<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = |condition: &Condition| !known.standing_by || condition.concerns_a_standby();
        known
            .against
            .iter()
            .filter(|(condition, _)| counts(condition))
            .map(|(_, why)| why.clone())
            .collect()
    }

    /// Whether this condition keeps the bot from being ready.
    pub fn is_against(&self, condition: Condition) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).against.contains_key(&condition)
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
        assert_eq!(readiness.reasons(), ["the backlog is old: an effect has been due for 61 s"]);
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
