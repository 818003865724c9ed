//! Crowd: many invoices, callbacks and commands at once; MixPay's limit is kept all the same.

use crate::harness::{Alice, Bob, Bot, mins, secs};
use mixpay_bot::{
    config::Settings,
    demo::stage::Callbacks,
    sim::{Payment, Place},
};

/// Open invoices at once.
const CROWD: usize = 200;

#[tokio::test]
async fn two_hundred_open_invoices_and_a_storm_of_callbacks_keep_the_limit() {
    let many = |settings: &mut Settings| settings.quota.invoices_per_hour = 1000;
    let mut bot = Bot::with(Callbacks::On, many).await;
    for number in 0..CROWD {
        let line = format!("invoice 1 usd for {number} id order_{number}");
        bot.world.say(bot.id(Bob), Place::Private, &line).unwrap();
    }
    bot.passes(mins(6)).await;
    assert_eq!(bot.world.checkouts(), CROWD);
    bot.shows(Bob);
    let mut traces = Vec::new();
    for code in bot.codes().to_vec() {
        traces.push(bot.trace(&code).await.to_string());
    }
    assert_eq!(traces.len(), CROWD);
    for trace in &traces {
        bot.world.pay(trace, &Payment::default()).unwrap();
        bot.world.call_back_again(trace);
        bot.world.call_back_again(trace);
    }
    bot.restarts().await;
    for _ in 0..5 {
        for trace in &traces {
            bot.world.call_back_again(trace);
        }
        bot.says(Alice, "quote 10 usd in btc").await;
        bot.passes(secs(60)).await;
    }
    bot.passes(mins(6)).await;
    assert_eq!(bot.world.limit_violations(), 0);
    let shown = bot.shows(Bob);
    assert_eq!(crate::harness::count(&shown, "Paid 1.00 USD"), CROWD);
    bot.finish().await;
}
