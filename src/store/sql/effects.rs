//! Effects: what waits to leave this process.

use crate::{
    domain::ids::EffectId,
    ports::effect::{Effect, Errand, Pending},
    store::{Columns, Row, StoreError, Tx, json, micros, time},
};
use jiff::Timestamp;

/// What the outbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EffectCounts {
    /// Effects that wait.
    pub waiting: i64,
    /// Effects that were given up on.
    pub parked: i64,
    /// When the oldest waiting one was stored.
    pub oldest: Option<Timestamp>,
}

/// For which loops a unit of work has added something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each loop, all independent")]
pub struct Added {
    /// Messages to be shown, or nothing stands in their way any more.
    pub messages: bool,
    /// Other effects, or nothing stands in their way any more.
    pub errands: bool,
    /// Invoices to ask about.
    pub polls: bool,
    /// Transfers to read back.
    pub transfers: bool,
}

impl Added {
    /// For all of them.
    pub const ALL: Self = Self { messages: true, errands: true, polls: true, transfers: true };
}

/// The kind of a message.
const SAY: &str = "say";

const fn kind(errand: &Errand) -> &'static str {
    match errand {
        Errand::Say { .. } => SAY,
        Errand::Picture { .. } => "picture",
        Errand::Document { .. } => "document",
        Errand::Open { .. } => "open",
        Errand::Ask { .. } => "ask",
    }
}

fn pending(row: Row) -> Result<Pending, StoreError> {
    let mut columns = Columns::of("effect", row);
    Ok(Pending {
        seq: columns.int()?,
        effect: Effect { id: columns.parsed()?, lane: columns.text()?, errand: columns.json()? },
        attempts: u32::try_from(columns.int()?).unwrap_or(u32::MAX),
        since: time(columns.int()?),
    })
}

impl Tx {
    /// Adds an effect; one whose id is waiting already is left as it is.
    pub async fn enqueue(
        &mut self,
        effect: &Effect,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Effect { id, lane, errand } = effect;
        let kind = kind(errand);
        let sql = "INSERT INTO effect (id, lane, kind, body, due, attempts, parked, since) \
                   VALUES ($1, $2, $3, $4, $5, 0, 0, $6) ON CONFLICT (id) DO NOTHING";
        let values = [
            id.to_string().into(),
            lane.as_str().into(),
            kind.into(),
            json(errand)?,
            micros(due).into(),
            micros(now).into(),
        ];
        self.execute(sql, &values).await?;
        self.added.messages |= kind == SAY;
        self.added.errands |= kind != SAY;
        Ok(())
    }

    /// For which loops this unit has added something to do so far.
    pub const fn added(&self) -> Added {
        self.added
    }

    /// What waited behind an effect may be performed now.
    const fn frees_a_lane(&mut self) {
        self.added.messages = true;
        self.added.errands = true;
    }

    /// Messages that may be shown now, in order: nothing before them in their lanes waits for
    /// something else.
    pub async fn due_messages(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Pending>, StoreError> {
        let sql = "SELECT seq, id, lane, body, attempts, since FROM effect AS e \
                   WHERE kind = 'say' AND parked = 0 AND due <= $1 AND NOT EXISTS \
                   (SELECT 1 FROM effect AS b WHERE b.lane = e.lane AND b.seq < e.seq \
                   AND b.parked = 0 AND b.kind <> 'say') AND NOT EXISTS \
                   (SELECT 1 FROM effect AS b WHERE b.lane = e.lane AND b.seq < e.seq \
                   AND b.parked = 0 AND b.due > $1) ORDER BY seq LIMIT $2";
        let values = [micros(now).into(), i64::from(limit).into()];
        self.list(sql, &values, pending).await
    }

    /// Other effects that may be performed now: the first of each lane.
    pub async fn due_errands(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Pending>, StoreError> {
        let sql = "SELECT seq, id, lane, body, attempts, since FROM effect AS e \
                   WHERE kind <> 'say' AND parked = 0 AND due <= $1 AND NOT EXISTS \
                   (SELECT 1 FROM effect AS b WHERE b.lane = e.lane AND b.seq < e.seq \
                   AND b.parked = 0) ORDER BY due, seq LIMIT $2";
        let values = [micros(now).into(), i64::from(limit).into()];
        self.list(sql, &values, pending).await
    }

    /// When the next message that is not due yet is due.
    pub async fn next_message_due(
        &mut self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(due) FROM effect WHERE kind = 'say' AND parked = 0 AND due > $1";
        self.next_due(sql, now).await
    }

    /// When the next other effect that is not due yet is due.
    pub async fn next_errand_due(
        &mut self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(due) FROM effect WHERE kind <> 'say' AND parked = 0 AND due > $1";
        self.next_due(sql, now).await
    }

    async fn next_due(
        &mut self,
        sql: &'static str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let values = [micros(now).into()];
        let due = self.overview("effect", sql, &values, |mut columns| columns.int_or_null());
        Ok(due.await?.map(time))
    }

    /// Whether anything may be shown or performed now.
    pub async fn effects_due(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let messages = self.due_messages(now, 1).await?;
        Ok(!messages.is_empty() || !self.due_errands(now, 1).await?.is_empty())
    }

    /// Whether anything but messages waits.
    pub async fn errands_wait(&mut self) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM effect WHERE kind <> 'say' AND parked = 0 LIMIT 1";
        Ok(self.row(sql, &[]).await?.is_some())
    }

    /// Whether anything waits in this lane.
    pub async fn lane_waits(&mut self, lane: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM effect WHERE lane = $1 AND parked = 0 LIMIT 1";
        Ok(self.row(sql, &[lane.into()]).await?.is_some())
    }

    /// These effects were performed.
    pub async fn conclude(&mut self, effects: &[EffectId]) -> Result<(), StoreError> {
        self.frees_a_lane();
        let sql = "DELETE FROM effect WHERE id IN (SELECT atom FROM json_each($1))";
        self.execute(sql, &[json(&effects)?]).await.map(drop)
    }

    /// These effects are tried again at `due`.
    pub async fn postpone(
        &mut self,
        effects: &[EffectId],
        due: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE effect SET due = $1, attempts = attempts + 1 \
                   WHERE id IN (SELECT atom FROM json_each($2))";
        self.execute(sql, &[micros(due).into(), json(&effects)?]).await.map(drop)
    }

    /// An effect leaves its lane for one of its own, so that it stands in nobody's way.
    pub async fn step_aside(&mut self, effect: EffectId) -> Result<(), StoreError> {
        self.frees_a_lane();
        let sql = "UPDATE effect SET lane = 'aside:' || id WHERE id = $1";
        self.execute(sql, &[effect.to_string().into()]).await.map(drop)
    }

    /// An effect waits until `due` without having been tried.
    pub async fn wait(&mut self, effect: EffectId, due: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE effect SET due = $1 WHERE id = $2";
        self.execute(sql, &[micros(due).into(), effect.to_string().into()]).await.map(drop)
    }

    /// An effect is given up on; it is kept for the operator, and stands in nobody's way.
    pub async fn park(&mut self, effect: EffectId) -> Result<(), StoreError> {
        self.frees_a_lane();
        let sql = "UPDATE effect SET parked = 1 WHERE id = $1";
        self.execute(sql, &[effect.to_string().into()]).await.map(drop)
    }

    /// An effect's errand is known better now; when it is due, and how often it was tried, stays.
    pub async fn rewrite(&mut self, effect: EffectId, errand: &Errand) -> Result<(), StoreError> {
        let sql = "UPDATE effect SET body = $1 WHERE id = $2";
        self.execute(sql, &[json(errand)?, effect.to_string().into()]).await.map(drop)
    }

    /// An effect goes on as another errand, in the same place of its lane.
    pub async fn replace(
        &mut self,
        effect: EffectId,
        errand: &Errand,
        due: Timestamp,
    ) -> Result<(), StoreError> {
        self.frees_a_lane();
        let sql = "UPDATE effect SET kind = $1, body = $2, due = $3, attempts = 0 WHERE id = $4";
        let values =
            [kind(errand).into(), json(errand)?, micros(due).into(), effect.to_string().into()];
        self.execute(sql, &values).await.map(drop)
    }

    /// What the outbox holds.
    pub async fn effect_counts(&mut self) -> Result<EffectCounts, StoreError> {
        let sql = "SELECT count(CASE WHEN parked = 0 THEN 1 END), count(CASE WHEN parked = 1 \
                   THEN 1 END), min(CASE WHEN parked = 0 THEN since END) FROM effect";
        let counts = self.overview("effect", sql, &[], |mut columns| {
            Ok(EffectCounts {
                waiting: columns.int()?,
                parked: columns.int()?,
                oldest: columns.int_or_null()?.map(time),
            })
        });
        counts.await
    }
}
