//! Polling: when to ask MixPay again about an invoice, from its standing and the time.

use crate::domain::invoice::{
    Invoice,
    standing::{Standing, State},
};
use jiff::{SignedDuration, Timestamp};

/// How soon an answer is wanted, compared with other invoices that wait for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Somebody waits for it now: a callback, a transfer, a person's question, a deadline.
    Now,
    /// Money is on its way, or the card is fresh.
    Likely,
    /// It can be paid.
    Open,
    /// Its time is over, and it is only watched.
    Watched,
}

impl Urgency {
    /// How much oftener than an invoice of weight 1 this one is asked about.
    pub const fn weight(self) -> u64 {
        match self {
            Self::Now => 8,
            Self::Likely => 4,
            Self::Open => 2,
            Self::Watched => 1,
        }
    }
}

/// A card counts as fresh for this long.
const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// After the grace an invoice is asked about once more at these minutes after it.
const WATCH_MINUTES: [i64; 6] = [1, 5, 30, 2 * 60, 12 * 60, 48 * 60];
/// A paid invoice is asked about its settlement this often at first, and then ever less.
const SETTLEMENT: SignedDuration = SignedDuration::from_secs(60);
/// In the grace, when expiry has been told, an invoice is asked about at least this seldom.
const IN_GRACE: SignedDuration = SignedDuration::from_secs(60);
/// A payment in flight is asked about this seldom at first when its time has long passed, and then
/// ever less, without end: an audit may take weeks.
const IDLE: SignedDuration = SignedDuration::from_mins(10);
/// How long after the grace a payment in flight counts as idle.
const IDLE_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// The settlement of a paid invoice is asked about for this long after the grace.
const LAST_WATCH: SignedDuration = SignedDuration::from_hours(7 * 24);

/// When to ask next, and how urgent that is; `None` if there is nothing left to learn. `pace` is
/// the shortest time between two questions about an invoice of weight 1 that the budget allows
/// now.
pub fn next_poll(
    invoice: &Invoice,
    standing: &Standing,
    now: Timestamp,
    pace: SignedDuration,
) -> Option<(Timestamp, Urgency)> {
    let traces = invoice.facts.traces();
    traces.last()?;
    let (deadline, closes_at) = invoice.facts.deadlines();
    let after =
        |time: Timestamp, by: SignedDuration| time.saturating_add(by).unwrap_or(Timestamp::MAX);
    let paced = |urgency: Urgency, least: SignedDuration| {
        let weight = i32::try_from(urgency.weight()).unwrap_or(1);
        let wait = pace.checked_div(weight).unwrap_or(pace).max(least);
        (after(now, wait), urgency)
    };
    let past = now.duration_since(closes_at);
    let least = if past > IDLE_AFTER {
        IDLE.max(past.checked_div(24).unwrap_or(IDLE))
    } else {
        SignedDuration::from_secs(4)
    };
    match standing.state {
        State::Draft | State::Settled => None,
        State::Paid => {
            standing.paid.as_ref().and_then(|payment| payment.trace)?;
            let age = now.duration_since(invoice.created_at);
            let wait = SETTLEMENT.max(age.checked_div(8).unwrap_or(SETTLEMENT));
            (now < after(closes_at, LAST_WATCH)).then(|| (after(now, wait), Urgency::Watched))
        }
        State::Open if now < deadline => {
            let fresh = now.duration_since(invoice.created_at) < FRESH;
            let (when, urgency) = paced(if fresh { Urgency::Likely } else { Urgency::Open }, least);
            // The deadline is confirmed as soon as it has passed.
            let passed = after(deadline, SignedDuration::from_secs(1));
            Some(if when >= passed { (passed, Urgency::Now) } else { (when, urgency) })
        }
        State::Open | State::Partial | State::Processing | State::Review => {
            Some(paced(Urgency::Likely, least))
        }
        // A payment that MixPay would not make has nothing to tell.
        State::Failed if traces.into_iter().all(|trace| invoice.facts.is_refused(trace)) => None,
        State::Expired | State::Cancelled | State::Failed | State::Held => {
            let mut watch = WATCH_MINUTES
                .iter()
                .map(|minutes| after(closes_at, SignedDuration::from_mins(*minutes)));
            if now < closes_at {
                let paced = paced(Urgency::Watched, IN_GRACE);
                return Some(if paced.0 < closes_at {
                    paced
                } else {
                    (watch.next()?, Urgency::Watched)
                });
            }
            watch.find(|when| *when > now).map(|when| (when, Urgency::Watched))
        }
    }
}
