//! The MixPay adapter against recorded samples, and against a server on loopback.

mod answers;
mod broker;
mod double;
mod links;
mod memos;
mod refusals;
mod requests;
mod results;
mod standings;
mod transport;

use serde_json::Value;
use std::{collections::BTreeSet, fs, path::PathBuf};

/// The payment that runs through the samples.
const TRACE: &str = "5d2f6a1e-8c3b-4e7a-9f10-2b4c6d8e0f12";
/// Its payee.
const PAYEE: &str = "7b1c9a52-3d4e-4f60-8a7b-9c0d1e2f3a4b";
/// When MixPay gave most of the answers.
const REPORTED_MS: i64 = 1_795_226_400_417;
const BTC: &str = "c6d0c728-2624-429b-8e0d-d9d19b6592fa";
const ETH: &str = "43d61dcd-e413-450d-80b8-101d5e903357";
const USDT: &str = "4d8c508b-91c5-375b-92b0-ee702ed2dac5";
const TRX: &str = "25dabac5-056a-48ff-b9f9-f67395dc407c";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/mixpay")
}

/// The exact text of a sample.
fn sample(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

fn json(name: &str) -> Value {
    serde_json::from_str(&sample(name)).unwrap()
}

/// The HTTP status of a sample, as the index has it.
fn status_of(name: &str) -> u16 {
    let index = json("index.json");
    let rows = index.get("fixtures").and_then(Value::as_array).unwrap();
    let row = rows.iter().find(|row| row.get("file").is_some_and(|file| file == name)).unwrap();
    row.get("http_status").and_then(Value::as_u64).unwrap().try_into().unwrap()
}

#[test]
fn every_sample_is_in_a_table_of_some_test() {
    let index = json("index.json");
    let rows = index["fixtures"].as_array().unwrap();
    let listed: BTreeSet<String> =
        rows.iter().map(|row| row["file"].as_str().unwrap().to_owned()).collect();
    let claimed: BTreeSet<String> = results::claimed()
        .chain(answers::claimed())
        .chain(refusals::claimed())
        .chain(requests::claimed())
        .chain(links::claimed())
        .chain(memos::claimed())
        .chain(broker::claimed())
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, claimed);
    let present: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "index.json")
        .collect();
    assert_eq!(present, claimed);
}
