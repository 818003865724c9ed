//! Which invoice MixPay is asked about next.

use super::{Base, at, sample::invoice_id};
use jiff::SignedDuration;
use mixpay_bot::{
    domain::invoice::polling::Urgency,
    store::{Poll, Tx},
};

contract!(
    the_urgent_come_first_and_the_watched_last_but_each_in_its_turn,
    an_answer_sets_the_next_question,
    whoever_wants_to_know_is_asked_for_at_once,
    what_is_learned_meanwhile_puts_a_wish_off_no_more_than_it_forgets_it,
    a_wish_that_comes_while_a_question_is_under_way_is_a_question_of_its_own,
    hints_cause_one_question_in_five_seconds,
    many_hints_are_one_pending_question_and_hold_up_no_later_one
);

const SPACING: SignedDuration = SignedDuration::from_secs(5);

async fn due(tx: &mut Tx, now: i64) -> Vec<u128> {
    let polls = tx.due_polls(at(now), 99).await.unwrap();
    polls.into_iter().map(|poll| poll.invoice.uuid().as_u128()).collect()
}

/// The one question that waits.
async fn waiting(tx: &mut Tx) -> Option<(i64, bool)> {
    let polls = tx.due_polls(at(9999), 99).await.unwrap();
    assert!(polls.len() < 2, "{polls:?}");
    polls.first().map(|poll| (poll.due.duration_since(at(0)).as_secs(), poll.urgent))
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

async fn the_urgent_come_first_and_the_watched_last_but_each_in_its_turn(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    set(&mut tx, 1, 8, Urgency::Likely).await;
    set(&mut tx, 2, 2, Urgency::Watched).await;
    set(&mut tx, 3, 9, Urgency::Now).await;
    set(&mut tx, 4, 11, Urgency::Now).await;
    assert_eq!(due(&mut tx, 10).await, [3, 1, 2]);
    let longest = tx.longest_due_polls(at(10), 1).await.unwrap();
    assert_eq!(longest, [Poll { invoice: invoice_id(2), due: at(2), urgent: false }]);
    assert_eq!(tx.next_poll_due(at(10)).await.unwrap(), Some(at(11)));
    assert_eq!(due(&mut tx, 1).await, [0; 0]);
    let (next, counts) = tx.poll_outlook().await.unwrap();
    assert_eq!((next, counts), (Some(at(2)), [2, 1, 0, 1]));
    let polls = tx.due_polls(at(10), 1).await.unwrap();
    assert_eq!(polls, [Poll { invoice: invoice_id(3), due: at(9), urgent: true }]);
    tx.set_poll(invoice_id(2), None).await.unwrap();
    assert_eq!(due(&mut tx, 10).await, [3, 1]);
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
    set(&mut tx, 1, 60, Urgency::Open).await;
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
    set(&mut tx, 1, 10, Urgency::Open).await;
    send(&mut tx).await;
    hasten(&mut tx, 11).await;
    // The answer to the question that was sent before the wish.
    set(&mut tx, 1, 70, Urgency::Open).await;
    assert_eq!(waiting(&mut tx).await, Some((10, true)));
    send(&mut tx).await;
    set(&mut tx, 1, 72, Urgency::Open).await;
    assert_eq!(waiting(&mut tx).await, Some((72, false)));
}

async fn hints_cause_one_question_in_five_seconds(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    hint(&mut tx, 100).await;
    assert_eq!(waiting(&mut tx).await, Some((100, true)));
    send(&mut tx).await;
    set(&mut tx, 1, 160, Urgency::Open).await;
    hint(&mut tx, 101).await;
    assert_eq!(waiting(&mut tx).await, Some((105, true)));
    send(&mut tx).await;
    set(&mut tx, 1, 165, Urgency::Open).await;
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
    set(&mut tx, 1, 160, Urgency::Open).await;
    hint(&mut tx, 110).await;
    assert_eq!(waiting(&mut tx).await, Some((110, true)));
}
