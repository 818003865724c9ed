//! An order: what a payment is asked for with, read from parameters and checked.

use super::{Params, Refused};
use crate::{
    domain::{
        amount::Amount,
        asset::QuoteAsset,
        ids::{AssetId, TraceId, UserId},
    },
    sim::world::{Moment, Violation, coins},
};
use uuid::Uuid;

/// How a payment comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Maker {
    /// `POST /one_time_payment`.
    OneTime,
    /// `POST /payments`.
    Direct,
    /// A payer who opens `/pay?…`.
    Link,
}

/// Which events a merchant wants told beside success and failure (mixpay.md 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Events {
    pub(crate) settle: bool,
    pub(crate) pending: bool,
    pub(crate) paid_less: bool,
}

/// What a payment is asked for with. Two orders are the same if they are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) payee: UserId,
    pub(crate) number: Option<String>,
    pub(crate) trace: Option<TraceId>,
    pub(crate) quote: QuoteAsset,
    pub(crate) amount: Option<Amount>,
    pub(crate) settlement: Option<AssetId>,
    pub(crate) pay_with: Option<AssetId>,
    pub(crate) payment_amount: Option<Amount>,
    pub(crate) client: Option<Uuid>,
    pub(crate) chain: bool,
    pub(crate) settlement_memo: Option<String>,
    pub(crate) return_to: Option<String>,
    pub(crate) failed_return_to: Option<String>,
    pub(crate) callback: Option<String>,
    pub(crate) events: Events,
    pub(crate) closes_at: Option<i64>,
    /// Checked, kept for comparing, without effect here.
    strict: bool,
    remark: Option<String>,
    note: Option<String>,
}

/// Parameters that every maker knows.
const KNOWN: [&str; 15] = [
    "payeeId",
    "orderId",
    "traceId",
    "settlementAssetId",
    "quoteAssetId",
    "quoteAmount",
    "paymentAssetId",
    "strictMode",
    "remark",
    "settlementMemo",
    "returnTo",
    "failedReturnTo",
    "callbackUrl",
    "callbackEvent",
    "expiredTimestamp",
];
/// Parameters that only `POST /payments` knows.
const KNOWN_DIRECT: [&str; 5] =
    ["paymentAmount", "clientId", "note", "isChain", "settlementMethod"];
/// Parameters of the page behind a link.
const KNOWN_LINK: [&str; 7] =
    ["amount", "paymentMethod", "paymentWallet", "onlyShowWallet", "payerEmail", "style", "note"];
/// A payment closes more than so many seconds from now …
const CLOSES_AFTER: i64 = 10;
/// … and in less than 2,880 minutes.
const CLOSES_BEFORE: i64 = 2_880 * 60;

impl Order {
    /// Reads and checks the parameters. What the endpoint does not know is noted and ignored, as
    /// the service ignores it.
    pub(super) fn read(m: &mut Moment<'_>, params: &Params, maker: Maker) -> Result<Self, Refused> {
        note_unknown(m, params, maker);
        let order = Self {
            payee: UserId::new(params.uuid("payeeId")?.ok_or(Refused::PARAMETER)?),
            number: params.text("orderId")?.map(str::to_owned),
            trace: params.uuid("traceId")?.map(TraceId::new),
            quote: read_quote(params, maker)?,
            // A payer can add `amount` to a link: the trap of mixpay.md 1.6.
            amount: match (maker, params.amount("amount")?) {
                (Maker::Link, Some(amount)) => Some(amount),
                _ => params.amount("quoteAmount")?,
            },
            settlement: params.asset("settlementAssetId")?,
            pay_with: params.asset("paymentAssetId")?,
            payment_amount: params.amount("paymentAmount")?,
            client: params.uuid("clientId")?,
            chain: params.flag("isChain")?,
            settlement_memo: params.short("settlementMemo", 200)?,
            return_to: params.text("returnTo")?.map(str::to_owned),
            failed_return_to: params.text("failedReturnTo")?.map(str::to_owned),
            callback: params.url("callbackUrl")?,
            events: read_events(params)?,
            closes_at: params.whole("expiredTimestamp")?,
            strict: params.flag("strictMode")?,
            remark: params.short("remark", 50)?,
            note: params.short("note", 50)?,
        };
        order.check(m, maker)?;
        Ok(order)
    }

    fn check(&self, m: &Moment<'_>, maker: Maker) -> Result<(), Refused> {
        let named = self.number.is_some() || self.trace.is_some();
        let amount = self.amount.is_some() || self.payment_amount.is_some();
        let complete = match maker {
            Maker::OneTime => named && self.amount.is_some() && self.settlement.is_some(),
            Maker::Direct => {
                named && amount && self.settlement.is_some() && self.pay_with.is_some()
            }
            Maker::Link => true,
        };
        if !complete || !self.number.as_deref().is_none_or(is_order_id) {
            return Err(Refused::PARAMETER);
        }
        if let Some(closes_at) = self.closes_at {
            let ahead = closes_at.saturating_sub(m.now.as_second());
            if ahead <= CLOSES_AFTER || ahead >= CLOSES_BEFORE {
                return Err(Refused::PARAMETER);
            }
        }
        for asset in self.settlement.iter().chain(&self.pay_with) {
            coins::find(*asset).ok_or(Refused::ASSET)?;
        }
        let price = coins::micro_usd(self.quote).ok_or(Refused::QUOTE_ASSET)?;
        let may_receive = m.state.people.get(self.payee).is_some_and(|payee| payee.may_receive);
        if !may_receive && !m.state.mixpay.multisigs.contains_key(&self.payee) {
            return Err(Refused::PAYEE);
        }
        let (min, max) = coins::limits(price);
        match self.amount {
            Some(amount) if amount < min => Err(Refused::TOO_LOW),
            Some(amount) if amount > max => Err(Refused::TOO_HIGH),
            _ => Ok(()),
        }
    }
}

fn note_unknown(m: &mut Moment<'_>, params: &Params, maker: Maker) {
    let more: &[&str] = match maker {
        Maker::OneTime => &[],
        Maker::Direct => &KNOWN_DIRECT,
        Maker::Link => &KNOWN_LINK,
    };
    for name in params.0.keys() {
        if !KNOWN.contains(&name.as_str()) && !more.contains(&name.as_str()) {
            m.note(Violation::UnknownParameter(name.clone()));
        }
    }
}

/// The unit of the price; an open link without one is priced in dollars by its page.
fn read_quote(params: &Params, maker: Maker) -> Result<QuoteAsset, Refused> {
    match (params.unit("quoteAssetId")?, maker) {
        (Some(quote), _) => Ok(quote),
        (None, Maker::Link) => "usd".parse().map_err(|_| Refused::QUOTE_ASSET),
        (None, Maker::OneTime | Maker::Direct) => Err(Refused::PARAMETER),
    }
}

fn read_events(params: &Params) -> Result<Events, Refused> {
    let mut events = Events::default();
    for event in params.text("callbackEvent")?.into_iter().flat_map(|text| text.split('|')) {
        match event {
            "settle" => events.settle = true,
            "pending" => events.pending = true,
            "paid_less" => events.paid_less = true,
            _ => return Err(Refused::PARAMETER),
        }
    }
    Ok(events)
}

fn is_order_id(text: &str) -> bool {
    (6..=36).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
