//! `link`: a card that anybody can pay from, and a payment of one's own for whoever taps.

use crate::harness::{Alice, Bob, Bot, Carol, count, secs};

#[tokio::test]
async fn a_link_is_a_card_that_can_be_shared_and_a_button_that_tells_who_paid() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "link 5 usd tips").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [card] 5.00 USD · tips
    Pay to Bob (37160855). Any coin MixPay takes, any number of times.
    Settles in USDT (ERC20). Code [CODE]
    With the button below your payment is tracked and receipted.
    [Pay 5.00 USD]
    (silent) [pay [CODE]]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn each_person_pays_a_payment_of_their_own_and_status_adds_them_up() {
    let mut bot = Bot::new().await;
    bot.says_in_group(Bob, "link 5 usd tips").await;
    insta::assert_snapshot!(bot.shows_group(), @r"
    [card] Hello! I make invoices. (not to be shared)
    In this group I read lines that begin with @7000104999 and a space. For example: @7000104999 invoice 10 usd for dinner
    [invoice] [status] [help]
    (quotes the line) [card] 5.00 USD · tips
    Pay to Bob (37160855). Any coin MixPay takes, any number of times.
    Settles in USDT (ERC20). Code [CODE]
    With the button below your payment is tracked and receipted.
    [Pay 5.00 USD]
    (silent) [pay [CODE]]
    ");
    let link = bot.code();
    bot.says_in_group(Alice, &format!("pay {link}")).await;
    insta::assert_snapshot!(bot.shows_group(), @r"
    (quotes the line) [card] 5.00 USD · tips
    Invoice of Alice.
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    [Pay 5.00 USD]
    ");
    let of_alice = bot.code();
    assert_ne!(of_alice, link);
    // A second tap while it is open shows the same payment.
    bot.says_in_group(Alice, &format!("pay {link}")).await;
    assert!(bot.shows_group().contains("[card] 5.00 USD"));
    assert_eq!((bot.code(), bot.world.checkouts()), (of_alice.clone(), 1));
    bot.says(Carol, &format!("pay {link}")).await;
    assert!(bot.shows(Carol).contains("[card] 5.00 USD"));
    let of_carol = bot.code();
    assert_ne!(of_carol, of_alice);
    bot.pays(&of_alice).await;
    bot.pays(&of_carol).await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows_group(), @r"
    (quotes the card) Paid 5.00 USD (0.00004717 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    (quotes the card) (silent) Settled: 4.99 USDT reached the payee.
    ");
    insta::assert_snapshot!(bot.shows(Carol), @r"
    (quotes the card) Paid 5.00 USD (0.00004717 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    (quotes the card) (silent) Settled: 4.99 USDT reached the payee.
    ");
    insta::assert_snapshot!(bot.shows(Bob), @r"
    Paid 5.00 USD (0.00004717 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    Paid 5.00 USD (0.00004717 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    ");
    insta::assert_snapshot!(bot.asks(Bob, &format!("status {link}")).await, @r"
    [CODE] · 5.00 USD · tips
    2 paid of 2 started: 10.00 USD
    Payments through the card's own link are the payee's to see.
    ");
    // After it was paid, a tap makes a new one.
    bot.says_in_group(Alice, &format!("pay {link}")).await;
    bot.shows_group();
    assert_eq!(bot.world.checkouts(), 3);
    bot.finish().await;
}

#[tokio::test]
async fn an_open_link_asks_for_the_amount_by_buttons() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "link open mic night").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [card] Any amount · mic night
    Pay to Bob (37160855). Any coin MixPay takes, any number of times.
    Settles in USDT (ERC20). Code [CODE]
    With the button below your payment is tracked and receipted.
    [Pay]
    (silent) [pay [CODE]]
    ");
    let link = bot.code();
    insta::assert_snapshot!(bot.asks(Alice, &format!("pay {link}")).await, @r"
    How much? Tap, or write: pay [CODE] 5 USD
    (silent) [5 USD] [10 USD] [20 USD]
    ");
    bot.taps(Alice, "10 USD").await;
    assert!(bot.shows(Alice).contains("[card] 10.00 USD · mic night"));
    bot.finish().await;
}

#[tokio::test]
async fn a_link_cannot_be_cancelled_and_payments_count_against_the_payer() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "link 5 usd tips").await;
    bot.shows(Bob);
    let link = bot.code();
    insta::assert_snapshot!(bot.asks(Bob, &format!("cancel {link}")).await, @"[CODE] is a pay link: it lives at MixPay and cannot be cancelled. Delete its card.");
    for _ in 0..10 {
        let shown = bot.asks(Alice, &format!("pay {link}")).await;
        assert_eq!(count(&shown, "[card]"), 1, "{shown}");
        let code = bot.code();
        bot.pays(&code).await;
        // Others want their share of MixPay's minute, too.
        bot.passes(secs(10)).await;
    }
    bot.shows(Alice);
    insta::assert_snapshot!(bot.asks(Alice, &format!("pay {link}")).await, @"Slow down: 10 invoices an hour. Please try again later.");
    bot.finish().await;
}

#[tokio::test]
async fn money_through_the_link_itself_is_received_and_never_paid() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "payee bot confirm").await;
    bot.says(Bob, "link 5 usd tips").await;
    bot.shows(Bob);
    let url = bot.world.link_beside(&bot.code()).unwrap();
    bot.world.pay(&url, &mixpay_bot::sim::Payment::default()).unwrap();
    bot.settle().await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows(Bob), @"(silent) Received 4.99 USDT through the link [CODE].");
    let code = bot.code();
    insta::assert_snapshot!(bot.asks(Bob, &format!("status {code}")).await, @r"
    [CODE] · 5.00 USD · tips
    0 paid of 0 started
    1 received through the card's own link: 4.99 USDT
    ");
    bot.finish().await;
}

#[tokio::test]
async fn a_link_in_chinese() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "语言 中文").await;
    bot.shows(Bob);
    bot.says(Bob, "link 5 usd 小费").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [card] 5.00 USD · 小费
    收款方 Bob (37160855)。可用 MixPay 支持的任何币种，可多次支付。
    结算为 USDT (ERC20)。编号 [CODE]
    用下面的按钮支付，可跟踪状态并获得收据。
    [支付 5.00 USD]
    (silent) [pay [CODE]]
    ");
    bot.finish().await;
}
