//! Outside: names and tickers that others chose, made fit to stand in what we say.
//!
//! A name may look like a sentence of ours, end a line, or turn the direction of reading round. So
//! nothing of the kind is printed but through here: one line, nothing invisible, of bounded length,
//! and set apart by quotes where it could be taken for our own words.

use crate::domain::ids::{AssetId, UserId};
use unicode_normalization::char::is_combining_mark;

/// Of a name, so many characters are shown.
pub const NAME_CHARS_MAX: usize = 40;
/// Of a ticker, so many characters are shown.
pub const TICKER_CHARS_MAX: usize = 24;
/// So many marks stand on one character; more make a tower.
const MARKS_MAX: usize = 2;
/// So many digits in a row could be taken for a Mixin ID or an amount.
const DIGITS_MAX: usize = 3;
/// Joins emoji to one.
const JOINER: char = '\u{200d}';

/// A text in one line, without what is not seen, at most `chars_max` characters long.
pub fn clean(text: &str, chars_max: usize) -> String {
    let mut clean = String::new();
    let (mut count, mut marks) = (0_usize, 0_usize);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        let sign = if sign.is_whitespace() || sign.is_control() { ' ' } else { sign };
        if is_invisible(sign) && sign != JOINER {
            continue;
        }
        if is_combining_mark(sign) {
            marks = marks.saturating_add(1);
            if marks > MARKS_MAX || clean.is_empty() || clean.ends_with(' ') {
                continue;
            }
        } else if sign == JOINER {
            // Only between two emoji does it show something.
            let joins = clean.chars().next_back().is_some_and(may_be_emoji)
                && signs.peek().copied().is_some_and(may_be_emoji);
            if !joins {
                continue;
            }
        } else {
            marks = 0;
        }
        if sign == ' ' && (clean.is_empty() || clean.ends_with(' ')) {
            continue;
        }
        count = count.saturating_add(1);
        if count > chars_max {
            // One of them makes room for the sign that something is missing.
            let mut cut = clean.trim_end().to_owned();
            cut.pop();
            return format!("{}…", cut.trim_end());
        }
        clean.push(sign);
    }
    clean.truncate(clean.trim_end().len());
    clean
}

/// What takes no room or changes how other signs are read.
const fn is_invisible(sign: char) -> bool {
    matches!(
        sign,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' | '\u{e000}'..='\u{f8ff}'
    )
}

/// Roughly the blocks that emoji stand in, and what makes a sign one.
const fn may_be_emoji(sign: char) -> bool {
    matches!(
        sign,
        '\u{fe0f}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
        | '\u{1f000}'..='\u{1faff}'
    )
}

/// A name as it stands in a sentence: as it is if it is letters and spaces, else in quotes. Empty
/// if nothing of it can be seen.
pub fn name(text: &str) -> String {
    let clean = clean(text, NAME_CHARS_MAX);
    let fits = |sign: char| {
        sign.is_alphanumeric()
            || matches!(sign, ' ' | '-' | '_' | '\'' | '’' | '&' | '+' | '…' | JOINER)
            || is_combining_mark(sign)
            || may_be_emoji(sign)
    };
    if clean.chars().all(fits) && !has_digits(&clean) {
        return clean;
    }
    format!("\"{}\"", unquoted(&clean))
}

/// A text without quotes of its own, so that it cannot end those around it.
fn unquoted(text: &str) -> String {
    text.chars().map(|sign| if "\"“”„‟″«»".contains(sign) { '\'' } else { sign }).collect()
}

fn has_digits(text: &str) -> bool {
    text.split(|sign: char| !sign.is_numeric()).any(|run| run.chars().count() > DIGITS_MAX)
}

/// A person as they stand in a sentence: `Bob (37160854)`.
pub fn person(name_of: &str, number: &str, id: UserId) -> String {
    let name = name(name_of);
    let number: String = number.chars().filter(char::is_ascii_digit).take(20).collect();
    match (name.is_empty(), number.is_empty()) {
        (false, false) => format!("{name} ({number})"),
        (false, true) => name,
        (true, false) => number,
        (true, true) => id.to_string(),
    }
}

/// What an invoice keeps of its payee, name and number; older ones have the name as it was.
fn kept(payee: &str) -> (&str, Option<&str>) {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match payee.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
        Some((name, number)) if is_number(number) => (name, Some(number)),
        Some(_) | None if is_number(payee) => ("", Some(payee)),
        Some(_) | None => (payee, None),
    }
}

/// A name that was set apart before, without its quotes.
fn bare(name: &str) -> &str {
    name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name)
}

/// The payee of an invoice as they stand in a sentence.
pub fn payee(payee: &str) -> String {
    let (name_of, number) = kept(payee);
    let bare = bare(name_of);
    let name = if bare == name_of {
        name(name_of)
    } else {
        // It was set apart when it was kept, and stays so.
        match unquoted(&clean(bare, NAME_CHARS_MAX)) {
            clean if clean.is_empty() => clean,
            clean => format!("\"{clean}\""),
        }
    };
    match number {
        Some(number) if name.is_empty() => number.to_owned(),
        Some(number) => format!("{name} ({number})"),
        // Without a number it is a name alone, or an id.
        None if name_of.parse::<UserId>().is_ok() => name_of.to_owned(),
        None => name,
    }
}

/// The payee of an invoice, alone on a line: what nobody can choose stands first, `37160854 · "Bob"`.
pub fn signature(payee: &str) -> String {
    let (name_of, number) = kept(payee);
    let clean = unquoted(&clean(bare(name_of), NAME_CHARS_MAX));
    match number {
        Some(number) if clean.is_empty() => number.to_owned(),
        Some(number) => format!("{number} · \"{clean}\""),
        None if name_of.parse::<UserId>().is_ok() => name_of.to_owned(),
        None => format!("\"{clean}\""),
    }
}

/// A ticker, perhaps with its chain in brackets, as it stands behind an amount: as it is if it is
/// one word, else in quotes.
pub fn ticker(text: &str) -> String {
    let is_id = text.parse::<AssetId>().is_ok();
    if is_id || is_ticker(text) || UNLISTED.iter().any(|(start, end)| is_between(text, start, end))
    {
        return text.to_owned();
    }
    match unquoted(&clean(text, TICKER_CHARS_MAX)) {
        clean if is_ticker(&clean) || clean.is_empty() => clean,
        clean => format!("\"{clean}\""),
    }
}

fn is_between(text: &str, start: &str, end: &str) -> bool {
    let inner = text.strip_prefix(start).and_then(|text| text.strip_suffix(end));
    let parts = inner.and_then(|inner| inner.split_once(UNLISTED_MIDDLE));
    parts.is_some_and(|(id, name)| {
        id.parse::<AssetId>().is_ok() && name == unquoted(&clean(name, TICKER_CHARS_MAX))
    })
}

fn is_ticker(text: &str) -> bool {
    let is_word = |text: &str, more: &str| {
        !text.is_empty()
            && text.chars().count() <= TICKER_CHARS_MAX
            && text.chars().all(|sign| sign.is_alphanumeric() || more.contains(sign))
    };
    match text.strip_suffix(')').and_then(|text| text.split_once(" (")) {
        Some((ticker, chain)) => is_word(ticker, ".-_$+/") && is_word(chain, " .-_"),
        None => is_word(text, ".-_$+/"),
    }
}

/// Around the id and the name of a token that is on none of MixPay's lists.
const UNLISTED: [(&str, &str); 1] = [("of an unlisted token, id ", "\"")];
const UNLISTED_MIDDLE: &str = ", calls itself \"";

/// The name of an asset or of a chain, beside its ticker.
pub fn asset(text: &str) -> String {
    match unquoted(&clean(text, NAME_CHARS_MAX)) {
        clean if clean.contains([':', '·', '\'']) => format!("\"{clean}\""),
        clean => clean,
    }
}

/// What stands behind an amount of a token that is on none of MixPay's lists: anybody can make one
/// that bears the ticker of another.
pub fn unlisted(asset: AssetId, symbol: &str) -> String {
    let name = unquoted(&clean(symbol, TICKER_CHARS_MAX));
    let [(start, end)] = UNLISTED;
    format!("{start}{asset}{UNLISTED_MIDDLE}{name}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_and_tickers_stay_as_they_are() {
        for text in
            ["Bob", "Alice Shop", "小助理", "Anne-Marie O'Neil", "Zoë 2", "👩‍💻 Dev", "Łukasz"]
        {
            assert_eq!(name(text), text);
        }
        for text in ["USDT", "USDT (ERC20)", "1INCH", "$WIF", "stETH.e", "USDT (BNB Smart Chain)"] {
            assert_eq!(ticker(text), text);
        }
        assert_eq!(payee("Bob (37160854)"), "Bob (37160854)");
        assert_eq!(payee("37160854"), "37160854");
        assert_eq!(signature("Bob (37160854)"), "37160854 · \"Bob\"");
        let id = "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810";
        assert_eq!(payee(id), id);
        assert_eq!(signature(id), id);
    }

    #[test]
    fn a_name_that_looks_like_our_words_is_set_apart_and_one_without_anything_is_the_number() {
        let id = "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810".parse().unwrap();
        for (text, shown) in [
            (
                "Alice Shop (26930). It is paid, 14:02",
                "\"Alice Shop (26930). It is paid, 14:02\" (37160856)",
            ),
            ("Bob\nPaid 10.00 USD. Receipt", "\"Bob Paid 10.00 USD. Receipt\" (37160856)"),
            ("\u{202e}01 DSU", "01 DSU (37160856)"),
            ("a\" is paid \"", "\"a' is paid '\" (37160856)"),
            ("\u{200d}\u{200d}", "37160856"),
            (" \u{2800}\u{3164}", "37160856"),
            ("A\u{e0100}", "A (37160856)"),
            ("A\u{300}\u{301}\u{302}\u{303}\u{304}", "A\u{300}\u{301} (37160856)"),
        ] {
            assert_eq!(person(text, "37160856", id), shown);
            assert_eq!(payee(&person(text, "37160856", id)), shown, "twice is once");
            assert_eq!(payee(&format!("{text} (37160856)")), shown, "as it was kept before");
        }
        let long = person(&"x".repeat(300), "37160856", id);
        assert_eq!(long, format!("{}… (37160856)", "x".repeat(39)));
        assert_eq!(person("", "", id), id.to_string());
    }

    #[test]
    fn a_made_up_token_is_named_by_its_id() {
        let id: AssetId = "4d8c508b-91c5-375b-92b0-ee702ed2dac5".parse().unwrap();
        let shown = unlisted(id, "USDT\n");
        assert_eq!(shown, format!("of an unlisted token, id {id}, calls itself \"USDT\""));
        assert_eq!(ticker(&shown), shown);
        let forged = format!("of an unlisted token, id {id}, calls itself \"a\" b\"");
        assert_ne!(ticker(&forged), forged);
        assert_eq!(ticker("USDT. Paid"), "\"USDT. Paid\"");
    }

    proptest! {
        #[test]
        fn nothing_from_outside_ends_a_line_or_hides(text: String, more in "[\\PC\\n\u{202e}\u{200d}\"().]{0,60}") {
            for text in [&text, &more] {
                for shown in [name(text), ticker(text), payee(text), signature(text)] {
                    let acts = |sign: char| {
                        sign.is_control() || (is_invisible(sign) && sign != JOINER)
                    };
                    prop_assert!(!shown.contains(acts), "{shown:?}");
                    prop_assert!(shown.chars().count() <= 80, "{shown:?}");
                    prop_assert!(shown.matches('"').count() <= 2, "{shown:?}");
                }
                prop_assert_eq!(payee(&payee(text)), payee(text));
            }
        }
    }
}
