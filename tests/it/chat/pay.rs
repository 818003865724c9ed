//! `pay` and `verify`: what a code tells to people who have no part in its invoice.

use crate::harness::{Alice, Bob, Bot, Carol};

#[tokio::test]
async fn a_stranger_may_pay_but_does_not_see_the_memo() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for secret plans id order_7").await;
    insta::assert_snapshot!(bot.asks(Alice, &format!("pay {code}")).await, @r"
    [card] 10.00 USD
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    [Pay 10.00 USD]
    (silent) [picture]
    ");
    insta::assert_snapshot!(bot.asks(Bob, &format!("pay {code}")).await, @r"
    [card] 10.00 USD · secret plans
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    [Pay 10.00 USD]
    (silent) [picture]
    (silent) [Status] [Cancel] [Share]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn a_stranger_may_verify_and_learns_the_amount_the_payee_and_whether_it_is_paid() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for secret plans").await;
    insta::assert_snapshot!(bot.asks(Carol, &format!("verify {code}")).await, @r#"
    It is not paid.
    [CODE] is ours: 10.00 USD, to
    37160855 · "Bob"
    "#);
    bot.pays(&code).await;
    insta::assert_snapshot!(bot.asks(Carol, &format!("verify {code}")).await, @r#"
    It is paid, 2026-11-21 14:00:00 UTC.
    [CODE] is ours: 10.00 USD, to
    37160855 · "Bob"
    "#);
    insta::assert_snapshot!(bot.asks(Carol, &format!("pay {code}")).await, @r#"
    It is paid, 2026-11-21 14:00:00 UTC.
    [CODE] is ours: 10.00 USD, to
    37160855 · "Bob"
    "#);
    insta::assert_snapshot!(bot.asks(Carol, &format!("验真 {code}")).await, @r#"
    已支付，2026-11-21 14:00:00 UTC。
    [CODE] 属实：10.00 USD，收款方
    37160855 · "Bob"
    "#);
    insta::assert_snapshot!(bot.asks(Carol, "verify K7Q2MXN").await, @"I know no [CODE]. Please check the code; list shows your own.");
    bot.finish().await;
}
