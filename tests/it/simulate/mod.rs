//! `simulate`: the world as a server of its own.

mod control;
mod kills;
mod program;

use reqwest::{Client, StatusCode};
use serde_json::Value;

/// A client of the control API.
pub(crate) struct Control {
    pub(crate) http: Client,
    pub(crate) url: String,
}

impl Control {
    pub(crate) fn new(url: &str) -> Self {
        let http = mixpay_bot::runtime::client::http(&url.parse().unwrap()).unwrap();
        Self { http, url: url.to_owned() }
    }

    /// Asks, and tells the status and what was answered.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &str) -> (StatusCode, Value) {
        let method = method.parse().unwrap();
        let request = self.http.request(method, format!("{}{path}", self.url));
        let answer = request.body(body.to_owned()).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask("POST", path, &body.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{path} {body}: {answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask("GET", path, "").await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }
}

/// A field that is a text.
pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).unwrap().as_str().unwrap()
}
