//! Tokens: whether a request is signed as Mixin wants it (mixin.md 2).

use crate::sim::{
    World,
    world::{Violation, faults::later},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Clocks may differ by this much (mixin.md 2.4).
const SKEW_MAX: SignedDuration = SignedDuration::from_mins(5);

/// A token that is well formed and well signed.
#[derive(Debug)]
struct Claims {
    uid: String,
    sid: String,
    iat: Timestamp,
    exp: Timestamp,
    jti: String,
    sig: String,
    scp: String,
}

/// Checks the header `Authorization` of a request; why it is refused is noted in the world.
pub(super) fn check(
    world: &World,
    authorization: Option<&str>,
    method: &str,
    uri: &str,
    body: &[u8],
) -> bool {
    let checked = world.change(|m| {
        let now = m.now.saturating_add(m.state.faults.mixin_clock_ahead).unwrap_or(m.now);
        let account = &mut m.state.account;
        let token =
            authorization.and_then(|a| a.strip_prefix("Bearer ")).ok_or("no bearer token")?;
        let claims = read(token, &account.verifying_key())?;
        claims.fit(&account.id.to_string(), &account.session.to_string(), now)?;
        if claims.sig != signature_of(method, uri, body) {
            return Err("sig is of another request");
        }
        let valid_until = claims.exp.max(later(now, Duration::from_mins(10)));
        if !account.use_token(&claims.jti, valid_until, now) {
            return Err("jti was used before");
        }
        Ok(())
    });
    if let Err(why) = checked {
        world.change(|m| m.note(Violation::Token(format!("{method} {uri}: {why}"))));
    }
    checked.is_ok()
}

/// SHA-256 over method, URI and body, in hex.
fn signature_of(method: &str, uri: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(method);
    hash.update(uri);
    hash.update(body);
    hex::encode(hash.finalize())
}

fn read(token: &str, key: &VerifyingKey) -> Result<Claims, &'static str> {
    let (signed, signature) = token.rsplit_once('.').ok_or("not three parts")?;
    let (header, claims) = signed.split_once('.').ok_or("not three parts")?;
    let header = part(header).ok_or("the header is no JSON")?;
    if header.get("alg").and_then(Value::as_str) != Some("EdDSA") {
        return Err("alg is not EdDSA");
    }
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok();
    let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok());
    let signature = signature.ok_or("the signature is none")?;
    key.verify_strict(signed.as_bytes(), &signature).map_err(|_| "the signature is wrong")?;
    let claims = part(claims).ok_or("the claims are no JSON")?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let time = |name: &str| {
        let seconds = claims.get(name).and_then(Value::as_i64)?;
        Timestamp::from_second(seconds).ok()
    };
    let claims = || {
        Some(Claims {
            uid: text("uid")?,
            sid: text("sid")?,
            iat: time("iat")?,
            exp: time("exp")?,
            jti: text("jti")?,
            sig: text("sig")?,
            scp: text("scp")?,
        })
    };
    claims().ok_or("a claim is missing or of the wrong type")
}

fn part(text: &str) -> Option<Value> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(&bytes).ok()
}

impl Claims {
    fn fit(&self, user: &str, session: &str, now: Timestamp) -> Result<(), &'static str> {
        if self.uid != user || self.sid != session {
            return Err("uid or sid is another's");
        }
        if self.scp != "FULL" {
            return Err("scp is not FULL");
        }
        if uuid::Uuid::try_parse(&self.jti).is_err() {
            return Err("jti is no UUID");
        }
        if self.iat.duration_since(now).abs() > SKEW_MAX {
            return Err("the clocks differ by more than 5 minutes");
        }
        if self.exp <= now || self.exp <= self.iat {
            return Err("the token has expired");
        }
        Ok(())
    }
}
