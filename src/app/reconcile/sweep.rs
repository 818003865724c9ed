//! Sweep: forgets what is no longer needed, so that the store does not grow for nothing.

use crate::{
    app::deps::Deps,
    store::{RETENTIONS, StoreError},
};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// How often.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Steps of one sweep for each kind of row; what is left then waits for the next.
const STEPS_MAX: u32 = 200;

/// Forgets until told to stop.
pub async fn run(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    while !stop.is_cancelled() {
        let now = deps.now();
        // A clock that shows next year would forget everything, and what comes again would be new.
        if deps.is_clock_proved() {
            sweep(deps, stop).await?;
        }
        tokio::select! {
            biased;
            () = deps.clock.sleep_until(now.saturating_add(EVERY).unwrap_or(Timestamp::MAX)) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

/// Forgets what is old, a step in each unit of work; and looks for rows that nobody else would
/// find to be unreadable.
async fn sweep(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    let mut tx = deps.store.begin().await?;
    tx.set_strange_rows_aside().await?;
    deps.commit(tx).await?;
    for retention in &RETENTIONS {
        for _ in 0..STEPS_MAX {
            if stop.is_cancelled() {
                return Ok(());
            }
            let mut tx = deps.store.begin().await?;
            let is_more = tx.forget_old(retention, deps.now()).await?;
            tx.commit().await?;
            if !is_more {
                break;
            }
            tracing::debug!(what = retention.what, "old rows are forgotten");
        }
    }
    Ok(())
}
