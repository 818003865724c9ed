//! Help: what can be said, with buttons that say it.

use crate::{
    domain::locale::Locale,
    speech::{Draft, Tap, answer::help_taps},
};

/// Help in a chat of our own: every command once, and the commonest ones to tap.
pub fn private(locale: Locale) -> Vec<Draft> {
    let text = match locale {
        Locale::En => {
            "I make MixPay payments. Say what you want to receive; any coin can pay it.\n\
             Receive: invoice 10 usd coffee · link 5 usd tips · quote 10 usd in btc\n\
             Follow: status · list · cancel · accept · reject · verify CODE · pay CODE · export\n\
             Look up: uuid 37160854 · asset usdt, or send me a contact card\n\
             Choose: settle usdt · payee me · multisig 2 of @a @b @c · lang · settings · stop · start"
        }
        Locale::Zh => {
            "我用 MixPay 收款。说出你要收多少，付款人可用任何币种支付。\n\
             收款：收款10美元咖啡 · 链接5美元小费 · 报价 10 usd in btc\n\
             跟踪：状态 · 列表 · 取消 · 确认 · 拒绝 · 验真 编号 · 付款 编号 · 导出\n\
             查询：查 37160854 · 币 usdt，或直接发名片给我\n\
             设置：结算 usdt · 收款方 我 · 多签 2 of @a @b @c · 语言 · 设置 · 停止 · 开始"
        }
    };
    vec![Draft::text(text), Draft::buttons(private_taps(locale)).silently()]
}

/// What can be tapped in a chat of our own. The Chinese lines are Chinese: what is tapped is said,
/// and the language of the answer follows what is said until one is chosen.
fn private_taps(locale: Locale) -> Vec<Tap> {
    let lines = match locale {
        Locale::En => {
            ["invoice 10 usd coffee", "link 5 usd tips", "status", "uuid me", "settings", "lang"]
        }
        Locale::Zh => ["收款10美元咖啡", "链接5美元小费", "状态", "查 我", "设置", "语言"],
    };
    lines.into_iter().map(|line| Tap::say(line, line)).collect()
}

/// Help in a group: how to speak to the bot, and three buttons.
pub fn group(number: &str, locale: Locale) -> Vec<Draft> {
    let text = match locale {
        Locale::En => format!(
            "In groups I read lines that begin with @{number} and a space:\n\
             @{number} invoice 10 usd for dinner\n\
             @{number} link 5 usd tips\n\
             Everything else I can do: say help in a chat of our own."
        ),
        Locale::Zh => format!(
            "在群里，我只看以 @{number} 加空格开头的消息：\n\
             @{number} 收款10美元晚餐\n\
             @{number} 链接5美元小费\n\
             其他功能：请私聊我发送 帮助。"
        ),
    };
    vec![Draft::text(text), Draft::buttons(help_taps(locale)).silently()]
}
