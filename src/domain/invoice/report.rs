//! Report: what one answer of MixPay says about a payment, as far as it could be read.

use crate::domain::{
    amount::Amount,
    asset::QuoteAsset,
    ids::{AssetId, UserId},
};

/// What one answer of `payments_result` says. A field that was missing, empty or unreadable is
/// `None`: not known, never a default.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Report {
    /// The status word.
    pub status: Status,
    /// `payeeId`.
    pub payee: Option<UserId>,
    /// `quoteAmount`.
    pub quote_amount: Option<Amount>,
    /// `quoteAmount`, where it is a number and no amount, such as one with nine decimals: its exact
    /// value, to be compared and shown.
    pub quote_odd: Option<String>,
    /// `quoteAssetId`.
    pub quote_asset: Option<QuoteAsset>,
    /// `traceId` as it stands there: ours, or a code.
    pub trace: Option<String>,
    /// `paymentAmount`: what was really paid; `None` while nothing was.
    pub paid: Option<Amount>,
    /// `paymentSymbol`.
    pub paid_symbol: Option<String>,
    /// `payableAmount`: what should be paid.
    pub payable: Option<Amount>,
    /// `payment.isMultiPay` and not `payment.isFullyPaid`.
    pub underpaid: bool,
    /// `payment.totalTransactionsAmount`, else the sum of the transactions.
    pub transactions_total: Option<Amount>,
    /// `confirmations` of the transaction with the fewest left to go, and `requiredConfirms`.
    pub confirmations: Option<(u32, Option<u32>)>,
    /// `surplusAmount`, if more than zero.
    pub surplus: Option<Amount>,
    /// `date`, Unix seconds, when paid.
    pub paid_at: Option<i64>,
    /// `failureCode`, if it is not 0.
    pub failure: Option<i64>,
    /// Whether `settleStatus` is `success`.
    pub settled: bool,
    /// `settleAmount`.
    pub settle_amount: Option<Amount>,
    /// `settleSymbol`.
    pub settle_symbol: Option<String>,
    /// `settleAsset`.
    pub settle_asset: Option<AssetId>,
    /// `txid`, if the payment was on chain.
    pub transaction: Option<String>,
}

/// The status word of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Status {
    /// `unpaid`.
    Unpaid,
    /// The payment does not exist (error 404).
    NotFound,
    /// `pending`, and the word `processing` of an older client.
    Pending,
    /// `auditing`: MixPay reviews the payment.
    Auditing,
    /// `success`.
    Success,
    /// `failed`.
    Failed,
    /// A word that we do not know; never final.
    Other(String),
}

impl Report {
    /// A report with this status that says nothing else.
    pub const fn of(status: Status) -> Self {
        Self {
            status,
            payee: None,
            quote_amount: None,
            quote_odd: None,
            quote_asset: None,
            trace: None,
            paid: None,
            paid_symbol: None,
            payable: None,
            underpaid: false,
            transactions_total: None,
            confirmations: None,
            surplus: None,
            paid_at: None,
            failure: None,
            settled: false,
            settle_amount: None,
            settle_symbol: None,
            settle_asset: None,
            transaction: None,
        }
    }
}
