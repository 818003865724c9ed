//! In no 60 seconds are more requests made to MixPay than allowed.

use super::{Base, at, at_ms, in_file, property, run, sample};
use jiff::{SignedDuration, Timestamp};
use mixpay_bot::{
    domain::shares::Wish,
    store::{Grant, Store},
};
use proptest::{prelude::*, sample::select};
use std::sync::atomic::{AtomicI64, Ordering};

contract!(
    restarts_and_second_processes_are_counted_in,
    a_fifth_is_kept_for_people_and_lent_out_while_they_are_idle,
    one_payment_gives_those_who_make_payments_their_fifth_back,
    what_polling_may_have_is_spread_over_the_minute,
    a_refusal_says_the_first_moment_at_which_there_is_room,
    a_pause_holds_everybody_up_across_a_restart_and_then_one_goes_first,
    a_kept_pause_that_is_longer_than_any_may_be_is_none,
    a_clock_that_was_set_back_stops_the_requests_for_a_minute_and_not_for_good
);

const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// Someone who wants a payment.
fn people() -> Wish {
    Wish::making(sample::user(1))
}

/// Takes a permit, or says when there may be one.
async fn take(store: &Store, wish: Wish, limit: u32, now: Timestamp) -> Option<Timestamp> {
    let mut tx = store.begin().await.unwrap();
    let grant = tx.take_permit(wish, limit, now).await.unwrap();
    tx.commit().await.unwrap();
    match grant {
        Grant::Granted(_) => None,
        Grant::NotBefore(when) => Some(when),
    }
}

/// Takes as many permits as there are now; returns their number and when the next one is free.
async fn exhaust(store: &Store, wish: Wish, limit: u32, now: Timestamp) -> (usize, Timestamp) {
    for taken in 0.. {
        if let Some(when) = take(store, wish, limit, now).await {
            return (taken, when);
        }
    }
    unreachable!("a budget has an end");
}

/// Takes permits for polling as soon as there are any; the times at which they were granted.
async fn poll_on(store: &Store, limit: u32, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let (mut now, mut grants) = (from, Vec::new());
    while now < until {
        match take(store, Wish::POLLING, limit, now).await {
            None => grants.push(now),
            Some(when) => now = when,
        }
    }
    grants
}

/// The most grants in any 60 seconds.
pub(super) fn busiest_minute(grants: &[Timestamp]) -> usize {
    grants
        .iter()
        .map(|first| {
            let within = |time: &&Timestamp| **time >= *first && **time <= *first + MINUTE;
            grants.iter().filter(within).count()
        })
        .max()
        .unwrap_or(0)
}

/// One process or the other wants to ask, so long after the one before.
type Step = (i64, usize, Wish);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pause = prop_oneof![3 => 0..2_000_i64, 1 => 20_000..70_000_i64];
    let step = (
        pause,
        0..2_usize,
        select(vec![people(), Wish::asking(sample::user(1)), Wish::POLLING, Wish::LISTS]),
    );
    prop::collection::vec(step, 1..150)
}

#[test]
fn invariant_8_no_minute_has_more_requests_than_allowed() {
    let day = AtomicI64::new(0);
    let input = (1..20_u32, steps(), any::<bool>());
    property(48, &input, &async |processes, (limit, steps, patient)| {
        // On another day, nothing of the case before counts.
        let mut now = at(86_400 * day.fetch_add(1, Ordering::Relaxed));
        let mut grants = Vec::new();
        for (pause, process, wish) in steps {
            let store = &processes[process];
            now += SignedDuration::from_millis(pause);
            match take(store, wish, limit, now).await {
                None => grants.push(now),
                Some(when) => {
                    prop_assert!(when > now);
                    prop_assert!(when <= now + SignedDuration::from_secs(62));
                    if patient {
                        now = when;
                        // Somebody else may have come before.
                        if take(store, wish, limit, now).await.is_none() {
                            grants.push(now);
                        }
                    }
                }
            }
        }
        prop_assert!(busiest_minute(&grants) <= usize::try_from(limit).unwrap());
        Ok(())
    });
}

async fn restarts_and_second_processes_are_counted_in(base: &Base) {
    let second = base.open().await;
    let mut grants = Vec::new();
    for step in 0..40 {
        let now = at(step * 2);
        let store = if step % 3 == 0 { second.clone() } else { base.open().await };
        let other = sample::user(u128::try_from(step).unwrap() + 2);
        let people = [people(), Wish::making(other), Wish::asking(other)];
        for wish in people.into_iter().chain([Wish::POLLING, Wish::LISTS]) {
            if take(&store, wish, 10, now).await.is_none() {
                grants.push(now);
            }
        }
    }
    assert_eq!(busiest_minute(&grants), 10);
    assert!(grants.len() > 10);
}

async fn a_fifth_is_kept_for_people_and_lent_out_while_they_are_idle(base: &Base) {
    let store = base.open().await;
    let polls = poll_on(&store, 60, at(0), at(61)).await;
    assert_eq!(polls.len(), 56);
    let (people, _) = exhaust(&store, people(), 60, at(61)).await;
    assert_eq!(people, 4);
}

async fn one_payment_gives_those_who_make_payments_their_fifth_back(base: &Base) {
    let store = base.open().await;
    assert_eq!(take(&store, people(), 60, at(0)).await, None);
    let now = at_ms(61_400);
    assert_eq!(poll_on(&store, 60, at(1), now).await.len(), 46);
    // Half of the fifth is for somebody else.
    assert_eq!(exhaust(&store, people(), 60, now).await.0, 5);
    assert_eq!(exhaust(&store, Wish::making(sample::user(2)), 60, now).await.0, 6);
    // And of the idle fifth two were kept for the first who asks.
    assert_eq!(exhaust(&store, Wish::asking(sample::user(1)), 60, now).await.0, 2);
}

async fn what_polling_may_have_is_spread_over_the_minute(base: &Base) {
    let store = base.open().await;
    for _ in 0..8 {
        assert_eq!(take(&store, people(), 60, at(0)).await, None);
    }
    let polls = poll_on(&store, 60, at(1), at(60)).await;
    // 60 requests, less the fifth for payments, less the two that are kept for questions.
    let turn = 61_500_000 / 46;
    assert!(polls.len() > 40);
    for (earlier, later) in polls.iter().zip(polls.iter().skip(1)) {
        let apart = i64::try_from(later.duration_since(*earlier).as_micros()).unwrap();
        assert!((apart - turn).abs() <= 1, "{apart}");
    }
}

async fn a_refusal_says_the_first_moment_at_which_there_is_room(base: &Base) {
    let store = base.open().await;
    let mut hour = 0;
    for limit in [10, 15, 60] {
        for wish in [people(), Wish::asking(sample::user(1)), Wish::POLLING] {
            // In another hour nothing of the one before counts.
            hour += 1;
            let (_, when) = exhaust(&store, wish, limit, at(hour * 3600)).await;
            let before = when - SignedDuration::from_millis(2);
            assert!(take(&store, wish, limit, before).await.is_some(), "{wish:?} of {limit}");
            assert_eq!(take(&store, wish, limit, when).await, None, "{wish:?} of {limit}");
        }
    }
}

async fn a_pause_holds_everybody_up_across_a_restart_and_then_one_goes_first(base: &Base) {
    let store = base.open().await;
    pause(&store, at(60), at(0)).await;
    let store = base.open().await;
    for wish in [people(), Wish::POLLING] {
        assert_eq!(take(&store, wish, 60, at(59)).await, Some(at(60)));
    }
    // The first one's answer is waited for, for a while: its process may have died.
    assert_eq!(take(&store, Wish::POLLING, 60, at(60)).await, None);
    assert_eq!(take(&base.open().await, people(), 60, at(62)).await, Some(at(63)));
    assert_eq!(take(&store, people(), 60, at(75)).await, None);
    assert_eq!(take(&store, Wish::POLLING, 60, at(76)).await, Some(at(77)));
    // It was answered badly: another one goes first. Then well, and all may.
    end_probe(&store, false).await;
    assert_eq!(take(&store, Wish::POLLING, 60, at(76)).await, None);
    assert!(take(&store, people(), 60, at(76)).await.is_some());
    end_probe(&store, true).await;
    assert_eq!(take(&store, people(), 60, at(76)).await, None);
    assert_eq!(take(&store, Wish::LISTS, 60, at(76)).await, None);
}

async fn a_kept_pause_that_is_longer_than_any_may_be_is_none(base: &Base) {
    let store = base.open().await;
    pause(&store, at(86_400), at(86_000)).await;
    assert_eq!(take(&store, people(), 60, at(86_001)).await, Some(at(86_400)));
    // The clock was a day ahead.
    assert_eq!(take(&store, people(), 60, at(0)).await, None);
    assert_eq!(take(&store, Wish::POLLING, 60, at(0)).await, None);
}

async fn pause(store: &Store, until: Timestamp, now: Timestamp) {
    let mut tx = store.begin().await.unwrap();
    tx.pause_mixpay(until, now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn end_probe(store: &Store, well: bool) {
    let mut tx = store.begin().await.unwrap();
    tx.end_probe(well).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_clock_that_was_set_back_stops_the_requests_for_a_minute_and_not_for_good(base: &Base) {
    let store = base.open().await;
    let grants = poll_on(&store, 10, at(3600), at(3661)).await;
    assert!(grants.len() >= 8, "{}", grants.len());
    for number in 2..9 {
        exhaust(&store, Wish::making(sample::user(number)), 10, at(3661)).await;
    }
    let (granted, _) = exhaust(&store, Wish::POLLING, 10, at(0)).await;
    assert_eq!(granted, 0);
    assert!(poll_on(&store, 10, at(0), at(61)).await.is_empty());
    assert!(!poll_on(&store, 10, at(61), at(64)).await.is_empty());
}

/// A way of telling the time that is wrong: by how much, in milliseconds.
type Error = i64;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn invariant_8_holds_for_two_processes_whose_clocks_differ_and_are_set_back(
        limit in 1..20_u32,
        skew in -1_400..1_400_i64,
        steps in prop::collection::vec(
            (
                prop_oneof![3 => 0..2_000_i64, 1 => 20_000..70_000_i64],
                select(vec![people(), Wish::asking(sample::user(1)), Wish::POLLING, Wish::LISTS]),
                any::<bool>(),
                prop_oneof![12 => Just(0), 1 => 1..90_000_i64, 1 => 90_000..9_000_000_i64],
            ),
            1..120,
        ),
    ) {
        run(async {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("bot.db");
            let (one, other) = (in_file(&path).await, in_file(&path).await);
            let (mut now_ms, mut error): (i64, Error) = (0, 0);
            let mut grants = Vec::new();
            for (pause, wish, is_other, back) in steps {
                now_ms += pause;
                error -= back;
                let (store, shown) = if is_other {
                    (&other, now_ms + error + skew)
                } else {
                    (&one, now_ms + error)
                };
                // A restart forgets nothing.
                let store = if back == 0 { store.clone() } else { in_file(&path).await };
                if take(&store, wish, limit, at_ms(shown)).await.is_none() {
                    grants.push(at_ms(now_ms));
                }
            }
            prop_assert!(busiest_minute(&grants) <= usize::try_from(limit).unwrap());
            Ok(())
        })?;
    }
}
