//! Which invoice MixPay is asked about next.

use super::{Base, at, sample::invoice_id};
use jiff::SignedDuration;
use mixpay_bot::{
    domain::invoice::polling::{Age, Urgency},
    store::{Poll, Tx},
};

contract!(
    of_each_urgency_those_that_wait_longest_are_due_and_the_most_urgent_stand_first,
    what_is_only_watched_does_not_count_among_the_few,
    an_answer_sets_the_next_question,
    whoever_wants_to_know_is_asked_for_at_once,
    what_is_learned_meanwhile_puts_a_wish_off_no_more_than_it_forgets_it,
    a_wish_that_comes_while_a_question_is_under_way_is_a_question_of_its_own,
    hints_cause_one_question_in_five_seconds,
    many_hints_are_one_pending_question_and_hold_up_no_later_one
);

/// An open invoice that was not asked about yet.
const OPEN: Urgency = Urgency::Open(Age::NEW);
const SPACING: SignedDuration = SignedDuration::from_secs(5);

async fn due(tx: &mut Tx, now: i64) -> Vec<u128> {
    let polls = tx.due_polls(at(now), 99).await.unwrap();
    polls.into_iter().map(|poll| poll.invoice.uuid().as_u128()).collect()
}

/// The one question that waits.
async fn waiting(tx: &mut Tx) -> Option<(i64, bool)> {
    let polls = tx.due_polls(at(9999), 99).await.unwrap();
    assert!(polls.len() < 2, "{polls:?}");
    polls
        .first()
        .map(|poll| (poll.due.duration_since(at(0)).as_secs(), poll.urgency == Urgency::Now))
}

async fn set(tx: &mut Tx, number: u128, due: i64, urgency: Urgency) {
    tx.set_poll(invoice_id(number), Some((at(due), urgency))).await.unwrap();
}

async fn hasten(tx: &mut Tx, now: i64) {
    tx.hasten_poll(invoice_id(1), at(now)).await.unwrap();
}

async fn hint(tx: &mut Tx, now: i64) {
    tx.hint_poll(invoice_id(1), at(now), SPACING).await.unwrap();
}

async fn send(tx: &mut Tx) {
    tx.send_poll(invoice_id(1)).await.unwrap();
}

async fn of_each_urgency_those_that_wait_longest_are_due_and_the_most_urgent_stand_first(
    base: &Base,
) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    set(&mut tx, 1, 8, Urgency::Likely).await;
    set(&mut tx, 2, 2, Urgency::Watched).await;
    set(&mut tx, 3, 9, Urgency::Now).await;
    set(&mut tx, 4, 11, Urgency::Now).await;
    for class in 0..Age::CLASSES {
        set(&mut tx, 5 + u128::from(class), 7, Urgency::Open(Age::from_class(class))).await;
    }
    set(&mut tx, 20, 6, OPEN).await;
    set(&mut tx, 21, 5, Urgency::Ended).await;
    assert_eq!(due(&mut tx, 10).await, [3, 1, 20, 5, 6, 7, 8, 9, 10, 11, 12, 13, 21, 2]);
    let open = tx.due_polls_of(OPEN, at(10), 1).await.unwrap();
    assert_eq!(open, [Poll { invoice: invoice_id(20), due: at(6), urgency: OPEN }]);
    assert_eq!(tx.next_poll_due(at(10)).await.unwrap(), Some(at(11)));
    assert_eq!(tx.next_urgent_due(at(1)).await.unwrap(), Some(at(9)));
    assert_eq!(tx.next_urgent_due(at(11)).await.unwrap(), None);
    assert_eq!(due(&mut tx, 1).await, [0; 0]);
    let polls = tx.due_polls(at(10), 1).await.unwrap();
    let first = Poll { invoice: invoice_id(3), due: at(9), urgency: Urgency::Now };
    assert_eq!((polls.first(), polls.len()), (Some(&first), 13));
    tx.set_poll(invoice_id(2), None).await.unwrap();
    assert_eq!(due(&mut tx, 4).await, [0; 0]);
    assert_eq!(due(&mut tx, 6).await, [20, 21]);
}

async fn what_is_only_watched_does_not_count_among_the_few(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    set(&mut tx, 1, 8, Urgency::Ended).await;
    set(&mut tx, 2, 8, Urgency::Open(Age::from_class(Age::CLASSES))).await;
    set(&mut tx, 3, 8, Urgency::Watched).await;
    assert!(tx.polls_are_few(2).await.unwrap());
    assert!(!tx.polls_are_few(1).await.unwrap());
    assert_eq!(tx.poll_count().await.unwrap(), 3);
}

async fn an_answer_sets_the_next_question(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    set(&mut tx, 1, 10, Urgency::Now).await;
    send(&mut tx).await;
    set(&mut tx, 1, 60, Urgency::Watched).await;
    assert_eq!(waiting(&mut tx).await, Some((60, false)));
    set(&mut tx, 1, 30, Urgency::Likely).await;
    assert_eq!(waiting(&mut tx).await, Some((30, false)));
    tx.set_poll(invoice_id(1), None).await.unwrap();
    assert_eq!(waiting(&mut tx).await, None);
}

async fn whoever_wants_to_know_is_asked_for_at_once(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    hasten(&mut tx, 5).await;
    assert_eq!(waiting(&mut tx).await, Some((5, true)));
    hasten(&mut tx, 8).await;
    assert_eq!(waiting(&mut tx).await, Some((5, true)), "a wish puts nothing off");
    send(&mut tx).await;
    set(&mut tx, 1, 60, OPEN).await;
    hasten(&mut tx, 9).await;
    assert_eq!(waiting(&mut tx).await, Some((9, true)));
}

async fn what_is_learned_meanwhile_puts_a_wish_off_no_more_than_it_forgets_it(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    hasten(&mut tx, 5).await;
    set(&mut tx, 1, 60, Urgency::Watched).await;
    assert_eq!(waiting(&mut tx).await, Some((5, true)));
    tx.set_poll(invoice_id(1), None).await.unwrap();
    assert_eq!(waiting(&mut tx).await, Some((5, true)));
    set(&mut tx, 1, 3, Urgency::Watched).await;
    assert_eq!(waiting(&mut tx).await, Some((3, true)));
}

async fn a_wish_that_comes_while_a_question_is_under_way_is_a_question_of_its_own(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    set(&mut tx, 1, 10, OPEN).await;
    send(&mut tx).await;
    hasten(&mut tx, 11).await;
    // The answer to the question that was sent before the wish.
    set(&mut tx, 1, 70, OPEN).await;
    assert_eq!(waiting(&mut tx).await, Some((10, true)));
    send(&mut tx).await;
    set(&mut tx, 1, 72, OPEN).await;
    assert_eq!(waiting(&mut tx).await, Some((72, false)));
}

async fn hints_cause_one_question_in_five_seconds(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    hint(&mut tx, 100).await;
    assert_eq!(waiting(&mut tx).await, Some((100, true)));
    send(&mut tx).await;
    set(&mut tx, 1, 160, OPEN).await;
    hint(&mut tx, 101).await;
    assert_eq!(waiting(&mut tx).await, Some((105, true)));
    send(&mut tx).await;
    set(&mut tx, 1, 165, OPEN).await;
    hint(&mut tx, 150).await;
    assert_eq!(waiting(&mut tx).await, Some((150, true)));
}

async fn many_hints_are_one_pending_question_and_hold_up_no_later_one(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    for _ in 0..100 {
        hint(&mut tx, 100).await;
    }
    assert_eq!(waiting(&mut tx).await, Some((100, true)));
    send(&mut tx).await;
    set(&mut tx, 1, 160, OPEN).await;
    hint(&mut tx, 110).await;
    assert_eq!(waiting(&mut tx).await, Some((110, true)));
}
