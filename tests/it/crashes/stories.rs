//! The stories that are played with a crash at every point.

use super::{Rehearsal, survives_every_crash};
use mixpay_bot::{
    sim::world::{hostile, wallet::settlement_memo},
    sim::{How, Payment, Place, Transfer, coins},
};

fn coffee(story: &mut Rehearsal) {
    story.says(story.bob, "invoice 10 usd for coffee");
    story.pays("coffee", &Payment::default());
    story.settles("coffee");
}

#[test]
fn coffee_is_invoiced_and_paid() {
    survives_every_crash(coffee, &["Bob: Paid 10.00 USD", "Bob (silent): Settled"]);
}

fn till(story: &mut Rehearsal) {
    story.says(story.bob, "payee bot");
    story.taps(story.bob, Place::Private, "Yes");
    story.says(story.bob, "invoice 10 usd for coffee");
    story.pays("coffee", &Payment::default());
    story.settles("coffee");
}

#[test]
fn the_settlement_reaches_the_bot() {
    survives_every_crash(till, &["Bob: Paid 10.00 USD", "Bob (silent): Settled"]);
}

fn topped_up(story: &mut Rehearsal) {
    story.says(story.bob, "invoice 10 usd for coffee");
    let chain = Payment::default().with(coins::USDT_TRON).on_chain();
    let short = Payment { how: How::Underpay("4".parse().unwrap()), ..chain.clone() };
    story.pays("coffee", &short);
    story.pays("coffee", &chain);
    story.confirms("coffee");
}

#[test]
fn an_underpayment_is_topped_up() {
    survives_every_crash(topped_up, &["Bob: Underpaid", "Bob: Paid 10.00 USD"]);
}

fn expired_and_late(story: &mut Rehearsal) {
    story.says(story.bob, "invoice 10 usd for coffee");
    story.wait(70);
    story.pays("coffee", &Payment::done(How::Late));
}

#[test]
fn an_expired_invoice_is_paid_late() {
    survives_every_crash(expired_and_late, &["Bob: Expired: ", "Bob: Paid 10.00 USD"]);
}

fn tampered(story: &mut Rehearsal) {
    story.says(story.bob, "invoice 10 usd for coffee");
    let lie = How::Tampered { amount: Some("1".parse().unwrap()), payee: None, quote: None };
    story.pays("coffee", &Payment::done(lie));
    let rejection = format!("reject {}", story.code());
    story.says(story.bob, &rejection);
}

#[test]
fn a_tampered_payment_is_held_and_rejected() {
    survives_every_crash(
        tampered,
        &["Bob: Not paid as asked. Held: ", "Olivia: Not paid as asked. Held: "],
    );
}

fn cancelled(story: &mut Rehearsal) {
    story.says(story.bob, "invoice 10 usd for coffee");
    story.taps(story.bob, Place::Private, "Cancel");
    story.wait(20);
}

#[test]
fn an_invoice_is_cancelled() {
    survives_every_crash(cancelled, &["Bob: Cancelled: "]);
}

fn looked_up(story: &mut Rehearsal) {
    story.says(story.alice, "uuid 7000104220");
    story.says(story.alice, "list");
    story.says(story.alice, "what is this");
    story.says_in_group(story.alice, "invoice 10");
}

#[test]
fn people_are_looked_up_and_questions_asked() {
    survives_every_crash(looked_up, &[]);
}

fn strangers(story: &mut Rehearsal) {
    let world = std::sync::Arc::clone(&story.machine.world);
    for line in ["verify K7Q2MXN", "uuid me", "ping"] {
        for who in [story.bob, story.alice] {
            world.say(who, Place::Private, line).unwrap();
        }
    }
    story.wait(10);
}

#[test]
fn strangers_who_say_much_at_once_are_answered_once_and_in_order() {
    survives_every_crash(strangers, &["Bob: pong", "Alice: pong"]);
}

fn shared(story: &mut Rehearsal) {
    story.says_in_group(story.bob, "link 5 usd tips");
    story.wait(5);
    story.says_in_group(story.bob, "invoice 12 usd for pizza");
    story.pays("pizza", &Payment::default());
}

#[test]
fn a_group_gets_a_link_and_an_invoice() {
    survives_every_crash(shared, &["Dinner: Paid 12.00 USD"]);
}

fn paid_twice(story: &mut Rehearsal) {
    story.says(story.bob, "invoice 10 usd for coffee");
    story.pays("coffee", &Payment::done(How::Double));
    story.settles("coffee");
}

#[test]
fn a_double_payment_counts_once() {
    survives_every_crash(paid_twice, &["Bob: Double payment", "Bob: Paid 10.00 USD"]);
}

fn strangers_money(story: &mut Rehearsal) {
    story.says(story.bob, "invoice 10 usd for coffee");
    let trace = story.machine.world.checkout(&story.link("coffee")).unwrap().trace;
    let amount = "10".parse().unwrap();
    let claim = settlement_memo(trace);
    story.transfers(Transfer::to_bot(story.alice, coins::USDT, amount, &claim));
    story.transfers(Transfer::to_bot(story.alice, coins::USDT, amount, "for lunch"));
}

#[test]
fn money_of_strangers_is_told_and_proves_nothing() {
    survives_every_crash(strangers_money, &[]);
}

fn without_answers(story: &mut Rehearsal) {
    story.machine.world.faults(|faults, _| {
        faults.mixpay_made_then_500 = 1;
        faults.messages_shown_then_500 = 1;
    });
    story.says(story.bob, "invoice 10 usd for coffee");
    story.wait(20);
    story.pays("coffee", &Payment::default());
}

#[test]
fn services_that_do_it_and_say_500() {
    survives_every_crash(without_answers, &["Bob: Paid 10.00 USD"]);
}

fn a_code_that_is_never_given_twice(story: &mut Rehearsal) {
    story.machine.world.habits(|habits| habits.same_body_same_code = false);
    coffee(story);
}

#[test]
fn mixpay_refuses_to_make_the_same_payment_twice() {
    survives_every_crash(a_code_that_is_never_given_twice, &["Bob: Paid 10.00 USD"]);
}

fn direct(story: &mut Rehearsal) {
    story.says(story.bob, "invoice 10 usd for coffee in btc");
    story.pays("coffee", &Payment::default());
}

#[test]
fn a_coin_and_a_price_are_quoted() {
    survives_every_crash(direct, &["Bob: Paid 10.00 USD"]);
}

fn poisoned_message(story: &mut Rehearsal) {
    story.machine.world.faults(|faults, _| faults.messages_poisoned_500 = 1);
    story.says(story.bob, "ping");
    story.says(story.alice, "ping");
    story.wait(30);
    story.machine.world.faults(|faults, _| faults.cure());
    story.wait(120);
}

#[test]
fn a_poisoned_message_is_shown_once_it_is_well_and_its_neighbours_at_once() {
    survives_every_crash(poisoned_message, &["Bob: pong", "Alice: pong"]);
}

fn silently_poisoned_message(story: &mut Rehearsal) {
    story.machine.world.faults(|faults, _| faults.messages_poisoned_late = 1);
    story.says(story.bob, "ping");
    story.wait(30);
    story.machine.world.faults(|faults, _| faults.cure());
    story.says(story.alice, "ping");
    story.wait(120);
}

#[test]
fn a_message_that_is_never_answered_is_shown_once_it_is_well() {
    survives_every_crash(silently_poisoned_message, &["Bob: pong", "Alice: pong"]);
}

fn refused_acknowledgement(story: &mut Rehearsal) {
    story.machine.world.faults(|faults, _| faults.acknowledgements_refused = 1);
    story.says(story.bob, "ping");
    story.says(story.alice, "ping");
    story.wait(30);
    story.machine.world.faults(|faults, _| {
        faults.cure();
        faults.cut_blaze();
    });
    story.wait(120);
}

#[test]
fn a_message_whose_acknowledgement_is_refused_is_answered_once() {
    survives_every_crash(refused_acknowledgement, &["Bob: pong", "Alice: pong"]);
}

fn paused(story: &mut Rehearsal) {
    story.says(story.bob, "invoice 5 usd for tea");
    story.machine.world.faults(|faults, _| {
        (faults.mixpay.limited, faults.mixpay.retry_after) = (1, Some("31536000".to_owned()));
    });
    // A question about the tea is answered so; ten minutes of it are believed, and then comes a probe.
    story.wait(12 * 60);
    story.says(story.bob, "invoice 10 usd for coffee");
    story.pays("coffee", &Payment::default());
}

#[test]
fn a_pause_of_a_year_ends_with_a_probe_after_minutes() {
    survives_every_crash(paused, &["Bob: Expired: ", "Bob: Paid 10.00 USD"]);
}

fn first_contact(story: &mut Rehearsal) {
    let world = std::sync::Arc::clone(&story.machine.world);
    let names = ["Carol", "Dave", "Erin", "Bob\nPaid 10.00 USD", "\u{202e}boB", "Z\u{300}\u{316}"];
    let new = names.map(|name| world.add_person(name));
    for who in new {
        world.say(who, Place::Private, "ping").unwrap();
        world.say(who, Place::Private, "list").unwrap();
    }
    story.wait(30);
    for who in new {
        let shown = world.shown(who, Place::Private);
        let pongs = shown.iter().filter(|shown| shown.words() == "pong");
        assert_eq!((pongs.count(), shown.len()), (1, 2), "{shown:?}");
    }
}

#[test]
fn new_people_who_come_together_are_each_answered_once() {
    survives_every_crash(first_contact, &[]);
}

fn dust(story: &mut Rehearsal) {
    let world = std::sync::Arc::clone(&story.machine.world);
    story.says(story.bob, "payee bot");
    story.taps(story.bob, Place::Private, "Yes");
    story.says(story.bob, "invoice 10 usd for coffee");
    world.faults(|faults, _| faults.transfers_at_one_time = true);
    let stranger = world.add_person("Mallory");
    let asset = hostile::ASSETS[0];
    world.make_up(asset, "USDT", "Tether USD");
    for _ in 0..12 {
        let amount = "0.00000001".parse().unwrap();
        world.transfer(Transfer::to_bot(stranger, asset, amount, "for you"));
    }
    story.pays("coffee", &Payment::default());
    story.settles("coffee");
    story.wait(120);
}

#[test]
fn a_settlement_is_found_behind_dust_of_the_same_time() {
    survives_every_crash(dust, &["Bob: Paid 10.00 USD", "Bob (silent): Settled"]);
}
