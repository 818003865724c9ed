//! `payee`: who receives, named before it takes effect.

use crate::harness::{Alice, Bob, Bot, Carol, secs};
use mixpay_bot::{config::Settings, demo::stage::Callbacks};

#[tokio::test]
async fn a_payee_is_named_before_it_takes_effect() {
    let mut bot = Bot::new().await;
    let number = bot.person(Carol).number;
    insta::assert_snapshot!(bot.asks(Bob, &format!("payee {number}")).await, @r"
    Carol (37160857)
    [UUID of Carol]
    The money would be theirs, not yours.
    Shall they receive what is paid to you from now on?
    (silent) [Yes, use as payee]
    ");
    bot.says(Bob, "invoice 1 usd").await;
    assert!(bot.shows(Bob).contains("Pay to Bob"));
    bot.taps(Bob, "Yes, use as payee").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    From now on Carol (37160857) receives what is paid to you. payee me takes it back.
    Invoices and links that were made before keep their payee.
    ");
    let code = bot.invoice(Bob, "invoice 1 usd").await;
    let trace = bot.trace(&code).await.to_string();
    assert_eq!(bot.world.checkout(&trace).unwrap().payee, bot.id(Carol));
    insta::assert_snapshot!(bot.asks(Bob, "payee me").await, @r"
    That is you: Bob (37160855)
    [UUID of Bob]
    Shall they receive what is paid to you from now on?
    (silent) [Yes, use as payee]
    ");
    bot.taps(Bob, "Yes, use as payee").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    From now on you receive what is paid to you.
    Invoices and links that were made before keep their payee.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn the_bot_itself_only_where_the_operator_allows_it() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "payee bot").await, @r"
    This bot: Cashier (7000104999)
    [UUID of Cashier]
    Its operator would hold the money.
    Shall they receive what is paid to you from now on?
    (silent) [Yes, use as payee]
    ");
    bot.taps(Bob, "Yes, use as payee").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    From now on Cashier (7000104999) receives what is paid to you. payee me takes it back.
    Invoices and links that were made before keep their payee.
    ");
    let code = bot.invoice(Bob, "invoice 5 usd").await;
    bot.pays(&code).await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 5.00 USD (0.00004717 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    (quotes the card) (silent) Settled: 4.99 USDT reached the payee.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn in_chinese_and_for_nobody() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "收款方").await, @r"
    今后由谁收款？点按钮，或发送：收款方 37160854
    (silent) [我自己]
    ");
    insta::assert_snapshot!(bot.asks(Bob, "payee 99999999").await, @"Mixin ID 99999999 does not exist. Please check the digits.");
    insta::assert_snapshot!(
        bot.asks(Bob, "payee 11111111-2222-4333-8444-555555555555").await,
        @r"
    Careful: [UUID] is no user of Mixin. Only if it is a multisig or an account of MixPay that you know for certain: money sent to a wrong id may be lost.
    Shall they receive what is paid to you from now on?
    (silent) [Yes, use as payee]
    "
    );
    bot.finish().await;
}

#[tokio::test]
async fn a_payee_whom_mixpay_does_not_let_receive_is_named_as_the_cause() {
    let mut bot = Bot::new().await;
    bot.world.change_person(bot.id(Alice), |alice| alice.may_receive = false);
    bot.says(Alice, "invoice 5 usd").await;
    insta::assert_snapshot!(bot.shows(Alice), @r"
    [CODE] · Failed: MixPay did not make the payment: MixPay does not serve this payee; choose another one, or ask MixPay's support (Robin, Mixin ID 26930).
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 5.00 USD, received -, made 2026-11-21 14:00:00 UTC
    ");
    insta::assert_snapshot!(bot.asks(Alice, "status").await, @r"
    [CODE] · 5.00 USD
    Failed: MixPay did not make the payment: MixPay does not serve this payee; choose another one, or ask MixPay's support (Robin, Mixin ID 26930).
    trace [UUID]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn whoever_runs_the_bot_says_whom_to_ask_where_only_mixpay_can_help() {
    let named = |settings: &mut Settings| settings.support = "Dora, 30001".to_owned();
    let mut bot = Bot::with(Callbacks::On, named).await;
    bot.world.change_person(bot.id(Alice), |alice| alice.may_receive = false);
    bot.says(Alice, "invoice 5 usd").await;
    let told = bot.shows(Alice) + &bot.asks(Alice, "status").await;
    assert_eq!((told.matches("Dora, 30001").count(), told.contains("26930")), (3, false), "{told}");
    bot.finish().await;
}
