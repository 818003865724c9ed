//! When MixPay is asked again, and about which invoice first.

use super::{
    CLOSES, DEADLINE, attempted, decided, invoice, minute, mismatch, opened, order, refused, said,
    settled, stories::story, success, trx, underpaid,
};
use jiff::{SignedDuration, Timestamp};
use mixpay_bot::domain::invoice::{
    fact::{About, Fact, Role, Word},
    polling::{Age, Urgency, has_ended, likelihood, next_poll, paid_by},
    report::Status,
    standing::State,
};
use proptest::prelude::*;

const GAP: SignedDuration = SignedDuration::from_secs(4);

fn next(facts: Vec<Fact>, now: Timestamp) -> Option<(Timestamp, Urgency)> {
    let invoice = invoice(facts.into_iter().collect());
    next_poll(&invoice, &invoice.standing(), now)
}

fn shown(facts: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
    [attempted(1, 0), opened(1)].into_iter().chain(facts).collect()
}

fn unpaid(minute: i64) -> Fact {
    said(order(Status::Unpaid), minute)
}

/// How likely an open invoice that was asked about at one minute has news at another.
fn open_likelihood(asked: i64, now: i64) -> i64 {
    let invoice = invoice(shown([unpaid(asked)]).into_iter().collect());
    let (due, urgency) = next_poll(&invoice, &invoice.standing(), minute(asked)).unwrap();
    likelihood(&invoice, urgency, due, minute(now))
}

#[test]
fn there_is_nothing_to_ask_about_what_was_not_made_or_is_over() {
    for facts in [
        vec![],
        vec![attempted(1, 0)],
        vec![attempted(1, 0), refused(1, 10004)],
        shown([said(settled(success(10)), 11)]),
        shown([said(underpaid(), 11), decided(Role::Creator, Word::Accept, About::Short, 12)]),
    ] {
        assert_eq!(next(facts.clone(), minute(15)), None, "{facts:#?}");
    }
    let older = vec![attempted(1, 0), attempted(2, 5), refused(2, 10004)];
    assert!(next(older, minute(15)).is_some(), "an older attempt is watched");
}

#[test]
fn what_may_have_news_is_asked_about_four_seconds_later_if_requests_are_to_spare() {
    let at = |now: i64| minute(now) + GAP;
    assert_eq!(next(shown([]), minute(1)), Some((at(1), Urgency::Open(Age::NEW))));
    for (asked, class) in [(0, 1), (1, 2), (2, 3), (3, 3), (4, 4), (29, 6)] {
        let expected = Some((at(asked), Urgency::Open(Age::from_class(class))));
        assert_eq!(next(shown([unpaid(asked)]), minute(asked)), expected);
    }
    let in_flight = shown([said(trx(Status::Pending, "51.2"), 6)]);
    assert_eq!(next(in_flight, minute(6)), Some((at(6), Urgency::Likely)));
    // If MixPay's clock is behind ours, an answer after the deadline does not confirm it.
    let behind = shown([unpaid(DEADLINE)]);
    assert_eq!(next(behind, minute(DEADLINE + 1)), Some((at(DEADLINE + 1), Urgency::Ended)));
}

#[test]
fn an_age_is_told_from_one_twice_as_old() {
    let hours = |hours| Age::of(SignedDuration::from_hours(hours)).class();
    assert_eq!(Age::of(SignedDuration::from_secs(-9)).class(), 1);
    assert_eq!(Age::of(SignedDuration::from_secs(59)).class(), 1);
    assert_eq!(Age::of(SignedDuration::from_secs(60)).class(), 2);
    assert_eq!((hours(1), hours(2), hours(45)), (7, 8, 8));
    assert_eq!(usize::from(Age::CLASSES) + 4, Urgency::all().count());
    assert!(Urgency::all().is_sorted());
}

#[test]
fn what_is_over_is_asked_about_six_times_after_the_grace() {
    for over in [unpaid(DEADLINE + 1), said(mismatch(10), 11)] {
        let mut now = minute(DEADLINE + 2);
        let mut asked = Vec::new();
        while let Some((when, urgency)) = next(shown([over.clone()]), now) {
            assert_eq!(urgency, Urgency::Watched);
            assert!(when > now && asked.len() < 500);
            asked.push(when);
            now = when;
        }
        let watched: Vec<i64> = asked
            .into_iter()
            .filter(|when| *when >= minute(CLOSES))
            .map(|when| when.duration_since(minute(CLOSES)).as_mins())
            .collect();
        assert_eq!(watched, [1, 5, 30, 2 * 60, 12 * 60, 48 * 60]);
    }
}

#[test]
fn in_the_grace_what_is_over_is_asked_about_every_minute() {
    let (when, _) = next(shown([unpaid(DEADLINE + 1)]), minute(60)).unwrap();
    assert_eq!(when, minute(61));
}

#[test]
fn a_payment_in_flight_is_asked_about_without_end_and_ever_less() {
    let mut waits = Vec::new();
    for after in [0, 30, 120, 7 * 24 * 60, 60 * 24 * 60] {
        let now = minute(CLOSES + after);
        let (when, _) = next(shown([said(order(Status::Auditing), 20)]), now).unwrap();
        waits.push(when.duration_since(now).as_secs());
    }
    assert_eq!(waits, [4, 4, 600, 7 * 3600, 60 * 3600]);
}

#[test]
#[expect(clippy::disallowed_types, reason = "a distribution is computed")]
fn the_shares_of_payments_are_those_of_the_log_normal_delay() {
    // Simpson's rule over the density of ln(delay / 2 min) / 1.2, from far below.
    let normal = |z: f64| (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    for secs in 1..20_000_u32 {
        let z = (f64::from(secs) / 120.0).ln() / 1.2;
        let steps = 200_u32;
        let width = (z + 8.0) / f64::from(steps);
        let at = |step: u32| normal(f64::from(step).mul_add(width, -8.0));
        let inner: f64 =
            (1..steps).map(|step| at(step) * if step % 2 == 1 { 4.0 } else { 2.0 }).sum();
        let share = (at(0) + inner + at(steps)) * width / 3.0;
        let told =
            f64::from(i32::try_from(paid_by(SignedDuration::from_secs(secs.into()))).unwrap());
        assert!((told / 1e6 - share).abs() < 0.01, "{secs} s: {told}, {share}");
    }
    assert_eq!(paid_by(SignedDuration::from_secs(-5)), 0);
    assert_eq!(paid_by(SignedDuration::from_secs(120)), 500_000);
}

#[test]
fn a_young_invoice_is_likelier_to_be_paid_than_an_old_one() {
    // Half of all payments come within two minutes, hardly any after half an hour.
    let invoice = invoice(shown([]).into_iter().collect());
    let new = likelihood(&invoice, Urgency::Open(Age::NEW), minute(0) + GAP, minute(2));
    assert_eq!(new, 500_000);
    assert_eq!(open_likelihood(2, 4), paid_by(SignedDuration::from_mins(4)) - 500_000);
    assert!(open_likelihood(1, 2) > open_likelihood(2, 3));
    assert!(open_likelihood(4, 6) > open_likelihood(10, 12));
    assert!(open_likelihood(4, 12) > open_likelihood(10, 12), "who waits longer is likelier");
}

#[test]
fn whoever_somebody_waits_for_comes_first_and_what_is_only_watched_last() {
    let open = invoice(shown([]).into_iter().collect());
    let of = |urgency, waited: i64, now| {
        likelihood(&open, urgency, minute(now) - SignedDuration::from_secs(waited), minute(now))
    };
    let late = DEADLINE + 10;
    assert!(of(Urgency::Now, 0, 3) > of(Urgency::Open(Age::NEW), 180, 3));
    assert!(of(Urgency::Likely, 120, 10) > of(Urgency::Open(Age::of(GAP)), 60, 10));
    assert!(of(Urgency::Ended, 1, late) > of(Urgency::Watched, 99_999, late));
    assert!(of(Urgency::Ended, 1, late + 600) > of(Urgency::Open(Age::NEW), 100_000, late));
    assert!(of(Urgency::Open(Age::from_class(8)), 0, 5) > of(Urgency::Watched, 99_999, 5));
}

#[test]
fn an_open_invoice_has_ended_only_after_its_deadline() {
    let open = invoice(shown([]).into_iter().collect());
    let second = SignedDuration::from_secs(1);
    assert!(!has_ended(&open, Urgency::Open(Age::NEW), minute(DEADLINE)));
    assert!(has_ended(&open, Urgency::Open(Age::NEW), minute(DEADLINE) + second));
    assert!(!has_ended(&open, Urgency::Now, minute(DEADLINE) + second));
}

#[test]
fn the_settlement_of_a_paid_invoice_is_waited_for_with_patience() {
    let paid = || shown([said(success(10), 11)]);
    let wait = |now: i64| {
        next(paid(), minute(now)).map(|(at, _)| at.duration_since(minute(now)).as_mins())
    };
    assert_eq!(wait(2), Some(1));
    assert_eq!(wait(80), Some(10));
    assert_eq!(wait(CLOSES + 7 * 24 * 60), None);
}

proptest! {
    #[test]
    fn invariant_8_no_live_invoice_is_forgotten(story in story(), now in 0..20_000_i64) {
        let invoice = invoice(story.into_iter().collect());
        let standing = invoice.standing();
        let now = minute(now);
        let next = next_poll(&invoice, &standing, now);
        if let Some((when, _)) = next {
            prop_assert!(when > now);
        }
        let past = now.duration_since(invoice.closes_at());
        let longest = SignedDuration::from_mins(10).max(past / 24);
        match standing.state {
            State::Open | State::Partial | State::Processing | State::Review
                if !invoice.facts.traces().is_empty() =>
            {
                let (when, urgency) = next.unwrap();
                prop_assert!(when.duration_since(now) <= longest);
                prop_assert_ne!(urgency, Urgency::Watched);
            }
            State::Draft | State::Settled => prop_assert_eq!(next, None),
            State::Open
            | State::Partial
            | State::Processing
            | State::Review
            | State::Paid
            | State::Expired
            | State::Failed
            | State::Cancelled
            | State::Held => {}
        }
    }
}
