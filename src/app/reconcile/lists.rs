//! Lists: MixPay's three asset lists, refreshed now and then; an old one serves while a new one
//! cannot be had.

use crate::{
    app::{deps::Deps, outbox::pause_until},
    domain::catalogue::{AssetList, Catalogue, ListedAsset},
    ports::failure::Reason,
    runtime::clock::is_due,
    store::{Permit, Purpose, StoreError},
};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// How old a list may become before it is asked for again (mixpay.md 5.3: cache ten minutes).
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// How soon a list that could not be had is asked for again.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);

const LISTS: [AssetList; 3] = [AssetList::Quote, AssetList::Payment, AssetList::Settlement];

/// The lists as they were last kept; those that were never heard are the built-in ones.
pub async fn kept(tx: &mut crate::store::Tx) -> Result<Catalogue, StoreError> {
    let mut catalogue = Catalogue::builtin();
    for list in LISTS {
        if let Some(assets) = tx.asset_list(list).await? {
            put(&mut catalogue, list, assets);
        }
    }
    Ok(catalogue)
}

fn put(catalogue: &mut Catalogue, list: AssetList, assets: Vec<ListedAsset>) {
    match list {
        AssetList::Quote => catalogue.quote = assets,
        AssetList::Payment => catalogue.payment = assets,
        AssetList::Settlement => catalogue.settlement = assets,
    }
}

/// Refreshes the lists until told to stop.
pub async fn run(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    let mut due = LISTS.map(|list| (Timestamp::MIN, list));
    while !stop.is_cancelled() {
        for (when, list) in &mut due {
            if is_due(*when, FRESH, deps.now()) {
                let later = deps.now().saturating_add(FRESH).unwrap_or(Timestamp::MAX);
                *when = refresh(deps, *list).await?.unwrap_or(later);
            }
        }
        let next = due.iter().map(|(when, _)| *when).min().unwrap_or(Timestamp::MAX);
        tokio::select! {
            biased;
            () = deps.clock.sleep_until(next) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

/// Asks for one list; when to ask again if it could not be had.
pub async fn refresh(deps: &Deps, list: AssetList) -> Result<Option<Timestamp>, StoreError> {
    let now = deps.now();
    let mut tx = deps.store.begin().await?;
    let permit = tx.take_permit(Purpose::Lists, deps.rules.requests_per_minute, now).await?;
    tx.commit().await?;
    if let Permit::NotBefore(when) = permit {
        return Ok(Some(when));
    }
    deps.metrics.mixpay_requests.add("lists", 1);
    match deps.checkout.assets(list).await {
        // An empty list is a mistake of theirs: what we have serves better.
        Ok(assets) if assets.is_empty() => Ok(None),
        Ok(assets) => {
            let mut tx = deps.store.begin().await?;
            tx.keep_asset_list(list, &assets).await?;
            tx.commit().await?;
            let mut catalogue = Catalogue::clone(&deps.catalogue());
            put(&mut catalogue, list, assets);
            deps.set_catalogue(catalogue);
            Ok(None)
        }
        Err(error) => {
            tracing::warn!("an asset list stays as it is: {error}");
            let mut until = now.saturating_add(AGAIN).unwrap_or(Timestamp::MAX);
            if let Reason::Limited { retry_after } = error.reason {
                until = pause_until(now, retry_after);
                let mut tx = deps.store.begin().await?;
                tx.pause_mixpay(until).await?;
                tx.commit().await?;
            }
            Ok(Some(until))
        }
    }
}
