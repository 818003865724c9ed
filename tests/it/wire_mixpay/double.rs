//! A server on loopback that gives one answer to everything, and remembers what it was asked.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use mixpay_bot::mixpay::{Endpoints, MixPay};
use std::sync::{Arc, Mutex};
use tokio::{net::TcpListener, task::JoinSet};

/// What the server was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// `GET /payments_info?traceId=…`.
    pub(super) line: String,
    pub(super) body: String,
}

/// What the server answers.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) retry_after: Option<&'static str>,
    pub(super) body: Vec<u8>,
}

pub(super) struct Double {
    pub(super) mixpay: MixPay,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Ends the server when the double is dropped.
    _server: JoinSet<()>,
}

impl Double {
    pub(super) async fn answering(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::replying(Reply { status, retry_after: None, body: body.into() }).await
    }

    pub(super) async fn replying(reply: Reply) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new().fallback(answer).with_state((reply, Arc::clone(&asked)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mixpay = client_of(&format!("http://{}/v1/", listener.local_addr().unwrap()));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { mixpay, asked, _server: server }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

type Shared = (Reply, Arc<Mutex<Vec<Asked>>>);

async fn answer(
    State((reply, asked)): State<Shared>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    asked.lock().unwrap().push(Asked { line: format!("{method} {uri}"), body });
    let mut response = reply.body.into_response();
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap();
    if let Some(seconds) = reply.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.parse().unwrap());
    }
    response
}

/// A client of the API at `api`.
pub(super) fn client_of(api: &str) -> MixPay {
    let tls = rustls::ClientConfig::builder_with_provider(
        rustls::crypto::ring::default_provider().into(),
    )
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(rustls::RootCertStore::empty())
    .with_no_client_auth();
    let http =
        reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap();
    let endpoints = Endpoints { api: api.to_owned(), ..Endpoints::default() };
    MixPay::new(http, endpoints)
}
