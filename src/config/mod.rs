//! Settings: what flags, environment, file and defaults add up to, checked before anything starts.
//!
//! Flags win over the environment, the environment wins over the file, the file wins over the
//! defaults. [`keys`] has the table of all keys.

pub mod keys;
mod postgres;
pub mod shown;
pub mod sources;
mod values;

pub(crate) use values::duration;

use crate::{
    domain::ids::{AssetId, UserId},
    http::client_ip::Network,
};
use keys::Key;
pub use postgres::PostgresUrl;
use sources::{Origin, Sources};
use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};
use url::Url;
use values::{Parsed, Scheme};

/// An invoice is open at least so long.
pub const EXPIRES_MIN: Duration = Duration::from_secs(30);
/// An invoice is open at most so long.
pub const EXPIRES_MAX: Duration = Duration::from_hours(45);
/// MixPay takes no deadline that is this far away: 2,880 minutes.
pub const DEADLINE_LIMIT: Duration = Duration::from_hours(48);
/// MixPay takes at most so many requests in a minute.
pub const REQUESTS_PER_MINUTE_MAX: u32 = 60;
/// A quota is at most this.
pub const QUOTA_MAX: u32 = 1_000_000;

/// Why the bot cannot start with these settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A value that cannot be.
    #[error("{key}: expected {expected}; found {found} ({origin})")]
    Value {
        /// The key.
        key: &'static str,
        /// Where the value came from.
        origin: Origin,
        /// The value, without passwords.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// A key that does not exist.
    #[error(
        "{name} is no key of the configuration; the nearest is {nearest} (file {})",
        shown::path(path)
    )]
    UnknownKey {
        /// The file that has it.
        path: PathBuf,
        /// The key, as it is written there, if it can be shown.
        name: String,
        /// The key that was meant, perhaps.
        nearest: &'static str,
    },
    /// A file that cannot be read.
    #[error("configuration file {}: {problem}", shown::path(path))]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// Everything that can be set, checked. The keys are in the keystore; the one secret here, the
/// password of a database, is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The file with the bot's keys.
    pub keystore: PathBuf,
    /// Where the bot remembers.
    pub database: Database,
    /// How Mixin is reached.
    pub mixin: Mixin,
    /// How MixPay is reached.
    pub mixpay: Mixpay,
    /// The HTTP server.
    pub http: Http,
    /// What invoices are made with.
    pub invoice: Invoice,
    /// Who runs the bot.
    pub operators: Operators,
    /// Whom to ask when only MixPay can help.
    pub support: String,
    /// What one person may use up.
    pub quota: Quota,
    /// What is logged, in the words of `tracing`'s filters.
    pub log: String,
}

/// Where the bot remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// An SQLite file.
    File(PathBuf),
    /// SQLite in memory: forgotten at the end.
    Memory,
    /// A Postgres database.
    Postgres(PostgresUrl),
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "sqlite://{}", shown::path(path)),
            Self::Memory => f.write_str("sqlite::memory:"),
            Self::Postgres(url) => fmt::Display::fmt(url, f),
        }
    }
}

/// How Mixin is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mixin {
    /// Its API.
    pub api_url: Url,
    /// Its message service.
    pub blaze_url: Url,
    /// Supergroup bots that may speak for people.
    pub representatives: Vec<UserId>,
}

/// How MixPay is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mixpay {
    /// Its API.
    pub api_url: Url,
    /// Where its payment pages are.
    pub web_url: Url,
    /// The accounts that it pays from; at least one.
    pub accounts: Vec<UserId>,
    /// Requests in a minute, 1 to [`REQUESTS_PER_MINUTE_MAX`].
    pub requests_per_minute: u32,
}

/// The HTTP server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Where it listens.
    pub listen: Listen,
    /// Where the world reaches it; without one there are no callbacks.
    pub public_url: Option<Url>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Where callbacks are taken from; empty for everywhere.
    pub callback_ips: Vec<Network>,
}

/// Where the HTTP server listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// There is none.
    Off,
    /// There.
    At(SocketAddr),
}

/// What invoices are made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// How long one can be paid, if its creator does not say.
    pub expires: Duration,
    /// How much longer MixPay takes late money.
    pub grace: Duration,
    /// What payees receive.
    pub settlement_asset: AssetId,
    /// Who receives.
    pub payee: Payee,
    /// Whether people may choose the bot as their payee.
    pub bot_payee: bool,
}

/// Who receives what is paid, if nobody chose otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payee {
    /// The person who asks for the invoice.
    WhoAsks,
    /// One till for all.
    Till(UserId),
}

/// Who runs the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operators {
    /// The bot's owner, as `GET /me` tells.
    Owner,
    /// These people.
    These(Vec<UserId>),
}

/// What one person may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Invoices an hour.
    pub invoices_per_hour: u32,
    /// Searches for Mixin IDs a day; what is known already is free.
    pub lookups_per_day: u32,
}

impl Settings {
    /// Reads and checks every setting.
    pub fn read(sources: &Sources) -> Result<Self, SettingsError> {
        let read = Reader(sources);
        Ok(Self {
            keystore: read.value(&keys::KEYSTORE, values::file)?,
            database: read.value(&keys::DATABASE_URL, values::database)?,
            mixin: Mixin {
                api_url: read.address(&keys::MIXIN_API_URL, Scheme::Http)?,
                blaze_url: read.address(&keys::MIXIN_BLAZE_URL, Scheme::WebSocket)?,
                representatives: read.value(&keys::MIXIN_REPRESENTATIVES, users)?,
            },
            mixpay: Mixpay {
                api_url: read.address(&keys::MIXPAY_API_URL, Scheme::Http)?,
                web_url: read.address(&keys::MIXPAY_WEB_URL, Scheme::Http)?,
                accounts: read.value(&keys::MIXPAY_ACCOUNTS, accounts)?,
                requests_per_minute: read.number(
                    &keys::MIXPAY_REQUESTS_PER_MINUTE,
                    1,
                    REQUESTS_PER_MINUTE_MAX,
                )?,
            },
            http: read.http()?,
            invoice: read.invoice()?,
            operators: match read.value(&keys::OPERATORS, users)?.as_slice() {
                [] => Operators::Owner,
                people => Operators::These(people.to_vec()),
            },
            support: read.value(&keys::SUPPORT, values::text)?,
            quota: Quota {
                invoices_per_hour: read.number(&keys::QUOTA_INVOICES_PER_HOUR, 1, QUOTA_MAX)?,
                lookups_per_day: read.number(&keys::QUOTA_LOOKUPS_PER_DAY, 0, QUOTA_MAX)?,
            },
            log: read.value(&keys::LOG, values::log)?,
        })
    }
}

struct Reader<'a>(&'a Sources);

impl Reader<'_> {
    fn value<T>(
        &self,
        key: &Key,
        parse: impl FnOnce(&str) -> Parsed<T>,
    ) -> Result<T, SettingsError> {
        let given = self.0.get(key);
        parse(&given.text).map_err(|expected| SettingsError::Value {
            key: key.name,
            found: shown::shown(&given.text),
            origin: given.origin,
            expected,
        })
    }

    fn number(&self, key: &Key, from: u32, to: u32) -> Result<u32, SettingsError> {
        self.value(key, |text| values::number(text, from, to))
    }

    fn address(&self, key: &Key, scheme: Scheme) -> Result<Url, SettingsError> {
        self.value(key, |text| values::address(text, scheme))
    }

    fn networks(&self, key: &Key) -> Result<Vec<Network>, SettingsError> {
        self.value(key, |text| values::several(text, "addresses or networks such as 10.0.0.0/8"))
    }

    fn http(&self) -> Result<Http, SettingsError> {
        Ok(Http {
            listen: self.value(&keys::HTTP_LISTEN, values::listen)?,
            public_url: match self.0.get(&keys::HTTP_PUBLIC_URL).text.as_str() {
                "" => None,
                _ => Some(self.address(&keys::HTTP_PUBLIC_URL, Scheme::Http)?),
            },
            trusted_proxies: self.networks(&keys::HTTP_TRUSTED_PROXIES)?,
            callback_ips: self.networks(&keys::HTTP_CALLBACK_IPS)?,
        })
    }

    fn invoice(&self) -> Result<Invoice, SettingsError> {
        let expires =
            self.value(&keys::INVOICE_EXPIRES, |text| duration(text, EXPIRES_MIN, EXPIRES_MAX))?;
        let grace = self.value(&keys::INVOICE_GRACE, |text| {
            let grace = duration(text, Duration::ZERO, DEADLINE_LIMIT)?;
            if expires.saturating_add(grace) < DEADLINE_LIMIT {
                Ok(grace)
            } else {
                Err(format!(
                    "a time that together with invoice.expires ({}) is under {}",
                    values::spell(expires),
                    values::spell(DEADLINE_LIMIT)
                ))
            }
        })?;
        Ok(Invoice {
            expires,
            grace,
            settlement_asset: self.value(&keys::INVOICE_SETTLEMENT_ASSET, |text| {
                values::one(text, "the UUID of an asset")
            })?,
            payee: self.value(&keys::INVOICE_PAYEE, |text| match text {
                "" => Ok(Payee::WhoAsks),
                _ => values::one(text, "the UUID of who receives, or nothing").map(Payee::Till),
            })?,
            bot_payee: self.value(&keys::INVOICE_BOT_PAYEE, values::choice)?,
        })
    }
}

fn users(text: &str) -> Parsed<Vec<UserId>> {
    values::several(text, "UUIDs of Mixin users")
}

fn accounts(text: &str) -> Parsed<Vec<UserId>> {
    match users(text)? {
        none if none.is_empty() => Err("at least one UUID of an account of MixPay".to_owned()),
        some => Ok(some),
    }
}

#[cfg(test)]
mod tests;
