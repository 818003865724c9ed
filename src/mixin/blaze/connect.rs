//! Connecting: the handshake with a fresh token, and the limits of the socket (mixin.md 3.1).

use crate::{mixin::api::Api, runtime::client::USER_AGENT};
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
    tungstenite::{self, ClientRequestBuilder, http::Uri, protocol::WebSocketConfig},
};
use url::Url;

/// The socket of a Blaze connection.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How long the handshake may take, TLS included.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A WebSocket message has at most this many bytes, still packed; a longer one ends the connection.
const MESSAGE_BYTES_MAX: usize = 4 << 20;
/// The protocol that both sides must name.
const SUB_PROTOCOL: &str = "Mixin-Blaze-1";

/// Why a connection did not come about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The server refuses our token.
    #[error("the token is refused")]
    Unauthorized,
    /// Anything else; it may pass.
    #[error("{0}")]
    Failed(String),
}

/// Connects to Blaze.
pub(crate) async fn connect(
    api: &Api,
    url: &Url,
    connector: Connector,
) -> Result<Socket, ConnectError> {
    let failed = |error: &dyn std::fmt::Display| ConnectError::Failed(error.to_string());
    // The signature covers the path, so a proxy under a path of its own would have to be the root.
    let (_, token) = api.token("GET", "/", b"").map_err(|error| failed(&error))?;
    let uri: Uri = url.as_str().parse().map_err(|error| failed(&error))?;
    let request = ClientRequestBuilder::new(uri)
        .with_header("Authorization", format!("Bearer {token}"))
        .with_header("User-Agent", USER_AGENT)
        .with_sub_protocol(SUB_PROTOCOL);
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    let connecting = connect_async_tls_with_config(request, Some(limits), true, Some(connector));
    match timeout(HANDSHAKE_TIMEOUT, Box::pin(connecting)).await {
        Ok(Ok((socket, _answer))) => Ok(socket),
        Ok(Err(tungstenite::Error::Http(answer))) if answer.status() == 401 => {
            Err(ConnectError::Unauthorized)
        }
        Ok(Err(error)) => Err(failed(&error)),
        Err(_) => {
            let seconds = HANDSHAKE_TIMEOUT.as_secs();
            Err(ConnectError::Failed(format!("no handshake within {seconds} s")))
        }
    }
}
