//! Answers: what each failure of a call means for its caller.

use super::{
    mixin, mixin_at, recorded_clock,
    server::{Server, at, data, error, raw},
};
use axum::response::{IntoResponse, Response};
use mixpay_bot::{
    mixin::verdict::Verdict,
    ports::{
        chat::Chat,
        directory::{Directory, Group, Me, NetworkAsset, Person},
        failure::{CallError, Failure, Reason},
        wallet::Wallet,
    },
};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{io::AsyncReadExt, net::TcpListener};

/// The second at which the recorded clock stands.
const NOW: i64 = 1_735_787_045;
const ID: &str = "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810";

/// What a read and a write come to when the server answers so.
async fn both(answer: impl Fn() -> Response + Send + Sync + 'static) -> [CallError; 2] {
    let server = Server::start(move |_| answer()).await;
    let mixin = mixin(&server.url);
    let read = mixin.snapshots(None, None, 1).await.unwrap_err();
    let write = mixin.acknowledge(&[ID.parse().unwrap()]).await.unwrap_err();
    assert_eq!((read.service, read.call), ("mixin", "GET /safe/snapshots"));
    assert_eq!((write.service, write.call), ("mixin", "POST /acknowledgements"));
    [read, write]
}

async fn meanings(answer: impl Fn() -> Response + Send + Sync + 'static) -> [Failure; 2] {
    both(answer).await.map(|error| error.failure)
}

#[tokio::test]
async fn a_code_in_the_body_decides_whatever_the_status() {
    let [read, write] = both(|| error(10002)).await;
    assert_eq!([read.failure, write.failure], [Failure::Permanent; 2]);
    assert_eq!(read.reason, Reason::Refused { code: 10002, message: "no {}".to_owned() });
    let refused = r#"{"error":{"code":403,"description":null}}"#;
    assert_eq!(meanings(|| raw(200, refused)).await, [Failure::Permanent; 2]);
    assert_eq!(meanings(|| error(500)).await, [Failure::Transient, Failure::Unknown]);
    assert_eq!(meanings(|| error(7001)).await, [Failure::Transient, Failure::Unknown]);
    assert_eq!(meanings(|| error(10105)).await, [Failure::Transient; 2]);
}

#[tokio::test]
async fn too_many_requests_says_how_long_to_wait() {
    for status in [202, 429] {
        let [read, write] = both(move || {
            let body = r#"{"error":{"code":429}}"#;
            ([("Retry-After", "7")], raw(status, body)).into_response()
        })
        .await;
        let retry_after = Some(Duration::from_secs(7));
        for error in [read, write] {
            assert_eq!(error.failure, Failure::Transient);
            assert_eq!(error.reason, Reason::Limited { retry_after });
        }
    }
    let [read, _] = both(|| raw(429, "<html>slow down</html>")).await;
    assert_eq!(read.reason, Reason::Limited { retry_after: None });
}

#[tokio::test]
async fn what_is_no_json_means_that_nobody_knows_if_it_was_written() {
    let html = "<html>".repeat(100);
    let [read, write] = both(move || raw(502, &html)).await;
    assert_eq!([read.failure, write.failure], [Failure::Transient, Failure::Unknown]);
    let Reason::NotUnderstood { status: 502, start } = read.reason else { panic!("{read}") };
    assert_eq!(start.len(), 200);
    let unclear = [Failure::Transient, Failure::Unknown];
    assert_eq!(meanings(|| raw(200, "<html>")).await, unclear);
    assert_eq!(meanings(|| raw(200, "")).await, unclear);
    // Something on the way refused, before Mixin saw it.
    assert_eq!(meanings(|| raw(404, "<html>")).await, [Failure::Transient; 2]);
    assert_eq!(meanings(|| raw(302, "")).await, [Failure::Transient; 2]);
    assert_eq!(meanings(|| raw(413, "<html>")).await, [Failure::Permanent; 2]);
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let long = format!(r#"{{"data":[],"more":"{}"}}"#, "a".repeat(4 << 20));
    assert_eq!(meanings(move || raw(200, &long)).await, [Failure::Transient, Failure::Unknown]);
}

#[tokio::test]
async fn a_connection_that_was_never_made_did_nothing_and_one_that_broke_may_have() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let messages = [ID.parse().unwrap()];
    let mixin = mixin(&url);
    let hang_up = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 16];
        socket.read_exact(&mut request).await.unwrap();
    };
    let (broken, ()) = tokio::join!(mixin.acknowledge(&messages), hang_up);
    let broken = broken.unwrap_err();
    assert_eq!(broken.failure, Failure::Unknown, "{broken}");
    assert!(matches!(broken.reason, Reason::NoAnswer(_)), "{broken}");

    drop(listener);
    let refused = mixin.acknowledge(&messages).await.unwrap_err();
    assert_eq!(refused.failure, Failure::Transient, "{refused}");
    assert!(matches!(refused.reason, Reason::Unreachable(_)), "{refused}");
}

#[tokio::test]
async fn a_401_is_believed_only_if_me_says_so_too_and_the_clocks_agree() {
    let [read, write] = both(|| at(NOW - 299, error(401))).await;
    for refused in [read, write] {
        assert_eq!(refused.failure, Failure::Permanent);
        assert_eq!(refused.reason, Reason::Unauthorized);
    }
    let [read, _] = both(|| at(NOW - 300, error(401))).await;
    assert_eq!(read.failure, Failure::Transient);
    assert_eq!(read.reason, Reason::ClockSkew { seconds: 300 });
    let [read, _] = both(|| at(NOW + 4000, raw(401, "<html>"))).await;
    assert_eq!(read.reason, Reason::ClockSkew { seconds: -4000 });

    let server = Server::start(|asked| match asked.path.as_str() {
        "/me" => data(json!({ "user_id": ID })),
        _ => error(401),
    })
    .await;
    let once = mixin(&server.url).snapshots(None, None, 1).await.unwrap_err();
    assert_eq!(once.failure, Failure::Transient);
    assert_eq!(once.code(), Some(401));
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert_ne!(asked[0].headers["x-request-id"], asked[1].headers["x-request-id"]);

    let server = Server::start(|asked| match asked.path.as_str() {
        "/me" => raw(500, ""),
        _ => error(401),
    })
    .await;
    let unclear = mixin(&server.url).snapshots(None, None, 1).await.unwrap_err();
    assert_eq!(unclear.failure, Failure::Transient);
}

#[tokio::test]
async fn a_machine_in_between_that_refuses_everybody_does_not_speak_for_mixin() {
    let [read, write] = both(|| raw(401, "<html>log in to the network</html>")).await;
    assert_eq!((read.failure, write.failure), (Failure::Transient, Failure::Transient));
    assert!(matches!(read.reason, Reason::NotUnderstood { status: 401, .. }), "{read}");
}

#[tokio::test]
async fn while_our_clock_is_off_mixin_is_asked_once_a_minute_for_all_callers_together() {
    let server = Server::start(|_| at(NOW + 4_200, error(401))).await;
    let clock = recorded_clock();
    let mixin = mixin_at(&server.url, clock.clone());
    let mut verdict = mixin.verdict();
    let messages = [ID.parse().unwrap()];
    for _ in 0..300 {
        for refused in [
            mixin.acknowledge(&messages).await.unwrap_err(),
            mixin.snapshots(None, None, 1).await.unwrap_err(),
            mixin.user(ID.parse().unwrap()).await.unwrap_err(),
        ] {
            assert_eq!(refused.failure, Failure::Transient);
            assert!(matches!(refused.reason, Reason::ClockSkew { .. }), "{refused}");
        }
        clock.advance(Duration::from_secs(1));
    }
    // The call that found it out, and one in each of the five minutes.
    let asked: Vec<_> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(asked.len(), 6, "{asked:?}");
    assert!(asked.iter().skip(1).all(|path| path == "/me"), "{asked:?}");
    assert!(matches!(*verdict.borrow_and_update(), Verdict::Skewed(_)));
}

#[tokio::test]
async fn once_the_clock_is_right_calls_are_made_again() {
    let right = Arc::new(AtomicBool::new(false));
    let is_right = Arc::clone(&right);
    let server = Server::start(move |_| {
        if is_right.load(Ordering::Relaxed) { data(json!([])) } else { at(NOW + 420, error(401)) }
    })
    .await;
    let clock = recorded_clock();
    let mixin = mixin_at(&server.url, clock.clone());
    mixin.snapshots(None, None, 1).await.unwrap_err();
    right.store(true, Ordering::Relaxed);
    mixin.snapshots(None, None, 1).await.unwrap_err();
    clock.advance(Duration::from_secs(61));
    mixin.snapshots(None, None, 1).await.unwrap();
    assert_eq!(*mixin.verdict().borrow(), Verdict::Good);
}

#[tokio::test]
async fn what_mixin_does_not_know_is_none_and_not_an_error() {
    for code in [404, 10002] {
        let server = Server::start(move |_| error(code)).await;
        let mixin = mixin(&server.url);
        assert_eq!(mixin.user(ID.parse().unwrap()).await, Ok(None));
        assert_eq!(mixin.search("7000100000").await, Ok(None));
        assert_eq!(mixin.group(ID.parse().unwrap()).await, Ok(None));
        assert_eq!(mixin.asset(ID.parse().unwrap()).await, Ok(None));
        assert_eq!(mixin.assets_of("XYZ").await, Ok(vec![]));
        assert_eq!(mixin.snapshot(ID.parse().unwrap()).await, Ok(None));
        assert!(mixin.me().await.is_err());
    }
}

#[tokio::test]
async fn people_groups_and_assets_are_read_and_missing_fields_are_borne() {
    let server = Server::start(|asked| match asked.path.split('/').nth(1).unwrap() {
        "me" => data(json!({
            "user_id": ID, "identity_number": "7000101422", "full_name": "till",
            "app": {
                "creator_id": ID, "capabilities": ["GROUP"], "resource_patterns": ["https://a.b"],
            },
        })),
        "users" if asked.path == "/users/fetch" => data(json!([
            { "user_id": "?" }, { "user_id": 7 },
            { "user_id": ID, "full_name": "Bob", "identity_number": "37160854", "app": null },
        ])),
        "users" => data(json!({ "user_id": ID, "full_name": null, "app": null, "is_scam": false })),
        "conversations" => data(json!({ "name": "friends", "participants": [
            { "user_id": ID, "role": "OWNER" },
            { "user_id": "4d8c508b-91c5-375b-92b0-ee702ed2dac5", "role": "" },
            { "user_id": "", "role": "ADMIN" },
        ]})),
        _ => data(json!([
            { "asset_id": ID, "symbol": "BTC", "name": "Bitcoin", "chain_id": ID },
            { "asset_id": "?" },
        ])),
    })
    .await;
    let mixin = mixin(&server.url);
    let id = ID.parse().unwrap();
    let person =
        Person { id, number: "7000101422".to_owned(), name: "till".to_owned(), is_bot: true };
    let me = Me {
        person,
        owner: Some(id),
        resource_patterns: vec!["https://a.b".to_owned()],
        capabilities: vec!["GROUP".to_owned()],
    };
    assert_eq!(mixin.me().await, Ok(me));
    let nameless = Person { id, number: String::new(), name: String::new(), is_bot: false };
    assert_eq!(mixin.user(id).await, Ok(Some(nameless)));
    let (number, name) = ("37160854".to_owned(), "Bob".to_owned());
    let bob = Person { id, number, name, is_bot: false };
    assert_eq!(mixin.users(&[id]).await, Ok(vec![bob]), "one odd person hides nobody");
    let group = Group { name: "friends".to_owned(), admins: vec![id] };
    assert_eq!(mixin.group(ID.parse().unwrap()).await, Ok(Some(group)));
    let asset = NetworkAsset {
        id: ID.parse().unwrap(),
        symbol: "BTC".to_owned(),
        name: "Bitcoin".to_owned(),
        chain: Some(ID.parse().unwrap()),
    };
    assert_eq!(mixin.assets_of("BTC").await, Ok(vec![asset]));
}

#[tokio::test]
async fn one_odd_transfer_does_not_hide_the_others() {
    let good = json!({
        "snapshot_id": ID, "asset_id": ID, "amount": "1", "created_at": "2025-01-02T03:04:05Z",
    });
    let server = Server::start(move |_| data(json!([{ "amount": "much" }, good]))).await;
    let page = mixin(&server.url).snapshots(None, None, 9).await.unwrap();
    assert_eq!((page.transfers.len(), page.rows), (1, 2), "one that is odd still counts");
    assert_eq!(page.last.as_deref(), Some("2025-01-02T03:04:05Z"));
    let odd = json!({ "amount": "much", "created_at": "2025-01-02T03:04:06Z" });
    let server = Server::start(move |_| data(json!([odd, { "created_at": "soon" }]))).await;
    let page = mixin(&server.url).snapshots(None, None, 2).await.unwrap();
    assert_eq!((page.transfers.len(), page.rows), (0, 2));
    assert_eq!(page.last.as_deref(), Some("2025-01-02T03:04:06Z"));
}

#[tokio::test]
async fn a_failed_upload_may_be_tried_again() {
    let place = Server::start(|_| raw(403, "signature=secret")).await;
    let upload = place.url.clone();
    let server = Server::start(move |_| {
        data(json!({ "attachment_id": "a7", "upload_url": upload.as_str() }))
    })
    .await;
    let error = mixin(&server.url).upload(vec![1]).await.unwrap_err();
    assert_eq!(error.failure, Failure::Transient);
    assert!(!error.to_string().contains("secret"), "{error}");
    let server = Server::start(|_| raw(500, "")).await;
    assert_eq!(mixin(&server.url).upload(vec![1]).await.unwrap_err().failure, Failure::Transient);
}
