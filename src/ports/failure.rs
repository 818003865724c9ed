//! What an outside call that failed means for its caller.

use jiff::{SignedDuration, Timestamp, civil, fmt::rfc2822, tz::TimeZone};
use std::time::Duration;

/// No service makes us wait longer than this, whatever it says; then it is tried again.
pub const PAUSE_MAX: Duration = Duration::from_mins(10);
/// How long a service is left alone that says "too many requests" and not for how long.
const PAUSE_USUAL: Duration = Duration::from_mins(1);
/// Whoever is told to come again at once waits this long all the same.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// The two older ways of writing a date in HTTP.
const OLD_DATES: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// What an outside call that failed means for its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// It did not happen; trying again is safe and may help.
    Transient,
    /// It did not happen and never will.
    Permanent,
    /// It may have happened; only a look at the other side can tell.
    Unknown,
}

/// An outside call that failed: what it means, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{service} {call}: {reason}")]
pub struct CallError {
    /// What it means for the caller.
    pub failure: Failure,
    /// Whom we called: `mixin` or `mixpay`.
    pub service: &'static str,
    /// Which call, without ids or secrets: `POST /messages`.
    pub call: &'static str,
    /// Why.
    pub reason: Reason,
}

/// Why an outside call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The connection could not be made.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// The connection broke, or the deadline passed, after the request may have been sent.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// An answer that is not the service's JSON; the start of it is kept.
    #[error("status {status} with a body that is not understood: {start:?}")]
    NotUnderstood {
        /// The HTTP status.
        status: u16,
        /// At most 200 characters of the body.
        start: String,
    },
    /// The credentials are refused although the clocks agree.
    #[error("the credentials are refused")]
    Unauthorized,
    /// The credentials are refused and our clock differs from the server's.
    #[error("the credentials are refused and our clock is {seconds} s off the server's")]
    ClockSkew {
        /// Our time minus the server's, in seconds.
        seconds: i64,
    },
    /// Too many requests (429, 1429).
    #[error("too many requests")]
    Limited {
        /// How long to wait, if the service said.
        retry_after: Option<Duration>,
    },
    /// The service understood and said no, with its own code and words.
    #[error("refused with code {code}: {message}")]
    Refused {
        /// The service's error code.
        code: i64,
        /// The service's words; for logs, never matched on.
        message: String,
    },
}

impl CallError {
    /// The service's own code, if it said no.
    pub const fn code(&self) -> Option<i64> {
        match self.reason {
            Reason::Refused { code, .. } => Some(code),
            Reason::Unreachable(_)
            | Reason::NoAnswer(_)
            | Reason::NotUnderstood { .. }
            | Reason::Unauthorized
            | Reason::ClockSkew { .. }
            | Reason::Limited { .. } => None,
        }
    }
}

/// How long a service asks to be left alone, as the header `Retry-After` has it: seconds, or a date
/// by the clock that `date`, the header of that name, shows (else by ours, `now`, if it is given). `None` if that
/// cannot be read, or lies in the past. What it says is not capped here, but where it is waited
/// for, by [`pause_until`].
pub fn retry_after(
    says: Option<&str>,
    date: Option<&str>,
    now: Option<Timestamp>,
) -> Option<Duration> {
    let says = says?.trim();
    if says.bytes().all(|byte| byte.is_ascii_digit()) && !says.is_empty() {
        // More digits than fit are a very long time.
        return Some(Duration::from_secs(says.parse().unwrap_or(u64::MAX)));
    }
    let base = date.and_then(http_date).or(now)?;
    let wait = http_date(says)?.duration_since(base);
    Duration::try_from(wait).ok().filter(|wait| !wait.is_zero())
}

fn http_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let usual = rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    usual.or_else(|| {
        let read = |format| civil::DateTime::strptime(format, text).ok();
        let date = OLD_DATES.into_iter().find_map(read)?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}

/// Until when a service is left alone that said "too many requests". The one place where a pause
/// from outside becomes a wait of ours, and the one where it is capped.
pub fn pause_until(now: Timestamp, retry_after: Option<Duration>) -> Timestamp {
    let pause = retry_after.unwrap_or(PAUSE_USUAL).clamp(PAUSE_MIN, PAUSE_MAX);
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::ZERO);
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sat, 21 Nov 2026 14:00:00 GMT.
    const NOW: i64 = 1_795_269_600;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn seconds(says: &str) -> Option<u64> {
        retry_after(Some(says), None, Some(now())).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_pause_is_read_in_every_form_that_http_has() {
        assert_eq!(seconds("30"), Some(30));
        assert_eq!(seconds(" 30 "), Some(30));
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds("31536000"), Some(31_536_000));
        assert_eq!(seconds("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(seconds("Sat, 21 Nov 2026 14:00:30 GMT"), Some(30));
        assert_eq!(seconds("Saturday, 21-Nov-26 14:00:30 GMT"), Some(30));
        assert_eq!(seconds("Sat Nov 21 14:00:30 2026"), Some(30));
        // Their clock counts, if they show it.
        let says = Some("Sat, 21 Nov 2026 20:00:30 GMT");
        let date = Some("Sat, 21 Nov 2026 20:00:00 GMT");
        assert_eq!(retry_after(says, date, Some(now())), Some(Duration::from_secs(30)));
    }

    #[test]
    fn what_is_no_pause_is_none() {
        for says in ["", "soon", "-1", "1e9", "1.5", "Wed, 21 Oct 2015 07:28:00 GMT", "\u{664}"] {
            assert_eq!(seconds(says), None, "{says}");
        }
        assert_eq!(retry_after(None, None, Some(now())), None);
    }

    proptest! {
        #[test]
        fn nobody_waits_longer_than_ten_minutes_or_not_at_all(says in "[0-9]{1,25}|\\PC{0,40}") {
            let until = pause_until(now(), retry_after(Some(&says), None, Some(now())));
            let wait = until.duration_since(now()).as_secs();
            prop_assert!((1..=600).contains(&wait));
        }
    }
}
