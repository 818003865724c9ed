//! `lang` and `settings`: what one person chooses, and the rules of a group.

use crate::harness::{Alice, Bob, Bot, Olivia, amount, count, mins, secs};
use mixpay_bot::sim::{How, coins, world::people::Role};

#[tokio::test]
async fn the_language_is_chosen_by_a_button_and_stays() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "lang").await, @r"
    I speak English. 也可以说中文。
    (silent) [English] [中文]
    ");
    bot.taps(Bob, "中文").await;
    insta::assert_snapshot!(bot.shows(Bob), @"今后我用中文与你交流。");
    assert!(bot.asks(Bob, "status").await.contains("还没有收款"));
    insta::assert_snapshot!(bot.asks(Bob, "lang en").await, @"I speak English with you from now on.");
    assert!(bot.asks(Bob, "状态").await.contains("No invoices yet"));
    bot.finish().await;
}

#[tokio::test]
async fn ones_own_settings_are_shown_and_changed() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "settings").await, @r"
    Language: English
    Usual currency: USD
    You receive: USDT (ERC20)
    Payee: Bob (37160855)
    (silent) [中文] [EUR] [CNY] [Receive another asset] [Another payee]
    ");
    insta::assert_snapshot!(bot.asks(Bob, "settings currency eur").await, @"EUR is offered first from now on. I never assume it: write it.");
    insta::assert_snapshot!(bot.asks(Bob, "invoice 10").await, @r"
    10 of what? Tap a currency, or write it after the amount.
    (silent) [10.00 EUR] [10.00 USD] [10.00 CNY] [10.00 GBP] [10.00 HKD]
    ");
    insta::assert_snapshot!(bot.asks(Bob, "settings results off").await, @"That is a rule for groups: say it in the group.");
    insta::assert_snapshot!(bot.asks(Bob, "设置").await, @r"
    语言：中文
    常用货币：EUR
    你收到：USDT (ERC20)
    收款方：Bob (37160855)
    (silent) [English] [USD] [CNY] [更改结算资产] [更改收款方]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn only_the_owner_and_admins_set_a_groups_rules() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks_in_group(Alice, "settings currency eur").await, @"(quotes the line) Only the group's owner and admins may do that.");
    insta::assert_snapshot!(bot.asks_in_group(Bob, "settings").await, @r"
    (quotes the line) Language: English
    Usual currency: USD
    Invoices are made by: everyone
    Results that are told: every step
    The owner and the admins can change this.
    (silent) [中文] [Invoices: owner and admins] [Results: only the end] [Results: only the end, silently]
    ");
    insta::assert_snapshot!(bot.asks_in_group(Bob, "settings currency eur").await, @"(quotes the line) EUR is offered first from now on. I never assume it: write it.");
    let (bob, alice) = (bot.id(Bob), bot.id(Alice));
    bot.world.set_role(bot.stage.group, bob, alice, Role::Admin);
    bot.settle().await;
    insta::assert_snapshot!(bot.asks_in_group(Alice, "settings language zh").await, @"(quotes the line) 今后我在本群使用中文。");
    insta::assert_snapshot!(bot.asks_in_group(Bob, "status").await, @"(quotes the line) 还没有收款。例如：收款10美元咖啡");
    assert_eq!(bot.shows(Olivia), "");
    bot.finish().await;
}

#[tokio::test]
async fn where_only_admins_make_invoices_members_are_refused() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks_in_group(Bob, "settings invoices admins").await, @"(quotes the line) Only the owner and the admins make invoices here from now on.");
    insta::assert_snapshot!(bot.asks_in_group(Alice, "invoice 10 usd").await, @"(quotes the line) In this group only the owner and the admins make invoices.");
    insta::assert_snapshot!(bot.asks_in_group(Alice, "link 10 usd").await, @"(quotes the line) In this group only the owner and the admins make invoices.");
    assert!(bot.asks_in_group(Bob, "invoice 10 usd").await.contains("[card]"));
    // In private everybody may.
    bot.invoice(Alice, "invoice 10 usd").await;
    bot.finish().await;
}

#[tokio::test]
async fn full_short_and_off_say_how_much_is_told_in_a_group() {
    let mut told = Vec::new();
    for results in ["full", "short", "off"] {
        let mut bot = Bot::new().await;
        bot.says_in_group(Bob, &format!("settings results {results}")).await;
        bot.says_in_group(Bob, "invoice 10 usd for dinner").await;
        bot.shows_group();
        let code = bot.code();
        bot.pays_on_chain(&code, coins::USDT, How::Underpay(amount("4"))).await;
        bot.passes(secs(20)).await;
        bot.pays_on_chain(&code, coins::USDT, How::Exact).await;
        bot.confirms(&code).await;
        bot.passes(mins(1)).await;
        told.push(format!("{results}:\n{}", bot.shows_group()));
        bot.finish().await;
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    full:
    (quotes the card) (silent) Underpaid: 4 USDT came, 6 USDT missing.
    The same link still works; the rest can be paid there. Or: accept [CODE]
    (quotes the card) Paid 10.00 USD (10 USDT). Receipt [CODE], 2026-11-21 14:00:20 UTC.
    Settled: 9.98 USDT reached the payee.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    short:
    (quotes the card) Paid 10.00 USD (10 USDT). Receipt [CODE], 2026-11-21 14:00:20 UTC.
    Settled: 9.98 USDT reached the payee.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    off:
    (quotes the card) (silent) Paid 10.00 USD (10 USDT). Receipt [CODE], 2026-11-21 14:00:20 UTC.
    Settled: 9.98 USDT reached the payee.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    ");
    assert_eq!(count(&told.join("\n"), "Paid 10.00 USD"), 3);
}
