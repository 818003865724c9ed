//! What is said about writing to people for others.

use crate::domain::locale::Locale;

/// Somebody does not want to be written to for others.
pub fn quiet(locale: Locale) -> String {
    match locale {
        Locale::En => "I won't write to you for others any more. start takes that back.",
        Locale::Zh => "我不会再替别人给你发消息。发送 开始 可恢复。",
    }
    .to_owned()
}

/// Somebody may be written to for others again.
pub fn start(locale: Locale) -> String {
    match locale {
        Locale::En => "Whoever asks you for a payment can have me write to you. stop ends that.",
        Locale::Zh => "别人请你付款时，我会给你发消息。发送 停止 可关闭。",
    }
    .to_owned()
}

/// Whoever is asked for a payment does not want to hear of it.
pub fn not_wanted(locale: Locale) -> String {
    match locale {
        Locale::En => {
            "They do not want me to write to them for others: share the card with them yourself."
        }
        Locale::Zh => "对方不希望我替别人发消息：请自己把卡片分享给对方。",
    }
    .to_owned()
}

/// Too many people who never spoke to the bot were written to today.
pub fn enough(limit: u32, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "Today I wrote to {limit} people for you who never wrote to me: share the card with \
             them yourself."
        ),
        Locale::Zh => format!("今天我已替你给 {limit} 位从未与我聊过的人发消息：请自己分享卡片。"),
    }
}
