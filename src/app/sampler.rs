//! Sampler: now and then looks at how the bot is doing, for `/readyz` and `/metrics`.

use crate::{
    app::{deps::Deps, gate, quarantine, timekeeper},
    runtime::{clock::until, readiness::Condition},
    store::StoreError,
};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// How often.
const EVERY: SignedDuration = SignedDuration::from_secs(10);

/// Looks until told to stop.
pub async fn run(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    while !stop.is_cancelled() {
        let looked = deps.without_unreadable("an overview", look(deps).await);
        deps.readiness.set_database_writable(looked.is_ok());
        if let Err(error) = looked {
            tracing::error!("the database cannot be written: {error}");
        }
        let why = deps.store.file_problem();
        if let Some(why) = &why {
            tracing::error!("{why}: what is written now is lost when this process ends");
        }
        deps.readiness.set(Condition::DatabaseFile, why);
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
    quarantine::tell(&mut tx, deps).await?;
    let aside = tx.aside().await?;
    timekeeper::doubt(deps, tx, SignedDuration::ZERO).await?;
    deps.readiness.set(Condition::Quarantine, quarantine::against(aside.rows));
    deps.metrics.rows_unreadable.set(aside.rows.try_into().unwrap_or(0));
    if effects.waiting == 0 {
        // Nothing goes on: a moment in which the file can be made whole at no cost.
        deps.store.checkpoint().await?;
    }
    let age = effects.oldest.map_or(std::time::Duration::ZERO, |oldest| until(oldest, now));
    deps.readiness.set_oldest_due(age);
    deps.metrics.effects_oldest_due_seconds.set(age.as_secs());
    deps.metrics.invoices_open.set(polls.try_into().unwrap_or(0));
    Ok(())
}
