//! Chat: what the bot says reaches the world as it is; its words are also the digest of its bytes.

use super::{Call, Does, Services};
use crate::{
    domain::ids::{MessageId, UserId},
    ports::{
        chat::{Body, Button, Chat, OutgoingMessage},
        failure::CallError,
    },
    sim::{
        World,
        world::{
            chat::{self, Act, Posting, Refusal},
            faults::{self, Faults, Trouble},
        },
    },
};
use async_trait::async_trait;

#[async_trait]
impl Chat for Services {
    async fn send(&self, messages: &[OutgoingMessage]) -> Result<(), CallError> {
        let call = Call::mixin("POST /messages", Does::Write);
        let batch: Vec<Posting> = messages.iter().map(posting).collect();
        let mut is_silent = false;
        let act = |world: &World| {
            world.post(batch).map_err(|refusal| {
                is_silent = refusal == Refusal::Silence;
                call.denied(refusal)
            })
        };
        let spoils = |world: &World| {
            let spoilt =
                world.change(|m| faults::take(&mut m.state.faults.messages_shown_then_500));
            spoilt.then_some(Trouble::Error)
        };
        let outcome = self.call(call, act, spoils).await;
        if is_silent {
            self.wait_in_vain().await;
        }
        outcome
    }

    async fn upload(&self, bytes: Vec<u8>) -> Result<String, CallError> {
        let call = Call::mixin("POST /attachments", Does::Write);
        let act = |world: &World| {
            let id = world.add_attachment();
            world.fill_attachment(&id, bytes);
            Ok(id)
        };
        self.call(call, act, spoils(|faults| &mut faults.uploaded_then_500)).await
    }

    async fn open_conversation(&self, with: UserId) -> Result<(), CallError> {
        let call = Call::mixin("POST /conversations", Does::Write);
        self.ask(call, |world| {
            world.open_contact(with).map(drop).ok_or_else(|| call.refused(404, "no such user"))
        })
        .await
    }

    async fn acknowledge(&self, messages: &[MessageId]) -> Result<(), CallError> {
        let call = Call::mixin("POST /acknowledgements", Does::Write);
        let act =
            |world: &World| world.acknowledge(messages).map_err(|refusal| call.denied(refusal));
        self.call(call, act, spoils(|faults| &mut faults.acknowledged_then_500)).await
    }
}

impl Call {
    /// What the client makes of a refusal.
    fn denied(self, refusal: Refusal) -> CallError {
        match refusal {
            Refusal::Forbidden => self.refused(403, "Forbidden."),
            Refusal::Field(field) => self.refused(10002, field),
            Refusal::Broken => self.in_trouble(Trouble::Error, false),
            Refusal::Silence => self.in_trouble(Trouble::Cut, true),
        }
    }
}

/// Whether a 500 follows what was done, by this counter.
fn spoils(counter: impl FnOnce(&mut Faults) -> &mut u32) -> impl FnOnce(&World) -> Option<Trouble> {
    |world| {
        let spoilt = world.change(|m| faults::take(counter(&mut m.state.faults)));
        spoilt.then_some(Trouble::Error)
    }
}

fn posting(message: &OutgoingMessage) -> Posting {
    Posting {
        id: message.id,
        conversation: message.conversation,
        recipient: message.recipient,
        quote: message.quote,
        silent: message.silent,
        category: String::new(),
        data: format!("{:?}", message.body).into_bytes(),
        act: Act::Show(shown(&message.body)),
    }
}

fn shown(body: &Body) -> chat::Body {
    match body {
        Body::Text(text) => chat::Body::Text(text.clone()),
        Body::Card(card) => chat::Body::Card(chat::Card {
            title: card.title.clone(),
            description: card.description.clone(),
            buttons: buttons(&card.buttons),
            shareable: card.shareable,
        }),
        Body::Buttons(group) => chat::Body::Buttons(buttons(group)),
        Body::Contact(user) => chat::Body::Contact(*user),
        Body::Image(picture) => chat::Body::Image {
            attachment: picture.attachment.clone(),
            width: picture.width.into(),
            height: picture.height.into(),
        },
        Body::File(file) => {
            chat::Body::File { attachment: file.attachment.clone(), name: file.name.clone() }
        }
    }
}

fn buttons(group: &[Button]) -> Vec<chat::Button> {
    let button = |button: &Button| chat::Button {
        label: button.label.clone(),
        color: button.color.clone(),
        action: button.action.clone(),
    };
    group.iter().map(button).collect()
}
