//! What callers are told when their request did not go well. Details go to the log, not to them.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A status and its name, as JSON.
pub(crate) fn problem(status: StatusCode) -> Response {
    let title = status.canonical_reason().unwrap_or("");
    (status, Json(json!({ "status": status.as_u16(), "title": title }))).into_response()
}
