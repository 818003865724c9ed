//! Notices: what is told about an invoice without being asked.

use crate::domain::invoice::verify::{Difference, Field};
use crate::{
    domain::{
        invoice::{
            Invoice,
            notices::Notice,
            standing::{Standing, State, time_of_ms},
        },
        locale::Locale,
    },
    speech::{
        format::{duration, price, sum, time},
        invoice::{confirmations, failure, flag_lines, paid_unread},
        outside,
    },
};

/// Of what MixPay reports instead of what was asked for, so many characters are shown.
const FOUND_CHARS_MAX: usize = 64;

/// What a notice needs besides the invoice.
#[derive(Debug, Clone, Copy)]
pub struct NoticeView<'a> {
    /// Whom to ask where only MixPay can help.
    pub support: &'a str,
    /// Where the money is, told with the first *Paid*.
    pub whereabouts: Option<&'a str>,
}

/// The words of a notice; the card has its own.
pub fn words(
    notice: Notice,
    invoice: &Invoice,
    standing: &Standing,
    view: NoticeView<'_>,
    locale: Locale,
) -> String {
    match notice {
        Notice::Card => String::new(),
        Notice::Seen => seen(standing, locale),
        Notice::Partial => partial(invoice, standing, locale),
        Notice::Review => review(invoice, standing, view, locale),
        Notice::Arrived => arrived(invoice, standing, locale),
        Notice::Paid => paid(invoice, standing, view, locale),
        Notice::Settled => settled(standing, locale),
        Notice::Expired => expired(invoice, locale),
        Notice::Failed => join(vec![
            format!("{} · {}", invoice.code, failure(standing, view.support, locale)),
            support(invoice, standing, view, locale),
        ]),
        Notice::Cancelled => cancelled(invoice, locale),
        Notice::Held => held(invoice, standing, view, locale),
        Notice::Contradicted => contradicted(invoice, standing, view, locale),
        Notice::Double => double(invoice, standing, view, locale),
        Notice::Unread => unread(invoice, view, locale),
    }
}

fn join(lines: Vec<String>) -> String {
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn seen(standing: &Standing, locale: Locale) -> String {
    let amount = standing.seen.as_ref().map_or_else(String::new, sum);
    let confirmations = confirmations(standing, locale);
    match locale {
        Locale::En => format!("Payment seen: {amount}{confirmations}."),
        Locale::Zh => format!("已看到付款：{amount}{confirmations}。"),
    }
}

fn partial(invoice: &Invoice, standing: &Standing, locale: Locale) -> String {
    let got = standing.seen.as_ref().map_or_else(String::new, sum);
    let missing = standing.missing.as_ref().map(sum);
    let code = invoice.code;
    match (missing, locale) {
        (Some(missing), Locale::En) => format!(
            "Underpaid: {got} came, {missing} missing.\n\
             The same link still works; the rest can be paid there. Or: accept {code}"
        ),
        (Some(missing), Locale::Zh) => format!(
            "支付不足：已收 {got}，还差 {missing}。\n原链接仍可补足差额。或发送：accept {code}"
        ),
        (None, Locale::En) => {
            format!("Underpaid: {got} came, less than the price.\nThe same link still works.")
        }
        (None, Locale::Zh) => format!("支付不足：已收 {got}，少于应付金额。\n原链接仍可继续支付。"),
    }
}

fn review(invoice: &Invoice, standing: &Standing, view: NoticeView<'_>, locale: Locale) -> String {
    let first = match locale {
        Locale::En => "Under review at MixPay. Nothing expires meanwhile; you will be told.",
        Locale::Zh => "MixPay 正在审核。期间不会过期，有结果会通知你。",
    };
    join(vec![first.to_owned(), support(invoice, standing, view, locale)])
}

fn arrived(invoice: &Invoice, standing: &Standing, locale: Locale) -> String {
    let amount = standing.arrived.as_ref().map_or_else(String::new, sum);
    let price = price(&invoice.terms);
    match locale {
        Locale::En => {
            format!(
                "{amount} arrived for {}. Checking the price of {price} with MixPay.",
                invoice.code
            )
        }
        Locale::Zh => format!("{} 收到 {amount}，正在向 MixPay 核对价格 {price}。", invoice.code),
    }
}

fn paid(invoice: &Invoice, standing: &Standing, view: NoticeView<'_>, locale: Locale) -> String {
    let price = price(&invoice.terms);
    let (amount, at) = standing.paid.as_ref().map_or_else(
        || (String::new(), String::new()),
        |paid| {
            let amount =
                paid.sum.as_ref().map_or_else(String::new, |paid| format!(" ({})", sum(paid)));
            (amount, time(time_of_ms(paid.at_ms)))
        },
    );
    let code = invoice.code;
    let mut lines = vec![match locale {
        Locale::En => format!("Paid {price}{amount}. Receipt {code}, {at}."),
        Locale::Zh => format!("已支付 {price}{amount}。收据 {code}，{at}。"),
    }];
    if standing.state == State::Settled {
        lines.push(settled(standing, locale));
    }
    if standing.flags.late.is_some() {
        let deadline = invoice.deadline();
        let by = standing
            .flags
            .late
            .map(|at| duration(time_of_ms(at).duration_since(deadline), locale))
            .unwrap_or_default();
        lines.push(match locale {
            Locale::En => format!("It came {by} after the deadline: late."),
            Locale::Zh => format!("逾期支付：超过截止时间 {by}。"),
        });
    }
    let mut flags = standing.clone();
    flags.flags.late = None;
    lines.extend(flag_lines(&flags, locale));
    lines.extend(view.whereabouts.map(str::to_owned));
    lines.join("\n")
}

/// What operators are told of an answer of MixPay with somebody else's payment.
pub fn foreign(invoice: &Invoice, field: &str, locale: Locale) -> String {
    let (code, price) = (invoice.code, price(&invoice.terms));
    match locale {
        Locale::En => format!(
            "{code} · {price} · MixPay answered with another payment than was asked for ({field}). \
             It was not shown to anybody, and I go on asking. If this goes on, tell MixPay."
        ),
        Locale::Zh => format!(
            "{code} · {price} · MixPay 返回的付款与请求不符（{field}）。未向任何人展示，我会继续请求。\
             如持续发生，请联系 MixPay。"
        ),
    }
}

/// MixPay says yes, and we cannot read to what.
fn unread(invoice: &Invoice, view: NoticeView<'_>, locale: Locale) -> String {
    let (code, price, support) = (invoice.code, price(&invoice.terms), view.support);
    let first = paid_unread(locale);
    match locale {
        Locale::En => format!(
            "{code} · {price} · {first}\n\
             Do not hand anything over before you have looked yourself; I go on asking. \
             Only MixPay can help: {support}."
        ),
        Locale::Zh => format!(
            "{code} · {price} · {first}\n\
             请先自行核对，再交付；我会继续查询。只有 MixPay 能处理：{support}。"
        ),
    }
}

fn settled(standing: &Standing, locale: Locale) -> String {
    match (&standing.settled, locale) {
        (Some(settled), Locale::En) if !settled.amount.is_zero() => {
            format!("Settled: {} reached the payee.", sum(settled))
        }
        (Some(settled), Locale::Zh) if !settled.amount.is_zero() => {
            format!("已结算：{} 已到达收款方。", sum(settled))
        }
        (_, Locale::En) => "Settled: the money reached the payee.".to_owned(),
        (_, Locale::Zh) => "已结算：款项已到达收款方。".to_owned(),
    }
}

fn expired(invoice: &Invoice, locale: Locale) -> String {
    let (code, closes) = (invoice.code, time(invoice.closes_at()));
    match locale {
        Locale::En => format!(
            "Expired: {code}, {}, was not paid in time.\n\
             The link can still be paid until {closes}; if money comes, you will be told.",
            price(&invoice.terms)
        ),
        Locale::Zh => format!(
            "已过期：{code}，{} 未在期限内支付。\n链接在 {closes} 之前仍可支付；若有款项到账会通知你。",
            price(&invoice.terms)
        ),
    }
}

fn cancelled(invoice: &Invoice, locale: Locale) -> String {
    let (code, closes) = (invoice.code, time(invoice.closes_at()));
    if invoice.facts.opened().is_none() {
        return match locale {
            Locale::En => format!("Cancelled: {code}, {}.", price(&invoice.terms)),
            Locale::Zh => format!("已取消：{code}，{}。", price(&invoice.terms)),
        };
    }
    match locale {
        Locale::En => format!(
            "Cancelled: {code}, {}.\n\
             The link can still be paid until {closes}; if money comes, you will be told.",
            price(&invoice.terms)
        ),
        Locale::Zh => format!(
            "已取消：{code}，{}。\n链接在 {closes} 之前仍可支付；若有款项到账会通知你。",
            price(&invoice.terms)
        ),
    }
}

fn held(invoice: &Invoice, standing: &Standing, view: NoticeView<'_>, locale: Locale) -> String {
    let code = invoice.code;
    let mut lines = vec![match locale {
        Locale::En => format!(
            "Not paid as asked. Held: MixPay reports {code} as paid, but not as it was asked for."
        ),
        Locale::Zh => format!("未按要求支付。暂扣：MixPay 报告 {code} 已支付，但与要求不符。"),
    }];
    lines.extend(standing.differences.iter().map(|difference| difference_line(difference, locale)));
    lines.push(match locale {
        Locale::En => format!("Do not hand anything over. Decide: accept {code} or reject {code}"),
        Locale::Zh => format!("请勿交付。请决定：accept {code} 或 reject {code}"),
    });
    lines.push(support(invoice, standing, view, locale));
    join(lines)
}

/// Both values of a field that differs.
pub fn difference_line(difference: &Difference, locale: Locale) -> String {
    let field = match (difference.field, locale) {
        (Field::Payee, Locale::En) => "payee",
        (Field::Payee, Locale::Zh) => "收款方",
        (Field::Amount, Locale::En) => "amount",
        (Field::Amount, Locale::Zh) => "金额",
        (Field::Unit, Locale::En) => "unit",
        (Field::Unit, Locale::Zh) => "单位",
        (Field::Trace, Locale::En) => "trace",
        (Field::Trace, Locale::Zh) => "流水号",
    };
    let expected = &difference.expected;
    let found = outside::clean(&difference.found, FOUND_CHARS_MAX);
    match locale {
        Locale::En => format!("{field}: asked for {expected}, reported {found}"),
        Locale::Zh => format!("{field}：要求 {expected}，报告 {found}"),
    }
}

fn contradicted(
    invoice: &Invoice,
    standing: &Standing,
    view: NoticeView<'_>,
    locale: Locale,
) -> String {
    let code = invoice.code;
    let mut lines = vec![match locale {
        Locale::En => format!("Careful: {code} is paid, but MixPay now says otherwise."),
        Locale::Zh => format!("注意：{code} 已支付，但 MixPay 现在给出矛盾的结果。"),
    }];
    lines.extend(standing.differences.iter().map(|difference| difference_line(difference, locale)));
    lines.push(support(invoice, standing, view, locale));
    join(lines)
}

fn double(invoice: &Invoice, standing: &Standing, view: NoticeView<'_>, locale: Locale) -> String {
    let code = invoice.code;
    let first = match locale {
        Locale::En => {
            format!("Double payment: {code}. The first one counts, MixPay returns the second.")
        }
        Locale::Zh => format!("重复支付：{code}。以第一笔为准，第二笔由 MixPay 退回。"),
    };
    join(vec![first, support(invoice, standing, view, locale)])
}

/// A text that can be pasted to MixPay's support, and whom to send it to.
pub fn support(
    invoice: &Invoice,
    standing: &Standing,
    view: NoticeView<'_>,
    locale: Locale,
) -> String {
    let Some(trace) = invoice.facts.traces().last().copied() else { return String::new() };
    let made = time(invoice.created_at);
    let got = standing.seen.as_ref().map_or_else(|| "-".to_owned(), sum);
    let (price, contact) = (price(&invoice.terms), view.support);
    match locale {
        Locale::En => format!(
            "For MixPay's support ({contact}): trace {trace}, price {price}, received {got}, made {made}"
        ),
        Locale::Zh => {
            format!(
                "供 MixPay 客服（{contact}）：trace {trace}，价格 {price}，已收 {got}，创建于 {made}"
            )
        }
    }
}

/// Where the money is, told once to every payee.
pub fn whereabouts(locale: Locale) -> String {
    match locale {
        Locale::En => "The money is in the payee's Mixin wallet, or with MixPay's bot 7000104220.",
        Locale::Zh => "款项在收款方的 Mixin 钱包中，或在 MixPay 机器人 7000104220 处。",
    }
    .to_owned()
}

/// MixPay does not answer; nothing is lost.
pub fn saved(invoice: &Invoice, locale: Locale) -> String {
    let (code, price) = (invoice.code, price(&invoice.terms));
    match locale {
        Locale::En => format!(
            "MixPay is not answering right now. Your request is saved ({code}, {price}); \
             I'll send the link as soon as it answers."
        ),
        Locale::Zh => {
            format!("MixPay 暂时没有响应。你的请求已保存（{code}，{price}），一有回应就发送链接。")
        }
    }
}
