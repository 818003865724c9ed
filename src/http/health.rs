//! `GET /healthz`, `GET /readyz`, `GET /metrics`: how the bot is, for machines.

use crate::http::Server;
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::sync::Arc;

/// The process is alive.
pub(crate) async fn healthz() -> &'static str {
    "ok"
}

/// The bot can do its work, or take it over from the process that does it; if not, why.
pub(crate) async fn readyz(State(server): State<Arc<Server>>) -> Response {
    match server.readiness.reasons().as_slice() {
        [] if server.readiness.is_standing_by() => "standing by".into_response(),
        [] => "ready".into_response(),
        reasons => {
            let body = Json(json!({ "status": 503, "title": "Not ready", "reasons": reasons }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

/// What the bot has counted.
pub(crate) async fn metrics(State(server): State<Arc<Server>>) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], server.metrics.render())
        .into_response()
}
