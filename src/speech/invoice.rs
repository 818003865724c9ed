//! Words about an invoice: its card, and its state when somebody asks.

use crate::{
    domain::{
        invoice::{
            Invoice,
            standing::{FailureCause, Standing, State, time_of_ms},
            terms::{CoinPrice, Terms},
        },
        locale::Locale,
    },
    ports::chat::LABEL_CHARS_MAX,
    speech::{
        Draft, Tap,
        format::{clock, cut, duration, money, price, sum, time},
        outside::{self, ticker},
    },
};
use jiff::{SignedDuration, Timestamp};

/// What the card of an invoice needs besides the invoice.
#[derive(Debug, Clone, Copy)]
pub struct CardView<'a> {
    /// The page where it is paid.
    pub page: &'a str,
    /// Who asked for it, named on cards in groups.
    pub creator: Option<&'a str>,
    /// What the price is in the one coin that it is to be paid in.
    pub coin: Option<&'a CoinPrice>,
    /// The time now.
    pub now: Timestamp,
}

/// The card with its pay button.
pub fn card(invoice: &Invoice, view: CardView<'_>, locale: Locale) -> Draft {
    let terms = &invoice.terms;
    let left = duration(about(invoice.deadline().duration_since(view.now), terms), locale);
    let pay = match locale {
        Locale::En => format!("Pay {}", price(terms)),
        Locale::Zh => format!("支付 {}", price(terms)),
    };
    let mut lines = Vec::new();
    if let Some(creator) = view.creator.map(outside::name).filter(|name| !name.is_empty()) {
        lines.push(match locale {
            Locale::En => format!("Invoice of {creator}."),
            Locale::Zh => format!("{creator} 的收款。"),
        });
    }
    let coin = match (&terms.pay_with, locale) {
        (Some(coin), Locale::En) => format!("To be paid in {}.", ticker(&coin.symbol)),
        (Some(coin), Locale::Zh) => format!("须用 {} 支付。", ticker(&coin.symbol)),
        (None, Locale::En) => "Any coin MixPay takes.".to_owned(),
        (None, Locale::Zh) => "可用 MixPay 支持的任何币种支付。".to_owned(),
    };
    lines.push(match locale {
        Locale::En => format!("Pay to {}. {coin}", outside::payee(&terms.payee_name)),
        Locale::Zh => format!("收款方 {}。{coin}", outside::payee(&terms.payee_name)),
    });
    let (settles, code) = (ticker(&terms.settlement_label), invoice.code);
    if let Some(coin) = view.coin {
        lines.push(coin_line(coin, locale));
    }
    lines.push(match locale {
        Locale::En => format!("Settles in {settles}. Expires in {left}. Code {code}"),
        Locale::Zh => format!("结算为 {settles}。{left}后过期。编号 {code}"),
    });
    if terms.memo.as_deref().is_some_and(|memo| memo.chars().count() > 50) {
        lines.push(match locale {
            Locale::En => "The first 50 characters of the note are public on the pay page.".into(),
            Locale::Zh => "备注的前 50 个字会公开显示在支付页上。".into(),
        });
    }
    let mut taps = vec![Tap::open(cut(&pay, LABEL_CHARS_MAX), view.page)];
    if let Some(coin) = &terms.pay_with {
        let label = match (coin.on_chain, locale) {
            (true, Locale::En) => "New price, address",
            (true, Locale::Zh) => "新价格与地址",
            (false, Locale::En) => "New price",
            (false, Locale::Zh) => "新价格",
        };
        taps.push(Tap::say(label, format!("pay {code}")));
    }
    Draft::card(title(invoice), lines.join("\n"), taps).about(code)
}

/// The moment that MixPay took is not worth telling: a fresh card names the whole lifetime.
fn about(left: SignedDuration, terms: &Terms) -> SignedDuration {
    let lifetime = terms.lifetime.length();
    if lifetime - left <= SignedDuration::from_secs(5) { lifetime } else { left }
}

/// How much of the one coin, and until when.
fn coin_line(coin: &CoinPrice, locale: Locale) -> String {
    let amount = money(coin.amount, 0, &coin.symbol);
    let until = Timestamp::from_second(coin.until).map(clock).unwrap_or_default();
    match locale {
        Locale::En => format!("Send exactly {amount} before {until}; then ask for a new price."),
        Locale::Zh => format!("请在 {until} 前准确支付 {amount}；之后请获取新价格。"),
    }
}

/// Where to pay on the coin's own chain.
pub fn on_chain(
    amount: &str,
    destination: &str,
    tag: Option<&str>,
    until: i64,
    locale: Locale,
) -> String {
    let until = Timestamp::from_second(until).map(clock).unwrap_or_default();
    let tag = match (tag, locale) {
        (Some(tag), Locale::En) => format!("\nTag (without it the money is lost):\n{tag}"),
        (Some(tag), Locale::Zh) => format!("\n标签（缺少会丢失款项）：\n{tag}"),
        (None, _) => String::new(),
    };
    match locale {
        Locale::En => {
            format!("Or on chain, exactly {amount} before {until}, to\n{destination}{tag}")
        }
        Locale::Zh => {
            format!("或链上支付：请在 {until} 前准确支付 {amount} 至\n{destination}{tag}")
        }
    }
}

/// MixPay cannot say a new price now.
pub fn no_new_price(locale: Locale) -> String {
    match locale {
        Locale::En => "MixPay cannot say a new price right now. Please try again in a minute.",
        Locale::Zh => "MixPay 暂时无法报价，请一分钟后再试。",
    }
    .to_owned()
}

/// `10.00 USD · coffee`, as long as a title may be.
pub fn title(invoice: &Invoice) -> String {
    let price = price(&invoice.terms);
    let text = match &invoice.terms.memo {
        Some(memo) => format!("{price} · {memo}"),
        None => price,
    };
    cut(&text, LABEL_CHARS_MAX)
}

/// The buttons below a card.
pub fn card_buttons(invoice: &Invoice, page: &str, locale: Locale) -> Draft {
    let code = invoice.code;
    let (status, cancel, share) = match locale {
        Locale::En => ("Status", "Cancel", "Share"),
        Locale::Zh => ("状态", "取消", "分享"),
    };
    // A button speaks the language of its card, and so does the answer.
    let (to_status, to_cancel) = match locale {
        Locale::En => ("status", "cancel"),
        Locale::Zh => ("状态", "取消"),
    };
    let text: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
    Draft::buttons(vec![
        Tap::say(status, format!("{to_status} {code}")),
        Tap::say(cancel, format!("{to_cancel} {code}")),
        Tap::open(share, format!("mixin://send?text={text}")),
    ])
    .about(code)
}

/// The invoice's state for a party, with what to do next.
pub fn status(
    invoice: &Invoice,
    standing: &Standing,
    now: Timestamp,
    support: &str,
    locale: Locale,
) -> String {
    let mut lines = vec![first_line(invoice), state_line(invoice, standing, now, support, locale)];
    if let Some(seen) = &standing.seen {
        lines.push(match locale {
            Locale::En => format!("got {}", sum(seen)),
            Locale::Zh => format!("已收到 {}", sum(seen)),
        });
    }
    lines.extend(flag_lines(standing, locale));
    if let Some(trace) = invoice.facts.traces().last() {
        lines.push(match locale {
            Locale::En => format!("trace {trace}"),
            Locale::Zh => format!("流水号 {trace}"),
        });
    }
    if let Some(order) = &invoice.terms.order {
        lines.push(match locale {
            Locale::En => format!("order {order}"),
            Locale::Zh => format!("订单 {order}"),
        });
    }
    lines.truncate(6);
    lines.join("\n")
}

/// `K7Q2MXN · 10.00 USD · coffee`.
pub fn first_line(invoice: &Invoice) -> String {
    let mut line = format!("{} · {}", invoice.code, price(&invoice.terms));
    if let Some(memo) = &invoice.terms.memo {
        line.push_str(" · ");
        line.push_str(&cut(memo, 80));
    }
    line
}

/// The state in words: what is, and what comes next.
pub fn state_line(
    invoice: &Invoice,
    standing: &Standing,
    now: Timestamp,
    support: &str,
    locale: Locale,
) -> String {
    if standing.says_paid_unread() {
        return paid_unread(locale).to_owned();
    }
    let left = || duration(invoice.deadline().duration_since(now), locale);
    let closes = || time(invoice.closes_at());
    let paid_at =
        || standing.paid.as_ref().map_or_else(String::new, |paid| clock(time_of_ms(paid.at_ms)));
    match (standing.state, locale) {
        (State::Draft, Locale::En) => "Saved. The link comes as soon as MixPay answers.".to_owned(),
        (State::Draft, Locale::Zh) => "已保存。MixPay 一有回应就发送链接。".to_owned(),
        (State::Open, Locale::En) if now > invoice.deadline() => {
            "Open. Its time is over; asking MixPay whether money came.".to_owned()
        }
        (State::Open, Locale::Zh) if now > invoice.deadline() => {
            "待支付。期限已过，正在向 MixPay 确认是否有付款。".to_owned()
        }
        (State::Open, Locale::En) => format!("Open. Not paid yet. Expires in {}.", left()),
        (State::Open, Locale::Zh) => format!("待支付。{}后过期。", left()),
        (State::Partial, Locale::En) => match &standing.missing {
            Some(missing) => {
                format!("Underpaid: {} missing. The same link still works.", sum(missing))
            }
            None => "Underpaid. The same link still works.".to_owned(),
        },
        (State::Partial, Locale::Zh) => match &standing.missing {
            Some(missing) => format!("支付不足：还差 {}。原链接仍可继续支付。", sum(missing)),
            None => "支付不足。原链接仍可继续支付。".to_owned(),
        },
        (State::Processing, Locale::En) => {
            format!("Payment seen, not final yet{}.", confirmations(standing, locale))
        }
        (State::Processing, Locale::Zh) => {
            format!("已看到付款，尚未最终确认{}。", confirmations(standing, locale))
        }
        (State::Review, Locale::En) => {
            "Under review at MixPay. This can take hours; nothing expires meanwhile.".to_owned()
        }
        (State::Review, Locale::Zh) => "MixPay 正在审核，可能需要数小时；期间不会过期。".to_owned(),
        (State::Paid, Locale::En) => format!("Paid {}, settlement pending.", paid_at()),
        (State::Paid, Locale::Zh) => format!("已支付 {}，等待结算。", paid_at()),
        (State::Settled, Locale::En) => match &standing.settled {
            Some(settled) => format!("Paid {}, settled: {}.", paid_at(), sum(settled)),
            None => format!("Paid {}, settled.", paid_at()),
        },
        (State::Settled, Locale::Zh) => match &standing.settled {
            Some(settled) => format!("已支付 {}，已结算：{}。", paid_at(), sum(settled)),
            None => format!("已支付 {}，已结算。", paid_at()),
        },
        (State::Expired, Locale::En) => format!(
            "Expired. The link can still be paid until {}; you will be told if it is.",
            closes()
        ),
        (State::Expired, Locale::Zh) => {
            format!("已过期。链接在 {} 之前仍可支付；若有人支付会通知你。", closes())
        }
        (State::Failed, _) => failure(standing, support, locale),
        (State::Cancelled, Locale::En) => format!(
            "Cancelled. The link can still be paid until {}; you will be told if it is.",
            closes()
        ),
        (State::Cancelled, Locale::Zh) => {
            format!("已取消。链接在 {} 之前仍可支付；若有人支付会通知你。", closes())
        }
        (State::Held, Locale::En) => {
            "Not paid as asked. Held: money came, but MixPay's answer does not match this invoice."
                .to_owned()
        }
        (State::Held, Locale::Zh) => {
            "未按要求支付。暂扣：已收到款项，但 MixPay 的结果与本单不符。".to_owned()
        }
    }
}

/// MixPay says that it was paid, and we cannot read what.
pub const fn paid_unread(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "MixPay says it was paid, but I cannot read the answer yet.",
        Locale::Zh => "MixPay 表示已支付，但我暂时无法读懂其结果。",
    }
}

/// `, 1 of 2 confirmations`.
pub fn confirmations(standing: &Standing, locale: Locale) -> String {
    match (standing.confirmations, locale) {
        (Some((have, Some(need))), Locale::En) => format!(", {have} of {need} confirmations"),
        (Some((have, Some(need))), Locale::Zh) => format!("，{have}/{need} 次确认"),
        (Some((have, None)), Locale::En) => format!(", {have} confirmations"),
        (Some((have, None)), Locale::Zh) => format!("，{have} 次确认"),
        (None, _) => String::new(),
    }
}

/// Why it came to nothing, and what to do.
pub fn failure(standing: &Standing, support: &str, locale: Locale) -> String {
    match (&standing.failure, locale) {
        (Some(FailureCause::Refused(code)), _) => {
            let words = crate::speech::mixpay::api_code(*code, support, locale);
            match locale {
                Locale::En => format!("Failed: MixPay did not make the payment: {words}"),
                Locale::Zh => format!("失败：MixPay 没有创建付款：{words}"),
            }
        }
        (Some(FailureCause::GivenUp), Locale::En) => {
            "Failed: MixPay could not be reached for a day, and the request was given up. \
             Please make a new invoice."
                .to_owned()
        }
        (Some(FailureCause::GivenUp), Locale::Zh) => {
            "失败：一整天都无法联系 MixPay，请求已放弃。请重新创建收款。".to_owned()
        }
        (Some(FailureCause::Failed { code, received: Some(received) }), _) => {
            let (words, got) =
                (crate::speech::mixpay::failure_code(*code, support, locale), sum(received));
            match locale {
                Locale::En => format!("Failed: {words} Received {got}, MixPay must return it."),
                Locale::Zh => format!("失败：{words}已收到 {got}，应由 MixPay 退回。"),
            }
        }
        (Some(FailureCause::Failed { code, received: None }), _) => {
            let words = crate::speech::mixpay::failure_code(*code, support, locale);
            match locale {
                Locale::En => format!("Failed: {words}"),
                Locale::Zh => format!("失败：{words}"),
            }
        }
        (Some(FailureCause::Rejected(_)), Locale::En) => {
            "Rejected by hand. What was paid has to be returned outside this bot.".to_owned()
        }
        (Some(FailureCause::Rejected(_)), Locale::Zh) => {
            "已人工拒绝。已付款项须在本机器人之外退回。".to_owned()
        }
        (None, Locale::En) => "Failed.".to_owned(),
        (None, Locale::Zh) => "失败。".to_owned(),
    }
}

/// What is noteworthy besides the state, a line each.
pub fn flag_lines(standing: &Standing, locale: Locale) -> Vec<String> {
    let flags = &standing.flags;
    let mut lines = Vec::new();
    if let Some(over) = &flags.over {
        lines.push(match locale {
            Locale::En => format!("Overpaid by {}: MixPay returns that to the payer.", sum(over)),
            Locale::Zh => format!("多付 {}：由 MixPay 退还付款人。", sum(over)),
        });
    }
    if flags.late.is_some() {
        lines.push(match locale {
            Locale::En => "Paid late, after the deadline.".to_owned(),
            Locale::Zh => "逾期支付（已过截止时间）。".to_owned(),
        });
    }
    if flags.double {
        lines.push(match locale {
            Locale::En => "Double payment: MixPay returns the second one.".to_owned(),
            Locale::Zh => "重复支付：第二笔由 MixPay 退回。".to_owned(),
        });
    }
    if let Some(other) = &flags.other_settlement {
        lines.push(match locale {
            Locale::En => format!("Settled in another asset than agreed: {}.", ticker(other)),
            Locale::Zh => format!("结算币种与约定不同：{}。", ticker(other)),
        });
    }
    if flags.contradicted {
        lines.push(match locale {
            Locale::En => {
                "Another answer of MixPay contradicts this. An operator should look.".into()
            }
            Locale::Zh => "MixPay 的另一条结果与此矛盾，请运营者核查。".into(),
        });
    }
    if flags.decided.is_some() {
        lines.push(match locale {
            Locale::En => "Decided by hand.".to_owned(),
            Locale::Zh => "由人工决定。".to_owned(),
        });
    }
    lines
}
