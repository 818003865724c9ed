//! Reading the bot's wallet (mixin.md 6.5).

use super::{Failed, views};
use crate::{
    domain::ids::{AssetId, SnapshotId, UserId},
    sim::{World, world::wallet::Snapshot},
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// A page has at most this many transfers.
const PAGE_MAX: usize = 500;
/// A page has so many if the request does not say.
const PAGE_USUAL: usize = 100;

/// What a page is asked for with.
struct Query {
    limit: usize,
    offset: Option<Timestamp>,
    ascending: bool,
    asset: Option<AssetId>,
    opponent: Option<UserId>,
}

/// `GET /safe/snapshots`.
pub(super) fn page(world: &World, query: &str) -> Result<Value, Failed> {
    let query = Query::read(world, query)?;
    Ok(world.read(|state, _| {
        let owner = state.account.id;
        let all = &state.wallet.snapshots;
        let view = |snapshot: &Snapshot| views::snapshot(snapshot, owner);
        if query.ascending {
            all.iter().filter(|s| query.fits(s)).take(query.limit).map(view).collect()
        } else {
            all.iter().rev().filter(|s| query.fits(s)).take(query.limit).map(view).collect()
        }
    }))
}

/// `GET /safe/snapshots/:id`.
pub(super) fn one(world: &World, id: &str) -> Result<Value, Failed> {
    let id: SnapshotId = id.parse().map_err(|_| Failed::field("snapshot_id"))?;
    world
        .read(|state, _| {
            let found = state.wallet.snapshots.iter().find(|snapshot| snapshot.id == id);
            found.map(|snapshot| views::snapshot(snapshot, state.account.id))
        })
        .ok_or(Failed::NOT_FOUND)
}

impl Query {
    fn read(world: &World, query: &str) -> Result<Self, Failed> {
        let query: BTreeMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let text = |name: &str| query.get(name).map(|value| &**value).filter(|v| !v.is_empty());
        let limit = match text("limit") {
            None => PAGE_USUAL,
            Some(limit) => limit.parse().map_err(|_| Failed::field("limit"))?,
        };
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(Failed::field("limit"));
        }
        if text("app").is_some_and(|app| app != world.bot().to_string()) {
            return Err(Failed::field("app"));
        }
        Ok(Self {
            limit,
            offset: parsed(text("offset"), "offset")?,
            ascending: match text("order") {
                None | Some("DESC") => false,
                Some("ASC") => true,
                Some(_) => return Err(Failed::field("order")),
            },
            asset: parsed(text("asset"), "asset")?,
            opponent: parsed(text("opponent"), "opponent")?,
        })
    }

    /// The offset counts as inside: whether it does is not documented, and a repeat is the
    /// harder case for a client.
    fn fits(&self, snapshot: &Snapshot) -> bool {
        let in_time = self.offset.is_none_or(|offset| {
            if self.ascending { snapshot.at >= offset } else { snapshot.at <= offset }
        });
        in_time
            && self.asset.is_none_or(|asset| snapshot.transfer.asset == asset)
            && (self.opponent.is_none() || snapshot.transfer.opponent == self.opponent)
    }
}

fn parsed<T: std::str::FromStr>(
    text: Option<&str>,
    name: &'static str,
) -> Result<Option<T>, Failed> {
    text.map(|text| text.parse().map_err(|_| Failed::field(name))).transpose()
}
