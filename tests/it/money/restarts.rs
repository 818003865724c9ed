//! Restarts: the bot loses power in the middle of each story, and the story ends the same.

use crate::harness::{Alice, Bob, Bot, amount, count, mins, secs};
use mixpay_bot::sim::{How, Place, coins};

#[tokio::test]
async fn between_the_card_and_the_payment() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for wine").await;
    bot.restarts().await;
    bot.pays(&code).await;
    bot.passes(secs(20)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "Paid 10.00 USD"), count(&shown, "[card]")), (1, 0), "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn right_after_a_line_was_said() {
    let mut bot = Bot::new().await;
    bot.world.say(bot.id(Bob), Place::Private, "invoice 10 usd for wine").unwrap();
    bot.restarts().await;
    bot.passes(secs(30)).await;
    assert_eq!(count(&bot.shows(Bob), "[card]"), 1);
    assert_eq!(bot.world.checkouts(), 1);
    bot.finish().await;
}

#[tokio::test]
async fn while_mixpay_is_off_the_net() {
    let mut bot = Bot::new().await;
    bot.world.mixpay_offline_for(secs(60));
    bot.says(Bob, "invoice 10 usd for wine").await;
    bot.restarts().await;
    bot.passes(secs(10)).await;
    bot.restarts().await;
    bot.passes(mins(4)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "saved"), count(&shown, "[card]")), (1, 1), "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn after_a_creation_that_was_cut_off() {
    let mut bot = Bot::new().await;
    bot.world.habits(|habits| habits.same_body_same_code = false);
    bot.world.faults(|faults, _| faults.mixpay_made_then_cut = 1);
    bot.says(Bob, "invoice 10 usd for wine").await;
    bot.restarts().await;
    bot.passes(mins(2)).await;
    assert_eq!(count(&bot.shows(Bob), "[card]"), 1);
    let code = bot.code();
    bot.pays(&code).await;
    bot.passes(secs(20)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn between_underpayment_and_top_up() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for wine").await;
    bot.pays_on_chain(&code, coins::USDT, How::Underpay(amount("4"))).await;
    bot.restarts().await;
    bot.passes(secs(10)).await;
    bot.pays_on_chain(&code, coins::USDT, How::Exact).await;
    bot.restarts().await;
    bot.confirms(&code).await;
    bot.restarts().await;
    bot.passes(secs(20)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "Underpaid"), count(&shown, "Paid 10.00 USD")), (1, 1), "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn while_mixin_is_off_the_net_and_paid_is_due() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for wine").await;
    bot.world.faults(|faults, _| faults.messages_shown_then_500 = 1);
    bot.pays(&code).await;
    bot.restarts().await;
    bot.passes(mins(3)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn around_the_deadline() {
    let mut bot = Bot::new().await;
    bot.invoice(Bob, "invoice 10 usd expires 5m").await;
    bot.passes(mins(4)).await;
    bot.restarts().await;
    bot.passes(mins(2)).await;
    bot.restarts().await;
    bot.passes(mins(5)).await;
    assert_eq!(count(&bot.shows(Bob), "Expired"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn with_a_transfer_that_came_while_nobody_listened() {
    let mut bot = Bot::without_callbacks().await;
    bot.says(Bob, "payee bot confirm").await;
    let code = bot.invoice(Bob, "invoice 10 usd for wine").await;
    let trace = bot.trace(&code).await.to_string();
    bot.world.pay(&trace, &mixpay_bot::sim::Payment::default()).unwrap();
    bot.world.settle(&trace).unwrap();
    bot.restarts().await;
    bot.passes(secs(10)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "Paid 10.00 USD"), count(&shown, "Settled")), (1, 1), "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn in_a_queue_of_questions_every_line_is_answered_once() {
    let mut bot = Bot::new().await;
    for number in 1..=5 {
        bot.world.say(bot.id(Alice), Place::Private, &format!("uuid 9999999{number}")).unwrap();
    }
    bot.restarts().await;
    bot.passes(secs(30)).await;
    assert_eq!(count(&bot.shows(Alice), "does not exist"), 5);
    bot.finish().await;
}

#[tokio::test]
async fn sixteen_times_in_a_minute_and_mixpays_lists_are_asked_for_once() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for soup").await;
    bot.passes(secs(30)).await;
    let before = bot.world.mixpay_requests();
    for _ in 0..16 {
        bot.restarts().await;
    }
    assert!(bot.world.mixpay_requests() - before <= 1, "the lists were kept");
    bot.pays(&code).await;
    bot.passes(secs(10)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    // When they are old, they are asked for again.
    let before = bot.world.mixpay_requests();
    bot.passes(mins(11)).await;
    assert!(bot.world.mixpay_requests() - before >= 3);
    bot.finish().await;
}
