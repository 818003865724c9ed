//! `export` from outside: the books of a whole store, oldest first.

use jiff::{SignedDuration, Timestamp};
use mixpay_bot::{
    domain::{
        asset::Money,
        code::ShortCode,
        ids::InvoiceId,
        invoice::{
            Invoice,
            fact::Facts,
            terms::{Seconds, Terms},
        },
        locale::Locale,
    },
    store::Store,
};
use std::{
    path::Path,
    process::{Command, Output},
};
use uuid::Uuid;

/// More than two pages.
const INVOICES: u32 = 401;

fn export(folder: &Path, format: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mixpay-bot"))
        .args(["export", "--format", format])
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

/// The invoice that is to stand at this place. Two at a time are of the same moment.
fn invoice(place: u32) -> Invoice {
    let uuid = "a0d77914-0877-6b47-eb1d-d3f94ed15d6a";
    let age = SignedDuration::from_micros(i64::from(place / 2));
    Invoice {
        id: InvoiceId::new(Uuid::from_u128(place.into())),
        // The highest five bits are a letter.
        code: ShortCode::from_bits(place | 20 << 25).unwrap(),
        creator: uuid.parse().unwrap(),
        conversation: uuid.parse().unwrap(),
        in_group: false,
        asked_in: None,
        terms: Terms {
            price: Money { amount: "10.5".parse().unwrap(), unit: "usd".parse().unwrap() },
            symbol: "USD".to_owned(),
            decimals: 2,
            memo: Some(format!("invoice {place}")),
            payee: uuid.parse().unwrap(),
            payee_name: "Bob (37160854)".to_owned(),
            settlement: uuid.parse().unwrap(),
            settlement_label: "USDT (ERC20)".to_owned(),
            strict: false,
            lifetime: Seconds(1800),
            grace: Seconds(7200),
            order: None,
            pay_with: None,
            link: None,
            told: None,
        },
        locale: Locale::En,
        created_at: "2026-11-21T14:02:31Z".parse::<Timestamp>().unwrap().checked_add(age).unwrap(),
        facts: Facts::default(),
    }
}

#[tokio::test]
async fn every_invoice_is_exported_once_and_the_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("mixpay-bot.db").display());
    let store = Store::open(&url, [7; 32]).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    for place in (0..INVOICES).rev() {
        tx.insert_invoice(&invoice(place)).await.unwrap();
    }
    tx.commit().await.unwrap();

    // The store stays open: a bot may be running.
    for (format, head) in [("csv", 1), ("jsonl", 0)] {
        let output = export(folder.path(), format);
        assert_eq!(output.status.code(), Some(0), "{format}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let rows: Vec<&str> = text.lines().skip(head).collect();
        assert_eq!(rows.len(), usize::try_from(INVOICES).unwrap(), "{format}");
        for (place, row) in rows.iter().enumerate() {
            let quote = if format == "jsonl" { "\"" } else { "," };
            assert!(row.contains(&format!("{quote}invoice {place}{quote}")), "{place}: {row}");
        }
    }
}

#[test]
fn an_export_needs_a_database_and_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let output = export(folder.path(), "csv");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("there is no database at mixpay-bot.db"), "{said}");
    assert!(!folder.path().join("mixpay-bot.db").exists());
}
