//! Money: how a number is read, exactly, and when it can be read in two ways.

use crate::{
    app::commands::{
        grammar::answer::{Misread, found},
        tokens::is_sign,
    },
    domain::{
        amount::{Amount, AmountError},
        asset::{Money, QuoteAsset},
    },
};

/// Decimals from which on a point is read as a decimal point: crypto.
const DECIMALS_CRYPTO_MIN: u32 = 3;

/// A number as it was typed: digits, points, commas, apostrophes, blanks, and a power of ten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The digits and what parts them, folded.
    text: String,
    /// The power of ten of `k`, `m`, `万` and `亿`.
    scale: usize,
}

/// What MixPay says about a unit that prices are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceUnit {
    /// The unit.
    pub unit: QuoteAsset,
    /// The decimals that a price may have.
    pub decimals: u32,
    /// The least.
    pub min: Option<Amount>,
    /// The most.
    pub max: Option<Amount>,
}

/// How sure a reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// There is one way to read it.
    Sure,
    /// Thousands or decimals?
    GroupingOrDecimal,
    /// It is written in a way that others mean differently.
    Unusual,
}

/// The readings of one number in one unit. The texts are plain digits with at most one point.
struct Readings(Certainty, Vec<String>);

impl Number {
    /// Reads a word that begins like a number; the error is what is wrong with it.
    ///
    /// A word that ends in a unit is not a number: take the unit off first.
    pub fn parse(low: &str) -> Result<Self, Misread> {
        let found = || found(low);
        if low.chars().any(|c| c.is_numeric() && !c.is_ascii_digit()) {
            return Err(Misread::MixedScripts { found: found() });
        }
        if low.starts_with(is_plus_or_minus) {
            return Err(Misread::Sign { found: found() });
        }
        let (digits, suffix) = low.split_at(number_length(low));
        if !digits.contains(|c: char| c.is_ascii_digit()) {
            return Err(Misread::NotANumber { found: found() });
        }
        let mut scale = 0_usize;
        let mut letters = 0_usize;
        for c in suffix.chars().filter(|c| *c != ' ') {
            let (power, is_letter) = match c {
                'k' => (3, true),
                'm' => (6, true),
                '万' | '萬' => (4, false),
                '亿' | '億' => (8, false),
                'e' if is_exponent(suffix) => return Err(Misread::Exponent { found: found() }),
                _ => return Err(Misread::NotANumber { found: found() }),
            };
            letters = letters.saturating_add(usize::from(is_letter));
            if letters > 0 && scale > 0 {
                return Err(Misread::NotANumber { found: found() });
            }
            scale = scale.saturating_add(power);
        }
        Ok(Self { text: digits.replace('’', "'"), scale })
    }

    /// Several numbers that stand apart, as one whose groups are parted by blanks, if the groups
    /// are threes.
    pub fn join(parts: &[Self]) -> Option<Self> {
        if parts.len() < 2 || parts.iter().any(|part| part.scale > 0) {
            return None;
        }
        let text = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" ");
        let (whole, fraction) = match text.split_once(['.', ',']) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text.as_str(), None),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_plain = threes(whole, ' ').is_some() && fraction.is_none_or(digits);
        is_plain.then_some(Self { text, scale: 0 })
    }

    /// The number as it was typed, for people.
    pub fn as_typed(&self) -> String {
        found(&self.text)
    }

    /// The whole number that this is, if it is plain digits.
    pub fn whole(&self) -> Option<u128> {
        self.text.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
        (self.scale == 0).then(|| self.text.parse().ok()).flatten()
    }

    /// Whether this is nothing but digits: it may be an id.
    pub fn is_digits(low: &str) -> bool {
        !low.is_empty() && low.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// What this number of that unit can mean. Readings that MixPay would refuse are left out; if
    /// none is left, the first one's fault is the error.
    pub fn read(&self, unit: &PriceUnit) -> Result<(Certainty, Vec<Money>), Misread> {
        let Readings(certainty, texts) = self.readings(unit.decimals)?;
        let mut moneys = Vec::new();
        let mut fault = None;
        for text in texts {
            match self.amount(&text, unit).and_then(|amount| unit.admit(amount)) {
                Ok(money) => moneys.push(money),
                Err(misread) => fault = fault.or(Some(misread)),
            }
        }
        match fault {
            Some(fault) if moneys.is_empty() => Err(fault),
            Some(_) | None => Ok((certainty, moneys)),
        }
    }

    fn readings(&self, decimals: u32) -> Result<Readings, Misread> {
        let is_fiat = decimals < DECIMALS_CRYPTO_MIN;
        let text = self.text.as_str();
        let found = || found(text);
        let unusual = |text: String| Ok(Readings(Certainty::Unusual, vec![text]));
        let bad = || Misread::BadGrouping { found: found() };
        if text.contains([' ', '\'']) {
            let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
            let parted_by = if whole.contains(' ') { ' ' } else { '\'' };
            let whole = threes(whole, parted_by).ok_or_else(bad)?;
            return unusual(format!("{whole}.{fraction}"));
        }
        let points = text.matches('.').count();
        if points > 1 {
            return Err(Misread::TwoPoints { found: found() });
        }
        // `00050` is the end of something longer more often than an amount.
        if text.starts_with('0') && text.get(1..).is_some_and(starts_with_digit) {
            let plain = text.replace(',', ".");
            return if plain.matches('.').count() > 1 { Err(bad()) } else { unusual(plain) };
        }
        match (text.split_once('.'), text.split_once(',')) {
            (None, None) => Ok(Readings(Certainty::Sure, vec![text.to_owned()])),
            (Some((whole, fraction)), None) => {
                let may_group = is_fiat && fraction.len() == 3 && threes(whole, ',').is_some();
                // Only a point that leaves a possible price can be either.
                if may_group && self.fits(text, decimals) {
                    let texts = vec![text.to_owned(), format!("{whole}{fraction}")];
                    return Ok(Readings(Certainty::GroupingOrDecimal, texts));
                }
                Ok(Readings(Certainty::Sure, vec![text.to_owned()]))
            }
            (Some((whole, fraction)), Some(_)) if whole.contains(',') => {
                let whole = threes(whole, ',').ok_or_else(bad)?;
                if fraction.contains(',') {
                    return Err(bad());
                }
                let certainty = if is_fiat { Certainty::Sure } else { Certainty::Unusual };
                Ok(Readings(certainty, vec![format!("{whole}.{fraction}")]))
            }
            (Some((whole, rest)), Some(_)) => {
                let (group, fraction) = rest.split_once(',').ok_or_else(bad)?;
                let whole = threes(&format!("{whole},{group}"), ',').ok_or_else(bad)?;
                if fraction.contains(',') {
                    return Err(bad());
                }
                unusual(format!("{whole}.{fraction}"))
            }
            (None, Some((whole, rest))) => {
                let is_single = !rest.contains(',');
                let point = format!("{whole}.{rest}");
                match (threes(text, ','), is_single) {
                    (Some(joined), _) if is_fiat => Ok(Readings(Certainty::Sure, vec![joined])),
                    (Some(joined), true) => {
                        Ok(Readings(Certainty::GroupingOrDecimal, vec![point, joined]))
                    }
                    (Some(joined), false) => unusual(joined),
                    (None, true) if rest.len() == 3 && !whole.starts_with('0') => {
                        let texts = vec![point, format!("{whole}{rest}")];
                        Ok(Readings(Certainty::GroupingOrDecimal, texts))
                    }
                    (None, true) => unusual(point),
                    (None, false) => Err(bad()),
                }
            }
        }
    }

    fn fits(&self, text: &str, decimals: u32) -> bool {
        shifted(text, self.scale)
            .parse::<Amount>()
            .is_ok_and(|amount| amount.decimals() <= decimals)
    }

    fn amount(&self, text: &str, unit: &PriceUnit) -> Result<Amount, Misread> {
        let too_many = Misread::TooManyDecimals { unit: unit.unit, max: unit.decimals };
        match shifted(text, self.scale).parse::<Amount>() {
            Ok(amount) if amount.decimals() > unit.decimals => Err(too_many),
            Ok(amount) => Ok(amount),
            Err(AmountError::TooManyDecimals) => Err(too_many),
            Err(AmountError::TooLarge) => Err(Misread::TooLarge),
            Err(AmountError::NotANumber) => Err(Misread::NotANumber { found: found(text) }),
        }
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

impl PriceUnit {
    /// The amount in this unit, if MixPay takes it.
    pub fn admit(&self, amount: Amount) -> Result<Money, Misread> {
        let of_unit = |amount| Money { amount, unit: self.unit };
        if amount.is_zero() {
            return Err(Misread::Zero);
        }
        match (self.min, self.max) {
            (_, Some(max)) if max.is_zero() => Err(Misread::Unusable { unit: self.unit }),
            (Some(min), _) if amount < min => Err(Misread::BelowMinimum { min: of_unit(min) }),
            (_, Some(max)) if amount > max => Err(Misread::AboveMaximum { max: of_unit(max) }),
            (_, _) => Ok(of_unit(amount)),
        }
    }

    /// Three small, round amounts that MixPay takes.
    pub fn samples(&self) -> Vec<Money> {
        let mut ones = match self.unit {
            QuoteAsset::Fiat(_) if self.decimals == 0 => Some(Amount::from_units(10_000_000_000)),
            // Nobody knows what a coin is worth, but its least price says a little.
            QuoteAsset::Asset(_) if self.min.is_some() => Some(Amount::from_units(1)),
            QuoteAsset::Fiat(_) | QuoteAsset::Asset(_) => Some(Amount::from_units(100_000_000)),
        };
        // The least is worth some cents; the smallest sample is some tens of that.
        let least = match self.unit {
            QuoteAsset::Fiat(_) => self.min,
            QuoteAsset::Asset(_) => self.min.and_then(|min| min.checked_mul(10)),
        }
        .unwrap_or_default();
        while ones.and_then(|ones| ones.checked_mul(5)).is_some_and(|five| five < least) {
            ones = ones.and_then(|ones| ones.checked_mul(10));
        }
        [5, 10, 20]
            .into_iter()
            .filter_map(|times| ones.and_then(|ones| ones.checked_mul(times)))
            .filter(|amount| amount.decimals() <= self.decimals)
            .filter_map(|amount| self.admit(amount).ok())
            .collect()
    }
}

/// How many bytes at the beginning of a word are digits and what parts them.
pub fn number_length(low: &str) -> usize {
    let parts = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '’');
    low.find(|c| !parts(c)).unwrap_or(low.len())
}

/// Whether a word begins like a number, so that it is a mistake if it is none.
pub fn begins_like_a_number(low: &str) -> bool {
    let mut rest = low.trim_start_matches(|c| is_plus_or_minus(c) || is_sign(c));
    rest = rest.trim_start_matches(['.', ',']);
    rest.starts_with(|c: char| c.is_numeric() && !is_ideograph(c))
}

/// The word for what is no number, which computers print.
pub fn is_no_number(low: &str) -> bool {
    let low = low.trim_start_matches(is_plus_or_minus);
    matches!(low, "nan" | "inf" | "infinity" | "∞")
}

/// A plus or a minus, in every shape.
pub fn is_plus_or_minus(c: char) -> bool {
    matches!(c, '+' | '-' | '±' | '−' | '–' | '—')
}

/// The zero of Chinese counts as a letter: it stands in names.
const fn is_ideograph(c: char) -> bool {
    matches!(c, '〇')
}

fn is_exponent(suffix: &str) -> bool {
    let rest = suffix.strip_prefix('e').unwrap_or_default();
    let rest = rest.strip_prefix(is_plus_or_minus).unwrap_or(rest);
    rest.starts_with(|c: char| c.is_ascii_digit())
}

/// The digits without what parts them, if they stand in correct threes.
fn threes(text: &str, parted_by: char) -> Option<String> {
    let mut groups = text.split(parted_by);
    let first = groups.next()?;
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let is_first = (1..=3).contains(&first.len()) && digits(first) && !first.starts_with('0');
    let is_rest = groups.all(|group| group.len() == 3 && digits(group));
    (is_first && is_rest).then(|| text.replace(parted_by, ""))
}

/// A number times a power of ten.
fn shifted(text: &str, scale: usize) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let moved = fraction.len().min(scale);
    let (up, down) = fraction.split_at_checked(moved).unwrap_or((fraction, ""));
    format!("{whole}{up}{}.{down}", "0".repeat(scale.saturating_sub(moved)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(decimals: u32) -> PriceUnit {
        let (min, max) = (None, Some("9000000000".parse().unwrap()));
        PriceUnit { unit: "usd".parse().unwrap(), decimals, min, max }
    }

    fn read(text: &str, decimals: u32) -> String {
        match Number::parse(text).and_then(|number| number.read(&unit(decimals))) {
            Ok((certainty, moneys)) => {
                let moneys: Vec<String> =
                    moneys.iter().map(|money| money.amount.to_string()).collect();
                match certainty {
                    Certainty::Sure => moneys.join(" "),
                    Certainty::GroupingOrDecimal | Certainty::Unusual => {
                        format!("ask {}", moneys.join(" "))
                    }
                }
            }
            Err(misread) => format!("{misread:?}").split([' ', '(']).next().unwrap().to_owned(),
        }
    }

    #[test]
    fn a_number_is_read_by_the_decimals_of_its_unit() {
        let check = |text: &str, fiat: &str, crypto: &str| {
            assert_eq!(read(text, 2), fiat, "{text} with two decimals");
            assert_eq!(read(text, 8), crypto, "{text} with eight decimals");
        };
        check("10", "10", "10");
        check(".5", "0.5", "0.5");
        check("5.", "5", "5");
        check("007", "ask 7", "ask 7");
        check("10.50", "10.5", "10.5");
        check("10.001", "TooManyDecimals", "10.001");
        check("1.000", "ask 1 1000", "1");
        check("1.500", "ask 1.5 1500", "1.5");
        check("0.500", "0.5", "0.5");
        check("1000.000", "1000", "1000");
        check("1.0000", "1", "1");
        check("1,000", "1000", "ask 1 1000");
        check("1,000,000", "1000000", "ask 1000000");
        check("1,000.50", "1000.5", "ask 1000.5");
        check("1,000.500", "1000.5", "ask 1000.5");
        check("1,5", "ask 1.5", "ask 1.5");
        check(",5", "ask 0.5", "ask 0.5");
        check("10,00", "ask 10", "ask 10");
        check("0,123", "TooManyDecimals", "ask 0.123");
        check("1234,567", "ask 1234567", "ask 1234.567 1234567");
        check("1.000,50", "ask 1000.5", "ask 1000.5");
        check("1'000", "ask 1000", "ask 1000");
        check("1’000.50", "ask 1000.5", "ask 1000.5");
        check("1'00", "BadGrouping", "BadGrouping");
        check("1,00,0", "BadGrouping", "BadGrouping");
        check("12,34,567", "BadGrouping", "BadGrouping");
        check("1,5.00", "BadGrouping", "BadGrouping");
        check("1.2.3", "TwoPoints", "TwoPoints");
        check("1.5,000", "BadGrouping", "BadGrouping");
        check("0", "Zero", "Zero");
        check("0.00", "Zero", "Zero");
        check("1e3", "Exponent", "Exponent");
        check("1e-3", "Exponent", "Exponent");
        check("0x10", "NotANumber", "NotANumber");
        check("10-20", "NotANumber", "NotANumber");
        check("-5", "Sign", "Sign");
        check("−5", "Sign", "Sign");
        check("١٠", "MixedScripts", "MixedScripts");
        check("1٠", "MixedScripts", "MixedScripts");
        check("10²", "MixedScripts", "MixedScripts");
        check("99999999999", "AboveMaximum", "AboveMaximum");
        check(&"9".repeat(60), "TooLarge", "TooLarge");
    }

    #[test]
    fn powers_of_ten_are_exact() {
        let check = |text: &str, expected: &str| assert_eq!(read(text, 2), expected, "{text}");
        check("1.2k", "1200");
        check("5m", "5000000");
        check("1万", "10000");
        check("1 万", "10000");
        check("1.5亿", "150000000");
        check("0.00001万", "0.1");
        check("1.2345k", "1234.5");
        check("1.234k", "ask 1234 1234000");
        check("1,5k", "ask 1500");
        check("1km", "NotANumber");
        check("1k万", "NotANumber");
        check("1.23456789k", "TooManyDecimals");
    }

    #[test]
    fn samples_keep_within_the_range() {
        let samples = |decimals, min: &str, max: &str, unit: &str| {
            let (min, max) = (min.parse().ok(), max.parse().ok());
            let unit = PriceUnit { unit: unit.parse().unwrap(), decimals, min, max };
            unit.samples().iter().map(|money| money.amount.to_string()).collect::<Vec<_>>()
        };
        let btc = "c6d0c728-2624-429b-8e0d-d9d19b6592fa";
        assert_eq!(samples(2, "0.1", "20000", "usd"), ["5", "10", "20"]);
        assert_eq!(samples(0, "15", "3000000", "jpy"), ["500", "1000", "2000"]);
        assert_eq!(samples(2, "70", "90", "thb"), Vec::<String>::new());
        assert_eq!(samples(8, "0.00000263", "0.5", btc), ["0.00005", "0.0001", "0.0002"]);
        assert_eq!(samples(8, "", "", btc), ["5", "10", "20"]);
        assert_eq!(samples(2, "", "0", "usd"), Vec::<String>::new());
    }
}
