//! What strangers can make grow is forgotten when it is old, and nothing else is.

use super::{at, file::read_samples, file::write_samples, in_file, sample};
use mixpay_bot::{
    domain::ids::{MessageId, SnapshotId},
    ports::{effect::Effect, wallet::Snapshot},
    store::{RETENTIONS, ReceiptKind, Store},
};
use rusqlite::Connection;
use std::path::Path;
use uuid::Uuid;

const DAY: i64 = 86_400;

/// Forgets everything that is old on that day; the units of work that it took.
async fn sweep(store: &Store, day: i64) -> usize {
    let mut steps = 0;
    for retention in &RETENTIONS {
        loop {
            let mut tx = store.begin().await.unwrap();
            let is_more = tx.forget_old(retention, at(day * DAY)).await.unwrap();
            tx.commit().await.unwrap();
            steps += 1;
            if !is_more {
                break;
            }
        }
    }
    steps
}

fn rows(path: &Path, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    Connection::open(path).unwrap().query_row(&sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn what_strangers_leave_is_forgotten_each_in_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let store = in_file(&path).await;
    let mut tx = store.begin().await.unwrap();
    let message = MessageId::new(Uuid::from_u128(5));
    tx.mark_seen(&[message], at(0)).await.unwrap();
    tx.spend(sample::user(1), "code", at(0)).await.unwrap();
    for (number, kind) in (1..).zip([ReceiptKind::Unmatched, ReceiptKind::NotIncome]) {
        let id = SnapshotId::new(Uuid::from_u128(number));
        let dust = Snapshot { id, at: at(0), ..sample::snapshot() };
        tx.insert_receipt(&dust, kind, None).await.unwrap();
    }
    let effect: Effect = sample::effects().swap_remove(0);
    tx.enqueue(&effect, at(0), at(0)).await.unwrap();
    tx.park(effect.id).await.unwrap();
    tx.note_about(message, sample::invoice().code, at(0)).await.unwrap();
    tx.keep_group(sample::conversation(), &sample::group(), at(0)).await.unwrap();
    tx.set_aside(message, "the handler panicked", at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let ages = [
        ("spent", 2),
        ("inbox", 9),
        ("effect", 31),
        ("place", 31),
        ("about", 91),
        ("quarantine", 91),
        ("receipt", 181),
    ];
    for today in 1..200 {
        sweep(&store, today).await;
        for (table, day) in ages {
            assert_eq!(rows(&path, table) == 0, today >= day, "{table} on day {today}");
        }
    }
}

#[tokio::test]
async fn the_books_and_what_waits_are_never_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let store = in_file(&path).await;
    let mut tx = store.begin().await.unwrap();
    write_samples(&mut tx).await;
    tx.commit().await.unwrap();
    let tables =
        ["invoice", "fact", "link", "trace", "told", "receipt", "effect", "poll", "person"];
    let before = tables.map(|table| rows(&path, table));
    sweep(&store, 5000).await;
    assert_eq!(tables.map(|table| rows(&path, table)), before);
    drop(path);
    let whole = in_file(&folder.path().join("whole.db")).await;
    let mut tx = whole.begin().await.unwrap();
    write_samples(&mut tx).await;
    tx.commit().await.unwrap();
    sweep(&whole, 0).await;
    read_samples(&whole).await;
}

#[tokio::test]
async fn much_is_forgotten_in_many_small_steps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let store = in_file(&path).await;
    let ids: Vec<MessageId> = (0..1200).map(|id| MessageId::new(Uuid::from_u128(id))).collect();
    let mut tx = store.begin().await.unwrap();
    tx.mark_seen(&ids, at(0)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(sweep(&store, 30).await, RETENTIONS.len() + 2);
    assert_eq!(rows(&path, "inbox"), 0);
}

#[tokio::test]
async fn an_effect_that_cannot_be_read_is_the_operators_to_forget() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let store = in_file(&path).await;
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&sample::effects().swap_remove(0), at(0), at(0)).await.unwrap();
    tx.set_effect_aside(1, "what it is about cannot be read").await.unwrap();
    tx.commit().await.unwrap();
    sweep(&store, 5000).await;
    assert_eq!(rows(&path, "effect"), 1);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.forget_unreadable("effect/1").await.unwrap());
    tx.commit().await.unwrap();
    sweep(&store, 5000).await;
    assert_eq!(rows(&path, "effect"), 0);
}
