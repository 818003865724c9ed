//! Errands: uploads, payments to make, things to find out, conversations to open; a few of each
//! side by side.

use crate::{
    app::{
        deps::Deps,
        outbox::{again_at, ask, is_about_us, is_final, open},
    },
    domain::{
        derive::contact_conversation,
        ids::{EffectId, UserId},
    },
    ports::{
        chat::{Body, File, Picture},
        effect::{Envelope, Errand, Pending},
        failure::CallError,
    },
    runtime::clock::within,
    store::{ErrandGroup, StoreError},
};
use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A conversation that cannot be opened for so long is spoken into all the same.
const MEET_TIME_MAX: SignedDuration = SignedDuration::from_hours(6);
/// An upload that takes longer is tried again, and no longer waited for.
const UPLOAD_TIME_MAX: Duration = Duration::from_secs(3);
/// A picture or a file is tried to be uploaded this often; the link stands on the card anyway.
const UPLOADS_MAX: u32 = 8;

/// How many errands of a group are done side by side. Each group has places of its own, so that
/// those of one that hang keep none of another from being done.
const fn places(group: ErrandGroup) -> usize {
    match group {
        ErrandGroup::Directory => 8,
        ErrandGroup::Uploads
        | ErrandGroup::Payments
        | ErrandGroup::Questions
        | ErrandGroup::Conversations => 4,
    }
}

/// Does errands until told to stop, and then finishes those that were begun.
///
/// Each is a task of its own: one that waited for the store while this loop held it back would
/// wait for ever.
pub async fn run(deps: &Arc<Deps>, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut under_way = JoinSet::new();
    let mut busy: BTreeMap<ErrandGroup, BTreeSet<EffectId>> = BTreeMap::new();
    loop {
        let mut next = None;
        if stop.is_cancelled() {
            if under_way.is_empty() {
                return Ok(());
            }
        } else {
            deps.wakes.errands.hush();
            let now = deps.now();
            let mut tx = deps.store.begin().await?;
            let mut begun = Vec::new();
            for group in ErrandGroup::ALL {
                let busy = busy.entry(group).or_default();
                let free = places(group).saturating_sub(busy.len());
                if free == 0 {
                    continue;
                }
                let limit = u32::try_from(free).unwrap_or(u32::MAX);
                for pending in tx.due_errands_of(group, busy, now, limit).await? {
                    busy.insert(pending.effect.id);
                    begun.push((group, pending));
                }
            }
            next = tx.next_errand_due(now).await?;
            drop(tx);
            for (group, pending) in begun {
                let deps = Arc::clone(deps);
                under_way.spawn(async move { Ok((group, perform(&deps, pending).await?)) });
            }
        }
        tokio::select! {
            biased;
            Some(done) = under_way.join_next() => {
                let done: Result<_, StoreError> = done.context("an errand panicked")?;
                let (group, id) = done?;
                busy.entry(group).or_default().remove(&id);
            }
            () = deps.wakes.errands.wait_or(&*deps.clock, next) => {}
            () = stop.cancelled(), if !stop.is_cancelled() => {}
        }
    }
}

/// Does one errand and writes down what came of it. One that is about something that cannot be
/// read is set aside.
async fn perform(deps: &Deps, pending: Pending) -> Result<EffectId, StoreError> {
    let (id, seq) = (pending.effect.id, pending.seq);
    let done = perform_whole(deps, pending).await;
    if deps.without_unreadable("an errand", done)?.is_none() {
        let mut tx = deps.store.begin().await?;
        tx.set_effect_aside(seq, "what it is about cannot be read").await?;
        deps.commit(tx).await?;
    }
    Ok(id)
}

async fn perform_whole(deps: &Deps, pending: Pending) -> Result<(), StoreError> {
    match pending.effect.errand.clone() {
        Errand::Picture { envelope, link } => picture(deps, &pending, envelope, &link).await?,
        Errand::Document { envelope, name, text } => {
            document(deps, &pending, envelope, name, text).await?;
        }
        Errand::Open { invoice, trace, body, direct, doubtful } => {
            let request = open::Request { invoice, trace, body, direct, doubtful };
            Box::pin(open::perform(deps, &pending, request)).await?;
        }
        Errand::Meet { person } => meet(deps, &pending, person).await?,
        Errand::Ask { event, need, found } => {
            Box::pin(ask::perform(deps, &pending, event, need, found)).await?;
        }
        // These are the other loops'.
        Errand::Say { .. } | Errand::Turn { .. } | Errand::Find { .. } => {}
    }
    Ok(())
}

async fn picture(
    deps: &Deps,
    pending: &Pending,
    envelope: Envelope,
    link: &str,
) -> Result<(), StoreError> {
    let drawn = match (deps.draw)(link) {
        Ok(drawn) => drawn,
        Err(error) => {
            tracing::warn!(%error, "a QR code cannot be drawn");
            return drop_effect(deps, pending.effect.id).await;
        }
    };
    let (pixels, size) = (drawn.side, drawn.png.len());
    uploaded(deps, pending, upload(deps, drawn.png).await, |attachment| {
        envelope.with(Body::Image(Picture { attachment, width: pixels, height: pixels, size }))
    })
    .await
}

async fn document(
    deps: &Deps,
    pending: &Pending,
    envelope: Envelope,
    name: String,
    text: String,
) -> Result<(), StoreError> {
    let size = text.len();
    uploaded(deps, pending, upload(deps, text.into_bytes()).await, |attachment| {
        envelope.with(Body::File(File { attachment, name, mime: "text/csv".to_owned(), size }))
    })
    .await
}

/// The attachment's id is kept before the message is shown, so that a resend is the same message.
async fn uploaded(
    deps: &Deps,
    pending: &Pending,
    outcome: Upload,
    message: impl FnOnce(String) -> crate::ports::chat::OutgoingMessage,
) -> Result<(), StoreError> {
    let id = pending.effect.id;
    let (why, is_lost) = match outcome {
        Upload::Done(attachment) => {
            let errand = Errand::Say { message: message(attachment), open_first: false };
            let mut tx = deps.store.begin().await?;
            tx.replace(id, &errand, deps.now()).await?;
            return deps.commit(tx).await;
        }
        // While our clock or our credentials are in question nothing is wrong with the upload.
        Upload::Failed(error) => {
            let is_tried = pending.attempts >= UPLOADS_MAX && !is_about_us(&error.reason);
            (error.to_string(), is_final(&error) || is_tried)
        }
        Upload::Late => ("it takes too long".to_owned(), pending.attempts >= UPLOADS_MAX),
    };
    if is_lost {
        tracing::warn!("an upload is given up: {why}");
        return drop_effect(deps, id).await;
    }
    tracing::debug!("an upload waits: {why}");
    // What is said next does not wait for a picture that cannot be had now.
    let mut tx = deps.store.begin().await?;
    tx.step_aside(id).await?;
    deps.commit(tx).await?;
    postpone(deps, pending, deps.now()).await
}

/// What came of an upload.
enum Upload {
    /// It has this id.
    Done(String),
    /// Mixin or its storage said no, or nothing.
    Failed(CallError),
    /// It is no longer waited for.
    Late,
}

/// Uploads in good time: the conversation waits for it.
async fn upload(deps: &Deps, bytes: Vec<u8>) -> Upload {
    match within(&*deps.clock, UPLOAD_TIME_MAX, deps.chat.upload(bytes)).await {
        Some(Ok(attachment)) => Upload::Done(attachment),
        Some(Err(error)) => Upload::Failed(error),
        None => Upload::Late,
    }
}

/// Opens a conversation, once; what is said there waits behind this in its lane.
async fn meet(deps: &Deps, pending: &Pending, person: UserId) -> Result<(), StoreError> {
    let outcome = deps.chat.open_conversation(person).await;
    let now = deps.now();
    match &outcome {
        Err(error) if !is_final(error) && now.duration_since(pending.since) < MEET_TIME_MAX => {
            tracing::debug!("a conversation cannot be opened yet: {error}");
            return postpone(deps, pending, now).await;
        }
        Err(error) => tracing::warn!("a conversation cannot be opened: {error}"),
        Ok(()) => {}
    }
    let mut tx = deps.store.begin().await?;
    if outcome.is_ok() {
        tx.note_opened(contact_conversation(deps.me.person.id, person), now).await?;
    }
    // Without it Mixin says itself that the bot may not speak there.
    tx.conclude(&[pending.effect.id]).await?;
    deps.commit(tx).await
}

/// Tries an errand again, later each time, and not before `earliest`.
pub(super) async fn postpone(
    deps: &Deps,
    pending: &Pending,
    earliest: Timestamp,
) -> Result<(), StoreError> {
    deps.metrics.effects_failed.add(1);
    let due = again_at(deps, pending.attempts).max(earliest);
    let mut tx = deps.store.begin().await?;
    tx.postpone(&[pending.effect.id], due).await?;
    deps.commit(tx).await
}

async fn drop_effect(deps: &Deps, id: EffectId) -> Result<(), StoreError> {
    let mut tx = deps.store.begin().await?;
    tx.conclude(&[id]).await?;
    deps.commit(tx).await
}
