//! MixPay's API and its pages (mixpay.md).

mod lists;
mod read;
mod views;

use super::{Answer, Asked, json, proxy_page, set, trouble, with_type};
use crate::sim::{
    World,
    world::{
        faults::{self, Service, Trouble},
        mixpay::{
            Kind, Params, REQUESTS_MAX, Refused,
            create::estimate,
            order::Maker,
            report::{self, Reported},
        },
    },
};
use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use jiff::Timestamp;
use serde_json::{Value, json as value};
use std::sync::Arc;

/// Answers a request to the API or to a page.
pub(super) async fn answer(world: Arc<World>, asked: Asked) -> Answer {
    let is_api = asked.path.starts_with("/v1/");
    let trouble = trouble(&world, Service::MixPay).await;
    if trouble == Some(Trouble::Cut) {
        return Answer::Cut;
    }
    if !is_api {
        return Answer::This(page(&world, &asked));
    }
    let left = world.count_mixpay_request();
    let (status, body) = match (trouble, left) {
        (Some(Trouble::Html), _) => return Answer::This(proxy_page()),
        (Some(Trouble::Limited), _) | (_, None) => {
            (StatusCode::TOO_MANY_REQUESTS, refusal(&world, Refused::TOO_MANY))
        }
        (Some(Trouble::Error), _) => (StatusCode::INTERNAL_SERVER_ERROR, server_error(&world)),
        (Some(Trouble::Cut) | None, Some(_)) => match route(&world, &asked) {
            Ok(Routed { made: true, .. }) if spoiled(&world, Spoil::Cut) => return Answer::Cut,
            Ok(Routed { made: true, .. }) if spoiled(&world, Spoil::Error) => {
                (StatusCode::INTERNAL_SERVER_ERROR, server_error(&world))
            }
            Ok(Routed { data, at, .. }) => (StatusCode::OK, envelope(at, 0, "", &data)),
            Err(refused) if refused == Refused::NO_PATH => {
                (StatusCode::NOT_FOUND, refusal(&world, refused))
            }
            Err(refused) => (StatusCode::OK, refusal(&world, refused)),
        },
    };
    let mut response = json(status, &body);
    if status == StatusCode::TOO_MANY_REQUESTS
        && let Some(says) = world.retry_after(Service::MixPay)
    {
        set(&mut response, "retry-after", &says);
    }
    set(&mut response, "x-ratelimit-limit", &REQUESTS_MAX.to_string());
    set(&mut response, "x-ratelimit-remaining", &left.unwrap_or_default().to_string());
    Answer::This(response)
}

/// MixPay's time.
fn time(world: &World) -> Timestamp {
    world.read(|state, now| now.saturating_add(state.faults.mixpay_clock_ahead).unwrap_or(now))
}

fn envelope(at: Timestamp, code: i64, message: &str, data: &Value) -> Value {
    value!({
        "code": code,
        "success": code == 0,
        "message": message,
        "data": data,
        "timestampMs": at.as_millisecond(),
    })
}

fn refusal(world: &World, refused: Refused) -> Value {
    envelope(time(world), refused.code, refused.message, &value!([]))
}

fn server_error(world: &World) -> Value {
    envelope(time(world), -1, "Server error, please try again later.", &Value::Null)
}

#[derive(Clone, Copy)]
enum Spoil {
    Cut,
    Error,
}

/// Whether the answer to a creation that was made is spoiled.
fn spoiled(world: &World, how: Spoil) -> bool {
    world.change(|m| match how {
        Spoil::Cut => faults::take(&mut m.state.faults.mixpay_made_then_cut),
        Spoil::Error => faults::take(&mut m.state.faults.mixpay_made_then_500),
    })
}

/// The data of an answer, and whether a payment was made for it.
struct Routed {
    data: Value,
    made: bool,
    /// MixPay's time, as it is told.
    at: Timestamp,
}

fn route(world: &World, asked: &Asked) -> Result<Routed, Refused> {
    let segments = asked.segments();
    let path = segments.get(1..).unwrap_or_default();
    let query = || read::query(&asked.query);
    let made = asked.method == Method::POST && matches!(path, ["one_time_payment" | "payments"]);
    let data = match (&asked.method, path) {
        (&Method::POST, ["one_time_payment"]) => {
            let checkout = world.create(&read::body(asked)?, Maker::OneTime)?;
            Ok(value!({"code": checkout.code.to_string()}))
        }
        (&Method::POST, ["payments"]) => {
            let checkout = world.create(&read::body(asked)?, Maker::Direct)?;
            views::direct(&checkout).ok_or(Refused::PARAMETER)
        }
        (&Method::POST, ["payments", "refresh"]) => {
            let checkout = world.refresh(&read::body(asked)?)?;
            views::direct(&checkout).ok_or(Refused::PARAMETER)
        }
        (&Method::GET, ["payments_info"]) => {
            let trace = query().uuid("traceId")?.ok_or(Refused::PARAMETER)?;
            let found = world.checkout(&trace.to_string());
            let direct = found.filter(|c| matches!(c.kind, Kind::DirectMixin | Kind::DirectChain));
            direct.as_ref().and_then(views::direct).ok_or(Refused::NO_PAYMENT)
        }
        (&Method::GET, ["payments_result"]) => {
            let (data, at) = result(world, &query())?;
            return Ok(Routed { data, made, at });
        }
        (&Method::GET, ["payments_estimated"]) => Ok(views::estimate(&estimate(&query())?)),
        (&Method::GET, ["setting", list]) => lists::list(list, &query()),
        (&Method::GET, ["user", "mixin_uuid", number]) => {
            let person = world.person_by_number(number).filter(|person| person.uses_mixpay);
            let person = person.ok_or(Refused::NO_USER)?;
            Ok(value!({"payeeId": person.id.to_string()}))
        }
        (&Method::POST, ["multisig"]) => {
            let id = world.multisig(&read::body(asked)?)?;
            Ok(value!({"multisigId": id.to_string()}))
        }
        _ => Err(Refused::NO_PATH),
    }?;
    Ok(Routed { data, made, at: time(world) })
}

/// `GET /payments_result`; with MixPay's time, as it is told.
fn result(world: &World, query: &Params) -> Result<(Value, Timestamp), Refused> {
    let parts: Vec<_> =
        query.text("with")?.map(|with| with.split(',').collect()).unwrap_or_default();
    if parts.iter().any(|part| !matches!(*part, "payment" | "transactions")) {
        return Err(Refused::PARAMETER);
    }
    let about = report::Asked::read(query)?;
    let Reported { checkout, status, at } = world.report(&about).ok_or(Refused::NO_PAYMENT)?;
    let payee = world.person(checkout.payee);
    let mut view = views::result(&checkout, payee.as_ref());
    if let Some(fields) = view.as_object_mut() {
        fields.insert("status".to_owned(), status.into());
        if parts.contains(&"transactions") {
            fields.insert("transactions".to_owned(), views::transactions(&checkout));
        }
        if parts.contains(&"payment") {
            fields.insert("payment".to_owned(), views::payment(&checkout));
        }
    }
    Ok((view, at))
}

/// A page, as far as somebody who follows a link in a browser needs one.
fn page(world: &World, asked: &Asked) -> Response {
    let text = match asked.segments().as_slice() {
        ["code", code] => world.checkout(code).map(|checkout| views::page(&checkout)),
        ["pay"] => Some("A simulated pay page: nothing is paid here.\n".to_owned()),
        _ => None,
    };
    let status = if text.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    with_type(status, "text/plain; charset=utf-8", text.unwrap_or_default())
}
