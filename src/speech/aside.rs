//! What is said when something was set aside: to the person whose message it was, and to operators.

use crate::domain::locale::Locale;

/// Rows that are named in one message; the program lists all.
const NAMED_MAX: usize = 3;
/// As much of a reason is shown.
const REASON_CHARS_MAX: usize = 120;

/// Whether the operators know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// They were told.
    Now,
    /// They will be: they were told of something else a moment ago.
    Later,
    /// There are none.
    Nobody,
}

/// Something broke on our side.
pub fn broke(reference: &str, told: Told, locale: Locale) -> String {
    match (locale, told) {
        (Locale::En, Told::Now) => format!(
            "Something broke on my side. Nothing is lost; the operator was told. Reference {reference}"
        ),
        (Locale::En, Told::Later) => format!(
            "Something broke on my side. Nothing is lost; the operator will be told. Reference {reference}"
        ),
        (Locale::En, Told::Nobody) => {
            format!("Something broke on my side. Nothing is lost. Reference {reference}")
        }
        (Locale::Zh, Told::Now) => {
            format!("我这边出了点问题。没有任何数据丢失，已通知运营者。参考号 {reference}")
        }
        (Locale::Zh, Told::Later) => {
            format!("我这边出了点问题。没有任何数据丢失，将通知运营者。参考号 {reference}")
        }
        (Locale::Zh, Told::Nobody) => {
            format!("我这边出了点问题。没有任何数据丢失。参考号 {reference}")
        }
    }
}

/// Tells operators what was set aside: how much, and the first few by name and reason.
pub fn to_operators(count: i64, first: &[(String, String)], locale: Locale) -> String {
    let mut text = match locale {
        Locale::En if count == 1 => "Something in my database could not be worked with. It is set \
             aside, and everything else goes on:"
            .to_owned(),
        Locale::En => format!(
            "{count} things in my database could not be worked with. They are set aside, and \
             everything else goes on:"
        ),
        Locale::Zh => format!("数据库中有 {count} 项无法处理，已隔离，其余一切照常："),
    };
    for (name, reason) in first.iter().take(NAMED_MAX) {
        // One line each, whatever the row says.
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        let reason: String = reason.chars().map(plain).take(REASON_CHARS_MAX).collect();
        text.extend(["\n", name, ": ", &reason]);
    }
    text.push_str(match locale {
        Locale::En => "\nList them: mixpay-bot quarantine",
        Locale::Zh => "\n查看全部：mixpay-bot quarantine",
    });
    text
}
