//! MixPay: payments, what became of them, and what MixPay tells about them.

pub mod callbacks;
mod checkout;
pub(crate) mod create;
mod foreign;
mod limit;
mod link;
pub(crate) mod order;
mod params;
mod pay;
mod payment;
pub mod report;
mod settle;
#[cfg(test)]
mod tests;

use super::{Moment, World};
use crate::domain::ids::{AssetId, TraceId, UserId};
use callbacks::Callbacks;
pub use checkout::{Checkout, DOUBLE, Kind, Quote, Settlement, Stage, Surplus, Transaction};
pub(crate) use create::Estimate;
pub use foreign::{FOREIGN, Foreign};
use jiff::Timestamp;
pub(crate) use limit::REQUESTS_MAX;
use limit::Window;
pub(crate) use params::{Param, Params, Refused};
pub use payment::{How, Means, Paid, PayError, Payment};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use uuid::Uuid;

/// The account that MixPay pays from and is paid at (mixpay.md 2.1).
pub const MIXPAY_ACCOUNT: UserId = UserId::new(uuid::uuid!("3539c3ce-52c0-4b0b-9573-c035ecb98d48"));

/// How MixPay behaves where its documents leave a choice.
#[derive(Debug, Clone)]
pub struct Habits {
    /// Whether a given trace is also the code of a one-time payment.
    pub code_is_trace: bool,
    /// Whether creating the same again, with the identical body, returns the same code; else it is
    /// refused.
    pub same_body_same_code: bool,
    /// How long after a payment it is settled; `None` leaves it to [`World::settle`].
    pub settles_after: Option<Duration>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            code_is_trace: false,
            same_body_same_code: true,
            settles_after: Some(Duration::from_secs(3)),
        }
    }
}

/// Everything that MixPay remembers.
#[derive(Debug, Default)]
pub(crate) struct MixPay {
    pub(crate) habits: Habits,
    /// By code.
    checkouts: HashMap<Uuid, Checkout>,
    by_trace: HashMap<TraceId, Uuid>,
    by_order: HashMap<(UserId, String), Uuid>,
    multisigs: BTreeMap<UserId, (Vec<UserId>, u64)>,
    pub(crate) callbacks: Callbacks,
    window: Window,
    /// What happens by itself, and when.
    agenda: BTreeMap<(Timestamp, u64), Due>,
    agenda_next: u64,
}

/// Something that happens by itself.
#[derive(Debug, Clone, Copy)]
enum Due {
    Close(Uuid),
    Settle(Uuid),
}

impl MixPay {
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let agenda = self.agenda.keys().next().map(|(at, _)| *at);
        agenda.into_iter().chain(self.callbacks.next_due()).min()
    }

    fn plan(&mut self, at: Timestamp, due: Due) {
        self.agenda.insert((at, self.agenda_next), due);
        self.agenda_next += 1;
    }

    /// The payment with this code or trace.
    pub(crate) fn by_id(&self, id: Uuid) -> Option<&Checkout> {
        let code = self.by_trace.get(&TraceId::new(id)).copied().unwrap_or(id);
        self.checkouts.get(&code)
    }

    /// The payment with this order id.
    pub(crate) fn by_order(&self, payee: UserId, order: &str) -> Option<&Checkout> {
        let code = self.by_order.get(&(payee, order.to_owned()))?;
        self.checkouts.get(code)
    }

    /// The payment that a code, a trace, an order id or a link to its page names.
    fn named(&self, what: &str) -> Option<&Checkout> {
        let what = link::code_of(what).unwrap_or(what);
        match Uuid::try_parse(what) {
            Ok(id) => self.by_id(id),
            Err(_) => self.checkouts.values().find(|c| c.order.as_deref() == Some(what)),
        }
    }

    fn insert(&mut self, checkout: Checkout) {
        self.by_trace.insert(checkout.trace, checkout.code);
        if let Some(order) = &checkout.order {
            self.by_order.insert((checkout.payee, order.clone()), checkout.code);
        }
        self.checkouts.insert(checkout.code, checkout);
    }
}

impl Moment<'_> {
    /// Does what is due by now; whether there was something.
    pub(super) fn do_what_is_due(&mut self) -> bool {
        let mut moved = false;
        while let Some(entry) = self.state.mixpay.agenda.first_entry()
            && entry.key().0 <= self.now
        {
            moved = true;
            match entry.remove() {
                Due::Close(code) => self.close(code),
                Due::Settle(code) => {
                    self.settle(code);
                }
            }
        }
        moved
    }

    /// Changes a payment.
    fn with<T>(&mut self, code: Uuid, change: impl FnOnce(&mut Checkout) -> T) -> Option<T> {
        self.state.mixpay.checkouts.get_mut(&code).map(change)
    }
}

impl World {
    /// The payment that a code, a trace, an order id or a link to its page names, as it is now.
    pub fn checkout(&self, what: &str) -> Option<Checkout> {
        self.read(|state, _| state.mixpay.named(what).cloned())
    }

    /// Every payment as it is now, oldest first.
    pub fn all_checkouts(&self) -> Vec<Checkout> {
        let mut all: Vec<Checkout> =
            self.read(|state, _| state.mixpay.checkouts.values().cloned().collect());
        all.sort_by_key(|checkout| (checkout.made_at, checkout.code));
        all
    }

    /// The traces of all payments, in order.
    pub(crate) fn traces(&self) -> Vec<TraceId> {
        let mut traces: Vec<_> =
            self.read(|state, _| state.mixpay.by_trace.keys().copied().collect());
        traces.sort_unstable();
        traces
    }

    /// How many payments were made.
    pub fn checkouts(&self) -> usize {
        self.read(|state, _| state.mixpay.checkouts.len())
    }

    /// The MixPay id of a group of payees: the same members and threshold give the same id.
    pub(crate) fn multisig(&self, params: &Params) -> Result<UserId, Refused> {
        self.change(|m| m.multisig(params))
    }

    /// The members and threshold of a multisig.
    pub fn multisig_members(&self, id: UserId) -> Option<(Vec<UserId>, u64)> {
        self.read(|state, _| state.mixpay.multisigs.get(&id).cloned())
    }

    /// Makes MixPay settle a payment in another asset than was asked for, as it does when strict
    /// mode is off.
    pub fn settle_in(&self, what: &str, asset: AssetId) -> Option<Checkout> {
        self.change(|m| {
            let code = m.state.mixpay.named(what)?.code;
            m.with(code, |checkout| {
                checkout.settlement = Some(asset);
                checkout.clone()
            })
        })
    }
}

impl Moment<'_> {
    fn multisig(&mut self, params: &Params) -> Result<UserId, Refused> {
        const MEMBERS: std::ops::RangeInclusive<usize> = 3..=256;
        let mut members = params.users("receivers")?.ok_or(Refused::PARAMETER)?;
        let threshold = params.whole("threshold")?.ok_or(Refused::PARAMETER)?;
        let threshold = u64::try_from(threshold).map_err(|_| Refused::PARAMETER)?;
        let given = members.len();
        members.sort();
        members.dedup();
        if !MEMBERS.contains(&given) || members.len() != given || threshold == 0 {
            return Err(Refused::PARAMETER);
        }
        if threshold > u64::try_from(given).unwrap_or(u64::MAX) {
            return Err(Refused::THRESHOLD);
        }
        if members.iter().any(|member| self.state.people.get(*member).is_none()) {
            return Err(Refused::NO_USER);
        }
        let group = (members, threshold);
        let known = self.state.mixpay.multisigs.iter().find(|(_, other)| **other == group);
        if let Some((id, _)) = known {
            return Ok(*id);
        }
        let id = UserId::new(self.ids.uuid());
        self.state.mixpay.multisigs.insert(id, group);
        Ok(id)
    }
}
