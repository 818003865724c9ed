//! Oracle: what must be true at the end of a history, told from the world alone.
//!
//! The world knows what was said, shown, paid and transferred; what the bot wrote down is only
//! compared with that.

use super::history::{History, Wish};
use crate::{
    domain::{
        code::ShortCode,
        ids::MessageId,
        invoice::{fact::Fact, standing::State},
    },
    sim::{
        Body, Shown,
        world::mixpay::{Checkout, Stage},
    },
    store::{EffectCounts, StoreError, Tx},
};
use std::collections::HashMap;

/// A history has fewer invoices than this.
const INVOICES_MAX: u32 = 1000;

/// Whether every promise was kept; what is wrong the soonest is looked at first.
pub async fn is_right(history: &History) -> Result<bool, StoreError> {
    let mut tx = history.machine.store.begin().await?;
    if !outside(history).is_empty() || tx.effect_counts().await? != EffectCounts::default() {
        return Ok(false);
    }
    let mut wrong = Vec::new();
    for wish in &history.wishes {
        invoice(history, &mut tx, wish, &mut wrong).await?;
        if !wrong.is_empty() {
            return Ok(false);
        }
    }
    answers(history, &mut tx, &mut wrong).await?;
    ledger(history, &mut tx, &mut wrong).await?;
    Ok(wrong.is_empty())
}

/// What is wrong at the end of a history; nothing if every promise was kept.
pub async fn wrong(history: &History) -> Result<Vec<String>, StoreError> {
    let mut tx = history.machine.store.begin().await?;
    let mut wrong = outside(history);
    let counts = tx.effect_counts().await?;
    if counts.waiting != 0 || counts.parked != 0 {
        wrong
            .push(format!("the outbox keeps {} effects, {} parked", counts.waiting, counts.parked));
    }
    answers(history, &mut tx, &mut wrong).await?;
    for wish in &history.wishes {
        invoice(history, &mut tx, wish, &mut wrong).await?;
    }
    ledger(history, &mut tx, &mut wrong).await?;
    Ok(wrong)
}

/// What the world saw the bot do wrong, and what it still waits for.
fn outside(history: &History) -> Vec<String> {
    let world = &history.machine.world;
    let mut wrong: Vec<String> =
        world.violations().iter().map(|violation| format!("{violation:?}")).collect();
    let waiting = world.activity().unacknowledged;
    if waiting != 0 {
        wrong.push(format!("{waiting} messages are not acknowledged"));
    }
    let quarantined = history.machine.quarantined();
    if quarantined != 0 {
        wrong.push(format!("{quarantined} events were set aside"));
    }
    wrong
}

/// Every line has its answer: a reply, the card of the invoice that it asked for, or why there is
/// none.
async fn answers(
    history: &History,
    tx: &mut Tx,
    wrong: &mut Vec<String>,
) -> Result<(), StoreError> {
    let secret = history.machine.store.secret();
    // What was asked for in a line, and what a line has cancelled, at once if MixPay's last answer is
    // newer by its clock.
    let (mut asked, mut cancelled) = (HashMap::new(), HashMap::new());
    for invoice in tx.invoices_after(None, INVOICES_MAX).await? {
        asked.extend(invoice.asked_in.map(|message| (message, invoice.id)));
        for fact in invoice.facts.iter() {
            if let Fact::Cancelled { cause, .. } = fact {
                cancelled.insert(*cause, invoice.id);
            }
        }
    }
    for line in &history.lines {
        let id = line.message.to_string();
        let reply = secret.derive("reply", &[&id, "0"]);
        let invoice = asked.get(&line.message).map(ToString::to_string);
        let card = invoice.as_ref().map(|id| secret.derive("card", &[id, "0"]));
        // MixPay may refuse an amount that a button offered.
        let refused = invoice.as_ref().map(|id| secret.derive("notice", &[id, "failed", "0"]));
        let cancel = cancelled.get(&line.message).map(ToString::to_string);
        let told = cancel.map(|id| secret.derive("notice", &[&id, "cancelled", "0"]));
        let answers = [Some(reply), card, refused, told].map(|id| id.map(MessageId::new));
        let shown = history.machine.world.shown_in(line.conversation);
        if !shown.iter().any(|shown| answers.contains(&Some(shown.id))) {
            wrong.push(format!("nobody answers {:?}", line.text));
        }
    }
    Ok(())
}

/// One card for each wish, one *Paid* for each that was paid, and the state that MixPay knows.
async fn invoice(
    history: &History,
    tx: &mut Tx,
    wish: &Wish,
    wrong: &mut Vec<String>,
) -> Result<(), StoreError> {
    let world = &history.machine.world;
    let shown = world.shown(wish.by, wish.place);
    let cards: Vec<_> = shown.iter().filter(|shown| is_card(shown, &wish.memo)).collect();
    let [card] = cards.as_slice() else {
        wrong.push(format!("{} has {} cards", wish.memo, cards.len()));
        return Ok(());
    };
    let link = card.buttons().iter().find(|button| !button.action.starts_with("input:"));
    let checkout = link.and_then(|link| world.checkout(&link.action));
    let (Some(code), Some(checkout)) = (code_on(card), checkout) else {
        wrong.push(format!("the card of {} has no code or link", wish.memo));
        return Ok(());
    };
    let is_paid = checkout.stage == Stage::Success && !wish.tampered;
    for (word, expected) in [("Paid ", is_paid), ("Expired: ", false), ("Cancelled: ", false)] {
        let tells = |shown: &&Shown| {
            let words = shown.words();
            words.starts_with(word) && words.contains(&code.to_string())
        };
        let told = shown.iter().filter(tells).count();
        let right = if word == "Paid " { told == usize::from(expected) } else { told <= 1 };
        if !right {
            wrong.push(format!("{} ({code}) is told {word:?} {told} times", wish.memo));
        }
    }
    let state = tx.invoice_by_code(code).await?.map(|invoice| invoice.standing().state);
    let fits = state.is_some_and(|state| fits(state, &checkout, wish.tampered, history.fickle));
    if !fits {
        let known = checkout.stage;
        wrong.push(format!("{} ({code}) is {state:?}, and at MixPay {known:?}", wish.memo));
    }
    Ok(())
}

/// Whether the bot thinks of an invoice what MixPay knows, long after its deadline.
const fn fits(state: State, checkout: &Checkout, tampered: bool, fickle: bool) -> bool {
    match checkout.stage {
        Stage::Success if tampered => matches!(state, State::Held),
        Stage::Success => matches!(state, State::Paid | State::Settled),
        Stage::Auditing => matches!(state, State::Review),
        Stage::Pending => matches!(state, State::Partial | State::Processing | State::Review),
        Stage::Failed(40000) if checkout.transactions.is_empty() => {
            matches!(state, State::Expired | State::Cancelled)
                || fickle && matches!(state, State::Failed)
        }
        Stage::Failed(40021) => matches!(state, State::Processing | State::Review),
        Stage::Failed(_) => matches!(state, State::Failed),
        Stage::Unpaid => matches!(state, State::Expired | State::Cancelled),
    }
}

fn is_card(shown: &Shown, memo: &str) -> bool {
    let is_word = |text: &str| {
        let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        words.any(|word| word == memo)
    };
    match &shown.body {
        Body::Card(card) => is_word(&card.title) || is_word(&card.description),
        Body::Text(_)
        | Body::Post(_)
        | Body::Buttons(_)
        | Body::Image { .. }
        | Body::File { .. }
        | Body::Contact(_)
        | Body::Other { .. }
        | Body::Recalled => false,
    }
}

/// The code that stands on a card.
pub fn code_on(card: &Shown) -> Option<ShortCode> {
    let words = card.words();
    let mut words = words.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.find_map(|word| word.parse().ok())
}

/// No transfer is silent, and no payment was made that the bot does not know.
async fn ledger(history: &History, tx: &mut Tx, wrong: &mut Vec<String>) -> Result<(), StoreError> {
    let world = &history.machine.world;
    for snapshot in world.snapshot_ids() {
        if !tx.has_receipt(snapshot).await? {
            wrong.push(format!("transfer {snapshot} has no receipt"));
        }
    }
    for trace in world.traces() {
        if tx.invoice_by_trace(trace).await?.is_none() {
            wrong.push(format!("payment {trace} belongs to no invoice"));
        }
    }
    Ok(())
}
