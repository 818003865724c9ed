//! Reply: a draft becomes an effect: it gets its place, its buttons' prefix and its id.

use crate::{
    app::deps::Deps,
    domain::{
        cause::Cause,
        derive::contact_conversation,
        ids::{ConversationId, EffectId, MessageId, UserId},
    },
    ports::{
        chat::{BUTTONS_MAX, Body, Button, Card, DESCRIPTION_CHARS_MAX, LABEL_CHARS_MAX},
        effect::{Effect, Envelope, Errand},
    },
    speech::{Action, Draft, DraftBody, Tap, format::cut},
    store::{StoreError, Tx},
};
use jiff::Timestamp;

/// The colour of buttons that move money.
const PAY: &str = "#3D75E3";
/// The colour of the other buttons.
const PLAIN: &str = "#5D6574";

/// Where something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The conversation.
    pub conversation: ConversationId,
    /// The other person of a one-to-one conversation; `None` in groups.
    pub person: Option<UserId>,
    /// Whether we may never have spoken there.
    pub new: bool,
}

impl Place {
    /// The one-to-one conversation with somebody.
    pub fn private(deps: &Deps, person: UserId) -> Self {
        let conversation = contact_conversation(deps.me.person.id, person);
        Self { conversation, person: Some(person), new: false }
    }
}

/// Enqueues drafts in their order, under ids derived from `cause` and their number.
pub async fn say(
    tx: &mut Tx,
    deps: &Deps,
    place: Place,
    cause: Cause<'_>,
    drafts: Vec<Draft>,
    now: Timestamp,
) -> Result<(), StoreError> {
    if let (true, Some(person)) = (place.new && !drafts.is_empty(), place.person) {
        meet(tx, deps, place.conversation, person, now).await?;
    }
    for (number, draft) in drafts.into_iter().enumerate() {
        let id = cause.message(number, deps.store.secret());
        if let Some(code) = draft.about {
            tx.note_about(id, code, now).await?;
        }
        let effect = Effect {
            id: EffectId::new(id.uuid()),
            lane: place.conversation.to_string(),
            errand: errand(deps, place, id, draft, now),
        };
        tx.enqueue(&effect, now, now).await?;
    }
    Ok(())
}

/// What is said in a conversation that may not exist waits in its lane until it does.
async fn meet(
    tx: &mut Tx,
    deps: &Deps,
    conversation: ConversationId,
    person: UserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    if tx.is_opened(conversation).await? {
        return Ok(());
    }
    let lane = conversation.to_string();
    let id = EffectId::new(Cause::Meet(conversation).id(deps.store.secret()));
    tx.enqueue(&Effect { id, lane, errand: Errand::Meet { person } }, now, now).await
}

fn errand(deps: &Deps, place: Place, id: MessageId, draft: Draft, now: Timestamp) -> Errand {
    let envelope = Envelope {
        id,
        conversation: place.conversation,
        recipient: place.person,
        quote: draft.quote,
        silent: draft.silent,
    };
    let prefix = place.person.is_none().then(|| format!("@{} ", deps.me.person.number));
    let buttons = |taps: Vec<Tap>| -> Vec<Button> {
        taps.into_iter().take(BUTTONS_MAX).map(|tap| button(tap, prefix.as_deref())).collect()
    };
    let body = match draft.body {
        DraftBody::Qr(link) => return Errand::Picture { envelope, link },
        DraftBody::Document { name, text } => return Errand::Document { envelope, name, text },
        DraftBody::Text(text) => Body::Text(text),
        DraftBody::Contact(user) => Body::Contact(user),
        DraftBody::Buttons(taps) => Body::Buttons(buttons(taps)),
        DraftBody::Card { title, description, buttons: taps } => Body::Card(Card {
            title: cut(&title, LABEL_CHARS_MAX),
            description: cut(&description, DESCRIPTION_CHARS_MAX),
            // A forwarded card may only carry links.
            shareable: taps.iter().all(|tap| matches!(tap.action, Action::Open(_))),
            buttons: buttons(taps),
            updated_at: now.to_string(),
        }),
    };
    Errand::Say { message: envelope.with(body), open_first: false }
}

fn button(tap: Tap, prefix: Option<&str>) -> Button {
    let (color, action) = match tap.action {
        Action::Open(link) => (PAY, link),
        Action::Say(command) => (PLAIN, format!("input:{}{command}", prefix.unwrap_or(""))),
    };
    Button { label: cut(&tap.label, LABEL_CHARS_MAX), color: color.to_owned(), action }
}
