//! Everybody: one thing that is bad stops nobody else, whatever it is and however long it lasts.

mod acknowledgements;
mod messages;
mod transfers;

use mixpay_bot::{
    domain::ids::UserId,
    rehearsal::machine::{Machine, Outcome},
    sim::Place,
};
use std::time::Duration;

/// The bot and its people, in virtual time.
struct Everybody {
    machine: Machine,
    bob: UserId,
}

impl Everybody {
    fn begin() -> Self {
        let mut machine = Machine::new(11, |_| ()).unwrap();
        let bob = machine.world.add_person("Bob");
        machine.world.say(bob, Place::Private, "hello").unwrap();
        assert_eq!(machine.pass(Duration::from_secs(2)).unwrap(), Outcome::Quiet);
        Self { machine, bob }
    }

    fn says(&self, who: UserId, line: &str) {
        self.machine.world.say(who, Place::Private, line).unwrap();
    }

    fn passes(&mut self, seconds: u64) {
        let passed = self.machine.pass(Duration::from_secs(seconds)).unwrap();
        assert_eq!(passed, Outcome::Quiet);
    }

    /// How many messages with these words somebody was shown.
    fn shown(&self, who: UserId, words: &str) -> usize {
        let shown = self.machine.world.shown(who, Place::Private);
        shown.iter().filter(|shown| shown.words().contains(words)).count()
    }

    /// What `/readyz` says against the bot, but for what no rehearsal has: Blaze, and a sampler.
    fn not_ready(&self) -> Vec<String> {
        let mut reasons = self.machine.not_ready();
        let missing = ["Mixin is not connected", "the database cannot be written"];
        reasons.retain(|reason| !missing.contains(&reason.as_str()));
        reasons
    }
}
