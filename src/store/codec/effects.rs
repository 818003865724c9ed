//! Effects and what they carry as stored JSON.

use super::{choice, record};
use crate::{
    domain::{
        amount::Amount,
        asset::Money,
        ids::{AssetId, ConversationId, InvoiceId, MessageId, SnapshotId, TraceId, UserId},
    },
    ports::{
        chat::{Body, Button, Card, File, OutgoingMessage, Picture},
        checkout::{DirectPayment, Estimate, PayTo},
        directory::{Group, NetworkAsset, Person},
        effect::{Envelope, Errand, Found, Need},
        inbound::{Content, Inbound},
    },
};
use jiff::Timestamp;

record!(Button { label: String, color: String, action: String });
record!(Card {
    title: String,
    description: String,
    buttons: Vec<Button>,
    shareable: bool,
    updated_at: String,
});
record!(Picture { attachment: String, width: u32, height: u32, size: usize });
record!(File { attachment: String, name: String, mime: String, size: usize });
choice!(Body {
    Text(text: String),
    Card(card: Card),
    Buttons(buttons: Vec<Button>),
    Contact(user: UserId),
    Image(picture: Picture),
    File(file: File),
});
record!(OutgoingMessage {
    id: MessageId,
    conversation: ConversationId,
    recipient: Option<UserId>,
    quote: Option<MessageId>,
    silent: bool,
    body: Body,
});
record!(Envelope {
    id: MessageId,
    conversation: ConversationId,
    recipient: Option<UserId>,
    quote: Option<MessageId>,
    silent: bool,
});
choice!(Content {
    Text(text: String),
    Contact(user: UserId),
    Transfer(snapshot: SnapshotId),
    Membership { bot_added: bool },
    Unread { category: String, undecryptable: bool },
    Ignored,
});
record!(Inbound {
    message: MessageId,
    conversation: Option<ConversationId>,
    from: UserId,
    representative: Option<UserId>,
    quote: Option<MessageId>,
    at: Timestamp,
    content: Content,
});
record!(Person { id: UserId, number: String, name: String, is_bot: bool });
record!(Group { name: String, admins: Vec<UserId> });
record!(NetworkAsset { id: AssetId, symbol: String, name: String, chain: Option<AssetId> });
record!(Estimate {
    payment: Amount,
    payment_symbol: String,
    settlement: Option<Amount>,
    settlement_symbol: String,
});
choice!(PayTo {
    Mixin { recipient: UserId, memo: String },
    Chain { destination: String, tag: Option<String> },
});
record!(DirectPayment {
    trace: TraceId,
    asset: AssetId,
    symbol: String,
    amount: Amount,
    price_until: i64,
    to: PayTo,
});
choice!(Need {
    Turn,
    Person(user: UserId),
    Number(number: String),
    Group(conversation: ConversationId),
    Estimate { price: Money, pay_with: AssetId, settlement: AssetId },
    Asset(asset: AssetId),
    Ticker(symbol: String),
    Multisig { members: Vec<UserId>, threshold: u8 },
    KnownToMixPay(number: String),
    Direct { invoice: InvoiceId, body: String },
});
choice!(Found {
    Turn,
    Person(person: Option<Person>),
    Group(group: Option<Group>),
    Estimate(estimate: Estimate),
    Assets(assets: Vec<NetworkAsset>),
    Multisig(user: UserId),
    Known(known: bool),
    Direct(direct: DirectPayment),
    Unavailable(code: Option<i64>),
});
choice!(Errand {
    Say { message: OutgoingMessage, open_first: bool },
    Picture { envelope: Envelope, link: String },
    Document { envelope: Envelope, name: String, text: String },
    Meet { person: UserId },
    Open {
        invoice: InvoiceId,
        trace: TraceId,
        body: String,
        direct: bool,
        doubtful: bool,
    },
    Ask { event: Inbound, need: Need, found: Vec<(Need, Found)> },
    Turn { event: Inbound, found: Vec<(Need, Found)> },
    Find { need: Need },
});
