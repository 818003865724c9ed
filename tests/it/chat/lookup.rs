//! `uuid`: who is behind a Mixin ID, a UUID or a contact card.

use crate::harness::{Alice, Bob, Bot, Carol, Olivia, secs};
use mixpay_bot::{config::Settings, demo::stage::Callbacks, sim::Place};

#[tokio::test]
async fn a_number_is_answered_with_the_uuid_alone_on_its_line() {
    let mut bot = Bot::new().await;
    bot.says(Bob, "7000101422").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    小助理 · bot 7000101422
    UUID
    [UUID of 小助理]
    MixPay knows them.
    (silent) [contact [UUID of 小助理]]
    (silent) [Transfer] [QR] [Use as payee]
    ");
    assert!(bot.action(Bob, "Use as payee").starts_with("input:payee a0b1c2d3-"));
    let number = bot.person(Carol).number;
    insta::assert_snapshot!(bot.asks(Bob, &format!("查 {number}")).await, @r"
    Carol · Mixin ID 37160857
    UUID
    [UUID of Carol]
    MixPay 已有此用户。
    (silent) [contact [UUID of Carol]]
    (silent) [转账] [二维码] [设为收款方]
    ");
    bot.taps(Bob, "二维码").await;
    insta::assert_snapshot!(bot.shows(Bob), @"[picture]");
    bot.finish().await;
}

#[tokio::test]
async fn a_uuid_me_a_contact_and_a_mention_find_people_too() {
    let mut bot = Bot::new().await;
    let carol = bot.id(Carol);
    let by_id = bot.asks(Bob, &format!("uuid {carol}")).await;
    insta::assert_snapshot!(by_id, @r"
    Carol · Mixin ID 37160857
    UUID
    [UUID of Carol]
    MixPay knows them.
    (silent) [contact [UUID of Carol]]
    (silent) [Transfer] [QR] [Use as payee]
    ");
    assert_eq!(bot.asks(Bob, &carol.to_string()).await, by_id);
    let number = bot.person(Carol).number;
    assert_eq!(bot.asks(Bob, &format!("uuid @{number}")).await, by_id);
    bot.world.send_contact(bot.id(Bob), Place::Private, carol).unwrap();
    bot.settle().await;
    assert_eq!(bot.shows(Bob), by_id);
    insta::assert_snapshot!(bot.asks(Bob, "uuid me").await, @r"
    Bob · Mixin ID 37160855
    UUID
    [UUID of Bob]
    (silent) [contact [UUID of Bob]]
    (silent) [Transfer] [QR] [Use as payee]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn the_bot_knows_itself() {
    let mut bot = Bot::new().await;
    let number = bot.bot_number();
    let shown = bot.asks(Bob, &format!("uuid {number}")).await;
    assert!(shown.contains(&number), "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn what_exists_nowhere_is_said_to_exist_nowhere() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "uuid 99999999").await, @"Mixin ID 99999999 does not exist. Please check the digits.");
    insta::assert_snapshot!(
        bot.asks(Bob, "uuid 11111111-2222-4333-8444-555555555555").await,
        @"[UUID] exists nowhere: it is no user, no bot and no asset of Mixin. Please check it."
    );
    bot.finish().await;
}

#[tokio::test]
async fn somebody_whom_mixpay_does_not_know_is_said_to_be_unknown_to_it() {
    let mut bot = Bot::new().await;
    bot.world.change_person(bot.id(Carol), |carol| carol.uses_mixpay = false);
    let number = bot.person(Carol).number;
    insta::assert_snapshot!(bot.asks(Bob, &format!("uuid {number}")).await, @r"
    Carol · Mixin ID 37160857
    UUID
    [UUID of Carol]
    MixPay has not met them yet: they open it once to begin.
    (silent) [contact [UUID of Carol]]
    (silent) [Transfer] [QR] [Use as payee]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn during_a_search_ban_mixpay_answers_and_known_people_cost_nothing() {
    let mut bot = Bot::new().await;
    bot.says(Alice, "ping").await;
    let until = bot.stage.now() + secs(12 * 3600);
    bot.world.faults(|faults, _| faults.search_banned_until = Some(until));
    let number = bot.person(Carol).number;
    let shown = bot.asks(Bob, &format!("uuid {number}")).await;
    assert!(shown.contains("[UUID of Carol]"), "{shown}");
    // Known from what she said.
    let number = bot.person(Alice).number;
    assert!(bot.asks(Bob, &format!("uuid {number}")).await.contains("[UUID of Alice]"));
    // Known to neither.
    insta::assert_snapshot!(bot.asks(Bob, "uuid 99999998").await, @"I cannot look 99999998 up right now. Send me their contact card, or try again later.");
    bot.finish().await;
}

#[tokio::test]
async fn lookups_have_a_quota_a_day_and_known_people_are_free() {
    let few = |settings: &mut Settings| settings.quota.lookups_per_day = 2;
    let mut bot = Bot::with(Callbacks::On, few).await;
    assert!(bot.asks(Bob, "uuid 99999991").await.contains("does not exist"));
    assert!(bot.asks(Bob, "uuid 99999992").await.contains("does not exist"));
    let number = bot.person(Olivia).number;
    insta::assert_snapshot!(bot.asks(Bob, &format!("uuid {number}")).await, @"Your 2 lookups for today are spent. Known people can still be looked up.");
    assert!(bot.asks(Bob, "uuid me").await.contains("[UUID of Bob]"));
    bot.passes(secs(24 * 3600 + 60)).await;
    assert!(bot.asks(Bob, &format!("uuid {number}")).await.contains("[UUID of Olivia]"));
    bot.finish().await;
}
