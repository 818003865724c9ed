//! Wallet: reading the transfers of the bot's own wallet.

use crate::{
    domain::{
        amount::Amount,
        ids::{AssetId, SnapshotId, UserId},
    },
    ports::failure::CallError,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// A transfer, read back from the API (a message about it is only a hint).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its id; the key by which repeats are recognised.
    pub id: SnapshotId,
    /// The other side; `None` for deposits and anonymous senders.
    pub opponent: Option<UserId>,
    /// The asset.
    pub asset: AssetId,
    /// How much.
    pub amount: Amount,
    /// Whether it went out (a negative amount on the wire).
    pub outgoing: bool,
    /// Whether it carries a collectible, which is never money.
    pub collectible: bool,
    /// The memo as the wire has it: hex of its bytes (Safe), or plain text (older API).
    pub memo: String,
    /// When it happened.
    pub at: Timestamp,
    /// The wire's text of `at`, with all its digits: the cursor for the next page.
    pub cursor: String,
}

/// A page of transfers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Those that are understood, oldest first.
    pub transfers: Vec<Snapshot>,
    /// How many there were, understood or not: fewer than asked for are the last ones.
    pub rows: usize,
    /// The cursor of the last one that has a time, understood or not.
    pub last: Option<String>,
}

/// Reading the bot's wallet.
#[async_trait]
pub trait Wallet: Send + Sync {
    /// One transfer; `None` if there is none with this id.
    async fn snapshot(&self, id: SnapshotId) -> Result<Option<Snapshot>, CallError>;

    /// At most `limit` transfers at or after `cursor` (the text of a [`Snapshot::cursor`]; `None`
    /// is the beginning), oldest first; only those with `opponent` on the other side, if one is
    /// given.
    async fn snapshots(
        &self,
        opponent: Option<UserId>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page, CallError>;
}
