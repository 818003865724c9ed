//! `lang` and `settings`: what a person has chosen in private, and the rules of a group.

use crate::{
    app::commands::{
        Ask, Stop, asset_label,
        grammar::{InvoicesBy, Results as Told, Setting},
        invoice::{payee, unit_of},
    },
    domain::{
        locale::Locale,
        settings::{Invoicers, Results, Settlement},
    },
    speech::{
        Draft, answer,
        settings::{self as words, PersonView},
    },
};

/// Chooses the language; without one it shows the choice.
pub(super) async fn language(
    ask: &mut Ask<'_>,
    choice: Option<Locale>,
) -> Result<Vec<Draft>, Stop> {
    match choice {
        Some(locale) => set(ask, Setting::Language(locale)).await,
        None => Ok(words::languages("lang", ask.locale)),
    }
}

/// Changes a setting; without one it shows them all.
pub(super) async fn run(ask: &mut Ask<'_>, setting: Option<Setting>) -> Result<Vec<Draft>, Stop> {
    match setting {
        Some(setting) => set(ask, setting).await,
        None => show(ask).await,
    }
}

async fn show(ask: &mut Ask<'_>) -> Result<Vec<Draft>, Stop> {
    let (currency, _) = unit_of(ask, ask.currency());
    if ask.in_group() {
        return Ok(words::group(&currency, ask.group.invoices, ask.group.results, ask.locale));
    }
    let settlement = match ask.settings.settlement {
        Some(Settlement::AsPaid) => None,
        Some(Settlement::Asset(_)) | None => {
            Some(asset_label(&ask.deps.catalogue().settlement, ask.settlement()))
        }
    };
    let (_, payee) = payee(ask).await?;
    let view = PersonView { currency: &currency, settlement: settlement.as_deref(), payee: &payee };
    Ok(words::person(view, ask.locale))
}

async fn set(ask: &mut Ask<'_>, setting: Setting) -> Result<Vec<Draft>, Stop> {
    if ask.in_group() {
        ask.only_group_admin().await?;
        return set_group(ask, setting).await;
    }
    // A supergroup bot speaks for people to create and to read, not to choose.
    if ask.is_on_behalf() {
        return Err(ask.say(answer::ask_in_private(ask.locale)));
    }
    set_person(ask, setting).await
}

async fn set_person(ask: &mut Ask<'_>, setting: Setting) -> Result<Vec<Draft>, Stop> {
    let text = match setting {
        Setting::Language(locale) => {
            ask.settings.locale = Some(locale);
            words::language_is(false, locale)
        }
        Setting::Currency(unit) => {
            ask.settings.currency = Some(unit);
            words::currency_is(&unit_of(ask, unit).0, ask.locale)
        }
        Setting::Invoices(_) | Setting::Results(_) => {
            return Err(ask.say(words::only_in_groups(ask.locale)));
        }
    };
    ask.tx.keep_person_settings(ask.who, &ask.settings).await?;
    Ok(vec![Draft::text(text)])
}

async fn set_group(ask: &mut Ask<'_>, setting: Setting) -> Result<Vec<Draft>, Stop> {
    let text = match setting {
        Setting::Language(locale) => {
            ask.group.locale = Some(locale);
            words::language_is(true, locale)
        }
        Setting::Currency(unit) => {
            ask.group.currency = Some(unit);
            words::currency_is(&unit_of(ask, unit).0, ask.locale)
        }
        Setting::Invoices(by) => {
            ask.group.invoices = match by {
                InvoicesBy::Everyone => Invoicers::Everyone,
                InvoicesBy::Admins => Invoicers::Admins,
            };
            words::invoices_are(ask.group.invoices, ask.locale)
        }
        Setting::Results(told) => {
            ask.group.results = match told {
                Told::Full => Results::Full,
                Told::Short => Results::Short,
                Told::Off => Results::Off,
            };
            words::results_are(ask.group.results, ask.locale)
        }
    };
    ask.tx.keep_place_settings(ask.place.conversation, &ask.group).await?;
    Ok(vec![Draft::text(text)])
}
