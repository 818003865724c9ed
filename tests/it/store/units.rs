//! A unit of work is kept whole or not at all, and so is a part of it.

use super::{Base, at, sample};
use mixpay_bot::{
    ports::{chat::Body, effect::Effect},
    store::{RETENTIONS, Store},
};
use std::collections::BTreeSet;

contract!(
    a_unit_that_is_dropped_leaves_nothing_behind,
    a_part_is_taken_back_alone_with_the_effects_of_its_own,
    only_messages_that_are_new_are_handed_out,
    a_notice_is_told_once_and_silent_ones_are_counted
);

fn effect(number: usize) -> Effect {
    Effect {
        lane: "one".to_owned(),
        errand: sample::say(1, Body::Text(number.to_string())),
        ..sample::effects().swap_remove(number)
    }
}

async fn waiting(store: &Store) -> i64 {
    store.begin().await.unwrap().effect_counts().await.unwrap().waiting
}

async fn a_unit_that_is_dropped_leaves_nothing_behind(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.insert_invoice(&sample::invoice()).await.unwrap();
    tx.enqueue(&effect(0), at(0), at(0)).await.unwrap();
    tx.set_meta("cursor", "1").await.unwrap();
    assert_eq!(tx.mark_seen(&[sample::message(1)], at(0)).await.unwrap().len(), 1);
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.invoice(sample::invoice_id(1)).await.unwrap(), None);
    assert_eq!(tx.meta("cursor").await.unwrap(), None);
    assert_eq!(tx.effect_counts().await.unwrap().waiting, 0);
    // What was taken back was not seen.
    assert_eq!(tx.mark_seen(&[sample::message(1)], at(0)).await.unwrap().len(), 1);
    tx.insert_invoice(&sample::invoice()).await.unwrap();
    tx.enqueue(&effect(0), at(0), at(0)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(waiting(&store).await, 1);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.invoice(sample::invoice_id(1)).await.unwrap(), Some(sample::invoice()));
}

async fn a_part_is_taken_back_alone_with_the_effects_of_its_own(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&effect(0), at(0), at(0)).await.unwrap();
    tx.start_part().await.unwrap();
    tx.set_meta("kept", "1").await.unwrap();
    tx.enqueue(&effect(1), at(0), at(0)).await.unwrap();
    tx.keep_part().await.unwrap();
    tx.start_part().await.unwrap();
    tx.set_meta("dropped", "1").await.unwrap();
    tx.mark_seen(&[sample::message(1)], at(0)).await.unwrap();
    tx.enqueue(&effect(2), at(0), at(0)).await.unwrap();
    assert!(tx.lane_waits("one").await.unwrap());
    tx.drop_part().await.unwrap();
    tx.enqueue(&effect(3), at(0), at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.meta("kept").await.unwrap().as_deref(), Some("1"));
    assert_eq!(tx.meta("dropped").await.unwrap(), None);
    assert_eq!(tx.mark_seen(&[sample::message(1)], at(0)).await.unwrap().len(), 1);
    let waiting = tx.due_messages(at(0), 9).await.unwrap();
    let ids: Vec<_> = waiting.into_iter().map(|one| one.effect.id).collect();
    assert_eq!(ids, [effect(0).id, effect(1).id, effect(3).id]);
}

async fn only_messages_that_are_new_are_handed_out(base: &Base) {
    let store = base.open().await;
    let [one, two, three] = [1, 2, 3].map(sample::message);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.mark_seen(&[one, two, one], at(0)).await.unwrap(), BTreeSet::from([one, two]));
    assert_eq!(tx.mark_seen(&[two, three], at(9)).await.unwrap(), BTreeSet::from([three]));
    assert_eq!(tx.mark_seen(&[one, two, three], at(9)).await.unwrap(), BTreeSet::new());
    assert_eq!(tx.mark_seen(&[], at(9)).await.unwrap(), BTreeSet::new());
    // Those of the first second are eight days old a second before those of the ninth.
    tx.forget_old(&RETENTIONS[0], at(5 + 8 * 86_400)).await.unwrap();
    assert_eq!(tx.mark_seen(&[one, three], at(9)).await.unwrap(), BTreeSet::from([one]));
}

async fn a_notice_is_told_once_and_silent_ones_are_counted(base: &Base) {
    let store = base.open().await;
    let id = sample::invoice_id(1);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.tell_once(id, "paid", false).await.unwrap());
    assert!(!tx.tell_once(id, "paid", true).await.unwrap());
    assert!(tx.tell_once(id, "seen", true).await.unwrap());
    assert!(tx.tell_once(sample::invoice_id(2), "paid", false).await.unwrap());
    assert_eq!(tx.silent_notices(id).await.unwrap(), 1);
}
