//! Mixin's wire: our adapter against what the official SDKs sent, recorded under
//! `fixtures/vectors`, and against servers on this machine.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test may fail by panicking"
)]

mod api;
mod blaze;
mod encrypted;
mod keystore;
mod requests;
mod server;
mod token;
mod uuid;

use mixpay_bot::{
    keystore::Keystore,
    mixin::Mixin,
    runtime::{client, clock::HandClock, ids::SeededIds},
};
use serde_json::Value;
use std::sync::Arc;
use url::Url;

/// A recorded file.
fn vectors(name: &str) -> Value {
    let path = format!("{}/tests/it/fixtures/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The entries of an array.
fn each(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// A text.
fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn keystore(value: &Value) -> Keystore {
    value.to_string().parse().unwrap()
}

/// The instant at which the recorded clock stood.
fn recorded_clock() -> HandClock {
    HandClock::standing("2025-01-02T03:04:05Z".parse().unwrap())
}

/// Mixin at `base`, as the bot of the recordings.
fn mixin(base: &Url) -> Mixin {
    mixin_at(base, recorded_clock())
}

/// The same by another clock.
fn mixin_at(base: &Url, clock: HandClock) -> Mixin {
    Mixin::new(
        Arc::new(keystore(&vectors("jwt-eddsa")["keystore"])),
        base.clone(),
        client::http(base).unwrap(),
        Arc::new(clock),
        Arc::new(SeededIds::new(1)),
    )
}
