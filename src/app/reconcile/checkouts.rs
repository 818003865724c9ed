//! Checkouts: asks MixPay about the invoices that are due, the likeliest to have news first, within
//! the budget of requests a minute.

use crate::{
    app::{
        deps::Deps,
        gate,
        learn::{Occasion, learn},
        reconcile::choice::{Choice, Rounds, choose, next_urgent},
    },
    domain::{
        ids::{InvoiceId, TraceId},
        invoice::{Invoice, credible, fact::Fact, polling::Urgency},
        shares::Wish,
    },
    ports::{
        checkout::Answer,
        failure::{CallError, Reason, pause_until},
    },
    store::{Grant, Permit, Poll, StoreError, Tx},
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
    let mut rounds = Rounds::default();
    loop {
        let mut next = None;
        if stop.is_cancelled() {
            if under_way.is_empty() {
                return Ok(());
            }
        } else {
            deps.wakes.polls.hush();
            while busy.len() < AT_ONCE_MAX {
                let next_one = next_question(deps, &busy, &mut rounds).await;
                // Without the invoice that cannot be read, which is not asked about any more.
                let now = deps.now();
                let next_one = deps.without_unreadable("a question", next_one)?;
                match next_one.unwrap_or(Next::Wait(Some(now))) {
                    Next::Ask(permit, poll, trace) => {
                        busy.insert(poll.invoice);
                        let deps = Arc::clone(deps);
                        under_way.spawn(async move {
                            let asked = ask(&deps, permit, poll, trace).await;
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
    /// Ask about this invoice, by this trace.
    Ask(Permit, Poll, TraceId),
    /// Nothing before this time; `None` is not before somebody rings.
    Wait(Option<Timestamp>),
}

/// Those whom somebody waits for come first, each person's in turn and of their own share; then
/// whom our own share is best spent on.
async fn next_question(
    deps: &Deps,
    busy: &BTreeSet<InvoiceId>,
    rounds: &mut Rounds,
) -> Result<Next, StoreError> {
    let now = deps.now();
    let mut tx = deps.store.begin().await?;
    if !tx.is_any_poll_due(busy, now).await? {
        return Ok(Next::Wait(tx.next_poll_due(now).await?));
    }
    let per_minute = deps.rules.requests_per_minute;
    let urgent = next_urgent(&mut tx, per_minute, busy, rounds, now).await?;
    let mut when = match urgent {
        Ok((permit, choice)) => return send(tx, deps, permit, choice, now).await,
        Err(when) => when,
    };
    tx.start_part().await?;
    match rounds.take_permit(&mut tx, Wish::POLLING, per_minute, now).await? {
        Grant::Granted(permit) => {
            if let Some(choice) = choose(&mut tx, per_minute, busy, rounds.turn, now).await? {
                rounds.turn = rounds.turn.wrapping_add(1);
                tx.keep_part().await?;
                return send(tx, deps, permit, choice, now).await;
            }
            // There is nothing to use the permit for: it was never taken.
            tx.drop_part().await?;
            when = sooner(when, tx.next_poll_due(now).await?);
        }
        Grant::NotBefore(turn) => {
            tx.keep_part().await?;
            when = sooner(when, Some(turn));
        }
    }
    let when = sooner(when, tx.next_urgent_due(now).await?);
    // Who was refused waits in the store.
    tx.commit().await?;
    Ok(Next::Wait(when))
}

fn sooner(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

async fn send(
    mut tx: Tx,
    deps: &Deps,
    permit: Permit,
    Choice { poll, invoice }: Choice,
    now: Timestamp,
) -> Result<Next, StoreError> {
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
    Ok(Next::Ask(permit, poll, trace))
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

async fn ask(deps: &Deps, permit: Permit, poll: Poll, trace: TraceId) -> Result<(), StoreError> {
    let answer = gate::call(deps, permit, |mixpay| async move { mixpay.result(trace).await });
    let outcome = answer.await?;
    let mut tx = deps.store.begin().await?;
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
            let when = silence(&poll, &error, deps.now());
            tx.set_poll(poll.invoice, Some((when, poll.urgency))).await?;
        }
    }
    deps.commit(tx).await
}

/// When to ask again after no answer.
fn silence(poll: &Poll, error: &CallError, now: Timestamp) -> Timestamp {
    if let Reason::Limited { retry_after } = error.reason {
        return pause_until(now, retry_after);
    }
    let wait = if poll.urgency == Urgency::Now { AGAIN_URGENT } else { AGAIN };
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}
