//! Words: the names of the commands in every language, and what a mistyped one may have meant.

use crate::app::commands::tokens::is_han;
use strsim::osa_distance;

/// The most characters of a word for which a neighbour is sought.
const WORD_CHARS_MAX: usize = 24;

/// A command's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// A one-time payment.
    Invoice,
    /// A reusable pay link.
    Link,
    /// An invoice's card again.
    Pay,
    /// What became of a payment.
    Status,
    /// Who or what is this?
    Uuid,
    /// An estimate.
    Quote,
    /// The assets of a name.
    Asset,
    /// One's own invoices.
    List,
    /// Take an invoice back.
    Cancel,
    /// A human's yes.
    Accept,
    /// A human's no.
    Reject,
    /// Is this card ours?
    Verify,
    /// The asset to receive.
    Settle,
    /// Who receives.
    Payee,
    /// A multisig that receives.
    Multisig,
    /// The language.
    Lang,
    /// Everything that can be set.
    Settings,
    /// One's own invoices as a file.
    Export,
    /// Do not write to me for others.
    Quiet,
    /// Write to me for others again.
    Start,
    /// What can I say?
    Help,
    /// Are you there?
    Ping,
}

/// Every command: its name, its aliases, its Chinese names.
const NAMES: [(Word, &[&str], &[&str]); 22] = [
    (Word::Invoice, &["invoice", "inv", "bill", "charge", "request"], &["收款"]),
    (Word::Link, &["link"], &["链接"]),
    (Word::Pay, &["pay"], &["付款"]),
    (Word::Status, &["status", "s", "check"], &["状态"]),
    (Word::Uuid, &["uuid", "id", "whois"], &["查"]),
    (Word::Quote, &["quote", "price"], &["报价"]),
    (Word::Asset, &["asset", "coin"], &["币"]),
    (Word::List, &["list", "history"], &["列表"]),
    (Word::Cancel, &["cancel"], &["取消"]),
    (Word::Accept, &["accept"], &["确认"]),
    (Word::Reject, &["reject"], &["拒绝"]),
    (Word::Verify, &["verify"], &["验真"]),
    (Word::Settle, &["settle"], &["结算"]),
    (Word::Payee, &["payee"], &["收款方"]),
    (Word::Multisig, &["multisig"], &["多签"]),
    (Word::Lang, &["lang"], &["语言"]),
    (Word::Settings, &["settings"], &["设置"]),
    (Word::Export, &["export"], &["导出"]),
    (Word::Quiet, &["stop"], &["停止"]),
    (Word::Start, &["start"], &["开始"]),
    (Word::Help, &["help", "hi", "hello"], &["帮助", "你好"]),
    (Word::Ping, &["ping"], &[]),
];

impl Word {
    /// Every command, in the order in which help shows them.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(word, _, _)| *word)
    }

    /// The command's English name, as it is printed.
    pub fn name(self) -> &'static str {
        self.names().first().copied().unwrap_or_default()
    }

    /// The command's English name and its aliases.
    pub fn names(self) -> &'static [&'static str] {
        NAMES.iter().find(|(word, _, _)| *word == self).map_or(&[], |(_, names, _)| *names)
    }

    /// The command's Chinese names.
    pub fn names_zh(self) -> &'static [&'static str] {
        NAMES.iter().find(|(word, _, _)| *word == self).map_or(&[], |(_, _, names)| *names)
    }

    /// The command that this word, already folded, names in full.
    pub fn parse(low: &str) -> Option<Self> {
        NAMES.iter().find(|(_, names, _)| names.contains(&low)).map(|(word, _, _)| *word)
    }

    /// The commands that a run of Chinese begins with, the longest name first, and the length of
    /// each name in characters.
    pub fn parse_prefix(low: &str) -> Vec<(Self, usize)> {
        let mut found: Vec<(Self, usize)> = NAMES
            .iter()
            .flat_map(|(word, _, names)| names.iter().map(|name| (*word, *name)))
            .filter(|(_, name)| low.starts_with(name))
            .map(|(word, name)| (word, name.chars().count()))
            .collect();
        found.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
        found
    }

    /// The commands that a word may have meant, the nearest first.
    pub fn near(low: &str) -> Vec<Self> {
        let mut found: Vec<(usize, Self)> = Vec::new();
        for (word, names, names_zh) in &NAMES {
            let best = names
                .iter()
                // Names of one or two letters are near to everything.
                .filter(|name| name.len() > 2)
                .chain(names_zh.iter().filter(|name| name.chars().count() > 1))
                .filter_map(|name| near(low, name))
                .min();
            found.extend(best.map(|distance| (distance, *word)));
        }
        found.sort_by_key(|(distance, _)| *distance);
        found.into_iter().map(|(_, word)| word).collect()
    }
}

/// How far two words are apart, if they are near: one edit for words up to four letters, two above.
/// Two letters that changed places are one edit.
pub fn near(word: &str, name: &str) -> Option<usize> {
    let (letters, others) = (word.chars().count(), name.chars().count());
    let limit = if letters <= 4 { 1 } else { 2 };
    let is_short = letters < 2 || (letters < 3 && !word.chars().all(is_han));
    if is_short || letters > WORD_CHARS_MAX || letters.abs_diff(others) > limit {
        return None;
    }
    let distance = osa_distance(word, name);
    (distance <= limit).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_known_by_every_name() {
        for (word, names, names_zh) in &NAMES {
            for name in *names {
                assert_eq!(Word::parse(name), Some(*word));
            }
            for name in *names_zh {
                assert_eq!(Word::parse_prefix(&format!("{name}甲"))[0].0, *word);
            }
        }
        assert_eq!(Word::parse("invoices"), None);
        assert_eq!(
            Word::parse_prefix("收款方我"),
            [(Word::Payee, 3), (Word::Invoice, 2)],
            "the longest name comes first"
        );
    }

    #[test]
    fn a_mistyped_word_is_near_to_its_command() {
        let check =
            |word: &str, expected: &[Word]| assert_eq!(Word::near(word), expected, "{word}");
        check("invocie", &[Word::Invoice]);
        check("invoic", &[Word::Invoice]);
        check("lnik", &[Word::Link]);
        check("statsu", &[Word::Status]);
        check("付钱", &[Word::Pay]);
        check("q", &[]);
        check("hallo", &[Word::Help]);
        check("completely", &[]);
        assert_eq!(near("usdd", "usd"), Some(1));
        assert_eq!(near("usdd", "eur"), None);
        assert_eq!(near("abcde", "abcxy"), Some(2));
        assert_eq!(near("abcd", "abxy"), None);
    }
}
