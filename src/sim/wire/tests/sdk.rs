//! What Mixin's SDK for Node (7.5.5) was seen to send, replayed: a bot that is built on it works here.

use super::*;
use crate::sim::Shown;
use base64::prelude::BASE64_STANDARD;
use reqwest::Response;

impl Net {
    /// A request with the headers and the token of the SDK: one id for token and request, valid for
    /// an hour.
    async fn sdk(&self, method: &str, uri: &str, body: Option<&Value>) -> Value {
        let body = body.map(Value::to_string);
        let mut claims = self.claims(method, uri, body.as_deref().unwrap_or_default());
        claims["exp"] = json!(claims["iat"].as_i64().unwrap() + 3600);
        let id = claims["jti"].as_str().unwrap().to_owned();
        let url = format!("{}{uri}", self.at().mixin_api_url);
        let mut request = self
            .http
            .request(Method::from_bytes(method.as_bytes()).unwrap(), url)
            .header("accept", "application/json, text/plain, */*")
            .header("x-request-id", &id)
            .bearer_auth(self.token(&claims))
            .header("user-agent", "axios/1.21.1")
            .header("accept-encoding", "gzip, compress, deflate, br");
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let answer: Response = request.send().await.unwrap();
        assert_eq!(answer.headers()["x-request-id"], id.as_str());
        let answer: Value = answer.json().await.unwrap();
        assert!(answer["error"].is_null(), "{method} {uri}: {answer}");
        answer["data"].clone()
    }

    /// A message with the SDK's fields, in its order.
    async fn sdk_sends(&self, category: &str, payload: &str) {
        let message = json!({
            "category": category,
            "recipient_id": self.alice.to_string(),
            "conversation_id": self.chat(),
            "message_id": self.world.fresh_id(),
            "data_base64": BASE64_URL_SAFE_NO_PAD.encode(payload),
        });
        self.sdk("POST", "/messages", Some(&json!([message]))).await;
    }

    fn chat(&self) -> String {
        self.world.conversation_of(self.alice, Place::Private).to_string()
    }
}

#[tokio::test]
async fn the_node_sdk_logs_in_looks_people_up_and_opens_a_chat() {
    let net = Net::up().await;
    let alice = net.alice.to_string();
    assert_eq!(net.sdk("GET", "/me", None).await["user_id"], net.keystore["app_id"]);
    let number = net.world.person(net.alice).unwrap().number;
    assert_eq!(net.sdk("GET", &format!("/search/{number}"), None).await["user_id"], alice);
    assert_eq!(net.sdk("GET", &format!("/users/{alice}"), None).await["full_name"], "Alice");
    let list = net.sdk("POST", "/users/fetch", Some(&json!([alice]))).await;
    assert_eq!(list[0]["user_id"], alice);
    let chat = json!({
        "category": "CONTACT",
        "conversation_id": net.chat(),
        "participants": [{"user_id": alice}],
    });
    let made = net.sdk("POST", "/conversations", Some(&chat)).await;
    assert_eq!(net.sdk("GET", &format!("/conversations/{}", net.chat()), None).await, made);
    let found = net.sdk("GET", "/network/assets/search/BTC?kind=ALL", None).await;
    assert_eq!(found[0]["symbol"], "BTC");
    let bot = net.world.bot();
    let mine = net.sdk("GET", &format!("/safe/snapshots?app={bot}&limit=2"), None).await;
    assert_eq!(mine, json!([]));
}

#[tokio::test]
async fn the_node_sdk_shows_every_kind_of_message() {
    let net = Net::up().await;
    net.world.open_contact(net.alice).unwrap();
    net.sdk_sends("PLAIN_TEXT", "Hello ÿÿ? 你好").await;
    net.sdk_sends("PLAIN_POST", "# Hi").await;
    net.sdk_sends("PLAIN_CONTACT", &json!({"user_id": net.world.bot().to_string()}).to_string())
        .await;
    let button = json!({"label": "Pay", "color": "#3D75E3", "action": "https://mixpay.me/code/x"});
    net.sdk_sends("APP_BUTTON_GROUP", &json!([button]).to_string()).await;
    // The fields that its types ask for: a card of the old style.
    let card = json!({
        "app_id": net.world.bot().to_string(), "icon_url": "https://mixin.one/icon.png", "title": "Coffee",
        "description": "10 USD", "action": "https://mixpay.me/code/x",
    });
    net.sdk_sends("APP_CARD", &card.to_string()).await;
    net.sdk_sends("PLAIN_LOCATION", &json!({"longitude": 1.5, "latitude": 2}).to_string()).await;

    let room = net.sdk("POST", "/attachments", None).await;
    let url = room["upload_url"].as_str().unwrap();
    let put = net.http.put(url).header("x-amz-acl", "public-read");
    let put = put.header("content-type", "application/octet-stream").body("PNG");
    assert_eq!(put.send().await.unwrap().status(), StatusCode::OK);
    let image = json!({
        "attachment_id": room["attachment_id"], "mime_type": "image/png", "width": 1, "height": 1,
        "size": 3,
    });
    net.sdk_sends("PLAIN_IMAGE", &image.to_string()).await;
    let words: Vec<_> = net.world.shown_to(net.alice).iter().map(Shown::words).collect();
    assert_eq!(words[3..], ["[Pay]", "Coffee\n10 USD\n[Coffee]", "(PLAIN_LOCATION)", "(image)"]);
    let card = net.world.shown_to(net.alice)[4].id;
    let opened = net.world.tap(net.alice, card, 0).unwrap();
    assert_eq!(opened, crate::sim::Tapped::Opened("https://mixpay.me/code/x".to_owned()));
}

#[tokio::test]
async fn the_node_sdk_hears_what_is_said_and_acknowledges_each_message_in_a_frame_of_its_own() {
    let net = Net::up().await;
    let mut socket = net.blaze().await;
    for text in ["one", "two"] {
        net.says(text);
        let frame = next(&mut socket).await;
        let data = BASE64_STANDARD.decode(frame["data"]["data"].as_str().unwrap()).unwrap();
        assert_eq!(data, text.as_bytes());
        let read = json!({
            "id": net.world.fresh_id(),
            "action": "ACKNOWLEDGE_MESSAGE_RECEIPT",
            "params": {"message_id": frame["data"]["message_id"], "status": "READ"},
        });
        send(&mut socket, &read).await;
        assert_eq!(next(&mut socket).await["id"], read["id"]);
    }
    assert!(net.world.activity().is_quiet());
    let messages = json!([{"message_id": TRACE, "status": "READ"}]);
    assert_eq!(net.sdk("POST", "/acknowledgements", Some(&messages)).await, json!({}));
}

#[tokio::test]
async fn the_go_sdk_writes_no_id_as_an_empty_text_and_the_kotlin_sdk_asks_for_another_sub_protocol()
{
    let net = Net::up().await;
    net.world.open_contact(net.alice).unwrap();
    let message = json!([{
        "conversation_id": net.chat(), "recipient_id": net.alice.to_string(), "message_id": TRACE,
        "category": "PLAIN_TEXT", "data": BASE64_STANDARD.encode("Hi"),
        "representative_id": "", "quote_message_id": "",
    }]);
    net.sdk("POST", "/messages", Some(&message)).await;
    assert_eq!(net.world.shown_to(net.alice)[0].quote, None);
    let token = net.token(&net.claims("GET", "/", ""));
    let request = net.upgrade().with_header("Authorization", format!("Bearer {token}"));
    let request = request.with_sub_protocol("MixinBot-Blaze-1");
    let (_, answer) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], "MixinBot-Blaze-1");
}
