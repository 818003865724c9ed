//! Engine: runs a statement with parameters and gives rows. All that differs between databases.
//!
//! SQLite is called in place (2 µs a statement, and it goes along with a clock moved by hand);
//! Postgres is the second variant of [`Engine`] and [`Unit`], with the same SQL text.

use crate::store::{
    StoreError,
    postgres::{Link, PgUnit},
};
use rusqlite::{
    Connection, ToSql,
    config::DbConfig,
    params_from_iter,
    types::{ToSqlOutput, ValueRef},
};
use std::{fmt, path::Path, sync::Arc};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Prepared statements that are kept.
const STATEMENTS_KEPT: usize = 128;
/// SQLite's page cache, in KiB. Small: the bot's memory is a promise.
const CACHE_KIB: i64 = 4096;

/// Pages of the write-ahead log that are carried over into the file at once. Four times SQLite's
/// own value, as the busiest pages are written by every commit and carried over only once.
const CHECKPOINT_PAGES: i64 = 4000;

/// A parameter, or a value of a row. Text and numbers are all we keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Val {
    Int(i64),
    Text(String),
    Null,
    /// Something that we never wrote, but that SQLite keeps in any column.
    Odd(Odd),
}

/// A value of a kind that we never write. It is kept exactly, so that its row can be named by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Odd {
    /// Text that is not UTF-8.
    Text(Vec<u8>),
    Blob(Vec<u8>),
    /// The bits of a number with a fraction.
    Real(u64),
}

#[expect(clippy::disallowed_types, reason = "no money: it is shown, or given back as it was")]
fn real(bits: u64) -> f64 {
    f64::from_bits(bits)
}

impl fmt::Display for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::Null => Ok(()),
            Self::Odd(Odd::Text(bytes) | Odd::Blob(bytes)) => {
                f.write_str(&String::from_utf8_lossy(bytes))
            }
            Self::Odd(Odd::Real(bits)) => write!(f, "{}", real(*bits)),
        }
    }
}

impl From<i64> for Val {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Val {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

impl From<String> for Val {
    /// Text of people may hold a NUL, which Postgres does not take. This is where all text passes.
    fn from(value: String) -> Self {
        if value.contains('\0') {
            Self::Text(value.replace('\0', "\u{fffd}"))
        } else {
            Self::Text(value)
        }
    }
}

impl<T: Into<Self>> From<Option<T>> for Val {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl ToSql for Val {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Null => ValueRef::Null,
            Self::Odd(Odd::Text(bytes)) => ValueRef::Text(bytes),
            Self::Odd(Odd::Blob(bytes)) => ValueRef::Blob(bytes),
            Self::Odd(Odd::Real(bits)) => ValueRef::Real(real(*bits)),
        }))
    }
}

/// A row: its values in the order of the statement.
pub(super) type Row = Vec<Val>;

/// An open database.
#[derive(Debug, Clone)]
pub(super) enum Engine {
    Sqlite(Arc<Mutex<Connection>>),
    Postgres(Arc<Mutex<Link>>),
}

impl Engine {
    /// Opens, or makes, the SQLite database in this file.
    pub(super) fn sqlite(path: &Path) -> Result<Self, StoreError> {
        Self::prepare(Connection::open(path)?)
    }

    /// A SQLite database in memory.
    pub(super) fn memory() -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        // Every commit copies the pages that it changed; the databases of rehearsals are small.
        connection.pragma_update(None, "page_size", 1024)?;
        Self::prepare(connection)
    }

    /// The Postgres database at this URL.
    pub(super) fn postgres(url: &str) -> Result<Self, StoreError> {
        Ok(Self::Postgres(Arc::new(Mutex::new(Link::new(url)?))))
    }

    /// The same database by a way of its own, if it can be reached by more than one.
    pub(super) async fn apart(&self) -> Self {
        match self {
            Self::Sqlite(_) => self.clone(),
            Self::Postgres(link) => {
                Self::Postgres(Arc::new(Mutex::new(link.lock().await.another())))
            }
        }
    }

    /// Whether several processes may work with this database.
    pub(super) const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    fn prepare(connection: Connection) -> Result<Self, StoreError> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        // What a statement or a part of a unit changed, until it is kept: a batch's worth of pages.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        // Else a statement is compiled anew whenever a parameter has changed that might change its
        // plan: a third of the time of a busy bot.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        Ok(Self::Sqlite(Arc::new(Mutex::new(connection))))
    }

    /// Carries the write-ahead log over into the file, as far as nobody is in the way.
    pub(super) async fn checkpoint(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => {
                let connection = connection.lock().await;
                Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
            }
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Starts a unit of work. Dropped without a commit, it changes nothing.
    pub(super) async fn begin(&self) -> Result<Unit, StoreError> {
        match self {
            Self::Sqlite(connection) => {
                let connection = Arc::clone(connection).lock_owned().await;
                connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
                Ok(Unit::Sqlite(LiteUnit { connection, open: true }))
            }
            Self::Postgres(link) => PgUnit::begin(link).await.map(Unit::Postgres),
        }
    }
}

/// Whether SQLite may well take the same again in a while: the disk is full or fails, or another
/// process holds the database.
pub(super) fn is_transient(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{
        DatabaseBusy, DatabaseLocked, DiskFull, FileLockingProtocolFailed, SystemIoFailure,
    };
    is_about_access(error)
        || matches!(
            error.sqlite_error_code(),
            Some(
                DatabaseBusy
                    | DatabaseLocked
                    | DiskFull
                    | FileLockingProtocolFailed
                    | SystemIoFailure
            )
        )
}

/// Whether the file cannot be opened or written at all.
pub(super) fn is_about_access(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, ReadOnly};
    matches!(error.sqlite_error_code(), Some(CannotOpen | ReadOnly))
}

/// A unit of work.
#[derive(Debug)]
pub(super) enum Unit {
    Sqlite(LiteUnit),
    Postgres(PgUnit),
}

impl Unit {
    /// Runs a statement and gives its rows.
    pub(super) async fn rows(
        &mut self,
        sql: &'static str,
        values: &[Val],
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(LiteUnit { connection, .. }) => {
                let mut statement = connection.prepare_cached(sql)?;
                let width = statement.column_count();
                let rows = statement.query_map(params_from_iter(values), |row| {
                    (0..width)
                        .map(|index| {
                            Ok(match row.get_ref(index)? {
                                ValueRef::Integer(value) => Val::Int(value),
                                ValueRef::Null => Val::Null,
                                ValueRef::Text(bytes) => match str::from_utf8(bytes) {
                                    Ok(text) => Val::Text(text.to_owned()),
                                    Err(_) => Val::Odd(Odd::Text(bytes.to_owned())),
                                },
                                ValueRef::Blob(bytes) => Val::Odd(Odd::Blob(bytes.to_owned())),
                                ValueRef::Real(value) => Val::Odd(Odd::Real(value.to_bits())),
                            })
                        })
                        .collect()
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            }
            Self::Postgres(unit) => unit.rows(sql, values).await,
        }
    }

    /// Runs a statement and tells how many rows it changed.
    pub(super) async fn execute(
        &mut self,
        sql: &'static str,
        values: &[Val],
    ) -> Result<usize, StoreError> {
        match self {
            Self::Sqlite(LiteUnit { connection, .. }) => {
                Ok(connection.prepare_cached(sql)?.execute(params_from_iter(values))?)
            }
            Self::Postgres(unit) => unit.execute(sql, values).await,
        }
    }

    /// Runs several statements without parameters.
    pub(super) async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(LiteUnit { connection, .. }) => Ok(connection.execute_batch(sql)?),
            Self::Postgres(unit) => unit.script(sql).await,
        }
    }

    /// Makes everything of this unit durable.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(unit) => unit.commit(),
            Self::Postgres(unit) => unit.commit().await,
        }
    }
}

/// A unit of work of SQLite.
#[derive(Debug)]
pub(super) struct LiteUnit {
    connection: OwnedMutexGuard<Connection>,
    open: bool,
}

impl LiteUnit {
    fn commit(mut self) -> Result<(), StoreError> {
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        self.open = false;
        Ok(())
    }
}

impl Drop for LiteUnit {
    fn drop(&mut self) {
        // SQLite takes a unit back by itself when the disk is full or fails.
        if self.open
            && !self.connection.is_autocommit()
            && let Err(error) = self
                .connection
                .prepare_cached("ROLLBACK")
                .and_then(|mut statement| statement.execute([]))
        {
            tracing::error!(%error, "a unit of work could not be rolled back");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_fails_the_unit_alone_and_passes() {
        let engine = Engine::memory().unwrap();
        let Engine::Sqlite(connection) = &engine else { unreachable!() };
        let pages = |most: u32| {
            let connection = connection.try_lock().unwrap();
            let sql = format!("PRAGMA max_page_count = {most}");
            connection.query_row(&sql, [], |row| row.get::<_, u32>(0)).unwrap();
        };
        let mut unit = engine.begin().await.unwrap();
        unit.script("CREATE TABLE t (x TEXT)").await.unwrap();
        unit.commit().await.unwrap();
        let insert = "INSERT INTO t VALUES ($1)";
        let text = [Val::from("x".repeat(100_000))];
        pages(20);
        let mut unit = engine.begin().await.unwrap();
        let error = unit.execute(insert, &text).await.unwrap_err();
        assert!(error.is_transient() && !error.is_about_access(), "{error:?}");
        drop(unit);
        pages(1000);
        let mut unit = engine.begin().await.unwrap();
        assert_eq!(unit.rows("SELECT 1 FROM t", &[]).await.unwrap().len(), 0);
        unit.execute(insert, &text).await.unwrap();
        unit.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_database_that_another_holds_passes_and_one_that_cannot_be_opened_is_a_setting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bot.db");
        let engine = Engine::sqlite(&path).unwrap();
        let Engine::Sqlite(connection) = &engine else { unreachable!() };
        connection.try_lock().unwrap().busy_timeout(std::time::Duration::ZERO).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = engine.begin().await.unwrap_err();
        assert!(error.is_transient() && !error.is_about_access(), "{error:?}");
        other.execute_batch("ROLLBACK").unwrap();
        engine.begin().await.unwrap();
        let error = Engine::sqlite(&folder.path().join("none/bot.db")).unwrap_err();
        assert!(error.is_transient() && error.is_about_access(), "{error:?}");
    }
}
