//! Words about the file of one's own invoices.

use crate::{domain::locale::Locale, speech::Draft};

/// The file's name.
const NAME: &str = "invoices.csv";

/// The file with what it holds; `cut` if there are older invoices that it does not hold.
pub fn file(csv: String, count: usize, cut: bool, locale: Locale) -> Vec<Draft> {
    let text = match (cut, locale) {
        (false, Locale::En) => format!("Your {count} invoices as CSV, the newest first."),
        (false, Locale::Zh) => format!("你的 {count} 笔收款（CSV，最新的在前）。"),
        (true, Locale::En) => format!(
            "Your {count} newest invoices as CSV. There are older ones: the operator can export all."
        ),
        (true, Locale::Zh) => {
            format!("你最近的 {count} 笔收款（CSV）。还有更早的：运营者可以导出全部。")
        }
    };
    vec![Draft::text(text), Draft::document(NAME, csv).silently()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::DraftBody;

    #[test]
    fn it_is_said_if_older_invoices_are_left_out() {
        let text = |cut| {
            let draft = file(String::new(), 1000, cut, Locale::En).swap_remove(0);
            let DraftBody::Text(text) = draft.body else { panic!("{draft:?}") };
            text
        };
        assert!(text(true).contains("older"));
        assert!(!text(false).contains("older"));
    }
}
