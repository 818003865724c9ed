//! Words about pay links.

use crate::{
    domain::{
        amount::Amount,
        asset::{Money, QuoteAsset},
        invoice::{Invoice, standing::Sum},
        link::Link,
        locale::Locale,
    },
    ports::chat::LABEL_CHARS_MAX,
    speech::{
        Draft, Tap,
        format::{cut, money, sum},
        outside,
    },
    store::LinkTotals,
};

/// Payments of a link that are added up in its status.
pub const PAID_SUMMED_MAX: u32 = 500;

/// The price of a link, or that it is open.
fn price(link: &Link, locale: Locale) -> String {
    match (link.price, locale) {
        (Some(price), _) => money(price.amount, link.decimals, &link.symbol),
        (None, Locale::En) => "Any amount".to_owned(),
        (None, Locale::Zh) => "任意金额".to_owned(),
    }
}

fn title(link: &Link, locale: Locale) -> String {
    let price = price(link, locale);
    match &link.memo {
        Some(memo) => cut(&format!("{price} · {memo}"), LABEL_CHARS_MAX),
        None => cut(&price, LABEL_CHARS_MAX),
    }
}

/// The card of a link, and the button that makes each person a payment of their own.
pub fn card(link: &Link, url: &str, locale: Locale) -> Vec<Draft> {
    let (payee, code) = (outside::payee(&link.payee_name), link.code);
    let settles = match (link.settlement, locale) {
        (Some(_), Locale::En) => format!("Settles in {}.", outside::ticker(&link.settlement_label)),
        (Some(_), Locale::Zh) => format!("结算为 {}。", outside::ticker(&link.settlement_label)),
        (None, Locale::En) => "Settles in whatever is paid with.".to_owned(),
        (None, Locale::Zh) => "按付款币种结算。".to_owned(),
    };
    let (description, pay, tracked) = match locale {
        Locale::En => (
            format!(
                "Pay to {payee}. Any coin MixPay takes, any number of times.\n{settles} Code {code}"
            ),
            format!("Pay {}", price(link, locale)),
            "With the button below your payment is tracked and receipted.",
        ),
        Locale::Zh => (
            format!(
                "收款方 {payee}。可用 MixPay 支持的任何币种，可多次支付。\n{settles}编号 {code}"
            ),
            format!("支付 {}", price(link, locale)),
            "用下面的按钮支付，可跟踪状态并获得收据。",
        ),
    };
    let description = format!("{description}\n{tracked}");
    let pay = if link.price.is_some() { pay } else { open_label(locale).to_owned() };
    vec![
        Draft::card(
            title(link, locale),
            description,
            vec![Tap::open(cut(&pay, LABEL_CHARS_MAX), url)],
        )
        .about(code),
        Draft::buttons(vec![Tap::say(format!("pay {code}"), format!("pay {code}"))])
            .silently()
            .about(code),
    ]
}

const fn open_label(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "Pay",
        Locale::Zh => "支付",
    }
}

/// An open link asks the amount by buttons.
pub fn which_amount(link: &Link, currency: &str, locale: Locale) -> Vec<Draft> {
    let code = link.code;
    let text = match locale {
        Locale::En => format!("How much? Tap, or write: pay {code} 5 {currency}"),
        Locale::Zh => format!("付多少？点按钮，或发送：pay {code} 5 {currency}"),
    };
    let taps = [5, 10, 20]
        .map(|amount| {
            Tap::say(format!("{amount} {currency}"), format!("pay {code} {amount} {currency}"))
        })
        .to_vec();
    vec![Draft::text(text).about(code), Draft::buttons(taps).silently().about(code)]
}

/// What came in under a link.
#[derive(Debug, Clone, Copy)]
pub struct LinkView<'a> {
    /// Payments made by its button.
    pub totals: LinkTotals,
    /// Those that were paid.
    pub paid: &'a [Invoice],
    /// How many transfers came through the card's own link.
    pub transfers: usize,
    /// How much they brought.
    pub received: &'a [Sum],
    /// Whether the bot receives, and so sees them.
    pub bot_receives: bool,
}

/// How many paid under a link, and how much.
pub fn status(link: &Link, view: LinkView<'_>, locale: Locale) -> String {
    let mut lines = vec![format!("{} · {}", link.code, title(link, locale))];
    let (made, count) = (view.totals.made, view.totals.paid);
    lines.push(match locale {
        Locale::En => format!("{count} paid of {made} started{}", sums(view.paid)),
        Locale::Zh => format!("发起 {made} 笔，已支付 {count} 笔{}", sums(view.paid)),
    });
    if view.transfers > 0 {
        let count = view.transfers;
        let amounts = view.received.iter().map(sum).collect::<Vec<_>>().join(", ");
        lines.push(match locale {
            Locale::En => format!("{count} received through the card's own link: {amounts}"),
            Locale::Zh => format!("通过卡片链接收到 {count} 笔：{amounts}"),
        });
    }
    if !view.bot_receives {
        lines.push(match locale {
            Locale::En => "Payments through the card's own link are the payee's to see.".to_owned(),
            Locale::Zh => "通过卡片链接直接支付的款项由收款方自行查看。".to_owned(),
        });
    }
    lines.join("\n")
}

/// `: 25.00 USD, 3 USDT`, a sum for each unit.
fn sums(paid: &[Invoice]) -> String {
    // By the unit itself, since anybody can give a token the ticker of another.
    let mut sums: Vec<(QuoteAsset, &str, u32, Amount)> = Vec::new();
    for invoice in paid {
        let terms = &invoice.terms;
        if let Some((.., sum)) = sums.iter_mut().find(|(unit, ..)| *unit == terms.price.unit) {
            *sum = sum.checked_add(terms.price.amount).unwrap_or(*sum);
        } else {
            let Money { amount, unit } = terms.price;
            sums.push((unit, &terms.symbol, terms.decimals, amount));
        }
    }
    if sums.is_empty() {
        return String::new();
    }
    let parts: Vec<String> =
        sums.into_iter().map(|(_, symbol, decimals, sum)| money(sum, decimals, symbol)).collect();
    format!(": {}", parts.join(", "))
}

/// What anybody may know of a link.
pub fn public(link: &Link, locale: Locale) -> String {
    let (code, price) = (link.code, price(link, locale));
    let payee = outside::signature(&link.payee_name);
    match locale {
        Locale::En => format!("{code} is ours: a pay link. {price}, to\n{payee}"),
        Locale::Zh => format!("{code} 属实：付款链接。{price}，收款方\n{payee}"),
    }
}
