//! Links that people pay through: MixPay's universal and one-time pages, and wallets' own addresses.

mod page;
mod query;
mod wallet;

use crate::domain::{
    amount::Amount,
    asset::QuoteAsset,
    ids::{AssetId, TraceId, UserId},
};
use query::Query;
use std::{fmt, str::FromStr};
use url::Url;

pub use page::{Page, PaymentMethod, PaymentWallet, one_time_url};
pub use wallet::{chain_pay_url, mixin_pay_url};

/// Where MixPay's pages are.
pub const WEB: &str = "https://mixpay.me";
/// A remark has at most this many characters.
pub const REMARK_CHARS_MAX: usize = 50;
/// The memo of a settlement has at most this many bytes, and so at most as many characters: MixPay
/// does not say which of them it counts.
pub const SETTLEMENT_MEMO_BYTES_MAX: usize = 200;
/// A URL inside of a link has at most this many bytes; far more than a QR code can show.
pub const URL_BYTES_MAX: usize = 1024;
/// MixPay closes a payment more than this many seconds after it reads the link.
pub const CLOSING_AHEAD_MIN_S: i64 = 10;
/// MixPay closes a payment less than this many seconds after it reads the link: 2,880 minutes.
pub const CLOSING_AHEAD_MAX_S: i64 = 2880 * 60;

/// An order number of ours: 6 to 36 of `A-Z a-z 0-9 - _`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderId(String);

/// Why a link cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The text is no order number.
    #[error("an order number is 6 to 36 letters, digits, `-` and `_`")]
    OrderId,
    /// The remark is too long.
    #[error("a remark has at most {REMARK_CHARS_MAX} characters")]
    RemarkTooLong,
    /// The memo of the settlement is too long.
    #[error("a settlement memo has at most {SETTLEMENT_MEMO_BYTES_MAX} bytes")]
    SettlementMemoTooLong,
    /// A parameter that must be a URL is none, or is too long.
    #[error("{0} is no URL of at most {URL_BYTES_MAX} bytes")]
    NotAUrl(&'static str),
    /// The callback is not HTTPS.
    #[error("a callback URL begins with https://")]
    CallbackNotHttps,
    /// The price is nothing.
    #[error("a price is more than zero")]
    PriceZero,
    /// The payer's e-mail address is none; MixPay would refuse the payment.
    #[error("this is no e-mail address")]
    Email,
}

impl FromStr for OrderId {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (6..=36).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(LinkError::OrderId)
        }
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the payee's id is written. MixPay takes both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PayeeSpelling {
    /// `a0d77914-0877-6b47-eb1d-d3f94ed15d6a`.
    #[default]
    Dashed,
    /// `a0d7791408776b47eb1dd3f94ed15d6a`.
    Plain,
}

/// What the price of a link is written in, and the price if it is fixed. An amount without a unit
/// cannot be said: its unit would be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quote {
    /// The unit.
    pub unit: QuoteAsset,
    /// How much; `None` lets the payer type it.
    pub amount: Option<Amount>,
    /// The amount is written with at least so many decimals.
    pub decimals_min: u32,
}

/// A universal pay link: anybody can use it, any number of times, and edit it. Nothing exists at
/// MixPay until somebody opens it.
///
/// ```
/// use mixpay_bot::domain::pay_link::PayLink;
/// let link = PayLink::to("a38ed284-5689-4fb9-8c2a-91fba5e32ce9".parse().unwrap());
/// assert_eq!(
///     link.url().unwrap(),
///     "https://mixpay.me/pay?payeeId=a38ed284-5689-4fb9-8c2a-91fba5e32ce9"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayLink {
    /// Where MixPay's pages are, without a slash at the end: [`WEB`].
    pub web: String,
    /// Who receives.
    pub payee: UserId,
    /// How that is written.
    pub payee_spelling: PayeeSpelling,
    /// The order number, if the payment is to be looked up by it.
    pub order: Option<OrderId>,
    /// What the payee receives; `None` is what the payer pays with.
    pub settlement: Option<AssetId>,
    /// Whether MixPay must settle in exactly that asset.
    pub strict: bool,
    /// The price or its unit; `None` leaves both to the payer.
    pub quote: Option<Quote>,
    /// The trace: the link can then be paid once.
    pub trace: Option<TraceId>,
    /// A public text, at most [`REMARK_CHARS_MAX`] characters; empty is none.
    pub remark: String,
    /// The memo of the settlement, instead of `PM|trace`; empty is none.
    pub settlement_memo: String,
    /// Where the browser goes after success.
    pub return_to: Option<String>,
    /// Where the browser goes after failure.
    pub failed_return_to: Option<String>,
    /// Where MixPay calls back, HTTPS.
    pub callback_url: Option<String>,
    /// When MixPay closes the payment, Unix seconds; see [`may_close_at`].
    pub closes_at: Option<i64>,
    /// How the page behaves.
    pub page: Page,
}

impl PayLink {
    /// A link that says who receives, and nothing else.
    pub fn to(payee: UserId) -> Self {
        Self {
            web: WEB.to_owned(),
            payee,
            payee_spelling: PayeeSpelling::default(),
            order: None,
            settlement: None,
            strict: false,
            quote: None,
            trace: None,
            remark: String::new(),
            settlement_memo: String::new(),
            return_to: None,
            failed_return_to: None,
            callback_url: None,
            closes_at: None,
            page: Page::default(),
        }
    }

    /// The link; its parameters always stand in the same order.
    pub fn url(&self) -> Result<String, LinkError> {
        self.check()?;
        let mut query = Query::default();
        match self.payee_spelling {
            PayeeSpelling::Dashed => query.add("payeeId", self.payee),
            PayeeSpelling::Plain => query.add("payeeId", self.payee.uuid().simple()),
        }
        query.add_some("orderId", self.order.as_ref());
        query.add_some("settlementAssetId", self.settlement);
        if self.strict {
            query.add("strictMode", 1);
        }
        if let Some(quote) = self.quote {
            query.add("quoteAssetId", quote.unit);
            let written = |amount: Amount| amount.grouped(quote.decimals_min).replace(',', "");
            query.add_some("quoteAmount", quote.amount.map(written));
        }
        query.add_some("traceId", self.trace);
        query.add_text("remark", &self.remark);
        query.add_text("settlementMemo", &self.settlement_memo);
        query.add_some("returnTo", self.return_to.as_deref());
        query.add_some("failedReturnTo", self.failed_return_to.as_deref());
        query.add_some("callbackUrl", self.callback_url.as_deref());
        query.add_some("expiredTimestamp", self.closes_at);
        self.page.add_to(&mut query);
        Ok(query.after(&format!("{}/pay", self.web)))
    }

    fn check(&self) -> Result<(), LinkError> {
        if self.remark.chars().count() > REMARK_CHARS_MAX {
            return Err(LinkError::RemarkTooLong);
        }
        if self.settlement_memo.len() > SETTLEMENT_MEMO_BYTES_MAX {
            return Err(LinkError::SettlementMemoTooLong);
        }
        if self.quote.and_then(|quote| quote.amount).is_some_and(Amount::is_zero) {
            return Err(LinkError::PriceZero);
        }
        checked_url("returnTo", self.return_to.as_deref())?;
        checked_url("failedReturnTo", self.failed_return_to.as_deref())?;
        match checked_url("callbackUrl", self.callback_url.as_deref())? {
            Some(url) if url.scheme() != "https" => Err(LinkError::CallbackNotHttps),
            Some(_) | None => self.page.check(),
        }
    }
}

/// Whether MixPay takes `at` as the time to close a payment, both Unix seconds. It reads the link a
/// little later than we write it: leave a margin.
pub const fn may_close_at(now: i64, at: i64) -> bool {
    let ahead = at.saturating_sub(now);
    ahead > CLOSING_AHEAD_MIN_S && ahead < CLOSING_AHEAD_MAX_S
}

fn checked_url(name: &'static str, text: Option<&str>) -> Result<Option<Url>, LinkError> {
    let Some(text) = text else { return Ok(None) };
    let url = Url::parse(text).ok().filter(|_| text.len() <= URL_BYTES_MAX);
    url.map(Some).ok_or(LinkError::NotAUrl(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{option, prelude::*};
    use uuid::Uuid;

    fn link() -> PayLink {
        PayLink::to("a38ed284-5689-4fb9-8c2a-91fba5e32ce9".parse().unwrap())
    }

    fn refusal(change: impl FnOnce(&mut PayLink)) -> LinkError {
        let mut link = link();
        change(&mut link);
        link.url().unwrap_err()
    }

    #[test]
    fn what_mixpay_would_refuse_is_no_link() {
        let zero = Some(Amount::ZERO);
        let unit = QuoteAsset::Fiat("usd".parse().unwrap());
        let check = |found: LinkError, expected: LinkError| assert_eq!(found, expected);
        check(refusal(|link| link.remark = "é".repeat(51)), LinkError::RemarkTooLong);
        check(
            refusal(|link| link.settlement_memo = "é".repeat(101)),
            LinkError::SettlementMemoTooLong,
        );
        check(
            refusal(|link| link.quote = Some(Quote { unit, amount: zero, decimals_min: 0 })),
            LinkError::PriceZero,
        );
        check(refusal(|link| link.page.amount = zero), LinkError::PriceZero);
        check(refusal(|link| link.return_to = Some("/x".into())), LinkError::NotAUrl("returnTo"));
        check(
            refusal(|link| link.failed_return_to = Some(String::new())),
            LinkError::NotAUrl("failedReturnTo"),
        );
        check(
            refusal(|link| link.callback_url = Some(format!("https://a.example/{:1024}", 0))),
            LinkError::NotAUrl("callbackUrl"),
        );
        check(
            refusal(|link| link.callback_url = Some("http://bot.example/".into())),
            LinkError::CallbackNotHttps,
        );
        for email in ["", "alice", "@b.example", "a@b", "a@b@c.example", "a b@c.example", "a@b."] {
            check(refusal(|link| link.page.payer_email = Some(email.into())), LinkError::Email);
        }
    }

    #[test]
    fn limits_are_still_within_them() {
        let mut link = link();
        link.remark = "é".repeat(50);
        link.settlement_memo = "é".repeat(100);
        assert!(link.url().is_ok());
    }

    #[test]
    fn an_open_price_names_its_unit_alone() {
        let mut link = link();
        let unit = QuoteAsset::Fiat("usd".parse().unwrap());
        link.quote = Some(Quote { unit, amount: None, decimals_min: 2 });
        assert!(link.url().unwrap().ends_with("&quoteAssetId=usd"));
    }

    /// The parameters, as a browser reads them.
    fn read_back(url: &str) -> Vec<(String, String)> {
        let url = Url::parse(url).unwrap();
        // A query reads `+` as a space; ours never has one.
        assert!(!url.query().unwrap().contains('+'));
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }

    fn pairs<const N: usize>(parts: [(&str, Option<String>); N]) -> Vec<(String, String)> {
        let said = parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        said.collect()
    }

    fn uuids() -> impl Strategy<Value = Uuid> {
        any::<u128>().prop_map(Uuid::from_u128)
    }

    proptest! {
        #[test]
        fn a_link_is_read_back_as_what_it_was_made_of(
            (payee, is_plain, strict) in (uuids(), any::<bool>(), any::<bool>()),
            order in option::of("[A-Za-z0-9_-]{6,36}"),
            (settlement, trace) in (option::of(uuids()), option::of(uuids())),
            (units, decimals_min) in (option::of(1_u128..1 << 80), 0..9_u32),
            (remark, memo) in ("\\PC{0,50}", "\\PC{0,50}"),
            closes_at in option::of(0..4_000_000_000_i64),
        ) {
            let amount = units.map(Amount::from_units);
            let link = PayLink {
                payee_spelling: if is_plain { PayeeSpelling::Plain } else { PayeeSpelling::Dashed },
                order: order.as_deref().map(|order| order.parse().unwrap()),
                settlement: settlement.map(AssetId::new),
                strict,
                quote: Some(Quote { unit: "usd".parse().unwrap(), amount, decimals_min }),
                trace: trace.map(TraceId::new),
                remark: remark.clone(),
                settlement_memo: memo.clone(),
                closes_at,
                ..PayLink::to(UserId::new(payee))
            };
            prop_assume!(memo.len() <= SETTLEMENT_MEMO_BYTES_MAX);
            let mut read = read_back(&link.url().unwrap());
            // The amount may have more zeros than it needs, and is the same amount.
            for (name, value) in &mut read {
                if name == "quoteAmount" {
                    let decimals = value.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                    prop_assert!(decimals >= usize::try_from(decimals_min.min(8)).unwrap());
                    *value = value.parse::<Amount>().unwrap().to_string();
                }
            }
            let payee = if is_plain { payee.simple().to_string() } else { payee.to_string() };
            let text = |text: String| (!text.is_empty()).then_some(text);
            prop_assert_eq!(read, pairs([
                ("payeeId", Some(payee)),
                ("orderId", order),
                ("settlementAssetId", settlement.map(|id| id.to_string())),
                ("strictMode", strict.then(|| "1".to_owned())),
                ("quoteAssetId", Some("usd".to_owned())),
                ("quoteAmount", amount.map(|amount| amount.to_string())),
                ("traceId", trace.map(|id| id.to_string())),
                ("remark", text(remark)),
                ("settlementMemo", text(memo)),
                ("expiredTimestamp", closes_at.map(|at| at.to_string())),
            ]));
        }

        #[test]
        fn a_wallets_address_is_read_back_as_the_transfer_that_was_asked_for(
            (recipient, asset, trace) in (uuids(), uuids(), uuids()),
            units in 1_u128..1 << 100,
            memo in "\\PC{0,60}",
        ) {
            let (to, of) = (UserId::new(recipient), AssetId::new(asset));
            let amount = Amount::from_units(units);
            let url = mixin_pay_url(to, of, amount, &memo, TraceId::new(trace));
            prop_assert!(url.starts_with("mixin://pay?"));
            prop_assert_eq!(read_back(&url), pairs([
                ("recipient", Some(recipient.to_string())),
                ("asset", Some(asset.to_string())),
                ("amount", Some(amount.to_string())),
                ("memo", Some(memo)),
                ("trace", Some(trace.to_string())),
            ]));
        }
    }
}
