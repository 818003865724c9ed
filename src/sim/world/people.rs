//! People: who exists, and which groups they are in.

use super::{Violation, World, account::Account};
use crate::domain::ids::{ConversationId, UserId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Mixin tells about at most this many users in one answer.
const USERS_FETCHED_MAX: usize = 100;

/// A person or a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their Mixin ID.
    pub number: String,
    /// Their name.
    pub name: String,
    /// Whether MixPay knows them, so that it finds their UUID by their Mixin ID.
    pub uses_mixpay: bool,
    /// Whether MixPay lets them receive.
    pub may_receive: bool,
    /// Whether they have blocked the bot.
    pub blocks_bot: bool,
}

impl Person {
    /// Whether this is a bot: bots have numbers of their own.
    pub fn is_bot(&self) -> bool {
        self.number.len() == 10 && self.number.starts_with("7000")
    }
}

/// What somebody is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The one who made it.
    Owner,
    /// An admin.
    Admin,
    /// Everybody else.
    Member,
}

/// Everybody.
#[derive(Debug, Default)]
pub(crate) struct People {
    all: BTreeMap<UserId, Person>,
    /// How often the bot asked about people by their ids.
    asked: u64,
}

/// The Mixin ID of the first person, and of the first bot; the next have the next numbers.
const PERSON_NUMBER_FIRST: usize = 37_160_854;
const BOT_NUMBER_FIRST: usize = 7_000_200_001;

impl People {
    pub(super) fn add(&mut self, id: Uuid, name: &str, is_bot: bool) -> UserId {
        let first = if is_bot { BOT_NUMBER_FIRST } else { PERSON_NUMBER_FIRST };
        let count = self.all.values().filter(|person| person.is_bot() == is_bot).count();
        let mut numbers = (first + count..).map(|number| number.to_string());
        let number = numbers.find(|number| self.by_number(number).is_none());
        let id = UserId::new(id);
        self.insert(id, &number.unwrap_or_default(), name);
        id
    }

    pub(super) fn add_bot_account(&mut self, account: &Account) {
        self.insert(account.id, &account.number, &account.name);
    }

    pub(super) fn add_known(&mut self, id: UserId, number: &str, name: &str) {
        self.insert(id, number, name);
    }

    fn insert(&mut self, id: UserId, number: &str, name: &str) {
        let person = Person {
            id,
            number: number.to_owned(),
            name: name.to_owned(),
            uses_mixpay: true,
            may_receive: true,
            blocks_bot: false,
        };
        self.all.insert(id, person);
    }

    pub(crate) fn get(&self, id: UserId) -> Option<&Person> {
        self.all.get(&id)
    }

    pub(crate) fn by_number(&self, number: &str) -> Option<&Person> {
        self.all.values().find(|person| person.number == number)
    }
}

impl World {
    /// Adds a person, with the next free Mixin ID.
    pub fn add_person(&self, name: &str) -> UserId {
        self.change(|m| m.state.people.add(m.ids.uuid(), name, false))
    }

    /// Adds a person, with this id and Mixin ID if they are given; `None` if one of them is taken.
    pub fn add_person_as(
        &self,
        name: &str,
        id: Option<UserId>,
        number: Option<&str>,
    ) -> Option<Person> {
        self.change(|m| {
            let people = &mut m.state.people;
            let taken = id.is_some_and(|id| people.get(id).is_some())
                || number.is_some_and(|number| people.by_number(number).is_some());
            if taken {
                return None;
            }
            let id = people.add(id.map_or_else(|| m.ids.uuid(), UserId::uuid), name, false);
            if let (Some(number), Some(person)) = (number, people.all.get_mut(&id)) {
                number.clone_into(&mut person.number);
            }
            people.get(id).cloned()
        })
    }

    /// Everybody.
    pub fn people(&self) -> Vec<Person> {
        self.read(|state, _| state.people.all.values().cloned().collect())
    }

    /// Whether somebody is in this group.
    pub fn is_in_group(&self, who: UserId, group: ConversationId) -> bool {
        self.read(|state, _| {
            let found = state.chat.conversation(group).filter(|found| found.is_group);
            found.is_some_and(|found| found.participants.iter().any(|(user, _)| *user == who))
        })
    }

    /// Adds a bot that is not ours, with the next free `7000…` number.
    pub fn add_other_bot(&self, name: &str) -> UserId {
        self.change(|m| m.state.people.add(m.ids.uuid(), name, true))
    }

    /// Adds somebody whose id and number are given.
    pub fn add_known(&self, id: UserId, number: &str, name: &str) {
        self.change(|m| m.state.people.add_known(id, number, name));
    }

    /// Changes somebody: their name, or how Mixin and MixPay treat them.
    pub fn change_person(&self, id: UserId, change: impl FnOnce(&mut Person)) {
        self.change(|m| {
            if let Some(person) = m.state.people.all.get_mut(&id) {
                change(person);
            }
        });
    }

    /// Who has this id.
    pub fn person(&self, id: UserId) -> Option<Person> {
        self.read(|state, _| state.people.get(id).cloned())
    }

    /// How many requests the bot made about people by their ids.
    pub fn people_requests(&self) -> u64 {
        self.read(|state, _| state.people.asked)
    }

    /// The bot asks about people by their ids.
    pub(crate) fn count_people_request(&self) {
        self.change(|m| m.state.people.asked = m.state.people.asked.saturating_add(1));
    }

    /// Everybody of these who exists; `None` if Mixin refuses to tell about them together.
    pub(crate) fn people_among(&self, ids: &[UserId]) -> Option<Vec<Person>> {
        self.read(|state, _| {
            let refused = state.faults.person_refused.as_deref();
            let is_refused = |id: &UserId| refused == Some(id.to_string().as_str());
            if ids.len() > USERS_FETCHED_MAX || ids.iter().any(is_refused) {
                return None;
            }
            Some(ids.iter().filter_map(|id| state.people.get(*id).cloned()).collect())
        })
    }

    /// Who has this Mixin ID.
    pub fn person_by_number(&self, number: &str) -> Option<Person> {
        self.read(|state, _| state.people.by_number(number).cloned())
    }

    /// Whether searches are banned; to ask again after that was said is a mistake.
    pub(crate) fn is_search_banned(&self) -> bool {
        self.change(|m| {
            let banned = m.state.faults.search_banned_until.is_some_and(|until| m.now < until);
            if banned && m.state.faults.search_ban_told.is_some() {
                m.note(Violation::SearchDuringBan(m.now));
            }
            m.state.faults.search_ban_told = banned.then_some(m.now);
            banned
        })
    }

    /// Makes a group in which the bot is, which the bot is told.
    pub fn add_group(
        &self,
        name: &str,
        owner: UserId,
        admins: &[UserId],
        members: &[UserId],
    ) -> ConversationId {
        self.change(|m| {
            let mut participants = vec![(owner, Role::Owner)];
            participants.extend(admins.iter().map(|admin| (*admin, Role::Admin)));
            participants.extend(members.iter().map(|member| (*member, Role::Member)));
            participants.push((m.state.account.id, Role::Member));
            let id = ConversationId::new(m.ids.uuid());
            m.state.chat.open_group(id, name, participants, m.now);
            let bot = m.state.account.id;
            m.group_event(id, owner, "ADD", bot, "");
            id
        })
    }

    /// Makes a member an admin, or a plain member again; the bot is told.
    pub fn set_role(&self, group: ConversationId, by: UserId, member: UserId, role: Role) {
        self.change(|m| {
            if m.state.chat.set_role(group, member, role) {
                m.group_event(group, by, "ROLE", member, role.word());
            }
        });
    }

    /// Takes somebody, also the bot, out of a group; the bot is told, unless it is the one.
    pub fn remove_from_group(&self, group: ConversationId, by: UserId, member: UserId) {
        self.change(|m| {
            let known = m.state.chat.remove_participant(group, member);
            if known && member != m.state.account.id {
                m.group_event(group, by, "REMOVE", member, "");
            }
        });
    }
}

impl Role {
    /// The word on the wire; none for a plain member.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Admin => "ADMIN",
            Self::Member => "",
        }
    }
}
