//! People: who there is, what they say and tap, what they see, and what the bot did wrong.

use super::{Asked, Wrong, id, maybe, or_null, parsed};
use crate::{
    domain::ids::{ConversationId, MessageId, UserId},
    sim::{
        Body, Button, Place, Shown, Tapped, World,
        world::{
            chat::{Line, Said},
            people::Person,
        },
    },
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Mixin IDs have so many digits.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 5..=10;

/// `GET /shown` waits at most so long.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// `POST /users`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewUser {
    name: String,
    user_id: Option<String>,
    identity_number: Option<String>,
}

/// `POST /groups`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGroup {
    name: String,
    owner_id: String,
    #[serde(default)]
    admin_ids: Vec<String>,
    #[serde(default)]
    member_ids: Vec<String>,
}

/// `POST /say`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Saying {
    user_id: String,
    conversation_id: Option<String>,
    quote_message_id: Option<String>,
    text: Option<String>,
    category: Option<String>,
    data_base64: Option<String>,
    tap: Option<Tap>,
}

/// A tap on a button, the first of which is 0.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tap {
    message_id: String,
    button: usize,
}

/// Somebody who exists.
pub(super) fn person(world: &World, name: &str, text: &str) -> Result<Person, Wrong> {
    let who: UserId = id(name, text)?;
    let unknown =
        || Wrong::unknown(format!("{name}: there is no user {who}; POST /users makes one"));
    world.person(who).ok_or_else(unknown)
}

fn view(world: &World, person: &Person) -> Value {
    json!({
        "user_id": person.id.to_string(),
        "identity_number": person.number,
        "name": person.name,
        "conversation_id": world.conversation_of(person.id, Place::Private).to_string(),
    })
}

pub(super) fn list(world: &World) -> Value {
    let users: Vec<_> = world.people().iter().map(|person| view(world, person)).collect();
    json!({
        "bot_id": world.bot().to_string(),
        "owner_id": world.owner().to_string(),
        "users": users,
    })
}

pub(super) fn add(world: &World, asked: &Asked) -> Result<Value, Wrong> {
    let NewUser { name, user_id, identity_number } = asked.json()?;
    if name.trim().is_empty() {
        return Err(Wrong::field("name", &name, "some text"));
    }
    let user = maybe(user_id.as_ref(), |text| id("user_id", text))?;
    if let Some(number) = &identity_number {
        let is_number = NUMBER_DIGITS.contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return Err(Wrong::field("identity_number", number, "a text of 5 to 10 digits"));
        }
    }
    let added = world.add_person_as(&name, user, identity_number.as_deref());
    let taken = || Wrong::conflict("somebody has that user_id or identity_number already");
    Ok(view(world, &added.ok_or_else(taken)?))
}

pub(super) fn group(world: &World, asked: &Asked) -> Result<Value, Wrong> {
    let NewGroup { name, owner_id, admin_ids, member_ids } = asked.json()?;
    let all = |field: &str, ids: &[String]| {
        ids.iter().map(|text| Ok(person(world, field, text)?.id)).collect::<Result<Vec<_>, _>>()
    };
    let owner = person(world, "owner_id", &owner_id)?.id;
    let (admins, members) = (all("admin_ids", &admin_ids)?, all("member_ids", &member_ids)?);
    let group = world.add_group(&name, owner, &admins, &members);
    Ok(json!({ "conversation_id": group.to_string() }))
}

pub(super) fn say(world: &World, asked: &Asked) -> Result<Value, Wrong> {
    let saying: Saying = asked.json()?;
    let who = person(world, "user_id", &saying.user_id)?.id;
    if let Some(Tap { message_id, button }) = &saying.tap {
        if saying.text.is_some() || saying.category.is_some() || saying.data_base64.is_some() {
            return Err(Wrong::request("a tap stands alone: no text, category or data_base64"));
        }
        let message = id("tap.message_id", message_id)?;
        return match world.tap(who, message, *button) {
            Ok(Tapped::Said(said)) => Ok(told(said)),
            Ok(Tapped::Opened(link)) => Ok(json!({ "opened": link })),
            Err(error) => Err(Wrong::unknown(format!("tap: {error}"))),
        };
    }
    let place = match maybe(saying.conversation_id.as_ref(), |text| id("conversation_id", text))? {
        Some(conversation) => place_of(world, who, conversation)?,
        None => Place::Private,
    };
    let quote: Option<MessageId> =
        maybe(saying.quote_message_id.as_ref(), |text| id("quote_message_id", text))?;
    let line = match (saying.text, saying.category, saying.data_base64) {
        (Some(text), None, None) => Line::Text(text),
        (None, Some(category), Some(data)) => Line::Other { category, data: bytes(&data)? },
        _ => {
            return Err(Wrong::request(
                "what is said is either text, or category with data_base64, or a tap",
            ));
        }
    };
    let said = world.send(who, place, quote, line);
    Ok(told(said.map_err(|error| Wrong::conflict(error.to_string()))?))
}

fn told(said: Said) -> Value {
    json!({
        "message_id": said.message.to_string(),
        "conversation_id": said.conversation.to_string(),
        "heard": said.heard,
    })
}

fn place_of(world: &World, who: UserId, conversation: ConversationId) -> Result<Place, Wrong> {
    if conversation == world.conversation_of(who, Place::Private) {
        return Ok(Place::Private);
    }
    if world.is_in_group(who, conversation) {
        return Ok(Place::Group(conversation));
    }
    Err(Wrong::unknown(format!(
        "conversation_id: {conversation} is neither this user's chat with the bot nor a group that \
         they are in; POST /groups makes one"
    )))
}

fn bytes(text: &str) -> Result<Vec<u8>, Wrong> {
    let decoded = BASE64_STANDARD.decode(text).or_else(|_| BASE64_URL_SAFE_NO_PAD.decode(text));
    decoded.map_err(|_| Wrong::field("data_base64", text, "base64"))
}

/// What `GET /shown` asks for.
struct Looking {
    who: UserId,
    more_than: Option<usize>,
}

impl Looking {
    fn read(world: &World, asked: &Asked) -> Result<Self, Wrong> {
        let (mut user, mut more_than) = (None, None);
        for (name, value) in url::form_urlencoded::parse(asked.query.as_bytes()) {
            match &*name {
                "user_id" => user = Some(value.into_owned()),
                "more_than" => more_than = Some(parsed("more_than", &value, "a number")?),
                _ => return Err(Wrong::field("the query", &name, "user_id or more_than")),
            }
        }
        let whose = || Wrong::request("whose? /shown?user_id=UUID would be right");
        let who = person(world, "user_id", &user.ok_or_else(whose)?)?.id;
        Ok(Self { who, more_than })
    }
}

pub(super) fn shown(world: &World, asked: &Asked) -> Result<Value, Wrong> {
    let shown = world.shown_to(Looking::read(world, asked)?.who);
    Ok(json!({ "shown": shown.iter().map(message).collect::<Vec<_>>() }))
}

/// Waits until somebody sees more messages than `more_than`, but not for ever.
pub(super) async fn wait_for_more(world: &World, asked: &Asked) -> Result<(), Wrong> {
    let Looking { who, more_than: Some(count) } = Looking::read(world, asked)? else {
        return Ok(());
    };
    let mut changed = world.changed();
    let seen =
        async { while world.shown_to(who).len() <= count && changed.changed().await.is_ok() {} };
    if tokio::time::timeout(WAIT_MAX, seen).await.is_err() {
        tracing::debug!(%who, "nothing more is shown");
    }
    Ok(())
}

/// A message, as its reader sees it.
fn message(shown: &Shown) -> Value {
    let mut view = json!({
        "message_id": shown.id.to_string(),
        "conversation_id": shown.conversation.to_string(),
        "quote_message_id": or_null(shown.quote),
        "silent": shown.silent,
        "created_at": shown.at.to_string(),
        "text": shown.words(),
    });
    let (category, more) = match &shown.body {
        Body::Text(_) => ("PLAIN_TEXT", None),
        Body::Post(_) => ("PLAIN_POST", None),
        Body::Card(card) => {
            let card = json!({
                "title": card.title,
                "description": card.description,
                "buttons": card.buttons.iter().map(button).collect::<Vec<_>>(),
                "shareable": card.shareable,
            });
            ("APP_CARD", Some(("card", card)))
        }
        Body::Buttons(buttons) => {
            ("APP_BUTTON_GROUP", Some(("buttons", buttons.iter().map(button).collect())))
        }
        Body::Image { attachment, width, height } => {
            let image = json!({"attachment_id": attachment, "width": width, "height": height});
            ("PLAIN_IMAGE", Some(("image", image)))
        }
        Body::File { attachment, name } => {
            ("PLAIN_DATA", Some(("file", json!({"attachment_id": attachment, "name": name}))))
        }
        Body::Contact(user) => {
            ("PLAIN_CONTACT", Some(("contact", json!({"user_id": user.to_string()}))))
        }
        Body::Other { category, attachment } => {
            (category.as_str(), Some(("attachment_id", attachment.clone().into())))
        }
        Body::Recalled => ("MESSAGE_RECALL", None),
    };
    if let Some(fields) = view.as_object_mut() {
        fields.insert("category".to_owned(), category.into());
        fields.extend(more.map(|(name, value)| (name.to_owned(), value)));
    }
    view
}

fn button(button: &Button) -> Value {
    json!({"label": button.label, "color": button.color, "action": button.action})
}

pub(super) fn violations(world: &World) -> Value {
    let told: Vec<_> = world.violations().iter().map(ToString::to_string).collect();
    json!({ "violations": told })
}
