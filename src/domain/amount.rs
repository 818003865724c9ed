//! Amount: an exact count of 1e-8 units; the only number that money is kept in.

use std::{fmt, str::FromStr};

/// Decimal places that an [`Amount`] keeps. Mixin and MixPay never use more.
pub const DECIMALS: u32 = 8;
const UNITS_PER_ONE: u128 = 100_000_000;

/// An exact, non-negative quantity of one asset.
///
/// Text is digits with at most one point, and prints without trailing zeros:
///
/// ```
/// use mixpay_bot::domain::amount::Amount;
/// let amount: Amount = "10.50".parse().unwrap();
/// assert_eq!(amount.to_string(), "10.5");
/// assert!("1e3".parse::<Amount>().is_err());
/// assert!("0.000000001".parse::<Amount>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(u128);

/// Why a text is no [`Amount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// There is something other than digits and one point, or nothing at all.
    #[error("an amount is digits with at most one point")]
    NotANumber,
    /// More non-zero decimals than [`DECIMALS`].
    #[error("an amount has at most 8 decimals")]
    TooManyDecimals,
    /// The number does not fit.
    #[error("the amount is too large")]
    TooLarge,
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The amount that is `units` times 1e-8.
    pub const fn from_units(units: u128) -> Self {
        Self(units)
    }

    /// How many 1e-8 units this is.
    pub const fn units(self) -> u128 {
        self.0
    }

    /// Whether this is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Adds, or returns `None` on overflow.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// Subtracts, or returns `None` if `other` is more than this.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// Multiplies by a whole number, or returns `None` on overflow.
    #[must_use]
    pub const fn checked_mul(self, times: u128) -> Option<Self> {
        match self.0.checked_mul(times) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// How many decimals this amount needs when written out.
    pub fn decimals(self) -> u32 {
        let mut rest = self.0 % UNITS_PER_ONE;
        if rest == 0 {
            return 0;
        }
        let mut decimals = DECIMALS;
        while rest.is_multiple_of(10) {
            rest /= 10;
            decimals = decimals.saturating_sub(1);
        }
        decimals
    }

    /// The amount as people read it: thousands with commas, at least `decimals_min` decimals.
    pub fn grouped(self, decimals_min: u32) -> String {
        let whole = (self.0 / UNITS_PER_ONE).to_string();
        let mut text = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && whole.len().saturating_sub(index) % 3 == 0 {
                text.push(',');
            }
            text.push(digit);
        }
        let decimals = self.decimals().max(decimals_min.min(DECIMALS));
        if decimals > 0 {
            let fraction = format!("{:08}", self.0 % UNITS_PER_ONE);
            text.push('.');
            text.extend(fraction.chars().take(usize::try_from(decimals).unwrap_or(8)));
        }
        text
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
            return Err(AmountError::NotANumber);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 8 {
            return Err(AmountError::TooManyDecimals);
        }
        let whole = whole.trim_start_matches('0');
        let whole: u128 = match whole {
            "" => 0,
            whole => whole.parse().map_err(|_| AmountError::TooLarge)?,
        };
        let fraction: u128 =
            format!("{fraction:0<8}").parse().map_err(|_| AmountError::TooLarge)?;
        whole
            .checked_mul(UNITS_PER_ONE)
            .and_then(|units| units.checked_add(fraction))
            .map(Self)
            .ok_or(AmountError::TooLarge)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / UNITS_PER_ONE, self.0 % UNITS_PER_ONE);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        let fraction = format!("{fraction:08}");
        write!(f, "{whole}.{}", fraction.trim_end_matches('0'))
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amount({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_read_exactly_or_refused() {
        let check = |text: &str, expected: Result<&str, AmountError>| {
            assert_eq!(
                text.parse::<Amount>().map(|a| a.to_string()).as_deref(),
                expected.as_deref()
            );
        };
        check("10", Ok("10"));
        check("0010.500", Ok("10.5"));
        check(".5", Ok("0.5"));
        check("5.", Ok("5"));
        check("0.00000001", Ok("0.00000001"));
        check("0.000000010000", Ok("0.00000001"));
        check("0.000000001", Err(AmountError::TooManyDecimals));
        for bad in ["", ".", "1,5", "-1", "+1", "1e3", "0x10", "١", "1 0", "NaN"] {
            check(bad, Err(AmountError::NotANumber));
        }
        check(&"9".repeat(40), Err(AmountError::TooLarge));
    }

    #[test]
    fn people_read_groups_and_at_least_the_decimals_of_the_unit() {
        let amount: Amount = "1234567.5".parse().unwrap();
        assert_eq!(amount.grouped(2), "1,234,567.50");
        assert_eq!(Amount::from_units(1).grouped(2), "0.00000001");
        assert_eq!("100".parse::<Amount>().unwrap().grouped(0), "100");
        assert_eq!(Amount::from_units(u128::MAX).decimals(), 8);
    }

    proptest! {
        #[test]
        fn printing_then_parsing_is_identity(units in any::<u128>()) {
            let amount = Amount(units);
            prop_assert_eq!(amount.to_string().parse::<Amount>(), Ok(amount));
            prop_assert_eq!(amount.grouped(2).replace(',', "").parse::<Amount>(), Ok(amount));
        }
    }
}
