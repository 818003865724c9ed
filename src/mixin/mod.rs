//! Adapter: Mixin Messenger and its wallet. Comments name the chapter of the protocol's fact sheet,
//! `mixin.md`, that they follow.

mod answer;
mod api;
mod attachments;
pub mod blaze;
mod directory;
pub mod encrypted;
pub mod error;
mod messages;
mod payload;
mod server_clock;
pub mod token;
pub mod verdict;
mod wallet;

use crate::{
    keystore::Keystore,
    mixin::{api::Api, verdict::Verdict},
    ports::{ids::Ids, time::Clock},
};
use std::sync::Arc;
use tokio::sync::watch;
use url::Url;

/// Mixin over HTTP: chat, directory and wallet of one bot. Clones share everything.
#[derive(Debug, Clone)]
pub struct Mixin {
    api: Arc<Api>,
}

impl Mixin {
    /// Mixin at `base`, as the bot of this keystore; `http` comes from
    /// [`runtime::client::http`](crate::runtime::client::http) for the same `base`.
    pub fn new(
        keystore: Arc<Keystore>,
        base: Url,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self { api: Arc::new(Api::new(keystore, base, http, clock, ids)) }
    }

    /// Follows what Mixin thinks of our credentials, whichever call found it out.
    pub fn verdict(&self) -> watch::Receiver<Verdict> {
        self.api.verdicts.watch()
    }
}
