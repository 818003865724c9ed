//! Hints: a callback says that something may have happened to a payment; it is asked about at
//! once, and never believed.

use crate::{
    app::deps::Deps,
    domain::{
        ids::{InvoiceId, TraceId},
        invoice::standing::State,
    },
    ports::{
        hints::{CallbackHint, HintError, HintOutcome, Hints},
        time::Clock,
    },
    store::{Store, StoreError, Tx},
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, PoisonError, RwLock};
use tokio_util::sync::CancellationToken;

/// Callbacks cause at most one question about an invoice in this time.
const SPACING: SignedDuration = SignedDuration::from_secs(5);

/// How often the process that does the work looks for what others have noted.
const LOOK_OUT_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// Takes the hints of callbacks, once there is a store. Before that MixPay is asked to say it again
/// later.
#[derive(Debug, Default)]
pub struct Callbacks(RwLock<Option<Taker>>);

/// Who takes them.
#[derive(Debug, Clone)]
enum Taker {
    Works(Arc<Deps>),
    StandsBy(Standby),
}

/// What it takes to note a hint for the process that does the work.
#[derive(Clone)]
pub struct Standby {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Standby {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Standby")
    }
}

impl Standby {
    /// Hints are noted in this store.
    pub fn new(store: &Store, clock: &Arc<dyn Clock>) -> Self {
        Self { store: store.clone(), clock: Arc::clone(clock) }
    }
}

impl Callbacks {
    /// From now on hints are noted, and looked into by this process.
    pub fn begin(&self, deps: Arc<Deps>) {
        self.set(Taker::Works(deps));
    }

    /// From now on hints are noted, and another process looks into them.
    pub fn stand_by(&self, standby: Standby) {
        self.set(Taker::StandsBy(standby));
    }

    fn set(&self, taker: Taker) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(taker);
    }
}

#[async_trait]
impl Hints for Callbacks {
    async fn hint(&self, hint: CallbackHint) -> Result<HintOutcome, HintError> {
        let taker = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let noted = match taker {
            None => return Err(HintError("the bot is still starting".into())),
            Some(Taker::Works(deps)) => {
                let noted = note(&deps.store, &hint, deps.now()).await;
                deps.wakes.polls.wake();
                noted
            }
            Some(Taker::StandsBy(Standby { store, clock })) => {
                note(&store, &hint, clock.now()).await
            }
        };
        noted.map_err(|error| HintError(Box::new(error)))
    }
}

/// Looks now and then for hints that processes which stand by have noted.
pub async fn look_out(deps: &Deps, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        deps.wakes.polls.wake();
        let next = deps.now().saturating_add(LOOK_OUT_EVERY).unwrap_or(Timestamp::MAX);
        tokio::select! {
            () = deps.clock.sleep_until(next) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn note(
    store: &Store,
    hint: &CallbackHint,
    now: Timestamp,
) -> Result<HintOutcome, StoreError> {
    let mut tx = store.begin().await?;
    // `orderId` is the same UUID as the trace.
    let ids = [&hint.trace, &hint.order].into_iter().flatten();
    for trace in ids.filter_map(|id| id.parse::<TraceId>().ok()) {
        let traced = tx.is_traced(trace, State::Settled).await?;
        let Some((invoice, code, is_settled)) = traced else { continue };
        if !is_settled {
            tx.hint_poll(invoice, now, SPACING).await?;
            tx.commit().await?;
        }
        tracing::info!(invoice.id = %invoice, "a callback hints at invoice {code}");
        return Ok(HintOutcome::Noted);
    }
    Ok(HintOutcome::Unknown)
}

/// Asks about an invoice now: a person or a transfer wants to know.
pub async fn hasten(tx: &mut Tx, deps: &Deps, invoice: InvoiceId) -> Result<(), StoreError> {
    tx.hasten_poll(invoice, deps.now()).await
}
