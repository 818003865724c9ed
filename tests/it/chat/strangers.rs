//! Strangers: people whom the bot does not know yet, and whom others have it write to.

use crate::harness::{Alice, Bob, Bot, Carol, count, secs};
use mixpay_bot::{
    domain::ids::UserId,
    runtime::readiness::Condition,
    sim::{Place, Shown},
};

/// So many people whom the bot has never met.
fn strangers(bot: &Bot, count: usize) -> Vec<UserId> {
    (0..count).map(|number| bot.world.add_person(&format!("Guest {number}"))).collect()
}

fn texts(bot: &Bot, who: UserId) -> Vec<String> {
    bot.world.shown(who, Place::Private).iter().map(Shown::words).collect()
}

#[tokio::test]
async fn strangers_are_asked_about_together_and_answered_in_the_order_of_their_lines() {
    let mut bot = Bot::new().await;
    let guests = strangers(&bot, 250);
    let before = bot.world.people_requests();
    for line in ["verify K7Q2MXN", "ping", "verify 6CCHAXW"] {
        for guest in &guests {
            bot.world.say(*guest, Place::Private, line).unwrap();
        }
    }
    bot.settle().await;
    for guest in guests {
        let told = texts(&bot, guest);
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("K7Q2MXN") && told[2].contains("6CCHAXW"), "{told:?}");
        assert_eq!(told[1], "pong");
    }
    let asked = bot.world.people_requests() - before;
    assert!(asked <= 10, "{asked} requests about 250 people");
    bot.finish().await;
}

#[tokio::test]
async fn one_strangers_many_lines_are_one_question() {
    let mut bot = Bot::new().await;
    let guest = strangers(&bot, 1)[0];
    let before = bot.world.people_requests();
    for _ in 0..600 {
        bot.world.say(guest, Place::Private, "ping").unwrap();
    }
    bot.settle().await;
    assert_eq!(texts(&bot, guest).len(), 600);
    assert_eq!(bot.world.people_requests() - before, 1);
    bot.finish().await;
}

#[tokio::test]
async fn bots_among_strangers_are_not_answered() {
    let mut bot = Bot::new().await;
    let guests = strangers(&bot, 3);
    let other = bot.world.add_other_bot("Parrot");
    for who in [guests[0], other, guests[1], guests[2]] {
        for line in ["ping", "help", "what is this"] {
            bot.world.say(who, Place::Private, line).unwrap();
        }
    }
    bot.settle().await;
    assert_eq!(texts(&bot, other), [""; 0]);
    for guest in guests {
        assert_eq!(texts(&bot, guest)[0], "pong");
    }
    bot.finish().await;
}

#[tokio::test]
async fn a_stranger_about_whom_mixin_refuses_every_question_holds_up_nobody() {
    let mut bot = Bot::new().await;
    let guests = strangers(&bot, 40);
    let refused = Some(guests[17].to_string());
    bot.world.faults(|faults, _| faults.person_refused = refused);
    for guest in &guests {
        bot.world.say(*guest, Place::Private, "ping").unwrap();
    }
    bot.settle().await;
    for guest in guests {
        assert_eq!(texts(&bot, guest), ["pong"]);
    }
    bot.finish().await;
}

#[tokio::test]
async fn people_who_are_looked_up_by_their_ids_are_asked_about_together() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "ping").await;
    let guests = strangers(&bot, 60);
    let before = bot.world.people_requests();
    for guest in &guests {
        bot.world.say(bot.id(Bob), Place::Private, &format!("uuid {guest}")).unwrap();
    }
    // Whether MixPay knows them takes its share of MixPay's minute.
    bot.passes(secs(30)).await;
    let shown = bot.shows(Bob);
    for number in 0..60 {
        assert!(shown.contains(&format!("Guest {number} ")), "{number}: {shown}");
    }
    let asked = bot.world.people_requests() - before;
    assert!(asked <= 6, "{asked} requests about 60 people");
    bot.finish().await;
}

#[tokio::test]
async fn three_strangers_a_day_are_written_to_for_somebody() {
    let mut bot = Bot::new().await;
    bot.says(Alice, "ping").await;
    bot.shows(Alice);
    let guests = strangers(&bot, 5);
    let mut answers = Vec::new();
    for guest in &guests {
        let number = bot.world.person(*guest).unwrap().number;
        let line = format!("invoice 10 usd from @{number} for lunch");
        answers.push(bot.asks(Bob, &line).await);
    }
    let told: Vec<usize> = guests.iter().map(|guest| texts(&bot, *guest).len()).collect();
    assert_eq!(told, [3, 3, 3, 0, 0]);
    insta::assert_snapshot!(answers[3], @r"
    Today I wrote to 3 people for you who never wrote to me: share the card with them yourself.
    [card] 10.00 USD · lunch
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    [Pay 10.00 USD]
    (silent) [picture]
    (silent) [Status] [Cancel] [Share]
    ");
    // Whoever spoke to the bot is no stranger.
    let number = bot.person(Alice).number;
    bot.says(Bob, &format!("invoice 10 usd from @{number} for lunch")).await;
    assert!(bot.shows(Alice).contains("asks you for this payment"));
    // Others have their own three, and the next day has three more.
    let number = bot.world.person(guests[4]).unwrap().number;
    bot.says(Carol, &format!("invoice 10 usd from @{number} for lunch")).await;
    assert_eq!(texts(&bot, guests[4]).len(), 3);
    bot.finish().await;
}

#[tokio::test]
async fn whoever_says_stop_is_not_written_to_for_others_until_they_say_start() {
    let mut bot = Bot::new().await;
    let number = bot.person(Alice).number;
    let line = format!("invoice 10 usd from @{number} for lunch");
    let asked = bot.invoice(Bob, &line).await;
    bot.shows(Alice);
    insta::assert_snapshot!(bot.asks(Alice, "stop").await, @"I won't write to you for others any more. start takes that back.");
    insta::assert_snapshot!(bot.asks(Bob, &line).await, @r"
    They do not want me to write to them for others: share the card with them yourself.
    [card] 10.00 USD · lunch
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    [Pay 10.00 USD]
    (silent) [picture]
    (silent) [Status] [Cancel] [Share]
    ");
    // What was asked before is not told either when it is paid.
    bot.pays(&asked).await;
    assert!(bot.shows(Bob).contains("Paid 10.00 USD"));
    assert_eq!(bot.shows(Alice), "");
    insta::assert_snapshot!(bot.asks(Alice, "停止").await, @"我不会再替别人给你发消息。发送 开始 可恢复。");
    insta::assert_snapshot!(bot.asks(Alice, "start").await, @"Whoever asks you for a payment can have me write to you. stop ends that.");
    bot.says(Bob, &line).await;
    assert_eq!(count(&bot.shows(Alice), "asks you for this payment"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn while_our_clock_is_wrong_nothing_is_made_that_depends_on_it() {
    let mut bot = Bot::new().await;
    let link = bot.invoice(Bob, "link 5 usd tips").await;
    let checkouts = bot.world.checkouts();
    bot.stage
        .readiness()
        .unwrap()
        .set(Condition::Clock, Some("our clock is 400 s ahead of Mixin's".to_owned()));
    for line in ["invoice 10 usd for coffee", "link 5 usd", "quote 10 usd in btc"] {
        let told = bot.asks(Bob, line).await;
        assert_eq!(told, "My clock is wrong, so I make no invoices now; the operator knows.");
    }
    let told = bot.asks(Alice, &format!("pay {link}")).await;
    assert_eq!(told, "My clock is wrong, so I make no invoices now; the operator knows.");
    insta::assert_snapshot!(bot.asks(Bob, "收款10美元咖啡").await, @"我的时钟不准，暂时不能创建收款；运营者已知晓。");
    assert_eq!(bot.world.checkouts(), checkouts);
    assert_eq!(bot.asks(Bob, "ping").await, "pong");
    bot.stage.readiness().unwrap().set(Condition::Clock, None);
    bot.invoice(Bob, "invoice 10 usd for coffee").await;
    bot.finish().await;
}
