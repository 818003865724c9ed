//! Dispatch: takes what comes in, in batches: one transaction a batch, and then the
//! acknowledgement.
//!
//! A handler calls nothing outside. What it needs to know from there is asked for by an effect
//! that waits in the conversation's lane and then handles the event again.

use crate::{
    app::{
        commands::{self, Stop},
        deps::Deps,
        quarantine,
        reply::{Place, say},
    },
    domain::{
        derive::contact_conversation,
        ids::{EffectId, MessageId},
    },
    ports::{
        chat::ACKNOWLEDGEMENTS_PER_REQUEST_MAX,
        effect::{Effect, Errand, Found, Need},
        inbound::{Content, Inbound},
    },
    runtime::{backoff::Backoff, clock::until, pace::Pace},
    speech::{
        Draft,
        aside::{self, Told},
    },
    store::{StoreError, Tx},
};
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use std::panic::AssertUnwindSafe;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Events that are handled in one transaction.
const BATCH_MAX: usize = 256;
/// Nobody waits for acknowledgements, so that they can be gathered longer.
const ACKNOWLEDGE_EVERY: SignedDuration = SignedDuration::from_millis(50);
/// Handled messages that wait to be acknowledged; when it is full, handling waits.
pub const ACKNOWLEDGEMENTS_WAITING_MAX: usize = 4096;
/// An event may need this many things from outside, one after the other.
const NEEDS_MAX: usize = 12;

/// Handles events until told to stop.
pub async fn run(
    deps: &Deps,
    mut inbox: mpsc::Receiver<Inbound>,
    acknowledgements: mpsc::Sender<MessageId>,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            received = inbox.recv_many(&mut batch, BATCH_MAX) => if received == 0 { return Ok(()) },
        }
        let messages: Vec<MessageId> = batch.iter().map(|event| event.message).collect();
        handle_batch(deps, &batch).await?;
        batch.clear();
        for message in messages {
            if acknowledgements.send(message).await.is_err() {
                return Ok(());
            }
        }
    }
}

/// Acknowledges handled messages until nobody handles any more. Those that Mixin does not take
/// when the program stops come again, and are recognised.
pub async fn acknowledge(
    deps: &Deps,
    mut handled: mpsc::Receiver<MessageId>,
    stop: &CancellationToken,
) {
    let mut pace = Pace::new(ACKNOWLEDGE_EVERY, ACKNOWLEDGE_EVERY);
    let mut batch = Vec::with_capacity(ACKNOWLEDGEMENTS_PER_REQUEST_MAX);
    while handled.recv_many(&mut batch, ACKNOWLEDGEMENTS_PER_REQUEST_MAX).await > 0 {
        let room = ACKNOWLEDGEMENTS_PER_REQUEST_MAX.saturating_sub(batch.len());
        let now = deps.now();
        let begin = pace.round(now);
        if handled.len() < room && begin > now {
            deps.clock.pause(until(now, begin)).await;
        }
        // What came meanwhile, if anything.
        handled.recv_many(&mut batch, room.min(handled.len())).await;
        let mut failures = 0_u32;
        while let Err(error) = deps.chat.acknowledge(&batch).await {
            tracing::warn!(messages = batch.len(), "acknowledgements wait: {error}");
            if stop.is_cancelled() {
                return;
            }
            failures = failures.saturating_add(1);
            let delay = Backoff::CONNECTION.delay(failures, deps.ids.bits());
            let until = deps.now().saturating_add(delay).unwrap_or(Timestamp::MAX);
            tokio::select! {
                biased;
                () = deps.clock.sleep_until(until) => {}
                () = stop.cancelled() => {}
            }
        }
        batch.clear();
    }
}

/// Handles events in one transaction. Those that were handled before are only acknowledged.
pub async fn handle_batch(deps: &Deps, batch: &[Inbound]) -> Result<(), StoreError> {
    deps.metrics.messages_received.add(u64::try_from(batch.len()).unwrap_or(0));
    // That one of them is broken is so rare that all are handled again then, each as a part that
    // can be taken back alone, rather than each as such a part always.
    if handle_together(deps, batch, Bounds::None).await?.is_none() {
        handle_together(deps, batch, Bounds::Each).await?;
    }
    Ok(())
}

/// What of a batch is taken back if an event is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bounds {
    /// All of it.
    None,
    /// What that event did.
    Each,
}

/// Handles events in one transaction; `None` if that was given up.
async fn handle_together(
    deps: &Deps,
    batch: &[Inbound],
    bounds: Bounds,
) -> Result<Option<()>, StoreError> {
    let now = deps.now();
    let messages: Vec<MessageId> = batch.iter().map(|event| event.message).collect();
    let mut tx = deps.store.begin().await?;
    let mut new = tx.mark_seen(&messages, now).await?;
    let repeated = batch.len().saturating_sub(new.len());
    for event in batch {
        if new.remove(&event.message) {
            match bounds {
                Bounds::None if attempt(&mut tx, deps, event, Vec::new()).await?.is_err() => {
                    return Ok(None);
                }
                Bounds::None => {}
                Bounds::Each => handle_apart(&mut tx, deps, event, Vec::new()).await?,
            }
        }
    }
    deps.commit(tx).await?;
    deps.metrics.messages_repeated.add(u64::try_from(repeated).unwrap_or(0));
    Ok(Some(()))
}

/// Handles one event; tells what is wrong with it if it is broken.
async fn attempt(
    tx: &mut Tx,
    deps: &Deps,
    event: &Inbound,
    found: Vec<(Need, Found)>,
) -> Result<Result<(), String>, StoreError> {
    match AssertUnwindSafe(Box::pin(handle(tx, deps, event, found))).catch_unwind().await {
        Ok(Ok(())) => Ok(Ok(())),
        Ok(Err(error @ StoreError::Corrupt { .. })) => {
            Ok(Err(format!("{:#}", anyhow::Error::from(error))))
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Ok(Err("the handler panicked".to_owned())),
    }
}

/// Handles one event as a part of the transaction: if it panics or fails, it alone is taken back
/// and set aside.
pub async fn handle_apart(
    tx: &mut Tx,
    deps: &Deps,
    event: &Inbound,
    found: Vec<(Need, Found)>,
) -> Result<(), StoreError> {
    tx.start_part().await?;
    let Err(reason) = attempt(tx, deps, event, found).await? else {
        return tx.keep_part().await;
    };
    let message = event.message;
    tx.drop_part().await?;
    tracing::error!(message.id = %message, reason, "message {message} is set aside: {reason}");
    deps.metrics.events_quarantined.add(1);
    tx.set_aside(message, &reason, deps.now()).await?;
    let told = quarantine::tell(tx, deps).await?;
    apologize(tx, deps, event, told).await
}

/// "Something broke on our side", with a reference.
async fn apologize(
    tx: &mut Tx,
    deps: &Deps,
    event: &Inbound,
    told: Told,
) -> Result<(), StoreError> {
    let Some(place) = place_of(deps, event) else { return Ok(()) };
    if !matches!(event.content, Content::Text(_) | Content::Contact(_)) {
        return Ok(());
    }
    let id = event.message.to_string();
    let locale = tx.person_settings(event.from).await?.locale.unwrap_or_default();
    let draft = Draft::text(aside::broke(&id, told, locale)).quoting(Some(event.message));
    say(tx, deps, place, ("broke", &[&id]), vec![draft], deps.now()).await
}

/// Where an event is answered; `None` if it names no conversation.
fn place_of(deps: &Deps, event: &Inbound) -> Option<Place> {
    let conversation = event.conversation?;
    let private = conversation == contact_conversation(deps.me.person.id, event.from);
    Some(Place { conversation, person: private.then_some(event.from), new: false })
}

async fn handle(
    tx: &mut Tx,
    deps: &Deps,
    event: &Inbound,
    found: Vec<(Need, Found)>,
) -> Result<(), StoreError> {
    let now = deps.now();
    match &event.content {
        Content::Transfer(snapshot) => {
            tx.note_transfer(*snapshot, now).await?;
            return Ok(());
        }
        Content::Ignored => return Ok(()),
        Content::Membership { .. } => {
            if let Some(conversation) = event.conversation {
                tx.forget_group(conversation).await?;
            }
        }
        Content::Text(_) | Content::Contact(_) | Content::Unread { .. } => {}
    }
    let Some(place) = place_of(deps, event) else { return Ok(()) };
    if event.from == deps.me.person.id {
        return Ok(());
    }
    let lane = format!("ask:{}", place.conversation);
    if found.is_empty() && tx.lane_waits(&lane).await? {
        return ask(tx, deps, event, Need::Turn, found, lane).await;
    }
    match commands::answer(tx, deps, event, place, &found).await {
        Ok(drafts) | Err(Stop::Say(drafts)) => {
            let id = event.message.to_string();
            say(tx, deps, place, ("reply", &[&id]), drafts, now).await
        }
        Err(Stop::Store(error)) => Err(error),
        Err(Stop::Need(need)) => {
            let lane = match need {
                // Who speaks, and who may, is settled in the order in which they spoke.
                Need::Turn | Need::Person(_) | Need::Group(_) => lane,
                Need::Number(_)
                | Need::Estimate { .. }
                | Need::Asset(_)
                | Need::Ticker(_)
                | Need::Multisig { .. }
                | Need::KnownToMixPay(_)
                | Need::Direct { .. } => format!("ask:{}", event.message),
            };
            ask(tx, deps, event, need, found, lane).await
        }
    }
}

async fn ask(
    tx: &mut Tx,
    deps: &Deps,
    event: &Inbound,
    need: Need,
    found: Vec<(Need, Found)>,
    lane: String,
) -> Result<(), StoreError> {
    if found.len() >= NEEDS_MAX {
        tracing::error!(message.id = %event.message, "a message needs too much, and is left alone");
        return Ok(());
    }
    let now = deps.now();
    let cause = [event.message.to_string(), found.len().to_string()];
    let id = deps.store.secret().derive("ask", &[&cause[0], &cause[1]]);
    let errand = Errand::Ask { event: event.clone(), need, found };
    tx.enqueue(&Effect { id: EffectId::new(id), lane, errand }, now, now).await
}
