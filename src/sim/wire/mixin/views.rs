//! What Mixin's API shows of the world, field by field from the documents.

use crate::{
    domain::ids::{AssetId, MessageId, UserId},
    sim::world::{
        State,
        chat::{Conversation, Incoming},
        coins::{self, Coin},
        made_up::MadeUp,
        people::Person,
        wallet::Snapshot,
    },
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

/// Since when everybody exists.
const CREATED_AT: &str = "2020-01-01T00:00:00Z";

/// A user (mixin.md 6.1).
pub(super) fn user(person: &Person) -> Value {
    let app = person.is_bot().then(|| {
        json!({
            "type": "app",
            "app_id": person.id.to_string(),
            "app_number": person.number,
            "name": person.name,
        })
    });
    json!({
        "type": "user",
        "user_id": person.id.to_string(),
        "identity_number": person.number,
        "full_name": person.name,
        "biography": "",
        "avatar_url": "",
        "relationship": "STRANGER",
        "is_verified": false,
        "is_scam": false,
        "created_at": CREATED_AT,
        "app": app,
    })
}

/// The bot's own account.
pub(super) fn me(state: &State) -> Value {
    let account = &state.account;
    json!({
        "type": "user",
        "user_id": account.id.to_string(),
        "session_id": account.session.to_string(),
        "identity_number": account.number,
        "full_name": account.name,
        "biography": "",
        "avatar_url": "",
        "has_pin": false,
        "has_safe": false,
        "tip_counter": 0,
        "created_at": CREATED_AT,
        "app": {
            "type": "app",
            "app_id": account.id.to_string(),
            "app_number": account.number,
            "name": account.name,
            "creator_id": account.owner.to_string(),
            "capabilities": account.capabilities,
            "resource_patterns": account.resource_patterns,
        },
    })
}

/// A message for the bot (mixin.md 3.4).
pub(in crate::sim::wire) fn message(message: &Incoming) -> Value {
    let or_empty = |id: Option<String>| id.unwrap_or_default();
    let at = format!("{:.9}", message.at);
    json!({
        "type": "message",
        "message_id": message.id.to_string(),
        "conversation_id": message.conversation.to_string(),
        "user_id": message.user.to_string(),
        "session_id": "",
        "representative_id": or_empty(message.representative.as_ref().map(UserId::to_string)),
        "quote_message_id": or_empty(message.quote.as_ref().map(MessageId::to_string)),
        "category": message.category,
        "data": BASE64_STANDARD.encode(&message.data),
        "data_base64": BASE64_URL_SAFE_NO_PAD.encode(&message.data),
        "status": "SENT",
        "source": "LIST_PENDING_MESSAGES",
        "silent": false,
        "expire_in": 0,
        "created_at": at,
        "updated_at": at,
    })
}

/// A conversation (mixin.md 6.3).
pub(super) fn conversation(conversation: &Conversation) -> Value {
    let participants: Vec<_> = conversation
        .participants
        .iter()
        .map(|(user, role)| {
            json!({
                "type": "participant",
                "user_id": user.to_string(),
                "role": role.word(),
                "created_at": format!("{:.9}", conversation.created_at),
            })
        })
        .collect();
    let creator = conversation.participants.first().map(|(user, _)| user.to_string());
    json!({
        "type": "conversation",
        "conversation_id": conversation.id.to_string(),
        "creator_id": creator.unwrap_or_default(),
        "category": if conversation.is_group { "GROUP" } else { "CONTACT" },
        "name": conversation.name,
        "icon_url": "",
        "announcement": "",
        "created_at": format!("{:.9}", conversation.created_at),
        "participants": participants,
        "participant_sessions": [],
    })
}

/// A transfer (mixin.md 6.5).
pub(super) fn snapshot(snapshot: &Snapshot, owner: UserId) -> Value {
    let transfer = &snapshot.transfer;
    let mut view = json!({
        "type": "snapshot",
        "snapshot_id": snapshot.id.to_string(),
        "user_id": owner.to_string(),
        "opponent_id": transfer.opponent.map(|opponent| opponent.to_string()).unwrap_or_default(),
        "transaction_hash": snapshot.hash(),
        "asset_id": transfer.asset.to_string(),
        "amount": snapshot.signed_amount(),
        "memo": snapshot.memo_hex(),
        "request_id": snapshot.request.to_string(),
        "created_at": snapshot.created_at(),
        "level": 0,
    });
    if let (true, Some(fields)) = (transfer.collectible, view.as_object_mut()) {
        fields.insert("inscription_hash".to_owned(), snapshot.hash().into());
    }
    view
}

/// An asset (mixin.md 6.4).
pub(super) fn asset(coin: &Coin) -> Value {
    let dollars = format!("{}.{:06}", coin.micro_usd / 1_000_000, coin.micro_usd % 1_000_000);
    one_asset(&coin.id, &coin.chain, (coin.symbol, coin.name), &dollars, coin.confirms)
}

/// An asset that somebody made: it is on the chain of Ether, and has no price.
pub(super) fn made_up(asset: &MadeUp) -> Value {
    let MadeUp { id, symbol, name } = asset;
    one_asset(id, &coins::ETH, (symbol, name), "0", 1)
}

fn one_asset(
    id: &AssetId,
    chain: &AssetId,
    (symbol, name): (&str, &str),
    dollars: &str,
    confirms: u32,
) -> Value {
    json!({
        "type": "safe_asset",
        "asset_id": id.to_string(),
        "chain_id": chain.to_string(),
        "symbol": symbol,
        "name": name,
        "display_symbol": symbol,
        "display_name": name,
        "icon_url": "",
        "price_usd": dollars,
        "price_btc": "0",
        "change_usd": "0",
        "precision": 8,
        "dust": "0.0001",
        "confirmations": confirms.max(1),
        "level": 1,
    })
}
