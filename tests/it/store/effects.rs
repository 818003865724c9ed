//! Effects leave in the order of their lanes, and a lane stops no other.

use super::{Base, at, due_errands, sample};
use jiff::Timestamp;
use mixpay_bot::{
    domain::ids::{EffectId, TraceId},
    ports::{
        chat::Body,
        effect::{Effect, Errand, Found, Need, Pending},
    },
    store::{Store, Tail, Tx},
};
use uuid::Uuid;

contract!(
    the_messages_of_a_lane_go_together_in_order,
    what_waits_at_the_head_of_a_lane_holds_up_what_follows_and_no_other_lane,
    what_is_given_up_on_stands_in_nobodys_way,
    a_try_is_counted_a_wait_is_not_and_an_errand_goes_on_in_its_place,
    an_effect_that_waits_already_is_left_as_it_is,
    a_later_effect_comes_after_the_earlier_ones_of_its_lane_across_restarts,
    lines_wait_behind_what_is_found_out_for_all_of_them,
    a_line_that_waits_again_keeps_its_place_and_holds_up_its_lane_alone
);

fn id(number: u128) -> EffectId {
    EffectId::new(Uuid::from_u128(number))
}

fn message(number: u128, lane: &str) -> Effect {
    let errand = sample::say(number, Body::Text("hello".to_owned()));
    Effect { id: id(number), lane: lane.to_owned(), errand }
}

/// Something else than a message.
fn errand(number: u128, lane: &str) -> Effect {
    let errand = Errand::Open {
        invoice: sample::invoice_id(1),
        trace: TraceId::new(Uuid::from_u128(60)),
        body: "{}".to_owned(),
        direct: false,
        doubtful: false,
    };
    Effect { id: id(number), lane: lane.to_owned(), errand }
}

/// A line that waits.
fn turn(number: u128, lane: &str) -> Effect {
    let errand = Errand::Turn { event: sample::event(number), found: Vec::new() };
    Effect { id: id(number), lane: lane.to_owned(), errand }
}

/// Finds out who somebody is.
fn find(number: u128) -> Effect {
    let errand = Errand::Find { need: Need::Person(sample::user(number)) };
    Effect { id: id(number), lane: format!("find {number}"), errand }
}

async fn turns(tx: &mut Tx) -> Vec<u128> {
    numbers(tx.due_turns(99).await.unwrap())
}

fn numbers(pending: Vec<Pending>) -> Vec<u128> {
    pending.into_iter().map(|one| one.effect.id.uuid().as_u128()).collect()
}

async fn filled(base: &Base, effects: &[(Effect, Timestamp)]) -> Store {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    for (effect, due) in effects {
        tx.enqueue(effect, *due, at(0)).await.unwrap();
    }
    tx.commit().await.unwrap();
    store
}

async fn due(tx: &mut Tx, seconds: i64) -> (Vec<u128>, Vec<u128>) {
    let now = at(seconds);
    let messages = numbers(tx.due_messages(now, 99).await.unwrap());
    (messages, numbers(due_errands(tx, now).await))
}

async fn the_messages_of_a_lane_go_together_in_order(base: &Base) {
    let store = filled(
        base,
        &[(message(3, "a"), at(0)), (message(1, "a"), at(0)), (message(2, "b"), at(0))],
    )
    .await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(due(&mut tx, 0).await, (vec![3, 1, 2], vec![]));
    assert_eq!(numbers(tx.due_messages(at(0), 2).await.unwrap()), [3, 1]);
    tx.conclude(&[id(3), id(2)]).await.unwrap();
    assert_eq!(due(&mut tx, 0).await, (vec![1], vec![]));
}

async fn what_waits_at_the_head_of_a_lane_holds_up_what_follows_and_no_other_lane(base: &Base) {
    let store = filled(
        base,
        &[
            (message(1, "a"), at(10)),
            (message(2, "a"), at(0)),
            (errand(3, "a"), at(0)),
            (errand(4, "b"), at(0)),
            (message(5, "b"), at(0)),
            (message(6, "c"), at(0)),
            (errand(7, "c"), at(0)),
            (errand(8, "d"), at(20)),
        ],
    )
    .await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(due(&mut tx, 0).await, (vec![6], vec![4]));
    assert_eq!(tx.next_message_due(at(0)).await.unwrap(), Some(at(10)));
    assert_eq!(tx.next_errand_due(at(0)).await.unwrap(), Some(at(20)));
    assert_eq!(due(&mut tx, 10).await, (vec![1, 2, 6], vec![4]));
    tx.conclude(&[id(1), id(2), id(4), id(6)]).await.unwrap();
    assert_eq!(due(&mut tx, 10).await, (vec![5], vec![3, 7]));
    assert_eq!(tx.next_message_due(at(10)).await.unwrap(), None);
    assert_eq!(tx.next_errand_due(at(20)).await.unwrap(), None);
}

async fn what_is_given_up_on_stands_in_nobodys_way(base: &Base) {
    let store = filled(base, &[(errand(1, "a"), at(0)), (message(2, "a"), at(0))]).await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(due(&mut tx, 0).await, (vec![], vec![1]));
    tx.park(id(1)).await.unwrap();
    assert_eq!(due(&mut tx, 0).await, (vec![2], vec![]));
    assert!(tx.lane_waits("a").await.unwrap());
    tx.conclude(&[id(2)]).await.unwrap();
    assert!(!tx.lane_waits("a").await.unwrap());
    let counts = tx.effect_counts().await.unwrap();
    assert_eq!((counts.waiting, counts.parked, counts.oldest), (0, 1, None));
}

async fn a_try_is_counted_a_wait_is_not_and_an_errand_goes_on_in_its_place(base: &Base) {
    let store = filled(base, &[(errand(1, "a"), at(0)), (message(2, "a"), at(0))]).await;
    let mut tx = store.begin().await.unwrap();
    tx.wait(id(1), at(5)).await.unwrap();
    assert_eq!(due(&mut tx, 4).await, (vec![], vec![]));
    tx.postpone(&[id(1)], at(6)).await.unwrap();
    tx.postpone(&[id(1)], at(7)).await.unwrap();
    assert_eq!(due(&mut tx, 6).await, (vec![], vec![]));
    let pending = due_errands(&mut tx, at(7)).await.remove(0);
    assert_eq!((pending.attempts, pending.since), (2, at(0)));
    assert_eq!(pending.effect, errand(1, "a"));
    let next = sample::say(1, Body::Text("made".to_owned()));
    tx.replace(id(1), &next, at(8)).await.unwrap();
    assert_eq!(due(&mut tx, 8).await, (vec![1, 2], vec![]));
    let pending = tx.due_messages(at(8), 1).await.unwrap().remove(0);
    assert_eq!((pending.attempts, pending.effect.errand), (0, next));
}

async fn an_effect_that_waits_already_is_left_as_it_is(base: &Base) {
    let store = filled(base, &[(message(1, "a"), at(0)), (message(1, "b"), at(0))]).await;
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&message(1, "c"), at(0), at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let waiting = tx.due_messages(at(0), 9).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting.first().unwrap().effect.lane, "a");
}

async fn a_later_effect_comes_after_the_earlier_ones_of_its_lane_across_restarts(base: &Base) {
    for number in 1..6 {
        let store = base.open().await;
        let mut tx = store.begin().await.unwrap();
        tx.enqueue(&message(number, "a"), at(0), at(0)).await.unwrap();
        if number == 3 {
            tx.conclude(&[id(1), id(2)]).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    let mut tx = base.open().await.begin().await.unwrap();
    assert_eq!(due(&mut tx, 0).await, (vec![3, 4, 5], vec![]));
}

async fn lines_wait_behind_what_is_found_out_for_all_of_them(base: &Base) {
    let store = filled(base, &[(find(1), at(0)), (find(2), at(0))]).await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.tail("a").await.unwrap(), Tail::Nobody);
    for (number, lane, behind) in [(3, "a", 1), (4, "a", 1), (5, "b", 2), (6, "b", 2)] {
        tx.enqueue_behind(&turn(number, lane), id(behind), at(0)).await.unwrap();
    }
    tx.enqueue(&turn(7, "c"), at(0), at(0)).await.unwrap();
    assert_eq!(tx.tail("a").await.unwrap(), Tail::Behind(id(1)));
    assert_eq!(tx.tail("c").await.unwrap(), Tail::Ready);
    assert_eq!(numbers(tx.due_finds(at(0), 99).await.unwrap()), [1, 2]);
    // They are nobody else's.
    assert_eq!(due(&mut tx, 0).await, (vec![], vec![]));
    assert_eq!(turns(&mut tx).await, [7]);
    tx.postpone(&[id(1)], at(9)).await.unwrap();
    assert_eq!(numbers(tx.due_finds(at(0), 99).await.unwrap()), [2]);
    assert_eq!(tx.next_find_due(at(0)).await.unwrap(), Some(at(9)));
    assert_eq!(tx.next_errand_due(at(0)).await.unwrap(), None);
    tx.release_all(&[id(2)]).await.unwrap();
    assert_eq!(turns(&mut tx).await, [5, 6, 7]);
    assert_eq!(numbers(tx.turns_behind(id(1), 1).await.unwrap()), [3]);
    let told = vec![(Need::Person(sample::user(1)), Found::Person(None))];
    let errand = Errand::Turn { event: sample::event(3), found: told };
    tx.release(id(3), &errand).await.unwrap();
    let ready = tx.due_turns(1).await.unwrap().remove(0);
    assert_eq!((ready.effect.id, ready.effect.errand), (id(3), errand));
}

async fn a_line_that_waits_again_keeps_its_place_and_holds_up_its_lane_alone(base: &Base) {
    let effects = [turn(1, "a"), turn(2, "a"), turn(3, "b"), find(9)];
    let store = filled(base, &effects.map(|effect| (effect, at(0)))).await;
    let mut tx = store.begin().await.unwrap();
    tx.hold(id(1), "a", &turn(1, "a").errand, id(9)).await.unwrap();
    assert_eq!(turns(&mut tx).await, [3]);
    tx.hold(id(1), "elsewhere", &turn(1, "a").errand, id(9)).await.unwrap();
    assert_eq!(turns(&mut tx).await, [2, 3]);
    tx.release_all(&[id(9)]).await.unwrap();
    tx.conclude(&[id(9)]).await.unwrap();
    assert_eq!(turns(&mut tx).await, [1, 2, 3]);
    assert!(tx.effects_due(at(0)).await.unwrap());
}
