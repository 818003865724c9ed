//! What HTTP can do to a call: pages of proxies, broken connections, no answer, too much of one.

use super::{
    double::{Double, Reply, client_of},
    refusals::{READS, WRITES, Which, make},
    sample,
};
use mixpay_bot::{
    mixpay::{ANSWER_BYTES_MAX, MixPay},
    ports::failure::{CallError, Failure, Reason},
};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};

/// Every call fails, reads with the one meaning and writes with the other.
async fn fails(mixpay: &MixPay, read: Failure, write: Failure, reason: fn(&Reason) -> bool) {
    let calls = READS.iter().map(|which| (*which, read));
    for (which, failure) in calls.chain(WRITES.iter().map(|which| (*which, write))) {
        let error: CallError = make(which, mixpay).await.unwrap_err();
        assert_eq!(error.failure, failure, "{which:?}: {error}");
        assert!(reason(&error.reason), "{which:?}: {error}");
    }
}

fn not_understood(reason: &Reason) -> bool {
    matches!(reason, Reason::NotUnderstood { start, .. } if start.chars().count() <= 200)
}

#[tokio::test]
async fn a_page_instead_of_json_says_nothing_about_a_write() {
    let long = format!("<html>{}", "é".repeat(500));
    let garbage: &[(u16, &[u8])] = &[
        (200, b"<html>maintenance</html>"),
        (200, b""),
        (200, b"null"),
        (200, br#"{"code":0,"success":true,"data":[]}"#),
        (200, br#"{"code":0,"success":true"#),
        (200, &[0xff, 0x00]),
        (403, b"<html>blocked</html>"),
        (500, long.as_bytes()),
        (502, b"Bad Gateway"),
        (503, br#"{"code":0,"success":true,"data":{"status":"success"}}"#),
    ];
    for (status, body) in garbage {
        let double = Double::answering(*status, *body).await;
        // An empty list is a fine list of assets.
        let reads = READS.iter().filter(|which| !matches!(which, Which::Assets(_)));
        for which in reads {
            let error = make(*which, &double.mixpay).await.unwrap_err();
            assert_eq!(error.failure, Failure::Transient, "{status} {which:?}: {error}");
            assert!(not_understood(&error.reason), "{status} {which:?}: {error}");
        }
        for which in WRITES {
            let error = make(*which, &double.mixpay).await.unwrap_err();
            assert_eq!(error.failure, Failure::Unknown, "{status} {which:?}: {error}");
            assert!(not_understood(&error.reason), "{status} {which:?}: {error}");
        }
    }
}

#[tokio::test]
async fn a_refusal_from_a_failing_server_says_nothing_about_a_write() {
    let double = Double::answering(500, r#"{"code":1017,"success":false,"data":[]}"#).await;
    fails(&double.mixpay, Failure::Transient, Failure::Unknown, |reason| {
        matches!(reason, Reason::Refused { code: 1017, .. })
    })
    .await;
}

#[tokio::test]
async fn a_failing_server_does_not_say_that_a_payment_is_missing() {
    let double = Double::answering(500, sample("payments_result.error_404.json")).await;
    let error = make(Which::Result, &double.mixpay).await.unwrap_err();
    assert_eq!(error.failure, Failure::Transient);
}

#[tokio::test]
async fn too_many_requests_come_as_a_status_or_as_a_code() {
    for (status, body) in [(429, "<html>slow down</html>"), (200, r#"{"code":1429}"#)] {
        let body = body.as_bytes().to_vec();
        let double = Double::replying(Reply { status, retry_after: Some("17"), body }).await;
        fails(&double.mixpay, Failure::Transient, Failure::Transient, |reason| {
            *reason == Reason::Limited { retry_after: Some(Duration::from_secs(17)) }
        })
        .await;
    }
    // By our clock that was before, or no time at all.
    let vague = Some("Wed, 21 Oct 2015 07:28:00 GMT");
    let double = Double::replying(Reply { status: 429, retry_after: vague, body: vec![] }).await;
    let limited = |reason: &Reason| *reason == Reason::Limited { retry_after: None };
    fails(&double.mixpay, Failure::Transient, Failure::Transient, limited).await;
}

#[tokio::test]
async fn an_answer_is_not_read_beyond_its_limit() {
    let answer = sample("one_time_payment.success.json");
    let mut body = answer.into_bytes();
    body.resize(ANSWER_BYTES_MAX, b' ');
    let fits = Double::answering(200, body).await;
    assert_eq!(make(Which::Open, &fits.mixpay).await, Ok(()));
    let mut body = vec![b' '; ANSWER_BYTES_MAX];
    body.extend_from_slice(sample("one_time_payment.success.json").as_bytes());
    let double = Double::answering(200, body).await;
    fails(&double.mixpay, Failure::Transient, Failure::Unknown, not_understood).await;
}

#[tokio::test]
async fn a_connection_that_was_never_made_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mixpay = client_of(&format!("http://{address}/v1"));
    fails(
        &mixpay,
        Failure::Transient,
        Failure::Transient,
        |reason| matches!(reason, Reason::Unreachable(why) if !why.contains("/v1")),
    )
    .await;
}

#[tokio::test]
async fn a_connection_that_breaks_may_have_sent_the_request() {
    // The second answer stops in the middle of its body.
    for answer in ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"code\":0,"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mixpay = client_of(&format!("http://{}/v1", listener.local_addr().unwrap()));
        let mut server = JoinSet::new();
        server.spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut request = [0; 16];
                socket.read_exact(&mut request).await.unwrap();
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        fails(
            &mixpay,
            Failure::Transient,
            Failure::Unknown,
            |reason| matches!(reason, Reason::NoAnswer(why) if !why.contains("/v1")),
        )
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_deadline() {
    // Connections are made by the system, and nobody ever answers.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mixpay = client_of(&format!("http://{}/v1", listener.local_addr().unwrap()));
    fails(
        &mixpay,
        Failure::Transient,
        Failure::Unknown,
        |reason| matches!(reason, Reason::NoAnswer(why) if why.contains("8 s")),
    )
    .await;
}
