//! Blaze: the recorded conversation is read, and the connection is made again when it is lost.

use super::{
    each, keystore, mixin, recorded_clock,
    server::{Server, at, data, error},
    text, vectors,
};
use async_trait::async_trait;
use futures::{SinkExt, StreamExt};
use jiff::{SignedDuration, Timestamp};
use mixpay_bot::{
    keystore::Keystore,
    mixin::{
        Mixin,
        blaze::{
            Blaze, BlazeError, Link, envelope, frame,
            inbound::{self, Reading},
        },
    },
    ports::{
        inbound::{Content, Inbound},
        time::Clock,
    },
    runtime::{base64, client, clock::HandClock, ids::SeededIds},
};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Bytes, Message,
        handshake::server::{ErrorResponse, Request, Response},
        http::StatusCode,
    },
};
use tokio_util::sync::CancellationToken;
use url::Url;

/// A clock on which every wait is over at once, and is remembered by the time it took.
#[derive(Debug, Clone)]
struct Hasty(HandClock);

#[async_trait]
impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn steady(&self) -> Duration {
        self.0.steady()
    }

    async fn stepped(&self) -> SignedDuration {
        self.0.stepped().await
    }

    async fn sleep_until(&self, when: Timestamp) {
        let wait = when.duration_since(self.now());
        self.0.advance(Duration::try_from(wait).unwrap_or_default());
    }
}

/// A Blaze server that lets a test play its part.
struct Double {
    listener: TcpListener,
    url: Url,
}

impl Double {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap()).parse().unwrap();
        Self { listener, url }
    }

    /// Accepts a connection; returns it with the token that it came with.
    async fn accept(&self) -> (WebSocketStream<TcpStream>, String) {
        let (socket, _) = self.listener.accept().await.unwrap();
        let mut token = String::new();
        let check = |request: &Request, mut response: Response| {
            let header = |name: &str| request.headers()[name].to_str().unwrap();
            assert_eq!(header("sec-websocket-protocol"), "Mixin-Blaze-1");
            assert!(header("user-agent").starts_with("mixpay-bot/"));
            header("authorization").clone_into(&mut token);
            let protocol = "Mixin-Blaze-1".parse().unwrap();
            response.headers_mut().insert("sec-websocket-protocol", protocol);
            Ok(response)
        };
        let socket = accept_hdr_async(socket, check).await.unwrap();
        (socket, token)
    }

    /// Refuses the next handshake with 401.
    async fn refuse(&self) {
        let (socket, _) = self.listener.accept().await.unwrap();
        let refuse = |_: &Request, _: Response| {
            let mut answer = ErrorResponse::new(None);
            *answer.status_mut() = StatusCode::UNAUTHORIZED;
            Err::<Response, _>(answer)
        };
        assert!(accept_hdr_async(socket, refuse).await.is_err());
    }
}

/// A bot at these two addresses, and its clock.
fn blaze(api: &Url, url: &Url) -> (Blaze, HandClock) {
    let clock = recorded_clock();
    let mixin = Mixin::new(
        Arc::new(keystore(&vectors("jwt-eddsa")["keystore"])),
        api.clone(),
        client::http(api).unwrap(),
        Arc::new(Hasty(clock.clone())),
        Arc::new(SeededIds::new(1)),
    );
    (Blaze::new(&mixin, url.clone(), client::connector().unwrap()), clock)
}

fn packed(json: &Value) -> Message {
    Message::Binary(Bytes::from(frame::pack(json.to_string().as_bytes()).unwrap()))
}

fn says(text: &str) -> Message {
    packed(&json!({ "action": "CREATE_MESSAGE", "data": {
        "message_id": "531d2e1c-0bc3-4ce4-8328-6419b0d9ade3",
        "user_id": "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810",
        "category": "PLAIN_TEXT",
        "data_base64": base64::encode(text),
    }}))
}

async fn action(socket: &mut WebSocketStream<TcpStream>) -> Value {
    let Message::Binary(frame) = socket.next().await.unwrap().unwrap() else {
        panic!("no binary frame");
    };
    let json: Value = serde_json::from_slice(&frame::unpack(&frame).unwrap()).unwrap();
    json["action"].clone()
}

#[test]
fn the_recorded_frames_are_read_one_by_one() {
    let vectors = vectors("blaze-transcript-node");
    let bot: Keystore = keystore(&vectors["keystore"]);
    let mut told = Vec::new();
    for frame in each(&vectors["frames"]) {
        let packed = base64::decode(text(&frame["gzip_base64"])).unwrap();
        let json = frame::unpack(&packed).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&json).unwrap(), frame["json"]);
        let envelope = envelope::parse(&json).unwrap();
        assert_eq!(envelope.action, frame["json"]["action"]);
        let name = frame["name"].as_str().unwrap_or("sent by the SDK");
        if frame["dir"] == "server->client (mock)" {
            told.push((name.to_owned(), inbound::read(&envelope, &bot, Timestamp::MIN)));
        }
    }
    let content = |name: &str| match &told.iter().find(|(told, _)| told == name).unwrap().1 {
        Reading::Inbound(Inbound { content, .. }) => content.clone(),
        other => panic!("{name}: {other:?}"),
    };
    let text_of = |name: &str| match content(name) {
        Content::Text(text) => text,
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(text_of("text in the contact chat, delivered from the pending queue"), "/balance");
    assert_eq!(text_of("the same message again (redelivery)"), "/balance");
    assert_eq!(text_of("text in a group"), "@7000100000 tip @31415 1 USDT");
    assert_eq!(text_of("text with characters that show the two base64 forms"), "ÿþ?>~ ¿¿");
    assert_eq!(
        content("safe snapshot, incoming"),
        Content::Transfer("f71aa07c-856e-41a2-9f9c-ede03038de58".parse().unwrap())
    );
    assert_eq!(content("member added to a group"), Content::Membership { bot_added: true });
    assert_eq!(content("recall"), Content::Ignored);
    let unknown = told.iter().filter(|(_, reading)| {
        matches!(reading, Reading::UnknownCategory { category, .. } if category == "PLAIN_SOMETHING_NEW")
    });
    assert_eq!(unknown.count(), 1);
    // Answers and the receipt are neither handed on nor acknowledged.
    let nothing = told.iter().filter(|(_, reading)| *reading == Reading::Nothing);
    assert_eq!(nothing.count(), told.len() - 8);
}

#[test]
fn our_first_frame_is_the_sdks() {
    let vectors = vectors("blaze-transcript-node");
    let first = &vectors["frames"][0]["json"];
    let ours = envelope::list_pending_messages(text(&first["id"]).parse().unwrap()).unwrap();
    let ours = frame::unpack(&frame::pack(&ours).unwrap()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&ours).unwrap(), *first);
}

#[tokio::test]
async fn a_lost_connection_is_made_again_with_a_fresh_token() {
    let double = Double::start().await;
    let (blaze, _) = blaze(&"http://127.0.0.1:1".parse().unwrap(), &double.url);
    let (inbox, mut inbound) = mpsc::channel::<Inbound>(8);
    let stop = CancellationToken::new();
    let status = blaze.status();
    let script = async {
        let mut tokens = Vec::new();
        for turn in 0..3 {
            let (mut socket, token) = double.accept().await;
            assert_eq!(action(&mut socket).await, "LIST_PENDING_MESSAGES");
            // A WebSocket message over the limit ends a connection, and so does hanging up.
            socket.send(says(&turn.to_string())).await.unwrap();
            let content = inbound.recv().await.unwrap().content;
            assert_eq!(content, Content::Text(turn.to_string()));
            assert_eq!(status.link(), Link::Up);
            tokens.push(token);
            if turn == 0 {
                let huge = Message::Binary(Bytes::from(vec![0; (4 << 20) + 1]));
                // The bot may hang up before all of it is written.
                drop(socket.send(huge).await);
            }
        }
        tokens.dedup();
        assert_eq!(tokens.len(), 3);
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(blaze.run(inbox, stop.clone()), script);
    assert!(ended.is_ok());
    assert_eq!(status.link(), Link::Down);
    assert_eq!(status.counts().connections, 3);
}

#[tokio::test]
async fn a_refused_handshake_gives_up_only_if_me_is_refused_and_the_clocks_agree() {
    let double = Double::start().await;
    let api = Server::start(|_| at(1_735_787_045, error(401))).await;
    let (blaze, _) = blaze(&api.url, &double.url);
    let (inbox, _inbound) = mpsc::channel(8);
    let run = blaze.run(inbox, CancellationToken::new());
    let (ended, ()) = tokio::join!(run, double.refuse());
    assert!(matches!(ended, Err(BlazeError::Unauthorized)));
    assert_eq!(api.asked()[0].path, "/me");
}

#[tokio::test]
async fn a_wrong_clock_is_waited_for_a_minute_at_a_time() {
    let double = Double::start().await;
    // At the third question the clock is right.
    let asked = AtomicU32::new(0);
    let api = Server::start(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => at(1_735_787_045 + 3_600, error(401)),
        _ => data(json!({ "user_id": "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810" })),
    })
    .await;
    let (blaze, clock) = blaze(&api.url, &double.url);
    let began = clock.now();
    let (inbox, _inbound) = mpsc::channel(8);
    let stop = CancellationToken::new();
    let script = async {
        double.refuse().await;
        drop(double.accept().await);
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(blaze.run(inbox, stop.clone()), script);
    assert!(ended.is_ok());
    assert!(clock.now().duration_since(began).as_secs() >= 120);
}

#[tokio::test]
async fn an_error_frame_401_is_looked_into_as_well() {
    let double = Double::start().await;
    let api = Server::start(|asked| match asked.path.as_str() {
        "/me" => data(json!({ "user_id": "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810" })),
        other => panic!("{other}"),
    })
    .await;
    let (blaze, _) = blaze(&api.url, &double.url);
    let (inbox, _inbound) = mpsc::channel(8);
    let stop = CancellationToken::new();
    let script = async {
        let (mut socket, _) = double.accept().await;
        let error = json!({ "action": "ERROR", "error": { "code": 401 } });
        socket.send(packed(&error)).await.unwrap();
        // The credentials are good, so the bot comes back.
        let (_socket, _) = double.accept().await;
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(blaze.run(inbox, stop.clone()), script);
    assert!(ended.is_ok());
    assert_eq!(api.asked().len(), 1);
}

#[tokio::test]
async fn a_closed_inbox_ends_the_run() {
    let double = Double::start().await;
    let api = "http://127.0.0.1:1".parse().unwrap();
    let blaze = Blaze::new(&mixin(&api), double.url.clone(), client::connector().unwrap());
    let (inbox, inbound) = mpsc::channel(8);
    drop(inbound);
    let script = async {
        let (mut socket, _) = double.accept().await;
        socket.send(says("ping")).await.unwrap();
        socket
    };
    let (ended, _socket) = tokio::join!(blaze.run(inbox, CancellationToken::new()), script);
    assert!(ended.is_ok());
}
