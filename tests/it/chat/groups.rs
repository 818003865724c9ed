//! Groups: only lines that carry the number are answered, and buttons carry it back.

use crate::harness::{Alice, Bob, Bot, Carol, amount, count, mins, secs};
use mixpay_bot::sim::{How, Place, Shown, Tapped, coins};

#[tokio::test]
async fn a_group_is_greeted_when_the_bot_is_added() {
    let bot = Bot::new().await;
    let group = bot.world.add_group("Lunch", bot.id(Alice), &[], &[bot.id(Bob)]);
    bot.stage.settle().await.unwrap();
    let shown = bot.world.shown(bot.id(Alice), Place::Group(group));
    let words: Vec<String> = shown.iter().map(Shown::words).collect();
    insta::assert_snapshot!(words.join("\n"), @r"
    Hello! I make invoices.
    In this group I read lines that begin with @7000104999 and a space. For example: @7000104999 invoice 10 usd for dinner
    [invoice] [status] [help]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn only_lines_with_the_number_are_answered() {
    let mut bot = Bot::new().await;
    bot.shows_group();
    let said = bot.world.say(bot.id(Bob), bot.group(), "invoice 10 usd").unwrap();
    assert!(!said.heard);
    bot.settle().await;
    assert_eq!(bot.shows_group(), "");
    bot.says_in_group(Bob, "invoice 10 usd for dinner").await;
    insta::assert_snapshot!(bot.shows_group(), @r"
    [card] 10.00 USD · dinner
    Invoice of Bob.
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 30 min. Code [CODE]
    [Pay 10.00 USD]
    (silent) [picture]
    (silent) [Status] [Cancel] [Share]
    ");
    assert_eq!((bot.shows(Bob), bot.shows(Alice)), (String::new(), String::new()));
    bot.finish().await;
}

#[tokio::test]
async fn every_button_in_a_group_carries_the_number_so_that_a_tap_is_heard() {
    let mut bot = Bot::new().await;
    bot.says_in_group(Bob, "invoice 10 usd for dinner").await;
    let number = bot.bot_number();
    let shown = bot.world.shown(bot.id(Bob), bot.group());
    let actions: Vec<String> =
        shown.iter().flat_map(|shown| shown.buttons().iter().map(|b| b.action.clone())).collect();
    let inputs: Vec<&String> = actions.iter().filter(|a| a.starts_with("input:")).collect();
    assert!(inputs.len() >= 5, "{actions:?}");
    for action in inputs {
        assert!(action.starts_with(&format!("input:@{number} ")), "{action}");
    }
    bot.shows_group();
    let tapped = bot.taps_in_group(Alice, "Status").await;
    assert!(matches!(tapped, Tapped::Said(said) if said.heard), "{tapped:?}");
    insta::assert_snapshot!(bot.shows_group(), @r"
    (quotes the line) [CODE] · 10.00 USD · dinner
    Open. Not paid yet. Expires in 30 min.
    trace [UUID]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn who_decides_in_private_about_an_invoice_of_the_group_is_told_there_too() {
    let mut bot = Bot::new().await;
    bot.says_in_group(Bob, "invoice 10 usd for dinner").await;
    bot.shows_group();
    let code = bot.code();
    bot.passes(secs(10)).await;
    // Its last answer is newer than the wish to cancel, which cancels at once.
    bot.world.faults(|faults, _| faults.mixpay_clock_ahead = jiff::SignedDuration::from_mins(5));
    bot.asks_in_group(Bob, "status").await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.asks(Bob, &format!("cancel {code}")).await, @r"
    [CODE] · 10.00 USD · dinner
    Cancelled. The link can still be paid until 2026-11-21 16:30:00 UTC; you will be told if it is.
    trace [UUID]
    ");
    insta::assert_snapshot!(bot.shows_group(), @r"
    (quotes the card) (silent) Cancelled: [CODE], 10.00 USD.
    The link can still be paid until 2026-11-21 16:30:00 UTC; if money comes, you will be told.
    ");
    bot.finish().await;

    let mut bot = Bot::new().await;
    bot.says_in_group(Bob, "invoice 10 usd for dinner").await;
    bot.shows_group();
    let code = bot.code();
    bot.pays_on_chain(&code, coins::USDT, How::Underpay(amount("4"))).await;
    bot.passes(secs(10)).await;
    bot.shows_group();
    insta::assert_snapshot!(bot.asks(Bob, &format!("accept {code} confirm")).await, @r"
    [CODE] · 10.00 USD · dinner
    Paid 14:00:10 UTC, settlement pending.
    got 4 USDT
    Decided by hand.
    trace [UUID]
    ");
    insta::assert_snapshot!(bot.shows_group(), @r"
    (quotes the card) Paid 10.00 USD (4 USDT). Receipt [CODE], 2026-11-21 14:00:10 UTC.
    Decided by hand.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn a_member_does_not_cancel_another_members_invoice_but_an_admin_does() {
    let mut bot = Bot::new().await;
    bot.says_in_group(Bob, "invoice 10 usd for dinner").await;
    bot.shows_group();
    bot.taps_in_group(Alice, "Cancel").await;
    insta::assert_snapshot!(bot.shows_group(), @"(quotes the line) That invoice is not yours to decide about. Ask whoever made it.");
    bot.says_in_group(Alice, "invoice 7 usd for wine").await;
    bot.shows_group();
    bot.taps_in_group(Bob, "Cancel").await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows_group(), @r"
    (quotes the line) Cancelling [CODE]: I am asking MixPay first whether money came.
    (quotes the card) (silent) Cancelled: [CODE], 7.00 USD.
    The link can still be paid until 2026-11-21 16:30:00 UTC; if money comes, you will be told.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn what_becomes_of_an_invoice_is_told_where_it_was_made() {
    let mut bot = Bot::new().await;
    bot.says_in_group(Bob, "invoice 10 usd for dinner").await;
    bot.shows_group();
    let code = bot.code();
    bot.pays(&code).await;
    bot.passes(secs(10)).await;
    insta::assert_snapshot!(bot.shows_group(), @r"
    (quotes the card) Paid 10.00 USD (0.00009434 BTC). Receipt [CODE], 2026-11-21 14:00:00 UTC.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    (quotes the card) (silent) Settled: 9.98 USDT reached the payee.
    ");
    assert_eq!(bot.shows(Bob), "");
    bot.finish().await;
}

#[tokio::test]
async fn an_expired_invoice_is_told_in_the_group_in_its_language() {
    let mut bot = Bot::new().await;
    bot.says_in_group(Bob, "收款10美元晚餐").await;
    insta::assert_snapshot!(bot.shows_group(), @r"
    [card] Hello! I make invoices. (not to be shared)
    In this group I read lines that begin with @7000104999 and a space. For example: @7000104999 invoice 10 usd for dinner
    [invoice] [status] [help]
    [card] 10.00 USD · 晚餐
    Bob 的收款。
    收款方 Bob (37160855)。可用 MixPay 支持的任何币种支付。
    结算为 USDT (ERC20)。30 分钟后过期。编号 [CODE]
    [支付 10.00 USD]
    (silent) [picture]
    (silent) [状态] [取消] [分享]
    ");
    bot.passes(mins(31)).await;
    insta::assert_snapshot!(bot.shows_group(), @r"
    (quotes the card) 已过期：[CODE]，10.00 USD 未在期限内支付。
    链接在 2026-11-21 16:30:00 UTC 之前仍可支付；若有款项到账会通知你。
    ");
    bot.finish().await;
}

#[tokio::test]
async fn what_is_private_is_not_told_in_a_group() {
    let mut bot = Bot::new().await;
    for line in ["list", "payee me", "settle btc", "export", "列表"] {
        let shown = bot.asks_in_group(Bob, line).await;
        assert!(
            shown.contains("ask me in a chat of our own") || shown.contains("请私聊我"),
            "{line}: {shown}"
        );
    }
    assert!(bot.shows(Bob).is_empty());
    bot.finish().await;
}

#[tokio::test]
async fn an_empty_mention_is_answered_with_three_buttons() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks_in_group(Alice, "").await, @r"
    (quotes the line) In groups I read lines that begin with @7000104999 and a space:
    @7000104999 invoice 10 usd for dinner
    @7000104999 link 5 usd tips
    Everything else I can do: say help in a chat of our own.
    (silent) [invoice] [status] [help]
    ");
    insta::assert_snapshot!(bot.asks_in_group(Alice, "help").await, @r"
    (quotes the line) In groups I read lines that begin with @7000104999 and a space:
    @7000104999 invoice 10 usd for dinner
    @7000104999 link 5 usd tips
    Everything else I can do: say help in a chat of our own.
    (silent) [invoice] [status] [help]
    ");
    insta::assert_snapshot!(bot.asks_in_group(Alice, "你好").await, @r"
    (quotes the line) 在群里，我只看以 @7000104999 加空格开头的消息：
    @7000104999 收款10美元晚餐
    @7000104999 链接5美元小费
    其他功能：请私聊我发送 帮助。
    (silent) [收款] [状态] [帮助]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn a_bot_that_was_removed_says_nothing_and_loses_nothing() {
    let mut bot = Bot::new().await;
    bot.says_in_group(Bob, "invoice 10 usd for dinner").await;
    bot.shows_group();
    let code = bot.code();
    let (bob, ours) = (bot.id(Bob), bot.world.bot());
    bot.world.remove_from_group(bot.stage.group, bob, ours);
    bot.pays(&code).await;
    bot.passes(secs(10)).await;
    assert_eq!(bot.shows_group(), "");
    let shown = bot.asks(Bob, &format!("status {code}")).await;
    assert!(shown.contains("settled"), "{shown}");
    assert_ne!(bot.asks(Carol, "ping").await, "");
    bot.finish().await;
}

/// Cancelled, seen, failed, paid in part, reviewed, paid and settled.
async fn all_that_can_happen_to(bot: &mut Bot, code: &str) {
    bot.passes(secs(20)).await;
    bot.pays_on_chain(code, coins::USDT, How::Exact).await;
    bot.passes(secs(20)).await;
    bot.pays_on_chain(code, coins::USDT, How::WrongAsset).await;
    bot.passes(secs(20)).await;
    bot.pays_on_chain(code, coins::USDT, How::Underpay(amount("4"))).await;
    bot.passes(secs(20)).await;
    bot.pays_on_chain(code, coins::USDT, How::Audited).await;
    bot.passes(secs(20)).await;
    let trace = bot.trace(code).await;
    bot.world.audit_stop(&trace.to_string(), None);
    bot.passes(mins(1)).await;
}

#[tokio::test]
async fn in_private_every_change_is_told_however_many_there_are() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for dinner").await;
    bot.says(Bob, &format!("cancel {code}")).await;
    all_that_can_happen_to(&mut bot, &code).await;
    let shown = bot.shows(Bob);
    for told in ["Cancelled:", "seen:", "Failed:", "Underpaid:", "review", "Paid", "Settled:"] {
        assert_eq!(count(&shown, told), 1, "{told} in {shown}");
    }
    bot.finish().await;
}

#[tokio::test]
async fn a_group_hears_at_most_four_quiet_lines_about_an_invoice_and_its_end_in_any_case() {
    let mut bot = Bot::new().await;
    bot.says_in_group(Bob, "invoice 10 usd for dinner").await;
    bot.shows_group();
    let code = bot.code();
    bot.says_in_group(Bob, &format!("cancel {code}")).await;
    all_that_can_happen_to(&mut bot, &code).await;
    // What would be the fifth is "Settled".
    insta::assert_snapshot!(bot.shows_group(), @r"
    (quotes the line) Cancelling [CODE]: I am asking MixPay first whether money came.
    (quotes the card) (silent) Cancelled: [CODE], 10.00 USD.
    The link can still be paid until 2026-11-21 16:30:00 UTC; if money comes, you will be told.
    (quotes the card) (silent) Payment seen: 10 USDT, 0 of 12 confirmations.
    (quotes the card) [CODE] · Failed: the wrong coin was paid; make a new invoice and pay exactly the coin that is shown. Received 20 TRX, MixPay must return it.
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 10.00 USD, received 20 TRX, made 2026-11-21 14:00:00 UTC
    (quotes the card) (silent) Underpaid: 4 USDT came, 6 USDT missing.
    The same link still works; the rest can be paid there. Or: accept [CODE]
    (quotes the card) (silent) Under review at MixPay. Nothing expires meanwhile; you will be told.
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 10.00 USD, received 10 USDT, made 2026-11-21 14:00:00 UTC
    (quotes the card) Paid 10.00 USD (10 USDT). Receipt [CODE], 2026-11-21 14:01:20 UTC.
    The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.
    ");
    bot.finish().await;
}

#[tokio::test]
async fn what_a_group_may_no_longer_be_told_keeps_nothing_from_anybody_else() {
    let mut bot = Bot::new().await;
    bot.says_in_group(Bob, "invoice 10 usd for dinner").await;
    bot.shows_group();
    let in_group = bot.code();
    let of_alice = bot.invoice(Alice, "invoice 20 usd for shoes").await;
    let of_bob = bot.invoice(Bob, "invoice 30 usd for coats").await;
    // Mixin comes back when the words for all three wait, and refuses those to the group.
    bot.world.mixin_offline_for(mins(1));
    for code in [&of_alice, &in_group, &of_bob] {
        bot.pays(code).await;
    }
    let (bob, ours) = (bot.id(Bob), bot.world.bot());
    bot.world.remove_from_group(bot.stage.group, bob, ours);
    bot.passes(mins(3)).await;
    assert_eq!(bot.shows_group(), "");
    for (who, price) in [(Alice, "20.00"), (Bob, "30.00")] {
        let shown = bot.shows(who);
        assert_eq!(count(&shown, &format!("Paid {price} USD")), 1, "{shown}");
    }
    bot.finish().await;
}
