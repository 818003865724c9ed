//! Standing: what the facts about an invoice amount to; the result of the fold.

use crate::domain::{
    amount::Amount,
    ids::{TraceId, UserId},
    invoice::verify::Difference,
};
use jiff::Timestamp;

/// The state of an invoice (product.md §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// MixPay has not been told yet.
    Draft,
    /// It can be paid.
    Open,
    /// Less than the price has come.
    Partial,
    /// Money was seen and is not final.
    Processing,
    /// MixPay reviews it, or it takes unusually long.
    Review,
    /// Paid.
    Paid,
    /// Paid, and the payee has the money.
    Settled,
    /// The deadline passed without money.
    Expired,
    /// It came to nothing.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
    /// Money came, but the answer does not match what was asked for.
    Held,
}

impl State {
    /// The state's name, in logs, lists and exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Partial => "partial",
            Self::Processing => "processing",
            Self::Review => "review",
            Self::Paid => "paid",
            Self::Settled => "settled",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
        }
    }

    /// Whether the money is there.
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Paid | Self::Settled)
    }
}

/// What the facts amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The state.
    pub state: State,
    /// What is noteworthy besides.
    pub flags: Flags,
    /// The money that was seen, whether or not it is final.
    pub seen: Option<Sum>,
    /// Confirmations of that money, and how many are wanted.
    pub confirmations: Option<(u32, Option<u32>)>,
    /// What is missing of an underpaid payment.
    pub missing: Option<Sum>,
    /// The payment that counts.
    pub paid: Option<Payment>,
    /// What reached the payee.
    pub settled: Option<Sum>,
    /// Why it failed.
    pub failure: Option<FailureCause>,
    /// Where an answer differs from what was asked for.
    pub differences: Vec<Difference>,
    /// Whether the newest answer could not be read in full.
    pub unclear: bool,
    /// Over which time MixPay said that it is paid, in answers that could not be read; `None` once
    /// it is known what they mean.
    pub unread: Option<Unread>,
    /// What reached the bot before the price was verified.
    pub arrived: Option<Sum>,
    /// MixPay's time of the newest answer, Unix milliseconds.
    pub heard_ms: Option<i64>,
}

impl Standing {
    /// Whether MixPay says that it is paid and we cannot read what; "not paid" would be wrong then.
    pub const fn says_paid_unread(&self) -> bool {
        match self.state {
            State::Draft
            | State::Open
            | State::Partial
            | State::Processing
            | State::Review
            | State::Expired
            | State::Cancelled => self.unread.is_some(),
            State::Paid | State::Settled | State::Failed | State::Held => false,
        }
    }

    /// Whether that has lasted so long that people have to be told.
    pub fn is_long_unread(&self) -> bool {
        let lasted = |unread: Unread| unread.last_ms.saturating_sub(unread.first_ms);
        self.says_paid_unread() && self.unread.is_some_and(|unread| lasted(unread) >= UNREAD_MS)
    }

    /// Whether it failed before there was anything to pay.
    pub const fn was_never_made(&self) -> bool {
        matches!(self.failure, Some(FailureCause::Refused(_) | FailureCause::GivenUp))
    }
}

/// A success that cannot be read is told of after so long; before, the next answer may be better.
pub const UNREAD_MS: i64 = 5 * 60_000;

/// The time between two answers, Unix milliseconds by MixPay's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// The first of them.
    pub first_ms: i64,
    /// The last of them.
    pub last_ms: i64,
}

/// What is noteworthy about an invoice, besides its state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flags {
    /// More than the price came; MixPay returns this much.
    pub over: Option<Sum>,
    /// It was paid after the deadline, at this time (Unix milliseconds).
    pub late: Option<i64>,
    /// It was paid twice.
    pub double: bool,
    /// It was settled in this other asset.
    pub other_settlement: Option<String>,
    /// It is paid, and an answer says otherwise.
    pub contradicted: bool,
    /// A human accepted a short or failed payment.
    pub accepted_short: bool,
    /// A human decided.
    pub decided: Option<UserId>,
}

/// An amount of something, as people read it. The ticker is empty where MixPay gave none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sum {
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub symbol: String,
}

/// The payment that made an invoice paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// What was paid, if MixPay said; a human's word says nothing about it.
    pub sum: Option<Sum>,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Under which trace; `None` if a human decided.
    pub trace: Option<TraceId>,
}

/// Why an invoice came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureCause {
    /// MixPay would not make the payment, with its error code.
    Refused(i64),
    /// MixPay could not be told for a day.
    GivenUp,
    /// MixPay reports a failure, with its failure code; what was received it must return.
    Failed {
        /// `failureCode`; 0 if it gave none.
        code: i64,
        /// What it received.
        received: Option<Sum>,
    },
    /// A human rejected what came.
    Rejected(UserId),
}

/// MixPay's milliseconds as a time; the ends of time where they do not fit.
pub fn time_of_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_does_not_fit_is_the_end_of_time_on_its_side() {
        assert_eq!(time_of_ms(i64::MAX), Timestamp::MAX);
        assert_eq!(time_of_ms(i64::MIN), Timestamp::MIN);
        assert_eq!(time_of_ms(-1).as_millisecond(), -1);
    }
}
