//! Reported: a number that a service wrote, in whatever spelling, read exactly.
//!
//! People write digits with one point, and nothing else is taken from them
//! ([`Amount::from_str`](std::str::FromStr)). Services write `1e1`, `10E-1`, `1.0e-5` and more
//! decimals than anybody keeps. All of that is digits and a place for the point, so it is read by
//! moving the point and never by way of a float.

use crate::domain::amount::Amount;
use std::fmt;

/// A number that is written longer than this is none.
const TEXT_BYTES_MAX: usize = 256;
/// A number with more digits than this is kept with an exponent, so that a short text cannot
/// become a long one.
const PLAIN_DIGITS_MAX: usize = 64;
/// An exponent is read up to this; what is beyond is far beyond every amount, too.
const EXPONENT_MAX: i64 = 999_999;

/// A number that a service wrote.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reported {
    /// It is an amount.
    Amount(Amount),
    /// It is a number and no amount: negative, too large, or finer than 8 decimals. Its canonical
    /// spelling, which is the same for equal numbers.
    Other(String),
}

impl Reported {
    /// Reads a number in any spelling; `None` if it is none.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let fraction = i64::try_from(fraction.len()).ok()?;
        let significant = digits.trim_end_matches('0');
        let zeros = i64::try_from(digits.len().saturating_sub(significant.len())).ok()?;
        let shift = exponent.saturating_sub(fraction).saturating_add(zeros);
        let significant = significant.trim_start_matches('0');
        if significant.is_empty() {
            return Some(Self::Amount(Amount::ZERO));
        }
        let plain = spell(significant, shift);
        let amount = plain.parse().ok().filter(|_| !negative);
        let other = || Self::Other(if negative { format!("-{plain}") } else { plain.clone() });
        Some(amount.map_or_else(other, Self::Amount))
    }

    /// The amount, if it is one.
    pub const fn amount(&self) -> Option<Amount> {
        match self {
            Self::Amount(amount) => Some(*amount),
            Self::Other(_) => None,
        }
    }
}

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amount(amount) => amount.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// What follows the `e`: a sign, perhaps, and digits. What does not fit is the largest that does.
fn read_exponent(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let size = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(EXPONENT_MAX) };
    Some(size.min(EXPONENT_MAX).saturating_mul(sign))
}

/// These digits with the point moved so far to the right; neither end of them is a zero.
fn spell(digits: &str, shift: i64) -> String {
    let moved = usize::try_from(shift.unsigned_abs()).unwrap_or(usize::MAX);
    if digits.len().saturating_add(moved) > PLAIN_DIGITS_MAX {
        return format!("{digits}e{shift}");
    }
    if shift >= 0 {
        return format!("{digits}{}", "0".repeat(moved));
    }
    let digits = format!("{}{digits}", "0".repeat(moved.saturating_sub(digits.len())));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(moved));
    format!("{}.{fraction}", if whole.is_empty() { "0" } else { whole })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<String> {
        Reported::read(text).map(|number| number.to_string())
    }

    #[test]
    fn a_number_is_the_same_in_all_its_spellings() {
        for (text, expected) in [
            ("10", "10"),
            ("10.0", "10"),
            ("1e1", "10"),
            ("1E+1", "10"),
            ("1.0e1", "10"),
            ("100e-1", "10"),
            ("+10", "10"),
            (" 10 ", "10"),
            ("0010.", "10"),
            (".1e2", "10"),
            ("1.0e-5", "0.00001"),
            ("1e-8", "0.00000001"),
            ("0.000000010", "0.00000001"),
            ("0e999999999999", "0"),
            ("-0.0", "0"),
            ("1e0000000000000001", "10"),
        ] {
            let number = Reported::read(text).unwrap();
            assert_eq!(number.amount().map(|amount| amount.to_string()).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_number_that_is_no_amount_keeps_its_value() {
        for (text, expected) in [
            ("10.000000001", "10.000000001"),
            ("10000000001e-9", "10.000000001"),
            ("-3", "-3"),
            ("-3.0e0", "-3"),
            ("1e-9", "0.000000001"),
            ("1e999999999999999999999", "1e999999"),
            ("12e-999999999", "12e-999999"),
        ] {
            assert_eq!(Reported::read(text), Some(Reported::Other(expected.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        let long = "1".repeat(TEXT_BYTES_MAX + 1);
        for text in [
            "",
            " ",
            ".",
            "e1",
            "1e",
            "1e+",
            "--1",
            "+-1",
            "1,5",
            "1 0",
            "0x10",
            "NaN",
            "Infinity",
            "1e1.5",
            "1e1e1",
            "١",
            long.as_str(),
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn moving_the_point_and_saying_so_changes_nothing(units in any::<u64>(), moved in 0..40_u32) {
            let amount = Amount::from_units(units.into());
            let text = format!("{amount}{}e-{moved}", if amount.decimals() > 0 { "" } else { "." });
            // `moved` places to the left by the exponent, and as many to the right by the digits.
            let (whole, fraction) = text.split_once('.').unwrap();
            let (fraction, exponent) = fraction.split_once('e').unwrap();
            let zeros = usize::try_from(moved).unwrap().saturating_sub(fraction.len());
            let digits = format!("{whole}{fraction}{}", "0".repeat(zeros));
            let point = whole.len().saturating_add(usize::try_from(moved).unwrap());
            let text = format!("{}.{}e{exponent}", &digits[..point], &digits[point..]);
            prop_assert_eq!(Reported::read(&text), Some(Reported::Amount(amount)));
        }

        #[test]
        fn no_text_makes_it_panic_or_grow(text in "[0-9.eE+-]{0,40}", any: String) {
            for text in [&text, &any] {
                if let Some(number) = Reported::read(text) {
                    let spelled = number.to_string();
                    prop_assert!(spelled.len() <= TEXT_BYTES_MAX + 10);
                    prop_assert_eq!(Reported::read(&spelled), Some(number));
                }
            }
        }
    }
}
