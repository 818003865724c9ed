//! Snapshots: reads transfers of the bot's wallet back and finds out what each of them was.
//!
//! A message about a transfer only makes us look. A transfer that says it settles one of our
//! payments makes the bot ask for that payment at once, but only if it came from one of MixPay's
//! accounts: a memo is a claim, and a stranger's transfer causes no request to MixPay.

use crate::{
    app::{
        deps::Deps,
        hints,
        learn::{Occasion, learn, locale_of, place_of},
        reconcile::{
            pages::{Lists, Reading},
            strangers,
        },
        reply::{Place, say},
    },
    domain::{
        cause::Cause,
        code::ShortCode,
        ids::{AssetId, SnapshotId, TraceId},
        invoice::{
            Invoice,
            fact::{Arrival, ArrivalKind, Fact},
            standing::Sum,
        },
        link::Link,
        memo::Memo,
        mixpay_code::RefundReason,
    },
    ports::wallet::Snapshot,
    runtime::{
        backoff::Backoff,
        clock::{is_due, until},
        pace::Pace,
        readiness::{Condition, SILENCE_MAX},
    },
    speech::{Draft, outside, transfer},
    store::{ReceiptKind, StoreError, Tx},
};
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use std::{collections::BTreeMap, time::Duration};
use tokio_util::sync::CancellationToken;

/// Noted transfers that are read back in one go.
const NOTED_MAX: u32 = 50;
/// Noted transfers that are read back side by side.
const NOTED_AT_ONCE: usize = 4;
/// How often the pages are read without a hint: what no message told is found there.
const EVERY: SignedDuration = SignedDuration::from_secs(60);
/// Hints that come faster than this are looked into together (mixin.md 6.9).
const HINTS_EVERY: SignedDuration = SignedDuration::from_millis(500);
/// A noted transfer that does not exist is looked for this long.
const NOTED_KEPT: SignedDuration = SignedDuration::from_hours(1);
/// Transfers that are kept in one transaction, so that nobody waits long for the store.
const KEPT_AT_ONCE: usize = 50;
/// Assets whose tickers are remembered.
const TICKERS_MAX: usize = 200;

/// Tickers of assets that MixPay does not list, as Mixin has told them; empty if it knows none.
pub(super) type Tickers = BTreeMap<AssetId, String>;

/// Reads transfers until told to stop.
pub async fn run(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    let mut failures = 0_u32;
    let mut thorough_at = deps.now();
    let mut read_at = deps.clock.steady();
    let mut lists = Lists::new(deps);
    let mut tickers = Tickers::new();
    let mut pace = Pace::new(HINTS_EVERY, HINTS_EVERY);
    while !stop.is_cancelled() {
        let now = deps.now();
        let begin = pace.round(now);
        if begin > now {
            deps.clock.pause(until(now, begin)).await;
        }
        deps.wakes.transfers.hush();
        let is_thorough = is_due(thorough_at, EVERY, deps.now());
        // Nobody rings for nothing, but whoever rings may know nothing of transfers.
        let is_hinted = !deps.store.begin().await?.noted_transfers(1).await?.is_empty();
        let mut reading = if is_thorough || is_hinted {
            lists.read(deps, &mut tickers, is_thorough).await?
        } else {
            Reading::Whole
        };
        if (is_thorough || is_hinted) && reading != Reading::Failed {
            if is_thorough {
                thorough_at = deps.now().saturating_add(EVERY).unwrap_or(Timestamp::MAX);
            }
            reading = reading.max(read_noted(deps, &mut tickers).await?);
            read_at = deps.clock.steady();
        }
        strangers::tell(deps).await?;
        is_silent_for(deps, deps.clock.steady().saturating_sub(read_at));
        let next = match reading {
            Reading::Whole => thorough_at,
            Reading::More => deps.now(),
            Reading::Failed => {
                failures = failures.saturating_add(1);
                let delay = Backoff::CONNECTION.delay(failures.saturating_add(1), deps.ids.bits());
                let delay = SignedDuration::try_from(delay).unwrap_or(EVERY);
                deps.now().saturating_add(delay).unwrap_or(thorough_at)
            }
        };
        if reading != Reading::Failed {
            failures = 0;
        }
        tokio::select! {
            biased;
            () = deps.wakes.transfers.wait_or(&*deps.clock, Some(next)) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

/// Says for how long the wallet could not be read, if that is long.
fn is_silent_for(deps: &Deps, silence: Duration) {
    let why = || format!("the wallet has not been read for {} s", silence.as_secs());
    deps.readiness.set(Condition::Wallet, (silence > SILENCE_MAX).then(why));
}

/// Reads back the transfers that messages told of and that no page had.
async fn read_noted(deps: &Deps, tickers: &mut Tickers) -> Result<Reading, StoreError> {
    let noted = deps.store.begin().await?.noted_transfers(NOTED_MAX).await?;
    let is_full = u32::try_from(noted.len()).is_ok_and(|count| count >= NOTED_MAX);
    let read = noted
        .into_iter()
        .map(|(id, since)| async move { (id, since, deps.wallet.snapshot(id).await) });
    let read: Vec<_> = stream::iter(read).buffered(NOTED_AT_ONCE).collect().await;
    let mut all = true;
    let mut found = Vec::new();
    for (id, since, outcome) in read {
        match outcome {
            Ok(Some(snapshot)) => found.push(snapshot),
            Ok(None) if deps.is_clock_proved() && deps.now().duration_since(since) > NOTED_KEPT => {
                forget(deps, id).await?;
            }
            Ok(None) => all = false,
            Err(error) => {
                tracing::warn!(snapshot.id = %id, "a transfer cannot be read back: {error}");
                all = false;
            }
        }
    }
    keep(deps, tickers, &found).await?;
    Ok(match (all, is_full) {
        (false, _) => Reading::Failed,
        (true, true) => Reading::More,
        (true, false) => Reading::Whole,
    })
}

async fn forget(deps: &Deps, id: SnapshotId) -> Result<(), StoreError> {
    tracing::warn!(snapshot.id = %id, "a transfer that was told of does not exist");
    let mut tx = deps.store.begin().await?;
    tx.forget_transfer(id).await?;
    deps.commit(tx).await
}

/// Finds out what transfers were.
pub(super) async fn keep(
    deps: &Deps,
    tickers: &mut Tickers,
    page: &[Snapshot],
) -> Result<(), StoreError> {
    if page.is_empty() {
        return Ok(());
    }
    let mut tx = deps.store.begin().await?;
    let ids: Vec<SnapshotId> = page.iter().map(|snapshot| snapshot.id).collect();
    let known = tx.known_transfers(&ids).await?;
    deps.commit(tx).await?;
    let new: Vec<&Snapshot> = page.iter().filter(|new| !known.contains(&new.id)).collect();
    for some in new.chunks(KEPT_AT_ONCE) {
        let mut symbols = Vec::with_capacity(some.len());
        for snapshot in some {
            symbols.push(symbol(deps, tickers, snapshot).await);
        }
        let mut tx = deps.store.begin().await?;
        for (snapshot, symbol) in some.iter().zip(symbols) {
            tx.start_part().await?;
            let kept = keep_one(&mut tx, deps, snapshot, symbol).await;
            if deps.without_unreadable("a transfer", kept)?.is_some() {
                tx.keep_part().await?;
            } else {
                // What it was nobody can say now; that must not keep the next ones waiting.
                tx.drop_part().await?;
                let why = "what it belongs to cannot be read";
                tx.set_transfer_aside(snapshot.id, why, deps.now()).await?;
            }
        }
        deps.commit(tx).await?;
    }
    Ok(())
}

/// The ticker of a transfer's asset; of one that is on none of MixPay's lists its id and what it
/// calls itself. Nobody is asked about what strangers send: they can make as many assets as they
/// like.
async fn symbol(deps: &Deps, tickers: &mut Tickers, snapshot: &Snapshot) -> String {
    if let Some(symbol) = deps.symbol(snapshot.asset) {
        return symbol;
    }
    if let Some(symbol) = tickers.get(&snapshot.asset) {
        return outside::unlisted(snapshot.asset, symbol);
    }
    let is_mixpay = snapshot.opponent.is_some_and(|user| deps.rules.accounts.contains(&user));
    if !is_mixpay {
        return outside::unlisted(snapshot.asset, "");
    }
    match deps.directory.asset(snapshot.asset).await {
        Ok(asset) => {
            let symbol = asset.map(|asset| asset.symbol).unwrap_or_default();
            if tickers.len() >= TICKERS_MAX {
                tickers.clear();
            }
            let told = outside::unlisted(snapshot.asset, &symbol);
            tickers.insert(snapshot.asset, symbol);
            told
        }
        Err(_) => outside::unlisted(snapshot.asset, ""),
    }
}

async fn keep_one(
    tx: &mut Tx,
    deps: &Deps,
    snapshot: &Snapshot,
    symbol: String,
) -> Result<(), StoreError> {
    if snapshot.outgoing || snapshot.collectible || snapshot.amount.is_zero() {
        return tx.insert_receipt(snapshot, ReceiptKind::NotIncome, None).await.map(drop);
    }
    let from_mixpay = snapshot.opponent.is_some_and(|user| deps.rules.accounts.contains(&user));
    if from_mixpay {
        match Memo::read(&snapshot.memo) {
            Memo::Settlement { trace, .. } => {
                if let Some(invoice) = tx.invoice_by_trace(trace).await? {
                    let kind = ArrivalKind::Settlement;
                    return matched(tx, deps, snapshot, symbol, invoice, trace, kind).await;
                }
            }
            Memo::Refund { trace, reason } => {
                if let Some(invoice) = tx.invoice_by_trace(trace).await? {
                    let kind = ArrivalKind::Refund(reason.map(RefundReason::code));
                    return matched(tx, deps, snapshot, symbol, invoice, trace, kind).await;
                }
            }
            Memo::Plain(text) => {
                let code = text.trim().parse::<ShortCode>().ok();
                if let Some(code) = code
                    && let Some(link) = tx.link(code).await?
                {
                    return under_link(tx, deps, snapshot, symbol, &link).await;
                }
            }
            Memo::ChainRefund { .. }
            | Memo::Withdrawal { .. }
            | Memo::Grant
            | Memo::Payment { .. }
            | Memo::Swap { .. } => {}
        }
    }
    strangers::unmatched(tx, deps, snapshot, symbol).await
}

/// A transfer from MixPay that names one of our payments.
async fn matched(
    tx: &mut Tx,
    deps: &Deps,
    snapshot: &Snapshot,
    symbol: String,
    invoice: Invoice,
    trace: TraceId,
    kind: ArrivalKind,
) -> Result<(), StoreError> {
    let standing = invoice.standing();
    let earlier = invoice.facts.arrivals().any(|arrival| arrival.kind == ArrivalKind::Settlement);
    let other =
        standing.paid.as_ref().and_then(|paid| paid.trace).is_some_and(|paid| paid != trace);
    let receipt = match kind {
        ArrivalKind::Refund(_) => ReceiptKind::RefundDue,
        ArrivalKind::Settlement if other => ReceiptKind::Double,
        ArrivalKind::Settlement if earlier => ReceiptKind::Surplus,
        ArrivalKind::Settlement if snapshot.at > invoice.deadline() => ReceiptKind::Late,
        ArrivalKind::Settlement => ReceiptKind::Matched,
    };
    let code = invoice.code.to_string();
    if !tx.insert_receipt(snapshot, receipt, Some(&code)).await? {
        return Ok(());
    }
    tracing::info!(
        snapshot.id = %snapshot.id,
        invoice.id = %invoice.id,
        "transfer {} belongs to invoice {code}: {}",
        snapshot.id,
        receipt.name(),
    );
    deps.metrics.transfers.add(receipt.name(), 1);
    let arrival = Arrival {
        snapshot: snapshot.id,
        asset: snapshot.asset,
        symbol: symbol.clone(),
        amount: snapshot.amount,
        at: snapshot.at,
        kind,
    };
    learn(tx, deps, invoice.id, vec![Fact::Arrived(arrival)], Occasion::News).await?;
    hints::hasten(tx, deps, invoice.id).await?;
    let sum = Sum { amount: snapshot.amount, symbol };
    let locale = locale_of(tx, &invoice).await?;
    let text = match receipt {
        ReceiptKind::RefundDue => transfer::refund_due(invoice.code, &sum, locale),
        ReceiptKind::Double => transfer::double(invoice.code, &sum, locale),
        ReceiptKind::Surplus => transfer::surplus(invoice.code, &sum, locale),
        ReceiptKind::Matched
        | ReceiptKind::Late
        | ReceiptKind::Link
        | ReceiptKind::Unmatched
        | ReceiptKind::NotIncome => return Ok(()),
    };
    let draft = Draft::text(text).about(invoice.code);
    let cause = Cause::Transfer(snapshot.id);
    say(tx, deps, place_of(deps, &invoice), cause, vec![draft], deps.now()).await
}

/// Money through a pay link of the bot: received, with the amount of the transfer, never Paid.
async fn under_link(
    tx: &mut Tx,
    deps: &Deps,
    snapshot: &Snapshot,
    symbol: String,
    link: &Link,
) -> Result<(), StoreError> {
    let code = link.code.to_string();
    if !tx.insert_receipt(snapshot, ReceiptKind::Link, Some(&code)).await? {
        return Ok(());
    }
    deps.metrics.transfers.add(ReceiptKind::Link.name(), 1);
    let place = if link.in_group {
        Place { conversation: link.conversation, person: None, new: false }
    } else {
        Place::private(deps, link.creator)
    };
    let sum = Sum { amount: snapshot.amount, symbol };
    let draft =
        Draft::text(transfer::received(link, &sum, link.locale)).about(link.code).silently();
    say(tx, deps, place, Cause::Transfer(snapshot.id), vec![draft], deps.now()).await
}
