//! The control API of `simulate --listen`: people, payments and faults, arranged over HTTP.
//!
//! JSON both ways. What is wrong with a request is answered with 4xx and `{"error": "…"}`, which says
//! what was found and what would be right; nothing happened then. SIMULATE.md is its page.

mod faults;
mod money;
mod people;

use crate::sim::World;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode},
    response::Response,
};
pub use faults::{LIES, Lie};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{fmt, str::FromStr, sync::Arc};

/// A request's body has at most this many bytes; a longer one is answered with 413.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// Something that can be asked of the control API.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Its path.
    pub path: &'static str,
    open: Open,
}

/// What is behind a door.
#[derive(Debug, Clone, Copy)]
enum Open {
    /// Something to look at.
    Look(fn(&World) -> Value),
    /// Something that depends on the request.
    Ask(fn(&World, &Asked) -> Result<Value, Wrong>),
}

/// All that can be asked.
pub const DOORS: &[Door] = &[
    Door { method: "GET", path: "/users", open: Open::Look(people::list) },
    Door { method: "POST", path: "/users", open: Open::Ask(people::add) },
    Door { method: "POST", path: "/groups", open: Open::Ask(people::group) },
    Door { method: "POST", path: "/say", open: Open::Ask(people::say) },
    Door { method: "GET", path: "/shown", open: Open::Ask(people::shown) },
    Door { method: "POST", path: "/pay", open: Open::Ask(money::pay) },
    Door { method: "POST", path: "/confirm", open: Open::Ask(money::confirm) },
    Door { method: "GET", path: "/payments", open: Open::Look(money::list) },
    Door { method: "POST", path: "/transfer", open: Open::Ask(money::transfer) },
    Door { method: "POST", path: "/faults", open: Open::Ask(faults::set) },
    Door { method: "GET", path: "/violations", open: Open::Look(people::violations) },
];

/// A request, read to its end.
struct Asked {
    query: String,
    body: Vec<u8>,
}

/// What is wrong with a request.
#[derive(Debug)]
struct Wrong {
    status: StatusCode,
    error: String,
}

impl Wrong {
    fn request(error: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: error.into() }
    }

    fn unknown(error: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, error: error.into() }
    }

    fn conflict(error: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, error: error.into() }
    }

    /// A field that is not what it should be.
    fn field(name: &str, found: &str, right: &str) -> Self {
        Self::request(format!("{name}: found {found:?}, and {right} would be right"))
    }
}

impl Asked {
    /// The body, whatever its content type says.
    fn json<T: DeserializeOwned>(&self) -> Result<T, Wrong> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Wrong::request(format!("the body is not the JSON that fits: {error}")))
    }
}

/// A value from its text.
fn parsed<T: FromStr>(name: &str, text: &str, right: &str) -> Result<T, Wrong> {
    text.parse().map_err(|_| Wrong::field(name, text, right))
}

/// An id from its text.
fn id<T: FromStr>(name: &str, text: &str) -> Result<T, Wrong> {
    parsed(name, text, "a UUID")
}

/// A value from its text, if there is one.
fn maybe<T, E>(
    text: Option<&String>,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, E> {
    text.map(|text| read(text)).transpose()
}

/// An id, or nothing, for JSON.
fn or_null<T: fmt::Display>(id: Option<T>) -> Value {
    id.map_or(Value::Null, |id| id.to_string().into())
}

/// The server of the control API.
pub fn router(world: Arc<World>) -> Router {
    Router::new().fallback(answer).with_state(world)
}

async fn answer(State(world): State<Arc<World>>, request: Request) -> Response {
    let (status, body) = match open(&world, request).await {
        Ok(value) => (StatusCode::OK, value),
        Err(Wrong { status, error }) => (status, json!({ "error": error })),
    };
    let mut response = Response::new(Body::from(format!("{body}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

async fn open(world: &World, request: Request) -> Result<Value, Wrong> {
    let (parts, body) = request.into_parts();
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    let at_path = || DOORS.iter().filter(|door| door.path == path);
    let Some(door) = at_path().find(|door| door.method == method) else {
        let allowed: Vec<_> = at_path().map(|door| door.method).collect();
        if !allowed.is_empty() {
            let error = format!("{path} takes {}, not {method}", allowed.join(" and "));
            return Err(Wrong { status: StatusCode::METHOD_NOT_ALLOWED, error });
        }
        let known: Vec<_> = DOORS.iter().map(|d| format!("{} {}", d.method, d.path)).collect();
        return Err(Wrong::unknown(format!("there is no {path}; there are {}", known.join(", "))));
    };
    let body = axum::body::to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| Wrong {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        error: format!("the body is cut off or has more than {BODY_BYTES_MAX} bytes"),
    })?;
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let asked = Asked { query, body: body.to_vec() };
    if door.path == "/shown" {
        people::wait_for_more(world, &asked).await?;
    }
    match door.open {
        Open::Look(look) => Ok(look(world)),
        Open::Ask(ask) => ask(world, &asked),
    }
}
