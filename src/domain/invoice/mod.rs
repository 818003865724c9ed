//! An invoice: its terms, the facts known about it, and the state that follows from them.
//!
//! Nobody sets a state. Answers, transfers and human decisions are [`fact`]s; [`fold::fold`] tells
//! what they amount to, whatever their order, number or source.

pub mod credible;
pub mod fact;
pub mod fold;
pub mod kept;
pub mod notices;
pub mod polling;
pub mod report;
pub mod standing;
pub mod terms;
pub mod verify;

use crate::domain::{
    code::ShortCode,
    ids::{ConversationId, InvoiceId, MessageId, UserId},
    locale::Locale,
};
use fact::Facts;
use jiff::Timestamp;
use standing::Standing;
use terms::Terms;

/// An invoice with everything known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// The code that people use.
    pub code: ShortCode,
    /// Who asked for it; for a payment under a link, who tapped.
    pub creator: UserId,
    /// Where it was asked for, and where it is told about.
    pub conversation: ConversationId,
    /// Whether that is a group.
    pub in_group: bool,
    /// The message that asked for it, quoted by the card of a payment under a link in a group.
    pub asked_in: Option<MessageId>,
    /// What was agreed.
    pub terms: Terms,
    /// The language of its card, unless somebody chose another since.
    pub locale: Locale,
    /// When it was made.
    pub created_at: Timestamp,
    /// What is known.
    pub facts: Facts,
}

impl Invoice {
    /// The deadline that was told in the chat.
    pub fn deadline(&self) -> Timestamp {
        self.facts.deadlines().0
    }

    /// When MixPay closes the payment.
    pub fn closes_at(&self) -> Timestamp {
        self.facts.deadlines().1
    }

    /// What the facts amount to.
    pub fn standing(&self) -> Standing {
        fold::fold(&self.terms, &self.facts)
    }
}
