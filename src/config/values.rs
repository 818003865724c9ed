//! From the text of a setting to its value. Each function says `Err` with what would be right.

use crate::{
    config::{
        Database, Listen, PostgresUrl,
        shown::{LENGTH_MAX, is_plausible, shown},
    },
    runtime::{client::is_loopback, telemetry},
};
use std::{fmt::Display, path::PathBuf, str::FromStr, time::Duration};
use url::Url;

/// A value, or what would be right instead.
pub(crate) type Parsed<T> = Result<T, String>;

/// Which scheme an address has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// `https`, and `http` on this machine.
    Http,
    /// `wss`, and `ws` on this machine.
    WebSocket,
}

/// A text that is not empty.
pub(crate) fn text(found: &str) -> Parsed<String> {
    match found.trim() {
        "" => Err("a text that is not empty".to_owned()),
        text if !is_plausible(text) => {
            Err(format!("one line of text of at most {LENGTH_MAX} characters, and no JSON"))
        }
        text => Ok(text.to_owned()),
    }
}

/// A file.
pub(crate) fn file(found: &str) -> Parsed<PathBuf> {
    match found {
        path if path.is_empty() || !is_plausible(path) => {
            Err("the path of a file, such as keystore.json".to_owned())
        }
        path => Ok(PathBuf::from(path)),
    }
}

/// A database.
pub(crate) fn database(found: &str) -> Parsed<Database> {
    let right = "sqlite://PATH, such as sqlite://mixpay-bot.db, or sqlite::memory:, or \
                 postgres://USER:PASSWORD@HOST/DATABASE";
    if found == "sqlite::memory:" {
        return Ok(Database::Memory);
    }
    if found.starts_with("postgres://") || found.starts_with("postgresql://") {
        let url = PostgresUrl::read(found).map_err(|why| format!("{right}; {why}"));
        return url.map(Database::Postgres);
    }
    match found.strip_prefix("sqlite://") {
        Some(path) if path.contains(['?', '#']) => Err(format!("{right}, without options")),
        Some("") | None => Err(right.to_owned()),
        Some(path) if !is_plausible(path) => Err(right.to_owned()),
        Some(path) => Ok(Database::File(PathBuf::from(path))),
    }
}

/// The address of a service. What is secret must not travel in plain text, so only a service on
/// this machine may do without TLS.
pub(crate) fn address(found: &str, scheme: Scheme) -> Parsed<Url> {
    let (secret, plain) = match scheme {
        Scheme::Http => ("https", "http"),
        Scheme::WebSocket => ("wss", "ws"),
    };
    let right = |more: &str| {
        format!("{secret}://HOST…, or {plain}://… for a loopback address (127.0.0.1){more}")
    };
    let url = Url::parse(found).map_err(|_| right(""))?;
    let plain_is_fine = is_loopback(&url) && url.scheme() == plain;
    if url.host().is_none() || !(url.scheme() == secret || plain_is_fine) {
        return Err(right(""));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(right(", without user and password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(right(", without ? and #"));
    }
    Ok(url)
}

/// Where we listen.
pub(crate) fn listen(found: &str) -> Parsed<Listen> {
    match found {
        "off" => Ok(Listen::Off),
        address => address.parse().map(Listen::At).map_err(|_| {
            "an address and a port, such as 127.0.0.1:8787 or [::1]:8787, or off".to_owned()
        }),
    }
}

/// A time: a whole number and its unit.
pub(crate) fn duration(found: &str, from: Duration, to: Duration) -> Parsed<Duration> {
    let seconds = [("s", 1), ("m", 60), ("h", 3600)].into_iter().find_map(|(unit, seconds)| {
        let number = found.strip_suffix(unit)?;
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        number.parse::<u64>().ok()?.checked_mul(seconds)
    });
    match seconds.map(Duration::from_secs) {
        Some(time) if (from..=to).contains(&time) => Ok(time),
        Some(_) | None => {
            Err(format!("a time from {} to {}, such as 90s, 30m or 2h", spell(from), spell(to)))
        }
    }
}

/// A time as one writes it in the configuration.
pub(crate) fn spell(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds, seconds % 3600, seconds % 60) {
        (0, _, _) => "0s".to_owned(),
        (_, 0, _) => format!("{}h", seconds / 3600),
        (_, _, 0) => format!("{}m", seconds / 60),
        (_, _, _) => format!("{seconds}s"),
    }
}

/// A whole number.
pub(crate) fn number(found: &str, from: u32, to: u32) -> Parsed<u32> {
    let right = || format!("a whole number from {from} to {to}");
    if !found.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(right());
    }
    found.parse().ok().filter(|number| (from..=to).contains(number)).ok_or_else(right)
}

/// Yes or no.
pub(crate) fn choice(found: &str) -> Parsed<bool> {
    match found {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("true or false".to_owned()),
    }
}

/// One thing that reads itself, such as an id.
pub(crate) fn one<T: FromStr>(found: &str, what: &str) -> Parsed<T> {
    found.parse().map_err(|_| what.to_owned())
}

/// Several things with commas between; nothing is an empty list.
pub(crate) fn several<T: FromStr<Err: Display>>(found: &str, what: &str) -> Parsed<Vec<T>> {
    if found.trim().is_empty() {
        return Ok(Vec::new());
    }
    let items =
        found.split(',').map(|item| item.trim().parse().map_err(|error: T::Err| (item, error)));
    items
        .collect::<Result<_, _>>()
        .map_err(|(item, _)| format!("{what}, with commas between; {} is none", shown(item.trim())))
}

/// What is logged.
pub(crate) fn log(found: &str) -> Parsed<String> {
    if telemetry::is_filter(found) {
        Ok(found.to_owned())
    } else {
        Err("error, warn, info, debug, trace or off, or TARGET=LEVEL, with commas between, \
            such as info,mixpay_bot::mixin=debug"
            .to_owned())
    }
}
