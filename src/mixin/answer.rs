//! Answers: what came back over HTTP becomes data, or a [`CallError`] that says what the failure
//! means (mixin.md 2.4, 2.5).

use crate::{
    mixin::{
        api::{Call, unanswered},
        error::ErrorCode,
    },
    ports::failure::{CallError, Failure, Reason, retry_after},
};
use jiff::Timestamp;
use reqwest::{
    Response,
    header::{DATE, HeaderMap, HeaderName, RETRY_AFTER},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::time::Duration;

/// An answer's body has at most this many bytes; more is not read.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// An error keeps at most this many characters of a body that is not understood.
const START_CHARS_MAX: usize = 200;
/// From this difference on, Mixin refuses tokens because of the clock.
const SKEW_SECONDS_MIN: i64 = 300;
/// Mixin's clock in nanoseconds, on every answer.
const SERVER_TIME: &str = "X-Server-Time";

/// The HTTP side of an answer.
pub(crate) struct Answer {
    status: u16,
    body: Vec<u8>,
    retry_after: Option<Duration>,
    /// Our clock minus the server's, in seconds, if the server told.
    pub(crate) skew: Option<i64>,
    /// The server's time, if it told.
    pub(crate) server_time: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<WireError>,
}

/// An error as Mixin writes it, over HTTP and over Blaze.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireError {
    pub(crate) code: i64,
    pub(crate) description: Option<String>,
    extra: Option<serde_json::Value>,
}

impl WireError {
    /// The words of the error, for logs.
    pub(crate) fn message(&self) -> String {
        let mut message = self.description.clone().unwrap_or_default();
        if let Some(extra) = &self.extra {
            message = format!("{message} {extra}");
        }
        message.chars().take(START_CHARS_MAX).collect()
    }
}

impl Answer {
    /// Reads an answer to the end, or to the bound.
    pub(crate) async fn receive(
        call: &Call,
        mut answer: Response,
        our_seconds: i64,
    ) -> Result<Self, CallError> {
        let status = answer.status().as_u16();
        let server_time = server_time(answer.headers());
        let skew = server_time.map(|time| our_seconds.saturating_sub(time.as_second()));
        let says = |name: HeaderName| header(answer.headers(), name.as_str());
        let now = Timestamp::from_second(our_seconds).ok();
        let retry_after = retry_after(says(RETRY_AFTER), says(DATE), now);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| unanswered(call, error))? {
            if body.len().saturating_add(chunk.len()) > ANSWER_BYTES_MAX {
                let failure = call.effect.without_answer();
                return Err(call.error(failure, not_understood(status, &body)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self { status, body, retry_after, skew, server_time })
    }

    pub(crate) fn is_unauthorized(&self) -> bool {
        self.error().map_or(self.status == 401, |error| error.code == 401)
    }

    /// Whether Mixin itself says, in its own words, that the credentials are refused.
    pub(crate) fn names_unauthorized(&self) -> bool {
        self.error().is_some_and(|error| error.code == 401)
    }

    /// The error that the body tells of.
    fn error(&self) -> Option<WireError> {
        let envelope: Envelope<'_> = serde_json::from_slice(&self.body).ok()?;
        envelope.error.filter(|error| error.code > 0)
    }

    /// The data, or what the failure means. The body decides, not the status: Mixin reports
    /// errors with 202 (mixin.md 2.5).
    pub(crate) fn read<T: DeserializeOwned>(&self, call: &Call) -> Result<T, CallError> {
        if let Some(error) = self.error() {
            let code = ErrorCode::from(error.code);
            let reason = match code {
                ErrorCode::TooManyRequests => Reason::Limited { retry_after: self.retry_after },
                ErrorCode::Malformed
                | ErrorCode::Unauthorized
                | ErrorCode::Forbidden
                | ErrorCode::NotFound
                | ErrorCode::Internal
                | ErrorCode::OperationFailed
                | ErrorCode::InvalidField
                | ErrorCode::ClientTooOld
                | ErrorCode::Busy
                | ErrorCode::ReceiverGone
                | ErrorCode::GroupFull
                | ErrorCode::Other(_) => {
                    Reason::Refused { code: error.code, message: error.message() }
                }
            };
            return Err(call.error(code.failure(self.status, call.effect), reason));
        }
        let failure = match self.status {
            200..=299 => {
                let data = serde_json::from_slice::<Envelope<'_>>(&self.body)
                    .map(|envelope| envelope.data.map_or("null", RawValue::get))
                    .and_then(serde_json::from_str);
                match data {
                    Ok(data) => return Ok(data),
                    // Mixin did something, and we cannot read what.
                    Err(_) => call.effect.without_answer(),
                }
            }
            // The request is too long, and will be so the next time.
            413 | 414 | 431 => Failure::Permanent,
            429 => {
                let reason = Reason::Limited { retry_after: self.retry_after };
                return Err(call.error(Failure::Transient, reason));
            }
            500.. => call.effect.without_answer(),
            // Not Mixin's words, so something in between refused, and that may pass.
            _ => Failure::Transient,
        };
        Err(call.error(failure, not_understood(self.status, &self.body)))
    }
}

/// Whether our clock is so far off that Mixin refuses tokens for it.
pub(crate) const fn is_skewed(seconds: i64) -> bool {
    seconds.saturating_abs() >= SKEW_SECONDS_MIN
}

/// What was found, or `None` if the call says that it does not exist.
pub(crate) fn found<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.code().is_some_and(|code| ErrorCode::from(code).is_not_found()) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn server_time(headers: &HeaderMap) -> Option<Timestamp> {
    let nanoseconds: i64 = header(headers, SERVER_TIME)?.parse().ok()?;
    Timestamp::from_nanosecond(nanoseconds.into()).ok()
}

fn not_understood(status: u16, body: &[u8]) -> Reason {
    // Four bytes a character are enough; the rest of a long body need not be looked at.
    let start = body.get(..START_CHARS_MAX.saturating_mul(4)).unwrap_or(body);
    let start = String::from_utf8_lossy(start).chars().take(START_CHARS_MAX).collect();
    Reason::NotUnderstood { status, start }
}
