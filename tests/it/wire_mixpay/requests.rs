//! The bodies that we send against the samples, and the callbacks that we are sent.

use super::{BTC, ETH, PAYEE, TRACE, USDT, double::Double, json, sample};
use mixpay_bot::{
    domain::asset::{Money, QuoteAsset},
    http::callback,
    ports::{
        checkout::{Checkout, PaymentRequest},
        hints::CallbackHint,
    },
};
use serde_json::{Value, json};

/// Parameters of the samples that we never send, with the reason in product.md §5.
const NEVER_SENT: &[&str] = &[
    "settlementMemo",
    "note",
    "returnTo",
    "failedReturnTo",
    "clientId",
    "paymentAmount",
    "settlementMethod",
];

const PAYMENTS: &[&str] = &[
    "one_time_payment.request.json",
    "one_time_payment.request_trace.json",
    "payments_mixin.request.json",
    "payments_mixin.request_seed_full.json",
    "payments_onchain.request.json",
];
const REFRESH: &str = "payments_refresh.request.json";
const MULTISIG: &str = "multisig.request.json";

type Read = Option<(Option<&'static str>, Option<&'static str>)>;

const CALLBACKS: &[(&str, Read)] = &[
    ("callback.request.json", Some((Some("ord_20261121_0001"), Some(TRACE)))),
    (
        "callback.request_forged.json",
        Some((Some("ord_does_not_exist"), Some("00000000-0000-4000-8000-000000000000"))),
    ),
    ("callback.request_missing_order.json", Some((None, Some(TRACE)))),
    ("callback.request_trace_only.json", Some((None, Some(TRACE)))),
    ("callback.request_wrapped.json", None),
];
const REPLIES: &[(&str, &str)] =
    &[("callback.reply_success.json", "SUCCESS"), ("callback.reply_retry.json", "RETRY")];

pub(super) fn claimed() -> impl Iterator<Item = &'static str> {
    let callbacks = CALLBACKS.iter().map(|row| row.0);
    let replies = REPLIES.iter().map(|row| row.0);
    PAYMENTS.iter().copied().chain([REFRESH, MULTISIG]).chain(callbacks).chain(replies)
}

fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}

/// The request that a sample stands for.
fn request_of(body: &Value) -> PaymentRequest {
    PaymentRequest {
        payee: text(body, "payeeId").unwrap().parse().unwrap(),
        price: Money {
            amount: text(body, "quoteAmount").unwrap().parse().unwrap(),
            unit: text(body, "quoteAssetId").unwrap().parse().unwrap(),
        },
        settlement: text(body, "settlementAssetId").unwrap().parse().unwrap(),
        strict: body["strictMode"].as_bool().unwrap_or(false),
        trace: TRACE.parse().unwrap(),
        remark: text(body, "remark").unwrap_or("").to_owned(),
        callback_url: text(body, "callbackUrl").map(str::to_owned),
        closes_at: body["expiredTimestamp"].as_i64().unwrap_or(1_795_228_200),
        pay_with: text(body, "paymentAssetId").map(|asset| asset.parse().unwrap()),
        on_chain: body["isChain"] == true,
    }
}

/// What we send for a sample: without what we never send, and with what we always send.
fn ours(mut body: Value) -> Value {
    let fields = body.as_object_mut().unwrap();
    for name in NEVER_SENT {
        fields.remove(*name);
    }
    fields.insert("orderId".to_owned(), TRACE.into());
    fields.insert("traceId".to_owned(), TRACE.into());
    fields.entry("strictMode").or_insert(false.into());
    fields.entry("expiredTimestamp").or_insert(1_795_228_200_i64.into());
    if fields.contains_key("callbackUrl") {
        fields.insert("callbackEvent".to_owned(), "settle|pending|paid_less".into());
    }
    body
}

#[tokio::test]
async fn a_body_has_the_fields_and_the_types_of_the_samples() {
    let double = Double::answering(200, "").await;
    for name in PAYMENTS {
        let body = double.mixpay.body(&request_of(&json(name)));
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), ours(json(name)), "{name}");
    }
}

#[tokio::test]
async fn a_body_is_the_same_text_for_the_same_request() {
    let double = Double::answering(200, "").await;
    let request = PaymentRequest {
        payee: PAYEE.parse().unwrap(),
        price: Money {
            amount: "12.50".parse().unwrap(),
            unit: QuoteAsset::Fiat("usd".parse().unwrap()),
        },
        settlement: USDT.parse().unwrap(),
        strict: false,
        trace: TRACE.parse().unwrap(),
        remark: String::new(),
        callback_url: None,
        closes_at: 1_795_228_200,
        pay_with: None,
        on_chain: false,
    };
    let start = format!(
        r#"{{"payeeId":"{PAYEE}","orderId":"{TRACE}","traceId":"{TRACE}","settlementAssetId":"{USDT}","strictMode":false,"quoteAssetId":"usd","quoteAmount":"12.5""#
    );
    let check = |request: &PaymentRequest, rest: &str| {
        assert_eq!(double.mixpay.body(request), format!("{start}{rest}"));
    };
    check(&request, r#","expiredTimestamp":1795228200}"#);
    let in_mixin = PaymentRequest { pay_with: Some(BTC.parse().unwrap()), ..request.clone() };
    check(&in_mixin, &format!(r#","paymentAssetId":"{BTC}","expiredTimestamp":1795228200}}"#));
    let full = PaymentRequest {
        remark: "Café \"7\"".to_owned(),
        callback_url: Some("https://bot.example/cb".to_owned()),
        pay_with: Some(ETH.parse().unwrap()),
        on_chain: true,
        ..request
    };
    check(
        &full,
        &format!(
            r#","paymentAssetId":"{ETH}","isChain":true,"remark":"Café \"7\"","callbackUrl":"https://bot.example/cb","callbackEvent":"settle|pending|paid_less","expiredTimestamp":1795228200}}"#
        ),
    );
}

#[tokio::test]
async fn a_new_quote_is_asked_for_by_trace_alone() {
    let double = Double::answering(200, sample("payments_refresh.success.json")).await;
    double.mixpay.refresh(TRACE.parse().unwrap()).await.unwrap();
    let sent: Value = serde_json::from_str(&double.asked()[0].body).unwrap();
    assert_eq!(sent, json!({ "traceId": json(REFRESH)["traceId"] }));
}

#[tokio::test]
async fn a_group_is_sent_with_members_and_threshold() {
    let double = Double::answering(200, sample("multisig.success.json")).await;
    let body = json(MULTISIG);
    let members: Vec<_> = body["receivers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member.as_str().unwrap().parse().unwrap())
        .collect();
    double.mixpay.multisig(&members, 2).await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&double.asked()[0].body).unwrap(), body);
}

#[test]
fn a_callback_is_a_hint_at_a_payment() {
    for (name, expected) in CALLBACKS {
        let expected = expected.map(|(order, trace)| CallbackHint {
            order: order.map(str::to_owned),
            trace: trace.map(str::to_owned),
            payee: Some(PAYEE.to_owned()),
        });
        assert_eq!(callback::read(sample(name).as_bytes()), expected, "{name}");
    }
}

#[test]
fn the_answer_to_a_callback_is_one_word() {
    for (name, word) in REPLIES {
        assert_eq!(json(name), json!({ "code": word }), "{name}");
    }
}
