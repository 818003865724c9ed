//! The server on a loopback socket, spoken to in plain HTTP.

use super::*;
use crate::ports::hints::{CallbackHint, HintError, HintOutcome};
use async_trait::async_trait;
use std::{net::SocketAddr, sync::Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
    task::JoinSet,
};

const BODY: &str = r#"{"orderId":"O1","traceId":"T1","payeeId":"P1"}"#;

/// Takes hints as told: the trace says what becomes of it.
#[derive(Default)]
struct Script {
    heard: Mutex<Vec<CallbackHint>>,
    waiting: Crowd,
}

/// Those who wait: tells of each that arrives, and lets all go at once.
#[derive(Default)]
struct Crowd {
    arrived: Notify,
    go: CancellationToken,
}

#[async_trait]
impl Hints for Script {
    async fn hint(&self, hint: CallbackHint) -> Result<HintOutcome, HintError> {
        let trace = hint.trace.clone().unwrap_or_default();
        self.heard.lock().unwrap().push(hint);
        match trace.as_str() {
            "unknown" => Ok(HintOutcome::Unknown),
            "broken" => Err(HintError("the disk is full".into())),
            "panic" => panic!("oh no"),
            "slow" => {
                self.waiting.arrived.notify_one();
                self.waiting.go.cancelled().await;
                Ok(HintOutcome::Noted)
            }
            _ => Ok(HintOutcome::Noted),
        }
    }
}

/// A server that runs, and what is behind it.
struct Running {
    address: SocketAddr,
    script: Arc<Script>,
    readiness: Arc<Readiness>,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
    tasks: JoinSet<Result<(), std::io::Error>>,
}

impl Running {
    async fn start(access: Access) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Script::default());
        let readiness = Arc::new(Readiness::default());
        let metrics = Arc::new(Metrics::default());
        let stop = CancellationToken::new();
        let server = Server {
            hints: Arc::<Script>::clone(&script),
            readiness: Arc::clone(&readiness),
            metrics: Arc::clone(&metrics),
            access,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(server.serve(listener, stop.clone()));
        Self { address, script, readiness, metrics, stop, tasks }
    }

    /// The status, and the body as text.
    async fn request(&self, head: &str, body: &str) -> (u16, String) {
        ask(self.address, head, body).await
    }

    async fn get(&self, path: &str) -> (u16, String) {
        self.request(&format!("GET {path} HTTP/1.1"), "").await
    }

    async fn call_back(&self, body: &str) -> (u16, String) {
        self.request("POST /mixpay/callback HTTP/1.1", body).await
    }
}

async fn ask(address: SocketAddr, head: &str, body: &str) -> (u16, String) {
    let more = format!("Host: bot\r\nConnection: close\r\nContent-Length: {}", body.len());
    let answer = say(address, &format!("{head}\r\n{more}\r\n\r\n{body}")).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Sends these bytes, and returns everything that comes back.
async fn say(address: SocketAddr, request: &str) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}

const SUCCESS: &str = r#"{"code":"SUCCESS"}"#;
const FAIL: &str = r#"{"code":"FAIL"}"#;

#[tokio::test]
async fn a_callback_is_answered_by_what_became_of_its_hint() {
    let bot = Running::start(Access::default()).await;
    for (body, status, answer) in [
        (BODY, 200, SUCCESS),
        (r#"{"traceId":"T2"}"#, 200, SUCCESS),
        (r#"{"traceId":"unknown"}"#, 404, FAIL),
        (r#"{"traceId":"broken"}"#, 503, FAIL),
        ("not json", 400, FAIL),
        ("", 400, FAIL),
        (r#"{"data":{"orderId":"O1","traceId":"T1"}}"#, 400, FAIL),
        (r#"[{"traceId":"T1"}]"#, 400, FAIL),
        (r#"{"traceId":17}"#, 400, FAIL),
    ] {
        assert_eq!(bot.call_back(body).await, (status, answer.to_owned()), "{body}");
    }
    let heard = bot.script.heard.lock().unwrap().clone();
    let own = |text: &str| Some(text.to_owned());
    assert_eq!(heard.len(), 4, "what is not understood is no hint");
    assert_eq!(heard[0], CallbackHint { order: own("O1"), trace: own("T1"), payee: own("P1") });
    for (word, count) in [("noted", 2), ("unknown", 1), ("not_now", 1), ("not_understood", 5)] {
        assert_eq!(bot.metrics.callbacks.value(word), count, "{word}");
    }
}

#[tokio::test]
async fn a_body_may_be_as_long_as_the_bound_and_not_longer() {
    let bot = Running::start(Access::default()).await;
    let empty = r#"{"traceId":"T1","more":""}"#;
    let body = |bytes: usize| {
        let padding = "x".repeat(bytes - empty.len());
        format!(r#"{{"traceId":"T1","more":"{padding}"}}"#)
    };
    assert_eq!(bot.call_back(&body(BODY_BYTES_MAX)).await, (200, SUCCESS.to_owned()));

    // One is announced as too long, the other turns out to be: the last byte is one too many.
    let announced = format!("Content-Length: {}\r\n\r\n", BODY_BYTES_MAX + 1);
    let bytes = BODY_BYTES_MAX + 1;
    let unannounced = format!("Transfer-Encoding: chunked\r\n\r\n{bytes:x}\r\n{}", body(bytes));
    for end in [announced, unannounced] {
        let head = "POST /mixpay/callback HTTP/1.1\r\nHost: bot\r\nConnection: close";
        let answer = say(bot.address, &format!("{head}\r\n{end}")).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.ends_with(FAIL), "{answer}");
    }
}

#[tokio::test]
async fn callbacks_are_taken_from_allowed_addresses_only() {
    let elsewhere = Access {
        trusted_proxies: Vec::new(),
        callback_ips: vec!["52.198.117.57".parse().unwrap()],
    };
    let head = "POST /mixpay/callback HTTP/1.1\r\nX-Forwarded-For: 52.198.117.57";

    let direct = Running::start(elsewhere.clone()).await;
    assert_eq!(direct.call_back(BODY).await, (403, FAIL.to_owned()));
    assert_eq!(direct.request(head, BODY).await, (403, FAIL.to_owned()), "a stranger's claim");
    assert!(direct.script.heard.lock().unwrap().is_empty());
    assert_eq!(direct.get("/healthz").await.0, 200, "the list is for callbacks only");

    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let behind = Running::start(Access { trusted_proxies, ..elsewhere }).await;
    assert_eq!(behind.request(head, BODY).await, (200, SUCCESS.to_owned()));
    let stranger = "POST /mixpay/callback HTTP/1.1\r\nX-Forwarded-For: 52.198.117.57, 1.1.1.1";
    assert_eq!(behind.request(stranger, BODY).await, (403, FAIL.to_owned()));
}

#[tokio::test]
async fn health_is_that_the_process_answers() {
    let bot = Running::start(Access::default()).await;
    assert_eq!(bot.get("/healthz").await, (200, "ok".to_owned()));
}

#[tokio::test]
async fn readiness_tells_its_reasons() {
    let bot = Running::start(Access::default()).await;
    bot.readiness.set_database_writable(true);
    let (status, body) = bot.get("/readyz").await;
    assert_eq!(status, 503);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["reasons"], serde_json::json!(["Mixin is not connected"]));

    bot.readiness.set_blaze_connected(true);
    assert_eq!(bot.get("/readyz").await, (200, "ready".to_owned()));
}

#[tokio::test]
async fn metrics_are_shown() {
    let bot = Running::start(Access::default()).await;
    bot.metrics.messages_received.add(3);
    let (status, body) = bot.get("/metrics").await;
    assert_eq!(status, 200);
    assert!(body.contains("\nmixpay_bot_messages_received_total 3\n"), "{body}");
}

#[tokio::test]
async fn what_does_not_exist_is_a_problem_in_json() {
    let bot = Running::start(Access::default()).await;
    let problem = |status: u16, title: &str| {
        (status, serde_json::json!({ "status": status, "title": title }).to_string())
    };
    assert_eq!(bot.get("/").await, problem(404, "Not Found"));
    assert_eq!(bot.get("/mixpay/callback").await, problem(405, "Method Not Allowed"));
    assert_eq!(bot.request("DELETE /healthz HTTP/1.1", "").await.0, 405);
}

#[tokio::test]
async fn a_panic_in_one_request_is_that_request_s_alone() {
    let bot = Running::start(Access::default()).await;
    let (status, body) = bot.call_back(r#"{"traceId":"panic"}"#).await;
    assert_eq!(status, 500);
    assert!(!body.contains("oh no"), "{body}");
    assert_eq!(bot.call_back(BODY).await, (200, SUCCESS.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_given_up() {
    let bot = Running::start(Access::default()).await;
    assert_eq!(bot.call_back(r#"{"traceId":"slow"}"#).await.0, 503);
}

#[tokio::test]
async fn the_request_above_the_bound_is_sent_away() {
    let bot = Running::start(Access::default()).await;
    let mut slow = JoinSet::new();
    for _ in 0..REQUESTS_MAX {
        let address = bot.address;
        slow.spawn(async move {
            ask(address, "POST /mixpay/callback HTTP/1.1", r#"{"traceId":"slow"}"#).await
        });
        bot.script.waiting.arrived.notified().await;
    }
    assert_eq!(bot.get("/healthz").await.0, 503);
    bot.script.waiting.go.cancel();
    while let Some(answer) = slow.join_next().await {
        assert_eq!(answer.unwrap(), (200, SUCCESS.to_owned()));
    }
    assert_eq!(bot.get("/healthz").await.0, 200);
}

#[tokio::test]
async fn a_request_that_began_is_answered_before_the_server_stops() {
    let mut bot = Running::start(Access::default()).await;
    let address = bot.address;
    let mut slow = JoinSet::new();
    slow.spawn(async move {
        ask(address, "POST /mixpay/callback HTTP/1.1", r#"{"traceId":"slow"}"#).await
    });
    bot.script.waiting.arrived.notified().await;
    bot.stop.cancel();
    bot.script.waiting.go.cancel();
    assert_eq!(slow.join_next().await.unwrap().unwrap(), (200, SUCCESS.to_owned()));
    assert!(bot.tasks.join_next().await.unwrap().unwrap().is_ok());
    assert!(TcpStream::connect(bot.address).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn half_requests_keep_nobody_away_and_no_handle() {
    let bot = Running::start(Access::default()).await;
    let mut halves = Vec::new();
    for begun in ["", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nHost: b"] {
        for _ in 0..400 {
            let mut socket = TcpStream::connect(bot.address).await.unwrap();
            socket.write_all(begun.as_bytes()).await.unwrap();
            halves.push(socket);
        }
    }
    // More than there is room for wait; each turn lasts as long as a head may take.
    let turns = u32::try_from(halves.len().div_ceil(connections::CONNECTIONS_MAX)).unwrap();
    let began = tokio::time::Instant::now();
    assert_eq!(bot.get("/healthz").await, (200, "ok".to_owned()));
    assert!(began.elapsed() <= connections::HEAD_TIME_MAX * (turns + 1), "{:?}", began.elapsed());
    for mut half in halves {
        let mut rest = Vec::new();
        // It ends, with or without a word.
        drop(half.read_to_end(&mut rest).await);
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_ends() {
    let bot = Running::start(Access::default()).await;
    let began = tokio::time::Instant::now();
    let answer = say(bot.address, "GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(began.elapsed() <= connections::HEAD_TIME_MAX * 2, "{:?}", began.elapsed());
}
