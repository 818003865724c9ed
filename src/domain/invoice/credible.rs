//! Credible: which times of others are believed, and what is taken for those that are not.
//!
//! One mistaken time must neither expire an invoice nor hide what is said later, and a success
//! whose times cannot be believed still pays.

use crate::domain::{
    ids::TraceId,
    invoice::{fact::Heard, report::Report},
};
use jiff::{SignedDuration, Timestamp};

/// Two clocks that are kept right differ by less than this, caches and queues in between included.
pub const APART_MAX: SignedDuration = SignedDuration::from_mins(10);
/// A payment is not made later than it is told, but for this much between two of MixPay's machines.
const AFTER_MAX: SignedDuration = SignedDuration::from_mins(5);
/// Nobody pays an invoice before it is made; a day is for dates that are written by another zone's clock.
const BEFORE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// What time it is, by whomever we can ask: our clock, and Mixin's if it told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// By our own clock.
    pub ours: Timestamp,
    /// As far as can be known: Mixin's if ours is known to be wrong.
    pub best: Timestamp,
}

impl Now {
    /// Both are the same: nothing is known against our clock.
    pub const fn agreed(now: Timestamp) -> Self {
        Self { ours: now, best: now }
    }

    /// Whether somebody else's clock can show this time now.
    fn agrees(self, time: Timestamp) -> bool {
        [self.ours, self.best].into_iter().any(|now| now.duration_since(time).abs() <= APART_MAX)
    }
}

/// The time of something that has happened, as its teller has it; `None` if it would lie ahead of
/// what any right clock can show now.
pub fn past(time: Timestamp, now: Timestamp) -> Option<Timestamp> {
    (time.duration_since(now) <= APART_MAX).then_some(time)
}

/// What MixPay said, with times that can be believed. `reported_ms` is MixPay's own time of it and
/// counts if a right clock can show it now; otherwise `now` serves. The date of the payment counts
/// between the making of the invoice, less a day, and the time of the answer and a little;
/// otherwise there is none, and the answer's time serves.
pub fn heard(
    trace: TraceId,
    report: Report,
    reported_ms: Option<i64>,
    made: Timestamp,
    now: Now,
) -> Heard {
    let reported = reported_ms.and_then(|at| Timestamp::from_millisecond(at).ok());
    let said = reported.filter(|at| now.agrees(*at)).unwrap_or(now.best);
    let after = |time: Timestamp, by| time.saturating_add(by).unwrap_or(Timestamp::MAX);
    let latest = after(said, AFTER_MAX).min(after(now.best, APART_MAX));
    let earliest = made.saturating_sub(BEFORE_MAX).unwrap_or(Timestamp::MIN);
    let can_be = |seconds: &i64| {
        Timestamp::from_second(*seconds).is_ok_and(|at| earliest <= at && at <= latest)
    };
    let paid_at = report.paid_at.filter(can_be);
    let at = said.as_millisecond();
    Heard { trace, report: Report { paid_at, ..report }, first_ms: at, last_ms: at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::invoice::report::Status;
    use proptest::prelude::*;

    const MINUTE: SignedDuration = SignedDuration::from_mins(1);

    fn now() -> Timestamp {
        "2026-11-21T14:30:00Z".parse().unwrap()
    }

    fn made() -> Timestamp {
        "2026-11-21T14:10:00Z".parse().unwrap()
    }

    fn told(reported_ms: Option<i64>, paid_at: Option<i64>, now: Now) -> Heard {
        let report = Report { paid_at, ..Report::of(Status::Success) };
        heard(TraceId::new(uuid::Uuid::nil()), report, reported_ms, made(), now)
    }

    #[test]
    fn mixpays_time_counts_within_ten_minutes_of_ours() {
        for (minutes, counts) in [(-11, false), (-10, true), (0, true), (10, true), (11, false)] {
            let reported = now() + MINUTE * minutes;
            let heard = told(Some(reported.as_millisecond()), None, Now::agreed(now()));
            let expected = if counts { reported } else { now() };
            assert_eq!(heard.first_ms, expected.as_millisecond(), "{minutes}");
        }
        assert_eq!(told(None, None, Now::agreed(now())).first_ms, now().as_millisecond());
    }

    #[test]
    fn while_our_clock_is_wrong_mixpays_time_counts_and_mixins_stands_in_for_it() {
        let wrong = Now { ours: now() + SignedDuration::from_hours(5), best: now() };
        let reported = (now() + MINUTE).as_millisecond();
        assert_eq!(told(Some(reported), None, wrong).first_ms, reported);
        assert_eq!(told(None, None, wrong).first_ms, now().as_millisecond());
        assert_eq!(told(Some(0), None, wrong).first_ms, now().as_millisecond());
    }

    #[test]
    fn a_date_counts_from_a_day_before_the_making_until_the_answer() {
        let (made, now) = (made().as_second(), now().as_second());
        for (date, counts) in [
            (made - 86_401, false),
            (made - 86_400, true),
            (now, true),
            (now + 300, true),
            (now + 301, false),
            // Milliseconds, days, and what no calendar has.
            (now * 1000, false),
            (now / 86_400, false),
            (i64::MAX, false),
        ] {
            let heard = told(Some(now * 1000), Some(date), Now::agreed(self::now()));
            assert_eq!(heard.report.paid_at, counts.then_some(date), "{date}");
        }
    }

    #[test]
    fn what_happened_lies_at_most_ten_minutes_ahead() {
        assert_eq!(past(now() + APART_MAX, now()), Some(now() + APART_MAX));
        assert_eq!(past(now() + MINUTE * 11, now()), None);
        assert_eq!(past(made(), now()), Some(made()));
    }

    proptest! {
        #[test]
        fn no_number_makes_an_answer_older_or_newer_than_clocks_can_differ(
            reported in prop::option::of(any::<i64>()),
            date in prop::option::of(any::<i64>()),
        ) {
            let heard = told(reported, date, Now::agreed(now()));
            let said = Timestamp::from_millisecond(heard.last_ms).unwrap();
            prop_assert!(said.duration_since(now()).abs() <= APART_MAX);
            prop_assert!(heard.first_ms == heard.last_ms && heard.report.status == Status::Success);
            if let Some(date) = heard.report.paid_at {
                let date = Timestamp::from_second(date).unwrap();
                prop_assert!(date.duration_since(made()) >= SignedDuration::from_hours(-24));
                prop_assert!(date.duration_since(said) <= AFTER_MAX);
            }
        }
    }
}
