//! Talk: what is no command, what is no text, and who is never answered.

use crate::harness::{Alice, Bob, Bot, secs};
use mixpay_bot::sim::{Place, world::chat::Line};

#[tokio::test]
async fn three_lines_a_minute_that_are_not_understood_are_answered_and_commands_always() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "what a lovely day").await, @r"
    I did not understand that.
    For example: invoice 10 usd coffee
    (silent) [help]
    ");
    assert_ne!(bot.asks(Bob, "今天天气真好").await, "");
    assert_ne!(bot.asks(Bob, "and again").await, "");
    assert_eq!(bot.asks(Bob, "and again").await, "");
    assert_eq!(bot.asks(Bob, "ping").await, "pong");
    assert_ne!(bot.asks(Alice, "what a lovely day").await, "");
    bot.passes(secs(61)).await;
    assert_ne!(bot.asks(Bob, "and again").await, "");
    bot.finish().await;
}

#[tokio::test]
async fn what_was_said_done_and_refused_is_counted() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "ping").await;
    // Who is meant is found out first; it is one command all the same.
    bot.says(Bob, "uuid 99999991").await;
    bot.says(Bob, "invoice 10.001 usd").await;
    let metrics = bot.metrics().await;
    for counted in [
        "commands_total{command=\"ping\"} 1",
        "commands_total{command=\"uuid\"} 1",
        "messages_refused_total 1",
    ] {
        assert!(metrics.contains(&format!("mixpay_bot_{counted}\n")), "{counted}: {metrics}");
    }
    let value = |name: &str| -> u64 {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name}: {metrics}")).parse().unwrap()
    };
    // Three answers at least; and nothing is left to do.
    let done = value("mixpay_bot_effects_done_total ");
    assert!(done >= 3, "{metrics}");
    assert_eq!(value("mixpay_bot_effects_enqueued_total "), done);
    bot.finish().await;
}

#[tokio::test]
async fn a_word_that_is_nearly_a_command_is_offered() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "invocie 10 usd").await, @r"
    I did not understand that. Did you mean
    (silent) [invoice 10 usd]
    ");
    insta::assert_snapshot!(bot.asks(Bob, "statsu").await, @r"
    I did not understand that. Did you mean
    (silent) [status]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn bare_money_makes_nothing_until_it_is_tapped() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "$10 coffee").await, @r"
    To make an invoice of that, tap below. Nothing has been made yet.
    (silent) [invoice 10 usd for coffee]
    ");
    assert_eq!(bot.world.checkouts(), 0);
    bot.finish().await;
}

#[tokio::test]
async fn what_is_not_text_is_answered_so() {
    let mut bot = Bot::new().await;
    bot.world.send_sticker(bot.id(Bob), Place::Private).unwrap();
    bot.settle().await;
    insta::assert_snapshot!(bot.shows(Bob), @"I read text. Try help.");
    let audio = Line::Other { category: "PLAIN_AUDIO".to_owned(), data: b"{}".to_vec() };
    bot.world.send(bot.id(Bob), Place::Private, None, audio).unwrap();
    let strange = Line::Other { category: "PLAIN_NEWS_OF_2030".to_owned(), data: vec![0, 159] };
    bot.world.send(bot.id(Bob), Place::Private, None, strange).unwrap();
    let secret = Line::Other { category: "ENCRYPTED_TEXT".to_owned(), data: vec![1; 90] };
    bot.world.send(bot.id(Bob), Place::Private, None, secret).unwrap();
    bot.settle().await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    I read text. Try help.
    I could not decrypt that message. Please send it again.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn other_bots_are_never_answered() {
    let mut bot = Bot::new().await;
    let other = bot.world.add_other_bot("Parrot");
    for line in ["help", "invoice 10 usd", "7000101422", "blah"] {
        bot.world.say(other, Place::Private, line).unwrap();
        bot.settle().await;
    }
    bot.world.send_sticker(other, Place::Private).unwrap();
    bot.settle().await;
    assert_eq!(bot.world.shown(other, Place::Private), []);
    assert_eq!(bot.world.checkouts(), 0);
    bot.finish().await;
}

#[tokio::test]
async fn many_lines_at_once_are_answered_in_their_order() {
    let mut bot = Bot::new().await;
    for number in 1..=20 {
        bot.world
            .say(bot.id(Bob), Place::Private, &format!("quote {number} usd in usdt@erc20"))
            .unwrap();
        bot.world.say(bot.id(Alice), Place::Private, "ping").unwrap();
    }
    bot.settle().await;
    assert_eq!(bot.shows(Alice).lines().filter(|line| *line == "pong").count(), 20);
    assert!(!bot.shows(Bob).is_empty());
    bot.finish().await;
}
