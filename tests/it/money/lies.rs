//! Lies: what is reported with other values is held, and no repetition makes it Paid.

use crate::harness::{Alice, Bob, Bot, Olivia, amount, count, mins, secs};
use mixpay_bot::{
    runtime::client::http,
    sim::{How, Payment, world::mixpay::FOREIGN},
};
use url::Url;

/// Held by each source in turn, and by their repetition; Paid by none.
async fn is_held(how: How, difference: &str) {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 40 usd for shoes").await;
    let trace = bot.trace(&code).await.to_string();
    bot.pays_badly(&code, how).await;
    for _ in 0..3 {
        bot.world.call_back_again(&trace);
        bot.says(Bob, "status").await;
        bot.passes(secs(30)).await;
    }
    bot.passes(mins(40)).await;
    let shown = bot.shows(Bob);
    assert_eq!(count(&shown, &format!("Held: MixPay reports {}", "[CODE]")), 1, "{shown}");
    assert_eq!((count(&shown, "Paid "), count(&shown, "Receipt")), (0, 0), "{shown}");
    assert!(shown.contains(difference), "{shown}");
    assert_eq!(count(&bot.shows(Olivia), "Held: "), 1);
    bot.finish().await;
}

#[tokio::test]
async fn another_amount() {
    let how = How::Tampered { amount: Some(amount("0.01")), payee: None, quote: None };
    is_held(how, "amount: asked for 40, reported 0.01").await;
}

#[tokio::test]
async fn another_payee() {
    let payee = Some("11111111-2222-4333-8444-555555555555".parse().unwrap());
    is_held(How::Tampered { amount: None, payee, quote: None }, "payee: asked for").await;
}

#[tokio::test]
async fn another_unit() {
    let quote = Some("jpy".parse().unwrap());
    is_held(How::Tampered { amount: None, payee: None, quote }, "unit: asked for").await;
}

#[tokio::test]
async fn a_later_verified_answer_makes_it_paid_and_says_that_they_contradict() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 40 usd for shoes").await;
    let trace = bot.trace(&code).await.to_string();
    let how = How::Tampered { amount: Some(amount("0.01")), payee: None, quote: None };
    bot.pays_badly(&code, how).await;
    assert_eq!(count(&bot.shows(Bob), "Held: "), 1);
    bot.passes(secs(10)).await;
    bot.world.report_price(&trace, amount("40"));
    bot.world.call_back_again(&trace);
    bot.settle().await;
    bot.passes(mins(40)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    (quotes the card) Paid 40.00 USD (0.00037736 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    Settled: 0.00998 USDT reached the payee.
    Another answer of MixPay contradicts this. An operator should look.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn a_status_that_nobody_knows_changes_nothing() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    bot.world.faults(|faults, _| faults.mixpay_status = Some("transcending".to_owned()));
    bot.pays(&code).await;
    bot.passes(mins(40)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "Paid"), count(&shown, "Expired")), (0, 0), "{shown}");
    bot.world.faults(|faults, _| faults.mixpay_status = None);
    bot.passes(mins(10)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn anothers_payment_is_shown_to_nobody_and_ours_once_mixpay_tells_of_it() {
    for (field, foreign) in FOREIGN {
        let mut bot = Bot::new().await;
        bot.world.faults(|faults, _| faults.mixpay_foreign_payments = Some(foreign));
        bot.says(Bob, "invoice 10 usd for coffee in btc").await;
        bot.passes(mins(2)).await;
        let shown = bot.shows(Bob);
        assert_eq!((count(&shown, "[card]"), count(&shown, "Send exactly")), (0, 0), "{shown}");
        let told = bot.shows(Olivia);
        let words = format!("MixPay answered with another payment than was asked for ({field})");
        assert_eq!(count(&told, &words), 1, "{field}: {told}");
        bot.world.faults(|faults, _| faults.mixpay_foreign_payments = None);
        bot.passes(mins(3)).await;
        let shown = bot.shows(Bob);
        assert_eq!(count(&shown, "[card] 10.00 USD"), 1, "{field}: {shown}");
        assert!(shown.contains("Send exactly 0.00009434 BTC"), "{field}: {shown}");
        bot.taps(Bob, "New price, address").await;
        let link = bot.action(Bob, "Pay 10.00 USD");
        bot.world.pay(&link, &Payment::default()).unwrap();
        bot.settle().await;
        bot.passes(secs(10)).await;
        assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1, "{field}");
        bot.finish().await;
    }
}

#[tokio::test]
async fn amounts_with_exponents_are_the_same_amounts() {
    let mut bot = Bot::new().await;
    bot.world.faults(|faults, _| faults.mixpay_exponents = true);
    let code = bot.invoice(Bob, "invoice 1200.50 usd for shoes").await;
    bot.pays(&code).await;
    bot.passes(secs(10)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "Paid 1,200.50 USD"), count(&shown, "Held")), (1, 0), "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn a_callback_of_a_stranger_causes_no_question() {
    let mut bot = Bot::new().await;
    bot.invoice(Alice, "invoice 10 usd").await;
    let before = bot.world.mixpay_requests();
    let door: Url = bot.stage.callback_url().unwrap().parse().unwrap();
    let stranger = "11111111-2222-4333-8444-555555555555";
    let body = format!(r#"{{"orderId":"{stranger}","traceId":"{stranger}"}}"#);
    let sent = http(&door).unwrap().post(door).body(body).send().await.unwrap();
    assert_eq!(sent.status(), 404);
    assert_eq!(sent.text().await.unwrap(), r#"{"code":"FAIL"}"#);
    bot.settle().await;
    assert_eq!(bot.world.mixpay_requests(), before);
    bot.finish().await;
}

#[tokio::test]
async fn an_operator_hears_of_held_money_aloud_even_if_the_group_wants_quiet() {
    let mut bot = Bot::new().await;
    bot.says_in_group(Bob, "settings results off").await;
    bot.says_in_group(Bob, "invoice 40 usd for dinner").await;
    bot.shows_group();
    let code = bot.code();
    let how = How::Tampered { amount: Some(amount("0.01")), payee: None, quote: None };
    bot.pays_badly(&code, how).await;
    bot.passes(secs(20)).await;
    let (in_group, to_operator) = (bot.shows_group(), bot.shows(Olivia));
    assert_eq!(count(&in_group, "(silent) Not paid as asked. Held: "), 1, "{in_group}");
    assert_eq!(count(&to_operator, "Held: "), 1, "{to_operator}");
    assert_eq!(count(&to_operator, "(silent) Not paid as asked. Held: "), 0, "{to_operator}");
    bot.finish().await;
}

#[tokio::test]
async fn whatever_tells_of_held_money_begins_with_not_paid_as_asked() {
    for (language, words, first) in
        [("en", "Not paid as asked", "Held"), ("zh", "未按要求支付", "暂扣")]
    {
        let mut bot = Bot::new().await;
        bot.says(Bob, &format!("lang {language}")).await;
        let code = bot.invoice(Bob, "invoice 40 usd for dinner").await;
        let how = How::Tampered { amount: Some(amount("0.01")), payee: None, quote: None };
        bot.pays_badly(&code, how).await;
        bot.passes(secs(20)).await;
        assert_eq!(count(&bot.shows(Bob), &format!("(quotes the card) {words}")), 1);
        assert!(bot.shows(Olivia).starts_with(words));
        let told = bot.asks(Bob, &format!("status {code}")).await;
        let second = told.lines().nth(1).unwrap();
        assert!(second.starts_with(words) && second.contains(first), "{told}");
        let told = bot.asks(Bob, &format!("verify {code}")).await;
        assert!(told.contains("not paid as asked") || told.contains(words), "{told}");
        bot.finish().await;
    }
}
