//! Keystores: every recorded shape is read, and the refused ones are refused with a reason.

use super::{each, keystore, text, vectors};
use mixpay_bot::keystore::{KeyType, Keystore, Kind};
use serde_json::json;

#[test]
fn every_ed25519_shape_is_the_same_bot() {
    let vectors = vectors("keystore-ed25519");
    for (shape, kind, has_spend_key) in [
        ("safe_dashboard_keystore", Kind::Safe, false),
        ("safe_keystore_with_spend_key", Kind::Safe, true),
        ("network_user_keystore", Kind::NetworkUser, false),
        ("legacy_ed25519_keystore", Kind::AppSession, false),
    ] {
        let summary = keystore(&vectors[shape]).summary();
        assert_eq!(summary.kind, kind, "{shape}");
        assert_eq!(summary.has_spend_key, has_spend_key, "{shape}");
        assert_eq!(summary.key, KeyType::Ed25519, "{shape}");
        assert_eq!(summary.user.to_string(), vectors["expect"]["user_id"], "{shape}");
        assert_eq!(summary.session.to_string(), vectors["expect"]["session_id"], "{shape}");
    }
}

#[test]
fn an_rsa_key_is_read_in_every_spelling_and_length() {
    for key in each(&vectors("keystore-rsa")["keys"]) {
        let crlf = text(&key["keystore"]["private_key"]);
        for pem in [
            crlf.to_owned(),
            text(&key["same_private_key_pkcs1_lf"]).to_owned(),
            text(&key["same_private_key_pkcs8"]).to_owned(),
            crlf.replace("\r\n", "\\r\\n"),
            crlf.replace("\r\n", "\\n"),
        ] {
            let mut value = key["keystore"].clone();
            value["private_key"] = json!(pem);
            let summary = keystore(&value).summary();
            let bits = usize::try_from(key["bits"].as_u64().unwrap()).unwrap();
            assert_eq!(summary.key, KeyType::Rsa { bits });
            assert_eq!(summary.kind, Kind::AppSession);
            assert_eq!(summary.user.to_string(), key["expect"]["user_id"]);
            assert_eq!(summary.session.to_string(), key["expect"]["session_id"]);
        }
    }
}

#[test]
fn what_the_sdks_refuse_is_refused_with_the_field_that_is_wrong() {
    let vectors = vectors("jwt-eddsa");
    let refusals: Vec<String> = each(&vectors["rejected_by_sdk"])
        .iter()
        .map(|case| case["keystore"].to_string().parse::<Keystore>().unwrap_err().to_string())
        .collect();
    assert_eq!(
        refusals,
        [
            "the keystore's `session_private_key` is a text of 62 characters; it should be 64 hex \
             digits (32 bytes)",
            "the keystore's `app_id` is a text of 10 characters; it should be a UUID: 32 hex \
             digits, with dashes",
        ]
    );
    let oauth = vectors["oauth"]["keystore"].to_string().parse::<Keystore>().unwrap_err();
    assert!(oauth.to_string().contains("OAuth"), "{oauth}");
}
