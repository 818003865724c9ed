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
const MIGRATIONS: &[Migration] = &[Migration {
    both: include_str!("migrations/0001_start.sql"),
    postgres: include_str!("migrations/0001_start.postgres.sql"),
}];

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
