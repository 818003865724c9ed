//! Effects: what waits to leave this process.

use crate::{
    domain::ids::EffectId,
    ports::effect::{Effect, Errand, Need, Pending},
    store::{Columns, Row, StoreError, Tx, Val, json, micros, time},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What the outbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EffectCounts {
    /// Effects that wait.
    pub waiting: i64,
    /// Effects that were given up on.
    pub parked: i64,
    /// When the oldest waiting one was stored, but for those that are doubted.
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
    /// Lines to handle in their turn, or something that they wait for.
    pub turns: bool,
}

impl Added {
    /// For all of them.
    pub const ALL: Self =
        Self { messages: true, errands: true, polls: true, transfers: true, turns: true };
}

/// The last line that waits in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// None waits there.
    Nobody,
    /// It only waits for its turn.
    Ready,
    /// It waits behind this effect.
    Behind(EffectId),
}

/// The kind of a message.
const SAY: &str = "say";
/// The kind of a line that waits.
const TURN: &str = "turn";
/// The kind of what lines wait for.
const FIND: &str = "find";
/// The kind of a message that failed alone while others were taken.
const DOUBTED: &str = "doubted";
/// When a line is due whose turn it is: their order is that in which they came.
const ITS_TURN: i64 = 0;
/// When a line is due that waits behind an effect: not before that is over.
const NOT_YET: i64 = i64::MAX;

const fn kind(errand: &Errand) -> &'static str {
    match errand {
        Errand::Say { .. } => SAY,
        Errand::Picture { .. } | Errand::Document { .. } => "upload",
        Errand::Open { .. } => "open",
        Errand::Turn { .. } => TURN,
        Errand::Find { .. } => FIND,
        Errand::Meet { .. } => "meet",
        Errand::Ask { need, .. } => match need {
            Need::Estimate { .. }
            | Need::Multisig { .. }
            | Need::KnownToMixPay(_)
            | Need::Direct { .. } => "question",
            Need::Turn
            | Need::Person(_)
            | Need::Number(_)
            | Need::Group(_)
            | Need::Asset(_)
            | Need::Ticker(_) => "ask",
        },
    }
}

/// Errands that wait for the same, and hang together if they hang.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Pictures and documents.
    Uploads,
    /// Payments to make.
    Payments,
    /// Questions to MixPay.
    Questions,
    /// Questions to Mixin.
    Directory,
    /// Conversations to open.
    Conversations,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Payments, Self::Directory, Self::Questions, Self::Conversations, Self::Uploads];

    const fn kind(self) -> &'static str {
        match self {
            Self::Uploads => "upload",
            Self::Payments => "open",
            Self::Questions => "question",
            Self::Directory => "ask",
            Self::Conversations => "meet",
        }
    }
}

fn pending(row: Row) -> Result<Pending, StoreError> {
    let mut columns = Columns::of("effect", row);
    Ok(Pending {
        seq: columns.int()?,
        effect: Effect { id: columns.parsed()?, lane: columns.text()?, errand: columns.json()? },
        attempts: u32::try_from(columns.int()?).unwrap_or(u32::MAX),
        since: time(columns.int()?),
        doubted: columns.int_or_null()?.map(time),
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
        let is_turn = kind == TURN;
        let due = if is_turn { ITS_TURN } else { micros(due) };
        let sql = "INSERT INTO effect (id, lane, kind, body, due, attempts, parked, since) \
                   VALUES ($1, $2, $3, $4, $5, 0, 0, $6) ON CONFLICT (id) DO NOTHING";
        let values = [
            id.to_string().into(),
            lane.as_str().into(),
            kind.into(),
            json(errand)?,
            due.into(),
            micros(now).into(),
        ];
        self.count_enqueued(sql, &values).await?;
        let is_for_turns = is_turn || kind == FIND;
        if is_turn {
            self.lines = Some(true);
        }
        self.added.messages |= kind == SAY;
        self.added.turns |= is_for_turns;
        self.added.errands |= kind != SAY && !is_for_turns;
        Ok(())
    }

    /// Adds a line that waits behind an effect; one whose id is waiting already is left as it is.
    pub async fn enqueue_behind(
        &mut self,
        effect: &Effect,
        behind: EffectId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO effect (id, lane, kind, body, due, attempts, parked, since, behind) \
                   VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7) ON CONFLICT (id) DO NOTHING";
        let values = [
            effect.id.to_string().into(),
            effect.lane.as_str().into(),
            kind(&effect.errand).into(),
            json(&effect.errand)?,
            NOT_YET.into(),
            micros(now).into(),
            behind.to_string().into(),
        ];
        self.lines = Some(true);
        self.count_enqueued(sql, &values).await
    }

    async fn count_enqueued(
        &mut self,
        sql: &'static str,
        values: &[Val],
    ) -> Result<(), StoreError> {
        let rows = self.execute(sql, values).await?;
        self.enqueued = self.enqueued.saturating_add(u64::try_from(rows).unwrap_or(u64::MAX));
        Ok(())
    }

    /// How many effects this unit has added.
    pub const fn enqueued(&self) -> u64 {
        self.enqueued
    }

    /// How many effects this unit has removed because they were performed.
    pub const fn concluded(&self) -> u64 {
        self.concluded
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
        self.due_messages_beside(&BTreeSet::new(), now, limit).await
    }

    /// The same, but nothing in these lanes. Doubted messages, and what stands behind them, are not
    /// among them.
    pub async fn due_messages_beside(
        &mut self,
        busy: &BTreeSet<String>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Pending>, StoreError> {
        let sql = "SELECT seq, id, lane, body, attempts, since, doubted FROM effect AS e \
                   WHERE kind = 'say' AND parked = 0 AND due <= $1 AND NOT EXISTS \
                   (SELECT 1 FROM effect AS b WHERE b.lane = e.lane AND b.seq < e.seq \
                   AND b.parked = 0 AND b.kind <> 'say') AND NOT EXISTS \
                   (SELECT 1 FROM effect AS b WHERE b.lane = e.lane AND b.seq < e.seq \
                   AND b.parked = 0 AND b.due > $1) \
                   AND lane NOT IN (SELECT atom FROM json_each($2)) ORDER BY seq LIMIT $3";
        let values = [micros(now).into(), json(&busy)?, i64::from(limit).into()];
        self.list(sql, &values, pending).await
    }

    /// Doubted messages that may be tried again now, the first of each lane, but none in these lanes.
    pub async fn due_doubted(
        &mut self,
        busy: &BTreeSet<String>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Pending>, StoreError> {
        let sql = "SELECT seq, id, lane, body, attempts, since, doubted FROM effect AS e \
                   WHERE kind <> 'say' AND kind = 'doubted' AND parked = 0 AND due <= $1 AND NOT EXISTS \
                   (SELECT 1 FROM effect AS b WHERE b.lane = e.lane AND b.seq < e.seq \
                   AND b.parked = 0) \
                   AND lane NOT IN (SELECT atom FROM json_each($2)) ORDER BY due, seq LIMIT $3";
        let values = [micros(now).into(), json(&busy)?, i64::from(limit).into()];
        self.list(sql, &values, pending).await
    }

    /// Lines whose turn it is, in order: what they waited for is known, and no line before them in
    /// their lanes waits for anything.
    pub async fn due_turns(&mut self, limit: u32) -> Result<Vec<Pending>, StoreError> {
        let sql = "SELECT seq, id, lane, body, attempts, since, doubted FROM effect AS e \
                   WHERE kind <> 'say' AND kind = 'turn' AND due = $1 AND parked = 0 AND NOT EXISTS \
                   (SELECT 1 FROM effect AS b WHERE b.lane = e.lane AND b.seq < e.seq \
                   AND b.parked = 0 AND b.due = $2) ORDER BY seq LIMIT $3";
        let values = [ITS_TURN.into(), NOT_YET.into(), i64::from(limit).into()];
        self.list(sql, &values, pending).await
    }

    /// What is to be found out now for lines that wait.
    pub async fn due_finds(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Pending>, StoreError> {
        let sql = "SELECT seq, id, lane, body, attempts, since, doubted FROM effect \
                   WHERE kind <> 'say' AND kind = 'find' AND parked = 0 AND due <= $1 ORDER BY due, seq LIMIT $2";
        let values = [micros(now).into(), i64::from(limit).into()];
        self.list(sql, &values, pending).await
    }

    /// Lines that wait behind an effect.
    pub async fn turns_behind(
        &mut self,
        effect: EffectId,
        limit: u32,
    ) -> Result<Vec<Pending>, StoreError> {
        let sql = "SELECT seq, id, lane, body, attempts, since, doubted FROM effect \
                   WHERE behind = $1 AND parked = 0 ORDER BY seq LIMIT $2";
        let values = [effect.to_string().into(), i64::from(limit).into()];
        self.list(sql, &values, pending).await
    }

    /// Whether a line waits anywhere. Most of the time none does, so that it is looked for once in
    /// a unit of work and not once in every lane.
    pub async fn lines_wait(&mut self) -> Result<bool, StoreError> {
        if let Some(known) = self.lines {
            return Ok(known);
        }
        let sql =
            "SELECT 1 FROM effect WHERE kind <> 'say' AND kind = 'turn' AND parked = 0 LIMIT 1";
        let waits = self.row(sql, &[]).await?.is_some();
        self.lines = Some(waits);
        Ok(waits)
    }

    /// The last line that waits in this lane.
    pub async fn tail(&mut self, lane: &str) -> Result<Tail, StoreError> {
        let sql = "SELECT behind FROM effect WHERE lane = $1 AND kind <> 'say' AND parked = 0 \
                   ORDER BY seq DESC LIMIT 1";
        let Some(row) = self.row(sql, &[lane.into()]).await? else { return Ok(Tail::Nobody) };
        let behind: Option<String> = Columns::of("effect", row).text_or_null()?;
        Ok(behind.and_then(|id| id.parse().ok()).map_or(Tail::Ready, Tail::Behind))
    }

    /// A line waits behind an effect, in this lane and in its old place there.
    pub async fn hold(
        &mut self,
        turn: EffectId,
        lane: &str,
        errand: &Errand,
        behind: EffectId,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE effect SET lane = $1, body = $2, due = $3, behind = $4 WHERE id = $5";
        let values = [
            lane.into(),
            json(errand)?,
            NOT_YET.into(),
            behind.to_string().into(),
            turn.to_string().into(),
        ];
        self.execute(sql, &values).await.map(drop)
    }

    /// A line gets what it waited for.
    pub async fn release(&mut self, turn: EffectId, errand: &Errand) -> Result<(), StoreError> {
        self.added.turns = true;
        let sql = "UPDATE effect SET body = $1, due = $2, behind = NULL WHERE id = $3";
        let values = [json(errand)?, ITS_TURN.into(), turn.to_string().into()];
        self.execute(sql, &values).await.map(drop)
    }

    /// Nothing waits behind these effects any more: it is known what they were to find out.
    pub async fn release_all(&mut self, found: &[EffectId]) -> Result<(), StoreError> {
        self.added.turns = true;
        let sql = "UPDATE effect SET due = $1, behind = NULL \
                   WHERE behind IN (SELECT atom FROM json_each($2))";
        self.execute(sql, &[ITS_TURN.into(), json(&found)?]).await.map(drop)
    }

    /// When something is to be found out next that is not due yet.
    pub async fn next_find_due(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.next_due_of(FIND, now).await
    }

    /// Those of one group that may be performed now, but for these.
    pub async fn due_errands_of(
        &mut self,
        group: Group,
        busy: &BTreeSet<EffectId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Pending>, StoreError> {
        let sql = "SELECT seq, id, lane, body, attempts, since, doubted FROM effect AS e \
                   WHERE kind <> 'say' AND kind = $1 AND due <= $2 AND parked = 0 \
                   AND NOT EXISTS \
                   (SELECT 1 FROM effect AS b WHERE b.lane = e.lane AND b.seq < e.seq \
                   AND b.parked = 0) \
                   AND id NOT IN (SELECT atom FROM json_each($3)) ORDER BY due, seq LIMIT $4";
        let busy: Vec<String> = busy.iter().map(ToString::to_string).collect();
        let values =
            [group.kind().into(), micros(now).into(), json(&busy)?, i64::from(limit).into()];
        self.list(sql, &values, pending).await
    }

    /// When the next message that is not due yet is due.
    pub async fn next_message_due(
        &mut self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(due) FROM effect WHERE kind = 'say' AND parked = 0 AND due > $1";
        let values = [micros(now).into()];
        let new = self.overview("effect", sql, &values, |mut columns| columns.int_or_null());
        let new = new.await?.map(time);
        let doubted = self.next_due_of(DOUBTED, now).await?;
        Ok(new.into_iter().chain(doubted).min())
    }

    /// When the next other effect that is not due yet is due.
    pub async fn next_errand_due(
        &mut self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut next = None;
        for group in Group::ALL {
            let due = self.next_due_of(group.kind(), now).await?;
            next = next.into_iter().chain(due).min();
        }
        Ok(next)
    }

    /// When the next effect of a kind is due that is not due yet; messages are no such kind.
    async fn next_due_of(
        &mut self,
        kind: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(due) FROM effect \
                   WHERE kind <> 'say' AND kind = $1 AND parked = 0 AND due > $2";
        let values = [kind.into(), micros(now).into()];
        let due = self.overview("effect", sql, &values, |mut columns| columns.int_or_null());
        Ok(due.await?.map(time))
    }

    /// Whether anything may be shown or performed now.
    pub async fn effects_due(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let mut due = self.due_messages(now, 1).await?;
        due.extend(self.due_doubted(&BTreeSet::new(), now, 1).await?);
        for group in Group::ALL {
            due.extend(self.due_errands_of(group, &BTreeSet::new(), now, 1).await?);
        }
        due.extend(self.due_turns(1).await?);
        due.extend(self.due_finds(now, 1).await?);
        Ok(!due.is_empty())
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
        let rows = self.execute(sql, &[json(&effects)?]).await?;
        self.concluded = self.concluded.saturating_add(u64::try_from(rows).unwrap_or(u64::MAX));
        Ok(())
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

    /// A message fails alone while Mixin takes others: it is tried again at `due`, alone.
    pub async fn doubt(
        &mut self,
        effect: EffectId,
        now: Timestamp,
        due: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE effect SET kind = 'doubted', due = $1, attempts = attempts + 1, \
                   doubted = COALESCE(doubted, $2) WHERE id = $3";
        let values = [micros(due).into(), micros(now).into(), effect.to_string().into()];
        self.execute(sql, &values).await.map(drop)
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
        let sql = "UPDATE effect SET kind = $1, body = $2, due = $3, attempts = 0, \
                   doubted = NULL WHERE id = $4";
        let values =
            [kind(errand).into(), json(errand)?, micros(due).into(), effect.to_string().into()];
        self.execute(sql, &values).await.map(drop)
    }

    /// What the outbox holds.
    pub async fn effect_counts(&mut self) -> Result<EffectCounts, StoreError> {
        let sql = "SELECT count(CASE WHEN parked = 0 THEN 1 END), count(CASE WHEN parked = 1 \
                   THEN 1 END), min(CASE WHEN parked = 0 AND doubted IS NULL THEN since END) \
                   FROM effect";
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
