//! Encrypted messages: what the SDKs encrypted is opened, what was tampered with is not.

use super::{each, keystore, text, vectors};
use mixpay_bot::{mixin::encrypted::decrypt, runtime::base64};
use serde_json::{Value, json};

fn bytes(message: &Value) -> Vec<u8> {
    base64::decode(text(&message["encrypted_base64url"])).unwrap()
}

#[test]
fn what_people_encrypt_for_the_bot_is_opened() {
    let vectors = vectors("encrypted-message");
    let keystore = keystore(&vectors["bot_keystore"]);
    for message in each(&vectors["incoming"]) {
        let plain = decrypt(&keystore, &bytes(message)).unwrap();
        assert_eq!(String::from_utf8(plain).unwrap(), message["plaintext_utf8"]);
    }
}

#[test]
fn every_session_that_a_message_names_opens_it() {
    let vectors = vectors("encrypted-message");
    let seeds = each(&vectors["recipient_private_keys"]);
    for message in each(&vectors["outgoing"]) {
        for session in each(&message["recipient_sessions"]) {
            let id = &session["session_id"];
            let seed = seeds.iter().find(|seed| seed["session_id"] == *id).unwrap();
            let keystore = keystore(&json!({
                "app_id": seed["user_id"],
                "session_id": id,
                "session_private_key": seed["ed25519_seed_hex"],
            }));
            let plain = decrypt(&keystore, &bytes(message)).unwrap();
            assert_eq!(hex::encode(plain), message["plaintext_hex"], "{}", message["name"]);
        }
    }
}

#[test]
fn what_was_tampered_with_stays_closed() {
    let vectors = vectors("encrypted-message");
    let mut refused = 0;
    for message in each(&vectors["rejected"]) {
        let mut keystore_json = vectors["bot_keystore"].clone();
        keystore_json["session_id"] = message["session_id"].clone();
        let opened = decrypt(&keystore(&keystore_json), &bytes(message));
        // Nobody checks the version byte, and neither do we.
        if message["go_sdk"] != "decrypts" {
            assert!(opened.is_err(), "{}", message["why"]);
            refused += 1;
        }
    }
    assert_eq!(refused, 8);
}

#[test]
fn no_cut_and_no_key_makes_opening_panic() {
    let vectors = vectors("encrypted-message");
    let whole = bytes(&vectors["incoming"][0]);
    let bot = keystore(&vectors["bot_keystore"]);
    for end in 0..whole.len() {
        assert!(decrypt(&bot, &whole[..end]).is_err(), "{end}");
    }
    let rsa = keystore(&super::vectors("keystore-rsa")["keys"][0]["keystore"]);
    assert!(decrypt(&rsa, &whole).is_err());
}
