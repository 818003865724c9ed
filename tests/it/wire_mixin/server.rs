//! A server on this machine that records what it is asked and answers as a test wants.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use url::Url;

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

type Answers = Box<dyn Fn(&Asked) -> Response + Send + Sync>;

pub(super) struct Server {
    pub(super) url: Url,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Clone)]
struct Shared {
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<Answers>,
}

impl Server {
    /// A server that answers so.
    pub(super) async fn start(
        answers: impl Fn(&Asked) -> Response + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let shared = Shared { asked: Arc::clone(&asked), answers: Arc::new(Box::new(answers)) };
        let router = Router::new().fallback(answer).with_state(shared);
        #[expect(clippy::disallowed_methods, reason = "a test ends before its server")]
        drop(tokio::spawn(async move { axum::serve(listener, router).await }));
        Self { url, asked }
    }

    /// What was asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().unwrap().to_string();
    let asked = Asked { method: method.to_string(), path, headers, body: body.to_vec() };
    let answer = (shared.answers)(&asked);
    shared.asked.lock().unwrap().push(asked);
    answer
}

/// An answer with data.
#[expect(clippy::needless_pass_by_value, reason = "tests write the value in the call")]
pub(super) fn data(data: Value) -> Response {
    raw(200, &json!({ "data": data }).to_string())
}

/// An error in Mixin's manner.
pub(super) fn error(code: i64) -> Response {
    let error = json!({ "status": 202, "code": code, "description": "no", "extra": {} });
    raw(202, &json!({ "error": error }).to_string())
}

/// An answer of any status and body.
pub(super) fn raw(status: u16, body: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), body.to_owned()).into_response()
}

/// The same answer with the server's clock, Unix seconds.
pub(super) fn at(seconds: i64, mut answer: Response) -> Response {
    let time = format!("{seconds}000000001").parse().unwrap();
    answer.headers_mut().insert("X-Server-Time", time);
    answer
}
