//! Blaze: the WebSocket over which Mixin brings messages. Connect, serve a session, back off, again.

mod connect;
pub mod envelope;
pub mod frame;
pub mod inbound;
mod session;
mod status;

pub use status::{BlazeCounts, BlazeStatus, Link};

use crate::{
    mixin::{
        Mixin,
        api::{Api, Credentials},
        blaze::{
            connect::{ConnectError, connect},
            session::{End, Session},
        },
        verdict::SKEW_WAIT,
    },
    ports::{failure::Reason, inbound::Inbound},
};
use jiff::{SignedDuration, Timestamp};
use std::{fmt, sync::Arc, time::Duration};
use tokio::sync::mpsc;
use tokio_tungstenite::Connector;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How many messages the inbox should hold; when it is full, the socket is not read.
pub const INBOX_MAX: usize = 1024;
/// The first wait after a connection was lost is at most this long; each further one doubles.
const WAIT_MIN_MS: u64 = 1_000;
/// No wait is longer.
const WAIT_MAX_MS: u64 = 60_000;
/// After a session of this length the waits begin anew.
const HEALTHY_AFTER: Duration = Duration::from_mins(1);

/// Why Blaze gave up.
#[derive(Debug, thiserror::Error)]
pub enum BlazeError {
    /// Mixin refuses the credentials although the clocks agree; trying on is of no use.
    #[error("Mixin refuses the credentials: the session was revoked, or the keystore is not its")]
    Unauthorized,
}

/// The connection to Blaze, made again whenever it is lost.
pub struct Blaze {
    api: Arc<Api>,
    url: Url,
    connector: Connector,
    status: Arc<BlazeStatus>,
}

impl fmt::Debug for Blaze {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blaze").field("status", &self.status).finish_non_exhaustive()
    }
}

/// What to do about a refused token.
enum Refusal {
    GiveUp,
    Wait,
    BackOff,
}

impl Blaze {
    /// Blaze at `url` for the bot of `mixin`.
    pub fn new(mixin: &Mixin, url: Url, connector: Connector) -> Self {
        let api = Arc::clone(&mixin.api);
        Self { api, url, connector, status: Arc::default() }
    }

    /// How it is doing; may be kept and read while it runs.
    pub fn status(&self) -> Arc<BlazeStatus> {
        Arc::clone(&self.status)
    }

    /// Connects once and lets go again, to see whether that works. Nothing is asked for, so no
    /// message comes to be lost.
    pub async fn try_once(&self) -> Result<(), String> {
        let connecting = connect(&self.api, &self.url, self.connector.clone());
        connecting.await.map(drop).map_err(|error| error.to_string())
    }

    /// Brings messages into `inbox` until told to stop, or until nobody reads the inbox.
    pub async fn run(
        &self,
        inbox: mpsc::Sender<Inbound>,
        stop: CancellationToken,
    ) -> Result<(), BlazeError> {
        let clock = self.api.clock.as_ref();
        let mut failures: u32 = 0;
        loop {
            let began = clock.steady();
            let connecting = async {
                // While our clock is off, Blaze and all other callers share one try a minute.
                self.api.admitted().await.map_err(|(_, reason)| match reason {
                    Reason::Unauthorized => ConnectError::Unauthorized,
                    Reason::ClockSkew { .. } => ConnectError::Skewed,
                    Reason::Unreachable(_)
                    | Reason::NoAnswer(_)
                    | Reason::NotUnderstood { .. }
                    | Reason::Limited { .. }
                    | Reason::Refused { .. } => ConnectError::Failed(reason.to_string()),
                })?;
                connect(&self.api, &self.url, self.connector.clone()).await
            };
            let connected = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                connected = connecting => connected,
            };
            let end = match connected {
                Ok((socket, progress)) => {
                    tracing::info!("Blaze is connected");
                    let session = Session {
                        keystore: &self.api.keystore,
                        clock,
                        ids: self.api.ids.as_ref(),
                        status: &self.status,
                        inbox: &inbox,
                        stop: &stop,
                        progress: &progress,
                    };
                    Box::pin(session.serve(socket)).await
                }
                Err(ConnectError::Unauthorized) => End::Unauthorized,
                Err(ConnectError::Skewed) => End::Skewed,
                Err(ConnectError::Failed(why)) => End::Lost(why),
            };
            if clock.steady().saturating_sub(began) >= HEALTHY_AFTER {
                failures = 0;
            }
            let wait_ms = match end {
                End::Stopped => return Ok(()),
                End::Lost(why) => {
                    let wait_ms = backoff_ms(failures, self.api.ids.bits());
                    tracing::warn!(wait_ms, "Blaze is not connected: {why}");
                    wait_ms
                }
                End::Skewed => skew_wait_ms(),
                End::Unauthorized => {
                    let refusal = tokio::select! {
                        () = stop.cancelled() => return Ok(()),
                        refusal = self.refused() => refusal,
                    };
                    match refusal {
                        Refusal::GiveUp => return Err(BlazeError::Unauthorized),
                        Refusal::Wait => skew_wait_ms(),
                        Refusal::BackOff => backoff_ms(failures, self.api.ids.bits()),
                    }
                }
            };
            failures = failures.saturating_add(1);
            let wait = SignedDuration::from_millis(i64::try_from(wait_ms).unwrap_or(i64::MAX));
            let until = clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = clock.sleep_until(until) => {}
                // What Mixin refused for the clock's sake it may take now.
                _ = clock.stepped() => {}
            }
        }
    }

    /// Finds out what a refused token means, by asking over HTTP (product.md §5, "401").
    async fn refused(&self) -> Refusal {
        match self.api.credentials().await {
            // Told where it was found out, whoever found it out.
            Credentials::Refused => Refusal::GiveUp,
            Credentials::Skewed(_) => Refusal::Wait,
            Credentials::Good => {
                tracing::warn!("Blaze refuses a token although Mixin accepts the credentials");
                Refusal::BackOff
            }
            Credentials::Unknown(error) => {
                tracing::warn!(%error, "Blaze refuses a token, and Mixin cannot be asked: {error}");
                Refusal::BackOff
            }
        }
    }
}

fn skew_wait_ms() -> u64 {
    u64::try_from(SKEW_WAIT.as_millis()).unwrap_or(WAIT_MAX_MS)
}

/// How long to wait after so many failures in a row: anything up to a bound that doubles, so that
/// many bots do not come back in step.
fn backoff_ms(failures: u32, random: u64) -> u64 {
    let doubled = 2_u64.saturating_pow(failures).saturating_mul(WAIT_MIN_MS);
    let bound = doubled.min(WAIT_MAX_MS);
    random.checked_rem(bound.saturating_add(1)).unwrap_or(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_are_drawn_from_all_below() {
        for (failures, bound) in
            [(0, 1_000), (1, 2_000), (5, 32_000), (6, 60_000), (u32::MAX, 60_000)]
        {
            assert_eq!(backoff_ms(failures, bound), bound, "{failures}");
            assert_eq!(backoff_ms(failures, bound + 1), 0, "{failures}");
        }
    }
}
