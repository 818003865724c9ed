//! Direct: whether MixPay's answer with a payment in one coin is an answer to what was asked.
//!
//! What it says goes onto a pay button, and there the money goes where it says. So nothing of it is
//! shown unless all of it fits: a wrong one is as good as none, and is asked for again.

use crate::{
    app::{deps::Deps, gate, learn::tell_operators},
    domain::{
        amount::Amount,
        ids::{AssetId, TraceId, UserId},
        invoice::Invoice,
    },
    ports::{
        checkout::{DirectPayment, PayTo},
        failure::{CallError, Failure, Reason},
    },
    speech::{Draft, notice},
    store::{Permit, StoreError},
};
use jiff::{SignedDuration, Timestamp};

/// A price may differ from the estimate of a moment ago by one part in so many.
const PRICE_PART_MAX: u128 = 5;
/// A price lasts 15 minutes at most; with room for clocks that differ.
const PRICE_LENGTH_MAX: SignedDuration = SignedDuration::from_mins(30);
/// A price that is over for longer than clocks differ was never meant for this question.
const PRICE_AGE_MAX: SignedDuration = SignedDuration::from_mins(10);
/// MixPay's memos have 64 characters.
const MEMO_CHARS_MAX: usize = 200;
/// Addresses of all chains are shorter.
const DESTINATION_CHARS_MAX: usize = 128;
/// Tags of all chains are shorter.
const TAG_CHARS_MAX: usize = 64;

/// What a payment was asked for with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Under which trace.
    pub(super) trace: TraceId,
    /// To be paid in what.
    pub(super) asset: AssetId,
    /// Whether on its chain.
    pub(super) on_chain: bool,
    /// About how much of it, by an estimate of a moment ago.
    pub(super) about: Amount,
    /// The accounts that MixPay receives with.
    pub(super) accounts: &'a [UserId],
    /// The time now.
    pub(super) now: Timestamp,
}

/// Says what of an answer is not as asked for; `None` if all of it is.
pub(super) fn foreign(asked: &Asked<'_>, direct: &DirectPayment) -> Option<&'static str> {
    let until = Timestamp::from_second(direct.price_until).ok();
    let fits = |until: Timestamp| {
        let left = until.duration_since(asked.now);
        -PRICE_AGE_MAX <= left && left <= PRICE_LENGTH_MAX
    };
    let place = match &direct.to {
        PayTo::Mixin { recipient, memo } => {
            if asked.on_chain {
                Some("kind")
            } else if !asked.accounts.contains(recipient) {
                Some("recipient")
            } else {
                (!is_plain(memo, MEMO_CHARS_MAX)).then_some("memo")
            }
        }
        PayTo::Chain { destination, tag } => {
            let tag = tag.as_deref().is_none_or(|tag| is_plain(tag, TAG_CHARS_MAX));
            if !asked.on_chain {
                Some("kind")
            } else if !is_plain(destination, DESTINATION_CHARS_MAX) {
                Some("destination")
            } else {
                (!tag).then_some("tag")
            }
        }
    };
    if direct.trace != asked.trace {
        Some("trace")
    } else if direct.asset != asked.asset {
        Some("asset")
    } else if !is_near(direct.amount, asked.about) {
        Some("amount")
    } else if !until.is_some_and(fits) {
        Some("time")
    } else {
        place
    }
}

/// Whether a text is one word of bounded length that shows as it is.
fn is_plain(text: &str, chars_max: usize) -> bool {
    (1..=chars_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_near(amount: Amount, about: Amount) -> bool {
    let difference = amount.checked_sub(about).or_else(|| about.checked_sub(amount));
    difference
        .and_then(|difference| difference.checked_mul(PRICE_PART_MAX))
        .is_some_and(|scaled| !amount.is_zero() && scaled <= about)
}

/// Makes a payment in one coin, or quotes it anew. Somebody else's payment is an error like no
/// answer at all: ours may have been made all the same.
pub(super) async fn make(
    deps: &Deps,
    permit: Permit,
    invoice: &Invoice,
    asked: &Asked<'_>,
    body: &str,
) -> Result<Result<DirectPayment, CallError>, StoreError> {
    let made = gate::call(deps, permit, |mixpay| async move { mixpay.open_direct(body).await });
    let direct = match made.await? {
        Ok(direct) => direct,
        Err(error) => return Ok(Err(error)),
    };
    let Some(field) = foreign(asked, &direct) else { return Ok(Ok(direct)) };
    tell(deps, invoice, field).await?;
    let start = format!("another {field} than was asked for");
    Ok(Err(CallError {
        failure: Failure::Unknown,
        service: "mixpay",
        call: "POST /payments",
        reason: Reason::NotUnderstood { status: 200, start },
    }))
}

/// Operators are told once of an invoice that MixPay answers with somebody else's payment.
async fn tell(deps: &Deps, invoice: &Invoice, field: &'static str) -> Result<(), StoreError> {
    deps.metrics.mixpay_foreign.add(field, 1);
    tracing::error!(
        invoice.id = %invoice.id,
        invoice.code = %invoice.code,
        field,
        "MixPay answers for invoice {} with another {field} than was asked for",
        invoice.code
    );
    let mut tx = deps.store.begin().await?;
    if tx.tell_once(invoice.id, "foreign", false).await? {
        let draft = Draft::text(notice::foreign(invoice, field, invoice.locale));
        let draft = draft.about(invoice.code);
        tell_operators(&mut tx, deps, invoice, &draft, "foreign", deps.now()).await?;
    }
    deps.commit(tx).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "3539c3ce-52c0-4b0b-9573-c035ecb98d48";
    const OTHER: &str = "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810";
    const NOW: i64 = 1_795_226_445;

    /// What is said of an answer that was changed like this.
    fn said(on_chain: bool, change: impl FnOnce(&mut DirectPayment)) -> Option<&'static str> {
        let accounts = [ACCOUNT.parse().unwrap()];
        let asked = Asked {
            trace: "dd9c3e04-a5d2-11ec-b909-0242ac120002".parse().unwrap(),
            asset: "c6d0c728-2624-429b-8e0d-d9d19b6592fa".parse().unwrap(),
            on_chain,
            about: "10".parse().unwrap(),
            accounts: &accounts,
            now: Timestamp::from_second(NOW).unwrap(),
        };
        let to = if on_chain {
            PayTo::Chain { destination: "bc1qexample".to_owned(), tag: Some("7".to_owned()) }
        } else {
            PayTo::Mixin { recipient: accounts[0], memo: "cGF5bWVudA==".to_owned() }
        };
        let mut direct = DirectPayment {
            trace: asked.trace,
            asset: asked.asset,
            symbol: "BTC".to_owned(),
            amount: "10.1".parse().unwrap(),
            price_until: NOW + 60,
            to,
        };
        change(&mut direct);
        foreign(&asked, &direct)
    }

    #[test]
    fn an_answer_that_fits_in_everything_is_believed() {
        assert_eq!(said(false, |_| ()), None);
        assert_eq!(said(true, |_| ()), None);
        assert_eq!(said(false, |d| d.amount = "8".parse().unwrap()), None);
        assert_eq!(said(false, |d| d.amount = "12".parse().unwrap()), None);
        assert_eq!(said(false, |d| d.price_until = NOW + 900), None);
    }

    #[test]
    fn whatever_is_somebody_elses_is_named() {
        for on_chain in [false, true] {
            let said = |change: &dyn Fn(&mut DirectPayment)| said(on_chain, change);
            assert_eq!(said(&|d| d.trace = OTHER.parse().unwrap()), Some("trace"));
            assert_eq!(said(&|d| d.asset = OTHER.parse().unwrap()), Some("asset"));
            for amount in ["10000", "12.00000001", "7.99999999", "0.01", "0"] {
                let amount: Amount = amount.parse().unwrap();
                assert_eq!(said(&|d| d.amount = amount), Some("amount"), "{amount}");
            }
            let most = Amount::from_units(u128::MAX);
            assert_eq!(said(&|d| d.amount = most), Some("amount"));
            for until in [0, NOW - 601, NOW + 1801, (NOW + 60) * 1000, i64::MAX, i64::MIN] {
                assert_eq!(said(&|d| d.price_until = until), Some("time"), "{until}");
            }
        }
        let to_mixin = |recipient: &str, memo: &str| PayTo::Mixin {
            recipient: recipient.parse().unwrap(),
            memo: memo.to_owned(),
        };
        let to_chain = |destination: &str, tag: Option<&str>| PayTo::Chain {
            destination: destination.to_owned(),
            tag: tag.map(str::to_owned),
        };
        for (on_chain, to, field) in [
            (false, to_mixin(OTHER, "memo"), "recipient"),
            (false, to_mixin(ACCOUNT, ""), "memo"),
            (false, to_mixin(ACCOUNT, "two words"), "memo"),
            (false, to_mixin(ACCOUNT, &"x".repeat(300)), "memo"),
            (false, to_chain("bc1q", None), "kind"),
            (true, to_mixin(ACCOUNT, "memo"), "kind"),
            (true, to_chain("", None), "destination"),
            (true, to_chain("bc1q\nSend it here", None), "destination"),
            (true, to_chain("bc1q\u{202e}x", None), "destination"),
            (true, to_chain("bc1q", Some("1 2")), "tag"),
            (true, to_chain("bc1q", Some("")), "tag"),
        ] {
            assert_eq!(said(on_chain, |d| d.to = to), Some(field));
        }
    }
}
