//! One process does the bot's work, and one that was replaced changes nothing more.

use super::{Base, sample};
use mixpay_bot::store::{Lease, Store, StoreError};

contract!(
    whoever_takes_the_lease_over_keeps_the_holder_before_from_committing,
    a_holder_says_that_it_is_alive_and_gives_the_lease_back,
);

async fn take(store: &Store) -> i64 {
    let mut tx = store.begin().await.unwrap();
    let token = tx.take_lease().await.unwrap();
    tx.commit().await.unwrap();
    token
}

/// Handles a message, as whoever has this store.
async fn handle(store: &Store, message: u128) -> Result<(), StoreError> {
    let mut tx = store.begin().await.unwrap();
    let new = tx.mark_seen(&[sample::message(message)], super::at(0)).await.unwrap();
    assert_eq!(new.len(), 1);
    tx.commit().await
}

async fn whoever_takes_the_lease_over_keeps_the_holder_before_from_committing(base: &Base) {
    let (first, second) = (base.open().await, base.open().await);
    let first_held = first.fenced(take(&first).await);
    handle(&first_held, 1).await.unwrap();
    let second_held = second.fenced(take(&second).await);
    let error = handle(&first_held, 2).await.unwrap_err();
    assert!(matches!(error, StoreError::Replaced) && !error.is_transient(), "{error:?}");
    // What was refused is not there.
    handle(&second_held, 2).await.unwrap();
    // Who holds no lease is not asked for one: callbacks are noted by every process.
    handle(&first, 3).await.unwrap();
}

async fn a_holder_says_that_it_is_alive_and_gives_the_lease_back(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.lease().await.unwrap(), Lease { token: 0, beat: 0, held: false });
    assert_eq!(tx.take_lease().await.unwrap(), 1);
    tx.renew_lease(1).await.unwrap();
    tx.renew_lease(1).await.unwrap();
    assert_eq!(tx.lease().await.unwrap(), Lease { token: 1, beat: 2, held: true });
    tx.release_lease(1).await.unwrap();
    assert_eq!(tx.lease().await.unwrap(), Lease { token: 1, beat: 2, held: false });
    assert_eq!(tx.take_lease().await.unwrap(), 2);
    assert!(matches!(tx.renew_lease(1).await.unwrap_err(), StoreError::Replaced));
    assert!(matches!(tx.release_lease(1).await.unwrap_err(), StoreError::Replaced));
    assert_eq!(tx.lease().await.unwrap(), Lease { token: 2, beat: 0, held: true });
}
