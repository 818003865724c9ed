//! Connecting: the handshake with a fresh token, and the limits of the socket (mixin.md 3.1).

use crate::{mixin::api::Api, runtime::client::USER_AGENT};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config,
    tungstenite::{self, ClientRequestBuilder, http::Uri, protocol::WebSocketConfig},
};
use url::Url;

/// The socket of a Blaze connection.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<Watched>>;

/// Whether bytes came in, below all framing and encryption.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<AtomicBool>);

impl Progress {
    /// Whether something came in since this was asked last.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

/// A connection that tells of its progress.
#[derive(Debug)]
pub(crate) struct Watched {
    stream: TcpStream,
    progress: Progress,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.progress.0.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// How long the handshake may take, TLS included.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A WebSocket message has at most this many bytes, still packed; a longer one ends the connection.
/// Far less is read ([`frame::UNPACKED_BYTES_MAX`](super::frame::UNPACKED_BYTES_MAX)), but what is
/// larger must come in to be acknowledged, or it would come again for ever.
const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// The protocol that both sides must name.
const SUB_PROTOCOL: &str = "Mixin-Blaze-1";

/// Why a connection did not come about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The server refuses our token.
    #[error("the token is refused")]
    Unauthorized,
    /// Our clock is off, and it is not the time to try.
    #[error("our clock is off Mixin's")]
    Skewed,
    /// Anything else; it may pass.
    #[error("{0}")]
    Failed(String),
}

/// Connects to Blaze.
pub(crate) async fn connect(
    api: &Api,
    url: &Url,
    connector: Connector,
) -> Result<(Socket, Progress), ConnectError> {
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
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(443);
    let progress = Progress::default();
    let connecting = async {
        let stream = TcpStream::connect((host, port)).await.map_err(tungstenite::Error::Io)?;
        stream.set_nodelay(true).map_err(tungstenite::Error::Io)?;
        let stream = Watched { stream, progress: progress.clone() };
        client_async_tls_with_config(request, stream, Some(limits), Some(connector)).await
    };
    match timeout(HANDSHAKE_TIMEOUT, Box::pin(connecting)).await {
        Ok(Ok((socket, _answer))) => Ok((socket, progress)),
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
