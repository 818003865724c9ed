//! In no 60 seconds are more requests made to MixPay than allowed.

use super::{at, at_ms, in_file, in_memory, run};
use jiff::{SignedDuration, Timestamp};
use mixpay_bot::store::{Permit, Purpose, Store};
use proptest::{prelude::*, sample::select};

const MINUTE: SignedDuration = SignedDuration::from_secs(60);

async fn take(store: &Store, purpose: Purpose, limit: u32, now: Timestamp) -> Permit {
    let mut tx = store.begin().await.unwrap();
    let permit = tx.take_permit(purpose, limit, now).await.unwrap();
    tx.commit().await.unwrap();
    permit
}

/// Takes as many permits as there are; returns their number and when the next one is free.
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

/// The most grants in any 60 seconds.
fn busiest_minute(grants: &[Timestamp]) -> usize {
    grants
        .iter()
        .map(|first| {
            let within = |time: &&Timestamp| **time >= *first && **time <= *first + MINUTE;
            grants.iter().filter(within).count()
        })
        .max()
        .unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn invariant_8_no_minute_has_more_requests_than_allowed(
        limit in 1..20_u32,
        steps in prop::collection::vec(
            (
                prop_oneof![3 => 0..2_000_i64, 1 => 20_000..70_000_i64],
                select(vec![Purpose::People, Purpose::Polling]),
            ),
            1..150,
        ),
        patient in any::<bool>(),
    ) {
        run(async {
            let store = in_memory().await;
            let mut now = at(0);
            let mut grants = Vec::new();
            for (pause, purpose) in steps {
                now += SignedDuration::from_millis(pause);
                match take(&store, purpose, limit, now).await {
                    Permit::Granted => grants.push(now),
                    Permit::NotBefore(when) => {
                        prop_assert!(when > now);
                        prop_assert!(when <= now + SignedDuration::from_secs(62));
                        if patient {
                            now = when;
                            prop_assert_eq!(
                                take(&store, purpose, limit, now).await,
                                Permit::Granted
                            );
                            grants.push(now);
                        }
                    }
                }
            }
            prop_assert!(busiest_minute(&grants) <= usize::try_from(limit).unwrap());
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn restarts_and_second_processes_are_counted_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let second = in_file(&path).await;
    let mut grants = Vec::new();
    for step in 0..40 {
        let now = at(step * 2);
        let store = if step % 3 == 0 { second.clone() } else { in_file(&path).await };
        if take(&store, Purpose::People, 10, now).await == Permit::Granted {
            grants.push(now);
        }
    }
    assert_eq!(busiest_minute(&grants), 10);
    assert!(grants.len() > 10);
}

#[tokio::test]
async fn a_fifth_is_kept_for_people_and_lent_out_while_they_are_idle() {
    let store = in_memory().await;
    let (polls, _) = exhaust(&store, Purpose::Polling, 60, at(0)).await;
    assert_eq!(polls, 56);
    let (people, _) = exhaust(&store, Purpose::People, 60, at(1)).await;
    assert_eq!(people, 4);
    let (polls, _) = exhaust(&store, Purpose::Polling, 60, at(61)).await;
    assert_eq!(polls, 0);
    // People asked a minute ago: their fifth is theirs again.
    let now = at_ms(61_502);
    let (polls, _) = exhaust(&store, Purpose::Polling, 60, now).await;
    assert_eq!(polls, 56 - 4);
    let store = in_memory().await;
    assert_eq!(take(&store, Purpose::People, 60, at(0)).await, Permit::Granted);
    assert_eq!(exhaust(&store, Purpose::Polling, 60, at(1)).await.0, 47);
    assert_eq!(exhaust(&store, Purpose::People, 60, at(1)).await.0, 12);
}

#[tokio::test]
async fn a_refusal_says_the_first_moment_at_which_there_is_room() {
    let store = in_memory().await;
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

#[tokio::test]
async fn a_pause_holds_everybody_up_across_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let store = in_file(&path).await;
    let mut tx = store.begin().await.unwrap();
    tx.pause_mixpay(at(60)).await.unwrap();
    tx.commit().await.unwrap();
    let store = in_file(&path).await;
    for purpose in [Purpose::People, Purpose::Polling] {
        assert_eq!(take(&store, purpose, 60, at(59)).await, Permit::NotBefore(at(60)));
    }
    assert_eq!(take(&store, Purpose::Polling, 60, at(60)).await, Permit::Granted);
}

#[tokio::test]
async fn a_clock_that_was_set_back_stops_the_requests_for_a_minute_and_not_for_good() {
    let store = in_memory().await;
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
