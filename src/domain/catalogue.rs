//! Catalogue: what MixPay lets one quote in, pay with and settle in.

use crate::domain::{amount::Amount, asset::QuoteAsset};

/// An asset of one of MixPay's three lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAsset {
    /// The fiat code or the asset.
    pub unit: QuoteAsset,
    /// Its ticker, upper case.
    pub symbol: String,
    /// Its name, may be empty.
    pub name: String,
    /// The network's name, may be empty: `Ethereum`, `Tron`.
    pub network: String,
    /// The chain's ticker, may be empty: `ETH`, `TRX`.
    pub chain: String,
    /// Decimals that a price may have; only the quote list tells.
    pub decimals: Option<u32>,
    /// The least that MixPay takes, if it says.
    pub min: Option<Amount>,
    /// The most that MixPay takes, if it says; zero means that it cannot be used now.
    pub max: Option<Amount>,
    /// Whether it can be paid on chain; only the payment list tells.
    pub on_chain: bool,
    /// Whether it can be used now; only the settlement list says no.
    pub available: bool,
}

/// MixPay's three lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetList {
    /// Units that a price can be written in.
    Quote,
    /// Coins that can be paid with.
    Payment,
    /// Coins that can be received.
    Settlement,
}

/// The three lists together, as they were last heard from MixPay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    /// Units that a price can be written in.
    pub quote: Vec<ListedAsset>,
    /// Coins that can be paid with, the most widely supported first.
    pub payment: Vec<ListedAsset>,
    /// Coins that can be received.
    pub settlement: Vec<ListedAsset>,
}
