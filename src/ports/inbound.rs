//! Inbound: what reaches the bot from Mixin, already read.

use crate::domain::ids::{ConversationId, MessageId, SnapshotId, UserId};
use jiff::Timestamp;

/// Something that reached the bot. Every one of them is acknowledged after it was handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The message that brought it; the key by which repeats are recognised.
    pub message: MessageId,
    /// Where it was said. `None` where the frame names no conversation.
    pub conversation: Option<ConversationId>,
    /// Who said it.
    pub from: UserId,
    /// On whose behalf `from` spoke, if a supergroup bot did.
    pub representative: Option<UserId>,
    /// The message that it quotes.
    pub quote: Option<MessageId>,
    /// When it was said, by Mixin's clock.
    pub at: Timestamp,
    /// What it is.
    pub content: Content,
}

/// What reached the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A line of text. Control characters are still in it; NUL is not.
    Text(String),
    /// A contact card.
    Contact(UserId),
    /// A transfer that wants looking at: a hint, never a proof.
    Transfer(SnapshotId),
    /// Who is in a group, or what they may do there, has changed.
    Membership {
        /// Whether the bot itself was added, and a greeting is due.
        bot_added: bool,
    },
    /// Something that is not text (a picture, a sticker, a voice message, …), or that could not be
    /// decrypted; a person sent it and gets an answer.
    Unread {
        /// The wire category, for the log.
        category: String,
        /// An encrypted message that we hold no key for.
        undecryptable: bool,
    },
    /// Nothing to answer: an unknown category, a system notice, a message of the bot itself. Only
    /// acknowledged.
    Ignored,
}
