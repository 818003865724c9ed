//! Link: a pay link that anybody can use any number of times.

use crate::domain::{
    asset::Money,
    code::ShortCode,
    ids::{AssetId, ConversationId, UserId},
    locale::Locale,
};
use jiff::Timestamp;

/// A reusable pay link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The code that people use.
    pub code: ShortCode,
    /// Who made it.
    pub creator: UserId,
    /// Where it was made.
    pub conversation: ConversationId,
    /// Whether that is a group.
    pub in_group: bool,
    /// The price; `None` is open: the payer says.
    pub price: Option<Money>,
    /// The price's unit as people read it.
    pub symbol: String,
    /// Decimals that a price of this unit is shown with at least.
    pub decimals: u32,
    /// What it is for.
    pub memo: Option<String>,
    /// Who receives.
    pub payee: UserId,
    /// The receiver's name and Mixin ID.
    pub payee_name: String,
    /// What the receiver gets; `None` is whatever is paid with.
    pub settlement: Option<AssetId>,
    /// That asset as people read it.
    pub settlement_label: String,
    /// The language of its card.
    pub locale: Locale,
    /// When it was made.
    pub created_at: Timestamp,
}
