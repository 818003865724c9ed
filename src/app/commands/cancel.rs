//! `cancel`: takes an invoice back, if nothing has been paid.

use crate::{
    app::{
        commands::{Ask, Stop},
        learn::{Occasion, learn},
    },
    domain::{
        code::ShortCode,
        invoice::{Invoice, fact::Fact, standing::State},
    },
    speech::{Draft, answer, list},
    store::InvoiceFilter,
};

/// Invoices that are offered when no code is given.
const OFFERED_MAX: u32 = 6;

/// Cancels the invoice with this code; without one it lists, and cancels nothing.
pub(super) async fn run(ask: &mut Ask<'_>, code: Option<ShortCode>) -> Result<Vec<Draft>, Stop> {
    if ask.is_on_behalf() {
        return Err(ask.say(answer::ask_in_private(ask.locale)));
    }
    let quoted = match (code, ask.event.quote) {
        (None, Some(message)) => ask.tx.about(message).await?,
        (code, _) => code,
    };
    match quoted {
        Some(code) => cancel(ask, code).await,
        None => offer(ask).await,
    }
}

async fn offer(ask: &mut Ask<'_>) -> Result<Vec<Draft>, Stop> {
    let filter = InvoiceFilter { paid: Some(false), since: None };
    let here = ask.place.conversation;
    let in_group = ask.in_group();
    let invoices: Vec<Invoice> = ask
        .tx
        .invoices_of(ask.who, filter, OFFERED_MAX * 4, 0)
        .await?
        .into_iter()
        .filter(|invoice| !in_group || invoice.conversation == here)
        .filter(|invoice| matches!(invoice.standing().state, State::Open | State::Draft))
        .take(usize::try_from(OFFERED_MAX).unwrap_or(usize::MAX))
        .collect();
    if invoices.is_empty() {
        return Err(ask.say(answer::nothing_to_cancel(ask.locale)));
    }
    Ok(list::to_cancel(&invoices, ask.locale))
}

async fn cancel(ask: &mut Ask<'_>, code: ShortCode) -> Result<Vec<Draft>, Stop> {
    if ask.link(code).await?.is_some() {
        return Err(ask.say(answer::links_stay(code, ask.locale)));
    }
    let invoice = ask.own_invoice(code).await?;
    let here = invoice.in_group && invoice.conversation == ask.place.conversation;
    if invoice.creator != ask.who && !(here && ask.is_group_admin().await?) {
        return Err(ask.say(answer::not_yours(ask.locale)));
    }
    match invoice.standing().state {
        State::Paid | State::Settled => Err(ask.say(answer::paid_already(code, ask.locale))),
        State::Partial | State::Processing | State::Review | State::Held => {
            Err(ask.say(answer::cannot_cancel(code, ask.locale)))
        }
        State::Cancelled => Err(ask.say(answer::cancelled_already(code, ask.locale))),
        State::Expired | State::Failed => Err(ask.say(answer::over_already(code, ask.locale))),
        State::Draft | State::Open => {
            let fact = Fact::Cancelled {
                by: ask.who,
                at: ask.deps.times().best,
                cause: ask.event.message,
            };
            let learned = learn(ask.tx, ask.deps, invoice.id, vec![fact], Occasion::News).await?;
            if let Some((invoice, standing)) = learned
                && standing.state == State::Cancelled
            {
                return Ok(ask.tell_elsewhere(&invoice, &standing));
            }
            // Only an answer that is newer than the wish to cancel cancels.
            ask.hasten(&invoice, "cancel").await?;
            Err(ask.say(answer::cancelling(code, ask.locale)))
        }
    }
}
