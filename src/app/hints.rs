//! Hints: a callback says that something may have happened to a payment; it is asked about at
//! once, and never believed.

use crate::{
    app::deps::Deps,
    domain::{
        ids::{InvoiceId, TraceId},
        invoice::standing::State,
    },
    ports::hints::{CallbackHint, HintError, HintOutcome, Hints},
    store::{StoreError, Tx},
};
use async_trait::async_trait;
use jiff::SignedDuration;
use std::sync::{Arc, OnceLock};

/// Callbacks cause at most one question about an invoice in this time.
const SPACING: SignedDuration = SignedDuration::from_secs(5);

/// Takes the hints of callbacks, once the bot knows who it is. Before that MixPay is asked to say
/// it again later.
#[derive(Debug, Default)]
pub struct Callbacks(OnceLock<Arc<Deps>>);

impl Callbacks {
    /// From now on hints are noted.
    pub fn begin(&self, deps: Arc<Deps>) {
        self.0.get_or_init(|| deps);
    }
}

#[async_trait]
impl Hints for Callbacks {
    async fn hint(&self, hint: CallbackHint) -> Result<HintOutcome, HintError> {
        let deps = self.0.get().ok_or_else(|| HintError("the bot is still starting".into()))?;
        note(deps, &hint).await.map_err(|error| HintError(Box::new(error)))
    }
}

async fn note(deps: &Deps, hint: &CallbackHint) -> Result<HintOutcome, StoreError> {
    let mut tx = deps.store.begin().await?;
    // `orderId` is the same UUID as the trace.
    let ids = [&hint.trace, &hint.order].into_iter().flatten();
    for trace in ids.filter_map(|id| id.parse::<TraceId>().ok()) {
        let Some(invoice) = tx.invoice_by_trace(trace).await? else { continue };
        if invoice.standing().state != State::Settled {
            tx.hint_poll(invoice.id, deps.now(), SPACING).await?;
            tx.commit().await?;
            deps.wakes.polls.wake();
        }
        tracing::info!(invoice.id = %invoice.id, "a callback hints at invoice {}", invoice.code);
        return Ok(HintOutcome::Noted);
    }
    Ok(HintOutcome::Unknown)
}

/// Asks about an invoice now: a person or a transfer wants to know.
pub async fn hasten(tx: &mut Tx, deps: &Deps, invoice: InvoiceId) -> Result<(), StoreError> {
    tx.hasten_poll(invoice, deps.now()).await?;
    deps.wakes.polls.wake();
    Ok(())
}
