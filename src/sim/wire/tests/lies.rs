//! Every lie that can be arranged, as a client sees it.

use super::*;

const RESULT: &str = "/payments_result?traceId=5d2f6a1e-8c3b-4e7a-9f10-2b4c6d8e0f12";

impl Net {
    /// Somebody's one-time payment, asked for by the bot.
    async fn ordered(&self) {
        let made = self.mixpay(Method::POST, "/one_time_payment", Some(self.order())).await;
        assert_eq!(made["code"], 0);
    }

    async fn result(&self) -> Value {
        self.mixpay(Method::GET, RESULT, None).await
    }
}

/// What a message says.
fn text(frame: &Value) -> String {
    let data = BASE64_URL_SAFE_NO_PAD.decode(frame["data"]["data_base64"].as_str().unwrap());
    String::from_utf8(data.unwrap()).unwrap()
}

#[tokio::test]
async fn an_answer_that_breaks_off_has_a_beginning_and_what_it_answers_was_done() {
    let net = Net::up().await;
    net.world.faults(|faults, _| faults.mixpay.broken = 1);
    let url = format!("{}/one_time_payment", net.at().mixpay_api_url);
    let mut answer = net.http.post(&url).json(&net.order()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let length: usize = answer.headers()["content-length"].to_str().unwrap().parse().unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap().len(), length / 2);
    assert!(answer.chunk().await.is_err());
    assert_eq!(net.world.checkouts(), 1);
    net.ordered().await;
}

#[tokio::test]
async fn an_answer_that_never_comes_leaves_the_connection_open_and_its_request_done() {
    let net = Net::up().await;
    net.says("Hi");
    net.world.faults(|faults, _| faults.mixin.unanswered = 1);
    let mut changed = net.world.changed();
    let reply = post(&net.world, net.alice, TRACE, "Hello");
    let asked = net.ask("POST", "/messages", &reply);
    let shown = async {
        while net.world.shown(net.alice, Place::Private).is_empty()
            || net.world.activity().requests_in_flight > 0
        {
            changed.changed().await.unwrap();
        }
    };
    tokio::select! {
        biased;
        answer = asked => panic!("{answer}"),
        () = shown => {}
    }
    assert!(net.ask("POST", "/messages", &reply).await["error"].is_null());
    assert_eq!(net.world.shown(net.alice, Place::Private).len(), 1);
}

#[tokio::test]
async fn acknowledgements_and_uploads_can_be_done_and_answered_with_500() {
    let net = Net::up().await;
    let said = net.world.say(net.alice, Place::Private, "Hi").unwrap();
    net.world.faults(|faults, _| {
        faults.acknowledged_then_500 = 1;
        faults.uploaded_then_500 = 1;
    });
    let receipts = json!([{"message_id": said.message.to_string(), "status": "READ"}]).to_string();
    assert_eq!(net.ask("POST", "/acknowledgements", &receipts).await["error"]["code"], 500);
    assert!(net.world.activity().is_quiet(), "it is acknowledged all the same");
    assert!(net.ask("POST", "/acknowledgements", &receipts).await["error"].is_null());
    let room = net.ask("POST", "/attachments", "").await["data"].clone();
    let put = async || {
        let url = room["upload_url"].as_str().unwrap();
        let put = net.http.put(url).header("x-amz-acl", "public-read");
        let put = put.header("content-type", "application/octet-stream").body("PNG");
        put.send().await.unwrap().status()
    };
    assert_eq!(put().await, StatusCode::INTERNAL_SERVER_ERROR);
    let id = room["attachment_id"].as_str().unwrap();
    assert_eq!(net.world.attachment(id), Some(b"PNG".to_vec()), "it is kept all the same");
    assert_eq!(put().await, StatusCode::OK);
}

#[tokio::test]
async fn a_proxys_page_a_limit_and_an_error_come_instead_of_an_answer() {
    let net = Net::up().await;
    let status = async || {
        let url = format!("{}/network/assets/top", net.at().mixin_api_url);
        let answer = net.http.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap().to_owned())
    };
    net.world.faults(|faults, _| {
        faults.mixin.limited = 1;
        faults.mixin.errors = 1;
    });
    let json = "application/json".to_owned();
    assert_eq!(status().await, (500, json.clone()));
    assert_eq!(status().await, (429, json.clone()));
    assert_eq!(status().await, (200, json));
    net.world.faults(|faults, now| {
        faults.mixin.html_until = now.checked_add(jiff::SignedDuration::from_secs(1)).ok();
    });
    assert_eq!(status().await, (502, "text/html".to_owned()));
    net.clock.advance(Duration::from_secs(1));
    assert_eq!(status().await.0, 200);
}

#[tokio::test]
async fn messages_that_are_pushed_together_come_in_another_order() {
    let net = Net::up().await;
    let said = ["one", "two", "three"];
    for text in said {
        net.says(text);
    }
    net.world.faults(|faults, _| faults.shuffled_pushes = 1);
    let order = async || {
        let mut socket = net.blaze().await;
        let mut order = Vec::new();
        for _ in said {
            order.push(text(&next(&mut socket).await));
        }
        order
    };
    let mut shuffled = order().await;
    assert_ne!(shuffled, said);
    shuffled.sort();
    assert_eq!(shuffled, ["one", "three", "two"]);
    assert_eq!(order().await, said);
}

#[tokio::test]
async fn a_late_message_is_overtaken_and_comes_when_its_time_has_come() {
    let net = Net::up().await;
    net.world.faults(|faults, _| {
        faults.pushes_late = 1;
        faults.pushes_late_by = Duration::from_secs(5);
    });
    net.says("first");
    assert!(net.world.activity().is_quiet(), "nothing happens by itself until time passes");
    assert_eq!(
        net.world.next_due(),
        net.clock.now().checked_add(jiff::SignedDuration::from_secs(5)).ok()
    );
    let mut socket = net.blaze().await;
    net.says("second");
    assert_eq!(text(&next(&mut socket).await), "second");
    net.clock.advance(Duration::from_secs(5));
    assert_eq!(text(&next(&mut socket).await), "first");
}

#[tokio::test]
async fn a_frame_that_breaks_off_takes_its_connection_along() {
    let net = Net::up().await;
    let mut socket = net.blaze().await;
    net.world.faults(|faults, _| faults.broken_frames = 1);
    net.says("Hi");
    while let Some(Ok(frame)) = socket.next().await {
        assert!(frame.is_ping(), "{frame:?}");
    }
    let mut socket = net.blaze().await;
    assert_eq!(text(&next(&mut socket).await), "Hi");
}

#[tokio::test]
async fn a_half_open_connection_stays_silent_while_a_new_one_works() {
    let net = Net::up().await;
    let mut old = net.blaze().await;
    net.world.faults(|faults, _| faults.half_open_blaze());
    net.says("Hi");
    send(&mut old, &json!({"id": "2", "action": "LIST_PENDING_MESSAGES"})).await;
    let mut new = net.blaze().await;
    tokio::select! {
        biased;
        frame = next(&mut old) => panic!("{frame}"),
        frame = next(&mut new) => assert_eq!(text(&frame), "Hi"),
    }
}

#[tokio::test]
async fn results_change_their_mind_between_pending_and_unpaid() {
    let net = Net::up().await;
    net.ordered().await;
    net.world.faults(|faults, _| faults.mixpay_fickle_results = 2);
    assert_eq!(net.result().await["data"]["status"], "pending");
    net.world.pay(TRACE, &Payment::default().on_chain()).unwrap();
    let fickle = net.result().await;
    assert_eq!(fickle["data"]["status"], "unpaid");
    has_shape_of(&fickle, fixture!("payments_result.unpaid"));
    assert_eq!(fickle["data"]["txid"], "");
    assert_eq!(net.result().await["data"]["status"], "pending");
    net.world.confirm_all(TRACE);
    net.world.faults(|faults, _| faults.mixpay_fickle_results = 1);
    assert_eq!(net.result().await["data"]["status"], "success", "no lie fits");
}

#[tokio::test]
async fn a_stale_result_says_what_was_true_before_with_the_time_of_then() {
    let net = Net::up().await;
    net.ordered().await;
    let before = net.result().await;
    net.clock.advance(Duration::from_mins(1));
    net.world.pay(TRACE, &Payment::default()).unwrap();
    net.world.faults(|faults, _| faults.mixpay_stale_results = 1);
    assert_eq!(net.result().await, before);
    let after = net.result().await;
    assert_eq!(after["data"]["status"], "success");
    assert!(after["timestampMs"].as_i64() > before["timestampMs"].as_i64());
}

#[tokio::test]
async fn a_status_may_be_one_that_nobody_knows() {
    let net = Net::up().await;
    net.ordered().await;
    net.world.faults(|faults, _| faults.mixpay_strange_results = 1);
    assert_eq!(net.result().await["data"]["status"], "reconsidering");
    assert_eq!(net.result().await["data"]["status"], "unpaid");
}

#[tokio::test]
async fn callbacks_come_in_storms_late_and_for_events_that_nobody_asked_for() {
    let net = Net::up().await;
    net.world.habits(|habits| habits.settles_after = None);
    let (url, calls, _tasks) = merchant(0).await;
    let mut order = net.order();
    order["callbackUrl"] = url.into();
    net.mixpay(Method::POST, "/one_time_payment", Some(order)).await;
    net.world.faults(|faults, _| {
        faults.callbacks_unwanted = 1;
        faults.callback_storms = 1;
        faults.callback_copies = 3;
        faults.callbacks_late = 1;
        faults.callbacks_late_by = Duration::from_secs(5);
    });
    let accepted = async |count: u64| {
        let mut changed = net.world.changed();
        while net.world.callback_counts().0 < count {
            changed.changed().await.unwrap();
        }
    };
    net.world.pay(TRACE, &Payment::default().on_chain()).unwrap();
    assert!(net.world.activity().is_quiet(), "they are late");
    net.clock.advance(Duration::from_secs(5));
    accepted(4).await;
    net.world.confirm_all(TRACE);
    accepted(5).await;
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 5);
    assert!(calls.iter().all(|call| call["traceId"] == TRACE));
}

#[tokio::test]
async fn a_service_says_how_long_to_stay_away_in_every_form_that_there_is() {
    let net = Net::up().await;
    for said in ["30", "31536000", "Sun, 22 Nov 2026 14:00:00 GMT", "soon", "-1", "1e9"] {
        net.world.faults(|faults, _| {
            for outage in [&mut faults.mixin, &mut faults.mixpay] {
                (outage.limited, outage.retry_after) = (1, Some(said.to_owned()));
            }
        });
        let at = net.at();
        for url in [format!("{}/me", at.mixin_api_url), format!("{}{RESULT}", at.mixpay_api_url)] {
            let answer = net.http.get(&url).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "{url}");
            assert_eq!(answer.headers()["retry-after"], said, "{url}");
        }
    }
}

#[tokio::test]
async fn credentials_are_refused_over_http_while_blaze_goes_on() {
    let net = Net::up().await;
    let mut socket = net.blaze().await;
    net.world.faults(|faults, now| {
        faults.mixin_unauthorized_until = now.checked_add(jiff::SignedDuration::from_secs(9)).ok();
    });
    net.says("Hi");
    assert_eq!(text(&next(&mut socket).await), "Hi");
    assert_eq!(net.ask("GET", "/me", "").await["error"]["code"], 401);
    assert!(net.world.violations().is_empty(), "the token was right");
    net.clock.advance(Duration::from_secs(9));
    assert!(net.ask("GET", "/me", "").await["error"].is_null());
}

#[tokio::test]
async fn a_poisoned_message_is_answered_with_500_or_never_whatever_goes_with_it() {
    let net = Net::up().await;
    net.says("Hi");
    net.world.faults(|faults, _| faults.messages_poisoned_500 = 1);
    let reply = post(&net.world, net.alice, TRACE, "Hello");
    for _ in 0..2 {
        assert_eq!(net.ask("POST", "/messages", &reply).await["error"]["code"], 500);
    }
    net.world.faults(|faults, _| {
        faults.cure();
        faults.messages_poisoned_late = 1;
    });
    let asked = net.ask("POST", "/messages", &reply);
    let poisoned = async {
        let mut changed = net.world.changed();
        while net.world.faults(|faults, _| faults.messages_poisoned_late) > 0 {
            changed.changed().await.unwrap();
        }
    };
    tokio::select! {
        biased;
        answer = asked => panic!("{answer}"),
        () = poisoned => {}
    }
    net.world.faults(|faults, _| faults.cure());
    assert!(net.world.shown(net.alice, Place::Private).is_empty());
    assert!(net.ask("POST", "/messages", &reply).await["error"].is_null());
    assert_eq!(net.world.shown(net.alice, Place::Private).len(), 1);
}

#[tokio::test]
async fn acknowledgements_can_be_refused_for_good_or_be_down() {
    let net = Net::up().await;
    let said = net.world.say(net.alice, Place::Private, "Hi").unwrap().message;
    let receipts = json!([{"message_id": said.to_string(), "status": "READ"}]).to_string();
    let code = async || {
        let answer = net.ask("POST", "/acknowledgements", &receipts).await;
        answer["error"]["code"].as_i64()
    };
    net.world.faults(|faults, _| faults.acknowledgement_refused = Some(said));
    assert_eq!((code().await, code().await), (Some(10002), Some(10002)));
    net.world.faults(|faults, now| {
        faults.cure();
        faults.acknowledgements_down_until =
            now.checked_add(jiff::SignedDuration::from_secs(9)).ok();
    });
    assert_eq!(code().await, Some(500));
    assert_eq!(net.world.activity().unacknowledged, 1);
    net.clock.advance(Duration::from_secs(9));
    assert_eq!(code().await, None);
    assert!(net.world.activity().is_quiet());
}

#[tokio::test]
async fn mixpay_tells_far_times_and_writes_amounts_with_exponents() {
    let net = Net::up().await;
    net.ordered().await;
    net.world.pay(TRACE, &Payment::default()).unwrap();
    let truth = net.result().await;
    let times =
        [("4102444800000", json!(4_102_444_800_000_i64)), ("0", json!(0)), ("soon", json!("soon"))];
    for (said, told) in times {
        net.world.faults(|faults, _| {
            faults.mixpay_timestamp = Some(said.to_owned());
            faults.mixpay_date = Some(said.to_owned());
        });
        let lie = net.result().await;
        assert_eq!((&lie["timestampMs"], &lie["data"]["date"]), (&told, &told));
        assert_eq!(lie["data"]["status"], truth["data"]["status"]);
    }
    net.world.faults(|faults, _| {
        faults.end();
        faults.mixpay_exponents = true;
    });
    let lie = net.result().await;
    let amounts = ["quoteAmount", "paymentAmount", "payableAmount", "settleAmount"];
    let amounts = amounts.map(|name| lie["data"][name].clone());
    assert!(amounts.iter().any(|amount| amount.as_str().is_some_and(|text| text.contains('e'))));
    assert!(amounts.iter().any(Value::is_number), "{amounts:?}");
}
