//! Checkouts: asks MixPay about the invoices that are due, the likeliest to have news first, within
//! the budget of requests a minute.

use crate::{
    app::{
        deps::Deps,
        learn::{Occasion, learn},
        outbox::pause_until,
        reconcile::choice::{Choice, choose, first_free},
    },
    domain::{
        ids::{InvoiceId, TraceId},
        invoice::{Invoice, credible, fact::Fact, polling::Urgency},
    },
    ports::{
        checkout::Answer,
        failure::{CallError, Reason},
    },
    store::{Permit, Poll, Purpose, StoreError, Tx},
};
use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use std::{collections::BTreeSet, sync::Arc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Questions that are asked side by side.
const AT_ONCE_MAX: usize = 6;
/// After a question that was not answered, an invoice that somebody waits for is asked about
/// again this soon; the others wait longer.
const AGAIN_URGENT: SignedDuration = SignedDuration::from_secs(2);
const AGAIN: SignedDuration = SignedDuration::from_secs(10);
/// The attempts that were never shown are asked about so much later than the one that was.
const SHADOW_MS: i64 = 300_000;

/// Asks until told to stop, and then waits for the answers to what was asked.
///
/// Each question is a task of its own: one that waited for the store while this loop held it back
/// would wait for ever.
pub async fn run(deps: &Arc<Deps>, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut under_way = JoinSet::new();
    let mut busy: BTreeSet<InvoiceId> = BTreeSet::new();
    let mut turn = 1_u32;
    loop {
        let mut next = None;
        if stop.is_cancelled() {
            if under_way.is_empty() {
                return Ok(());
            }
        } else {
            deps.wakes.polls.hush();
            while busy.len() < AT_ONCE_MAX {
                let next_one = next_question(deps, &busy, turn).await;
                // Without the invoice that cannot be read, which is not asked about any more.
                let now = deps.now();
                let next_one = deps.without_unreadable("a question", next_one)?;
                match next_one.unwrap_or(Next::Wait(Some(now))) {
                    Next::Ask(poll, trace) => {
                        turn = turn.wrapping_add(1);
                        busy.insert(poll.invoice);
                        let deps = Arc::clone(deps);
                        under_way.spawn(async move {
                            let asked = ask(&deps, poll, trace).await;
                            deps.without_unreadable("an answer", asked)?;
                            Ok::<_, StoreError>(poll.invoice)
                        });
                    }
                    Next::Wait(until) => {
                        next = until;
                        break;
                    }
                }
            }
        }
        tokio::select! {
            biased;
            Some(done) = under_way.join_next() => {
                busy.remove(&done.context("a question panicked")??);
            }
            () = deps.wakes.polls.wait_or(&*deps.clock, next) => {}
            () = stop.cancelled(), if !stop.is_cancelled() => {}
        }
    }
}

/// What to do next.
enum Next {
    /// Ask about this invoice, by this trace. The request is counted already.
    Ask(Poll, TraceId),
    /// Nothing before this time; `None` is not before somebody rings.
    Wait(Option<Timestamp>),
}

async fn next_question(
    deps: &Deps,
    busy: &BTreeSet<InvoiceId>,
    turn: u32,
) -> Result<Next, StoreError> {
    let now = deps.now();
    let mut tx = deps.store.begin().await?;
    if !tx.is_any_poll_due(busy, now).await? {
        return Ok(Next::Wait(tx.next_poll_due(now).await?));
    }
    let per_minute = deps.rules.requests_per_minute;
    let urgent = first_free(&mut tx, Urgency::Now, busy, now).await?.is_some();
    let purpose = if urgent { Purpose::People } else { Purpose::Polling };
    if let Permit::NotBefore(when) = tx.take_permit(purpose, per_minute, now).await? {
        let when = tx.next_urgent_due(now).await?.map_or(when, |urgent| urgent.min(when));
        return Ok(Next::Wait(Some(when)));
    }
    // Without a commit the permit is not taken.
    let Some(Choice { poll, invoice }) = choose(&mut tx, per_minute, busy, turn, now).await? else {
        return Ok(Next::Wait(tx.next_poll_due(now).await?));
    };
    let Some(trace) = invoice.and_then(|invoice| trace_to_ask(&invoice)) else {
        drop(tx);
        let mut tx = deps.store.begin().await?;
        tx.send_poll(poll.invoice).await?;
        tx.set_poll(poll.invoice, None).await?;
        deps.commit(tx).await?;
        return Ok(Next::Wait(Some(now)));
    };
    tx.send_poll(poll.invoice).await?;
    deps.commit(tx).await?;
    deps.metrics.mixpay_requests.add(purpose.name(), 1);
    Ok(Next::Ask(poll, trace))
}

/// The trace of the payment that was shown; after a while without news of the other attempts, the one
/// of them that was not heard of for longest. Of those that MixPay did not take there is nothing to
/// hear.
fn trace_to_ask(invoice: &Invoice) -> Option<TraceId> {
    let heard = |trace: TraceId| {
        let heard = invoice.facts.heard().filter(|heard| heard.trace == trace);
        heard.map(|heard| heard.last_ms).max().unwrap_or_default()
    };
    let shown = invoice.facts.opened().map(|(trace, _)| trace);
    let mut others = invoice.facts.traces();
    others.retain(|trace| shown != Some(*trace) && !invoice.facts.is_refused(*trace));
    let other = others.iter().copied().min_by_key(|trace| heard(*trace));
    let last_other = others.iter().map(|trace| heard(*trace)).max().unwrap_or_default();
    match (shown, other) {
        (Some(shown), Some(other)) => {
            let is_due = heard(shown).saturating_sub(last_other) > SHADOW_MS;
            Some(if is_due { other } else { shown })
        }
        (shown, other) => shown.or(other),
    }
}

async fn ask(deps: &Deps, poll: Poll, trace: TraceId) -> Result<(), StoreError> {
    let outcome = deps.checkout.result(trace).await;
    let mut tx = deps.store.begin().await?;
    let now = deps.now();
    match outcome {
        Ok(answer) => {
            if let Some(made) = tx.made_at(poll.invoice).await? {
                let Answer { reported_ms, report } = answer;
                let heard = credible::heard(trace, report, reported_ms, made, deps.times());
                let facts = vec![Fact::Heard(heard)];
                learn(&mut tx, deps, poll.invoice, facts, Occasion::Asked).await?;
            }
        }
        Err(error) => {
            tracing::warn!(invoice.id = %poll.invoice, "no answer about an invoice: {error}");
            let when = silence(deps, &mut tx, &poll, &error, now).await?;
            tx.set_poll(poll.invoice, Some((when, poll.urgency))).await?;
        }
    }
    deps.commit(tx).await
}

/// When to ask again after no answer.
async fn silence(
    deps: &Deps,
    tx: &mut Tx,
    poll: &Poll,
    error: &CallError,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    if let Reason::Limited { retry_after } = error.reason {
        deps.metrics.mixpay_limited.add(1);
        let until = pause_until(now, retry_after);
        tx.pause_mixpay(until).await?;
        return Ok(until);
    }
    let wait = if poll.urgency == Urgency::Now { AGAIN_URGENT } else { AGAIN };
    Ok(now.saturating_add(wait).unwrap_or(Timestamp::MAX))
}
