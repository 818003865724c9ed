//! `POST /mixpay/callback`: MixPay says that something happened to a payment.
//!
//! The answer is what MixPay documents: status 200 with `{"code":"SUCCESS"}`; everything else makes
//! it say the same again later.

use crate::{
    http::{BODY_BYTES_MAX, Server, client_ip},
    ports::hints::{CallbackHint, HintOutcome},
};
use axum::{
    Json,
    body::Bytes,
    extract::{ConnectInfo, FromRequest, Request, State},
    http::{HeaderMap, StatusCode, header::CONTENT_LENGTH},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::{net::SocketAddr, sync::Arc};

/// What a callback was answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Noted,
    Unknown,
    NotUnderstood,
    TooLarge,
    Forbidden,
    NotNow,
}

impl Answer {
    /// The word in metrics.
    const fn word(self) -> &'static str {
        match self {
            Self::Noted => "noted",
            Self::Unknown => "unknown",
            Self::NotUnderstood => "not_understood",
            Self::TooLarge => "too_large",
            Self::Forbidden => "forbidden",
            Self::NotNow => "not_now",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::Noted => StatusCode::OK,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::NotUnderstood => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotNow => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let code = if self == Self::Noted { "SUCCESS" } else { "FAIL" };
        (self.status(), Json(json!({ "code": code }))).into_response()
    }
}

pub(crate) async fn callback(
    State(server): State<Arc<Server>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let answer = answer(&server, peer, request).await;
    server.metrics.callbacks.add(answer.word(), 1);
    tracing::debug!(callback.answer = answer.word(), "callback: {}", answer.word());
    answer.into_response()
}

async fn answer(server: &Server, peer: SocketAddr, request: Request) -> Answer {
    let client = client_ip::client_ip(peer.ip(), request.headers(), &server.access.trusted_proxies);
    if !server.access.may_call_back(client) {
        return Answer::Forbidden;
    }
    // A body that is announced as too long is not even read.
    if announced_bytes(request.headers()).is_some_and(|bytes| bytes > BODY_BYTES_MAX) {
        return Answer::TooLarge;
    }
    let hint = match Bytes::from_request(request, &()).await {
        Ok(body) => read(&body),
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => return Answer::TooLarge,
        Err(_) => None,
    };
    let Some(hint) = hint else { return Answer::NotUnderstood };
    match server.hints.hint(hint).await {
        Ok(HintOutcome::Noted) => Answer::Noted,
        Ok(HintOutcome::Unknown) => Answer::Unknown,
        Err(error) => {
            tracing::warn!("{:#}", anyhow::Error::from(error));
            Answer::NotNow
        }
    }
}

fn announced_bytes(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A callback's body. The content type is not looked at: MixPay documents none.
///
/// It is flat; a body that has its fields under `data` is not MixPay's. `None` is no callback.
pub fn read(body: &[u8]) -> Option<CallbackHint> {
    let fields: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let hint = CallbackHint {
        order: text(&fields, "orderId")?,
        trace: text(&fields, "traceId")?,
        payee: text(&fields, "payeeId")?,
    };
    (hint.order.is_some() || hint.trace.is_some()).then_some(hint)
}

/// A field that is a text, null or missing; `None` if it is anything else.
#[expect(clippy::option_option, reason = "wrong, missing and there are three things")]
fn text(fields: &Map<String, Value>, name: &str) -> Option<Option<String>> {
    match fields.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some((!text.is_empty()).then(|| text.clone())),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_a_flat_object_with_an_order_or_a_trace() {
        let hint = |order: Option<&str>, trace: Option<&str>, payee: Option<&str>| {
            let own = |text: Option<&str>| text.map(str::to_owned);
            Some(CallbackHint { order: own(order), trace: own(trace), payee: own(payee) })
        };
        for (body, read_as) in [
            (
                r#"{"orderId":"A1","traceId":"T1","payeeId":"P1"}"#,
                hint(Some("A1"), Some("T1"), Some("P1")),
            ),
            (r#"{"orderId":"A1"}"#, hint(Some("A1"), None, None)),
            (r#"{"traceId":"T1","orderId":""}"#, hint(None, Some("T1"), None)),
            (r#"{"traceId":"T1","orderId":null}"#, hint(None, Some("T1"), None)),
            (r#"{"traceId":"T1","event":{"x":[1]}}"#, hint(None, Some("T1"), None)),
            ("{}", None),
            ("", None),
            ("hello", None),
            (r#""T1""#, None),
            (r#"["A1","T1","P1"]"#, None),
            (r#"[{"traceId":"T1"}]"#, None),
            (r#"{"data":{"orderId":"A1","traceId":"T1"}}"#, None),
            (r#"{"orderId":17}"#, None),
            (r#"{"orderId":17,"traceId":"T1"}"#, None),
            (r#"{"traceId":"T1","payeeId":[]}"#, None),
            (r#"{"orderId":"","traceId":""}"#, None),
            (r#"{"payeeId":"P1"}"#, None),
            (r#"{"traceId":"T1"} and more"#, None),
            ("orderId=A1&traceId=T1", None),
        ] {
            assert_eq!(read(body.as_bytes()), read_as, "{body}");
        }
        assert_eq!(read(b"{\"orderId\":\"\xff\"}"), None);
    }
}
