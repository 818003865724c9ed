//! What people do in a chat: say, quote, tap, send a card; and what they see.

use super::{Body, Chat, Incoming, Place, Shown, Tapped};
use crate::{
    domain::ids::{ConversationId, MessageId, UserId},
    sim::world::{Moment, World, chat::contact_id},
};

/// What a person sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Text.
    Text(String),
    /// Somebody's contact card.
    Contact(UserId),
    /// A sticker.
    Sticker,
    /// Anything else: a category of the wire and its payload.
    Other {
        /// `PLAIN_AUDIO`, `ENCRYPTED_TEXT`, …
        category: String,
        /// The payload, before base64.
        data: Vec<u8>,
    },
}

/// What was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The message's id.
    pub message: MessageId,
    /// Where.
    pub conversation: ConversationId,
    /// Whether the bot hears it: in a group only lines that begin with its number reach it.
    pub heard: bool,
}

/// Why something cannot be said there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SayError {
    /// There is no such person.
    #[error("there is no such person")]
    NoSuchPerson,
    /// There is no such group, or the person is not in it.
    #[error("the person is not in that group")]
    NotThere,
}

/// Why a tap does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TapError {
    /// The person sees no such message.
    #[error("the person sees no such message")]
    NotShown,
    /// The message has no such button.
    #[error("the message has no such button")]
    NoSuchButton,
    /// The text of the button cannot be said there.
    #[error(transparent)]
    Say(#[from] SayError),
}

impl World {
    /// Says a line of text.
    pub fn say(&self, who: UserId, place: Place, text: &str) -> Result<Said, SayError> {
        self.send(who, place, None, Line::Text(text.to_owned()))
    }

    /// Says a line of text that quotes a message.
    pub fn reply(
        &self,
        who: UserId,
        place: Place,
        quote: MessageId,
        text: &str,
    ) -> Result<Said, SayError> {
        self.send(who, place, Some(quote), Line::Text(text.to_owned()))
    }

    /// Sends somebody's contact card.
    pub fn send_contact(&self, who: UserId, place: Place, card: UserId) -> Result<Said, SayError> {
        self.send(who, place, None, Line::Contact(card))
    }

    /// Sends a sticker.
    pub fn send_sticker(&self, who: UserId, place: Place) -> Result<Said, SayError> {
        self.send(who, place, None, Line::Sticker)
    }

    /// Sends anything.
    pub fn send(
        &self,
        who: UserId,
        place: Place,
        quote: Option<MessageId>,
        line: Line,
    ) -> Result<Said, SayError> {
        self.change(|m| m.say(who, None, place, quote, line))
    }

    /// A supergroup bot says a line on behalf of a person, in its own chat with our bot.
    pub fn say_for(
        &self,
        supergroup: UserId,
        person: UserId,
        place: Place,
        text: &str,
    ) -> Result<Said, SayError> {
        self.change(|m| {
            let line = Line::Text(text.to_owned());
            m.say(supergroup, Some(person), place, None, line)
        })
    }

    /// Taps a button of a message that the person sees.
    pub fn tap(&self, who: UserId, message: MessageId, index: usize) -> Result<Tapped, TapError> {
        self.change(|m| {
            let (shown, is_group) = m.state.chat.find(who, message).ok_or(TapError::NotShown)?;
            let conversation = shown.conversation;
            let button = shown.buttons().get(index).ok_or(TapError::NoSuchButton)?;
            match button.action.strip_prefix("input:") {
                None => Ok(Tapped::Opened(button.action.clone())),
                Some(text) => {
                    let line = Line::Text(text.to_owned());
                    let place = if is_group { Place::Group(conversation) } else { Place::Private };
                    Ok(Tapped::Said(m.say(who, None, place, None, line)?))
                }
            }
        })
    }

    /// What the bot has shown in a place, oldest first.
    pub fn shown(&self, who: UserId, place: Place) -> Vec<Shown> {
        self.shown_in(self.conversation_of(who, place))
    }

    /// What the bot has shown in a conversation, oldest first.
    pub fn shown_in(&self, conversation: ConversationId) -> Vec<Shown> {
        self.read(|state, _| {
            let conversation = state.chat.conversations.get(&conversation);
            conversation.map(|c| c.shown.iter().cloned().collect()).unwrap_or_default()
        })
    }

    /// What the bot has shown to somebody, in all their conversations, oldest first.
    pub fn shown_to(&self, who: UserId) -> Vec<Shown> {
        self.read(|state, _| {
            let theirs = state.chat.conversations.values().filter(|c| c.has(who));
            let mut shown: Vec<_> = theirs.flat_map(|c| c.shown.iter().cloned()).collect();
            shown.sort_by_key(|shown| shown.at);
            shown
        })
    }

    /// The conversation that a place is.
    pub fn conversation_of(&self, who: UserId, place: Place) -> ConversationId {
        match place {
            Place::Private => contact_id(self.bot(), who),
            Place::Group(group) => group,
        }
    }

    /// The newest link on a button beside these words, in any conversation: how a driver finds the
    /// pay link of a card by its code.
    pub fn link_beside(&self, words: &str) -> Option<String> {
        self.read(|state, _| {
            let shown = state.chat.conversations.values().flat_map(|c| c.shown.iter());
            let found = shown.filter(|shown| shown.words().contains(words));
            let links = found.flat_map(|shown| {
                let links = shown.buttons().iter().filter(|b| !b.action.starts_with("input:"));
                links.map(move |button| (shown.at, button.action.clone()))
            });
            links.max_by_key(|(at, _)| *at).map(|(_, link)| link)
        })
    }

    /// The bytes of an upload.
    pub fn attachment(&self, id: &str) -> Option<Vec<u8>> {
        self.read(|state, _| state.chat.attachments.get(id).and_then(|file| file.bytes.clone()))
    }
}

impl Chat {
    /// A message that somebody sees, and whether that is in a group.
    fn find(&self, who: UserId, message: MessageId) -> Option<(&Shown, bool)> {
        self.conversations.values().filter(|c| c.has(who)).find_map(|conversation| {
            let shown = conversation.shown.iter().rev().find(|shown| shown.id == message)?;
            (shown.body != Body::Recalled).then_some((shown, conversation.is_group))
        })
    }
}

impl Moment<'_> {
    fn say(
        &mut self,
        who: UserId,
        representative: Option<UserId>,
        place: Place,
        quote: Option<MessageId>,
        line: Line,
    ) -> Result<Said, SayError> {
        self.state.people.get(who).ok_or(SayError::NoSuchPerson)?;
        let bot = self.state.account.id;
        let (conversation, heard) = match place {
            Place::Private => (self.state.chat.open_contact(bot, who, self.now), true),
            Place::Group(group) => {
                let found = self.state.chat.conversation(group).filter(|c| c.has(who));
                let bot_is_there = found.ok_or(SayError::NotThere)?.has(bot);
                (group, bot_is_there && self.is_addressed(&line))
            }
        };
        let (category, data) = line.encoded(self);
        let message = MessageId::new(self.ids.uuid());
        if heard {
            self.push(Incoming {
                id: message,
                conversation,
                user: who,
                representative,
                quote,
                category,
                data,
                at: self.now,
                from: self.now,
            });
        }
        Ok(Said { message, conversation, heard })
    }

    /// Whether a line in a group reaches the bot: it begins with the bot's number and a space
    /// (mixin.md 4.6).
    fn is_addressed(&self, line: &Line) -> bool {
        let Line::Text(text) = line else { return false };
        let rest = text.strip_prefix('@').and_then(|t| t.strip_prefix(&self.state.account.number));
        rest.is_some_and(|rest| rest.starts_with(' '))
    }

    /// Tells the bot of a change in a group.
    pub(in crate::sim::world) fn group_event(
        &mut self,
        group: ConversationId,
        by: UserId,
        action: &str,
        participant: UserId,
        role: &str,
    ) {
        let data = serde_json::json!({
            "action": action,
            "participant_id": participant.to_string(),
            "user_id": by.to_string(),
            "role": role,
        });
        self.push(Incoming {
            id: MessageId::new(self.ids.uuid()),
            conversation: group,
            user: UserId::new(uuid::Uuid::nil()),
            representative: None,
            quote: None,
            category: "SYSTEM_CONVERSATION".to_owned(),
            data: data.to_string().into_bytes(),
            at: self.now,
            from: self.now,
        });
    }
}

impl Line {
    /// The category of the wire and the payload.
    fn encoded(self, m: &Moment<'_>) -> (String, Vec<u8>) {
        let json = |value: serde_json::Value| value.to_string().into_bytes();
        match self {
            Self::Text(text) => ("PLAIN_TEXT".to_owned(), text.into_bytes()),
            Self::Contact(user) => {
                ("PLAIN_CONTACT".to_owned(), json(serde_json::json!({"user_id": user.to_string()})))
            }
            Self::Sticker => {
                let sticker = m.ids.uuid().to_string();
                ("PLAIN_STICKER".to_owned(), json(serde_json::json!({"sticker_id": sticker})))
            }
            Self::Other { category, data } => (category, data),
        }
    }
}
