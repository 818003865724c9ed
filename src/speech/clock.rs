//! What is said about the bot's own clock.

use crate::domain::locale::Locale;
use jiff::SignedDuration;

/// Our clock is so far ahead of Mixin's; behind, if less than zero.
pub fn wrong(error: SignedDuration, locale: Locale) -> String {
    let seconds = error.as_secs().unsigned_abs();
    match (error.is_negative(), locale) {
        (false, Locale::En) => format!("The bot's clock is {seconds} s ahead of Mixin's."),
        (true, Locale::En) => format!("The bot's clock is {seconds} s behind Mixin's."),
        (false, Locale::Zh) => format!("机器人的时钟比 Mixin 快 {seconds} 秒。"),
        (true, Locale::Zh) => format!("机器人的时钟比 Mixin 慢 {seconds} 秒。"),
    }
}
