//! Adapter: persistence. One [`Store`], whose unit of work is a [`Tx`].
//!
//! The seam between databases lies below the SQL, in `engine`: every statement is written once.
//! What belongs together (facts, effects, the mark "this message was handled") is written in one
//! `Tx`; dropping it changes nothing. No outside call is made while one is open.

mod codec;
mod doubt;
mod engine;
mod file;
mod lease;
mod postgres;
mod schema;
mod sql;

use crate::{domain::derive::Secret, ports::commits::Commits};
use engine::{Engine, Row, Unit, Val};
use file::DatabaseFile;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use sql::unreadable::Findings;
use std::{fmt, path::Path, sync::Arc};

pub use doubt::{SEARCH_BAN, SEARCH_BAN_KEY};
pub use lease::Lease;
pub use sql::{
    budget::{Grant, Pause, Permit},
    effects::{Added, EffectCounts, Group as ErrandGroup, Tail},
    invoices::{InvoiceFilter, LinkTotals, Poll},
    retention::{RETENTIONS, Retention},
    transfers::{Receipt, ReceiptKind, Untold},
    unreadable::{Aside, Put, Unreadable},
};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    /// Postgres failed, or cannot be reached.
    #[error("the database failed")]
    Postgres(#[from] sqlx::Error),
    /// Postgres does not answer.
    #[error("the database does not answer")]
    Silent,
    /// A statement of this unit of work failed, so that nothing of it can be kept.
    #[error("a unit of work is broken")]
    Broken,
    /// Another process has taken the bot's work over.
    #[error("another process has taken the lease over; this one must not go on")]
    Replaced,
    /// A row cannot be read.
    #[error("row {key} of table {table} cannot be read")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value cannot be written.
    #[error("a value cannot be written as JSON")]
    Unwritable(#[source] serde_json::Error),
    /// The database was made by a newer program.
    #[error("the database has schema {found}, this program knows {known}: use a newer program")]
    TooNew {
        /// The schema's version.
        found: usize,
        /// The newest version that this program knows.
        known: usize,
    },
    /// The database's address is not understood.
    #[error(
        "database address {found:?} is not understood: it looks like sqlite://mixpay-bot.db or \
         postgres://USER@HOST/DATABASE"
    )]
    Address {
        /// The address.
        found: String,
    },
}

impl StoreError {
    /// Whether the file cannot be opened, or not be written, by whom this process runs as. Of a
    /// database that was never open that is a setting, and no waiting helps.
    pub fn is_about_access(&self) -> bool {
        matches!(self, Self::Database(error) if engine::is_about_access(error))
    }

    /// Whether a row of ours cannot be read. The store sets it aside; the unit of work that met it
    /// has to go without it.
    pub const fn is_unreadable(&self) -> bool {
        matches!(self, Self::Corrupt { .. })
    }

    /// Whether the same may well succeed in a while: the database is away, and nothing is wrong
    /// with what was asked of it.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Postgres(error) => postgres::is_transient(error),
            Self::Silent => true,
            Self::Database(error) => engine::is_transient(error),
            Self::Broken
            | Self::Replaced
            | Self::Corrupt { .. }
            | Self::Unwritable(_)
            | Self::TooNew { .. }
            | Self::Address { .. } => false,
        }
    }
}

/// Where everything is kept that must survive.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    secret: Secret,
    commits: Option<Arc<dyn Commits>>,
    /// The token of the lease under which this store is used.
    fence: Option<i64>,
    findings: Findings,
    /// The file of the database, if it is one.
    file: Option<Arc<DatabaseFile>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the database at `url` (`sqlite://FILE`, `sqlite::memory:`, `postgres://…`) and brings
    /// it to the newest schema. A new database gets its secret from `random`.
    pub async fn open(url: &str, random: [u8; 32]) -> Result<Self, StoreError> {
        let mut file = None;
        let engine = match url.split_once(':') {
            Some(("sqlite", ":memory:")) => Engine::memory()?,
            Some(("sqlite", rest)) => {
                let path = Path::new(rest.strip_prefix("//").unwrap_or(rest));
                file = Some((path, DatabaseFile::is_new(path)));
                Engine::sqlite(path)?
            }
            Some(("postgres" | "postgresql", _)) => Engine::postgres(url)?,
            found => {
                let found = found.map_or(url, |(scheme, _)| scheme).to_owned();
                return Err(StoreError::Address { found });
            }
        };
        let mut unit = engine.begin().await?;
        schema::migrate(&mut unit).await?;
        let store = Self::of(engine, unit, random).await?;
        let Some((path, is_new)) = file else { return Ok(store) };
        if is_new {
            let path = path.display();
            tracing::warn!(%path, "made a new, empty database at {path}");
        }
        Ok(Self { file: DatabaseFile::opened(path).map(Arc::new), ..store })
    }

    /// The same database as if it had just been made: nothing of what was kept is left. Rehearsals
    /// play thousands of histories a second, and would spend most of it on making databases.
    pub async fn emptied(self, random: [u8; 32]) -> Result<Self, StoreError> {
        let mut unit = self.engine.begin().await?;
        schema::empty(&mut unit).await?;
        Self::of(self.engine, unit, random).await
    }

    /// The store in a database whose schema is the newest.
    async fn of(engine: Engine, unit: Unit, random: [u8; 32]) -> Result<Self, StoreError> {
        let findings = Findings::default();
        let mut tx = Tx::new(unit, None, None, findings.clone());
        let secret = if let Some(text) = tx.meta("secret").await? {
            let bytes = hex::decode(&text).ok().and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or_else(|| corrupt("meta", "secret", "not 32 bytes in hex"))?
        } else {
            tx.set_meta("secret", &hex::encode(random)).await?;
            random
        };
        tx.commit().await?;
        Ok(Self {
            engine,
            secret: Secret::new(secret),
            commits: None,
            fence: None,
            findings,
            file: None,
        })
    }

    /// What happened to the database's file since it was opened, in words.
    pub fn file_problem(&self) -> Option<String> {
        self.file.as_ref().and_then(|file| file.problem())
    }

    /// Carries what is written over into the database's file, so that it holds everything by
    /// itself. Whoever reads meanwhile is not disturbed, and may keep some of it for later.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        self.engine.checkpoint().await
    }

    /// The secret that derived ids are made with.
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The same store, which tells `commits` of each commit.
    #[must_use]
    pub fn watched(self, commits: Arc<dyn Commits>) -> Self {
        Self { commits: Some(commits), ..self }
    }

    /// Whether several processes may work with this database.
    pub const fn is_shared(&self) -> bool {
        self.engine.is_shared()
    }

    /// The same store, but each commit fails with [`StoreError::Replaced`] once the lease has
    /// another token than this.
    #[must_use]
    pub fn fenced(&self, token: i64) -> Self {
        Self { fence: Some(token), ..self.clone() }
    }

    /// The same store by a way of its own, which does not wait for units of work of this one.
    pub async fn apart(&self) -> Self {
        Self { engine: self.engine.apart().await, ..self.clone() }
    }

    /// Starts a unit of work. Rows that earlier units could not read are set aside first, so that
    /// they are in nobody's way even if nothing of those units was kept.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let found = self.findings.take();
        if !found.is_empty() {
            let mut tx = self.unit().await?;
            if let Err(error) = tx.set_all_aside(&found).await {
                tracing::error!(%error, "rows that cannot be read are not set aside: {error}");
            } else {
                let rings = tx.added;
                tx.commit().await?;
                let mut tx = self.unit().await?;
                tx.added = rings;
                return Ok(tx);
            }
        }
        self.unit().await
    }

    async fn unit(&self) -> Result<Tx, StoreError> {
        let unit = self.engine.begin().await?;
        Ok(Tx::new(unit, self.commits.clone(), self.fence, self.findings.clone()))
    }
}

/// One unit of work.
#[derive(Debug)]
pub struct Tx {
    unit: Unit,
    /// Who has something to do through this.
    added: Added,
    /// How many effects this unit has added, and removed because they were performed.
    enqueued: u64,
    concluded: u64,
    /// Whether a line waits anywhere, as far as this unit has looked.
    lines: Option<bool>,
    commits: Option<Arc<dyn Commits>>,
    fence: Option<i64>,
    /// Rows that cannot be read, for whoever begins next.
    findings: Findings,
}

impl Tx {
    const fn new(
        unit: Unit,
        commits: Option<Arc<dyn Commits>>,
        fence: Option<i64>,
        findings: Findings,
    ) -> Self {
        let added =
            Added { messages: false, errands: false, polls: false, transfers: false, turns: false };
        Self { unit, added, enqueued: 0, concluded: 0, lines: None, commits, fence, findings }
    }

    /// What SQLite finds wrong with its file; nothing if it is whole.
    pub async fn sqlite_problems(&mut self) -> Result<Vec<String>, StoreError> {
        let rows = self.unit.rows("PRAGMA integrity_check", &[]).await?;
        let told = rows.into_iter().flatten().filter_map(|value| match value {
            Val::Text(text) => Some(text),
            Val::Int(_) | Val::Null | Val::Odd(_) => None,
        });
        Ok(told.filter(|text| text != "ok").collect())
    }

    /// Makes everything of this unit durable.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if let Some(token) = self.fence {
            self.check_lease(token).await?;
        }
        let Some(commits) = self.commits else { return self.unit.commit().await };
        commits.before().await;
        self.unit.commit().await?;
        commits.after().await;
        Ok(())
    }

    /// Starts a part of the unit that can be taken back alone.
    pub async fn start_part(&mut self) -> Result<(), StoreError> {
        self.execute("SAVEPOINT part", &[]).await.map(drop)
    }

    /// Keeps the part that was started last.
    pub async fn keep_part(&mut self) -> Result<(), StoreError> {
        self.execute("RELEASE SAVEPOINT part", &[]).await.map(drop)
    }

    /// Takes the part that was started last back.
    pub async fn drop_part(&mut self) -> Result<(), StoreError> {
        self.unit.script("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part").await
    }

    async fn rows(&mut self, sql: &'static str, values: &[Val]) -> Result<Vec<Row>, StoreError> {
        self.unit.rows(sql, values).await
    }

    async fn row(&mut self, sql: &'static str, values: &[Val]) -> Result<Option<Row>, StoreError> {
        Ok(self.unit.rows(sql, values).await?.into_iter().next())
    }

    async fn execute(&mut self, sql: &'static str, values: &[Val]) -> Result<usize, StoreError> {
        self.unit.execute(sql, values).await
    }
}

/// A time as it is kept: Unix microseconds.
fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

fn time(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

fn corrupt(
    table: &'static str,
    key: &str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Corrupt { table, key: key.to_owned(), source: source.into() }
}

/// A value as JSON text.
fn json<T: Serialize>(value: &T) -> Result<Val, StoreError> {
    codec::write(value).map(Val::Text).map_err(StoreError::Unwritable)
}

/// The columns of a row, one after the other, as the types that are expected.
struct Columns {
    table: &'static str,
    key: Val,
    values: std::vec::IntoIter<Val>,
}

impl Columns {
    /// The columns of a row whose first one is its key.
    fn of(table: &'static str, row: Row) -> Self {
        let key = row.first().cloned().unwrap_or(Val::Null);
        Self { table, key, values: row.into_iter() }
    }

    fn corrupt(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
        corrupt(self.table, &self.key.to_string(), source)
    }

    fn wrong(&self, expected: &'static str) -> StoreError {
        self.corrupt(format!("a column is not {expected}"))
    }

    fn text(&mut self) -> Result<String, StoreError> {
        match self.values.next() {
            Some(Val::Text(text)) => Ok(text),
            Some(Val::Int(_) | Val::Null | Val::Odd(_)) | None => Err(self.wrong("text")),
        }
    }

    fn text_or_null(&mut self) -> Result<Option<String>, StoreError> {
        match self.values.next() {
            Some(Val::Text(text)) => Ok(Some(text)),
            Some(Val::Null) => Ok(None),
            Some(Val::Int(_) | Val::Odd(_)) | None => Err(self.wrong("text")),
        }
    }

    fn int(&mut self) -> Result<i64, StoreError> {
        match self.values.next() {
            Some(Val::Int(value)) => Ok(value),
            Some(Val::Text(_) | Val::Null | Val::Odd(_)) | None => Err(self.wrong("a number")),
        }
    }

    fn int_or_null(&mut self) -> Result<Option<i64>, StoreError> {
        match self.values.next() {
            Some(Val::Int(value)) => Ok(Some(value)),
            Some(Val::Null) => Ok(None),
            Some(Val::Text(_) | Val::Odd(_)) | None => Err(self.wrong("a number")),
        }
    }

    fn parsed<T>(&mut self) -> Result<T, StoreError>
    where
        T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        let text = self.text()?;
        text.parse().map_err(|source: T::Err| self.corrupt(source))
    }

    fn json<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let text = self.text()?;
        codec::read(&text).map_err(|source| self.corrupt(source))
    }
}
