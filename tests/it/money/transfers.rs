//! Transfers: every transfer that reaches the bot is told of, and none is believed by its memo.

use crate::harness::{Alice, Bob, Bot, Carol, Olivia, amount, count, secs};
use mixpay_bot::sim::{MIXPAY_ACCOUNT, Transfer, coins, world::wallet};

#[tokio::test]
async fn a_strangers_memo_causes_no_request_and_an_operator_is_told() {
    let mut bot = Bot::without_callbacks().await;
    bot.says(Bob, "payee bot confirm").await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    let memo = wallet::settlement_memo(bot.trace(&code).await);
    let before = bot.world.mixpay_requests();
    bot.world.transfer(Transfer::to_bot(bot.id(Carol), coins::USDT, amount("9.98"), &memo));
    bot.settle().await;
    assert_eq!(bot.world.mixpay_requests(), before);
    insta::assert_snapshot!(bot.shows(Olivia), @r"
    9.98 USDT arrived and belongs to no invoice.
    From [UUID of Carol], transfer [UUID]. Return it from the bot's wallet if it is not meant for you.
    ");
    insta::assert_snapshot!(bot.shows(Carol), @r"
    Your transfer of 9.98 USDT arrived, but it belongs to no invoice. The operator was told. To pay an invoice, use its Pay button.
    Reference [UUID]
    ");
    assert_eq!(bot.shows(Bob), "");
    assert!(bot.asks(Bob, "status").await.contains("Open"));
    bot.finish().await;
}

#[tokio::test]
async fn a_refund_to_the_bot_is_told_to_the_merchant() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "payee bot confirm").await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    let trace = bot.trace(&code).await;
    bot.world.transfer(Transfer::to_bot(
        MIXPAY_ACCOUNT,
        coins::USDT,
        amount("3"),
        &wallet::refund_memo(trace, 40020),
    ));
    bot.settle().await;
    bot.passes(secs(5)).await;
    insta::assert_snapshot!(bot.shows(Bob), @"MixPay returned 3 USDT of [CODE] to the bot: a refund to the payer is due.");
    bot.finish().await;
}

#[tokio::test]
async fn a_settlement_that_comes_twice_is_told_as_double() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "payee bot confirm").await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    let trace = bot.trace(&code).await;
    bot.pays(&code).await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    (quotes the card) (silent) Settled: 9.98 USDT reached the payee.
    ");
    let memo = wallet::settlement_memo(trace);
    bot.world.transfer(Transfer::to_bot(MIXPAY_ACCOUNT, coins::USDT, amount("9.98"), &memo));
    bot.settle().await;
    bot.passes(secs(5)).await;
    insta::assert_snapshot!(bot.shows(Bob), @"Another settlement of [CODE] arrived: 9.98 USDT, more than was due.");
    bot.finish().await;
}

#[tokio::test]
async fn money_for_nothing_we_know_is_never_silent() {
    let mut bot = Bot::new().await;
    let of_alice = Transfer::to_bot(bot.id(Alice), coins::BTC, amount("0.5"), "thanks!");
    bot.world.transfer(of_alice);
    let unknown = "11111111-2222-4333-8444-555555555555".parse().unwrap();
    let memo = wallet::settlement_memo(unknown);
    bot.world.transfer(Transfer::to_bot(MIXPAY_ACCOUNT, coins::USDT, amount("1"), &memo));
    bot.settle().await;
    insta::assert_snapshot!(bot.shows(Alice), @r"
    Your transfer of 0.5 BTC arrived, but it belongs to no invoice. The operator was told. To pay an invoice, use its Pay button.
    Reference [UUID]
    ");
    insta::assert_snapshot!(bot.shows(Olivia), @r"
    1 USDT arrived and belongs to no invoice.
    From [UUID of MixPay], transfer [UUID]. Return it from the bot's wallet if it is not meant for you.
    0.5 BTC arrived and belongs to no invoice.
    From [UUID of Alice], transfer [UUID]. Return it from the bot's wallet if it is not meant for you.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn an_anonymous_deposit_is_found_by_looking() {
    let mut bot = Bot::new().await;
    bot.world.transfer(Transfer {
        opponent: None,
        ..Transfer::to_bot(bot.id(Alice), coins::BTC, amount("0.5"), "")
    });
    bot.passes(secs(660)).await;
    assert_eq!(count(&bot.shows(Olivia), "0.5 BTC"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn what_goes_out_and_what_is_no_money_is_no_income() {
    let mut bot = Bot::new().await;
    let base = Transfer::to_bot(bot.id(Alice), coins::BTC, amount("0.5"), "");
    bot.world.transfer(Transfer { outgoing: true, ..base.clone() });
    bot.world.transfer(Transfer { collectible: true, ..base });
    bot.settle().await;
    bot.passes(secs(660)).await;
    assert_eq!((bot.shows(Olivia), bot.shows(Alice)), (String::new(), String::new()));
    bot.finish().await;
}

#[tokio::test]
async fn a_transfer_while_mixpay_is_off_the_net_is_told_and_checked_later() {
    let mut bot = Bot::without_callbacks().await;
    bot.world.habits(|habits| habits.settles_after = Some(secs(0)));
    bot.says(Bob, "payee bot confirm").await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    bot.passes(secs(3)).await;
    bot.world.mixpay_offline_for(secs(60));
    bot.pays(&code).await;
    bot.passes(secs(5)).await;
    insta::assert_snapshot!(bot.shows(Bob), @"(quotes the card) (silent) 9.98 USDT arrived for [CODE]. Checking the price of 10.00 USD with MixPay.");
    bot.passes(secs(120)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:00:03 UTC.
    Settled: 9.98 USDT reached the payee.
    ");
    bot.finish().await;
}
