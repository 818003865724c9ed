//! `status`: what became of a payment, for its parties.

use crate::{
    app::commands::{Ask, Stop, grammar::StatusOf},
    domain::{
        code::ShortCode,
        ids::{AssetId, TraceId},
        invoice::{
            Invoice,
            standing::{State, Sum},
        },
    },
    speech::{Draft, Tap, answer, link, outside},
};

/// Tells the state of what is asked about.
pub(super) async fn run(ask: &mut Ask<'_>, of: StatusOf) -> Result<Vec<Draft>, Stop> {
    let quoted = match ask.event.quote {
        Some(message) => ask.tx.about(message).await?,
        None => None,
    };
    let invoice = match (of, quoted) {
        (StatusOf::Newest | StatusOf::Quoted, Some(code)) | (StatusOf::Code(code), _) => {
            if let Some(drafts) = of_link(ask, code).await? {
                return Ok(drafts);
            }
            ask.own_invoice(code).await?
        }
        (StatusOf::Newest | StatusOf::Quoted, None) => {
            let here = ask.in_group().then_some(ask.place.conversation);
            match ask.tx.newest_invoice(ask.who, here).await? {
                Some(invoice) => invoice,
                None => return Err(ask.say(answer::no_invoices(ask.locale))),
            }
        }
        (StatusOf::Trace(trace), _) => {
            let known = ask.tx.invoice_by_trace(TraceId::new(trace)).await?;
            match party(ask, known).await? {
                Some(invoice) => invoice,
                None => return Err(ask.say(answer::unknown_trace(ask.locale))),
            }
        }
        (StatusOf::Order(order), _) => {
            match ask.tx.invoice_by_order(ask.who, order.as_str()).await? {
                Some(invoice) => invoice,
                None => return Err(ask.say(answer::unknown_order(order.as_str(), ask.locale))),
            }
        }
    };
    of_invoice(ask, &invoice).await
}

async fn party(ask: &mut Ask<'_>, invoice: Option<Invoice>) -> Result<Option<Invoice>, Stop> {
    match invoice {
        Some(invoice) if ask.is_party(&invoice).await? => Ok(Some(invoice)),
        Some(_) | None => Ok(None),
    }
}

/// A person waits for the state: it is asked about soon, too.
pub(super) async fn of_invoice(ask: &mut Ask<'_>, invoice: &Invoice) -> Result<Vec<Draft>, Stop> {
    let standing = invoice.standing();
    let mut drafts = vec![ask.status(invoice, &standing)];
    match standing.state {
        State::Draft | State::Settled => {}
        State::Failed if standing.was_never_made() => {}
        State::Held | State::Failed | State::Partial => {
            ask.hasten(invoice, "status").await?;
            drafts.push(Draft::buttons(decision_buttons(invoice, ask)).silently());
        }
        State::Open
        | State::Processing
        | State::Review
        | State::Paid
        | State::Expired
        | State::Cancelled => ask.hasten(invoice, "status").await?,
    }
    Ok(drafts)
}

fn decision_buttons(invoice: &Invoice, ask: &Ask<'_>) -> Vec<Tap> {
    let (accept, reject) = answer::decision_labels(ask.locale);
    vec![
        Tap::say(accept, format!("accept {}", invoice.code)),
        Tap::say(reject, format!("reject {}", invoice.code)),
    ]
}

/// The totals of a link, for its creator, in the group where it was posted, and for operators.
async fn of_link(ask: &mut Ask<'_>, code: ShortCode) -> Result<Option<Vec<Draft>>, Stop> {
    let Some(link) = ask.link(code).await? else { return Ok(None) };
    let here = link.in_group && link.conversation == ask.place.conversation;
    if link.creator != ask.who && !here && !ask.deps.is_operator(ask.who) {
        return Err(ask.wrong_code(code).await?);
    }
    let totals = ask.tx.link_totals(code).await?;
    let paid = ask.tx.paid_under_link(code, link::PAID_SUMMED_MAX).await?;
    // By the asset itself, since anybody can give a token the ticker of another.
    let mut received: Vec<(AssetId, Sum)> = Vec::new();
    let receipts = ask.tx.receipts_of(code.as_str()).await?;
    for receipt in &receipts {
        if let Some((_, sum)) = received.iter_mut().find(|(asset, _)| *asset == receipt.asset) {
            sum.amount = sum.amount.checked_add(receipt.amount).unwrap_or(sum.amount);
        } else {
            let symbol = ask.deps.symbol(receipt.asset);
            let symbol = symbol.unwrap_or_else(|| outside::unlisted(receipt.asset, ""));
            received.push((receipt.asset, Sum { amount: receipt.amount, symbol }));
        }
    }
    let received: Vec<Sum> = received.into_iter().map(|(_, sum)| sum).collect();
    let view = link::LinkView {
        totals,
        paid: &paid,
        transfers: receipts.len(),
        received: &received,
        bot_receives: link.payee == ask.deps.me.person.id,
    };
    let text = link::status(&link, view, ask.locale);
    Ok(Some(vec![Draft::text(text).about(code)]))
}
