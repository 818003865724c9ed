//! Quarantine: tells operators what was set aside, once, and not too often.

use crate::{
    app::{
        deps::Deps,
        reply::{Place, say},
    },
    domain::cause::Cause,
    speech::{
        Draft,
        aside::{Told, to_operators},
    },
    store::{StoreError, Tx},
};
use jiff::SignedDuration;

/// So long after they were told of something, operators are told of the next things together.
const EVERY: SignedDuration = SignedDuration::from_mins(10);
/// So many are read to be named.
const NAMED_MAX: u32 = 3;

/// Tells operators of what they do not know yet, unless they were told of others a moment ago.
/// That they were told is kept in the same unit of work.
pub async fn tell(tx: &mut Tx, deps: &Deps) -> Result<Told, StoreError> {
    let operators = deps.operators();
    if operators.is_empty() {
        return Ok(Told::Nobody);
    }
    let (aside, now) = (tx.aside().await?, deps.now());
    if aside.untold == 0 {
        return Ok(Told::Now);
    }
    // A time that has not come yet is from a clock that was wrong.
    let is_fresh = |told: jiff::Timestamp| told <= now && now.duration_since(told) < EVERY;
    if aside.told.is_some_and(is_fresh) {
        return Ok(Told::Later);
    }
    let first = tx.untold_aside(NAMED_MAX).await?;
    for operator in operators {
        let locale = tx.person_settings(operator).await?.locale.unwrap_or_default();
        let place = Place { new: true, ..Place::private(deps, operator) };
        let draft = Draft::text(to_operators(aside.untold, &first, locale));
        say(tx, deps, place, Cause::Aside(now, operator), vec![draft], now).await?;
    }
    tx.told_of_aside(now).await?;
    Ok(Told::Now)
}

/// Why the bot is not ready because of rows that cannot be read; `None` if there are none. People
/// whose message was set aside were answered, and nothing waits for it: that does not count.
pub fn against(rows: i64) -> Option<String> {
    match rows {
        0 => None,
        1 => Some("1 row cannot be read".to_owned()),
        many => Some(format!("{many} rows cannot be read")),
    }
}
