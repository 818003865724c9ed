//! How MixPay's page behaves, for every kind of link; and the page of a one-time payment.

use super::{
    LinkError,
    query::{Query, percent_encoded},
};
use crate::domain::{amount::Amount, ids::AssetId};

/// How a page of MixPay behaves; for every kind of link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Another price than the link's. A payer can add this, too.
    pub amount: Option<Amount>,
    /// The coin that is chosen beforehand.
    pub pay_with: Option<AssetId>,
    /// The method that is chosen beforehand.
    pub method: Option<PaymentMethod>,
    /// The wallet that is chosen beforehand.
    pub wallet: Option<PaymentWallet>,
    /// Whether Binance Pay is the only channel that is shown. MixPay's word for it is `balance`.
    pub only_binance: bool,
    /// Where MixPay mails the result to.
    pub payer_email: Option<String>,
    /// Whether the page is shown inside of another one.
    pub embedded: bool,
}

/// A way to pay, for [`Page`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentMethod {
    /// `crypto`.
    Crypto,
    /// `mixpayplus`.
    MixPayPlus,
}

/// A wallet, for [`Page`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentWallet {
    /// `gateio`.
    Gate,
    /// `binance`.
    Binance,
}

impl Page {
    pub(super) fn add_to(&self, query: &mut Query) {
        query.add_some("amount", self.amount);
        query.add_some("paymentAssetId", self.pay_with);
        query.add_some(
            "paymentMethod",
            self.method.map(|method| match method {
                PaymentMethod::Crypto => "crypto",
                PaymentMethod::MixPayPlus => "mixpayplus",
            }),
        );
        query.add_some(
            "paymentWallet",
            self.wallet.map(|wallet| match wallet {
                PaymentWallet::Gate => "gateio",
                PaymentWallet::Binance => "binance",
            }),
        );
        if self.only_binance {
            query.add("onlyShowWallet", "balance");
        }
        query.add_some("payerEmail", self.payer_email.as_deref());
        if self.embedded {
            query.add("style", "iframe");
        }
    }

    pub(super) fn check(&self) -> Result<(), LinkError> {
        if self.amount.is_some_and(Amount::is_zero) {
            return Err(LinkError::PriceZero);
        }
        if self.payer_email.as_deref().is_some_and(|email| !is_email(email)) {
            return Err(LinkError::Email);
        }
        Ok(())
    }
}

/// The page where a one-time payment is paid.
pub fn one_time_url(web: &str, code: &str, page: &Page) -> Result<String, LinkError> {
    page.check()?;
    let mut query = Query::default();
    page.add_to(&mut query);
    Ok(query.after(&format!("{web}/code/{}", percent_encoded(code))))
}

/// Only what is surely wrong is refused; MixPay has the last word.
fn is_email(text: &str) -> bool {
    let Some((user, host)) = text.split_once('@') else { return false };
    !user.is_empty()
        && host.contains('.')
        && !host.contains('@')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::pay_link::{PayLink, WEB};

    #[test]
    fn a_page_can_be_told_how_to_behave() {
        let page = Page {
            amount: Some("1234.5".parse().unwrap()),
            pay_with: Some("c6d0c728-2624-429b-8e0d-d9d19b6592fa".parse().unwrap()),
            method: Some(PaymentMethod::MixPayPlus),
            wallet: Some(PaymentWallet::Gate),
            only_binance: true,
            payer_email: Some("alice+1@shop.example".into()),
            embedded: true,
        };
        let behaviour = "amount=1234.5&paymentAssetId=c6d0c728-2624-429b-8e0d-d9d19b6592fa&\
            paymentMethod=mixpayplus&paymentWallet=gateio&onlyShowWallet=balance&\
            payerEmail=alice%2B1%40shop.example&style=iframe";
        assert_eq!(
            one_time_url(WEB, "a/b", &page).unwrap(),
            format!("https://mixpay.me/code/a%2Fb?{behaviour}")
        );
        let payee = "a38ed284-5689-4fb9-8c2a-91fba5e32ce9".parse().unwrap();
        let link = PayLink { page, ..PayLink::to(payee) };
        assert!(link.url().unwrap().ends_with(&format!("e32ce9&{behaviour}")));
    }
}
