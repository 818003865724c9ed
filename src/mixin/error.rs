//! Mixin's error codes, and what each means for the caller (mixin.md 6.10).

use crate::ports::failure::Failure;

/// An error code of Mixin that this bot can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// 400: the body is not understood.
    Malformed,
    /// 401: bad token, wrong clock, or a session that was revoked.
    Unauthorized,
    /// 403: blocked by the recipient, or not in the conversation.
    Forbidden,
    /// 404: no such object or endpoint.
    NotFound,
    /// 429: too many requests.
    TooManyRequests,
    /// 500, 7000, 7001: something broke at Mixin.
    Internal,
    /// 10001, 30100: an operation failed at Mixin, and may work later.
    OperationFailed,
    /// 10002: a field is invalid.
    InvalidField,
    /// 10006: Mixin wants a newer client.
    ClientTooOld,
    /// 10104, 10105, 2000002: something else is in the way just now.
    Busy,
    /// 10404, 20160: the receiver is not there or was deleted.
    ReceiverGone,
    /// 20116: the group is full.
    GroupFull,
    /// A code that has no meaning for this bot.
    Other(i64),
}

/// Whether asking changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only reads: if it failed, nothing happened.
    Reads,
    /// It writes: if no answer came, it may have happened.
    Writes,
}

impl Effect {
    /// What it means that the outcome is not known.
    pub const fn without_answer(self) -> Failure {
        match self {
            Self::Reads => Failure::Transient,
            Self::Writes => Failure::Unknown,
        }
    }
}

impl From<i64> for ErrorCode {
    fn from(code: i64) -> Self {
        match code {
            400 => Self::Malformed,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            429 => Self::TooManyRequests,
            500 | 7000 | 7001 => Self::Internal,
            10001 | 30100 => Self::OperationFailed,
            10002 => Self::InvalidField,
            10006 => Self::ClientTooOld,
            10104 | 10105 | 2_000_002 => Self::Busy,
            10404 | 20160 => Self::ReceiverGone,
            20116 => Self::GroupFull,
            other => Self::Other(other),
        }
    }
}

impl ErrorCode {
    /// What it means for the caller. A code that nobody knows is believed, unless the HTTP status
    /// says that the server itself is in trouble.
    pub const fn failure(self, status: u16, effect: Effect) -> Failure {
        match self {
            Self::Internal => effect.without_answer(),
            Self::Other(_) if status >= 500 => effect.without_answer(),
            Self::TooManyRequests | Self::OperationFailed | Self::Busy | Self::Unauthorized => {
                Failure::Transient
            }
            Self::Malformed
            | Self::Forbidden
            | Self::NotFound
            | Self::InvalidField
            | Self::ClientTooOld
            | Self::ReceiverGone
            | Self::GroupFull
            | Self::Other(_) => Failure::Permanent,
        }
    }

    /// Whether it says that what was asked for does not exist. An id that Mixin finds malformed
    /// exists no more than one that it does not find.
    pub const fn is_not_found(self) -> bool {
        match self {
            Self::NotFound | Self::InvalidField | Self::ReceiverGone => true,
            Self::Malformed
            | Self::Unauthorized
            | Self::Forbidden
            | Self::TooManyRequests
            | Self::Internal
            | Self::OperationFailed
            | Self::ClientTooOld
            | Self::Busy
            | Self::GroupFull
            | Self::Other(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_whether_another_try_can_help() {
        for (code, status, effect, expected) in [
            (10002, 202, Effect::Writes, Failure::Permanent),
            (403, 202, Effect::Writes, Failure::Permanent),
            (404, 202, Effect::Reads, Failure::Permanent),
            (429, 202, Effect::Writes, Failure::Transient),
            (500, 500, Effect::Reads, Failure::Transient),
            (500, 202, Effect::Writes, Failure::Unknown),
            (7000, 202, Effect::Writes, Failure::Unknown),
            (10105, 202, Effect::Writes, Failure::Transient),
            (10006, 202, Effect::Writes, Failure::Permanent),
            (20116, 202, Effect::Writes, Failure::Permanent),
            (77777, 202, Effect::Writes, Failure::Permanent),
            (77777, 503, Effect::Writes, Failure::Unknown),
            (77777, 503, Effect::Reads, Failure::Transient),
        ] {
            assert_eq!(ErrorCode::from(code).failure(status, effect), expected, "{code} {status}");
        }
    }
}
