//! Causes: every purpose that an id is derived for, with what tells one such id from the next.
//!
//! The words here are kept for good. With another word what is shown already would be shown again,
//! and a payment be made a second time; a test holds each id.

use crate::domain::{
    derive::Secret,
    ids::{ConversationId, EffectId, InvoiceId, MessageId, SnapshotId, UserId},
};
use jiff::Timestamp;
use uuid::Uuid;

/// What an id is derived from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause<'a> {
    /// The answer to a message.
    Reply(MessageId),
    /// A message could not be handled, and whoever sent it is told.
    Broke(MessageId),
    /// What was asked for through a supergroup bot is shown to the person.
    Relayed(MessageId),
    /// An invoice that was asked for through a supergroup bot is told about in private.
    Home(MessageId),
    /// The card of an invoice.
    Card(InvoiceId),
    /// The card, for whoever is asked for the payment.
    Payer(InvoiceId),
    /// A request is saved until MixPay answers.
    Saved(InvoiceId),
    /// Something is told of an invoice, by the key of the notice.
    Notice(InvoiceId, &'a str),
    /// The same, to somebody else than whoever asked for it.
    Told(InvoiceId, &'a str, UserId),
    /// The same, to an operator.
    Operator(InvoiceId, &'a str, UserId),
    /// A transfer that belongs to an invoice or a link.
    Transfer(SnapshotId),
    /// A transfer that belongs to nothing, to an operator.
    Unmatched(SnapshotId, UserId),
    /// A transfer that belongs to nothing, to its sender.
    UnmatchedSender(SnapshotId),
    /// The transfers that were only counted, since that time, to an operator.
    Untold(Timestamp, UserId),
    /// What was set aside until that time, to an operator.
    Aside(Timestamp, UserId),
    /// Our clock is wrong, in that stretch of time, to an operator.
    Clock(i64, UserId),
    /// A message was given up on, to an operator.
    GivenUp(EffectId, UserId),
    /// An invoice, made for a message.
    Invoice(MessageId),
    /// The trace of an attempt to make an invoice's payment; attempts count from 1.
    Trace(InvoiceId, u32),
    /// The job that makes that attempt.
    Open(InvoiceId, u32),
    /// A conversation is opened.
    Meet(ConversationId),
    /// It is found out who somebody is.
    FindPerson(UserId),
    /// It is found out who runs a group.
    FindGroup(ConversationId),
    /// A message waits for its turn, when so much was found out for it.
    Turn(MessageId, usize),
    /// Something is found out for a message alone, when so much was found out for it.
    Question(MessageId, usize),
    /// The place where a multisig of these members is kept.
    Multisig(&'a [UserId]),
}

impl Cause<'_> {
    /// The word for the purpose, and the parts.
    fn words(&self) -> (&'static str, Vec<String>) {
        let parts = |parts: &[&dyn ToString]| parts.iter().map(|part| part.to_string()).collect();
        match self {
            Self::Reply(message) => ("reply", parts(&[message])),
            Self::Broke(message) => ("broke", parts(&[message])),
            Self::Relayed(message) => ("relayed", parts(&[message])),
            Self::Home(message) => ("home", parts(&[message])),
            Self::Card(invoice) => ("card", parts(&[invoice])),
            Self::Payer(invoice) => ("asked", parts(&[invoice])),
            Self::Saved(invoice) => ("saved", parts(&[invoice])),
            Self::Notice(invoice, key) => ("notice", parts(&[invoice, key])),
            Self::Told(invoice, key, to) => ("told", parts(&[invoice, key, to])),
            Self::Operator(invoice, key, to) => ("operator", parts(&[invoice, key, to])),
            Self::Transfer(snapshot) => ("transfer", parts(&[snapshot])),
            Self::Unmatched(snapshot, to) => ("unmatched", parts(&[snapshot, to])),
            Self::UnmatchedSender(snapshot) => ("unmatched-sender", parts(&[snapshot])),
            Self::Untold(since, to) => ("untold", parts(&[since, to])),
            Self::Aside(until, to) => ("aside", parts(&[until, to])),
            Self::Clock(stretch, to) => ("clock", parts(&[stretch, to])),
            Self::GivenUp(effect, to) => ("given-up", parts(&[effect, to])),
            Self::Invoice(message) => ("invoice", parts(&[message])),
            Self::Trace(invoice, attempt) => ("trace", parts(&[invoice, attempt])),
            Self::Open(invoice, attempt) => ("open", parts(&[invoice, attempt])),
            Self::Meet(conversation) => ("meet", parts(&[conversation])),
            Self::FindPerson(user) => ("find", vec![format!("person:{user}")]),
            Self::FindGroup(conversation) => ("find", vec![format!("group:{conversation}")]),
            Self::Turn(message, known) => ("turn", parts(&[message, known])),
            Self::Question(message, known) => ("ask", parts(&[message, known])),
            Self::Multisig(members) => {
                ("multisig", members.iter().map(ToString::to_string).collect())
            }
        }
    }

    /// The id.
    pub fn id(&self, secret: &Secret) -> Uuid {
        let (purpose, parts) = self.words();
        secret.derive(purpose, &parts)
    }

    /// The id of one of the messages that this causes; they count from 0.
    pub fn message(&self, number: usize, secret: &Secret) -> MessageId {
        let (purpose, mut parts) = self.words();
        parts.push(number.to_string());
        MessageId::new(secret.derive(purpose, &parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every cause with the id that databases and chats hold of it, reckoned by another program.
    #[test]
    fn no_id_changes() {
        let id = Uuid::from_u128;
        let (message, invoice) = (MessageId::new(id(1)), InvoiceId::new(id(2)));
        let (snapshot, effect) = (SnapshotId::new(id(3)), EffectId::new(id(4)));
        let (conversation, person) = (ConversationId::new(id(5)), UserId::new(id(6)));
        let time = "2026-11-21T14:00:00Z".parse().unwrap();
        let secret = Secret::new([7; 32]);
        for (cause, expected) in [
            (Cause::Reply(message), "83fd3d59-69fc-418c-850a-471514e71d6d"),
            (Cause::Broke(message), "b05d5fbf-9516-4416-8ed6-c6b813c0f866"),
            (Cause::Relayed(message), "d5d8dd7e-bbe6-422f-9a44-017f4af2009f"),
            (Cause::Home(message), "927f041c-9244-47a8-ab12-d957cf334af3"),
            (Cause::Card(invoice), "dacaf5ac-f0aa-4c33-8ec9-c013e6c45f8f"),
            (Cause::Payer(invoice), "be8f2f7f-f6ec-412e-985f-ecfd82c8cffe"),
            (Cause::Saved(invoice), "618a846b-318e-4fd0-af15-b8f26112e8f0"),
            (Cause::Notice(invoice, "paid"), "a0207f8c-111a-438f-b534-870ea4a785bc"),
            (Cause::Told(invoice, "paid", person), "73d862c0-ca47-464f-8811-579f085055b4"),
            (Cause::Operator(invoice, "held", person), "0d71c172-692d-4769-85ec-94513d53c3f9"),
            (Cause::Transfer(snapshot), "e1bc530e-f083-4f9e-a150-291cbb60a03e"),
            (Cause::Unmatched(snapshot, person), "032cdd6d-bc30-4b51-b7e3-f8b9c5322fe6"),
            (Cause::UnmatchedSender(snapshot), "325654d5-05bc-4c36-90fb-08ae46028206"),
            (Cause::Untold(time, person), "121de226-f252-42f7-b687-9b8b05086237"),
            (Cause::Aside(time, person), "37a412f3-d4c6-4297-a46f-d6ab9f4e05a4"),
            (Cause::Clock(7, person), "e24e6b50-af70-4909-9f2f-5afe3d24b874"),
            (Cause::GivenUp(effect, person), "0ad67279-fde1-4bfd-9014-9d9ccf8ccf77"),
            (Cause::Invoice(message), "bf3418bc-9913-46b0-b4c7-a04ad740d8b8"),
            (Cause::Trace(invoice, 1), "01456c00-86a1-4aa0-8017-497acbe47b29"),
            (Cause::Open(invoice, 1), "9364e2af-ec6e-4b15-856a-595a8698a822"),
            (Cause::Meet(conversation), "e7781ded-a5d6-4c8e-85c8-61cd575aef18"),
            (Cause::FindPerson(person), "440fc3df-83bc-4eb5-a707-61bccf2bbcc2"),
            (Cause::FindGroup(conversation), "cbed9be4-fb8e-47b3-94e6-5d4f2356ae13"),
            (Cause::Turn(message, 0), "2dd7fd0f-8b77-4389-8951-2a8ab29708ef"),
            (Cause::Question(message, 2), "7837b147-7eb5-434f-8398-e2de61e0786d"),
            (Cause::Multisig(&[person]), "18d7e34e-8587-4a7d-bb82-3043be91cdb4"),
        ] {
            assert_eq!(cause.id(&secret).to_string(), expected, "{cause:?}");
        }
        let second = Cause::Card(invoice).message(1, &secret);
        assert_eq!(second.to_string(), "be107515-f5fd-4f7e-88bd-a730df56b069");
    }
}
