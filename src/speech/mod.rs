//! Everything that the bot says, in every language; the only place with words for people.
//!
//! A phrase is a function with one arm a language, so that a missing translation does not
//! compile. What is said is a [`Draft`]: the words, and what can be tapped. Where it is shown and
//! under which id is decided by the app.

pub mod answer;
pub mod aside;
pub mod clock;
pub mod decide;
pub mod export;
pub mod format;
pub mod help;
pub mod invoice;
pub mod link;
pub mod list;
pub mod lookup;
pub mod mixpay;
pub mod money_choice;
pub mod notice;
pub mod outside;
pub mod qr;
pub mod question;
pub mod settings;
pub mod strangers;
pub mod transfer;
pub mod verify;

use crate::domain::{
    code::ShortCode,
    ids::{MessageId, UserId},
};

/// Something to say, before it has a place and an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What is said.
    pub body: DraftBody,
    /// Whether the phone stays quiet.
    pub silent: bool,
    /// The message that it quotes.
    pub quote: Option<MessageId>,
    /// The invoice or link that it is about, so that it can be quoted.
    pub about: Option<ShortCode>,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftBody {
    /// Text.
    Text(String),
    /// A card. It can be forwarded with its buttons if all of them are links.
    Card {
        /// The first line.
        title: String,
        /// The rest.
        description: String,
        /// What can be tapped.
        buttons: Vec<Tap>,
    },
    /// Buttons alone.
    Buttons(Vec<Tap>),
    /// A contact card.
    Contact(UserId),
    /// The QR code of a link.
    Qr(String),
    /// A text file.
    Document {
        /// Its name.
        name: String,
        /// Its text.
        text: String,
    },
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tap {
    /// What stands on it.
    pub label: String,
    /// What it does.
    pub action: Action,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Says this command as the person who taps. In groups the bot's number is put before it.
    Say(String),
    /// Opens this link.
    Open(String),
}

impl Tap {
    /// A button that says a command.
    pub fn say(label: impl Into<String>, command: impl Into<String>) -> Self {
        Self { label: label.into(), action: Action::Say(command.into()) }
    }

    /// A button that opens a link.
    pub fn open(label: impl Into<String>, link: impl Into<String>) -> Self {
        Self { label: label.into(), action: Action::Open(link.into()) }
    }
}

impl Draft {
    const fn new(body: DraftBody) -> Self {
        Self { body, silent: false, quote: None, about: None }
    }

    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(DraftBody::Text(text.into()))
    }

    /// A card.
    pub fn card(
        title: impl Into<String>,
        description: impl Into<String>,
        buttons: Vec<Tap>,
    ) -> Self {
        let (title, description) = (title.into(), description.into());
        Self::new(DraftBody::Card { title, description, buttons })
    }

    /// Buttons alone.
    pub const fn buttons(buttons: Vec<Tap>) -> Self {
        Self::new(DraftBody::Buttons(buttons))
    }

    /// A contact card.
    pub const fn contact(user: UserId) -> Self {
        Self::new(DraftBody::Contact(user))
    }

    /// The QR code of a link.
    pub fn qr(link: impl Into<String>) -> Self {
        Self::new(DraftBody::Qr(link.into()))
    }

    /// A text file.
    pub fn document(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(DraftBody::Document { name: name.into(), text: text.into() })
    }

    /// The same, and the phone stays quiet.
    #[must_use]
    pub const fn silently(mut self) -> Self {
        self.silent = true;
        self
    }

    /// The same, quoting a message.
    #[must_use]
    pub const fn quoting(mut self, message: Option<MessageId>) -> Self {
        self.quote = message;
        self
    }

    /// The same, about an invoice or a link.
    #[must_use]
    pub const fn about(mut self, code: ShortCode) -> Self {
        self.about = Some(code);
        self
    }
}
