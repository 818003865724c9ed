//! Directory: who a user is, what an asset is, who runs a group.

use crate::{
    domain::ids::{AssetId, ConversationId, UserId},
    ports::failure::CallError,
};
use async_trait::async_trait;

/// Mixin tells about at most this many users in one answer.
pub const USERS_PER_REQUEST_MAX: usize = 100;

/// A person or a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their Mixin ID: `37160854`, for bots `7000101422`.
    pub number: String,
    /// Their name, as they wrote it.
    pub name: String,
    /// Whether this is a bot.
    pub is_bot: bool,
}

/// The bot itself, as `GET /me` tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The bot.
    pub person: Person,
    /// Who made the bot.
    pub owner: Option<UserId>,
    /// URLs that open without a warning.
    pub resource_patterns: Vec<String>,
    /// Capabilities: `CONTACT`, `GROUP`, `ENCRYPTED`, …
    pub capabilities: Vec<String>,
}

/// A conversation and who runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The group's name.
    pub name: String,
    /// The owner and the admins.
    pub admins: Vec<UserId>,
}

/// An asset, as Mixin knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkAsset {
    /// Its id.
    pub id: AssetId,
    /// Its ticker.
    pub symbol: String,
    /// Its name.
    pub name: String,
    /// The chain's asset id.
    pub chain: Option<AssetId>,
}

/// Looking people, groups and assets up.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The bot itself (`GET /me`).
    async fn me(&self) -> Result<Me, CallError>;

    /// A user by id (`GET /users/:id`); `None` if there is none.
    async fn user(&self, id: UserId) -> Result<Option<Person>, CallError>;

    /// Users by id, at most [`USERS_PER_REQUEST_MAX`] of them (`POST /users/fetch`); whoever does
    /// not exist is left out.
    async fn users(&self, ids: &[UserId]) -> Result<Vec<Person>, CallError>;

    /// A user by Mixin ID (`GET /search/:q`); `None` if there is none. After [`Reason::Limited`]
    /// it must not be called for twelve hours.
    ///
    /// [`Reason::Limited`]: crate::ports::failure::Reason::Limited
    async fn search(&self, number: &str) -> Result<Option<Person>, CallError>;

    /// Who runs a group (`GET /conversations/:id`); `None` if there is no
    /// such conversation, or it is none of a group.
    async fn group(&self, id: ConversationId) -> Result<Option<Group>, CallError>;

    /// An asset by id (`GET /network/assets/:id`); `None` if there is none.
    async fn asset(&self, id: AssetId) -> Result<Option<NetworkAsset>, CallError>;

    /// Assets by ticker (`GET /network/assets/search/:q`), as Mixin orders them.
    async fn assets_of(&self, symbol: &str) -> Result<Vec<NetworkAsset>, CallError>;
}
