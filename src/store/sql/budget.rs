//! The budget of requests to MixPay: a sliding window over send times, whose tail is kept here, so
//! that restarts and second processes are counted in.

use crate::store::{Columns, StoreError, Tx, micros};
use jiff::{SignedDuration, Timestamp};

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A person, a callback or a transfer waits for it.
    People,
    /// Our own looking around.
    Polling,
    /// MixPay's lists of assets: a few requests every ten minutes.
    Lists,
}

impl Purpose {
    /// Its name, in the store and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Polling => "polling",
            Self::Lists => "lists",
        }
    }
}

/// Whether a request may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// Now. It is counted already.
    Granted,
    /// Not before this time.
    NotBefore(Timestamp),
}

/// MixPay counts 60 seconds; the margin is for the time that requests need to get there.
const WINDOW: SignedDuration = SignedDuration::from_millis(61_500);

impl Tx {
    /// Asks for a permit to make one request, of `per_minute` in any minute. A fifth is reserved
    /// for people; while they are idle, two thirds of it are lent out. What polling may have is
    /// spread evenly over the minute: spent at once, it would leave the rest of it blind.
    pub async fn take_permit(
        &mut self,
        purpose: Purpose,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<Permit, StoreError> {
        if let Some(until) = self.mixpay_pause().await?.filter(|until| *until > now) {
            return Ok(Permit::NotBefore(until));
        }
        let since = now.saturating_sub(WINDOW).unwrap_or(Timestamp::MIN);
        // Times that no clock of ours can have shown yet come from before a clock was set back.
        let ahead = now.saturating_add(WINDOW).unwrap_or(Timestamp::MAX);
        let sql = "SELECT min(at), max(at) FROM request";
        let ends = self.overview("request", sql, &[], |mut columns| {
            Ok((columns.int_or_null()?, columns.int_or_null()?))
        });
        let (first, last) = ends.await?;
        if first.is_some_and(|first| first < micros(since)) {
            self.execute("DELETE FROM request WHERE at < $1", &[micros(since).into()]).await?;
        }
        if last.is_some_and(|last| last > micros(ahead)) {
            let sql = "UPDATE request SET at = $1 WHERE at > $2";
            self.execute(sql, &[micros(now).into(), micros(ahead).into()]).await?;
        }
        let sql = "SELECT count(*), count(CASE WHEN kind = 'people' THEN 1 END), \
                   max(CASE WHEN kind = 'polling' THEN at END) FROM request";
        let row = self.row(sql, &[]).await?.unwrap_or_default();
        let mut columns = Columns::of("request", row);
        let (made, by_people) = (columns.int()?, columns.int()?);
        let polled = columns.int_or_null()?.map(crate::store::time);
        let limit = i64::from(per_minute);
        let reserve = if by_people == 0 { limit / 15 } else { limit / 5 };
        let allowed = match purpose {
            Purpose::People => limit,
            Purpose::Polling | Purpose::Lists => (limit - reserve).max(1),
        };
        let after = |time: Timestamp, by| time.saturating_add(by).unwrap_or(Timestamp::MAX);
        // Polling waits for its turn in the minute.
        let polls = i32::try_from(allowed - by_people).unwrap_or(1).max(1);
        let turn = polled
            .filter(|_| purpose == Purpose::Polling)
            .map_or(now, |polled| after(polled, WINDOW.checked_div(polls).unwrap_or(WINDOW)));
        let mut not_before = turn.max(now);
        if made >= allowed {
            // As many must leave the window as are too many now, and one more.
            let sql = "SELECT at FROM request ORDER BY at LIMIT 1 OFFSET $1";
            let row = self.row(sql, &[(made - allowed).into()]).await?.unwrap_or_default();
            let leaves = crate::store::time(Columns::of("request", row).int()?);
            let free = after(after(leaves, WINDOW), SignedDuration::from_millis(1));
            not_before = not_before.max(free);
        }
        if not_before > now {
            return Ok(Permit::NotBefore(not_before));
        }
        let sql = "INSERT INTO request (at, kind) VALUES ($1, $2)";
        self.execute(sql, &[micros(now).into(), purpose.name().into()]).await?;
        Ok(Permit::Granted)
    }

    /// Makes no request before `until`: MixPay said that there were too many.
    pub async fn pause_mixpay(&mut self, until: Timestamp) -> Result<(), StoreError> {
        self.set_meta("mixpay_pause", &micros(until).to_string()).await
    }

    /// Until when no request may be made.
    pub async fn mixpay_pause(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let text = self.meta("mixpay_pause").await?;
        Ok(text.and_then(|text| text.parse().ok()).map(crate::store::time))
    }
}
