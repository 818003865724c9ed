//! Where settings come from: defaults, the file, the environment, the flags; the later one wins.

use crate::config::{
    SettingsError,
    keys::{self, Key, Kind},
    shown,
};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

/// The file that is read if it is there and no other was named.
pub const FILE_DEFAULT: &str = "mixpay-bot.toml";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// The environment variable of this name.
    Environment(&'static str),
    /// The flag of this name, without the dashes.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("its default"),
            Self::File(path) => write!(f, "file {}", shown::path(path)),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => write!(f, "flag --{name}"),
        }
    }
}

/// The text of a value, and who set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) text: String,
    pub(crate) origin: Origin,
}

/// The text of every key, as far as it was gathered.
#[derive(Clone, PartialEq, Eq)]
pub struct Sources(BTreeMap<&'static str, Given>);

/// The texts are not parsed yet and may hold a password that a URL must not have.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(name, given)| (name, &given.origin))).finish()
    }
}

impl Default for Sources {
    fn default() -> Self {
        let given = |key: &Key| Given { text: key.default.to_owned(), origin: Origin::Default };
        Self(keys::ALL.iter().map(|key| (key.name, given(key))).collect())
    }
}

impl Sources {
    /// Another default for one key: the demo logs less than the real bot.
    #[must_use]
    pub fn with_default(mut self, key: &Key, text: &str) -> Self {
        self.set(key, text.to_owned(), Origin::Default);
        self
    }

    /// Takes the file at `named`; without a name, [`FILE_DEFAULT`] if it is there.
    pub fn with_file(self, named: Option<&Path>) -> Result<Self, SettingsError> {
        let path = named.unwrap_or(Path::new(FILE_DEFAULT));
        match std::fs::read_to_string(path) {
            Ok(text) => self.with_toml(path, &text),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(self)
            }
            Err(error) => {
                Err(SettingsError::File { path: path.to_owned(), problem: error.to_string() })
            }
        }
    }

    /// Takes the text of a configuration file.
    pub fn with_toml(mut self, path: &Path, text: &str) -> Result<Self, SettingsError> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            // The error's own text shows the line, and the line may hold a secret.
            let line = error.span().and_then(|span| text.get(..span.start));
            let line = line.map_or(1, |before| before.matches('\n').count().saturating_add(1));
            // Its words may hold a key of the file, and the file may be another one than was meant.
            let message = error.message();
            let repeats = |word: &str| word.len() >= 4 && text.contains(word);
            let mut words = message.split(|sign: char| !sign.is_alphanumeric());
            let why = if words.any(repeats) { "" } else { message };
            let problem = format!("line {line} is not TOML: {why}");
            SettingsError::File { path: path.to_owned(), problem }
        })?;
        self.take_table(path, "", &table)?;
        Ok(self)
    }

    /// Takes what the environment has; `read` answers like [`std::env::var_os`].
    pub fn with_environment(
        mut self,
        read: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SettingsError> {
        for key in keys::ALL {
            let Some(found) = read(key.environment) else { continue };
            let origin = Origin::Environment(key.environment);
            match found.into_string() {
                Ok(text) => self.set(key, text, origin),
                Err(_) => {
                    return Err(SettingsError::Value {
                        key: key.name,
                        origin,
                        found: "bytes that are no text".to_owned(),
                        expected: "text in UTF-8".to_owned(),
                    });
                }
            }
        }
        Ok(self)
    }

    /// Takes what flags said: the name of a key and its text.
    #[must_use]
    pub fn with_flags(mut self, flags: &[(&'static Key, String)]) -> Self {
        for (key, text) in flags {
            self.set(key, text.clone(), Origin::Flag(key.flag));
        }
        self
    }

    /// What a key was set to. Every key has a value, as the defaults come first.
    pub(crate) fn get(&self, key: &Key) -> Given {
        self.0
            .get(key.name)
            .cloned()
            .unwrap_or_else(|| Given { text: key.default.to_owned(), origin: Origin::Default })
    }

    fn set(&mut self, key: &Key, text: String, origin: Origin) {
        self.0.insert(key.name, Given { text, origin });
    }

    fn take_table(
        &mut self,
        path: &Path,
        prefix: &str,
        table: &toml::Table,
    ) -> Result<(), SettingsError> {
        for (name, value) in table {
            let name = format!("{prefix}{name}");
            match (keys::find(&name), value) {
                (Some(key), value) => {
                    let text = text_of(key, value).ok_or_else(|| SettingsError::Value {
                        key: key.name,
                        origin: Origin::File(path.to_owned()),
                        found: format!("a TOML {}", value.type_str()),
                        expected: match key.kind {
                            Kind::One => "one text, whole number, or true or false".to_owned(),
                            Kind::List => "a list of texts, or one text with commas".to_owned(),
                        },
                    })?;
                    self.set(key, text, Origin::File(path.to_owned()));
                }
                (None, toml::Value::Table(inner)) => {
                    self.take_table(path, &format!("{name}."), inner)?;
                }
                (None, _) => {
                    let nearest = keys::nearest(&name).name;
                    let name = if shown::is_name(&name) { name } else { shown::hidden(&name) };
                    return Err(SettingsError::UnknownKey { path: path.to_owned(), name, nearest });
                }
            }
        }
        Ok(())
    }
}

/// A TOML value in the spelling of flags and environment variables; `None` for a value of a kind
/// that the key cannot have.
fn text_of(key: &Key, value: &toml::Value) -> Option<String> {
    use toml::Value;
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(choice) => Some(choice.to_string()),
        Value::Array(items) if key.kind == Kind::List => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        Value::Array(_) | Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}

/// Variables that look like settings and are none, each with the setting that may be meant. They
/// are told and not refused: whoever starts containers puts variables of its own beside them.
pub fn strange_variables(names: impl Iterator<Item = String>) -> Vec<(String, &'static str)> {
    names
        .filter(|name| name.starts_with("MIXPAY_BOT_"))
        .filter(|name| keys::ALL.iter().all(|key| key.environment != name))
        .map(|name| {
            let word = name.trim_start_matches("MIXPAY_BOT_").to_lowercase();
            (name, keys::nearest(&word).environment)
        })
        .collect()
}
