//! The JSON bodies that we send: exact texts, because they are stored and sent again as they are.

use crate::{
    domain::ids::{TraceId, UserId},
    ports::checkout::PaymentRequest,
};
use serde::Serialize;

/// What MixPay calls back for, beside success and failure.
const CALLBACK_EVENTS: &str = "settle|pending|paid_less";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PaymentBody<'a> {
    payee_id: String,
    order_id: String,
    trace_id: String,
    settlement_asset_id: String,
    strict_mode: bool,
    quote_asset_id: String,
    quote_amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_asset_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_chain: Option<bool>,
    #[serde(skip_serializing_if = "str::is_empty")]
    remark: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_event: Option<&'static str>,
    expired_timestamp: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefreshBody {
    trace_id: String,
}

#[derive(Serialize)]
struct MultisigBody {
    receivers: Vec<String>,
    threshold: u8,
}

/// The body of `POST /one_time_payment`, and with a coin to pay in of `POST /payments`.
pub(super) fn payment(request: &PaymentRequest) -> String {
    let trace = request.trace.to_string();
    text(&PaymentBody {
        payee_id: request.payee.to_string(),
        // The same UUID, so that no `/pay` link can use this order number.
        order_id: trace.clone(),
        trace_id: trace,
        settlement_asset_id: request.settlement.to_string(),
        strict_mode: request.strict,
        quote_asset_id: request.price.unit.to_string(),
        quote_amount: request.price.amount.to_string(),
        payment_asset_id: request.pay_with.map(|asset| asset.to_string()),
        // Only the documentation of on-chain payments knows this field.
        is_chain: (request.pay_with.is_some() && request.on_chain).then_some(true),
        remark: &request.remark,
        callback_url: request.callback_url.as_deref(),
        callback_event: request.callback_url.is_some().then_some(CALLBACK_EVENTS),
        expired_timestamp: request.closes_at,
    })
}

/// The body of `POST /payments/refresh`.
pub(super) fn refresh(trace: TraceId) -> String {
    text(&RefreshBody { trace_id: trace.to_string() })
}

/// The body of `POST /multisig`.
pub(super) fn multisig(members: &[UserId], threshold: u8) -> String {
    let receivers = members.iter().map(UserId::to_string).collect();
    text(&MultisigBody { receivers, threshold })
}

#[expect(clippy::expect_used, reason = "texts, numbers and truth values always have a JSON form")]
fn text<T: Serialize>(body: &T) -> String {
    serde_json::to_string(body).expect("a struct of texts, numbers and truth values is JSON")
}
