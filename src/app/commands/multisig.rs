//! `multisig`: a MixPay multisig id, under which a group of people receives.

use crate::{
    app::commands::{
        Ask, Stop,
        grammar::PersonRef,
        lookup::{by_number, may_be_payee},
        quote::is_about_it,
    },
    domain::{cause::Cause, ids::UserId},
    ports::effect::{Found, Need},
    speech::{
        Draft,
        money_choice::{self as words, NewMultisig},
    },
};

/// Members whom nobody has named before that are searched for one line. An event may need only so
/// many things from outside, and searches are dear.
const UNKNOWN_MAX: usize = 6;

/// Makes a multisig; the same members and threshold give the same one without asking again.
pub(super) async fn run(
    ask: &mut Ask<'_>,
    threshold: u8,
    members: &[PersonRef],
) -> Result<Vec<Draft>, Stop> {
    let members = resolve(ask, members).await?;
    let group = Cause::Multisig(&members).id(ask.deps.store.secret());
    let key = format!("multisig:{group}:{threshold}");
    let kept = ask.tx.meta(&key).await?.and_then(|id| id.parse::<UserId>().ok());
    let id = if let Some(id) = kept {
        id
    } else {
        let id = make(ask, threshold, &members).await?;
        ask.tx.set_meta(&key, &id.to_string()).await?;
        let of = format!("{threshold}/{}", members.len());
        ask.tx.set_meta(&id_key(id), &of).await?;
        id
    };
    let new = NewMultisig { id, threshold, members: members.len(), in_group: ask.in_group() };
    Ok(words::multisig(new, may_be_payee(ask, id), ask.locale))
}

/// `2 of 3`, if this is a multisig that was made here.
pub(super) async fn known(ask: &mut Ask<'_>, id: UserId) -> Result<Option<String>, Stop> {
    let of = ask.tx.meta(&id_key(id)).await?;
    let numbers = of.as_deref().and_then(|of| of.split_once('/'));
    Ok(numbers.and_then(|(threshold, members)| {
        let (threshold, members) = (threshold.parse().ok()?, members.parse().ok()?);
        Some(words::multisig_of(threshold, members, ask.locale))
    }))
}

fn id_key(id: UserId) -> String {
    format!("multisig_id:{id}")
}

async fn make(ask: &mut Ask<'_>, threshold: u8, members: &[UserId]) -> Result<UserId, Stop> {
    let need = Need::Multisig { members: members.to_vec(), threshold };
    match ask.found(&need) {
        Some(Found::Multisig(id)) => Ok(*id),
        Some(Found::Unavailable(Some(code))) if is_about_it(*code) => {
            Err(ask.say(words::multisig_refused(*code, &ask.deps.rules.support, ask.locale)))
        }
        Some(_) => Err(ask.say(words::mixpay_silent(ask.locale))),
        None => {
            // It is made like an invoice: the same people may, and as often.
            ask.may_create().await?;
            ask.count_created().await?;
            Err(Stop::Need(need))
        }
    }
}

/// The members' ids in order, none of them twice.
async fn resolve(ask: &mut Ask<'_>, members: &[PersonRef]) -> Result<Vec<UserId>, Stop> {
    let mut unknown = 0_usize;
    for member in members {
        if let PersonRef::Number(number) = member
            && *number != ask.deps.me.person.number
            && ask.tx.person_by_number(number).await?.is_none()
        {
            unknown = unknown.saturating_add(1);
        }
    }
    if unknown > UNKNOWN_MAX {
        return Err(ask.say(words::multisig_unknown(unknown, UNKNOWN_MAX, ask.locale)));
    }
    let mut ids: Vec<UserId> = Vec::new();
    for member in members {
        let id = match member {
            PersonRef::Me => ask.who,
            PersonRef::User(id) => *id,
            PersonRef::Number(number) => by_number(ask, number).await?.id,
        };
        if ids.contains(&id) {
            let name = match member {
                PersonRef::Number(number) => number.clone(),
                PersonRef::Me | PersonRef::User(_) => id.to_string(),
            };
            return Err(ask.say(words::multisig_twice(&name, ask.locale)));
        }
        ids.push(id);
    }
    ids.sort_unstable();
    Ok(ids)
}
