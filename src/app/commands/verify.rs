//! `verify CODE`: is this card or receipt ours? For anybody.

use crate::{
    app::commands::{Ask, Stop},
    domain::code::ShortCode,
    speech::{Draft, link, verify},
};

/// Tells amount, payee, and paid or not.
pub(super) async fn run(ask: &mut Ask<'_>, code: ShortCode) -> Result<Vec<Draft>, Stop> {
    if let Some(link) = ask.link(code).await? {
        return Ok(vec![Draft::text(link::public(&link, ask.locale)).about(code)]);
    }
    let invoice = ask.invoice(code).await?;
    let text = verify::public(&invoice, &invoice.standing(), ask.locale);
    Ok(vec![Draft::text(text).about(code)])
}
