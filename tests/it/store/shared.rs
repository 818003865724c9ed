//! Postgres alone: several processes on one database, and a database that goes away.

use super::{Base, at, sample};
use crate::harness::postgres;
use futures::future::join_all;
use mixpay_bot::{
    domain::{cause::Cause, ids::MessageId},
    store::{Store, StoreError},
};

/// The bot's connections to the database.
const SESSIONS: &str = "SELECT count(*) FROM pg_stat_activity \
                        WHERE datname = current_database() AND application_name = 'mixpay-bot'";

async fn seen(store: &Store, message: MessageId) -> Result<usize, StoreError> {
    let mut tx = store.begin().await?;
    let new = tx.mark_seen(&[message], at(0)).await?.len();
    tx.commit().await?;
    Ok(new)
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_together_make_one_schema_and_one_secret() {
    let Some(base) = Base::on_postgres().await else { return };
    let open = |number| Store::open(&base.url, [number; 32]);
    let stores = join_all((0..8).map(open)).await;
    let cards: Vec<_> = stores
        .into_iter()
        .map(|store| Cause::Meet(sample::conversation()).id(store.unwrap().secret()))
        .collect();
    assert!(cards.iter().all(|card| *card == cards[0]), "{cards:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn units_of_work_of_two_processes_come_one_after_the_other() {
    let Some(base) = Base::on_postgres().await else { return };
    let stores = [base.open().await, base.open().await];
    let count = |number: usize| {
        let store = stores[number % 2].clone();
        async move {
            let mut tx = store.begin().await.unwrap();
            let count = tx.meta("count").await.unwrap().map_or(0, |text| text.parse().unwrap());
            tx.set_meta("count", &(count + 1_u32).to_string()).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    join_all((0..40).map(count)).await;
    let count = stores[0].begin().await.unwrap().meta("count").await.unwrap();
    assert_eq!(count.as_deref(), Some("40"));
}

#[tokio::test]
async fn a_connection_that_was_lost_between_units_is_made_again() {
    let Some(base) = Base::on_postgres().await else { return };
    let store = base.open().await;
    assert_eq!(seen(&store, sample::message(1)).await.unwrap(), 1);
    postgres::run(&base.url, postgres::HANG_UP).await;
    assert_eq!(seen(&store, sample::message(1)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_unit_whose_connection_is_lost_changes_nothing_and_may_be_tried_again() {
    let Some(base) = Base::on_postgres().await else { return };
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.mark_seen(&[sample::message(1)], at(0)).await.unwrap();
    postgres::run(&base.url, postgres::HANG_UP).await;
    let error = tx.commit().await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(seen(&store, sample::message(1)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_unit_that_is_dropped_lets_the_other_process_go_on_at_once() {
    let Some(base) = Base::on_postgres().await else { return };
    let (first, second) = (base.open().await, base.open().await);
    let mut tx = first.begin().await.unwrap();
    tx.set_meta("cursor", "1").await.unwrap();
    drop(tx);
    assert_eq!(second.begin().await.unwrap().meta("cursor").await.unwrap(), None);
    // The database did not have to end the unit by hanging up on its process.
    assert_eq!(postgres::count(&base.url, SESSIONS).await, 2);
}

#[tokio::test]
async fn a_process_that_stands_still_within_a_unit_loses_it_and_holds_nobody_up() {
    let Some(base) = Base::on_postgres().await else { return };
    let (first, second) = (base.open().await, base.open().await);
    let mut tx = first.begin().await.unwrap();
    tx.mark_seen(&[sample::message(1)], at(0)).await.unwrap();
    assert_eq!(seen(&second, sample::message(1)).await.unwrap(), 1);
    assert_eq!(postgres::count(&base.url, SESSIONS).await, 1);
    let error = tx.commit().await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn after_a_statement_that_failed_nothing_is_committed() {
    let Some(base) = Base::on_postgres().await else { return };
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.insert_invoice(&sample::invoice()).await.unwrap();
    tx.start_part().await.unwrap();
    tx.insert_invoice(&sample::invoice()).await.unwrap_err();
    // A part that failed can be taken back alone, as on SQLite.
    tx.drop_part().await.unwrap();
    tx.insert_invoice(&sample::invoice()).await.unwrap_err();
    let error = tx.commit().await.unwrap_err();
    assert!(matches!(error, StoreError::Broken), "{error:?}");
    assert_eq!(seen(&store, sample::message(1)).await.unwrap(), 1);
    let found = store.begin().await.unwrap().invoice(sample::invoice().id).await.unwrap();
    assert_eq!(found, None);
}

#[tokio::test]
async fn an_error_of_the_database_shows_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let host = folder.path().display();
    for url in [
        format!("postgres://bob:hunter2@localhost/bot?host={host}"),
        "postgres://bob:hunter2@localhost:1/bot?sslmode=perhaps".to_owned(),
    ] {
        let error = Store::open(&url, [7; 32]).await.unwrap_err();
        let shown = format!("{error:?}") + &format!("{:#}", anyhow::Error::from(error));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
