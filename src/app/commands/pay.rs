//! `pay CODE`: an invoice's card again, for anybody who has the code; under a link, a payment of
//! one's own.

use crate::{
    app::{
        commands::{
            Ask, Stop, asset_label,
            invoice::{create, unit_of},
            quote::asked,
        },
        learn::card_drafts,
        outbox::{request, wallet},
    },
    domain::{
        asset::Money,
        code::ShortCode,
        invoice::{
            Invoice,
            standing::State,
            terms::{Seconds, Terms},
        },
        link::Link,
    },
    ports::{
        checkout::{DirectPayment, PayTo},
        effect::{Found, Need},
    },
    speech::{
        Draft,
        format::money,
        invoice::{self as invoice_words, CardView},
        link as words, verify,
    },
};

/// Shows what can be paid under this code.
pub(super) async fn run(
    ask: &mut Ask<'_>,
    code: ShortCode,
    amount: Option<Money>,
) -> Result<Vec<Draft>, Stop> {
    if let Some(link) = ask.link(code).await? {
        return under_link(ask, &link, amount).await;
    }
    let invoice = ask.invoice(code).await?;
    show(ask, &invoice).await
}

async fn show(ask: &mut Ask<'_>, invoice: &Invoice) -> Result<Vec<Draft>, Stop> {
    let standing = invoice.standing();
    let is_party = ask.is_party(invoice).await?;
    match standing.state {
        State::Open | State::Partial => {
            let mut shown = invoice.clone();
            if !is_party {
                shown.terms.memo = None;
                shown.terms.order = None;
            }
            if invoice.terms.pay_with.is_some() {
                ask.needs_the_time()?;
                return in_one_coin(ask, &shown).await;
            }
            let mut drafts = card_drafts(ask.tx, ask.deps, &shown, ask.locale, ask.now).await?;
            if !is_party {
                // Cancelling is not for strangers, and the state is on the pay page.
                drafts.truncate(2);
            }
            Ok(drafts)
        }
        State::Draft
        | State::Processing
        | State::Review
        | State::Paid
        | State::Settled
        | State::Expired
        | State::Failed
        | State::Cancelled
        | State::Held => Ok(vec![
            Draft::text(verify::public(invoice, &standing, ask.locale)).about(invoice.code),
        ]),
    }
}

/// A payment in one coin is quoted anew, under its own trace; on chain too, where that is possible.
async fn in_one_coin(ask: &mut Ask<'_>, invoice: &Invoice) -> Result<Vec<Draft>, Stop> {
    let Some((trace, _)) = invoice.facts.opened() else { return Ok(Vec::new()) };
    let quote = |on_chain| Need::Direct {
        invoice: invoice.id,
        body: ask.deps.mixpay.body(&request(
            ask.deps,
            invoice,
            trace,
            invoice.closes_at(),
            on_chain,
        )),
    };
    let (mixin, chain) = (quote(false), quote(true));
    // By an estimate of this moment the answers are judged.
    if let Some(coin) = &invoice.terms.pay_with {
        let (price, settlement) = (invoice.terms.price, invoice.terms.settlement);
        let estimate = Need::Estimate { price, pay_with: coin.asset, settlement };
        match ask.found(&estimate) {
            None => return Err(Stop::Need(estimate)),
            Some(Found::Estimate(_)) => {}
            Some(_) => return Err(ask.say(invoice_words::no_new_price(ask.locale))),
        }
    }
    let direct = match ask.found(&mixin) {
        None => return Err(asked(ask, mixin).await?),
        Some(Found::Direct(direct)) => direct.clone(),
        Some(_) => return Err(ask.say(invoice_words::no_new_price(ask.locale))),
    };
    let (page, price) = wallet(&direct);
    let view = CardView { page: &page, creator: None, coin: Some(&price), now: ask.now };
    let mut drafts = vec![invoice_words::card(invoice, view, ask.locale)];
    if invoice.terms.pay_with.as_ref().is_some_and(|coin| coin.on_chain) {
        match ask.found(&chain) {
            None => return Err(Stop::Need(chain)),
            Some(Found::Direct(DirectPayment {
                to: PayTo::Chain { destination, tag },
                amount,
                symbol,
                price_until,
                ..
            })) => {
                let amount = money(*amount, 0, symbol);
                let tag = tag.as_deref();
                let text =
                    invoice_words::on_chain(&amount, destination, tag, *price_until, ask.locale);
                drafts.push(Draft::text(text).about(invoice.code));
            }
            Some(_) => {}
        }
    }
    Ok(drafts)
}

/// A payment of one's own under a link: the open one, or a new one.
async fn under_link(
    ask: &mut Ask<'_>,
    link: &Link,
    amount: Option<Money>,
) -> Result<Vec<Draft>, Stop> {
    let Some(price) = link.price.or(amount) else {
        let currency = unit_of(ask, ask.currency());
        return Ok(words::which_amount(link, &currency.0, ask.locale));
    };
    for open in ask.tx.open_under_link(link.code, ask.who).await? {
        let same_place = open.conversation == ask.place.conversation;
        if open.terms.price == price && same_place && open.deadline() > ask.now {
            return Ok(card_drafts(ask.tx, ask.deps, &open, ask.locale, ask.now).await?);
        }
    }
    ask.needs_the_time()?;
    ask.has_invoices_left().await?;
    let settlement = link.settlement.unwrap_or(ask.deps.rules.settlement);
    let (symbol, decimals) = unit_of(ask, price.unit);
    let terms = Terms {
        price,
        symbol,
        decimals,
        memo: link.memo.clone(),
        payee: link.payee,
        payee_name: link.payee_name.clone(),
        settlement,
        settlement_label: asset_label(&ask.deps.catalogue().settlement, settlement),
        strict: false,
        lifetime: Seconds(ask.deps.rules.expires.as_secs()),
        grace: Seconds(ask.deps.rules.grace.as_secs()),
        order: None,
        pay_with: None,
        link: Some(link.code),
        told: Some(link.creator).filter(|creator| *creator != ask.who),
    };
    create(ask, terms).await?;
    Ok(ask.made())
}
