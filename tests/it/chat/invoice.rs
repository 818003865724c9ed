//! `invoice`: the card, what stands below it, and what is refused.

use crate::harness::{Alice, Bob, Bot, Carol, count, mins, secs};
use mixpay_bot::sim::Payment;

#[tokio::test]
async fn an_invoice_is_a_card_a_picture_and_three_buttons() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "invoice 10 usd for coffee").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [card] 10.00 USD · coffee
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    [Pay 10.00 USD]
    (silent) [picture]
    (silent) [Status] [Cancel] [Share]
    ");
    let code = bot.code();
    assert_eq!(bot.action(Bob, "Status"), format!("input:status {code}"));
    assert_eq!(bot.action(Bob, "Cancel"), format!("input:cancel {code}"));
    let page = bot.action(Bob, "Pay 10.00 USD");
    assert!(page.starts_with("https://mixpay.me/code/"), "{page}");
    let share = bot.action(Bob, "Share");
    assert!(share.starts_with("mixin://send?text=https%3A%2F%2Fmixpay.me%2Fcode%2F"), "{share}");
    bot.finish().await;
}

#[tokio::test]
async fn an_invoice_in_chinese_is_answered_in_chinese() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "收款10美元咖啡").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [card] 10.00 USD · 咖啡
    收款方 Bob (37160855)。可用 MixPay 支持的任何币种支付。
    结算为 USDT (ERC20)。30 分钟后过期。编号 [CODE]
    [支付 10.00 USD]
    (silent) [picture]
    (silent) [状态] [取消] [分享]
    ");
    let code = bot.code();
    bot.pays(&code).await;
    bot.passes(secs(6)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) 已支付 10.00 USD (0.00009434 BTC)。收据 [CODE]，2026-11-21 14:00:00 UTC。
    款项在收款方的 Mixin 钱包中，或在 MixPay 机器人 7000104220 处。
    (quotes the card) (silent) 已结算：9.98 USDT 已到达收款方。
    ");
    // The ticker of what one chose to receive needs no question.
    assert_ne!(bot.asks(Bob, "settle usdt@erc20").await, "");
    assert!(bot.asks(Bob, "invoice 10 usdt").await.contains("[card] 10 USDT (ERC20)"));
    bot.finish().await;
}

#[tokio::test]
async fn a_long_memo_is_cut_on_the_card_and_said_to_be_public() {
    let mut bot = Bot::new().await;
    let memo =
        "a very long memo that goes on and on and on until it is longer than fifty characters";
    bot.says(Bob, &format!("invoice 10 usd for {memo}")).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [card] 10.00 USD · a very long memo that g…
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    The first 50 characters of the note are public on the pay page.
    [Pay 10.00 USD]
    (silent) [picture]
    (silent) [Status] [Cancel] [Share]
    ");
    bot.says(Bob, "status").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [CODE] · 10.00 USD · a very long memo that goes on and on and on until it is longer than fifty chara…
    Open. Not paid yet. Expires in 30 min.
    trace [UUID]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn an_order_number_shows_the_same_invoice_again_and_refuses_another() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for lunch id order_20001").await;
    let again = bot.asks(Bob, "invoice 10 usd for lunch id order_20001").await;
    assert_eq!((bot.code(), count(&again, "[card]")), (code.clone(), 1));
    assert_eq!(bot.world.checkouts(), 1);
    insta::assert_snapshot!(bot.asks(Bob, "invoice 11 usd for lunch id order_20001").await, @"Order number order_20001 was used for [CODE], 10.00 USD. Choose another one.");
    bot.pays(&code).await;
    bot.shows(Bob);
    insta::assert_snapshot!(bot.asks(Bob, "invoice 10 usd for lunch id order_20001").await, @r"
    [CODE] · 10.00 USD · lunch
    Paid 14:00:00 UTC, settlement pending.
    got 0.00009434 BTC
    trace [UUID]
    order order_20001
    ");
    // Somebody else's order numbers are their own.
    bot.invoice(Alice, "invoice 11 usd for lunch id order_20001").await;
    bot.finish().await;
}

#[tokio::test]
async fn ten_invoices_an_hour_are_made_and_no_more() {
    let mut bot = Bot::new().await;
    for _ in 0..10 {
        bot.invoice(Bob, "invoice 1 usd").await;
    }
    insta::assert_snapshot!(bot.asks(Bob, "invoice 1 usd").await, @"Slow down: 10 invoices an hour. Please try again later.");
    bot.invoice(Alice, "invoice 1 usd").await;
    bot.passes(mins(61)).await;
    bot.shows(Bob);
    bot.invoice(Bob, "invoice 1 usd").await;
    bot.finish().await;
}

#[tokio::test]
async fn a_price_in_one_coin_names_the_amount_the_time_and_the_address() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "invoice 10 usd for coffee in btc").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [card] 10.00 USD · coffee (not to be shared)
    Pay to Bob (37160855). To be paid in BTC.
    Send exactly 0.00009434 BTC before 14:01:00 UTC; then ask for a new price.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    [Pay 10.00 USD] [New price, address]
    (silent) [picture]
    (silent) [Status] [Cancel] [Share]
    ");
    let code = bot.code();
    assert!(bot.action(Bob, "Pay 10.00 USD").starts_with("mixin://"));
    bot.passes(mins(3)).await;
    bot.taps(Bob, "New price, address").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [card] 10.00 USD · coffee (not to be shared)
    Pay to Bob (37160855). To be paid in BTC.
    Send exactly 0.00009434 BTC before 14:04:00 UTC; then ask for a new price.
    Settles in USDT (ERC20). Expires in 27 min. Code [CODE]
    [Pay 10.00 USD] [New price, address]
    ");
    let link = bot.action(Bob, "Pay 10.00 USD");
    bot.world.pay(&link, &Payment::default()).unwrap();
    bot.settle().await;
    bot.passes(secs(10)).await;
    let shown = bot.shows(Bob);
    assert_eq!(count(&shown, "Paid 10.00 USD"), 1, "{code}: {shown}");
    bot.finish().await;
}

#[tokio::test]
async fn whom_it_is_from_is_told_and_told_again_when_it_is_paid() {
    let mut bot = Bot::new().await;
    let number = bot.person(Alice).number;
    bot.says(Bob, &format!("invoice 10 usd from @{number} for lunch")).await;
    assert!(bot.shows(Bob).contains("[card]"));
    insta::assert_snapshot!(bot.shows(Alice), @r"
    Bob (37160855) asks you for this payment:
    [card] 10.00 USD · lunch
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    [Pay 10.00 USD]
    (silent) [picture]
    ");
    let code = bot.code();
    bot.pays(&code).await;
    bot.passes(secs(6)).await;
    insta::assert_snapshot!(bot.shows(Alice), @"Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.");
    assert_eq!(bot.shows(Carol), "");
    bot.finish().await;
}

#[tokio::test]
async fn an_invoice_expires_when_it_says_and_not_before() {
    let mut bot = Bot::new().await;
    bot.invoice(Bob, "invoice 10 usd expires 5m").await;
    bot.passes(secs(295)).await;
    assert_eq!(bot.shows(Bob), "");
    bot.passes(mins(1)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Expired: [CODE], 10.00 USD, was not paid in time.
    The link can still be paid until 2026-11-21 16:05:00 UTC; if money comes, you will be told.
    ");
    assert!(bot.asks(Bob, "status").await.contains("Expired"));
    bot.finish().await;
}

#[tokio::test]
async fn what_is_not_clear_about_money_is_asked_and_the_button_makes_it() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "invoice coffee").await, @r"
    How much? For example: invoice 10 usd coffee
    (silent) [5 USD] [10 USD] [20 USD]
    ");
    insta::assert_snapshot!(bot.asks(Bob, "invoice 1.000 eur").await, @r"
    Is that 1.00 EUR or 1,000.00 EUR?
    (silent) [1.00 EUR] [1,000.00 EUR]
    ");
    insta::assert_snapshot!(bot.asks(Bob, "invoice 10 usdd").await, @r#"
    I don't know "usdd". Did you mean
    (silent) [USDT (ERC20)] [USDC (ERC20)] [USD]
    "#);
    insta::assert_snapshot!(bot.asks(Bob, "invoice 1,5 eur").await, @r"
    Did you mean 1.50 EUR?
    (silent) [1.50 EUR]
    ");
    assert_eq!(bot.world.checkouts(), 0);
    bot.taps(Bob, "1.50 EUR").await;
    assert!(bot.shows(Bob).contains("[card] 1.50 EUR"));
    insta::assert_snapshot!(bot.asks(Bob, "invoice 10 usdt").await, @r"
    USDT is on several chains. Which one do you mean?
    (silent) [10 USDT (ERC20)] [10 USDT (TRC20)] [10 USDT (BEP20)]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn what_cannot_be_a_price_is_refused_with_the_rule() {
    let mut bot = Bot::new().await;
    for line in [
        "invoice 10.001 usd",
        "invoice 0 usd",
        "invoice -5 usd",
        "invoice 10 usd 12 eur",
        "invoice 1000000 usd",
        "invoice 0.01 usd",
        "invoice 10 usd expires 3d",
    ] {
        let shown = bot.asks(Bob, line).await;
        bot.everything.push_str(&shown);
        assert!(!shown.is_empty(), "{line}");
        bot.passes(secs(30)).await;
    }
    bot.everything.clear();
    insta::assert_snapshot!(bot.asks(Bob, "invoice 10.001 usd").await, @"Too many decimals: USD has at most 2. Please round the amount.");
    insta::assert_snapshot!(bot.asks(Bob, "invoice 1000000 usd").await, @"Too much: MixPay takes 0.10 USD to 20,000.00 USD. Please ask for 20,000.00 USD or less.");
    insta::assert_snapshot!(bot.asks(Bob, "invoice 0.01 usd").await, @"Too little: MixPay takes 0.10 USD to 20,000.00 USD. Please ask for 0.10 USD or more.");
    insta::assert_snapshot!(bot.asks(Bob, "收款0美元").await, @"金额必须大于零。请写明要收多少。");
    insta::assert_snapshot!(bot.asks(Bob, "invoice 10 usd 12 eur").await, @r"
    That has two amounts, and an invoice has one. Put text after for.
    For example: invoice 10 usd for table 5
    ");
    insta::assert_snapshot!(bot.asks(Bob, "invoice 10 usd expires 3d").await, @"An invoice expires after 30 s to 45 h. Please choose a time between them.");
    bot.finish().await;
}
