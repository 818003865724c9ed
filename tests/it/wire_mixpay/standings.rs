//! `payments_result`: each sample, and what it makes of the invoice that it is about.

use super::{PAYEE, TRACE, double::Double, results, sample, status_of};
use crate::states::{check_shown, said, terms};
use mixpay_bot::ports::checkout::Checkout;

/// When the samples count as said: before the deadline.
const AT: i64 = 5;

const STANDINGS: &[(&str, &str)] = &[
    ("payments_result.unpaid.json", "open"),
    ("payments_result.unpaid_date_null.json", "open"),
    ("payments_result.error_404.json", "open"),
    ("payments_result.auditing.json", "review"),
    ("payments_result.status_unknown.json", "open"),
    ("payments_result.pending_confirming.json", "processing"),
    ("payments_result.pending_paid_less.json", "partial, missing 31.2 TRX"),
    ("payments_result.success.json", "settled, got 12.5 USDT"),
    ("payments_result.success_amount_padded.json", "settled, got 12.5 USDT"),
    ("payments_result.success_settle_pending.json", "paid"),
    ("payments_result.success_multipay.json", "settled, got 12.5 USDT"),
    // The order of this sample was 5,000 USD.
    ("payments_result.success_other_settle_asset.json", "held"),
    ("payments_result.success_surplus.json", "settled, got 12.5 USDT, over 3.8 TRX"),
    ("payments_result.tampered_amount.json", "held"),
    ("payments_result.tampered_payee.json", "held"),
    ("payments_result.tampered_quote_asset.json", "held"),
    ("payments_result.failed_40000.json", "expired"),
    ("payments_result.failed_40020.json", "failed, 40020, received 10 TRX"),
    ("payments_result.failed_40021.json", "processing, double"),
    ("payments_result.failed_40024.json", "failed, 40024, received 11 USDT"),
    ("payments_result.failed_40025.json", "failed, 40025, received 12.506 USDT"),
    ("payments_result.failed_unknown_code.json", "failed, 49999"),
];

#[tokio::test]
async fn an_invoice_stands_as_mixpays_answer_says() {
    assert_eq!(terms().payee.to_string(), PAYEE);
    let mut listed: Vec<&str> = STANDINGS.iter().map(|(name, _)| *name).collect();
    let mut claimed: Vec<&str> = results::claimed().collect();
    listed.sort_unstable();
    claimed.sort_unstable();
    assert_eq!(listed, claimed);
    for (name, expected) in STANDINGS {
        let double = Double::answering(status_of(name), sample(name)).await;
        let answer = double.mixpay.result(TRACE.parse().unwrap()).await.unwrap();
        check_shown([said(answer.report, AT)], expected);
    }
}
