//! Settings, groups and asset lists as stored JSON.

use super::{choice, record};
use crate::domain::{
    amount::Amount,
    asset::QuoteAsset,
    catalogue::ListedAsset,
    ids::{AssetId, UserId},
    locale::Locale,
    settings::{Invoicers, Payee, PersonSettings, PlaceSettings, Results, Settlement},
};

choice!(Settlement { Asset(asset: AssetId), AsPaid });
record!(Payee { id: UserId, name: String });
record!(PersonSettings {
    locale: Option<Locale>,
    currency: Option<QuoteAsset>,
    settlement: Option<Settlement>,
    payee: Option<Payee>,
    told_where: bool,
    hears_others: Option<bool>,
});
choice!(Invoicers { Everyone, Admins });
choice!(Results { Full, Short, Off });
record!(PlaceSettings {
    locale: Option<Locale>,
    currency: Option<QuoteAsset>,
    invoices: Invoicers,
    results: Results,
});
record!(ListedAsset {
    unit: QuoteAsset,
    symbol: String,
    name: String,
    network: String,
    chain: String,
    decimals: Option<u32>,
    min: Option<Amount>,
    max: Option<Amount>,
    on_chain: bool,
    available: bool,
});
