//! Wallet: the bot's transfers, as the world remembers them.

use super::{Call, Does, Services};
use crate::{
    domain::ids::{SnapshotId, UserId},
    ports::{
        failure::CallError,
        wallet::{Page, Snapshot, Wallet},
    },
    sim::world::wallet,
};
use async_trait::async_trait;
use jiff::Timestamp;

#[async_trait]
impl Wallet for Services {
    async fn snapshot(&self, id: SnapshotId) -> Result<Option<Snapshot>, CallError> {
        let call = Call::mixin("GET /safe/snapshots/:id", Does::Read);
        self.ask(call, |world| {
            Ok(world.read(|state, _| {
                state.wallet.snapshots.iter().find(|snapshot| snapshot.id == id).map(snapshot)
            }))
        })
        .await
    }

    async fn snapshots(
        &self,
        opponent: Option<UserId>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page, CallError> {
        let call = Call::mixin("GET /safe/snapshots", Does::Read);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.ask(call, |world| {
            let from = cursor.and_then(|cursor| cursor.parse::<Timestamp>().ok());
            Ok(world.read(|state, _| {
                let all = state.wallet.snapshots.iter();
                let wanted = all
                    .filter(|snapshot| opponent.is_none() || snapshot.transfer.opponent == opponent)
                    .filter(|snapshot| from.is_none_or(|from| snapshot.at >= from));
                let transfers: Vec<Snapshot> = wanted.take(limit).map(snapshot).collect();
                let last = transfers.last().map(|last| last.cursor.clone());
                Page { rows: transfers.len(), last, transfers }
            }))
        })
        .await
    }
}

fn snapshot(snapshot: &wallet::Snapshot) -> Snapshot {
    let transfer = &snapshot.transfer;
    Snapshot {
        id: snapshot.id,
        opponent: transfer.opponent,
        asset: transfer.asset,
        amount: transfer.amount,
        outgoing: transfer.outgoing,
        collectible: transfer.collectible,
        memo: snapshot.memo_hex(),
        at: snapshot.at,
        cursor: snapshot.created_at(),
    }
}
