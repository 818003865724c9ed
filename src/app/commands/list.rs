//! `list`: one's own invoices, five a page, in private.

use crate::{
    app::commands::{
        Ask, Stop,
        grammar::{ListFilter, ListState},
    },
    speech::{Draft, answer, list},
    store::InvoiceFilter,
};
use jiff::SignedDuration;

/// Invoices of a page.
const PAGE: u16 = 5;

/// Lists invoices.
pub(super) async fn run(ask: &mut Ask<'_>, filter: ListFilter) -> Result<Vec<Draft>, Stop> {
    ask.only_private()?;
    let store_filter = InvoiceFilter {
        paid: match filter.state {
            ListState::All => None,
            ListState::Paid => Some(true),
            ListState::Unpaid => Some(false),
        },
        since: filter.days.map(|days| ask.before(SignedDuration::from_hours(i64::from(days) * 24))),
    };
    let offset = u32::from(filter.page.saturating_sub(1)).saturating_mul(u32::from(PAGE));
    // One more than a page tells whether there is a next one.
    let mut invoices =
        ask.tx.invoices_of(ask.who, store_filter, u32::from(PAGE) + 1, offset).await?;
    if invoices.is_empty() {
        return Err(ask.say(if filter.page > 1 {
            answer::no_more_invoices(ask.locale)
        } else {
            answer::no_invoices(ask.locale)
        }));
    }
    let more = invoices.len() > usize::from(PAGE);
    invoices.truncate(usize::from(PAGE));
    let next = ListFilter { page: filter.page.saturating_add(1), ..filter };
    let next = more.then(|| next.to_line());
    Ok(list::page(&invoices, next.as_deref(), ask.locale))
}
