//! The keystore: the bot's credentials, read from JSON into typed keys that never print.
//!
//! | Shape | Told by | Key |
//! |---|---|---|
//! | [`Kind::Safe`]: today's download of the dashboard | `session_private_key` | Ed25519, hex |
//! | [`Kind::NetworkUser`]: a user made through the API | that and `pin_token_base64` | Ed25519, hex |
//! | [`Kind::AppSession`]: the older download | `private_key` | Ed25519 in base64, or RSA as PEM |
//!
//! The bot holds no money, so of `spend_private_key` it keeps only whether there is one, and it
//! reads neither the PIN nor what encrypts it. What else a keystore holds is ignored.

use crate::{domain::ids::UserId, runtime::base64};
use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value};
use std::{fmt, str::FromStr};
use uuid::Uuid;
use zeroize::Zeroizing;

/// RFC 8410: what stands before a 32-byte seed to make it a PKCS#8 version 1 private key.
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// The bot's credentials.
pub struct Keystore {
    kind: Kind,
    user: UserId,
    session: Uuid,
    key: SessionKey,
    has_spend_key: bool,
}

/// Which of the shapes a keystore has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Today's download of the dashboard.
    Safe,
    /// A user that a bot made through the API.
    NetworkUser,
    /// The older APP SESSION download.
    AppSession,
}

/// What kind of key signs for the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// Ed25519: signs, and reads encrypted messages.
    Ed25519,
    /// RSA, of older bots: signs, but cannot read encrypted messages.
    Rsa {
        /// The length of its modulus.
        bits: usize,
    },
}

/// What may be told about a keystore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its shape.
    pub kind: Kind,
    /// The bot.
    pub user: UserId,
    /// The session.
    pub session: Uuid,
    /// The kind of its session key.
    pub key: KeyType,
    /// Whether it holds a key that moves money; this bot needs none.
    pub has_spend_key: bool,
}

/// Why a text is no keystore of a bot. No variant holds a value of the keystore.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeystoreError {
    /// The text is no JSON.
    #[error("the keystore is no JSON ({0}); it should be the file as downloaded")]
    NotJson(String),
    /// The text is JSON, but no object.
    #[error("the keystore is {found}; it should be one JSON object, the file as downloaded")]
    NotAnObject {
        /// The kind of value that was found.
        found: &'static str,
    },
    /// The keystore acts for a user who gave permission, not for a bot.
    #[error(
        "the keystore is an OAuth keystore (it has `authorization_id`), which acts for a user; \
         it should be the bot's own, from its page in the dashboard"
    )]
    OAuth,
    /// A field is missing or wrong.
    #[error("the keystore's `{field}` is {found}; it should be {right}")]
    Field {
        /// The field.
        field: &'static str,
        /// What was found: its kind and length.
        found: String,
        /// What would be right.
        right: &'static str,
    },
}

enum SessionKey {
    Ed25519 { seed: Zeroizing<[u8; 32]>, signing: EncodingKey },
    Rsa { signing: EncodingKey, bits: usize },
}

impl Keystore {
    /// Its shape.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The bot.
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The session that signs.
    pub const fn session(&self) -> Uuid {
        self.session
    }

    /// What may be told about it.
    pub const fn summary(&self) -> Summary {
        let key = match self.key {
            SessionKey::Ed25519 { .. } => KeyType::Ed25519,
            SessionKey::Rsa { bits, .. } => KeyType::Rsa { bits },
        };
        let Self { kind, user, session, has_spend_key, .. } = *self;
        Summary { kind, user, session, key, has_spend_key }
    }

    /// What signs request tokens, and by which algorithm.
    pub(crate) const fn signing(&self) -> (Algorithm, &EncodingKey) {
        match &self.key {
            SessionKey::Ed25519 { signing, .. } => (Algorithm::EdDSA, signing),
            SessionKey::Rsa { signing, .. } => (Algorithm::RS512, signing),
        }
    }

    /// The session's Ed25519 seed, which also reads encrypted messages; RSA keystores have none.
    pub(crate) fn seed(&self) -> Option<&[u8; 32]> {
        match &self.key {
            SessionKey::Ed25519 { seed, .. } => Some(seed),
            SessionKey::Rsa { .. } => None,
        }
    }
}

impl fmt::Debug for Keystore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keystore({:?})", self.summary())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Safe => "Safe keystore",
            Self::NetworkUser => "network user keystore",
            Self::AppSession => "APP SESSION keystore",
        })
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Rsa { bits } => write!(f, "RSA, {bits} bits"),
        }
    }
}

impl FromStr for Keystore {
    type Err = KeystoreError;

    fn from_str(text: &str) -> Result<Self, KeystoreError> {
        // Some editors begin a file with a byte order mark.
        let text = text.trim_start_matches('\u{feff}');
        let value: Value = serde_json::from_str(text)
            .map_err(|error| KeystoreError::NotJson(error.to_string()))?;
        let Value::Object(fields) = value else {
            return Err(KeystoreError::NotAnObject { found: kind_of(&value) });
        };
        let fields = Fields(fields);
        if fields.has("authorization_id") {
            return Err(KeystoreError::OAuth);
        }
        let user_field = if fields.has("app_id") { "app_id" } else { "client_id" };
        let user = match fields.uuid(user_field) {
            // Neither is there: today's name is the one to tell.
            Err(_) if !fields.has(user_field) => fields.uuid("app_id")?,
            user => user?,
        };
        let session = fields.uuid("session_id")?;
        let (kind, key) = if !fields.has("session_private_key") && fields.has("private_key") {
            (Kind::AppSession, fields.older_key("private_key")?)
        } else {
            let key = SessionKey::ed25519(fields.seed("session_private_key")?);
            let is_safe = !fields.has("pin_token_base64") || fields.has("server_public_key");
            (if is_safe { Kind::Safe } else { Kind::NetworkUser }, key)
        };
        let has_spend_key = fields.has("spend_private_key");
        if has_spend_key {
            fields.seed("spend_private_key")?;
        }
        Ok(Self { kind, user: UserId::new(user), session, key, has_spend_key })
    }
}

impl SessionKey {
    fn ed25519(seed: Zeroizing<[u8; 32]>) -> Self {
        let der = Zeroizing::new([PKCS8_HEAD.as_slice(), seed.as_slice()].concat());
        Self::Ed25519 { signing: EncodingKey::from_ed_der(&der), seed }
    }
}

/// The fields of a keystore, and the errors that name them.
struct Fields(Map<String, Value>);

impl Fields {
    /// Whether there is something under this name; an empty text is nothing.
    fn has(&self, field: &str) -> bool {
        self.0.get(field).is_some_and(|value| !value.is_null() && value.as_str() != Some(""))
    }

    fn text(&self, field: &'static str, right: &'static str) -> Result<&str, KeystoreError> {
        let found = match self.0.get(field) {
            Some(Value::String(text)) if !text.is_empty() => return Ok(text.trim()),
            Some(Value::String(_)) => "empty",
            None => "missing",
            Some(other) => kind_of(other),
        };
        Err(KeystoreError::Field { field, found: found.to_owned(), right })
    }

    fn uuid(&self, field: &'static str) -> Result<Uuid, KeystoreError> {
        let right = "a UUID: 32 hex digits, with dashes";
        let text = self.text(field, right)?;
        // Through an id of the domain, so that only the plain and the dashed form are read.
        text.parse::<UserId>().map(UserId::uuid).map_err(|_| wrong(field, text, right))
    }

    fn seed(&self, field: &'static str) -> Result<Zeroizing<[u8; 32]>, KeystoreError> {
        let right = "64 hex digits (32 bytes)";
        let text = self.text(field, right)?;
        let mut seed = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text, seed.as_mut_slice()).map_err(|_| wrong(field, text, right))?;
        Ok(seed)
    }

    /// The key of an APP SESSION keystore: RSA as PEM, or Ed25519 as base64 of seed and public key.
    fn older_key(&self, field: &'static str) -> Result<SessionKey, KeystoreError> {
        let right = "an RSA key as PEM, or base64 of 64 bytes: an Ed25519 seed and its public key";
        let text = self.text(field, right)?;
        if text.contains("BEGIN") {
            return rsa(text).ok_or_else(|| KeystoreError::Field {
                field,
                found: format!("PEM of {} characters that holds no RSA key", text.chars().count()),
                right: "an RSA private key as PEM, complete with its first and last line",
            });
        }
        let bytes = Zeroizing::new(base64::decode(text).map_err(|_| wrong(field, text, right))?);
        let key: &[u8; 64] = bytes.as_slice().try_into().map_err(|_| KeystoreError::Field {
            field,
            found: format!("base64 of {} bytes", bytes.len()),
            right,
        })?;
        let signing = SigningKey::from_keypair_bytes(key).map_err(|_| KeystoreError::Field {
            field,
            found: "64 bytes whose second half is not the public key of the first".to_owned(),
            right,
        })?;
        Ok(SessionKey::ed25519(Zeroizing::new(signing.to_bytes())))
    }
}

/// The error about a text of the wrong form. Only its length is told.
fn wrong(field: &'static str, text: &str, right: &'static str) -> KeystoreError {
    KeystoreError::Field {
        field,
        found: format!("a text of {} characters", text.chars().count()),
        right,
    }
}

fn rsa(pem: &str) -> Option<SessionKey> {
    // A PEM that went through an environment variable often has `\n` as two characters.
    let pem = Zeroizing::new(pem.replace("\\r", "").replace("\\n", "\n"));
    let signing = EncodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
    // The key is taken apart when it signs first, so sign something now. A signature is as long as
    // the modulus.
    let signature = jsonwebtoken::crypto::sign(b"", &signing, Algorithm::RS512).ok()?;
    let bits = base64::decode(&signature).ok()?.len().checked_mul(8)?;
    Some(SessionKey::Rsa { signing, bits })
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SEED: &str = "a6f88a960d7c8d9d0a27a7905e3d7f1098f60f01682d0d807efa4457d4729658";
    const APP: &str = "7530e5bc-6b90-4588-9730-99795a174bb6";
    const SESSION: &str = "63340fca-efa8-4d3a-958e-c34df48175de";

    fn with(change: impl FnOnce(&mut Map<String, Value>)) -> Result<Keystore, KeystoreError> {
        let mut value = json!({
            "app_id": APP,
            "session_id": SESSION,
            "server_public_key": "ea4b99417fefa265badad8625f0460d3574ba900ba8fbe27f1697027765f4870",
            "session_private_key": SEED,
        });
        change(value.as_object_mut().unwrap());
        value.to_string().parse()
    }

    fn refused(change: impl FnOnce(&mut Map<String, Value>)) -> String {
        with(change).unwrap_err().to_string()
    }

    fn set(name: &str, value: Value) -> impl FnOnce(&mut Map<String, Value>) {
        move |fields| {
            fields.insert(name.to_owned(), value);
        }
    }

    #[test]
    fn the_example_at_the_root_is_read() {
        let keystore: Keystore = include_str!("../keystore.example.json").parse().unwrap();
        assert_eq!(keystore.kind(), Kind::Safe);
        assert!(keystore.summary().has_spend_key);
    }

    #[test]
    fn an_error_names_the_field_what_was_found_and_what_is_right() {
        assert_eq!(
            refused(set("session_private_key", json!(&SEED[2..]))),
            "the keystore's `session_private_key` is a text of 62 characters; it should be 64 hex \
             digits (32 bytes)"
        );
        assert_eq!(
            refused(|fields| drop(fields.remove("session_private_key"))),
            "the keystore's `session_private_key` is missing; it should be 64 hex digits (32 bytes)"
        );
        assert_eq!(
            refused(set("session_id", json!(7))),
            "the keystore's `session_id` is a number; it should be a UUID: 32 hex digits, with \
             dashes"
        );
        let no_id = refused(|fields| drop(fields.remove("app_id")));
        assert!(no_id.starts_with("the keystore's `app_id` is missing"), "{no_id}");
        let bad_client = refused(|fields| {
            fields.remove("app_id");
            set("client_id", json!("7000104999"))(fields);
        });
        assert!(
            bad_client.starts_with("the keystore's `client_id` is a text of 10"),
            "{bad_client}"
        );
        let spend = refused(set("spend_private_key", json!("not a key")));
        assert!(spend.starts_with("the keystore's `spend_private_key` is a text of 9"), "{spend}");
    }

    #[test]
    fn what_is_no_keystore_at_all_is_said_to_be_none() {
        let check = |text: &str, start: &str| {
            let error = text.parse::<Keystore>().unwrap_err().to_string();
            assert!(error.starts_with(start), "{error}");
        };
        check("", "the keystore is no JSON (EOF while parsing a value at line 1 column 0)");
        check("app_id=1", "the keystore is no JSON");
        check("[{}]", "the keystore is an array; it should be one JSON object");
        check("\"text\"", "the keystore is a text");
        check("{}", "the keystore's `app_id` is missing");
        let oauth = refused(set("authorization_id", json!(APP)));
        assert!(oauth.contains("OAuth keystore"), "{oauth}");
    }

    #[test]
    fn an_older_key_must_be_a_seed_and_its_own_public_key() {
        let older = |key: &str| {
            let key = json!(key);
            with(|fields| {
                fields.remove("session_private_key");
                set("private_key", key)(fields);
            })
        };
        let good = "pviKlg18jZ0KJ6eQXj1_EJj2DwFoLQ2AfvpEV9RyllgHrHx7nvdiGdx9qsGJ7yniuj62-N9blmmNxQeQOtqlJA";
        for spelling in
            [good.to_owned(), format!("{good}=="), good.replace('-', "+").replace('_', "/")]
        {
            let keystore = older(&spelling).unwrap();
            assert_eq!(keystore.kind(), Kind::AppSession);
            assert_eq!(hex::encode(keystore.seed().unwrap()), SEED);
        }
        let error = older(&good.replace('p', "q")).unwrap_err().to_string();
        assert!(error.contains("second half is not the public key"), "{error}");
        let error = older("AAAA").unwrap_err().to_string();
        assert!(error.contains("base64 of 3 bytes"), "{error}");
        let error = older("-----BEGIN RSA PRIVATE KEY-----\nAAAA").unwrap_err().to_string();
        assert!(error.contains("PEM of 36 characters that holds no RSA key"), "{error}");
    }

    #[test]
    fn fields_that_nobody_knows_are_ignored_and_so_is_a_byte_order_mark() {
        let keystore = with(set("colour", json!(["blue"]))).unwrap();
        assert_eq!(keystore.user().to_string(), APP);
        assert_eq!(keystore.session().to_string(), SESSION);
        let example = include_str!("../keystore.example.json");
        assert!(format!("\u{feff}{example}").parse::<Keystore>().is_ok());
    }

    #[test]
    fn neither_debug_nor_an_error_shows_a_key() {
        let keystore = with(set("spend_private_key", json!(SEED))).unwrap();
        let shown = format!("{keystore:?} {:?}", keystore.summary());
        assert!(!shown.contains(SEED) && shown.contains(APP), "{shown}");
        let error = with(set("session_private_key", json!(format!("{SEED}0")))).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&SEED[..8]));
    }
}
