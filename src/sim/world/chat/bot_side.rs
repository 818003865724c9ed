//! What the bot does in a chat: posts messages, reads and acknowledges what waits for it, uploads.

use super::{ATTACHMENTS_MAX, Attachment, Body, Chat, Incoming, SHOWN_MAX, Shown, contact_id};
use crate::{
    domain::ids::{ConversationId, MessageId, UserId},
    ports::ids::Ids,
    sim::world::{
        Moment, State, Violation, World,
        chat::Conversation,
        faults::{self, Faults, Poison},
    },
};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// A message that the bot posts.
#[derive(Debug, Clone)]
pub(crate) struct Posting {
    pub(crate) id: MessageId,
    pub(crate) conversation: ConversationId,
    pub(crate) recipient: Option<UserId>,
    pub(crate) quote: Option<MessageId>,
    pub(crate) silent: bool,
    pub(crate) category: String,
    pub(crate) data: Vec<u8>,
    pub(crate) act: Act,
}

/// What a posted message does.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Show(Body),
    Recall(MessageId),
}

/// Why Mixin refuses a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 403: no such conversation, or the bot may not speak there.
    Forbidden,
    /// 10002: this field is wrong.
    Field(&'static str),
    /// A message in it is poisoned.
    Poisoned(Poison),
}

/// What a Blaze connection does next.
#[derive(Debug, Default)]
pub(crate) struct Push {
    pub(crate) messages: Vec<Incoming>,
    pub(crate) garbage: bool,
    pub(crate) doubled: HashSet<MessageId>,
    /// The message whose frame breaks off, and the connection with it.
    pub(crate) broken: Option<MessageId>,
}

/// At most this many messages are pushed in one go.
const PUSH_MAX: usize = 64;

impl World {
    /// Accepts a batch of messages, all or none.
    pub(crate) fn post(&self, batch: Vec<Posting>) -> Result<(), Refusal> {
        self.change(|m| {
            m.state.chat.asked_to_show = m.state.chat.asked_to_show.saturating_add(1);
            let mut poison = None;
            for posting in &batch {
                poison = m.poison(posting).or(poison);
            }
            if let Some(poison) = poison {
                return Err(Refusal::Poisoned(poison));
            }
            for posting in &batch {
                m.check(posting)?;
            }
            for posting in batch {
                m.accept(posting);
            }
            Ok(())
        })
    }

    /// Notes that the bot has handled messages, all or none.
    pub(crate) fn acknowledge(&self, messages: &[MessageId]) -> Result<(), Refusal> {
        self.change(|m| {
            if messages.iter().any(|message| m.state.faults.refuses_to_acknowledge(*message)) {
                return Err(Refusal::Field("message_id"));
            }
            let wanted: HashSet<_> = messages.iter().collect();
            let Faults { lost_acknowledgements, .. } = &mut m.state.faults;
            m.state.chat.pending.retain(|_, pending| {
                !wanted.contains(&pending.id) || faults::take(lost_acknowledgements)
            });
            Ok(())
        })
    }

    /// What to push to a Blaze connection that has offered some messages already.
    pub(crate) fn push_to(&self, offered: &HashSet<MessageId>) -> Push {
        let mut next: Vec<_> = self.read(|state, now| {
            let new = state.chat.waiting(now).filter(|message| !offered.contains(&message.id));
            new.take(PUSH_MAX).cloned().collect()
        });
        if next.is_empty() {
            return Push::default();
        }
        let State { faults, .. } = &mut *self.lock();
        let garbage = faults::take(&mut faults.garbage_frames);
        let doubled = next.iter().map(|message| message.id);
        let doubled = doubled.filter(|_| faults::take(&mut faults.doubled_pushes)).collect();
        let broken = faults::take(&mut faults.broken_frames).then(|| next.last().map(|m| m.id));
        if next.len() > 1 && faults::take(&mut faults.shuffled_pushes) {
            shuffle(&mut next, self.ids.as_ref());
        }
        Push { messages: next, garbage, doubled, broken: broken.flatten() }
    }

    /// How many requests with messages the bot made.
    pub fn asked_to_show(&self) -> u64 {
        self.read(|state, _| state.chat.asked_to_show)
    }

    /// How often the bot asked for a conversation to be opened.
    pub fn asked_to_open(&self) -> u64 {
        self.read(|state, _| state.chat.asked_to_open)
    }

    /// Opens the one-to-one conversation with somebody, as the bot.
    pub(crate) fn open_contact(&self, who: UserId) -> Option<Conversation> {
        self.change(|m| {
            m.state.chat.asked_to_open = m.state.chat.asked_to_open.saturating_add(1);
            m.state.people.get(who)?;
            let id = m.state.chat.open_contact(m.state.account.id, who, m.now);
            m.state.chat.conversation(id).cloned()
        })
    }

    /// Makes room for an upload; its id.
    pub(crate) fn add_attachment(&self) -> String {
        self.change(|m| {
            let id = m.ids.uuid().to_string();
            m.state.chat.attachments.insert(id.clone(), Attachment { bytes: None });
            m.state.chat.attachment_order.push_back(id.clone());
            if m.state.chat.attachment_order.len() > ATTACHMENTS_MAX
                && let Some(oldest) = m.state.chat.attachment_order.pop_front()
            {
                m.state.chat.attachments.remove(&oldest);
            }
            id
        })
    }

    /// Keeps an upload's bytes; false if no room was made for it.
    pub(crate) fn fill_attachment(&self, id: &str, bytes: Vec<u8>) -> bool {
        self.change(|m| {
            let found = m.state.chat.attachments.get_mut(id);
            found.map(|attachment| attachment.bytes = Some(bytes)).is_some()
        })
    }
}

/// Puts each message at another place.
fn shuffle(messages: &mut [Incoming], ids: &dyn Ids) {
    for last in 1..messages.len() {
        let places = u64::try_from(last).unwrap_or(u64::MAX);
        messages.swap(last, usize::try_from(ids.bits() % places).unwrap_or_default());
    }
}

impl Moment<'_> {
    /// Puts a message into the bot's queue.
    pub(in crate::sim::world) fn push(&mut self, mut message: Incoming) {
        let State { chat, faults, .. } = &mut *self.state;
        if faults::take(&mut faults.pushes_late) {
            message.from = faults::later(self.now, faults.pushes_late_by);
            // What has come by now is forgotten.
            chat.late = chat.late.split_off(&self.now);
            chat.late.insert(message.from);
        }
        if faults::take(&mut faults.acknowledgements_refused) {
            faults.never_acknowledged.push(message.id);
        }
        chat.pending.insert(chat.pending_next, message);
        chat.pending_next += 1;
    }

    /// How a message fails, if it is poisoned; one that was never posted may become so.
    fn poison(&mut self, posting: &Posting) -> Option<Poison> {
        let message = posting.id;
        let State { chat, faults, .. } = &mut *self.state;
        if faults.poison_spares == Some(posting.conversation) || chat.posted.contains_key(&message)
        {
            return None;
        }
        if let Some(poison) = faults.poisoned.get(&message) {
            return Some(*poison);
        }
        let poison = if faults::take(&mut faults.messages_poisoned_500) {
            Poison::Error
        } else if faults::take(&mut faults.messages_poisoned_late) {
            Poison::Late
        } else {
            return None;
        };
        faults.poisoned.insert(message, poison);
        Some(poison)
    }

    fn check(&self, posting: &Posting) -> Result<(), Refusal> {
        let bot = self.state.account.id;
        let conversation =
            self.state.chat.conversation(posting.conversation).ok_or(Refusal::Forbidden)?;
        if !conversation.has(bot) {
            return Err(Refusal::Forbidden);
        }
        if !conversation.is_group {
            let recipient = posting.recipient.ok_or(Refusal::Field("recipient_id"))?;
            if contact_id(bot, recipient) != conversation.id {
                return Err(Refusal::Field("recipient_id"));
            }
            if self.state.people.get(recipient).is_none_or(|person| person.blocks_bot) {
                return Err(Refusal::Forbidden);
            }
        }
        let chat = &self.state.chat;
        match &posting.act {
            Act::Show(
                Body::Image { attachment, .. }
                | Body::File { attachment, .. }
                | Body::Other { attachment: Some(attachment), .. },
            ) => {
                let uploaded = chat.attachments.get(attachment).is_some_and(|a| a.bytes.is_some());
                if uploaded { Ok(()) } else { Err(Refusal::Field("attachment_id")) }
            }
            Act::Show(Body::Contact(user)) => {
                self.state.people.get(*user).map(drop).ok_or(Refusal::Field("user_id"))
            }
            Act::Recall(message) => {
                let known = conversation.shown.iter().any(|shown| shown.id == *message);
                if known { Ok(()) } else { Err(Refusal::Field("message_id")) }
            }
            Act::Show(
                Body::Text(_)
                | Body::Post(_)
                | Body::Card(_)
                | Body::Buttons(_)
                | Body::Other { attachment: None, .. }
                | Body::Recalled,
            ) => Ok(()),
        }
    }

    fn accept(&mut self, posting: Posting) {
        let digest = posting.digest();
        if let Some(before) = self.state.chat.posted.get(&posting.id) {
            if *before != digest {
                self.note(Violation::ReusedMessageId(posting.id));
            }
            return;
        }
        self.state.chat.posted.insert(posting.id, digest);
        self.state.chat.show(posting, self.now);
    }
}

impl Chat {
    fn show(&mut self, posting: Posting, now: jiff::Timestamp) {
        let Some(conversation) = self.conversations.get_mut(&posting.conversation) else { return };
        let body = match posting.act {
            Act::Show(body) => body,
            Act::Recall(message) => {
                for shown in conversation.shown.iter_mut().filter(|shown| shown.id == message) {
                    shown.body = Body::Recalled;
                }
                return;
            }
        };
        if conversation.shown.len() >= SHOWN_MAX {
            conversation.shown.pop_front();
        }
        conversation.shown.push_back(Shown {
            id: posting.id,
            conversation: posting.conversation,
            quote: posting.quote,
            silent: posting.silent,
            at: now,
            body,
        });
    }
}

impl Posting {
    /// A digest of what it says and where.
    fn digest(&self) -> [u8; 32] {
        let quote = self.quote.map(|quote| quote.to_string()).unwrap_or_default();
        let mut hash = Sha256::new();
        for part in [self.conversation.to_string(), self.category.clone(), quote] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.update(&self.data);
        hash.finalize().into()
    }
}
