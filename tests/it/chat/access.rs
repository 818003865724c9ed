//! Access: which supergroup bots may speak for people, and what for.

use crate::harness::{Alice, Bob, Bot, Who};
use mixpay_bot::{
    demo::stage::Callbacks,
    domain::ids::UserId,
    sim::{Place, Shown},
};

/// The supergroup bot that the operator trusts.
const SUPERGROUP: &str = "5b0e8ac4-14b2-4d0c-9b8e-6f0a3c7d2e11";

/// A bot whose operator trusts one supergroup bot, and that bot.
async fn trusting() -> (Bot, UserId) {
    let supergroup: UserId = SUPERGROUP.parse().unwrap();
    let bot =
        Bot::with(Callbacks::On, |settings| settings.mixin.representatives = vec![supergroup]);
    let bot = bot.await;
    let number = Some("7000200999");
    bot.world.add_person_as("Supergroup", Some(supergroup), number).unwrap();
    (bot, supergroup)
}

/// What the supergroup bot is told for a line that it says for somebody, in its own chat.
async fn told(bot: &mut Bot, supergroup: UserId, who: Who, line: &str) -> String {
    let seen = bot.world.shown(supergroup, Place::Private).len();
    bot.world.say_for(supergroup, bot.id(who), Place::Private, line).unwrap();
    bot.settle().await;
    let shown = bot.world.shown(supergroup, Place::Private);
    let words: Vec<String> = shown.iter().skip(seen).map(Shown::words).collect();
    words.join("\n")
}

#[tokio::test]
async fn a_supergroup_bot_speaks_for_people_to_create_and_to_read_only() {
    let (mut bot, supergroup) = trusting().await;
    let mut answers = String::new();
    for line in [
        "invoice 10 usd for coffee",
        "link 5 usd tips",
        "status",
        "uuid me",
        "quote 10 usd",
        "payee me",
        "settle btc",
        "cancel",
        "accept K7Q2MXN",
        "list",
        "multisig 2 of @37160854 @37160855 @37160856",
        "export",
        "lang zh",
        "stop",
        "settings currency eur",
        "ping",
    ] {
        let told = told(&mut bot, supergroup, Bob, line).await;
        answers.extend([line, " → ", if told.is_empty() { "(nothing)" } else { &told }, "\n"]);
    }
    insta::assert_snapshot!(answers, @r"
    invoice 10 usd for coffee → It comes in a chat of our own.
    link 5 usd tips → It comes in a chat of our own.
    status → It comes in a chat of our own.
    uuid me → It comes in a chat of our own.
    quote 10 usd → It comes in a chat of our own.
    payee me → That is private: ask me in a chat of our own.
    settle btc → That is private: ask me in a chat of our own.
    cancel → That is private: ask me in a chat of our own.
    accept K7Q2MXN → That is private: ask me in a chat of our own.
    list → That is private: ask me in a chat of our own.
    multisig 2 of @37160854 @37160855 @37160856 → That is private: ask me in a chat of our own.
    export → That is private: ask me in a chat of our own.
    lang zh → That is private: ask me in a chat of our own.
    stop → That is private: ask me in a chat of our own.
    settings currency eur → That is private: ask me in a chat of our own.
    ping → pong
    ");
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (silent) You asked for this in another chat:
    [card] 10.00 USD · coffee
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    [Pay 10.00 USD]
    (silent) [picture]
    (silent) [Status] [Cancel] [Share]
    (silent) You asked for this in another chat:
    [card] 5.00 USD · tips
    Pay to Bob (37160855). Any coin MixPay takes, any number of times.
    Settles in USDT (ERC20). Code [CODE]
    With the button below your payment is tracked and receipted.
    [Pay 5.00 USD]
    (silent) [pay [CODE]]
    (silent) You asked for this in another chat:
    [CODE] · 10.00 USD · coffee
    Open. Not paid yet. Expires in 30 min.
    trace [UUID]
    (silent) You asked for this in another chat:
    Bob · Mixin ID 37160855
    UUID
    [UUID of Bob]
    (silent) [contact [UUID of Bob]]
    (silent) [Transfer] [QR] [Use as payee]
    (silent) You asked for this in another chat:
    Which coin is it to be paid with?
    (silent) [BTC] [ETH (ERC20)] [USDT (ERC20)] [USDT (TRC20)] [USDT (BEP20)] [USDC (ERC20)]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn whoever_is_not_named_speaks_for_nobody_but_themselves() {
    let mut bot = Bot::new().await;
    bot.invoice(Bob, "invoice 10 usd for coffee").await;
    // A bot that the operator does not know is never answered, and a person for themselves.
    let other = bot.world.add_other_bot("Supergroup");
    for line in ["status", "invoice 10 usd for tea", "K7Q2MXN"] {
        assert_eq!(told(&mut bot, other, Bob, line).await, "");
    }
    let alice = bot.id(Alice);
    let seen = told(&mut bot, alice, Bob, "status").await;
    assert_eq!(seen, "No invoices yet. For example: invoice 10 usd coffee");
    bot.shows(Alice);
    told(&mut bot, alice, Bob, "invoice 10 usd for tea").await;
    assert!(bot.shows(Alice).contains("Pay to Alice"));
    assert_eq!(bot.shows(Bob), "");
    bot.finish().await;
}

#[tokio::test]
async fn what_is_said_for_somebody_counts_against_both() {
    let (mut bot, supergroup) = trusting().await;
    for number in 0..10 {
        let who = if number % 2 == 0 { Bob } else { Alice };
        told(&mut bot, supergroup, who, "invoice 10 usd for coffee").await;
    }
    bot.shows(Bob);
    // The supergroup bot has none left for anybody; each of the two has five of their own.
    told(&mut bot, supergroup, Bob, "invoice 10 usd for coffee").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (silent) You asked for this in another chat:
    Slow down: 10 invoices an hour. Please try again later.
    ");
    bot.invoice(Bob, "invoice 10 usd for coffee").await;
    for _ in 0..4 {
        bot.invoice(Bob, "invoice 10 usd for coffee").await;
    }
    assert!(bot.asks(Bob, "invoice 10 usd for coffee").await.contains("10 invoices an hour"));
    bot.finish().await;
}

#[tokio::test]
async fn guesses_that_are_made_for_somebody_count_against_both() {
    let (mut bot, supergroup) = trusting().await;
    let code = bot.invoice(Alice, "invoice 10 usd for coffee").await;
    for number in 0..10 {
        let who = if number % 2 == 0 { Bob } else { Alice };
        told(&mut bot, supergroup, who, "verify K7Q2MXN").await;
    }
    bot.shows(Bob);
    assert_eq!(told(&mut bot, supergroup, Bob, &format!("verify {code}")).await, "");
    assert_eq!(bot.shows(Bob), "");
    // Bob has guessed five times only.
    assert_ne!(bot.asks(Bob, "verify K7Q2MXN").await, "");
    bot.finish().await;
}

#[tokio::test]
async fn what_is_read_in_a_group_for_somebody_is_shown_to_them_alone() {
    let (mut bot, supergroup) = trusting().await;
    let code = bot.invoice(Bob, "invoice 10 usd for secrets").await;
    let group = Place::Group(bot.world.add_group("Lunch", bot.id(Bob), &[], &[supergroup]));
    bot.settle().await;
    let before = bot.world.shown(supergroup, group).len();
    let line = format!("@{} status {code}", bot.world.bot_number());
    bot.world.say_for(supergroup, bot.id(Bob), group, &line).unwrap();
    bot.settle().await;
    let shown = bot.world.shown(supergroup, group);
    let words: Vec<String> = shown.iter().skip(before).map(Shown::words).collect();
    assert_eq!(words, ["It comes in a chat of our own."]);
    assert!(bot.shows(Bob).contains("10.00 USD · secrets"));
    bot.finish().await;
}

#[tokio::test]
async fn an_invoice_that_a_supergroup_bot_asks_for_in_a_group_is_posted_there() {
    let (mut bot, supergroup) = trusting().await;
    let group = Place::Group(bot.world.add_group("Lunch", bot.id(Bob), &[], &[supergroup]));
    bot.settle().await;
    let before = bot.world.shown(bot.id(Bob), group).len();
    let line = format!("@{} invoice 10 usd for coffee", bot.world.bot_number());
    bot.world.say_for(supergroup, bot.id(Bob), group, &line).unwrap();
    bot.settle().await;
    let shown = bot.world.shown(bot.id(Bob), group);
    let words: Vec<String> = shown.iter().skip(before).map(Shown::words).collect();
    let words = words.join("\n");
    assert!(words.contains("10.00 USD · coffee\nInvoice of Bob."), "{words}");
    assert_eq!(bot.shows(Bob), "");
    bot.finish().await;
}
