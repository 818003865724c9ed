//! Transfers: which want reading back, and what became of those that were read.

use crate::{
    domain::{
        amount::Amount,
        ids::{AssetId, SnapshotId},
    },
    ports::wallet::Snapshot,
    store::{Columns, StoreError, Tx, micros, time},
};
use jiff::Timestamp;

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
