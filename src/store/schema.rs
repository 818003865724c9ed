//! The migrations in order, each applied once and recorded.

use crate::store::{StoreError, engine::Unit};

/// A step from one schema to the next.
struct Migration {
    /// For every engine.
    both: &'static str,
    /// What Postgres needs after it, so that the statements can be the same text.
    postgres: &'static str,
}

/// Every migration, oldest first. One that was released is never edited.
const MIGRATIONS: &[Migration] = &[
    Migration {
        both: include_str!("migrations/0001_start.sql"),
        postgres: include_str!("migrations/0001_start.postgres.sql"),
    },
    Migration { both: include_str!("migrations/0002_polls.sql"), postgres: "" },
    Migration { both: include_str!("migrations/0003_indices.sql"), postgres: "" },
    Migration { both: include_str!("migrations/0004_doubt.sql"), postgres: "" },
];

/// Brings the database to the newest schema. Refuses one that is newer than this program.
pub(super) async fn migrate(unit: &mut Unit) -> Result<(), StoreError> {
    unit.script("CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY NOT NULL)")
        .await?;
    let done = unit.rows("SELECT version FROM migration", &[]).await?.len();
    if done > MIGRATIONS.len() {
        return Err(StoreError::TooNew { found: done, known: MIGRATIONS.len() });
    }
    for (version, migration) in (1_i64..).zip(MIGRATIONS).skip(done) {
        unit.script(migration.both).await?;
        match unit {
            Unit::Sqlite(_) => {}
            Unit::Postgres(_) => unit.script(migration.postgres).await?,
        }
        unit.execute("INSERT INTO migration (version) VALUES ($1)", &[version.into()]).await?;
    }
    Ok(())
}

/// Empties every table that holds something; a test notices one that is forgotten.
const EMPTY: [&str; 23] = [
    "DELETE FROM meta",
    "DELETE FROM inbox",
    "DELETE FROM invoice",
    "DELETE FROM fact",
    "DELETE FROM trace",
    "DELETE FROM told",
    "DELETE FROM poll",
    "DELETE FROM about",
    "DELETE FROM link",
    "DELETE FROM transfer_hint",
    "DELETE FROM receipt",
    "DELETE FROM effect",
    "DELETE FROM person",
    "DELETE FROM place",
    "DELETE FROM settings",
    "DELETE FROM spent",
    "DELETE FROM request",
    "DELETE FROM quarantine",
    "DELETE FROM opened",
    "DELETE FROM stranger",
    "DELETE FROM untold",
    "DELETE FROM unreadable",
    "DELETE FROM wish",
];

/// Every column that holds a number, as `table.column`.
#[cfg(test)]
pub(super) fn numbers() -> Vec<String> {
    let text: String = MIGRATIONS.iter().map(|migration| migration.both).collect();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("--"));
    let mut table = String::new();
    let mut numbers = Vec::new();
    for line in lines {
        let words: Vec<&str> =
            line.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).collect();
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            ["CREATE" | "ALTER", "TABLE", name, rest @ ..] => {
                (*name).clone_into(&mut table);
                if let ["ADD", "COLUMN", column, "BIGINT", ..] = rest {
                    numbers.push(format!("{table}.{column}"));
                }
            }
            [column, "BIGINT", ..] => numbers.push(format!("{table}.{column}")),
            _ => {}
        }
    }
    numbers
}

/// Removes everything that is kept.
pub(super) async fn empty(unit: &mut Unit) -> Result<(), StoreError> {
    for sql in EMPTY {
        unit.execute(sql, &[]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_is_forgotten() {
        let text: String = MIGRATIONS.iter().map(|migration| migration.both).collect();
        let made = text.split("CREATE TABLE ").skip(1);
        let made = made.filter_map(|rest| rest.split_whitespace().next());
        let emptied: Vec<String> = made.map(|table| format!("DELETE FROM {table}")).collect();
        assert_eq!(emptied, EMPTY);
    }
}
