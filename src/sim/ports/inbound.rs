//! What Blaze brings: the messages that wait for the bot, as it would read them.

use crate::{
    domain::ids::{MessageId, SnapshotId, UserId},
    ports::inbound::{Content, Inbound},
    sim::{
        World,
        world::{chat::Incoming, faults::Service},
    },
};
use serde_json::Value;
use std::{collections::HashSet, sync::Arc};

/// A Blaze connection of the bot: offers each waiting message once, and all of them again after it
/// was cut.
#[derive(Debug)]
pub struct Feed {
    world: Arc<World>,
    offered: HashSet<MessageId>,
    cuts: u64,
}

impl Feed {
    /// A connection that was just made.
    pub fn new(world: Arc<World>) -> Self {
        let cuts = world.read(|state, _| state.faults.blaze_cuts);
        Self { world, offered: HashSet::new(), cuts }
    }

    /// Whether the connection was cut since this was asked last; it is made again by itself.
    pub fn was_cut(&mut self) -> bool {
        let cuts = self.world.read(|state, _| state.faults.blaze_cuts);
        let was_cut = cuts != self.cuts;
        if was_cut {
            self.cuts = cuts;
            self.offered.clear();
        }
        was_cut
    }

    /// What is pushed now; some of it twice, if the world is so arranged.
    pub fn next(&mut self) -> Vec<Inbound> {
        let mute = self.world.read(|state, _| state.faults.blaze_mute);
        if mute || self.world.is_offline(Service::Mixin) {
            return Vec::new();
        }
        let push = self.world.push_to(&self.offered);
        let bot = self.world.bot();
        let mut inbound = Vec::with_capacity(push.messages.len());
        for message in push.messages {
            self.offered.insert(message.id);
            let read = read(&message, bot);
            if push.doubled.contains(&message.id) {
                inbound.push(read.clone());
            }
            inbound.push(read);
        }
        inbound
    }
}

fn read(message: &Incoming, bot: UserId) -> Inbound {
    Inbound {
        message: message.id,
        conversation: Some(message.conversation),
        from: message.user,
        representative: message.representative,
        quote: message.quote,
        at: message.at,
        content: content(message, bot),
    }
}

fn content(message: &Incoming, bot: UserId) -> Content {
    let field = |name: &str| {
        let data: Value = serde_json::from_slice(&message.data).ok()?;
        Some(data.get(name)?.as_str()?.to_owned())
    };
    let unread = || Content::Unread { category: message.category.clone(), undecryptable: false };
    match message.category.as_str() {
        "PLAIN_TEXT" => match std::str::from_utf8(&message.data) {
            Ok(text) => Content::Text(text.replace('\0', "")),
            Err(_) => unread(),
        },
        "PLAIN_CONTACT" => {
            field("user_id").and_then(|id| id.parse().ok()).map_or_else(unread, Content::Contact)
        }
        "SYSTEM_SAFE_SNAPSHOT" => {
            let id = field("snapshot_id").and_then(|id| id.parse::<SnapshotId>().ok());
            id.map_or(Content::Ignored, Content::Transfer)
        }
        "SYSTEM_CONVERSATION" => {
            let added = field("action").as_deref() == Some("ADD");
            let is_bot = field("participant_id") == Some(bot.to_string());
            Content::Membership { bot_added: added && is_bot }
        }
        category if category.starts_with("SYSTEM_") => Content::Ignored,
        _ => unread(),
    }
}
