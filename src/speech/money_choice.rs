//! Words about what is received, who receives it, and what it would be in another coin.

use crate::{
    domain::{ids::UserId, locale::Locale},
    speech::{Draft, Tap, format::cut, lookup::use_as_payee, mixpay},
};

/// The Mixin IDs of the wallets that show a multisig its money.
const MULTISIG_WALLETS: &str = "7000102367, 7000103970";

/// An estimate of a price in a coin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimated<'a> {
    /// The price, with its unit.
    pub price: &'a str,
    /// What would be paid, with its unit.
    pub payment: &'a str,
    /// What would be received, with its unit, if MixPay says.
    pub settlement: Option<&'a str>,
    /// The line that makes an invoice of the price.
    pub invoice: &'a str,
}

/// `10.00 USD ≈ 0.0001 BTC (estimate, not locked)`.
pub fn estimate(estimated: &Estimated<'_>, locale: Locale) -> Vec<Draft> {
    let (price, payment) = (estimated.price, estimated.payment);
    let mut lines = vec![match locale {
        Locale::En => format!("{price} ≈ {payment} (estimate, not locked)"),
        Locale::Zh => format!("{price} ≈ {payment}（估价，未锁定）"),
    }];
    if let Some(settlement) = estimated.settlement {
        lines.push(match locale {
            Locale::En => format!("You would receive about {settlement}."),
            Locale::Zh => format!("你将收到约 {settlement}。"),
        });
    }
    let label = match locale {
        Locale::En => format!("Invoice {price}"),
        Locale::Zh => format!("收款 {price}"),
    };
    let tap = Tap::say(cut(&label, crate::ports::chat::LABEL_CHARS_MAX), estimated.invoice);
    vec![Draft::text(lines.join("\n")), Draft::buttons(vec![tap]).silently()]
}

/// MixPay said no to a quotation.
pub fn no_estimate(price: &str, coin: &str, code: i64, support: &str, locale: Locale) -> String {
    let why = mixpay::api_code(code, support, locale);
    match locale {
        Locale::En => format!("MixPay does not quote {price} in {coin}: {why}"),
        Locale::Zh => format!("MixPay 无法以 {coin} 为 {price} 报价：{why}"),
    }
}

/// Somebody has asked for too many prices.
pub fn prices_spent(limit: u32, seconds: i64, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "Slow down: {limit} prices a minute. The next one can be asked for in {seconds} s."
        ),
        Locale::Zh => format!("请慢一点：每分钟最多查询 {limit} 次价格，{seconds} 秒后可再查。"),
    }
}

/// MixPay does not answer.
pub fn mixpay_silent(locale: Locale) -> String {
    match locale {
        Locale::En => "MixPay is not answering right now. Please try again in a minute.".to_owned(),
        Locale::Zh => "MixPay 暂时没有响应，请一分钟后再试。".to_owned(),
    }
}

/// What is received from now on.
pub fn settles_in(label: &str, locale: Locale) -> String {
    match locale {
        Locale::En => {
            format!("From now on you receive {label}. Invoices that were made before keep theirs.")
        }
        Locale::Zh => format!("今后你将收到 {label}。之前创建的收款不变。"),
    }
}

/// What cannot be received.
pub fn cannot_settle(label: &str, others: &[(String, String)], locale: Locale) -> Vec<Draft> {
    let text = match locale {
        Locale::En => format!("MixPay does not settle in {label} right now. Choose another:"),
        Locale::Zh => format!("MixPay 目前不支持以 {label} 结算。请另选："),
    };
    let taps = others.iter().map(|(label, line)| Tap::say(label.clone(), line.clone())).collect();
    vec![Draft::text(text), Draft::buttons(taps).silently()]
}

/// Links are settled in whatever is paid with.
pub fn settles_as_paid(invoices: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "From now on your pay links settle in whatever the payer pays with.\n\
             That is for links only: your invoices settle in {invoices}."
        ),
        Locale::Zh => format!(
            "今后你的付款链接按付款币种结算。\n仅适用于链接：你的收款单以 {invoices} 结算。"
        ),
    }
}

/// Fiat is settled on application.
pub fn settle_fiat(fiat: &str, support: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "MixPay pays out {fiat} on application only. Ask {support}.\n\
             Coins need no application, for example: settle usdt"
        ),
        Locale::Zh => {
            format!(
                "以 {fiat} 结算需要向 MixPay 申请，请联系 {support}。\n加密货币无需申请，例如：结算 usdt"
            )
        }
    }
}

/// Who a payee is, before it takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayeeView<'a> {
    /// The person who asks.
    Me(&'a str),
    /// A person or a bot.
    Somebody(&'a str),
    /// A person whom MixPay has not met.
    Stranger(&'a str),
    /// This bot: its operator holds the money.
    ThisBot(&'a str),
    /// A multisig that was made here.
    Multisig(&'a str),
    /// An id that is no user of Mixin.
    NobodyInMixin,
}

/// Names who it is and asks once.
pub fn confirm_payee(id: UserId, view: PayeeView<'_>, locale: Locale) -> Vec<Draft> {
    let who = payee_line(id, view, locale);
    let text = match locale {
        Locale::En => format!("{who}\nShall they receive what is paid to you from now on?"),
        Locale::Zh => format!("{who}\n今后付给你的款项都由其收取？"),
    };
    let label = match locale {
        Locale::En => "Yes, use as payee",
        Locale::Zh => "是，设为收款方",
    };
    let tap = Tap::say(label, format!("payee {id} confirm"));
    vec![Draft::text(text), Draft::buttons(vec![tap]).silently()]
}

fn payee_line(id: UserId, view: PayeeView<'_>, locale: Locale) -> String {
    match (view, locale) {
        (PayeeView::Me(name), Locale::En) => format!("That is you: {name}\n{id}"),
        (PayeeView::Me(name), Locale::Zh) => format!("这是你自己：{name}\n{id}"),
        (PayeeView::Somebody(name), Locale::En) => {
            format!("{name}\n{id}\nThe money would be theirs, not yours.")
        }
        (PayeeView::Somebody(name), Locale::Zh) => {
            format!("{name}\n{id}\n款项将归对方，而不是你。")
        }
        (PayeeView::Stranger(name), Locale::En) => format!(
            "{name}\n{id}\nThe money would be theirs, not yours. MixPay has not met them yet: \
             they should open MixPay's bot 7000104220 once before."
        ),
        (PayeeView::Stranger(name), Locale::Zh) => format!(
            "{name}\n{id}\n款项将归对方，而不是你。MixPay 尚无此用户：请对方先打开一次 MixPay 机器人 7000104220。"
        ),
        (PayeeView::ThisBot(name), Locale::En) => {
            format!("This bot: {name}\n{id}\nIts operator would hold the money.")
        }
        (PayeeView::ThisBot(name), Locale::Zh) => {
            format!("本机器人：{name}\n{id}\n款项将由其运营者持有。")
        }
        (PayeeView::Multisig(of), Locale::En) => format!("A MixPay multisig, {of}\n{id}"),
        (PayeeView::Multisig(of), Locale::Zh) => format!("MixPay 多签，{of}\n{id}"),
        (PayeeView::NobodyInMixin, Locale::En) => format!(
            "Careful: {id} is no user of Mixin. Only if it is a multisig or an account of MixPay \
             that you know for certain: money sent to a wrong id may be lost."
        ),
        (PayeeView::NobodyInMixin, Locale::Zh) => format!(
            "注意：{id} 不是 Mixin 用户。只有在你确定它是 MixPay 的多签或账户时才可使用：付到错误的 ID 可能无法找回。"
        ),
    }
}

/// Who receives from now on.
pub fn payee_is(name: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "From now on {name} receives what is paid to you. payee me takes it back.\n\
             Invoices and links that were made before keep their payee."
        ),
        Locale::Zh => format!(
            "今后付给你的款项由 {name} 收取。发送 收款方 我 可改回。\n之前创建的收款和链接不变。"
        ),
    }
}

/// The person receives again.
pub fn payee_is_you(locale: Locale) -> String {
    match locale {
        Locale::En => "From now on you receive what is paid to you.\n\
                       Invoices and links that were made before keep their payee."
            .to_owned(),
        Locale::Zh => "今后付给你的款项由你自己收取。\n之前创建的收款和链接不变。".to_owned(),
    }
}

/// The operator does not let people choose the bot.
pub fn bot_is_no_payee(locale: Locale) -> String {
    match locale {
        Locale::En => "This bot holds no money for others: its operator has not allowed it. \
                       Choose yourself (payee me) or a Mixin ID."
            .to_owned(),
        Locale::Zh => {
            "本机器人不代收款项：运营者未开放。请选择自己（收款方 我）或某个 Mixin ID。".to_owned()
        }
    }
}

/// One till for everybody.
pub fn fixed_payee(name: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "Here all payments go to {name}: the operator decided so, and it cannot be changed."
        ),
        Locale::Zh => format!("这里的所有款项都由 {name} 收取：由运营者设定，无法更改。"),
    }
}

/// A multisig that can receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewMultisig {
    /// Its id.
    pub id: UserId,
    /// How many must sign.
    pub threshold: u8,
    /// How many members it has.
    pub members: usize,
    /// Whether it is shown in a group, where no payee is chosen.
    pub in_group: bool,
}

/// `2 of 3`.
pub fn multisig_of(threshold: u8, members: usize, locale: Locale) -> String {
    match locale {
        Locale::En => format!("{threshold} of {members}"),
        Locale::Zh => format!("{threshold}/{members}"),
    }
}

/// As cards name a multisig.
pub fn multisig_name(of: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!("Multisig {of}"),
        Locale::Zh => format!("多签 {of}"),
    }
}

/// A multisig: its id alone on its line, and where the group can see its money.
pub fn multisig(new: NewMultisig, may_be_payee: bool, locale: Locale) -> Vec<Draft> {
    let NewMultisig { id, threshold, members, in_group } = new;
    let of = multisig_of(threshold, members, locale);
    let mut lines = match locale {
        Locale::En => vec![
            format!("MixPay multisig, {of} must sign. Its id:"),
            id.to_string(),
            format!("The group sees its money in the wallets {MULTISIG_WALLETS}."),
        ],
        Locale::Zh => vec![
            format!("MixPay 多签，需 {of} 签名。ID："),
            id.to_string(),
            format!("成员可在钱包 {MULTISIG_WALLETS} 中查看款项。"),
        ],
    };
    if threshold == 1 {
        lines.push(match locale {
            Locale::En => "With 1 signature any member alone can take the money.".to_owned(),
            Locale::Zh => "只需 1 个签名：任何一名成员都能单独取走款项。".to_owned(),
        });
    }
    if may_be_payee && in_group {
        lines.push(match locale {
            Locale::En => {
                "To receive with it, say in a chat of our own: payee and that id.".to_owned()
            }
            Locale::Zh => "如要用它收款，请私聊我发送：收款方 加该 ID。".to_owned(),
        });
    }
    let mut drafts = vec![Draft::text(lines.join("\n"))];
    if may_be_payee && !in_group {
        drafts.push(Draft::buttons(vec![use_as_payee(id, locale)]).silently());
    }
    drafts
}

/// Somebody is named twice.
pub fn multisig_twice(name: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!("{name} is named twice. Each member once, please."),
        Locale::Zh => format!("{name} 重复了。每名成员只能出现一次。"),
    }
}

/// More Mixin IDs than can be searched at once.
pub fn multisig_unknown(unknown: usize, max: usize, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "I do not know {unknown} of these members yet, and look up {max} at once. \
             Name the others by their UUIDs, or look them up first: uuid 37160854"
        ),
        Locale::Zh => format!(
            "其中 {unknown} 名成员我还不认识，一次最多查询 {max} 名。其余的请用 UUID，或先逐个查询：查 37160854"
        ),
    }
}

/// MixPay makes no such multisig.
pub fn multisig_refused(code: i64, support: &str, locale: Locale) -> String {
    let why = mixpay::api_code(code, support, locale);
    match locale {
        Locale::En => format!("MixPay does not make that multisig: {why}"),
        Locale::Zh => format!("MixPay 未能创建该多签：{why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::{Action, DraftBody};

    fn id() -> UserId {
        "a0d77914-0877-6b47-eb1d-d3f94ed15d6a".parse().unwrap()
    }

    fn text(draft: &Draft) -> &str {
        let DraftBody::Text(text) = &draft.body else { panic!("no text") };
        text
    }

    #[test]
    fn an_estimate_says_that_nothing_is_locked() {
        let estimated = Estimated {
            price: "10.00 USD",
            payment: "0.0001 BTC",
            settlement: None,
            invoice: "invoice 10 usd",
        };
        let drafts = estimate(&estimated, Locale::En);
        assert_eq!(text(&drafts[0]), "10.00 USD ≈ 0.0001 BTC (estimate, not locked)");
    }

    #[test]
    fn a_payee_is_named_and_the_button_confirms_exactly_that_id() {
        let drafts = confirm_payee(id(), PayeeView::Somebody("Bob (37160854)"), Locale::En);
        assert!(text(&drafts[0]).starts_with("Bob (37160854)\na0d77914"));
        let DraftBody::Buttons(taps) = &drafts[1].body else { panic!("no buttons") };
        assert_eq!(taps[0].action, Action::Say(format!("payee {} confirm", id())));
    }

    #[test]
    fn an_id_that_is_nobody_is_warned_about_in_every_language() {
        for locale in Locale::ALL {
            let drafts = confirm_payee(id(), PayeeView::NobodyInMixin, locale);
            let warning = match locale {
                Locale::En => "may be lost",
                Locale::Zh => "可能无法找回",
            };
            assert!(text(&drafts[0]).contains(warning));
        }
    }

    #[test]
    fn a_multisig_has_its_id_alone_on_a_line_and_a_button_in_private_only() {
        let new = NewMultisig { id: id(), threshold: 2, members: 3, in_group: false };
        let drafts = multisig(new, true, Locale::En);
        assert!(text(&drafts[0]).lines().any(|line| line == id().to_string()));
        assert_eq!(drafts.len(), 2);
        assert_eq!(multisig(NewMultisig { in_group: true, ..new }, true, Locale::En).len(), 1);
        assert_eq!(multisig(new, false, Locale::En).len(), 1);
    }
}
