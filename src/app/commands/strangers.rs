//! `stop` and `start`: whether somebody wants to be written to for others, and how many people who
//! never spoke to the bot one may write to.

use crate::{
    app::commands::{Ask, Stop, grammar::PersonRef},
    domain::ids::UserId,
    speech::{Draft, strangers as words},
};
use jiff::SignedDuration;

/// People who never spoke to the bot to whom somebody may have it write in a day.
const STRANGERS_A_DAY_MAX: u32 = 3;
/// What counts against that.
const STRANGER: &str = "stranger";

/// The person does not want to be written to for others.
pub(super) async fn quiet(ask: &mut Ask<'_>) -> Result<Vec<Draft>, Stop> {
    choose(ask, false).await?;
    Ok(vec![Draft::text(words::quiet(ask.locale))])
}

/// The person may be written to for others again.
pub(super) async fn start(ask: &mut Ask<'_>) -> Result<Vec<Draft>, Stop> {
    choose(ask, true).await?;
    Ok(vec![Draft::text(words::start(ask.locale))])
}

async fn choose(ask: &mut Ask<'_>, hears_others: bool) -> Result<(), Stop> {
    ask.only_private()?;
    ask.settings.hears_others = Some(hears_others);
    Ok(ask.tx.keep_person_settings(ask.who, &ask.settings).await?)
}

/// Who is told of an invoice that is asked from them; nobody if they do not want that, or if they
/// never spoke to the bot and the day's three are used up. The sender is told so.
pub(super) async fn told(
    ask: &mut Ask<'_>,
    person: &PersonRef,
) -> Result<(Option<UserId>, Vec<Draft>), Stop> {
    let user = ask.refer(person).await?;
    let untold = |text: String| (None, vec![Draft::text(text)]);
    if user == ask.who {
        return Ok((Some(user), Vec::new()));
    }
    if !ask.tx.person_settings(user).await?.wants_to_hear_others() {
        return Ok(untold(words::not_wanted(ask.locale)));
    }
    if !ask.tx.has_spoken(user).await? {
        let since = ask.before(SignedDuration::from_hours(24));
        if ask.spent(STRANGER, since).await? >= STRANGERS_A_DAY_MAX {
            return Ok(untold(words::enough(STRANGERS_A_DAY_MAX, ask.locale)));
        }
        ask.spend(STRANGER).await?;
    }
    Ok((Some(user), Vec::new()))
}
