//! Help: what the bot says to whoever does not know what to say.

use crate::harness::{Bob, Bot};

#[tokio::test]
async fn help_in_english_and_in_chinese() {
    let mut bot = Bot::new().await;
    let help = bot.asks(Bob, "help").await;
    insta::assert_snapshot!(help, @r"
    I make MixPay payments. Say what you want to receive; any coin can pay it.
    Receive: invoice 10 usd coffee · link 5 usd tips · quote 10 usd in btc
    Follow: status · list · cancel · accept · reject · verify CODE · pay CODE · export
    Look up: uuid 37160854 · asset usdt, or send me a contact card
    Choose: settle usdt · payee me · multisig 2 of @a @b @c · lang · settings · stop · start
    (silent) [invoice 10 usd coffee] [link 5 usd tips] [status] [uuid me] [settings] [lang]
    ");
    for line in ["Hi", "Hello", "/help", "HELP"] {
        assert_eq!(bot.asks(Bob, line).await, help, "{line}");
    }
    let help = bot.asks(Bob, "你好").await;
    insta::assert_snapshot!(help, @r"
    我用 MixPay 收款。说出你要收多少，付款人可用任何币种支付。
    收款：收款10美元咖啡 · 链接5美元小费 · 报价 10 usd in btc
    跟踪：状态 · 列表 · 取消 · 确认 · 拒绝 · 验真 编号 · 付款 编号 · 导出
    查询：查 37160854 · 币 usdt，或直接发名片给我
    设置：结算 usdt · 收款方 我 · 多签 2 of @a @b @c · 语言 · 设置 · 停止 · 开始
    (silent) [收款10美元咖啡] [链接5美元小费] [状态] [查 我] [设置] [语言]
    ");
    assert_eq!(bot.asks(Bob, "帮助").await, help);
    bot.finish().await;
}

#[tokio::test]
async fn every_button_of_help_is_understood() {
    let mut bot = Bot::new().await;
    for line in ["help", "帮助"] {
        bot.says(Bob, line).await;
        let shown = bot.world.shown(bot.id(Bob), mixpay_bot::sim::Place::Private);
        let group = shown.iter().rev().find(|shown| !shown.buttons().is_empty()).unwrap();
        let labels: Vec<String> = group.buttons().iter().map(|b| b.label.clone()).collect();
        for label in labels {
            bot.shows(Bob);
            bot.taps(Bob, &label).await;
            let shown = bot.shows(Bob);
            let puzzled =
                ["did not understand", "没看懂"].iter().any(|words| shown.contains(words));
            assert!(!shown.is_empty() && !puzzled, "{label}: {shown}");
        }
    }
    bot.finish().await;
}

#[tokio::test]
async fn ping_is_answered_with_pong() {
    let mut bot = Bot::new().await;
    assert_eq!(bot.asks(Bob, "ping").await, "pong");
    bot.finish().await;
}
