//! Chat: messages and acknowledgements go out as batches over HTTP, not as Blaze frames.
//!
//! One request carries a hundred messages, which costs half the CPU of a hundred frames and their
//! answers; it has one outcome for the whole batch; and it does not depend on a socket that may be
//! half open, where a frame is gone without anybody noticing. A repeat is harmless either way,
//! because a message keeps its id (mixin.md 3.5, 4.1).

use crate::{
    domain::{
        derive::contact_conversation,
        ids::{MessageId, UserId},
    },
    mixin::{
        Mixin,
        api::{Call, json, no_json},
        payload,
    },
    ports::{
        chat::{ACKNOWLEDGEMENTS_PER_REQUEST_MAX, Chat, MESSAGES_PER_REQUEST_MAX, OutgoingMessage},
        failure::CallError,
    },
    runtime::base64,
};
use async_trait::async_trait;
use serde::{Serialize, de::IgnoredAny};

/// A request's body has at most this many bytes; a single longer message goes alone, for Mixin to
/// refuse.
const REQUEST_BYTES_MAX: usize = 128 * 1024;

const SEND: &str = "POST /messages";
const ACKNOWLEDGE: &str = "POST /acknowledgements";
const OPEN_CONVERSATION: &str = "POST /conversations";

#[derive(Serialize)]
struct WireMessage {
    conversation_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_id: Option<String>,
    message_id: String,
    category: &'static str,
    data_base64: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote_message_id: Option<String>,
    #[serde(skip_serializing_if = "is_loud")]
    silent: bool,
}

#[derive(Serialize)]
struct WireAcknowledgement {
    message_id: String,
    status: &'static str,
}

#[derive(Serialize)]
struct WireConversation {
    category: &'static str,
    conversation_id: String,
    participants: [WireParticipant; 1],
}

#[derive(Serialize)]
struct WireParticipant {
    user_id: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_loud(silent: &bool) -> bool {
    !*silent
}

#[async_trait]
impl Chat for Mixin {
    async fn send(&self, messages: &[OutgoingMessage]) -> Result<(), CallError> {
        let own = self.api.keystore.user();
        let messages = messages.iter().map(|message| write(own, message));
        for body in requests(messages.collect::<Result<_, _>>()?) {
            let call = Call::post(SEND, "/messages".to_owned(), body);
            self.api.call::<IgnoredAny>(call).await?;
        }
        Ok(())
    }

    async fn upload(&self, bytes: Vec<u8>) -> Result<String, CallError> {
        self.upload_attachment(bytes).await
    }

    async fn open_conversation(&self, with: UserId) -> Result<(), CallError> {
        let conversation = contact_conversation(self.api.keystore.user(), with);
        let body = WireConversation {
            category: "CONTACT",
            conversation_id: conversation.to_string(),
            participants: [WireParticipant { user_id: with.to_string() }],
        };
        let body = json(OPEN_CONVERSATION, &body)?;
        let call = Call::post(OPEN_CONVERSATION, "/conversations".to_owned(), body);
        self.api.call::<IgnoredAny>(call).await?;
        Ok(())
    }

    async fn acknowledge(&self, messages: &[MessageId]) -> Result<(), CallError> {
        for messages in messages.chunks(ACKNOWLEDGEMENTS_PER_REQUEST_MAX) {
            let read = |message: &MessageId| WireAcknowledgement {
                message_id: message.to_string(),
                status: "READ",
            };
            let body = json(ACKNOWLEDGE, &messages.iter().map(read).collect::<Vec<_>>())?;
            let call = Call::post(ACKNOWLEDGE, "/acknowledgements".to_owned(), body);
            self.api.call::<IgnoredAny>(call).await?;
        }
        Ok(())
    }
}

fn write(own: UserId, message: &OutgoingMessage) -> Result<Vec<u8>, CallError> {
    let payload = payload::write(own, &message.body).map_err(|error| no_json(SEND, &error))?;
    let wire = WireMessage {
        conversation_id: message.conversation.to_string(),
        recipient_id: message.recipient.map(|user| user.to_string()),
        message_id: message.id.to_string(),
        category: payload.category,
        data_base64: base64::encode(payload.bytes),
        quote_message_id: message.quote.map(|quote| quote.to_string()),
        silent: message.silent,
    };
    json(SEND, &wire)
}

/// The bodies that carry these messages, in order, each within the bounds of a request.
fn requests(messages: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    let mut count: usize = 0;
    for message in messages {
        let room = |body: &Vec<u8>| {
            // A comma before the message and a bracket behind it.
            let bytes = body.len().saturating_add(message.len()).saturating_add(2);
            bytes <= REQUEST_BYTES_MAX && count < MESSAGES_PER_REQUEST_MAX
        };
        if let Some(body) = bodies.last_mut().filter(|body| room(body)) {
            body.push(b',');
            body.extend(message);
            count = count.saturating_add(1);
        } else {
            let mut body = vec![b'['];
            body.extend(message);
            bodies.push(body);
            count = 1;
        }
    }
    for body in &mut bodies {
        body.push(b']');
    }
    bodies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_carries_a_hundred_messages_or_128_kib() {
        let lengths = |messages: Vec<Vec<u8>>| -> Vec<usize> {
            let bodies = requests(messages);
            assert!(bodies.iter().all(|body| body.starts_with(b"[") && body.ends_with(b"]")));
            bodies.iter().map(Vec::len).collect()
        };
        assert!(lengths(vec![]).is_empty());
        // 100 of `{},` and the second bracket instead of a comma.
        assert_eq!(lengths(vec![b"{}".to_vec(); 201]), [301, 301, 4]);
        let big = vec![b'1'; REQUEST_BYTES_MAX / 2 - 2];
        assert_eq!(lengths(vec![big.clone(), big.clone()]), [REQUEST_BYTES_MAX - 1]);
        let bigger = vec![b'1'; REQUEST_BYTES_MAX / 2];
        assert_eq!(lengths(vec![big, bigger]).len(), 2);
        assert_eq!(lengths(vec![vec![b'1'; REQUEST_BYTES_MAX]; 2]).len(), 2);
    }

    #[test]
    fn the_order_is_kept_across_requests() {
        let numbers: Vec<Vec<u8>> = (0..250).map(|n: u32| n.to_string().into_bytes()).collect();
        let read: Vec<u32> = requests(numbers)
            .iter()
            .flat_map(|body| serde_json::from_slice::<Vec<u32>>(body).unwrap())
            .collect();
        assert_eq!(read, (0..250).collect::<Vec<_>>());
    }
}
