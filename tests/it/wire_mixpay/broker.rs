//! The broker protocol is not served yet; its samples are held to the shape that mixpay.md §8 tells.

use super::json;
use mixpay_bot::domain::{amount::Amount, ids::AssetId, memo::Memo};
use serde_json::Value;

/// What we will answer: the code of the envelope.
const ANSWERS: &[(&str, i64)] = &[
    ("broker_assets_range.error_11000.json", 11000),
    ("broker_assets_range.error_11001.json", 11001),
    ("broker_assets_range.success.json", 0),
    ("broker_assets_range.success_empty.json", 0),
    ("broker_create_order.error_11000.json", 11000),
    ("broker_create_order.error_11001.json", 11001),
    ("broker_create_order.error_11002.json", 11002),
    ("broker_create_order.success.json", 0),
    ("broker_create_order.success_no_links.json", 0),
    ("broker_create_order.success_with_wallet.json", 0),
];

/// What MixPay will ask: the fields that are there.
const REQUESTS: &[(&str, &[&str])] = &[
    ("broker_assets_range.request.json", &["payee_id", "wallet"]),
    ("broker_create_order.request.json", ORDER),
    ("broker_create_order.request_already_expired.json", ORDER),
    ("broker_create_order.request_conflict.json", ORDER),
    ("broker_create_order.request_numbers.json", ORDER),
    (
        "broker_create_order.request_missing_memo.json",
        &[
            "amount",
            "asset_id",
            "expired_at",
            "opponent_id",
            "payee_id",
            "return_url",
            "trace_id",
            "wallet",
        ],
    ),
    (
        "broker_transfer.legacy.json",
        &["amount", "asset_id", "memo", "opponent_id", "pin", "trace_id"],
    ),
];
const ORDER: &[&str] = &[
    "amount",
    "asset_id",
    "expired_at",
    "memo",
    "opponent_id",
    "payee_id",
    "return_url",
    "trace_id",
    "wallet",
];

pub(super) fn claimed() -> impl Iterator<Item = &'static str> {
    ANSWERS.iter().map(|row| row.0).chain(REQUESTS.iter().map(|row| row.0))
}

#[test]
fn an_answer_of_a_broker_has_an_envelope_without_a_time() {
    for (name, code) in ANSWERS {
        let answer = json(name);
        assert_eq!(answer["code"].as_i64(), Some(*code), "{name}");
        assert_eq!(answer["success"].as_bool(), Some(*code == 0), "{name}");
        assert_eq!(answer["message"] == "", *code == 0, "{name}");
        assert!(answer.get("data").is_some() && answer.get("timestampMs").is_none(), "{name}");
    }
}

#[test]
fn a_request_to_a_broker_has_its_fields() {
    for (name, fields) in REQUESTS {
        let request = json(name);
        let mut found: Vec<&str> =
            request.as_object().unwrap().keys().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, *fields, "{name}");
        if let Some(asset) = request["asset_id"].as_str() {
            assert!(asset.parse::<AssetId>().is_ok(), "{name}");
        }
        let amount = match &request["amount"] {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        assert!(amount.is_none_or(|text| text.parse::<Amount>().is_ok()), "{name}");
        if let Some(memo) = request["memo"].as_str() {
            assert!(matches!(Memo::read(memo), Memo::Payment { .. }), "{name}");
        }
    }
}
