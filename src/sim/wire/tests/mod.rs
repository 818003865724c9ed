//! The world over real sockets, asked by a client of these tests' own.

use super::{Endpoints, Ports, Servers, serve};
use crate::{
    domain::ids::UserId,
    ports::time::Clock,
    runtime::{clock::HandClock, ids::SeededIds},
    sim::{Body, Payment, Place, Violation, World},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer, SigningKey};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use futures::{SinkExt, StreamExt};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    io::{Read, Write},
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{ClientRequestBuilder, Error, Message},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The world behind its servers, and a client with the bot's keystore.
struct Net {
    world: Arc<World>,
    clock: HandClock,
    servers: Servers,
    http: reqwest::Client,
    keystore: Value,
    alice: UserId,
}

impl Net {
    async fn up() -> Self {
        let clock = HandClock::standing("2026-11-21T14:00:00Z".parse().unwrap());
        let world = World::new(Arc::new(clock.clone()), Arc::new(SeededIds::new(1)));
        let servers = serve(Arc::clone(&world), Ports::default()).await.unwrap();
        let keystore = serde_json::from_str(&world.keystore_json()).unwrap();
        let http = super::callbacks::client().unwrap();
        let alice = world.add_person("Alice");
        Self { world, clock, servers, http, keystore, alice }
    }

    fn at(&self) -> &Endpoints {
        self.servers.endpoints()
    }

    fn claims(&self, method: &str, uri: &str, body: &str) -> Value {
        let now = self.clock.now().as_second();
        json!({
            "uid": self.keystore["app_id"],
            "sid": self.keystore["session_id"],
            "iat": now,
            "exp": now + 60,
            "jti": self.world.fresh_id(),
            "sig": hex::encode(Sha256::digest(format!("{method}{uri}{body}"))),
            "scp": "FULL",
        })
    }

    fn token(&self, claims: &Value) -> String {
        let seed = hex::decode(self.keystore["session_private_key"].as_str().unwrap()).unwrap();
        let key = SigningKey::from_bytes(&seed.try_into().unwrap());
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": "EdDSA", "typ": "JWT"})), part(claims));
        let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
        format!("{signed}.{signature}")
    }

    async fn ask_with(&self, claims: &Value, method: &str, uri: &str, body: &str) -> Value {
        let url = format!("{}{uri}", self.at().mixin_api_url);
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = self
            .http
            .request(method, url)
            .bearer_auth(self.token(claims))
            .header("content-type", "application/json")
            .header("x-request-id", "the same")
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["x-request-id"], "the same");
        assert!(answer.headers().contains_key("x-server-time"));
        answer.json().await.unwrap()
    }

    async fn ask(&self, method: &str, uri: &str, body: &str) -> Value {
        self.ask_with(&self.claims(method, uri, body), method, uri, body).await
    }

    async fn mixpay(&self, method: Method, uri: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method, format!("{}{uri}", self.at().mixpay_api_url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap().json().await.unwrap()
    }

    fn upgrade(&self) -> ClientRequestBuilder {
        ClientRequestBuilder::new(self.at().mixin_blaze_url.parse().unwrap())
    }

    async fn blaze(&self) -> Socket {
        let token = self.token(&self.claims("GET", "/", ""));
        let request = self
            .upgrade()
            .with_header("Authorization", format!("Bearer {token}"))
            .with_sub_protocol("Mixin-Blaze-1");
        let (mut socket, answer) = tokio_tungstenite::connect_async(request).await.unwrap();
        assert!(answer.headers().contains_key("x-server-time"));
        send(&mut socket, &json!({"id": "1", "action": "LIST_PENDING_MESSAGES"})).await;
        assert_eq!(next(&mut socket).await["id"], "1");
        socket
    }

    fn order(&self) -> Value {
        json!({
            "payeeId": self.alice.to_string(),
            "traceId": TRACE,
            "orderId": TRACE,
            "quoteAssetId": "usd",
            "quoteAmount": "10",
            "settlementAssetId": crate::sim::coins::USDT.to_string(),
            "strictMode": false,
            "expiredTimestamp": self.clock.now().as_second() + 3600,
        })
    }
}

const TRACE: &str = "5d2f6a1e-8c3b-4e7a-9f10-2b4c6d8e0f12";

async fn send(socket: &mut Socket, value: &Value) {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(value.to_string().as_bytes()).unwrap();
    socket.send(Message::Binary(packed.finish().unwrap().into())).await.unwrap();
}

/// The next frame that is no ping.
async fn next(socket: &mut Socket) -> Value {
    loop {
        let frame = socket.next().await.unwrap().unwrap();
        if let Message::Binary(bytes) = frame {
            let mut text = String::new();
            GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
            return serde_json::from_str(&text).unwrap();
        }
        assert!(frame.is_ping(), "{frame:?}");
    }
}

impl Net {
    fn says(&self, text: &str) {
        self.world.say(self.alice, Place::Private, text).unwrap();
    }
}

fn post(world: &World, to: UserId, id: &str, text: &str) -> String {
    let conversation = world.conversation_of(to, Place::Private);
    json!([{
        "conversation_id": conversation.to_string(),
        "recipient_id": to.to_string(),
        "message_id": id,
        "category": "PLAIN_TEXT",
        "data_base64": BASE64_URL_SAFE_NO_PAD.encode(text),
    }])
    .to_string()
}

/// Every field of the sample is there, and is a text where the sample's is.
fn has_shape_of(found: &Value, sample: &str) {
    let sample: Value = serde_json::from_str(sample).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let first = |value: &Value| {
        let data = &value["data"];
        data.as_array().map_or(data, |list| &list[0]).clone()
    };
    assert_eq!(names(found), names(&sample));
    let (found, sample) = (first(found), first(&sample));
    assert_eq!(names(&found), names(&sample));
    for (name, value) in sample.as_object().unwrap() {
        assert_eq!(value.is_string(), found[name].is_string(), "{name}");
    }
}

type Calls = Arc<std::sync::Mutex<Vec<Value>>>;

/// A merchant's server, which asks for so many callbacks again; what it heard; and its task.
async fn merchant(again: usize) -> (String, Calls, tokio::task::JoinSet<()>) {
    use axum::{Json, Router, extract::State, routing};
    let calls = Calls::default();
    let listen = async move |State(calls): State<Calls>, Json(body): Json<Value>| {
        let mut calls = calls.lock().unwrap();
        calls.push(body);
        Json(json!({"code": if calls.len() <= again { "RETRY" } else { "SUCCESS" }}))
    };
    let router = Router::new().route("/callback", routing::post(listen));
    let router = router.with_state(Arc::clone(&calls));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callback", listener.local_addr().unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, calls, tasks)
}

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/it/fixtures/mixpay/", $name, ".json"))
    };
}

mod lies;
mod sdk;

#[tokio::test]
async fn a_request_needs_a_fresh_token_for_exactly_itself() {
    let net = Net::up().await;
    let good = net.claims("GET", "/me?x=%20", "");
    let me = net.ask_with(&good, "GET", "/me?x=%20", "").await;
    assert_eq!(me["data"]["app"]["creator_id"], net.world.owner().to_string());
    let refused = async |claims: Value, why: &str| {
        let answer = net.ask_with(&claims, "GET", "/me", "").await;
        assert_eq!(answer["error"]["code"], 401, "{why}");
    };
    refused(good, "used, and for another URI").await;
    let now = net.clock.now().as_second();
    for (claim, value) in [
        ("uid", json!(net.alice.to_string())),
        ("sid", json!(net.alice.to_string())),
        ("iat", json!(now - 301)),
        ("iat", json!(now + 301)),
        ("exp", json!(now)),
        ("jti", json!("1")),
        ("sig", json!("00")),
        ("scp", json!("PROFILE:READ")),
    ] {
        let mut claims = net.claims("GET", "/me", "");
        claims[claim] = value;
        refused(claims, claim).await;
    }
    let used = net.claims("GET", "/me", "");
    assert!(net.ask_with(&used, "GET", "/me", "").await["data"].is_object());
    refused(used, "used").await;
    net.world.faults(|faults, _| faults.mixin_clock_ahead = jiff::SignedDuration::from_mins(6));
    refused(net.claims("GET", "/me", ""), "the server's clock is ahead").await;
    assert!(net.world.violations().iter().all(|v| matches!(v, Violation::Token(_))));
}

#[tokio::test]
async fn blaze_wants_its_sub_protocol_and_a_token() {
    let net = Net::up().await;
    let refused =
        async |request: ClientRequestBuilder| match tokio_tungstenite::connect_async(request).await
        {
            Err(Error::Http(answer)) => answer.status().as_u16(),
            other => panic!("{other:?}"),
        };
    assert_eq!(refused(net.upgrade().with_sub_protocol("Mixin-Blaze-1")).await, 401);
    let token = net.token(&net.claims("GET", "/", ""));
    let request = net.upgrade().with_header("Authorization", format!("Bearer {token}"));
    assert_eq!(refused(request).await, 400);
}

#[tokio::test]
async fn a_message_comes_until_it_is_acknowledged_and_an_answer_is_shown_once() {
    let net = Net::up().await;
    let said = net.world.say(net.alice, Place::Private, "你好 ÿÿ?").unwrap();
    for _ in 0..2 {
        let mut socket = net.blaze().await;
        let frame = next(&mut socket).await;
        assert_eq!(frame["action"], "CREATE_MESSAGE");
        assert_eq!(frame["data"]["message_id"], said.message.to_string());
        assert_eq!(frame["data"]["conversation_id"], said.conversation.to_string());
        let text = BASE64_URL_SAFE_NO_PAD.decode(frame["data"]["data_base64"].as_str().unwrap());
        assert_eq!(text.unwrap(), "你好 ÿÿ?".as_bytes());
    }
    let mut socket = net.blaze().await;
    next(&mut socket).await;
    let receipts = json!([{"message_id": said.message.to_string(), "status": "READ"}]).to_string();
    assert!(net.ask("POST", "/acknowledgements", &receipts).await["data"].is_object());
    assert!(net.world.activity().is_quiet());

    let reply = post(&net.world, net.alice, "531d2e1c-0bc3-4ce4-8328-6419b0d9ade3", "Hello");
    net.world.faults(|faults, _| faults.messages_shown_then_500 = 1);
    assert_eq!(net.ask("POST", "/messages", &reply).await["error"]["code"], 500);
    assert!(net.ask("POST", "/messages", &reply).await["error"].is_null());
    let params = serde_json::from_str::<Value>(&reply).unwrap()[0].clone();
    send(&mut socket, &json!({"id": "2", "action": "CREATE_MESSAGE", "params": params})).await;
    assert_eq!(next(&mut socket).await["data"]["category"], "PLAIN_TEXT");
    let shown = net.world.shown(net.alice, Place::Private);
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].body, Body::Text("Hello".to_owned()));
    assert!(net.world.violations().is_empty());
}

#[tokio::test]
async fn a_running_connection_gets_what_is_said_and_ends_when_it_is_cut() {
    let net = Net::up().await;
    let mut socket = net.blaze().await;
    net.world.faults(|faults, _| faults.doubled_pushes = 1);
    net.world.say(net.alice, Place::Private, "one").unwrap();
    let (first, second) = (next(&mut socket).await, next(&mut socket).await);
    assert_eq!(first["data"], second["data"], "it came twice");
    assert_ne!(first["id"], second["id"]);
    net.world.faults(|faults, _| faults.cut_blaze());
    while let Some(Ok(frame)) = socket.next().await {
        assert!(frame.is_ping(), "{frame:?}");
    }
}

#[tokio::test]
async fn while_mixin_is_offline_nothing_answers_and_afterwards_everything_does() {
    let net = Net::up().await;
    net.ask("GET", "/me", "").await;
    let mut socket = net.blaze().await;
    net.world.mixin_offline_for(Duration::from_secs(30));
    while let Some(Ok(frame)) = socket.next().await {
        assert!(frame.is_ping(), "{frame:?}");
    }
    let url = format!("{}/me", net.at().mixin_api_url);
    assert!(net.http.get(&url).send().await.is_err());
    net.clock.advance(Duration::from_secs(30));
    assert!(net.ask("GET", "/me", "").await["data"].is_object());
    net.blaze().await;
}

#[tokio::test]
async fn an_upload_can_be_shown_once_it_is_there() {
    let net = Net::up().await;
    net.world.say(net.alice, Place::Private, "Hi").unwrap();
    let room = net.ask("POST", "/attachments", "").await["data"].clone();
    let image = json!({
        "attachment_id": room["attachment_id"], "mime_type": "image/png",
        "width": 64, "height": 64, "size": 3, "thumbnail": "",
    });
    let message = |id: &str| {
        let mut message: Value =
            serde_json::from_str(&post(&net.world, net.alice, id, &image.to_string())).unwrap();
        message[0]["category"] = "PLAIN_IMAGE".into();
        message.to_string()
    };
    let early = net.ask("POST", "/messages", &message(TRACE)).await;
    assert_eq!(early["error"]["extra"]["field"], "attachment_id");
    let put = net
        .http
        .put(room["upload_url"].as_str().unwrap())
        .header("x-amz-acl", "public-read")
        .header("content-type", "application/octet-stream")
        .body("PNG");
    assert_eq!(put.send().await.unwrap().status(), StatusCode::OK);
    assert!(net.ask("POST", "/messages", &message(TRACE)).await["error"].is_null());
    let shown = net.world.shown(net.alice, Place::Private);
    let Body::Image { attachment, .. } = &shown[0].body else { panic!("{shown:?}") };
    assert_eq!(net.world.attachment(attachment), Some(b"PNG".to_vec()));
}

#[tokio::test]
async fn people_conversations_and_searches_are_looked_up() {
    let net = Net::up().await;
    let bob = net.world.add_person("Bob");
    let group = net.world.add_group("Shop", net.alice, &[bob], &[]);
    let view = net.ask("GET", &format!("/conversations/{group}"), "").await["data"].clone();
    assert_eq!(
        view["participants"][1],
        json!({
            "type": "participant", "user_id": bob.to_string(), "role": "ADMIN",
            "created_at": "2026-11-21T14:00:00.000000000Z",
        })
    );
    let number = net.world.person(bob).unwrap().number;
    let search = format!("/search/{number}");
    assert_eq!(net.ask("GET", &search, "").await["data"]["full_name"], "Bob");
    assert_eq!(net.ask("GET", "/search/1", "").await["error"]["code"], 404);
    net.world.faults(|faults, now| {
        faults.search_banned_until = now.checked_add(jiff::SignedDuration::from_hours(12)).ok();
    });
    assert_eq!(net.ask("GET", &search, "").await["error"]["code"], 429);
    assert!(net.world.violations().is_empty());
    assert_eq!(net.ask("GET", &search, "").await["error"]["code"], 429);
    assert!(matches!(net.world.violations()[..], [Violation::SearchDuringBan(_)]));
    let asked = json!([bob.to_string(), TRACE]).to_string();
    let fetched = net.ask("POST", "/users/fetch", &asked).await;
    assert_eq!(fetched["data"].as_array().unwrap().len(), 1);
    let too_many = json!(vec![bob.to_string(); 101]).to_string();
    let refused = net.ask("POST", "/users/fetch", &too_many).await;
    assert_eq!(refused["error"]["code"], 10002);
    net.world.faults(|faults, _| faults.person_refused = Some(bob.to_string()));
    assert_eq!(net.ask("POST", "/users/fetch", &asked).await["error"]["code"], 10002);
}

#[tokio::test]
async fn what_mixpay_answers_has_the_shape_of_the_samples() {
    let net = Net::up().await;
    let order = net.order();
    let made = net.mixpay(Method::POST, "/one_time_payment", Some(order.clone())).await;
    has_shape_of(&made, fixture!("one_time_payment.success"));
    let result = format!("/payments_result?traceId={TRACE}");
    let unpaid = net.mixpay(Method::GET, &result, None).await;
    has_shape_of(&unpaid, fixture!("payments_result.unpaid"));
    net.world.pay(TRACE, &Payment::default().on_chain()).unwrap();
    net.world.confirm_all(TRACE);
    net.clock.advance(Duration::from_secs(3));
    has_shape_of(
        &net.mixpay(Method::GET, &result, None).await,
        fixture!("payments_result.success"),
    );
    let by_order =
        format!("/payments_result?orderId={TRACE}&payeeId={}&with=payment,transactions", net.alice);
    let full = net.mixpay(Method::GET, &by_order, None).await;
    has_shape_of(&full, fixture!("payments_result.success_multipay"));
    assert_eq!(full["data"]["settleAmount"], "9.98");
    let sample: Value = serde_json::from_str(fixture!("payments_result.success_multipay")).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (payment, transactions) = ("payment", "transactions");
    assert_eq!(keys(&full["data"][payment]), keys(&sample["data"][payment]));
    assert_eq!(keys(&full["data"][transactions][0]), keys(&sample["data"][transactions][0]));

    let mut direct = order;
    direct["paymentAssetId"] = json!(crate::sim::coins::ETH.to_string());
    for (trace, chain, sample) in [
        ("8e69e534-d0c4-3e04-8b61-37a73cd9e7d7", false, fixture!("payments_mixin.success")),
        ("8e69e534-d0c4-3e04-8b61-37a73cd9e7d8", true, fixture!("payments_onchain.success")),
    ] {
        direct["traceId"] = trace.into();
        direct["orderId"] = trace.into();
        direct["isChain"] = chain.into();
        let made = net.mixpay(Method::POST, "/payments", Some(direct.clone())).await;
        has_shape_of(&made, sample);
        let known = net.mixpay(Method::GET, &format!("/payments_info?traceId={trace}"), None).await;
        assert_eq!(known["data"], made["data"]);
    }
    for (list, sample) in [
        ("quote_assets", fixture!("setting_quote_assets.success")),
        ("payment_assets", fixture!("setting_payment_assets.success")),
        ("settlement_assets", fixture!("setting_settlement_assets.success")),
    ] {
        has_shape_of(&net.mixpay(Method::GET, &format!("/setting/{list}"), None).await, sample);
    }
    let estimate = format!(
        "/payments_estimated?paymentAssetId={}&settlementAssetId={}&quoteAssetId=usd&quoteAmount=10",
        crate::sim::coins::BTC,
        crate::sim::coins::USDT
    );
    let estimated = net.mixpay(Method::GET, &estimate, None).await;
    has_shape_of(&estimated, fixture!("payments_estimated.success"));
    assert_eq!(estimated["data"]["paymentAmount"], "0.00009434");
    let number = net.world.person(net.alice).unwrap().number;
    let payee = net.mixpay(Method::GET, &format!("/user/mixin_uuid/{number}"), None).await;
    has_shape_of(&payee, fixture!("user_mixin_uuid.success"));
    let members = [net.alice, net.world.owner(), net.world.bot()].map(|id| id.to_string());
    let group = json!({"receivers": members, "threshold": 2});
    let group = net.mixpay(Method::POST, "/multisig", Some(group)).await;
    has_shape_of(&group, fixture!("multisig.success"));
    assert_eq!(net.mixpay(Method::GET, "/payment_result", None).await["code"], 404);
}

#[tokio::test]
async fn what_goes_wrong_at_mixpay_goes_wrong_on_the_wire() {
    let net = Net::up().await;
    net.world.faults(|faults, _| faults.mixpay_made_then_500 = 1);
    let made = net.mixpay(Method::POST, "/one_time_payment", Some(net.order())).await;
    assert_eq!(made["code"], -1);
    assert_eq!(net.world.checkouts(), 1, "it was made all the same");
    net.world.faults(|faults, _| faults.mixpay_made_then_cut = 1);
    let url = format!("{}/one_time_payment", net.at().mixpay_api_url);
    assert!(net.http.post(url).json(&net.order()).send().await.is_err());
    let again = net.mixpay(Method::POST, "/one_time_payment", Some(net.order())).await;
    assert_eq!(again["code"], 0);
    net.world.faults(|faults, _| faults.mixpay_status = Some("processing".to_owned()));
    let result = format!("/payments_result?traceId={TRACE}");
    assert_eq!(net.mixpay(Method::GET, &result, None).await["data"]["status"], "processing");
    net.world.mixpay_offline_for(Duration::from_secs(1));
    let url = format!("{}{result}", net.at().mixpay_api_url);
    assert!(net.http.get(&url).send().await.is_err());
    net.clock.advance(Duration::from_secs(1));
    for _ in net.world.mixpay_requests()..60 {
        assert_eq!(net.mixpay(Method::GET, &result, None).await["code"], 0);
    }
    let limited = net.http.get(&url).send().await.unwrap();
    assert_eq!(limited.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.headers()["x-ratelimit-limit"], "60");
    assert_eq!(limited.headers()["x-ratelimit-remaining"], "0");
    assert_eq!(limited.json::<Value>().await.unwrap()["code"], 1429);
    assert_eq!(net.world.limit_violations(), 1);
}

#[tokio::test]
async fn a_slow_answer_comes_when_the_worlds_time_has_passed() {
    let net = Net::up().await;
    net.world.faults(|faults, _| {
        faults.mixpay.slow = 1;
        faults.mixpay.delay = Duration::from_secs(5);
    });
    let mut changed = net.world.changed();
    let asked = net.mixpay(Method::GET, "/setting/quote_assets", None);
    let passing = async {
        while net.world.activity().requests_in_flight == 0 {
            changed.changed().await.unwrap();
        }
        net.clock.advance(Duration::from_secs(5));
    };
    let (answer, ()) = tokio::join!(asked, passing);
    assert_eq!(answer["code"], 0);
}

#[tokio::test]
async fn a_callback_comes_again_until_the_merchant_says_success() {
    let net = Net::up().await;
    net.world.habits(|habits| habits.settles_after = None);
    let (url, calls, _tasks) = merchant(1).await;
    let mut order = net.order();
    order["callbackUrl"] = url.into();
    net.mixpay(Method::POST, "/one_time_payment", Some(order)).await;
    let mut changed = net.world.changed();
    net.world.pay(TRACE, &Payment::default()).unwrap();
    while !net.world.activity().is_quiet() {
        changed.changed().await.unwrap();
    }
    assert_eq!(calls.lock().unwrap().len(), 1);
    net.clock.advance(Duration::from_secs(15));
    while net.world.callback_counts() != (1, 0) {
        changed.changed().await.unwrap();
    }
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 2);
    let sample: Value = serde_json::from_str(fixture!("callback.request")).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&calls[1]), keys(&sample));
    assert_eq!(calls[1]["traceId"], TRACE);
}

#[tokio::test]
async fn transfers_are_read_page_by_page() {
    let net = Net::up().await;
    for amount in ["1", "2", "3"] {
        let amount = amount.parse().unwrap();
        net.world.transfer(crate::sim::Transfer::to_bot(
            net.alice,
            crate::sim::coins::USDT,
            amount,
            "thanks",
        ));
        net.clock.advance(Duration::from_secs(1));
    }
    let page = async |query: &str| net.ask("GET", &format!("/safe/snapshots?{query}"), "").await;
    let first = page("order=ASC&limit=2").await["data"].clone();
    let amounts = |page: &Value| {
        page.as_array().unwrap().iter().map(|s| s["amount"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(amounts(&first), ["1", "2"]);
    let cursor = first[1]["created_at"].as_str().unwrap().replace(':', "%3A");
    let rest = page(&format!("order=ASC&limit=500&offset={cursor}")).await["data"].clone();
    assert_eq!(amounts(&rest), ["2", "3"], "the offset is inside");
    assert_eq!(page("limit=501").await["error"]["code"], 10002);
    let one = format!("/safe/snapshots/{}", first[0]["snapshot_id"].as_str().unwrap());
    let one = net.ask("GET", &one, "").await["data"].clone();
    assert_eq!(one, first[0]);
    let sample: Value = serde_json::from_str(fixture!("snapshot.safe_settlement_pm")).unwrap();
    for name in sample["data"][0].as_object().unwrap().keys().filter(|k| *k != "kernel_asset_id") {
        assert!(one[name].is_string(), "{name}");
    }
}
