//! Rows that cannot be read: each kind of row with each kind of damage is set aside alone.

use super::{
    at, due_errands,
    file::{read_samples, write_samples},
    in_file, sample,
};
use mixpay_bot::{
    domain::{catalogue::AssetList, invoice::polling::Urgency, settings::PersonSettings},
    store::{Aside, InvoiceFilter, Put, ReceiptKind, Store, Tx, Unreadable},
};
use rusqlite::Connection;
use std::path::Path;

/// What stands in a column instead of what we wrote.
const DAMAGES: [&str; 8] = [
    "''",
    "'{'",
    "'[]'",
    "'{\"Lost\":1}'",
    "x'00ff'",
    "CAST(x'c328' AS TEXT)",
    "1.5",
    "printf('%.*c', 100000, 'x')",
];

/// Every column that is read back, with the table and a condition that names one row of the samples.
const COLUMNS: [(&str, &str, &str); 22] = [
    ("effect", "id", "seq = 1"),
    ("effect", "body", "seq = 1"),
    ("effect", "due", "seq = 1"),
    ("effect", "attempts", "seq = 1"),
    ("effect", "since", "seq = 1"),
    ("effect", "parked", "seq = 1"),
    ("invoice", "body", "1"),
    ("fact", "body", "key = 'given-up'"),
    ("fact", "key", "key = 'given-up'"),
    ("link", "body", "1"),
    ("poll", "due", "1"),
    ("poll", "urgency", "1"),
    ("poll", "invoice", "1"),
    ("receipt", "amount", "1"),
    ("receipt", "at", "1"),
    ("person", "is_bot", "1"),
    ("place", "body", "1"),
    ("place", "at", "1"),
    ("settings", "body", "rowid = 1"),
    ("meta", "value", "key = 'assets.payment'"),
    ("about", "code", "1"),
    ("transfer_hint", "snapshot", "1"),
];

async fn with_samples(path: &Path) -> Store {
    let store = in_file(path).await;
    let mut tx = store.begin().await.unwrap();
    write_samples(&mut tx).await;
    tx.note_transfer(sample::snapshot_id_of(7), at(0)).await.unwrap();
    tx.commit().await.unwrap();
    store
}

fn damage(path: &Path, table: &str, column: &str, row: &str, value: &str) {
    let sql = format!("UPDATE OR REPLACE {table} SET {column} = {value} WHERE {row}");
    assert_ne!(Connection::open(path).unwrap().execute(&sql, []).unwrap(), 0, "{sql}");
}

/// Everything that the loops read, one unit each; who meets an invoice that cannot be read fails
/// alone, and all others succeed.
async fn look_at_everything(store: &Store) -> Vec<&'static str> {
    async fn begin(store: &Store) -> Tx {
        store.begin().await.unwrap()
    }
    let (now, invoice) = (at(9), sample::invoice());
    let mut failed = Vec::new();
    begin(store).await.due_messages(now, 9).await.unwrap();
    due_errands(&mut begin(store).await, now).await;
    begin(store).await.next_message_due(now).await.unwrap();
    begin(store).await.next_errand_due(now).await.unwrap();
    begin(store).await.effect_counts().await.unwrap();
    begin(store).await.due_polls(now, 9).await.unwrap();
    begin(store).await.next_poll_due(now).await.unwrap();
    begin(store).await.next_urgent_due(now).await.unwrap();
    begin(store).await.is_any_poll_due(&std::collections::BTreeSet::new(), now).await.unwrap();
    begin(store).await.noted_transfers(9).await.unwrap();
    begin(store).await.receipts_of(invoice.code.as_str()).await.unwrap();
    begin(store).await.person(sample::user(2)).await.unwrap();
    begin(store).await.group(sample::conversation()).await.unwrap();
    begin(store).await.person_settings(sample::user(1)).await.unwrap();
    begin(store).await.place_settings(sample::conversation()).await.unwrap();
    begin(store).await.asset_list(AssetList::Payment).await.unwrap();
    begin(store).await.about(sample::message(1)).await.unwrap();
    let filter = InvoiceFilter::default();
    begin(store).await.invoices_of(sample::user(1), filter, 9, 0).await.unwrap();
    begin(store).await.invoices_after(None, 9).await.unwrap();
    if let Err(error) = begin(store).await.invoice(invoice.id).await {
        assert!(error.is_unreadable(), "{error:?}");
        failed.push("invoice");
    }
    if let Err(error) = begin(store).await.link(sample::link().code).await {
        assert!(error.is_unreadable(), "{error:?}");
        failed.push("link");
    }
    let mut tx = begin(store).await;
    tx.set_strange_rows_aside().await.unwrap();
    tx.commit().await.unwrap();
    drop(begin(store).await);
    failed
}

#[tokio::test]
async fn a_row_that_cannot_be_read_stops_nobody_and_is_named() {
    for (table, column, row) in COLUMNS {
        for value in DAMAGES {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("bot.db");
            let store = with_samples(&path).await;
            damage(&path, table, column, row, value);
            let failed = look_at_everything(&store).await;
            let mut tx = store.begin().await.unwrap();
            let aside = tx.unreadable(9).await.unwrap();
            let told = format!("{table}.{column} = {value}: {aside:?}");
            let expected = if table == "fact" { "invoice" } else { table };
            // Some of it can be read as something, and is.
            if let [one] = aside.as_slice() {
                assert_eq!(one.table, expected, "{told}");
                assert!(!one.reason.is_empty() && one.reason.chars().count() <= 200, "{told}");
            } else {
                assert!(aside.is_empty(), "{told}");
                assert!(failed.is_empty(), "{told}");
            }
            if ["invoice", "link", "fact"].contains(&table) {
                assert_eq!(failed.len(), aside.len(), "{told}");
            }
            // A second look finds nothing new.
            drop(tx);
            look_at_everything(&store).await;
            let again = store.begin().await.unwrap().unreadable(9).await.unwrap();
            assert_eq!(aside, again, "{told}");
        }
    }
}

#[tokio::test]
async fn an_effect_that_cannot_be_read_stands_in_nobodys_way() {
    for column in ["id", "body", "due", "attempts", "since", "parked"] {
        for value in ["x'00'", "'soon'", "CAST(x'c328' AS TEXT)"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("bot.db");
            let store = in_file(&path).await;
            let mut tx = store.begin().await.unwrap();
            for effect in sample::lane(3) {
                tx.enqueue(&effect, at(0), at(0)).await.unwrap();
            }
            tx.commit().await.unwrap();
            damage(&path, "effect", column, "seq = 1", value);
            // What is looked at in a unit that is dropped is set aside all the same.
            store.begin().await.unwrap().next_message_due(at(0)).await.unwrap();
            store.begin().await.unwrap().due_messages(at(0), 1).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            tx.set_strange_rows_aside().await.unwrap();
            let due = tx.due_messages(at(0), 9).await.unwrap();
            let ids: Vec<_> = due.iter().map(|pending| pending.effect.id).collect();
            let expected: Vec<_> = sample::lane(3).iter().skip(1).map(|one| one.id).collect();
            assert_eq!(ids, expected, "{column} = {value}");
            let counts = tx.effect_counts().await.unwrap();
            assert_eq!((counts.waiting, counts.parked), (2, 1), "{column} = {value}");
        }
    }
}

#[tokio::test]
async fn an_invoice_whose_facts_cannot_be_read_is_not_asked_about_and_not_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let store = with_samples(&path).await;
    let whole = "SELECT body FROM fact WHERE key = 'given-up'";
    let connection = Connection::open(&path).unwrap();
    let body: String = connection.query_row(whole, [], |row| row.get(0)).unwrap();
    damage(&path, "fact", "body", "key = 'given-up'", "'\"Lost\"'");
    let id = sample::invoice().id;
    store.begin().await.unwrap().invoice(id).await.unwrap_err();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.due_polls(at(9), 9).await.unwrap(), []);
    assert_eq!(tx.invoices_after(None, 9).await.unwrap(), []);
    let aside = tx.unreadable(9).await.unwrap();
    let name = format!("invoice/{id}");
    assert_eq!(aside.iter().map(Unreadable::name).collect::<Vec<_>>(), std::slice::from_ref(&name));
    assert!(aside[0].reason.starts_with(&format!("fact {id}/given-up: ")), "{aside:?}");
    drop(tx);
    connection.execute("UPDATE fact SET body = $1 WHERE key = 'given-up'", [body]).unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.put_back(&name).await.unwrap(), Put::Back);
    assert_eq!(tx.put_back(&name).await.unwrap(), Put::Unknown);
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let polls = tx.due_polls(at(9), 9).await.unwrap();
    assert_eq!(polls.iter().map(|poll| poll.urgency).collect::<Vec<_>>(), [Urgency::Now]);
    assert_eq!(tx.invoice(id).await.unwrap(), Some(sample::invoice()));
}

#[tokio::test]
async fn what_was_taken_away_comes_back_as_it_was_or_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let store = with_samples(&path).await;
    damage(&path, "settings", "body", "rowid = 1", "'{\"of\":\"a newer program\"}'");
    let user = sample::user(1);
    let chosen = store.begin().await.unwrap().person_settings(user).await.unwrap();
    assert_eq!(chosen, PersonSettings::default());
    let name = store.begin().await.unwrap().unreadable(9).await.unwrap()[0].name();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.put_back(&name).await.unwrap(), Put::Back);
    tx.commit().await.unwrap();
    let sql = "SELECT count(*) FROM settings WHERE body = '{\"of\":\"a newer program\"}'";
    let kept = Connection::open(&path).unwrap();
    let kept: i64 = kept.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 1);
    store.begin().await.unwrap().person_settings(user).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.forget_unreadable(&name).await.unwrap());
    assert!(!tx.forget_unreadable(&name).await.unwrap());
    assert_eq!(tx.unreadable(9).await.unwrap(), []);
}

#[tokio::test]
async fn a_transfer_of_which_only_the_receipt_is_damaged_is_still_not_told_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let store = with_samples(&path).await;
    damage(&path, "receipt", "amount", "1", "x'00'");
    look_at_everything(&store).await;
    let mut tx = store.begin().await.unwrap();
    let snapshot = sample::snapshot();
    assert!(!tx.insert_receipt(&snapshot, ReceiptKind::Unmatched, None).await.unwrap());
}

#[tokio::test]
async fn a_page_of_which_nothing_can_be_read_is_not_the_end_of_the_export() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let store = in_file(&path).await;
    let mut tx = store.begin().await.unwrap();
    for number in 1..=5 {
        tx.insert_invoice(&sample::invoice_of(number)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let broken = [1, 2, 3].map(|number| format!("'{}'", sample::invoice_id(number))).join(",");
    damage(&path, "invoice", "body", &format!("id IN ({broken})"), "'{'");
    let mut tx = store.begin().await.unwrap();
    let page = tx.invoices_after(None, 2).await.unwrap();
    assert_eq!(page.iter().map(|one| one.id).collect::<Vec<_>>(), [sample::invoice_id(4)]);
    let after = page.last().map(|one| (one.created_at, one.id));
    let page = tx.invoices_after(after, 2).await.unwrap();
    assert_eq!(page.iter().map(|one| one.id).collect::<Vec<_>>(), [sample::invoice_id(5)]);
    read_nothing_more(&mut tx, page.last().map(|one| (one.created_at, one.id))).await;
}

async fn read_nothing_more(
    tx: &mut Tx,
    after: Option<(jiff::Timestamp, mixpay_bot::domain::ids::InvoiceId)>,
) {
    assert_eq!(tx.invoices_after(after, 2).await.unwrap(), []);
}

#[tokio::test]
async fn a_whole_database_sets_nothing_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let store = in_file(&path).await;
    let mut tx = store.begin().await.unwrap();
    write_samples(&mut tx).await;
    tx.commit().await.unwrap();
    read_samples(&store).await;
    look_at_everything(&store).await;
    assert_eq!(store.begin().await.unwrap().aside().await.unwrap(), Aside::default());
}
