//! The other answers: direct payments, estimates, asset lists, ids.

use super::wire::{Lenient, Scalar, Success};
use crate::{
    domain::{
        asset::QuoteAsset,
        catalogue::{AssetList, ListedAsset},
        ids::UserId,
    },
    ports::checkout::{DirectPayment, Estimate, PayTo},
};
use serde::Deserialize;

/// A code of a one-time payment has at most this many characters; MixPay's are UUIDs.
const CODE_CHARS_MAX: usize = 64;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OneTimeData {
    code: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PaymentData {
    is_chain: Scalar,
    expire: Scalar,
    seconds: Scalar,
    trace_id: Scalar,
    payment_asset_id: Scalar,
    payment_asset_symbol: Scalar,
    payment_amount: Scalar,
    memo: Scalar,
    recipient: Scalar,
    destination: Scalar,
    tag: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct EstimateData {
    payment_amount: Scalar,
    payment_asset_symbol: Scalar,
    estimated_settlement_amount: Scalar,
    settlement_asset_symbol: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AssetData {
    asset_id: Scalar,
    symbol: Scalar,
    name: Scalar,
    network: Scalar,
    decimal_digit: Scalar,
    min_quote_amount: Scalar,
    max_quote_amount: Scalar,
    min_payment_amount: Scalar,
    max_payment_amount: Scalar,
    on_chain_supported: Scalar,
    is_available: Scalar,
    chain_asset: Lenient<ChainData>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ChainData {
    symbol: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct IdData {
    payee_id: Scalar,
    multisig_id: Scalar,
}

/// The code of a one-time payment. It becomes a part of a path, so it has to look like one.
pub(super) fn code(success: &Success) -> Option<String> {
    let code = success.object::<OneTimeData>()?.code.owned()?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (code.len() <= CODE_CHARS_MAX && code.bytes().all(fits)).then_some(code)
}

/// A direct payment; `None` if something is missing that the payer cannot do without.
pub(super) fn direct_payment(success: &Success) -> Option<DirectPayment> {
    let data: PaymentData = success.object()?;
    let on_chain = data.is_chain.truth().unwrap_or_else(|| data.destination.text().is_some());
    let to = if on_chain {
        PayTo::Chain { destination: data.destination.owned()?, tag: data.tag.owned() }
    } else {
        PayTo::Mixin { recipient: data.recipient.parsed()?, memo: data.memo.owned()? }
    };
    let ends = || {
        let reported_s = success.reported_ms?.checked_div(1000)?;
        reported_s.checked_add(data.seconds.parsed()?)
    };
    Some(DirectPayment {
        trace: data.trace_id.parsed()?,
        asset: data.payment_asset_id.parsed()?,
        symbol: data.payment_asset_symbol.owned().unwrap_or_default(),
        amount: data.payment_amount.some_amount()?,
        price_until: data.expire.parsed().or_else(ends)?,
        to,
    })
}

/// An estimate; `None` if it does not say what would be paid.
pub(super) fn estimate(success: &Success) -> Option<Estimate> {
    let data: EstimateData = success.object()?;
    Some(Estimate {
        payment: data.payment_amount.parsed()?,
        payment_symbol: data.payment_asset_symbol.owned().unwrap_or_default(),
        settlement: data.estimated_settlement_amount.parsed(),
        settlement_symbol: data.settlement_asset_symbol.owned().unwrap_or_default(),
    })
}

/// An asset list; rows without a readable id are left out.
pub(super) fn assets(success: &Success, list: AssetList) -> Option<Vec<ListedAsset>> {
    let rows: Vec<AssetData> = success.list()?;
    Some(rows.iter().filter_map(|row| row.listed(list)).collect())
}

/// `payeeId`.
pub(super) fn payee(success: &Success) -> Option<UserId> {
    success.object::<IdData>()?.payee_id.parsed()
}

/// `multisigId`.
pub(super) fn multisig(success: &Success) -> Option<UserId> {
    success.object::<IdData>()?.multisig_id.parsed()
}

impl AssetData {
    fn listed(&self, list: AssetList) -> Option<ListedAsset> {
        let unit: QuoteAsset = self.asset_id.parsed()?;
        let (min, max) = match list {
            AssetList::Quote => (self.min_quote_amount.parsed(), self.max_quote_amount.parsed()),
            AssetList::Payment => {
                (self.min_payment_amount.parsed(), self.max_payment_amount.parsed())
            }
            // Some answers have limits here, but in another unit than the row's.
            AssetList::Settlement => (None, None),
        };
        let symbol = match unit {
            QuoteAsset::Fiat(fiat) => fiat.symbol(),
            QuoteAsset::Asset(_) => self.symbol.text().unwrap_or("").to_uppercase(),
        };
        Some(ListedAsset {
            unit,
            symbol,
            name: self.name.owned().unwrap_or_default(),
            network: self.network.owned().unwrap_or_default(),
            chain: self.chain_asset.0.symbol.text().unwrap_or("").to_uppercase(),
            decimals: self.decimal_digit.parsed(),
            min,
            max,
            on_chain: self.on_chain_supported.truth() == Some(true),
            available: self.is_available.truth() != Some(false),
        })
    }
}
