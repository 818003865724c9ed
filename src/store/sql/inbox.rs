//! Which messages were handled, what was set aside, and single values.

use crate::{
    domain::ids::MessageId,
    store::{Columns, StoreError, Tx, json, micros},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Tx {
    /// Notes that these messages are handled; returns those that were not yet.
    pub async fn mark_seen(
        &mut self,
        messages: &[MessageId],
        now: Timestamp,
    ) -> Result<BTreeSet<MessageId>, StoreError> {
        let sql = "INSERT INTO inbox (message, at) SELECT DISTINCT atom, $1 FROM json_each($2) \
                   WHERE true ON CONFLICT DO NOTHING RETURNING message";
        let rows = self.rows(sql, &[micros(now).into(), json(&messages)?]).await?;
        rows.into_iter().map(|row| Columns::of("inbox", row).parsed()).collect()
    }

    /// Sets a message aside that could not be handled.
    pub async fn set_aside(
        &mut self,
        message: MessageId,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO quarantine (message, reason, at) VALUES ($1, $2, $3) \
                   ON CONFLICT DO NOTHING";
        let values = [message.to_string().into(), reason.into(), micros(now).into()];
        self.execute(sql, &values).await.map(drop)
    }

    /// A single value.
    pub async fn meta(&mut self, key: &str) -> Result<Option<String>, StoreError> {
        let row = self.row("SELECT key, value FROM meta WHERE key = $1", &[key.into()]).await?;
        let value = self.option(row, |row| {
            let mut columns = Columns::of("meta", row);
            columns.text()?;
            columns.text()
        });
        value.await
    }

    /// Keeps a single value.
    pub async fn set_meta(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (key, value) VALUES ($1, $2) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.execute(sql, &[key.into(), value.into()]).await.map(drop)
    }
}
