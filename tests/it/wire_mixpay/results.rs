//! `payments_result`: each sample and what it says.

use super::{BTC, PAYEE, REPORTED_MS, TRACE, TRX, USDT, double::Double, sample, status_of};
use mixpay_bot::{
    domain::{
        amount::Amount,
        asset::QuoteAsset,
        invoice::report::{Report, Status},
    },
    ports::checkout::Checkout,
};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

/// The order of the samples: 12.5 USD for the payee.
fn order(status: Status) -> Report {
    Report {
        payee: Some(PAYEE.parse().unwrap()),
        quote_amount: Some(amount("12.5")),
        quote_asset: Some(QuoteAsset::Fiat("usd".parse().unwrap())),
        trace: Some(TRACE.to_owned()),
        ..Report::of(status)
    }
}

fn paid(status: Status, paid: &str, symbol: &str) -> Report {
    Report {
        paid: Some(amount(paid)),
        paid_symbol: Some(symbol.to_owned()),
        paid_at: Some(1_795_226_445),
        ..order(status)
    }
}

/// Paid with USDT, as it should be.
fn usdt(status: Status) -> Report {
    Report { payable: Some(amount("12.506")), ..paid(status, "12.506", "USDT") }
}

/// Paid with TRX on chain.
fn trx(status: Status, amount_paid: &str) -> Report {
    Report {
        payable: Some(amount("51.2")),
        transaction: Some("1".repeat(64)),
        ..paid(status, amount_paid, "TRX")
    }
}

fn settled(report: Report) -> Report {
    Report {
        settled: true,
        settle_amount: Some(amount("12.5")),
        settle_symbol: Some("USDT".to_owned()),
        settle_asset: Some(USDT.parse().unwrap()),
        ..report
    }
}

fn failed(report: Report, code: i64) -> Report {
    Report { failure: Some(code), ..report }
}

type Row = (&'static str, fn() -> Report);

const RESULTS: &[Row] = &[
    ("payments_result.unpaid.json", || order(Status::Unpaid)),
    ("payments_result.unpaid_date_null.json", || order(Status::Unpaid)),
    ("payments_result.auditing.json", || usdt(Status::Auditing)),
    ("payments_result.status_unknown.json", || order(Status::Other("reviewing".to_owned()))),
    ("payments_result.pending_confirming.json", || Report {
        paid_at: Some(1_795_226_430),
        confirmations: Some((3, None)),
        ..trx(Status::Pending, "51.2")
    }),
    ("payments_result.pending_paid_less.json", || Report {
        paid_at: Some(1_795_226_430),
        confirmations: Some((4, Some(19))),
        underpaid: true,
        transactions_total: Some(amount("20")),
        ..trx(Status::Pending, "20")
    }),
    ("payments_result.success.json", || settled(usdt(Status::Success))),
    ("payments_result.success_amount_padded.json", || settled(usdt(Status::Success))),
    ("payments_result.success_settle_pending.json", || usdt(Status::Success)),
    ("payments_result.success_multipay.json", || Report {
        paid_at: Some(1_795_226_580),
        transactions_total: Some(amount("51.2")),
        transaction: Some("2".repeat(64)),
        ..settled(trx(Status::Success, "51.2"))
    }),
    ("payments_result.success_other_settle_asset.json", || Report {
        quote_amount: Some(amount("5000")),
        paid: Some(amount("5001.4")),
        payable: Some(amount("5001.4")),
        settle_amount: Some(amount("5000")),
        ..settled(usdt(Status::Success))
    }),
    ("payments_result.success_surplus.json", || Report {
        surplus: Some(amount("3.8")),
        ..settled(trx(Status::Success, "55"))
    }),
    ("payments_result.tampered_amount.json", || Report {
        quote_amount: Some(amount("0.01")),
        paid: Some(amount("0.01")),
        payable: Some(amount("0.01")),
        settle_amount: Some(amount("0.01")),
        ..settled(usdt(Status::Success))
    }),
    ("payments_result.tampered_payee.json", || Report {
        payee: Some("2c4e6a80-1b3d-4f5e-9a7c-8e6d4c2b0a19".parse().unwrap()),
        ..settled(usdt(Status::Success))
    }),
    ("payments_result.tampered_quote_asset.json", || Report {
        quote_asset: Some(QuoteAsset::Asset(TRX.parse().unwrap())),
        ..settled(usdt(Status::Success))
    }),
    ("payments_result.failed_40000.json", || failed(order(Status::Failed), 40000)),
    ("payments_result.failed_40020.json", || failed(paid(Status::Failed, "10", "TRX"), 40020)),
    ("payments_result.failed_40021.json", || failed(usdt(Status::Failed), 40021)),
    ("payments_result.failed_40024.json", || Report {
        paid: Some(amount("11")),
        ..failed(usdt(Status::Failed), 40024)
    }),
    ("payments_result.failed_40025.json", || failed(usdt(Status::Failed), 40025)),
    ("payments_result.failed_unknown_code.json", || failed(order(Status::Failed), 49999)),
    ("payments_result.error_404.json", || Report::of(Status::NotFound)),
];

pub(super) fn claimed() -> impl Iterator<Item = &'static str> {
    RESULTS.iter().map(|(name, _)| *name)
}

#[tokio::test]
async fn an_answer_is_reported_as_far_as_it_can_be_read() {
    for (name, expected) in RESULTS {
        let double = Double::answering(status_of(name), sample(name)).await;
        let answer = double.mixpay.result(TRACE.parse().unwrap()).await.unwrap();
        assert_eq!(answer.report, expected(), "{name}");
        assert_eq!(answer.reported_ms, Some(REPORTED_MS), "{name}");
    }
}

#[tokio::test]
async fn numbers_are_read_exactly_in_every_spelling_as_numbers_and_as_texts() {
    for (written, amount_read, odd) in [
        ("1e1", Some("10"), None),
        ("1.0e1", Some("10"), None),
        ("10E-0", Some("10"), None),
        ("10.00000000000", Some("10"), None),
        ("1.0e-5", Some("0.00001"), None),
        ("10.000000001", None, Some("10.000000001")),
        ("10000000001e-9", None, Some("10.000000001")),
        ("-10", None, Some("-10")),
        ("1e999999999", None, Some("1e999999")),
    ] {
        for json in [written.to_owned(), format!("\"{written}\""), format!("\" {written} \"")] {
            let body = format!(
                r#"{{"code":0,"success":true,"data":{{"status":"success","quoteAmount":{json},
                "payableAmount":{json},"paymentAmount":{json},"surplusAmount":{json},
                "settleAmount":{json},"settleStatus":"success",
                "transactions":[{{"paymentAmount":{json}}}]}}}}"#
            );
            let double = Double::answering(200, body.as_str()).await;
            let report = double.mixpay.result(TRACE.parse().unwrap()).await.unwrap().report;
            let read = amount_read.map(amount);
            assert_eq!((report.quote_amount, report.quote_odd.as_deref()), (read, odd), "{json}");
            for other in [
                report.payable,
                report.paid,
                report.surplus,
                report.settle_amount,
                report.transactions_total,
            ] {
                assert_eq!(other, read, "{json}");
            }
        }
    }
}

#[tokio::test]
async fn a_result_is_asked_for_with_its_parts() {
    let double = Double::answering(200, sample("payments_result.unpaid.json")).await;
    double.mixpay.result(TRACE.parse().unwrap()).await.unwrap();
    let line = &double.asked()[0].line;
    let expected = format!("GET /v1/payments_result?traceId={TRACE}&with=payment%2Ctransactions");
    assert_eq!(*line, expected);
}

#[tokio::test]
async fn an_answer_without_a_time_tells_none() {
    let body = format!(r#"{{"code":0,"success":true,"data":{{"settleAsset":"{BTC}"}}}}"#);
    for (status, body) in [(200, body.as_str()), (404, r#"{"code":404,"success":false}"#)] {
        let double = Double::answering(status, body).await;
        let answer = double.mixpay.result(TRACE.parse().unwrap()).await.unwrap();
        assert_eq!(answer.reported_ms, None, "{body}");
    }
}
