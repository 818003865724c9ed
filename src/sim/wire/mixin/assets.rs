//! Looking assets up.

use super::{Failed, views};
use crate::sim::{World, coins};
use serde_json::Value;

/// An asset by its id.
pub(super) fn one(world: &World, id: &str) -> Result<Value, Failed> {
    let id = id.parse().map_err(|_| Failed::field("asset_id"))?;
    let made_up = || world.made_up(id).as_ref().map(views::made_up);
    coins::find(id).map(views::asset).or_else(made_up).ok_or(Failed::NOT_FOUND)
}

/// `GET /network/assets/…`, which needs no token: one by its id, all of a ticker or name, or all.
pub(super) fn network(world: &World, rest: &[&str]) -> Result<Value, Failed> {
    match rest {
        ["top"] => Ok(coins::COINS.iter().map(views::asset).collect()),
        ["search", query] => {
            let query = query.to_lowercase();
            let fits = |coin: &&coins::Coin| {
                coin.symbol.to_lowercase() == query || coin.name.to_lowercase().starts_with(&query)
            };
            Ok(coins::COINS.iter().filter(fits).map(views::asset).collect())
        }
        [id] => one(world, id),
        _ => Err(Failed::NOT_FOUND),
    }
}
