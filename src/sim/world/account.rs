//! The bot's account: its ids, its keys, and what its owner set in the dashboard.

use super::World;
use crate::{domain::ids::UserId, ports::ids::Ids};
use ed25519_dalek::{SigningKey, VerifyingKey};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, fmt, sync::LazyLock};
use uuid::Uuid;

/// The bot's account at Mixin.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: UserId,
    pub(crate) session: Uuid,
    pub(crate) owner: UserId,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) resource_patterns: Vec<String>,
    pub(crate) capabilities: Vec<String>,
    session_key: Key,
    server_key: Key,
    /// Token ids that were used, with the time until which the token would be valid.
    used_tokens: HashMap<String, Timestamp>,
}

/// A made-up private key; it is still not printed. It is worked out when somebody wants it, which
/// behind ports nobody does.
struct Key(LazyLock<SigningKey, Box<dyn FnOnce() -> SigningKey + Send>>);

/// Used token ids are forgotten, once expired, whenever there are more than this many.
const USED_TOKENS_MANY: usize = 4096;

impl Account {
    pub(super) fn new(ids: &dyn Ids, owner: UserId) -> Self {
        Self {
            id: UserId::new(ids.uuid()),
            session: ids.uuid(),
            owner,
            number: "7000104999".to_owned(),
            name: "Cashier".to_owned(),
            resource_patterns: vec!["https://mixpay.me/".to_owned()],
            capabilities: vec!["CONTACT".to_owned(), "GROUP".to_owned()],
            session_key: Key::new(ids),
            server_key: Key::new(ids),
            used_tokens: HashMap::new(),
        }
    }

    /// The key that the bot's tokens are signed with.
    pub(crate) fn verifying_key(&self) -> VerifyingKey {
        self.session_key.0.verifying_key()
    }

    /// Notes a token's id; false if it was used before.
    pub(crate) fn use_token(&mut self, id: &str, valid_until: Timestamp, now: Timestamp) -> bool {
        if self.used_tokens.len() > USED_TOKENS_MANY {
            self.used_tokens.retain(|_, until| *until > now);
        }
        self.used_tokens.insert(id.to_owned(), valid_until).is_none()
    }
}

impl Key {
    fn new(ids: &dyn Ids) -> Self {
        let mut seed = [0; 32];
        for part in seed.chunks_mut(8) {
            for (to, from) in part.iter_mut().zip(ids.bits().to_be_bytes()) {
                *to = from;
            }
        }
        Self(LazyLock::new(Box::new(move || SigningKey::from_bytes(&seed))))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl World {
    /// The bot.
    pub fn bot(&self) -> UserId {
        self.read(|state, _| state.account.id)
    }

    /// The bot's Mixin ID: `7000…`.
    pub fn bot_number(&self) -> String {
        self.read(|state, _| state.account.number.clone())
    }

    /// The bot's owner.
    pub fn owner(&self) -> UserId {
        self.read(|state, _| state.account.owner)
    }

    /// Sets the URLs that open without a warning.
    pub fn set_resource_patterns(&self, patterns: &[&str]) {
        self.change(|m| {
            m.state.account.resource_patterns =
                patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        });
    }

    /// The bot's keystore, in the shape that Mixin's dashboard gives today.
    pub fn keystore_json(&self) -> String {
        self.read(|state, _| {
            let account = &state.account;
            // Of its own chance, so that it moves no other.
            let spend = Sha256::digest([b"spend", &account.session_key.0.to_bytes()[..]].concat());
            serde_json::json!({
                "app_id": account.id.to_string(),
                "session_id": account.session.to_string(),
                "server_public_key": hex::encode(account.server_key.0.verifying_key().as_bytes()),
                "session_private_key": hex::encode(account.session_key.0.to_bytes()),
                "spend_private_key": hex::encode(spend),
            })
            .to_string()
        })
    }

    /// Ends the bot's session: from now on every token is refused.
    pub fn revoke_session(&self) {
        self.change(|m| m.state.account.session = m.ids.uuid());
    }
}
