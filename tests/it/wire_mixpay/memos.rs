//! Memos: each vector in each of its spellings, and the snapshots that carry them.

use super::{TRACE, json};
use mixpay_bot::domain::{
    memo::{Memo, texts},
    mixpay_code::RefundReason,
};
use serde_json::Value;

const MEMOS: &str = "memo_vectors.json";

const BROKER_TRACE: &str = "6e5d4c3b-2a19-4f08-9e7d-6c5b4a392817";

type Row = (&'static str, fn() -> Memo);

/// The snapshots and what their memos say.
const SNAPSHOTS: &[Row] = &[
    ("snapshot.legacy_settlement_pm.json", || settlement(TRACE, Some("table 7"))),
    ("snapshot.safe_settlement_pm.json", || settlement(TRACE, None)),
    ("snapshot.safe_settlement_custom.json", || Memo::Plain("inv:0001".to_owned())),
    ("snapshot.safe_broker_refund.json", || refund(BROKER_TRACE, RefundReason::Overtime)),
    // The memo is the same; only the sender tells that it is forged.
    ("snapshot.safe_broker_refund_forged.json", || refund(BROKER_TRACE, RefundReason::Overtime)),
];

pub(super) fn claimed() -> impl Iterator<Item = &'static str> {
    SNAPSHOTS.iter().map(|row| row.0).chain([MEMOS])
}

fn settlement(trace: &str, note: Option<&str>) -> Memo {
    Memo::Settlement { trace: trace.parse().unwrap(), note: note.map(str::to_owned) }
}

fn refund(trace: &str, reason: RefundReason) -> Memo {
    Memo::Refund { trace: trace.parse().unwrap(), reason: Some(reason) }
}

/// What the parts of a vector stand for; `None` if its source is new to this test.
fn memo_of(parts: &[Value]) -> Option<Memo> {
    let part = |index: usize| parts.get(index).and_then(Value::as_str);
    let trace = || part(1).unwrap().parse().unwrap();
    let memo = match part(0).unwrap() {
        "PM" => settlement(part(1).unwrap(), part(2)),
        "RF" => {
            let code: i64 = part(2).unwrap().parse().unwrap();
            refund(part(1).unwrap(), RefundReason::from(code))
        }
        "CF" => Memo::ChainRefund { trace: Some(trace()) },
        "payment" => Memo::Payment { client: trace().uuid() },
        "swap" => Memo::Swap {
            payee: part(1).unwrap().parse().unwrap(),
            settlement: part(2).unwrap().parse().unwrap(),
        },
        _ => return None,
    };
    Some(memo)
}

#[test]
fn every_memo_is_read_in_each_spelling_and_written_again() {
    let vectors = json(MEMOS);
    let rows = vectors["vectors"].as_array().unwrap();
    assert_eq!(rows.len(), 11);
    for row in rows {
        let spelling = |name: &str| row[name].as_str().unwrap();
        let memo = memo_of(row["parts"].as_array().unwrap()).unwrap();
        for name in ["text", "base64", "safe_hex_of_base64"] {
            assert_eq!(Memo::read(spelling(name)), memo, "{name} of {row}");
        }
        assert_eq!(memo.to_string(), spelling("text"));
        assert_eq!(memo.to_base64(), spelling("base64"));
    }
}

#[test]
fn the_edge_cases_are_read_as_they_should_be() {
    let vectors = json(MEMOS);
    let plain = |text: &str| Memo::Plain(text.to_owned());
    let expected = [
        refund("12c55575-c85a-4b58-a245-79e6b678eee9", RefundReason::TooVolatile),
        settlement(
            "d249d046-f638-441c-8e43-98cdb57a32c6",
            Some("This is my custom memo~ 100 char only"),
        ),
        plain("hello"),
        plain(""),
        plain("UkZ8bm90LWEtdXVpZHw0MDAwMA=="),
        Memo::Refund { trace: BROKER_TRACE.parse().unwrap(), reason: None },
        plain("WFh8NmU1ZDRjM2ItMmExOS00ZjA4LTllN2QtNmM1YjRhMzkyODE3fDE="),
        refund(BROKER_TRACE, RefundReason::Overtime),
    ];
    let rows = vectors["edge_cases"].as_array().unwrap();
    assert_eq!(rows.len(), expected.len());
    for (row, expected) in rows.iter().zip(expected) {
        assert_eq!(Memo::read(row["input"].as_str().unwrap()), expected, "{row}");
    }
}

#[test]
fn the_memo_of_a_snapshot_is_read_from_either_api() {
    for (name, expected) in SNAPSHOTS {
        let snapshots = json(name);
        let memo = snapshots["data"][0]["memo"].as_str().unwrap();
        assert_eq!(Memo::read(memo), expected(), "{name}");
    }
}

#[test]
fn a_settlement_memo_of_ours_is_among_the_texts() {
    let snapshots = json("snapshot.safe_settlement_custom.json");
    let memo = snapshots["data"][0]["memo"].as_str().unwrap();
    assert_eq!(texts(memo), ["696e763a30303031", "inv:0001"]);
}
