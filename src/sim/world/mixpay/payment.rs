//! A payment somebody makes: with which coin, by which means, how well, and what came of it.

use super::Refused;
use crate::{
    domain::{
        amount::Amount,
        asset::QuoteAsset,
        ids::{AssetId, UserId},
    },
    sim::world::coins,
};
use uuid::Uuid;

/// How somebody pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The coin chosen on the page; a direct payment has its own.
    pub asset: AssetId,
    /// In Mixin or over a chain; a direct payment has its own.
    pub means: Means,
    /// How well.
    pub how: How,
    /// The price that the payer types where a link leaves it open.
    pub typed: Option<Amount>,
    /// Who pays; only a transfer straight to the bot's wallet shows it.
    pub payer: Option<UserId>,
}

/// By which means somebody pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// In Mixin: at once.
    Mixin,
    /// Over a chain: seen first, and paid after [`World::confirm`](crate::sim::World::confirm) was called often enough.
    Chain,
}

/// How well somebody pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// Exactly what is asked; after an underpayment, what is missing.
    Exact,
    /// Only this much of the coin. Over a chain the rest can follow; in Mixin it comes back.
    Underpay(Amount),
    /// This much too much of the coin. Over a chain it counts; in Mixin it comes back.
    Overpay(Amount),
    /// Exactly, although MixPay has closed the payment: it counts all the same.
    Late,
    /// Another coin than was asked for.
    WrongAsset,
    /// Twice: MixPay reports failure 40021 until [`World::settle`](crate::sim::World::settle).
    Double,
    /// Exactly, but MixPay takes its time to look into it, until [`World::audit_stop`](crate::sim::World::audit_stop).
    Audited,
    /// By an edited link or a lie: the result reports success with other values.
    Tampered {
        /// The price that is reported.
        amount: Option<Amount>,
        /// The payee that is reported.
        payee: Option<UserId>,
        /// The unit that is reported.
        quote: Option<QuoteAsset>,
    },
}

/// What somebody paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid {
    /// The code of the payment; of a transfer straight to somebody, its trace.
    pub code: Uuid,
    /// The coin.
    pub asset: AssetId,
    /// How much left the payer's wallet.
    pub amount: Amount,
}

/// Why somebody cannot pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayError {
    /// There is no such payment.
    #[error("there is no such payment")]
    NotFound,
    /// It is paid already.
    #[error("it is paid already")]
    AlreadyPaid,
    /// The link leaves the amount open and none was typed.
    #[error("the link leaves the amount open")]
    NoAmount,
    /// It cannot be paid with that coin, or not over a chain.
    #[error("it cannot be paid with that coin")]
    CannotPayWith,
    /// The amount is not less than what is asked.
    #[error("that is no underpayment")]
    NotLess,
    /// The page shows an error of MixPay's, with this code.
    #[error("the page shows error {0}")]
    PageError(i64),
    /// The transfer does not fit the payment and came back.
    #[error("the transfer came back")]
    Returned,
}

impl Default for Payment {
    fn default() -> Self {
        Self { asset: coins::BTC, means: Means::Mixin, how: How::Exact, typed: None, payer: None }
    }
}

impl Payment {
    /// This payment with another coin.
    #[must_use]
    pub const fn with(mut self, asset: AssetId) -> Self {
        self.asset = asset;
        self
    }

    /// This payment over a chain.
    #[must_use]
    pub const fn on_chain(mut self) -> Self {
        self.means = Means::Chain;
        self
    }

    /// A payment in Bitcoin, in Mixin, done like this.
    pub fn done(how: How) -> Self {
        Self { how, ..Self::default() }
    }
}

impl From<Refused> for PayError {
    fn from(refused: Refused) -> Self {
        Self::PageError(refused.code)
    }
}
