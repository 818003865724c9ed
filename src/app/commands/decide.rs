//! `accept` and `reject`: a human's word on what a machine may not decide.

use crate::{
    app::{
        commands::{Ask, Stop},
        learn::{Occasion, learn},
    },
    domain::{
        code::ShortCode,
        invoice::{
            Invoice,
            fact::{About, Decision, Fact, Role, Word},
            standing::{Standing, State},
        },
    },
    speech::{Draft, answer, decide as words},
};

/// It counts as paid.
pub(super) async fn accept(
    ask: &mut Ask<'_>,
    code: ShortCode,
    confirmed: bool,
) -> Result<Vec<Draft>, Stop> {
    decide(ask, code, Word::Accept, confirmed).await
}

/// It does not.
pub(super) async fn reject(
    ask: &mut Ask<'_>,
    code: ShortCode,
    confirmed: bool,
) -> Result<Vec<Draft>, Stop> {
    decide(ask, code, Word::Reject, confirmed).await
}

async fn decide(
    ask: &mut Ask<'_>,
    code: ShortCode,
    word: Word,
    confirmed: bool,
) -> Result<Vec<Draft>, Stop> {
    if ask.is_on_behalf() {
        return Err(ask.say(answer::ask_in_private(ask.locale)));
    }
    let invoice = ask.own_invoice(code).await?;
    let standing = invoice.standing();
    let about = match standing.state {
        // What was never made cannot have been paid.
        State::Failed if standing.was_never_made() => {
            return Err(ask.say(answer::nothing_to_decide(code, ask.locale)));
        }
        State::Held => About::Held,
        State::Partial | State::Failed => About::Short,
        State::Draft
        | State::Open
        | State::Processing
        | State::Review
        | State::Paid
        | State::Settled
        | State::Expired
        | State::Cancelled => return Err(ask.say(answer::nothing_to_decide(code, ask.locale))),
    };
    let role = role(ask, &invoice, about)?;
    if !confirmed {
        return Ok(words::ask(&invoice, &standing, word, ask.locale));
    }
    let (at, cause) = (ask.deps.times().best, ask.event.message);
    let decision = Decision { by: ask.who, role, word, about, at, cause };
    let learned =
        learn(ask.tx, ask.deps, invoice.id, vec![Fact::Decided(decision)], Occasion::News).await?;
    match learned {
        Some((invoice, Standing { state: State::Held, .. })) => {
            Err(ask.say(words::needs_another(&invoice, ask.locale)))
        }
        Some((invoice, standing)) => Ok(ask.tell_elsewhere(&invoice, &standing)),
        None => Ok(Vec::new()),
    }
}

/// As what this person decides: the creator about what is short; the creator and an operator,
/// both, about what is held.
fn role(ask: &Ask<'_>, invoice: &Invoice, about: About) -> Result<Role, Stop> {
    let (creator, operator) = (invoice.creator == ask.who, ask.deps.is_operator(ask.who));
    match (creator, operator, about) {
        (true, true, _) => Ok(Role::Both),
        (true, false, _) => Ok(Role::Creator),
        (false, true, About::Held) => Ok(Role::Operator),
        (false, true, About::Short) | (false, false, _) => {
            Err(ask.say(answer::not_yours(ask.locale)))
        }
    }
}
