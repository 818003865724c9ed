//! Messages that Mixin never takes, and conversations that do not open: nobody else waits for them.

use super::Everybody;
use mixpay_bot::{
    domain::ids::UserId,
    rehearsal::machine::Outcome,
    sim::{Place, Shown, world::faults::Faults},
};
use std::time::Duration;

impl Everybody {
    /// People whom the bot knows already.
    fn crowd(&mut self, size: usize) -> Vec<UserId> {
        let world = &self.machine.world;
        let people: Vec<UserId> =
            (0..size).map(|number| world.add_person(&format!("Guest {number}"))).collect();
        for person in &people {
            self.says(*person, "hello");
        }
        self.passes(30);
        people
    }

    fn faults(&self, change: impl FnOnce(&mut Faults)) {
        self.machine.world.faults(|faults, _| change(faults));
    }

    /// How many of these people have this answer.
    fn answered(&self, people: &[UserId], words: &str) -> usize {
        people.iter().filter(|person| self.shown(**person, words) == 1).count()
    }
}

#[test]
fn a_message_that_mixin_always_fails_on_delays_its_own_lane_alone() {
    for poisoned in [1, 3] {
        let mut all = Everybody::begin();
        let people = all.crowd(40);
        all.faults(|faults| {
            faults.mixin.latency = Duration::from_millis(80);
            faults.messages_poisoned_500 = poisoned;
        });
        let poisoned = usize::try_from(poisoned).unwrap();
        for person in &people {
            all.says(*person, "ping");
        }
        all.passes(3);
        assert_eq!(all.answered(&people, "pong"), 40 - poisoned);
        // Whoever comes later does not even meet it.
        for _ in 0..3 {
            all.passes(60);
            let before = all.machine.world.activity();
            for person in &people {
                all.says(*person, "ping");
            }
            all.passes(1);
            let twice = people.iter().filter(|person| all.shown(**person, "pong") >= 2).count();
            assert_eq!(twice, 40 - poisoned, "{before:?}");
        }
        assert_eq!(all.not_ready(), Vec::<String>::new());
    }
}

#[test]
fn a_message_that_is_never_answered_delays_its_own_lane_alone() {
    let mut all = Everybody::begin();
    let people = all.crowd(40);
    all.faults(|faults| {
        faults.mixin.latency = Duration::from_millis(80);
        faults.messages_poisoned_late = 1;
    });
    all.says(all.bob, "ping");
    assert_eq!(all.machine.pass(Duration::from_millis(400)).unwrap(), Outcome::Quiet);
    // Bob's is under way and is not answered; the others do not wait for it.
    for round in 1..=3 {
        for person in &people {
            all.says(*person, "ping");
        }
        all.passes(2);
        let answered = people.iter().filter(|person| all.shown(**person, "pong") == round);
        assert_eq!(answered.count(), 40, "{round}");
    }
    assert_eq!(all.shown(all.bob, "pong"), 0);
}

#[test]
fn those_who_travel_with_one_that_is_never_answered_wait_two_seconds_at_most() {
    let mut all = Everybody::begin();
    let people = all.crowd(95);
    all.faults(|faults| {
        faults.mixin.latency = Duration::from_millis(80);
        faults.messages_poisoned_late = 1;
    });
    for round in 1..=3 {
        for person in &people {
            all.says(*person, "ping");
        }
        all.passes(2);
        let shown: Vec<_> = people.iter().map(|person| all.shown(*person, "pong")).collect();
        // Whoever said it first is the one whose answer is never taken.
        let others = shown.iter().filter(|shown| **shown == round).count();
        assert_eq!(others, 94, "{round}: {shown:?}");
    }
    assert_eq!(all.machine.world.violations(), []);
    assert_eq!(all.not_ready(), Vec::<String>::new());
}

#[test]
fn a_mixin_that_is_slow_for_all_is_asked_little_more_than_before() {
    let mut all = Everybody::begin();
    let people = all.crowd(95);
    let before = all.machine.world.asked_to_show();
    all.faults(|faults| faults.mixin.latency = Duration::from_secs(3));
    for person in &people {
        all.says(*person, "ping");
    }
    all.passes(10);
    assert_eq!(all.answered(&people, "pong"), 95);
    let asked = all.machine.world.asked_to_show() - before;
    assert!(asked < 30, "{asked}");
    assert_eq!(all.machine.world.violations(), []);
}

#[test]
fn what_stands_behind_a_poisoned_message_waits_for_it_and_comes_in_order() {
    let mut all = Everybody::begin();
    let people = all.crowd(5);
    all.faults(|faults| faults.messages_poisoned_500 = 1);
    all.says(all.bob, "ping");
    all.passes(1);
    for person in &people {
        all.says(*person, "ping");
    }
    all.passes(60);
    all.says(all.bob, "help");
    all.passes(120);
    assert_eq!(all.answered(&people, "pong"), 5);
    let before = all.machine.world.shown(all.bob, Place::Private).len();
    // Mixin is mended.
    all.faults(Faults::end);
    all.passes(120);
    let shown = all.machine.world.shown(all.bob, Place::Private);
    let words: Vec<String> = shown.iter().skip(before).map(Shown::words).collect();
    assert!(words.len() >= 2, "{words:?}");
    assert!(words.first().unwrap().contains("pong"), "{words:?}");
}

#[test]
fn a_message_that_fails_for_hours_is_parked_and_the_operators_are_told_once() {
    let mut all = Everybody::begin();
    let people = all.crowd(3);
    let olivia = all.machine.world.owner();
    all.faults(|faults| faults.messages_poisoned_500 = 1);
    all.says(all.bob, "ping");
    for _ in 0..10 {
        all.passes(40 * 60);
        for person in &people {
            all.says(*person, "ping");
        }
    }
    assert_eq!(all.shown(olivia, "could not be shown for 6 h"), 1);
    assert_eq!(all.shown(all.bob, "pong"), 0);
    // His lane is free again.
    all.says(all.bob, "ping");
    all.passes(10);
    assert_eq!(all.shown(all.bob, "pong"), 1);
}

#[test]
fn an_outage_parks_nothing_and_everything_is_shown_after_it() {
    let mut all = Everybody::begin();
    let people = all.crowd(30);
    let olivia = all.machine.world.owner();
    all.faults(|faults| faults.mixin.errors = 1_000_000);
    for person in &people {
        all.says(*person, "ping");
    }
    all.passes(8 * 3600);
    assert!(all.machine.not_ready().iter().any(|why| why.contains("acknowledgements")));
    all.faults(Faults::end);
    all.passes(120);
    assert_eq!(all.answered(&people, "pong"), 30);
    assert_eq!(all.shown(olivia, "could not be shown"), 0);
}

#[test]
fn a_kill_while_a_poisoned_message_is_looked_for_shows_nothing_twice() {
    for deaths in 0..12 {
        let mut all = Everybody::begin();
        let people = all.crowd(10);
        all.faults(|faults| {
            faults.mixin.latency = Duration::from_millis(80);
            faults.messages_poisoned_500 = 1;
        });
        for person in &people {
            all.says(*person, "ping");
        }
        let ends = all.machine.points() + 25 + deaths * 3;
        all.machine.fail_at(ends);
        if all.machine.pass(Duration::from_secs(5)).unwrap() == Outcome::Dead {
            all.machine.start().unwrap();
        }
        all.machine.fail_at(u64::MAX);
        all.passes(60);
        assert_eq!(all.answered(&people, "pong"), 9);
        assert_eq!(all.machine.world.violations(), []);
    }
}
