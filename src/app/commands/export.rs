//! `export`: one's own invoices as a file, in private.

use crate::{
    app::{
        commands::{Ask, Stop},
        export_rows::{csv_header, csv_row},
    },
    speech::{Draft, answer, export},
    store::InvoiceFilter,
};

/// Invoices of a file, the newest.
const EXPORTED_MAX: u32 = 1000;
/// Tells spreadsheets that the text is UTF-8; without it Excel shows Chinese as noise.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Makes the file.
pub(super) async fn run(ask: &mut Ask<'_>) -> Result<Vec<Draft>, Stop> {
    ask.only_private()?;
    let filter = InvoiceFilter::default();
    // One more than the file holds tells whether there are older ones.
    let mut invoices =
        ask.tx.invoices_of(ask.who, filter, EXPORTED_MAX.saturating_add(1), 0).await?;
    if invoices.is_empty() {
        return Err(ask.say(answer::no_invoices(ask.locale)));
    }
    let max = usize::try_from(EXPORTED_MAX).unwrap_or(usize::MAX);
    let cut = invoices.len() > max;
    invoices.truncate(max);
    let mut csv = String::from(BYTE_ORDER_MARK);
    csv.push_str(&csv_header());
    for invoice in &invoices {
        csv.push_str(&csv_row(invoice));
    }
    Ok(export::file(csv, invoices.len(), cut, ask.locale))
}
