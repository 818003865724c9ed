//! What facts about an invoice amount to: an invoice of 12.5 USD, its facts, and their sum in words.

mod kept;
mod notices;
mod polling;
mod properties;
pub(crate) mod stories;
mod table;

use jiff::{SignedDuration, Timestamp};
use mixpay_bot::domain::{
    amount::Amount,
    asset::{Money, QuoteAsset},
    code::ShortCode,
    ids::{AssetId, InvoiceId, MessageId, SnapshotId, TraceId, UserId},
    invoice::{
        Invoice,
        fact::{About, Arrival, ArrivalKind, Decision, Fact, Facts, Heard, Role, Word},
        fold::fold,
        report::{Report, Status},
        standing::{FailureCause, Standing, Sum},
        terms::{Seconds, Terms},
    },
    locale::Locale,
};
use uuid::Uuid;

/// When the invoice's payment was asked for, Unix seconds; everything else is minutes from here.
const START: i64 = 1_795_226_100;
/// The deadline that the chat was told.
pub(crate) const DEADLINE: i64 = 30;
/// When MixPay closes the payment.
pub(crate) const CLOSES: i64 = 150;
const PAGE: &str = "K7Q2MXNPAGE";
const USDT: &str = "4d8c508b-91c5-375b-92b0-ee702ed2dac5";
const TRX: &str = "25dabac5-056a-48ff-b9f9-f67395dc407c";

pub(crate) fn terms() -> Terms {
    Terms {
        price: Money { amount: amount("12.5"), unit: QuoteAsset::Fiat("usd".parse().unwrap()) },
        symbol: "USD".to_owned(),
        decimals: 2,
        memo: Some("coffee".to_owned()),
        payee: "7b1c9a52-3d4e-4f60-8a7b-9c0d1e2f3a4b".parse().unwrap(),
        payee_name: "Bob (37160854)".to_owned(),
        settlement: asset(USDT),
        settlement_label: "USDT (ERC20)".to_owned(),
        strict: false,
        lifetime: Seconds(DEADLINE * 60),
        grace: Seconds((CLOSES - DEADLINE) * 60),
        order: None,
        pay_with: None,
        link: None,
        told: None,
    }
}

pub(crate) fn invoice(facts: Facts) -> Invoice {
    Invoice {
        id: InvoiceId::new(Uuid::from_u128(1)),
        code: "K7Q2MXN".parse::<ShortCode>().unwrap(),
        creator: user(1),
        conversation: "c98ad5b7-5cb5-4eb5-8a2e-0a1b2c3d4e5f".parse().unwrap(),
        in_group: false,
        asked_in: None,
        terms: terms(),
        locale: Locale::En,
        created_at: minute(0),
        facts,
    }
}

pub(crate) fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

pub(crate) fn asset(text: &str) -> AssetId {
    text.parse().unwrap()
}

pub(crate) fn user(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

/// The trace of the attempt with this number. The first is the one of MixPay's samples.
pub(crate) fn trace(attempt: u32) -> TraceId {
    match attempt {
        1 => "5d2f6a1e-8c3b-4e7a-9f10-2b4c6d8e0f12".parse().unwrap(),
        _ => TraceId::new(Uuid::from_u128(u128::from(attempt))),
    }
}

pub(crate) fn minute(minute: i64) -> Timestamp {
    Timestamp::from_second(START + minute * 60).unwrap()
}

pub(crate) fn ms(minute: i64) -> i64 {
    (START + minute * 60) * 1000
}

/// We asked MixPay for the payment, so many minutes after the first attempt.
pub(crate) fn attempted(attempt: u32, at: i64) -> Fact {
    let deadline = minute(at + DEADLINE);
    let closes_at = deadline + SignedDuration::from_mins(CLOSES - DEADLINE);
    Fact::Attempted { trace: trace(attempt), attempt, deadline, closes_at }
}

/// The code of the page of an attempt's payment.
pub(crate) fn page(attempt: u32) -> String {
    if attempt == 1 { PAGE.to_owned() } else { format!("PAGE{attempt}") }
}

pub(crate) fn opened(attempt: u32) -> Fact {
    Fact::Opened { trace: trace(attempt), page: page(attempt), coin: None }
}

pub(crate) fn refused(attempt: u32, code: i64) -> Fact {
    Fact::Refused { trace: trace(attempt), code }
}

/// MixPay answered about an attempt, at this minute.
pub(crate) fn said_of(attempt: u32, report: Report, at: i64) -> Fact {
    Fact::Heard(Heard { trace: trace(attempt), report, first_ms: ms(at), last_ms: ms(at) })
}

/// MixPay answered about the payment that was shown.
pub(crate) fn said(report: Report, at: i64) -> Fact {
    said_of(1, report, at)
}

/// MixPay gave the same answer from the one minute to the other.
pub(crate) fn kept_saying(report: Report, from: i64, to: i64) -> Fact {
    Fact::Heard(Heard { trace: trace(1), report, first_ms: ms(from), last_ms: ms(to) })
}

pub(crate) fn arrived(number: u128, kind: ArrivalKind, at: i64) -> Fact {
    Fact::Arrived(Arrival {
        snapshot: SnapshotId::new(Uuid::from_u128(number)),
        asset: asset(USDT),
        symbol: "USDT".to_owned(),
        amount: amount("12.5"),
        at: minute(at),
        kind,
    })
}

pub(crate) fn cancelled(at: i64) -> Fact {
    let cause = MessageId::new(Uuid::from_u128(7));
    Fact::Cancelled { by: user(1), at: minute(at), cause }
}

/// A human's word: the creator is user 1, the operator user 2.
pub(crate) fn decided(role: Role, word: Word, about: About, at: i64) -> Fact {
    let by = user(if role == Role::Operator { 2 } else { 1 });
    let cause = MessageId::new(Uuid::from_u128(u128::try_from(1000 + at).unwrap()));
    Fact::Decided(Decision { by, role, word, about, at: minute(at), cause })
}

/// An answer about the payment that we asked for.
pub(crate) fn order(status: Status) -> Report {
    Report {
        payee: Some(terms().payee),
        quote_amount: Some(terms().price.amount),
        quote_asset: Some(terms().price.unit),
        trace: Some(trace(1).to_string()),
        ..Report::of(status)
    }
}

/// A success that is as we asked for it, paid at this minute with 51.2 TRX.
pub(crate) fn success(paid_at: i64) -> Report {
    Report { paid_at: Some(START + paid_at * 60), ..trx(Status::Success, "51.2") }
}

/// A success for less than the price.
pub(crate) fn mismatch(paid_at: i64) -> Report {
    Report { quote_amount: Some(amount("0.01")), ..success(paid_at) }
}

/// So many of the 51.2 TRX were received.
pub(crate) fn trx(status: Status, paid: &str) -> Report {
    Report {
        paid: Some(amount(paid)),
        paid_symbol: Some("TRX".to_owned()),
        payable: Some(amount("51.2")),
        ..order(status)
    }
}

/// 20 of 51.2 TRX came.
pub(crate) fn underpaid() -> Report {
    Report { underpaid: true, transactions_total: Some(amount("20")), ..trx(Status::Pending, "20") }
}

pub(crate) fn failed(code: i64, received: Option<&str>) -> Report {
    let report =
        received.map_or_else(|| order(Status::Failed), |received| trx(Status::Failed, received));
    Report { failure: Some(code), ..report }
}

pub(crate) fn settled(report: Report) -> Report {
    Report {
        settled: true,
        settle_amount: Some(amount("12.4")),
        settle_symbol: Some("USDT".to_owned()),
        settle_asset: Some(asset(USDT)),
        ..report
    }
}

fn sum(sum: &Sum) -> String {
    format!("{} {}", sum.amount, sum.symbol)
}

/// The state and the flags, as one line.
pub(crate) fn in_words(standing: &Standing) -> String {
    let flags = &standing.flags;
    let mut words = vec![standing.state.name().to_owned()];
    words.extend(standing.missing.as_ref().map(|missing| format!("missing {}", sum(missing))));
    words.extend(standing.failure.as_ref().map(|cause| match cause {
        FailureCause::Refused(code) => format!("refused with {code}"),
        FailureCause::GivenUp => "given up".to_owned(),
        FailureCause::Failed { code, received: Some(received) } => {
            format!("{code}, received {}", sum(received))
        }
        FailureCause::Failed { code, received: None } => code.to_string(),
        FailureCause::Rejected(_) => "rejected".to_owned(),
    }));
    words.extend(standing.settled.as_ref().map(|settled| format!("got {}", sum(settled))));
    words.extend(flags.over.as_ref().map(|over| format!("over {}", sum(over))));
    let other = flags.other_settlement.as_ref();
    words.extend(other.map(|other| format!("other settlement {other}")));
    for (is_set, word) in [
        (flags.late.is_some(), "late"),
        (flags.double, "double"),
        (flags.contradicted, "contradicted"),
        (flags.accepted_short, "accepted short"),
        (flags.decided.is_some(), "decided"),
    ] {
        words.extend(is_set.then(|| word.to_owned()));
    }
    words.join(", ")
}

/// Checks what facts amount to.
#[track_caller]
pub(crate) fn check(facts: impl IntoIterator<Item = Fact>, expected: &str) {
    let facts: Facts = facts.into_iter().collect();
    let standing = fold(&terms(), &facts);
    assert_eq!(in_words(&standing), expected, "{facts:#?}");
}

/// Checks what facts amount to once MixPay has made the payment and the card was shown.
#[track_caller]
pub(crate) fn check_shown(facts: impl IntoIterator<Item = Fact>, expected: &str) {
    check([attempted(1, 0), opened(1)].into_iter().chain(facts), expected);
}
