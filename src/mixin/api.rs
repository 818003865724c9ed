//! One signed HTTP call: the body is serialised once, its bytes are signed and sent, and the answer
//! becomes data or a [`CallError`] that says what the failure means (mixin.md 2).

use crate::{
    keystore::Keystore,
    mixin::{
        answer::{Answer, is_skewed},
        error::Effect,
        server_clock::ServerClock,
        token::{self, Claims},
        verdict::{Admission, Verdicts},
    },
    ports::{
        failure::{CallError, Failure, Reason},
        ids::Ids,
        time::{Clock, Shown},
    },
};
use reqwest::{
    Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use url::Url;

/// Whom we call, as errors name it.
pub(crate) const SERVICE: &str = "mixin";

/// What signs and sends the calls of one bot.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) keystore: Arc<Keystore>,
    base: Url,
    http: reqwest::Client,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    /// What Mixin thinks of our credentials, for all callers together.
    pub(crate) verdicts: Verdicts,
    pub(crate) server_clock: ServerClock,
}

/// A call that is to be made.
#[derive(Debug)]
pub(crate) struct Call {
    /// Which call, without ids: `GET /users/:id`.
    pub(crate) name: &'static str,
    /// The path and query, percent-encoded.
    path: String,
    method: Method,
    body: Vec<u8>,
    pub(crate) effect: Effect,
}

/// What became of credentials that were refused somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// They are good: the refusal was for something else.
    Good,
    /// They are refused although the clocks agree.
    Refused,
    /// They are refused and our clock is off by so many seconds.
    Skewed(i64),
    /// Nobody could be asked.
    Unknown(CallError),
}

impl Call {
    /// A call that reads.
    pub(crate) const fn get(name: &'static str, path: String) -> Self {
        Self { name, path, method: Method::GET, body: Vec::new(), effect: Effect::Reads }
    }

    /// A call that reads what this JSON, its body, names.
    pub(crate) const fn post_to_read(name: &'static str, path: String, body: Vec<u8>) -> Self {
        Self { name, path, method: Method::POST, body, effect: Effect::Reads }
    }

    /// A call that writes, with this JSON as its body.
    pub(crate) const fn post(name: &'static str, path: String, body: Vec<u8>) -> Self {
        Self { name, path, method: Method::POST, body, effect: Effect::Writes }
    }

    /// A call that writes, without a body.
    pub(crate) const fn post_empty(name: &'static str, path: String) -> Self {
        Self { name, path, method: Method::POST, body: Vec::new(), effect: Effect::Writes }
    }

    /// An error of this call.
    pub(crate) const fn error(&self, failure: Failure, reason: Reason) -> CallError {
        CallError { failure, service: SERVICE, call: self.name, reason }
    }
}

impl Api {
    pub(crate) fn new(
        keystore: Arc<Keystore>,
        base: Url,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        let (server_clock, verdicts) = (ServerClock::default(), Verdicts::default());
        Self { keystore, base, http, clock, ids, verdicts, server_clock }
    }

    pub(crate) const fn base(&self) -> &Url {
        &self.base
    }

    pub(crate) const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Makes a call. A refusal of the credentials is looked into before it is believed, and what
    /// is found out then holds for all callers.
    pub(crate) async fn call<T: DeserializeOwned>(&self, call: Call) -> Result<T, CallError> {
        self.admitted().await.map_err(|reason| call.error(reason.0, reason.1))?;
        let answer = self.send(&call).await?;
        if !answer.is_unauthorized() {
            return answer.read(&call);
        }
        match self.credentials().await {
            Credentials::Refused => Err(call.error(Failure::Permanent, Reason::Unauthorized)),
            Credentials::Skewed(seconds) => {
                Err(call.error(Failure::Transient, Reason::ClockSkew { seconds }))
            }
            Credentials::Good => answer.read(&call),
            Credentials::Unknown(error) => {
                tracing::debug!(%error, "the credentials could not be checked");
                answer.read(&call)
            }
        }
    }

    /// Whether a call may be made now. While our clock is off, one caller a minute finds out
    /// whether it still is, and all others are told so without a request.
    pub(crate) async fn admitted(&self) -> Result<(), (Failure, Reason)> {
        let skewed = |seconds| (Failure::Transient, Reason::ClockSkew { seconds });
        match self.verdicts.admit(self.clock.now()) {
            Admission::Free => Ok(()),
            Admission::Held(seconds) => Err(skewed(seconds)),
            Admission::Probe(seconds) => match self.credentials().await {
                Credentials::Good => Ok(()),
                Credentials::Refused => Err((Failure::Permanent, Reason::Unauthorized)),
                Credentials::Skewed(seconds) => Err(skewed(seconds)),
                Credentials::Unknown(error) => {
                    tracing::debug!(%error, "the credentials could not be checked");
                    Err(skewed(seconds))
                }
            },
        }
    }

    /// Whether Mixin accepts our credentials: a fresh token and `GET /me` (product.md §5, "401").
    /// Whoever asks, everybody learns the answer.
    pub(crate) async fn credentials(&self) -> Credentials {
        let found = self.ask_credentials().await;
        self.verdicts.learn(&found, self.clock.now());
        found
    }

    async fn ask_credentials(&self) -> Credentials {
        let call = Call::get("GET /me", "/me".to_owned());
        let answer = match self.send(&call).await {
            Ok(answer) => answer,
            Err(error) => return Credentials::Unknown(error),
        };
        if answer.is_unauthorized() {
            return match answer.skew {
                Some(seconds) if is_skewed(seconds) => Credentials::Skewed(seconds),
                Some(_) => Credentials::Refused,
                // Without Mixin's clock only Mixin's own words count: a machine in between may
                // refuse what it likes, and that may pass.
                None if answer.names_unauthorized() => Credentials::Refused,
                None => match answer.read::<serde::de::IgnoredAny>(&call) {
                    Ok(_) => Credentials::Good,
                    Err(error) => Credentials::Unknown(error),
                },
            };
        }
        match answer.read::<serde::de::IgnoredAny>(&call) {
            Ok(_) => Credentials::Good,
            Err(error) => Credentials::Unknown(error),
        }
    }

    /// A token for one request.
    pub(crate) fn token(
        &self,
        method: &str,
        path_and_query: &str,
        body: &[u8],
    ) -> Result<(uuid::Uuid, String), token::TokenError> {
        let request = self.ids.uuid();
        let signature = token::signature(method, path_and_query, body);
        let claims = Claims::new(&self.keystore, request, signature, self.clock.now());
        Ok((request, claims.sign(&self.keystore)?))
    }

    async fn send(&self, call: &Call) -> Result<Answer, CallError> {
        let not_sent = |why: String| call.error(Failure::Permanent, Reason::Unreachable(why));
        let url = self.base.join(&call.path).map_err(|error| not_sent(error.to_string()))?;
        // Signed is what the URL holds after parsing, since that is what goes over the wire.
        let sent = url
            .query()
            .map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let method = call.method.clone();
        let (request, token) = self
            .token(method.as_str(), &sent, &call.body)
            .map_err(|error| not_sent(error.to_string()))?;
        let request = self
            .http
            .request(method, url)
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header("X-Request-Id", request.to_string());
        let has_body = call.method == Method::POST;
        let request = if has_body { request.body(call.body.clone()) } else { request };
        match request.send().await {
            Ok(answer) => {
                let steady = self.clock.steady();
                let answer = Answer::receive(call, answer, self.clock.now().as_second()).await?;
                if let Some(theirs) = answer.server_time {
                    self.server_clock.show(Shown { theirs, steady });
                }
                Ok(answer)
            }
            Err(error) => Err(unanswered(call, error)),
        }
    }
}

/// A request that brought no answer. Without its URL, which may be one of an upload.
pub(crate) fn unanswered(call: &Call, error: reqwest::Error) -> CallError {
    let error = error.without_url();
    let mut why = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        why = format!("{why}: {cause}");
        source = cause.source();
    }
    if error.is_builder() {
        call.error(Failure::Permanent, Reason::Unreachable(why))
    } else if error.is_connect() {
        call.error(Failure::Transient, Reason::Unreachable(why))
    } else {
        call.error(call.effect.without_answer(), Reason::NoAnswer(why))
    }
}

/// Serialises a body, once.
pub(crate) fn json(name: &'static str, body: &impl Serialize) -> Result<Vec<u8>, CallError> {
    serde_json::to_vec(body).map_err(|error| no_json(name, &error))
}

/// A call that cannot be written down.
pub(crate) fn no_json(name: &'static str, error: &serde_json::Error) -> CallError {
    let reason = Reason::Unreachable(format!("the request cannot be written: {error}"));
    CallError { failure: Failure::Permanent, service: SERVICE, call: name, reason }
}

/// Percent-encodes a value for a path or a query: letters, digits and `-_.~` stay.
pub(crate) fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push_str(&hex::encode_upper([byte]));
        }
    }
    text
}
