//! Callbacks: who is to be called, when, and what came of it.

use super::Checkout;
use crate::sim::world::{
    Moment, State, World,
    faults::{later, take},
};
use jiff::Timestamp;
use std::{collections::BTreeMap, time::Duration};

/// The waits before each delivery, in seconds (mixpay.md 4.4).
const WAITS: [u64; 10] = [0, 15, 15, 30, 180, 1800, 1800, 1800, 1800, 3600];

/// A storm has at most so many callbacks more.
const COPIES_MAX: u32 = 1000;

/// An event that a callback tells of; the callback itself does not say which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The payment succeeded.
    Success,
    /// The payment failed.
    Fail,
    /// The payee was paid.
    Settle,
    /// A payment was seen.
    Pending,
    /// Too little was paid.
    PaidLess,
}

/// One callback on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Its number.
    pub number: u64,
    /// Why it is made.
    pub event: Event,
    /// Where it goes.
    pub url: String,
    /// `orderId`, empty if the merchant gave none.
    pub order: String,
    /// `traceId`.
    pub trace: String,
    /// `payeeId`.
    pub payee: String,
    /// How often it was delivered and refused.
    pub refused: usize,
    due: Timestamp,
    in_flight: bool,
}

/// All callbacks.
#[derive(Debug, Default)]
pub(crate) struct Callbacks {
    open: BTreeMap<u64, Callback>,
    next: u64,
    accepted: u64,
    given_up: u64,
}

impl Callbacks {
    /// How many are due or on their way.
    pub(crate) fn busy(&self, now: Timestamp) -> usize {
        self.open.values().filter(|callback| callback.in_flight || callback.due <= now).count()
    }

    /// When the next one is due that is not on its way.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.open.values().filter(|callback| !callback.in_flight).map(|c| c.due).min()
    }
}

impl Moment<'_> {
    /// Queues a callback about a payment, if its merchant wants this event told.
    pub(super) fn call_back(&mut self, checkout: &Checkout, event: Event) {
        let wanted = match event {
            Event::Success | Event::Fail => true,
            Event::Settle => checkout.events.settle,
            Event::Pending => checkout.events.pending,
            Event::PaidLess => checkout.events.paid_less,
        };
        let State { mixpay, faults, .. } = &mut *self.state;
        let Some(url) = checkout.callback.clone() else { return };
        if !wanted && !take(&mut faults.callbacks_unwanted) {
            return;
        }
        let copies = if take(&mut faults.callback_storms) { faults.callback_copies } else { 0 };
        let late = take(&mut faults.callbacks_late).then_some(faults.callbacks_late_by);
        let callbacks = &mut mixpay.callbacks;
        for _ in 0..=copies.min(COPIES_MAX) {
            let number = callbacks.next;
            callbacks.next += 1;
            callbacks.open.insert(
                number,
                Callback {
                    number,
                    event,
                    url: url.clone(),
                    order: checkout.order.clone().unwrap_or_default(),
                    trace: checkout.trace.to_string(),
                    payee: checkout.payee.to_string(),
                    refused: 0,
                    due: later(self.now, late.unwrap_or_default()),
                    in_flight: false,
                },
            );
        }
    }
}

impl World {
    /// The callbacks that are due now; they count as on their way until
    /// [`callback_answered`](Self::callback_answered).
    pub fn take_callbacks(&self) -> Vec<Callback> {
        self.read(|_, _| ());
        let now = self.clock.now();
        let mut state = self.lock();
        let open = state.mixpay.callbacks.open.values_mut();
        let due = open.filter(|callback| !callback.in_flight && callback.due <= now);
        due.map(|callback| {
            callback.in_flight = true;
            callback.clone()
        })
        .collect()
    }

    /// Notes whether a callback was answered as MixPay wants; else it comes again later, ten times
    /// in all.
    pub fn callback_answered(&self, number: u64, accepted: bool) {
        self.change(|m| {
            let callbacks = &mut m.state.mixpay.callbacks;
            let Some(mut callback) = callbacks.open.remove(&number) else { return };
            if accepted {
                callbacks.accepted += 1;
                return;
            }
            callback.refused += 1;
            match WAITS.get(callback.refused) {
                None => callbacks.given_up += 1,
                Some(wait) => {
                    callback.due = later(m.now, Duration::from_secs(*wait));
                    callback.in_flight = false;
                    callbacks.open.insert(number, callback);
                }
            }
        });
    }

    /// Sends the callback of a payment once more, whatever its state.
    pub fn call_back_again(&self, what: &str) {
        self.change(|m| {
            if let Some(checkout) = m.state.mixpay.named(what).cloned() {
                m.call_back(&checkout, Event::Success);
            }
        });
    }

    /// How many callbacks were accepted, and how many given up.
    pub fn callback_counts(&self) -> (u64, u64) {
        self.read(|state, _| (state.mixpay.callbacks.accepted, state.mixpay.callbacks.given_up))
    }
}
