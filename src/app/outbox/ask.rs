//! Ask: finds something out for a command, and then handles the event that waits for it.

use crate::{
    app::{
        commands::speaker,
        deps::Deps,
        dispatch,
        gate::{self, PATIENCE},
        outbox::{
            direct::{self, Asked},
            errands::postpone,
            is_about_us,
            open::request,
        },
    },
    domain::{
        ids::{InvoiceId, UserId},
        mixpay_code::ApiCode,
        shares::Wish,
    },
    ports::{
        directory::Person,
        effect::{Found, Need, Pending},
        failure::{CallError, Failure, Reason, pause_until},
        inbound::Inbound,
    },
    runtime::clock::is_due,
    store::{Grant, Permit, SEARCH_BAN, SEARCH_BAN_KEY, StoreError},
};
use jiff::Timestamp;

/// A question is asked this often before the command is answered without it.
const TRIES_MAX: u32 = 2;

/// What came of a question.
enum Outcome {
    Found(Found),
    /// Not before this time.
    NotBefore(Timestamp),
    Failed(CallError),
}

/// Finds `need` out and handles the event with it.
pub(super) async fn perform(
    deps: &Deps,
    pending: &Pending,
    event: Inbound,
    need: Need,
    mut found: Vec<(Need, Found)>,
) -> Result<(), StoreError> {
    let asker = speaker(deps, &event);
    let answer = match find(deps, &need, &found, asker).await? {
        Outcome::Found(answer) => answer,
        Outcome::NotBefore(when) if when.duration_since(deps.now()) <= PATIENCE => {
            let mut tx = deps.store.begin().await?;
            tx.wait(pending.effect.id, when).await?;
            return deps.commit(tx).await;
        }
        // Nobody waits a minute for an answer: they are told.
        Outcome::NotBefore(_) => Found::Unavailable(Some(ApiCode::TooManyRequests.code())),
        Outcome::Failed(error)
            if is_about_us(&error.reason)
                || (error.failure != Failure::Permanent && pending.attempts < TRIES_MAX) =>
        {
            tracing::debug!("a question waits: {error}");
            return postpone(deps, pending, deps.now()).await;
        }
        Outcome::Failed(error) => {
            tracing::info!("a question stays unanswered: {error}");
            Found::Unavailable(error.code())
        }
    };
    found.push((need, answer));
    let mut tx = deps.store.begin().await?;
    // First out of the lane, so that the event does not wait for itself.
    tx.conclude(&[pending.effect.id]).await?;
    dispatch::handle_apart(&mut tx, deps, &event, found, None).await?;
    deps.commit(tx).await
}

async fn find(
    deps: &Deps,
    need: &Need,
    found: &[(Need, Found)],
    asker: UserId,
) -> Result<Outcome, StoreError> {
    Ok(match need {
        Need::Turn => Outcome::Found(Found::Turn),
        Need::Person(user) => person(deps, *user).await?,
        Need::Number(number) => by_number(deps, number, asker).await?,
        Need::Group(conversation) => match deps.directory.group(*conversation).await {
            Ok(group) => {
                if let Some(group) = &group {
                    let mut tx = deps.store.begin().await?;
                    tx.keep_group(*conversation, group, deps.now()).await?;
                    deps.commit(tx).await?;
                }
                Outcome::Found(Found::Group(group))
            }
            Err(error) => Outcome::Failed(error),
        },
        Need::Asset(asset) => match deps.directory.asset(*asset).await {
            Ok(asset) => Outcome::Found(Found::Assets(asset.into_iter().collect())),
            Err(error) => Outcome::Failed(error),
        },
        Need::Ticker(symbol) => match deps.directory.assets_of(symbol).await {
            Ok(assets) => Outcome::Found(Found::Assets(assets)),
            Err(error) => Outcome::Failed(error),
        },
        Need::Estimate { .. }
        | Need::Multisig { .. }
        | Need::KnownToMixPay(_)
        | Need::Direct { .. } => ask_mixpay(deps, need, found, asker).await?,
    })
}

async fn person(deps: &Deps, user: UserId) -> Result<Outcome, StoreError> {
    Ok(match deps.directory.user(user).await {
        Ok(person) => {
            keep(deps, person.as_ref()).await?;
            Outcome::Found(Found::Person(person))
        }
        Err(error) => Outcome::Failed(error),
    })
}

async fn keep(deps: &Deps, person: Option<&Person>) -> Result<(), StoreError> {
    let Some(person) = person else { return Ok(()) };
    let mut tx = deps.store.begin().await?;
    tx.keep_person(person).await?;
    deps.commit(tx).await
}

/// By Mixin's search; while that is banned or silent, by MixPay's own endpoint, which knows the
/// people who have used it.
async fn by_number(deps: &Deps, number: &str, asker: UserId) -> Result<Outcome, StoreError> {
    let now = deps.now();
    let mut tx = deps.store.begin().await?;
    if let Some(known) = tx.person_by_number(number).await? {
        return Ok(Outcome::Found(Found::Person(Some(known))));
    }
    let ban = tx.meta(SEARCH_BAN_KEY).await?.and_then(|text| text.parse::<Timestamp>().ok());
    drop(tx);
    let banned = ban.is_some_and(|until| !is_due(until, SEARCH_BAN, now));
    if !banned {
        match deps.directory.search(number).await {
            Ok(person) => {
                keep(deps, person.as_ref()).await?;
                return Ok(Outcome::Found(Found::Person(person)));
            }
            Err(error) => {
                tracing::warn!("Mixin's search does not answer, MixPay is asked: {error}");
                if matches!(error.reason, Reason::Limited { .. }) {
                    let until = now.saturating_add(SEARCH_BAN).unwrap_or(Timestamp::MAX);
                    let mut tx = deps.store.begin().await?;
                    tx.set_meta(SEARCH_BAN_KEY, &until.to_string()).await?;
                    deps.commit(tx).await?;
                }
            }
        }
    }
    let permit = match gate::permit_soon(deps, Wish::asking(asker)).await? {
        Grant::Granted(permit) => permit,
        Grant::NotBefore(when) => return Ok(Outcome::NotBefore(when)),
    };
    match known(deps, permit, number).await? {
        Ok(Some(user)) => {
            let person = match deps.directory.user(user).await {
                // Nobody pays somebody else because of a number that MixPay mixes up.
                Ok(Some(person)) if person.number != number => {
                    tracing::error!("MixPay knows another person by number {number}");
                    return Ok(Outcome::Found(Found::Unavailable(None)));
                }
                Ok(Some(person)) => person,
                Ok(None) | Err(_) => Person {
                    id: user,
                    number: number.to_owned(),
                    name: String::new(),
                    is_bot: false,
                },
            };
            keep(deps, Some(&person)).await?;
            Ok(Outcome::Found(Found::Person(Some(person))))
        }
        // MixPay knows only those who have used it: nothing is proved.
        Ok(None) => Ok(Outcome::Found(Found::Unavailable(None))),
        Err(error) => Ok(failed(deps, error)),
    }
}

/// Whom MixPay knows by this Mixin ID.
async fn known(
    deps: &Deps,
    permit: Permit,
    number: &str,
) -> Result<Result<Option<UserId>, CallError>, StoreError> {
    gate::call(deps, permit, |mixpay| async move { mixpay.payee_of(number).await }).await
}

/// A question that MixPay has not answered. Whoever was one too many waits like everybody.
fn failed(deps: &Deps, error: CallError) -> Outcome {
    match error.reason {
        Reason::Limited { retry_after } => Outcome::NotBefore(pause_until(deps.now(), retry_after)),
        Reason::Unreachable(_)
        | Reason::NoAnswer(_)
        | Reason::NotUnderstood { .. }
        | Reason::Unauthorized
        | Reason::ClockSkew { .. }
        | Reason::Refused { .. } => Outcome::Failed(error),
    }
}

/// A payment in one coin, quoted anew. Judged by the estimate that the same line asked for before.
async fn direct(
    deps: &Deps,
    permit: Permit,
    invoice: InvoiceId,
    body: &str,
    found: &[(Need, Found)],
) -> Result<Result<Found, CallError>, StoreError> {
    let mut tx = deps.store.begin().await?;
    let invoice = tx.invoice(invoice).await?;
    drop(tx);
    let estimate = found.iter().find_map(|(_, found)| match found {
        Found::Estimate(estimate) => Some(estimate.payment),
        Found::Turn
        | Found::Person(_)
        | Found::Group(_)
        | Found::Assets(_)
        | Found::Multisig(_)
        | Found::Known(_)
        | Found::Direct(_)
        | Found::Unavailable(_) => None,
    });
    let parts = invoice.as_ref().and_then(|invoice| {
        let (trace, _) = invoice.facts.opened()?;
        Some((invoice, trace, invoice.terms.pay_with.as_ref()?.asset))
    });
    let (Some((invoice, trace, asset)), Some(about)) = (parts, estimate) else {
        return Ok(Ok(Found::Unavailable(None)));
    };
    let chain = request(deps, invoice, trace, invoice.closes_at(), true);
    let on_chain = deps.mixpay.body(&chain) == body;
    let (accounts, now) = (&deps.rules.accounts, deps.now());
    let asked = Asked { trace, asset, on_chain, about, accounts, now };
    Ok(direct::make(deps, permit, invoice, &asked, body).await?.map(Found::Direct))
}

async fn ask_mixpay(
    deps: &Deps,
    need: &Need,
    found: &[(Need, Found)],
    asker: UserId,
) -> Result<Outcome, StoreError> {
    let permit = match gate::permit_soon(deps, Wish::asking(asker)).await? {
        Grant::Granted(permit) => permit,
        Grant::NotBefore(when) => return Ok(Outcome::NotBefore(when)),
    };
    let answer = if let Need::Direct { invoice, body } = need {
        direct(deps, permit, *invoice, body, found).await?
    } else {
        gate::call(deps, permit, |mixpay| async move {
            match need {
                Need::Estimate { price, pay_with, settlement } => {
                    mixpay.estimate(*price, *pay_with, *settlement).await.map(Found::Estimate)
                }
                Need::Multisig { members, threshold } => {
                    mixpay.multisig(members, *threshold).await.map(Found::Multisig)
                }
                Need::KnownToMixPay(number) => {
                    mixpay.payee_of(number).await.map(|known| Found::Known(known.is_some()))
                }
                Need::Direct { .. }
                | Need::Turn
                | Need::Person(_)
                | Need::Number(_)
                | Need::Group(_)
                | Need::Asset(_)
                | Need::Ticker(_) => Ok(Found::Turn),
            }
        })
        .await?
    };
    match answer {
        Ok(found) => {
            if let Found::Estimate(estimate) = &found {
                deps.estimates.keep(need, estimate, deps.now());
            }
            Ok(Outcome::Found(found))
        }
        Err(error) => Ok(failed(deps, error)),
    }
}
