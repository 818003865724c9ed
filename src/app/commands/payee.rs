//! `payee`: who receives from now on. It names who that is before it takes effect.

use crate::{
    app::commands::{
        Ask, Stop, display_name,
        grammar::{Payee as Named, PayeeChoice},
        lookup::{by_number, is_known_to_mixpay, is_user_unavailable},
        multisig,
    },
    domain::{ids::UserId, settings::Payee},
    ports::directory::Person,
    speech::{
        Draft, lookup,
        money_choice::{self as words, PayeeView},
    },
};

/// Who a choice turns out to be.
enum Who {
    Me(String),
    ThisBot(Person),
    Somebody(Person),
    Multisig(String),
    NobodyInMixin,
}

/// Chooses who receives.
pub(super) async fn run(ask: &mut Ask<'_>, choice: PayeeChoice) -> Result<Vec<Draft>, Stop> {
    ask.only_private()?;
    if let Some(till) = ask.deps.rules.payee {
        let name = ask.name_of(till).await?;
        return Err(ask.say(words::fixed_payee(&name, ask.locale)));
    }
    let id = match choice.who {
        Named::Me => ask.who,
        Named::Bot => ask.deps.me.person.id,
        Named::Number(number) => by_number(ask, &number).await?.id,
        Named::User(user) => user,
    };
    let who = who(ask, id).await?;
    if choice.confirmed { set(ask, id, &who).await } else { confirm(ask, id, &who).await }
}

async fn who(ask: &mut Ask<'_>, id: UserId) -> Result<Who, Stop> {
    if id == ask.deps.me.person.id {
        if !ask.deps.rules.bot_payee {
            return Err(ask.say(words::bot_is_no_payee(ask.locale)));
        }
        return Ok(Who::ThisBot(ask.deps.me.person.clone()));
    }
    if id == ask.who {
        return Ok(Who::Me(ask.name_of(id).await?));
    }
    if let Some(of) = multisig::known(ask, id).await? {
        return Ok(Who::Multisig(of));
    }
    match ask.user(id).await? {
        Some(person) => Ok(Who::Somebody(person)),
        None if is_user_unavailable(ask, id) => Err(ask.say(lookup::unavailable(ask.locale))),
        None => Ok(Who::NobodyInMixin),
    }
}

async fn confirm(ask: &mut Ask<'_>, id: UserId, who: &Who) -> Result<Vec<Draft>, Stop> {
    let name = match who {
        Who::Me(name) | Who::Multisig(name) => name.clone(),
        Who::ThisBot(person) | Who::Somebody(person) => display_name(person),
        Who::NobodyInMixin => String::new(),
    };
    let view = match who {
        Who::Me(_) => PayeeView::Me(&name),
        Who::ThisBot(_) => PayeeView::ThisBot(&name),
        Who::Multisig(_) => PayeeView::Multisig(&name),
        Who::NobodyInMixin => PayeeView::NobodyInMixin,
        // MixPay answers about people: its no says nothing about a bot.
        Who::Somebody(person) if person.is_bot => PayeeView::Somebody(&name),
        Who::Somebody(person) => match is_known_to_mixpay(ask, &person.number).await? {
            Some(false) => PayeeView::Stranger(&name),
            Some(true) | None => PayeeView::Somebody(&name),
        },
    };
    Ok(words::confirm_payee(id, view, ask.locale))
}

async fn set(ask: &mut Ask<'_>, id: UserId, who: &Who) -> Result<Vec<Draft>, Stop> {
    let name = match who {
        Who::Me(_) => None,
        Who::ThisBot(person) | Who::Somebody(person) => Some(display_name(person)),
        Who::Multisig(of) => Some(words::multisig_name(of, ask.locale)),
        Who::NobodyInMixin => Some(id.to_string()),
    };
    let text = match &name {
        Some(name) => words::payee_is(name, ask.locale),
        None => words::payee_is_you(ask.locale),
    };
    // Oneself is what holds when nothing is chosen; the name stays fresh that way.
    ask.settings.payee = name.map(|name| Payee { id, name });
    ask.tx.keep_person_settings(ask.who, &ask.settings).await?;
    tracing::info!(user = %ask.who, payee = %id, "{} receives with {id} from now on", ask.who);
    Ok(vec![Draft::text(text)])
}
