//! Verdict: what Mixin thinks of our credentials, kept in one place for all callers.

use crate::mixin::api::Credentials;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// How often Mixin is tried while our clock is off.
pub(crate) const SKEW_WAIT: SignedDuration = SignedDuration::from_secs(60);

/// What Mixin thinks of our credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verdict {
    /// Nothing speaks against them.
    #[default]
    Good,
    /// They are refused because our clock is off by so many seconds.
    Skewed(i64),
    /// They are refused although the clocks agree.
    Refused,
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It may.
    Free,
    /// It may not: our clock was off by so many seconds, and others look after it.
    Held(i64),
    /// The caller is to find out whether our clock is still off by so many seconds.
    Probe(i64),
}

/// The verdict, and from when on Mixin may be tried again.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    verdict: watch::Sender<Verdict>,
    next_try: Mutex<Option<Timestamp>>,
}

impl Verdicts {
    /// Whether a call may be made at `now`; takes the minute's one try for whoever gets it.
    pub(crate) fn admit(&self, now: Timestamp) -> Admission {
        let seconds = match *self.verdict.borrow() {
            Verdict::Skewed(seconds) => seconds,
            // Refused credentials end the program; a call more does no harm until then.
            Verdict::Good | Verdict::Refused => return Admission::Free,
        };
        let mut next_try = self.next_try.lock().unwrap_or_else(PoisonError::into_inner);
        let later = now.saturating_add(SKEW_WAIT).unwrap_or(Timestamp::MAX);
        // The clock is what is wrong here: a time further off than the wait is no time.
        if next_try.is_some_and(|at| now < at && at <= later) {
            return Admission::Held(seconds);
        }
        *next_try = Some(later);
        Admission::Probe(seconds)
    }

    /// Keeps what was found out at `now`.
    pub(crate) fn learn(&self, found: &Credentials, now: Timestamp) {
        let verdict = match found {
            Credentials::Good => Verdict::Good,
            Credentials::Refused => Verdict::Refused,
            Credentials::Skewed(seconds) => {
                let later = now.saturating_add(SKEW_WAIT).unwrap_or(Timestamp::MAX);
                *self.next_try.lock().unwrap_or_else(PoisonError::into_inner) = Some(later);
                Verdict::Skewed(*seconds)
            }
            Credentials::Unknown(_) => return,
        };
        let before = self.verdict.send_replace(verdict);
        match (before, verdict) {
            (before, now) if before == now => {}
            (_, Verdict::Good) => tracing::info!("Mixin accepts the credentials again"),
            (_, Verdict::Skewed(seconds)) => tracing::error!(
                skew_s = seconds,
                "Mixin refuses the credentials: our clock is {seconds} s off Mixin's; set it right"
            ),
            (_, Verdict::Refused) => {
                tracing::error!("Mixin refuses the credentials and the clocks agree");
            }
        }
    }

    /// Follows the verdict.
    pub(crate) fn watch(&self) -> watch::Receiver<Verdict> {
        self.verdict.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_900_000_000 + seconds).unwrap()
    }

    #[test]
    fn while_the_clock_is_off_one_caller_a_minute_tries_and_the_others_are_told() {
        let verdicts = Verdicts::default();
        assert_eq!(verdicts.admit(at(0)), Admission::Free);
        verdicts.learn(&Credentials::Skewed(420), at(0));
        assert_eq!(verdicts.admit(at(59)), Admission::Held(420));
        assert_eq!(verdicts.admit(at(60)), Admission::Probe(420));
        assert_eq!(verdicts.admit(at(61)), Admission::Held(420));
        verdicts.learn(&Credentials::Good, at(62));
        assert_eq!(verdicts.admit(at(62)), Admission::Free);
    }

    #[test]
    fn a_clock_that_is_set_back_by_hours_does_not_hold_calls_for_hours() {
        let verdicts = Verdicts::default();
        verdicts.learn(&Credentials::Skewed(18_000), at(18_000));
        assert_eq!(verdicts.admit(at(0)), Admission::Probe(18_000));
    }
}
