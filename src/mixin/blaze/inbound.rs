//! Inbound: what a frame means for the bot (mixin.md 3.4, 4.2, 4.5, 4.6).
//!
//! Receipts and echoes mean nothing and are not acknowledged. Everything else that names a message
//! becomes an [`Inbound`], so that it is acknowledged and does not return for ever.

use crate::{
    domain::ids::{ConversationId, MessageId, SnapshotId, UserId},
    keystore::Keystore,
    mixin::{
        blaze::envelope::{Envelope, View},
        encrypted,
    },
    ports::inbound::{Content, Inbound},
    runtime::base64,
};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use uuid::Uuid;

/// A text has at most this many characters, as in Mixin's own clients; a longer one is not read.
const TEXT_CHARS_MAX: usize = 64 * 1024;

/// What a frame means for the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Something to hand on.
    Inbound(Inbound),
    /// Something of a category that this program does not know, only to be acknowledged.
    UnknownCategory {
        /// The category.
        category: String,
        /// What is handed on.
        inbound: Inbound,
    },
    /// An answer, a receipt or an echo: neither handed on nor acknowledged.
    Nothing,
    /// A message whose id cannot be read: it can be neither recognised nor acknowledged.
    Unreadable,
}

/// The categories, by what they mean for the bot.
enum Category<'a> {
    Text,
    Contact,
    /// Something that a person sent and we do not read.
    Other,
    Snapshot,
    Conversation,
    /// A notice between apps.
    Notice,
    /// Any of the above, encrypted.
    Encrypted(&'a str),
    Unknown,
}

#[derive(Deserialize)]
struct WireContact {
    user_id: String,
}

#[derive(Deserialize)]
struct WireSnapshot {
    snapshot_id: String,
}

#[derive(Deserialize)]
struct WireConversation {
    action: String,
    #[serde(default)]
    participant_id: Option<String>,
}

/// Reads an envelope that came at `now` for the bot of this keystore.
pub fn read(envelope: &Envelope, keystore: &Keystore, now: Timestamp) -> Reading {
    let Some(view) = &envelope.data else { return Reading::Nothing };
    // A receipt may one day have a category; it is none of our messages all the same.
    if view.category.is_empty() || envelope.action.starts_with("ACKNOWLEDGE_") {
        // Calls between apps have no category, and return until they are acknowledged.
        let is_call = envelope.action.starts_with("CREATE_") && envelope.action != "CREATE_MESSAGE";
        return match is_call.then(|| inbound(view, now)).flatten() {
            Some(inbound) => Reading::Inbound(inbound),
            None => Reading::Nothing,
        };
    }
    let Some(mut inbound) = inbound(view, now) else { return Reading::Unreadable };
    match content(view, &inbound, keystore) {
        Some(content) => {
            inbound.content = content;
            Reading::Inbound(inbound)
        }
        None => Reading::UnknownCategory { category: view.category.clone(), inbound },
    }
}

/// Reads an envelope whose payload is too large to be read: the person is told, and it does not
/// come again.
pub fn read_oversized(mut envelope: Envelope, keystore: &Keystore, now: Timestamp) -> Reading {
    if let Some(view) = &mut envelope.data {
        // What is left of the payload is a part, and not what was sent.
        view.data.clear();
        view.data_base64.clear();
    }
    match read(&envelope, keystore, now) {
        Reading::Inbound(mut inbound) => {
            if let (Content::Text(_), Some(view)) = (&inbound.content, &envelope.data) {
                let category = view.category.clone();
                inbound.content = Content::Unread { category, undecryptable: false };
            }
            Reading::Inbound(inbound)
        }
        other @ (Reading::UnknownCategory { .. } | Reading::Nothing | Reading::Unreadable) => other,
    }
}

/// The view without its content; `None` if its id cannot be read.
fn inbound(view: &View, now: Timestamp) -> Option<Inbound> {
    Some(Inbound {
        message: MessageId::new(id(&view.message_id)?),
        conversation: id(&view.conversation_id).map(ConversationId::new),
        from: UserId::new(id(&view.user_id).unwrap_or(Uuid::nil())),
        representative: id(&view.representative_id).map(UserId::new),
        quote: id(&view.quote_message_id).map(MessageId::new),
        at: view.created_at.parse().unwrap_or(now),
        content: Content::Ignored,
    })
}

/// A UUID other than nil.
fn id(text: &str) -> Option<Uuid> {
    text.parse::<UserId>().ok().map(UserId::uuid).filter(|uuid| !uuid.is_nil())
}

/// The content, or `None` if the category is unknown.
fn content(view: &View, inbound: &Inbound, keystore: &Keystore) -> Option<Content> {
    let own = keystore.user();
    let category = Category::of(&view.category);
    match category {
        Category::Unknown => return None,
        // A transfer without a sender may come in the bot's own name.
        Category::Snapshot => return Some(transfer(view)),
        Category::Conversation => return Some(membership(view, own)),
        Category::Notice => return Some(Content::Ignored),
        Category::Text | Category::Contact | Category::Other | Category::Encrypted(_) => {}
    }
    // Whatever the bot said itself, from another session or through a supergroup, must not be
    // answered, or it would talk to itself for ever. Nor can nobody be answered.
    if inbound.from == own || inbound.representative == Some(own) || inbound.from.uuid().is_nil() {
        return Some(Content::Ignored);
    }
    let unread = |undecryptable| Content::Unread { category: view.category.clone(), undecryptable };
    let (kind, bytes) = match category {
        Category::Encrypted(kind) => {
            let kind = Category::of_kind(kind);
            if matches!(kind, Category::Unknown) {
                return None;
            }
            let opened = payload(view).and_then(|bytes| encrypted::decrypt(keystore, &bytes).ok());
            match opened {
                Some(bytes) => (kind, Some(bytes)),
                None => return Some(unread(true)),
            }
        }
        kind @ (Category::Text
        | Category::Contact
        | Category::Other
        | Category::Snapshot
        | Category::Conversation
        | Category::Notice
        | Category::Unknown) => (kind, payload(view)),
    };
    Some(said(&kind, bytes.as_deref().unwrap_or_default()).unwrap_or_else(|| unread(false)))
}

/// What a person said, if we can read it.
fn said(kind: &Category<'_>, bytes: &[u8]) -> Option<Content> {
    match kind {
        Category::Text => text(bytes).map(Content::Text),
        Category::Contact => {
            let contact: WireContact = serde_json::from_slice(bytes).ok()?;
            Some(Content::Contact(UserId::new(id(&contact.user_id)?)))
        }
        Category::Other
        | Category::Snapshot
        | Category::Conversation
        | Category::Notice
        | Category::Encrypted(_)
        | Category::Unknown => None,
    }
}

/// A text of bearable length, without NUL, which databases do not agree about.
fn text(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    (text.chars().count() <= TEXT_CHARS_MAX).then(|| text.replace('\0', ""))
}

fn transfer(view: &View) -> Content {
    let snapshot = json::<WireSnapshot>(view).and_then(|snapshot| id(&snapshot.snapshot_id));
    snapshot.map_or(Content::Ignored, |id| Content::Transfer(SnapshotId::new(id)))
}

fn membership(view: &View, own: UserId) -> Content {
    let bot_added = json::<WireConversation>(view).is_some_and(|event| {
        matches!(event.action.as_str(), "ADD" | "CREATE")
            && event.participant_id.as_deref().and_then(id) == Some(own.uuid())
    });
    Content::Membership { bot_added }
}

fn json<T: DeserializeOwned>(view: &View) -> Option<T> {
    serde_json::from_slice(&payload(view)?).ok()
}

/// The payload's bytes: the newer field if it is there, in either alphabet.
fn payload(view: &View) -> Option<Vec<u8>> {
    let text = if view.data_base64.is_empty() { &view.data } else { &view.data_base64 };
    base64::decode(text).ok()
}

impl<'a> Category<'a> {
    fn of(category: &'a str) -> Self {
        match category {
            "APP_CARD" | "APP_BUTTON_GROUP" => Self::Other,
            "SYSTEM_SAFE_SNAPSHOT" | "SYSTEM_ACCOUNT_SNAPSHOT" => Self::Snapshot,
            "SYSTEM_CONVERSATION" => Self::Conversation,
            // A collectible is never money.
            "SYSTEM_SAFE_INSCRIPTION"
            | "SYSTEM_SESSION"
            | "SYSTEM_USER"
            | "SYSTEM_CIRCLE"
            | "MESSAGE_RECALL"
            | "MESSAGE_PIN"
            | "PLAIN_JSON" => Self::Notice,
            _ => match category.split_once('_') {
                Some(("PLAIN", kind)) => Self::of_kind(kind),
                Some(("ENCRYPTED", kind)) => Self::Encrypted(kind),
                Some(("SIGNAL" | "WEBRTC" | "KRAKEN", _)) => Self::Notice,
                Some(_) | None => Self::Unknown,
            },
        }
    }

    /// What follows `PLAIN_` or `ENCRYPTED_`.
    fn of_kind(kind: &str) -> Self {
        match kind {
            "TEXT" | "POST" => Self::Text,
            "CONTACT" => Self::Contact,
            "IMAGE" | "DATA" | "AUDIO" | "VIDEO" | "STICKER" | "LOCATION" | "LIVE"
            | "TRANSCRIPT" => Self::Other,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    clippy::wildcard_enum_match_arm,
    reason = "tests write values in the call and fail by panicking"
)]
mod tests {
    use super::*;
    use crate::mixin::blaze::envelope;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const ALICE: &str = "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810";
    const MESSAGE: &str = "531d2e1c-0bc3-4ce4-8328-6419b0d9ade3";
    const OTHER: &str = "4645aeb6-b33f-4c48-8860-389bdeae0b58";
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn keystore() -> Keystore {
        include_str!("../../../keystore.example.json").parse().unwrap()
    }

    fn bot() -> String {
        keystore().user().to_string()
    }

    fn reading(change: Value) -> Reading {
        let mut view = json!({
            "message_id": MESSAGE,
            "conversation_id": OTHER,
            "user_id": ALICE,
            "created_at": "2025-01-02T03:04:05.123456789Z",
        });
        view.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let json = json!({ "action": "CREATE_MESSAGE", "data": view }).to_string();
        read(&envelope::parse(json.as_bytes()).unwrap(), &keystore(), NOW)
    }

    fn content_of(category: &str, payload: &str, change: Value) -> Content {
        let mut view = json!({ "category": category, "data_base64": base64::encode(payload) });
        view.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        match reading(view) {
            Reading::Inbound(inbound) => inbound.content,
            other => panic!("{other:?}"),
        }
    }

    fn content(category: &str, payload: &str) -> Content {
        content_of(category, payload, json!({}))
    }

    fn unread(category: &str, undecryptable: bool) -> Content {
        Content::Unread { category: category.to_owned(), undecryptable }
    }

    #[test]
    fn each_category_means_one_thing() {
        let alice: UserId = ALICE.parse().unwrap();
        let contact = format!(r#"{{"user_id":"{ALICE}"}}"#);
        let snapshot = format!(r#"{{"snapshot_id":"{OTHER}","amount":"1"}}"#);
        let transfer = Content::Transfer(OTHER.parse().unwrap());
        assert_eq!(content("PLAIN_TEXT", "ping\0\n"), Content::Text("ping\n".to_owned()));
        assert_eq!(content("PLAIN_POST", "# ping"), Content::Text("# ping".to_owned()));
        assert_eq!(content("PLAIN_CONTACT", &contact), Content::Contact(alice));
        assert_eq!(content("SYSTEM_SAFE_SNAPSHOT", &snapshot), transfer);
        assert_eq!(content("SYSTEM_ACCOUNT_SNAPSHOT", &snapshot), transfer);
        for category in [
            "PLAIN_IMAGE",
            "PLAIN_DATA",
            "PLAIN_AUDIO",
            "PLAIN_VIDEO",
            "PLAIN_STICKER",
            "PLAIN_LOCATION",
            "PLAIN_LIVE",
            "PLAIN_TRANSCRIPT",
            "APP_CARD",
            "APP_BUTTON_GROUP",
        ] {
            assert_eq!(content(category, "{}"), unread(category, false));
        }
        for category in [
            "SYSTEM_SAFE_INSCRIPTION",
            "MESSAGE_RECALL",
            "MESSAGE_PIN",
            "PLAIN_JSON",
            "SYSTEM_SESSION",
            "SYSTEM_USER",
            "SYSTEM_CIRCLE",
            "SIGNAL_TEXT",
            "WEBRTC_AUDIO_OFFER",
            "KRAKEN_INVITE",
        ] {
            assert_eq!(content(category, &snapshot), Content::Ignored, "{category}");
        }
    }

    #[test]
    fn a_person_cannot_tell_of_a_transfer() {
        let snapshot = format!(r#"{{"type":"snapshot","snapshot_id":"{OTHER}","amount":"1"}}"#);
        assert_eq!(content("PLAIN_TEXT", &snapshot), Content::Text(snapshot.clone()));
        assert_eq!(content("PLAIN_DATA", &snapshot), unread("PLAIN_DATA", false));
        assert_eq!(content("PLAIN_CONTACT", &snapshot), unread("PLAIN_CONTACT", false));
    }

    #[test]
    fn the_bot_learns_that_it_was_added_and_only_then_greets() {
        let event = |action: &str, who: &str| {
            let json = json!({ "action": action, "participant_id": who });
            content("SYSTEM_CONVERSATION", &json.to_string())
        };
        let added = Content::Membership { bot_added: true };
        let changed = Content::Membership { bot_added: false };
        assert_eq!(event("ADD", &bot()), added);
        assert_eq!(event("CREATE", &bot()), added);
        assert_eq!(event("REMOVE", &bot()), changed);
        assert_eq!(event("ADD", ALICE), changed);
        assert_eq!(content("SYSTEM_CONVERSATION", "?"), changed);
        let nobody = json!({ "user_id": "00000000-0000-0000-0000-000000000000" });
        let json = json!({ "action": "ADD", "participant_id": bot() }).to_string();
        assert_eq!(content_of("SYSTEM_CONVERSATION", &json, nobody), added);
    }

    #[test]
    fn what_the_bot_said_itself_is_acknowledged_and_never_answered() {
        let own = json!({ "user_id": bot() });
        assert_eq!(content_of("PLAIN_TEXT", "ping", own.clone()), Content::Ignored);
        assert_eq!(content_of("PLAIN_STICKER", "{}", own.clone()), Content::Ignored);
        assert_eq!(content_of("ENCRYPTED_TEXT", "?", own.clone()), Content::Ignored);
        let through_another = json!({ "representative_id": bot() });
        assert_eq!(content_of("PLAIN_TEXT", "ping", through_another), Content::Ignored);
        assert_eq!(content_of("PLAIN_TEXT", "ping", json!({ "user_id": "" })), Content::Ignored);
        // A deposit has no sender but the bot itself.
        let snapshot = format!(r#"{{"snapshot_id":"{OTHER}"}}"#);
        let transfer = Content::Transfer(OTHER.parse().unwrap());
        assert_eq!(content_of("SYSTEM_SAFE_SNAPSHOT", &snapshot, own), transfer);
    }

    #[test]
    fn receipts_and_echoes_are_nothing_and_calls_are_acknowledged() {
        assert_eq!(reading(json!({ "category": "" })), Reading::Nothing);
        assert_eq!(reading(json!({ "category": "", "user_id": bot() })), Reading::Nothing);
        let action = |action: &str, category: &str| {
            let data = json!({ "message_id": MESSAGE, "user_id": ALICE, "category": category });
            let json = json!({ "action": action, "data": data }).to_string();
            read(&envelope::parse(json.as_bytes()).unwrap(), &keystore(), NOW)
        };
        assert_eq!(action("ACKNOWLEDGE_MESSAGE_RECEIPT", ""), Reading::Nothing);
        assert_eq!(action("ACKNOWLEDGE_MESSAGE_RECEIPT", "PLAIN_TEXT"), Reading::Nothing);
        assert_eq!(action("LIST_PENDING_MESSAGES", ""), Reading::Nothing);
        assert!(matches!(
            action("CREATE_CALL", ""),
            Reading::Inbound(Inbound { content: Content::Ignored, .. })
        ));
    }

    #[test]
    fn unknown_categories_are_acknowledged_and_named() {
        for name in ["PLAIN_SOMETHING_NEW", "ENCRYPTED_SOMETHING_NEW", "SYSTEM_NEW", "X"] {
            match reading(json!({ "category": name })) {
                Reading::UnknownCategory { category, inbound } => {
                    assert_eq!(category, name);
                    assert_eq!(inbound.content, Content::Ignored);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_view_keeps_its_ids_and_its_time_and_may_lack_both() {
        let Reading::Inbound(inbound) = reading(json!({
            "category": "PLAIN_TEXT",
            "data": "L2JhbGFuY2U=",
            "representative_id": OTHER,
            "quote_message_id": OTHER,
        })) else {
            panic!("no message");
        };
        assert_eq!(inbound.content, Content::Text("/balance".to_owned()));
        assert_eq!(inbound.representative, Some(OTHER.parse().unwrap()));
        assert_eq!(inbound.quote, Some(OTHER.parse().unwrap()));
        assert_eq!(inbound.at.as_second(), 1_735_787_045);
        let Reading::Inbound(bare) = reading(json!({
            "category": "PLAIN_TEXT",
            "conversation_id": "",
            "representative_id": "00000000-0000-0000-0000-000000000000",
            "created_at": "soon",
        })) else {
            panic!("no message");
        };
        assert_eq!((bare.conversation, bare.representative, bare.quote), (None, None, None));
        assert_eq!(bare.at, NOW);
        let no_id = json!({ "category": "PLAIN_TEXT", "message_id": "7" });
        assert_eq!(reading(no_id), Reading::Unreadable);
    }

    #[test]
    fn what_cannot_be_read_gets_a_polite_answer() {
        let odd = |payload: Value| match reading(payload) {
            Reading::Inbound(inbound) => inbound.content,
            other => panic!("{other:?}"),
        };
        let text = |data: &str| odd(json!({ "category": "PLAIN_TEXT", "data_base64": data }));
        assert_eq!(text("_w"), unread("PLAIN_TEXT", false));
        let long = "é".repeat(TEXT_CHARS_MAX + 1);
        assert_eq!(content("PLAIN_TEXT", &long), unread("PLAIN_TEXT", false));
        let fits = "é".repeat(TEXT_CHARS_MAX);
        assert_eq!(content("PLAIN_TEXT", &fits), Content::Text(fits.clone()));
        assert_eq!(content("ENCRYPTED_TEXT", "?"), unread("ENCRYPTED_TEXT", true));
        assert_eq!(content("ENCRYPTED_STICKER", "?"), unread("ENCRYPTED_STICKER", true));
    }

    proptest! {
        #[test]
        fn no_view_makes_reading_panic(
            category in "(PLAIN|ENCRYPTED|SYSTEM|APP)_(TEXT|CONTACT|SAFE_SNAPSHOT|CONVERSATION|X)",
            payload: Vec<u8>,
            id in "[0-9a-f-]{0,36}",
            action in "(CREATE|ACKNOWLEDGE|LIST)_[A-Z_]{0,9}",
        ) {
            let view = View {
                message_id: MESSAGE.to_owned(),
                user_id: id.clone(),
                conversation_id: id.clone(),
                category,
                data_base64: base64::encode(payload),
                data: id,
                ..View::default()
            };
            let envelope = Envelope { action, data: Some(view), ..Envelope::default() };
            drop(read(&envelope, &keystore(), NOW));
        }
    }
}
