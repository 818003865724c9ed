//! Shown: what may be repeated of a text that was given as a setting, and could be a secret in the
//! wrong place.

use std::path::Path;

/// Nothing that is longer than this is a path, an address, or any other setting but a list.
pub const LENGTH_MAX: usize = 255;
/// A run of so many letters and digits is a key and no word. (A UUID has 36, its dashes included.)
const RUN_MIN: usize = 40;

/// Whether a text could be a path, a name or an address at all: one line of bearable length, and no
/// JSON.
pub fn is_plausible(text: &str) -> bool {
    text.chars().count() <= LENGTH_MAX && !text.contains(|c: char| c == '{' || c.is_control())
}

/// The text in quotes, if it cannot be a secret; else what kind of text it is.
///
/// Only what has the form of an address keeps its scheme. The rule asks for what a text may be and
/// not for what secrets look like: one line of at most [`LENGTH_MAX`] characters, without braces and
/// quotes, without an `@` (which may stand after a password), and without a long run of letters
/// and digits.
pub fn shown(text: &str) -> String {
    if let Some((scheme, rest)) = text.split_once("://")
        && is_word(scheme)
        && (rest.contains('@') || rest.to_lowercase().contains("password"))
    {
        return format!("\"{scheme}://…\"");
    }
    let is_harmless =
        is_plausible(text) && !text.contains(['@', '"', '\'', '`', '}']) && !text.contains("-----");
    if is_harmless && !has_long_run(text) {
        return format!("{text:?}");
    }
    hidden(text)
}

/// What kind of text it is, and nothing of it.
pub fn hidden(text: &str) -> String {
    let count = text.chars().count();
    let first = text.chars().next().unwrap_or_default();
    format!("a text of {count} characters that begins with {first:?}")
}

/// Whether a text could be the name of a key.
pub fn is_name(text: &str) -> bool {
    let fits = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '_' | '-');
    text.chars().all(fits) && !has_long_run(text)
}

/// The same of a path, without quotes.
pub fn path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let shown = shown(&text);
    if shown == format!("{text:?}") { text.into_owned() } else { format!("({shown})") }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether there is a run that is as long as a key: in base64 of either alphabet, or in hex. In a
/// path a slash ends a run.
fn has_long_run(text: &str) -> bool {
    let is_path = text.contains("://") || text.starts_with(['/', '.', '~']);
    let of_key = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '=') || (c == '/' && !is_path)
    };
    text.split(|c| !of_key(c)).any(|run| run.len() >= RUN_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_as_settings_is_shown() {
        for text in [
            "",
            "keystore.json",
            "/var/lib/mixpay-bot/keystore.json",
            "sqlite://bot.db?mode=ro",
            "http://127.0.0.1.example.org",
            "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810",
            "info,mixpay_bot::mixin=debug",
            "Robin, Mixin ID 26930",
            "密钥.json",
        ] {
            assert_eq!(shown(text), format!("{text:?}"));
        }
    }

    #[test]
    fn what_may_be_a_secret_is_told_by_its_length_and_first_character() {
        let hex = "0f".repeat(64);
        for (text, told) in [
            ("{\"a\":1}", "a text of 7 characters that begins with '{'"),
            ("bob:hunter2@db/bot", "a text of 18 characters that begins with 'b'"),
            ("\"postgres://db/bot\"", "a text of 19 characters that begins with '\"'"),
            ("a\nb", "a text of 3 characters that begins with 'a'"),
            (hex.as_str(), "a text of 128 characters that begins with '0'"),
            ("postgres://bob:hunter2@db/bot", "\"postgres://…\""),
        ] {
            assert_eq!(shown(text), told);
        }
        assert_eq!(path(Path::new("a.json")), "a.json");
        assert_eq!(path(Path::new("{}")), "(a text of 2 characters that begins with '{')");
    }
}
