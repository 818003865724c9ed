//! In no 60 seconds are more requests made to MixPay than allowed.

use super::{Base, at, at_ms, in_file, property, run};
use jiff::{SignedDuration, Timestamp};
use mixpay_bot::store::{Permit, Purpose, Store};
use proptest::{prelude::*, sample::select};
use std::sync::atomic::{AtomicI64, Ordering};

contract!(
    restarts_and_second_processes_are_counted_in,
    a_fifth_is_kept_for_people_and_lent_out_while_they_are_idle,
    one_question_of_a_person_gives_people_their_fifth_back,
    what_polling_may_have_is_spread_over_the_minute,
    a_refusal_says_the_first_moment_at_which_there_is_room,
    a_pause_holds_everybody_up_across_a_restart,
    a_clock_that_was_set_back_stops_the_requests_for_a_minute_and_not_for_good
);

const MINUTE: SignedDuration = SignedDuration::from_secs(60);

async fn take(store: &Store, purpose: Purpose, limit: u32, now: Timestamp) -> Permit {
    let mut tx = store.begin().await.unwrap();
    let permit = tx.take_permit(purpose, limit, now).await.unwrap();
    tx.commit().await.unwrap();
    permit
}

/// Takes as many permits as there are now; returns their number and when the next one is free.
async fn exhaust(
    store: &Store,
    purpose: Purpose,
    limit: u32,
    now: Timestamp,
) -> (usize, Timestamp) {
    for taken in 0.. {
        if let Permit::NotBefore(when) = take(store, purpose, limit, now).await {
            return (taken, when);
        }
    }
    unreachable!("a budget has an end");
}

/// Takes permits for polling as soon as there are any; the times at which they were granted.
async fn poll_on(store: &Store, limit: u32, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let (mut now, mut grants) = (from, Vec::new());
    while now < until {
        match take(store, Purpose::Polling, limit, now).await {
            Permit::Granted => grants.push(now),
            Permit::NotBefore(when) => now = when,
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
type Step = (i64, usize, Purpose);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pause = prop_oneof![3 => 0..2_000_i64, 1 => 20_000..70_000_i64];
    let step = (pause, 0..2_usize, select(vec![Purpose::People, Purpose::Polling]));
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
        for (pause, process, purpose) in steps {
            let store = &processes[process];
            now += SignedDuration::from_millis(pause);
            match take(store, purpose, limit, now).await {
                Permit::Granted => grants.push(now),
                Permit::NotBefore(when) => {
                    prop_assert!(when > now);
                    prop_assert!(when <= now + SignedDuration::from_secs(62));
                    if patient {
                        now = when;
                        prop_assert_eq!(take(store, purpose, limit, now).await, Permit::Granted);
                        grants.push(now);
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
        if take(&store, Purpose::People, 10, now).await == Permit::Granted {
            grants.push(now);
        }
    }
    assert_eq!(busiest_minute(&grants), 10);
    assert!(grants.len() > 10);
}

async fn a_fifth_is_kept_for_people_and_lent_out_while_they_are_idle(base: &Base) {
    let store = base.open().await;
    let polls = poll_on(&store, 60, at(0), at(61)).await;
    assert_eq!(polls.len(), 56);
    let (people, _) = exhaust(&store, Purpose::People, 60, at(61)).await;
    assert_eq!(people, 4);
}

async fn one_question_of_a_person_gives_people_their_fifth_back(base: &Base) {
    let store = base.open().await;
    assert_eq!(take(&store, Purpose::People, 60, at(0)).await, Permit::Granted);
    let now = at_ms(61_400);
    assert_eq!(poll_on(&store, 60, at(1), now).await.len(), 47);
    assert_eq!(exhaust(&store, Purpose::People, 60, now).await.0, 12);
}

async fn what_polling_may_have_is_spread_over_the_minute(base: &Base) {
    let store = base.open().await;
    for _ in 0..8 {
        assert_eq!(take(&store, Purpose::People, 60, at(0)).await, Permit::Granted);
    }
    let polls = poll_on(&store, 60, at(1), at(60)).await;
    // 60 requests, less the fifth for people, less the eight that they have made.
    let turn = SignedDuration::from_micros(61_500_000 / 40);
    assert!(polls.len() > 30);
    for (earlier, later) in polls.iter().zip(polls.iter().skip(1)) {
        assert_eq!(later.duration_since(*earlier), turn);
    }
}

async fn a_refusal_says_the_first_moment_at_which_there_is_room(base: &Base) {
    let store = base.open().await;
    for step in 0..10 {
        assert_eq!(take(&store, Purpose::People, 10, at(step)).await, Permit::Granted);
    }
    let Permit::NotBefore(when) = take(&store, Purpose::People, 10, at(30)).await else {
        panic!("there is no room");
    };
    let before = when - SignedDuration::from_millis(2);
    assert!(matches!(take(&store, Purpose::People, 10, before).await, Permit::NotBefore(_)));
    assert_eq!(take(&store, Purpose::People, 10, when).await, Permit::Granted);
    // Polling has to wait until two more have left, for their places are people's.
    let Permit::NotBefore(later) = take(&store, Purpose::Polling, 10, when).await else {
        panic!("there is no room");
    };
    assert!(later >= when + SignedDuration::from_secs(2));
    assert_eq!(take(&store, Purpose::Polling, 10, later).await, Permit::Granted);
}

async fn a_pause_holds_everybody_up_across_a_restart(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.pause_mixpay(at(60)).await.unwrap();
    tx.commit().await.unwrap();
    let store = base.open().await;
    for purpose in [Purpose::People, Purpose::Polling] {
        assert_eq!(take(&store, purpose, 60, at(59)).await, Permit::NotBefore(at(60)));
    }
    assert_eq!(take(&store, Purpose::Polling, 60, at(60)).await, Permit::Granted);
}

async fn a_clock_that_was_set_back_stops_the_requests_for_a_minute_and_not_for_good(base: &Base) {
    let store = base.open().await;
    exhaust(&store, Purpose::People, 10, at(3600)).await;
    let (granted, when) = exhaust(&store, Purpose::People, 10, at(0)).await;
    assert_eq!(granted, 0);
    assert!(when > at(60) && when < at(62), "{when}");
    assert_eq!(exhaust(&store, Purpose::People, 10, when).await.0, 10);
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
                select(vec![Purpose::People, Purpose::Polling]),
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
            for (pause, purpose, is_other, back) in steps {
                now_ms += pause;
                error -= back;
                let (store, shown) = if is_other {
                    (&other, now_ms + error + skew)
                } else {
                    (&one, now_ms + error)
                };
                // A restart forgets nothing.
                let store = if back == 0 { store.clone() } else { in_file(&path).await };
                if take(&store, purpose, limit, at_ms(shown)).await == Permit::Granted {
                    grants.push(at_ms(now_ms));
                }
            }
            prop_assert!(busiest_minute(&grants) <= usize::try_from(limit).unwrap());
            Ok(())
        })?;
    }
}
