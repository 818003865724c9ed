//! Chat: sending messages under ids that the caller chose.

use crate::{
    domain::ids::{ConversationId, MessageId, UserId},
    ports::failure::CallError,
};
use async_trait::async_trait;

/// At most this many messages go out in one call of [`Chat::send`].
pub const MESSAGES_PER_REQUEST_MAX: usize = 100;
/// At most this many ids go out in one call of [`Chat::acknowledge`].
pub const ACKNOWLEDGEMENTS_PER_REQUEST_MAX: usize = 100;
/// A label of a button or a title of a card has at most this many characters.
pub const LABEL_CHARS_MAX: usize = 36;
/// A description of a card has at most this many characters.
pub const DESCRIPTION_CHARS_MAX: usize = 1024;
/// A button group has at most this many buttons.
pub const BUTTONS_MAX: usize = 6;

/// A message that is to be shown, complete: the same value sent twice is the same message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// Its id, derived from its cause.
    pub id: MessageId,
    /// Where it is said.
    pub conversation: ConversationId,
    /// The other person of a one-to-one conversation; `None` in groups.
    pub recipient: Option<UserId>,
    /// The message that it quotes.
    pub quote: Option<MessageId>,
    /// Whether the phone stays quiet.
    pub silent: bool,
    /// What is said.
    pub body: Body,
}

/// What a message shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Text.
    Text(String),
    /// A card.
    Card(Card),
    /// Up to six buttons.
    Buttons(Vec<Button>),
    /// Somebody's contact card.
    Contact(UserId),
    /// A PNG picture that was uploaded already.
    Image(Picture),
    /// A file that was uploaded already.
    File(File),
}

/// A card: a title, a text and its buttons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// At most [`LABEL_CHARS_MAX`] characters.
    pub title: String,
    /// At most [`DESCRIPTION_CHARS_MAX`] characters.
    pub description: String,
    /// At most [`BUTTONS_MAX`]; if the card is shareable, URLs only.
    pub buttons: Vec<Button>,
    /// Whether the buttons stay when the card is forwarded.
    pub shareable: bool,
    /// `updated_at` of the wire, RFC 3339; fixed when the card is made, so that a resend is equal.
    pub updated_at: String,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// At most [`LABEL_CHARS_MAX`] characters.
    pub label: String,
    /// `#RRGGBB`.
    pub color: String,
    /// `https://…`, `mixin://…` or `input:TEXT`.
    pub action: String,
}

/// An uploaded PNG picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The attachment's id.
    pub attachment: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Size in bytes.
    pub size: usize,
}

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The attachment's id.
    pub attachment: String,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Size in bytes.
    pub size: usize,
}

/// Saying things in Mixin Messenger.
#[async_trait]
pub trait Chat: Send + Sync {
    /// Shows messages, at most [`MESSAGES_PER_REQUEST_MAX`], in this order. A message whose id was
    /// shown before is not shown again. On an error none, some or all may have been shown: sending
    /// the same values again is safe. A permanent refusal concerns at least one of them.
    async fn send(&self, messages: &[OutgoingMessage]) -> Result<(), CallError>;

    /// Uploads a file and returns the id of the attachment. Repeating makes a second attachment.
    async fn upload(&self, bytes: Vec<u8>) -> Result<String, CallError>;

    /// Makes sure that the one-to-one conversation with this person exists.
    async fn open_conversation(&self, with: UserId) -> Result<(), CallError>;

    /// Tells Mixin that these messages were handled, at most
    /// [`ACKNOWLEDGEMENTS_PER_REQUEST_MAX`]; repeating is safe.
    async fn acknowledge(&self, messages: &[MessageId]) -> Result<(), CallError>;
}
