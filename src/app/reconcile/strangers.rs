//! Strangers: transfers that belong to nothing are told, but nobody is flooded by them.
//!
//! Dust, and more than a few transfers an hour from one sender, are kept silently: the operators get
//! one summary an hour, and the sender one answer.

use crate::{
    app::{
        deps::Deps,
        reply::{Place, say},
    },
    domain::{
        asset::QuoteAsset, cause::Cause, ids::UserId, invoice::standing::Sum, locale::Locale,
    },
    ports::wallet::Snapshot,
    speech::{Draft, transfer},
    store::{ReceiptKind, StoreError, Tx},
};
use jiff::{SignedDuration, Timestamp};

/// Transfers of one sender in an hour that are each told of.
const TOLD_MAX: i64 = 3;
/// An hour: so often at most the operators get a summary, and a sender an answer.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// What is worth less than this part of the least that MixPay takes is dust: about 0.01 USD.
const DUST_PART: u128 = 10;

/// Whether nobody wants to hear of each such transfer: it is next to nothing, or a token that MixPay
/// does not list and anybody can make.
fn is_dust(deps: &Deps, snapshot: &Snapshot) -> bool {
    let catalogue = deps.catalogue();
    if catalogue.payment.is_empty() && catalogue.settlement.is_empty() {
        // Nothing is known yet.
        return false;
    }
    let unit = QuoteAsset::Asset(snapshot.asset);
    let mut listed = catalogue
        .payment
        .iter()
        .chain(&catalogue.settlement)
        .filter(|listed| listed.unit == unit)
        .peekable();
    if listed.peek().is_none() {
        return true;
    }
    let least = listed.filter_map(|listed| listed.min).find(|min| !min.is_zero());
    // What is too much to be multiplied is no dust.
    let times = snapshot.amount.checked_mul(DUST_PART);
    least.zip(times).is_some_and(|(least, times)| times < least)
}

/// Nothing that we know of: the row stays, and the operators and the sender are told, sooner or
/// later.
pub(super) async fn unmatched(
    tx: &mut Tx,
    deps: &Deps,
    snapshot: &Snapshot,
    symbol: String,
) -> Result<(), StoreError> {
    if !tx.insert_receipt(snapshot, ReceiptKind::Unmatched, None).await? {
        return Ok(());
    }
    deps.metrics.transfers.add(ReceiptKind::Unmatched.name(), 1);
    let now = deps.now();
    let is_mixpay = snapshot.opponent.is_some_and(|user| deps.rules.accounts.contains(&user));
    let sender = snapshot.opponent.filter(|user| *user != deps.me.person.id && !is_mixpay);
    let key = snapshot.opponent.map(|user| user.to_string()).unwrap_or_default();
    let hour = now.saturating_sub(EVERY).unwrap_or(Timestamp::MIN);
    let (transfers, answered) = tx.count_stranger(&key, now, hour).await?;
    let is_quiet = !is_mixpay && (transfers > TOLD_MAX || is_dust(deps, snapshot));
    let sum = Sum { amount: snapshot.amount, symbol };
    if is_quiet {
        tracing::debug!(snapshot.id = %snapshot.id, "transfer {} is counted", snapshot.id);
        deps.metrics.transfers_untold.add(1);
        tx.add_untold(snapshot.asset, snapshot.amount, now).await?;
        if answered {
            return Ok(());
        }
        tx.answer_stranger(&key).await?;
    } else {
        tracing::warn!(snapshot.id = %snapshot.id, "transfer {} belongs to nothing we know", snapshot.id);
        tell_operators(tx, deps, snapshot, &sum).await?;
    }
    if let Some(sender) = sender.filter(|user| !deps.operators().contains(user)) {
        answer(tx, deps, snapshot, sender, &sum, is_quiet).await?;
    }
    Ok(())
}

async fn tell_operators(
    tx: &mut Tx,
    deps: &Deps,
    snapshot: &Snapshot,
    sum: &Sum,
) -> Result<(), StoreError> {
    for operator in deps.operators() {
        let locale = tx.person_settings(operator).await?.locale.unwrap_or(Locale::En);
        let text = transfer::unmatched(snapshot.id, sum, snapshot.opponent, locale);
        let place = Place { new: true, ..Place::private(deps, operator) };
        let cause = Cause::Unmatched(snapshot.id, operator);
        say(tx, deps, place, cause, vec![Draft::text(text)], deps.now()).await?;
    }
    Ok(())
}

async fn answer(
    tx: &mut Tx,
    deps: &Deps,
    snapshot: &Snapshot,
    sender: UserId,
    sum: &Sum,
    is_quiet: bool,
) -> Result<(), StoreError> {
    if tx.person(sender).await?.is_some_and(|person| person.is_bot) {
        return Ok(());
    }
    let locale = tx.person_settings(sender).await?.locale.unwrap_or(Locale::En);
    let text = if is_quiet {
        transfer::counted(snapshot.id, locale)
    } else {
        transfer::thanks_but(snapshot.id, sum, locale)
    };
    let place = Place { new: true, ..Place::private(deps, sender) };
    let cause = Cause::UnmatchedSender(snapshot.id);
    say(tx, deps, place, cause, vec![Draft::text(text)], deps.now()).await
}

/// Tells the operators, once an hour, of the transfers that they were not told of one by one.
pub(super) async fn tell(deps: &Deps) -> Result<(), StoreError> {
    let now = deps.now();
    let mut tx = deps.store.begin().await?;
    let untold = tx.untold().await?;
    let Some(oldest) = untold.iter().map(|asset| asset.since).min() else { return Ok(()) };
    let age = now.duration_since(oldest);
    // A time that lies ahead is a clock's that was wrong.
    if (SignedDuration::ZERO..EVERY).contains(&age) {
        return Ok(());
    }
    let rows: Vec<transfer::Counted> = untold
        .into_iter()
        .map(|row| transfer::Counted {
            asset: row.asset,
            symbol: row.asset.and_then(|asset| deps.symbol(asset)),
            transfers: row.transfers,
            amount: row.amount,
        })
        .collect();
    for operator in deps.operators() {
        let locale = tx.person_settings(operator).await?.locale.unwrap_or(Locale::En);
        let place = Place { new: true, ..Place::private(deps, operator) };
        let drafts = vec![Draft::text(transfer::summary(&rows, locale)).silently()];
        say(&mut tx, deps, place, Cause::Untold(oldest, operator), drafts, now).await?;
    }
    tx.forget_untold().await?;
    deps.commit(tx).await
}
