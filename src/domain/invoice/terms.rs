//! Terms: what was agreed when an invoice was made. They never change.

use crate::domain::{
    asset::Money,
    code::ShortCode,
    ids::{AssetId, UserId},
};
use jiff::Timestamp;

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
    /// The deadline that was told in the chat.
    pub deadline: Timestamp,
    /// When MixPay closes the payment: the deadline plus a grace.
    pub closes_at: Timestamp,
    /// The person's own order number.
    pub order: Option<String>,
    /// The one coin that it is to be paid in, if one was asked for.
    pub pay_with: Option<PayWith>,
    /// The link under which it was made.
    pub link: Option<ShortCode>,
    /// Who is told besides the creator (`from X`).
    pub told: Option<UserId>,
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
