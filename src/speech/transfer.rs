//! Words about transfers into the bot's wallet.

use crate::{
    domain::{
        amount::Amount,
        code::ShortCode,
        ids::{AssetId, SnapshotId, UserId},
        invoice::standing::Sum,
        link::Link,
        locale::Locale,
    },
    speech::format::sum,
};

/// MixPay returned money of an invoice.
pub fn refund_due(code: ShortCode, money: &Sum, locale: Locale) -> String {
    let money = sum(money);
    match locale {
        Locale::En => {
            format!("MixPay returned {money} of {code} to the bot: a refund to the payer is due.")
        }
        Locale::Zh => format!("MixPay 将 {code} 的 {money} 退回机器人：应退款给付款人。"),
    }
}

/// A second payment of an invoice was settled.
pub fn double(code: ShortCode, money: &Sum, locale: Locale) -> String {
    let money = sum(money);
    match locale {
        Locale::En => format!("A second payment of {code} arrived: {money}. The payer is owed it."),
        Locale::Zh => format!("{code} 的第二笔付款到账：{money}，应退还付款人。"),
    }
}

/// More than one settlement of one payment arrived.
pub fn surplus(code: ShortCode, money: &Sum, locale: Locale) -> String {
    let money = sum(money);
    match locale {
        Locale::En => format!("Another settlement of {code} arrived: {money}, more than was due."),
        Locale::Zh => format!("{code} 又收到一笔结算：{money}，超出应结金额。"),
    }
}

/// Money under a pay link: received, never Paid.
pub fn received(link: &Link, money: &Sum, locale: Locale) -> String {
    let (money, code) = (sum(money), link.code);
    match locale {
        Locale::En => format!("Received {money} through the link {code}."),
        Locale::Zh => format!("通过链接 {code} 收到 {money}。"),
    }
}

/// The operators are told of money that belongs to nothing.
pub fn unmatched(
    snapshot: SnapshotId,
    money: &Sum,
    sender: Option<UserId>,
    locale: Locale,
) -> String {
    let money = sum(money);
    match (sender, locale) {
        (Some(sender), Locale::En) => format!(
            "{money} arrived and belongs to no invoice.\nFrom {sender}, transfer {snapshot}. \
             Return it from the bot's wallet if it is not meant for you."
        ),
        (Some(sender), Locale::Zh) => {
            format!(
                "收到 {money}，不属于任何收款单。\n来自 {sender}，转账 {snapshot}。如非应收，请从机器人钱包退回。"
            )
        }
        (None, Locale::En) => {
            format!(
                "{money} arrived and belongs to no invoice.\nTransfer {snapshot}, sender unknown."
            )
        }
        (None, Locale::Zh) => {
            format!("收到 {money}，不属于任何收款单。\n转账 {snapshot}，来源未知。")
        }
    }
}

/// Transfers of one asset that the operators were not told of one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The asset; `None` stands for several that were too many.
    pub asset: Option<AssetId>,
    /// Its ticker, if MixPay lists it.
    pub symbol: Option<String>,
    /// How many.
    pub transfers: i64,
    /// How much.
    pub amount: Amount,
}

/// The operators are told of dust, and of what one sender sent too often, once an hour.
pub fn summary(rows: &[Counted], locale: Locale) -> String {
    let all: i64 = rows.iter().map(|row| row.transfers).sum();
    let head = match (locale, all) {
        (Locale::En, 1) => {
            "1 small or repeated transfer arrived that belongs to no invoice:".to_owned()
        }
        (Locale::En, _) => {
            format!("{all} small or repeated transfers arrived that belong to no invoice:")
        }
        (Locale::Zh, _) => format!("收到 {all} 笔小额或重复的转账，不属于任何收款单："),
    };
    let line = |row: &Counted| {
        let (count, amount) = (row.transfers, row.amount);
        match (row.asset, &row.symbol, locale) {
            (Some(_), Some(symbol), _) => {
                format!("{count} × {}", sum(&Sum { amount, symbol: symbol.clone() }))
            }
            (Some(asset), None, Locale::En) => {
                format!("{count} × {} of an unlisted token, id {asset}", amount.grouped(0))
            }
            (Some(asset), None, Locale::Zh) => {
                format!("{count} × {}，未列出的代币，id {asset}", amount.grouped(0))
            }
            (None, _, Locale::En) => format!("{count} × of other tokens"),
            (None, _, Locale::Zh) => format!("{count} × 其他代币"),
        }
    };
    let lines = rows.iter().map(line);
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}

/// The sender of small or too many transfers, once an hour.
pub fn counted(snapshot: SnapshotId, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "Your transfer arrived, but it belongs to no invoice. The operator hears of such \
             transfers once an hour, and I answer you once an hour. To pay an invoice, use its Pay \
             button.\nReference {snapshot}"
        ),
        Locale::Zh => format!(
            "你的转账已收到，但不属于任何收款单。运营者每小时获知一次，我也每小时只答复你一次。付款请使用收款卡片上的支付按钮。\n参考号 {snapshot}"
        ),
    }
}

/// The sender of money that belongs to nothing.
pub fn thanks_but(snapshot: SnapshotId, money: &Sum, locale: Locale) -> String {
    let money = sum(money);
    match locale {
        Locale::En => format!(
            "Your transfer of {money} arrived, but it belongs to no invoice. The operator was told. \
             To pay an invoice, use its Pay button.\nReference {snapshot}"
        ),
        Locale::Zh => format!(
            "你转来的 {money} 已收到，但不属于任何收款单，已通知运营者。付款请使用收款卡片上的支付按钮。\n参考号 {snapshot}"
        ),
    }
}
