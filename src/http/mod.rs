//! Adapter: the HTTP server for callbacks, health and metrics.

pub mod callback;
pub mod client_ip;
mod connections;
mod health;
mod problem;

use crate::{
    ports::hints::Hints,
    runtime::{metrics::Metrics, readiness::Readiness},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use client_ip::Network;
use futures::FutureExt;
use problem::problem;
use std::{fmt, net::IpAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

/// A request's body is at most this long; a longer one is answered with 413.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// A request, its body included, takes at most this long; then it is answered with 503.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(10);
/// At most this many requests are handled at a time; the next is answered with 503.
pub const REQUESTS_MAX: usize = 128;

/// Where MixPay's callbacks arrive, below the public URL.
pub const CALLBACK_PATH: &str = "/mixpay/callback";

/// Who may call back.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Where callbacks are taken from; empty for everywhere.
    pub callback_ips: Vec<Network>,
}

impl Access {
    fn may_call_back(&self, client: Option<IpAddr>) -> bool {
        self.callback_ips.is_empty()
            || client.is_some_and(|ip| self.callback_ips.iter().any(|allowed| allowed.contains(ip)))
    }
}

/// What the server answers from.
pub struct Server {
    /// Who takes the hints of callbacks.
    pub hints: Arc<dyn Hints>,
    /// Whether the bot can work.
    pub readiness: Arc<Readiness>,
    /// What it has counted.
    pub metrics: Arc<Metrics>,
    /// Who may call back.
    pub access: Access,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("access", &self.access).finish_non_exhaustive()
    }
}

impl Server {
    /// Serves until `stop` is cancelled; then accepts nothing new and ends what it began.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), std::io::Error> {
        connections::serve(listener, self.router(), &stop).await;
        Ok(())
    }

    fn router(self) -> Router {
        Router::new()
            .route(CALLBACK_PATH, post(callback::callback))
            .route("/healthz", get(health::healthz))
            .route("/readyz", get(health::readyz))
            .route("/metrics", get(health::metrics))
            .fallback(async || problem(StatusCode::NOT_FOUND))
            .method_not_allowed_fallback(async || problem(StatusCode::METHOD_NOT_ALLOWED))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(middleware::from_fn_with_state(Arc::new(Semaphore::new(REQUESTS_MAX)), guard))
            .with_state(Arc::new(self))
    }
}

/// Keeps the bounds of the server, and keeps a panic in one request from its neighbours.
async fn guard(State(free): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let Ok(_place) = free.try_acquire() else {
        tracing::warn!(requests_max = REQUESTS_MAX, "too many requests at a time");
        return problem(StatusCode::SERVICE_UNAVAILABLE);
    };
    let path = request.uri().path().to_owned();
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(REQUEST_TIME_MAX, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(http.path = path, "a request to {path} panicked");
            problem(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Err(_) => {
            tracing::warn!(http.path = path, "a request to {path} took too long");
            problem(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

#[cfg(test)]
mod tests;
