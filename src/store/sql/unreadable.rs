//! Rows that cannot be read: set aside one by one, so that none of them stops the others.
//!
//! Whoever reads a row that cannot be read notes it down ([`Findings`]) and goes on: a list without
//! it, a choice or a remembered thing as if it had never been made. An invoice is never worked with
//! unless all of it can be read; the unit of work that met it fails, and changes nothing. Whoever
//! begins the next unit first makes durable what was noted ([`crate::store::Store::begin`]).

use crate::store::{
    Columns, Row, StoreError, Tx, Val, codec, corrupt,
    engine::{Odd, Unit},
    micros,
};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows that are remembered until they are set aside; what is more is found again.
const FINDINGS_MAX: usize = 1024;
/// As much of a reason is kept.
const REASON_CHARS_MAX: usize = 200;
/// Rows of one table that are set aside at once when no single one can be named.
const SCRUB_MAX: i64 = 1000;

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Finding {
    table: &'static str,
    key: Val,
    reason: String,
}

/// What was found since the last unit of work began.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Findings(Arc<Mutex<Vec<Finding>>>);

impl Findings {
    pub(in crate::store) fn take(&self) -> Vec<Finding> {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *found)
    }

    fn add(&self, finding: Finding) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |one: &Finding| one.table == finding.table && one.key == finding.key;
        if found.len() < FINDINGS_MAX && !found.iter().any(known) {
            found.push(finding);
        }
    }
}

/// How a row that was set aside comes back.
#[derive(Debug, Clone, Copy)]
enum Back {
    /// It is where it was, and is looked at again because of this statement, which gets its key.
    ByKey(&'static str),
    /// It was taken away, and is written again by this statement, which gets all its columns.
    Whole(&'static str),
    /// It was never away, or mends itself.
    Nothing,
}

/// How a row of one table is set aside.
struct Rule {
    table: &'static str,
    /// Whether its key is a number.
    numbered: bool,
    /// Reads the row by its key, for the operator and for putting it back.
    whole: &'static str,
    /// Takes it out of the way of others.
    aside: &'static [&'static str],
    back: Back,
}

/// Everything that is read from rows. What was paid, asked for and told stays where it is: it is
/// only no longer looked at. What people chose and what was remembered is taken away.
const RULES: &[Rule] = &[
    Rule {
        table: "effect",
        numbered: true,
        whole: "SELECT seq, id, lane, kind, body FROM effect WHERE seq = $1",
        aside: &["UPDATE effect SET parked = 1, due = 0, since = 0 WHERE seq = $1"],
        back: Back::ByKey("UPDATE effect SET parked = 0, attempts = 0 WHERE seq = $1"),
    },
    Rule {
        table: "invoice",
        numbered: false,
        whole: "SELECT id, body FROM invoice WHERE id = $1",
        aside: &["DELETE FROM poll WHERE invoice = $1"],
        back: Back::ByKey(
            "INSERT INTO poll (invoice, due, urgency, wanted, hinted, person) \
             SELECT id, 0, 0, 1, 0, creator FROM invoice WHERE id = $1 ON CONFLICT DO NOTHING",
        ),
    },
    Rule {
        table: "link",
        numbered: false,
        whole: "SELECT code, creator, body, created_at FROM link WHERE code = $1",
        aside: &[],
        back: Back::Nothing,
    },
    Rule {
        table: "receipt",
        numbered: false,
        whole: "SELECT snapshot, kind, code, asset, amount, at FROM receipt WHERE snapshot = $1",
        aside: &[],
        back: Back::Nothing,
    },
    // When to ask is worked out anew by asking: no invoice that may be paid is left without.
    Rule {
        table: "poll",
        numbered: false,
        whole: "SELECT invoice, due, urgency, wanted, hinted FROM poll WHERE invoice = $1",
        aside: &[
            "DELETE FROM poll WHERE invoice = $1",
            "INSERT INTO poll (invoice, due, urgency, wanted, hinted) \
             SELECT id, 0, 10, 0, 0 FROM invoice \
             WHERE state IN ('open', 'partial', 'processing', 'review') AND NOT EXISTS \
             (SELECT 1 FROM poll WHERE poll.invoice = invoice.id) AND NOT EXISTS \
             (SELECT 1 FROM unreadable WHERE place = 'invoice' AND key = invoice.id)",
        ],
        back: Back::Nothing,
    },
    Rule {
        table: "person",
        numbered: false,
        whole: "SELECT id, number, name, is_bot FROM person WHERE id = $1",
        aside: &["DELETE FROM person WHERE id = $1"],
        back: Back::Whole(
            "INSERT INTO person (id, number, name, is_bot) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        ),
    },
    Rule {
        table: "place",
        numbered: false,
        whole: "SELECT conversation, body, at FROM place WHERE conversation = $1",
        aside: &["DELETE FROM place WHERE conversation = $1"],
        back: Back::Whole(
            "INSERT INTO place (conversation, body, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        ),
    },
    Rule {
        table: "settings",
        numbered: false,
        whole: "SELECT owner, body FROM settings WHERE owner = $1",
        aside: &["DELETE FROM settings WHERE owner = $1"],
        back: Back::Whole(
            "INSERT INTO settings (owner, body) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        ),
    },
    Rule {
        table: "meta",
        numbered: false,
        whole: "SELECT key, value FROM meta WHERE key = $1",
        // Without the secret everything would be told again.
        aside: &["DELETE FROM meta WHERE key = $1 AND key NOT IN ('secret', 'lease')"],
        back: Back::Whole("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING"),
    },
    Rule {
        table: "about",
        numbered: false,
        whole: "SELECT message, code, at FROM about WHERE message = $1",
        aside: &["DELETE FROM about WHERE message = $1"],
        back: Back::Whole(
            "INSERT INTO about (message, code, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        ),
    },
    Rule {
        table: "transfer_hint",
        numbered: false,
        whole: "SELECT snapshot, at FROM transfer_hint WHERE snapshot = $1",
        aside: &["DELETE FROM transfer_hint WHERE snapshot = $1"],
        back: Back::Whole(
            "INSERT INTO transfer_hint (snapshot, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        ),
    },
    Rule {
        table: "request",
        numbered: true,
        whole: "SELECT at, kind FROM request WHERE at = $1",
        aside: &["DELETE FROM request WHERE at = $1"],
        back: Back::Nothing,
    },
];

/// In SQLite a column takes what it is given. Rows with something else than a number where one
/// belongs are not found by comparing, and are looked for like this when an overview meets one.
const SCRUBS: &[(&str, &str)] = &[
    (
        "effect",
        "SELECT seq FROM effect WHERE typeof(due) <> 'integer' OR typeof(attempts) <> 'integer' \
         OR typeof(parked) <> 'integer' OR typeof(since) <> 'integer' LIMIT $1",
    ),
    (
        "poll",
        "SELECT invoice FROM poll WHERE typeof(due) <> 'integer' OR typeof(urgency) <> 'integer' \
         OR typeof(wanted) <> 'integer' OR typeof(hinted) <> 'integer' LIMIT $1",
    ),
    ("request", "SELECT at FROM request WHERE typeof(at) <> 'integer' LIMIT $1"),
];

/// A row that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The table that it is, or was, in.
    pub table: String,
    /// Its key there.
    pub key: String,
    /// Why it cannot be read.
    pub reason: String,
    /// The row, as a JSON array.
    pub body: String,
}

impl Unreadable {
    /// What it is called by the operator: `TABLE/KEY`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.table, self.key)
    }
}

/// How much is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Aside {
    /// Rows that cannot be read.
    pub rows: i64,
    /// Messages that could not be handled.
    pub messages: i64,
    /// Of both those that the operators were not told of.
    pub untold: i64,
    /// When the operators were last told of any.
    pub told: Option<Timestamp>,
}

/// What became of a row that was asked back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is looked at again.
    Back,
    /// It was not away: when it can be read, it is.
    WasThere,
    /// Nothing of that name was set aside.
    Unknown,
}

fn unreadable(row: Row) -> Result<Unreadable, StoreError> {
    let mut columns = Columns::of("unreadable", row);
    Ok(Unreadable {
        table: columns.text()?,
        key: columns.text()?,
        reason: columns.text()?,
        body: columns.text()?,
    })
}

/// A row as a JSON array.
fn as_json(row: &[Val]) -> Result<String, StoreError> {
    let value = |value: &Val| match value {
        Val::Int(value) => serde_json::Value::from(*value),
        Val::Null => serde_json::Value::Null,
        Val::Text(_) | Val::Odd(Odd::Text(_) | Odd::Blob(_) | Odd::Real(_)) => {
            serde_json::Value::from(value.to_string())
        }
    };
    codec::write(&row.iter().map(value).collect::<Vec<_>>()).map_err(StoreError::Unwritable)
}

/// A row from its JSON array.
fn from_json(body: &str) -> Option<Vec<Val>> {
    let values: Vec<serde_json::Value> = codec::read(body).ok()?;
    let value = |value: serde_json::Value| match value {
        serde_json::Value::Number(number) => number.as_i64().map(Val::Int),
        serde_json::Value::String(text) => Some(Val::from(text)),
        serde_json::Value::Null => Some(Val::Null),
        serde_json::Value::Bool(_) | serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            None
        }
    };
    values.into_iter().map(value).collect()
}

fn rule(table: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.table == table)
}

impl Rule {
    /// The key from its text.
    fn key(&self, text: &str) -> Val {
        match text.parse::<i64>() {
            Ok(number) if self.numbered => number.into(),
            Ok(_) | Err(_) => text.into(),
        }
    }
}

impl Tx {
    /// The rows of a list that can be read, in their order; for those that cannot the next come up.
    pub(in crate::store) async fn list<T>(
        &mut self,
        sql: &'static str,
        values: &[Val],
        read: impl Fn(Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut met: Vec<Val> = Vec::new();
        loop {
            let (mut list, before) = (Vec::new(), met.len());
            for row in self.rows(sql, values).await? {
                let key = row.first().cloned().unwrap_or(Val::Null);
                match read(row) {
                    Ok(value) => list.push(value),
                    Err(error) if error.is_unreadable() => {
                        if !met.contains(&key) {
                            self.found(&key, &error).await?;
                            met.push(key);
                        }
                    }
                    Err(error) => return Err(error),
                }
            }
            if met.len() == before {
                return Ok(list);
            }
        }
    }

    /// A row that may be missing, and is if it cannot be read.
    pub(in crate::store) async fn option<T>(
        &mut self,
        row: Option<Row>,
        read: impl FnOnce(Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match self.whole(row, read).await {
            Err(error) if error.is_unreadable() => Ok(None),
            done => done,
        }
    }

    /// A row that the unit of work cannot go without: if it cannot be read, that is the error.
    pub(in crate::store) async fn whole<T>(
        &mut self,
        row: Option<Row>,
        read: impl FnOnce(Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let Some(row) = row else { return Ok(None) };
        let key = row.first().cloned().unwrap_or(Val::Null);
        match read(row) {
            Err(error) if error.is_unreadable() => {
                self.found(&key, &error).await?;
                Err(error)
            }
            done => done.map(Some),
        }
    }

    /// What an overview over a table comes to. Whatever it meets that is no number is set aside,
    /// and the overview is made again.
    pub(in crate::store) async fn overview<T>(
        &mut self,
        table: &'static str,
        sql: &'static str,
        values: &[Val],
        read: impl Fn(Columns) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        loop {
            let row = self.row(sql, values).await?.unwrap_or_default();
            match read(Columns::of(table, row)) {
                Err(error) if error.is_unreadable() => {
                    if self.scrub(table, &error).await? == 0 {
                        return Err(error);
                    }
                }
                done => return done,
            }
        }
    }

    /// Looks for rows that no comparison finds, and sets them aside.
    pub async fn set_strange_rows_aside(&mut self) -> Result<(), StoreError> {
        for (table, _) in SCRUBS {
            self.scrub(table, &corrupt(table, "", "a column is not a number")).await?;
        }
        Ok(())
    }

    /// Sets the rows of a table aside that have no number where one belongs; how many there were.
    async fn scrub(&mut self, table: &str, error: &StoreError) -> Result<usize, StoreError> {
        match self.unit {
            // Postgres takes nothing else than what a column is for.
            Unit::Postgres(_) => return Ok(0),
            Unit::Sqlite(_) => {}
        }
        let Some((table, sql)) = SCRUBS.iter().find(|(of, _)| *of == table) else { return Ok(0) };
        let mut found = 0;
        for row in self.rows(sql, &[SCRUB_MAX.into()]).await? {
            let key = row.into_iter().next().unwrap_or(Val::Null);
            self.note(table, &key, error).await?;
            found += 1;
        }
        Ok(found)
    }

    /// Sets the row of this key aside, of the table that the error names; here, and for good when
    /// the next unit of work begins.
    async fn found(&mut self, key: &Val, error: &StoreError) -> Result<(), StoreError> {
        let StoreError::Corrupt { table, .. } = error else { return Ok(()) };
        self.note(table, key, error).await
    }

    /// Sets an invoice aside of which a fact cannot be read: without it, it might be told wrongly.
    pub(in crate::store) async fn found_in_invoice(
        &mut self,
        invoice: &Val,
        error: &StoreError,
    ) -> Result<(), StoreError> {
        self.note("invoice", invoice, error).await
    }

    async fn note(
        &mut self,
        table: &'static str,
        key: &Val,
        error: &StoreError,
    ) -> Result<(), StoreError> {
        let reason = match error {
            StoreError::Corrupt { table: of, key, source } if *of != table => {
                format!("{of} {key}: {source}")
            }
            StoreError::Corrupt { source, .. } => source.to_string(),
            StoreError::Database(_)
            | StoreError::Postgres(_)
            | StoreError::Silent
            | StoreError::Broken
            | StoreError::Replaced
            | StoreError::Unwritable(_)
            | StoreError::TooNew { .. }
            | StoreError::Address { .. } => error.to_string(),
        };
        let reason = reason.chars().take(REASON_CHARS_MAX).collect();
        let finding = Finding { table, key: key.clone(), reason };
        self.set_row_aside(&finding).await?;
        self.findings.add(finding);
        Ok(())
    }

    /// Makes what was found durable.
    pub(in crate::store) async fn set_all_aside(
        &mut self,
        found: &[Finding],
    ) -> Result<(), StoreError> {
        for finding in found {
            self.set_row_aside(finding).await?;
        }
        Ok(())
    }

    async fn set_row_aside(&mut self, finding: &Finding) -> Result<(), StoreError> {
        let Finding { table, key, reason } = finding;
        let Some(rule) = rule(table) else { return Ok(()) };
        let row = self.row(rule.whole, std::slice::from_ref(key)).await?;
        let body = as_json(row.as_deref().unwrap_or_default())?;
        if self.keep_unreadable(table, &key.to_string(), reason, &body).await? {
            tracing::error!(table, %key, reason, "row {key} of {table} cannot be read: set aside");
        }
        for sql in rule.aside {
            let values = if sql.contains("$1") { std::slice::from_ref(key) } else { &[] };
            self.execute(sql, values).await?;
        }
        self.added = crate::store::Added::ALL;
        Ok(())
    }

    async fn keep_unreadable(
        &mut self,
        table: &str,
        key: &str,
        reason: &str,
        body: &str,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO unreadable (place, key, reason, body, told) \
                   VALUES ($1, $2, $3, $4, 0) ON CONFLICT DO NOTHING";
        let values = [table.into(), key.into(), reason.into(), body.into()];
        Ok(self.execute(sql, &values).await? > 0)
    }

    /// Sets an effect aside that cannot be performed, as what it is about cannot be read.
    pub async fn set_effect_aside(&mut self, seq: i64, reason: &str) -> Result<(), StoreError> {
        let reason = reason.chars().take(REASON_CHARS_MAX).collect();
        self.set_row_aside(&Finding { table: "effect", key: seq.into(), reason }).await
    }

    /// Sets a transfer aside that belongs to something that cannot be read. Put back, it is read
    /// back from the wallet again.
    pub async fn set_transfer_aside(
        &mut self,
        snapshot: crate::domain::ids::SnapshotId,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let key = snapshot.to_string();
        let body = as_json(&[key.as_str().into(), micros(at).into()])?;
        let reason: String = reason.chars().take(REASON_CHARS_MAX).collect();
        self.keep_unreadable("transfer_hint", &key, &reason, &body).await?;
        self.forget_transfer(snapshot).await
    }

    /// Rows that were set aside, by their names.
    pub async fn unreadable(&mut self, limit: u32) -> Result<Vec<Unreadable>, StoreError> {
        let sql = "SELECT place, key, reason, body FROM unreadable ORDER BY place, key LIMIT $1";
        self.rows(sql, &[i64::from(limit).into()]).await?.into_iter().map(unreadable).collect()
    }

    /// Rows and messages that the operators were not told of: what each is called, and why it was
    /// set aside.
    pub async fn untold_aside(&mut self, limit: u32) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT place, key, reason FROM unreadable WHERE told = 0 \
                   UNION ALL SELECT 'message', message, reason FROM quarantine WHERE told = 0 \
                   LIMIT $1";
        let rows = self.rows(sql, &[i64::from(limit).into()]).await?;
        rows.into_iter()
            .map(|row| {
                let mut columns = Columns::of("unreadable", row);
                let (table, key) = (columns.text()?, columns.text()?);
                Ok((format!("{table}/{key}"), columns.text()?))
            })
            .collect()
    }

    /// The operators were told of everything that is set aside.
    pub async fn told_of_aside(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for sql in [
            "UPDATE unreadable SET told = $1 WHERE told = 0",
            "UPDATE quarantine SET told = $1 WHERE told = 0",
        ] {
            self.execute(sql, &[micros(now).into()]).await?;
        }
        Ok(())
    }

    /// How much is set aside.
    pub async fn aside(&mut self) -> Result<Aside, StoreError> {
        let mut aside = Aside::default();
        let mut told = 0;
        for (sql, are_rows) in [
            (
                "SELECT count(*), count(CASE WHEN told = 0 THEN 1 END), max(told) FROM unreadable",
                true,
            ),
            (
                "SELECT count(*), count(CASE WHEN told = 0 THEN 1 END), max(told) FROM quarantine",
                false,
            ),
        ] {
            let row = self.row(sql, &[]).await?.unwrap_or_default();
            let mut columns = Columns::of("unreadable", row);
            let count = columns.int()?;
            if are_rows {
                aside.rows = count;
            } else {
                aside.messages = count;
            }
            aside.untold = aside.untold.saturating_add(columns.int()?);
            told = told.max(columns.int_or_null()?.unwrap_or_default());
        }
        aside.told = (told > 0).then(|| crate::store::time(told));
        Ok(aside)
    }

    /// A row that was set aside is looked at again.
    pub async fn put_back(&mut self, name: &str) -> Result<Put, StoreError> {
        let Some((table, key)) = name.split_once('/') else { return Ok(Put::Unknown) };
        let sql = "SELECT place, key, reason, body FROM unreadable WHERE place = $1 AND key = $2";
        let row = self.row(sql, &[table.into(), key.into()]).await?;
        let (Some(row), Some(rule)) = (row, rule(table)) else { return Ok(Put::Unknown) };
        let kept = unreadable(row)?;
        self.forget_unreadable(name).await?;
        self.added = crate::store::Added::ALL;
        Ok(match rule.back {
            Back::Nothing => Put::WasThere,
            Back::ByKey(sql) => {
                self.execute(sql, &[rule.key(key)]).await?;
                Put::Back
            }
            Back::Whole(sql) => {
                let row = from_json(&kept.body).filter(|row| !row.is_empty());
                let Some(row) = row else { return Ok(Put::WasThere) };
                self.execute(sql, &row).await?;
                Put::Back
            }
        })
    }

    /// Nobody needs to be told any more that this row, or this message, was set aside; false if it
    /// was not.
    pub async fn forget_unreadable(&mut self, name: &str) -> Result<bool, StoreError> {
        let Some((table, key)) = name.split_once('/') else { return Ok(false) };
        let done = if table == "message" {
            self.execute("DELETE FROM quarantine WHERE message = $1", &[key.into()]).await?
        } else {
            let sql = "DELETE FROM unreadable WHERE place = $1 AND key = $2";
            self.execute(sql, &[table.into(), key.into()]).await?
        };
        Ok(done > 0)
    }

    /// Messages that could not be handled, and why, the newest first.
    pub async fn quarantined(&mut self, limit: u32) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT message, reason FROM quarantine ORDER BY at DESC, message LIMIT $1";
        let rows = self.rows(sql, &[i64::from(limit).into()]).await?;
        rows.into_iter()
            .map(|row| {
                let mut columns = Columns::of("quarantine", row);
                Ok((columns.text()?, columns.text()?))
            })
            .collect()
    }
}
