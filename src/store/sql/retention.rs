//! Retention: how long everything is kept that strangers can make grow. README tells the same.
//!
//! Invoices, links, facts, and the transfers that belong to them are kept for good: they are the
//! books.

use crate::store::{StoreError, Tx, micros};
use jiff::{SignedDuration, Timestamp};

/// So many rows are forgotten in one unit of work, so that nobody waits long for it.
const STEP_MAX: i64 = 500;

const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// Rows that are forgotten when they are older than this.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// What they are, for the log.
    pub what: &'static str,
    /// How old they may become.
    pub kept: SignedDuration,
    sql: &'static str,
}

/// Everything that is forgotten.
pub const RETENTIONS: [Retention; 9] = [
    // Mixin keeps unacknowledged messages for seven days.
    Retention {
        what: "handled messages",
        kept: days(8),
        sql: "DELETE FROM inbox WHERE message IN \
              (SELECT message FROM inbox WHERE at < $1 LIMIT $2)",
    },
    // The longest quota is a day's.
    Retention {
        what: "counts of quotas",
        kept: SignedDuration::from_hours(25),
        sql: "DELETE FROM spent WHERE (who, what, at) IN \
              (SELECT who, what, at FROM spent WHERE at < $1 LIMIT $2)",
    },
    // Transfers are only read again from minutes before the newest one.
    Retention {
        what: "transfers that belong to nothing",
        kept: days(180),
        sql: "DELETE FROM receipt WHERE snapshot IN (SELECT snapshot FROM receipt \
              WHERE kind IN ('unmatched', 'not_income') AND at < $1 LIMIT $2)",
    },
    // Those that cannot be read are the operator's to forget.
    Retention {
        what: "effects that were given up",
        kept: days(30),
        sql: "DELETE FROM effect WHERE id IN (SELECT id FROM effect \
              WHERE parked = 1 AND since < $1 AND NOT EXISTS (SELECT 1 FROM unreadable \
              WHERE place = 'effect' AND key = CAST(effect.seq AS TEXT)) LIMIT $2)",
    },
    Retention {
        what: "what messages of ours are about",
        kept: days(90),
        sql: "DELETE FROM about WHERE message IN \
              (SELECT message FROM about WHERE at < $1 LIMIT $2)",
    },
    // Roles are believed for minutes.
    Retention {
        what: "who runs groups",
        kept: days(30),
        sql: "DELETE FROM place WHERE conversation IN \
              (SELECT conversation FROM place WHERE at < $1 LIMIT $2)",
    },
    Retention {
        what: "messages that were set aside",
        kept: days(90),
        sql: "DELETE FROM quarantine WHERE message IN \
              (SELECT message FROM quarantine WHERE at < $1 LIMIT $2)",
    },
    // They are counted by the hour.
    Retention {
        what: "counts of strangers' transfers",
        kept: SignedDuration::from_hours(1),
        sql: "DELETE FROM stranger WHERE sender IN \
              (SELECT sender FROM stranger WHERE since < $1 LIMIT $2)",
    },
    // Opening a conversation once more harms nobody.
    Retention {
        what: "conversations that are open",
        kept: days(90),
        sql: "DELETE FROM opened WHERE conversation IN \
              (SELECT conversation FROM opened WHERE at < $1 LIMIT $2)",
    },
];

impl Tx {
    /// Forgets some of what is too old; whether there may be more.
    pub async fn forget_old(
        &mut self,
        what: &Retention,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let before = now.saturating_sub(what.kept).unwrap_or(Timestamp::MIN);
        let forgotten = self.execute(what.sql, &[micros(before).into(), STEP_MAX.into()]).await?;
        Ok(i64::try_from(forgotten).unwrap_or(i64::MAX) >= STEP_MAX)
    }
}
