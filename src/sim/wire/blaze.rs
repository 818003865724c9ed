//! Blaze: Mixin's WebSocket. Every frame is a gzip member with one JSON object (mixin.md 3).

use super::{
    line::{Line, Lines},
    mixin::{server_time, views},
    token,
};
use crate::sim::{
    World,
    world::{
        chat::Incoming,
        faults::{BlazeBirth, BlazeLine},
    },
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    io::{Read, Write},
    sync::Arc,
    time::Duration,
};
use tokio::{io::AsyncWriteExt, task::JoinSet};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
        http::{HeaderValue, StatusCode},
        protocol::frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

/// One of these the client must ask for, and gets it back; the second is the Kotlin SDK's (mixin.md
/// 3.1).
const SUB_PROTOCOLS: [&str; 2] = ["Mixin-Blaze-1", "MixinBot-Blaze-1"];
/// A frame unpacks to at most this many bytes.
const UNPACKED_BYTES_MAX: u64 = 4 << 20;
/// The server pings this often.
const PING_EVERY: Duration = Duration::from_secs(15);
/// A client has so long to finish its handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// At most this many connections live at once; the next wait.
const CONNECTIONS_MAX: usize = 64;

type Socket = WebSocketStream<Line>;

/// Accepts connections for ever.
pub(super) async fn run(lines: Lines, world: Arc<World>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            line = lines.next(), if connections.len() < CONNECTIONS_MAX => {
                connections.spawn(connection(line, Arc::clone(&world)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(line: Line, world: Arc<World>) {
    let check = |request: &Request, response: Response| shake_hands(&world, request, response);
    let accepted = tokio_tungstenite::accept_hdr_async(line, check);
    match tokio::time::timeout(HANDSHAKE_TIME, accepted).await {
        Ok(Ok(socket)) => Session::new(world).serve(socket).await,
        Ok(Err(error)) => tracing::debug!(%error, "a Blaze handshake failed"),
        Err(_) => tracing::debug!("a Blaze handshake took too long"),
    }
}

fn shake_hands(
    world: &World,
    request: &Request,
    mut response: Response,
) -> Result<Response, ErrorResponse> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let uri = request.uri().path_and_query().map_or("/", |uri| uri.as_str());
    let protocols = header("Sec-WebSocket-Protocol").unwrap_or_default();
    let refuse = |status: StatusCode| {
        let mut refusal = ErrorResponse::new(Some(format!("{status}")));
        *refusal.status_mut() = status;
        stamp(world, refusal.headers_mut());
        Err(refusal)
    };
    if uri != "/" {
        return refuse(StatusCode::NOT_FOUND);
    }
    let asked_for = |known: &&str| protocols.split(',').any(|protocol| protocol.trim() == *known);
    let Some(protocol) = SUB_PROTOCOLS.into_iter().find(asked_for) else {
        return refuse(StatusCode::BAD_REQUEST);
    };
    if !token::check(world, header("Authorization"), "GET", uri, b"") {
        return refuse(StatusCode::UNAUTHORIZED);
    }
    response.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(protocol));
    stamp(world, response.headers_mut());
    Ok(response)
}

fn stamp(world: &World, headers: &mut tokio_tungstenite::tungstenite::http::HeaderMap) {
    if let Ok(time) = HeaderValue::from_str(&server_time(world)) {
        headers.insert("X-Server-Time", time);
    }
}

/// One connection, once its handshake is done.
struct Session {
    world: Arc<World>,
    /// Whether the client has asked for what is pending; before, nothing is delivered.
    listening: bool,
    /// What this connection was offered already.
    offered: HashSet<crate::domain::ids::MessageId>,
    birth: BlazeBirth,
}

impl Session {
    fn new(world: Arc<World>) -> Self {
        let birth = world.blaze_birth();
        Self { world, listening: false, offered: HashSet::new(), birth }
    }

    /// Serves until the client leaves or the connection is cut; then it is simply dropped.
    async fn serve(mut self, mut socket: Socket) {
        let mut changed = self.world.changed();
        let mut ping = tokio::time::interval(PING_EVERY);
        loop {
            changed.mark_unchanged();
            match self.world.blaze_line(self.birth) {
                BlazeLine::Open => {}
                BlazeLine::Cut => return,
                BlazeLine::Mute => {
                    if changed.changed().await.is_err() {
                        return;
                    }
                    continue;
                }
            }
            if self.listening && !self.push(&mut socket).await {
                return;
            }
            tokio::select! {
                news = changed.changed() => if news.is_err() { return },
                frame = socket.next() => match frame {
                    Some(Ok(frame)) => if !self.take(&mut socket, frame).await { return },
                    Some(Err(_)) | None => return,
                },
                _ = ping.tick() => {
                    if socket.send(Message::Ping(Vec::new().into())).await.is_err() { return }
                }
            }
        }
    }

    /// Pushes what is pending and was not offered here yet; false if the connection is broken.
    async fn push(&mut self, socket: &mut Socket) -> bool {
        loop {
            let push = self.world.push_to(&self.offered);
            if push.messages.is_empty() {
                return true;
            }
            if push.garbage
                && socket.send(Message::Binary(b"no gzip".to_vec().into())).await.is_err()
            {
                return false;
            }
            for message in push.messages {
                let times = if push.doubled.contains(&message.id) { 2 } else { 1 };
                self.offered.insert(message.id);
                for _ in 0..times {
                    let frame = pack(&self.pushed(&message));
                    if push.broken == Some(message.id) {
                        break_off(socket, frame).await;
                        return false;
                    }
                    if socket.send(frame).await.is_err() {
                        return false;
                    }
                }
            }
        }
    }

    fn pushed(&self, message: &Incoming) -> Value {
        json!({
            "id": self.world.fresh_id(),
            "action": "CREATE_MESSAGE",
            "data": views::message(message),
        })
    }

    /// Handles a frame of the client; false if the connection ends.
    async fn take(&mut self, socket: &mut Socket, frame: Message) -> bool {
        let bytes = match frame {
            Message::Binary(bytes) => bytes,
            // The library answers pings; a text frame is a mistake that the service ignores.
            Message::Ping(_) | Message::Pong(_) | Message::Text(_) | Message::Frame(_) => {
                return true;
            }
            Message::Close(_) => return false,
        };
        let Some(request) = unpack(&bytes) else { return false };
        let _in_flight = self.world.request();
        let answer = self.answer(&request);
        socket.send(pack(&answer)).await.is_ok()
    }

    fn answer(&mut self, request: &Value) -> Value {
        let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
        let (id, action) = (text("id"), text("action"));
        let params = request.get("params").cloned().unwrap_or(Value::Null);
        let result = match action {
            "LIST_PENDING_MESSAGES" => {
                self.listening = true;
                Ok(None)
            }
            "ACKNOWLEDGE_MESSAGE_RECEIPT" => {
                super::mixin::acknowledge(&self.world, &json!([params])).map(|()| None)
            }
            "ACKNOWLEDGE_MESSAGE_RECEIPTS" => {
                let messages = params.get("messages").cloned().unwrap_or(Value::Null);
                super::mixin::acknowledge(&self.world, &messages).map(|()| None)
            }
            "CREATE_MESSAGE" => super::mixin::post(&self.world, &params).map(|()| Some(params)),
            _ => Err(super::mixin::Failed::field("action")),
        };
        match result {
            Ok(None) => json!({"id": id, "action": action}),
            Ok(Some(data)) => json!({"id": id, "action": action, "data": data}),
            Err(failed) => json!({"id": id, "action": action, "error": failed.view()}),
        }
    }
}

/// Writes the first half of a frame.
async fn break_off(socket: &mut Socket, frame: Message) {
    let frame = Frame::message(frame.into_data(), OpCode::Data(Data::Binary), true);
    let mut bytes = Vec::new();
    let written = frame.format(&mut bytes);
    bytes.truncate(bytes.len() / 2);
    if written.is_err() || socket.get_mut().write_all(&bytes).await.is_err() {
        tracing::debug!("the connection broke before its frame did");
    }
}

fn pack(value: &Value) -> Message {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory does not fail.
    let bytes = packed.write_all(value.to_string().as_bytes()).and_then(|()| packed.finish());
    Message::Binary(bytes.unwrap_or_default().into())
}

fn unpack(bytes: &[u8]) -> Option<Value> {
    let mut text = Vec::new();
    GzDecoder::new(bytes).take(UNPACKED_BYTES_MAX).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
