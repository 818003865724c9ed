//! `PostgresUrl`: where a Postgres database is, and how one gets in; never shows a password.

use std::fmt;
use url::Url;

/// Options that a URL may have. A password is none of them, so that it stands in one place only.
const OPTIONS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "options",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];
/// What `sslmode` may be.
const MODES: &[&str] = &["disable", "prefer", "require", "verify-ca", "verify-full"];

/// The URL of a Postgres database. Displayed without user, password and options.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(Url);

impl PostgresUrl {
    /// Reads a URL, or says what is wrong with it.
    pub(crate) fn read(found: &str) -> Result<Self, String> {
        let url = Url::parse(found).map_err(|error| error.to_string())?;
        for (name, value) in url.query_pairs() {
            if !OPTIONS.contains(&&*name) {
                return Err(format!("its options are {}", OPTIONS.join(", ")));
            }
            if name == "sslmode" && !MODES.contains(&&*value) {
                return Err(format!("its sslmode is one of {}", MODES.join(", ")));
            }
        }
        Ok(Self(url))
    }

    /// All of it, with what is secret.
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://{}", self.0.host_str().unwrap_or_default())?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.0.path())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
