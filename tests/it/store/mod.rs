//! The store's promises, over a database in memory and over a file.

mod budget;
mod codec;
mod crowd;
mod effects;
mod file;
mod polls;
mod sample;
mod statements;
mod units;

use jiff::Timestamp;
use mixpay_bot::store::Store;
use std::path::Path;

/// Unix seconds of "now" in these tests.
const START: i64 = 1_795_226_100;

fn at_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(START * 1000 + ms).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    at_ms(seconds * 1000)
}

async fn in_memory() -> Store {
    Store::open("sqlite::memory:", [7; 32]).await.unwrap()
}

async fn in_file(path: &Path) -> Store {
    Store::open(&format!("sqlite://{}", path.display()), [7; 32]).await.unwrap()
}

/// Runs a test's asynchronous part to its end.
fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}
