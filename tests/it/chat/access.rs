//! Access: what a supergroup bot may say for a person.

use crate::harness::{Bob, Bot};
use mixpay_bot::sim::{Place, Shown};

#[tokio::test]
async fn a_supergroup_bot_speaks_for_people_to_create_and_to_read_only() {
    let mut bot = Bot::new().await;
    let supergroup = bot.world.add_other_bot("Supergroup");
    let bob = bot.id(Bob);
    let mut told = String::new();
    let mut seen = 0;
    for line in [
        "invoice 10 usd for coffee",
        "status",
        "payee me",
        "settle btc",
        "cancel",
        "accept K7Q2MXN",
        "list",
        "export",
        "settings currency eur",
    ] {
        bot.world.say_for(supergroup, bob, Place::Private, line).unwrap();
        bot.settle().await;
        let shown = bot.world.shown(supergroup, Place::Private);
        let new: Vec<String> = shown.iter().skip(seen).map(Shown::words).collect();
        seen = shown.len();
        let first = new.join("\n");
        let first = first.lines().next().unwrap_or("(nothing)");
        told.extend([line, " → ", first, "\n"]);
    }
    let own = bot.shows(Bob);
    let code = Bot::codes_in(&told).into_iter().find(|code| code != "K7Q2MXN");
    let told = code.map_or(told.clone(), |code| told.replace(&code, "[CODE]"));
    insta::assert_snapshot!(told, @r"
    invoice 10 usd for coffee → It comes in a chat of our own.
    status → [CODE] · 10.00 USD · coffee
    payee me → That is private: ask me in a chat of our own.
    settle btc → That is private: ask me in a chat of our own.
    cancel → That is private: ask me in a chat of our own.
    accept K7Q2MXN → That is private: ask me in a chat of our own.
    list → That is private: ask me in a chat of our own.
    export → That is private: ask me in a chat of our own.
    settings currency eur → That is private: ask me in a chat of our own.
    ");
    insta::assert_snapshot!(own, @r"
    (silent) You asked for this in another chat:
    [card] 10.00 USD · coffee
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    [Pay 10.00 USD]
    (silent) [picture]
    (silent) [Status] [Cancel] [Share]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn an_invoice_that_a_supergroup_bot_asks_for_in_a_group_is_posted_there() {
    let mut bot = Bot::new().await;
    let supergroup = bot.world.add_other_bot("Supergroup");
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
