//! Settling: the payee gets the money; into the bot's wallet as a transfer from MixPay.

use super::{Checkout, Moment, Settlement, Stage, callbacks::Event};
use crate::sim::world::{World, coins, wallet::settlement_memo};
use uuid::Uuid;

impl World {
    /// Settles a payment now; the payment as it is then, or `None` if there is nothing to settle.
    /// A payment that failed as double counts from here on.
    pub fn settle(&self, what: &str) -> Option<Checkout> {
        self.change(|m| {
            let code = m.state.mixpay.named(what)?.code;
            m.settle(code).then(|| m.state.mixpay.by_id(code).cloned()).flatten()
        })
    }
}

impl Moment<'_> {
    /// Settles a payment; whether there was something to settle.
    pub(super) fn settle(&mut self, code: Uuid) -> bool {
        let Some(checkout) = self.state.mixpay.by_id(code).cloned() else { return false };
        let is_due = checkout.stage.is_paid() && checkout.settled.is_none();
        let Some(settlement) = received(&checkout).filter(|_| is_due) else { return false };
        let snapshot = (checkout.payee == self.state.account.id).then(|| {
            let memo =
                checkout.settlement_memo.clone().unwrap_or_else(|| settlement_memo(checkout.trace));
            self.transfer_from_mixpay(settlement.asset, settlement.amount, &memo)
        });
        self.with(code, |checkout| {
            checkout.stage = Stage::Success;
            checkout.settled = Some(Settlement { snapshot, ..settlement });
            if let Some(surplus) = &mut checkout.surplus {
                surplus.returned = true;
            }
        });
        self.call_back(&checkout, Event::Settle);
        true
    }
}

/// What the payee gets of a payment.
fn received(checkout: &Checkout) -> Option<Settlement> {
    let paid = checkout.price?;
    let (amount, price) = match checkout.amount {
        Some(amount) => (amount, coins::micro_usd(checkout.quote)?),
        None => (paid.amount, coins::find(paid.asset)?.micro_usd),
    };
    let asset = checkout.settlement.unwrap_or(paid.asset);
    let amount = coins::settle(amount, price, coins::find(asset)?.micro_usd)?;
    Some(Settlement { asset, amount, snapshot: None })
}
