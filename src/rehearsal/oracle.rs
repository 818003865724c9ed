//! Oracle: what must be true at the end of a history, told from the world alone.
//!
//! The world knows what was said, shown, paid and transferred; what the bot wrote down is only
//! compared with that.

use super::{
    history::{History, Line, Wish},
    troubles::Others,
};
use crate::{
    domain::{
        cause::Cause,
        code::ShortCode,
        invoice::{Invoice, fact::Fact, standing::State},
    },
    sim::{
        Body, Shown,
        world::{
            faults::later,
            mixpay::{Checkout, DOUBLE, Stage},
        },
    },
    store::{EffectCounts, StoreError, Tx},
};
use jiff::Timestamp;
use std::{collections::HashMap, time::Duration};

/// A history has fewer invoices than this.
const INVOICES_MAX: u32 = 1000;
/// What was paid is told within so long of when it was paid, or all was well again: within a round of
/// questions, or the longest pause before a message is tried again, and a minute that MixPay wants no
/// questions.
pub const PAID_WITHIN: Duration = Duration::from_mins(3);
/// The same, with a budget of a quarter of MixPay's, in which rounds are as much longer.
pub const PAID_WITHIN_ON_LITTLE: Duration = Duration::from_mins(6);
/// What is said is answered within so long of when it was said, or all was well again: three of the
/// longest pauses between two tries, for a question, its creation at MixPay and its answer.
const ANSWERED_WITHIN: Duration = Duration::from_mins(3);

/// Whether nothing is on its way any more and every invoice is where it should be: what is asked
/// first, and often, since a history has to last until then.
pub async fn may_be_right(history: &History) -> Result<bool, StoreError> {
    let mut tx = history.machine.store.begin().await?;
    if !outside(history).is_empty() || tx.effect_counts().await? != EffectCounts::default() {
        return Ok(false);
    }
    let invoices = tx.invoices_after(None, INVOICES_MAX).await?;
    Ok(history.wishes.iter().all(|wish| invoice(history, &invoices, wish).is_empty()))
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
    let invoices = tx.invoices_after(None, INVOICES_MAX).await?;
    wrong.extend(answers(history, &invoices));
    wrong.extend(history.wishes.iter().flat_map(|wish| invoice(history, &invoices, wish)));
    wrong.extend(ledger(history, &mut tx).await?);
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
fn answers(history: &History, invoices: &[Invoice]) -> Vec<String> {
    let mut wrong = Vec::new();
    let secret = history.machine.store.secret();
    let own = history.wishes.iter().map(|wish| (&wish.line, true));
    let lines = history.lines.iter().map(|line| (line, false)).chain(own);
    // What was asked for in a line, and what a line has cancelled, at once if MixPay's last answer is
    // newer by its clock.
    let (mut asked, mut cancelled) = (HashMap::new(), HashMap::new());
    for invoice in invoices {
        asked.extend(invoice.asked_in.map(|message| (message, invoice.id)));
        for fact in invoice.facts.iter() {
            if let Fact::Cancelled { cause, .. } = fact {
                cancelled.insert(*cause, invoice.id);
            }
        }
    }
    for (line, asks_for_card) in lines {
        let invoice = asked.get(&line.message).copied();
        let cancel = cancelled.get(&line.message).copied();
        let answers = [
            Some(Cause::Reply(line.message)),
            invoice.map(Cause::Card),
            // MixPay may refuse an amount that a button offered.
            invoice.map(|invoice| Cause::Notice(invoice, "failed")),
            cancel.map(|invoice| Cause::Notice(invoice, "cancelled")),
        ];
        let answers = answers.map(|cause| cause.map(|cause| cause.message(0, secret)));
        let shown = history.machine.world.shown_in(line.conversation);
        let answer = shown.iter().find(|shown| answers.contains(&Some(shown.id)));
        match answer {
            // What became of a wish without a card is told below.
            None if asks_for_card && !history.skewed => {}
            None => wrong.push(format!("nobody answers {:?}", line.text)),
            Some(answer) => wrong.extend(late(history, line, answer.at, asks_for_card)),
        }
    }
    wrong
}

/// Whether an answer comes too late: some time after all was well again, or for a bystander, after the
/// time that others' troubles may cost.
fn late(history: &History, line: &Line, at: Timestamp, asks_for_card: bool) -> Option<String> {
    let since = line.at.max(history.healed);
    if at > later(since, ANSWERED_WITHIN + history.pause) {
        let seconds = at.duration_since(since).as_secs();
        return Some(format!("{:?} is answered after {seconds} s", line.text));
    }
    let Others { line: answer, card } = history.others;
    let within = if asks_for_card { card } else { answer };
    let is_watched = history.is_calm && line.is_aside;
    (is_watched && at > later(line.at, within)).then(|| {
        let seconds = at.duration_since(line.at).as_secs();
        format!("the bystander waits for {:?} for {seconds} s", line.text)
    })
}

/// One card for each wish, one *Paid* for each that was paid, and the state that MixPay knows.
fn invoice(history: &History, invoices: &[Invoice], wish: &Wish) -> Vec<String> {
    let mut wrong = Vec::new();
    let world = &history.machine.world;
    let shown = world.shown(wish.by, wish.place);
    let cards: Vec<_> = shown.iter().filter(|shown| is_card(shown, &wish.memo)).collect();
    if cards.is_empty() && history.skewed {
        // With a wrong clock there is none, and the line has its answer.
        return wrong;
    }
    let [card] = cards.as_slice() else {
        return vec![format!("{} has {} cards", wish.memo, cards.len())];
    };
    let link = card.buttons().iter().find(|button| !button.action.starts_with("input:"));
    let checkout = link.and_then(|link| world.checkout(&link.action));
    let (Some(code), Some(checkout)) = (code_on(card), checkout) else {
        return vec![format!("the card of {} has no code or link", wish.memo)];
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
    let paid = shown.iter().find(|shown| {
        shown.words().starts_with("Paid ") && shown.words().contains(&code.to_string())
    });
    if let (Some(paid), Some(paid_at)) = (paid, checkout.paid_at) {
        let since = paid_at.max(history.healed);
        if paid.at > later(since, history.paid_within + history.pause) {
            let seconds = paid.at.duration_since(since).as_secs();
            wrong.push(format!("{} ({code}) is told to be paid after {seconds} s", wish.memo));
        }
    }
    let kept = invoices.iter().find(|invoice| invoice.code == code);
    let state = kept.map(|invoice| invoice.standing().state);
    let fits = state.is_some_and(|state| fits(state, &checkout, wish.tampered, history.fickle));
    if !fits {
        let known = checkout.stage;
        wrong.push(format!("{} ({code}) is {state:?}, and at MixPay {known:?}", wish.memo));
    }
    wrong
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
        Stage::Failed(DOUBLE) => matches!(state, State::Processing | State::Review),
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
    code_in(&card.words())
}

/// The first code in a text.
pub fn code_in(text: &str) -> Option<ShortCode> {
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.find_map(|word| word.parse().ok())
}

/// No transfer is silent, and no payment was made that the bot does not know.
async fn ledger(history: &History, tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let world = &history.machine.world;
    let mut wrong = Vec::new();
    for snapshot in world.snapshot_ids() {
        if !tx.has_receipt(snapshot).await? {
            wrong.push(format!("transfer {snapshot} has no receipt"));
        }
    }
    for trace in world.traces() {
        if tx.is_traced(trace, State::Paid).await?.is_none() {
            wrong.push(format!("payment {trace} belongs to no invoice"));
        }
    }
    Ok(wrong)
}
