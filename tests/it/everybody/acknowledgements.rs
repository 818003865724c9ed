//! Acknowledgements that Mixin does not take, for good or for long: everybody is answered, once.

use super::Everybody;
use mixpay_bot::{app::acknowledge::WAITING_MAX, sim::world::faults::later};
use std::time::Duration;

impl Everybody {
    fn dropped(&self) -> u64 {
        self.machine.metrics().unwrap().acknowledgements_dropped.value()
    }

    fn unacknowledged(&self) -> usize {
        self.machine.world.activity().unacknowledged
    }

    /// What waits comes again.
    fn reconnects(&mut self) {
        self.machine.world.faults(|faults, _| faults.cut_blaze());
        self.passes(120);
    }
}

#[test]
fn one_that_is_refused_for_good_is_dropped_and_the_others_are_taken() {
    for refused in [1, 2, 7] {
        let mut all = Everybody::begin();
        all.machine.world.faults(|faults, _| faults.acknowledgements_refused = refused);
        for _ in 0..150 {
            all.says(all.bob, "ping");
        }
        all.passes(5);
        assert_eq!(all.shown(all.bob, "pong"), 150);
        let number = usize::try_from(refused).unwrap();
        assert_eq!((all.unacknowledged(), all.dropped()), (number, refused.into()));
        assert_eq!(all.not_ready(), Vec::<String>::new());
        // They come again with each connection, and are neither answered again nor in the way.
        all.reconnects();
        all.reconnects();
        all.says(all.bob, "ping");
        all.passes(5);
        assert_eq!(all.shown(all.bob, "pong"), 151);
        assert_eq!(all.unacknowledged(), number);
    }
}

#[test]
fn while_none_is_taken_everybody_is_answered_and_readyz_says_so() {
    let mut all = Everybody::begin();
    all.machine.world.faults(|faults, now| {
        faults.acknowledgements_down_until = Some(later(now, Duration::from_mins(10)));
    });
    let lines = WAITING_MAX + 300;
    for _ in 0..lines {
        all.says(all.bob, "ping");
    }
    all.passes(60);
    assert_eq!(all.shown(all.bob, "pong"), lines);
    all.passes(180);
    let against = all.not_ready();
    assert!(
        against.iter().any(|why| why.starts_with("acknowledgements have waited 2")),
        "{against:?}"
    );
    assert!(all.dropped() >= 100, "the oldest of too many are dropped");
    all.passes(600);
    assert_eq!(all.not_ready(), Vec::<String>::new());
    // What was dropped comes again, is recognised, and taken.
    all.reconnects();
    assert_eq!(all.unacknowledged(), 0);
    assert_eq!(all.shown(all.bob, "pong"), lines);
}

#[test]
fn a_process_that_is_killed_while_none_is_taken_answers_nobody_twice() {
    let mut all = Everybody::begin();
    all.machine.world.faults(|faults, now| {
        faults.acknowledgements_down_until = Some(later(now, Duration::from_mins(5)));
        faults.acknowledgements_refused = 1;
    });
    all.says(all.bob, "ping");
    all.passes(30);
    all.machine.start().unwrap();
    all.passes(400);
    all.machine.start().unwrap();
    all.passes(60);
    assert_eq!(all.shown(all.bob, "pong"), 1);
}

#[test]
fn what_is_about_us_drops_nothing() {
    let mut all = Everybody::begin();
    all.machine.world.faults(|faults, now| {
        faults.mixin.offline_until = Some(later(now, Duration::from_secs(40)));
        faults.mixin.limited = 3;
        faults.mixin.errors = 3;
    });
    all.says(all.bob, "ping");
    all.passes(300);
    assert_eq!((all.unacknowledged(), all.dropped()), (0, 0));
    assert_eq!(all.shown(all.bob, "pong"), 1);
}
