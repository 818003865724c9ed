//! Request tokens: a JWT made anew for every request, which signs exactly the bytes that are sent
//! (mixin.md 2.1, 2.2).

use crate::{keystore::Keystore, runtime::base64};
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long a token is good for.
pub const LIFETIME_SECONDS: i64 = 600;

/// What a token says.
#[derive(Debug, Clone, Serialize)]
pub struct Claims {
    uid: String,
    sid: String,
    /// When it was made, Unix seconds.
    pub iat: i64,
    /// When it ends, Unix seconds.
    pub exp: i64,
    jti: String,
    sig: String,
    scp: &'static str,
}

/// The session's key cannot sign.
#[derive(Debug, thiserror::Error)]
#[error("the session's key cannot sign")]
pub struct TokenError(#[from] jsonwebtoken::errors::Error);

#[derive(Serialize)]
struct Head {
    alg: Algorithm,
    typ: &'static str,
}

/// The `sig` claim: what is asked, with the path and query exactly as sent, and the body's bytes.
pub fn signature(method: &str, path_and_query: &str, body: &[u8]) -> String {
    let hash = Sha256::new().chain_update(method).chain_update(path_and_query).chain_update(body);
    hex::encode(hash.finalize())
}

impl Claims {
    /// The claims of one request.
    pub fn new(keystore: &Keystore, request: Uuid, signature: String, now: Timestamp) -> Self {
        let iat = now.as_second();
        Self {
            uid: keystore.user().to_string(),
            sid: keystore.session().to_string(),
            iat,
            exp: iat.saturating_add(LIFETIME_SECONDS),
            jti: request.to_string(),
            sig: signature,
            scp: "FULL",
        }
    }

    /// The token.
    pub fn sign(&self, keystore: &Keystore) -> Result<String, TokenError> {
        let (alg, key) = keystore.signing();
        let json = |error: serde_json::Error| TokenError(error.into());
        let head = serde_json::to_vec(&Head { alg, typ: "JWT" }).map_err(json)?;
        let claims = serde_json::to_vec(self).map_err(json)?;
        let text = format!("{}.{}", base64::encode(head), base64::encode(claims));
        let signature = jsonwebtoken::crypto::sign(text.as_bytes(), key, alg)?;
        Ok(format!("{text}.{signature}"))
    }
}
