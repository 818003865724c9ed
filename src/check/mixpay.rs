//! What `check` tests at MixPay: that it answers, that it takes payments for the payee, and from
//! where it pays.

use crate::{
    check::Verdict,
    config::{Payee, Settings, keys},
    domain::{
        amount::Amount,
        asset::{Money, QuoteAsset},
        catalogue::{AssetList, ListedAsset},
        ids::{TraceId, UserId},
    },
    ports::{
        checkout::{Checkout, PaymentRequest},
        failure::CallError,
        ids::Ids,
    },
};
use jiff::Timestamp;
use uuid::Uuid;

/// The payee of MixPay's public demo: what is refused for it as well is not the payee's fault.
const DEMO_PAYEE: UserId = UserId::new(Uuid::from_u128(0x8e69e534_d0c4_3e04_8b61_37a73cd9e7d7));
/// The price of the test if the list has no minimum: 0.1 USD.
const PRICE: Amount = Amount::from_units(10_000_000);
/// The test's payment closes after so many seconds; nobody gets to see it.
const CLOSES_AFTER_S: i64 = 120;

/// What MixPay quotes prices in.
pub(super) async fn quoted(checkout: &dyn Checkout) -> Result<Vec<ListedAsset>, CallError> {
    checkout.assets(AssetList::Quote).await
}

/// Whether MixPay answers.
pub(super) fn reached(quoted: &Result<Vec<ListedAsset>, CallError>) -> Verdict {
    match quoted {
        Ok(list) => Verdict::Fine(format!("it quotes prices in {} units", list.len())),
        Err(error) => Verdict::Failing(format!(
            "MixPay cannot be asked ({error}): see mixpay.api_url and the network"
        )),
    }
}

/// MixPay, asked to make payments.
pub(super) struct Asked<'a> {
    pub(super) checkout: &'a dyn Checkout,
    pub(super) settings: &'a Settings,
    pub(super) now: Timestamp,
    pub(super) ids: &'a dyn Ids,
}

impl Asked<'_> {
    /// Whether MixPay takes payments for the payee: it is asked to make the smallest one, which
    /// nobody is shown and which soon closes.
    pub(super) async fn payee(&self, bot: UserId, quoted: &[ListedAsset]) -> Verdict {
        let (payee, who) = match self.settings.invoice.payee {
            Payee::Till(till) => (till, "the till"),
            Payee::WhoAsks => (bot, "the bot"),
        };
        let Some(price) = smallest(quoted) else {
            return Verdict::Warning("not tested: MixPay quotes no prices in USD".to_owned());
        };
        let Err(error) = self.open(payee, price).await else {
            return Verdict::Fine(format!("MixPay takes payments for {who}, {payee}"));
        };
        if error.code().is_none() {
            return Verdict::Failing(format!("MixPay cannot be asked ({error}): try again later"));
        }
        if let Err(also) = self.open(DEMO_PAYEE, price).await {
            return Verdict::Failing(format!(
                "MixPay makes no payment for {who} ({error}) nor for its own demo ({also}): see \
                 invoice.settlement_asset, or try again later"
            ));
        }
        let support = &self.settings.support;
        let told = format!("the payee is not activated at MixPay: {who}, {payee} ({error})");
        if payee == bot && !self.settings.invoice.bot_payee {
            // The bot stood in for the people who ask, whom nobody knows yet.
            return Verdict::Warning(format!(
                "{told}; invoices go to whoever asks, and MixPay must have activated them: ask \
                 {support}"
            ));
        }
        Verdict::Failing(format!("{told}: ask {support} to activate it, or set invoice.payee"))
    }

    async fn open(&self, payee: UserId, price: Money) -> Result<String, CallError> {
        let request = PaymentRequest {
            payee,
            price,
            settlement: self.settings.invoice.settlement_asset,
            strict: false,
            trace: TraceId::new(self.ids.uuid()),
            remark: "mixpay-bot check".to_owned(),
            callback_url: None,
            closes_at: self.now.as_second().saturating_add(CLOSES_AFTER_S),
            pay_with: None,
            on_chain: false,
        };
        self.checkout.open(&self.checkout.body(&request)).await
    }
}

/// The smallest price in US dollars.
fn smallest(quoted: &[ListedAsset]) -> Option<Money> {
    let listed = quoted.iter().find(|listed| match listed.unit {
        QuoteAsset::Fiat(fiat) => fiat.code() == "usd",
        QuoteAsset::Asset(_) => false,
    })?;
    let amount = listed.min.filter(|min| !min.is_zero()).unwrap_or(PRICE);
    Some(Money { amount, unit: listed.unit })
}

/// From where MixPay pays: only a real settlement shows whether that is right.
pub(super) fn accounts(accounts: &[UserId]) -> Verdict {
    let told: Vec<String> = accounts.iter().map(UserId::to_string).collect();
    let told = told.join(",");
    if told == keys::MIXPAY_ACCOUNTS.default {
        Verdict::Warning(format!(
            "{told} is from MixPay's documents and unverified: compare it with the sender of the \
             first settlement that you receive"
        ))
    } else {
        Verdict::Fine(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogue;

    #[test]
    fn the_smallest_price_is_the_minimum_of_the_list_or_a_tenth_of_a_dollar() {
        let mut quoted = Catalogue::builtin().quote;
        let mut with_min = |min: Option<&str>| {
            for listed in &mut quoted {
                listed.min = min.map(|min| min.parse().unwrap());
            }
            let price = smallest(&quoted).unwrap();
            format!("{} {}", price.amount, price.unit)
        };
        assert_eq!(with_min(Some("0.25")), "0.25 usd");
        assert_eq!(with_min(Some("0")), "0.1 usd");
        assert_eq!(with_min(None), "0.1 usd");
        assert_eq!(smallest(&[]), None);
    }

    #[test]
    fn the_account_of_the_documents_is_called_unverified() {
        let documented: UserId = keys::MIXPAY_ACCOUNTS.default.parse().unwrap();
        assert!(
            matches!(accounts(&[documented]), Verdict::Warning(told) if told.contains("unverified"))
        );
        assert!(matches!(accounts(&[DEMO_PAYEE]), Verdict::Fine(_)));
    }
}
