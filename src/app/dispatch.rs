//! Dispatch: takes what comes in, in batches: one transaction a batch, and then the
//! acknowledgement.
//!
//! A handler calls nothing outside. What it needs to know from there is asked for by an effect, and
//! the event waits for that as a row and is then handled again. Who speaks and who may is settled
//! in the order in which a person spoke, so that their later lines wait, too; and every line waits
//! for the answer whether a bot speaks, `ping` as well: bots are never answered.

use crate::{
    app::{
        acknowledge::Handled,
        commands::{self, Stop},
        deps::Deps,
        outbox::turns,
        quarantine,
        reply::{Place, say},
    },
    domain::{
        cause::Cause,
        derive::contact_conversation,
        ids::{EffectId, MessageId},
    },
    ports::{
        effect::{Effect, Errand, Found, Need, Pending},
        inbound::{Content, Inbound},
    },
    speech::{
        Draft,
        aside::{self, Told},
    },
    store::{StoreError, Tail, Tx},
};
use futures::FutureExt;
use std::{collections::BTreeSet, panic::AssertUnwindSafe};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Events that are handled in one transaction.
const BATCH_MAX: usize = 256;
/// An event may need this many things from outside, one after the other.
const NEEDS_MAX: usize = 12;

/// Handles events until told to stop.
pub async fn run(
    deps: &Deps,
    mut inbox: mpsc::Receiver<Inbound>,
    handled: &Handled,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let _ending = handled.ending();
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
        handled.add(deps, messages);
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

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done, or an effect of its own goes on with it.
    Done,
    /// It waits, and stands in nobody's way.
    Aside,
    /// It waits, and holds up what the person said after it.
    Held,
}

/// Handles the lines whose turn it is, in one transaction; whether there may be more of them.
pub async fn take_turns(deps: &Deps, limit: u32) -> Result<bool, StoreError> {
    match turns_together(deps, limit, Bounds::None).await? {
        Some(more) => Ok(more),
        None => Ok(turns_together(deps, limit, Bounds::Each).await?.unwrap_or(false)),
    }
}

async fn turns_together(
    deps: &Deps,
    limit: u32,
    bounds: Bounds,
) -> Result<Option<bool>, StoreError> {
    let mut tx = deps.store.begin().await?;
    let due = tx.due_turns(limit).await?;
    if due.is_empty() {
        return Ok(Some(false));
    }
    let more = u32::try_from(due.len()).is_ok_and(|taken| taken >= limit);
    let (mut over, mut held) = (Vec::new(), BTreeSet::new());
    for Pending { effect: Effect { id, lane, errand }, .. } in due {
        let Errand::Turn { event, found } = errand else { continue };
        if held.contains(&lane) {
            continue;
        }
        let handled = match bounds {
            Bounds::None => match attempt(&mut tx, deps, &event, found, Some(id)).await? {
                Ok(handled) => handled,
                Err(_) => return Ok(None),
            },
            Bounds::Each => handle_apart(&mut tx, deps, &event, found, Some(id)).await?,
        };
        match handled {
            Outcome::Done => over.push(id),
            Outcome::Aside => {}
            Outcome::Held => drop(held.insert(lane)),
        }
    }
    tx.conclude(&over).await?;
    deps.commit(tx).await?;
    Ok(Some(more))
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
                Bounds::None => {
                    if attempt(&mut tx, deps, event, Vec::new(), None).await?.is_err() {
                        return Ok(None);
                    }
                }
                Bounds::Each => {
                    handle_apart(&mut tx, deps, event, Vec::new(), None).await?;
                }
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
    turn: Option<EffectId>,
) -> Result<Result<Outcome, String>, StoreError> {
    match AssertUnwindSafe(Box::pin(handle(tx, deps, event, found, turn))).catch_unwind().await {
        Ok(Ok(handled)) => Ok(Ok(handled)),
        Ok(Err(error @ StoreError::Corrupt { .. })) => {
            Ok(Err(format!("{:#}", anyhow::Error::from(error))))
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Ok(Err("the handler panicked".to_owned())),
    }
}

/// Handles one event as a part of the transaction: if it panics or fails, it alone is taken back
/// and set aside. `turn` is the effect as which it waited for its turn, if it did.
pub async fn handle_apart(
    tx: &mut Tx,
    deps: &Deps,
    event: &Inbound,
    found: Vec<(Need, Found)>,
    turn: Option<EffectId>,
) -> Result<Outcome, StoreError> {
    tx.start_part().await?;
    let reason = match attempt(tx, deps, event, found, turn).await? {
        Ok(handled) => {
            tx.keep_part().await?;
            return Ok(handled);
        }
        Err(reason) => reason,
    };
    let message = event.message;
    tx.drop_part().await?;
    tracing::error!(message.id = %message, reason, "message {message} is set aside: {reason}");
    deps.metrics.events_quarantined.add(1);
    tx.set_aside(message, &reason, deps.now()).await?;
    let told = quarantine::tell(tx, deps).await?;
    apologize(tx, deps, event, told).await?;
    Ok(Outcome::Done)
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
    let locale = tx.person_settings(event.from).await?.locale.unwrap_or_default();
    let text = aside::broke(&event.message.to_string(), told, locale);
    let draft = Draft::text(text).quoting(Some(event.message));
    say(tx, deps, place, Cause::Broke(event.message), vec![draft], deps.now()).await
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
    turn: Option<EffectId>,
) -> Result<Outcome, StoreError> {
    let now = deps.now();
    match &event.content {
        Content::Transfer(snapshot) => {
            tx.note_transfer(*snapshot, now).await?;
            return Ok(Outcome::Done);
        }
        Content::Ignored => return Ok(Outcome::Done),
        Content::Membership { .. } => {
            if let Some(conversation) = event.conversation {
                tx.forget_group(conversation).await?;
            }
        }
        Content::Text(_) | Content::Contact(_) | Content::Unread { .. } => {}
    }
    let Some(place) = place_of(deps, event) else { return Ok(Outcome::Done) };
    if event.from == deps.me.person.id {
        return Ok(Outcome::Done);
    }
    let wait = Wait { event, place, turn };
    if turn.is_none() && found.is_empty() && tx.lines_wait().await? {
        match tx.tail(&wait.lane(deps)).await? {
            Tail::Nobody => {}
            Tail::Ready => return wait.in_line(tx, deps, None).await,
            Tail::Behind(find) => return wait.in_line(tx, deps, Some(find)).await,
        }
    }
    match commands::answer(tx, deps, event, place, &found).await {
        Ok(drafts) | Err(Stop::Say(drafts)) => {
            say(tx, deps, place, Cause::Reply(event.message), drafts, now).await?;
            Ok(Outcome::Done)
        }
        Err(Stop::Store(error)) => Err(error),
        Err(Stop::Need(need)) => wait.wait(tx, deps, need, found).await,
    }
}

/// An event that has to wait.
struct Wait<'a> {
    event: &'a Inbound,
    place: Place,
    /// The effect as which it waited before.
    turn: Option<EffectId>,
}

impl Wait<'_> {
    /// What somebody says in one place is handled in its order; what others say there does not wait.
    fn lane(&self, deps: &Deps) -> String {
        format!("ask:{}:{}", self.place.conversation, commands::speaker(deps, self.event))
    }

    /// Waits like the line before it.
    async fn in_line(
        self,
        tx: &mut Tx,
        deps: &Deps,
        behind: Option<EffectId>,
    ) -> Result<Outcome, StoreError> {
        let errand = Errand::Turn { event: self.event.clone(), found: Vec::new() };
        let effect = effect(deps, Cause::Turn(self.event.message, 0), errand, self.lane(deps));
        let now = deps.now();
        match behind {
            Some(find) => tx.enqueue_behind(&effect, find, now).await?,
            None => tx.enqueue(&effect, now, now).await?,
        }
        Ok(Outcome::Held)
    }

    /// Waits until it is found out what is needed.
    async fn wait(
        self,
        tx: &mut Tx,
        deps: &Deps,
        need: Need,
        found: Vec<(Need, Found)>,
    ) -> Result<Outcome, StoreError> {
        if found.len() >= NEEDS_MAX {
            let message = self.event.message;
            tracing::error!(message.id = %message, "a message needs too much, and is left alone");
            return Ok(Outcome::Done);
        }
        let (now, known) = (deps.now(), found.len());
        let alone = format!("ask:{}", self.event.message);
        let Some(find) = turns::find(deps, &need) else {
            let errand = Errand::Ask { event: self.event.clone(), need, found };
            let effect = effect(deps, Cause::Question(self.event.message, known), errand, alone);
            tx.enqueue(&effect, now, now).await?;
            return Ok(Outcome::Done);
        };
        // Who speaks, and who may, is settled in the order in which they spoke; who else is meant
        // is not.
        let is_other = need != Need::Person(commands::speaker(deps, self.event))
            && matches!(need, Need::Person(_));
        let (lane, handled) =
            if is_other { (alone, Outcome::Aside) } else { (self.lane(deps), Outcome::Held) };
        tx.enqueue(&find, now, now).await?;
        let errand = Errand::Turn { event: self.event.clone(), found };
        if let Some(turn) = self.turn {
            tx.hold(turn, &lane, &errand, find.id).await?;
        } else {
            let effect = effect(deps, Cause::Turn(self.event.message, known), errand, lane);
            tx.enqueue_behind(&effect, find.id, now).await?;
        }
        Ok(handled)
    }
}

fn effect(deps: &Deps, cause: Cause<'_>, errand: Errand, lane: String) -> Effect {
    Effect { id: EffectId::new(cause.id(deps.store.secret())), lane, errand }
}
