//! Verify: does a successful answer report the payment that we asked for?

use crate::domain::{
    ids::TraceId,
    invoice::{report::Report, terms::Terms},
};

/// What a successful answer is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is the payment that we asked for.
    Verified,
    /// It differs.
    Mismatch(Vec<Difference>),
    /// Something is missing or unreadable: not known, ask again.
    Unclear,
}

/// A field of an answer that differs from the terms: both values, as people read them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Which.
    pub field: Field,
    /// What we asked for.
    pub expected: String,
    /// What MixPay reports.
    pub found: String,
}

/// A field that is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Who was paid.
    Payee,
    /// How much.
    Amount,
    /// In what unit.
    Unit,
    /// For which payment.
    Trace,
}

/// Compares a successful answer about `asked` with the terms: payee, quote amount (as a decimal)
/// and quote asset equal; a trace, where there is one, is the one asked about or this invoice's
/// code.
/// (MixPay docs, "Security guidelines"; product.md §5.)
///
/// A different value outweighs a missing one: what is wrong is wrong, whatever else is not known.
pub fn verify(terms: &Terms, asked: TraceId, page: &str, report: &Report) -> Verdict {
    let mut differences = Vec::new();
    let mut missing = false;
    let mut compare = |field, expected: String, found: Option<String>| match found {
        Some(found) if found == expected => {}
        Some(found) => differences.push(Difference { field, expected, found }),
        None => missing = true,
    };
    compare(Field::Payee, terms.payee.to_string(), report.payee.map(|payee| payee.to_string()));
    compare(
        Field::Amount,
        terms.price.amount.to_string(),
        report.quote_amount.map(|amount| amount.to_string()).or(report.quote_odd.clone()),
    );
    compare(
        Field::Unit,
        terms.price.unit.to_string(),
        report.quote_asset.map(|unit| unit.to_string()),
    );
    if let Some(found) = report.trace.as_deref().filter(|found| !is_ours(found, asked, page)) {
        differences.push(Difference {
            field: Field::Trace,
            expected: asked.to_string(),
            found: found.to_owned(),
        });
    }
    match (differences.is_empty(), missing) {
        (false, _) => Verdict::Mismatch(differences),
        (true, true) => Verdict::Unclear,
        (true, false) => Verdict::Verified,
    }
}

/// The trace, or the code of the payment's page (which MixPay also takes as a trace).
fn is_ours(found: &str, asked: TraceId, page: &str) -> bool {
    found.parse() == Ok(asked) || found.eq_ignore_ascii_case(page)
}
