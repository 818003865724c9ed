//! Doubt: every time that is kept, how far ahead it may lie, and what becomes of it if it lies further.
//!
//! A clock that was ahead for half a minute must not silence the bot for hours after. What waits
//! for a time waits no longer than it may; what says when something happened cannot lie ahead.

use crate::store::{Columns, StoreError, Tx, micros, time};
use jiff::{SignedDuration, Timestamp};

/// The newest time that was seen; kept by the sampler's look, so that a restart between the wrong
/// clock and the right one is noticed, too.
const SEEN: &str = "sampled";
/// How old that may be. The clock has gone back by as much more than it shows.
const SEEN_EVERY: SignedDuration = SignedDuration::from_secs(10);
/// Steps up to this size are the daily work of whoever keeps a clock right.
const STEP_MIN: SignedDuration = SignedDuration::from_secs(2);

/// What may be believed of a column with a time.
enum Rule {
    /// Something waits for it.
    Wait {
        /// The longest wait.
        longest: SignedDuration,
        /// Brings what lies ahead of $1 forward by $2, and not before $1.
        forward: &'static str,
        /// What lies ahead of $2 is due at $1.
        due: &'static str,
    },
    /// It says when something happened: what lies ahead of $1 did not happen then.
    Past(&'static str),
    /// It is only told, or orders what is listed.
    Told,
}

/// A column with a time.
struct Column {
    table: &'static str,
    name: &'static str,
    rule: Rule,
}

/// A statement that sets the times of a column that lie ahead of a limit.
macro_rules! set {
    ($table:literal, $name:literal, [$($value:tt)*] ahead of $limit:literal $but:literal) => {
        concat!(
            "UPDATE ", $table, " SET ", $name, " = ", $($value)*, " WHERE ", $name, " > ", $limit,
            $but
        )
    };
}

macro_rules! wait {
    ($table:literal, $name:literal, $longest:expr) => {
        wait!($table, $name, $longest, "")
    };
    ($table:literal, $name:literal, $longest:expr, $but:literal) => {
        Column {
            table: $table,
            name: $name,
            rule: Rule::Wait {
                longest: $longest,
                forward: set!($table, $name, ["max($1, ", $name, " - $2)"] ahead of "$1" $but),
                due: set!($table, $name, ["$1"] ahead of "$2" $but),
            },
        }
    };
}

macro_rules! happened_now {
    ($table:literal, $name:literal) => {
        Column {
            table: $table,
            name: $name,
            rule: Rule::Past(set!($table, $name, ["$1"] ahead of "$1" "")),
        }
    };
}

macro_rules! never_happened {
    ($table:literal, $name:literal) => {
        Column {
            table: $table,
            name: $name,
            rule: Rule::Past(concat!("DELETE FROM ", $table, " WHERE ", $name, " > $1")),
        }
    };
}

const fn told(table: &'static str, name: &'static str) -> Column {
    Column { table, name, rule: Rule::Told }
}

/// An effect is tried again after ten minutes at most: five after its own failure, ten where a
/// service asked for a pause.
const EFFECT: SignedDuration = SignedDuration::from_mins(10);
/// What is only watched is asked about days later; an invoice whose deadline is still open is
/// asked about at most ten minutes later, and `forward` brings it back.
const POLL: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Hints cause a question every few seconds.
const HINT: SignedDuration = SignedDuration::from_mins(1);

/// Every column of the schema that holds a time; a test notices one that is forgotten.
const COLUMNS: &[Column] = &[
    // Were it forgotten, the message could be handled twice.
    happened_now!("inbox", "at"),
    told("invoice", "created_at"),
    told("fact", "at"),
    wait!("poll", "due", POLL),
    wait!("poll", "hinted", HINT),
    told("link", "created_at"),
    happened_now!("transfer_hint", "at"),
    told("receipt", "at"),
    // What waits behind another effect waits for no time.
    wait!("effect", "due", EFFECT, " AND behind IS NULL"),
    happened_now!("effect", "since"),
    // Who runs a group is asked again.
    never_happened!("place", "at"),
    never_happened!("spent", "at"),
    // It was made, and not longer ago.
    happened_now!("request", "at"),
    told("quarantine", "at"),
    told("quarantine", "told"),
    told("unreadable", "told"),
    happened_now!("effect", "doubted"),
    happened_now!("person", "spoke"),
    happened_now!("about", "at"),
    // It is opened once more, which harms nobody.
    never_happened!("opened", "at"),
    // Their hour begins anew.
    never_happened!("stranger", "since"),
    happened_now!("untold", "since"),
    happened_now!("wish", "since"),
    // The budget believes it within the minute alone.
    told("wish", "until"),
];

/// How a time is written as a single value.
enum Form {
    Micros,
    Text,
}

/// Mixin's search for people is left alone this long after "too many requests" (mixin.md 6.1).
pub const SEARCH_BAN: SignedDuration = SignedDuration::from_hours(12);
/// The single value that says until when.
pub const SEARCH_BAN_KEY: &str = "search_ban";

/// Single values that something waits for, and the longest wait.
const VALUES: &[(&str, Form, SignedDuration)] = &[
    ("mixpay_pause", Form::Micros, SignedDuration::from_mins(10)),
    (SEARCH_BAN_KEY, Form::Text, SEARCH_BAN),
];

/// How far ahead a transfer's time may lie: two clocks that are kept right differ by less.
const CURSOR_AHEAD: SignedDuration = SignedDuration::from_mins(10);
/// Transfers are read again from so long before the newest that is credible.
const CURSOR_OVERLAP: SignedDuration = SignedDuration::from_mins(5);
/// The single values that say up to where transfers were read begin so.
const CURSORS: &str = "snapshots%";

impl Form {
    fn read(&self, text: &str) -> Option<Timestamp> {
        match self {
            Self::Micros => text.parse().ok().map(time),
            Self::Text => text.parse().ok(),
        }
    }

    fn write(&self, at: Timestamp) -> String {
        match self {
            Self::Micros => micros(at).to_string(),
            Self::Text => at.to_string(),
        }
    }
}

fn length(length: SignedDuration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX)
}

fn after(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

impl Tx {
    /// Doubts every time that is kept, now that it is `now` and the clock was set back by at least
    /// `back` since the last look. What waits is brought forward by as much, and waits at most as
    /// long as anything of its kind does. Returns how many times were taken back.
    pub async fn doubt_times(
        &mut self,
        now: Timestamp,
        back: SignedDuration,
    ) -> Result<usize, StoreError> {
        let seen = self.meta(SEEN).await?.and_then(|text| text.parse::<Timestamp>().ok());
        let seen = seen.map_or(SignedDuration::ZERO, |seen| seen.duration_since(now));
        let seen = if seen > STEP_MIN { seen.saturating_add(SEEN_EVERY) } else { seen };
        let back = back.max(seen);
        let back = if back > STEP_MIN { length(back) } else { 0 };
        self.set_meta(SEEN, &now.to_string()).await?;
        let mut doubted = 0;
        for Column { table, name, rule } in COLUMNS {
            let times = match rule {
                Rule::Wait { longest, forward, due } => {
                    let forward = match back {
                        0 => 0,
                        back => self.execute(forward, &[micros(now).into(), back.into()]).await?,
                    };
                    let latest = micros(after(now, *longest));
                    forward + self.execute(due, &[micros(now).into(), latest.into()]).await?
                }
                Rule::Past(sql) => self.execute(sql, &[micros(now).into()]).await?,
                Rule::Told => 0,
            };
            if times > 0 {
                tracing::debug!(times, "{times} times of {table}.{name} are taken back");
            }
            doubted += times;
        }
        for (key, form, longest) in VALUES {
            let Some(until) = self.meta(key).await?.and_then(|text| form.read(&text)) else {
                continue;
            };
            let forward = until.saturating_sub(SignedDuration::from_micros(back)).unwrap_or(now);
            let believed = if forward > after(now, *longest) { now } else { forward };
            if until > now && believed != until {
                self.set_meta(key, &form.write(believed.max(now))).await?;
                doubted += 1;
            }
        }
        Ok(doubted + self.doubt_cursors(now).await?)
    }

    /// A transfer of a time that is still to come must not keep those before it from being read.
    async fn doubt_cursors(&mut self, now: Timestamp) -> Result<usize, StoreError> {
        let latest = after(now, CURSOR_AHEAD);
        let mut doubted = 0;
        for row in
            self.rows("SELECT key, value FROM meta WHERE key LIKE $1", &[CURSORS.into()]).await?
        {
            let mut columns = Columns::of("meta", row);
            let (key, value) = (columns.text()?, columns.text()?);
            if value.parse::<Timestamp>().is_ok_and(|cursor| cursor > latest) {
                let sql = "SELECT max(at) FROM receipt WHERE at <= $1";
                let row = self.row(sql, &[micros(now).into()]).await?.unwrap_or_default();
                let newest = Columns::of("receipt", row).int_or_null()?.map_or(now, time);
                let cursor = newest.saturating_sub(CURSOR_OVERLAP).unwrap_or(newest);
                self.set_meta(&key, &cursor.to_string()).await?;
                doubted += 1;
            }
        }
        Ok(doubted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    /// Numbers of the schema that are no times.
    const NO_TIMES: [&str; 13] = [
        "migration.version",
        "told.silent",
        "poll.urgency",
        "poll.wanted",
        "effect.attempts",
        "effect.parked",
        "person.is_bot",
        "effect.seq",
        "meta.value",
        "stranger.transfers",
        "stranger.answered",
        "untold.transfers",
        "request.lent",
    ];

    #[test]
    fn every_time_that_is_kept_has_its_doubt() {
        let mut known: Vec<String> =
            COLUMNS.iter().map(|column| format!("{}.{}", column.table, column.name)).collect();
        for number in schema::numbers() {
            if NO_TIMES.contains(&number.as_str()) {
                continue;
            }
            let place = known.iter().position(|column| *column == number);
            let place = place
                .unwrap_or_else(|| panic!("is {number} a time? Then say how far ahead it may lie"));
            known.remove(place);
        }
        assert_eq!(known, Vec::<String>::new(), "there are no such columns");
    }
}
