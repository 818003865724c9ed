//! Lists of invoices.

use crate::{
    domain::{
        invoice::{Invoice, standing::State},
        locale::Locale,
    },
    speech::{
        Draft, Tap,
        format::{cut, price},
    },
};

/// A state as one word.
pub const fn state(state: State, locale: Locale) -> &'static str {
    match (state, locale) {
        (State::Draft, Locale::En) => "saved",
        (State::Draft, Locale::Zh) => "已保存",
        (State::Open, Locale::En) => "open",
        (State::Open, Locale::Zh) => "待支付",
        (State::Partial, Locale::En) => "underpaid",
        (State::Partial, Locale::Zh) => "不足额",
        (State::Processing, Locale::En) => "processing",
        (State::Processing, Locale::Zh) => "处理中",
        (State::Review, Locale::En) => "under review",
        (State::Review, Locale::Zh) => "审核中",
        (State::Paid, Locale::En) => "paid",
        (State::Paid, Locale::Zh) => "已支付",
        (State::Settled, Locale::En) => "settled",
        (State::Settled, Locale::Zh) => "已结算",
        (State::Expired, Locale::En) => "expired",
        (State::Expired, Locale::Zh) => "已过期",
        (State::Failed, Locale::En) => "failed",
        (State::Failed, Locale::Zh) => "失败",
        (State::Cancelled, Locale::En) => "cancelled",
        (State::Cancelled, Locale::Zh) => "已取消",
        (State::Held, Locale::En) => "held",
        (State::Held, Locale::Zh) => "暂扣",
    }
}

/// A page of invoices.
pub fn page(invoices: &[Invoice], next: Option<&str>, locale: Locale) -> Vec<Draft> {
    let lines: Vec<String> = invoices.iter().map(|invoice| line(invoice, locale)).collect();
    let mut drafts = vec![Draft::text(lines.join("\n"))];
    if let Some(next) = next {
        let label = match locale {
            Locale::En => "More",
            Locale::Zh => "更多",
        };
        drafts.push(Draft::buttons(vec![Tap::say(label, next)]).silently());
    }
    drafts
}

fn line(invoice: &Invoice, locale: Locale) -> String {
    let state = state(invoice.standing().state, locale);
    let mut line = format!("{} · {} · {state}", invoice.code, price(&invoice.terms));
    if let Some(memo) = &invoice.terms.memo {
        line.push_str(" · ");
        line.push_str(&cut(memo, 30));
    }
    line
}

/// Open invoices, each with a button that cancels it.
pub fn to_cancel(invoices: &[Invoice], locale: Locale) -> Vec<Draft> {
    let text = match locale {
        Locale::En => "Which one? Nothing is cancelled until you tap.",
        Locale::Zh => "取消哪一笔？点按钮之前不会取消任何收款。",
    };
    let taps = invoices
        .iter()
        .map(|invoice| {
            let label = format!("{} · {}", invoice.code, price(&invoice.terms));
            Tap::say(cut(&label, 36), format!("cancel {}", invoice.code))
        })
        .collect();
    vec![Draft::text(text), Draft::buttons(taps).silently()]
}
