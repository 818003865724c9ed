//! Callbacks: delivers what is due; and does by itself what is due in the world.

use crate::sim::{World, world::mixpay::callbacks::Callback};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// A merchant has so long to answer; MixPay's own limit is not known.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// At most this many callbacks are on their way at once.
const AT_ONCE_MAX: usize = 64;

/// The client that delivers callbacks. It knows no proxy and trusts no root: it only speaks to
/// this machine.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    // A connection each: one that was kept would lead to a process that has died meanwhile.
    let builder =
        reqwest::Client::builder().no_proxy().timeout(ANSWER_TIME).pool_max_idle_per_host(0);
    let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    match tls {
        Ok(tls) => {
            let tls = tls.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
            builder.tls_backend_preconfigured(tls).build()
        }
        Err(_) => builder.build(),
    }
}

/// Delivers callbacks for ever.
pub(super) async fn run(client: reqwest::Client, world: Arc<World>) {
    let mut changed = world.changed();
    let mut on_their_way = JoinSet::new();
    loop {
        changed.mark_unchanged();
        for callback in world.take_callbacks() {
            if on_their_way.len() >= AT_ONCE_MAX {
                on_their_way.join_next().await;
            }
            on_their_way.spawn(deliver(client.clone(), Arc::clone(&world), callback));
        }
        tokio::select! {
            news = changed.changed() => if news.is_err() { return },
            Some(_) = on_their_way.join_next() => {}
        }
    }
}

async fn deliver(client: reqwest::Client, world: Arc<World>, callback: Callback) {
    let body = serde_json::json!({
        "orderId": callback.order,
        "traceId": callback.trace,
        "payeeId": callback.payee,
    });
    let accepted = match client.post(&callback.url).json(&body).send().await {
        Ok(answer) if answer.status() == reqwest::StatusCode::OK => {
            let body: Option<Value> = answer.json().await.ok();
            let code = body.as_ref().and_then(|body| body.get("code")).and_then(Value::as_str);
            code == Some("SUCCESS")
        }
        Ok(_) | Err(_) => false,
    };
    world.callback_answered(callback.number, accepted);
}

/// Wakes the world when something is due in it.
pub(super) async fn tick(world: Arc<World>) {
    let mut changed = world.changed();
    loop {
        changed.mark_unchanged();
        let due = world.next_due();
        let now = world.clock().now();
        tokio::select! {
            news = changed.changed() => if news.is_err() { return },
            () = sleep(&world, due), if due.is_some_and(|due| due > now) => world.touch(),
        }
    }
}

async fn sleep(world: &World, due: Option<jiff::Timestamp>) {
    if let Some(due) = due {
        world.clock().sleep_until(due).await;
    }
}
