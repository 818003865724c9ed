//! Sweep: forgets what is no longer needed, so that the store does not grow for nothing.

use crate::{app::deps::Deps, store::StoreError};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// How often.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Mixin keeps unacknowledged messages for seven days.
const INBOX_KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);
/// The longest quota is a day's.
const QUOTAS_KEPT: SignedDuration = SignedDuration::from_hours(25);

/// Forgets until told to stop.
pub async fn run(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    while !stop.is_cancelled() {
        let now = deps.now();
        let before = |kept: SignedDuration| now.saturating_sub(kept).unwrap_or(Timestamp::MIN);
        let mut tx = deps.store.begin().await?;
        tx.forget_seen(before(INBOX_KEPT)).await?;
        tx.forget_spent(before(QUOTAS_KEPT)).await?;
        tx.set_strange_rows_aside().await?;
        deps.commit(tx).await?;
        tokio::select! {
            biased;
            () = deps.clock.sleep_until(now.saturating_add(EVERY).unwrap_or(Timestamp::MAX)) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}
