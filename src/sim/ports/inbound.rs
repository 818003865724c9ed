//! What Blaze brings: the messages that wait for the bot, as it would read them.

use crate::{
    domain::ids::{MessageId, SnapshotId, UserId},
    ports::inbound::{Content, Inbound},
    sim::{
        World,
        world::{
            chat::Incoming,
            faults::{BlazeBirth, BlazeLine, Service, later},
        },
    },
};
use jiff::Timestamp;
use serde_json::Value;
use std::{collections::HashSet, sync::Arc, time::Duration};

/// After so long without a word the client takes its connection for dead and makes a new one.
const SILENCE_MAX: Duration = Duration::from_secs(25);

/// A Blaze connection of the bot, made again whenever it ends: offers each waiting message once,
/// and all of them again on a new connection.
#[derive(Debug)]
pub struct Feed {
    world: Arc<World>,
    offered: HashSet<MessageId>,
    birth: BlazeBirth,
    /// Since when nothing has moved.
    silent_since: Option<Timestamp>,
    /// Whether it has ended and no other could be made yet.
    ended: bool,
}

impl Feed {
    /// A connection that was just made.
    pub fn new(world: Arc<World>) -> Self {
        let birth = world.blaze_birth();
        Self { world, offered: HashSet::new(), birth, silent_since: None, ended: false }
    }

    /// When the client gives a silent connection up.
    pub fn gives_up_at(&self) -> Option<Timestamp> {
        self.silent_since.map(|since| later(since, SILENCE_MAX))
    }

    /// Whether the connection has ended, and was made again just now.
    pub fn was_cut(&mut self) -> bool {
        let now = self.world.clock().now();
        match self.world.blaze_line(self.birth) {
            BlazeLine::Open => self.silent_since = None,
            BlazeLine::Cut => self.ended = true,
            BlazeLine::Mute => {
                self.silent_since.get_or_insert(now);
                self.ended |= self.gives_up_at().is_some_and(|end| end <= now);
            }
        }
        // Off the net there is none before it is over.
        let again = self.ended && !self.world.is_offline(Service::Mixin);
        if again {
            *self = Self::new(Arc::clone(&self.world));
        }
        again
    }

    /// What is pushed now; some of it twice, in another order, or not to its end, if the world is
    /// so arranged.
    pub fn pushes(&mut self) -> Vec<Inbound> {
        if self.ended || self.world.blaze_line(self.birth) != BlazeLine::Open {
            return Vec::new();
        }
        let push = self.world.push_to(&self.offered);
        let bot = self.world.bot();
        let mut inbound = Vec::with_capacity(push.messages.len());
        for message in push.messages {
            if push.broken == Some(message.id) {
                *self = Self::new(Arc::clone(&self.world));
                break;
            }
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
