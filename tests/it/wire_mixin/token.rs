//! Request tokens: ours are those that the SDKs made for the same request.

use super::{each, keystore, text, vectors};
use jsonwebtoken::{Algorithm, DecodingKey};
use mixpay_bot::{
    keystore::Keystore,
    mixin::token::{self, Claims},
    runtime::base64,
};
use serde_json::Value;

/// Our token for the request of a recorded one.
fn ours(keystore: &Keystore, vector: &Value) -> String {
    let uri = text(&vector["uri"]);
    let body = text(&vector["body"]).as_bytes();
    let signature = token::signature(text(&vector["method"]), uri, body);
    let request = text(&vector["request_id"]).parse().unwrap();
    let now = format!("{}", vector["iat"]).parse().unwrap();
    let now = jiff::Timestamp::from_second(now).unwrap();
    let mut claims = Claims::new(keystore, request, signature, now);
    assert_eq!(claims.exp, claims.iat + token::LIFETIME_SECONDS);
    claims.exp = vector["exp"].as_i64().unwrap();
    claims.sign(keystore).unwrap()
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&base64::decode(part).unwrap()).unwrap()
}

fn is_signed(token: &str, key: &DecodingKey, algorithm: Algorithm) -> bool {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    jsonwebtoken::crypto::verify(signature, signed.as_bytes(), key, algorithm).unwrap()
}

#[test]
fn an_ed25519_token_is_the_sdks_byte_for_byte() {
    let vectors = vectors("jwt-eddsa");
    let keystore = keystore(&vectors["keystore"]);
    for vector in each(&vectors["vectors"]) {
        assert_eq!(ours(&keystore, vector), vector["token"], "{}", vector["uri"]);
    }
}

#[test]
fn an_ed25519_token_says_the_same_in_every_sdk() {
    let vectors = vectors("jwt-eddsa-fox");
    let keystore = keystore(&vectors["keystore"]);
    let public = hex::decode(text(&super::vectors("jwt-eddsa")["session_public_key_hex"])).unwrap();
    for vector in each(&vectors["vectors"]) {
        let token = ours(&keystore, vector);
        for index in [0, 1] {
            assert_eq!(part(&token, index), part(text(&vector["token"]), index));
        }
        assert!(is_signed(&token, &DecodingKey::from_ed_der(&public), Algorithm::EdDSA));
    }
}

#[test]
fn an_rsa_token_says_the_same_and_verifies_even_with_1024_bits() {
    for key in each(&vectors("jwt-rs512")["keys"]) {
        let keystore = keystore(&key["keystore"]);
        let public = DecodingKey::from_rsa_pem(text(&key["public_key_pem"]).as_bytes()).unwrap();
        for vector in each(&key["vectors"]) {
            let token = ours(&keystore, vector);
            for index in [0, 1] {
                assert_eq!(part(&token, index), part(text(&vector["token"]), index));
            }
            assert!(is_signed(&token, &public, Algorithm::RS512));
        }
    }
}

#[test]
fn the_signature_covers_method_path_query_and_body_as_sent() {
    for vector in each(&vectors("request-sign")["vectors"]) {
        let hashed = vector.get("hashed_uri").unwrap_or(&vector["what_a_client_should_hash"]);
        let body = text(&vector["body"]).as_bytes();
        let ours = token::signature(text(&vector["method"]), text(hashed), body);
        assert_eq!(ours, vector["sig_hex"], "{}", vector["url"]);
    }
    for request in each(&vectors("http-requests-node")["requests"]) {
        if request["sig_matches_sent_bytes"] == true {
            let body = text(&request["body"]).as_bytes();
            let path = text(&request["path_and_query"]);
            let ours = token::signature(text(&request["method"]), path, body);
            assert_eq!(ours, request["claims"]["sig"], "{}", request["call"]);
        }
    }
}
