//! Reporting: what MixPay says of a payment when it is asked, which is the truth unless a lie was arranged.

use super::{Checkout, Params, Refused, Stage};
use crate::{
    domain::ids::{TraceId, UserId},
    sim::world::{Moment, World, faults::take},
};
use jiff::Timestamp;

/// A status that no document knows.
const STRANGE_STATUS: &str = "reconsidering";

/// What MixPay says of a payment.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The payment, as it is told.
    pub checkout: Checkout,
    /// Its status, as it is told.
    pub status: String,
    /// MixPay's time, as it is told.
    pub at: Timestamp,
}

/// Which payment is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The one with this trace.
    Trace(TraceId),
    /// The one with this order id of this payee.
    Order(UserId, String),
}

impl Asked {
    /// What the parameters of `GET /payments_result` ask about.
    pub(crate) fn read(query: &Params) -> Result<Self, Refused> {
        let trace = query.uuid("traceId")?.map(TraceId::new);
        let order = query.text("orderId")?;
        let payee = query.uuid("payeeId")?.map(UserId::new);
        match (trace, order, payee) {
            (Some(trace), _, _) => Ok(Self::Trace(trace)),
            (None, Some(order), Some(payee)) => Ok(Self::Order(payee, order.to_owned())),
            (None, _, _) => Err(Refused::PARAMETER),
        }
    }
}

impl World {
    /// What MixPay says of a payment now; `None` if it knows no such payment.
    pub fn report(&self, about: &Asked) -> Option<Reported> {
        self.change(|m| m.report(about))
    }
}

impl Moment<'_> {
    fn report(&mut self, about: &Asked) -> Option<Reported> {
        let mixpay = &self.state.mixpay;
        let mut checkout = match about {
            Asked::Trace(trace) => mixpay.by_id(trace.uuid()),
            Asked::Order(payee, order) => mixpay.by_order(*payee, order),
        }?
        .clone();
        let faults = &mut self.state.faults;
        let mut at = self.now;
        if checkout.stage != Stage::Unpaid && take(&mut faults.mixpay_stale_results) {
            at = checkout.made_at;
            checkout = checkout.untouched();
        }
        match checkout.stage {
            Stage::Unpaid if take(&mut faults.mixpay_fickle_results) => {
                checkout.stage = Stage::Pending;
            }
            Stage::Pending if take(&mut faults.mixpay_fickle_results) => {
                checkout = checkout.untouched();
            }
            Stage::Unpaid
            | Stage::Pending
            | Stage::Auditing
            | Stage::Success
            | Stage::Failed(_) => {}
        }
        let strange = take(&mut faults.mixpay_strange_results).then(|| STRANGE_STATUS.to_owned());
        let status = strange.or_else(|| faults.mixpay_status.clone());
        let status = status.unwrap_or_else(|| checkout.status().to_owned());
        let at = at.saturating_add(faults.mixpay_clock_ahead).unwrap_or(at);
        Some(Reported { checkout, status, at })
    }
}
