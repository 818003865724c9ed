//! Links: each vector is made again, byte for byte.

use super::json;
use mixpay_bot::domain::{
    amount::Amount,
    pay_link::{
        OrderId, Page, PayLink, PayeeSpelling, Quote, WEB, may_close_at, mixin_pay_url,
        one_time_url,
    },
};
use serde_json::Value;

const LINKS: &str = "link_vectors.json";

pub(super) fn claimed() -> impl Iterator<Item = &'static str> {
    [LINKS].into_iter()
}

struct Params(Vec<(String, String)>);

impl Params {
    fn of(row: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let params = row["params"].as_array().unwrap();
        Self(params.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect())
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    fn need(&mut self, name: &str) -> String {
        self.take(name).unwrap()
    }
}

fn pay_link(params: &mut Params) -> String {
    let payee = params.need("payeeId");
    let mut link = PayLink::to(payee.parse().unwrap());
    if payee.len() == 32 {
        link.payee_spelling = PayeeSpelling::Plain;
    }
    link.order = params.take("orderId").map(|text| text.parse().unwrap());
    link.settlement = params.take("settlementAssetId").map(|text| text.parse().unwrap());
    link.strict = params.take("strictMode").is_some_and(|text| text == "1");
    let amount = params.take("quoteAmount");
    link.quote = params.take("quoteAssetId").map(|unit| Quote {
        unit: unit.parse().unwrap(),
        amount: amount.as_ref().map(|text| text.parse().unwrap()),
        decimals_min: match amount.as_ref().and_then(|text| text.split_once('.')) {
            Some((_, decimals)) => decimals.len().try_into().unwrap(),
            None => 0,
        },
    });
    link.trace = params.take("traceId").map(|text| text.parse().unwrap());
    link.remark = params.take("remark").unwrap_or_default();
    link.settlement_memo = params.take("settlementMemo").unwrap_or_default();
    link.return_to = params.take("returnTo");
    link.failed_return_to = params.take("failedReturnTo");
    link.callback_url = params.take("callbackUrl");
    link.closes_at = params.take("expiredTimestamp").map(|text| text.parse().unwrap());
    link.url().unwrap()
}

fn transfer(params: &mut Params) -> String {
    mixin_pay_url(
        params.need("recipient").parse().unwrap(),
        params.need("asset").parse().unwrap(),
        params.need("amount").parse().unwrap(),
        &params.need("memo"),
        params.need("trace").parse().unwrap(),
    )
}

#[test]
fn every_link_is_made_again_byte_for_byte() {
    let rows = json(LINKS);
    let rows = rows["links"].as_array().unwrap();
    assert_eq!(rows.len(), 8);
    for row in rows {
        let mut params = Params::of(row);
        let base = row["base"].as_str().unwrap();
        let made = match base.strip_prefix("https://mixpay.me/code/") {
            Some(code) => one_time_url(WEB, code, &Page::default()).unwrap(),
            None if base == "mixin://pay" => transfer(&mut params),
            None => pay_link(&mut params),
        };
        assert_eq!(made, row["link"].as_str().unwrap());
        assert!(params.0.is_empty(), "not all parameters were used: {:?}", params.0);
    }
}

#[test]
fn an_order_number_has_its_length_and_its_letters() {
    let rows = json(LINKS);
    let check = |name: &str, expected: bool| {
        for text in rows[name].as_array().unwrap() {
            let text = text.as_str().unwrap();
            assert_eq!(text.parse::<OrderId>().is_ok(), expected, "{text}");
        }
    };
    check("order_id_valid", true);
    check("order_id_invalid", false);
}

#[test]
fn a_payment_closes_within_the_window() {
    let rows = json(LINKS);
    for row in rows["expired_timestamp"].as_array().unwrap() {
        let (now, at) = (row["now"].as_i64().unwrap(), row["value"].as_i64().unwrap());
        assert_eq!(may_close_at(now, at), row["valid"].as_bool().unwrap(), "{row}");
    }
}

#[test]
fn amounts_are_equal_by_value() {
    let rows = json(LINKS);
    let check = |name: &str, expected: bool| {
        for pair in rows[name].as_array().unwrap() {
            let amount = |index: usize| pair[index].as_str().unwrap().parse::<Amount>().unwrap();
            assert_eq!(amount(0) == amount(1), expected, "{pair}");
        }
    };
    check("amount_equal", true);
    check("amount_not_equal", false);
}
