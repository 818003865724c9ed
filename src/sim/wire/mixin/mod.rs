//! Mixin's HTTP API, as far as a bot that only receives needs it (mixin.md 6).

mod assets;
mod directory;
mod payload;
mod snapshots;
pub(super) mod views;

use super::{Answer, Asked, json, proxy_page, set, token, trouble};
use crate::sim::{
    World,
    world::{
        chat::Refusal,
        faults::{self, Faults, Poison, Service, Trouble},
    },
};
use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use serde_json::{Value, json as value};
use std::sync::Arc;

/// A request of messages or acknowledgements has at most this many bytes (mixin.md 4.1).
const REQUEST_BYTES_MAX: usize = 128 * 1024;
/// At most this many messages or acknowledgements go in one request.
const BATCH_MAX: usize = 100;

/// An error of Mixin's: its code, its words, and what it adds to 10002.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failed {
    code: u16,
    description: &'static str,
    field: Option<&'static str>,
}

impl Failed {
    const fn new(code: u16, description: &'static str) -> Self {
        Self { code, description, field: None }
    }

    pub(super) const UNAUTHORIZED: Self = Self::new(401, "Unauthorized, maybe invalid token.");
    const FORBIDDEN: Self = Self::new(403, "Forbidden.");
    const NOT_FOUND: Self = Self::new(404, "The endpoint is not found.");
    const TOO_MANY: Self = Self::new(429, "Too Many Requests.");
    const INTERNAL: Self = Self::new(500, "Internal Server Error.");
    /// No error at all: no answer.
    const SILENCE: Self = Self::new(0, "");

    /// 10002: this field is wrong.
    pub(super) const fn field(field: &'static str) -> Self {
        Self { field: Some(field), ..Self::new(10002, "The request data has invalid field.") }
    }

    pub(super) fn view(&self) -> Value {
        let mut error = value!({
            "status": if self.code == 500 { 500 } else { 202 },
            "code": self.code,
            "description": self.description,
        });
        if let (Some(field), Some(error)) = (self.field, error.as_object_mut()) {
            error.insert("extra".to_owned(), value!({"field": field, "reason": "invalid"}));
        }
        error
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Forbidden => Self::FORBIDDEN,
            Refusal::Field(field) => Self::field(field),
            Refusal::Poisoned(Poison::Error) => Self::INTERNAL,
            Refusal::Poisoned(Poison::Late) => Self::SILENCE,
        }
    }
}

/// Mixin's time, in nanoseconds.
pub(super) fn server_time(world: &World) -> String {
    world
        .read(|state, now| now.saturating_add(state.faults.mixin_clock_ahead).unwrap_or(now))
        .as_nanosecond()
        .to_string()
}

/// Answers a request.
pub(super) async fn answer(world: Arc<World>, asked: Asked) -> Answer {
    let mut response = match trouble(&world, Service::Mixin).await {
        Some(Trouble::Cut) => return Answer::Cut,
        Some(Trouble::Html) => return Answer::This(proxy_page()),
        Some(Trouble::Error) => failed(StatusCode::INTERNAL_SERVER_ERROR, &Failed::INTERNAL),
        Some(Trouble::Limited) => {
            retry_after(&world, failed(StatusCode::TOO_MANY_REQUESTS, &Failed::TOO_MANY))
        }
        Some(Trouble::Unauthorized) => failed(StatusCode::UNAUTHORIZED, &Failed::UNAUTHORIZED),
        None => match route(&world, &asked) {
            Ok(Routed::Json(data)) => json(StatusCode::OK, &value!({ "data": data })),
            Ok(Routed::Bytes(bytes)) => Response::new(bytes.into()),
            Err(error) if error == Failed::INTERNAL => {
                failed(StatusCode::INTERNAL_SERVER_ERROR, &error)
            }
            Err(error) if error == Failed::SILENCE => return Answer::Never,
            Err(error) if error == Failed::TOO_MANY => {
                retry_after(&world, failed(StatusCode::ACCEPTED, &Failed::TOO_MANY))
            }
            // Errors come with 202, which is no mistake of ours (mixin.md 2.5).
            Err(error) => failed(StatusCode::ACCEPTED, &error),
        },
    };
    set(&mut response, "x-server-time", &server_time(&world));
    if let Some(id) = asked.header("x-request-id") {
        set(&mut response, "x-request-id", id);
    }
    Answer::This(response)
}

/// Says when to come again, if Mixin says so.
fn retry_after(world: &World, mut response: Response) -> Response {
    if let Some(when) = world.retry_after(Service::Mixin) {
        set(&mut response, "retry-after", &when);
    }
    response
}

fn failed(status: StatusCode, error: &Failed) -> Response {
    json(status, &value!({ "error": error.view() }))
}

enum Routed {
    Json(Value),
    Bytes(Vec<u8>),
}

fn route(world: &World, asked: &Asked) -> Result<Routed, Failed> {
    let segments = asked.segments();
    match (&asked.method, segments.as_slice()) {
        (&Method::PUT, ["uploads", id]) => return upload(world, asked, id).map(Routed::Json),
        (&Method::GET, ["uploads", id]) => {
            return world.attachment(id).map(Routed::Bytes).ok_or(Failed::NOT_FOUND);
        }
        (&Method::GET, ["network", "assets", rest @ ..]) => {
            return assets::network(world, rest).map(Routed::Json);
        }
        _ => {}
    }
    let authorization = asked.header("authorization");
    if !token::check(world, authorization, asked.method.as_str(), &asked.uri, &asked.body) {
        return Err(Failed::UNAUTHORIZED);
    }
    signed(world, asked, &segments).map(Routed::Json)
}

/// The requests that need a token.
fn signed(world: &World, asked: &Asked, segments: &[&str]) -> Result<Value, Failed> {
    match (&asked.method, segments) {
        (&Method::GET, ["me"]) => Ok(world.read(|state, _| views::me(state))),
        (&Method::GET, ["users", id]) => directory::user(world, id),
        (&Method::POST, ["users", "fetch"]) => directory::users(world, &body(asked)?),
        (&Method::GET, ["search", query]) => directory::search(world, query),
        (&Method::POST, ["sessions", "fetch"]) => directory::sessions(world, &body(asked)?),
        (&Method::GET, ["conversations", id]) => directory::conversation(world, id),
        (&Method::POST, ["conversations"]) => directory::open(world, &body(asked)?),
        (&Method::POST, ["messages"]) => {
            post(world, &small_body(asked)?)?;
            done(world, |faults| &mut faults.messages_shown_then_500)
        }
        (&Method::POST, ["acknowledgements"]) => {
            acknowledge(world, &small_body(asked)?)?;
            done(world, |faults| &mut faults.acknowledged_then_500)
        }
        (&Method::POST, ["attachments"]) => Ok(attachment(asked, &world.add_attachment())),
        (&Method::GET, ["attachments", id]) => {
            world.attachment(id).map(|_| attachment(asked, id)).ok_or(Failed::NOT_FOUND)
        }
        (&Method::GET, ["safe", "snapshots"]) => snapshots::page(world, &asked.query),
        (&Method::GET, ["safe", "snapshots", id]) => snapshots::one(world, id),
        (&Method::GET, ["safe", "assets", id]) => assets::one(world, id),
        _ => Err(Failed::NOT_FOUND),
    }
}

/// The answer to what was done: nothing to tell, or an error all the same while this lie lasts.
fn done(world: &World, lie: fn(&mut Faults) -> &mut u32) -> Result<Value, Failed> {
    let lies = world.change(|m| faults::take(lie(&mut m.state.faults)));
    if lies { Err(Failed::INTERNAL) } else { Ok(value!({})) }
}

fn body(asked: &Asked) -> Result<Value, Failed> {
    if asked.header("content-type").is_none_or(|media| !media.starts_with("application/json")) {
        return Err(Failed::new(400, "The request body can't be parsed as valid data."));
    }
    serde_json::from_slice(&asked.body)
        .map_err(|_| Failed::new(400, "The request body can't be parsed as valid data."))
}

fn small_body(asked: &Asked) -> Result<Value, Failed> {
    if asked.body.len() > REQUEST_BYTES_MAX {
        return Err(Failed::field("body"));
    }
    body(asked)
}

/// Posts one message or up to a hundred, all or none.
pub(super) fn post(world: &World, body: &Value) -> Result<(), Failed> {
    let one = std::slice::from_ref(body);
    let messages = body.as_array().map_or(one, Vec::as_slice);
    if messages.is_empty() || messages.len() > BATCH_MAX {
        return Err(Failed::field("messages"));
    }
    let batch = messages.iter().map(payload::read).collect::<Result<_, _>>()?;
    Ok(world.post(batch)?)
}

/// Acknowledges up to a hundred messages.
pub(super) fn acknowledge(world: &World, body: &Value) -> Result<(), Failed> {
    let receipts = body.as_array().ok_or(Failed::field("messages"))?;
    if receipts.len() > BATCH_MAX {
        return Err(Failed::field("messages"));
    }
    let read = |receipt: &Value| {
        let status = receipt.get("status")?.as_str()?;
        let id = receipt.get("message_id")?.as_str()?.parse().ok()?;
        matches!(status, "READ" | "DELIVERED").then_some(id)
    };
    let ids: Option<Vec<_>> = receipts.iter().map(read).collect();
    let ids = ids.ok_or(Failed::field("message_id"))?;
    if world.are_acknowledgements_down() {
        return Err(Failed::INTERNAL);
    }
    Ok(world.acknowledge(&ids)?)
}

fn attachment(asked: &Asked, id: &str) -> Value {
    let host = asked.header("host").unwrap_or("127.0.0.1");
    let url = format!("http://{host}/uploads/{id}");
    value!({"type": "attachment", "attachment_id": id, "upload_url": url, "view_url": url})
}

/// The storage is strict about its headers (mixin.md 4.4).
fn upload(world: &World, asked: &Asked, id: &str) -> Result<Value, Failed> {
    let length = asked.body.len().to_string();
    if asked.header("x-amz-acl") != Some("public-read")
        || asked.header("content-type") != Some("application/octet-stream")
        || asked.header("content-length") != Some(&length)
        || asked.header("authorization").is_some()
    {
        return Err(Failed::INTERNAL);
    }
    if world.fill_attachment(id, asked.body.clone()) {
        done(world, |faults| &mut faults.uploaded_then_500).map(|_| Value::Null)
    } else {
        Err(Failed::INTERNAL)
    }
}
