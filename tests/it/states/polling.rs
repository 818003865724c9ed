//! When MixPay is asked again.

use super::{
    CLOSES, DEADLINE, attempted, decided, invoice, minute, mismatch, opened, order, refused, said,
    settled, stories::story, success, trx, underpaid,
};
use jiff::{SignedDuration, Timestamp};
use mixpay_bot::domain::invoice::{
    fact::{About, Fact, Role, Word},
    polling::{Urgency, next_poll},
    report::Status,
    standing::State,
};
use proptest::prelude::*;

const BRISK: SignedDuration = SignedDuration::from_millis(1250);

fn next(facts: Vec<Fact>, now: Timestamp, pace: SignedDuration) -> Option<(Timestamp, Urgency)> {
    let invoice = invoice(facts.into_iter().collect());
    next_poll(&invoice, &invoice.standing(), now, pace)
}

fn shown(facts: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
    [attempted(1, 0), opened(1)].into_iter().chain(facts).collect()
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
        assert_eq!(next(facts.clone(), minute(15), BRISK), None, "{facts:#?}");
    }
    let older = vec![attempted(1, 0), attempted(2, 5), refused(2, 10004)];
    assert!(next(older, minute(15), BRISK).is_some(), "an older attempt is watched");
}

#[test]
fn a_deadline_is_confirmed_right_after_it_whatever_the_pace() {
    let second = SignedDuration::from_secs(1);
    let slow = SignedDuration::from_hours(3);
    let expected = Some((minute(DEADLINE) + second, Urgency::Now));
    assert_eq!(next(shown([]), minute(0), slow), expected);
    assert_eq!(next(shown([]), minute(DEADLINE) - second, BRISK), expected);
    // If MixPay's clock is behind ours, it is asked once more, soon.
    let four = SignedDuration::from_secs(4);
    let passed = minute(DEADLINE) + second;
    assert_eq!(next(shown([]), passed, BRISK), Some((passed + four, Urgency::Likely)));
}

#[test]
fn what_is_over_is_asked_about_six_times_after_the_grace() {
    for over in [said(order(Status::Unpaid), DEADLINE + 1), said(mismatch(10), 11)] {
        for pace in [BRISK, SignedDuration::from_mins(7), SignedDuration::from_hours(5)] {
            let mut now = minute(DEADLINE + 2);
            let mut asked = Vec::new();
            while let Some((when, urgency)) = next(shown([over.clone()]), now, pace) {
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
            assert_eq!(watched, [1, 5, 30, 2 * 60, 12 * 60, 48 * 60], "pace {pace}");
        }
    }
}

#[test]
fn in_the_grace_what_is_over_is_asked_about_every_minute() {
    let expired = shown([said(order(Status::Unpaid), DEADLINE + 1)]);
    let (when, _) = next(expired, minute(60), BRISK).unwrap();
    assert_eq!(when, minute(61));
}

#[test]
fn a_payment_in_flight_is_asked_about_without_end_and_ever_less() {
    let mut waits = Vec::new();
    for after in [0, 30, 120, 7 * 24 * 60, 60 * 24 * 60] {
        let now = minute(CLOSES + after);
        let (when, _) = next(shown([said(order(Status::Auditing), 20)]), now, BRISK).unwrap();
        waits.push(when.duration_since(now).as_secs());
    }
    assert_eq!(waits, [4, 4, 600, 7 * 3600, 60 * 3600]);
}

#[test]
fn a_fresh_card_and_money_on_its_way_are_asked_about_oftener() {
    let pace = SignedDuration::from_mins(8);
    let wait = |facts, now| {
        next(facts, minute(now), pace)
            .map(|(at, urgency)| (at.duration_since(minute(now)).as_mins(), urgency))
    };
    assert_eq!(wait(shown([]), 1), Some((2, Urgency::Likely)));
    assert_eq!(wait(shown([]), 6), Some((4, Urgency::Open)));
    assert_eq!(wait(shown([said(trx(Status::Pending, "51.2"), 6)]), 6), Some((2, Urgency::Likely)));
    assert_eq!(wait(shown([said(order(Status::Unpaid), 31)]), 32), Some((8, Urgency::Watched)));
}

#[test]
fn the_settlement_of_a_paid_invoice_is_waited_for_with_patience() {
    let paid = || shown([said(success(10), 11)]);
    let wait = |now: i64| {
        next(paid(), minute(now), BRISK).map(|(at, _)| at.duration_since(minute(now)).as_mins())
    };
    assert_eq!(wait(2), Some(1));
    assert_eq!(wait(80), Some(10));
    assert_eq!(wait(CLOSES + 7 * 24 * 60), None);
}

proptest! {
    #[test]
    fn invariant_8_no_live_invoice_is_forgotten(
        story in story(),
        now in 0..20_000_i64,
        pace_s in 1..3600_i64,
    ) {
        let invoice = invoice(story.into_iter().collect());
        let standing = invoice.standing();
        let (now, pace) = (minute(now), SignedDuration::from_secs(pace_s));
        let next = next_poll(&invoice, &standing, now, pace);
        if let Some((when, _)) = next {
            prop_assert!(when > now);
        }
        let past = now.duration_since(invoice.closes_at());
        let longest = pace.max(SignedDuration::from_mins(10)).max(past / 24);
        match standing.state {
            State::Open | State::Partial | State::Processing | State::Review
                if !invoice.facts.traces().is_empty() =>
            {
                let (when, _) = next.unwrap();
                prop_assert!(when.duration_since(now) <= longest);
                if standing.state == State::Open && now < invoice.deadline() {
                    let passed = invoice.deadline() + SignedDuration::from_secs(1);
                    prop_assert!(when <= passed);
                }
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
