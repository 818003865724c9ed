//! `uuid`: who or what is this? A full replacement of the bot that used to tell.

use crate::{
    app::commands::{
        Ask, Stop,
        asset::{self, by_id, listed_by_id},
        grammar::LookupOf,
        multisig, status,
    },
    domain::{
        ids::{AssetId, TraceId, UserId},
        invoice::Invoice,
    },
    ports::{
        directory::Person,
        effect::{Found, Need},
    },
    speech::{
        Draft, answer,
        lookup::{self as words, PersonView},
    },
};
use jiff::SignedDuration;
use uuid::Uuid;

/// What the button *QR* puts before an id. No symbol is called that, and then a UUID.
const QR: &str = "qr ";

/// Whether MixPay may be asked about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AskMixPay {
    /// It is asked, unless it said yes before.
    Yes,
    /// Only what it said before is told.
    No,
}

/// Looks somebody or something up.
pub(super) async fn run(ask: &mut Ask<'_>, of: LookupOf) -> Result<Vec<Draft>, Stop> {
    match of {
        LookupOf::Me => {
            let who = ask.who;
            match ask.user(who).await? {
                Some(person) => show(ask, &person, AskMixPay::No).await,
                None => Err(ask.say(words::unavailable(ask.locale))),
            }
        }
        LookupOf::Number(number) => {
            let person = by_number(ask, &number).await?;
            show(ask, &person, AskMixPay::Yes).await
        }
        LookupOf::Uuid(id) => by_uuid(ask, id).await,
        LookupOf::Bare(id) => {
            if let Some(invoice) = own_invoice(ask, id).await? {
                return status::of_invoice(ask, &invoice).await;
            }
            by_uuid(ask, id).await
        }
        LookupOf::Symbol(name) => {
            let qr = name.strip_prefix(QR).and_then(|id| id.trim().parse::<UserId>().ok());
            match qr {
                Some(user) => Ok(vec![words::qr(user)]),
                None => asset::run(ask, &name).await,
            }
        }
    }
}

/// Looks up whoever is on a contact card.
pub(super) async fn user(ask: &mut Ask<'_>, user: UserId) -> Result<Vec<Draft>, Stop> {
    match ask.user(user).await? {
        Some(person) => show(ask, &person, AskMixPay::Yes).await,
        None => Err(nobody(ask, user)),
    }
}

/// Somebody by Mixin ID; the bot knows its own.
pub(super) async fn by_number(ask: &mut Ask<'_>, number: &str) -> Result<Person, Stop> {
    if ask.deps.me.person.number == number {
        return Ok(ask.deps.me.person.clone());
    }
    ask.by_number(number).await
}

/// Counts a search against the person's quota, if there is any left.
pub(super) async fn spend_search(ask: &mut Ask<'_>) -> Result<(), Stop> {
    let since = ask.before(SignedDuration::from_hours(24));
    let limit = ask.deps.rules.lookups_per_day;
    if ask.spent("lookup", since).await? >= limit {
        return Err(ask.say(answer::lookups_spent(limit, ask.locale)));
    }
    ask.spend("lookup").await
}

/// Whether it is only not known now who this is.
pub(super) fn is_user_unavailable(ask: &Ask<'_>, user: UserId) -> bool {
    matches!(ask.found(&Need::Person(user)), Some(Found::Unavailable(_)))
}

/// Whether a person may choose this payee here.
pub(super) fn may_be_payee(ask: &Ask<'_>, payee: UserId) -> bool {
    let rules = &ask.deps.rules;
    rules.payee.is_none() && (payee != ask.deps.me.person.id || rules.bot_payee)
}

/// Whether MixPay knows the person with this Mixin ID; `None` if it does not say, or was asked
/// about too many people today. A yes is kept for good.
pub(super) async fn is_known_to_mixpay(
    ask: &mut Ask<'_>,
    number: &str,
) -> Result<Option<bool>, Stop> {
    if number.is_empty() {
        return Ok(None);
    }
    if remembers(ask, number).await? {
        return Ok(Some(true));
    }
    let need = Need::KnownToMixPay(number.to_owned());
    match ask.found(&need) {
        Some(Found::Known(known)) => {
            let known = *known;
            if known {
                ask.tx.set_meta(&known_key(number), "1").await?;
            }
            Ok(Some(known))
        }
        Some(_) => Ok(None),
        None => {
            let since = ask.before(SignedDuration::from_hours(24));
            if ask.spent("known", since).await? >= ask.deps.rules.lookups_per_day {
                return Ok(None);
            }
            ask.spend("known").await?;
            Err(Stop::Need(need))
        }
    }
}

async fn remembers(ask: &mut Ask<'_>, number: &str) -> Result<bool, Stop> {
    Ok(ask.tx.meta(&known_key(number)).await?.is_some())
}

fn known_key(number: &str) -> String {
    format!("known:{number}")
}

/// The asker's invoice with this trace, order number or id.
async fn own_invoice(ask: &mut Ask<'_>, id: Uuid) -> Result<Option<Invoice>, Stop> {
    if let Some(invoice) = ask.tx.invoice_by_trace(TraceId::new(id)).await?
        && ask.is_party(&invoice).await?
    {
        return Ok(Some(invoice));
    }
    Ok(ask.tx.invoice_by_order(ask.who, &id.to_string()).await?)
}

/// A user, a bot, a multisig that was made here, or an asset.
async fn by_uuid(ask: &mut Ask<'_>, id: Uuid) -> Result<Vec<Draft>, Stop> {
    let (user, asset) = (UserId::new(id), AssetId::new(id));
    // What is known here costs no question.
    if let Some(drafts) = listed_by_id(ask, asset) {
        return Ok(drafts);
    }
    if let Some(of) = multisig::known(ask, user).await? {
        let may_be_payee = !ask.in_group() && may_be_payee(ask, user);
        return Ok(words::multisig(user, &of, may_be_payee, ask.locale));
    }
    if let Some(person) = ask.user(user).await? {
        return show(ask, &person, AskMixPay::Yes).await;
    }
    match by_id(ask, asset).await? {
        Some(drafts) => Ok(drafts),
        None => Err(nobody(ask, user)),
    }
}

/// Nobody and nothing has this id, or Mixin does not say.
fn nobody(ask: &Ask<'_>, user: UserId) -> Stop {
    ask.say(if is_user_unavailable(ask, user) {
        words::unavailable(ask.locale)
    } else {
        words::nowhere(&user.to_string(), ask.locale)
    })
}

async fn show(ask: &mut Ask<'_>, person: &Person, mixpay: AskMixPay) -> Result<Vec<Draft>, Stop> {
    let private = !ask.in_group();
    let known = if private && mixpay == AskMixPay::Yes {
        is_known_to_mixpay(ask, &person.number).await?
    } else {
        remembers(ask, &person.number).await?.then_some(true)
    };
    let view = PersonView {
        // MixPay answers about people: its no says nothing about a bot.
        known: known.filter(|known| *known || !person.is_bot),
        may_be_payee: private && may_be_payee(ask, person.id),
        contact: private,
    };
    Ok(words::person(person, view, ask.locale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::commands::grammar::{self, Command, Reading, Scope},
        domain::{
            catalogue::Catalogue,
            locale::Locale,
            settings::{Invoicers, Results},
        },
        speech::{
            Action, DraftBody,
            money_choice::{PayeeView, confirm_payee},
            settings,
        },
    };

    const ID: &str = "a0d77914-0877-6b47-eb1d-d3f94ed15d6a";

    fn read(line: &str) -> Reading {
        let scope = Scope {
            bot_number: "7000104999",
            in_group: false,
            catalogue: &Catalogue::builtin(),
            settlement: "4d8c508b-91c5-375b-92b0-ee702ed2dac5".parse().ok(),
            currency: "usd".parse().unwrap(),
        };
        grammar::read(line, &scope)
    }

    fn lines(drafts: Vec<Draft>) -> Vec<String> {
        let taps = drafts.into_iter().flat_map(|draft| {
            let DraftBody::Buttons(taps) = draft.body else { return Vec::new() };
            taps
        });
        taps.filter_map(|tap| match tap.action {
            Action::Say(line) => Some(line),
            Action::Open(_) => None,
        })
        .collect()
    }

    #[test]
    fn buttons_of_people_payees_and_settings_are_complete_commands() {
        let person = Person {
            id: ID.parse().unwrap(),
            number: "37160854".to_owned(),
            name: "Bob".to_owned(),
            is_bot: false,
        };
        let view = PersonView { known: None, may_be_payee: true, contact: true };
        let own = settings::PersonView { currency: "USD", settlement: None, payee: "Bob" };
        for locale in Locale::ALL {
            let mut drafts = words::person(&person, view, locale);
            drafts.extend(confirm_payee(person.id, PayeeView::Somebody("Bob"), locale));
            drafts.extend(settings::group("USD", Invoicers::Everyone, Results::Full, locale));
            drafts.extend(settings::languages("lang", locale));
            drafts.extend(settings::person(own, locale));
            let lines = lines(drafts);
            assert_eq!(lines.len(), 14, "{lines:?}");
            for line in lines {
                // `settle` and `payee` alone are answered with the question that teaches.
                let is_question = line == "settle" || line == "payee";
                let reading = read(&line);
                assert!(is_question || matches!(reading, Reading::Command(_)), "{reading:?}");
            }
        }
    }

    #[test]
    fn the_button_qr_reads_as_a_name_that_begins_with_qr() {
        let name = format!("{QR}{ID}");
        let expected = Reading::Command(Command::Uuid(LookupOf::Symbol(name.clone())));
        assert_eq!(read(&format!("uuid {name}")), expected);
    }
}
