//! Transfers: which want reading back, and what became of those that were read.

use crate::{
    domain::{
        amount::Amount,
        ids::{AssetId, SnapshotId},
    },
    ports::wallet::Snapshot,
    store::{Columns, StoreError, Tx, json, micros, time},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What an incoming transfer was (product.md §5, invariant 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptKind {
    /// The settlement of one of our invoices.
    Matched,
    /// More than was due: the same payment settled once more.
    Surplus,
    /// The settlement of a payment that came after its deadline.
    Late,
    /// The settlement of a second payment of the same invoice.
    Double,
    /// Money that MixPay returned, and that somebody is owed.
    RefundDue,
    /// Under a pay link.
    Link,
    /// Nothing that we know of.
    Unmatched,
    /// Not income: it went out, or is a collectible.
    NotIncome,
}

impl ReceiptKind {
    /// Its name, in the store and in exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Surplus => "surplus",
            Self::Late => "late",
            Self::Double => "double",
            Self::RefundDue => "refund_due",
            Self::Link => "link",
            Self::Unmatched => "unmatched",
            Self::NotIncome => "not_income",
        }
    }
}

/// A transfer that was read back, and what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The transfer.
    pub snapshot: SnapshotId,
    /// The kind's name.
    pub kind: String,
    /// The code of the invoice or link that it belongs to.
    pub code: Option<String>,
    /// The asset.
    pub asset: AssetId,
    /// How much.
    pub amount: Amount,
    /// When.
    pub at: Timestamp,
}

/// Assets that are counted each for itself until a summary tells of them.
const UNTOLD_ASSETS_MAX: usize = 12;

/// Transfers of one asset that nobody was told of yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// The asset; `None` stands for all that were too many.
    pub asset: Option<AssetId>,
    /// Since when.
    pub since: Timestamp,
    /// How many.
    pub transfers: i64,
    /// How much.
    pub amount: Amount,
}

impl Tx {
    /// Notes that a transfer wants reading back.
    pub async fn note_transfer(
        &mut self,
        snapshot: SnapshotId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.added.transfers = true;
        let sql = "INSERT INTO transfer_hint (snapshot, at) SELECT $1, $2 \
                   WHERE NOT EXISTS (SELECT 1 FROM receipt WHERE snapshot = $1) \
                   ON CONFLICT DO NOTHING";
        self.execute(sql, &[snapshot.to_string().into(), micros(now).into()]).await.map(drop)
    }

    /// Transfers that want reading back, oldest first.
    pub async fn noted_transfers(
        &mut self,
        limit: u32,
    ) -> Result<Vec<(SnapshotId, Timestamp)>, StoreError> {
        let sql = "SELECT snapshot, at FROM transfer_hint ORDER BY at LIMIT $1";
        let values = [i64::from(limit).into()];
        let noted = self.list(sql, &values, |row| {
            let mut columns = Columns::of("transfer_hint", row);
            Ok((columns.parsed()?, time(columns.int()?)))
        });
        noted.await
    }

    /// A transfer needs no more reading back.
    pub async fn forget_transfer(&mut self, snapshot: SnapshotId) -> Result<(), StoreError> {
        let sql = "DELETE FROM transfer_hint WHERE snapshot = $1";
        self.execute(sql, &[snapshot.to_string().into()]).await.map(drop)
    }

    /// Whether a transfer was read back before.
    pub async fn has_receipt(&mut self, snapshot: SnapshotId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM receipt WHERE snapshot = $1";
        Ok(self.row(sql, &[snapshot.to_string().into()]).await?.is_some())
    }

    /// Which of these transfers were read back before; they need no more of it.
    pub async fn known_transfers(
        &mut self,
        snapshots: &[SnapshotId],
    ) -> Result<BTreeSet<SnapshotId>, StoreError> {
        let ids: Vec<String> = snapshots.iter().map(ToString::to_string).collect();
        let ids = json(&ids)?;
        let sql = "DELETE FROM transfer_hint WHERE snapshot IN (SELECT atom FROM json_each($1)) \
                   AND EXISTS (SELECT 1 FROM receipt WHERE receipt.snapshot = transfer_hint.snapshot)";
        self.execute(sql, std::slice::from_ref(&ids)).await?;
        let sql = "SELECT snapshot FROM receipt WHERE snapshot IN (SELECT atom FROM json_each($1))";
        let rows = self.rows(sql, &[ids]).await?;
        rows.into_iter().map(|row| Columns::of("receipt", row).parsed()).collect()
    }

    /// Counts a transfer of a stranger: how many there were in the hour that began with the first,
    /// this one included, and whether they were answered. An hour that began before `hour`, or after
    /// now, is over.
    pub async fn count_stranger(
        &mut self,
        sender: &str,
        now: Timestamp,
        hour: Timestamp,
    ) -> Result<(i64, bool), StoreError> {
        let sql = "INSERT INTO stranger (sender, since, transfers, answered) VALUES ($1, $2, 1, 0) \
                   ON CONFLICT (sender) DO UPDATE SET \
                   transfers = CASE WHEN stranger.since > $2 OR stranger.since <= $3 THEN 1 \
                   ELSE stranger.transfers + 1 END, \
                   answered = CASE WHEN stranger.since > $2 OR stranger.since <= $3 THEN 0 \
                   ELSE stranger.answered END, \
                   since = CASE WHEN stranger.since > $2 OR stranger.since <= $3 THEN $2 \
                   ELSE stranger.since END RETURNING transfers, answered";
        let values = [sender.into(), micros(now).into(), micros(hour).into()];
        let row = self.row(sql, &values).await?.unwrap_or_default();
        let mut columns = Columns::of("stranger", row);
        Ok((columns.int()?, columns.int()? > 0))
    }

    /// A stranger was answered, for this hour.
    pub async fn answer_stranger(&mut self, sender: &str) -> Result<(), StoreError> {
        let sql = "UPDATE stranger SET answered = 1 WHERE sender = $1";
        self.execute(sql, &[sender.into()]).await.map(drop)
    }

    /// Counts a transfer that nobody was told of. Of many assets the last are counted together.
    pub async fn add_untold(
        &mut self,
        asset: AssetId,
        amount: Amount,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let untold = self.untold().await?;
        let known = untold.iter().find(|row| row.asset == Some(asset));
        let (key, before) = match known {
            Some(row) => (asset.to_string(), row.amount),
            None if untold.len() < UNTOLD_ASSETS_MAX => (asset.to_string(), Amount::from_units(0)),
            None => (String::new(), Amount::from_units(0)),
        };
        // Whoever makes a token can make it add up to more than any number.
        let sum =
            if key.is_empty() { before } else { before.checked_add(amount).unwrap_or(before) };
        let sql = "INSERT INTO untold (asset, since, transfers, amount) VALUES ($1, $2, 1, $3) \
                   ON CONFLICT (asset) DO UPDATE SET transfers = untold.transfers + 1, \
                   amount = excluded.amount";
        let values = [key.into(), micros(now).into(), sum.to_string().into()];
        self.execute(sql, &values).await.map(drop)
    }

    /// Transfers that nobody was told of, by asset.
    pub async fn untold(&mut self) -> Result<Vec<Untold>, StoreError> {
        let sql = "SELECT asset, since, transfers, amount FROM untold ORDER BY since, asset DESC";
        let rows = self.rows(sql, &[]).await?;
        rows.into_iter()
            .map(|row| {
                let mut columns = Columns::of("untold", row);
                Ok(Untold {
                    asset: columns.text()?.parse().ok(),
                    since: time(columns.int()?),
                    transfers: columns.int()?,
                    amount: columns.parsed()?,
                })
            })
            .collect()
    }

    /// The operators were told of all of them.
    pub async fn forget_untold(&mut self) -> Result<(), StoreError> {
        self.execute("DELETE FROM untold", &[]).await.map(drop)
    }

    /// Keeps what a transfer was; false if it was known already.
    pub async fn insert_receipt(
        &mut self,
        snapshot: &Snapshot,
        kind: ReceiptKind,
        code: Option<&str>,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO receipt (snapshot, kind, code, asset, amount, opponent, memo, at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
        let values = [
            snapshot.id.to_string().into(),
            kind.name().into(),
            code.into(),
            snapshot.asset.to_string().into(),
            snapshot.amount.to_string().into(),
            snapshot.opponent.map(|user| user.to_string()).into(),
            snapshot.memo.as_str().into(),
            micros(snapshot.at).into(),
        ];
        let new = self.execute(sql, &values).await? > 0;
        self.forget_transfer(snapshot.id).await?;
        Ok(new)
    }

    /// Transfers that belong to an invoice or a link.
    pub async fn receipts_of(&mut self, code: &str) -> Result<Vec<Receipt>, StoreError> {
        let sql = "SELECT snapshot, kind, code, asset, amount, at FROM receipt \
                   WHERE code = $1 ORDER BY at, snapshot";
        let values = [code.into()];
        let receipts = self.list(sql, &values, |row| {
            let mut columns = Columns::of("receipt", row);
            Ok(Receipt {
                snapshot: columns.parsed()?,
                kind: columns.text()?,
                code: columns.text_or_null()?,
                asset: columns.parsed()?,
                amount: columns.parsed()?,
                at: time(columns.int()?),
            })
        });
        receipts.await
    }
}
