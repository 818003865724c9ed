//! The other answers: codes, direct payments, estimates, asset lists, ids.

use super::{BTC, ETH, PAYEE, TRACE, TRX, USDT, double::Double, sample, status_of};
use mixpay_bot::{
    domain::{
        asset::{Money, QuoteAsset},
        catalogue::{AssetList, ListedAsset},
    },
    ports::{
        checkout::{Checkout, DirectPayment, Estimate, PayTo},
        failure::Failure,
    },
};

/// How a direct payment is asked for.
#[derive(Debug, Clone, Copy)]
enum How {
    Open,
    Refresh,
    Info,
}

const MEMO: &str = "cGF5bWVudHwwZjllOGQ3Yy02YjVhLTRjM2QtOWUyZi0xYTBiOWM4ZDdlNmY=";
const ADDRESS: &str = "1MadeUpAddressForTestsOnly1111Zz";

fn direct(asset: &str, symbol: &str, amount: &str, price_until: i64, to: PayTo) -> DirectPayment {
    DirectPayment {
        trace: TRACE.parse().unwrap(),
        asset: asset.parse().unwrap(),
        symbol: symbol.to_owned(),
        amount: amount.parse().unwrap(),
        price_until,
        to,
    }
}

fn in_mixin() -> PayTo {
    let recipient = "3539c3ce-52c0-4b0b-9573-c035ecb98d48".parse().unwrap();
    PayTo::Mixin { recipient, memo: MEMO.to_owned() }
}

fn on_chain() -> PayTo {
    PayTo::Chain { destination: ADDRESS.to_owned(), tag: None }
}

type Row = (&'static str, How, fn() -> DirectPayment);

const DIRECT: &[Row] = &[
    ("payments_mixin.success.json", How::Open, || {
        direct(ETH, "ETH", "0.00351274", 1_795_226_460, in_mixin())
    }),
    ("payments_mixin.success_seed_shape.json", How::Open, || {
        direct(TRX, "TRX", "4", 1_795_227_300, in_mixin())
    }),
    ("payments_onchain.success.json", How::Open, || {
        direct(BTC, "BTC", "0.00012001", 1_795_227_000, on_chain())
    }),
    ("payments_onchain.success_eos_tag.json", How::Open, || {
        let tag = Some("a1b2c3d4e5f60718293a4b5c6d7e8f90".to_owned());
        let to = PayTo::Chain { destination: "madeupeostst".to_owned(), tag };
        direct("6cfe566e-4aad-470b-8c9a-2fd35b49c68d", "EOS", "13.3107", 1_795_227_000, to)
    }),
    ("payments_refresh.success.json", How::Refresh, || {
        direct(BTC, "BTC", "0.00012144", 1_795_227_600, on_chain())
    }),
    ("payments_info.success_mixin.json", How::Info, || {
        direct(ETH, "ETH", "0.00351274", 1_795_226_460, in_mixin())
    }),
    ("payments_info.success_onchain.json", How::Info, || {
        direct(BTC, "BTC", "0.00012001", 1_795_227_000, on_chain())
    }),
];

const CODES: &[(&str, &str)] = &[
    ("one_time_payment.success.json", "f3a9c1d7-5e2b-4c86-9d04-7a1b2c3d4e5f"),
    ("one_time_payment.success_code_equals_trace.json", TRACE),
];

/// Unit, ticker, network, chain, decimals, least, most, on chain, available.
type Listed = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<u32>,
    Option<&'static str>,
    Option<&'static str>,
    bool,
    bool,
);

const TRON_USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
const EOS: &str = "6cfe566e-4aad-470b-8c9a-2fd35b49c68d";
const XIN: &str = "c94ac88f-4671-3976-b60a-09064f1811e8";

const LISTS: &[(&str, AssetList, &[Listed])] = &[
    (
        "setting_quote_assets.success.json",
        AssetList::Quote,
        &[
            ("usd", "USD", "", "", Some(2), Some("0.1"), Some("20000"), false, true),
            ("aed", "AED", "", "", Some(2), Some("0.4"), Some("70000"), false, true),
            (BTC, "BTC", "", "BTC", Some(8), Some("0.00000263"), Some("0.5"), false, true),
            (USDT, "USDT", "", "ETH", Some(8), Some("0.1"), Some("20000"), false, true),
        ],
    ),
    (
        "setting_payment_assets.success.json",
        AssetList::Payment,
        &[
            (BTC, "BTC", "Bitcoin", "BTC", None, Some("0.0000005"), Some("0.50075062"), true, true),
            (USDT, "USDT", "Ethereum", "ETH", None, Some("0.1"), Some("50000"), true, true),
            (TRON_USDT, "USDT", "Tron", "TRX", None, Some("0.1"), Some("50000"), true, true),
            (EOS, "EOS", "EOS", "EOS", None, Some("0.1"), Some("0"), true, true),
            (XIN, "XIN", "", "ETH", None, Some("0.001"), Some("10"), false, true),
        ],
    ),
    (
        "setting_settlement_assets.success.json",
        AssetList::Settlement,
        &[
            (BTC, "BTC", "Bitcoin", "BTC", None, None, None, false, true),
            (USDT, "USDT", "Ethereum", "ETH", None, None, None, false, true),
            (XIN, "XIN", "", "ETH", None, None, None, false, false),
        ],
    ),
    (
        "setting_settlement_assets.success_minimal.json",
        AssetList::Settlement,
        &[(BTC, "BTC", "Bitcoin", "BTC", None, None, None, false, true)],
    ),
];

const ESTIMATE: &str = "payments_estimated.success.json";
const USER: &str = "user_mixin_uuid.success.json";
const MULTISIG: &str = "multisig.success.json";

pub(super) fn claimed() -> impl Iterator<Item = &'static str> {
    let direct = DIRECT.iter().map(|row| row.0);
    let codes = CODES.iter().map(|row| row.0);
    let lists = LISTS.iter().map(|row| row.0);
    direct.chain(codes).chain(lists).chain([ESTIMATE, USER, MULTISIG])
}

async fn double_of(name: &str) -> Double {
    Double::answering(status_of(name), sample(name)).await
}

#[tokio::test]
async fn a_direct_payment_says_what_to_transfer_and_where() {
    for (name, how, expected) in DIRECT {
        let double = double_of(name).await;
        let trace = TRACE.parse().unwrap();
        let (payment, line) = match how {
            How::Open => (double.mixpay.open_direct("{}").await, "POST /v1/payments".to_owned()),
            How::Refresh => {
                (double.mixpay.refresh(trace).await, "POST /v1/payments/refresh".to_owned())
            }
            How::Info => {
                (double.mixpay.info(trace).await, format!("GET /v1/payments_info?traceId={TRACE}"))
            }
        };
        assert_eq!(payment, Ok(expected()), "{name}");
        assert_eq!(double.asked()[0].line, line, "{name}");
    }
}

#[tokio::test]
async fn a_direct_payment_without_its_address_is_not_understood() {
    for missing in ["destination", "paymentAmount", "paymentAssetId", "traceId", "expire"] {
        let mut body = super::json("payments_onchain.success.json");
        body["data"][missing] = "".into();
        // Without `expire` the countdown still tells; without both nothing does.
        if missing == "expire" {
            body["data"]["seconds"] = "".into();
        }
        let double = Double::answering(200, body.to_string()).await;
        let error = double.mixpay.open_direct("{}").await.unwrap_err();
        assert_eq!(error.failure, Failure::Unknown, "{missing}");
    }
}

#[tokio::test]
async fn a_countdown_stands_in_for_the_end_of_the_price() {
    let mut body = super::json("payments_mixin.success.json");
    body["data"]["expire"] = "".into();
    let double = Double::answering(200, body.to_string()).await;
    let payment = double.mixpay.open_direct("{}").await.unwrap();
    assert_eq!(payment.price_until, 1_795_226_460);
}

#[tokio::test]
async fn a_one_time_payment_has_a_code_and_a_page() {
    for (name, code) in CODES {
        let double = double_of(name).await;
        let stored = r#"{"payeeId": "as it was stored"}"#;
        assert_eq!(double.mixpay.open(stored).await.as_deref(), Ok(*code), "{name}");
        let asked = &double.asked()[0];
        assert_eq!(asked.line, "POST /v1/one_time_payment");
        assert_eq!(asked.body, stored);
        assert_eq!(double.mixpay.payment_page(code), format!("https://mixpay.me/code/{code}"));
    }
}

#[tokio::test]
async fn a_code_that_cannot_be_one_leaves_it_open_whether_the_payment_exists() {
    for code in ["", "../pay", &"a".repeat(65)] {
        let body = format!(r#"{{"code":0,"success":true,"data":{{"code":"{code}"}}}}"#);
        let double = Double::answering(200, body).await;
        assert_eq!(double.mixpay.open("{}").await.unwrap_err().failure, Failure::Unknown, "{code}");
    }
}

#[tokio::test]
async fn the_lists_say_what_can_be_used() {
    for (name, list, expected) in LISTS {
        let double = double_of(name).await;
        let assets = double.mixpay.assets(*list).await.unwrap();
        let found: Vec<_> = assets.iter().map(row).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(unit, symbol, network, chain, decimals, min, max, on_chain, available)| {
                let amount = |text: Option<&str>| text.map(|text| text.parse().unwrap());
                let unit = unit.parse::<QuoteAsset>().unwrap();
                let text = format!("{symbol} {network} {chain}");
                (unit, text, *decimals, amount(*min), amount(*max), *on_chain, *available)
            })
            .collect();
        assert_eq!(found, expected, "{name}");
        let path = name.split('.').next().unwrap().replacen('_', "/", 1);
        assert_eq!(double.asked()[0].line, format!("GET /v1/{path}"));
    }
}

type Found = (
    QuoteAsset,
    String,
    Option<u32>,
    Option<mixpay_bot::domain::amount::Amount>,
    Option<mixpay_bot::domain::amount::Amount>,
    bool,
    bool,
);

fn row(asset: &ListedAsset) -> Found {
    let text = format!("{} {} {}", asset.symbol, asset.network, asset.chain);
    (asset.unit, text, asset.decimals, asset.min, asset.max, asset.on_chain, asset.available)
}

#[tokio::test]
async fn a_row_that_cannot_be_read_does_not_spoil_the_list() {
    let body = r#"{"code":0,"success":true,"data":[
        7, {"assetId":"?"}, {"assetId":"usd","chainAsset":[],"decimalDigit":"2"}, null]}"#;
    let double = Double::answering(200, body).await;
    let assets = double.mixpay.assets(AssetList::Quote).await.unwrap();
    assert_eq!(assets.len(), 1);
    assert_eq!((assets[0].symbol.as_str(), assets[0].decimals), ("USD", Some(2)));
}

#[tokio::test]
async fn an_estimate_names_both_amounts() {
    let double = double_of(ESTIMATE).await;
    let unit = QuoteAsset::Fiat("usd".parse().unwrap());
    let price = Money { amount: "10".parse().unwrap(), unit };
    let estimate = double.mixpay.estimate(price, BTC.parse().unwrap(), USDT.parse().unwrap()).await;
    let expected = Estimate {
        payment: "0.0001187".parse().unwrap(),
        payment_symbol: "BTC".to_owned(),
        settlement: Some("9.97".parse().unwrap()),
        settlement_symbol: "USDT".to_owned(),
    };
    assert_eq!(estimate, Ok(expected));
    let line = format!(
        "GET /v1/payments_estimated?paymentAssetId={BTC}&settlementAssetId={USDT}&\
        quoteAssetId=usd&quoteAmount=10"
    );
    assert_eq!(double.asked()[0].line, line);
}

#[tokio::test]
async fn a_mixin_id_leads_to_its_payee() {
    let double = double_of(USER).await;
    assert_eq!(double.mixpay.payee_of("40053095").await, Ok(Some(PAYEE.parse().unwrap())));
    assert_eq!(double.asked()[0].line, "GET /v1/user/mixin_uuid/40053095");
    for wrong in ["", "../multisig", "1?2", "٣٤٥٦٧"] {
        assert_eq!(double.mixpay.payee_of(wrong).await, Ok(None), "{wrong}");
    }
    assert_eq!(double.asked().len(), 1, "what is no Mixin ID is not asked for");
}

#[tokio::test]
async fn a_group_gets_its_multisig_id() {
    let double = double_of(MULTISIG).await;
    let members = ["2c4e6a80-1b3d-4f5e-9a7c-8e6d4c2b0a19", PAYEE];
    let members = members.map(|member| member.parse().unwrap());
    let id = double.mixpay.multisig(&members, 2).await;
    assert_eq!(id, Ok("e3a1c5d7-9b2f-4d60-8e1a-7c5b3d9f1e24".parse().unwrap()));
    assert_eq!(double.asked()[0].line, "POST /v1/multisig");
}
