//! The three lists of assets (mixpay.md 5).

use crate::{
    domain::{amount::Amount, asset::QuoteAsset},
    sim::world::{
        coins::{self, COINS, CURRENCIES, Coin},
        mixpay::{Params, Refused},
    },
};
use serde_json::{Map, Value, json};

/// One of the lists by its name on the wire.
pub(super) fn list(name: &str, query: &Params) -> Result<Value, Refused> {
    query.uuid("payeeId")?;
    match name {
        "quote_assets" => {
            let fiats = CURRENCIES.iter().map(fiat_quote);
            Ok(fiats.chain(COINS.iter().map(coin_quote)).collect())
        }
        "payment_assets" => {
            price(query)?;
            Ok(COINS.iter().map(payment).collect())
        }
        "settlement_assets" => {
            let unit = price(query)?.map(|(unit, _)| unit);
            let unit = match unit {
                Some(unit) => unit,
                None => "usd".parse().map_err(|_| Refused::QUOTE_ASSET)?,
            };
            Ok(COINS.iter().map(|coin| settlement(coin, unit)).collect())
        }
        _ => Err(Refused::NO_PATH),
    }
}

/// The price that a list is asked for with; its unit and its amount only work together.
fn price(query: &Params) -> Result<Option<(QuoteAsset, Amount)>, Refused> {
    match (query.unit("quoteAssetId")?, query.amount("quoteAmount")?) {
        (None, None) => Ok(None),
        (Some(unit), Some(amount)) => {
            coins::micro_usd(unit).ok_or(Refused::QUOTE_ASSET)?;
            Ok(Some((unit, amount)))
        }
        (Some(_), None) | (None, Some(_)) => Err(Refused::PARAMETER),
    }
}

fn icon(symbol: &str) -> String {
    format!("https://icons.example/{}.png", symbol.to_lowercase())
}

fn fiat_quote(currency: &coins::Currency) -> Value {
    let (min, max) = coins::limits(currency.micro_usd);
    json!({
        "symbol": currency.code.to_uppercase(),
        "iconUrl": icon(currency.code),
        "minQuoteAmount": min.to_string(),
        "maxQuoteAmount": max.to_string(),
        "decimalDigit": currency.decimals,
        "isAsset": 0,
        "assetId": currency.code,
        "chainAsset": {},
    })
}

fn coin_quote(coin: &Coin) -> Value {
    let (min, max) = coins::limits(coin.micro_usd);
    json!({
        "symbol": coin.symbol,
        "iconUrl": icon(coin.symbol),
        "minQuoteAmount": min.to_string(),
        "maxQuoteAmount": max.to_string(),
        "decimalDigit": 8,
        "isAsset": 1,
        "assetId": coin.id.to_string(),
        "chainAsset": chain(coin),
    })
}

fn payment(coin: &Coin) -> Value {
    let (min, max) = coins::limits(coin.micro_usd);
    let max = if coin.payable { max } else { Amount::ZERO };
    with_name(
        coin,
        json!({
            "onChainSupported": coin.on_chain(),
            "minPaymentAmount": min.to_string(),
            "maxPaymentAmount": max.to_string(),
        }),
    )
}

fn settlement(coin: &Coin, quote: QuoteAsset) -> Value {
    let (min, max) = coins::limits(coins::micro_usd(quote).unwrap_or_default());
    with_name(
        coin,
        json!({
            "isAsset": true,
            "isAvailable": coin.payable,
            "quoteSymbol": coins::symbol(quote),
            "minQuoteAmount": min.to_string(),
            "maxQuoteAmount": max.to_string(),
        }),
    )
}

/// The fields that the payment and the settlement list share.
fn with_name(coin: &Coin, more: Value) -> Value {
    let mut view = json!({
        "name": coin.name,
        "symbol": coin.symbol,
        "iconUrl": icon(coin.symbol),
        "assetId": coin.id.to_string(),
        "network": coin.network,
        "chainAsset": chain(coin),
    });
    if let (Some(view), Value::Object(more)) = (view.as_object_mut(), more) {
        view.extend(more);
    }
    view
}

fn chain(coin: &Coin) -> Value {
    let Some(chain) = coins::find(coin.chain) else { return Value::Object(Map::new()) };
    json!({
        "id": chain.id.to_string(),
        "symbol": chain.symbol,
        "name": chain.name,
        "iconUrl": icon(chain.symbol),
    })
}
