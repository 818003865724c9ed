//! Hints: what somebody outside says may have happened to an invoice. The HTTP server drives it.

use async_trait::async_trait;
use std::error::Error;

/// What a callback of MixPay says: that something happened to a payment, never what. Nothing in
/// it is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackHint {
    /// `orderId`, if it is there and not empty.
    pub order: Option<String>,
    /// `traceId`, if it is there and not empty. One of the two is.
    pub trace: Option<String>,
    /// `payeeId`, if it is there and not empty; for the log.
    pub payee: Option<String>,
}

/// What became of a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HintOutcome {
    /// It is noted durably, or nothing is left to learn about that invoice.
    Noted,
    /// No invoice of ours is meant.
    Unknown,
}

/// The hint could not be noted: the sender should say it again later.
#[derive(Debug, thiserror::Error)]
#[error("the hint could not be noted")]
pub struct HintError(#[source] pub Box<dyn Error + Send + Sync>);

/// Taking hints.
#[async_trait]
pub trait Hints: Send + Sync {
    /// Notes a hint. Asks nobody outside; that is done later, by somebody else.
    async fn hint(&self, hint: CallbackHint) -> Result<HintOutcome, HintError>;
}
