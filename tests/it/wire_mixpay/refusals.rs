//! Refusals: each sample, the call that it answers, and what it means for the caller.

use super::{BTC, PAYEE, TRACE, USDT, double::Double, sample, status_of};
use mixpay_bot::{
    domain::{
        asset::{Money, QuoteAsset},
        catalogue::AssetList,
    },
    mixpay::MixPay,
    ports::{
        checkout::Checkout,
        failure::{CallError, Failure, Reason},
    },
};

/// The calls that can fail.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    Open,
    Direct,
    Refresh,
    Info,
    Result,
    Estimate,
    Assets(AssetList),
    Payee,
    Multisig,
}

pub(super) const READS: &[Which] = &[
    Which::Info,
    Which::Result,
    Which::Estimate,
    Which::Assets(AssetList::Quote),
    Which::Assets(AssetList::Payment),
    Which::Assets(AssetList::Settlement),
    Which::Payee,
];
pub(super) const WRITES: &[Which] = &[Which::Open, Which::Direct, Which::Refresh, Which::Multisig];

pub(super) async fn make(which: Which, mixpay: &MixPay) -> Result<(), CallError> {
    let trace = TRACE.parse().unwrap();
    let unit = QuoteAsset::Fiat("usd".parse().unwrap());
    let price = Money { amount: "10".parse().unwrap(), unit };
    let (btc, usdt) = (BTC.parse().unwrap(), USDT.parse().unwrap());
    match which {
        Which::Open => mixpay.open("{}").await.map(drop),
        Which::Direct => mixpay.open_direct("{}").await.map(drop),
        Which::Refresh => mixpay.refresh(trace).await.map(drop),
        Which::Info => mixpay.info(trace).await.map(drop),
        Which::Result => mixpay.result(trace).await.map(drop),
        Which::Estimate => mixpay.estimate(price, btc, usdt).await.map(drop),
        Which::Assets(list) => mixpay.assets(list).await.map(drop),
        Which::Payee => mixpay.payee_of("40053095").await.map(drop),
        Which::Multisig => mixpay.multisig(&[PAYEE.parse().unwrap()], 1).await.map(drop),
    }
}

const QUOTE: Which = Which::Assets(AssetList::Quote);
const PAYMENT: Which = Which::Assets(AssetList::Payment);
const SETTLEMENT: Which = Which::Assets(AssetList::Settlement);

/// The sample, the call, what it means, and the code that is kept; without one the reason is that
/// there were too many requests.
type Row = (&'static str, Which, Failure, Option<i64>);

const REFUSALS: &[Row] = &[
    ("payments_result.error_1017.json", Which::Result, Failure::Permanent, Some(1017)),
    ("payments_result.error_1429.json", Which::Result, Failure::Transient, None),
    ("payments_result.error_server.json", Which::Result, Failure::Transient, Some(-1)),
    ("one_time_payment.error_10003_quote_asset.json", Which::Open, Failure::Permanent, Some(10003)),
    ("one_time_payment.error_10004_too_low.json", Which::Open, Failure::Permanent, Some(10004)),
    ("one_time_payment.error_10005_too_high.json", Which::Open, Failure::Permanent, Some(10005)),
    ("one_time_payment.error_1017.json", Which::Open, Failure::Permanent, Some(1017)),
    ("one_time_payment.error_payee_not_allowed.json", Which::Open, Failure::Permanent, Some(10007)),
    ("payments_mixin.error_10002.json", Which::Direct, Failure::Permanent, Some(10002)),
    ("payments_mixin.error_10004_too_low.json", Which::Direct, Failure::Permanent, Some(10004)),
    ("payments_mixin.error_10005_too_high.json", Which::Direct, Failure::Permanent, Some(10005)),
    ("payments_mixin.error_10034_price.json", Which::Direct, Failure::Transient, Some(10034)),
    (
        "payments_onchain.error_10008_maintenance.json",
        Which::Direct,
        Failure::Transient,
        Some(10008),
    ),
    ("payments_refresh.error_404.json", Which::Refresh, Failure::Permanent, Some(404)),
    ("payments_info.error_404.json", Which::Info, Failure::Permanent, Some(404)),
    ("payments_estimated.error_10002.json", Which::Estimate, Failure::Permanent, Some(10002)),
    ("setting_quote_assets.error_1429.json", QUOTE, Failure::Transient, None),
    ("setting_payment_assets.error_10001.json", PAYMENT, Failure::Permanent, Some(10001)),
    ("setting_settlement_assets.error_10001.json", SETTLEMENT, Failure::Permanent, Some(10001)),
    ("multisig.error_10041_threshold.json", Which::Multisig, Failure::Permanent, Some(10041)),
    ("multisig.error_1017.json", Which::Multisig, Failure::Permanent, Some(1017)),
    ("error.data_null.json", Which::Info, Failure::Transient, Some(-1)),
    ("error.data_null.json", Which::Open, Failure::Unknown, Some(-1)),
    ("error.maintenance_10008.json", Which::Open, Failure::Transient, Some(10008)),
    ("error.maintenance_10008.json", Which::Result, Failure::Transient, Some(10008)),
    ("error.path_not_found.json", Which::Estimate, Failure::Permanent, Some(404)),
    ("error.rate_limit_1429.json", Which::Open, Failure::Transient, None),
    ("error.rate_limit_1429.json", Which::Info, Failure::Transient, None),
];

/// Nobody with this Mixin ID has used MixPay: not a failure, but no payee.
const NO_PAYEE: &str = "user_mixin_uuid.error_10001.json";

pub(super) fn claimed() -> impl Iterator<Item = &'static str> {
    REFUSALS.iter().map(|row| row.0).chain([NO_PAYEE])
}

#[tokio::test]
async fn a_refusal_is_final_unless_it_passes() {
    for (name, which, failure, code) in REFUSALS {
        let double = Double::answering(status_of(name), sample(name)).await;
        let error = make(*which, &double.mixpay).await.unwrap_err();
        assert_eq!((error.failure, error.code()), (*failure, *code), "{name}: {error}");
        let limited = error.reason == Reason::Limited { retry_after: None };
        assert_eq!(limited, code.is_none(), "{name}: {error}");
        assert_eq!(error.service, "mixpay");
    }
}

#[tokio::test]
async fn a_person_who_never_used_mixpay_is_no_payee() {
    let double = Double::answering(status_of(NO_PAYEE), sample(NO_PAYEE)).await;
    assert_eq!(double.mixpay.payee_of("40053095").await, Ok(None));
}
