//! Checks: what the world saw, what MixPay knows and what the bot wrote down are one story.

use super::bot::Bot;
use crate::{
    sim::{World, world::mixpay::Stage},
    store::Store,
};
use anyhow::Context;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What the bot did that the services would punish, and what it left unread.
pub(super) fn outside(world: &World) -> Vec<String> {
    let mut wrong: Vec<String> = world.violations().iter().map(ToString::to_string).collect();
    let unread = world.activity().unacknowledged;
    if unread > 0 {
        wrong.push(format!("{unread} messages are not acknowledged"));
    }
    wrong
}

/// Every payment that MixPay knows belongs to one exported invoice, and exactly those are exported as
/// paid that are paid, with what was sent.
pub(super) async fn ledger(world: &World, bot: &Bot) -> anyhow::Result<Vec<String>> {
    let mut wrong = Vec::new();
    let mut known = BTreeSet::new();
    let mut booked = BTreeMap::new();
    for line in bot.export().await?.lines() {
        let row: Value = serde_json::from_str(line).context("a line of the export is no JSON")?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        for trace in row.get("traces").and_then(Value::as_array).into_iter().flatten() {
            let trace = text(Some(trace)).unwrap_or_default();
            if !known.insert(trace.clone()) {
                wrong.push(format!("payment {trace} belongs to two invoices"));
            }
        }
        let is_paid = matches!(text(row.get("state")).as_deref(), Some("paid" | "settled"));
        let paid = text(row.get("paid").and_then(|paid| paid.get("amount")));
        if is_paid || paid.is_some() {
            booked.insert(text(row.get("trace")).unwrap_or_default(), paid);
        }
    }
    for checkout in world.all_checkouts() {
        let trace = checkout.trace.to_string();
        if !known.contains(&trace) {
            wrong.push(format!("payment {trace} belongs to no invoice"));
        }
        let sent = (checkout.stage == Stage::Success).then(|| checkout.sent().to_string());
        let told = booked.remove(&trace).flatten();
        if told != sent {
            wrong.push(format!("of payment {trace} {sent:?} was sent, and {told:?} is exported"));
        }
    }
    let unknown = booked.into_keys().map(|trace| format!("{trace} is paid to nobody's knowledge"));
    wrong.extend(unknown);
    Ok(wrong)
}

/// The database is whole, nothing in it was given up, and each transfer has its receipt.
pub(super) async fn database(world: &World, bot: &Bot) -> anyhow::Result<Vec<String>> {
    let store = Store::open(&bot.database_url(), [0; 32]).await.context("the database")?;
    let mut tx = store.begin().await?;
    let mut wrong = tx.sqlite_problems().await?;
    let parked = tx.effect_counts().await?.parked;
    if parked != 0 {
        wrong.push(format!("{parked} effects are parked"));
    }
    for snapshot in world.snapshot_ids() {
        if !tx.has_receipt(snapshot).await? {
            wrong.push(format!("transfer {snapshot} has no receipt"));
        }
    }
    Ok(wrong)
}

/// How many effects wait in the database. Whoever is stopped may leave some for the next start.
pub(super) async fn waiting(bot: &Bot) -> anyhow::Result<i64> {
    let store = Store::open(&bot.database_url(), [0; 32]).await.context("the database")?;
    Ok(store.begin().await?.effect_counts().await?.waiting)
}
