//! Effect: something that is to leave this process, and what is to be found out for a command.

use crate::{
    domain::{
        asset::Money,
        ids::{AssetId, ConversationId, EffectId, InvoiceId, MessageId, TraceId, UserId},
    },
    ports::{
        chat::{Body, OutgoingMessage},
        checkout::{DirectPayment, Estimate},
        directory::{Group, NetworkAsset, Person},
        inbound::Inbound,
    },
};
use jiff::Timestamp;

/// Something that is to leave this process. It is stored in the transaction of its cause, and its
/// id is derived from that cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Its id.
    pub id: EffectId,
    /// Effects of one lane are performed in order; lanes side by side.
    pub lane: String,
    /// What is to be done.
    pub errand: Errand,
}

/// An effect on its way through the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The effect.
    pub effect: Effect,
    /// Its place in its lane.
    pub seq: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was stored.
    pub since: Timestamp,
    /// Since when it fails alone while others are taken.
    pub doubted: Option<Timestamp>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// Show a message. The conversation may have to be opened first.
    Say {
        /// The message.
        message: OutgoingMessage,
        /// Whether we may never have spoken there.
        open_first: bool,
    },
    /// Draw the QR code of a link, upload it, and then show it.
    Picture {
        /// Whom to show it.
        envelope: Envelope,
        /// The link.
        link: String,
    },
    /// Upload a text file, and then show it.
    Document {
        /// Whom to show it.
        envelope: Envelope,
        /// The file's name.
        name: String,
        /// Its text.
        text: String,
    },
    /// Open the one-to-one conversation with somebody: what is said there waits for it.
    Meet {
        /// With whom.
        person: UserId,
    },
    /// Make a MixPay payment from this stored body.
    Open {
        /// For which invoice.
        invoice: InvoiceId,
        /// Under which trace.
        trace: TraceId,
        /// The body, sent as it is.
        body: String,
        /// Whether it is for `POST /payments`.
        direct: bool,
        /// Whether an earlier try may have happened.
        doubtful: bool,
    },
    /// Find something out and then handle the event, which waits for it.
    Ask {
        /// The event.
        event: Inbound,
        /// What is needed.
        need: Need,
        /// What was found out before.
        found: Vec<(Need, Found)>,
    },
    /// Handle an event, which waits for what a [`Find`](Self::Find) finds out, or only for its turn.
    Turn {
        /// The event.
        event: Inbound,
        /// What was found out before.
        found: Vec<(Need, Found)>,
    },
    /// Find out who somebody is or who runs a group, once for all events that wait for it.
    Find {
        /// What is needed.
        need: Need,
    },
}

/// A message without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The message's id.
    pub id: MessageId,
    /// Where.
    pub conversation: ConversationId,
    /// The other person of a one-to-one conversation.
    pub recipient: Option<UserId>,
    /// The message that it quotes.
    pub quote: Option<MessageId>,
    /// Whether the phone stays quiet.
    pub silent: bool,
}

impl Envelope {
    /// The message with this body.
    pub fn with(self, body: Body) -> OutgoingMessage {
        OutgoingMessage {
            id: self.id,
            conversation: self.conversation,
            recipient: self.recipient,
            quote: self.quote,
            silent: self.silent,
            body,
        }
    }
}

/// What a command needs to know from outside before it can be handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Nothing; it only waits for its turn.
    Turn,
    /// Who a user is.
    Person(UserId),
    /// Who has a Mixin ID.
    Number(String),
    /// Who runs a group.
    Group(ConversationId),
    /// What a price would be in a coin.
    Estimate {
        /// The price.
        price: Money,
        /// The coin.
        pay_with: AssetId,
        /// What the payee would receive.
        settlement: AssetId,
    },
    /// What an asset is.
    Asset(AssetId),
    /// Which assets bear a ticker.
    Ticker(String),
    /// The MixPay id of a multisig group.
    Multisig {
        /// Its members.
        members: Vec<UserId>,
        /// How many must sign.
        threshold: u8,
    },
    /// Whether MixPay knows the person with this Mixin ID.
    KnownToMixPay(String),
    /// Where and how much to pay for an invoice that is paid in one coin.
    Direct {
        /// The invoice.
        invoice: InvoiceId,
        /// The body of the request.
        body: String,
    },
}

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is the event's turn.
    Turn,
    /// The person; `None` if there is none.
    Person(Option<Person>),
    /// The group; `None` if there is none.
    Group(Option<Group>),
    /// The estimate.
    Estimate(Estimate),
    /// The assets; may be none.
    Assets(Vec<NetworkAsset>),
    /// The multisig group's id.
    Multisig(UserId),
    /// Whether MixPay knows the person.
    Known(bool),
    /// The payment.
    Direct(DirectPayment),
    /// It cannot be found out now; the service's code, if it said no.
    Unavailable(Option<i64>),
}
