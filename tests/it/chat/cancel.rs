//! `cancel`, `accept`, `reject`: who may end an invoice by a word.

use crate::harness::{Alice, Bob, Bot, Olivia, amount, secs};
use mixpay_bot::sim::{How, coins};

#[tokio::test]
async fn without_a_code_it_lists_and_cancels_nothing() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "cancel").await, @"You have no open invoice to cancel.");
    bot.invoice(Bob, "invoice 10 usd for coffee").await;
    insta::assert_snapshot!(bot.asks(Bob, "cancel").await, @r"
    Which one? Nothing is cancelled until you tap.
    (silent) [[CODE] · 10.00 USD]
    ");
    assert!(bot.asks(Bob, "status").await.contains("Open"));
    bot.finish().await;
}

#[tokio::test]
async fn an_open_invoice_is_cancelled_after_mixpay_was_asked() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    bot.taps(Bob, "Cancel").await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    Cancelling [CODE]: I am asking MixPay first whether money came.
    (quotes the card) Cancelled: [CODE], 10.00 USD.
    The link can still be paid until 2026-11-21 16:30:00 UTC; if money comes, you will be told.
    ");
    insta::assert_snapshot!(bot.asks(Bob, "status").await, @r"
    [CODE] · 10.00 USD · coffee
    Cancelled. The link can still be paid until 2026-11-21 16:30:00 UTC; you will be told if it is.
    trace [UUID]
    ");
    insta::assert_snapshot!(bot.asks(Bob, &format!("cancel {code}")).await, @"[CODE] is cancelled already.");
    bot.finish().await;
}

#[tokio::test]
async fn in_chinese() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "收款10美元咖啡").await;
    bot.says(Bob, &format!("取消 {code}")).await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    正在取消 [CODE]：先向 MixPay 确认是否已有付款。
    (quotes the card) 已取消：[CODE]，10.00 USD。
    链接在 2026-11-21 16:30:00 UTC 之前仍可支付；若有款项到账会通知你。
    ");
    bot.finish().await;
}

#[tokio::test]
async fn what_is_paid_or_in_flight_is_not_cancelled_nor_what_is_somebody_elses() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    insta::assert_snapshot!(bot.asks(Alice, &format!("cancel {code}")).await, @"I know no [CODE]. Please check the code; list shows your own.");
    insta::assert_snapshot!(bot.asks(Olivia, &format!("cancel {code}")).await, @"That invoice is not yours to decide about. Ask whoever made it.");
    bot.pays_on_chain(&code, coins::BTC, How::Exact).await;
    bot.passes(secs(6)).await;
    bot.shows(Bob);
    insta::assert_snapshot!(bot.asks(Bob, &format!("cancel {code}")).await, @"[CODE] cannot be cancelled: a payment is in flight. You will be told how it ends.");
    bot.confirms(&code).await;
    bot.passes(secs(10)).await;
    bot.shows(Bob);
    insta::assert_snapshot!(bot.asks(Bob, &format!("cancel {code}")).await, @"[CODE] is paid and cannot be cancelled.");
    bot.finish().await;
}

#[tokio::test]
async fn the_creator_accepts_what_is_short_after_being_asked_once() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    insta::assert_snapshot!(bot.asks(Bob, &format!("accept {code}")).await, @"[CODE] needs no decision. accept and reject are for short, failed or held payments.");
    bot.pays_on_chain(&code, coins::USDT, How::Underpay(amount("4"))).await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Underpaid: 4 USDT came, 6 USDT missing.
    The same link still works; the rest can be paid there. Or: accept [CODE]
    ");
    insta::assert_snapshot!(bot.asks(Olivia, &format!("accept {code}")).await, @"That invoice is not yours to decide about. Ask whoever made it.");
    insta::assert_snapshot!(bot.asks(Bob, &format!("accept {code}")).await, @r"
    [CODE]: asked for 10.00 USD, came 4 USDT.
    Shall it count as paid?
    (silent) [Accept]
    ");
    bot.taps(Bob, "Accept").await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 10.00 USD (4 USDT). Receipt [CODE], 2026-11-21 14:00:10 UTC.
    Decided by hand.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    ");
    insta::assert_snapshot!(bot.asks(Bob, "status").await, @r"
    [CODE] · 10.00 USD · coffee
    Paid 14:00:10 UTC, settlement pending.
    got 4 USDT
    Decided by hand.
    trace [UUID]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn what_is_held_needs_the_creator_and_an_operator() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    let how = How::Tampered { amount: Some(amount("0.01")), payee: None, quote: None };
    bot.pays_badly(&code, how).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Not paid as asked. Held: MixPay reports [CODE] as paid, but not as it was asked for.
    amount: asked for 10, reported 0.01
    Do not hand anything over. Decide: accept [CODE] or reject [CODE]
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 10.00 USD, received 0.00009434 BTC, made 2026-11-21 14:00:00 UTC
    ");
    insta::assert_snapshot!(bot.shows(Olivia), @r"
    Not paid as asked. Held: MixPay reports [CODE] as paid, but not as it was asked for.
    amount: asked for 10, reported 0.01
    Do not hand anything over. Decide: accept [CODE] or reject [CODE]
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 10.00 USD, received 0.00009434 BTC, made 2026-11-21 14:00:00 UTC
    ");
    insta::assert_snapshot!(bot.asks(Bob, &format!("accept {code}")).await, @r"
    [CODE]: asked for 10.00 USD, came 0.00009434 BTC.
    amount: asked for 10, reported 0.01
    Shall it count as paid?
    (silent) [Accept]
    ");
    bot.taps(Bob, "Accept").await;
    insta::assert_snapshot!(bot.shows(Bob), @"Noted. What is held needs the creator and an operator: the other one has to say accept [CODE] too.");
    assert!(bot.asks(Bob, "status").await.contains("Held"));
    bot.says(Olivia, &format!("accept {code}")).await;
    bot.shows(Olivia);
    bot.taps(Olivia, "Accept").await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    Decided by hand.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    ");
    insta::assert_snapshot!(bot.shows(Olivia), @r"
    [CODE] · 10.00 USD · coffee
    Paid 14:00:00 UTC, settlement pending.
    got 0.00009434 BTC
    Decided by hand.
    trace [UUID]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn what_is_held_is_rejected_by_one_word() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    let how = How::Tampered { amount: Some(amount("0.01")), payee: None, quote: None };
    bot.pays_badly(&code, how).await;
    bot.shows(Bob);
    insta::assert_snapshot!(bot.asks(Bob, &format!("拒绝 {code}")).await, @r"
    [CODE]：应收 10.00 USD，实收 0.00009434 BTC。
    金额：要求 10，报告 0.01
    确认视为失败？
    (silent) [拒绝]
    ");
    bot.taps(Bob, "拒绝").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) [CODE] · Rejected by hand. What was paid has to be returned outside this bot.
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 10.00 USD, received 0.00009434 BTC, made 2026-11-21 14:00:00 UTC
    ");
    insta::assert_snapshot!(bot.asks(Bob, "status").await, @r"
    [CODE] · 10.00 USD · coffee
    Rejected by hand. What was paid has to be returned outside this bot.
    got 0.00009434 BTC
    Decided by hand.
    trace [UUID]
    (silent) [Accept] [Reject]
    ");
    bot.finish().await;
}
