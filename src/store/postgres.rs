//! Postgres: one connection, made again when it is lost, and units of work that come one at a time.

use crate::store::{
    StoreError,
    engine::{Row, Val},
};
use futures::FutureExt;
use sqlx::{
    Column, ConnectOptions, Connection, PgConnection, Row as _, TypeInfo,
    postgres::{PgConnectOptions, PgRow, PgSslMode},
};
use std::{fmt, net::IpAddr, str::FromStr, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::{Instant, sleep, timeout},
};
use url::Url;

/// How long a unit of work waits for a database that cannot be reached before it fails.
const OUTAGE_MAX: Duration = Duration::from_secs(5);
/// How often it is tried again meanwhile.
const AGAIN: Duration = Duration::from_millis(200);
/// How long the database may take for one answer. Longer than it waits for the writers' lock.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// Prepared statements that are kept.
const STATEMENTS_KEPT: usize = 128;

/// What every connection is told first. A process that stands still within a unit of work must
/// not keep the writers' lock: the database ends such a unit, well before a lease runs out.
const SESSION: &str = "SET lock_timeout = '10s'; \
                       SET idle_in_transaction_session_timeout = '3s'; \
                       SET client_min_messages = warning";
/// Units of work come one after the other, whichever process they are of, as in SQLite: what one
/// reads nobody changes before it ends. The isolation is named because what is read after the
/// lock must be what the last holder of the lock left. The number says "mixpay" in ASCII.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
                     SELECT pg_advisory_xact_lock(120299759624569)";

/// The way to a database.
pub(super) struct Link {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
}

/// The options hold a password.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("connection", &self.connection).finish_non_exhaustive()
    }
}

impl Link {
    /// The way to the database at `url`; nothing is connected yet.
    pub(super) fn new(url: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?
            .statement_cache_capacity(STATEMENTS_KEPT)
            .application_name("mixpay-bot")
            .disable_statement_logging();
        // Elsewhere than on this machine nothing travels in plain text unless the URL says so.
        let options = if is_near(&options) || says_sslmode(url) {
            options
        } else {
            options.ssl_mode(PgSslMode::VerifyFull)
        };
        Ok(Self { options, connection: None })
    }

    /// Another way to the same database.
    pub(super) fn another(&self) -> Self {
        Self { options: self.options.clone(), connection: None }
    }

    async fn begin_once(&mut self) -> Result<(), StoreError> {
        let begun = async {
            let mut connection = match self.connection.take() {
                Some(connection) => connection,
                None => connect(&self.options).await?,
            };
            sqlx::raw_sql(BEGIN).execute(&mut connection).await?;
            self.connection = Some(connection);
            Ok(())
        };
        timeout(ANSWER_MAX, begun).await.map_err(|_| StoreError::Silent)?
    }
}

/// Whether the database is on this machine.
fn is_near(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || address.is_ok_and(|address| address.is_loopback())
}

fn says_sslmode(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.query_pairs().any(|(name, _)| name == "sslmode"))
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::raw_sql(SESSION).execute(&mut connection).await?;
    Ok(connection)
}

/// A unit of work.
#[derive(Debug)]
pub(super) struct PgUnit {
    link: OwnedMutexGuard<Link>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// All went well so far.
    Open,
    /// A statement is under way, or failed: Postgres takes none but a rollback now.
    Broken,
    /// It is committed.
    Done,
}

impl PgUnit {
    /// Starts a unit of work. A connection that was lost is made again.
    pub(super) async fn begin(link: &Arc<Mutex<Link>>) -> Result<Self, StoreError> {
        let mut link = Arc::clone(link).lock_owned().await;
        let until = Instant::now() + OUTAGE_MAX;
        loop {
            match link.begin_once().await {
                Ok(()) => return Ok(Self { link, state: State::Open }),
                Err(error) if error.is_transient() && Instant::now() < until => {
                    tracing::debug!("the database cannot be reached yet: {error}");
                    sleep(AGAIN).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Does something with the connection. If it fails, or is dropped halfway, the unit is broken.
    async fn run<T>(
        &mut self,
        what: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> Result<T, StoreError> {
        let connection = self.link.connection.as_mut().ok_or(StoreError::Silent)?;
        self.state = State::Broken;
        let done = timeout(ANSWER_MAX, what(connection)).await;
        let done = done.map_err(|_| StoreError::Silent)??;
        self.state = State::Open;
        Ok(done)
    }

    /// Runs a statement and gives its rows.
    pub(super) async fn rows(
        &mut self,
        sql: &'static str,
        values: &[Val],
    ) -> Result<Vec<Row>, StoreError> {
        let rows =
            self.run(async |connection| bound(sql, values).fetch_all(connection).await).await?;
        rows.iter().map(|row| Ok(read(row)?)).collect()
    }

    /// Runs a statement and tells how many rows it changed.
    pub(super) async fn execute(
        &mut self,
        sql: &'static str,
        values: &[Val],
    ) -> Result<usize, StoreError> {
        let done =
            self.run(async |connection| bound(sql, values).execute(connection).await).await?;
        Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
    }

    /// Runs several statements without parameters.
    pub(super) async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.run(async |connection| sqlx::raw_sql(sql).execute(connection).await).await.map(drop)
    }

    /// Makes everything of this unit durable. Postgres would take a COMMIT after an error for a
    /// ROLLBACK and call it a success, so a broken unit is refused here.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        if self.state != State::Open {
            return Err(StoreError::Broken);
        }
        self.script("COMMIT").await?;
        self.state = State::Done;
        Ok(())
    }
}

impl Drop for PgUnit {
    fn drop(&mut self) {
        match self.state {
            State::Done => {}
            // What the connection is in the middle of nobody knows; the database takes the unit
            // back when it is closed.
            State::Broken => self.link.connection = None,
            State::Open => {
                // The words are sent at once, so that others may have the lock; whoever uses the
                // connection next reads the answer first.
                if let Some(connection) = &mut self.link.connection {
                    let rollback = sqlx::raw_sql("ROLLBACK").execute(connection);
                    if let Some(Err(error)) = tokio::task::unconstrained(rollback).now_or_never() {
                        tracing::warn!(%error, "a unit of work could not be rolled back");
                        self.link.connection = None;
                    }
                }
            }
        }
    }
}

type Query = sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments>;

fn bound(sql: &'static str, values: &[Val]) -> Query {
    values.iter().fold(sqlx::query(sql), |query, value| match value {
        Val::Int(value) => query.bind(*value),
        Val::Text(value) => query.bind(value.as_str()),
        Val::Odd(_) => query.bind(value.to_string()),
        // Whatever may be missing is text.
        Val::Null => query.bind(None::<&str>),
    })
}

fn read(row: &PgRow) -> sqlx::Result<Row> {
    let value = |column: &<sqlx::Postgres as sqlx::Database>::Column| {
        let at = column.ordinal();
        Ok(match column.type_info().name() {
            "INT8" => row.try_get::<Option<i64>, _>(at)?.map_or(Val::Null, Val::Int),
            "INT4" => row.try_get::<Option<i32>, _>(at)?.map_or(Val::Null, |v| i64::from(v).into()),
            _ => row.try_get::<Option<String>, _>(at)?.map_or(Val::Null, Val::Text),
        })
    };
    row.columns().iter().map(value).collect()
}

/// Whether the database may well take the same again in a while: it restarts, another machine
/// takes over for it, its disk is full, somebody held a lock for too long.
pub(super) fn is_transient(error: &sqlx::Error) -> bool {
    use sqlx::Error::{Io, Protocol, Tls};
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(error, Io(_) | Tls(_) | Protocol(_))
        || code.is_some_and(|code| {
            // Classes: connection, rollback, resources, operator. Then: idle in a transaction,
            // read-only (a copy that is about to take over), lock not available.
            ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class))
                || ["25P03", "25006", "55P03"].contains(&&*code)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_elsewhere_is_reached_by_tls_that_checks_who_answers() {
        use PgSslMode::{Disable, Prefer, Require, VerifyFull};
        for (url, expected) in [
            ("postgres://bob@db.example/bot", VerifyFull),
            ("postgres://bob:sslmode=disable@10.0.0.1/bot", VerifyFull),
            ("postgres://bob@localhost.example/bot", VerifyFull),
            ("postgres://bob@db.example/bot?sslmode=require", Require),
            ("postgres://bob@db.example/bot?sslmode=disable", Disable),
            ("postgres://bob@localhost/bot", Prefer),
            ("postgres://bob@127.0.0.1/bot", Prefer),
            ("postgres://bob@[::1]:5433/bot", Prefer),
            ("postgres://bob@localhost/bot?host=/var/run/postgresql", Prefer),
        ] {
            let mode = Link::new(url).unwrap().options.get_ssl_mode();
            assert_eq!(format!("{mode:?}"), format!("{expected:?}"), "{url}");
        }
    }

    #[test]
    fn what_a_link_shows_of_itself_is_no_password() {
        let link = Link::new("postgres://bob:hunter2@db.example/bot").unwrap();
        assert!(!format!("{link:?}").contains("hunter2"));
    }
}
