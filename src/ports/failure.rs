//! What an outside call that failed means for its caller.

use std::time::Duration;

/// What an outside call that failed means for its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// It did not happen; trying again is safe and may help.
    Transient,
    /// It did not happen and never will.
    Permanent,
    /// It may have happened; only a look at the other side can tell.
    Unknown,
}

/// An outside call that failed: what it means, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{service} {call}: {reason}")]
pub struct CallError {
    /// What it means for the caller.
    pub failure: Failure,
    /// Whom we called: `mixin` or `mixpay`.
    pub service: &'static str,
    /// Which call, without ids or secrets: `POST /messages`.
    pub call: &'static str,
    /// Why.
    pub reason: Reason,
}

/// Why an outside call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The connection could not be made.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// The connection broke, or the deadline passed, after the request may have been sent.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// An answer that is not the service's JSON; the start of it is kept.
    #[error("status {status} with a body that is not understood: {start:?}")]
    NotUnderstood {
        /// The HTTP status.
        status: u16,
        /// At most 200 characters of the body.
        start: String,
    },
    /// The credentials are refused although the clocks agree.
    #[error("the credentials are refused")]
    Unauthorized,
    /// The credentials are refused and our clock differs from the server's.
    #[error("the credentials are refused and our clock is {seconds} s off the server's")]
    ClockSkew {
        /// Our time minus the server's, in seconds.
        seconds: i64,
    },
    /// Too many requests (429, 1429).
    #[error("too many requests")]
    Limited {
        /// How long to wait, if the service said.
        retry_after: Option<Duration>,
    },
    /// The service understood and said no, with its own code and words.
    #[error("refused with code {code}: {message}")]
    Refused {
        /// The service's error code.
        code: i64,
        /// The service's words; for logs, never matched on.
        message: String,
    },
}

impl CallError {
    /// The service's own code, if it said no.
    pub const fn code(&self) -> Option<i64> {
        match self.reason {
            Reason::Refused { code, .. } => Some(code),
            Reason::Unreachable(_)
            | Reason::NoAnswer(_)
            | Reason::NotUnderstood { .. }
            | Reason::Unauthorized
            | Reason::ClockSkew { .. }
            | Reason::Limited { .. } => None,
        }
    }
}
