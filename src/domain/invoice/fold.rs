//! Fold: terms and facts to a standing. Order and repetition of the facts do not matter.
//!
//! Ranked highest first: a verified success or a human's accept; a human's reject
//! and a mismatching success; the newest other answer by MixPay's own time; the draft.

use crate::domain::{
    amount::Amount,
    invoice::{
        fact::{About, Arrival, ArrivalKind, Decision, Fact, Facts, Heard, Role, Word},
        report::{Report, Status},
        standing::{FailureCause, Flags, Payment, Standing, State, Sum, Unread},
        terms::Terms,
        verify::{self, Verdict},
    },
};
use std::cmp::Reverse;

/// An unpaid answer this long after money was first seen makes the invoice a case for review.
pub const UNPAID_AFTER_MONEY_MS: i64 = 48 * 3_600_000;
/// A double payment that stays one for this long is a case for review.
pub const DOUBLE_REVIEW_MS: i64 = 30 * 60_000;
/// MixPay's failure code for "payment overtime".
pub const OVERTIME: i64 = 40_000;
/// MixPay's failure code for "double payment".
pub const DOUBLE: i64 = 40_021;

/// A date that lies further behind the answer that tells it is none.
const APART_MAX_MS: i64 = 10 * 60_000;

/// What the facts amount to.
pub fn fold(terms: &Terms, facts: &Facts) -> Standing {
    let answers = Answers::read(terms, facts);
    let mut standing = base(terms, facts, &answers);
    let decision = decide(facts);
    if !answers.verified.is_empty() || matches!(decision, Ruling::Accepted(_)) {
        paid(terms, &answers, facts, &decision, &mut standing);
    } else if let Ruling::Rejected(by) = decision {
        standing.state = State::Failed;
        standing.missing = None;
        standing.failure = Some(FailureCause::Rejected(by.by));
        standing.flags.decided = Some(by.by);
    } else if !standing.differences.is_empty() {
        standing.state = State::Held;
        standing.missing = None;
        standing.failure = None;
    }
    standing
}

/// The answers, sorted by what they are worth.
struct Answers<'a> {
    verified: Vec<&'a Heard>,
    mismatched: Vec<&'a Heard>,
    /// Anything that is neither a success nor unknown.
    others: Vec<&'a Heard>,
    /// Statuses that we do not know, and successes that could not be read.
    unclear: Vec<&'a Heard>,
}

impl<'a> Answers<'a> {
    fn read(terms: &Terms, facts: &'a Facts) -> Self {
        let mut answers = Self {
            verified: Vec::new(),
            mismatched: Vec::new(),
            others: Vec::new(),
            unclear: Vec::new(),
        };
        for heard in facts.heard() {
            let page = facts.page_of(heard.trace);
            match &heard.report.status {
                Status::Success => match verify::verify(
                    terms,
                    heard.trace,
                    page.unwrap_or_default(),
                    &heard.report,
                ) {
                    Verdict::Verified => answers.verified.push(heard),
                    Verdict::Mismatch(_) => answers.mismatched.push(heard),
                    Verdict::Unclear => answers.unclear.push(heard),
                },
                Status::Other(_) => answers.unclear.push(heard),
                // About an attempt that was never shown, "nothing came" says nothing: it neither
                // expires the payment that was shown nor contradicts it.
                Status::Unpaid | Status::NotFound | Status::Failed
                    if page.is_none() && !shows_money(&heard.report) => {}
                Status::Unpaid
                | Status::NotFound
                | Status::Pending
                | Status::Auditing
                | Status::Failed => answers.others.push(heard),
            }
        }
        answers
    }

    fn all(&self) -> impl Iterator<Item = &'a Heard> {
        self.verified
            .iter()
            .chain(&self.mismatched)
            .chain(&self.others)
            .chain(&self.unclear)
            .copied()
    }
}

/// The standing as the answers without a success, and no human, have it.
fn base(terms: &Terms, facts: &Facts, answers: &Answers<'_>) -> Standing {
    let newest = answers
        .others
        .iter()
        .map(|heard| (heard.last_ms, read(facts, answers, heard), heard))
        .max_by_key(|(at, (state, _), heard)| {
            (*at, Reverse(precedence(*state)), heard.trace, heard.first_ms)
        });
    let mut flags = Flags {
        double: answers.others.iter().any(|heard| heard.report.failure == Some(DOUBLE)),
        ..Flags::default()
    };
    flags.double |= answers
        .verified
        .iter()
        .any(|one| answers.verified.first().is_some_and(|first| first.trace != one.trace));
    let newest_ms = newest.as_ref().map(|(at, _, _)| *at);
    let missing = newest.as_ref().and_then(|(_, _, heard)| missing(&heard.report));
    let (state, failure) = match newest {
        Some((_, result, _)) => result,
        None => quiet(facts),
    };
    let seen_in = newest_with(answers, |heard| received(&heard.report).is_some());
    let arrived = facts.arrivals().filter(|arrival| arrival.kind == ArrivalKind::Settlement);
    Standing {
        state,
        flags,
        seen: seen_in.and_then(|heard| received(&heard.report)),
        confirmations: newest_with(answers, |heard| heard.report.confirmations.is_some())
            .and_then(|heard| heard.report.confirmations),
        missing,
        paid: None,
        settled: None,
        failure,
        differences: answers
            .mismatched
            .iter()
            .max_by_key(|heard| (heard.last_ms, heard.trace, heard.first_ms))
            .map(|heard| differences(terms, facts, heard))
            .unwrap_or_default(),
        unclear: answers.unclear.iter().map(|heard| heard.last_ms).max() > newest_ms,
        unread: unread(answers),
        arrived: arrived.min_by_key(|arrival| (arrival.at, arrival.snapshot)).map(sum_of),
        heard_ms: answers.all().map(|heard| heard.last_ms).max(),
    }
}

/// Over which time MixPay said that it is paid, in answers that could not be read.
fn unread(answers: &Answers<'_>) -> Option<Unread> {
    let successes =
        || answers.unclear.iter().filter(|heard| heard.report.status == Status::Success);
    let first_ms = successes().map(|heard| heard.first_ms).min()?;
    let last_ms = successes().map(|heard| heard.last_ms).max()?;
    Some(Unread { first_ms, last_ms })
}

fn differences(terms: &Terms, facts: &Facts, heard: &Heard) -> Vec<verify::Difference> {
    let page = facts.page_of(heard.trace).unwrap_or_default();
    match verify::verify(terms, heard.trace, page, &heard.report) {
        Verdict::Mismatch(differences) => differences,
        Verdict::Verified | Verdict::Unclear => Vec::new(),
    }
}

fn newest_with<'a>(answers: &Answers<'a>, has: impl Fn(&Heard) -> bool) -> Option<&'a Heard> {
    answers
        .all()
        .filter(|heard| has(heard))
        .max_by_key(|heard| (heard.last_ms, heard.trace, heard.first_ms, heard.report.paid))
}

/// The state before any answer that says something.
fn quiet(facts: &Facts) -> (State, Option<FailureCause>) {
    if facts.arrivals().any(|arrival| arrival.kind == ArrivalKind::Settlement) {
        return (State::Processing, None);
    }
    if facts.opened().is_some() {
        return (State::Open, None);
    }
    // What was never shown needs nobody's answer to be cancelled.
    if facts.iter().any(|fact| matches!(fact, Fact::Cancelled { .. })) {
        return (State::Cancelled, None);
    }
    if facts.iter().any(|fact| matches!(fact, Fact::GivenUp)) {
        return (State::Failed, Some(FailureCause::GivenUp));
    }
    // A newer attempt may still be made.
    let newest = facts.traces().pop();
    let refused = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Refused { trace, code } => {
                newest.is_none_or(|newest| newest == *trace).then_some(*code)
            }
            Fact::Attempted { .. }
            | Fact::Opened { .. }
            | Fact::GivenUp
            | Fact::Heard(_)
            | Fact::Arrived(_)
            | Fact::Cancelled { .. }
            | Fact::Decided(_) => None,
        })
        .max();
    match refused {
        Some(code) => (State::Failed, Some(FailureCause::Refused(code))),
        None => (State::Draft, None),
    }
}

/// What one answer that is no success means.
fn read(facts: &Facts, answers: &Answers<'_>, heard: &Heard) -> (State, Option<FailureCause>) {
    let report = &heard.report;
    match &report.status {
        Status::Unpaid | Status::NotFound => match money_first_seen(facts, answers) {
            Some(first) if heard.last_ms.saturating_sub(first) >= UNPAID_AFTER_MONEY_MS => {
                (State::Review, None)
            }
            Some(_) => (State::Processing, None),
            None => (unpaid(facts, heard.last_ms), None),
        },
        Status::Pending if report.underpaid => (State::Partial, None),
        Status::Auditing => (State::Review, None),
        Status::Failed => failed(facts, answers, heard),
        // Successes and unknown words are sorted out before.
        Status::Pending | Status::Success | Status::Other(_) => (State::Processing, None),
    }
}

/// Nothing was paid, said MixPay at `said_ms`.
fn unpaid(facts: &Facts, said_ms: i64) -> State {
    if cancelled_before(facts, said_ms) {
        State::Cancelled
    } else if said_ms > facts.deadlines().0.as_millisecond() {
        State::Expired
    } else {
        State::Open
    }
}

fn cancelled_before(facts: &Facts, said_ms: i64) -> bool {
    facts
        .iter()
        .any(|fact| matches!(fact, Fact::Cancelled { at, .. } if said_ms > at.as_millisecond()))
}

fn failed(facts: &Facts, answers: &Answers<'_>, heard: &Heard) -> (State, Option<FailureCause>) {
    match heard.report.failure {
        Some(OVERTIME) if money_first_seen(facts, answers).is_none() => {
            let cancelled = cancelled_before(facts, heard.last_ms);
            (if cancelled { State::Cancelled } else { State::Expired }, None)
        }
        Some(DOUBLE)
            if heard.last_ms.saturating_sub(double_since(answers, heard)) >= DOUBLE_REVIEW_MS =>
        {
            (State::Review, None)
        }
        Some(DOUBLE) => (State::Processing, None),
        code => {
            // What was seen before the failure was received too, if the failure is silent on it.
            let of_this = |one: &Heard| one.trace == heard.trace;
            let seen =
                || newest_with(answers, |one| of_this(one) && received(&one.report).is_some());
            let received =
                received(&heard.report).or_else(|| seen().and_then(|seen| received(&seen.report)));
            (State::Failed, Some(FailureCause::Failed { code: code.unwrap_or_default(), received }))
        }
    }
}

/// When MixPay first called this payment a double one, in whatever words.
fn double_since(answers: &Answers<'_>, heard: &Heard) -> i64 {
    answers
        .others
        .iter()
        .filter(|one| one.trace == heard.trace && one.report.failure == Some(DOUBLE))
        .map(|one| one.first_ms)
        .min()
        .unwrap_or(heard.first_ms)
}

/// MixPay's time when money was first seen, by an answer or a transfer.
fn money_first_seen(facts: &Facts, answers: &Answers<'_>) -> Option<i64> {
    let reported = answers.all().filter(|heard| shows_money(&heard.report)).map(|h| h.first_ms);
    let arrived = facts
        .arrivals()
        .filter(|arrival| arrival.kind == ArrivalKind::Settlement)
        .map(|arrival| arrival.at.as_millisecond());
    reported.chain(arrived).min()
}

fn shows_money(report: &Report) -> bool {
    match report.status {
        Status::Pending | Status::Auditing | Status::Success => true,
        Status::Failed => received(report).is_some() || report.failure == Some(DOUBLE),
        Status::Unpaid | Status::NotFound | Status::Other(_) => received(report).is_some(),
    }
}

/// What an answer says was received.
pub(super) fn received(report: &Report) -> Option<Sum> {
    let symbol = report.paid_symbol.clone().unwrap_or_default();
    let more_than_nothing = |amount: &Amount| !amount.is_zero();
    let total = report.transactions_total.filter(more_than_nothing);
    let amount = if report.underpaid { total.or(report.paid) } else { report.paid.or(total) };
    amount.filter(more_than_nothing).map(|amount| Sum { amount, symbol })
}

fn missing(report: &Report) -> Option<Sum> {
    if !report.underpaid {
        return None;
    }
    let payable = report.payable?;
    let total = report.transactions_total.or(report.paid)?;
    let amount = payable.checked_sub(total).filter(|missing| !missing.is_zero())?;
    Some(Sum { amount, symbol: report.paid_symbol.clone().unwrap_or_default() })
}

/// Among answers of the same time, which one counts: lower comes first.
const fn precedence(state: State) -> u8 {
    match state {
        State::Review => 0,
        State::Partial => 1,
        State::Processing => 2,
        State::Failed => 3,
        State::Expired => 4,
        State::Cancelled => 5,
        State::Open => 6,
        State::Draft | State::Paid | State::Settled | State::Held => 7,
    }
}

/// What the humans decided.
enum Ruling<'a> {
    None,
    Accepted(&'a Decision),
    Rejected(&'a Decision),
}

/// Of several decisions the newest counts. What was held needs the word of the creator and of an
/// operator, both given after the newest reject.
fn decide(facts: &Facts) -> Ruling<'_> {
    let newest = |word: Word| {
        facts
            .decisions()
            .filter(move |decision| decision.word == word)
            .max_by_key(|decision| (decision.at, decision.cause))
    };
    let rejected = newest(Word::Reject);
    let counts = |decision: &&Decision| {
        rejected.is_none_or(|no| (decision.at, decision.cause) > (no.at, no.cause))
    };
    let standing: Vec<&Decision> =
        facts.decisions().filter(|one| one.word == Word::Accept).filter(counts).collect();
    let has = |about: About, role: Role| {
        standing
            .iter()
            .any(|one| one.about == about && (one.role == role || one.role == Role::Both))
    };
    let carried = |about: About| match about {
        About::Short => has(about, Role::Creator),
        About::Held => has(about, Role::Creator) && has(about, Role::Operator),
    };
    let last = standing
        .iter()
        .filter(|one| carried(one.about))
        .max_by_key(|one| (one.at, one.cause))
        .copied();
    if let Some(last) = last {
        return Ruling::Accepted(last);
    }
    rejected.map_or(Ruling::None, Ruling::Rejected)
}

fn paid(
    terms: &Terms,
    answers: &Answers<'_>,
    facts: &Facts,
    decision: &Ruling<'_>,
    standing: &mut Standing,
) {
    let payment = answers
        .verified
        .iter()
        .map(|heard| (paid_at(heard), heard))
        .min_by_key(|(at, heard)| (*at, heard.trace, heard.first_ms));
    standing.failure = None;
    standing.missing = None;
    match (payment, decision) {
        (Some((at_ms, heard)), _) => {
            standing.paid = Some(Payment {
                sum: received(&heard.report).or_else(|| standing.seen.clone()),
                at_ms,
                trace: Some(heard.trace),
            });
            if at_ms > facts.deadlines().0.as_millisecond() {
                standing.flags.late = Some(at_ms);
            }
        }
        (None, Ruling::Accepted(decision)) => {
            standing.paid = Some(Payment {
                sum: standing.seen.clone(),
                at_ms: decision.at.as_millisecond(),
                trace: None,
            });
            standing.flags.decided = Some(decision.by);
            standing.flags.accepted_short = decision.about == About::Short;
        }
        (None, Ruling::None | Ruling::Rejected(_)) => {}
    }
    let settled = settle(terms, answers, facts, standing);
    standing.flags.contradicted = contradicted(answers, decision);
    standing.state = if settled { State::Settled } else { State::Paid };
    standing.unread = None;
}

/// Whether what made the invoice paid is called into question: a verified answer by a mismatch at
/// any time or a failure since; a human's word by what was first said after it.
fn contradicted(answers: &Answers<'_>, decision: &Ruling<'_>) -> bool {
    let mut failures = answers.others.iter().filter(|heard| {
        heard.report.status == Status::Failed && heard.report.failure != Some(DOUBLE)
    });
    if let Some(since) = answers.verified.iter().map(|heard| heard.first_ms).min() {
        return !answers.mismatched.is_empty() || failures.any(|heard| heard.last_ms > since);
    }
    match decision {
        Ruling::Accepted(decision) => {
            let is_new = |heard: &Heard| heard.first_ms > decision.at.as_millisecond();
            let values = |heard: &Heard| {
                let report = &heard.report;
                let amount = (report.quote_amount, report.quote_odd.clone());
                (report.payee, amount, report.quote_asset, report.trace.clone())
            };
            // What differs in nothing that is verified was decided about already.
            let old = answers.mismatched.iter().filter(|heard| !is_new(heard));
            let known: Vec<_> = old.map(|heard| values(heard)).collect();
            let mut news = answers.mismatched.iter().filter(|heard| is_new(heard));
            failures.any(|heard| is_new(heard)) || news.any(|heard| !known.contains(&values(heard)))
        }
        Ruling::None | Ruling::Rejected(_) => false,
    }
}

/// When MixPay says it was paid, else when it first told us; Unix milliseconds.
fn paid_at(heard: &Heard) -> i64 {
    date_of(heard).unwrap_or(heard.first_ms)
}

/// When MixPay says it was paid, if that can be; Unix milliseconds.
pub(super) fn date_of(heard: &Heard) -> Option<i64> {
    let date = heard.report.paid_at.and_then(|seconds| seconds.checked_mul(1000));
    // Facts of an older program have dates that nobody doubted.
    let latest = heard.last_ms.saturating_add(APART_MAX_MS);
    date.filter(|at| *at <= latest)
}

/// What reached the payee, by an answer or by the transfer itself, as far as it is known; and what is
/// noteworthy in it. Returns whether something did.
fn settle(terms: &Terms, answers: &Answers<'_>, facts: &Facts, standing: &mut Standing) -> bool {
    let reports = || answers.verified.iter().map(|heard| &heard.report);
    let transfer = facts
        .arrivals()
        .filter(|arrival| arrival.kind == ArrivalKind::Settlement)
        .min_by_key(|arrival| (arrival.at, arrival.snapshot));
    let report = reports().filter(|report| report.settled).max_by_key(|report| {
        (report.settle_amount, report.settle_symbol.clone(), report.settle_asset)
    });
    let symbol = |report: &Report| report.settle_symbol.clone().unwrap_or_default();
    standing.settled = transfer.map(sum_of).or_else(|| {
        let report = report?;
        // What is not known is left out, and never nothing.
        let amount = report.settle_amount.filter(|amount| !amount.is_zero())?;
        Some(Sum { amount, symbol: symbol(report) })
    });
    let asset = transfer.map(|arrival| arrival.asset).or(report.and_then(|r| r.settle_asset));
    if asset.is_some_and(|asset| asset != terms.settlement) {
        let settled = standing.settled.as_ref().map(|sum| sum.symbol.clone());
        let symbol = settled.or_else(|| report.map(symbol));
        standing.flags.other_settlement = Some(symbol.unwrap_or_default());
    }
    standing.flags.over = reports()
        .filter_map(|report| {
            let symbol = report.paid_symbol.clone().unwrap_or_default();
            report.surplus.map(|amount| Sum { amount, symbol })
        })
        .max();
    transfer.is_some() || report.is_some()
}

fn sum_of(arrival: &Arrival) -> Sum {
    Sum { amount: arrival.amount, symbol: arrival.symbol.clone() }
}
