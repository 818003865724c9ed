//! Pages: reads the lists of the wallet's transfers, those of MixPay's accounts before all others.
//!
//! MixPay's transfers are read by a list and a cursor of their own for each account, so that no
//! number of strangers can stand before them.

use crate::{
    app::{
        deps::Deps,
        reconcile::snapshots::{Tickers, keep},
    },
    domain::ids::UserId,
    ports::{failure::CallError, wallet::Page},
    store::StoreError,
};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};

/// Transfers of one page.
const PAGE: u32 = 500;
/// Pages of one list that are read before the others have their turn.
const PAGES_MAX: u32 = 20;
/// A thorough reading begins so long before the newest transfer seen: some come late.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);
/// The single value that keeps the cursor of the list of all.
const CURSOR: &str = "snapshots";
/// How far the cursor is stepped over when a full page ends where it begins; the next one if that is
/// not enough, for a service may know times less exactly than it tells them.
const STEPS: [SignedDuration; 4] = [
    SignedDuration::from_nanos(1),
    SignedDuration::from_micros(1),
    SignedDuration::from_millis(1),
    SignedDuration::from_secs(1),
];

/// A list of transfers, oldest first, and how far it was read.
#[derive(Debug, Default)]
struct List {
    /// Whose transfers; `None` is everybody's.
    opponent: Option<UserId>,
    /// How often a full page did not move the cursor.
    stuck: usize,
    /// Where that was told of.
    told: Option<String>,
}

/// Where a reading begins.
struct Begin {
    /// The newest transfer seen.
    cursor: String,
    /// From when it reads.
    from: String,
}

/// All lists.
#[derive(Debug)]
pub(super) struct Lists(Vec<List>);

/// What a reading came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reading {
    /// Everything there is was read.
    Whole,
    /// There is more.
    More,
    /// Mixin did not answer.
    Failed,
}

impl Lists {
    /// The lists that this bot reads.
    pub(super) fn new(deps: &Deps) -> Self {
        let accounts = deps.rules.accounts.iter().map(|account| Some(*account));
        let list = |opponent| List { opponent, ..List::default() };
        Self(accounts.chain([None]).map(list).collect())
    }

    /// Reads what is new; a thorough reading also looks for what came late.
    pub(super) async fn read(
        &mut self,
        deps: &Deps,
        tickers: &mut Tickers,
        is_thorough: bool,
    ) -> Result<Reading, StoreError> {
        let mut begins = Vec::with_capacity(self.0.len());
        for list in &self.0 {
            begins.push(list.begin(deps, is_thorough).await?);
        }
        // Asked for side by side, and then kept one after the other.
        let pages = self.0.iter().zip(&begins).map(|(list, begin)| list.page(deps, &begin.from));
        let pages = join_all(pages).await;
        let mut reading = Reading::Whole;
        for ((list, begin), first) in self.0.iter_mut().zip(begins).zip(pages) {
            reading = reading.max(list.read(deps, tickers, begin, first).await?);
            if reading == Reading::Failed {
                break;
            }
        }
        Ok(reading)
    }
}

impl List {
    fn key(&self) -> String {
        match self.opponent {
            Some(opponent) => format!("{CURSOR}:{opponent}"),
            None => CURSOR.to_owned(),
        }
    }

    /// The time of the newest transfer seen, as the wire has it.
    async fn cursor(&self, deps: &Deps) -> Result<String, StoreError> {
        let mut tx = deps.store.begin().await?;
        let key = self.key();
        if let Some(cursor) = tx.meta(&key).await? {
            return Ok(cursor);
        }
        let start = match tx.meta(CURSOR).await? {
            Some(of_all) => of_all,
            // What came before the bot's first start is not its business.
            None => before(&deps.now().to_string(), OVERLAP),
        };
        tx.set_meta(&key, &start).await?;
        deps.commit(tx).await?;
        Ok(start)
    }

    /// Where a reading begins.
    async fn begin(&self, deps: &Deps, is_thorough: bool) -> Result<Begin, StoreError> {
        let cursor = self.cursor(deps).await?;
        let step = self.stuck.checked_sub(1).and_then(|stuck| STEPS.get(stuck).or(STEPS.last()));
        let from = match step {
            Some(step) => before(&cursor, -*step),
            None if is_thorough => before(&cursor, OVERLAP),
            None => cursor.clone(),
        };
        Ok(Begin { cursor, from })
    }

    async fn page(&self, deps: &Deps, from: &str) -> Result<Page, CallError> {
        deps.wallet.snapshots(self.opponent, Some(from), PAGE).await
    }

    async fn read(
        &mut self,
        deps: &Deps,
        tickers: &mut Tickers,
        Begin { mut cursor, mut from }: Begin,
        first: Result<Page, CallError>,
    ) -> Result<Reading, StoreError> {
        let mut first = Some(first);
        for _ in 0..PAGES_MAX {
            let page = match first.take() {
                Some(first) => first,
                None => self.page(deps, &from).await,
            };
            let page = match page {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!("the wallet cannot be read: {error}");
                    return Ok(Reading::Failed);
                }
            };
            keep(deps, tickers, &page.transfers).await?;
            if let Some(last) = page.last.as_ref().filter(|last| is_later(last, &cursor)) {
                let mut tx = deps.store.begin().await?;
                tx.set_meta(&self.key(), last).await?;
                deps.commit(tx).await?;
                cursor.clone_from(last);
                self.stuck = 0;
            }
            if page.rows < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                return Ok(Reading::Whole);
            }
            match page.last {
                Some(last) if is_later(&last, &from) => from = last,
                last => {
                    self.does_not_move(last, &cursor);
                    return Ok(Reading::Whole);
                }
            }
        }
        Ok(Reading::More)
    }

    /// A full page ends where it begins: the next round steps over it, and this one is over.
    fn does_not_move(&mut self, last: Option<String>, cursor: &str) {
        let last = last.unwrap_or_else(|| cursor.to_owned());
        // In what was read long ago there is nothing to step over.
        if is_later(cursor, &last) && self.stuck == 0 {
            return;
        }
        self.stuck = self.stuck.saturating_add(1).min(STEPS.len());
        if self.told.as_ref() != Some(&last) {
            tracing::error!(
                cursor = last,
                "a whole page of transfers bears one time; what else bears it is read only if a \
                 message tells of it"
            );
            self.told = Some(last);
        }
    }
}

/// The time so long before another; the text itself if it is none.
fn before(text: &str, length: SignedDuration) -> String {
    match text.parse::<Timestamp>() {
        Ok(time) => time.saturating_sub(length).unwrap_or(time).to_string(),
        Err(_) => text.to_owned(),
    }
}

/// Whether one time is later than another; what is no time is earlier than all.
fn is_later(text: &str, than: &str) -> bool {
    let time = |text: &str| text.parse::<Timestamp>().ok();
    time(text) > time(than)
}
