//! Export rows: an invoice as a line of CSV or of JSON, for the chat's `export` and the program's.

use crate::domain::{
    asset::QuoteAsset,
    invoice::{
        Invoice,
        standing::{Standing, Sum, time_of_ms},
    },
};
use serde_json::json;

/// The columns of a CSV line.
const COLUMNS: [&str; 16] = [
    "code",
    "created",
    "state",
    "price",
    "unit",
    "memo",
    "payee",
    "payee_id",
    "settlement",
    "paid_at",
    "paid",
    "paid_unit",
    "settled",
    "settled_unit",
    "order",
    "trace",
];

/// The first line of a CSV file, with its line end.
pub fn csv_header() -> String {
    line(&COLUMNS.map(str::to_owned))
}

/// An invoice as a line of CSV, with its line end.
pub fn csv_row(invoice: &Invoice) -> String {
    let standing = invoice.standing();
    let terms = &invoice.terms;
    let (paid_at, paid) = payment(&standing);
    line(&[
        invoice.code.to_string(),
        invoice.created_at.to_string(),
        standing.state.name().to_owned(),
        terms.price.amount.to_string(),
        terms.symbol.clone(),
        terms.memo.clone().unwrap_or_default(),
        terms.payee_name.clone(),
        terms.payee.to_string(),
        terms.settlement_label.clone(),
        paid_at.unwrap_or_default(),
        paid.map(|sum| sum.amount.to_string()).unwrap_or_default(),
        paid.map(|sum| sum.symbol.clone()).unwrap_or_default(),
        standing.settled.as_ref().map(|sum| sum.amount.to_string()).unwrap_or_default(),
        standing.settled.as_ref().map(|sum| sum.symbol.clone()).unwrap_or_default(),
        terms.order.clone().unwrap_or_default(),
        trace(invoice, &standing).unwrap_or_default(),
    ])
}

/// An invoice as a line of JSON, without a line end. Amounts are texts: they are exact.
pub fn json_row(invoice: &Invoice) -> String {
    let standing = invoice.standing();
    let terms = &invoice.terms;
    let (paid_at, paid) = payment(&standing);
    let sum = |sum: Option<&Sum>| {
        sum.map(|sum| json!({ "amount": sum.amount.to_string(), "unit": sum.symbol }))
    };
    let unit_id = match terms.price.unit {
        QuoteAsset::Fiat(fiat) => fiat.to_string(),
        QuoteAsset::Asset(asset) => asset.to_string(),
    };
    json!({
        "code": invoice.code.to_string(),
        "id": invoice.id.to_string(),
        "created": invoice.created_at.to_string(),
        "creator": invoice.creator.to_string(),
        "conversation": invoice.conversation.to_string(),
        "state": standing.state.name(),
        "price": { "amount": terms.price.amount.to_string(), "unit": terms.symbol, "unit_id": unit_id },
        "memo": terms.memo,
        "payee": { "id": terms.payee.to_string(), "name": terms.payee_name },
        "settlement": { "id": terms.settlement.to_string(), "name": terms.settlement_label },
        "paid_at": paid_at,
        "paid": sum(paid),
        "settled": sum(standing.settled.as_ref()),
        "late": standing.flags.late.is_some(),
        "over": sum(standing.flags.over.as_ref()),
        "order": terms.order,
        "link": terms.link.map(|code| code.to_string()),
        "trace": trace(invoice, &standing),
        "traces": invoice.facts.traces().iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
    .to_string()
}

/// When it was paid, and what was paid.
fn payment(standing: &Standing) -> (Option<String>, Option<&Sum>) {
    match &standing.paid {
        Some(payment) => (Some(time_of_ms(payment.at_ms).to_string()), payment.sum.as_ref()),
        None => (None, None),
    }
}

/// The trace that was paid, or else the one that was shown.
fn trace(invoice: &Invoice, standing: &Standing) -> Option<String> {
    let paid = standing.paid.as_ref().and_then(|payment| payment.trace);
    let shown = invoice.facts.opened().map(|(trace, _)| trace);
    paid.or(shown).map(|trace| trace.to_string())
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell. What a spreadsheet would run as a formula begins with an apostrophe: memos and names
/// are other people's words.
fn cell(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if runs { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        asset::Money,
        code::ShortCode,
        invoice::{
            fact::Facts,
            terms::{Seconds, Terms},
        },
        locale::Locale,
    };

    fn invoice(memo: &str) -> Invoice {
        let uuid = "a0d77914-0877-6b47-eb1d-d3f94ed15d6a";
        Invoice {
            id: uuid.parse().unwrap(),
            code: ShortCode::from_bits(0x1234_5678).unwrap(),
            creator: uuid.parse().unwrap(),
            conversation: uuid.parse().unwrap(),
            in_group: false,
            asked_in: None,
            terms: Terms {
                price: Money { amount: "10.5".parse().unwrap(), unit: "usd".parse().unwrap() },
                symbol: "USD".to_owned(),
                decimals: 2,
                memo: Some(memo.to_owned()),
                payee: uuid.parse().unwrap(),
                payee_name: "Bob (37160854)".to_owned(),
                settlement: uuid.parse().unwrap(),
                settlement_label: "USDT (ERC20)".to_owned(),
                strict: false,
                lifetime: Seconds(1800),
                grace: Seconds(7200),
                order: Some("A-17".to_owned()),
                pay_with: None,
                link: None,
                told: None,
            },
            locale: Locale::En,
            created_at: "2026-11-21T14:02:31Z".parse().unwrap(),
            facts: Facts::default(),
        }
    }

    #[test]
    fn a_cell_is_neither_a_formula_nor_two_cells() {
        let check = |text: &str, expected: &str| assert_eq!(cell(text), expected);
        check("coffee", "coffee");
        check("coffee, two", "\"coffee, two\"");
        check("the \"good\" one", "\"the \"\"good\"\" one\"");
        check("=HYPERLINK(1)", "'=HYPERLINK(1)");
        check("+1", "'+1");
        check("-1", "'-1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t=1");
        check("=1,2", "\"'=1,2\"");
        check("two\nlines", "\"two\nlines\"");
        check("a=b", "a=b");
    }

    #[test]
    fn a_line_has_a_cell_for_every_column() {
        let invoice = invoice("coffee");
        let uuid = "a0d77914-0877-6b47-eb1d-d3f94ed15d6a";
        let expected = format!(
            "{},2026-11-21T14:02:31Z,draft,10.5,USD,coffee,Bob (37160854),{uuid},USDT (ERC20),\
             ,,,,,A-17,\r\n",
            invoice.code
        );
        assert_eq!(csv_row(&invoice), expected);
        assert_eq!(csv_header().matches(',').count(), expected.matches(',').count());
    }

    #[test]
    fn a_line_of_json_is_one_line_with_exact_amounts() {
        let row = json_row(&invoice("two\nlines"));
        assert!(!row.contains('\n'));
        let value: serde_json::Value = serde_json::from_str(&row).unwrap();
        assert_eq!(value["price"]["amount"], "10.5");
        assert_eq!(value["price"]["unit_id"], "usd");
        assert_eq!(value["memo"], "two\nlines");
        assert_eq!(value["paid"], serde_json::Value::Null);
    }
}
