//! What a price is written in, and money: an amount of one unit.

use crate::domain::{amount::Amount, ids::AssetId};
use std::{fmt, str::FromStr};

/// A fiat currency's code, three to five lower-case letters: `usd`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fiat([u8; 5], u8);

/// The unit of a price: a fiat currency or an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuoteAsset {
    /// A fiat currency that MixPay quotes.
    Fiat(Fiat),
    /// An asset of the Mixin network.
    Asset(AssetId),
}

/// An amount of one unit. Amounts of different units never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub unit: QuoteAsset,
}

/// Why a text names no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is neither a currency code nor an asset id")]
pub struct UnitError {
    /// The text that was found.
    pub found: String,
}

impl Fiat {
    /// The code in lower case, as MixPay wants it.
    pub fn code(&self) -> &str {
        let length = usize::from(self.1);
        self.0.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }

    /// The code in upper case, as people read it.
    pub fn symbol(&self) -> String {
        self.code().to_ascii_uppercase()
    }
}

impl FromStr for Fiat {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong = || UnitError { found: text.to_owned() };
        let length = u8::try_from(text.len()).map_err(|_| wrong())?;
        if !(3..=5).contains(&length) || !text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(wrong());
        }
        let mut code = [0; 5];
        for (to, from) in code.iter_mut().zip(text.bytes()) {
            *to = from.to_ascii_lowercase();
        }
        Ok(Self(code, length))
    }
}

impl fmt::Display for Fiat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Fiat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fiat({})", self.code())
    }
}

impl FromStr for QuoteAsset {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        match text.parse() {
            Ok(asset) => Ok(Self::Asset(asset)),
            Err(_) => text.parse().map(Self::Fiat),
        }
    }
}

impl fmt::Display for QuoteAsset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fiat(fiat) => fiat.fmt(f),
            Self::Asset(asset) => asset.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_a_currency_code_or_an_asset_id() {
        assert_eq!("USD".parse::<QuoteAsset>().unwrap().to_string(), "usd");
        let btc = "c6d0c728-2624-429b-8e0d-d9d19b6592fa";
        assert_eq!(btc.parse::<QuoteAsset>().unwrap().to_string(), btc);
        assert!("u$".parse::<QuoteAsset>().is_err());
        assert!("dollars".parse::<QuoteAsset>().is_err());
    }
}
