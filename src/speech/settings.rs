//! Words about languages, settings, and a group's rules.

use crate::{
    domain::{
        locale::Locale,
        settings::{Invoicers, Results},
    },
    speech::{Draft, Tap},
};

/// A language in its own words.
pub const fn language_name(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "English",
        Locale::Zh => "中文",
    }
}

/// The choice of languages, in both, since whoever asks may not read this one.
pub fn languages(command: &str, locale: Locale) -> Vec<Draft> {
    let text = match locale {
        Locale::En => "I speak English. 也可以说中文。",
        Locale::Zh => "我说中文。I also speak English.",
    };
    let tap = |language: Locale| {
        Tap::say(language_name(language), format!("{command} {}", language.code()))
    };
    vec![Draft::text(text), Draft::buttons(Locale::ALL.map(tap).to_vec()).silently()]
}

/// The language is chosen, said in it.
pub fn language_is(in_group: bool, locale: Locale) -> String {
    match (in_group, locale) {
        (false, Locale::En) => "I speak English with you from now on.".to_owned(),
        (false, Locale::Zh) => "今后我用中文与你交流。".to_owned(),
        (true, Locale::En) => "I speak English in this group from now on.".to_owned(),
        (true, Locale::Zh) => "今后我在本群使用中文。".to_owned(),
    }
}

/// The usual currency is chosen.
pub fn currency_is(symbol: &str, locale: Locale) -> String {
    match locale {
        Locale::En => {
            format!("{symbol} is offered first from now on. I never assume it: write it.")
        }
        Locale::Zh => format!("今后优先提供 {symbol}。我不会默认使用它：请写明币种。"),
    }
}

/// Who may make invoices in this group.
pub fn invoices_are(by: Invoicers, locale: Locale) -> String {
    match (by, locale) {
        (Invoicers::Everyone, Locale::En) => "Everyone here may make invoices from now on.",
        (Invoicers::Everyone, Locale::Zh) => "今后本群所有人都可以创建收款。",
        (Invoicers::Admins, Locale::En) => {
            "Only the owner and the admins make invoices here from now on."
        }
        (Invoicers::Admins, Locale::Zh) => "今后本群只有群主和管理员可以创建收款。",
    }
    .to_owned()
}

/// How much this group is told.
pub fn results_are(results: Results, locale: Locale) -> String {
    match (results, locale) {
        (Results::Full, Locale::En) => "This group is told every step of a payment from now on.",
        (Results::Full, Locale::Zh) => "今后本群会收到付款的每一步进展。",
        (Results::Short, Locale::En) => "This group is told only how a payment ended from now on.",
        (Results::Short, Locale::Zh) => "今后本群只收到付款的最终结果。",
        (Results::Off, Locale::En) => {
            "This group is told only how a payment ended, and silently, from now on."
        }
        (Results::Off, Locale::Zh) => "今后本群只静默收到付款的最终结果。",
    }
    .to_owned()
}

/// A rule that only groups have.
pub fn only_in_groups(locale: Locale) -> String {
    match locale {
        Locale::En => "That is a rule for groups: say it in the group.".to_owned(),
        Locale::Zh => "这是群规则：请在群里设置。".to_owned(),
    }
}

/// A person's settings as they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonView<'a> {
    /// The usual currency.
    pub currency: &'a str,
    /// What is received; `None` is whatever is paid with, for links.
    pub settlement: Option<&'a str>,
    /// Who receives.
    pub payee: &'a str,
}

/// A person's settings, and buttons that change them.
pub fn person(view: PersonView<'_>, locale: Locale) -> Vec<Draft> {
    let PersonView { currency, settlement, payee } = view;
    let language = language_name(locale);
    let (lines, labels) = match locale {
        Locale::En => {
            let settlement = settlement.unwrap_or("whatever is paid with (links only)");
            let lines = [
                format!("Language: {language}"),
                format!("Usual currency: {currency}"),
                format!("You receive: {settlement}"),
                format!("Payee: {payee}"),
            ];
            (lines, ["Receive another asset", "Another payee"])
        }
        Locale::Zh => {
            let settlement = settlement.unwrap_or("付款币种（仅链接）");
            let lines = [
                format!("语言：{language}"),
                format!("常用货币：{currency}"),
                format!("你收到：{settlement}"),
                format!("收款方：{payee}"),
            ];
            (lines, ["更改结算资产", "更改收款方"])
        }
    };
    let mut taps = language_taps(locale);
    taps.extend(currency_taps(currency));
    taps.extend(labels.into_iter().zip(["settle", "payee"]).map(|(l, c)| Tap::say(l, c)));
    vec![Draft::text(lines.join("\n")), Draft::buttons(taps).silently()]
}

/// The other languages.
fn language_taps(locale: Locale) -> Vec<Tap> {
    Locale::ALL
        .into_iter()
        .filter(|other| *other != locale)
        .map(|other| Tap::say(language_name(other), format!("settings language {}", other.code())))
        .collect()
}

/// Two common currencies that are not the usual one.
fn currency_taps(currency: &str) -> impl Iterator<Item = Tap> {
    ["USD", "EUR", "CNY"]
        .into_iter()
        .filter(move |other| *other != currency)
        .take(2)
        .map(|other| Tap::say(other, format!("settings currency {}", other.to_ascii_lowercase())))
}

/// A group's rules, and buttons that change them.
pub fn group(currency: &str, by: Invoicers, results: Results, locale: Locale) -> Vec<Draft> {
    let language = language_name(locale);
    let (by_name, results_name) = (invoicers_name(by, locale), results_name(results, locale));
    let lines = match locale {
        Locale::En => [
            format!("Language: {language}"),
            format!("Usual currency: {currency}"),
            format!("Invoices are made by: {by_name}"),
            format!("Results that are told: {results_name}"),
            "The owner and the admins can change this.".to_owned(),
        ],
        Locale::Zh => [
            format!("语言：{language}"),
            format!("常用货币：{currency}"),
            format!("可创建收款：{by_name}"),
            format!("结果通知：{results_name}"),
            "群主和管理员可以更改。".to_owned(),
        ],
    };
    let mut taps = language_taps(locale);
    let other = match by {
        Invoicers::Everyone => (Invoicers::Admins, "admins"),
        Invoicers::Admins => (Invoicers::Everyone, "everyone"),
    };
    let label = match locale {
        Locale::En => format!("Invoices: {}", invoicers_name(other.0, locale)),
        Locale::Zh => format!("收款：{}", invoicers_name(other.0, locale)),
    };
    taps.push(Tap::say(label, format!("settings invoices {}", other.1)));
    let all = [(Results::Full, "full"), (Results::Short, "short"), (Results::Off, "off")];
    for (other, word) in all.into_iter().filter(|(other, _)| *other != results) {
        let name = self::results_name(other, locale);
        let label = match locale {
            Locale::En => format!("Results: {name}"),
            Locale::Zh => format!("结果：{name}"),
        };
        taps.push(Tap::say(label, format!("settings results {word}")));
    }
    vec![Draft::text(lines.join("\n")), Draft::buttons(taps).silently()]
}

const fn invoicers_name(by: Invoicers, locale: Locale) -> &'static str {
    match (by, locale) {
        (Invoicers::Everyone, Locale::En) => "everyone",
        (Invoicers::Everyone, Locale::Zh) => "所有人",
        (Invoicers::Admins, Locale::En) => "owner and admins",
        (Invoicers::Admins, Locale::Zh) => "群主和管理员",
    }
}

const fn results_name(results: Results, locale: Locale) -> &'static str {
    match (results, locale) {
        (Results::Full, Locale::En) => "every step",
        (Results::Full, Locale::Zh) => "每一步",
        (Results::Short, Locale::En) => "only the end",
        (Results::Short, Locale::Zh) => "仅最终结果",
        (Results::Off, Locale::En) => "only the end, silently",
        (Results::Off, Locale::Zh) => "仅最终结果（静默）",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ports::chat::{BUTTONS_MAX, LABEL_CHARS_MAX},
        speech::DraftBody,
    };

    #[test]
    fn settings_offer_what_is_not_set_and_no_more_buttons_than_fit() {
        for locale in Locale::ALL {
            let view = PersonView { currency: "USD", settlement: None, payee: "Bob (37160854)" };
            let group = group("USD", Invoicers::Everyone, Results::Full, locale);
            for drafts in [person(view, locale), group] {
                let DraftBody::Buttons(taps) = &drafts[1].body else { panic!("no buttons") };
                assert!(taps.len() <= BUTTONS_MAX);
                assert!(taps.iter().all(|tap| tap.label.chars().count() <= LABEL_CHARS_MAX));
                assert!(taps.iter().all(|tap| tap.label != "USD"));
                assert!(taps.iter().all(|tap| tap.label != language_name(locale)));
            }
        }
    }
}
