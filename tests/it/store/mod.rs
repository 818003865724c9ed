//! The store's promises: the contract that every engine keeps, and what is SQLite's alone.

/// Each of these functions, which take a [`Base`], as a test over each engine.
macro_rules! contract {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(&crate::store::Base::in_file()).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test]
                async fn $name() {
                    if let Some(base) = crate::store::Base::on_postgres().await {
                        super::$name(&base).await;
                    }
                }
            )+
        }
    };
}

mod budget;
mod codec;
mod crowd;
mod damage;
mod doubt;
mod effects;
mod file;
mod lease;
mod polls;
mod retention;
mod sample;
mod shared;
mod shares;
mod statements;
mod units;

use crate::harness::postgres;
use jiff::Timestamp;
use mixpay_bot::{
    ports::effect::Pending,
    store::{ErrandGroup, Store, Tx},
};
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestRunner},
};
use std::{collections::BTreeSet, path::Path};
use tempfile::TempDir;

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

/// A database of one of the engines: empty at first, and kept from one opening to the next.
struct Base {
    url: String,
    _folder: Option<TempDir>,
}

impl Base {
    fn in_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("bot.db").display());
        Self { url, _folder: Some(folder) }
    }

    /// `None` where Postgres is not installed.
    async fn on_postgres() -> Option<Self> {
        Some(Self { url: postgres::new_database().await?, _folder: None })
    }

    async fn open(&self) -> Store {
        Store::open(&self.url, [7; 32]).await.unwrap()
    }
}

/// What holds on each engine for whatever `strategy` makes. The test gets the store as two
/// processes have it, the same for every case.
fn property<S: Strategy>(
    cases: u32,
    strategy: &S,
    test: &impl AsyncFn(&[Store; 2], S::Value) -> Result<(), TestCaseError>,
) where
    S::Value: Clone,
{
    let runtime = runtime();
    let mut stores = runtime.block_on(async {
        let store = in_memory().await;
        vec![[store.clone(), store]]
    });
    if let Some(base) = runtime.block_on(Base::on_postgres()) {
        stores.push(runtime.block_on(async { [base.open().await, base.open().await] }));
    }
    let mut runner = TestRunner::new(ProptestConfig { cases, ..ProptestConfig::default() });
    let outcome = runner.run(strategy, |value| {
        stores.iter().try_for_each(|store| runtime.block_on(test(store, value.clone())))
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}\n{runner}"));
}

/// Everything that may be performed now, in the order in which it was stored.
async fn due_errands(tx: &mut Tx, now: Timestamp) -> Vec<Pending> {
    let mut due = Vec::new();
    for group in ErrandGroup::ALL {
        due.extend(tx.due_errands_of(group, &BTreeSet::new(), now, 99).await.unwrap());
    }
    due.sort_by_key(|pending| pending.seq);
    due
}

/// Runs a test's asynchronous part to its end.
fn run<T>(test: impl Future<Output = T>) -> T {
    runtime().block_on(test)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
