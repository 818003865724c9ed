//! Terms: what was agreed when an invoice was made. They never change.

use crate::domain::{
    amount::Amount,
    asset::Money,
    code::ShortCode,
    ids::{AssetId, UserId},
};
use jiff::SignedDuration;

/// A length of time in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub i64);

impl Seconds {
    /// The length of time.
    pub const fn length(self) -> SignedDuration {
        SignedDuration::from_secs(self.0)
    }
}

/// What was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The price.
    pub price: Money,
    /// The price's unit as people read it: `USD`, `BTC`.
    pub symbol: String,
    /// Decimals that a price of this unit is shown with at least.
    pub decimals: u32,
    /// What it is for; at most 200 characters.
    pub memo: Option<String>,
    /// Who receives.
    pub payee: UserId,
    /// The receiver's name and Mixin ID, as they were when the invoice was made.
    pub payee_name: String,
    /// What the receiver gets.
    pub settlement: AssetId,
    /// That asset as people read it: `USDT (ERC20)`.
    pub settlement_label: String,
    /// Whether MixPay must settle in exactly that asset.
    pub strict: bool,
    /// How long it can be paid, from the attempt that made its payment.
    pub lifetime: Seconds,
    /// How much longer MixPay takes money for it.
    pub grace: Seconds,
    /// The person's own order number.
    pub order: Option<String>,
    /// The one coin that it is to be paid in, if one was asked for.
    pub pay_with: Option<PayWith>,
    /// The link under which it was made.
    pub link: Option<ShortCode>,
    /// Who is told besides the creator (`from X`).
    pub told: Option<UserId>,
}

/// What a price is in the one coin that it is to be paid in, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoinPrice {
    /// How much of the coin.
    pub amount: Amount,
    /// Its ticker.
    pub symbol: String,
    /// Until when MixPay keeps that price, Unix seconds.
    pub until: i64,
}

/// The one coin that an invoice is to be paid in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayWith {
    /// The coin.
    pub asset: AssetId,
    /// Its ticker.
    pub symbol: String,
    /// Whether MixPay takes it on chain too.
    pub on_chain: bool,
}
