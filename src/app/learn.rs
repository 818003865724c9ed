//! THE funnel: facts about an invoice, and all that follows from them, in one transaction.
//!
//! Load, fold, add, fold again; tell what has changed; set when to ask next. Dispatcher,
//! reconciler and outbox all end here.

use crate::{
    app::{
        commands::display_name,
        deps::Deps,
        reply::{Place, say},
    },
    domain::{
        cause::Cause,
        ids::{InvoiceId, UserId},
        invoice::{
            Invoice,
            credible::{self, Now},
            fact::Fact,
            notices::{Notice, notices},
            polling,
            standing::Standing,
        },
        locale::Locale,
        settings::Results,
    },
    speech::{
        Draft,
        answer::asks_you,
        invoice::{CardView, card, card_buttons},
        notice::{NoticeView, words},
    },
    store::{StoreError, Tx},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// At most this many silent follow-ups are told in the life of an invoice.
const SILENT_MAX: i64 = 4;

/// How facts came to be learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// MixPay was asked about the invoice: when to ask next is settled anew.
    Asked,
    /// Something happened.
    News,
}

/// Adds facts to an invoice, and does all that follows from them. Returns what the facts amount to now; `None` if there is no such invoice.
pub async fn learn(
    tx: &mut Tx,
    deps: &Deps,
    id: InvoiceId,
    facts: Vec<Fact>,
    occasion: Occasion,
) -> Result<Option<(Invoice, Standing)>, StoreError> {
    let Some(mut invoice) = tx.invoice(id).await? else { return Ok(None) };
    let Now { ours: now, best } = deps.times();
    let latest = best.saturating_add(credible::APART_MAX).unwrap_or(Timestamp::MAX);
    let mut keys: BTreeSet<String> =
        invoice.facts.doubt(invoice.created_at, best, latest).into_iter().collect();
    let before = invoice.standing();
    keys.extend(facts.into_iter().filter_map(|fact| invoice.learn(fact)));
    keys.extend(invoice.facts.doubt(invoice.created_at, best, latest));
    let changed: Vec<_> = keys
        .into_iter()
        .filter_map(|key| invoice.facts.get(&key).cloned().map(|fact| (key, fact)))
        .collect();
    let after = invoice.standing();
    if !changed.is_empty() {
        for (_, fact) in &changed {
            deps.metrics.facts.add(fact.kind(), 1);
        }
        tx.save_facts(id, &changed, after.state, now).await?;
        // Without these the facts amount to the same.
        tx.forget_facts(id, &invoice.facts.thin_out()).await?;
    }
    if before.state != after.state {
        tracing::info!(
            invoice.id = %id,
            invoice.code = %invoice.code,
            from = before.state.name(),
            to = after.state.name(),
            "invoice {} is {}",
            invoice.code,
            after.state.name(),
        );
    }
    for notice in notices(&before, &after) {
        tell(tx, deps, &invoice, &after, notice).await?;
    }
    // Deadlines are told by the right time, and loops wait by our own clock.
    let error = now.duration_since(best);
    let next = polling::next_poll(&invoice, &after, best)
        .map(|(due, urgency)| (due.saturating_add(error).unwrap_or(due), urgency));
    if occasion == Occasion::Asked || !changed.is_empty() {
        tx.set_poll(id, next).await?;
    }
    Ok(Some((invoice, after)))
}

/// The language of what is told about an invoice: the place's, the creator's, or its card's.
pub async fn locale_of(tx: &mut Tx, invoice: &Invoice) -> Result<Locale, StoreError> {
    let chosen = if invoice.in_group {
        tx.place_settings(invoice.conversation).await?.locale
    } else {
        tx.person_settings(invoice.creator).await?.locale
    };
    Ok(chosen.unwrap_or(invoice.locale))
}

async fn tell(
    tx: &mut Tx,
    deps: &Deps,
    invoice: &Invoice,
    standing: &Standing,
    notice: Notice,
) -> Result<(), StoreError> {
    let (results, locale) = if invoice.in_group {
        (tx.place_settings(invoice.conversation).await?.results, locale_of(tx, invoice).await?)
    } else {
        (Results::Full, locale_of(tx, invoice).await?)
    };
    let silent = match results {
        Results::Off => !matches!(notice, Notice::Card),
        Results::Full | Results::Short => {
            notice.is_silent() || (invoice.in_group && !notice.is_closing())
        }
    };
    if !notice.is_closing() {
        let kept_quiet = matches!(results, Results::Short | Results::Off);
        let enough = silent && tx.silent_notices(invoice.id).await? >= SILENT_MAX;
        if kept_quiet || enough {
            return Ok(());
        }
    }
    if !tx.tell_once(invoice.id, notice.key(), silent && !notice.is_closing()).await? {
        return Ok(());
    }
    let now = deps.now();
    let place = place_of(deps, invoice);
    if notice == Notice::Card {
        let drafts = card_drafts(tx, deps, invoice, locale, now).await?;
        say(tx, deps, place, Cause::Card(invoice.id), drafts, now).await?;
        return show_to_payer(tx, deps, invoice, now).await;
    }
    let whereabouts = whereabouts(tx, deps, invoice, notice, locale).await?;
    let support = &deps.rules.support;
    let view = NoticeView { support, whereabouts: whereabouts.as_deref() };
    let text = words(notice, invoice, standing, view, locale);
    let card = Cause::Card(invoice.id).message(0, deps.store.secret());
    let shown = invoice.facts.opened().is_some();
    let mut draft = Draft::text(text).quoting(shown.then_some(card)).about(invoice.code);
    draft.silent = silent;
    say(tx, deps, place, Cause::Notice(invoice.id, notice.key()), vec![draft.clone()], now).await?;
    if matches!(notice, Notice::Held | Notice::Contradicted | Notice::Unread) {
        tell_operators(tx, deps, invoice, &draft, notice.key(), now).await?;
    }
    if notice == Notice::Paid
        && let Some(person) = invoice.terms.told.filter(|person| *person != invoice.creator)
        && may_tell(tx, invoice, person).await?
    {
        let place = Place { new: true, ..Place::private(deps, person) };
        // Where the money is, is told to the payee alone.
        let whereabouts = whereabouts.as_deref().filter(|_| person == invoice.terms.payee);
        let view = NoticeView { support, whereabouts };
        let draft = Draft::text(words(notice, invoice, standing, view, locale)).about(invoice.code);
        let cause = Cause::Told(invoice.id, notice.key(), person);
        say(tx, deps, place, cause, vec![draft], now).await?;
    }
    Ok(())
}

/// Whether somebody else than its creator is told of an invoice. Whoever made a link is told of what
/// is paid under it: that is their own.
async fn may_tell(tx: &mut Tx, invoice: &Invoice, person: UserId) -> Result<bool, StoreError> {
    Ok(invoice.terms.link.is_some() || tx.person_settings(person).await?.wants_to_hear_others())
}

/// Whoever is asked for the payment (`from X`) gets the card, too, without the buttons of its
/// creator.
async fn show_to_payer(
    tx: &mut Tx,
    deps: &Deps,
    invoice: &Invoice,
    now: Timestamp,
) -> Result<(), StoreError> {
    let asked = invoice.terms.told.filter(|person| *person != invoice.creator);
    let Some(person) = asked.filter(|_| invoice.terms.link.is_none()) else { return Ok(()) };
    if !may_tell(tx, invoice, person).await? {
        return Ok(());
    }
    let locale = tx.person_settings(person).await?.locale.unwrap_or(invoice.locale);
    let creator = tx.person(invoice.creator).await?;
    let creator = creator.as_ref().map_or_else(|| invoice.creator.to_string(), display_name);
    let mut drafts = vec![Draft::text(asks_you(&creator, locale))];
    let card = card_drafts(tx, deps, invoice, locale, now).await?;
    drafts.extend(card.into_iter().take(2));
    let place = Place { new: true, ..Place::private(deps, person) };
    say(tx, deps, place, Cause::Payer(invoice.id), drafts, now).await
}

/// Where an invoice is told about.
pub fn place_of(deps: &Deps, invoice: &Invoice) -> Place {
    if invoice.in_group {
        Place { conversation: invoice.conversation, person: None, new: false }
    } else {
        Place { conversation: invoice.conversation, ..Place::private(deps, invoice.creator) }
    }
}

/// The card of an invoice and what stands below it.
pub async fn card_drafts(
    tx: &mut Tx,
    deps: &Deps,
    invoice: &Invoice,
    locale: Locale,
    now: Timestamp,
) -> Result<Vec<Draft>, StoreError> {
    let Some((_, page)) = invoice.facts.opened() else { return Ok(Vec::new()) };
    let page = match invoice.terms.pay_with {
        Some(_) => page.to_owned(),
        None => deps.mixpay.payment_page(page),
    };
    let creator = if invoice.in_group {
        tx.person(invoice.creator).await?.map(|person| person.name)
    } else {
        None
    };
    let coin = invoice.facts.coin_price();
    let view = CardView { page: &page, creator: creator.as_deref(), coin, now };
    let card = card(invoice, view, locale);
    // In a group a payment under a link answers the tapper with one button and no picture.
    if invoice.in_group && invoice.terms.link.is_some() {
        return Ok(vec![card.quoting(invoice.asked_in)]);
    }
    Ok(vec![
        card,
        Draft::qr(page.as_str()).silently().about(invoice.code),
        card_buttons(invoice, &page, locale).silently(),
    ])
}

/// The payee's first *Paid* says where the money is.
async fn whereabouts(
    tx: &mut Tx,
    deps: &Deps,
    invoice: &Invoice,
    notice: Notice,
    locale: Locale,
) -> Result<Option<String>, StoreError> {
    if notice != Notice::Paid || invoice.terms.payee == deps.me.person.id {
        return Ok(None);
    }
    let mut settings = tx.person_settings(invoice.terms.payee).await?;
    if settings.told_where {
        return Ok(None);
    }
    settings.told_where = true;
    tx.keep_person_settings(invoice.terms.payee, &settings).await?;
    Ok(Some(crate::speech::notice::whereabouts(locale)))
}

/// Operators are told in private about what needs a human.
pub async fn tell_operators(
    tx: &mut Tx,
    deps: &Deps,
    invoice: &Invoice,
    draft: &Draft,
    key: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let others: Vec<UserId> = deps
        .operators()
        .into_iter()
        .filter(|operator| invoice.in_group || *operator != invoice.creator)
        .collect();
    for operator in others {
        let place = Place { new: true, ..Place::private(deps, operator) };
        let draft = Draft { quote: None, silent: false, ..draft.clone() };
        let cause = Cause::Operator(invoice.id, key, operator);
        say(tx, deps, place, cause, vec![draft], now).await?;
    }
    Ok(())
}
