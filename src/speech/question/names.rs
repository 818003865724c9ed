//! Names: amounts, units, commands and choices as one language writes them.

use crate::{
    app::commands::{
        grammar::{Choice, Label, Question},
        words::Word,
    },
    domain::{
        asset::{Money, QuoteAsset},
        catalogue::{Catalogue, ListedAsset},
        locale::Locale,
    },
    speech::format::{asset_label, money},
};

/// Decimals of a fiat currency that MixPay does not list.
const FIAT_DECIMALS: u32 = 2;

/// The names of things in one language.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) locale: Locale,
}

impl Names<'_> {
    /// What stands on the buttons of a question.
    pub(super) fn labels(self, question: &Question, choices: &[Choice]) -> Vec<String> {
        let amounts = choices.iter().map(|choice| match choice.label {
            Label::Money(money) => Some(money.amount),
            Label::Unit(_) | Label::Open | Label::Me | Label::Language(_) => None,
        });
        let amounts: Vec<_> = amounts.collect();
        let is_one_amount = amounts.windows(2).all(|pair| pair.first() == pair.last());
        let label = |choice: &Choice| match (&choice.label, question) {
            // Only the unit is in doubt.
            (Label::Money(money), Question::UnknownUnit { .. }) if is_one_amount => {
                self.unit(money.unit)
            }
            // Suggestions are round: `5 USD`.
            (Label::Money(of), Question::HowMuch { .. }) if of.amount.decimals() == 0 => {
                money(of.amount, 0, &self.unit(of.unit))
            }
            (label, _) => self.label(label),
        };
        choices.iter().map(label).collect()
    }

    fn label(self, label: &Label) -> String {
        match (label, self.locale) {
            (Label::Money(money), _) => self.money(*money),
            (Label::Unit(unit), _) => self.unit(*unit),
            (Label::Open, Locale::En) => "Any amount".to_owned(),
            (Label::Open, Locale::Zh) => "任意金额".to_owned(),
            (Label::Me, Locale::En) => "Me".to_owned(),
            (Label::Me, Locale::Zh) => "我自己".to_owned(),
            (Label::Language(Locale::En), _) => "English".to_owned(),
            (Label::Language(Locale::Zh), _) => "中文".to_owned(),
        }
    }

    /// An amount with its unit: `1.50 EUR`, `10 USDT (ERC20)`.
    pub(super) fn money(self, of: Money) -> String {
        let listed = self.catalogue.quote.iter().find(|listed| listed.unit == of.unit);
        let decimals = match of.unit {
            QuoteAsset::Fiat(_) => {
                listed.and_then(|listed| listed.decimals).unwrap_or(FIAT_DECIMALS)
            }
            QuoteAsset::Asset(_) => 0,
        };
        money(of.amount, decimals, &self.unit(of.unit))
    }

    /// A currency's code, or an asset with its chain.
    pub(super) fn unit(self, unit: QuoteAsset) -> String {
        match unit {
            QuoteAsset::Fiat(fiat) => fiat.symbol(),
            QuoteAsset::Asset(asset) => {
                let Catalogue { quote, payment, settlement } = self.catalogue;
                let lists = [quote, payment, settlement];
                let knows = |list: &&Vec<ListedAsset>| list.iter().any(|of| of.unit == unit);
                let list = lists.into_iter().find(knows);
                list.map_or_else(|| asset.to_string(), |list| asset_label(list, asset))
            }
        }
    }

    /// From the least to the most that MixPay takes, as far as it says.
    pub(super) fn range(self, unit: QuoteAsset) -> String {
        let listed = self.catalogue.quote.iter().find(|listed| listed.unit == unit);
        let money = |amount| self.money(Money { amount, unit });
        let (min, max) = listed.map_or((None, None), |listed| (listed.min, listed.max));
        match (min.map(money), max.map(money)) {
            (Some(min), Some(max)) => say!(self.locale, "{min} to {max}", "{min} 至 {max}"),
            (Some(min), None) => say!(self.locale, "at least {min}", "不少于 {min}"),
            (None, Some(max)) => say!(self.locale, "at most {max}", "不超过 {max}"),
            (None, None) => say!(self.locale, "other amounts", "其他金额"),
        }
    }

    /// A command as people of this language write it.
    pub(super) fn command(self, word: Word) -> &'static str {
        match self.locale {
            Locale::En => word.name(),
            Locale::Zh => word.names_zh().first().copied().unwrap_or_else(|| word.name()),
        }
    }

    /// A length of time in one unit, as clauses write it: `30 s`, `45 h`.
    pub(super) fn span(self, seconds: u64) -> String {
        let (count, en, zh) = match seconds {
            s if s.is_multiple_of(3_600) => (s / 3_600, "h", "小时"),
            s if s.is_multiple_of(60) => (s / 60, "min", "分钟"),
            s => (s, "s", "秒"),
        };
        say!(self.locale, "{count} {en}", "{count} {zh}")
    }

    /// An asset with its chain, as a line has it: `usdt@tron`.
    pub(super) fn on_a_chain(self, symbol: &str) -> String {
        let Catalogue { quote, payment, settlement } = self.catalogue;
        let chain = [payment, settlement, quote]
            .into_iter()
            .flatten()
            .filter(|listed| listed.symbol.eq_ignore_ascii_case(symbol))
            .flat_map(|listed| listed.chain_names())
            .find(|name| !name.contains(char::is_whitespace))
            .unwrap_or("erc20");
        format!("{symbol}@{chain}").to_lowercase()
    }
}
