//! Paying: what people do with a payment's page, a pay link or a transfer link, well or badly.

use super::{
    Checkout, DOUBLE, How, Kind, MIXPAY_ACCOUNT, Means, Moment, Paid, Param, Params, PayError,
    Payment, Quote, Stage, Surplus, Transaction, callbacks::Event, create::in_coin, link,
    order::Maker,
};
use crate::{
    domain::{amount::Amount, ids::AssetId},
    sim::world::{World, coins, faults::later, wallet::Transfer},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use std::time::Duration;
use uuid::Uuid;

impl World {
    /// Somebody pays what a code, a trace, an order id or any kind of pay link names.
    pub fn pay(&self, what: &str, payment: &Payment) -> Result<Paid, PayError> {
        self.change(|m| {
            if let Some(transfer) = link::transfer(what) {
                return m.pay_by_transfer(&transfer, payment);
            }
            let code = match link::universal(what) {
                Some(params) => m.open_link(params, payment)?,
                None => m.state.mixpay.named(what).ok_or(PayError::NotFound)?.code,
            };
            m.pay_checkout(code, payment)
        })
    }

    /// What a payer is asked for: of the whole price, what is still missing.
    pub fn price(&self, what: &str, payment: &Payment) -> Result<Amount, PayError> {
        self.read(|state, now| {
            let checkout = state.mixpay.named(what).ok_or(PayError::NotFound)?;
            Ok(missing(checkout, page_price(checkout, payment, now)?.1))
        })
    }

    /// One more block for every transaction of a payment; the payment as it is then.
    pub fn confirm(&self, what: &str) -> Option<Checkout> {
        self.change(|m| {
            let code = m.state.mixpay.named(what)?.code;
            let stage = m.with(code, |checkout| {
                for transaction in &mut checkout.transactions {
                    transaction.confirmations =
                        (transaction.confirmations + 1).min(transaction.required);
                }
                checkout.stage
            });
            // Blocks make nothing good that has failed; but of two payments the first counts.
            if matches!(stage, Some(Stage::Pending | Stage::Failed(DOUBLE))) {
                m.judge(code);
            }
            m.state.mixpay.by_id(code).cloned()
        })
    }

    /// All the blocks that are needed.
    pub fn confirm_all(&self, what: &str) -> Option<Checkout> {
        let most = coins::COINS.iter().map(|coin| coin.confirms).max().unwrap_or_default();
        (0..most).fold(None, |_, _| self.confirm(what))
    }

    /// MixPay begins to look into a payment that was seen or paid.
    pub fn audit_start(&self, what: &str) {
        self.stage(what, |stage| match stage {
            Stage::Pending | Stage::Success => Stage::Auditing,
            Stage::Unpaid | Stage::Auditing | Stage::Failed(_) => stage,
        });
    }

    /// MixPay is done looking into a payment: it counts, or it failed with this code.
    pub fn audit_stop(&self, what: &str, failure: Option<u32>) {
        self.change(|m| {
            let Some(checkout) = m.state.mixpay.named(what) else { return };
            let (code, stage) = (checkout.code, checkout.stage);
            match failure {
                _ if stage != Stage::Auditing => {}
                Some(failure) => m.fail(code, failure),
                None => m.succeed(code),
            }
        });
    }

    /// MixPay gives up on a payment, for this reason.
    pub fn fail(&self, what: &str, failure: u32) {
        self.change(|m| {
            if let Some(code) = m.state.mixpay.named(what).map(|checkout| checkout.code) {
                m.fail(code, failure);
            }
        });
    }

    /// MixPay reports this price of a payment from now on.
    pub fn report_price(&self, what: &str, amount: Amount) {
        self.change(|m| {
            if let Some(code) = m.state.mixpay.named(what).map(|checkout| checkout.code) {
                m.with(code, |checkout| checkout.amount = Some(amount));
            }
        });
    }

    fn stage(&self, what: &str, change: impl FnOnce(Stage) -> Stage) {
        self.change(|m| {
            if let Some(code) = m.state.mixpay.named(what).map(|checkout| checkout.code) {
                m.with(code, |checkout| checkout.stage = change(checkout.stage));
            }
        });
    }
}

impl Moment<'_> {
    /// A payer opens a universal link: the payment of its trace or order, or a new one.
    fn open_link(&mut self, mut params: Params, payment: &Payment) -> Result<Uuid, PayError> {
        let priced = params.0.contains_key("quoteAmount") || params.0.contains_key("amount");
        if !priced {
            let typed = payment.typed.ok_or(PayError::NoAmount)?;
            params.0.insert("amount".to_owned(), Param::Text(typed.to_string()));
        }
        Ok(self.create(&params, Maker::Link)?.code)
    }

    /// Somebody makes the transfer that a link asks for, exactly.
    fn pay_by_transfer(
        &mut self,
        transfer: &link::MixinTransfer,
        payment: &Payment,
    ) -> Result<Paid, PayError> {
        let trace = transfer.trace.unwrap_or_else(|| self.ids.uuid());
        let paid = Paid { code: trace, asset: transfer.asset, amount: transfer.amount };
        if transfer.recipient != MIXPAY_ACCOUNT {
            if transfer.recipient == self.state.account.id {
                self.transfer(Transfer {
                    opponent: payment.payer,
                    asset: transfer.asset,
                    amount: transfer.amount,
                    memo: transfer.memo.clone(),
                    request: Some(trace),
                    outgoing: false,
                    collectible: false,
                });
            }
            return Ok(paid);
        }
        let checkout = self.state.mixpay.by_id(trace).ok_or(PayError::Returned)?;
        let memo = BASE64_STANDARD.encode(format!("payment|{}", checkout.client));
        let price = checkout.price.ok_or(PayError::Returned)?;
        if transfer.memo != memo || checkout.kind != Kind::DirectMixin {
            return Err(PayError::Returned);
        }
        let (code, stage) = (checkout.code, checkout.stage);
        if stage == Stage::Success {
            return Err(PayError::AlreadyPaid);
        }
        self.send(code, transfer.asset, transfer.amount, Means::Mixin);
        if price.until < self.now {
            self.fail(code, 40000);
        } else if price.asset != transfer.asset {
            self.fail(code, 40020);
        } else if price.amount != transfer.amount {
            self.fail(code, 40024);
        } else {
            self.judge(code);
        }
        Ok(Paid { code, ..paid })
    }

    fn pay_checkout(&mut self, code: Uuid, payment: &Payment) -> Result<Paid, PayError> {
        let checkout = self.state.mixpay.by_id(code).ok_or(PayError::NotFound)?;
        let was_paid = checkout.stage.is_paid();
        let taken = was_paid || checkout.stage == Stage::Auditing;
        if taken && payment.how != How::Double {
            return Err(PayError::AlreadyPaid);
        }
        let (means, price) = page_price(checkout, payment, self.now)?;
        let closed = checkout.closes_at.is_some_and(|at| at <= self.now);
        let missing = missing(checkout, price);
        let first_counts = payment.how == How::Double && checkout.stage == Stage::Success;
        let amount = match &payment.how {
            How::Underpay(part) if *part >= missing => return Err(PayError::NotLess),
            How::Underpay(part) => *part,
            How::Overpay(extra) => missing.checked_add(*extra).unwrap_or(missing),
            How::Exact
            | How::Late
            | How::WrongAsset
            | How::Double
            | How::Audited
            | How::Tampered { .. } => missing,
        };
        let asset = match price.asset {
            asset if payment.how != How::WrongAsset => asset,
            coins::TRX => coins::BTC,
            _ => coins::TRX,
        };
        self.with(code, |checkout| {
            checkout.price = Some(price);
            checkout.on_chain = means == Means::Chain;
            if matches!(checkout.stage, Stage::Failed(_)) {
                // What was sent before has come back.
                checkout.transactions.clear();
            }
        });
        if !first_counts {
            self.send(code, asset, amount, means);
        }
        if closed && !was_paid && payment.how != How::Late {
            self.fail(code, 40000);
        } else {
            self.take(code, means, &payment.how);
        }
        Ok(Paid { code, asset, amount })
    }

    /// What MixPay makes of a payment that arrived.
    fn take(&mut self, code: Uuid, means: Means, how: &How) {
        match how {
            How::Underpay(_) | How::Overpay(_) if means == Means::Mixin => self.fail(code, 40024),
            How::WrongAsset => self.fail(code, 40020),
            How::Double => self.fail(code, DOUBLE),
            How::Audited => {
                self.with(code, |checkout| checkout.stage = Stage::Auditing);
            }
            How::Tampered { amount, payee, quote } => {
                self.with(code, |checkout| {
                    checkout.amount = amount.or(checkout.amount);
                    checkout.payee = payee.unwrap_or(checkout.payee);
                    checkout.quote = quote.unwrap_or(checkout.quote);
                });
                self.succeed(code);
            }
            How::Exact | How::Late | How::Underpay(_) | How::Overpay(_) => self.judge(code),
        }
    }

    /// Notes that something was sent.
    fn send(&mut self, code: Uuid, asset: AssetId, amount: Amount, means: Means) {
        let required = match means {
            Means::Mixin => 0,
            Means::Chain => coins::find(asset).map_or(1, |coin| coin.confirms),
        };
        let txid = match means {
            Means::Mixin => String::new(),
            Means::Chain => format!("{}{}", self.ids.uuid().simple(), self.ids.uuid().simple()),
        };
        let at = self.now;
        let sent = Transaction { asset, amount, txid, confirmations: 0, required, at };
        self.with(code, |checkout| {
            checkout.paid_at = Some(at);
            checkout.transactions.push(sent);
        });
    }

    /// Decides what a payment is, from what was sent.
    fn judge(&mut self, code: Uuid) {
        let Some(checkout) = self.state.mixpay.by_id(code).cloned() else { return };
        let confirmed = checkout.transactions.iter().all(|t| t.confirmations >= t.required);
        let open = match checkout.stage {
            Stage::Unpaid | Stage::Pending | Stage::Failed(_) => true,
            Stage::Auditing | Stage::Success => false,
        };
        if !open || checkout.transactions.is_empty() {
            return;
        }
        if confirmed && checkout.is_fully_paid() {
            return self.succeed(code);
        }
        let stage = if checkout.is_fully_paid() { Event::Pending } else { Event::PaidLess };
        // Blocks are no event: only a new transaction is.
        let is_news = checkout.transactions.last().is_some_and(|t| t.confirmations == 0);
        self.with(code, |checkout| checkout.stage = Stage::Pending);
        if is_news {
            self.call_back(&checkout, stage);
        }
    }

    fn succeed(&mut self, code: Uuid) {
        self.with(code, |checkout| {
            checkout.stage = Stage::Success;
            let due = checkout.price.map_or(Amount::ZERO, |price| price.amount);
            let surplus = checkout.sent().checked_sub(due).filter(|amount| !amount.is_zero());
            checkout.surplus = surplus.map(|amount| Surplus { amount, returned: false });
        });
        if let Some(checkout) = self.state.mixpay.by_id(code).cloned() {
            self.call_back(&checkout, Event::Success);
        }
        if let Some(after) = self.state.mixpay.habits.settles_after {
            self.state.mixpay.plan(later(self.now, after), super::Due::Settle(code));
        }
    }

    fn fail(&mut self, code: Uuid, failure: u32) {
        self.with(code, |checkout| checkout.stage = Stage::Failed(failure));
        if let Some(checkout) = self.state.mixpay.by_id(code).cloned() {
            self.call_back(&checkout, Event::Fail);
        }
    }

    /// The payment's time is over.
    pub(super) fn close(&mut self, code: Uuid) {
        if self.state.mixpay.by_id(code).is_some_and(|c| c.stage == Stage::Unpaid) {
            self.fail(code, 40000);
        }
    }
}

/// What of a price was not sent yet.
fn missing(checkout: &Checkout, price: Quote) -> Amount {
    let sent = if asks_for_the_rest(checkout) { checkout.sent() } else { Amount::ZERO };
    price.amount.checked_sub(sent).unwrap_or(Amount::ZERO)
}

/// Whether the page goes on from what was sent. What was sent before a failure has come back.
fn asks_for_the_rest(checkout: &Checkout) -> bool {
    checkout.is_multi_pay() && !matches!(checkout.stage, Stage::Failed(_))
}

/// How and for how much the page lets somebody pay.
fn page_price(
    checkout: &Checkout,
    payment: &Payment,
    now: jiff::Timestamp,
) -> Result<(Means, Quote), PayError> {
    match (checkout.kind, checkout.price) {
        (Kind::DirectMixin, Some(price)) => return Ok((Means::Mixin, price)),
        (Kind::DirectChain, Some(price)) => return Ok((Means::Chain, price)),
        // What is left of an underpayment keeps its price.
        (_, Some(price)) if asks_for_the_rest(checkout) => return Ok((Means::Chain, price)),
        _ => {}
    }
    let amount = checkout.amount.ok_or(PayError::NoAmount)?;
    let chain = payment.means == Means::Chain;
    let amount =
        in_coin(checkout.quote, amount, payment.asset, chain).ok_or(PayError::CannotPayWith)?;
    let until = later(now, Duration::from_secs(checkout.price_seconds()));
    Ok((payment.means, Quote { asset: payment.asset, amount, until }))
}
