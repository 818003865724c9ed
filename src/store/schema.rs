//! The migrations in order, each applied once and recorded.

use crate::store::{StoreError, engine::Unit};

/// Every migration, oldest first. One that was released is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_polls.sql"),
    include_str!("migrations/0003_indices.sql"),
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
        unit.script(migration).await?;
        unit.execute("INSERT INTO migration (version) VALUES ($1)", &[version.into()]).await?;
    }
    Ok(())
}

/// Removes every row of every table.
const EMPTY: [&str; 18] = [
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
];

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
        let text = MIGRATIONS.concat();
        let made = text.split("CREATE TABLE ").skip(1);
        let made = made.filter_map(|rest| rest.split_whitespace().next());
        let emptied: Vec<String> = made.map(|table| format!("DELETE FROM {table}")).collect();
        assert_eq!(emptied, EMPTY);
    }
}
