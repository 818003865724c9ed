//! Errands: uploads, payments to make, things to find out; a few side by side.

use crate::{
    app::{
        deps::Deps,
        outbox::{again_at, ask, is_final, open},
    },
    domain::ids::EffectId,
    ports::{
        chat::{Body, File, Picture},
        effect::{Envelope, Errand, Pending},
        failure::{CallError, Failure, Reason},
    },
    store::StoreError,
};
use anyhow::Context;
use jiff::Timestamp;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Errands that are done side by side.
const AT_ONCE_MAX: usize = 8;
/// An upload that takes longer is tried again, and no longer waited for.
const UPLOAD_TIME_MAX: Duration = Duration::from_secs(3);
/// A picture or a file is tried to be uploaded this often; the link stands on the card anyway.
const UPLOADS_MAX: u32 = 8;

/// Does errands until told to stop, and then finishes those that were begun.
///
/// Each is a task of its own: one that waited for the store while this loop held it back would
/// wait for ever.
pub async fn run(deps: &Arc<Deps>, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut under_way = JoinSet::new();
    let mut busy: BTreeSet<EffectId> = BTreeSet::new();
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
            let limit = u32::try_from(AT_ONCE_MAX + busy.len()).unwrap_or(u32::MAX);
            let due = tx.due_errands(now, limit).await?;
            next = tx.next_errand_due(now).await?;
            drop(tx);
            for pending in due {
                if busy.len() < AT_ONCE_MAX && busy.insert(pending.effect.id) {
                    let deps = Arc::clone(deps);
                    under_way.spawn(async move { perform(&deps, pending).await });
                }
            }
        }
        tokio::select! {
            biased;
            Some(done) = under_way.join_next() => {
                busy.remove(&done.context("an errand panicked")??);
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
        Errand::Ask { event, need, found } => {
            Box::pin(ask::perform(deps, &pending, event, need, found)).await?;
        }
        // Messages are the other loop's.
        Errand::Say { .. } => {}
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
    outcome: Result<String, CallError>,
    message: impl FnOnce(String) -> crate::ports::chat::OutgoingMessage,
) -> Result<(), StoreError> {
    let id = pending.effect.id;
    match outcome {
        Ok(attachment) => {
            let errand = Errand::Say { message: message(attachment), open_first: false };
            let mut tx = deps.store.begin().await?;
            tx.replace(id, &errand, deps.now()).await?;
            deps.commit(tx).await
        }
        Err(error) if is_final(&error) || pending.attempts >= UPLOADS_MAX => {
            tracing::warn!("an upload is given up: {error}");
            drop_effect(deps, id).await
        }
        Err(error) => {
            tracing::debug!("an upload waits: {error}");
            // What is said next does not wait for a picture that cannot be had now.
            let mut tx = deps.store.begin().await?;
            tx.step_aside(id).await?;
            deps.commit(tx).await?;
            postpone(deps, pending, deps.now()).await
        }
    }
}

/// Uploads in good time: the conversation waits for it.
async fn upload(deps: &Deps, bytes: Vec<u8>) -> Result<String, CallError> {
    let uploading = tokio::time::timeout(UPLOAD_TIME_MAX, deps.chat.upload(bytes));
    uploading.await.unwrap_or_else(|_| {
        Err(CallError {
            failure: Failure::Transient,
            service: "mixin",
            call: "POST /attachments",
            reason: Reason::NoAnswer("the upload takes too long".to_owned()),
        })
    })
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
