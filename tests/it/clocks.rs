//! Clocks: what people see while a clock is wrong, and after it is right again.

use jiff::SignedDuration;
use mixpay_bot::{
    domain::ids::UserId,
    rehearsal::machine::{Machine, Outcome},
    sim::{Payment, Place},
};
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

/// The bot with a clock of its own, Bob who sells, and what he sees.
struct Shop {
    machine: Machine,
    bob: UserId,
}

impl Shop {
    /// Bob has asked for coffee to be paid.
    fn open() -> Self {
        let mut machine = Machine::new(7, |settings| settings.http.public_url = None).unwrap();
        machine.world.habits(|habits| habits.settles_after = None);
        let bob = machine.world.add_person("Bob");
        assert_eq!(machine.pass(MINUTE).unwrap(), Outcome::Quiet);
        let mut shop = Self { machine, bob };
        shop.says("invoice 10 usd for coffee");
        shop.passes(10);
        assert_eq!(shop.count("Pay with any coin"), 0);
        shop
    }

    fn says(&self, line: &str) {
        self.machine.world.say(self.bob, Place::Private, line).unwrap();
    }

    fn pays(&self) {
        let link = self.machine.world.link_beside("coffee").unwrap();
        self.machine.world.pay(&link, &Payment::default()).unwrap();
    }

    fn passes(&mut self, seconds: u64) {
        let passed = self.machine.pass(Duration::from_secs(seconds)).unwrap();
        assert_eq!(passed, Outcome::Quiet);
    }

    /// The bot's clock is so far ahead from now on, or behind.
    fn sets_clock(&mut self, hours: i64) {
        self.machine.world.bot_clock_is_ahead(SignedDuration::from_hours(hours));
    }

    fn count(&self, words: &str) -> usize {
        let shown = self.machine.world.shown(self.bob, Place::Private);
        shown.iter().filter(|shown| shown.words().contains(words)).count()
    }

    fn told_operators(&self) -> usize {
        let world = &self.machine.world;
        let shown = world.shown(world.owner(), Place::Private);
        shown.iter().filter(|shown| shown.words().contains("clock is")).count()
    }

    fn is_ready_but_for_the_line(&self) -> bool {
        !self.machine.not_ready().iter().any(|reason| reason.contains("clock"))
    }
}

#[test]
fn a_clock_that_is_wrong_for_half_a_minute_mutes_nobody_for_hours() {
    for hours in [5, -5, 24 * 400, -24 * 400] {
        let mut shop = Shop::open();
        shop.sets_clock(hours);
        shop.passes(10);
        let words = match hours {
            5 => "our clock is 18000 s ahead of Mixin's",
            -5 => "our clock is 18000 s behind Mixin's",
            _ => "34560000 s",
        };
        let reasons = shop.machine.not_ready();
        assert!(reasons.iter().any(|reason| reason.contains(words)), "{hours}: {reasons:?}");
        shop.pays();
        shop.says("help");
        shop.passes(20);
        shop.sets_clock(0);
        shop.passes(60);
        assert!(shop.is_ready_but_for_the_line(), "{hours}: {:?}", shop.machine.not_ready());
        assert_eq!(shop.count("Paid 10.00 USD"), 1, "{hours}");
        assert!(shop.count("invoice 10 usd") > 0, "{hours}: help is answered");
        assert_eq!(shop.count("Expired"), 0, "{hours}");
        assert_eq!(shop.told_operators(), 1, "{hours}");
        // Everything goes on as if nothing had been.
        shop.says("invoice 12 usd for tea");
        shop.passes(10);
        assert!(shop.machine.world.link_beside("tea").is_some(), "{hours}");
    }
}

#[test]
fn a_clock_that_is_set_right_while_mixin_is_asked_for_the_time_mutes_nobody() {
    // The first calls are late; the one that asks for the time is among them.
    for calls in 1..6 {
        let mut shop = Shop::open();
        shop.machine.world.faults(|faults, _| {
            faults.mixin.slow = calls;
            faults.mixin.delay = Duration::from_secs(40);
        });
        shop.sets_clock(5);
        shop.passes(1);
        shop.pays();
        shop.passes(3);
        shop.sets_clock(0);
        shop.machine.world.faults(|faults, _| faults.mixin.slow = 0);
        shop.passes(90);
        assert_eq!(shop.count("Paid 10.00 USD"), 1, "{calls} late calls");
        assert!(shop.is_ready_but_for_the_line());
    }
}

#[test]
fn a_restart_between_the_wrong_clock_and_the_right_one_changes_nothing() {
    for hours in [5, -5] {
        let mut shop = Shop::open();
        shop.sets_clock(hours);
        shop.pays();
        shop.says("help");
        shop.passes(15);
        shop.machine.start().unwrap();
        shop.passes(15);
        shop.sets_clock(0);
        shop.machine.pass_without_bot(Duration::from_secs(5));
        shop.machine.start().unwrap();
        shop.passes(60);
        assert_eq!(shop.count("Paid 10.00 USD"), 1, "{hours}");
        assert!(shop.count("invoice 10 usd") > 0, "{hours}: help is answered");
        assert!(shop.is_ready_but_for_the_line());
    }
}

#[test]
fn a_wrong_clock_neither_expires_an_invoice_nor_keeps_it_open() {
    let mut shop = Shop::open();
    shop.sets_clock(5);
    shop.passes(28 * 60);
    shop.sets_clock(0);
    shop.passes(60);
    assert_eq!(shop.count("Expired"), 0);
    shop.passes(3 * 60);
    assert_eq!(shop.count("Expired"), 1);
}

#[test]
fn a_clock_that_is_a_little_off_is_no_trouble() {
    let mut shop = Shop::open();
    shop.machine.world.bot_clock_is_ahead(SignedDuration::from_secs(-50));
    shop.passes(130);
    assert!(shop.is_ready_but_for_the_line());
    shop.pays();
    shop.passes(60);
    assert_eq!(shop.count("Paid 10.00 USD"), 1);
    assert_eq!(shop.told_operators(), 0);
}

#[test]
fn an_answer_of_another_century_neither_expires_nor_hides_what_is_said_later() {
    for word in ["4102444800000", "0", "-1", "soon", "9223372036854775807"] {
        let mut shop = Shop::open();
        shop.machine.world.faults(|f, _| f.mixpay_timestamp = Some(word.to_owned()));
        shop.passes(120);
        assert_eq!(shop.count("Expired"), 0, "{word}");
        shop.machine.world.faults(|f, _| f.mixpay_timestamp = None);
        shop.passes(26 * 60);
        assert_eq!(shop.count("Expired"), 0, "{word}");
        shop.passes(5 * 60);
        assert_eq!(shop.count("Expired"), 1, "{word}");
    }
}

#[test]
fn a_success_whose_times_cannot_be_believed_still_pays() {
    for word in ["99999999999", "1795269600000", "1", "yesterday"] {
        let mut shop = Shop::open();
        shop.machine.world.faults(|f, _| {
            f.mixpay_date = Some(word.to_owned());
            f.mixpay_timestamp = Some("4102444800000".to_owned());
        });
        shop.pays();
        shop.passes(60);
        assert_eq!(shop.count("Paid 10.00 USD"), 1, "{word}");
        shop.says("status");
        shop.passes(60);
        assert!(shop.count("2026") > 0 || shop.count("Paid") > 1, "{word}");
        for wild in ["5138", "4000", "1970", "late"] {
            assert_eq!(shop.count(wild), 0, "{word}: {wild}");
        }
    }
}

#[test]
fn a_clock_that_was_a_year_ahead_has_forgotten_nothing() {
    let mut shop = Shop::open();
    shop.machine.world.faults(|faults, _| faults.lost_acknowledgements = 1);
    shop.says("invoice 12 usd for tea");
    shop.passes(10);
    let cards = shop.count("for tea");
    shop.sets_clock(24 * 400);
    shop.passes(30);
    shop.sets_clock(0);
    shop.passes(10);
    // A new connection brings what was not acknowledged again.
    shop.machine.world.faults(|faults, _| faults.cut_blaze());
    shop.passes(60);
    assert_eq!(shop.count("for tea"), cards);
    assert_eq!(shop.machine.world.checkouts(), 2);
}

#[test]
fn what_is_watched_after_its_deadline_stays_watched_whatever_the_clock_showed() {
    for hours in [0, 5, 24 * 400] {
        let mut shop = Shop::open();
        shop.passes(31 * 60);
        assert_eq!(shop.count("Expired"), 1);
        shop.sets_clock(hours);
        shop.passes(90);
        shop.sets_clock(0);
        shop.pays();
        shop.passes(120);
        assert_eq!(shop.count("Paid 10.00 USD"), 1, "{hours}");
    }
}
