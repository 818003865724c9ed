//! `payments_result`: what became of a payment.

use super::wire::{Lenient, Scalar};
use crate::domain::{
    amount::Amount,
    invoice::report::{Report, Status},
};
use serde::Deserialize;

/// `data` of `payments_result`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ResultData {
    status: Scalar,
    quote_amount: Scalar,
    quote_asset_id: Scalar,
    payment_amount: Scalar,
    payment_symbol: Scalar,
    payable_amount: Scalar,
    payee_id: Scalar,
    trace_id: Scalar,
    txid: Scalar,
    date: Scalar,
    surplus_amount: Scalar,
    confirmations: Scalar,
    failure_code: Scalar,
    settle_status: Scalar,
    settle_amount: Scalar,
    settle_symbol: Scalar,
    settle_asset: Scalar,
    transactions: Lenient<Vec<Lenient<Transaction>>>,
    payment: Lenient<Parts>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Transaction {
    payment_amount: Scalar,
    required_confirms: Scalar,
    confirmations: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Parts {
    is_multi_pay: Scalar,
    is_fully_paid: Scalar,
    total_transactions_amount: Scalar,
}

impl ResultData {
    /// What it says, as far as it can be read.
    pub(super) fn report(&self) -> Report {
        let parts = &self.payment.0;
        Report {
            status: status(self.status.text().unwrap_or("")),
            payee: self.payee_id.parsed(),
            quote_amount: self.quote_amount.parsed(),
            quote_odd: self.quote_amount.odd_number(),
            quote_asset: self.quote_asset_id.parsed(),
            trace: self.trace_id.owned(),
            paid: self.payment_amount.some_amount(),
            paid_symbol: self.payment_symbol.owned(),
            payable: self.payable_amount.parsed(),
            underpaid: parts.is_multi_pay.truth() == Some(true)
                && parts.is_fully_paid.truth() == Some(false),
            transactions_total: parts.total_transactions_amount.parsed().or_else(|| self.total()),
            confirmations: self.confirmations(),
            surplus: self.surplus_amount.some_amount(),
            paid_at: self.date.parsed().filter(|seconds: &i64| *seconds > 0),
            failure: self.failure_code.parsed().filter(|code: &i64| *code != 0),
            settled: self.settle_status.text() == Some("success"),
            settle_amount: self.settle_amount.parsed(),
            settle_symbol: self.settle_symbol.owned(),
            settle_asset: self.settle_asset.parsed(),
            transaction: self.txid.owned(),
        }
    }

    /// The sum of the transactions; `None` if there are none or one of them cannot be read.
    fn total(&self) -> Option<Amount> {
        let transactions = &self.transactions.0;
        let mut amounts = transactions.iter().map(|each| each.0.payment_amount.parsed::<Amount>());
        let first = amounts.next()??;
        amounts.try_fold(first, |sum, amount| sum.checked_add(amount?))
    }

    /// Of the transactions that still wait, the one with the fewest blocks left to go; else the
    /// number that stands beside the status, which is -1 when nothing is waited for.
    fn confirmations(&self) -> Option<(u32, Option<u32>)> {
        let waiting = self.transactions.0.iter().filter_map(|each| {
            let (seen, required) =
                (each.0.confirmations.parsed::<u32>()?, each.0.required_confirms.parsed::<u32>()?);
            let left = required.checked_sub(seen).filter(|left| *left > 0)?;
            Some((left, (seen, Some(required))))
        });
        let nearest = waiting.min_by_key(|(left, _)| *left).map(|(_, found)| found);
        nearest.or_else(|| self.confirmations.parsed().map(|seen| (seen, None)))
    }
}

fn status(word: &str) -> Status {
    match word {
        "unpaid" => Status::Unpaid,
        "pending" | "processing" => Status::Pending,
        "auditing" => Status::Auditing,
        "success" => Status::Success,
        "failed" => Status::Failed,
        other => Status::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Report {
        serde_json::from_str::<ResultData>(json).unwrap().report()
    }

    #[test]
    fn what_is_missing_or_of_another_type_is_not_known() {
        assert_eq!(read("{}"), Report::of(Status::Other(String::new())));
        let odd = r#"{"status":"success","quoteAmount":{},"payeeId":17,"quoteAssetId":["usd"],
            "date":{},"failureCode":null,"surplusAmount":"0.0","paymentAmount":"0",
            "confirmations":-1,"transactions":{},"payment":[],"traceId":null,"settleStatus":[]}"#;
        assert_eq!(read(odd), Report::of(Status::Success));
    }

    #[test]
    fn numbers_are_read_exactly_with_an_exponent_too() {
        let report = read(r#"{"quoteAmount":0.10000001,"date":"1795226445","failureCode":40025}"#);
        assert_eq!(report.quote_amount, Some("0.10000001".parse().unwrap()));
        assert_eq!((report.paid_at, report.failure), (Some(1_795_226_445), Some(40025)));
        assert_eq!(
            read(r#"{"quoteAmount":1e-7}"#).quote_amount,
            Some("0.0000001".parse().unwrap())
        );
    }

    #[test]
    fn several_transactions_are_summed_and_the_nearest_of_those_that_wait_is_shown() {
        let report = read(
            r#"{"status":"pending","confirmations":3,"transactions":[
                {"paymentAmount":"1.5","requiredConfirms":19,"confirmations":40},
                {"paymentAmount":"2","requiredConfirms":19,"confirmations":3},
                {"paymentAmount":"3","requiredConfirms":"19","confirmations":"7"}]}"#,
        );
        assert_eq!(report.transactions_total, Some("6.5".parse().unwrap()));
        assert_eq!(report.confirmations, Some((7, Some(19))));
        let unclear = r#"{"transactions":[{"paymentAmount":"1"},{"paymentAmount":"?"}]}"#;
        assert_eq!(read(unclear).transactions_total, None);
    }

    #[test]
    fn a_payment_in_parts_is_underpaid_until_it_is_full() {
        let check = |parts: &str, expected: bool| {
            assert_eq!(read(&format!(r#"{{"payment":{parts}}}"#)).underpaid, expected, "{parts}");
        };
        check(r#"{"isMultiPay":true,"isFullyPaid":false}"#, true);
        check(r#"{"isMultiPay":1,"isFullyPaid":0}"#, true);
        check(r#"{"isMultiPay":true,"isFullyPaid":true}"#, false);
        check(r#"{"isMultiPay":false,"isFullyPaid":false}"#, false);
        check(r#"{"isMultiPay":true}"#, false);
        check("[]", false);
    }
}
