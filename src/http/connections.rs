//! Connections: how many callers are listened to at a time, and for how long each.
//!
//! Whoever opens connections and says nothing must neither keep others away nor use up the file
//! handles that the bot's own work needs.

use axum::{Router, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::Service};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// At most this many connections are open at a time; the next waits to be accepted.
pub(super) const CONNECTIONS_MAX: usize = 256;
/// The head of a request takes at most this long, from when it could begin; then the connection
/// ends. So long a connection may be idle, too.
pub(super) const HEAD_TIME_MAX: Duration = Duration::from_secs(5);
/// A connection that is still busy after this long is asked to end.
pub(super) const CONNECTION_TIME_MAX: Duration = Duration::from_mins(2);
/// A connection that was asked to end is dropped after this long.
const END_TIME_MAX: Duration = Duration::from_secs(15);
/// After an error of the listener, such as no file handle left.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Serves until `stop` is cancelled; then accepts nothing new and ends what it began.
pub(super) async fn serve(listener: TcpListener, app: Router, stop: &CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut open = JoinSet::new();
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
            listener.accept().await.map(|(stream, peer)| (stream, peer, place))
        };
        let next = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(_) = open.join_next() => continue,
            next = next => next,
        };
        match next {
            Ok((stream, peer, place)) => {
                let app = FromPeer { app: TowerToHyperService::new(app.clone()), peer };
                open.spawn(connection(stream, app, stop.clone(), place));
            }
            Err(error) => {
                tracing::warn!("a connection cannot be accepted: {error}");
                sleep(AGAIN_AFTER).await;
            }
        }
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

async fn connection(
    stream: TcpStream,
    app: FromPeer,
    stop: CancellationToken,
    place: OwnedSemaphorePermit,
) {
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .serve_connection(TokioIo::new(stream), app);
    let mut serving = pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => Some(ended),
        () = stop.cancelled() => None,
        () = sleep(CONNECTION_TIME_MAX) => None,
    };
    let ended = if let Some(ended) = ended {
        Ok(ended)
    } else {
        serving.as_mut().graceful_shutdown();
        timeout(END_TIME_MAX, serving).await
    };
    // Callers come and go as they like; it is worth no line in the log.
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!("a connection ended: {error}"),
        Err(_) => tracing::debug!("a connection was dropped"),
    }
    drop(place);
}

/// The app for the requests of one connection, which learn who is at its other end.
#[derive(Debug, Clone)]
struct FromPeer {
    app: TowerToHyperService<Router>,
    peer: SocketAddr,
}

impl Service<Request<Incoming>> for FromPeer {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.app.call(request)
    }
}
