//! Estimates: what MixPay said a moment ago about a price in a coin, so that it is not asked again.

use crate::{
    domain::{asset::Money, ids::AssetId},
    ports::{checkout::Estimate, effect::Need},
};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};

/// An estimate serves whoever asks for one so long.
const FRESH: SignedDuration = SignedDuration::from_secs(10);
/// And so long to judge by whether a price can be: prices do not move by a fifth meanwhile.
const KEPT: SignedDuration = SignedDuration::from_mins(10);
/// So many are kept.
const KEPT_MAX: usize = 128;

/// What is asked for: a price, the coin to pay with, and what is received.
type Pair = (Money, AssetId, AssetId);

/// The newest estimates, oldest first.
#[derive(Debug, Default)]
pub struct Estimates(Mutex<Vec<(Timestamp, Pair, Estimate)>>);

const fn pair(need: &Need) -> Option<Pair> {
    match need {
        Need::Estimate { price, pay_with, settlement } => Some((*price, *pay_with, *settlement)),
        Need::Turn
        | Need::Person(_)
        | Need::Number(_)
        | Need::Group(_)
        | Need::Asset(_)
        | Need::Ticker(_)
        | Need::Multisig { .. }
        | Need::KnownToMixPay(_)
        | Need::Direct { .. } => None,
    }
}

impl Estimates {
    /// Keeps an estimate, if that is what was needed.
    pub fn keep(&self, need: &Need, estimate: &Estimate, now: Timestamp) {
        let Some(pair) = pair(need) else { return };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(at, known, _)| *known != pair && is_younger(*at, KEPT, now));
        if kept.len() >= KEPT_MAX {
            kept.remove(0);
        }
        kept.push((now, pair, estimate.clone()));
    }

    /// What was said a moment ago.
    pub fn find(&self, need: &Need, now: Timestamp) -> Option<Estimate> {
        self.younger(need, FRESH, now)
    }

    /// What was said not long ago: good enough to judge an answer by.
    pub fn about(&self, need: &Need, now: Timestamp) -> Option<Estimate> {
        self.younger(need, KEPT, now)
    }

    fn younger(&self, need: &Need, age: SignedDuration, now: Timestamp) -> Option<Estimate> {
        let pair = pair(need)?;
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = kept.iter().filter(|(_, known, _)| *known == pair);
        let (_, _, estimate) = known.find(|(at, _, _)| is_younger(*at, age, now))?;
        Some(estimate.clone())
    }
}

/// What lies in the future was said before the clock was set back.
fn is_younger(at: Timestamp, age: SignedDuration, now: Timestamp) -> bool {
    let since = now.duration_since(at);
    !since.is_negative() && since < age
}
