//! Kept: how much of what is heard about an invoice is kept, however often and however differently
//! it is said.
//!
//! Whoever answers us decides what an answer says, and could make each one differ from all others.
//! Texts are cut, what the fold does not read makes no difference, of answers that say the same to
//! the fold those between the first and the last are forgotten, and of one kind only so many are
//! kept.

use crate::domain::invoice::{
    Invoice,
    fact::{Arrival, Fact, Facts, Heard},
    fold::{date_of, received},
    report::{Report, Status},
    terms::{CoinPrice, Terms},
    verify::{Verdict, verify},
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Words, tickers and codes from outside are kept this long.
const WORD_CHARS_MAX: usize = 64;
/// Ids of transactions are.
const TRANSACTION_CHARS_MAX: usize = 128;
/// An address of a page is.
const PAGE_CHARS_MAX: usize = 2048;
/// Answers are thinned out when there are more.
const HEARD_THINNED_ABOVE: usize = 16;
/// Answers of one status and one worth; what is said after that is the last of them, heard longer.
pub const HEARD_MAX: usize = 64;

fn cut(text: &mut String, chars: usize) {
    if let Some((at, _)) = text.char_indices().nth(chars) {
        text.truncate(at);
    }
}

fn cut_word(text: &mut Option<String>) {
    if let Some(text) = text {
        cut(text, WORD_CHARS_MAX);
    }
}

impl Fact {
    /// The same with its texts from outside cut to what they can sensibly be.
    #[must_use]
    pub fn cut(mut self) -> Self {
        match &mut self {
            Self::Heard(Heard { report, .. }) => {
                if let Status::Other(word) = &mut report.status {
                    cut(word, WORD_CHARS_MAX);
                }
                cut_word(&mut report.quote_odd);
                cut_word(&mut report.trace);
                cut_word(&mut report.paid_symbol);
                cut_word(&mut report.settle_symbol);
                if let Some(transaction) = &mut report.transaction {
                    cut(transaction, TRANSACTION_CHARS_MAX);
                }
            }
            Self::Opened { page, coin, .. } => {
                cut(page, PAGE_CHARS_MAX);
                if let Some(CoinPrice { symbol, .. }) = coin {
                    cut(symbol, WORD_CHARS_MAX);
                }
            }
            Self::Arrived(Arrival { symbol, .. }) => cut(symbol, WORD_CHARS_MAX),
            Self::Attempted { .. }
            | Self::Refused { .. }
            | Self::GivenUp
            | Self::Cancelled { .. }
            | Self::Decided(_) => {}
        }
        self
    }
}

/// A short digest of what an answer says to the fold, which reads neither the words of a status
/// that it does not know nor the transaction. (Answers that were kept under a digest of more than
/// that keep their keys. The same answer is a second fact then, which says nothing new.)
pub(super) fn digest(report: &Report) -> String {
    let mut read = Report { transaction: None, ..report.clone() };
    if matches!(read.status, Status::Other(_)) {
        read.status = Status::Other(String::new());
    }
    let mut hash = Sha256::new();
    hash.update(format!("{read:?}"));
    hex::encode(hash.finalize().get(..8).unwrap_or_default())
}

/// What an answer is worth, without its details.
fn worth(terms: &Terms, facts: &Facts, heard: &Heard) -> (u8, u8) {
    let status = match &heard.report.status {
        Status::Unpaid => 0,
        Status::NotFound => 1,
        Status::Pending => 2,
        Status::Auditing => 3,
        Status::Success => 4,
        Status::Failed => 5,
        Status::Other(_) => 6,
    };
    let page = facts.page_of(heard.trace).unwrap_or_default();
    let verdict = match verify(terms, heard.trace, page, &heard.report) {
        Verdict::Verified => 0,
        Verdict::Mismatch(_) => 1,
        Verdict::Unclear => 2,
    };
    (status, if heard.report.status == Status::Success { verdict } else { 0 })
}

/// What answers have in common of which all but the first and the last say nothing to the fold:
/// everything that it looks for in any answer, and not in the newest alone.
fn class(heard: &Heard) -> String {
    let Report {
        status,
        payee,
        quote_amount,
        quote_odd,
        quote_asset,
        trace,
        paid: _,
        paid_symbol: _,
        payable: _,
        underpaid: _,
        transactions_total: _,
        confirmations,
        surplus,
        paid_at: _,
        failure,
        settled,
        settle_amount,
        settle_symbol,
        settle_asset,
        transaction: _,
    } = &heard.report;
    let of_all = (heard.trace, received(&heard.report).is_some(), confirmations.is_some(), failure);
    if *status == Status::Success {
        let verified = (payee, quote_amount, quote_odd, quote_asset, trace);
        let settled =
            (surplus, date_of(heard), settled, settle_amount, settle_symbol, settle_asset);
        format!("{of_all:?} {verified:?} {settled:?}")
    } else {
        let status = if matches!(status, Status::Other(_)) { None } else { Some(status) };
        format!("{of_all:?} {status:?}")
    }
}

impl Facts {
    /// The keys of answers without which the facts amount to the same.
    pub fn superfluous(&self) -> Vec<String> {
        let mut classes: BTreeMap<String, Vec<(String, &Heard)>> = BTreeMap::new();
        for (key, fact) in self.keyed() {
            if let Fact::Heard(heard) = fact {
                classes.entry(class(heard)).or_default().push((key.to_owned(), heard));
            }
        }
        let mut superfluous = Vec::new();
        for answers in classes.into_values() {
            let first = answers.iter().map(|(_, heard)| heard.first_ms).min();
            let last = answers.iter().max_by_key(|(_, heard)| (heard.last_ms, heard.first_ms));
            let (Some(first), Some((_, last))) = (first, last) else { continue };
            let last = *last;
            let between = |heard: &Heard| {
                first < heard.first_ms
                    && heard.first_ms <= last.first_ms
                    && heard.last_ms < last.last_ms
            };
            superfluous.extend(
                answers.into_iter().filter(|(_, heard)| between(heard)).map(|(key, _)| key),
            );
        }
        superfluous
    }

    /// Forgets what is superfluous when there is much; the keys.
    pub fn thin_out(&mut self) -> Vec<String> {
        if self.heard().count() <= HEARD_THINNED_ABOVE {
            return Vec::new();
        }
        let superfluous = self.superfluous();
        for key in &superfluous {
            self.forget(key);
        }
        superfluous
    }
}

impl Invoice {
    /// Adds a fact, cut to its sensible size. Returns the key of what has changed, `None` if it said
    /// nothing new. Where enough answers of that kind are known, the newest of them was heard longer.
    pub fn learn(&mut self, fact: Fact) -> Option<String> {
        let fact = fact.cut();
        let Fact::Heard(heard) = &fact else { return self.facts.learn(fact) };
        if self.facts.get(&fact.key()).is_none() {
            let of = worth(&self.terms, &self.facts, heard);
            let alike: Vec<&Heard> = self
                .facts
                .heard()
                .filter(|known| worth(&self.terms, &self.facts, known) == of)
                .collect();
            let newest = alike.iter().max_by_key(|known| (known.last_ms, known.first_ms));
            if let Some(newest) = newest.filter(|_| alike.len() >= HEARD_MAX) {
                let (last_ms, first_ms) = (heard.last_ms, newest.first_ms);
                let longer = Heard { first_ms, last_ms, ..Heard::clone(newest) };
                return self.facts.learn(Fact::Heard(longer));
            }
        }
        self.facts.learn(fact)
    }
}
