//! MixPay's error and failure codes in words, each with what the merchant can do about it.
//!
//! They follow a colon (`Failed: ...`), and are one sentence each.

use crate::domain::{
    locale::Locale,
    mixpay_code::{ApiCode, RefundReason},
};

fn pick((en, zh): (&str, &str), locale: Locale) -> String {
    match locale {
        Locale::En => en,
        Locale::Zh => zh,
    }
    .to_owned()
}

/// Why MixPay refused a request, and what to do.
#[expect(clippy::too_many_lines, reason = "a table, one row a code")]
pub fn api_code(code: i64, support: &str, locale: Locale) -> String {
    let words = match ApiCode::from(code) {
        ApiCode::ServerError => (
            "MixPay had an error of its own; please try again later.",
            "MixPay 自身出错，请稍后再试。",
        ),
        ApiCode::NotFound => (
            "MixPay knows no such payment; please make a new invoice.",
            "MixPay 没有这笔付款，请重新创建收款。",
        ),
        ApiCode::Parameter | ApiCode::ParameterToo => (
            "MixPay did not accept a detail of the request; check the payee and the coins, or try \
             other ones.",
            "MixPay 不接受请求中的某项内容，请核对收款方和币种，或换一个再试。",
        ),
        ApiCode::TooManyRequests => (
            "MixPay is asked too often right now; please try again in a minute.",
            "对 MixPay 的请求过于频繁，请一分钟后再试。",
        ),
        ApiCode::Permission => (
            "MixPay does not permit this to the bot; please tell its operator.",
            "MixPay 不允许本机器人这样做，请告知运营者。",
        ),
        ApiCode::AuthorizationExpired => (
            "the authorization by Mixin has expired; please tell the bot's operator.",
            "Mixin 授权已过期，请告知机器人的运营者。",
        ),
        ApiCode::UserUnknown => (
            "MixPay does not know the payee; choose another payee.",
            "MixPay 不认识该收款方，请换一个收款方。",
        ),
        ApiCode::CurrencyUnknown => (
            "MixPay does not know this coin or cannot exchange it; choose another one.",
            "MixPay 不认识或无法兑换该币种，请换一种。",
        ),
        ApiCode::QuoteAssetUnsupported => (
            "MixPay takes no prices in this unit; write the price in another one, such as USD.",
            "MixPay 不支持以该单位标价，请改用其他单位，例如 USD。",
        ),
        ApiCode::PriceTooLow => (
            "the price is below MixPay's minimum; please ask for more.",
            "价格低于 MixPay 的最低限额，请提高金额。",
        ),
        ApiCode::PriceTooHigh => (
            "the price is above MixPay's maximum; ask for less, or make several invoices.",
            "价格高于 MixPay 的最高限额，请降低金额或分成几笔。",
        ),
        ApiCode::AmountOverLimit => (
            "the amount is worth more than MixPay's limit of 1,000 USDT; make several invoices.",
            "金额超过 MixPay 的上限（价值 1,000 USDT），请分成几笔。",
        ),
        ApiCode::NoService => return no_service(support, locale),
        ApiCode::PaymentsSuspended => (
            "MixPay has suspended payments for maintenance; please try again later.",
            "MixPay 正在维护，暂停付款，请稍后再试。",
        ),
        ApiCode::WithdrawalsSuspended => (
            "MixPay has suspended withdrawals for maintenance; please try again later.",
            "MixPay 正在维护，暂停提现，请稍后再试。",
        ),
        ApiCode::BalanceTooLow => (
            "the balance does not suffice; please try a smaller amount.",
            "余额不足，请减小金额再试。",
        ),
        ApiCode::Unpaid => (
            "MixPay says that it is unpaid; please make a new invoice.",
            "MixPay 表示尚未支付，请重新创建收款。",
        ),
        ApiCode::UserAddedTooOften => (
            "the same user can be added only three times in 24 hours; please try again tomorrow.",
            "同一用户 24 小时内最多添加三次，请明天再试。",
        ),
        ApiCode::PriceException => (
            "MixPay has no price for this coin right now; please try again in a few minutes.",
            "MixPay 暂时没有该币种的价格，请几分钟后再试。",
        ),
        ApiCode::MultisigNotYours => (
            "MixPay does not let the bot use this multisig group; please make it anew.",
            "MixPay 不允许本机器人使用该多签组，请重新创建。",
        ),
        ApiCode::RobotUnknown => (
            "MixPay does not know this bot; choose another payee.",
            "MixPay 不认识该机器人，请换一个收款方。",
        ),
        ApiCode::NotARobot => (
            "this payee is not a bot; choose another payee.",
            "该收款方不是机器人，请换一个收款方。",
        ),
        ApiCode::RobotNotYours => (
            "this bot is somebody else's; choose another payee.",
            "该机器人属于他人，请换一个收款方。",
        ),
        ApiCode::RobotAlreadyBound => (
            "this bot is bound to an account already; choose another payee.",
            "该机器人已绑定到某个账户，请换一个收款方。",
        ),
        ApiCode::ThresholdTooHigh => (
            "the multisig asks for more signatures than it has members; ask for fewer.",
            "多签所需的签名数超过成员数，请减少签名数。",
        ),
        ApiCode::TooManyGroups => (
            "MixPay keeps at most 20 multisig groups; use one that exists already.",
            "MixPay 最多保留 20 个多签组，请使用已有的多签组。",
        ),
        ApiCode::TooManyRobots => (
            "MixPay binds at most 20 bots; use one that is bound already.",
            "MixPay 最多绑定 20 个机器人，请使用已绑定的机器人。",
        ),
        ApiCode::GroupUnnamed => (
            "MixPay wants a name for the multisig group first; please name it at MixPay.",
            "多签组需要先命名，请先在 MixPay 为它命名。",
        ),
        ApiCode::Unknown(code) => return maybe_not_activated(code, support, locale),
    };
    pick(words, locale)
}

fn no_service(support: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "MixPay does not serve this payee; choose another one, or ask MixPay's support \
             ({support})."
        ),
        Locale::Zh => format!(
            "MixPay 不为该收款方提供服务，请换一个收款方，或联系 MixPay 客服（{support}）。"
        ),
    }
}

/// MixPay documents no number for a payee that it has not activated.
fn maybe_not_activated(code: i64, support: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "code {code}; the payee may have to be activated at MixPay first, please ask MixPay's \
             support ({support})."
        ),
        Locale::Zh => format!(
            "代码 {code}；收款方可能需要先在 MixPay 开通，请联系 MixPay 客服（{support}）。"
        ),
    }
}

/// Why MixPay failed or refunds a payment, and what to do.
#[expect(clippy::too_many_lines, reason = "a table, one row a code")]
pub fn failure_code(code: i64, support: &str, locale: Locale) -> String {
    let words = match RefundReason::from(code) {
        RefundReason::CurrencyUnknown | RefundReason::AssetUnknown => (
            "MixPay does not know the coin or cannot exchange it; choose another one.",
            "MixPay 不认识或无法兑换该币种，请换一种。",
        ),
        RefundReason::QuoteAssetUnusable => (
            "MixPay cannot use the price's unit; write the price in another one, such as USD.",
            "MixPay 无法使用该标价单位，请改用其他单位，例如 USD。",
        ),
        RefundReason::Parameter => (
            "MixPay did not accept a detail of the payment; please make a new invoice.",
            "MixPay 不接受付款中的某项内容，请重新创建收款。",
        ),
        RefundReason::SettlementUnsupported | RefundReason::SettlementUnsupportedToo => (
            "the payee does not support the coin to be received; choose another one to settle in.",
            "收款方不支持该结算币种，请换一种结算币种。",
        ),
        RefundReason::SettlementUnavailable => (
            "the coin to be received is not available at MixPay; choose another one to settle in.",
            "该结算币种目前不可用，请换一种结算币种。",
        ),
        RefundReason::PaidCannotQuote => (
            "the coin that was paid cannot be the unit of a price; write the price in another one.",
            "所付币种不能用来标价，请换一种标价单位。",
        ),
        RefundReason::PaidUnavailable => (
            "the coin that was paid is not available at MixPay; pay a new invoice in another one.",
            "所付币种目前不可用，请重新创建收款并用其他币种支付。",
        ),
        RefundReason::SettlementRemoved => (
            "MixPay removed the coin to be received; choose another one to settle in.",
            "MixPay 已下架该结算币种，请换一种结算币种。",
        ),
        RefundReason::QuoteRemoved => (
            "MixPay removed the unit of the price; write the price in another one.",
            "MixPay 已下架该标价单位，请换一种标价单位。",
        ),
        RefundReason::PaidRemoved => (
            "MixPay removed the coin that was paid; pay a new invoice in another one.",
            "MixPay 已下架所付币种，请重新创建收款并用其他币种支付。",
        ),
        RefundReason::PaidNotAccepted => (
            "the payee does not accept the coin that was paid; pay a new invoice in another one.",
            "收款方不接受所付币种，请重新创建收款并用其他币种支付。",
        ),
        RefundReason::PaidNotAcceptedAsQuote => (
            "the payee does not accept the coin that was paid as a price's unit; write the price \
             in another one.",
            "收款方不接受以所付币种标价，请换一种标价单位。",
        ),
        RefundReason::BelowMinimum | RefundReason::BelowMinimumToo => (
            "the amount is below MixPay's minimum; make a new invoice for more.",
            "金额低于 MixPay 的最低限额，请提高金额重新创建收款。",
        ),
        RefundReason::AboveMaximum | RefundReason::AboveMaximumToo => (
            "the amount is above MixPay's maximum; make several invoices instead.",
            "金额高于 MixPay 的最高限额，请分成几笔收款。",
        ),
        RefundReason::PayeeUnavailable => return payee_unavailable(support, locale),
        RefundReason::Overtime => (
            "the payment came too late, or not at all; please make a new invoice.",
            "付款超时或未付款，请重新创建收款。",
        ),
        RefundReason::PayeeUnknown => (
            "MixPay does not know the payee; choose another payee.",
            "MixPay 不认识该收款方，请换一个收款方。",
        ),
        RefundReason::AmountOverLimit => (
            "the amount is worth more than MixPay's limit of 1,000 USDT; make several invoices.",
            "金额超过 MixPay 的上限（价值 1,000 USDT），请分成几笔。",
        ),
        RefundReason::TooManyDecimals => (
            "the amount has too many decimals for MixPay; make a new invoice with fewer.",
            "金额的小数位过多，请减少小数位重新创建收款。",
        ),
        RefundReason::TooManyDigits => (
            "the amount has too many digits for MixPay; make a new invoice for less.",
            "金额的位数过多，请减小金额重新创建收款。",
        ),
        RefundReason::BalanceTooLow => (
            "the balance does not suffice; the payer needs more of the coin, or another one.",
            "余额不足，付款人需要补充余额或换一种币支付。",
        ),
        RefundReason::ServerError => (
            "MixPay had an error of its own; please make a new invoice later.",
            "MixPay 自身出错，请稍后重新创建收款。",
        ),
        RefundReason::OutOfService => (
            "MixPay is temporarily out of service; please make a new invoice later.",
            "MixPay 暂停服务，请稍后重新创建收款。",
        ),
        RefundReason::WithdrawalMethodUnknown => (
            "MixPay does not know the way of withdrawal; choose another one at MixPay.",
            "MixPay 不认识该提现方式，请在 MixPay 另选一种。",
        ),
        RefundReason::WithdrawalAssetUnknown => (
            "MixPay does not know the coin to withdraw; choose another one at MixPay.",
            "MixPay 不认识要提现的币种，请在 MixPay 另选一种。",
        ),
        RefundReason::WithdrawalAddressUnknown => (
            "MixPay does not know the address to withdraw to; check it at MixPay.",
            "MixPay 不认识该提现地址，请在 MixPay 核对。",
        ),
        RefundReason::WithdrawalUnfinished => (
            "an earlier withdrawal is not finished; please wait until it is.",
            "之前的提现尚未完成，请等待其完成。",
        ),
        RefundReason::WithdrawalTooLarge => (
            "the withdrawal is too large; please withdraw less at once.",
            "提现金额过大，请减小单次提现金额。",
        ),
        RefundReason::WithdrawalTooSmall => (
            "the withdrawal is too small; please withdraw more at once.",
            "提现金额过小，请增大单次提现金额。",
        ),
        RefundReason::TransferTooSmall => (
            "the transfer is too small; make a new invoice for more.",
            "转账金额过小，请提高金额重新创建收款。",
        ),
        RefundReason::TransferTooLarge => (
            "the transfer is too large; make several invoices instead.",
            "转账金额过大，请分成几笔收款。",
        ),
        RefundReason::WrongAsset => (
            "the wrong coin was paid; make a new invoice and pay exactly the coin that is shown.",
            "付错了币种，请重新创建收款，并按页面显示的币种支付。",
        ),
        RefundReason::DoublePayment => (
            "it was paid twice; the first payment counts, there is no need to pay again.",
            "重复付款，以第一笔为准，无需再付。",
        ),
        RefundReason::TraceUnknown => (
            "MixPay does not know the trace of the payment; please make a new invoice.",
            "MixPay 没有该付款的流水号，请重新创建收款。",
        ),
        RefundReason::PayeeMissing => (
            "the payment names no payee; pay a new invoice through its link.",
            "付款未注明收款方，请重新创建收款并通过其链接支付。",
        ),
        RefundReason::WrongAmount => (
            "the wrong amount was paid; make a new invoice and pay exactly the amount that is \
             shown.",
            "付款金额不对，请重新创建收款，并按页面显示的金额支付。",
        ),
        RefundReason::TooVolatile => (
            "the price moved too much during the payment; please try again with a new invoice.",
            "付款期间价格波动过大，请重新创建收款再试。",
        ),
        RefundReason::SettlementRestricted => (
            "MixPay restricts the coin to be received; choose another one to settle in.",
            "MixPay 限制该结算币种，请换一种结算币种。",
        ),
        RefundReason::Unknown(code) => return unknown_reason(code, support, locale),
    };
    pick(words, locale)
}

fn payee_unavailable(support: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "the payee is not available at MixPay; choose another one, or ask MixPay's support \
             ({support})."
        ),
        Locale::Zh => {
            format!("收款方在 MixPay 不可用，请换一个收款方，或联系 MixPay 客服（{support}）。")
        }
    }
}

fn unknown_reason(code: i64, support: &str, locale: Locale) -> String {
    match locale {
        Locale::En => {
            format!("code {code}; please make a new invoice, or ask MixPay's support ({support}).")
        }
        Locale::Zh => {
            format!("代码 {code}；请重新创建收款，或联系 MixPay 客服（{support}）。")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUPPORT: &str = "Carol, 30001";

    fn check(code: i64, words: fn(i64, &str, Locale) -> String) {
        let (en, zh) = (words(code, SUPPORT, Locale::En), words(code, SUPPORT, Locale::Zh));
        for said in [&en, &zh] {
            assert!(!said.contains("26930"), "the operator named another support: {said}");
        }
        assert!(
            !en.starts_with("code ") && !zh.starts_with("代码"),
            "{code} has no words: {en} {zh}"
        );
        assert!(en.is_ascii() && en.ends_with('.'), "{en}");
        assert!(!zh.is_ascii() && zh.ends_with('。'), "{zh}");
        assert_eq!(zh.matches('。').count(), 1, "one sentence: {zh}");
        assert_eq!(en.matches(". ").count(), 0, "one sentence: {en}");
    }

    #[test]
    fn every_code_has_words_in_every_language() {
        for code in ApiCode::KNOWN {
            check(code.code(), api_code);
        }
        for reason in RefundReason::KNOWN {
            check(reason.code(), failure_code);
        }
    }

    #[test]
    fn a_number_without_a_name_is_told_as_it_is() {
        for words in [api_code, failure_code] {
            for code in [0, -7, 12345] {
                assert!(words(code, SUPPORT, Locale::En).starts_with(&format!("code {code}; ")));
                assert!(words(code, SUPPORT, Locale::Zh).starts_with(&format!("代码 {code}；")));
            }
        }
    }

    #[test]
    fn a_refusal_without_a_reason_sends_to_the_support() {
        let en = api_code(0, SUPPORT, Locale::En);
        assert!(en.contains("activated") && en.contains(SUPPORT), "{en}");
        let zh = api_code(0, SUPPORT, Locale::Zh);
        assert!(zh.contains("开通") && zh.contains(SUPPORT), "{zh}");
    }

    #[test]
    fn one_number_means_one_thing_in_each_table() {
        let check = |code, refused: &str, failed: &str| {
            assert!(api_code(code, SUPPORT, Locale::En).contains(refused));
            assert!(failure_code(code, SUPPORT, Locale::En).contains(failed));
        };
        check(10004, "below MixPay's minimum", "code 10004");
        check(40024, "code 40024", "wrong amount");
        check(10011, "detail of the request", "detail of the payment");
    }
}
