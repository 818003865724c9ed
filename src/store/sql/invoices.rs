//! Invoices, their facts, their links, and when to ask about them.

use crate::{
    domain::{
        code::ShortCode,
        ids::{ConversationId, InvoiceId, MessageId, TraceId, UserId},
        invoice::{
            Invoice,
            fact::{Fact, Facts},
            polling::Urgency,
            standing::State,
        },
        link::Link,
    },
    store::{Columns, Row, StoreError, Tx, Val, codec::invoices::InvoiceRow, json, micros, time},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Which of somebody's invoices to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InvoiceFilter {
    /// Only paid ones (`Some(true)`), only unpaid ones (`Some(false)`), or all.
    pub paid: Option<bool>,
    /// Only those made since.
    pub since: Option<Timestamp>,
}

/// What came in under a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkTotals {
    /// Payments made under it.
    pub made: i64,
    /// Those that were paid.
    pub paid: i64,
}

/// An invoice that MixPay is to be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Poll {
    /// The invoice.
    pub invoice: InvoiceId,
    /// Since when it may be asked about.
    pub due: Timestamp,
    /// Why.
    pub urgency: Urgency,
}

/// The number of [`Urgency::Open`] without its age.
const OPEN: i64 = 10;
/// The number of [`Urgency::Ended`].
const ENDED: i64 = 90;
/// The number of [`Urgency::Watched`], above all others.
const WATCHED: i64 = 100;

fn rank(urgency: Urgency) -> i64 {
    match urgency {
        Urgency::Now => 0,
        Urgency::Likely => 1,
        Urgency::Open(age) => OPEN + i64::from(age.class()),
        Urgency::Ended => ENDED,
        Urgency::Watched => WATCHED,
    }
}

fn without_facts(row: Row) -> Result<Invoice, StoreError> {
    let mut columns = Columns::of("invoice", row);
    columns.text()?;
    let row: InvoiceRow = columns.json()?;
    Ok(Invoice {
        id: row.id,
        code: row.code,
        creator: row.creator,
        conversation: row.conversation,
        in_group: row.in_group,
        asked_in: row.asked_in,
        terms: row.terms,
        locale: row.locale,
        created_at: row.created_at,
        facts: Facts::default(),
    })
}

impl Tx {
    /// Adds an invoice with its facts.
    pub async fn insert_invoice(&mut self, invoice: &Invoice) -> Result<(), StoreError> {
        let row = InvoiceRow {
            id: invoice.id,
            code: invoice.code,
            creator: invoice.creator,
            conversation: invoice.conversation,
            in_group: invoice.in_group,
            asked_in: invoice.asked_in,
            terms: invoice.terms.clone(),
            locale: invoice.locale,
            created_at: invoice.created_at,
        };
        let sql = "INSERT INTO invoice (id, code, creator, conversation, person_order, link, body, \
                   state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let values = [
            invoice.id.to_string().into(),
            invoice.code.as_str().into(),
            invoice.creator.to_string().into(),
            invoice.conversation.to_string().into(),
            invoice.terms.order.clone().into(),
            invoice.terms.link.map(|code| code.to_string()).into(),
            json(&row)?,
            invoice.standing().state.name().into(),
            micros(invoice.created_at).into(),
        ];
        self.execute(sql, &values).await?;
        let facts: Vec<_> = invoice.facts.iter().map(|fact| (fact.key(), fact.clone())).collect();
        self.save_facts(invoice.id, &facts, invoice.standing().state, invoice.created_at).await
    }

    /// Whether this code is free.
    pub async fn code_is_free(&mut self, code: ShortCode) -> Result<bool, StoreError> {
        let sql =
            "SELECT 1 FROM invoice WHERE code = $1 UNION ALL SELECT 1 FROM link WHERE code = $1";
        Ok(self.row(sql, &[code.as_str().into()]).await?.is_none())
    }

    /// Keeps facts that are new or heard over a longer time, and the state that they amount to.
    pub async fn save_facts(
        &mut self,
        invoice: InvoiceId,
        facts: &[(String, Fact)],
        state: State,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (key, fact) in facts {
            let sql = "INSERT INTO fact (invoice, key, body, at) VALUES ($1, $2, $3, $4) \
                       ON CONFLICT (invoice, key) DO UPDATE SET body = excluded.body";
            let values =
                [invoice.to_string().into(), key.clone().into(), json(fact)?, micros(now).into()];
            self.execute(sql, &values).await?;
            if let Fact::Attempted { trace, .. } = fact {
                let sql = "INSERT INTO trace (trace, invoice) VALUES ($1, $2) \
                           ON CONFLICT DO NOTHING";
                let values = [trace.to_string().into(), invoice.to_string().into()];
                self.execute(sql, &values).await?;
            }
        }
        let sql = "UPDATE invoice SET state = $1 WHERE id = $2 AND state <> $1";
        let values = [state.name().into(), invoice.to_string().into()];
        self.execute(sql, &values).await.map(drop)
    }

    /// Forgets facts that add nothing to the others.
    pub async fn forget_facts(
        &mut self,
        invoice: InvoiceId,
        keys: &[String],
    ) -> Result<(), StoreError> {
        for key in keys {
            let sql = "DELETE FROM fact WHERE invoice = $1 AND key = $2";
            self.execute(sql, &[invoice.to_string().into(), key.as_str().into()]).await?;
        }
        Ok(())
    }

    async fn load(
        &mut self,
        sql: &'static str,
        values: &[Val],
    ) -> Result<Option<Invoice>, StoreError> {
        match self.row(sql, values).await? {
            Some(row) => self.with_facts(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// The invoices of a list that can be read.
    async fn load_all(
        &mut self,
        sql: &'static str,
        values: &[Val],
    ) -> Result<Vec<Invoice>, StoreError> {
        let mut invoices = Vec::new();
        for row in self.rows(sql, values).await? {
            match self.with_facts(row).await {
                Ok(invoice) => invoices.push(invoice),
                Err(error) if error.is_unreadable() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(invoices)
    }

    async fn with_facts(&mut self, row: Row) -> Result<Invoice, StoreError> {
        let id = row.first().cloned().unwrap_or(Val::Null);
        let mut invoice = match without_facts(row) {
            Ok(invoice) => invoice,
            Err(error) => {
                self.found_in_invoice(&id, &error).await?;
                return Err(error);
            }
        };
        let sql = "SELECT key, body FROM fact WHERE invoice = $1";
        for row in self.rows(sql, &[invoice.id.to_string().into()]).await? {
            let mut columns = Columns::of("fact", row);
            columns.key = format!("{}/{}", invoice.id, columns.key).into();
            // To work the key out again costs more than to read the fact.
            match columns.text().and_then(|key| Ok((key, columns.json()?))) {
                Ok((key, fact)) => invoice.facts.recall(key, fact),
                Err(error) => {
                    self.found_in_invoice(&id, &error).await?;
                    return Err(error);
                }
            }
        }
        Ok(invoice)
    }

    /// An invoice.
    pub async fn invoice(&mut self, id: InvoiceId) -> Result<Option<Invoice>, StoreError> {
        let sql = "SELECT id, body FROM invoice WHERE id = $1";
        self.load(sql, &[id.to_string().into()]).await
    }

    /// When an invoice was made; `None` if there is none.
    pub async fn made_at(&mut self, id: InvoiceId) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT id, created_at FROM invoice WHERE id = $1";
        let Some(row) = self.row(sql, &[id.to_string().into()]).await? else { return Ok(None) };
        let mut columns = Columns::of("invoice", row);
        columns.text()?;
        columns.int().map(time).map(Some)
    }

    /// The invoice with this code.
    pub async fn invoice_by_code(
        &mut self,
        code: ShortCode,
    ) -> Result<Option<Invoice>, StoreError> {
        let sql = "SELECT id, body FROM invoice WHERE code = $1";
        self.load(sql, &[code.as_str().into()]).await
    }

    /// The invoice that a trace belongs to.
    pub async fn invoice_by_trace(
        &mut self,
        trace: TraceId,
    ) -> Result<Option<Invoice>, StoreError> {
        let sql = "SELECT id, body FROM invoice WHERE id = \
                   (SELECT invoice FROM trace WHERE trace = $1)";
        self.load(sql, &[trace.to_string().into()]).await
    }

    /// The invoice that a trace belongs to, without its facts: its id, its code, and whether its
    /// state is this one.
    pub async fn is_traced(
        &mut self,
        trace: TraceId,
        state: State,
    ) -> Result<Option<(InvoiceId, ShortCode, bool)>, StoreError> {
        let sql = "SELECT id, code, state FROM invoice WHERE id = \
                   (SELECT invoice FROM trace WHERE trace = $1)";
        let row = self.row(sql, &[trace.to_string().into()]).await?;
        let traced = self.whole(row, |row| {
            let mut columns = Columns::of("invoice", row);
            Ok((columns.parsed()?, columns.parsed()?, columns.text()? == state.name()))
        });
        traced.await
    }

    /// Somebody's invoice with this order number of their own.
    pub async fn invoice_by_order(
        &mut self,
        creator: UserId,
        order: &str,
    ) -> Result<Option<Invoice>, StoreError> {
        let sql = "SELECT id, body FROM invoice WHERE creator = $1 AND person_order = $2 \
                   ORDER BY created_at DESC LIMIT 1";
        self.load(sql, &[creator.to_string().into(), order.into()]).await
    }

    /// Somebody's newest invoice, in one conversation or anywhere.
    pub async fn newest_invoice(
        &mut self,
        creator: UserId,
        conversation: Option<ConversationId>,
    ) -> Result<Option<Invoice>, StoreError> {
        let sql = "SELECT id, body FROM invoice WHERE creator = $1 \
                   AND (conversation = $2 OR $2 IS NULL) ORDER BY created_at DESC, id LIMIT 1";
        let values = [creator.to_string().into(), conversation.map(|id| id.to_string()).into()];
        self.load(sql, &values).await
    }

    /// Somebody's open payment under a link.
    pub async fn open_under_link(
        &mut self,
        link: ShortCode,
        creator: UserId,
    ) -> Result<Vec<Invoice>, StoreError> {
        let sql = "SELECT id, body FROM invoice WHERE link = $1 AND creator = $2 \
                   AND state IN ('draft', 'open') ORDER BY created_at DESC LIMIT 10";
        let values = [link.as_str().into(), creator.to_string().into()];
        self.load_all(sql, &values).await
    }

    /// Somebody's invoices, newest first.
    pub async fn invoices_of(
        &mut self,
        creator: UserId,
        filter: InvoiceFilter,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<Invoice>, StoreError> {
        let sql = "SELECT id, body FROM invoice WHERE creator = $1 AND created_at >= $2 \
                   AND ($3 = 0 OR ($3 = 1) = (state IN ('paid', 'settled'))) \
                   ORDER BY created_at DESC, id LIMIT $4 OFFSET $5";
        let values = [
            creator.to_string().into(),
            filter.since.map_or(i64::MIN, micros).into(),
            i64::from(match filter.paid {
                None => 0_u8,
                Some(true) => 1,
                Some(false) => 2,
            })
            .into(),
            i64::from(limit).into(),
            i64::from(offset).into(),
        ];
        self.load_all(sql, &values).await
    }

    /// All invoices, oldest first, a page at a time, after the one at `after`.
    pub async fn invoices_after(
        &mut self,
        after: Option<(Timestamp, InvoiceId)>,
        limit: u32,
    ) -> Result<Vec<Invoice>, StoreError> {
        let sql = "SELECT id, body, created_at FROM invoice WHERE (created_at, id) > ($1, $2) \
                   ORDER BY created_at, id LIMIT $3";
        let (mut at, mut id) = match after {
            Some((at, id)) => (Val::Int(micros(at)), Val::from(id.to_string())),
            None => (Val::Int(i64::MIN), Val::from("")),
        };
        loop {
            let mut invoices = Vec::new();
            let rows = self.rows(sql, &[at, id, i64::from(limit).into()]).await?;
            let Some([last_id, _, last_at]) = rows.last().map(Vec::as_slice) else {
                return Ok(invoices);
            };
            (at, id) = (last_at.clone(), last_id.clone());
            for row in rows {
                match self.with_facts(row).await {
                    Ok(invoice) => invoices.push(invoice),
                    Err(error) if error.is_unreadable() => {}
                    Err(error) => return Err(error),
                }
            }
            // An empty page is the end; one of which nothing can be read is not.
            if !invoices.is_empty() {
                return Ok(invoices);
            }
        }
    }

    /// Notes that a notice is told; false if it was told before.
    pub async fn tell_once(
        &mut self,
        invoice: InvoiceId,
        notice: &str,
        silent: bool,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO told (invoice, notice, silent) VALUES ($1, $2, $3) \
                   ON CONFLICT DO NOTHING";
        let values = [invoice.to_string().into(), notice.into(), i64::from(silent).into()];
        Ok(self.execute(sql, &values).await? > 0)
    }

    /// How many silent notices an invoice has had.
    pub async fn silent_notices(&mut self, invoice: InvoiceId) -> Result<i64, StoreError> {
        let sql = "SELECT count(*) FROM told WHERE invoice = $1 AND silent = 1";
        let row = self.row(sql, &[invoice.to_string().into()]).await?.unwrap_or_default();
        Columns::of("told", row).int()
    }

    /// Sets when to ask about an invoice next; `None` is never again. If somebody wanted to know
    /// since the last question was sent, an earlier time stays.
    pub async fn set_poll(
        &mut self,
        invoice: InvoiceId,
        next: Option<(Timestamp, Urgency)>,
    ) -> Result<(), StoreError> {
        let id: Val = invoice.to_string().into();
        let Some((due, urgency)) = next else {
            let sql = "DELETE FROM poll WHERE invoice = $1 AND wanted = 0";
            return self.execute(sql, &[id]).await.map(drop);
        };
        self.added.polls = true;
        let sql = "INSERT INTO poll (invoice, due, urgency, wanted, hinted) \
                   VALUES ($1, $2, $3, 0, 0) ON CONFLICT (invoice) DO UPDATE SET \
                   due = CASE poll.wanted WHEN 0 THEN excluded.due \
                   ELSE min(poll.due, excluded.due) END, \
                   urgency = CASE poll.wanted WHEN 0 THEN excluded.urgency ELSE poll.urgency END";
        self.execute(sql, &[id, micros(due).into(), rank(urgency).into()]).await.map(drop)
    }

    /// Asks about an invoice now: somebody waits for the answer.
    pub async fn hasten_poll(
        &mut self,
        invoice: InvoiceId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.added.polls = true;
        let sql = "INSERT INTO poll (invoice, due, urgency, wanted, hinted, person) \
                   VALUES ($1, $2, $3, 1, 0, \
                   COALESCE((SELECT creator FROM invoice WHERE id = $1), '')) \
                   ON CONFLICT (invoice) DO UPDATE SET \
                   due = min(poll.due, excluded.due), urgency = excluded.urgency, wanted = 1, \
                   person = excluded.person";
        let values = [invoice.to_string().into(), micros(now).into(), rank(Urgency::Now).into()];
        self.execute(sql, &values).await.map(drop)
    }

    /// Asks about an invoice as soon as a hint may: now, or `spacing` after the question that the
    /// last hint caused. While a question is pending, more hints are the same question.
    pub async fn hint_poll(
        &mut self,
        invoice: InvoiceId,
        now: Timestamp,
        spacing: jiff::SignedDuration,
    ) -> Result<(), StoreError> {
        self.added.polls = true;
        let sql = "INSERT INTO poll (invoice, due, urgency, wanted, hinted, person) \
                   VALUES ($1, $2, $3, 1, $2, \
                   COALESCE((SELECT creator FROM invoice WHERE id = $1), '')) \
                   ON CONFLICT (invoice) DO UPDATE SET \
                   urgency = excluded.urgency, wanted = 1, person = excluded.person, \
                   due = min(poll.due, max(excluded.due, poll.hinted + $4)), \
                   hinted = max(excluded.due, poll.hinted + \
                   CASE poll.wanted WHEN 0 THEN $4 ELSE 0 END)";
        let spacing = i64::try_from(spacing.as_micros()).unwrap_or(i64::MAX);
        let values = [
            invoice.to_string().into(),
            micros(now).into(),
            rank(Urgency::Now).into(),
            spacing.into(),
        ];
        self.execute(sql, &values).await.map(drop)
    }

    /// A question about an invoice is being sent: what is wanted from now on is not in its answer.
    pub async fn send_poll(&mut self, invoice: InvoiceId) -> Result<(), StoreError> {
        let sql = "UPDATE poll SET wanted = 0 WHERE invoice = $1 AND wanted = 1";
        self.execute(sql, &[invoice.to_string().into()]).await.map(drop)
    }

    /// The invoices to ask about now: of each urgency those that wait longest, the most urgent
    /// first.
    pub async fn due_polls(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Poll>, StoreError> {
        let mut polls = Vec::new();
        let mut last = None;
        while let Some(urgency) = self.urgency_after(last).await? {
            polls.extend(self.due_polls_of(urgency, now, limit).await?);
            last = Some(urgency);
        }
        Ok(polls)
    }

    /// The most urgent that any invoice is after this one; after `None`, of all.
    pub async fn urgency_after(
        &mut self,
        last: Option<Urgency>,
    ) -> Result<Option<Urgency>, StoreError> {
        let sql = "SELECT min(urgency) FROM poll WHERE urgency > $1";
        let values = [last.map_or(-1, rank).into()];
        let next = self.overview("poll", sql, &values, |mut columns| columns.int_or_null()).await?;
        Ok(next.map(|next| {
            Urgency::all().find(|urgency| rank(*urgency) >= next).unwrap_or(Urgency::Watched)
        }))
    }

    /// Whether any invoice is to be asked about now that is not among the `busy` ones.
    pub async fn is_any_poll_due(
        &mut self,
        busy: &BTreeSet<InvoiceId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT invoice FROM poll WHERE due <= $1 LIMIT $2";
        let limit = i64::try_from(busy.len()).unwrap_or(i64::MAX).saturating_add(1);
        let values = [micros(now).into(), limit.into()];
        let due = self.list(sql, &values, |row| Columns::of("poll", row).parsed::<InvoiceId>());
        Ok(due.await?.iter().any(|invoice| !busy.contains(invoice)))
    }

    /// The invoices of one urgency to ask about now, those that wait longest first.
    pub async fn due_polls_of(
        &mut self,
        urgency: Urgency,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Poll>, StoreError> {
        let sql = "SELECT invoice, due FROM poll WHERE urgency = $1 AND due <= $2 \
                   ORDER BY due LIMIT $3";
        let values = [rank(urgency).into(), micros(now).into(), i64::from(limit).into()];
        let poll = |row| {
            let mut columns = Columns::of("poll", row);
            Ok(Poll { invoice: columns.parsed()?, due: time(columns.int()?), urgency })
        };
        self.list(sql, &values, poll).await
    }

    /// Of the invoices that somebody waits for, the one that waits longest of the next person after
    /// `last`, in the order of their ids, who has one that is not `busy`; and who made it.
    pub async fn urgent_poll_after(
        &mut self,
        last: Option<UserId>,
        busy: &BTreeSet<InvoiceId>,
        now: Timestamp,
    ) -> Result<Option<(Poll, UserId)>, StoreError> {
        let sql = "SELECT invoice, due, person FROM poll WHERE urgency = 0 AND person > $1 \
                   AND due <= $2 ORDER BY person, due LIMIT $3";
        let last = last.map(|person| person.to_string()).unwrap_or_default();
        let limit = i64::try_from(busy.len()).unwrap_or(i64::MAX).saturating_add(1);
        for row in self.rows(sql, &[last.into(), micros(now).into(), limit.into()]).await? {
            let mut columns = Columns::of("poll", row);
            let invoice = columns.parsed()?;
            let poll = Poll { invoice, due: time(columns.int()?), urgency: Urgency::Now };
            if !busy.contains(&invoice) {
                return Ok(Some((poll, columns.parsed()?)));
            }
        }
        Ok(None)
    }

    /// Whether at most this many invoices wait for questions, apart from those only watched.
    pub async fn polls_are_few(&mut self, most: u32) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM poll WHERE urgency < $1 LIMIT 1 OFFSET $2";
        Ok(self.row(sql, &[WATCHED.into(), i64::from(most).into()]).await?.is_none())
    }

    /// When the next question becomes due, after `now`.
    pub async fn next_poll_due(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(due) FROM poll WHERE due > $1";
        let values = [micros(now).into()];
        let due = self.overview("poll", sql, &values, |mut columns| columns.int_or_null());
        Ok(due.await?.map(time))
    }

    /// When the next question that somebody waits for becomes due, after `now`.
    pub async fn next_urgent_due(
        &mut self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(due) FROM poll WHERE urgency = $1 AND due > $2";
        let values = [rank(Urgency::Now).into(), micros(now).into()];
        let due = self.overview("poll", sql, &values, |mut columns| columns.int_or_null());
        Ok(due.await?.map(time))
    }

    /// How many invoices wait for a question.
    pub async fn poll_count(&mut self) -> Result<i64, StoreError> {
        let row = self.row("SELECT count(*) FROM poll", &[]).await?.unwrap_or_default();
        Columns::of("poll", row).int()
    }

    /// Notes that a message of ours is about an invoice or a link.
    pub async fn note_about(
        &mut self,
        message: MessageId,
        code: ShortCode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO about (message, code, at) VALUES ($1, $2, $3) \
                   ON CONFLICT DO NOTHING";
        let values = [message.to_string().into(), code.as_str().into(), micros(now).into()];
        self.execute(sql, &values).await.map(drop)
    }

    /// What a message of ours is about.
    pub async fn about(&mut self, message: MessageId) -> Result<Option<ShortCode>, StoreError> {
        let sql = "SELECT message, code FROM about WHERE message = $1";
        let row = self.row(sql, &[message.to_string().into()]).await?;
        let code = self.option(row, |row| {
            let mut columns = Columns::of("about", row);
            columns.text()?;
            columns.parsed()
        });
        code.await
    }

    /// Adds a link.
    pub async fn insert_link(&mut self, link: &Link) -> Result<(), StoreError> {
        let sql = "INSERT INTO link (code, creator, body, created_at) VALUES ($1, $2, $3, $4)";
        let values = [
            link.code.as_str().into(),
            link.creator.to_string().into(),
            json(link)?,
            micros(link.created_at).into(),
        ];
        self.execute(sql, &values).await.map(drop)
    }

    /// The link with this code.
    pub async fn link(&mut self, code: ShortCode) -> Result<Option<Link>, StoreError> {
        let sql = "SELECT code, body FROM link WHERE code = $1";
        let row = self.row(sql, &[code.as_str().into()]).await?;
        let link = self.whole(row, |row| {
            let mut columns = Columns::of("link", row);
            columns.text()?;
            columns.json()
        });
        link.await
    }

    /// What came in under a link.
    pub async fn link_totals(&mut self, code: ShortCode) -> Result<LinkTotals, StoreError> {
        let sql = "SELECT count(*), count(CASE WHEN state IN ('paid', 'settled') THEN 1 END) \
                   FROM invoice WHERE link = $1";
        let row = self.row(sql, &[code.as_str().into()]).await?.unwrap_or_default();
        let mut columns = Columns::of("invoice", row);
        Ok(LinkTotals { made: columns.int()?, paid: columns.int()? })
    }

    /// The paid invoices under a link, newest first.
    pub async fn paid_under_link(
        &mut self,
        code: ShortCode,
        limit: u32,
    ) -> Result<Vec<Invoice>, StoreError> {
        let sql = "SELECT id, body FROM invoice WHERE link = $1 \
                   AND state IN ('paid', 'settled') ORDER BY created_at DESC LIMIT $2";
        let values = [code.as_str().into(), i64::from(limit).into()];
        self.list(sql, &values, without_facts).await
    }
}
