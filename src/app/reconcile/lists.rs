//! Lists: MixPay's three asset lists, refreshed now and then; an old one serves while a new one
//! cannot be had.

use crate::{
    app::{deps::Deps, gate},
    domain::{
        catalogue::{AssetList, Catalogue, ListedAsset},
        shares::Wish,
    },
    store::{Grant, StoreError},
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

/// Refreshes the lists until told to stop. Those that were kept by a process before this one are
/// good until they are old.
pub async fn run(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    let mut told = LISTS.map(|list| (list, Timestamp::MIN));
    while !stop.is_cancelled() {
        let mut next = Timestamp::MAX;
        for (list, not_before) in &mut told {
            let mut due = due(deps, *list).await?.max(*not_before);
            if due <= deps.now() {
                due = refresh(deps, *list).await?;
                *not_before = due;
            }
            next = next.min(due);
        }
        tokio::select! {
            biased;
            () = deps.clock.sleep_until(next) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

/// When a list is to be asked for: when it is old, and not again within a minute; or now, if there
/// never was one. A time that lies ahead of the clock says nothing.
async fn due(deps: &Deps, list: AssetList) -> Result<Timestamp, StoreError> {
    let now = deps.now();
    let [kept, asked] = deps.store.begin().await?.asset_list_times(list).await?;
    if kept.is_none() {
        return Ok(Timestamp::MIN);
    }
    let [kept, asked] = [kept, asked].map(|time| time.filter(|time| *time <= now));
    let after = |time: Option<Timestamp>, by| {
        time.map_or(Timestamp::MIN, |time| time.saturating_add(by).unwrap_or(Timestamp::MAX))
    };
    Ok(after(kept, FRESH).max(after(asked, AGAIN)))
}

/// Asks for one list; when to ask again.
pub async fn refresh(deps: &Deps, list: AssetList) -> Result<Timestamp, StoreError> {
    let now = deps.now();
    let mut tx = deps.store.begin().await?;
    let grant = tx.take_permit(Wish::LISTS, deps.rules.requests_per_minute, now).await?;
    let permit = match grant {
        Grant::Granted(permit) => permit,
        Grant::NotBefore(when) => {
            deps.commit(tx).await?;
            return Ok(when);
        }
    };
    tx.note_asset_list_asked(list, now).await?;
    deps.commit(tx).await?;
    let answer = gate::call(deps, permit, |mixpay| async move { mixpay.assets(list).await });
    match answer.await? {
        // An empty list is a mistake of theirs: what we have serves better.
        Ok(assets) if assets.is_empty() => Ok(now.saturating_add(AGAIN).unwrap_or(Timestamp::MAX)),
        Ok(assets) => {
            let now = deps.now();
            let mut tx = deps.store.begin().await?;
            tx.keep_asset_list(list, &assets, now).await?;
            tx.commit().await?;
            let mut catalogue = Catalogue::clone(&deps.catalogue());
            put(&mut catalogue, list, assets);
            deps.set_catalogue(catalogue);
            Ok(now.saturating_add(FRESH).unwrap_or(Timestamp::MAX))
        }
        Err(error) => {
            tracing::warn!("an asset list stays as it is: {error}");
            Ok(now.saturating_add(AGAIN).unwrap_or(Timestamp::MAX))
        }
    }
}
