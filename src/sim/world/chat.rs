//! Chat: what people say to the bot, what the bot shows them, and what still waits for it.
//!
//! A phone drops a message whose id it has shown already, so what is *shown* is what people see.

mod bot_side;
mod people_side;
#[cfg(test)]
mod tests;

use super::people::Role;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use jiff::{SignedDuration, Timestamp};
use md5::{Digest, Md5};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    ops::Bound,
};

pub(crate) use bot_side::{Act, Posting, Refusal};
pub use people_side::{Line, Said, SayError, TapError};

/// Where something is said: the one-to-one chat with the bot, or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The person's own chat with the bot.
    Private,
    /// A group.
    Group(ConversationId),
}

/// A message of the bot, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its id.
    pub id: MessageId,
    /// Where it is seen.
    pub conversation: ConversationId,
    /// The message that it quotes.
    pub quote: Option<MessageId>,
    /// Whether the phone stayed quiet.
    pub silent: bool,
    /// When.
    pub at: Timestamp,
    /// What it shows.
    pub body: Body,
}

/// What a message shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Text.
    Text(String),
    /// Text with Markdown.
    Post(String),
    /// A card.
    Card(Card),
    /// A row of buttons.
    Buttons(Vec<Button>),
    /// A picture; its bytes are [`World::attachment`](super::World::attachment).
    Image {
        /// The attachment.
        attachment: String,
        /// Its width in pixels.
        width: u64,
        /// Its height in pixels.
        height: u64,
    },
    /// A file; its bytes are [`World::attachment`](super::World::attachment).
    File {
        /// The attachment.
        attachment: String,
        /// Its name.
        name: String,
    },
    /// A contact card.
    Contact(UserId),
    /// Something that this world keeps no more of: a sticker, a sound, a film, a place.
    Other {
        /// Its category on the wire.
        category: String,
        /// Its upload, if it has one.
        attachment: Option<String>,
    },
    /// Nothing any more: the bot took it back.
    Recalled,
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its title.
    pub title: String,
    /// Its text.
    pub description: String,
    /// Its buttons.
    pub buttons: Vec<Button>,
    /// Whether it can be forwarded with its buttons.
    pub shareable: bool,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// Its colour: `#3D75E3`.
    pub color: String,
    /// What a tap does: a URL, or `input:` and a text.
    pub action: String,
}

/// What a tap did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tapped {
    /// It said this, as the person who tapped.
    Said(Said),
    /// It opened this.
    Opened(String),
}

/// A message on its way to the bot.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub(crate) id: MessageId,
    pub(crate) conversation: ConversationId,
    pub(crate) user: UserId,
    pub(crate) representative: Option<UserId>,
    pub(crate) quote: Option<MessageId>,
    pub(crate) category: String,
    pub(crate) data: Vec<u8>,
    pub(crate) at: Timestamp,
    /// Blaze does not have it before.
    pub(crate) from: Timestamp,
}

/// A conversation.
#[derive(Debug, Clone)]
pub(crate) struct Conversation {
    pub(crate) id: ConversationId,
    pub(crate) is_group: bool,
    pub(crate) name: String,
    pub(crate) participants: Vec<(UserId, Role)>,
    pub(crate) created_at: Timestamp,
    shown: VecDeque<Shown>,
}

/// An uploaded file.
#[derive(Debug)]
struct Attachment {
    bytes: Option<Vec<u8>>,
}

/// Everything that was said.
#[derive(Debug, Default)]
pub(crate) struct Chat {
    conversations: BTreeMap<ConversationId, Conversation>,
    /// Every message id that was ever posted, with a digest of its content.
    posted: HashMap<MessageId, [u8; 32]>,
    /// What the bot has not acknowledged, oldest first.
    pending: BTreeMap<u64, Incoming>,
    pending_next: u64,
    /// When late messages reach Blaze.
    late: BTreeSet<Timestamp>,
    attachments: BTreeMap<String, Attachment>,
    attachment_order: VecDeque<String>,
    /// How often the bot asked for a conversation to be opened.
    asked_to_open: u64,
    /// How many requests with messages came in.
    asked_to_show: u64,
}

/// A conversation keeps at most this many messages of the bot; the oldest go first.
const SHOWN_MAX: usize = 20_000;
/// At most this many uploads are kept; the oldest go first.
const ATTACHMENTS_MAX: usize = 256;
/// An upload has at most this many bytes.
pub(crate) const ATTACHMENT_BYTES_MAX: usize = 8 << 20;
/// So long Mixin keeps what is not acknowledged (mixin.md 3.5).
const PENDING_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Chat {
    pub(crate) fn conversation(&self, id: ConversationId) -> Option<&Conversation> {
        self.conversations.get(&id)
    }

    /// What waits for the bot, oldest first: what is too old, Mixin has forgotten.
    fn waiting(&self, now: Timestamp) -> impl Iterator<Item = &Incoming> {
        let waits = move |incoming: &&Incoming| {
            incoming.from <= now && now.duration_since(incoming.at) < PENDING_KEPT
        };
        self.pending.values().filter(waits)
    }

    /// When the next late message reaches Blaze.
    pub(super) fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        self.late.range((Bound::Excluded(now), Bound::Unbounded)).next().copied()
    }

    pub(crate) fn pending_count(&self, now: Timestamp) -> usize {
        self.waiting(now).count()
    }

    pub(super) fn open_group(
        &mut self,
        id: ConversationId,
        name: &str,
        participants: Vec<(UserId, Role)>,
        now: Timestamp,
    ) {
        let name = name.to_owned();
        self.conversations.insert(
            id,
            Conversation {
                id,
                is_group: true,
                name,
                participants,
                created_at: now,
                shown: VecDeque::new(),
            },
        );
    }

    pub(super) fn set_role(&mut self, group: ConversationId, who: UserId, role: Role) -> bool {
        let Some(conversation) = self.conversations.get_mut(&group) else { return false };
        let found = conversation.participants.iter_mut().find(|(member, _)| *member == who);
        found.map(|(_, old)| *old = role).is_some()
    }

    pub(super) fn remove_participant(&mut self, group: ConversationId, who: UserId) -> bool {
        let Some(conversation) = self.conversations.get_mut(&group) else { return false };
        let before = conversation.participants.len();
        conversation.participants.retain(|(member, _)| *member != who);
        conversation.participants.len() < before
    }

    /// The one-to-one conversation of the bot and somebody, opened if it is not yet.
    fn open_contact(&mut self, bot: UserId, who: UserId, now: Timestamp) -> ConversationId {
        let id = contact_id(bot, who);
        self.conversations.entry(id).or_insert_with(|| Conversation {
            id,
            is_group: false,
            name: String::new(),
            participants: vec![(bot, Role::Member), (who, Role::Member)],
            created_at: now,
            shown: VecDeque::new(),
        });
        id
    }
}

impl Conversation {
    fn has(&self, user: UserId) -> bool {
        self.participants.iter().any(|(member, _)| *member == user)
    }
}

impl Shown {
    /// Everything that can be read on it, for looking things up.
    pub fn words(&self) -> String {
        let labels = |buttons: &[Button]| {
            buttons.iter().map(|button| format!("[{}]", button.label)).collect::<Vec<_>>().join(" ")
        };
        match &self.body {
            Body::Text(text) | Body::Post(text) => text.clone(),
            Body::Card(card) => {
                format!("{}\n{}\n{}", card.title, card.description, labels(&card.buttons))
            }
            Body::Buttons(buttons) => labels(buttons),
            Body::Image { .. } => "(image)".to_owned(),
            Body::File { name, .. } => format!("(file {name})"),
            Body::Contact(user) => format!("(contact {user})"),
            Body::Other { category, .. } => format!("({category})"),
            Body::Recalled => "(recalled)".to_owned(),
        }
    }

    /// The buttons on it.
    pub fn buttons(&self) -> &[Button] {
        match &self.body {
            Body::Card(card) => &card.buttons,
            Body::Buttons(buttons) => buttons,
            Body::Text(_)
            | Body::Post(_)
            | Body::Image { .. }
            | Body::File { .. }
            | Body::Contact(_)
            | Body::Other { .. }
            | Body::Recalled => &[],
        }
    }
}

/// The id of a one-to-one conversation: MD5 of both ids in order, with version bits (mixin.md 8.1).
pub(crate) fn contact_id(one: UserId, other: UserId) -> ConversationId {
    let mut ids = [one.to_string(), other.to_string()];
    ids.sort();
    ConversationId::new(md5_uuid(&ids.concat()))
}

fn md5_uuid(text: &str) -> uuid::Uuid {
    let mut bytes: [u8; 16] = Md5::digest(text).into();
    for (index, byte) in bytes.iter_mut().enumerate() {
        match index {
            6 => *byte = *byte & 0x0f | 0x30,
            8 => *byte = *byte & 0x3f | 0x80,
            _ => {}
        }
    }
    uuid::Uuid::from_bytes(bytes)
}
