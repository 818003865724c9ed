//! Trouble: too little, too much, too late, twice, in the wrong coin; each is named.

use crate::harness::{Bob, Bot, amount, count, mins, secs};
use mixpay_bot::sim::{How, coins};

#[tokio::test]
async fn underpaid_and_topped_up_by_the_same_link() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for cake").await;
    bot.pays_on_chain(&code, coins::USDT, How::Underpay(amount("4"))).await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Underpaid: 4 USDT came, 6 USDT missing.
    The same link still works; the rest can be paid there. Or: accept [CODE]
    ");
    insta::assert_snapshot!(bot.asks(Bob, "status").await, @r"
    [CODE] · 10.00 USD · cake
    Underpaid: 6 USDT missing. The same link still works.
    got 4 USDT
    trace [UUID]
    (silent) [Accept] [Reject]
    ");
    bot.pays_on_chain(&code, coins::USDT, How::Exact).await;
    bot.confirms(&code).await;
    bot.passes(secs(20)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 10.00 USD (10 USDT). Receipt [CODE], 2026-11-21 14:00:10 UTC.
    Settled: 9.98 USDT reached the payee.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn underpaid_and_left_so_does_not_expire_in_silence() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for cake").await;
    bot.pays_on_chain(&code, coins::USDT, How::Underpay(amount("4"))).await;
    bot.confirms(&code).await;
    bot.passes(mins(35)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Underpaid: 4 USDT came, 6 USDT missing.
    The same link still works; the rest can be paid there. Or: accept [CODE]
    ");
    insta::assert_snapshot!(bot.asks(Bob, "status").await, @r"
    [CODE] · 10.00 USD · cake
    Underpaid: 6 USDT missing. The same link still works.
    got 4 USDT
    trace [UUID]
    (silent) [Accept] [Reject]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn overpaid_is_paid_and_says_what_goes_back() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for cake").await;
    bot.pays_on_chain(&code, coins::USDT, How::Overpay(amount("3"))).await;
    bot.confirms(&code).await;
    bot.passes(secs(20)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) (silent) Payment seen: 13 USDT, 0 of 12 confirmations.
    (quotes the card) Paid 10.00 USD (13 USDT). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    Settled: 9.98 USDT reached the payee.
    Overpaid by 3 USDT: MixPay returns that to the payer.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn what_comes_after_the_deadline_is_paid_late() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for cake").await;
    bot.passes(mins(40)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Expired: [CODE], 10.00 USD, was not paid in time.
    The link can still be paid until 2026-11-21 16:30:00 UTC; if money comes, you will be told.
    ");
    bot.pays_badly(&code, How::Late).await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:40:00 UTC.
    It came 10 min after the deadline: late.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    (quotes the card) (silent) Settled: 9.98 USDT reached the payee.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn what_comes_after_a_cancel_is_paid_all_the_same() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for cake").await;
    bot.says(Bob, &format!("cancel {code}")).await;
    bot.passes(secs(10)).await;
    assert_eq!(count(&bot.shows(Bob), "Cancelled: "), 1);
    bot.pays(&code).await;
    bot.passes(secs(10)).await;
    let shown = bot.shows(Bob);
    assert_eq!(count(&shown, "Paid 10.00 USD"), 1, "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn paid_in_the_moment_before_a_cancel_is_not_cancelled() {
    let mut bot = Bot::without_callbacks().await;
    let code = bot.invoice(Bob, "invoice 10 usd for cake").await;
    bot.pays(&code).await;
    bot.says(Bob, &format!("cancel {code}")).await;
    bot.passes(secs(10)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "Paid 10.00 USD"), count(&shown, "Cancelled")), (1, 0), "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn paid_twice_is_told_and_the_first_one_counts() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for cake").await;
    bot.pays_badly(&code, How::Double).await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) (silent) Payment seen: 0.00009434 BTC.
    (quotes the card) Double payment: [CODE]. The first one counts, MixPay returns the second.
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 10.00 USD, received 0.00009434 BTC, made 2026-11-21 14:00:00 UTC
    ");
    let trace = bot.trace(&code).await.to_string();
    bot.world.settle(&trace).unwrap();
    bot.passes(secs(30)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    Settled: 9.98 USDT reached the payee.
    Double payment: MixPay returns the second one.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn the_wrong_coin_comes_back() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for cake").await;
    bot.pays_badly(&code, How::WrongAsset).await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) [CODE] · Failed: the wrong coin was paid; make a new invoice and pay exactly the coin that is shown. Received 0.00009434 TRX, MixPay must return it.
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 10.00 USD, received 0.00009434 TRX, made 2026-11-21 14:00:00 UTC
    ");
    // The same page can still be paid.
    bot.pays(&code).await;
    bot.passes(secs(10)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn a_review_freezes_every_deadline_and_ends_in_paid_or_failed() {
    let mut bot = Bot::new().await;
    let cleared = bot.invoice(Bob, "invoice 10 usd for cake").await;
    let refused = bot.invoice(Bob, "invoice 20 usd for shoes").await;
    bot.pays_badly(&cleared, How::Audited).await;
    bot.pays_badly(&refused, How::Audited).await;
    bot.passes(mins(1)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) (silent) Under review at MixPay. Nothing expires meanwhile; you will be told.
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 10.00 USD, received 0.00009434 BTC, made 2026-11-21 14:00:00 UTC
    (quotes the card) (silent) Under review at MixPay. Nothing expires meanwhile; you will be told.
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 20.00 USD, received 0.00018868 BTC, made 2026-11-21 14:00:00 UTC
    ");
    bot.passes(mins(180)).await;
    assert_eq!(bot.shows(Bob), "");
    let (cleared, refused) = (bot.trace(&cleared).await, bot.trace(&refused).await);
    bot.world.audit_stop(&cleared.to_string(), None);
    bot.passes(secs(20)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    (quotes the card) (silent) Settled: 9.98 USDT reached the payee.
    ");
    bot.world.audit_stop(&refused.to_string(), Some(40023));
    bot.passes(secs(20)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) [CODE] · Failed: the payment names no payee; pay a new invoice through its link. Received 0.00018868 BTC, MixPay must return it.
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 20.00 USD, received 0.00018868 BTC, made 2026-11-21 14:00:00 UTC
    ");
    bot.finish().await;
}

#[tokio::test]
async fn every_failure_of_mixpay_is_named_with_its_cause() {
    let mut bot = Bot::new().await;
    let mut told = Vec::new();
    for failure in [40001, 40020, 40022, 40023, 40024, 49999] {
        let code = bot.invoice(Bob, "invoice 10 usd").await;
        let trace = bot.trace(&code).await.to_string();
        bot.world.fail(&trace, failure);
        bot.settle().await;
        bot.passes(secs(10)).await;
        let shown = bot.shows(Bob);
        told.push(format!("{failure}: {}", shown.lines().next().unwrap_or_default()));
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    40001: (quotes the card) [CODE] · Failed: MixPay does not know the payee; choose another payee.
    40020: (quotes the card) [CODE] · Failed: the wrong coin was paid; make a new invoice and pay exactly the coin that is shown.
    40022: (quotes the card) [CODE] · Failed: MixPay does not know the trace of the payment; please make a new invoice.
    40023: (quotes the card) [CODE] · Failed: the payment names no payee; pay a new invoice through its link.
    40024: (quotes the card) [CODE] · Failed: the wrong amount was paid; make a new invoice and pay exactly the amount that is shown.
    49999: (quotes the card) [CODE] · Failed: code 49999; please make a new invoice, or ask MixPay's support (Robin, Mixin ID 26930).
    ");
    bot.finish().await;
}

#[tokio::test]
async fn settled_in_another_coin_than_agreed_is_said() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd").await;
    let trace = bot.trace(&code).await.to_string();
    bot.world.settle_in(&trace, coins::BTC).unwrap();
    bot.pays(&code).await;
    bot.passes(secs(20)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    (quotes the card) (silent) Settled: 0.00009415 BTC reached the payee.
    ");
    insta::assert_snapshot!(bot.asks(Bob, "status").await, @r"
    [CODE] · 10.00 USD
    Paid 14:00:00 UTC, settled: 0.00009415 BTC.
    got 0.00009434 BTC
    Settled in another asset than agreed: BTC.
    trace [UUID]
    ");
    bot.finish().await;
}
