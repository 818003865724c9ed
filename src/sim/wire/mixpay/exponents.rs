//! Exponents: amounts as a careless library writes them, `1.0e1` for 10, as texts and as numbers by turns.

use serde_json::Value;

/// Stands around a text that becomes a number when all is written; no text of this world has it.
const MARK: char = '\u{1}';

/// An answer in JSON with every amount so written.
pub(super) fn written(mut answer: Value) -> String {
    let mut is_number = false;
    rewrite(&mut answer, &mut is_number);
    let text = answer.to_string();
    text.replace("\"\\u0001", "").replace("\\u0001\"", "")
}

fn rewrite(value: &mut Value, is_number: &mut bool) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let text = value.as_str().filter(|_| name.ends_with("Amount"));
                match text.and_then(with_exponent) {
                    Some(text) => {
                        *is_number = !*is_number;
                        let marked = || format!("{MARK}{text}{MARK}");
                        *value = if *is_number { marked() } else { text }.into();
                    }
                    None => rewrite(value, is_number),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rewrite(value, is_number)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A decimal with one digit before its point and an exponent: `10.00` is `1.000e1`.
fn with_exponent(decimal: &str) -> Option<String> {
    let (whole, rest) = decimal.split_once('.').unwrap_or((decimal, ""));
    let digits = format!("{whole}{rest}");
    if whole.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let (first, rest) = significant.split_at_checked(1).unwrap_or(("0", ""));
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let exponent = i64::try_from(whole.len()).ok()? - 1 - zeros;
    let exponent = if significant.is_empty() { 0 } else { exponent };
    let rest = if rest.is_empty() { "0" } else { rest };
    Some(format!("{first}.{rest}e{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_get_an_exponent_and_nothing_else_does() {
        let table = [
            ("10", Some("1.0e1")),
            ("10.25", Some("1.025e1")),
            ("0.00009434", Some("9.434e-5")),
            ("7", Some("7.0e0")),
            ("0", Some("0.0e0")),
            ("", None),
            ("-1", None),
        ];
        for (decimal, right) in table {
            assert_eq!(with_exponent(decimal).as_deref(), right, "{decimal}");
        }
        let answer = json!({"data": [{"aAmount": "10", "bAmount": "10", "date": "10"}]});
        let text = r#"{"data":[{"aAmount":1.0e1,"bAmount":"1.0e1","date":"10"}]}"#;
        assert_eq!(written(answer), text);
    }
}
