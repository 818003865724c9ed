//! Looking people and conversations up.

use super::{Failed, views};
use crate::{
    domain::ids::{ConversationId, UserId},
    sim::{World, world::chat::contact_id},
};
use serde_json::{Value, json};

/// `GET /users/:id`.
pub(super) fn user(world: &World, id: &str) -> Result<Value, Failed> {
    let id: UserId = id.parse().map_err(|_| Failed::field("user_id"))?;
    world.count_people_request();
    world.person(id).as_ref().map(views::user).ok_or(Failed::NOT_FOUND)
}

fn ids(body: &Value) -> Result<Vec<UserId>, Failed> {
    let list = body.as_array().ok_or(Failed::field("user_ids"))?;
    let ids = list.iter().map(|id| id.as_str()?.parse().ok());
    ids.collect::<Option<_>>().ok_or(Failed::field("user_ids"))
}

/// `POST /users/fetch`: whoever does not exist is left out; at most a hundred.
pub(super) fn users(world: &World, body: &Value) -> Result<Value, Failed> {
    world.count_people_request();
    let found = world.people_among(&ids(body)?).ok_or(Failed::field("user_ids"))?;
    Ok(found.iter().map(views::user).collect())
}

/// `POST /sessions/fetch`: nobody here holds a key, so that messages to them stay plain.
pub(super) fn sessions(world: &World, body: &Value) -> Result<Value, Failed> {
    let found = ids(body)?.into_iter().filter(|id| world.person(*id).is_some());
    let view = |id: UserId| {
        json!({
            "type": "user_session",
            "user_id": id.to_string(),
            "session_id": contact_id(id, id).to_string(),
            "public_key": "",
            "platform": "Android",
        })
    };
    Ok(found.map(view).collect())
}

/// `GET /search/:q`, which is banned for 12 hours now and then.
pub(super) fn search(world: &World, query: &str) -> Result<Value, Failed> {
    if world.is_search_banned() {
        return Err(Failed::TOO_MANY);
    }
    let found = world.person_by_number(query).as_ref().map(views::user);
    found.ok_or(Failed::NOT_FOUND)
}

/// `GET /conversations/:id`.
pub(super) fn conversation(world: &World, id: &str) -> Result<Value, Failed> {
    let id: ConversationId = id.parse().map_err(|_| Failed::field("conversation_id"))?;
    world
        .read(|state, _| {
            let bot = state.account.id;
            let found = state.chat.conversation(id)?;
            let is_there = found.participants.iter().any(|(user, _)| *user == bot);
            is_there.then(|| views::conversation(found))
        })
        .ok_or(Failed::NOT_FOUND)
}

/// `POST /conversations` for a one-to-one chat; an existing one is simply returned.
pub(super) fn open(world: &World, body: &Value) -> Result<Value, Failed> {
    if body.get("category").and_then(Value::as_str) != Some("CONTACT") {
        return Err(Failed::field("category"));
    }
    let participants = body.get("participants").and_then(Value::as_array);
    let other = participants.and_then(|list| match list.as_slice() {
        [one] => one.get("user_id")?.as_str()?.parse().ok(),
        _ => None,
    });
    let other: UserId = other.ok_or(Failed::field("participants"))?;
    let id = body.get("conversation_id").and_then(Value::as_str);
    if id != Some(&contact_id(world.bot(), other).to_string()) {
        return Err(Failed::field("conversation_id"));
    }
    world.open_contact(other).as_ref().map(views::conversation).ok_or(Failed::NOT_FOUND)
}
