//! Choice: which of the invoices that are due MixPay is asked about next.

use crate::{
    domain::{
        ids::InvoiceId,
        invoice::{
            Invoice,
            polling::{Urgency, has_ended, likelihood},
        },
    },
    store::{Poll, StoreError, Tx},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Every so many questions the live invoice that waits longest is asked about, whoever else waits:
/// none starves (product.md §5, invariant 8).
const FAIR_EVERY: u32 = 4;
/// Every so many questions that may be an invoice that is only watched.
const WATCHED_EVERY: u32 = 16;
/// While a round of all live invoices takes no longer than this, each is asked about in its turn.
const ROUND_SECS: u32 = 15;
/// Invoices that are noticed to be past their deadline before one question, at most.
const ENDED_MAX: usize = 100;

/// The invoice of one urgency that waits longest, of those that no question is under way about.
pub(super) async fn first_free(
    tx: &mut Tx,
    urgency: Urgency,
    busy: &BTreeSet<InvoiceId>,
    now: Timestamp,
) -> Result<Option<Poll>, StoreError> {
    let limit = u32::try_from(busy.len()).unwrap_or(u32::MAX).saturating_add(1);
    let polls = tx.due_polls_of(urgency, now, limit).await?;
    Ok(polls.into_iter().find(|poll| !busy.contains(&poll.invoice)))
}

/// An invoice to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Since when and why.
    pub poll: Poll,
    /// The invoice; `None` if there is none any more.
    pub invoice: Option<Invoice>,
}

/// The invoice to ask about: one that somebody waits for, or else the likeliest to have news; but
/// every so often, and always while there are few, the one that waits longest. `turn` counts the
/// questions; `busy` are those that a question is under way about.
pub async fn choose(
    tx: &mut Tx,
    per_minute: u32,
    busy: &BTreeSet<InvoiceId>,
    turn: u32,
    now: Timestamp,
) -> Result<Option<Choice>, StoreError> {
    let mut due = Vec::new();
    let mut ended = 0;
    let mut last = None;
    while let Some(urgency) = tx.urgency_after(last).await? {
        last = Some(urgency);
        while let Some(poll) = first_free(tx, urgency, busy, now).await? {
            let Some(invoice) = tx.invoice(poll.invoice).await? else {
                return Ok(Some(Choice { poll, invoice: None }));
            };
            let mut counts_as = urgency;
            if has_ended(&invoice, urgency, now) {
                counts_as = Urgency::Ended;
                if ended < ENDED_MAX {
                    // It would hide the younger ones behind it; its turn comes below.
                    ended += 1;
                    tx.set_poll(poll.invoice, Some((poll.due, Urgency::Ended))).await?;
                    continue;
                }
            }
            let likelihood = likelihood(&invoice, counts_as, poll.due, now);
            due.push((likelihood, Choice { poll, invoice: Some(invoice) }));
            break;
        }
    }
    let all = || due.iter().map(|(_, choice)| choice);
    let live = || all().filter(|choice| choice.poll.urgency != Urgency::Watched);
    let likeliest =
        || due.iter().max_by_key(|(likelihood, _)| *likelihood).map(|(_, choice)| choice);
    let urgent = || all().find(|choice| choice.poll.urgency == Urgency::Now);
    let longest_live = || live().min_by_key(|choice| choice.poll.due).or_else(likeliest);
    let chosen = if turn.is_multiple_of(WATCHED_EVERY) {
        all().min_by_key(|choice| choice.poll.due)
    } else if turn.is_multiple_of(FAIR_EVERY) {
        longest_live()
    } else if let Some(urgent) = urgent() {
        Some(urgent)
    } else {
        let polls_a_round = per_minute.saturating_sub(per_minute / 5) * ROUND_SECS / 62;
        if tx.polls_are_few(polls_a_round).await? { longest_live() } else { likeliest() }
    };
    Ok(chosen.cloned())
}
