//! The control API: what each door does, and what it refuses.

use super::{Control, text};
use mixpay_bot::{
    runtime::{clock::HandClock, ids::SeededIds},
    sim::{Ports, Servers, World, serve},
    simulate::control::{DOORS, LIES, router},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::JoinSet;

const UNKNOWN: &str = "5d2f6a1e-8c3b-4e7a-9f10-2b4c6d8e0f12";
const USDT: &str = "4d8c508b-91c5-375b-92b0-ee702ed2dac5";

/// A world behind its servers, with its control API.
struct Net {
    world: Arc<World>,
    servers: Servers,
    control: Control,
    _tasks: JoinSet<()>,
}

impl Net {
    async fn up() -> Self {
        let clock = HandClock::standing("2026-11-21T14:00:00Z".parse().unwrap());
        let world = World::new(Arc::new(clock), Arc::new(SeededIds::new(1)));
        let servers = serve(Arc::clone(&world), Ports::default()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let control = Control::new(&format!("http://{}", listener.local_addr().unwrap()));
        let mut tasks = JoinSet::new();
        let serving = axum::serve(listener, router(Arc::clone(&world)));
        tasks.spawn(async move { serving.await.unwrap() });
        Self { world, servers, control, _tasks: tasks }
    }

    async fn person(&self, name: &str) -> String {
        text(&self.control.post("/users", json!({ "name": name })).await, "user_id").to_owned()
    }

    async fn refused(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let (status, answer) = self.control.ask(method, path, body).await;
        (status.as_u16(), text(&answer, "error").to_owned())
    }

    /// Each request is refused with this status, and with an error that has these words.
    async fn refuses(&self, table: &[(&str, &str, &str, u16, &str)]) {
        for (method, path, body, status, why) in table {
            let (found, error) = self.refused(method, path, body).await;
            let body: String = body.chars().take(100).collect();
            assert_eq!(found, *status, "{method} {path} {body}: {error}");
            assert!(error.contains(why), "{method} {path} {body}: {error}");
        }
    }

    /// A payment of 10 USD to somebody, made by the bot under test.
    async fn payment(&self, payee: &str, trace: &str) {
        let order = json!({
            "payeeId": payee, "traceId": trace, "quoteAssetId": "usd", "quoteAmount": "10",
            "settlementAssetId": USDT,
        });
        let url = format!("{}/one_time_payment", self.servers.endpoints().mixpay_api_url);
        let made = self.control.http.post(url).header("content-type", "application/json");
        let made: Value = made.body(order.to_string()).send().await.unwrap().json().await.unwrap();
        assert_eq!(made.get("code"), Some(&json!(0)), "{made}");
    }

    async fn result(&self, trace: &str) -> Value {
        let api = &self.servers.endpoints().mixpay_api_url;
        let url = format!("{api}/payments_result?traceId={trace}");
        let answer: Value = self.control.http.get(url).send().await.unwrap().json().await.unwrap();
        answer.get("data").unwrap().clone()
    }
}

#[tokio::test]
async fn what_people_cannot_do_is_refused_with_what_would_be_right() {
    let net = Net::up().await;
    let alice = net.person("Alice").await;
    let say = |more: &str| format!("{{\"user_id\": \"{alice}\"{more}}}");
    let long = "x".repeat(256 * 1024 + 1);
    let people = net.world.people().len();
    net.refuses(&[
        ("GET", "/", "", 404, "there is no /; there are GET /users, POST /users, "),
        ("DELETE", "/users", "", 405, "/users takes GET and POST, not DELETE"),
        ("POST", "/users", "", 400, "the body is not the JSON that fits: EOF while parsing"),
        ("POST", "/users", "[]", 400, "the body is not the JSON that fits: "),
        ("POST", "/users", "{}", 400, "missing field `name`"),
        ("POST", "/users", &long, 413, "has more than 262144 bytes"),
        ("POST", "/users", r#"{"nam": "x"}"#, 400, "unknown field `nam`, expected one of `name`"),
        ("POST", "/users", r#"{"name": " "}"#, 400, "name: found \" \", and some text"),
        (
            "POST",
            "/users",
            r#"{"name": "x", "user_id": "7"}"#,
            400,
            "user_id: found \"7\", and a UUID",
        ),
        ("POST", "/users", r#"{"name": "x", "identity_number": "007x"}"#, 400, "5 to 10 digits"),
        ("POST", "/users", &format!(r#"{{"name": "x", "user_id": "{alice}"}}"#), 409, "already"),
        ("POST", "/users", r#"{"name": "x", "identity_number": "7000104999"}"#, 409, "already"),
        (
            "POST",
            "/groups",
            &format!(r#"{{"name": "x", "owner_id": "{UNKNOWN}"}}"#),
            404,
            "owner_id: there is no user",
        ),
        ("POST", "/say", &say(""), 400, "either text, or category with data_base64, or a tap"),
        ("POST", "/say", &say(r#", "text": "x", "category": "PLAIN_TEXT""#), 400, "either text"),
        ("POST", "/say", &say(r#", "category": "PLAIN_TEXT", "data_base64": "!""#), 400, "base64"),
        (
            "POST",
            "/say",
            &say(&format!(r#", "text": "x", "conversation_id": "{UNKNOWN}""#)),
            404,
            "nor a group that they are in",
        ),
        (
            "POST",
            "/say",
            &say(&format!(r#", "tap": {{"message_id": "{UNKNOWN}", "button": 0}}"#)),
            404,
            "sees no such message",
        ),
        (
            "POST",
            "/say",
            &say(&format!(r#", "text": "x", "tap": {{"message_id": "{UNKNOWN}", "button": 0}}"#)),
            400,
            "a tap stands alone",
        ),
        ("GET", "/shown", "", 400, "/shown?user_id=UUID would be right"),
        ("GET", &format!("/shown?user_id={UNKNOWN}"), "", 404, "there is no user"),
        ("GET", &format!("/shown?user={alice}"), "", 400, "user_id or more_than would be right"),
        (
            "GET",
            &format!("/shown?user_id={alice}&more_than=-1"),
            "",
            400,
            "more_than: found \"-1\", and a number",
        ),
    ])
    .await;
    assert_eq!(net.world.people().len(), people, "nothing has happened");
    assert!(net.world.activity().is_quiet());
}

#[tokio::test]
async fn what_money_cannot_do_is_refused_with_what_would_be_right() {
    let net = Net::up().await;
    let alice = net.person("Alice").await;
    net.payment(&alice, UNKNOWN).await;
    let say = |more: &str| format!("{{\"user_id\": \"{alice}\"{more}}}");
    let pay = |more: &str| format!("{{\"trace\": \"{UNKNOWN}\"{more}}}");
    net.refuses(&[
        ("POST", "/pay", "{}", 400, "exactly one of trace, code and link"),
        ("POST", "/pay", r#"{"trace": "CFP9WJD"}"#, 400, "trace: found \"CFP9WJD\", and a UUID"),
        ("POST", "/pay", r#"{"code": "CFP9WJD"}"#, 404, "words that stand beside a link"),
        ("POST", "/pay", &format!(r#"{{"trace": "{alice}"}}"#), 404, "there is no such payment"),
        (
            "POST",
            "/pay",
            &pay(r#", "how": "badly""#),
            400,
            "unknown variant `badly`, expected one of `exact`",
        ),
        ("POST", "/pay", &pay(r#", "amount": "1e3""#), 400, "amount: found \"1e3\""),
        ("POST", "/pay", &pay(r#", "how": "short", "amount": "1000""#), 409, "no underpayment"),
        (
            "POST",
            "/pay",
            &pay(r#", "how": "over", "amount": "0.00000001""#),
            400,
            "more than the price",
        ),
        (
            "POST",
            "/pay",
            &pay(r#", "asset_id": "usd""#),
            400,
            "asset_id: found \"usd\", and a UUID",
        ),
        ("POST", "/pay", &pay(&format!(r#", "asset_id": "{alice}""#)), 404, "BTC"),
        ("POST", "/pay", &pay(r#", "how": "tampered""#), 400, "goes with reported_amount"),
        ("POST", "/pay", &pay(r#", "reported_amount": "1""#), 400, "goes with reported_amount"),
        ("POST", "/confirm", r#"{"code": "nothing"}"#, 404, "code: found \"nothing\""),
        ("POST", "/confirm", &format!(r#"{{"trace": "{alice}"}}"#), 404, "there is no payment"),
        ("POST", "/transfer", &say(""), 400, "missing field `asset_id`"),
        (
            "POST",
            "/transfer",
            &say(&format!(r#", "asset_id": "{USDT}", "amount": "0""#)),
            400,
            "more than zero",
        ),
        (
            "POST",
            "/faults",
            r#"{"mixin_errors": 1, "mixin_error": 1}"#,
            400,
            "there is no fault \"mixin_error\"; there are mixin_offline, ",
        ),
        (
            "POST",
            "/faults",
            r#"{"mixin_errors": -1}"#,
            400,
            "mixin_errors: found -1; it takes how many times",
        ),
        (
            "POST",
            "/faults",
            r#"{"blaze_cut": false}"#,
            400,
            "blaze_cut: found false; it takes true",
        ),
    ])
    .await;
    assert_eq!(net.world.checkout(UNKNOWN).unwrap().status(), "unpaid", "nothing has happened");
    assert_eq!(net.world.transfers(), 0);
    assert_eq!(net.world.faults(|faults, _| faults.mixin.errors), 0, "all or none");
}

#[tokio::test]
async fn people_are_added_speak_and_see_what_is_shown_to_them() {
    let net = Net::up().await;
    let known = json!({"name": "Bob", "user_id": UNKNOWN, "identity_number": "1234567"});
    let bob = net.control.post("/users", known).await;
    assert_eq!(text(&bob, "identity_number"), "1234567");
    let alice = net.person("Alice").await;
    let users = net.control.get("/users").await;
    assert_eq!(users["bot_id"], net.world.bot().to_string());
    let all = users["users"].as_array().unwrap();
    assert!(all.contains(&bob));
    let group = json!({"name": "Dinner", "owner_id": UNKNOWN, "member_ids": [alice]});
    let group = net.control.post("/groups", group).await;
    let group = text(&group, "conversation_id");
    let say = async |text: &str| {
        let line = json!({"user_id": alice, "text": text, "conversation_id": group});
        net.control.post("/say", line).await
    };
    let number = net.world.bot_number();
    assert_eq!(say("hello").await["heard"], false);
    let heard = say(&format!("@{number} hello")).await;
    assert_eq!((&heard["heard"], text(&heard, "conversation_id")), (&json!(true), group));
    let sticker = json!({
        "user_id": alice, "category": "PLAIN_STICKER", "data_base64": "e30=",
        "quote_message_id": heard["message_id"], "conversation_id": alice_s_chat(&net, &alice),
    });
    assert_eq!(net.control.post("/say", sticker).await["heard"], true);
    assert_eq!(net.world.activity().unacknowledged, 3, "with the news of the group");
    assert_eq!(net.control.get(&format!("/shown?user_id={alice}")).await, json!({"shown": []}));
}

fn alice_s_chat(net: &Net, alice: &str) -> String {
    net.world.conversation_of(alice.parse().unwrap(), mixpay_bot::sim::Place::Private).to_string()
}

#[tokio::test]
async fn payments_are_paid_well_and_badly() {
    let net = Net::up().await;
    let alice = net.person("Alice").await;
    let mallory = net.person("Eve").await;
    let table = [
        (json!({}), "success", "success"),
        (json!({"means": "chain", "asset_id": USDT}), "pending", "success"),
        (json!({"how": "short"}), "failed", "failed"),
        (
            json!({"how": "short", "means": "chain", "asset_id": USDT, "amount": "4"}),
            "pending",
            "pending",
        ),
        (
            json!({"how": "over", "means": "chain", "asset_id": USDT, "amount": "12"}),
            "pending",
            "success",
        ),
        (json!({"how": "late"}), "success", "success"),
        (json!({"how": "twice"}), "failed", "failed"),
        (json!({"how": "other_asset"}), "failed", "failed"),
        (json!({"how": "audited"}), "auditing", "success"),
        (
            json!({"how": "tampered", "reported_amount": "0.01", "reported_payee_id": mallory, "reported_quote_asset_id": "eur"}),
            "success",
            "success",
        ),
    ];
    for (number, (how, before, after)) in table.into_iter().enumerate() {
        let trace = format!("5d2f6a1e-8c3b-4e7a-9f10-{number:012}");
        net.payment(&alice, &trace).await;
        let mut body = how.clone();
        body["trace"] = trace.clone().into();
        let paid = net.control.post("/pay", body).await;
        assert_eq!(paid["payment"]["status"], before, "{how}");
        assert_eq!(net.result(&trace).await["status"], before, "{how}");
        let confirmed = net.control.post("/confirm", json!({"trace": trace})).await;
        assert_eq!(confirmed["payment"]["status"], after, "{how}");
        if how["amount"].is_string() {
            assert_eq!(paid["amount"], how["amount"], "{how}");
        }
    }
    let result = net.result("5d2f6a1e-8c3b-4e7a-9f10-000000000009").await;
    let told = [&result["quoteAmount"], &result["payeeId"], &result["quoteAssetId"]];
    assert_eq!(told, [&json!("0.01"), &json!(mallory), &json!("eur")]);
    assert_eq!(net.result("5d2f6a1e-8c3b-4e7a-9f10-000000000006").await["failureCode"], "40021");
    let all = net.control.get("/payments").await;
    assert_eq!(all["payments"].as_array().unwrap().len(), 10);
    let again = net.refused("POST", "/pay", r#"{"trace": "5d2f6a1e-8c3b-4e7a-9f10-000000000000"}"#);
    assert_eq!(again.await, (409, "this cannot be paid so: it is paid already".to_owned()));
}

#[tokio::test]
async fn a_link_without_a_price_is_paid_with_what_is_typed_and_a_transfer_reaches_the_wallet() {
    let net = Net::up().await;
    let alice = net.person("Alice").await;
    let link =
        format!("https://mixpay.me/pay?payeeId={alice}&settlementAssetId={USDT}&quoteAssetId=usd");
    let (status, _) = net.refused("POST", "/pay", &json!({"link": link}).to_string()).await;
    assert_eq!(status, 409);
    let paid = net.control.post("/pay", json!({"link": link, "amount": "7"})).await;
    assert_eq!(paid["payment"]["quote_amount"], "7");
    let transfer = json!({"user_id": alice, "asset_id": USDT, "amount": "1.5", "memo": "thanks"});
    net.control.post("/transfer", transfer).await;
    assert_eq!(net.world.transfers(), 1);
    assert_eq!(net.world.activity().unacknowledged, 1);
}

#[tokio::test]
async fn every_lie_can_be_arranged_and_ended() {
    let net = Net::up().await;
    for lie in LIES {
        let (on, off) = match lie.takes() {
            "true or false" => (json!(true), Some(json!(false))),
            "true" => (json!(true), None),
            "a word, or null for the truth" => (json!("odd"), Some(Value::Null)),
            "a message's id, or null for none" => {
                (json!("7b96baa8-2e3b-4bd0-8f51-55c2e4d65810"), Some(Value::Null))
            }
            "seconds, negative for behind" => (json!(-7), Some(json!(0))),
            _ => (json!(7), Some(json!(0))),
        };
        let arranged = || net.world.faults(|faults, _| format!("{faults:?}"));
        let before = arranged();
        net.control.post("/faults", json!({ lie.name: on })).await;
        assert_ne!(arranged(), before, "{}", lie.name);
        if let Some(off) = off {
            net.control.post("/faults", json!({ lie.name: off })).await;
        }
        let (status, _) =
            net.control.ask("POST", "/faults", &json!({lie.name: []}).to_string()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{}", lie.name);
    }
}

#[test]
fn the_page_has_every_door_and_every_lie() {
    let page = include_str!("../../../SIMULATE.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let doors: Vec<String> =
        DOORS.iter().map(|d| format!("| `{} {}` |", d.method, d.path)).collect();
    let told: Vec<&&str> = rows
        .iter()
        .filter(|row| row.starts_with("| `GET /") || row.starts_with("| `POST /"))
        .collect();
    assert_eq!(told.len(), doors.len());
    for (row, door) in told.iter().zip(&doors) {
        assert!(row.starts_with(door), "{row} should begin {door}");
    }
    let lies: Vec<String> = LIES
        .iter()
        .map(|lie| format!("| `{}` | {} | {} |", lie.name, lie.takes(), lie.says))
        .collect();
    let (_, table) = page.split_once("| Fault |").unwrap();
    let told: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(told, lies, "the table should be\n{}", lies.join("\n"));
}
