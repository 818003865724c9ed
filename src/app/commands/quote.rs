//! `quote`: what a price would be in a coin; nothing is locked by it.

use crate::{
    app::commands::{Ask, Stop, asset_label, invoice::unit_of},
    domain::{asset::Money, ids::AssetId, mixpay_code::ApiCode},
    ports::effect::{Found, Need},
    speech::{
        Draft,
        format::money,
        money_choice::{self as words, Estimated},
    },
};

/// Whether MixPay's answer is about the question: "too many requests" is none.
pub(super) fn is_about_it(code: i64) -> bool {
    ApiCode::from(code) != ApiCode::TooManyRequests
}

/// Asks MixPay for its estimate.
pub(super) async fn run(
    ask: &mut Ask<'_>,
    price: Money,
    pay_with: AssetId,
) -> Result<Vec<Draft>, Stop> {
    ask.needs_the_time()?;
    let (symbol, decimals) = unit_of(ask, price.unit);
    let shown = money(price.amount, decimals, &symbol);
    let coin = asset_label(&ask.deps.catalogue().payment, pay_with);
    let need = Need::Estimate { price, pay_with, settlement: ask.settlement() };
    let known = ask.deps.estimates.find(&need, ask.now);
    let estimate = match ask.found(&need) {
        Some(Found::Estimate(estimate)) => estimate.clone(),
        Some(Found::Unavailable(Some(code))) if is_about_it(*code) => {
            let support = &ask.deps.rules.support;
            return Err(ask.say(words::no_estimate(&shown, &coin, *code, support, ask.locale)));
        }
        Some(_) => return Err(ask.say(words::mixpay_silent(ask.locale))),
        None => match known {
            Some(estimate) => estimate,
            None => return Err(asked(ask, need).await?),
        },
    };
    let settlement = estimate
        .settlement
        .filter(|_| !estimate.settlement_symbol.is_empty())
        .map(|amount| money(amount, 0, &estimate.settlement_symbol));
    let estimated = Estimated {
        price: &shown,
        payment: &money(estimate.payment, 0, &coin),
        settlement: settlement.as_deref(),
        invoice: &format!("invoice {} {}", price.amount, price.unit),
    };
    Ok(words::estimate(&estimated, ask.locale))
}

/// MixPay is asked for a price, if the person has not asked for too many.
pub(super) async fn asked(ask: &mut Ask<'_>, need: Need) -> Result<Stop, Stop> {
    match ask.allow_price().await? {
        None => Ok(Stop::Need(need)),
        Some((limit, seconds)) => Ok(ask.say(words::prices_spent(limit, seconds, ask.locale))),
    }
}
