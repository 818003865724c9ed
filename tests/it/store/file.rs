//! A database file: its versions, its secret, and what is broken in it.

use super::{at, due_errands, in_file, sample};
use mixpay_bot::{
    domain::{
        catalogue::AssetList,
        cause::Cause,
        invoice::{
            Invoice,
            polling::{Age, Urgency},
        },
    },
    store::{Poll, ReceiptKind, Store, StoreError, Tx},
};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Writes one of everything.
pub(super) async fn write_samples(tx: &mut Tx) {
    tx.insert_invoice(&sample::invoice()).await.unwrap();
    tx.insert_link(&sample::link()).await.unwrap();
    for effect in sample::effects() {
        tx.enqueue(&effect, at(1), at(0)).await.unwrap();
    }
    tx.keep_person(&sample::person()).await.unwrap();
    tx.keep_group(sample::conversation(), &sample::group(), at(2)).await.unwrap();
    tx.keep_person_settings(sample::user(1), &sample::person_settings()).await.unwrap();
    tx.keep_place_settings(sample::conversation(), &sample::place_settings()).await.unwrap();
    tx.keep_asset_list(AssetList::Payment, &sample::listed(), at(0)).await.unwrap();
    let (kind, code) = (ReceiptKind::Matched, sample::invoice().code);
    assert!(tx.insert_receipt(&sample::snapshot(), kind, Some(code.as_str())).await.unwrap());
    assert!(!tx.insert_receipt(&sample::snapshot(), kind, Some(code.as_str())).await.unwrap());
    tx.note_about(sample::message(1), code, at(0)).await.unwrap();
    tx.mark_seen(&[sample::message(2)], at(0)).await.unwrap();
    tx.tell_once(sample::invoice_id(1), "seen", true).await.unwrap();
    tx.set_meta("cursor", "2026-11-21T14:02:31Z").await.unwrap();
    tx.spend(sample::user(1), "invoice", at(3)).await.unwrap();
    let next = Some((at(1), Urgency::Now));
    tx.set_poll(sample::invoice_id(1), next).await.unwrap();
}

/// An invoice whose facts have the keys of today. Older programs gave an answer another one.
fn named_anew(invoice: Invoice) -> Invoice {
    Invoice { facts: invoice.facts.iter().cloned().collect(), ..invoice }
}

/// Reads one of everything.
pub(super) async fn read_samples(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    let (id, code) = (sample::invoice_id(1), sample::invoice().code);
    let trace = sample::invoice().facts.traces().pop().unwrap();
    for found in [
        tx.invoice(id).await.unwrap(),
        tx.invoice_by_code(code).await.unwrap(),
        tx.invoice_by_trace(trace).await.unwrap(),
        tx.invoice_by_order(sample::user(1), "A-17").await.unwrap(),
        tx.newest_invoice(sample::user(1), Some(sample::conversation())).await.unwrap(),
        tx.newest_invoice(sample::user(1), None).await.unwrap(),
    ] {
        assert_eq!(found.map(named_anew), Some(sample::invoice()));
    }
    let all: Vec<_> =
        tx.invoices_after(None, 9).await.unwrap().into_iter().map(named_anew).collect();
    assert_eq!(all, [sample::invoice()]);
    assert!(!tx.code_is_free(code).await.unwrap());
    assert_eq!(tx.link(sample::link().code).await.unwrap(), Some(sample::link()));
    let mut effects = tx.due_messages(at(1), 99).await.unwrap();
    effects.extend(due_errands(&mut tx, at(1)).await);
    effects.sort_by_key(|pending| pending.seq);
    let effects: Vec<_> = effects.into_iter().map(|pending| pending.effect).collect();
    assert_eq!(effects, sample::effects());
    assert_eq!(tx.person(sample::user(2)).await.unwrap(), Some(sample::person()));
    assert_eq!(tx.person_by_number("37160854").await.unwrap(), Some(sample::person()));
    let group = tx.group(sample::conversation()).await.unwrap();
    assert_eq!(group, Some((sample::group(), at(2))));
    assert_eq!(tx.person_settings(sample::user(1)).await.unwrap(), sample::person_settings());
    let place = tx.place_settings(sample::conversation()).await.unwrap();
    assert_eq!(place, sample::place_settings());
    assert_eq!(tx.asset_list(AssetList::Payment).await.unwrap(), Some(sample::listed()));
    let receipts = tx.receipts_of(code.as_str()).await.unwrap();
    let receipts: Vec<_> = receipts.iter().map(|one| (one.kind.as_str(), one.at)).collect();
    assert_eq!(receipts, [("matched", at(9))]);
    assert!(tx.has_receipt(sample::snapshot_id()).await.unwrap());
    assert_eq!(tx.about(sample::message(1)).await.unwrap(), Some(code));
    assert!(tx.mark_seen(&[sample::message(2)], at(0)).await.unwrap().is_empty());
    assert_eq!(tx.silent_notices(id).await.unwrap(), 1);
    assert_eq!(tx.meta("cursor").await.unwrap().as_deref(), Some("2026-11-21T14:02:31Z"));
    assert_eq!(tx.spent(sample::user(1), "invoice", at(2)).await.unwrap(), 1);
    let polls = tx.due_polls(at(1), 9).await.unwrap();
    assert_eq!(polls, [Poll { invoice: id, due: at(1), urgency: Urgency::Now }]);
}

fn fixture(version: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(format!("tests/it/fixtures/store/version_{version}.sql"))
}

/// A database with one of everything, as a program of that version left it.
fn left_by(version: u32, path: &Path) {
    let dump = std::fs::read_to_string(fixture(version)).unwrap();
    Connection::open(path).unwrap().execute_batch(&dump).unwrap();
}

#[tokio::test]
async fn a_database_of_every_version_is_still_read() {
    for version in 1.. {
        if !fixture(version).exists() {
            assert!(version > 1);
            break;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bot.db");
        left_by(version, &path);
        let store = in_file(&path).await;
        read_samples(&store).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.meta("secret").await.unwrap(), Some(hex::encode([9; 32])));
    }
}

#[tokio::test]
async fn what_the_first_version_meant_to_ask_about_is_asked_about_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    left_by(1, &path);
    let sql = "INSERT INTO poll VALUES ($1, 0, $2, 0, 0)";
    let connection = Connection::open(&path).unwrap();
    for (number, urgency) in [(3, 1), (4, 2), (5, 3)] {
        connection.execute(sql, (sample::invoice_id(number).to_string(), urgency)).unwrap();
    }
    drop(connection);
    let mut tx = in_file(&path).await.begin().await.unwrap();
    let polls = tx.due_polls(at(1), 9).await.unwrap();
    let polls: Vec<_> = polls.iter().map(|poll| (poll.invoice, poll.urgency)).collect();
    let expected = [Urgency::Now, Urgency::Likely, Urgency::Open(Age::NEW), Urgency::Watched];
    let expected: Vec<_> = [1, 3, 4, 5].map(sample::invoice_id).into_iter().zip(expected).collect();
    assert_eq!(polls, expected);
}

#[tokio::test]
async fn every_version_has_a_fixture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    drop(in_file(&path).await);
    let connection = Connection::open(&path).unwrap();
    let sql = "SELECT max(version) FROM migration";
    let newest: u32 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(fixture(newest).exists(), "{}", fixture(newest).display());
}

#[tokio::test]
async fn opening_a_database_again_changes_nothing_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let store = in_file(&path).await;
    let mut tx = store.begin().await.unwrap();
    write_samples(&mut tx).await;
    tx.commit().await.unwrap();
    drop(store);
    for _ in 0..2 {
        read_samples(&in_file(&path).await).await;
    }
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    drop(in_file(&path).await);
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("INSERT INTO migration VALUES (1000)").unwrap();
    let url = format!("sqlite://{}", path.display());
    let error = Store::open(&url, [7; 32]).await.unwrap_err();
    assert!(matches!(error, StoreError::TooNew { found, known } if found == known + 1));
    let error = Store::open("mysql://localhost/bot", [7; 32]).await.unwrap_err();
    assert!(matches!(error, StoreError::Address { .. }));
}

#[tokio::test]
async fn the_secret_is_made_once_for_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("bot.db").display());
    let derived = |store: &Store| Cause::Card(sample::invoice_id(1)).id(store.secret());
    let first = Store::open(&url, [1; 32]).await.unwrap();
    let again = Store::open(&url, [2; 32]).await.unwrap();
    assert_eq!(derived(&first), derived(&again));
    let other = Store::open("sqlite::memory:", [2; 32]).await.unwrap();
    assert_ne!(derived(&first), derived(&other));
    assert_eq!(format!("{first:?}"), "Store");
}

#[tokio::test]
async fn a_broken_row_is_named() {
    let invoice = sample::invoice().id.to_string();
    let given_up = format!("{invoice}/given-up");
    for (damage, table, key) in [
        ("UPDATE invoice SET body = '{'", "invoice", invoice.as_str()),
        ("UPDATE invoice SET body = replace(body, '12.5', 'a lot')", "invoice", &invoice),
        ("UPDATE fact SET body = '\"Lost\"' WHERE key = 'given-up'", "fact", given_up.as_str()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bot.db");
        left_by(1, &path);
        assert_ne!(Connection::open(&path).unwrap().execute(damage, []).unwrap(), 0, "{damage}");
        let mut tx = in_file(&path).await.begin().await.unwrap();
        let error = tx.invoice(sample::invoice_id(1)).await.unwrap_err();
        let StoreError::Corrupt { table: named, key: found, .. } = error else {
            panic!("{damage}: {error:?}");
        };
        assert_eq!((named, found.as_str()), (table, key), "{damage}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    left_by(1, &path);
    let damage = "UPDATE meta SET value = 'short' WHERE key = 'secret'";
    Connection::open(&path).unwrap().execute(damage, []).unwrap();
    let url = format!("sqlite://{}", path.display());
    let error = Store::open(&url, [7; 32]).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { table: "meta", .. }));
}
