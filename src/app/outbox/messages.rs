//! Messages: shows what is ready to be shown, up to a hundred in one request.

use crate::{
    app::{
        deps::Deps,
        outbox::{again_at, is_final},
    },
    domain::ids::EffectId,
    ports::{
        chat::{Body, MESSAGES_PER_REQUEST_MAX, OutgoingMessage},
        effect::{Errand, Pending},
        failure::CallError,
    },
    store::StoreError,
};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

/// Messages that are shown before they are removed from the store, all in one transaction.
const SHOWN_MAX: u32 = 500;
/// Mixin's code for "the recipient blocked the bot, or the bot is not in the conversation".
const FORBIDDEN: i64 = 403;

/// What there is to show.
struct Outlook {
    /// What may be shown now.
    due: Vec<Pending>,
    /// If that is nothing: when there will be something.
    next: Option<Timestamp>,
}

/// Shows messages until told to stop.
pub async fn run(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    let mut outlook = look(deps, &[]).await?;
    while !stop.is_cancelled() {
        if outlook.due.is_empty() {
            tokio::select! {
                biased;
                () = deps.wakes.messages.wait_or(&*deps.clock, outlook.next) => {}
                () = stop.cancelled() => return Ok(()),
            }
            outlook = look(deps, &[]).await?;
        } else {
            outlook = show(deps, &outlook.due).await?;
        }
    }
    Ok(())
}

/// Removes what was shown, and looks what is next, in one transaction.
async fn look(deps: &Deps, shown: &[EffectId]) -> Result<Outlook, StoreError> {
    deps.wakes.messages.hush();
    let now = deps.now();
    let mut tx = deps.store.begin().await?;
    let mut errands_wait = false;
    if !shown.is_empty() {
        tx.conclude(shown).await?;
        errands_wait = tx.errands_wait().await?;
    }
    let due = tx.due_messages(now, SHOWN_MAX).await?;
    let next = if due.is_empty() { tx.next_message_due(now).await? } else { None };
    if !shown.is_empty() {
        tx.commit().await?;
        deps.metrics.effects_done.add(u64::try_from(shown.len()).unwrap_or(0));
    }
    // What waited behind these in their lanes may be due now.
    if errands_wait {
        deps.wakes.errands.wake();
    }
    Ok(Outlook { due, next })
}

/// Shows what is due; what there is to show after it.
async fn show(deps: &Deps, due: &[Pending]) -> Result<Outlook, StoreError> {
    let mut shown = Vec::with_capacity(due.len());
    let mut batches: Vec<&[Pending]> = due.chunks(MESSAGES_PER_REQUEST_MAX).rev().collect();
    while let Some(batch) = batches.pop() {
        match send(deps, batch).await {
            Ok(()) => shown.extend(batch.iter().map(|pending| pending.effect.id)),
            Err(error) if !is_final(&error) => {
                postpone(deps, batch, &batches, &error).await?;
                break;
            }
            Err(error) => match batch {
                [] => {}
                [alone] => refuse(deps, alone, &error).await?,
                // One of them is wrong; halves are tried in order until it is found.
                many => {
                    let (first, second) = many.split_at(many.len() / 2);
                    batches.extend([second, first]);
                }
            },
        }
    }
    look(deps, &shown).await
}

async fn send(deps: &Deps, batch: &[Pending]) -> Result<(), CallError> {
    let mut messages = Vec::with_capacity(batch.len());
    for pending in batch {
        if let Errand::Say { message, open_first } = &pending.effect.errand {
            if let (true, Some(person)) = (*open_first, message.recipient) {
                deps.chat.open_conversation(person).await?;
            }
            messages.push(message.clone());
        }
    }
    deps.chat.send(&messages).await
}

/// Everything from this batch on waits: Mixin does not answer, or may have shown it already.
async fn postpone(
    deps: &Deps,
    batch: &[Pending],
    rest: &[&[Pending]],
    error: &CallError,
) -> Result<(), StoreError> {
    let waiting = || batch.iter().chain(rest.iter().copied().flatten());
    let attempts = waiting().map(|pending| pending.attempts).max().unwrap_or_default();
    let due = again_at(deps, attempts);
    tracing::warn!(effects = waiting().count(), %due, "messages wait: {error}");
    deps.metrics.effects_failed.add(1);
    let ids: Vec<EffectId> = waiting().map(|pending| pending.effect.id).collect();
    let mut tx = deps.store.begin().await?;
    tx.postpone(&ids, due).await?;
    deps.commit(tx).await
}

/// A message that Mixin will never show: as plain text if it was more, else parked.
async fn refuse(deps: &Deps, pending: &Pending, error: &CallError) -> Result<(), StoreError> {
    let id = pending.effect.id;
    let mut tx = deps.store.begin().await?;
    match plainer(&pending.effect.errand) {
        _ if error.code() == Some(FORBIDDEN) => {
            tracing::info!(effect.id = %id, "a message is dropped: we may not speak there");
            tx.conclude(&[id]).await?;
        }
        Some(plain) => {
            tracing::warn!(effect.id = %id, %error, "a message is refused, and goes out as plain text");
            tx.replace(id, &plain, deps.now()).await?;
        }
        None => {
            tracing::error!(effect.id = %id, %error, "a message is refused for good and parked");
            deps.metrics.effects_parked.add(1);
            tx.park(id).await?;
        }
    }
    deps.commit(tx).await
}

/// A card or buttons as text with the same words and links.
fn plainer(errand: &Errand) -> Option<Errand> {
    let Errand::Say { message, open_first } = errand else { return None };
    let lines = |buttons: &[crate::ports::chat::Button]| {
        let line = |button: &crate::ports::chat::Button| {
            let action = button.action.strip_prefix("input:").unwrap_or(&button.action);
            format!("{}: {action}", button.label)
        };
        buttons.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    let text = match &message.body {
        Body::Card(card) => {
            format!("{}\n{}\n{}", card.title, card.description, lines(&card.buttons))
        }
        Body::Buttons(buttons) => lines(buttons),
        Body::Text(_) | Body::Contact(_) | Body::Image(_) | Body::File(_) => return None,
    };
    let message = OutgoingMessage { body: Body::Text(text), ..message.clone() };
    Some(Errand::Say { message, open_first: *open_first })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::chat::{Button, Card};

    fn say(body: Body) -> Errand {
        let message = OutgoingMessage {
            id: "ba1ccb11-b341-45d4-8c45-e5b81bdd4b39".parse().unwrap(),
            conversation: "c98ad5b7-5cb5-4eb5-8a2e-0a1b2c3d4e5f".parse().unwrap(),
            recipient: None,
            quote: None,
            silent: true,
            body,
        };
        Errand::Say { message, open_first: true }
    }

    #[test]
    fn a_card_that_is_refused_goes_out_as_text_with_its_words_and_links() {
        let button = |label: &str, action: &str| Button {
            label: label.to_owned(),
            color: "#3D75E3".to_owned(),
            action: action.to_owned(),
        };
        let buttons = vec![button("Pay", "https://a.example"), button("Status", "input:status")];
        let card = Body::Card(Card {
            title: "10.00 USD".to_owned(),
            description: "Pay to Bob".to_owned(),
            buttons: buttons.clone(),
            shareable: true,
            updated_at: String::new(),
        });
        let links = "Pay: https://a.example\nStatus: status";
        let text = Body::Text(format!("10.00 USD\nPay to Bob\n{links}"));
        assert_eq!(plainer(&say(card)), Some(say(text)));
        assert_eq!(plainer(&say(Body::Buttons(buttons))), Some(say(Body::Text(links.to_owned()))));
        assert_eq!(plainer(&say(Body::Text("hello".to_owned()))), None);
    }
}
