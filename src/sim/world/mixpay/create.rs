//! Making payments, quoting them anew, and estimates that make nothing.

use super::{
    Checkout, Due, Kind, MIXPAY_ACCOUNT, Moment, Params, Quote, Refused, Stage,
    order::{Maker, Order},
};
use crate::{
    domain::{
        amount::Amount,
        asset::QuoteAsset,
        ids::{AssetId, TraceId},
    },
    sim::world::{World, coins, faults::later},
};
use jiff::Timestamp;
use std::time::Duration;

/// What a payment would be; nothing is locked by it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    pub(crate) quote: QuoteAsset,
    pub(crate) quote_amount: Amount,
    pub(crate) payment: AssetId,
    pub(crate) payment_amount: Amount,
    pub(crate) settlement: AssetId,
    pub(crate) settlement_amount: Amount,
    pub(crate) price: Amount,
}

impl World {
    /// `POST /one_time_payment` and `POST /payments`.
    pub(crate) fn create(&self, params: &Params, maker: Maker) -> Result<Checkout, Refused> {
        self.change(|m| {
            if m.state.faults.mixpay_maintenance_until.is_some_and(|until| m.now < until) {
                return Err(Refused::MAINTENANCE);
            }
            m.create(params, maker)
        })
    }

    /// `POST /payments/refresh`: an on-chain payment at a new price.
    pub(crate) fn refresh(&self, params: &Params) -> Result<Checkout, Refused> {
        self.change(|m| {
            let trace = params.uuid("traceId")?.ok_or(Refused::PARAMETER)?;
            let checkout = m.state.mixpay.by_id(trace).ok_or(Refused::NO_PAYMENT)?;
            let usable = matches!(checkout.stage, Stage::Unpaid | Stage::Pending);
            if checkout.kind != Kind::DirectChain || !usable {
                return Err(Refused::PARAMETER);
            }
            let code = checkout.code;
            m.quote_anew(code)
        })
    }
}

impl Moment<'_> {
    pub(super) fn create(&mut self, params: &Params, maker: Maker) -> Result<Checkout, Refused> {
        let order = Order::read(self, params, maker)?;
        match self.existing(&order) {
            Some(existing) => self.create_again(&existing, &order, maker),
            None => self.create_first(order, maker),
        }
    }

    fn existing(&self, order: &Order) -> Option<Checkout> {
        let mixpay = &self.state.mixpay;
        let by_trace = order.trace.and_then(|trace| mixpay.by_id(trace.uuid()));
        let by_order = order.number.as_deref().and_then(|id| mixpay.by_order(order.payee, id));
        by_trace.or(by_order).cloned()
    }

    /// The same ids again: the same order may get the same payment, another one never.
    fn create_again(
        &mut self,
        existing: &Checkout,
        order: &Order,
        maker: Maker,
    ) -> Result<Checkout, Refused> {
        if existing.made_from != *order || existing.kind != kind(order, maker) {
            return Err(Refused::PARAMETER);
        }
        match maker {
            Maker::OneTime if self.state.mixpay.habits.same_body_same_code => Ok(existing.clone()),
            Maker::OneTime => Err(Refused::PARAMETER),
            Maker::Direct if existing.stage == Stage::Unpaid => self.quote_anew(existing.code),
            Maker::Direct | Maker::Link => Ok(existing.clone()),
        }
    }

    fn create_first(&mut self, order: Order, maker: Maker) -> Result<Checkout, Refused> {
        let fresh = self.ids.uuid();
        let code_is_trace = maker != Maker::OneTime || self.state.mixpay.habits.code_is_trace;
        let code = order.trace.filter(|_| code_is_trace).map_or(fresh, TraceId::uuid);
        let closes_at = order.closes_at.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let checkout = Checkout {
            code,
            trace: order.trace.unwrap_or(TraceId::new(code)),
            order: order.number.clone(),
            kind: kind(&order, maker),
            payee: order.payee,
            recipient: MIXPAY_ACCOUNT,
            quote: order.quote,
            amount: order.amount,
            settlement: order.settlement,
            settlement_memo: order.settlement_memo.clone(),
            callback: order.callback.clone(),
            made_at: self.now,
            closes_at,
            price: None,
            transactions: Vec::new(),
            on_chain: order.chain,
            stage: Stage::Unpaid,
            paid_at: None,
            surplus: None,
            settled: None,
            client: order.client.unwrap_or_else(|| self.ids.uuid()),
            return_to: order.return_to.clone(),
            failed_return_to: order.failed_return_to.clone(),
            events: order.events,
            made_from: order,
        };
        let quoted = match checkout.kind {
            Kind::DirectMixin | Kind::DirectChain => Some(price_of(&checkout, self.now)?),
            Kind::OneTime | Kind::Link => None,
        };
        let checkout = Checkout { price: quoted, ..checkout };
        self.state.mixpay.insert(checkout.clone());
        if let Some(at) = closes_at {
            self.state.mixpay.plan(at, Due::Close(code));
        }
        Ok(checkout)
    }

    fn quote_anew(&mut self, code: uuid::Uuid) -> Result<Checkout, Refused> {
        let now = self.now;
        self.with(code, |checkout| {
            checkout.price = Some(price_of(checkout, now)?);
            Ok(checkout.clone())
        })
        .unwrap_or(Err(Refused::NO_PAYMENT))
    }
}

const fn kind(order: &Order, maker: Maker) -> Kind {
    match (maker, order.chain) {
        (Maker::OneTime, _) => Kind::OneTime,
        (Maker::Direct, false) => Kind::DirectMixin,
        (Maker::Direct, true) => Kind::DirectChain,
        (Maker::Link, _) => Kind::Link,
    }
}

/// What a direct payment costs now, in its coin.
fn price_of(checkout: &Checkout, now: Timestamp) -> Result<Quote, Refused> {
    let order = &checkout.made_from;
    let asset = order.pay_with.ok_or(Refused::PARAMETER)?;
    let chain = checkout.kind == Kind::DirectChain;
    let amount = match order.payment_amount {
        Some(amount) => amount,
        None => in_coin(checkout.quote, order.amount.ok_or(Refused::PARAMETER)?, asset, chain)
            .ok_or(Refused::ASSET)?,
    };
    let until = later(now, Duration::from_secs(checkout.price_seconds()));
    Ok(Quote { asset, amount, until })
}

/// What a price is in a coin; `None` if it cannot be paid with that, or not over a chain.
pub(super) fn in_coin(
    quote: QuoteAsset,
    amount: Amount,
    asset: AssetId,
    chain: bool,
) -> Option<Amount> {
    let coin = coins::find(asset).filter(|coin| coin.payable && (!chain || coin.on_chain()))?;
    coins::convert_up(amount, coins::micro_usd(quote)?, coin.micro_usd)
}

impl Checkout {
    /// How long a price holds: 600 s over a chain, 900 s where nothing is exchanged, else 60 s
    /// (mixpay.md 2.1).
    pub(crate) fn price_seconds(&self) -> u64 {
        match self.kind {
            Kind::DirectChain => 600,
            Kind::DirectMixin if self.made_from.pay_with == self.settlement => 900,
            Kind::DirectMixin | Kind::OneTime | Kind::Link => 60,
        }
    }
}

/// `GET /payments_estimated`.
pub(crate) fn estimate(params: &Params) -> Result<Estimate, Refused> {
    let quote = params.unit("quoteAssetId")?.ok_or(Refused::PARAMETER)?;
    let quote_amount = params.amount("quoteAmount")?.ok_or(Refused::PARAMETER)?;
    let payment = params.asset("paymentAssetId")?.ok_or(Refused::PARAMETER)?;
    let settlement = params.asset("settlementAssetId")?.ok_or(Refused::PARAMETER)?;
    let quote_price = coins::micro_usd(quote).ok_or(Refused::QUOTE_ASSET)?;
    let payment_price = coins::find(payment).ok_or(Refused::ASSET)?.micro_usd;
    let settlement_price = coins::find(settlement).ok_or(Refused::ASSET)?.micro_usd;
    let payment_amount = match params.amount("paymentAmount")? {
        Some(amount) => amount,
        None => {
            coins::convert_up(quote_amount, quote_price, payment_price).ok_or(Refused::PARAMETER)?
        }
    };
    let settlement_amount =
        coins::settle(payment_amount, payment_price, settlement_price).ok_or(Refused::PARAMETER)?;
    let one = Amount::from_units(100_000_000);
    let price = coins::convert_up(one, quote_price, payment_price).ok_or(Refused::PARAMETER)?;
    Ok(Estimate {
        quote,
        quote_amount,
        payment,
        payment_amount,
        settlement,
        settlement_amount,
        price,
    })
}
