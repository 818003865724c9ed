//! `status`: what became of a payment, for its parties and nobody else.

use crate::harness::{Alice, Bob, Bot, Carol, Olivia, secs};

#[tokio::test]
async fn every_form_of_asking_finds_the_same_invoice() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "status").await, @"No invoices yet. For example: invoice 10 usd coffee");
    let code = bot.invoice(Bob, "invoice 12 usd for books id order_20002").await;
    insta::assert_snapshot!(bot.asks(Bob, "status").await, @r"
    [CODE] · 12.00 USD · books
    Open. Not paid yet. Expires in 30 min.
    trace [UUID]
    order order_20002
    ");
    let answer = bot.asks(Bob, "status").await;
    let trace = bot.trace(&code).await;
    for line in [
        code.clone(),
        code.to_lowercase(),
        format!("status {code}"),
        "status order_20002".to_owned(),
        format!("status {trace}"),
        trace.to_string(),
    ] {
        assert_eq!(bot.asks(Bob, &line).await, answer, "{line}");
    }
    bot.passes(secs(1)).await;
    bot.invoice(Bob, "invoice 1 usd for tea").await;
    bot.replies(Bob, "12.00 USD · books", "status").await;
    assert!(bot.shows(Bob).contains("12.00 USD · books"));
    assert!(bot.asks(Bob, "status").await.contains("tea"));
    bot.finish().await;
}

#[tokio::test]
async fn in_chinese() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "收款10美元咖啡").await;
    insta::assert_snapshot!(bot.asks(Bob, "状态").await, @r"
    [CODE] · 10.00 USD · 咖啡
    待支付。30 分钟后过期。
    流水号 [UUID]
    ");
    bot.pays(&code).await;
    bot.passes(secs(6)).await;
    bot.shows(Bob);
    insta::assert_snapshot!(bot.asks(Bob, "状态").await, @r"
    [CODE] · 10.00 USD · 咖啡
    已支付 14:00:00 UTC，已结算：9.98 USDT。
    已收到 0.00009434 BTC
    流水号 [UUID]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn a_paid_invoice_tells_when_and_how_much_and_then_that_it_is_settled() {
    let mut bot = Bot::new().await;
    bot.world.habits(|habits| habits.settles_after = None);
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    bot.pays(&code).await;
    bot.shows(Bob);
    insta::assert_snapshot!(bot.asks(Bob, "status").await, @r"
    [CODE] · 10.00 USD · coffee
    Paid 14:00:00 UTC, settlement pending.
    got 0.00009434 BTC
    trace [UUID]
    ");
    let trace = bot.trace(&code).await.to_string();
    bot.world.settle(&trace).unwrap();
    bot.settle().await;
    bot.passes(secs(6)).await;
    insta::assert_snapshot!(bot.shows(Bob), @"(quotes the card) (silent) Settled: 9.98 USDT reached the payee.");
    insta::assert_snapshot!(bot.asks(Bob, "status").await, @r"
    [CODE] · 10.00 USD · coffee
    Paid 14:00:00 UTC, settled: 9.98 USDT.
    got 0.00009434 BTC
    trace [UUID]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn a_stranger_gets_the_same_answer_as_for_a_code_that_does_not_exist() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    let strange = bot.asks(Alice, &format!("status {code}")).await;
    let unknown = bot.asks(Alice, "status K7Q2MXN").await;
    assert_eq!(strange, unknown);
    insta::assert_snapshot!(unknown, @"I know no [CODE]. Please check the code; list shows your own.");
    let trace = bot.trace(&code).await;
    let strange = bot.asks(Alice, &format!("status {trace}")).await;
    let unknown = bot.asks(Alice, "status 11111111-2222-4333-8444-555555555555").await;
    assert_eq!(strange, unknown);
    insta::assert_snapshot!(unknown, @"I know no payment with that trace.");
    // An operator is a party to every invoice.
    assert!(bot.asks(Olivia, &format!("status {code}")).await.contains("10.00 USD · coffee"));
    bot.finish().await;
}

#[tokio::test]
async fn a_mistyped_code_is_said_to_be_mistyped() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "status K7Q2MXD").await, @r#""K7Q2MXD" is mistyped: its last character does not fit the rest. Please compare it with the card."#);
    bot.finish().await;
}

#[tokio::test]
async fn ten_wrong_codes_an_hour_are_answered_and_then_even_right_ones_are_not() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    for number in 0..10 {
        let guess = if number % 2 == 0 { "status K7Q2MXN" } else { "verify K7Q2MXN" };
        assert_ne!(bot.asks(Carol, guess).await, "", "{number}");
    }
    for guess in ["status K7Q2MXN".to_owned(), format!("verify {code}"), format!("pay {code}")] {
        assert_eq!(bot.asks(Carol, &guess).await, "", "{guess}");
    }
    // Whoever guessed too much can still do everything else.
    let own = bot.invoice(Carol, "invoice 1 usd").await;
    assert_ne!(bot.asks(Carol, &format!("status {own}")).await, "");
    bot.passes(secs(3700)).await;
    assert_ne!(bot.asks(Carol, &format!("verify {code}")).await, "");
    bot.finish().await;
}
