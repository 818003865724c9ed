//! What `check` tests at Mixin: the clock, the login, the app's page in the dashboard, Blaze.

use crate::{
    check::Verdict,
    config::Operators,
    domain::ids::UserId,
    keystore::KeyType,
    mixin::{Mixin, blaze::Blaze},
    ports::{
        directory::Me,
        failure::{CallError, Reason},
        time::Clock,
    },
    runtime::client,
};
use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use url::Url;

/// Up to here a clock is right: an answer takes its time.
const OFF_FINE: SignedDuration = SignedDuration::from_secs(5);
/// Up to here deadlines are shown wrong, but all works. Mixin refuses tokens from five minutes on.
const OFF_BEARABLE: SignedDuration = SignedDuration::from_secs(60);
/// Something at Mixin that anybody may ask for.
const PUBLIC_PATH: &str = "/external/fiats";

/// How far our clock is off Mixin's.
pub(super) async fn clock(api: &Url, clock: &dyn Clock) -> Verdict {
    let asked = clock.now();
    let theirs = server_time(api).await;
    let answered = clock.now();
    match theirs {
        Ok(theirs) => {
            // They looked at their clock somewhere between; take the middle.
            let ours = asked.saturating_add(answered.duration_since(asked) / 2);
            off(ours.unwrap_or(answered).duration_since(theirs))
        }
        Err(error) => Verdict::Failing(format!(
            "Mixin does not tell its time ({error:#}): see whether this machine reaches {api}"
        )),
    }
}

fn off(off: SignedDuration) -> Verdict {
    let length = off.abs();
    let tenths = length.subsec_millis() / 100;
    let which = if off.is_negative() { "behind" } else { "ahead of" };
    let told = format!("{}.{tenths} s {which} Mixin's", length.as_secs());
    if length <= OFF_FINE {
        Verdict::Fine(told)
    } else if length <= OFF_BEARABLE {
        Verdict::Warning(format!("{told}: deadlines are shown wrong; let NTP set the clock"))
    } else {
        Verdict::Failing(format!(
            "{told}: deadlines are wrong, and from five minutes on Mixin refuses the bot; let NTP \
             set the clock"
        ))
    }
}

/// Mixin's time, which it tells in each answer.
async fn server_time(api: &Url) -> anyhow::Result<Timestamp> {
    let url = api.join(PUBLIC_PATH)?;
    let answer = client::http(api)?.get(url).send().await.map_err(reqwest::Error::without_url)?;
    let time = answer.headers().get("X-Server-Time").context("its answer has no X-Server-Time")?;
    let nanoseconds = time.to_str()?.parse().context("X-Server-Time is no number")?;
    Ok(Timestamp::from_nanosecond(nanoseconds)?)
}

/// Who Mixin says that we are.
pub(super) fn login(
    me: &Result<Me, CallError>,
    keystore: UserId,
    operators: &Operators,
) -> Verdict {
    let me = match me {
        Ok(me) => me,
        Err(error) => return refused(error),
    };
    let told = format!("{} ({})", me.person.name, me.person.number);
    if me.person.id != keystore {
        return Verdict::Failing(format!(
            "the keystore is of {keystore}, but Mixin knows its session as {}, {told}: download \
             the keystore again from the developer dashboard",
            me.person.id
        ));
    }
    match (operators, me.owner) {
        (Operators::Owner, None) => Verdict::Warning(format!(
            "{told}, but Mixin names no owner, so that nobody runs the bot: set operators"
        )),
        (Operators::Owner, Some(owner)) => {
            Verdict::Fine(format!("{told}, run by its owner {owner}"))
        }
        (Operators::These(people), _) => {
            let people: Vec<String> = people.iter().map(UserId::to_string).collect();
            Verdict::Fine(format!("{told}, run by {}", people.join(", ")))
        }
    }
}

fn refused(error: &CallError) -> Verdict {
    Verdict::Failing(match &error.reason {
        Reason::Unauthorized => "Mixin refuses the keystore's credentials: download a new \
                                 keystore from the developer dashboard"
            .to_owned(),
        Reason::ClockSkew { seconds } => {
            format!("refused because our clock is {seconds} s off Mixin's: let NTP set the clock")
        }
        Reason::Unreachable(_)
        | Reason::NoAnswer(_)
        | Reason::NotUnderstood { .. }
        | Reason::Limited { .. }
        | Reason::Refused { .. } => {
            format!("Mixin cannot be asked ({error}): see mixin.api_url and the network")
        }
    })
}

/// Whether the links that the bot shows open without a warning.
pub(super) fn links(patterns: &[String], web: &Url) -> Verdict {
    let opens = |pattern: &String| {
        Url::parse(pattern)
            .is_ok_and(|url| url.scheme() == web.scheme() && url.host() == web.host())
    };
    let site = format!("{}://{}", web.scheme(), web.host_str().unwrap_or_default());
    if patterns.iter().any(opens) {
        Verdict::Fine(format!("links to {site} open without a warning"))
    } else {
        Verdict::Warning(format!(
            "links to {site} open with a warning: add {site} to the resource patterns of the bot \
             in the developer dashboard"
        ))
    }
}

/// Whether what the dashboard switched on is what the bot can do.
pub(super) fn capabilities(capabilities: &[String], key: KeyType) -> Verdict {
    let has = |name: &str| capabilities.iter().any(|known| known.eq_ignore_ascii_case(name));
    let reads_encrypted = match key {
        KeyType::Ed25519 => true,
        KeyType::Rsa { .. } => false,
    };
    if has("ENCRYPTED") && !reads_encrypted {
        return Verdict::Warning(
            "ENCRYPTED is on, but a keystore with an RSA key reads no encrypted messages: switch \
             it off, or make a new session in the developer dashboard"
                .to_owned(),
        );
    }
    if has("GROUP") {
        Verdict::Fine("the bot can be in groups".to_owned())
    } else {
        Verdict::Warning(
            "the bot cannot be added to groups: switch the capability GROUP on in the developer \
             dashboard"
                .to_owned(),
        )
    }
}

/// Whether Blaze takes a connection.
pub(super) async fn blaze(mixin: &Mixin, url: &Url) -> Verdict {
    let connector = match client::connector() {
        Ok(connector) => connector,
        Err(error) => return Verdict::Failing(format!("{error}")),
    };
    match Blaze::new(mixin, url.clone(), connector).try_once().await {
        Ok(()) => Verdict::Fine(format!("{url} takes a connection")),
        Err(why) => Verdict::Failing(format!(
            "{url} takes no connection ({why}): see mixin.blaze_url and whether the network lets \
             WebSockets through"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Fine(_) => "fine",
            Verdict::Warning(_) => "warning",
            Verdict::Failing(_) => "failing",
        }
    }

    #[test]
    fn a_clock_is_judged_by_how_far_it_is_off_either_way() {
        for (millis, expected) in [
            (0, "fine"),
            (-5_000, "fine"),
            (5_001, "warning"),
            (-60_000, "warning"),
            (60_001, "failing"),
            (-400_000, "failing"),
        ] {
            assert_eq!(word(&off(SignedDuration::from_millis(millis))), expected, "{millis}");
        }
        let behind = off(SignedDuration::from_millis(-1_290));
        assert_eq!(behind, Verdict::Fine("1.2 s behind Mixin's".to_owned()));
    }

    #[test]
    fn links_open_if_scheme_and_host_are_in_the_patterns() {
        let web = "https://mixpay.me".parse().unwrap();
        for (patterns, expected) in [
            (&["https://mixpay.me"][..], "fine"),
            (&["https://example.com", "https://mixpay.me/*"], "fine"),
            (&["http://mixpay.me"], "warning"),
            (&["mixpay.me"], "warning"),
            (&["https://mixpay.me.example.com"], "warning"),
            (&[], "warning"),
        ] {
            let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
            assert_eq!(word(&links(&patterns, &web)), expected, "{patterns:?}");
        }
    }

    #[test]
    fn capabilities_are_compared_with_what_the_bot_can_do() {
        let rsa = KeyType::Rsa { bits: 2048 };
        for (names, key, expected) in [
            (&["CONTACT", "GROUP"][..], KeyType::Ed25519, "fine"),
            (&["CONTACT", "GROUP"], rsa, "fine"),
            (&["GROUP", "ENCRYPTED"], KeyType::Ed25519, "fine"),
            (&["GROUP", "ENCRYPTED"], rsa, "warning"),
            (&["CONTACT"], KeyType::Ed25519, "warning"),
        ] {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            assert_eq!(word(&capabilities(&names, key)), expected, "{names:?} {key:?}");
        }
    }
}
