//! One person who asks without end takes neither polling's floor nor anybody's card.

use super::{at, budget::busiest_minute, in_file, in_memory, property, run, sample};
use jiff::{SignedDuration, Timestamp};
use mixpay_bot::{
    domain::{
        ids::UserId,
        shares::{WINDOW, Wish},
    },
    store::{Grant, Store},
};
use proptest::{prelude::*, sample::select};
use std::sync::atomic::{AtomicI64, Ordering};

/// What the one who asks without end does next: what for, after how many milliseconds, and whether
/// they come when they were told to, or sooner.
type Greed = (bool, i64, bool);

/// Everybody else who wants a card: after so many milliseconds, each a person of their own.
type Cards = Vec<i64>;

/// Somebody who comes for a permit at a time.
struct Comer {
    wish: Wish,
    comes: Timestamp,
    since: Timestamp,
}

/// What came of it.
#[derive(Default)]
struct Outcome {
    all: Vec<Timestamp>,
    polls: Vec<Timestamp>,
    /// How long each of the others waited for a card.
    waits: Vec<SignedDuration>,
    by_greed: usize,
}

async fn take(store: &Store, wish: Wish, limit: u32, now: Timestamp) -> Option<Timestamp> {
    let mut tx = store.begin().await.unwrap();
    let grant = tx.take_permit(wish, limit, now).await.unwrap();
    tx.commit().await.unwrap();
    match grant {
        Grant::Granted(_) => None,
        Grant::NotBefore(when) => {
            assert!(when > now, "told to come at once, and refused");
            Some(when)
        }
    }
}

/// Polling, the greedy one and the others, for so many seconds, by turns in two processes.
async fn play(
    stores: &[Store; 2],
    limit: u32,
    greed: &[Greed],
    cards: &Cards,
    from: Timestamp,
    seconds: i64,
) -> Outcome {
    let greedy = sample::user(1);
    let wish = |makes| if makes { Wish::making(greedy) } else { Wish::asking(greedy) };
    let until = from + SignedDuration::from_secs(seconds);
    let mut comers = vec![
        Comer { wish: Wish::POLLING, comes: from, since: from },
        Comer { wish: wish(true), comes: from, since: from },
        Comer { wish: wish(false), comes: from, since: from },
    ];
    let mut begins = from;
    for (number, gap) in (2..).zip(cards) {
        begins += SignedDuration::from_millis(*gap);
        let wish = Wish::making(sample::user(number));
        comers.push(Comer { wish, comes: begins, since: begins });
    }
    let mut greed = greed.iter().cycle();
    let mut outcome = Outcome::default();
    let mut processes = stores.iter().cycle();
    while let Some((index, comer)) =
        comers.iter_mut().enumerate().min_by_key(|(_, comer)| comer.comes)
    {
        let now = comer.comes;
        if now >= until {
            break;
        }
        let told = take(processes.next().unwrap(), comer.wish, limit, now).await;
        if told.is_none() {
            outcome.all.push(now);
        }
        if comer.wish == Wish::POLLING {
            if told.is_none() {
                outcome.polls.push(now);
            }
            comer.comes = told.unwrap_or(now + SignedDuration::from_millis(1));
        } else if comer.wish.person == Some(greedy) {
            outcome.by_greed += usize::from(told.is_none());
            let (_, gap, is_patient) = greed.next().unwrap();
            let soon = now + SignedDuration::from_millis(*gap);
            comer.comes = told.filter(|_| *is_patient).unwrap_or(soon);
        } else if let Some(told) = told {
            comer.comes = told;
        } else {
            outcome.waits.push(now.duration_since(comer.since));
            comers.swap_remove(index);
        }
    }
    let waiting = comers.iter().filter(|comer| comer.comes < until + WINDOW * 2);
    let others = waiting.filter(|comer| comer.wish.person.is_some_and(|person| person != greedy));
    outcome.waits.extend(others.map(|comer| until.duration_since(comer.since)));
    outcome
}

fn greed() -> impl Strategy<Value = Vec<Greed>> {
    let gap = prop_oneof![4 => 1..400_i64, 1 => 400..4_000_i64, 1 => 20_000..70_000_i64];
    prop::collection::vec((any::<bool>(), gap, any::<bool>()), 1..40)
}

/// The fewest polls in any whole window, from the end of the first one on.
fn fewest_polls(outcome: &Outcome, from: Timestamp, seconds: i64) -> usize {
    let seconds = 62..seconds - 62;
    let within = |start: Timestamp| {
        outcome.polls.iter().filter(|poll| **poll >= start && **poll < start + WINDOW).count()
    };
    let starts = seconds.map(|second| from + SignedDuration::from_secs(second));
    starts.map(within).min().unwrap_or_default()
}

#[test]
fn whoever_asks_without_end_keeps_no_card_waiting_ten_seconds_nor_polling_from_its_floor() {
    const SECONDS: i64 = 200;
    let day = AtomicI64::new(0);
    let cards = prop::collection::vec(3_000..40_000_i64, 0..12);
    property(12, &(greed(), cards), &async |stores, (greed, cards)| {
        let from = at(86_400 * day.fetch_add(1, Ordering::Relaxed));
        let outcome = play(stores, 60, &greed, &cards, from, SECONDS).await;
        prop_assert!(busiest_minute(&outcome.all) <= 60);
        let longest = outcome.waits.iter().max().copied().unwrap_or_default();
        prop_assert!(longest <= SignedDuration::from_secs(10), "a card waits {longest}");
        let fewest = fewest_polls(&outcome, from, SECONDS);
        prop_assert!(fewest >= 12, "{fewest} polls");
        Ok(())
    });
}

#[test]
fn of_a_small_budget_everybody_has_a_turn() {
    let day = AtomicI64::new(0);
    let cards = prop::collection::vec(20_000..90_000_i64, 0..5);
    let input = (select(vec![1, 2, 5, 15_u32]), greed(), cards);
    property(12, &input, &async |stores, (limit, greed, cards)| {
        let from = at(86_400 * day.fetch_add(1, Ordering::Relaxed));
        let outcome = play(stores, limit, &greed, &cards, from, 700).await;
        prop_assert!(busiest_minute(&outcome.all) <= usize::try_from(limit).unwrap());
        // Below five a minute nothing is anybody's own, and whoever waits longest is first: with
        // polling's share taken, three cards and both wishes of the greedy one, a minute each, may
        // stand before the last card, and its own minute follows.
        let windows = match limit {
            1 => 9,
            2 => 7,
            _ => 1,
        };
        let longest = outcome.waits.iter().max().copied().unwrap_or_default();
        prop_assert!(longest <= WINDOW * windows, "a card waits {longest}");
        let polls = outcome.polls.len();
        let least = usize::try_from(limit / 5).unwrap() * 10;
        prop_assert!(polls >= least.max(1), "{polls} polls in 700 s");
        Ok(())
    });
}

#[test]
fn a_flood_of_one_person_leaves_the_others_their_cards_at_once() {
    run(async {
        let store = in_memory().await;
        let stores = [store.clone(), store];
        let cards: Cards = vec![5_000; 30];
        let outcome = play(&stores, 60, &[(true, 200, false)], &cards, at(0), 170).await;
        assert_eq!(outcome.waits.len(), 30);
        let longest = *outcome.waits.iter().max().unwrap();
        assert!(longest < SignedDuration::from_secs(10), "{longest}");
        // What nobody else wants they may have.
        assert!(outcome.by_greed > 60, "{}", outcome.by_greed);
    });
}

#[test]
fn of_two_who_want_many_neither_has_much_more_than_the_other() {
    run(async {
        let store = in_memory().await;
        let (first, second) = (sample::user(1), sample::user(2));
        let mut had = [0_i32; 2];
        for step in 0..1_200 {
            let now = at(0) + SignedDuration::from_millis(step * 100);
            // The one who comes first each time gains nothing by it.
            for (who, had) in [first, second].into_iter().zip(&mut had) {
                *had += i32::from(take(&store, Wish::asking(who), 60, now).await.is_none());
            }
        }
        assert!(had.iter().all(|had| *had > 30), "{had:?}");
        assert!(had[1] * 4 > had[0] * 3, "{had:?}");
    });
}

#[test]
fn who_does_not_come_back_keeps_nobody_waiting_and_a_restart_forgets_no_queue() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bot.db");
        let store = in_file(&path).await;
        let user = |number: u128| -> UserId { sample::user(number) };
        let mut told = Vec::new();
        for number in 0..8 {
            let wish = Wish::asking(user(100 + number));
            told.extend(take(&store, wish, 10, at(0)).await);
        }
        let store = in_file(&path).await;
        let late = Wish::asking(user(200));
        told.extend(take(&store, late, 10, at(1)).await);
        // Each is told a time of their own, in the order in which they came.
        assert_eq!(told.len(), 6);
        assert!(told.is_sorted_by(|one, next| one < next), "{told:?}");
        // When the others do not come, whoever is there has their turn.
        let mut now = *told.last().unwrap();
        while let Some(again) = take(&store, late, 10, now).await {
            now = again;
            assert!(now < at(90), "waits for those who went away");
        }
    });
}
