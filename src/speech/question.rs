//! Questions and misreads in words: what is asked back, and what is refused with its rule.

/// One sentence in each language.
macro_rules! say {
    ($locale:expr, $en:expr, $zh:expr $(,)?) => {
        match $locale {
            Locale::En => format!($en),
            Locale::Zh => format!($zh),
        }
    };
}

mod names;
mod rules;

pub use rules::refuse;

use crate::{
    app::commands::{
        grammar::{Choice, Label, Question, answer::CHOICES_MAX},
        words::Word,
    },
    domain::{catalogue::Catalogue, locale::Locale},
    ports::chat::LABEL_CHARS_MAX,
    speech::{Draft, Tap, format::cut},
};
use names::Names;

/// A question with a button for each of its choices.
pub fn ask(question: &Question, catalogue: &Catalogue, locale: Locale) -> Vec<Draft> {
    let names = Names { catalogue, locale };
    let choices = question.choices();
    let choices = choices.get(..CHOICES_MAX).unwrap_or(choices);
    let labels = names.labels(question, choices);
    let text = Draft::text(sentence(question, &labels, locale));
    if choices.is_empty() {
        return vec![text];
    }
    let tap = |(label, choice): (&String, &Choice)| {
        Tap::say(cut(label, LABEL_CHARS_MAX), choice.command.clone())
    };
    vec![text, Draft::buttons(labels.iter().zip(choices).map(tap).collect()).silently()]
}

/// What is asked.
fn sentence(question: &Question, labels: &[String], locale: Locale) -> String {
    match question {
        Question::HowMuch { command, memo, choices } => {
            let example = example(*command, memo.as_deref(), choices);
            say!(locale, "How much? For example: {example}", "多少钱？例如：{example}")
        }
        Question::WhichUnit { amount, .. } => say!(
            locale,
            "{amount} of what? Tap a currency, or write it after the amount.",
            "{amount} 是什么币种？点按钮，或在金额后写明币种。",
        ),
        Question::UnknownUnit { word, .. } => {
            say!(locale, "I don't know \"{word}\". Did you mean", "不认识“{word}”。你是想说",)
        }
        Question::DidYouMean { .. } => did_you_mean(labels, locale),
        Question::GroupingOrDecimal { .. } => match labels {
            [one, other] => say!(locale, "Is that {one} or {other}?", "是 {one} 还是 {other}？"),
            _ => did_you_mean(labels, locale),
        },
        Question::WhichChain { symbol, .. } => match labels {
            [_] => did_you_mean(labels, locale),
            _ => say!(
                locale,
                "{symbol} is on several chains. Which one do you mean?",
                "多条链上都有 {symbol}。你指的是哪一个？",
            ),
        },
        Question::WhichCoin { .. } => {
            say!(locale, "Which coin is it to be paid with?", "用哪种币支付？")
        }
        Question::WhatToReceive { .. } => say!(
            locale,
            "Which coin do you want to receive from now on? Tap, or write: settle usdt@erc20",
            "今后想收哪种币？点按钮，或发送：结算 usdt@erc20",
        ),
        Question::WhoReceives { .. } => say!(
            locale,
            "Who is to receive from now on? Tap, or write: payee 37160854",
            "今后由谁收款？点按钮，或发送：收款方 37160854",
        ),
        Question::WhichLanguage { .. } => say!(
            locale,
            "I speak English and Chinese. Which one do you prefer?",
            "我会说英文和中文。你想用哪一种？",
        ),
    }
}

fn did_you_mean(labels: &[String], locale: Locale) -> String {
    match labels {
        [one] => say!(locale, "Did you mean {one}?", "你是想说 {one} 吗？"),
        [one, other] => {
            say!(locale, "Did you mean {one} or {other}?", "你是想说 {one} 还是 {other}？")
        }
        _ => say!(locale, "Which one do you mean?", "你指的是哪一个？"),
    }
}

/// The line of the second price, a middling one; without any, a line that everybody understands.
fn example(command: Word, memo: Option<&str>, choices: &[Choice]) -> String {
    let priced: Vec<&str> = choices
        .iter()
        .filter(|choice| matches!(choice.label, Label::Money(_)))
        .map(|choice| choice.command.as_str())
        .collect();
    let Some(line) = priced.get(1).or(priced.first()) else {
        // An amount comes after the code, and an estimate names its coin.
        let before = if command == Word::Pay { " K7Q2MXN" } else { "" };
        let after = if command == Word::Quote { " in btc" } else { "" };
        return format!("{}{before} 10 usd{after}", command.name());
    };
    match memo.filter(|memo| memo.chars().all(char::is_alphabetic)) {
        // A single word after the money is its memo without `for`, too.
        Some(memo) => line.replacen(&format!(" for {memo}"), &format!(" {memo}"), 1),
        None => (*line).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::commands::grammar::{Misread, Reading, Scope, read},
        domain::{
            asset::{Money, QuoteAsset},
            catalogue::ListedAsset,
        },
        speech::{Action, DraftBody},
    };

    const USDT: &str = "4d8c508b-91c5-375b-92b0-ee702ed2dac5";
    const BTC: &str = "c6d0c728-2624-429b-8e0d-d9d19b6592fa";

    fn scope(catalogue: &Catalogue) -> Scope<'_> {
        let (settlement, currency) = (USDT.parse().ok(), "usd".parse().unwrap());
        Scope { bot_number: "7000104999", in_group: false, catalogue, settlement, currency }
    }

    fn text(draft: &Draft) -> &str {
        let DraftBody::Text(text) = &draft.body else { panic!("{draft:?}") };
        text
    }

    fn taps(draft: &Draft) -> &[Tap] {
        let DraftBody::Buttons(taps) = &draft.body else { panic!("{draft:?}") };
        taps
    }

    /// The answer to a line in one line: `Did you mean 1.50 EUR? [1.50 EUR]`.
    fn answer(line: &str, locale: Locale) -> String {
        let catalogue = Catalogue::builtin();
        match read(line, &scope(&catalogue)) {
            Reading::Ask(question) => {
                let drafts = ask(&question, &catalogue, locale);
                let labels = taps(&drafts[1]).iter().map(|tap| format!(" [{}]", tap.label));
                format!("{}{}", text(&drafts[0]), labels.collect::<String>())
            }
            Reading::Refuse(misread) => text(&refuse(&misread, &catalogue, locale)).to_owned(),
            Reading::Command(_)
            | Reading::Unknown { .. }
            | Reading::BareMoney { .. }
            | Reading::Nothing => panic!("{line} is neither asked about nor refused"),
        }
    }

    #[test]
    fn a_line_that_is_unclear_is_asked_about_with_the_choices_as_buttons() {
        let check = |line: &str, en: &str, zh: &str| {
            assert_eq!(answer(line, Locale::En), en);
            assert_eq!(answer(line, Locale::Zh), zh);
        };
        check(
            "invoice coffee",
            "How much? For example: invoice 10 usd coffee [5 USD] [10 USD] [20 USD]",
            "多少钱？例如：invoice 10 usd coffee [5 USD] [10 USD] [20 USD]",
        );
        check(
            "link",
            "How much? For example: link 10 usd [Any amount] [5 USD] [10 USD] [20 USD]",
            "多少钱？例如：link 10 usd [任意金额] [5 USD] [10 USD] [20 USD]",
        );
        check(
            "invoice 1,5 eur",
            "Did you mean 1.50 EUR? [1.50 EUR]",
            "你是想说 1.50 EUR 吗？ [1.50 EUR]",
        );
        check(
            "invoice 1.000 eur",
            "Is that 1.00 EUR or 1,000.00 EUR? [1.00 EUR] [1,000.00 EUR]",
            "是 1.00 EUR 还是 1,000.00 EUR？ [1.00 EUR] [1,000.00 EUR]",
        );
        check(
            "invoice ¥100",
            "Did you mean 100.00 CNY or 100 JPY? [100.00 CNY] [100 JPY]",
            "你是想说 100.00 CNY 还是 100 JPY？ [100.00 CNY] [100 JPY]",
        );
        check("payee", PAYEE_EN, "今后由谁收款？点按钮，或发送：收款方 37160854 [我自己]");
        check("lang fr", LANG_EN, "我会说英文和中文。你想用哪一种？ [English] [中文]");
        check(
            "invoice 10 usdd",
            "I don't know \"usdd\". Did you mean [USDT (ERC20)] [USDC (ERC20)] [USD]",
            "不认识“usdd”。你是想说 [USDT (ERC20)] [USDC (ERC20)] [USD]",
        );
        assert!(answer("invoice 10", Locale::En).starts_with("10 of what? "));
        assert!(
            answer("invoice 10 usdc", Locale::En)
                .starts_with("USDC is on several chains. Which one do you mean? [10 USDC (ERC20)]")
        );
    }

    const PAYEE_EN: &str = "Who is to receive from now on? Tap, or write: payee 37160854 [Me]";
    const LANG_EN: &str = "I speak English and Chinese. Which one do you prefer? [English] [中文]";

    #[test]
    fn buttons_say_the_whole_line_quietly_and_keep_within_their_limits() {
        let unit = QuoteAsset::Asset(USDT.parse().unwrap());
        let amount = "123456789012345678901234567890.12345678".parse().unwrap();
        let choice = Choice {
            label: Label::Money(Money { amount, unit }),
            command: "invoice 1 usd".to_owned(),
        };
        let question = Question::DidYouMean { choices: vec![choice; 9] };
        let drafts = ask(&question, &Catalogue::builtin(), Locale::En);
        assert!(drafts[1].silent && !drafts[0].silent);
        let taps = taps(&drafts[1]);
        assert_eq!(taps.len(), CHOICES_MAX);
        assert_eq!(taps[0].label.chars().count(), LABEL_CHARS_MAX);
        assert_eq!(taps[0].action, Action::Say("invoice 1 usd".to_owned()));
        let nothing = Question::WhichCoin { choices: Vec::new() };
        assert_eq!(ask(&nothing, &Catalogue::builtin(), Locale::En).len(), 1);
    }

    #[test]
    fn a_price_outside_the_range_is_told_the_range() {
        let mut catalogue = Catalogue::builtin();
        let usd: QuoteAsset = "usd".parse().unwrap();
        let listed: &mut ListedAsset =
            catalogue.quote.iter_mut().find(|listed| listed.unit == usd).unwrap();
        listed.min = "0.1".parse().ok();
        listed.max = "20000".parse().ok();
        let check = |line: &str, en: &str, zh: &str| {
            let Reading::Refuse(misread) = read(line, &scope(&catalogue)) else {
                panic!("{line}");
            };
            assert_eq!(text(&refuse(&misread, &catalogue, Locale::En)), en);
            assert_eq!(text(&refuse(&misread, &catalogue, Locale::Zh)), zh);
        };
        check(
            "invoice 0.01 usd",
            "Too little: MixPay takes 0.10 USD to 20,000.00 USD. \
             Please ask for 0.10 USD or more.",
            "金额太小：MixPay 可收 0.10 USD 至 20,000.00 USD。请至少写 0.10 USD。",
        );
        check(
            "invoice 20001 usd",
            "Too much: MixPay takes 0.10 USD to 20,000.00 USD. \
             Please ask for 20,000.00 USD or less.",
            "金额太大：MixPay 可收 0.10 USD 至 20,000.00 USD。请最多写 20,000.00 USD。",
        );
    }

    #[test]
    fn a_broken_rule_is_told_with_what_was_found() {
        let check = |line: &str, en: &str, zh: &str| {
            assert!(answer(line, Locale::En).starts_with(en), "{}", answer(line, Locale::En));
            assert!(answer(line, Locale::Zh).starts_with(zh), "{}", answer(line, Locale::Zh));
        };
        check("invoice 1e3 usd", "I read no exponents such as \"1e3\"", "不支持“1e3”");
        check(
            "invoice 10.001 usd",
            "Too many decimals: USD has at most 2",
            "小数位过多：USD 最多 2 位",
        );
        check("invoice 10.5 jpy", "JPY has no decimals", "JPY 没有小数");
        check(
            "invoice 10 usd expires 46h",
            "An invoice expires after 30 s to 45 h.",
            "收款的有效期为 30 秒 至 45 小时。",
        );
        check("status K7Q2MXD", "\"K7Q2MXD\" is mistyped", "编号“K7Q2MXD”有误");
        check("verify", "verify needs the code", "“验真”需要卡片上的编号");
        check("invoice 10 m usd", "k (thousand) and m (million) stand right after", "k（千）");
    }

    /// One of every kind.
    fn misreads() -> Vec<Misread> {
        let found = || "x1y".to_owned();
        let unit: QuoteAsset = "usd".parse().unwrap();
        let money = Money { amount: "1".parse().unwrap(), unit };
        let command = Word::Status;
        vec![
            Misread::LineTooLong { chars_max: 10 },
            Misread::TooManyDecimals { unit, max: 2 },
            Misread::TooManyDecimals { unit, max: 0 },
            Misread::TwoAmounts,
            Misread::UnknownUnit { found: found() },
            Misread::BelowMinimum { min: money },
            Misread::AboveMaximum { max: money },
            Misread::Unusable { unit },
            Misread::TooLarge,
            Misread::NotANumber { found: found() },
            Misread::Exponent { found: found() },
            Misread::Sign { found: found() },
            Misread::Zero,
            Misread::TwoPoints { found: found() },
            Misread::BadGrouping { found: found() },
            Misread::MixedScripts { found: found() },
            Misread::SpacedMagnitude { found: "10 m".to_owned() },
            Misread::BadCurrencySign { found: found() },
            Misread::MistypedCode { found: found() },
            Misread::NotACode { command, found: found() },
            Misread::MissingCode { command },
            Misread::MissingName { command: Word::Asset },
            Misread::ExpiryOutOfRange { min_s: 30, max_s: 162_000 },
            Misread::ClauseTwice { clause: "expires" },
            Misread::ClauseNotHere { command: Word::Link, clause: "id" },
            Misread::AmbiguousAsset { symbol: "USDC".to_owned() },
            Misread::UnknownAsset { found: found() },
            Misread::NotAPerson { found: found() },
            Misread::Unexpected { command, found: found() },
            Misread::MultisigShape,
            Misread::MultisigMembers { found: 2, min: 3, max: 256 },
            Misread::MultisigTwice { found: found() },
            Misread::MultisigThreshold { members: 256 },
            Misread::UnknownSetting { found: found() },
        ]
    }

    #[test]
    fn every_misread_has_words_in_every_language() {
        let catalogue = Catalogue::builtin();
        let mut said = std::collections::HashSet::new();
        for misread in misreads() {
            for locale in Locale::ALL {
                let draft = refuse(&misread, &catalogue, locale);
                let text = text(&draft);
                assert!(!text.is_empty() && !text.contains(['{', '}']), "{text}");
                assert_eq!(locale == Locale::Zh, text.chars().any(|c| c > '\u{2fff}'), "{text}");
                assert!(text.lines().count() <= 6, "{text}");
                assert!(said.insert(text.to_owned()), "said twice: {text}");
                if format!("{misread:?}").contains("x1y") {
                    assert!(text.contains("x1y"), "{text}");
                }
            }
        }
    }

    #[test]
    fn every_question_has_words_in_every_language() {
        let label = Label::Unit(QuoteAsset::Asset(BTC.parse().unwrap()));
        let choices = vec![Choice { label, command: "settle btc".to_owned() }];
        let (command, memo) = (Word::Invoice, None);
        let choices = || choices.clone();
        let symbol = "BTC".to_owned();
        for question in [
            Question::HowMuch { command, memo, choices: choices() },
            Question::WhichUnit { amount: "10".to_owned(), choices: choices() },
            Question::UnknownUnit { word: "btcc".to_owned(), choices: choices() },
            Question::DidYouMean { choices: choices() },
            Question::GroupingOrDecimal { choices: choices() },
            Question::WhichChain { symbol, choices: choices() },
            Question::WhichCoin { choices: choices() },
            Question::WhatToReceive { choices: choices() },
            Question::WhoReceives { choices: choices() },
            Question::WhichLanguage { choices: choices() },
        ] {
            for locale in Locale::ALL {
                let drafts = ask(&question, &Catalogue::builtin(), locale);
                let text = text(&drafts[0]);
                assert!(!text.contains(['{', '}']), "{text}");
                assert_eq!(locale == Locale::Zh, text.chars().any(|c| c > '\u{2fff}'), "{text}");
                assert_eq!(taps(&drafts[1])[0].label, "BTC");
            }
        }
    }

    #[test]
    fn the_lines_that_are_shown_as_examples_are_commands() {
        let catalogue = Catalogue::builtin();
        let examples = |text: &str| {
            let after = text.split_once("or example: ").or_else(|| text.split_once("例如："));
            after.map(|(_, line)| line.to_owned())
        };
        let mut lines = 0;
        for misread in misreads() {
            for locale in Locale::ALL {
                let draft = refuse(&misread, &catalogue, locale);
                let Some(line) = examples(text(&draft)) else { continue };
                let reading = read(&line, &scope(&catalogue));
                assert!(matches!(reading, Reading::Command(_)), "{line}: {reading:?}");
                lines += 1;
            }
        }
        assert_eq!(lines, 12);
        for command in [Word::Invoice, Word::Link, Word::Pay, Word::Quote] {
            let line = example(command, None, &[]);
            let reading = read(&line, &scope(&catalogue));
            assert!(matches!(reading, Reading::Command(_)), "{line}: {reading:?}");
        }
    }
}
