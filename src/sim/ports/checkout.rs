//! Checkout: MixPay's answers, made from what the world knows of a payment.

use super::{Call, Does, Services};
use crate::{
    domain::{
        amount::Amount,
        asset::{Money, QuoteAsset},
        catalogue::{AssetList, ListedAsset},
        ids::{AssetId, TraceId, UserId},
        invoice::report::{Report, Status},
        mixpay_code::ApiCode,
    },
    ports::{
        checkout::{self, Answer, DirectPayment, PayTo, PaymentRequest},
        failure::{CallError, Failure, Reason},
    },
    sim::{
        World, coins,
        world::{
            faults::{self, Trouble},
            mixpay::{
                self, Kind, Param, Params, Refused, Stage, create,
                order::Maker,
                report::{Asked, Reported},
            },
        },
    },
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

/// Refusals that may not be repeated (mixpay.md 7.5).
const PASSING: [ApiCode; 4] = [
    ApiCode::ServerError,
    ApiCode::PaymentsSuspended,
    ApiCode::WithdrawalsSuspended,
    ApiCode::PriceException,
];

impl Services {
    /// Makes a payment from a stored body.
    async fn create(
        &self,
        call: Call,
        body: &str,
        maker: Maker,
    ) -> Result<mixpay::Checkout, CallError> {
        let act = |world: &World| {
            let params = Params::from_json(body.as_bytes());
            params.and_then(|params| world.create(&params, maker)).map_err(|no| call.says_no(no))
        };
        let spoils = |world: &World| {
            world.change(|m| {
                let faults = &mut m.state.faults;
                if faults::take(&mut faults.mixpay_made_then_cut) {
                    Some(Trouble::Cut)
                } else {
                    faults::take(&mut faults.mixpay_made_then_500).then_some(Trouble::Error)
                }
            })
        };
        self.call(call, act, spoils).await
    }
}

impl Call {
    /// MixPay refuses, for good or for now.
    fn says_no(self, refused: Refused) -> CallError {
        let (code, message) = (refused.code, refused.message.to_owned());
        let passes = PASSING.contains(&ApiCode::from(code));
        let failure = if passes { Failure::Transient } else { Failure::Permanent };
        self.error(failure, Reason::Refused { code, message })
    }

    fn direct(self, checkout: &mixpay::Checkout) -> Result<DirectPayment, CallError> {
        direct(checkout).ok_or_else(|| self.says_no(Refused::PARAMETER))
    }
}

#[async_trait]
impl checkout::Checkout for Services {
    fn body(&self, request: &PaymentRequest) -> String {
        let mut body = json!({
            "payeeId": request.payee.to_string(),
            "orderId": request.trace.to_string(),
            "traceId": request.trace.to_string(),
            "settlementAssetId": request.settlement.to_string(),
            "strictMode": request.strict,
            "quoteAssetId": request.price.unit.to_string(),
            "quoteAmount": request.price.amount.to_string(),
            "expiredTimestamp": request.closes_at,
        });
        let more = [
            ("remark", Some(request.remark.clone()).filter(|remark| !remark.is_empty())),
            ("callbackUrl", request.callback_url.clone()),
            (
                "callbackEvent",
                request.callback_url.as_ref().map(|_| "settle|pending|paid_less".to_owned()),
            ),
            ("paymentAssetId", request.pay_with.map(|asset| asset.to_string())),
        ];
        if let Some(fields) = body.as_object_mut() {
            for (name, value) in more {
                if let Some(value) = value {
                    fields.insert(name.to_owned(), value.into());
                }
            }
            if request.pay_with.is_some() && request.on_chain {
                fields.insert("isChain".to_owned(), true.into());
            }
        }
        body.to_string()
    }

    async fn open(&self, body: &str) -> Result<String, CallError> {
        let call = Call::mixpay("POST /one_time_payment", Does::Write);
        Ok(self.create(call, body, Maker::OneTime).await?.code.to_string())
    }

    async fn open_direct(&self, body: &str) -> Result<DirectPayment, CallError> {
        let call = Call::mixpay("POST /payments", Does::Write);
        call.direct(&self.world.as_told(self.create(call, body, Maker::Direct).await?))
    }

    async fn refresh(&self, trace: TraceId) -> Result<DirectPayment, CallError> {
        let call = Call::mixpay("POST /payments/refresh", Does::Write);
        let act = |world: &World| {
            let trace = Param::Text(trace.to_string());
            let params = Params([("traceId".to_owned(), trace)].into());
            world.refresh(&params).map_err(|refused| call.says_no(refused))
        };
        call.direct(&self.world.as_told(self.ask(call, act).await?))
    }

    async fn info(&self, trace: TraceId) -> Result<DirectPayment, CallError> {
        let call = Call::mixpay("GET /payments_info", Does::Read);
        let act = |world: &World| {
            let found = world.checkout(&trace.to_string());
            found.ok_or_else(|| call.says_no(Refused::NO_PAYMENT))
        };
        call.direct(&self.world.as_told(self.ask(call, act).await?))
    }

    async fn result(&self, trace: TraceId) -> Result<Answer, CallError> {
        let call = Call::mixpay("GET /payments_result", Does::Read);
        self.ask(call, |world| Ok(said(world, trace))).await
    }

    async fn estimate(
        &self,
        price: Money,
        pay_with: AssetId,
        settlement: AssetId,
    ) -> Result<checkout::Estimate, CallError> {
        let call = Call::mixpay("GET /payments_estimated", Does::Read);
        let params = [
            ("quoteAssetId", price.unit.to_string()),
            ("quoteAmount", price.amount.to_string()),
            ("paymentAssetId", pay_with.to_string()),
            ("settlementAssetId", settlement.to_string()),
        ];
        let params = params.map(|(name, value)| (name.to_owned(), Param::Text(value)));
        self.ask(call, |_| {
            let found = create::estimate(&Params(params.into())).map_err(|no| call.says_no(no))?;
            Ok(checkout::Estimate {
                payment: found.payment_amount,
                payment_symbol: ticker(found.payment),
                settlement: Some(found.settlement_amount),
                settlement_symbol: ticker(found.settlement),
            })
        })
        .await
    }

    async fn assets(&self, list: AssetList) -> Result<Vec<ListedAsset>, CallError> {
        let call = Call::mixpay("GET /setting/…_assets", Does::Read);
        self.ask(call, |_| Ok(listed(list))).await
    }

    async fn payee_of(&self, number: &str) -> Result<Option<UserId>, CallError> {
        let call = Call::mixpay("GET /user/mixin_uuid/:number", Does::Read);
        self.ask(call, |world| {
            let person = world.person_by_number(number).filter(|person| person.uses_mixpay);
            Ok(person.map(|person| person.id))
        })
        .await
    }

    async fn multisig(&self, members: &[UserId], threshold: u8) -> Result<UserId, CallError> {
        let call = Call::mixpay("POST /multisig", Does::Write);
        let receivers = members.iter().map(ToString::to_string).collect();
        let params = Params(
            [
                ("receivers".to_owned(), Param::List(receivers)),
                ("threshold".to_owned(), Param::Whole(threshold.into())),
            ]
            .into(),
        );
        self.ask(call, |world| world.multisig(&params).map_err(|refused| call.says_no(refused)))
            .await
    }

    fn payment_page(&self, code: &str) -> String {
        format!("https://mixpay.me/code/{code}")
    }
}

/// What `payments_result` says about a trace now.
fn said(world: &World, trace: TraceId) -> Answer {
    let now = world.clock().now();
    let (ahead, date, timestamp) = world.faults(|faults, _| {
        let said = |word: &Option<String>| word.as_ref().map(|word| word.parse::<i64>().ok());
        (faults.mixpay_clock_ahead, said(&faults.mixpay_date), said(&faults.mixpay_timestamp))
    });
    let (at, mut report) = match world.report(&Asked::Trace(trace)) {
        None => (now.saturating_add(ahead).unwrap_or(now), Report::of(Status::NotFound)),
        Some(Reported { checkout, status: name, at }) => {
            (at, Report { status: status(&name), ..report(&checkout) })
        }
    };
    if let Some(date) = date.filter(|_| report.status != Status::NotFound) {
        report.paid_at = date;
    }
    // What is no number is no time.
    let reported_ms = timestamp.unwrap_or_else(|| Some(at.as_millisecond()));
    Answer { reported_ms, report }
}

fn status(word: &str) -> Status {
    match word {
        "unpaid" => Status::Unpaid,
        "pending" => Status::Pending,
        "auditing" => Status::Auditing,
        "success" => Status::Success,
        "failed" => Status::Failed,
        other => Status::Other(other.to_owned()),
    }
}

/// What a result shows beside its status (mixpay.md 3.2).
fn report(checkout: &mixpay::Checkout) -> Report {
    let last = checkout.transactions.last();
    let failure = match checkout.stage {
        Stage::Failed(code) => Some(i64::from(code)),
        Stage::Unpaid | Stage::Pending | Stage::Auditing | Stage::Success => None,
    };
    let payable = checkout.price.filter(|_| last.is_some() && failure.is_none());
    // What is in part paid is reported with its last part.
    let paid = last.map(|t| if checkout.is_fully_paid() { checkout.sent() } else { t.amount });
    let waits = |t: &&mixpay::Transaction| t.confirmations < t.required;
    let nearest = checkout.transactions.iter().filter(waits).max_by_key(|t| t.confirmations);
    Report {
        status: Status::Unpaid,
        payee: Some(checkout.payee),
        quote_amount: checkout.amount,
        quote_odd: None,
        quote_asset: Some(checkout.quote),
        trace: Some(checkout.trace.to_string()),
        paid: paid.filter(|amount| !amount.is_zero()),
        paid_symbol: last.map(|t| ticker(t.asset)),
        payable: payable.map(|price| price.amount),
        underpaid: checkout.is_multi_pay() && !checkout.is_fully_paid(),
        transactions_total: Some(checkout.sent()),
        confirmations: nearest.map(|t| (t.confirmations, Some(t.required))),
        surplus: checkout.surplus.map(|surplus| surplus.amount).filter(|amount| !amount.is_zero()),
        paid_at: checkout.paid_at.map(jiff::Timestamp::as_second),
        failure,
        settled: checkout.settled.is_some(),
        settle_amount: checkout.settled.map(|settled| settled.amount),
        settle_symbol: checkout.settled.map(|settled| ticker(settled.asset)),
        settle_asset: checkout.settled.map(|settled| settled.asset),
        transaction: last.map(|t| t.txid.clone()).filter(|txid| !txid.is_empty()),
    }
}

fn ticker(asset: AssetId) -> String {
    coins::find(asset).map(|coin| coin.symbol.to_owned()).unwrap_or_default()
}

/// A payment of `POST /payments`; `None` if it is no such payment.
fn direct(checkout: &mixpay::Checkout) -> Option<DirectPayment> {
    let price = checkout.price?;
    let client = checkout.client();
    let to = match checkout.kind {
        Kind::DirectChain => {
            let tagged = coins::find(price.asset)?.tagged;
            PayTo::Chain {
                destination: format!("sim{}", checkout.code.simple()),
                tag: tagged.then(|| client.simple().to_string()),
            }
        }
        Kind::DirectMixin => PayTo::Mixin {
            recipient: checkout.recipient,
            memo: BASE64_STANDARD.encode(format!("payment|{client}")),
        },
        Kind::OneTime | Kind::Link => return None,
    };
    Some(DirectPayment {
        trace: checkout.trace,
        asset: price.asset,
        symbol: ticker(price.asset),
        amount: price.amount,
        price_until: price.until.as_second(),
        to,
    })
}

/// One of the three lists (mixpay.md 5).
fn listed(list: AssetList) -> Vec<ListedAsset> {
    let coin = |coin: &coins::Coin| {
        let (min, max) = coins::limits(coin.micro_usd);
        // Of settlement the documents give limits in other units, which are not read.
        let is_priced = list != AssetList::Settlement;
        let takes = list != AssetList::Payment || coin.payable;
        let chain = coins::find(coin.chain).map(|chain| chain.symbol).unwrap_or_default();
        ListedAsset {
            unit: QuoteAsset::Asset(coin.id),
            symbol: coin.symbol.to_owned(),
            name: coin.name.to_owned(),
            network: coin.network.to_owned(),
            chain: chain.to_owned(),
            decimals: (list == AssetList::Quote).then_some(8),
            min: is_priced.then_some(min),
            max: is_priced.then_some(if takes { max } else { Amount::ZERO }),
            on_chain: list == AssetList::Payment && coin.on_chain(),
            available: list != AssetList::Settlement || coin.payable,
        }
    };
    let fiat = |currency: &coins::Currency| {
        let (min, max) = coins::limits(currency.micro_usd);
        Some(ListedAsset {
            unit: currency.code.parse().ok()?,
            symbol: currency.code.to_uppercase(),
            name: String::new(),
            network: String::new(),
            chain: String::new(),
            decimals: Some(currency.decimals),
            min: Some(min),
            max: Some(max),
            on_chain: false,
            available: true,
        })
    };
    let fiats = coins::CURRENCIES.iter().filter(|_| list == AssetList::Quote).filter_map(fiat);
    fiats.chain(coins::COINS.iter().map(coin)).collect()
}
