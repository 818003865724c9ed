//! Money: paying, well or badly; confirming; transfers; and what MixPay knows.

use super::{Asked, Wrong, id, maybe, or_null, parsed, people};
use crate::{
    domain::{
        amount::Amount,
        asset::QuoteAsset,
        ids::{AssetId, UserId},
    },
    sim::{
        How, Means, Payment, Transfer, World, coins,
        world::mixpay::{Checkout, PayError, Stage},
    },
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// What payment is meant: exactly one of these.
#[derive(Deserialize)]
struct Named {
    trace: Option<String>,
    code: Option<String>,
    link: Option<String>,
}

/// `POST /pay`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paying {
    trace: Option<String>,
    code: Option<String>,
    link: Option<String>,
    #[serde(default)]
    how: Manner,
    #[serde(default)]
    means: Way,
    asset_id: Option<String>,
    amount: Option<String>,
    user_id: Option<String>,
    reported_amount: Option<String>,
    reported_payee_id: Option<String>,
    reported_quote_asset_id: Option<String>,
}

/// How somebody pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Manner {
    #[default]
    Exact,
    Short,
    Over,
    Late,
    Twice,
    OtherAsset,
    Audited,
    Tampered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    #[default]
    Mixin,
    Chain,
}

/// `POST /confirm`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirming {
    trace: Option<String>,
    code: Option<String>,
}

/// `POST /transfer`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transferring {
    user_id: String,
    asset_id: String,
    asset_symbol: Option<String>,
    asset_name: Option<String>,
    amount: String,
    #[serde(default)]
    memo: String,
    request_id: Option<String>,
}

impl Transferring {
    /// The asset, if somebody made it: now, if it is given a ticker, or before.
    fn made_up(&self, world: &World) -> Result<Option<AssetId>, Wrong> {
        let asset: AssetId = id("asset_id", &self.asset_id)?;
        let Some(symbol) = &self.asset_symbol else {
            return match &self.asset_name {
                None => Ok(world.made_up(asset).map(|made_up| made_up.id)),
                Some(name) => Err(Wrong::field("asset_name", name, "one beside an asset_symbol")),
            };
        };
        if coins::find(asset).is_some() {
            return Err(Wrong::conflict("asset_id: that asset has a ticker already"));
        }
        world.make_up(asset, symbol, self.asset_name.as_ref().unwrap_or(symbol));
        Ok(Some(asset))
    }
}

impl Named {
    /// What the world knows it by.
    fn find(self, world: &World) -> Result<String, Wrong> {
        match (self.trace, self.code, self.link) {
            (Some(trace), None, None) => id::<Uuid>("trace", &trace).map(|trace| trace.to_string()),
            (None, Some(code), None) if world.checkout(&code).is_some() => Ok(code),
            (None, Some(code), None) => world.link_beside(&code).ok_or_else(|| {
                Wrong::unknown(format!(
                    "code: found {code:?}; the code of a MixPay page, or words that stand beside a \
                     link in a chat, would be right"
                ))
            }),
            (None, None, Some(link)) => Ok(link),
            _ => Err(Wrong::request("name the payment by exactly one of trace, code and link")),
        }
    }
}

fn amount(name: &str, text: &str) -> Result<Amount, Wrong> {
    let amount: Amount = parsed(name, text, "a decimal with at most 8 digits after its point")?;
    if amount.is_zero() { Err(Wrong::field(name, text, "more than zero")) } else { Ok(amount) }
}

fn asset(name: &str, text: &str) -> Result<AssetId, Wrong> {
    let asset = id(name, text)?;
    let unknown = || {
        let known: Vec<_> =
            coins::COINS.iter().map(|c| format!("{} {}{}", c.id, c.symbol, c.version)).collect();
        Wrong::unknown(format!("{name}: found {text}; there are {}", known.join(", ")))
    };
    coins::find(asset).map(|coin| coin.id).ok_or_else(unknown)
}

fn cannot(error: PayError) -> Wrong {
    let told = format!("this cannot be paid so: {error}");
    match error {
        PayError::NotFound => Wrong::unknown(told),
        PayError::AlreadyPaid
        | PayError::NoAmount
        | PayError::CannotPayWith
        | PayError::NotLess
        | PayError::PageError(_)
        | PayError::Returned => Wrong::conflict(told),
    }
}

pub(super) fn pay(world: &World, asked: &Asked) -> Result<Value, Wrong> {
    let paying: Paying = asked.json()?;
    let sent = maybe(paying.amount.as_ref(), |text| amount("amount", text))?;
    let mut payment = Payment {
        means: match paying.means {
            Way::Mixin => Means::Mixin,
            Way::Chain => Means::Chain,
        },
        payer: maybe(paying.user_id.as_ref(), |text| {
            people::person(world, "user_id", text).map(|person| person.id)
        })?,
        ..Payment::default()
    };
    if let Some(text) = &paying.asset_id {
        payment.asset = asset("asset_id", text)?;
    }
    let reported = reported(&paying)?;
    let manner = paying.how;
    let Paying { trace, code, link, .. } = paying;
    let what = Named { trace, code, link }.find(world)?;
    payment.how = match manner {
        Manner::Exact => How::Exact,
        Manner::Late => How::Late,
        Manner::OtherAsset => How::WrongAsset,
        Manner::Audited => How::Audited,
        Manner::Tampered => reported,
        Manner::Twice => {
            match world.pay(&what, &payment) {
                Ok(_) | Err(PayError::AlreadyPaid) => {}
                Err(error) => return Err(cannot(error)),
            }
            How::Double
        }
        Manner::Short | Manner::Over => differing(world, &what, &payment, manner, sent)?,
    };
    if manner == Manner::Exact {
        payment.typed = sent;
    }
    let paid = world.pay(&what, &payment).map_err(cannot)?;
    let checkout = world.checkout(&paid.code.to_string());
    Ok(json!({
        "asset_id": paid.asset.to_string(),
        "amount": paid.amount.to_string(),
        "payment": checkout.as_ref().map(view),
    }))
}

/// Too little or too much: by default half of what is asked, or half more.
fn differing(
    world: &World,
    what: &str,
    payment: &Payment,
    manner: Manner,
    sent: Option<Amount>,
) -> Result<How, Wrong> {
    let price = world.price(what, payment).map_err(cannot)?;
    let half = Amount::from_units(price.units() / 2);
    if manner == Manner::Short {
        return Ok(How::Underpay(sent.unwrap_or(half)));
    }
    let extra = match sent {
        None => half,
        Some(sent) => {
            sent.checked_sub(price).filter(|extra| !extra.is_zero()).ok_or_else(|| {
                Wrong::field("amount", &sent.to_string(), &format!("more than the price {price}"))
            })?
        }
    };
    Ok(How::Overpay(extra))
}

/// What the result is to report instead of the truth.
fn reported(paying: &Paying) -> Result<How, Wrong> {
    let amount = maybe(paying.reported_amount.as_ref(), |t| amount("reported_amount", t))?;
    let payee: Option<UserId> =
        maybe(paying.reported_payee_id.as_ref(), |text| id("reported_payee_id", text))?;
    let quote: Option<QuoteAsset> = maybe(paying.reported_quote_asset_id.as_ref(), |text| {
        parsed("reported_quote_asset_id", text, "a currency such as usd or an asset's UUID")
    })?;
    let any = amount.is_some() || payee.is_some() || quote.is_some();
    if any != (paying.how == Manner::Tampered) {
        return Err(Wrong::request(
            "\"how\": \"tampered\" goes with reported_amount, reported_payee_id or \
             reported_quote_asset_id, and they with it",
        ));
    }
    Ok(How::Tampered { amount, payee, quote })
}

pub(super) fn confirm(world: &World, asked: &Asked) -> Result<Value, Wrong> {
    let Confirming { trace, code } = asked.json()?;
    let what = Named { trace, code, link: None }.find(world)?;
    let find = || {
        let checkout = world.checkout(&what);
        checkout.ok_or_else(|| Wrong::unknown(format!("there is no payment {what}")))
    };
    match find()?.stage {
        Stage::Pending => {
            world.confirm_all(&what);
        }
        Stage::Auditing => world.audit_stop(&what, None),
        Stage::Unpaid | Stage::Success | Stage::Failed(_) => {}
    }
    let checkout = find()?;
    Ok(json!({ "payment": view(&checkout) }))
}

pub(super) fn list(world: &World) -> Value {
    let payments: Vec<_> = world.all_checkouts().iter().map(view).collect();
    json!({ "payments": payments, "requests": world.mixpay_requests() })
}

/// A payment, as MixPay knows it.
fn view(checkout: &Checkout) -> Value {
    json!({
        "trace": checkout.trace.to_string(),
        "code": checkout.code.to_string(),
        "order_id": checkout.order,
        "status": checkout.status(),
        "payee_id": checkout.payee.to_string(),
        "quote_asset_id": checkout.quote.to_string(),
        "quote_amount": or_null(checkout.amount),
        "settled_amount": or_null(checkout.settled.map(|settled| settled.amount)),
        "callback_url": checkout.callback,
    })
}

pub(super) fn transfer(world: &World, asked: &Asked) -> Result<Value, Wrong> {
    let asked: Transferring = asked.json()?;
    let from = people::person(world, "user_id", &asked.user_id)?.id;
    let amount = amount("amount", &asked.amount)?;
    let made_up = asked.made_up(world)?;
    let asset = made_up.map_or_else(|| asset("asset_id", &asked.asset_id), Ok)?;
    let request = maybe(asked.request_id.as_ref(), |text| id("request_id", text))?;
    let transfer = Transfer { request, ..Transfer::to_bot(from, asset, amount, &asked.memo) };
    Ok(json!({ "snapshot_id": world.transfer(transfer).to_string() }))
}
