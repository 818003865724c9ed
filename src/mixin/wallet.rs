//! Wallet: the transfers of the bot's own wallet, as the Safe API tells them (mixin.md 6.5).

use crate::{
    domain::{
        amount::Amount,
        ids::{SnapshotId, UserId},
        reported::Reported,
    },
    mixin::{
        Mixin,
        answer::found,
        api::{Call, encoded},
    },
    ports::{
        failure::{CallError, Failure, Reason},
        wallet::{Page, Snapshot, Wallet},
    },
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Mixin gives at most this many transfers a page.
const PAGE_MAX: u32 = 500;

#[derive(Debug, Deserialize)]
struct WireSnapshot {
    #[serde(default)]
    snapshot_id: String,
    #[serde(default)]
    opponent_id: Option<String>,
    #[serde(default)]
    asset_id: String,
    #[serde(default, deserialize_with = "number")]
    amount: String,
    #[serde(default)]
    memo: Option<String>,
    #[serde(default)]
    created_at: String,
    #[serde(default)]
    inscription_hash: Option<String>,
}

#[async_trait]
impl Wallet for Mixin {
    async fn snapshot(&self, id: SnapshotId) -> Result<Option<Snapshot>, CallError> {
        let name = "GET /safe/snapshots/:id";
        let call = Call::get(name, format!("/safe/snapshots/{id}"));
        let Some(wire) = found(self.api.call::<WireSnapshot>(call).await)? else {
            return Ok(None);
        };
        read(wire).map(Some).map_err(|field| {
            let start = format!("a transfer whose `{field}` is not understood");
            Call::get(name, String::new())
                .error(Failure::Transient, Reason::NotUnderstood { status: 200, start })
        })
    }

    async fn snapshots(
        &self,
        opponent: Option<UserId>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page, CallError> {
        let mut path = format!("/safe/snapshots?limit={}&order=ASC", limit.min(PAGE_MAX));
        if let Some(cursor) = cursor {
            path.push_str("&offset=");
            path.push_str(&encoded(cursor));
        }
        if let Some(opponent) = opponent {
            path.push_str("&opponent=");
            path.push_str(&opponent.to_string());
        }
        let page: Option<Vec<WireSnapshot>> =
            self.api.call(Call::get("GET /safe/snapshots", path)).await?;
        let read = |wire: WireSnapshot| {
            let id = wire.snapshot_id.clone();
            read(wire)
                .inspect_err(|field| {
                    // One odd transfer must not hide all that follow it for ever.
                    tracing::error!(snapshot.id = %id, field, "transfer {id} is not understood");
                })
                .ok()
        };
        let page = page.unwrap_or_default();
        // One that is not understood still counts, and still has its time.
        let mut times = page.iter().rev().map(|wire| &wire.created_at);
        let last = times.find(|time| time.parse::<Timestamp>().is_ok()).cloned();
        let rows = page.len();
        Ok(Page { transfers: page.into_iter().filter_map(read).collect(), rows, last })
    }
}

/// A number as Mixin writes it, as a text or as a JSON number; anything else is nothing.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    // The raw text, because a number must not become a float on its way.
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned()))
}

/// An amount without a sign of its own.
fn magnitude(text: &str) -> Option<Amount> {
    Reported::read(text).filter(|_| !text.starts_with(['-', '+']))?.amount()
}

/// The transfer, or the name of the field that is not understood.
fn read(wire: WireSnapshot) -> Result<Snapshot, &'static str> {
    // By its sign the direction is told, so it is read apart from the number.
    let (outgoing, amount) = match wire.amount.trim().strip_prefix('-') {
        Some(amount) => (true, amount),
        None => (false, wire.amount.as_str()),
    };
    Ok(Snapshot {
        id: wire.snapshot_id.parse().map_err(|_| "snapshot_id")?,
        opponent: wire
            .opponent_id
            .and_then(|id| id.parse().ok())
            .filter(|id: &UserId| !id.uuid().is_nil()),
        asset: wire.asset_id.parse().map_err(|_| "asset_id")?,
        amount: magnitude(amount).ok_or("amount")?,
        outgoing,
        collectible: wire.inscription_hash.is_some_and(|hash| !hash.is_empty()),
        memo: wire.memo.unwrap_or_default(),
        at: wire.created_at.parse().map_err(|_| "created_at")?,
        cursor: wire.created_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[expect(clippy::needless_pass_by_value, reason = "tests write the value in the call")]
    fn read_json(change: Value) -> Result<Snapshot, &'static str> {
        let mut value = json!({
            "type": "snapshot",
            "snapshot_id": "f71aa07c-856e-41a2-9f9c-ede03038de58",
            "user_id": "7530e5bc-6b90-4588-9730-99795a174bb6",
            "opponent_id": "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810",
            "asset_id": "4d8c508b-91c5-375b-92b0-ee702ed2dac5",
            "amount": "1.50000000",
            "memo": "6f72646572",
            "created_at": "2025-01-02T03:04:05.123456789Z",
        });
        let fields = value.as_object_mut().unwrap();
        fields.extend(change.as_object().unwrap().clone());
        read(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn a_transfer_is_read_with_all_the_digits_of_its_time() {
        let snapshot = read_json(json!({})).unwrap();
        assert_eq!(snapshot.amount.to_string(), "1.5");
        assert!(!snapshot.outgoing && !snapshot.collectible);
        assert_eq!(snapshot.cursor, "2025-01-02T03:04:05.123456789Z");
        assert_eq!(snapshot.at.as_nanosecond() % 1_000_000_000, 123_456_789);
        assert_eq!(snapshot.memo, "6f72646572");
        assert!(snapshot.opponent.is_some());
    }

    #[test]
    fn outgoing_transfers_collectibles_and_unknown_senders_are_told_apart() {
        assert!(read_json(json!({ "amount": "-3" })).unwrap().outgoing);
        assert!(read_json(json!({ "inscription_hash": "ab" })).unwrap().collectible);
        assert!(!read_json(json!({ "inscription_hash": "" })).unwrap().collectible);
        let nil = "00000000-0000-0000-0000-000000000000";
        for opponent in [json!(""), json!(null), json!(nil)] {
            assert_eq!(read_json(json!({ "opponent_id": opponent })).unwrap().opponent, None);
        }
        assert_eq!(read_json(json!({ "memo": null })).unwrap().memo, "");
    }

    #[test]
    fn an_amount_is_read_exactly_in_any_spelling() {
        for (written, read) in [
            (json!("1e3"), "1000"),
            (json!("-1.0E-5"), "0.00001"),
            (json!("1.500000000"), "1.5"),
            (json!(2), "2"),
            (json!(-0.00001), "0.00001"),
        ] {
            let snapshot = read_json(json!({ "amount": written })).unwrap();
            assert_eq!(snapshot.amount.to_string(), read, "{written}");
            assert_eq!(snapshot.outgoing, written.to_string().trim_matches('"').starts_with('-'));
        }
    }

    #[test]
    fn what_is_not_understood_is_named_and_never_guessed() {
        for (field, value) in [
            ("snapshot_id", "7"),
            ("asset_id", ""),
            ("amount", "1e999999999"),
            ("amount", "0.000000001"),
            ("amount", "-+1"),
            ("amount", "--1"),
            ("amount", ""),
            ("created_at", "yesterday"),
        ] {
            assert_eq!(read_json(json!({ field: value })), Err(field), "{value}");
        }
    }
}
