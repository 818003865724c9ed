//! What MixPay's API shows of payments, field by field from the documents.

use crate::{
    domain::{amount::Amount, asset::QuoteAsset, ids::AssetId},
    sim::world::{
        coins,
        mixpay::{Checkout, Estimate, Kind, Stage, Transaction},
        people::Person,
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

/// A coin as a result shows it: amount, ticker, id and version; all empty if there is none.
struct Coin {
    amount: String,
    symbol: &'static str,
    id: String,
    version: &'static str,
}

impl Coin {
    fn of(money: Option<(Amount, AssetId)>) -> Self {
        let Some((amount, asset)) = money else {
            return Self { amount: String::new(), symbol: "", id: String::new(), version: "" };
        };
        let coin = coins::find(asset);
        Self {
            amount: amount.to_string(),
            symbol: coin.map_or("", |coin| coin.symbol),
            id: asset.to_string(),
            version: coin.map_or("", |coin| coin.version),
        }
    }
}

/// `payments_result` (mixpay.md 3.2).
pub(super) fn result(checkout: &Checkout, payee: Option<&Person>) -> Value {
    let last = checkout.transactions.last();
    // What is in part paid is reported with its last part.
    let paid = Coin::of(
        last.map(|t| (if checkout.is_fully_paid() { checkout.sent() } else { t.amount }, t.asset)),
    );
    let failed = matches!(checkout.stage, Stage::Failed(_));
    let payable = checkout.price.filter(|_| last.is_some() && !failed);
    let payable = Coin::of(payable.map(|price| (price.amount, price.asset)));
    let settled = Coin::of(checkout.settled.map(|settled| (settled.amount, settled.asset)));
    let quote = Quoted::of(checkout.quote);
    let (failure, reason) = failure(checkout.stage);
    let surplus = checkout.surplus.map(|surplus| surplus.amount).unwrap_or_default();
    let txid = last.map(|t| t.txid.clone()).unwrap_or_default();
    json!({
        "status": checkout.status(),
        "quoteAmount": checkout.amount.map(|amount| amount.to_string()).unwrap_or_default(),
        "quoteSymbol": quote.symbol,
        "quoteAssetId": quote.id,
        "quoteAssetVersion": quote.version,
        "paymentAmount": paid.amount,
        "paymentSymbol": paid.symbol,
        "paymentAssetId": paid.id,
        "paymentAssetVersion": paid.version,
        "payee": payee.map_or("", |payee| payee.name.as_str()),
        "payeeId": checkout.payee.to_string(),
        "payeeMixinNumber": payee.map_or("", |payee| payee.number.as_str()),
        "payeeAvatarUrl": "",
        "blockExplorerUrl": explorer(&txid),
        "txid": txid,
        "date": checkout.paid_at.map_or_else(|| json!(""), |at| json!(at.as_second())),
        "surplusAmount": surplus.to_string(),
        "surplusStatus": surplus_status(checkout),
        "confirmations": confirmations(checkout),
        "payableAmount": payable.amount,
        "payableSymbol": payable.symbol,
        "payableAssetId": payable.id,
        "payableAssetVersion": payable.version,
        "failureCode": failure.to_string(),
        "failureReason": reason,
        "returnTo": checkout.browser_target(),
        "traceId": checkout.trace.to_string(),
        "settleStatus": if checkout.settled.is_some() { "success" } else { "pending" },
        "settleAmount": settled.amount,
        "settleSymbol": settled.symbol,
        "settleAsset": settled.id,
        "settleAssetVersion": settled.version,
    })
}

const fn surplus_status(checkout: &Checkout) -> &'static str {
    match checkout.surplus {
        None => "no",
        Some(surplus) if surplus.returned => "success",
        Some(_) => "pending",
    }
}

/// Blocks so far, of the newest that still waits; -1 unless a chain is waited for.
fn confirmations(checkout: &Checkout) -> i64 {
    let waiting = checkout.stage == Stage::Pending && checkout.on_chain;
    let last = checkout.transactions.last().filter(|_| waiting);
    last.map_or(-1, |transaction| i64::from(transaction.confirmations))
}

/// The code and the words of a failure (mixpay.md 3.4).
fn failure(stage: Stage) -> (u32, &'static str) {
    let Stage::Failed(code) = stage else { return (0, "") };
    let reason = match code {
        40000 => "Payment overtime",
        40020 => "Wrong asset paid",
        40021 => "Double payment",
        40024 => "Wrong amount paid",
        40025 => "Too much market volatility",
        _ => "Payment failed",
    };
    (code, reason)
}

fn explorer(txid: &str) -> String {
    if txid.is_empty() { String::new() } else { format!("https://explorer.example/tx/{txid}") }
}

/// `transactions` of a result.
pub(super) fn transactions(checkout: &Checkout) -> Value {
    let view = |transaction: &Transaction| {
        let coin = Coin::of(Some((transaction.amount, transaction.asset)));
        json!({
            "paymentAmount": coin.amount,
            "paymentAssetId": coin.id,
            "paymentAssetSymbol": coin.symbol,
            "paymentAssetVersion": coin.version,
            "requiredConfirms": transaction.required,
            "confirmations": transaction.confirmations,
            "txid": transaction.txid,
            "blockExplorerUrl": explorer(&transaction.txid),
            "broadcastAt": format!("{:.6}", transaction.at),
            "confirmSeconds": 0,
        })
    };
    let on_chain = checkout.transactions.iter().filter(|t| !t.txid.is_empty());
    on_chain.map(view).collect()
}

/// `payment` of a result.
pub(super) fn payment(checkout: &Checkout) -> Value {
    json!({
        "isMultiPay": checkout.is_multi_pay(),
        "isFullyPaid": checkout.is_fully_paid(),
        "totalTransactionsAmount": checkout.sent().to_string(),
    })
}

/// A unit of prices: id, ticker and version.
struct Quoted {
    id: String,
    symbol: String,
    version: &'static str,
}

impl Quoted {
    fn of(quote: QuoteAsset) -> Self {
        let version = match quote {
            QuoteAsset::Asset(asset) => coins::find(asset).map_or("", |coin| coin.version),
            QuoteAsset::Fiat(_) => "",
        };
        Self { id: quote.to_string(), symbol: coins::symbol(quote), version }
    }
}

/// What `POST /payments` and its kin answer (mixpay.md 2.1); `None` if it is no such payment.
pub(super) fn direct(checkout: &Checkout) -> Option<Value> {
    let price = checkout.price?;
    let chain = checkout.kind == Kind::DirectChain;
    let paid = coins::find(price.asset)?;
    let settled = coins::find(checkout.settlement?)?;
    let estimate = coins::settle(price.amount, paid.micro_usd, settled.micro_usd)?;
    let quote = Quoted::of(checkout.quote);
    let memo = BASE64_STANDARD.encode(format!("payment|{}", checkout.client()));
    Some(json!({
        "isChain": chain,
        "expire": price.until.as_second(),
        "seconds": checkout.price_seconds(),
        "payeeId": checkout.payee.to_string(),
        "traceId": checkout.trace.to_string(),
        "clientId": checkout.client().to_string(),
        "orderId": checkout.order.as_deref().unwrap_or_default(),
        "paymentAssetSymbol": paid.symbol,
        "paymentAssetId": paid.id.to_string(),
        "paymentAmount": price.amount.to_string(),
        "settlementAssetSymbol": settled.symbol,
        "settlementAssetId": settled.id.to_string(),
        "estimatedSettlementAmount": estimate.to_string(),
        "quoteAssetId": quote.id,
        "quoteAssetSymbol": quote.symbol,
        "quoteAmount": checkout.amount.map(|amount| amount.to_string()).unwrap_or_default(),
        "memo": if chain { String::new() } else { memo },
        "recipient": if chain { String::new() } else { checkout.recipient.to_string() },
        "destination": if chain { format!("sim{}", checkout.code.simple()) } else { String::new() },
        "tag": if chain && paid.tagged { checkout.client().simple().to_string() } else { String::new() },
    }))
}

/// `payments_estimated` (mixpay.md 2.5).
pub(super) fn estimate(estimate: &Estimate) -> Value {
    let quote = Quoted::of(estimate.quote);
    let payment = Coin::of(Some((estimate.payment_amount, estimate.payment)));
    let settlement = Coin::of(Some((estimate.settlement_amount, estimate.settlement)));
    json!({
        "price": estimate.price.to_string(),
        "estimatedSettlementAmount": settlement.amount,
        "settlementAssetId": settlement.id,
        "settlementAssetSymbol": settlement.symbol,
        "paymentAssetId": payment.id,
        "paymentAssetSymbol": payment.symbol,
        "paymentAmount": payment.amount,
        "quoteAssetSymbol": quote.symbol,
        "quoteAssetId": quote.id,
        "quoteAmount": estimate.quote_amount.to_string(),
    })
}

/// A payment's page.
pub(super) fn page(checkout: &Checkout) -> String {
    let amount = checkout.amount.map(|amount| amount.to_string()).unwrap_or_default();
    let (symbol, status) = (coins::symbol(checkout.quote), checkout.status());
    format!("A simulated payment of {amount} {symbol}: {status}.\n")
}
