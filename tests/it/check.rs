//! `check` and `keystore` from outside: the program beside a small Mixin and MixPay.
#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test may fail by panicking")]

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Command, Output},
    sync::Arc,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::handshake::server::{Request, Response as Upgrade},
};

const BOT: &str = "7530e5bc-6b90-4588-9730-99795a174bb6";
const TILL: &str = "7b1c9a52-3d4e-4f60-8a7b-9c0d1e2f3a4b";
const DEMO_PAYEE: &str = "8e69e534-d0c4-3e04-8b61-37a73cd9e7d7";
/// The secrets of the keystores that the tests use, and how a token is sent.
const SECRETS: [&str; 3] = [
    "a6f88a960d7c8d9d0a27a7905e3d7f1098f60f01682d0d807efa4457d4729658",
    "6f2a412afabb0694cbdba48cf07d9f6344a0ea2cbbc3be0929c4480fb88d1920",
    "Bearer ",
];

/// What Mixin and MixPay do.
struct Script {
    /// Who Mixin says that the keystore's session is; `None` refuses the token.
    me: Option<&'static str>,
    /// How far Mixin's clock is ahead of ours, in seconds.
    ahead_s: i64,
    /// Whom MixPay takes no payments for.
    not_activated: Vec<&'static str>,
    /// What a bot that is running would say.
    healthy: bool,
}

impl Default for Script {
    fn default() -> Self {
        Self { me: Some(BOT), ahead_s: 0, not_activated: Vec::new(), healthy: true }
    }
}

async fn answer(State(script): State<Arc<Script>>, uri: Uri, body: Bytes) -> Response {
    let body = match uri.path() {
        "/healthz" if script.healthy => return "ok".into_response(),
        "/external/fiats" => json!({ "data": [] }),
        "/me" => me(&script),
        "/v1/setting/quote_assets" => success(&json!([
            { "assetId": "usd", "symbol": "USD", "minQuoteAmount": "0.2", "decimalDigit": 2 }
        ])),
        "/v1/one_time_payment" => one_time_payment(&script, &body),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    #[expect(clippy::disallowed_methods, reason = "the program reads the system's clock as well")]
    let now = Timestamp::now().as_nanosecond() + i128::from(script.ahead_s) * 1_000_000_000;
    ([("X-Server-Time", now.to_string())], body.to_string()).into_response()
}

fn me(script: &Script) -> Value {
    let Some(id) = script.me else {
        return json!({ "error": { "status": 202, "code": 401, "description": "Unauthorized" } });
    };
    json!({ "data": {
        "user_id": id, "identity_number": "7000101422", "full_name": "Coffee\u{1b}[2J till",
        "app": {
            "creator_id": TILL,
            "resource_patterns": ["https://mixpay.me"],
            "capabilities": ["CONTACT", "GROUP"],
        },
    }})
}

fn one_time_payment(script: &Script, body: &[u8]) -> Value {
    let body: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(body["quoteAmount"], "0.2", "the smallest price of the list");
    assert_eq!(body["quoteAssetId"], "usd");
    assert!(body["expiredTimestamp"].is_i64(), "it closes");
    if script.not_activated.iter().any(|payee| body["payeeId"] == *payee) {
        let message = "This payee is not allow to receive payment";
        return json!({ "code": 10007, "success": false, "message": message, "data": [] });
    }
    success(&json!({ "code": body["traceId"] }))
}

fn success(data: &Value) -> Value {
    json!({ "code": 0, "success": true, "message": "", "data": data, "timestampMs": 1 })
}

/// Where the small world listens.
struct World {
    http: String,
    blaze: String,
}

impl World {
    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http = listener.local_addr().unwrap().to_string();
        let router = Router::new().fallback(answer).with_state(Arc::new(script));
        #[expect(clippy::disallowed_methods, reason = "a test ends before its server")]
        drop(tokio::spawn(async move { axum::serve(listener, router).await }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let blaze = format!("ws://{}/", listener.local_addr().unwrap());
        #[expect(clippy::disallowed_methods, reason = "a test ends before its server")]
        drop(tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let agree = |_: &Request, mut upgrade: Upgrade| {
                    let protocol = "Mixin-Blaze-1".parse().unwrap();
                    upgrade.headers_mut().insert("sec-websocket-protocol", protocol);
                    Ok(upgrade)
                };
                drop(accept_hdr_async(socket, agree).await);
            }
        }));
        Self { http, blaze }
    }

    /// Runs `check` in this folder.
    async fn check(&self, folder: &TempDir, more: &[&str]) -> Output {
        let mixin = format!("http://{}", self.http);
        let mixpay = format!("http://{}/v1", self.http);
        let mut arguments = vec![
            "check",
            "--mixin-api-url",
            &mixin,
            "--mixin-blaze-url",
            &self.blaze,
            "--mixpay-api-url",
            &mixpay,
            "--http-listen",
            "127.0.0.1:0",
        ];
        for (flag, value) in more.iter().zip(more.iter().skip(1)).step_by(2) {
            match arguments.iter().position(|argument| argument == flag) {
                Some(at) => arguments[at + 1] = value,
                None => arguments.extend([flag, value]),
            }
        }
        let mut program = program(folder.path(), &arguments);
        tokio::task::spawn_blocking(move || output(&mut program)).await.unwrap()
    }
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mixpay-bot"));
    program.args(arguments).current_dir(folder).env_clear().env("MIXPAY_BOT_LOG", "trace");
    program
}

/// Runs it, and looks for secrets in all that it says.
fn output(program: &mut Command) -> Output {
    let output = program.output().unwrap();
    for said in [&output.stdout, &output.stderr] {
        let said = String::from_utf8_lossy(said);
        for secret in SECRETS {
            assert!(!said.contains(secret), "a secret is told: {said}");
        }
    }
    output
}

/// A folder with this keystore of the vectors, which only its owner can read.
fn folder(keystore: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let vectors =
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/vectors/keystore-ed25519.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(vectors).unwrap()).unwrap();
    let path = folder.path().join("keystore.json");
    std::fs::write(&path, vectors[keystore].to_string()).unwrap();
    readable_by(&path, 0o600);
    folder
}

fn readable_by(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The line about one thing.
fn line(output: &Output, name: &str) -> String {
    let told = told(output);
    let found = told.lines().find(|line| line.get(6..).is_some_and(|rest| rest.starts_with(name)));
    found.unwrap_or_else(|| panic!("{name} is missing in {told}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_in_which_all_is_well_passes() {
    let world = World::start(Script::default()).await;
    let output =
        world.check(&folder("safe_dashboard_keystore"), &["--mixpay-accounts", TILL]).await;
    let told = told(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let words: Vec<&str> = told.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(words, ["ok"; 13], "{told}");
    assert!(line(&output, "Mixin login").contains("Coffee [2J till (7000101422)"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_as_it_could_be_is_a_warning_and_no_failure() {
    let world = World::start(Script { ahead_s: 20, ..Script::default() }).await;
    let folder = folder("safe_keystore_with_spend_key");
    let more = [
        "--http-public-url",
        "http://127.0.0.1:9",
        "--mixpay-web-url",
        "https://pay.example.com",
        "--database-url",
        "sqlite::memory:",
    ];
    let output = world.check(&folder, &more).await;
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    for (name, part) in [
        ("keystore", "spend_private_key"),
        ("database", "in memory"),
        ("http.public_url", "cannot be reached from here"),
        ("clock", "s behind Mixin's"),
        ("Mixin links", "add https://pay.example.com to the resource patterns"),
        ("mixpay.accounts", "unverified"),
    ] {
        let line = line(&output, name);
        assert!(line.starts_with("warn  ") && line.contains(part), "{line}");
    }
    readable_by(&folder.path().join("keystore.json"), 0o644);
    let output = world.check(&folder, &[]).await;
    assert!(line(&output, "keystore").contains("chmod o-rwx keystore.json"), "{}", told(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_mixin_refuses_fail_the_check() {
    let folder = folder("safe_dashboard_keystore");
    let world = World::start(Script { me: None, ..Script::default() }).await;
    let output = world.check(&folder, &[]).await;
    assert_eq!(output.status.code(), Some(1));
    let login = line(&output, "Mixin login");
    assert!(login.starts_with("FAIL") && login.contains("download a new keystore"), "{login}");
    assert!(line(&output, "MixPay ").starts_with("ok"), "the rest is tested nonetheless");
    assert_eq!(
        String::from_utf8_lossy(&output.stderr).lines().last(),
        Some("mixpay-bot: 1 test failed")
    );

    let world = World::start(Script { me: None, ahead_s: 400, ..Script::default() }).await;
    let output = world.check(&folder, &[]).await;
    assert!(line(&output, "clock").starts_with("FAIL"), "{}", told(&output));
    assert!(line(&output, "Mixin login").contains("our clock is"), "{}", told(&output));

    let world = World::start(Script { me: Some(TILL), ..Script::default() }).await;
    let login = line(&world.check(&folder, &[]).await, "Mixin login");
    assert!(login.starts_with("FAIL") && login.contains(TILL), "{login}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payee_that_mixpay_does_not_pay_is_told_in_plain_words() {
    let folder = folder("safe_dashboard_keystore");
    let world = World::start(Script { not_activated: vec![TILL, BOT], ..Script::default() }).await;
    for (more, code, word) in [
        (&["--invoice-payee", TILL][..], 1, "FAIL"),
        (&["--invoice-bot-payee", "true"], 1, "FAIL"),
        (&[], 0, "warn"),
    ] {
        let output = world.check(&folder, more).await;
        assert_eq!(output.status.code(), Some(code), "{more:?}");
        let payee = line(&output, "payee");
        assert!(payee.starts_with(word), "{payee}");
        assert!(payee.contains("the payee is not activated at MixPay"), "{payee}");
    }
    let not_activated = vec![BOT, DEMO_PAYEE];
    let world = World::start(Script { not_activated, ..Script::default() }).await;
    let payee = line(&world.check(&folder, &[]).await, "payee");
    assert!(payee.starts_with("FAIL") && payee.contains("nor for its own demo"), "{payee}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_may_be_taken_by_the_bot_but_by_nobody_else() {
    let folder = folder("safe_dashboard_keystore");
    let world = World::start(Script::default()).await;
    let public = format!("http://{}/", world.http);
    let output =
        world.check(&folder, &["--http-listen", &world.http, "--http-public-url", &public]).await;
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(line(&output, "http.listen").contains("by a bot that is running"));
    assert!(line(&output, "http.public_url").starts_with("ok"));

    let other = World::start(Script { healthy: false, ..Script::default() }).await;
    let output = other.check(&folder, &["--http-listen", &other.http]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(line(&output, "http.listen").contains("by another program"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reached_or_opened_fails_the_check() {
    let folder = folder("safe_dashboard_keystore");
    let world = World { http: "127.0.0.1:9".to_owned(), blaze: "ws://127.0.0.1:9/".to_owned() };
    let output = world.check(&folder, &["--database-url", "sqlite://missing/bot.db"]).await;
    assert_eq!(output.status.code(), Some(1));
    for name in ["database", "clock", "Mixin login", "Blaze", "MixPay"] {
        let line = line(&output, name);
        assert!(line.starts_with("FAIL"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keystore_that_cannot_be_used_ends_with_exit_code_2() {
    let world = World::start(Script::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let missing = world.check(&folder, &[]).await;
    assert_eq!(missing.status.code(), Some(2));
    let said = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(said.contains("keystore keystore.json cannot be read"), "{said}");

    let broken = json!({ "app_id": BOT, "session_id": "x", "session_private_key": SECRETS[0] });
    std::fs::write(folder.path().join("keystore.json"), broken.to_string()).unwrap();
    let output = output(&mut program(folder.path(), &["keystore"]));
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("`session_id`"), "{said}");
}

#[test]
fn a_keystore_is_told_without_its_secrets() {
    let folder = folder("safe_keystore_with_spend_key");
    let output = output(&mut program(folder.path(), &["keystore"]));
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(told(&output), @r"
    kind         Safe keystore
    app          7530e5bc-6b90-4588-9730-99795a174bb6
    session      63340fca-efa8-4d3a-958e-c34df48175de
    session key  Ed25519
    spend key    present (the bot never needs it)
    ");
}
