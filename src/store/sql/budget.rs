//! The budget of requests to MixPay: a sliding window over send times, whose tail is kept here, so
//! that restarts and second processes are counted in; and MixPay's own pauses.

use crate::{
    domain::shares::{self, Purpose, Turn, Use, WINDOW, Waiting, Wish},
    ports::failure::PAUSE_MAX,
    store::{Columns, Row, StoreError, Tx, micros, time},
};
use jiff::{SignedDuration, Timestamp};

/// The right to make one request, which is counted already. Only the store makes one, and only
/// the gate takes it: whoever has none cannot call.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "it is counted already"]
pub struct Permit {
    purpose: Purpose,
    is_probe: bool,
}

impl Permit {
    /// What the request is for.
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Whether it is the first after a pause, whose answer says whether the pause is over.
    pub const fn is_probe(&self) -> bool {
        self.is_probe
    }
}

/// Whether a request may be made.
#[derive(Debug, PartialEq, Eq)]
pub enum Grant {
    /// Now.
    Granted(Permit),
    /// Not before this time.
    NotBefore(Timestamp),
}

/// A pause that MixPay asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Until when.
    pub until: Timestamp,
}

/// Who does not come back so long after their time does not wait any more.
const COMES_BACK: SignedDuration = SignedDuration::from_secs(2);
/// So many people who wait are remembered; whoever comes on top is only told when to come again.
const WISHES_MAX: usize = 256;
/// A probe that was not answered for so long died with its process.
const PROBE_MAX: SignedDuration = SignedDuration::from_secs(15);
/// While a probe is under way the others come again after this.
const AFTER_PROBE: SignedDuration = SignedDuration::from_secs(1);
/// The single values that keep until when MixPay wants no requests, and when it was tried again.
const PAUSE: &str = "mixpay_pause";
const PROBE: &str = "mixpay_probe";

fn after(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn before(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_sub(by).unwrap_or(Timestamp::MIN)
}

fn wish(columns: &mut Columns) -> Result<Wish, StoreError> {
    let purpose = Purpose::from_name(&columns.text()?).unwrap_or(Purpose::Lists);
    Ok(Wish { purpose, person: columns.text()?.parse().ok() })
}

fn used(row: Row) -> Result<Use, StoreError> {
    let mut columns = Columns::of("request", row);
    let at = time(columns.int()?);
    Ok(Use { at, wish: wish(&mut columns)?, lent: columns.int()? != 0 })
}

fn person(wish: Wish) -> String {
    wish.person.map(|person| person.to_string()).unwrap_or_default()
}

/// Somebody who waits, and until when they are waited for.
fn waiting(row: Row) -> Result<(Waiting, Timestamp), StoreError> {
    let mut columns = Columns::of("wish", row);
    let wish = wish(&mut columns)?;
    Ok((Waiting { wish, since: time(columns.int()?) }, time(columns.int()?)))
}

impl Tx {
    /// Asks for a permit to make one request, of `per_minute` in any minute, in turn with all the
    /// others ([`shares::decide`]). Whoever is refused is remembered until their time.
    pub async fn take_permit(
        &mut self,
        wish: Wish,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<Grant, StoreError> {
        let pause = self.mixpay_pause(now).await?;
        if let Some(Pause { until }) = pause.filter(|pause| pause.until > now) {
            return Ok(Grant::NotBefore(until));
        }
        if pause.is_some() && self.is_probing(now).await? {
            return Ok(Grant::NotBefore(after(now, AFTER_PROBE)));
        }
        let uses = self.uses(now).await?;
        let rows = self.rows("SELECT kind, person, since, until FROM wish", &[]).await?;
        let all: Vec<_> = rows.into_iter().map(waiting).collect::<Result<_, _>>()?;
        // What lies too far ahead comes from before a clock was set back.
        let latest = after(after(now, WINDOW), COMES_BACK);
        let is_waiting = |(_, until): &&(Waiting, Timestamp)| (now..=latest).contains(until);
        let queue: Vec<Waiting> = all.iter().filter(is_waiting).map(|(who, _)| *who).collect();
        let mine = all.iter().find(|(waiting, _)| waiting.wish == wish);
        match shares::decide(&uses, &queue, wish, per_minute, now) {
            Turn::Now { lent } => {
                if mine.is_some() {
                    self.withdraw(wish).await?;
                }
                let sql = "INSERT INTO request (at, kind, person, lent) VALUES ($1, $2, $3, $4)";
                let values = [
                    micros(now).into(),
                    wish.purpose.name().into(),
                    person(wish).into(),
                    i64::from(lent).into(),
                ];
                self.execute(sql, &values).await?;
                if pause.is_some() {
                    self.set_meta(PROBE, &micros(now).to_string()).await?;
                }
                Ok(Grant::Granted(Permit { purpose: wish.purpose, is_probe: pause.is_some() }))
            }
            Turn::NotBefore(when) => {
                let until = after(when, COMES_BACK);
                let known = mine.filter(|mine| is_waiting(mine)).map(|(_, until)| *until);
                if known != Some(until) && (known.is_some() || queue.len() < WISHES_MAX) {
                    let sql = "DELETE FROM wish WHERE until < $1 OR until > $2";
                    self.execute(sql, &[micros(now).into(), micros(latest).into()]).await?;
                    let sql = "INSERT INTO wish (kind, person, since, until) VALUES ($1, $2, $3, $4) \
                               ON CONFLICT (kind, person) DO UPDATE SET until = excluded.until";
                    let values = [
                        wish.purpose.name().into(),
                        person(wish).into(),
                        micros(now).into(),
                        micros(until).into(),
                    ];
                    self.execute(sql, &values).await?;
                }
                Ok(Grant::NotBefore(when))
            }
        }
    }

    /// The requests of the last window; older ones are forgotten.
    async fn uses(&mut self, now: Timestamp) -> Result<Vec<Use>, StoreError> {
        let (since, ahead) = (before(now, WINDOW), after(now, WINDOW));
        let ends = self.row("SELECT min(at), max(at) FROM request", &[]).await?.unwrap_or_default();
        let mut ends = Columns::of("request", ends);
        if ends.int_or_null()?.is_some_and(|first| first < micros(since)) {
            self.execute("DELETE FROM request WHERE at < $1", &[micros(since).into()]).await?;
        }
        // Times that no clock of ours can have shown yet come from before a clock was set back.
        if ends.int_or_null()?.is_some_and(|last| last > micros(ahead)) {
            let sql = "UPDATE request SET at = $1 WHERE at > $2";
            self.execute(sql, &[micros(now).into(), micros(ahead).into()]).await?;
        }
        let rows = self.rows("SELECT at, kind, person, lent FROM request", &[]).await?;
        rows.into_iter().map(used).collect()
    }

    /// Whoever was refused will not come again.
    pub async fn withdraw(&mut self, wish: Wish) -> Result<(), StoreError> {
        let sql = "DELETE FROM wish WHERE kind = $1 AND person = $2";
        self.execute(sql, &[wish.purpose.name().into(), person(wish).into()]).await.map(drop)
    }

    /// Makes no request before `until`: MixPay said that there were too many. Then one request
    /// goes first, and the others when it was answered well.
    pub async fn pause_mixpay(
        &mut self,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let known = self.mixpay_pause(now).await?.map_or(until, |pause| pause.until);
        self.set_meta(PAUSE, &micros(known.max(until)).to_string()).await?;
        self.execute("DELETE FROM meta WHERE key = $1", &[PROBE.into()]).await.map(drop)
    }

    /// The pause that MixPay asked for; also when it is over, and no request was answered well since. One that lies
    /// further ahead than any pause may is none.
    pub async fn mixpay_pause(&mut self, now: Timestamp) -> Result<Option<Pause>, StoreError> {
        let text = self.meta(PAUSE).await?;
        let until = text.and_then(|text| text.parse().ok()).map(time);
        let longest = SignedDuration::try_from(PAUSE_MAX).unwrap_or(SignedDuration::ZERO);
        Ok(until.filter(|until| *until <= after(now, longest)).map(|until| Pause { until }))
    }

    async fn is_probing(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let text = self.meta(PROBE).await?;
        let sent = text.and_then(|text| text.parse().ok()).map(time);
        Ok(sent.is_some_and(|sent| sent <= now && now < after(sent, PROBE_MAX)))
    }

    /// What became of the first request after a pause: if it was answered well, the pause is
    /// over; else another one goes first.
    pub async fn end_probe(&mut self, well: bool) -> Result<(), StoreError> {
        if well {
            self.execute("DELETE FROM meta WHERE key = $1", &[PAUSE.into()]).await?;
        }
        self.execute("DELETE FROM meta WHERE key = $1", &[PROBE.into()]).await.map(drop)
    }
}
