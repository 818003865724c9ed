//! Requests: ours for a call are those that the official SDK sent for it.

use super::{
    each, mixin,
    server::{Asked, Server, data},
    text, vectors,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use mixpay_bot::{
    domain::derive::contact_conversation,
    mixin::token,
    ports::{
        chat::{Body, Button, Chat, OutgoingMessage},
        directory::Directory,
        wallet::Wallet,
    },
    runtime::base64,
};
use serde_json::{Value, json};

/// The recorded request of an SDK's call.
fn recorded(call: &str) -> Value {
    let vectors = vectors("http-requests-node");
    each(&vectors["requests"]).iter().find(|request| request["call"] == call).unwrap().clone()
}

fn json_of(body: &[u8]) -> Value {
    if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() }
}

/// Checks that we asked for the same, and that our token covers exactly what we sent.
fn check(asked: &Asked, recorded: &Value) {
    assert_eq!(asked.method, recorded["method"]);
    assert_eq!(asked.path, recorded["path_and_query"]);
    assert_eq!(json_of(&asked.body), json_of(text(&recorded["body"]).as_bytes()));
    check_token(asked);
}

fn check_token(asked: &Asked) {
    let header = |name: &str| asked.headers[name].to_str().unwrap();
    let token = header("authorization").strip_prefix("Bearer ").unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let public = hex::decode(text(&vectors("jwt-eddsa")["session_public_key_hex"])).unwrap();
    let key = DecodingKey::from_ed_der(&public);
    assert!(
        jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, Algorithm::EdDSA).unwrap()
    );
    let claims = base64::decode(signed.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["sig"], token::signature(&asked.method, &asked.path, &asked.body));
    assert_eq!(claims["jti"], header("x-request-id"));
    assert!(header("user-agent").starts_with("mixpay-bot/"));
}

/// A server that knows everybody and everything.
async fn generous() -> Server {
    Server::start(|asked| {
        let id = "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810";
        match asked.path.split('?').next().unwrap() {
            "/safe/snapshots" | "/network/assets/search/USDT" => data(json!([])),
            "/users/fetch" => data(json!([{ "user_id": id }])),
            "/messages" | "/acknowledgements" => data(json!({})),
            path if path.starts_with("/safe/snapshots/") => data(json!({
                "snapshot_id": id, "asset_id": id, "amount": "1", "created_at": "2025-01-02T03:04:05Z",
            })),
            _ => data(json!({ "user_id": id, "asset_id": id })),
        }
    })
    .await
}

#[tokio::test]
async fn reading_calls_ask_for_what_the_sdk_asks_for() {
    let server = generous().await;
    let mixin = mixin(&server.url);
    let user = "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810".parse().unwrap();
    let asset = "4d8c508b-91c5-375b-92b0-ee702ed2dac5".parse().unwrap();
    let snapshot = "e93fbef4-2a0e-405a-8164-eac0a4fa47f1".parse().unwrap();
    mixin.me().await.unwrap();
    mixin.user(user).await.unwrap().unwrap();
    assert_eq!(mixin.users(&[user]).await.unwrap().len(), 1);
    mixin.search("7000100000").await.unwrap().unwrap();
    mixin.asset(asset).await.unwrap().unwrap();
    mixin.assets_of("USDT").await.unwrap();
    mixin.snapshot(snapshot).await.unwrap().unwrap();
    let calls = [
        "user.profile",
        "user.fetch",
        "user.fetchList",
        "user.search",
        "network.fetchAsset",
        "network.searchAssets",
        "safe.fetchSafeSnapshot",
    ];
    let asked = server.asked();
    assert_eq!(asked.len(), calls.len());
    for (asked, call) in asked.iter().zip(calls) {
        check(asked, &recorded(call));
    }
}

#[tokio::test]
async fn writing_calls_write_what_the_sdk_writes() {
    let server = generous().await;
    let mixin = mixin(&server.url);
    let alice = "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810".parse().unwrap();
    let bot = text(&vectors("jwt-eddsa")["keystore"]["app_id"]).parse().unwrap();
    let say = |call: &str, body| OutgoingMessage {
        id: text(&json_of(text(&recorded(call)["body"]).as_bytes())[0]["message_id"])
            .parse()
            .unwrap(),
        conversation: contact_conversation(bot, alice),
        recipient: Some(alice),
        quote: None,
        silent: false,
        body,
    };
    let button = |label: &str, color: &str, action: &str| Button {
        label: label.to_owned(),
        color: color.to_owned(),
        action: action.to_owned(),
    };
    let hello = Body::Text("Hello 你好".to_owned());
    let buttons = Body::Buttons(vec![
        button("Pay", "#3D75E3", "https://example.com/pay"),
        button("Help", "#E86B6B", "input:/help"),
    ]);
    mixin.send(&[say("message.sendText", hello)]).await.unwrap();
    mixin.send(&[say("message.sendAppButton", buttons)]).await.unwrap();
    mixin.open_conversation(alice).await.unwrap();
    let calls = ["message.sendText", "message.sendAppButton", "conversation.createContact"];
    let asked = server.asked();
    assert_eq!(asked.len(), calls.len());
    for (asked, call) in asked.iter().zip(calls) {
        check(asked, &recorded(call));
    }
}

#[tokio::test]
async fn a_quote_and_silence_are_written_and_a_group_has_no_recipient() {
    let server = generous().await;
    let id = "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810";
    let message = OutgoingMessage {
        id: id.parse().unwrap(),
        conversation: id.parse().unwrap(),
        recipient: None,
        quote: Some(id.parse().unwrap()),
        silent: true,
        body: Body::Text("hi".to_owned()),
    };
    mixin(&server.url).send(&[message]).await.unwrap();
    mixin(&server.url).send(&[]).await.unwrap();
    let [asked] = server.asked().try_into().unwrap();
    let expected = json!([{
        "conversation_id": id, "message_id": id, "category": "PLAIN_TEXT", "data_base64": "aGk",
        "quote_message_id": id, "silent": true,
    }]);
    assert_eq!(json_of(&asked.body), expected);
}

#[tokio::test]
async fn acknowledgements_say_read_a_hundred_at_a_time() {
    let server = generous().await;
    let recorded = recorded("message.sendAcknowledges");
    let first = json_of(text(&recorded["body"]).as_bytes())[0].clone();
    let id = text(&first["message_id"]).parse().unwrap();
    mixin(&server.url).acknowledge(&[id; 101]).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].path, recorded["path_and_query"]);
    assert_eq!(json_of(&asked[0].body), Value::Array(vec![first.clone(); 100]));
    assert_eq!(json_of(&asked[1].body), json!([first]));
    asked.iter().for_each(check_token);
}

#[tokio::test]
async fn the_offset_of_a_page_is_signed_as_it_is_sent() {
    let server = generous().await;
    let mixin = mixin(&server.url);
    mixin.snapshots(None, None, 500).await.unwrap();
    mixin.snapshots(None, Some("2025-01-02T03:04:05.000000001Z"), 9_999).await.unwrap();
    let account = "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810";
    mixin.snapshots(Some(account.parse().unwrap()), None, 500).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked[2].path, format!("/safe/snapshots?limit=500&order=ASC&opponent={account}"));
    assert_eq!(asked[0].path, "/safe/snapshots?limit=500&order=ASC");
    assert_eq!(
        asked[1].path,
        "/safe/snapshots?limit=500&order=ASC&offset=2025-01-02T03%3A04%3A05.000000001Z"
    );
    asked.iter().for_each(check_token);
}

#[tokio::test]
async fn a_ticker_goes_into_the_path_encoded_and_never_leaves_its_place() {
    let server = generous().await;
    let mixin = mixin(&server.url);
    assert!(mixin.assets_of("..").await.unwrap().is_empty());
    assert!(mixin.search("").await.unwrap().is_none());
    assert!(server.asked().is_empty());
    mixin.assets_of("你/../a?b#c+%2e").await.unwrap_err();
    let [asked] = server.asked().try_into().unwrap();
    assert_eq!(asked.path, "/network/assets/search/%E4%BD%A0%2F..%2Fa%3Fb%23c%2B%252e?kind=ALL");
    check_token(&asked);
}

#[tokio::test]
async fn a_file_goes_to_its_place_without_a_token() {
    let place = Server::start(|_| data(json!({}))).await;
    let upload = place.url.join("/bucket/7?signature=x").unwrap();
    let server = Server::start(move |_| {
        data(json!({ "attachment_id": "a7", "upload_url": upload.as_str(), "view_url": "" }))
    })
    .await;
    assert_eq!(mixin(&server.url).upload(b"png".to_vec()).await.unwrap(), "a7");
    let [asked] = server.asked().try_into().unwrap();
    check(&asked, &recorded("attachment.create"));
    let [put] = place.asked().try_into().unwrap();
    assert_eq!((put.method.as_str(), put.path.as_str()), ("PUT", "/bucket/7?signature=x"));
    assert_eq!(put.body, b"png");
    assert_eq!(put.headers["content-length"], "3");
    assert_eq!(put.headers["x-amz-acl"], "public-read");
    assert_eq!(put.headers["content-type"], "application/octet-stream");
    assert!(!put.headers.contains_key("authorization"));
}
