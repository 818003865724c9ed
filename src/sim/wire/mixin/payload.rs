//! Payloads of messages that the bot posts, held to Mixin's limits (mixin.md 4).

use super::Failed;
use crate::{
    domain::ids::UserId,
    sim::world::chat::{Act, Body, Button, Card, Posting},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::Value;
use std::str::FromStr;

/// Limits of mixin.md 4.2 and 4.3.
const TEXT_CHARS_MAX: usize = 64 * 1024;
const LABEL_CHARS_MAX: usize = 36;
const DESCRIPTION_CHARS_MAX: usize = 1024;
const BUTTONS_MAX: usize = 6;

/// Reads one message.
pub(super) fn read(message: &Value) -> Result<Posting, Failed> {
    let category = text(message, "category")?.to_owned();
    let data = data(message)?;
    Ok(Posting {
        id: id(message, "message_id")?.ok_or(Failed::field("message_id"))?,
        conversation: id(message, "conversation_id")?.ok_or(Failed::field("conversation_id"))?,
        recipient: id(message, "recipient_id")?,
        quote: id(message, "quote_message_id")?,
        silent: match message.get("silent") {
            None => false,
            Some(silent) => silent.as_bool().ok_or(Failed::field("silent"))?,
        },
        act: act(&category, &data)?,
        category,
        data,
    })
}

fn text<'v>(value: &'v Value, name: &'static str) -> Result<&'v str, Failed> {
    value.get(name).and_then(Value::as_str).ok_or(Failed::field(name))
}

/// An id in lower case with dashes, or nothing; Mixin's Go SDK writes nothing as an empty text.
fn id<T: FromStr>(message: &Value, name: &'static str) -> Result<Option<T>, Failed> {
    let Some(id) = message.get(name).filter(|id| id.as_str() != Some("")) else { return Ok(None) };
    let id = id.as_str().filter(|id| id.len() == 36 && id.to_lowercase() == *id);
    id.and_then(|id| id.parse().ok()).map(Some).ok_or(Failed::field(name))
}

/// `data_base64` is URL-safe without padding; `data` is standard with padding.
fn data(message: &Value) -> Result<Vec<u8>, Failed> {
    let decoded = match (message.get("data_base64"), message.get("data")) {
        (Some(data), _) => data.as_str().and_then(|d| BASE64_URL_SAFE_NO_PAD.decode(d).ok()),
        (None, Some(data)) => data.as_str().and_then(|d| BASE64_STANDARD.decode(d).ok()),
        (None, None) => None,
    };
    decoded.filter(|data| !data.is_empty()).ok_or(Failed::field("data_base64"))
}

fn act(category: &str, data: &[u8]) -> Result<Act, Failed> {
    let wrong = Failed::field("data");
    let plain = || {
        let text = std::str::from_utf8(data).map_err(|_| Failed::field("data"))?;
        let fits = text.chars().count() <= TEXT_CHARS_MAX;
        if fits { Ok(text.to_owned()) } else { Err(Failed::field("data")) }
    };
    let json = || serde_json::from_slice::<Value>(data).map_err(|_| Failed::field("data"));
    Ok(match category {
        "PLAIN_TEXT" => Act::Show(Body::Text(plain()?)),
        "PLAIN_POST" => Act::Show(Body::Post(plain()?)),
        "APP_CARD" => Act::Show(Body::Card(card(&json()?).ok_or(wrong)?)),
        "APP_BUTTON_GROUP" => Act::Show(Body::Buttons(group(&json()?).ok_or(wrong)?)),
        "PLAIN_IMAGE" => Act::Show(image(&json()?).ok_or(wrong)?),
        "PLAIN_DATA" => Act::Show(file(&json()?).ok_or(wrong)?),
        "PLAIN_CONTACT" => {
            let user: Option<UserId> =
                json()?.get("user_id").and_then(Value::as_str).and_then(parse);
            Act::Show(Body::Contact(user.ok_or(wrong)?))
        }
        "PLAIN_STICKER" | "PLAIN_LOCATION" | "PLAIN_LIVE" | "PLAIN_AUDIO" | "PLAIN_VIDEO" => {
            Act::Show(other(category, &json()?).ok_or(wrong)?)
        }
        "MESSAGE_RECALL" => {
            let message = json()?.get("message_id").and_then(Value::as_str).and_then(parse);
            Act::Recall(message.ok_or(wrong)?)
        }
        _ => return Err(Failed::field("category")),
    })
}

fn parse<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// A text of at least one and at most so many characters.
fn short(value: &Value, name: &str, chars_max: usize) -> Option<String> {
    let text = value.get(name)?.as_str()?;
    (1..=chars_max).contains(&text.chars().count()).then(|| text.to_owned())
}

fn button(value: &Value) -> Option<Button> {
    let action = value.get("action")?.as_str()?;
    let color = value.get("color")?.as_str()?;
    let digits = color.strip_prefix('#')?;
    let is_color = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_color && is_action(action)).then(|| {
        Some(Button {
            label: short(value, "label", LABEL_CHARS_MAX)?,
            color: color.to_owned(),
            action: action.to_owned(),
        })
    })?
}

/// Whether phones know what to do with it.
fn is_action(action: &str) -> bool {
    let known = ["https://", "mixin://", "input:", "http://127.0.0.1:"];
    known.iter().any(|start| action.len() > start.len() && action.starts_with(start))
}

fn buttons(value: &Value) -> Option<Vec<Button>> {
    let list = value.as_array()?;
    if list.len() > BUTTONS_MAX {
        return None;
    }
    list.iter().map(button).collect()
}

fn group(value: &Value) -> Option<Vec<Button>> {
    buttons(value).filter(|buttons| !buttons.is_empty())
}

/// A card: one that has an action is of the old style, which Mixin's SDKs for Node and Go send.
fn card(value: &Value) -> Option<Card> {
    let _app: UserId = value.get("app_id")?.as_str()?.parse().ok()?;
    match value.get("action") {
        None => new_card(value),
        Some(action) if action.as_str() == Some("") => new_card(value),
        Some(action) => old_card(value, action.as_str()?),
    }
}

/// A card of the old style: all of it is one button.
fn old_card(value: &Value, action: &str) -> Option<Card> {
    value.get("icon_url")?.as_str()?;
    let title = short(value, "title", LABEL_CHARS_MAX)?;
    let color = "#000000".to_owned();
    is_action(action).then_some(())?;
    Some(Card {
        description: short(value, "description", DESCRIPTION_CHARS_MAX)?,
        buttons: vec![Button { label: title.clone(), color, action: action.to_owned() }],
        shareable: match value.get("shareable") {
            None => true,
            Some(shareable) => shareable.as_bool()?,
        },
        title,
    })
}

/// A card of the new style; phones need all of these fields (mixin.md 4.3).
fn new_card(value: &Value) -> Option<Card> {
    let _updated_at: jiff::Timestamp = value.get("updated_at")?.as_str()?.parse().ok()?;
    Some(Card {
        title: short(value, "title", LABEL_CHARS_MAX)?,
        description: short(value, "description", DESCRIPTION_CHARS_MAX)?,
        buttons: buttons(value.get("actions")?)?,
        shareable: value.get("shareable")?.as_bool()?,
    })
}

fn image(value: &Value) -> Option<Body> {
    let number = |name: &str| value.get(name)?.as_u64().filter(|number| *number > 0);
    let media = value.get("mime_type")?.as_str()?;
    number("size")?;
    Some(Body::Image {
        attachment: value
            .get("attachment_id")
            .filter(|_| media.starts_with("image/"))?
            .as_str()?
            .to_owned(),
        width: number("width")?,
        height: number("height")?,
    })
}

/// What is kept by its category alone, if it has the fields that phones need (mixin.md 4.2).
fn other(category: &str, value: &Value) -> Option<Body> {
    let has_size = |name: &str| value.get(name).and_then(Value::as_u64).is_some_and(|n| n > 0);
    let has_number = |name: &str| value.get(name).is_some_and(Value::is_number);
    let text = |name: &str| value.get(name)?.as_str();
    let has_text = |name: &str| text(name).is_some();
    let is_recording = has_size("size") && has_size("duration") && has_text("mime_type");
    let is_picture = has_size("width") && has_size("height");
    let has_upload = matches!(category, "PLAIN_AUDIO" | "PLAIN_VIDEO");
    let attachment = if has_upload { Some(text("attachment_id")?.to_owned()) } else { None };
    let complete = match category {
        "PLAIN_STICKER" => text("sticker_id").and_then(parse::<uuid::Uuid>).is_some(),
        "PLAIN_LOCATION" => has_number("longitude") && has_number("latitude"),
        "PLAIN_LIVE" => is_picture && has_text("url") && has_text("thumb_url"),
        "PLAIN_AUDIO" => is_recording,
        "PLAIN_VIDEO" => is_recording && is_picture,
        _ => false,
    };
    complete.then(|| Body::Other { category: category.to_owned(), attachment })
}

fn file(value: &Value) -> Option<Body> {
    value.get("size")?.as_u64()?;
    value.get("mime_type")?.as_str()?;
    Some(Body::File {
        attachment: value.get("attachment_id")?.as_str()?.to_owned(),
        name: value.get("name")?.as_str()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cards_and_buttons_are_held_to_mixins_limits() {
        let button = |label: &str, color: &str, action: &str| json!({"label": label, "color": color, "action": action});
        let good = button("Pay", "#3D75E3", "https://mixpay.me/code/x");
        let accepts = |value: Value| act("APP_BUTTON_GROUP", value.to_string().as_bytes()).is_ok();
        assert!(accepts(json!([good, button("Status", "#3D75E3", "input:status")])));
        assert!(accepts(json!(vec![good.clone(); 6])));
        assert!(!accepts(json!(vec![good.clone(); 7])));
        assert!(!accepts(json!([])));
        assert!(!accepts(json!([button("", "#3D75E3", "input:x")])));
        assert!(!accepts(json!([button(&"x".repeat(37), "#3D75E3", "input:x")])));
        assert!(!accepts(json!([button("Pay", "blue", "input:x")])));
        assert!(!accepts(json!([button("Pay", "#3D75E3", "http://shop.example")])));
        assert!(!accepts(json!([button("Pay", "#3D75E3", "input:")])));

        let card = json!({
            "app_id": "7530e5bc-6b90-4588-9730-99795a174bb6",
            "title": "10.00 USD",
            "description": "Pay to Bob",
            "actions": [good],
            "shareable": true,
            "updated_at": "2026-11-21T14:00:00Z",
        });
        let accepts = |value: &Value| act("APP_CARD", value.to_string().as_bytes()).is_ok();
        assert!(accepts(&card));
        for field in ["app_id", "title", "description", "actions", "shareable", "updated_at"] {
            let mut without = card.clone();
            without.as_object_mut().unwrap().remove(field);
            assert!(!accepts(&without), "{field}");
        }
        let mut old = card.clone();
        old["action"] = "".into();
        assert!(accepts(&old), "no action is none");
        old["action"] = "https://mixpay.me/code/x".into();
        assert!(!accepts(&old), "the old style has an icon");
        old["icon_url"] = "https://mixin.one/icon.png".into();
        assert!(accepts(&old));
        old["action"] = "ftp://x".into();
        assert!(!accepts(&old));
        let mut long = card;
        long["description"] = "x".repeat(1025).into();
        assert!(!accepts(&long));
    }

    #[test]
    fn what_is_kept_by_its_category_alone_still_needs_its_fields() {
        let sticker = json!({"sticker_id": "531d2e1c-0bc3-4ce4-8328-6419b0d9ade3"});
        let place = json!({"longitude": 1.5, "latitude": 2});
        let live = json!({"width": 1, "height": 1, "url": "https://a", "thumb_url": "https://b"});
        let video = json!({
            "attachment_id": "a", "mime_type": "video/mp4", "size": 1, "duration": 1,
            "width": 1, "height": 1,
        });
        for (category, good) in [
            ("PLAIN_STICKER", &sticker),
            ("PLAIN_LOCATION", &place),
            ("PLAIN_LIVE", &live),
            ("PLAIN_AUDIO", &video),
            ("PLAIN_VIDEO", &video),
        ] {
            let accepts = |value: &Value| act(category, value.to_string().as_bytes()).is_ok();
            assert!(accepts(good), "{category}");
            for field in good.as_object().unwrap().keys() {
                let mut without = good.clone();
                without.as_object_mut().unwrap().remove(field);
                let is_films = category == "PLAIN_AUDIO" && ["width", "height"].contains(&&**field);
                assert_eq!(accepts(&without), is_films, "{category} without {field}");
            }
        }
    }

    #[test]
    fn a_message_needs_its_ids_and_the_right_base64() {
        let message = json!({
            "conversation_id": "7cbb887a-c658-3ffa-91f7-f265b6da38f3",
            "message_id": "531d2e1c-0bc3-4ce4-8328-6419b0d9ade3",
            "category": "PLAIN_TEXT",
            "data_base64": "w7_Dvw",
        });
        assert!(matches!(read(&message).unwrap().act, Act::Show(Body::Text(text)) if text == "ÿÿ"));
        for (field, bad) in [
            ("data_base64", json!("w7/Dvw==")),
            ("data_base64", json!("")),
            ("message_id", json!("531D2E1C-0BC3-4CE4-8328-6419B0D9ADE3")),
            ("conversation_id", json!("")),
            ("quote_message_id", Value::Null),
            ("category", json!("SYSTEM_SAFE_SNAPSHOT")),
        ] {
            let mut broken = message.clone();
            broken[field] = bad;
            assert_eq!(read(&broken).map(drop).unwrap_err().code, 10002, "{field}");
        }
    }
}
