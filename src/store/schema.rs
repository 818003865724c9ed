//! The migrations in order, each applied once and recorded.

use crate::store::{StoreError, engine::Unit};

/// Every migration, oldest first. One that was released is never edited.
const MIGRATIONS: &[&str] =
    &[include_str!("migrations/0001_start.sql"), include_str!("migrations/0002_polls.sql")];

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
