//! What a message carries: its category, and the JSON or text that stands in `data_base64`
//! (mixin.md 4.2–4.4).

use crate::{
    domain::ids::UserId,
    ports::chat::{Body, Button},
};
use serde::Serialize;

/// A message's category and its bytes before base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payload {
    pub(crate) category: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// A new-style card. The iOS app reads none without `app_id`, `actions`, `shareable` and
/// `updated_at`, so they are always there.
#[derive(Serialize)]
struct WireCard<'a> {
    app_id: String,
    title: &'a str,
    description: &'a str,
    actions: Vec<WireButton<'a>>,
    shareable: bool,
    updated_at: &'a str,
}

#[derive(Serialize)]
struct WireButton<'a> {
    label: &'a str,
    color: &'a str,
    action: &'a str,
}

#[derive(Serialize)]
struct WireContact {
    user_id: String,
}

#[derive(Serialize)]
struct WireImage<'a> {
    attachment_id: &'a str,
    mime_type: &'static str,
    width: u32,
    height: u32,
    size: usize,
    thumbnail: &'static str,
}

#[derive(Serialize)]
struct WireFile<'a> {
    attachment_id: &'a str,
    mime_type: &'a str,
    size: usize,
    name: &'a str,
}

/// The payload of a body that the bot `own` says.
pub(crate) fn write(own: UserId, body: &Body) -> Result<Payload, serde_json::Error> {
    Ok(match body {
        Body::Text(text) => Payload { category: "PLAIN_TEXT", bytes: text.clone().into_bytes() },
        Body::Card(card) => Payload {
            category: "APP_CARD",
            bytes: serde_json::to_vec(&WireCard {
                app_id: own.to_string(),
                title: &card.title,
                description: &card.description,
                actions: buttons(&card.buttons),
                shareable: card.shareable,
                updated_at: &card.updated_at,
            })?,
        },
        Body::Buttons(group) => {
            Payload { category: "APP_BUTTON_GROUP", bytes: serde_json::to_vec(&buttons(group))? }
        }
        Body::Contact(user) => Payload {
            category: "PLAIN_CONTACT",
            bytes: serde_json::to_vec(&WireContact { user_id: user.to_string() })?,
        },
        Body::Image(picture) => Payload {
            category: "PLAIN_IMAGE",
            bytes: serde_json::to_vec(&WireImage {
                attachment_id: &picture.attachment,
                mime_type: "image/png",
                width: picture.width,
                height: picture.height,
                size: picture.size,
                thumbnail: "",
            })?,
        },
        Body::File(file) => Payload {
            category: "PLAIN_DATA",
            bytes: serde_json::to_vec(&WireFile {
                attachment_id: &file.attachment,
                mime_type: &file.mime,
                size: file.size,
                name: &file.name,
            })?,
        },
    })
}

fn buttons(buttons: &[Button]) -> Vec<WireButton<'_>> {
    buttons.iter().map(WireButton::from).collect()
}

impl<'a> From<&'a Button> for WireButton<'a> {
    fn from(Button { label, color, action }: &'a Button) -> Self {
        Self { label, color, action }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::chat::{Card, File, Picture};

    const BOT: &str = "7530e5bc-6b90-4588-9730-99795a174bb6";

    #[test]
    fn each_body_has_its_category_and_its_bytes() {
        let check = |body: Body, category: &str, text: &str| {
            let payload = write(BOT.parse().unwrap(), &body).unwrap();
            assert_eq!(payload.category, category);
            assert_eq!(String::from_utf8(payload.bytes).unwrap(), text);
        };
        let pay = Button {
            label: "Pay".to_owned(),
            color: "#3D75E3".to_owned(),
            action: "https://example.com".to_owned(),
        };
        check(Body::Text("你好".to_owned()), "PLAIN_TEXT", "你好");
        check(
            Body::Buttons(vec![pay.clone()]),
            "APP_BUTTON_GROUP",
            r##"[{"label":"Pay","color":"#3D75E3","action":"https://example.com"}]"##,
        );
        check(
            Body::Card(Card {
                title: "10 USD".to_owned(),
                description: "coffee".to_owned(),
                buttons: vec![pay],
                shareable: true,
                updated_at: "2026-11-21T14:02:31Z".to_owned(),
            }),
            "APP_CARD",
            r##"{"app_id":"7530e5bc-6b90-4588-9730-99795a174bb6","title":"10 USD","description":"coffee","actions":[{"label":"Pay","color":"#3D75E3","action":"https://example.com"}],"shareable":true,"updated_at":"2026-11-21T14:02:31Z"}"##,
        );
        check(
            Body::Contact(BOT.parse().unwrap()),
            "PLAIN_CONTACT",
            r#"{"user_id":"7530e5bc-6b90-4588-9730-99795a174bb6"}"#,
        );
        check(
            Body::Image(Picture { attachment: "a".to_owned(), width: 328, height: 328, size: 563 }),
            "PLAIN_IMAGE",
            r#"{"attachment_id":"a","mime_type":"image/png","width":328,"height":328,"size":563,"thumbnail":""}"#,
        );
        check(
            Body::File(File {
                attachment: "a".to_owned(),
                name: "list.csv".to_owned(),
                mime: "text/csv".to_owned(),
                size: 9,
            }),
            "PLAIN_DATA",
            r#"{"attachment_id":"a","mime_type":"text/csv","size":9,"name":"list.csv"}"#,
        );
    }
}
