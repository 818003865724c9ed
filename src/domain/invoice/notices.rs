//! Notices: what to tell because the standing of an invoice has changed.

use crate::domain::invoice::standing::{Standing, State};

/// Something to tell about an invoice. Each kind is told at most once; its id is derived from the
/// invoice and [`Notice::key`], never from a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notice {
    /// The card, with the pay button and the QR code.
    Card,
    /// Money was seen and is not final.
    Seen,
    /// Less than the price came.
    Partial,
    /// MixPay reviews the payment.
    Review,
    /// A transfer arrived, and MixPay has not confirmed the price yet.
    Arrived,
    /// Paid. If it is settled at once, this says both.
    Paid,
    /// The payee has the money.
    Settled,
    /// The deadline passed.
    Expired,
    /// It came to nothing.
    Failed,
    /// Cancelled.
    Cancelled,
    /// Money came that does not match.
    Held,
    /// It is paid, and an answer says otherwise.
    Contradicted,
    /// It was paid twice.
    Double,
    /// MixPay says that it was paid, in words that could not be read for long.
    Unread,
}

impl Notice {
    /// The part of the notice's id that names its kind.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Seen => "seen",
            Self::Partial => "partial",
            Self::Review => "review",
            Self::Arrived => "arrived",
            Self::Paid => "paid",
            Self::Settled => "settled",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
            Self::Contradicted => "contradicted",
            Self::Double => "double",
            Self::Unread => "unread",
        }
    }

    /// Whether the phone stays quiet: the state needs nobody's attention.
    pub const fn is_silent(self) -> bool {
        match self {
            Self::Seen | Self::Settled | Self::Arrived | Self::Review => true,
            Self::Card
            | Self::Partial
            | Self::Paid
            | Self::Expired
            | Self::Failed
            | Self::Cancelled
            | Self::Held
            | Self::Contradicted
            | Self::Double
            | Self::Unread => false,
        }
    }

    /// Whether this ends the story, or needs somebody: then it is told whatever a group's rules
    /// say, and however much was told before.
    pub const fn is_closing(self) -> bool {
        match self {
            Self::Card
            | Self::Paid
            | Self::Expired
            | Self::Failed
            | Self::Held
            | Self::Contradicted
            | Self::Double
            | Self::Unread => true,
            Self::Cancelled
            | Self::Seen
            | Self::Partial
            | Self::Review
            | Self::Arrived
            | Self::Settled => false,
        }
    }
}

/// What to tell because `before` became `after`.
pub fn notices(before: &Standing, after: &Standing) -> Vec<Notice> {
    let mut notices = Vec::new();
    let entered = |state: State| before.state != state && after.state == state;
    if before.state == State::Draft && after.state == State::Open {
        notices.push(Notice::Card);
    }
    if entered(State::Partial) {
        notices.push(Notice::Partial);
    }
    if entered(State::Processing) && before.seen.is_none() && after.seen.is_some() {
        notices.push(Notice::Seen);
    }
    if entered(State::Review) {
        notices.push(Notice::Review);
    }
    if before.arrived.is_none() && after.arrived.is_some() && !after.state.is_paid() {
        notices.push(Notice::Arrived);
    }
    if !before.state.is_paid() && after.state.is_paid() {
        notices.push(Notice::Paid);
    } else if entered(State::Settled) {
        notices.push(Notice::Settled);
    }
    for (state, notice) in [
        (State::Expired, Notice::Expired),
        (State::Failed, Notice::Failed),
        (State::Cancelled, Notice::Cancelled),
        (State::Held, Notice::Held),
    ] {
        if entered(state) {
            notices.push(notice);
        }
    }
    if !before.flags.contradicted && after.flags.contradicted && before.state.is_paid() {
        notices.push(Notice::Contradicted);
    }
    if !before.flags.double && after.flags.double {
        notices.push(Notice::Double);
    }
    if !before.is_long_unread() && after.is_long_unread() {
        notices.push(Notice::Unread);
    }
    notices
}
