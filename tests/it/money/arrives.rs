//! Arrives: money comes as it should, and is told once, however many sources report it.

use crate::harness::{Bob, Bot, count, mins, secs};
use mixpay_bot::sim::{How, coins};

#[tokio::test]
async fn a_callback_makes_it_paid_at_once() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    bot.pays(&code).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    ");
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @"(quotes the card) (silent) Settled: 9.98 USDT reached the payee.");
    assert_eq!(bot.world.callback_counts().1, 0);
    bot.finish().await;
}

#[tokio::test]
async fn asking_alone_finds_it_within_fifteen_seconds() {
    let mut bot = Bot::without_callbacks().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    bot.passes(mins(1)).await;
    bot.pays(&code).await;
    bot.passes(secs(15)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn a_transfer_to_the_bot_makes_it_paid_and_settled_without_callbacks() {
    let mut bot = Bot::without_callbacks().await;
    bot.world.habits(|habits| habits.settles_after = Some(secs(0)));
    bot.says(Bob, "payee bot confirm").await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    bot.passes(secs(3)).await;
    bot.pays(&code).await;
    bot.passes(secs(1)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) (silent) 9.98 USDT arrived for [CODE]. Checking the price of 10.00 USD with MixPay.
    (quotes the card) Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:00:03 UTC.
    Settled: 9.98 USDT reached the payee.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn exactly_one_paid_whoever_reports_it_and_however_often() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "payee bot confirm").await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    let trace = bot.trace(&code).await.to_string();
    bot.pays(&code).await;
    for _ in 0..5 {
        bot.world.call_back_again(&trace);
        bot.settle().await;
        bot.says(Bob, "status").await;
        bot.passes(secs(2)).await;
    }
    bot.passes(mins(2)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "Paid 10.00 USD"), count(&shown, "Settled: ")), (1, 1), "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn callbacks_five_at_once_cause_one_question() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    let trace = bot.trace(&code).await.to_string();
    bot.passes(secs(1)).await;
    let before = bot.world.mixpay_requests();
    for _ in 0..5 {
        bot.world.call_back_again(&trace);
    }
    bot.settle().await;
    let asked = bot.world.mixpay_requests() - before;
    assert!(asked <= 1, "{asked} questions");
    bot.finish().await;
}

#[tokio::test]
async fn over_a_chain_it_is_seen_first_and_paid_when_confirmed() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    bot.pays_on_chain(&code, coins::BTC, How::Exact).await;
    bot.passes(secs(6)).await;
    insta::assert_snapshot!(bot.shows(Bob), @"(quotes the card) (silent) Payment seen: 0.00009434 BTC, 0 of 2 confirmations.");
    bot.confirms(&code).await;
    bot.passes(secs(15)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    (quotes the card) (silent) Settled: 9.98 USDT reached the payee.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn the_first_paid_says_where_the_money_is_and_the_second_does_not() {
    let mut bot = Bot::new().await;
    let first = bot.invoice(Bob, "invoice 1 usd").await;
    let second = bot.invoice(Bob, "invoice 2 usd").await;
    bot.pays(&first).await;
    assert_eq!(count(&bot.shows(Bob), "7000104220"), 1);
    bot.pays(&second).await;
    assert_eq!(count(&bot.shows(Bob), "7000104220"), 0);
    bot.finish().await;
}
