//! Checkout: making MixPay payments and asking what became of them.

use crate::{
    domain::{
        amount::Amount,
        asset::Money,
        catalogue::{AssetList, ListedAsset},
        ids::{AssetId, TraceId, UserId},
        invoice::report::Report,
    },
    ports::failure::CallError,
};
use async_trait::async_trait;

/// What a one-time payment is asked for with (product.md §5, "The request").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRequest {
    /// Who receives.
    pub payee: UserId,
    /// The price.
    pub price: Money,
    /// What the payee receives.
    pub settlement: AssetId,
    /// Whether MixPay must settle in exactly that asset.
    pub strict: bool,
    /// The payment's trace; `orderId` is the same UUID.
    pub trace: TraceId,
    /// At most 50 characters, public.
    pub remark: String,
    /// Where MixPay calls back.
    pub callback_url: Option<String>,
    /// When MixPay closes the payment, Unix seconds.
    pub closes_at: i64,
    /// The coin to pay with; only for `POST /payments`.
    pub pay_with: Option<AssetId>,
    /// Whether that coin is to be paid on chain; only for `POST /payments`.
    pub on_chain: bool,
}

/// A payment of `POST /payments`: what to transfer, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectPayment {
    /// The trace.
    pub trace: TraceId,
    /// The coin to pay with.
    pub asset: AssetId,
    /// Its ticker.
    pub symbol: String,
    /// How much of it, exactly.
    pub amount: Amount,
    /// When the price stops holding, Unix seconds.
    pub price_until: i64,
    /// Where to.
    pub to: PayTo,
}

/// Where a direct payment goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayTo {
    /// A transfer in Mixin.
    Mixin {
        /// Receiver.
        recipient: UserId,
        /// The memo, as it must be sent.
        memo: String,
    },
    /// A transaction on the coin's chain.
    Chain {
        /// The address.
        destination: String,
        /// The tag; losing it loses the money. `None` if the chain needs none.
        tag: Option<String>,
    },
}

/// An answer about a payment, with MixPay's own time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `timestampMs` of the answer: MixPay's clock, Unix milliseconds, as it stands there; `None`
    /// if it told none. It is believed within bounds (`domain::invoice::credible`).
    pub reported_ms: Option<i64>,
    /// What it says.
    pub report: Report,
}

/// An estimate: nothing is locked by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// What would be paid.
    pub payment: Amount,
    /// Its ticker.
    pub payment_symbol: String,
    /// What would be received, if MixPay says.
    pub settlement: Option<Amount>,
    /// Its ticker, may be empty.
    pub settlement_symbol: String,
}

/// MixPay. Every call counts against the budget of requests a minute, which the caller keeps.
#[async_trait]
pub trait Checkout: Send + Sync {
    /// The exact JSON body of a request; it is stored before it is sent, and sent as it is.
    fn body(&self, request: &PaymentRequest) -> String;

    /// Makes a one-time payment (`POST /one_time_payment`) from a stored body; returns its code.
    async fn open(&self, body: &str) -> Result<String, CallError>;

    /// Makes, or quotes anew, a payment in one coin (`POST /payments`) from a stored body.
    async fn open_direct(&self, body: &str) -> Result<DirectPayment, CallError>;

    /// Quotes an on-chain payment anew (`POST /payments/refresh`).
    async fn refresh(&self, trace: TraceId) -> Result<DirectPayment, CallError>;

    /// A payment's data (`GET /payments_info`).
    async fn info(&self, trace: TraceId) -> Result<DirectPayment, CallError>;

    /// What became of a payment (`GET /payments_result` with `payment,transactions`). "Does not
    /// exist" is an answer, not an error.
    async fn result(&self, trace: TraceId) -> Result<Answer, CallError>;

    /// What `price` would be in `pay_with` (`GET /payments_estimated`).
    async fn estimate(
        &self,
        price: Money,
        pay_with: AssetId,
        settlement: AssetId,
    ) -> Result<Estimate, CallError>;

    /// One of the asset lists (`GET /setting/…_assets`).
    async fn assets(&self, list: AssetList) -> Result<Vec<ListedAsset>, CallError>;

    /// The UUID of a Mixin ID that has used MixPay (`GET /user/mixin_uuid/:number`).
    async fn payee_of(&self, number: &str) -> Result<Option<UserId>, CallError>;

    /// The MixPay id of a multisig group (`POST /multisig`).
    async fn multisig(&self, members: &[UserId], threshold: u8) -> Result<UserId, CallError>;

    /// The page where a one-time payment is paid.
    fn payment_page(&self, code: &str) -> String;
}
