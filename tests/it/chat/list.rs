//! `list` and `export`: one's own invoices.

use crate::harness::{Alice, Bob, Bot, count, secs};

#[tokio::test]
async fn five_invoices_a_page_the_newest_first() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "list").await, @"No invoices yet. For example: invoice 10 usd coffee");
    for number in 1..=7 {
        bot.invoice(Bob, &format!("invoice {number} usd for number {number}")).await;
        bot.passes(secs(1)).await;
    }
    insta::assert_snapshot!(bot.asks(Bob, "list").await, @r"
    [CODE] · 7.00 USD · open · number 7
    [CODE] · 6.00 USD · open · number 6
    [CODE] · 5.00 USD · open · number 5
    [CODE] · 4.00 USD · open · number 4
    [CODE] · 3.00 USD · open · number 3
    (silent) [More]
    ");
    bot.taps(Bob, "More").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [CODE] · 2.00 USD · open · number 2
    [CODE] · 1.00 USD · open · number 1
    ");
    assert_eq!(count(&bot.asks(Alice, "list").await, "number"), 0);
    bot.finish().await;
}

#[tokio::test]
async fn the_filters_paid_and_unpaid() {
    let mut bot = Bot::new().await;
    let paid = bot.invoice(Bob, "invoice 1 usd for one").await;
    bot.passes(secs(1)).await;
    bot.invoice(Bob, "invoice 2 usd for two").await;
    bot.pays(&paid).await;
    bot.shows(Bob);
    insta::assert_snapshot!(bot.asks(Bob, "list paid").await, @"[CODE] · 1.00 USD · paid · one");
    insta::assert_snapshot!(bot.asks(Bob, "list unpaid").await, @"[CODE] · 2.00 USD · open · two");
    insta::assert_snapshot!(bot.asks(Bob, "列表 7d").await, @r"
    [CODE] · 2.00 USD · 待支付 · two
    [CODE] · 1.00 USD · 已支付 · one
    ");
    bot.finish().await;
}

#[tokio::test]
async fn an_export_is_a_file() {
    let mut bot = Bot::new().await;
    bot.invoice(Bob, "invoice 1 usd for one").await;
    insta::assert_snapshot!(bot.asks(Bob, "export").await, @r"
    Your 1 invoices as CSV, the newest first.
    (silent) [file invoices.csv]
    ");
    bot.finish().await;
}
