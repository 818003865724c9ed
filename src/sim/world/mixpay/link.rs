//! What a link means to a payer: a one-time page, a universal pay page, or a transfer in Mixin.

use super::{Param, Params};
use crate::domain::{
    amount::Amount,
    ids::{AssetId, UserId},
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A transfer in Mixin that a link asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MixinTransfer {
    pub(super) recipient: UserId,
    pub(super) asset: AssetId,
    pub(super) amount: Amount,
    pub(super) memo: String,
    pub(super) trace: Option<Uuid>,
}

/// The code of a one-time page: `…/code/{code}`.
pub(super) fn code_of(link: &str) -> Option<&str> {
    let (_, rest) = link.split_once("://")?;
    let (_, code) = rest.split_once("/code/")?;
    code.split(['?', '#', '/']).next()
}

/// The parameters of a universal page: `…/pay?…` on a MixPay host.
pub(super) fn universal(link: &str) -> Option<Params> {
    let url = url::Url::parse(link).ok()?;
    let is_page = matches!(url.scheme(), "https" | "http") && url.path() == "/pay";
    if !is_page || url.host_str() == Some("mixin.one") {
        return None;
    }
    Some(Params(url.query_pairs().map(|(name, value)| text(&name, &value)).collect()))
}

fn text(name: &str, value: &str) -> (String, Param) {
    (name.to_owned(), Param::Text(value.to_owned()))
}

/// A transfer: `mixin://pay?recipient=…`, `mixin://mixin.one/pay/{recipient}?…` or the same with
/// `https` (mixpay.md 2.2, mixin.md 7.1).
pub(super) fn transfer(link: &str) -> Option<MixinTransfer> {
    let url = url::Url::parse(link).ok()?;
    let query: BTreeMap<_, _> = url.query_pairs().collect();
    let segments: Vec<_> = url.path_segments().map(Iterator::collect).unwrap_or_default();
    let recipient = match (url.scheme(), url.host_str(), segments.as_slice()) {
        ("mixin", Some("pay"), [] | [""]) => query.get("recipient")?.as_ref(),
        ("https" | "mixin", Some("mixin.one"), ["pay", recipient])
        | ("mixin", Some("pay"), [recipient]) => recipient,
        _ => return None,
    };
    Some(MixinTransfer {
        recipient: recipient.parse().ok()?,
        asset: query.get("asset")?.parse().ok()?,
        amount: query.get("amount")?.parse().ok()?,
        memo: query.get("memo").map(|memo| memo.clone().into_owned()).unwrap_or_default(),
        trace: query.get("trace").and_then(|trace| Uuid::try_parse(trace).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_link_is_read_and_no_other() {
        let code = "f3a9c1d7-5e2b-4c86-9d04-7a1b2c3d4e5f";
        assert_eq!(code_of(&format!("https://mixpay.me/code/{code}?style=iframe")), Some(code));
        assert_eq!(code_of(code), None);
        assert!(universal("https://mixpay.me/pay?payeeId=x").is_some());
        assert!(universal("https://mixin.one/pay?recipient=x").is_none());
        let tail = "asset=43d61dcd-e413-450d-80b8-101d5e903357&amount=0.1&memo=YQ%3D%3D";
        for link in [
            format!("mixin://pay?recipient={code}&{tail}"),
            format!("mixin://pay/{code}?{tail}"),
            format!("mixin://mixin.one/pay/{code}?{tail}"),
            format!("https://mixin.one/pay/{code}?{tail}"),
        ] {
            let read = transfer(&link).unwrap();
            assert_eq!((read.recipient.to_string().as_str(), read.memo.as_str()), (code, "YQ=="));
        }
        assert_eq!(transfer(&format!("https://mixin.one/users/{code}?{tail}")), None);
    }
}
