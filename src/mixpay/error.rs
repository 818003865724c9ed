//! What an answer, or the lack of one, means for the caller.

use super::wire::{Envelope, Said, Success};
use crate::{
    domain::mixpay_code::ApiCode,
    ports::failure::{CallError, Failure, Reason},
};
use std::{error::Error as _, time::Duration};

/// Of a body that is not understood, so many characters are kept.
const START_CHARS_MAX: usize = 200;
/// Whom we call, as [`CallError::service`] has it.
const SERVICE: &str = "mixpay";

/// A call: its name, and what may have happened if no answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// It changes nothing, so it can always be made again.
    Read(&'static str),
    /// It may have changed something, unless MixPay says no.
    Write(&'static str),
}

/// An HTTP answer.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) status: u16,
    /// What `Retry-After` says.
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

/// MixPay says that there is no such payment. That is an answer with a time of its own, like any
/// other state of a payment.
#[derive(Debug)]
pub(super) struct NotFound {
    /// When it said so, if it told.
    pub(super) reported_ms: Option<i64>,
}

impl NotFound {
    pub(super) fn read(heard: &Heard) -> Option<Self> {
        match Envelope::read(&heard.body)? {
            Said::No { code, reported_ms, .. }
                if ApiCode::from(code) == ApiCode::NotFound && heard.status < 429 =>
            {
                Some(Self { reported_ms })
            }
            Said::No { .. } | Said::Yes(_) => None,
        }
    }
}

impl Call {
    /// Judges an answer: by its envelope first, and by the HTTP status where there is none.
    pub(super) fn judge(self, heard: &Heard) -> Result<Success, CallError> {
        if heard.status == 429 {
            return Err(self.limited(heard));
        }
        match Envelope::read(&heard.body) {
            Some(Said::Yes(success)) if heard.status < 500 => Ok(success),
            Some(Said::No { code, .. }) if ApiCode::from(code) == ApiCode::TooManyRequests => {
                Err(self.limited(heard))
            }
            Some(Said::No { code, message, .. }) => {
                let failure = if heard.status >= 500 {
                    self.unanswered()
                } else if is_passing(ApiCode::from(code)) {
                    Failure::Transient
                } else {
                    Failure::Permanent
                };
                Err(self.error(failure, Reason::Refused { code, message }))
            }
            Some(Said::Yes(_)) | None => Err(self.not_understood(heard)),
        }
    }

    /// The answer came, but it is not what it should be.
    pub(super) fn not_understood(self, heard: &Heard) -> CallError {
        let start = String::from_utf8_lossy(&heard.body).chars().take(START_CHARS_MAX).collect();
        let reason = Reason::NotUnderstood { status: heard.status, start };
        self.error(self.unanswered(), reason)
    }

    /// The deadline passed.
    pub(super) fn timed_out(self, after: Duration) -> CallError {
        let reason = Reason::NoAnswer(format!("nothing for {} s", after.as_secs()));
        self.error(self.unanswered(), reason)
    }

    /// The connection failed, before or after the request was sent.
    pub(super) fn broken(self, error: reqwest::Error) -> CallError {
        let unsent = error.is_connect() || error.is_builder();
        // The URL holds traces; logs name them elsewhere.
        let error = error.without_url();
        let mut why = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            why.push_str(": ");
            why.push_str(&cause.to_string());
            source = cause.source();
        }
        if unsent {
            self.error(Failure::Transient, Reason::Unreachable(why))
        } else {
            self.error(self.unanswered(), Reason::NoAnswer(why))
        }
    }

    fn limited(self, heard: &Heard) -> CallError {
        self.error(Failure::Transient, Reason::Limited { retry_after: heard.retry_after })
    }

    fn unanswered(self) -> Failure {
        match self {
            Self::Read(_) => Failure::Transient,
            Self::Write(_) => Failure::Unknown,
        }
    }

    fn error(self, failure: Failure, reason: Reason) -> CallError {
        let (Self::Read(call) | Self::Write(call)) = self;
        CallError { failure, service: SERVICE, call, reason }
    }
}

/// Whether the same request may be taken later.
fn is_passing(code: ApiCode) -> bool {
    const PASSING: [ApiCode; 4] = [
        ApiCode::ServerError,
        ApiCode::PaymentsSuspended,
        ApiCode::WithdrawalsSuspended,
        ApiCode::PriceException,
    ];
    PASSING.contains(&code)
}
