//! Words about a human's decision: both values, and one question.

use crate::{
    domain::{
        invoice::{Invoice, fact::Word, standing::Standing},
        locale::Locale,
    },
    speech::{
        Draft, Tap,
        answer::decision_labels,
        format::{price, sum},
        notice::difference_line,
    },
};

/// Repeats what was asked for and what came, and asks once.
pub fn ask(invoice: &Invoice, standing: &Standing, word: Word, locale: Locale) -> Vec<Draft> {
    let (code, price) = (invoice.code, price(&invoice.terms));
    let got = standing.seen.as_ref().map_or_else(|| "-".to_owned(), sum);
    let mut lines = vec![match locale {
        Locale::En => format!("{code}: asked for {price}, came {got}."),
        Locale::Zh => format!("{code}：应收 {price}，实收 {got}。"),
    }];
    lines.extend(standing.differences.iter().map(|difference| difference_line(difference, locale)));
    lines.push(match (word, locale) {
        (Word::Accept, Locale::En) => "Shall it count as paid?".to_owned(),
        (Word::Accept, Locale::Zh) => "确认视为已支付？".to_owned(),
        (Word::Reject, Locale::En) => "Shall it count as failed?".to_owned(),
        (Word::Reject, Locale::Zh) => "确认视为失败？".to_owned(),
    });
    let (accept, reject) = decision_labels(locale);
    let tap = match word {
        Word::Accept => Tap::say(accept, format!("accept {code} confirm")),
        Word::Reject => Tap::say(reject, format!("reject {code} confirm")),
    };
    vec![
        Draft::text(lines.join("\n")).about(code),
        Draft::buttons(vec![tap]).about(code).silently(),
    ]
}

/// What is held needs two words.
pub fn needs_another(invoice: &Invoice, locale: Locale) -> String {
    let code = invoice.code;
    match locale {
        Locale::En => format!(
            "Noted. What is held needs the creator and an operator: the other one has to say accept {code} too."
        ),
        Locale::Zh => {
            format!("已记录。暂扣的付款需要创建者和运营者都确认：另一方也须发送 accept {code}。")
        }
    }
}
