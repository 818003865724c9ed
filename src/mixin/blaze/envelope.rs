//! Envelopes: the JSON around every action, ours and the server's (mixin.md 3.2, 3.4).
//!
//! Reading forgives: fields may be missing, null, empty or more than we know.

use crate::mixin::answer::WireError;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeOwned},
};
use serde_json::{Value, value::RawValue};
use uuid::Uuid;

/// An envelope that came from the server.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Envelope {
    /// The id of the request that it answers, or one of the server's own.
    #[serde(deserialize_with = "text")]
    pub id: String,
    /// What it is about.
    #[serde(deserialize_with = "text")]
    pub action: String,
    /// The message, if it brings one. (Answers may hold something else here, or an array.)
    #[serde(deserialize_with = "view")]
    pub data: Option<View>,
    /// What went wrong, if something did.
    pub(crate) error: Option<WireError>,
}

/// A message as the wire shows it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct View {
    /// The message's id.
    #[serde(deserialize_with = "text")]
    pub message_id: String,
    /// The conversation; empty in receipts.
    #[serde(deserialize_with = "text")]
    pub conversation_id: String,
    /// Who sent it.
    #[serde(deserialize_with = "text")]
    pub user_id: String,
    /// On whose behalf.
    #[serde(deserialize_with = "text")]
    pub representative_id: String,
    /// The message that it quotes.
    #[serde(deserialize_with = "text")]
    pub quote_message_id: String,
    /// What kind of message; empty in receipts and echoes.
    #[serde(deserialize_with = "text")]
    pub category: String,
    /// The payload, base64.
    #[serde(deserialize_with = "text")]
    pub data: String,
    /// The same in the URL-safe alphabet.
    #[serde(deserialize_with = "text")]
    pub data_base64: String,
    /// When it was sent.
    #[serde(deserialize_with = "text")]
    pub created_at: String,
}

#[derive(Serialize)]
struct Request {
    id: String,
    action: &'static str,
}

/// Reads an envelope.
pub fn parse(bytes: &[u8]) -> Result<Envelope, serde_json::Error> {
    serde_json::from_slice(bytes)
}

/// What a message is, from the beginning of an envelope that is not there in full. Its payload is
/// empty.
pub fn parse_start(bytes: &[u8]) -> Envelope {
    let text = String::from_utf8_lossy(bytes);
    let field = |name: &str| {
        let key = format!("\"{name}\":");
        let (_, rest) = text.split_once(&key)?;
        let value = rest.trim_start().strip_prefix('"')?.split_once('"')?.0;
        // Ids, times and words have nothing to escape.
        let is_plain = value.len() <= START_FIELD_BYTES_MAX && !value.contains('\\');
        is_plain.then(|| value.to_owned())
    };
    let value = |name: &str| field(name).unwrap_or_default();
    let view = View {
        message_id: value("message_id"),
        conversation_id: value("conversation_id"),
        user_id: value("user_id"),
        representative_id: value("representative_id"),
        quote_message_id: value("quote_message_id"),
        category: value("category"),
        data: String::new(),
        data_base64: String::new(),
        created_at: value("created_at"),
    };
    Envelope { id: value("id"), action: value("action"), data: Some(view), error: None }
}

/// A field in the beginning of an envelope is at most so long.
const START_FIELD_BYTES_MAX: usize = 64;

/// The first frame of every connection: without it nothing is delivered.
pub fn list_pending_messages(id: Uuid) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Request { id: id.to_string(), action: "LIST_PENDING_MESSAGES" })
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = <&RawValue>::deserialize(deserializer)?.get();
    if value.starts_with('"') { read(value) } else { Ok(String::new()) }
}

fn view<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<View>, D::Error> {
    let value = <&RawValue>::deserialize(deserializer)?.get();
    if !value.starts_with('{') {
        return Ok(None);
    }
    // What is odd (a field twice) is read a slower way, which knows how to forgive it.
    serde_json::from_str(value).map(Some).or_else(|_| {
        let value: Value = read(value)?;
        Ok(serde_json::from_str(&value.to_string()).ok())
    })
}

fn read<T: DeserializeOwned, E: de::Error>(json: &str) -> Result<T, E> {
    serde_json::from_str(json).map_err(E::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_may_be_missing_null_empty_or_strange() {
        for json in [
            "{}",
            r#"{"id":null,"action":null,"data":null,"error":null}"#,
            r#"{"id":7,"action":[],"data":[1],"error":{}}"#,
            r#"{"data":"text","more":{"than":"we know"}}"#,
        ] {
            let envelope = parse(json.as_bytes()).unwrap();
            assert!(envelope.id.is_empty() && envelope.data.is_none(), "{json}");
        }
        let odd = br#"{"data":{"message_id":"m","data":{},"silent":"?"}}"#;
        let view = parse(odd).unwrap().data.unwrap();
        assert_eq!((view.message_id.as_str(), view.data.as_str()), ("m", ""));
        let twice = br#"{"data":{"message_id":"m","message_id":"n","silent":1,"silent":2}}"#;
        assert_eq!(parse(twice).unwrap().data.unwrap().message_id, "n");
        assert!(parse(b"7").is_err() && parse(b"").is_err());
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes: Vec<u8>, text in r#"[\{\}\[\]":,a-z0-9]{0,60}"#) {
            drop(parse(&bytes));
            drop(parse(text.as_bytes()));
        }
    }
}
