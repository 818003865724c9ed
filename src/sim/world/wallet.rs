//! The bot's wallet: transfers in and out, and the messages that tell of them.

use super::{Moment, World, chat, mixpay::MIXPAY_ACCOUNT};
use crate::domain::{
    amount::Amount,
    ids::{AssetId, MessageId, SnapshotId, TraceId, UserId},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A transfer to arrange, into the bot's wallet unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The other side; `None` for a deposit or an anonymous sender, of whom no message tells.
    pub opponent: Option<UserId>,
    /// The asset.
    pub asset: AssetId,
    /// How much.
    pub amount: Amount,
    /// The memo, as its sender wrote it.
    pub memo: String,
    /// The sender's trace; a fresh one if there is none.
    pub request: Option<Uuid>,
    /// Whether it goes out of the bot's wallet.
    pub outgoing: bool,
    /// Whether it carries a collectible.
    pub collectible: bool,
}

/// A transfer that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) id: SnapshotId,
    pub(crate) transfer: Transfer,
    pub(crate) request: Uuid,
    pub(crate) at: Timestamp,
}

/// The bot's wallet.
#[derive(Debug, Default)]
pub(crate) struct Wallet {
    /// Oldest first.
    pub(crate) snapshots: Vec<Snapshot>,
}

impl Transfer {
    /// A transfer into the bot's wallet.
    pub fn to_bot(from: UserId, asset: AssetId, amount: Amount, memo: &str) -> Self {
        Self {
            opponent: Some(from),
            asset,
            amount,
            memo: memo.to_owned(),
            request: None,
            outgoing: false,
            collectible: false,
        }
    }
}

impl Snapshot {
    /// The amount with its sign.
    pub(crate) fn signed_amount(&self) -> String {
        let sign = if self.transfer.outgoing { "-" } else { "" };
        format!("{sign}{}", self.transfer.amount)
    }

    /// The memo as the wire has it.
    pub(crate) fn memo_hex(&self) -> String {
        hex::encode(&self.transfer.memo)
    }

    /// A made-up transaction hash.
    pub(crate) fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.id.to_string()))
    }

    /// When, with all nine digits.
    pub(crate) fn created_at(&self) -> String {
        format!("{:.9}", self.at)
    }
}

/// The memo that MixPay puts on a settlement (mixpay.md 7.1); a stranger can write it as well.
pub fn settlement_memo(trace: TraceId) -> String {
    BASE64_STANDARD.encode(format!("PM|{trace}"))
}

/// The memo that MixPay puts on a refund.
pub fn refund_memo(trace: TraceId, code: u32) -> String {
    BASE64_STANDARD.encode(format!("RF|{trace}|{code}"))
}

impl World {
    /// Makes a transfer, and tells the bot of it if its other side is known.
    pub fn transfer(&self, transfer: Transfer) -> SnapshotId {
        self.change(|m| m.transfer(transfer))
    }

    /// The transfers that the bot's wallet has seen, oldest first.
    pub(crate) fn snapshot_ids(&self) -> Vec<SnapshotId> {
        self.read(|state, _| state.wallet.snapshots.iter().map(|snapshot| snapshot.id).collect())
    }

    /// How many transfers the bot's wallet has seen.
    pub fn transfers(&self) -> usize {
        self.read(|state, _| state.wallet.snapshots.len())
    }
}

impl Moment<'_> {
    pub(super) fn transfer(&mut self, transfer: Transfer) -> SnapshotId {
        let id = SnapshotId::new(self.ids.uuid());
        let request = transfer.request.unwrap_or_else(|| self.ids.uuid());
        let faults = &mut self.state.faults;
        let at = if faults.transfers_at_one_time {
            *faults.one_time.get_or_insert(self.now)
        } else {
            faults.one_time = None;
            self.now
        };
        let snapshot = Snapshot { id, transfer, request, at };
        if let Some(opponent) = snapshot.transfer.opponent {
            self.announce(&snapshot, opponent);
        }
        self.state.wallet.snapshots.push(snapshot);
        id
    }

    /// MixPay pays the bot.
    pub(super) fn transfer_from_mixpay(
        &mut self,
        asset: AssetId,
        amount: Amount,
        memo: &str,
    ) -> SnapshotId {
        self.transfer(Transfer::to_bot(MIXPAY_ACCOUNT, asset, amount, memo))
    }

    fn announce(&mut self, snapshot: &Snapshot, opponent: UserId) {
        let bot = self.state.account.id;
        let transfer = &snapshot.transfer;
        let mut data = serde_json::json!({
            "type": "snapshot",
            "snapshot_id": snapshot.id.to_string(),
            "user_id": bot.to_string(),
            "opponent_id": opponent.to_string(),
            "transaction_hash": snapshot.hash(),
            "asset_id": transfer.asset.to_string(),
            "amount": snapshot.signed_amount(),
            "memo": snapshot.memo_hex(),
            "created_at": snapshot.created_at(),
        });
        let mut category = "SYSTEM_SAFE_SNAPSHOT";
        if transfer.collectible {
            category = "SYSTEM_SAFE_INSCRIPTION";
            if let Some(fields) = data.as_object_mut() {
                fields.insert("inscription_hash".to_owned(), snapshot.hash().into());
            }
        }
        self.push(chat::Incoming {
            id: MessageId::new(self.ids.uuid()),
            conversation: chat::contact_id(bot, opponent),
            user: opponent,
            representative: None,
            quote: None,
            category: category.to_owned(),
            data: data.to_string().into_bytes(),
            at: self.now,
            from: self.now,
        });
    }
}
