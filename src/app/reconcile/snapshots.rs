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
        reply::{Place, say},
    },
    domain::{
        code::ShortCode,
        ids::{SnapshotId, TraceId},
        invoice::{
            Invoice,
            fact::{Arrival, ArrivalKind, Fact},
            standing::Sum,
        },
        link::Link,
        locale::Locale,
        memo::Memo,
        mixpay_code::RefundReason,
    },
    ports::wallet::Snapshot,
    runtime::backoff::Backoff,
    speech::{Draft, transfer},
    store::{ReceiptKind, StoreError, Tx},
};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// Transfers of one page.
const PAGE: u32 = 500;
/// Noted transfers that are read back in one go.
const NOTED_MAX: u32 = 50;
/// How often the pages are read without a hint: what no message told is found there.
const EVERY: SignedDuration = SignedDuration::from_secs(60);
/// A noted transfer that does not exist is looked for this long.
const NOTED_KEPT: SignedDuration = SignedDuration::from_hours(1);
/// Pages are read again from this long before the newest transfer seen.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);
/// The single value that keeps the cursor.
const CURSOR: &str = "snapshots";

/// Reads transfers until told to stop.
pub async fn run(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    let mut failures = 0_u32;
    let mut pages_at = deps.now();
    while !stop.is_cancelled() {
        deps.wakes.transfers.hush();
        let noted = read_noted(deps).await?;
        let mut failed = !noted;
        if deps.now() >= pages_at {
            failed |= !read_pages(deps).await?;
            pages_at = deps.now().saturating_add(EVERY).unwrap_or(Timestamp::MAX);
        }
        failures = if failed { failures + 1 } else { 0 };
        let next = if failed {
            let delay = Backoff::CONNECTION.delay(failures.saturating_add(1), deps.ids.bits());
            let delay = SignedDuration::try_from(delay).unwrap_or(EVERY);
            deps.now().saturating_add(delay).unwrap_or(pages_at)
        } else {
            pages_at
        };
        tokio::select! {
            biased;
            () = deps.wakes.transfers.wait_or(&*deps.clock, Some(next)) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

/// Reads back the transfers that messages told of; false if Mixin did not answer.
pub async fn read_noted(deps: &Deps) -> Result<bool, StoreError> {
    let noted = deps.store.begin().await?.noted_transfers(NOTED_MAX).await?;
    for (id, since) in noted {
        match deps.wallet.snapshot(id).await {
            Ok(Some(snapshot)) => keep(deps, &[snapshot]).await?,
            Ok(None) => {
                if deps.now().duration_since(since) > NOTED_KEPT {
                    forget(deps, id).await?;
                } else {
                    return Ok(false);
                }
            }
            Err(error) => {
                tracing::warn!(snapshot.id = %id, "a transfer cannot be read back: {error}");
                return Ok(false);
            }
        }
    }
    Ok(true)
}

async fn forget(deps: &Deps, id: SnapshotId) -> Result<(), StoreError> {
    tracing::warn!(snapshot.id = %id, "a transfer that was told of does not exist");
    let mut tx = deps.store.begin().await?;
    tx.forget_transfer(id).await?;
    deps.commit(tx).await
}

/// Reads the pages after the cursor; false if Mixin did not answer.
pub async fn read_pages(deps: &Deps) -> Result<bool, StoreError> {
    let mut tx = deps.store.begin().await?;
    let mut cursor = if let Some(cursor) = tx.meta(CURSOR).await? {
        cursor
    } else {
        // What came before the bot's first start is not its business.
        let start = deps.now().saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN).to_string();
        tx.set_meta(CURSOR, &start).await?;
        start
    };
    deps.commit(tx).await?;
    loop {
        let page = match deps.wallet.snapshots(Some(&cursor), PAGE).await {
            Ok(page) => page,
            Err(error) => {
                tracing::warn!("the wallet cannot be read: {error}");
                return Ok(false);
            }
        };
        keep(deps, &page).await?;
        let full = page.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
        let Some(last) = page.last() else { return Ok(true) };
        // A full page of one instant would come again for ever: step over it by a nanosecond.
        let next = if full && last.cursor == cursor {
            tracing::error!(cursor, "a whole page of transfers bears one time; it is stepped over");
            last.at.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(last.at).to_string()
        } else if full {
            last.cursor.clone()
        } else {
            last.at.saturating_sub(OVERLAP).unwrap_or(last.at).to_string().max(cursor.clone())
        };
        let mut tx = deps.store.begin().await?;
        tx.set_meta(CURSOR, &next).await?;
        deps.commit(tx).await?;
        if !full {
            return Ok(true);
        }
        cursor = next;
    }
}

/// Finds out what transfers were, in one transaction.
async fn keep(deps: &Deps, page: &[Snapshot]) -> Result<(), StoreError> {
    let mut tx = deps.store.begin().await?;
    let mut new = Vec::new();
    for snapshot in page {
        if tx.has_receipt(snapshot.id).await? {
            tx.forget_transfer(snapshot.id).await?;
        } else {
            new.push(snapshot);
        }
    }
    deps.commit(tx).await?;
    if new.is_empty() {
        return Ok(());
    }
    let mut symbols = Vec::with_capacity(new.len());
    for snapshot in &new {
        symbols.push(symbol(deps, snapshot).await);
    }
    let mut tx = deps.store.begin().await?;
    for (snapshot, symbol) in new.into_iter().zip(symbols) {
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
    deps.commit(tx).await
}

/// The ticker of a transfer's asset; empty if nobody can tell now.
async fn symbol(deps: &Deps, snapshot: &Snapshot) -> String {
    match deps.symbol(snapshot.asset) {
        Some(symbol) => symbol,
        None => match deps.directory.asset(snapshot.asset).await {
            Ok(Some(asset)) => asset.symbol,
            Ok(None) | Err(_) => String::new(),
        },
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
    unmatched(tx, deps, snapshot, symbol).await
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
    let cause = snapshot.id.to_string();
    say(tx, deps, place_of(deps, &invoice), ("transfer", &[&cause]), vec![draft], deps.now()).await
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
    let cause = snapshot.id.to_string();
    say(tx, deps, place, ("transfer", &[&cause]), vec![draft], deps.now()).await
}

/// Nothing that we know of: the row stays, and the operators and the sender are told.
async fn unmatched(
    tx: &mut Tx,
    deps: &Deps,
    snapshot: &Snapshot,
    symbol: String,
) -> Result<(), StoreError> {
    if !tx.insert_receipt(snapshot, ReceiptKind::Unmatched, None).await? {
        return Ok(());
    }
    deps.metrics.transfers.add(ReceiptKind::Unmatched.name(), 1);
    tracing::warn!(snapshot.id = %snapshot.id, "transfer {} belongs to nothing we know", snapshot.id);
    let cause = snapshot.id.to_string();
    let sum = Sum { amount: snapshot.amount, symbol };
    let sender = snapshot
        .opponent
        .filter(|user| *user != deps.me.person.id && !deps.rules.accounts.contains(user));
    for operator in deps.operators() {
        let locale = tx.person_settings(operator).await?.locale.unwrap_or(Locale::En);
        let text = transfer::unmatched(snapshot.id, &sum, snapshot.opponent, locale);
        let place = Place { new: true, ..Place::private(deps, operator) };
        let to = operator.to_string();
        let drafts = vec![Draft::text(text)];
        say(tx, deps, place, ("unmatched", &[&cause, &to]), drafts, deps.now()).await?;
    }
    let Some(sender) = sender.filter(|user| !deps.operators().contains(user)) else {
        return Ok(());
    };
    if tx.person(sender).await?.is_some_and(|person| person.is_bot) {
        return Ok(());
    }
    let locale = tx.person_settings(sender).await?.locale.unwrap_or(Locale::En);
    let draft = Draft::text(transfer::thanks_but(snapshot.id, &sum, locale));
    let place = Place { new: true, ..Place::private(deps, sender) };
    say(tx, deps, place, ("unmatched-sender", &[&cause]), vec![draft], deps.now()).await
}
