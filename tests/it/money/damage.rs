//! Damage: rows that cannot be read, and a database's file that is not where it belongs.

use crate::harness::{Alice, Bob, Bot, Olivia, count, mins, secs};
use mixpay_bot::{
    cli::{Failure, Quarantine},
    config::{Database, Settings, sources::Sources},
    demo::stage::Callbacks,
    quarantine,
    sim::Payment,
    store::{Put, Store},
};
use rusqlite::Connection;
use std::path::PathBuf;
use tempfile::TempDir;

/// A bot whose database is a file that can be damaged.
struct Damaged {
    bot: Bot,
    path: PathBuf,
    _folder: TempDir,
}

impl Damaged {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bot.db");
        let url = format!("sqlite://{}", path.display());
        let bot = Bot::on(&url, Callbacks::On, |_| ()).await;
        Self { bot, path, _folder: folder }
    }

    /// What the operator does with `mixpay-bot quarantine --retry` for each.
    async fn put_everything_back(&self) {
        let url = format!("sqlite://{}", self.path.display());
        let mut tx = Store::open(&url, [0; 32]).await.unwrap().begin().await.unwrap();
        for row in tx.unreadable(99).await.unwrap() {
            assert_eq!(tx.put_back(&row.name()).await.unwrap(), Put::Back, "{}", row.name());
        }
        tx.commit().await.unwrap();
    }

    fn damage(&self, sql: &str) {
        let connection = Connection::open(&self.path).unwrap();
        connection.busy_timeout(secs(5)).unwrap();
        assert_ne!(connection.execute(sql, []).unwrap(), 0, "{sql}");
    }
}

#[tokio::test]
async fn an_invoice_that_cannot_be_read_stops_nobody_else() {
    let mut all = Damaged::new().await;
    let broken = all.bot.invoice(Bob, "invoice 10 usd for coffee").await;
    all.damage("UPDATE fact SET body = '{' WHERE key LIKE 'opened:%'");
    let whole = all.bot.invoice(Alice, "invoice 20 usd for cake").await;
    all.bot.pays(&whole).await;
    all.bot.passes(mins(2)).await;
    assert!(all.bot.shows(Alice).contains("Paid 20.00 USD"));
    let told = all.bot.shows(Olivia);
    assert_eq!(count(&told, "could not be worked with"), 1, "{told}");
    assert_eq!(all.bot.stage.against(), ["1 row cannot be read"]);
    // Who asks about it is told that it is our fault, and not that there is no such invoice.
    let said = all.bot.asks(Bob, &format!("status {broken}")).await;
    assert!(said.contains("Something broke on my side"), "{said}");
    assert!(said.contains("the operator will be told"), "{said}");
    all.bot.passes(mins(15)).await;
    let told = all.bot.shows(Olivia);
    assert_eq!(count(&told, "could not be worked with"), 1, "{told}");
    assert!(told.contains("message/"), "{told}");
    all.bot.stage.start(Callbacks::On).await.unwrap();
    all.bot.passes(mins(30)).await;
    assert_eq!(all.bot.shows(Olivia), "", "told once, across restarts");
    assert_eq!(all.bot.asks(Alice, "ping").await.trim(), "pong");
}

#[tokio::test]
async fn money_for_an_invoice_that_cannot_be_read_is_not_called_a_strangers() {
    let mut all = Damaged::new().await;
    all.bot.says(Bob, "payee bot").await;
    let code = all.bot.invoice(Bob, "invoice 10 usd for coffee").await;
    let trace = all.bot.trace(&code).await;
    let saved = "CREATE TABLE saved AS SELECT key, body FROM fact";
    Connection::open(&all.path).unwrap().execute_batch(saved).unwrap();
    all.damage("UPDATE fact SET body = 'x' WHERE key LIKE 'opened:%'");
    all.bot.shows(Olivia);
    all.bot.world.pay(&trace.to_string(), &Payment::default()).unwrap();
    all.bot.passes(mins(3)).await;
    let (told, shown) = (all.bot.shows(Olivia), all.bot.shows(Bob));
    assert!(!told.contains("return it") && !shown.contains("Paid"), "{told}{shown}");
    assert!(told.contains("could not be worked with"), "{told}");
    // The operator mends the row, and asks for it again.
    all.damage("UPDATE fact SET body = (SELECT body FROM saved WHERE saved.key = fact.key)");
    all.put_everything_back().await;
    all.bot.passes(mins(3)).await;
    let shown = all.bot.shows(Bob);
    assert_eq!(count(&shown, "Paid 10.00 USD"), 1, "{code}: {shown}");
    assert!(all.bot.stage.against().is_empty(), "{:?}", all.bot.stage.against());
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_those_of_somebody_new() {
    let mut all = Damaged::new().await;
    all.bot.says(Bob, "settings language zh").await;
    all.bot.shows(Bob);
    for value in ["'[]'", "x'ff'", "CAST(x'c328' AS TEXT)", "7"] {
        all.damage(&format!("UPDATE settings SET body = {value}"));
        assert_eq!(all.bot.asks(Bob, "ping").await.trim(), "pong", "{value}");
        all.bot.says(Bob, "settings language zh").await;
        all.bot.shows(Bob);
    }
    all.bot.passes(secs(20)).await;
    assert_eq!(all.bot.stage.against(), ["1 row cannot be read"]);
}

#[tokio::test]
async fn while_the_databases_file_is_gone_no_invoice_is_begun_and_readyz_says_so() {
    let mut all = Damaged::new().await;
    assert!(all.bot.stage.against().is_empty());
    let away = all.path.with_extension("away");
    std::fs::rename(&all.path, &away).unwrap();
    all.bot.passes(secs(20)).await;
    let against = all.bot.stage.against();
    assert_eq!(against, [format!("the database's file was removed: {}", all.path.display())]);
    let said = all.bot.asks(Bob, "invoice 10 usd for coffee").await;
    assert!(said.contains("I cannot write new things down safely"), "{said}");
    assert_eq!(all.bot.asks(Bob, "ping").await.trim(), "pong");
    // Another file of that name is not it.
    std::fs::write(&all.path, "").unwrap();
    all.bot.passes(secs(20)).await;
    let against = all.bot.stage.against();
    assert_eq!(against, [format!("the database's file was replaced: {}", all.path.display())]);
    std::fs::rename(&away, &all.path).unwrap();
    all.bot.passes(secs(20)).await;
    assert!(all.bot.stage.against().is_empty());
    all.bot.invoice(Bob, "invoice 10 usd for coffee").await;
}

#[tokio::test]
async fn the_file_alone_holds_everything_when_nothing_goes_on() {
    let mut all = Damaged::new().await;
    let code = all.bot.invoice(Bob, "invoice 10 usd for coffee").await;
    all.bot.passes(secs(30)).await;
    let copy = all.path.with_extension("copy");
    std::fs::copy(&all.path, &copy).unwrap();
    let sql = "SELECT count(*) FROM invoice WHERE code = $1";
    let copy = Connection::open(copy).unwrap();
    let found: i64 = copy.query_row(sql, [code.replace('-', "")], |row| row.get(0)).unwrap();
    assert_eq!(found, 1);
}

/// What `mixpay-bot quarantine` prints.
async fn quarantine(all: &Damaged, what: Quarantine) -> Result<String, Failure> {
    let mut settings = Settings::read(&Sources::default()).unwrap();
    settings.database = Database::File(all.path.clone());
    let mut out = Vec::new();
    quarantine::run(&settings, &what, &mut out).await?;
    Ok(String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn the_operator_lists_what_is_set_aside_and_forgets_it_beside_the_running_bot() {
    let mut all = Damaged::new().await;
    let nothing = quarantine(&all, Quarantine::default()).await.unwrap();
    assert_eq!(nothing, "nothing is set aside\n");
    all.bot.says(Bob, "settings language zh").await;
    all.damage("UPDATE settings SET body = '[' || char(10) || ']'");
    all.bot.says(Bob, "ping").await;
    all.bot.passes(secs(20)).await;
    let listed = quarantine(&all, Quarantine::default()).await.unwrap();
    let name = format!("settings/{}", all.bot.id(Bob));
    assert!(listed.starts_with(&format!("{name}  ")), "{listed}");
    assert_eq!(listed.lines().count(), 1, "{listed}");
    assert_eq!(all.bot.stage.against(), ["1 row cannot be read"]);
    let forget = Quarantine { forget: Some(name.clone()), retry: None };
    assert_eq!(quarantine(&all, forget.clone()).await.unwrap(), format!("{name} is forgotten\n"));
    let told = quarantine(&all, forget).await.unwrap_err().told();
    assert_eq!(told, format!("{name} is not set aside"));
    all.bot.passes(secs(20)).await;
    assert!(all.bot.stage.against().is_empty());
}
