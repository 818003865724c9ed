//! Sampler: now and then looks at how the bot is doing, for `/readyz` and `/metrics`.

use crate::{
    app::{deps::Deps, gate},
    runtime::clock::until,
    store::StoreError,
};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// How often.
const EVERY: SignedDuration = SignedDuration::from_secs(10);

/// Looks until told to stop.
pub async fn run(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    while !stop.is_cancelled() {
        let looked = look(deps).await;
        deps.readiness.set_database_writable(looked.is_ok());
        if let Err(error) = looked {
            tracing::error!("the database cannot be written: {error}");
        }
        let next = deps.now().saturating_add(EVERY).unwrap_or(Timestamp::MAX);
        tokio::select! {
            biased;
            () = deps.clock.sleep_until(next) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

async fn look(deps: &Deps) -> Result<(), StoreError> {
    let now = deps.now();
    let mut tx = deps.store.begin().await?;
    let effects = tx.effect_counts().await?;
    let polls = tx.poll_count().await?;
    gate::look(&mut tx, deps, now).await?;
    // A write, so that a full disk is noticed before a merchant does.
    tx.set_meta("sampled", &now.to_string()).await?;
    tx.commit().await?;
    let age = effects.oldest.map_or(std::time::Duration::ZERO, |oldest| until(oldest, now));
    deps.readiness.set_oldest_due(age);
    deps.metrics.effects_oldest_due_seconds.set(age.as_secs());
    deps.metrics.invoices_open.set(polls.try_into().unwrap_or(0));
    Ok(())
}
