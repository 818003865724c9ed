//! Lease: of several processes on one database one does the bot's work. Waits for it, and keeps it.

use crate::{
    ports::time::Clock,
    runtime::readiness::Readiness,
    store::{Lease, Store, StoreError},
};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often its holder says that it is alive, and how often the others look.
const EVERY: SignedDuration = SignedDuration::from_secs(1);
/// A holder that was not heard of for this long is taken for dead. Should it be alive after all,
/// nothing that it does is kept. Longer than a stalled process can hold the writers' lock.
const SILENCE_MAX: Duration = Duration::from_secs(6);

/// Waits until this process is to do the work; its token. `before` is the token that it had, if it
/// did the work already: nobody has to wait for the death of a holder that is oneself.
///
/// How long a holder has been silent is measured here and by a time that nobody sets, so that the
/// clocks of two machines need not agree, and no clock that is set takes the work from anybody.
pub async fn stand_by(
    store: &Store,
    clock: &dyn Clock,
    readiness: &Readiness,
    before: Option<i64>,
) -> Result<i64, StoreError> {
    let mut heard: Option<(Lease, Duration)> = None;
    loop {
        let next = clock.now().saturating_add(EVERY).unwrap_or(Timestamp::MAX);
        match look(store, &mut heard, before, clock.steady()).await {
            Ok(Some(token)) => return Ok(token),
            Ok(None) => readiness.set_database_writable(true),
            Err(error) if error.is_transient() => {
                readiness.set_database_writable(false);
                let error = anyhow::Error::from(error);
                tracing::warn!("the database cannot be used: {error:#}");
            }
            Err(error) => return Err(error),
        }
        clock.sleep_until(next).await;
    }
}

/// Waits until a database of our own takes what is written.
pub async fn until_writable(
    store: &Store,
    clock: &dyn Clock,
    readiness: &Readiness,
) -> Result<(), StoreError> {
    loop {
        let now = clock.now();
        match write(store, now).await {
            Ok(()) => {
                readiness.set_database_writable(true);
                return Ok(());
            }
            Err(error) if error.is_transient() => {
                readiness.set_database_writable(false);
                let error = anyhow::Error::from(error);
                tracing::warn!("the database cannot be used: {error:#}");
            }
            Err(error) => return Err(error),
        }
        clock.sleep_until(now.saturating_add(EVERY).unwrap_or(Timestamp::MAX)).await;
    }
}

async fn write(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.set_meta("sampled", &now.to_string()).await?;
    tx.commit().await
}

/// Takes the lease if nobody holds it.
async fn look(
    store: &Store,
    heard: &mut Option<(Lease, Duration)>,
    before: Option<i64>,
    now: Duration,
) -> Result<Option<i64>, StoreError> {
    let mut tx = store.begin().await?;
    let lease = tx.lease().await?;
    if lease.held && before != Some(lease.token) {
        let since = match heard {
            Some((same, since)) if *same == lease => *since,
            Some(_) | None => {
                if heard.is_none() {
                    tracing::info!(
                        token = lease.token,
                        "standing by: another process does the work"
                    );
                }
                *heard = Some((lease, now));
                now
            }
        };
        if now.saturating_sub(since) < SILENCE_MAX {
            return Ok(None);
        }
        tracing::warn!(token = lease.token, "the process that did the work is silent: taking over");
    }
    let token = tx.take_lease().await?;
    tx.commit().await?;
    tracing::info!(token, "this process does the work");
    Ok(Some(token))
}

/// Says that this process is alive until told to stop. An error is that it was replaced.
pub async fn keep(
    store: &Store,
    token: i64,
    clock: &dyn Clock,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    while !stop.is_cancelled() {
        let next = clock.now().saturating_add(EVERY).unwrap_or(Timestamp::MAX);
        tokio::select! {
            () = clock.sleep_until(next) => {}
            () = stop.cancelled() => return Ok(()),
        }
        match renew(store, token).await {
            Ok(()) => {}
            // If the database stays away, whoever needs it will notice.
            Err(error) if error.is_transient() => {
                let error = anyhow::Error::from(error);
                tracing::warn!("the lease is not renewed: {error:#}");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn renew(store: &Store, token: i64) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.renew_lease(token).await?;
    tx.commit().await
}

/// Gives the lease back, so that another process can go on at once.
pub async fn release(store: &Store, token: i64) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.release_lease(token).await?;
    tx.commit().await
}
