//! Choice: which of the invoices that are due MixPay is asked about next.

use crate::{
    domain::{
        ids::{InvoiceId, UserId},
        invoice::{
            Invoice,
            polling::{Urgency, has_ended, likelihood},
        },
        shares::{WINDOW, Wish},
    },
    store::{Grant, Permit, Poll, StoreError, Tx},
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Every so many questions the live invoice that waits longest is asked about, whoever else waits:
/// none starves.
const FAIR_EVERY: u32 = 4;
/// Every so many questions that may be an invoice that is only watched.
const WATCHED_EVERY: u32 = 16;
/// While a round of all live invoices takes no longer than this, each is asked about in its turn.
const ROUND_SECS: u32 = 15;
/// Invoices that are noticed to be past their deadline before one question, at most.
const ENDED_MAX: usize = 100;

/// So many people are tried for whom somebody waits, before polling has its turn.
const PERSONS_MAX: usize = 8;

/// Of so many who were told when to come again that is remembered.
const TOLD_MAX: usize = 256;

/// Whose turn it is, of those who take turns.
#[derive(Debug, Clone)]
pub struct Rounds {
    /// Counts the polls.
    pub turn: u32,
    /// Whose invoice was asked about last because somebody waited for it.
    last: Option<UserId>,
    /// Who was told when to come again.
    told: BTreeMap<Wish, Timestamp>,
}

impl Default for Rounds {
    fn default() -> Self {
        Self { turn: 1, last: None, told: BTreeMap::new() }
    }
}

impl Rounds {
    /// Takes a permit, unless it is known when there will be one: whoever rings in between, and
    /// many do, changes nothing of that.
    pub async fn take_permit(
        &mut self,
        tx: &mut Tx,
        wish: Wish,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<Grant, StoreError> {
        // What lies further ahead comes from before a clock was set back.
        let latest = now.saturating_add(WINDOW).unwrap_or(Timestamp::MAX);
        self.told.retain(|_, when| now < *when && *when <= latest);
        if let Some(when) = self.told.get(&wish) {
            return Ok(Grant::NotBefore(*when));
        }
        let grant = tx.take_permit(wish, per_minute, now).await?;
        if let Grant::NotBefore(when) = grant
            && self.told.len() < TOLD_MAX
        {
            self.told.insert(wish, when);
        }
        Ok(grant)
    }
}

/// An invoice that somebody waits for, and the permit to ask about it, of the share of whoever made it: a
/// person's invoices share one part of the minute, however many callbacks and commands tell of
/// them. `Err` says when there may be one.
pub async fn next_urgent(
    tx: &mut Tx,
    per_minute: u32,
    busy: &BTreeSet<InvoiceId>,
    rounds: &mut Rounds,
    now: Timestamp,
) -> Result<Result<(Permit, Choice), Option<Timestamp>>, StoreError> {
    let mut soonest: Option<Timestamp> = None;
    let mut tried: Vec<UserId> = Vec::new();
    while tried.len() < PERSONS_MAX {
        let next = match tx.urgent_poll_after(rounds.last, busy, now).await? {
            None if rounds.last.is_some() => tx.urgent_poll_after(None, busy, now).await?,
            next => next,
        };
        let Some((poll, person)) = next.filter(|(_, person)| !tried.contains(person)) else {
            break;
        };
        tried.push(person);
        rounds.last = Some(person);
        match rounds.take_permit(tx, Wish::asking(person), per_minute, now).await? {
            Grant::Granted(permit) => {
                let invoice = tx.invoice(poll.invoice).await?;
                return Ok(Ok((permit, Choice { poll, invoice })));
            }
            Grant::NotBefore(when) => {
                soonest = Some(soonest.map_or(when, |soonest| soonest.min(when)));
            }
        }
    }
    Ok(Err(soonest))
}

/// The invoice of one urgency that waits longest, of those that no question is under way about.
async fn first_free(
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

/// The invoice to ask about of our own accord: the likeliest to have news; but every so often, and
/// always while there are few, the one that waits longest. One that somebody waits for has a share
/// of its own ([`next_urgent`]), and comes here only when it has waited longest of all. `turn`
/// counts the questions; `busy` are those that a question is under way about.
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
    let ours = || due.iter().filter(|(_, choice)| choice.poll.urgency != Urgency::Now);
    let likeliest = || ours().max_by_key(|(likelihood, _)| *likelihood).map(|(_, choice)| choice);
    let is_live = |choice: &&Choice| choice.poll.urgency != Urgency::Watched;
    let longest = |choice: &&Choice| choice.poll.due;
    let chosen = if turn.is_multiple_of(WATCHED_EVERY) {
        all().min_by_key(longest)
    } else if turn.is_multiple_of(FAIR_EVERY) {
        all().filter(is_live).min_by_key(longest).or_else(likeliest)
    } else {
        let polls_a_round = per_minute.saturating_sub(per_minute / 5) * ROUND_SECS / 62;
        if tx.polls_are_few(polls_a_round).await? {
            let mine = ours().map(|(_, choice)| choice);
            mine.filter(is_live).min_by_key(longest).or_else(likeliest)
        } else {
            likeliest()
        }
    };
    Ok(chosen.cloned())
}

/// Whether an invoice could be asked about now. It takes the permit for it, which goes with the
/// unit of work.
pub async fn is_any_free(tx: &mut Tx, per_minute: u32, now: Timestamp) -> Result<bool, StoreError> {
    let (none, mut rounds) = (BTreeSet::new(), Rounds::default());
    if next_urgent(tx, per_minute, &none, &mut rounds, now).await?.is_ok() {
        return Ok(true);
    }
    if choose(tx, per_minute, &none, rounds.turn, now).await?.is_none() {
        return Ok(false);
    }
    Ok(matches!(tx.take_permit(Wish::POLLING, per_minute, now).await?, Grant::Granted(_)))
}
