//! `invoice`: a one-time payment for the person who asks. The card follows when MixPay has made
//! it.

use crate::{
    app::{
        commands::{Ask, Stop, asset_label, grammar::InvoiceRequest, strangers},
        learn::card_drafts,
        outbox::attempt,
        reply::{Place, say},
    },
    domain::{
        asset::{Money, QuoteAsset},
        cause::Cause,
        code::ShortCode,
        ids::{AssetId, ConversationId, InvoiceId, UserId},
        invoice::{
            Invoice,
            fact::Facts,
            standing::State,
            terms::{PayWith, Seconds, Terms},
        },
    },
    speech::{
        Draft, answer,
        aside::{self, Told},
    },
};

/// Codes are drawn until one is free; of 2^30 this many tries do.
const CODE_TRIES_MAX: u32 = 64;

/// Makes an invoice.
pub(super) async fn run(ask: &mut Ask<'_>, request: InvoiceRequest) -> Result<Vec<Draft>, Stop> {
    if let Some(order) = &request.order
        && let Some(known) = ask.tx.invoice_by_order(ask.who, order.as_str()).await?
    {
        return repeated(ask, &request, &known).await;
    }
    ask.may_create().await?;
    let (payee, payee_name) = payee(ask).await?;
    let (told, notes) = match &request.from {
        Some(person) => strangers::told(ask, person).await?,
        None => (None, Vec::new()),
    };
    let settlement = request.settle.unwrap_or_else(|| ask.settlement());
    let (symbol, decimals) = unit_of(ask, request.money.unit);
    let terms = Terms {
        price: request.money,
        symbol,
        decimals,
        memo: request.memo,
        payee,
        payee_name,
        settlement,
        settlement_label: asset_label(&ask.deps.catalogue().settlement, settlement),
        strict: request.strict,
        lifetime: lifetime(ask, request.expires),
        grace: Seconds(ask.deps.rules.grace.as_secs()),
        order: request.order.map(|order| order.as_str().to_owned()),
        pay_with: request.pay_with.map(|asset| pay_with(ask, asset)),
        link: None,
        told,
    };
    create(ask, terms).await?;
    let mut drafts = ask.made();
    drafts.extend(notes);
    Ok(drafts)
}

fn lifetime(ask: &Ask<'_>, expires: Option<u64>) -> Seconds {
    let usual = ask.deps.rules.expires.as_secs();
    Seconds(expires.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(usual))
}

fn pay_with(ask: &Ask<'_>, asset: AssetId) -> PayWith {
    let catalogue = ask.deps.catalogue();
    let listed = catalogue.payment.iter().find(|listed| listed.unit == QuoteAsset::Asset(asset));
    PayWith {
        asset,
        symbol: asset_label(&catalogue.payment, asset),
        on_chain: listed.is_some_and(|listed| listed.on_chain),
    }
}

/// Keeps an invoice with these terms and asks for its payment to be made.
pub(super) async fn create(ask: &mut Ask<'_>, terms: Terms) -> Result<Invoice, Stop> {
    let code = free_code(ask).await?;
    let conversation = home(ask).await?;
    let invoice = Invoice {
        id: InvoiceId::new(Cause::Invoice(ask.event.message).id(ask.deps.store.secret())),
        code,
        creator: ask.who,
        conversation,
        in_group: ask.in_group(),
        asked_in: Some(ask.event.message),
        terms,
        locale: ask.locale,
        created_at: ask.now,
        facts: Facts::default(),
    };
    let mut invoice = invoice;
    let fact = attempt(ask.tx, ask.deps, &invoice, 1, ask.now).await?;
    invoice.facts.learn(fact);
    ask.tx.insert_invoice(&invoice).await?;
    ask.count_created().await?;
    tracing::info!(
        invoice.id = %invoice.id,
        invoice.code = %code,
        "invoice {code} is asked for: {} {}",
        invoice.terms.price.amount,
        invoice.terms.symbol,
    );
    Ok(invoice)
}

/// Where an invoice is told about: where it was asked for, unless a supergroup bot asked in its own
/// chat with us: it may not pass on what is told later, so the person is told in a chat of their own.
async fn home(ask: &mut Ask<'_>) -> Result<ConversationId, Stop> {
    if !ask.is_relayed() {
        return Ok(ask.place.conversation);
    }
    let place = Place { new: true, ..Place::private(ask.deps, ask.who) };
    let cause = Cause::Home(ask.event.message);
    let drafts = vec![Draft::text(answer::asked_through_another(ask.locale)).silently()];
    say(ask.tx, ask.deps, place, cause, drafts, ask.now).await?;
    Ok(place.conversation)
}

/// A code that no invoice and no link has.
pub(super) async fn free_code(ask: &mut Ask<'_>) -> Result<ShortCode, Stop> {
    for _ in 0..CODE_TRIES_MAX {
        let bits = u32::try_from(ask.deps.ids.bits() & 0x3fff_ffff).unwrap_or_default();
        if let Some(code) = ShortCode::from_bits(bits)
            && ask.tx.code_is_free(code).await?
        {
            return Ok(code);
        }
    }
    Err(ask.say(aside::broke(&ask.event.message.to_string(), Told::Nobody, ask.locale)))
}

/// Who receives: the operator's till, the person's choice, or the person.
pub(super) async fn payee(ask: &mut Ask<'_>) -> Result<(UserId, String), Stop> {
    if let Some(till) = ask.deps.rules.payee {
        return Ok((till, ask.name_of(till).await?));
    }
    if let Some(payee) = ask.settings.payee.clone() {
        return Ok((payee.id, payee.name));
    }
    let who = ask.who;
    Ok((who, ask.name_of(who).await?))
}

/// The ticker and the decimals of a price's unit.
pub(super) fn unit_of(ask: &Ask<'_>, unit: QuoteAsset) -> (String, u32) {
    let catalogue = ask.deps.catalogue();
    match unit {
        QuoteAsset::Fiat(fiat) => {
            let listed = catalogue.quote.iter().find(|listed| listed.unit == unit);
            (fiat.symbol(), listed.and_then(|listed| listed.decimals).unwrap_or(2))
        }
        QuoteAsset::Asset(asset) => {
            let lists = [&catalogue.quote, &catalogue.payment, &catalogue.settlement];
            let list = lists.into_iter().find(|list| list.iter().any(|listed| listed.unit == unit));
            (list.map_or_else(|| asset.to_string(), |list| asset_label(list, asset)), 0)
        }
    }
}

/// An order number that was used: the same data shows the invoice again, other data is refused.
async fn repeated(
    ask: &mut Ask<'_>,
    request: &InvoiceRequest,
    known: &Invoice,
) -> Result<Vec<Draft>, Stop> {
    let same: (Money, &Option<String>) = (request.money, &request.memo);
    if same != (known.terms.price, &known.terms.memo) {
        let order = known.terms.order.as_deref().unwrap_or_default();
        return Err(ask.say(answer::order_used(order, known, ask.locale)));
    }
    let standing = known.standing();
    // Only what can still be paid is shown to be paid.
    if matches!(standing.state, State::Open | State::Partial) {
        return Ok(card_drafts(ask.tx, ask.deps, known, ask.locale, ask.now).await?);
    }
    Ok(vec![ask.status(known, &standing)])
}
