//! The lease: which of several processes does the bot's work, and by which token its units of work
//! are known.

use crate::store::{StoreError, Tx, codec, corrupt};
use serde::{Deserialize, Serialize};

/// The single value that keeps it.
const KEY: &str = "lease";

/// Who does the bot's work. A process that sees no beat for long may take it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lease {
    /// The fencing token: one more with each taking over.
    pub token: i64,
    /// How often its holder has said that it is alive.
    pub beat: i64,
    /// Whether it is held, and was not given back.
    pub held: bool,
}

impl Tx {
    /// The lease as it is.
    pub async fn lease(&mut self) -> Result<Lease, StoreError> {
        let Some(text) = self.meta(KEY).await? else { return Ok(Lease::default()) };
        codec::read(&text).map_err(|source| corrupt("meta", KEY, source))
    }

    async fn keep_lease(&mut self, lease: Lease) -> Result<(), StoreError> {
        let text = codec::write(&lease).map_err(StoreError::Unwritable)?;
        self.set_meta(KEY, &text).await
    }

    /// Takes the lease, from whomever it was; the token. Whoever had it commits nothing more.
    pub async fn take_lease(&mut self) -> Result<i64, StoreError> {
        let token = self.lease().await?.token.saturating_add(1);
        self.keep_lease(Lease { token, beat: 0, held: true }).await?;
        Ok(token)
    }

    /// Says that the holder is alive.
    pub async fn renew_lease(&mut self, token: i64) -> Result<(), StoreError> {
        self.check_lease(token).await?;
        let lease = self.lease().await?;
        self.keep_lease(Lease { beat: lease.beat.saturating_add(1), ..lease }).await
    }

    /// Gives the lease back, so that nobody has to wait for it.
    pub async fn release_lease(&mut self, token: i64) -> Result<(), StoreError> {
        self.check_lease(token).await?;
        let lease = self.lease().await?;
        self.keep_lease(Lease { held: false, ..lease }).await
    }

    /// Fails unless the lease is the one with this token.
    pub(super) async fn check_lease(&mut self, token: i64) -> Result<(), StoreError> {
        if self.lease().await?.token == token { Ok(()) } else { Err(StoreError::Replaced) }
    }
}
