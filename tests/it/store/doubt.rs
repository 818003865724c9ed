//! Times that lie further ahead than they can are taken back, and no others.

use super::{Base, at, at_ms, sample};
use jiff::{SignedDuration, Timestamp};
use mixpay_bot::{
    domain::{
        ids::{ConversationId, EffectId, MessageId, SnapshotId},
        shares::Wish,
    },
    ports::{
        chat::Body,
        directory::Group,
        effect::{Effect, Errand, Pending},
    },
    store::{Grant, RETENTIONS, Store, Tx},
};
use std::collections::BTreeSet;
use uuid::Uuid;

contract!(
    what_was_written_by_a_clock_that_was_hours_ahead_waits_for_nothing,
    what_may_wait_waits_and_what_happened_has_happened,
    what_waits_is_brought_forward_by_as_much_as_the_clock_went_back,
    a_restart_between_the_two_clocks_is_noticed,
    a_line_that_waits_behind_something_waits_for_no_clock,
    requests_of_a_clock_that_was_ahead_hold_up_polling_for_its_turn_alone,
    a_transfer_of_another_century_keeps_no_other_from_being_read
);

const HOURS: SignedDuration = SignedDuration::from_hours(5);
const NO_STEP: SignedDuration = SignedDuration::ZERO;
const SPACING: SignedDuration = SignedDuration::from_secs(5);

fn message(number: u128) -> Effect {
    let id = EffectId::new(Uuid::from_u128(number));
    let errand = sample::say(number, Body::Text("hello".to_owned()));
    Effect { id, lane: number.to_string(), errand }
}

fn seen() -> MessageId {
    MessageId::new(Uuid::from_u128(9))
}

fn group() -> ConversationId {
    ConversationId::new(Uuid::from_u128(4))
}

/// Everything that is kept with a time, at this time.
async fn filled(base: &Base, now: Timestamp) -> Store {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&message(1), now, now).await.unwrap();
    tx.hint_poll(sample::invoice_id(1), now, SPACING).await.unwrap();
    tx.mark_seen(&[seen()], now).await.unwrap();
    tx.note_transfer(SnapshotId::new(Uuid::from_u128(5)), now).await.unwrap();
    tx.spend(sample::user(1), "invoice", now).await.unwrap();
    let admins = vec![sample::user(1)];
    let place = Group { name: "Dinner".to_owned(), admins };
    tx.keep_group(group(), &place, now).await.unwrap();
    tx.pause_mixpay(now + SignedDuration::from_secs(60), now).await.unwrap();
    let ban = now + SignedDuration::from_hours(12);
    tx.set_meta("search_ban", &ban.to_string()).await.unwrap();
    tx.commit().await.unwrap();
    store
}

async fn doubted(store: &Store, now: Timestamp, back: SignedDuration) -> Tx {
    let mut tx = store.begin().await.unwrap();
    tx.doubt_times(now, back).await.unwrap();
    tx.commit().await.unwrap();
    store.begin().await.unwrap()
}

async fn waiting(tx: &mut Tx, now: Timestamp) -> Vec<Pending> {
    tx.due_messages(now, 9).await.unwrap()
}

async fn what_was_written_by_a_clock_that_was_hours_ahead_waits_for_nothing(base: &Base) {
    let store = filled(base, at(0) + HOURS).await;
    let mut tx = doubted(&store, at(0), HOURS).await;
    let waiting = waiting(&mut tx, at(0)).await;
    assert_eq!(waiting.iter().map(|pending| pending.since).collect::<Vec<_>>(), [at(0)]);
    assert!(tx.is_any_poll_due(&BTreeSet::new(), at(0)).await.unwrap());
    assert_eq!(tx.noted_transfers(9).await.unwrap().first().unwrap().1, at(0));
    assert_eq!(tx.spent(sample::user(1), "invoice", at(-3600)).await.unwrap(), 0);
    assert_eq!(tx.group(group()).await.unwrap(), None);
    assert!(tx.mixpay_pause(at(0)).await.unwrap().is_none_or(|pause| pause.until <= at(60)));
    let ban: Timestamp = tx.meta("search_ban").await.unwrap().unwrap().parse().unwrap();
    assert_eq!(ban, at(0) + SignedDuration::from_hours(12));
    // The next hint is not held back by the one from the future.
    tx.hint_poll(sample::invoice_id(1), at(1), SPACING).await.unwrap();
    assert!(tx.is_any_poll_due(&BTreeSet::new(), at(1)).await.unwrap());
    // What was handled stays handled, and is forgotten in its time.
    assert!(tx.mark_seen(&[seen()], at(2)).await.unwrap().is_empty());
    tx.forget_old(&RETENTIONS[0], at(1 + 8 * 86_400)).await.unwrap();
    assert_eq!(tx.mark_seen(&[seen()], at(3)).await.unwrap().len(), 1);
}

async fn what_may_wait_waits_and_what_happened_has_happened(base: &Base) {
    let store = filled(base, at(0)).await;
    let later = at(0) + SignedDuration::from_mins(10);
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&message(2), later, at(0)).await.unwrap();
    assert_eq!(tx.doubt_times(at(0), NO_STEP).await.unwrap(), 0);
    assert_eq!(tx.doubt_times(at(1), NO_STEP).await.unwrap(), 0);
    assert_eq!(waiting(&mut tx, at(1)).await.len(), 1);
    assert_eq!(tx.next_message_due(at(1)).await.unwrap(), Some(later));
    assert_eq!(tx.mixpay_pause(at(0)).await.unwrap().map(|pause| pause.until), Some(at(60)));
    assert_eq!(tx.spent(sample::user(1), "invoice", at(-3600)).await.unwrap(), 1);
    assert!(tx.group(group()).await.unwrap().is_some());
    // A microsecond too far, and it is due.
    tx.wait(message(2).id, later + SignedDuration::from_micros(1)).await.unwrap();
    assert_eq!(tx.doubt_times(at(0), NO_STEP).await.unwrap(), 1);
    assert_eq!(waiting(&mut tx, at(0)).await.len(), 2);
}

async fn what_waits_is_brought_forward_by_as_much_as_the_clock_went_back(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&message(1), at(400), at(0)).await.unwrap();
    tx.enqueue(&message(2), at(100), at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = doubted(&store, at(0), SignedDuration::from_mins(5)).await;
    assert_eq!(waiting(&mut tx, at(0)).await.len(), 1);
    assert_eq!(tx.next_message_due(at(0)).await.unwrap(), Some(at(100)));
    drop(tx);
    // The daily work of whoever keeps a clock right takes nothing back.
    let mut tx = doubted(&store, at_ms(-900), NO_STEP).await;
    assert_eq!(tx.next_message_due(at(1)).await.unwrap(), Some(at(100)));
}

async fn a_restart_between_the_two_clocks_is_noticed(base: &Base) {
    let ahead = at(0) + SignedDuration::from_mins(8);
    let store = base.open().await;
    doubted(&store, ahead, NO_STEP).await;
    let mut tx = store.begin().await.unwrap();
    // Within what an effect may wait, and all the same eight minutes too late.
    tx.enqueue(&message(1), ahead + SignedDuration::from_secs(30), ahead).await.unwrap();
    tx.commit().await.unwrap();
    drop(store);
    let mut tx = doubted(&base.open().await, at(0), NO_STEP).await;
    assert_eq!(tx.next_message_due(at(0)).await.unwrap(), Some(at(20)));
}

async fn a_line_that_waits_behind_something_waits_for_no_clock(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    let find = EffectId::new(Uuid::from_u128(7));
    let errand = Errand::Turn { event: sample::event(1), found: Vec::new() };
    let line = Effect { errand, ..message(1) };
    tx.enqueue_behind(&line, find, at(0)).await.unwrap();
    for (now, back) in [(at(0), NO_STEP), (at(-3600), HOURS)] {
        assert_eq!(tx.doubt_times(now, back).await.unwrap(), usize::from(back == HOURS));
        assert_eq!(tx.due_turns(9).await.unwrap(), []);
    }
    tx.release_all(&[find]).await.unwrap();
    assert_eq!(tx.due_turns(9).await.unwrap().len(), 1);
}

async fn requests_of_a_clock_that_was_ahead_hold_up_polling_for_its_turn_alone(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    let granted = tx.take_permit(Wish::POLLING, 60, at(0) + HOURS).await.unwrap();
    assert!(matches!(granted, Grant::Granted(_)));
    tx.commit().await.unwrap();
    doubted(&store, at(0), HOURS).await;
    // Whoever is told to wait keeps nothing of what it has looked at.
    let mut tx = store.begin().await.unwrap();
    let told = tx.take_permit(Wish::POLLING, 60, at(0)).await.unwrap();
    assert!(matches!(told, Grant::NotBefore(when) if when < at(3)), "{told:?}");
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    let granted = tx.take_permit(Wish::POLLING, 60, at(3)).await.unwrap();
    assert!(matches!(granted, Grant::Granted(_)));
}

async fn cursor(tx: &mut Tx) -> Timestamp {
    tx.meta("snapshots").await.unwrap().unwrap().parse().unwrap()
}

async fn a_transfer_of_another_century_keeps_no_other_from_being_read(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    let soon = (at(0) + SignedDuration::from_mins(10)).to_string();
    tx.set_meta("snapshots", &soon).await.unwrap();
    tx.doubt_times(at(0), NO_STEP).await.unwrap();
    assert_eq!(cursor(&mut tx).await.to_string(), soon);
    tx.set_meta("snapshots", "2100-01-01T00:00:00Z").await.unwrap();
    tx.doubt_times(at(0), NO_STEP).await.unwrap();
    assert_eq!(cursor(&mut tx).await, at(-300));
}
