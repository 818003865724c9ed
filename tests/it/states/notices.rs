//! What is told because an invoice's standing has changed.

use super::{
    arrived, attempted, cancelled, failed, mismatch, opened, order, said, settled, stories::Chat,
    success, trx, underpaid,
};
use mixpay_bot::domain::invoice::{
    fact::{ArrivalKind, Fact},
    notices::Notice,
    report::{Report, Status},
};

/// Checks what is told when the last of these facts is learned after the others.
#[track_caller]
fn check(known: &[Fact], new: Fact, expected: &[Notice]) {
    let before = Chat::after(known).occasions.len();
    let story: Vec<Fact> = known.iter().cloned().chain([new]).collect();
    let told: Vec<Notice> = Chat::after(&story).occasions.into_iter().skip(before).collect();
    assert_eq!(told, expected, "{story:#?}");
}

fn shown() -> Vec<Fact> {
    vec![attempted(1, 0), opened(1)]
}

fn with(fact: Fact) -> Vec<Fact> {
    shown().into_iter().chain([fact]).collect()
}

#[test]
fn a_change_is_told_and_nothing_else_is() {
    let unpaid = |at| said(order(Status::Unpaid), at);
    let seen = || said(trx(Status::Pending, "51.2"), 10);
    let transfer = || arrived(1, ArrivalKind::Settlement, 12);
    check(&[], attempted(1, 0), &[]);
    check(&[attempted(1, 0)], opened(1), &[Notice::Card]);
    check(&[attempted(1, 0)], cancelled(1), &[Notice::Cancelled]);
    check(&[attempted(1, 0)], Fact::GivenUp, &[Notice::Failed]);
    check(&shown(), unpaid(10), &[]);
    check(&shown(), cancelled(10), &[]);
    check(&with(cancelled(10)), unpaid(11), &[Notice::Cancelled]);
    check(&shown(), unpaid(31), &[Notice::Expired]);
    check(&with(unpaid(31)), unpaid(32), &[]);
    check(&shown(), seen(), &[Notice::Seen]);
    check(&with(seen()), said(trx(Status::Pending, "51.2"), 11), &[]);
    check(&shown(), said(underpaid(), 10), &[Notice::Partial]);
    check(&with(said(underpaid(), 10)), said(trx(Status::Pending, "51.2"), 11), &[]);
    check(&shown(), said(order(Status::Auditing), 10), &[Notice::Review]);
    check(&with(seen()), unpaid(5000), &[Notice::Review]);
    check(&shown(), transfer(), &[Notice::Arrived]);
    check(&shown(), said(failed(49999, None), 10), &[Notice::Failed]);
    check(&shown(), said(failed(40021, Some("51.2")), 10), &[Notice::Seen, Notice::Double]);
    check(&shown(), said(mismatch(10), 11), &[Notice::Held]);
}

#[test]
fn a_success_that_stays_unreadable_for_five_minutes_is_told_once() {
    let unread = |at| said(Report { quote_amount: None, ..success(10) }, at);
    check(&shown(), unread(10), &[]);
    check(&with(unread(10)), unread(14), &[]);
    check(&with(unread(10)), unread(15), &[Notice::Unread]);
    let long = || vec![attempted(1, 0), opened(1), unread(10), unread(15)];
    check(&long(), unread(20), &[]);
    check(&long(), said(success(10), 21), &[Notice::Paid]);
    let odd_status = |at| said(order(Status::Other("odd".to_owned())), at);
    check(&with(odd_status(10)), odd_status(20), &[]);
}

#[test]
fn paid_is_told_once_and_settled_with_it_if_it_is() {
    let paid = || said(success(10), 11);
    let transfer = || arrived(1, ArrivalKind::Settlement, 12);
    check(&shown(), paid(), &[Notice::Paid]);
    check(&shown(), said(settled(success(10)), 11), &[Notice::Paid]);
    check(&with(transfer()), paid(), &[Notice::Paid]);
    check(&with(paid()), transfer(), &[Notice::Settled]);
    check(&with(paid()), said(settled(success(10)), 12), &[Notice::Settled]);
    check(&with(said(settled(success(10)), 11)), transfer(), &[]);
    let again = Report { confirmations: Some((3, None)), ..success(10) };
    check(&with(paid()), said(again, 12), &[]);
    for before in [
        said(order(Status::Unpaid), 31),
        said(failed(49999, None), 11),
        said(order(Status::Auditing), 11),
        said(underpaid(), 11),
    ] {
        check(&with(before), paid(), &[Notice::Paid]);
    }
}

#[test]
fn a_contradiction_is_told_once_after_paid() {
    let paid = || said(success(10), 11);
    check(&with(paid()), said(mismatch(10), 12), &[Notice::Contradicted]);
    check(&with(paid()), said(failed(40024, Some("11")), 12), &[Notice::Contradicted]);
    check(&with(said(mismatch(10), 10)), paid(), &[Notice::Paid]);
    check(&with(paid()), said(failed(40021, Some("51.2")), 12), &[Notice::Double]);
}

#[test]
fn the_ends_of_the_story_are_told_whatever_a_groups_rules_say() {
    let ends = [Notice::Card, Notice::Paid, Notice::Expired, Notice::Failed, Notice::Held];
    for notice in ends.into_iter().chain([Notice::Contradicted, Notice::Double, Notice::Unread]) {
        assert!(notice.is_closing() && !notice.is_silent(), "{notice:?}");
    }
    for notice in [Notice::Seen, Notice::Settled, Notice::Arrived, Notice::Review] {
        assert!(notice.is_silent() && !notice.is_closing(), "{notice:?}");
    }
}
