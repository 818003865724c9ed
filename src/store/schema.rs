//! The migrations in order, each applied once and recorded.

use crate::store::{StoreError, engine::Unit};

/// Every migration, oldest first. One that was released is never edited.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_start.sql")];

/// Brings the database to the newest schema. Refuses one that is newer than this program.
pub(super) async fn migrate(unit: &mut Unit) -> Result<(), StoreError> {
    unit.script("CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY NOT NULL)")
        .await?;
    let done = unit.rows("SELECT version FROM migration", &[]).await?.len();
    if done > MIGRATIONS.len() {
        return Err(StoreError::TooNew { found: done, known: MIGRATIONS.len() });
    }
    for (version, migration) in (1_i64..).zip(MIGRATIONS).skip(done) {
        unit.script(migration).await?;
        unit.execute("INSERT INTO migration (version) VALUES ($1)", &[version.into()]).await?;
    }
    Ok(())
}

/// Every table that holds something, so that a test notices one that is forgotten.
const TABLES: [&str; 18] = [
    "meta",
    "inbox",
    "invoice",
    "fact",
    "trace",
    "told",
    "poll",
    "about",
    "link",
    "transfer_hint",
    "receipt",
    "effect",
    "person",
    "place",
    "settings",
    "spent",
    "request",
    "quarantine",
];

/// Removes every row.
pub(super) async fn empty(unit: &mut Unit) -> Result<(), StoreError> {
    for table in TABLES {
        unit.execute(&format!("DELETE FROM {table}"), &[]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_is_forgotten() {
        let text = MIGRATIONS.concat();
        let made = text.split("CREATE TABLE ").skip(1);
        let made: Vec<&str> = made.filter_map(|rest| rest.split_whitespace().next()).collect();
        assert_eq!(made, TABLES);
    }
}
