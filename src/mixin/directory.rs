//! Directory: people, groups and assets, asked for anew each time; the app remembers them.

use crate::{
    domain::ids::{AssetId, ConversationId, UserId},
    mixin::{
        Mixin,
        answer::found,
        api::{Call, encoded, json},
    },
    ports::{
        directory::{Directory, Group, Me, NetworkAsset, Person},
        failure::{CallError, Failure, Reason},
    },
};
use async_trait::async_trait;
use serde::Deserialize;

#[derive(Deserialize)]
struct WireUser {
    user_id: String,
    #[serde(default)]
    identity_number: Option<String>,
    #[serde(default)]
    full_name: Option<String>,
    #[serde(default)]
    app: Option<WireApp>,
}

#[derive(Deserialize)]
struct WireApp {
    #[serde(default)]
    creator_id: Option<String>,
    #[serde(default)]
    resource_patterns: Option<Vec<String>>,
    #[serde(default)]
    capabilities: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct WireConversation {
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    participants: Option<Vec<WireParticipant>>,
}

#[derive(Deserialize)]
struct WireParticipant {
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    role: Option<String>,
}

#[derive(Deserialize)]
struct WireAsset {
    asset_id: String,
    #[serde(default)]
    symbol: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    chain_id: Option<String>,
}

#[async_trait]
impl Directory for Mixin {
    async fn me(&self) -> Result<Me, CallError> {
        let name = "GET /me";
        let mut user: WireUser = self.api.call(Call::get(name, "/me".to_owned())).await?;
        let app = user.app.take();
        let mut person = person(name, user)?;
        person.is_bot = app.is_some();
        let app = app.unwrap_or(WireApp {
            creator_id: None,
            resource_patterns: None,
            capabilities: None,
        });
        Ok(Me {
            person,
            owner: app.creator_id.and_then(|id| id.parse().ok()),
            resource_patterns: app.resource_patterns.unwrap_or_default(),
            capabilities: app.capabilities.unwrap_or_default(),
        })
    }

    async fn user(&self, id: UserId) -> Result<Option<Person>, CallError> {
        self.person("GET /users/:id", format!("/users/{id}")).await
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<Person>, CallError> {
        let name = "POST /users/fetch";
        let ids: Vec<String> = ids.iter().map(UserId::to_string).collect();
        let call = Call::post_to_read(name, "/users/fetch".to_owned(), json(name, &ids)?);
        let users: Option<Vec<serde_json::Value>> = self.api.call(call).await?;
        // One that cannot be read does not hide the others.
        let read = |user| person(name, serde_json::from_value(user).ok()?).ok();
        Ok(users.unwrap_or_default().into_iter().filter_map(read).collect())
    }

    async fn search(&self, number: &str) -> Result<Option<Person>, CallError> {
        if is_no_segment(number) {
            return Ok(None);
        }
        self.person("GET /search/:q", format!("/search/{}", encoded(number))).await
    }

    async fn group(&self, id: ConversationId) -> Result<Option<Group>, CallError> {
        let call = Call::get("GET /conversations/:id", format!("/conversations/{id}"));
        let Some(conversation) = found(self.api.call::<WireConversation>(call).await)? else {
            return Ok(None);
        };
        if conversation.category.as_deref() == Some("CONTACT") {
            return Ok(None);
        }
        let participants = conversation.participants.unwrap_or_default();
        let runs_it = |participant: &WireParticipant| {
            matches!(participant.role.as_deref(), Some("OWNER" | "ADMIN"))
        };
        let admins = participants.iter().filter(|participant| runs_it(participant));
        Ok(Some(Group {
            name: conversation.name.unwrap_or_default(),
            admins: admins.filter_map(|admin| admin.user_id.parse().ok()).collect(),
        }))
    }

    async fn asset(&self, id: AssetId) -> Result<Option<NetworkAsset>, CallError> {
        let name = "GET /network/assets/:id";
        let call = Call::get(name, format!("/network/assets/{id}"));
        match found(self.api.call(call).await)? {
            None => Ok(None),
            Some(wire) => asset(wire).map(Some).ok_or_else(|| no_id(name)),
        }
    }

    async fn assets_of(&self, symbol: &str) -> Result<Vec<NetworkAsset>, CallError> {
        if is_no_segment(symbol) {
            return Ok(Vec::new());
        }
        let path = format!("/network/assets/search/{}?kind=ALL", encoded(symbol));
        let call = Call::get("GET /network/assets/search/:q", path);
        let assets: Option<Vec<WireAsset>> = found(self.api.call(call).await)?;
        Ok(assets.unwrap_or_default().into_iter().filter_map(asset).collect())
    }
}

impl Mixin {
    async fn person(&self, name: &'static str, path: String) -> Result<Option<Person>, CallError> {
        match found(self.api.call(Call::get(name, path)).await)? {
            None => Ok(None),
            Some(user) => person(name, user).map(Some),
        }
    }
}

fn person(name: &'static str, user: WireUser) -> Result<Person, CallError> {
    Ok(Person {
        id: user.user_id.parse().map_err(|_| no_id(name))?,
        number: user.identity_number.unwrap_or_default(),
        name: user.full_name.unwrap_or_default(),
        is_bot: user.app.is_some(),
    })
}

fn asset(wire: WireAsset) -> Option<NetworkAsset> {
    Some(NetworkAsset {
        id: wire.asset_id.parse().ok()?,
        symbol: wire.symbol.unwrap_or_default(),
        name: wire.name.unwrap_or_default(),
        chain: wire.chain_id.and_then(|chain| chain.parse().ok()),
    })
}

/// Nothing, or dots alone: in a path that would name the folder above, however it is encoded.
fn is_no_segment(text: &str) -> bool {
    text.chars().all(|letter| letter == '.')
}

fn no_id(name: &'static str) -> CallError {
    let start = "an id that is no UUID".to_owned();
    Call::get(name, String::new())
        .error(Failure::Transient, Reason::NotUnderstood { status: 200, start })
}
