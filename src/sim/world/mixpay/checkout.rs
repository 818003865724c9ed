//! A payment, as MixPay knows it.

use super::order::Events;
use crate::domain::{
    amount::Amount,
    asset::QuoteAsset,
    ids::{AssetId, SnapshotId, TraceId, UserId},
};
use jiff::Timestamp;
use uuid::Uuid;

/// A payment, as MixPay knows it.
#[derive(Debug, Clone)]
pub struct Checkout {
    /// The code of its page.
    pub code: Uuid,
    /// Its trace.
    pub trace: TraceId,
    /// The merchant's order id.
    pub order: Option<String>,
    /// How it came to be.
    pub kind: Kind,
    /// Who receives.
    pub payee: UserId,
    /// Whose account takes the money for MixPay.
    pub recipient: UserId,
    /// The unit of the price.
    pub quote: QuoteAsset,
    /// The price; for an open link, once the payer has typed it.
    pub amount: Option<Amount>,
    /// What the payee receives; `None` for what the payer pays with.
    pub settlement: Option<AssetId>,
    /// The memo of the settlement, if the merchant gave one.
    pub settlement_memo: Option<String>,
    /// Where MixPay calls back.
    pub callback: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it closes.
    pub closes_at: Option<Timestamp>,
    /// Its price in one coin: fixed for a direct payment, chosen on the page for the others.
    pub price: Option<Quote>,
    /// What was sent, oldest first.
    pub transactions: Vec<Transaction>,
    /// Whether it came over a chain.
    pub on_chain: bool,
    /// Where it stands.
    pub stage: Stage,
    /// When the payment was made.
    pub paid_at: Option<Timestamp>,
    /// What of an overpayment goes back.
    pub surplus: Option<Surplus>,
    /// What reached the payee.
    pub settled: Option<Settlement>,
    pub(super) client: Uuid,
    pub(super) return_to: Option<String>,
    pub(super) failed_return_to: Option<String>,
    pub(super) events: Events,
    pub(super) made_from: super::order::Order,
}

/// How a payment came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `POST /one_time_payment`.
    OneTime,
    /// `POST /payments`, for a transfer in Mixin.
    DirectMixin,
    /// `POST /payments`, for a transaction on a chain.
    DirectChain,
    /// A payer opened a `/pay?…` link.
    Link,
}

/// What is to be paid in one coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// The coin.
    pub asset: AssetId,
    /// How much of it.
    pub amount: Amount,
    /// Until when that holds.
    pub until: Timestamp,
}

/// Something that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The coin.
    pub asset: AssetId,
    /// How much.
    pub amount: Amount,
    /// Its id on the chain; empty in Mixin.
    pub txid: String,
    /// Blocks so far.
    pub confirmations: u32,
    /// Blocks needed.
    pub required: u32,
    /// When it was seen.
    pub at: Timestamp,
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was seen.
    Unpaid,
    /// Something was seen.
    Pending,
    /// MixPay looks into it.
    Auditing,
    /// It is paid.
    Success,
    /// It failed, for this reason (mixpay.md 3.4).
    Failed(u32),
}

/// Why a page that was paid twice fails, until it is settled (mixpay.md 3.4).
pub const DOUBLE: u32 = 40021;

impl Stage {
    /// Whether MixPay has the money: the payment counts, or was made twice.
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Success | Self::Failed(DOUBLE))
    }
}

/// What of an overpayment goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surplus {
    /// How much, of the coin that was paid with.
    pub amount: Amount,
    /// Whether it has gone back.
    pub returned: bool,
}

/// What reached the payee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// The asset.
    pub asset: AssetId,
    /// How much.
    pub amount: Amount,
    /// The transfer into the bot's wallet, if the bot is the payee.
    pub snapshot: Option<SnapshotId>,
}

impl Checkout {
    /// How much was sent altogether.
    pub fn sent(&self) -> Amount {
        let sum = |sum: Amount, transaction: &Transaction| {
            sum.checked_add(transaction.amount).unwrap_or(sum)
        };
        self.transactions.iter().fold(Amount::ZERO, sum)
    }

    /// Whether enough was sent.
    pub fn is_fully_paid(&self) -> bool {
        self.stage == Stage::Success
            || self.price.is_some_and(|price| self.sent() >= price.amount && !self.sent().is_zero())
    }

    /// Whether it is paid in parts.
    pub fn is_multi_pay(&self) -> bool {
        let short = self.price.is_some_and(|price| self.sent() < price.amount);
        self.transactions.len() > 1 || (self.on_chain && short && !self.transactions.is_empty())
    }

    /// The status as MixPay writes it.
    pub const fn status(&self) -> &'static str {
        match self.stage {
            Stage::Unpaid => "unpaid",
            Stage::Pending => "pending",
            Stage::Auditing => "auditing",
            Stage::Success => "success",
            Stage::Failed(_) => "failed",
        }
    }

    /// The payment as it was before anything was sent.
    pub(super) fn untouched(self) -> Self {
        Self {
            transactions: Vec::new(),
            stage: Stage::Unpaid,
            paid_at: None,
            surplus: None,
            settled: None,
            ..self
        }
    }

    /// The client id inside the memo of a direct payment.
    pub(crate) const fn client(&self) -> Uuid {
        self.client
    }

    /// Where the payer's browser goes at the end.
    pub(crate) fn browser_target(&self) -> &str {
        let target = match self.stage {
            Stage::Success => &self.return_to,
            Stage::Failed(_) => &self.failed_return_to,
            Stage::Unpaid | Stage::Pending | Stage::Auditing => &None,
        };
        target.as_deref().unwrap_or("")
    }
}
