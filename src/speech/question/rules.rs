//! Rules: what is said to a line that breaks one. Each has one cause and one remedy.

use super::names::Names;
use crate::{
    app::commands::grammar::Misread,
    domain::{catalogue::Catalogue, locale::Locale},
    speech::Draft,
};

/// The code that examples show.
const EXAMPLE_CODE: &str = "K7Q2MXN";

/// A line that breaks a rule: the rule, and the remedy.
pub fn refuse(misread: &Misread, catalogue: &Catalogue, locale: Locale) -> Draft {
    Draft::text(rule(misread, Names { catalogue, locale }))
}

#[expect(clippy::too_many_lines, reason = "a table, one row a rule")]
fn rule(misread: &Misread, names: Names<'_>) -> String {
    let locale = names.locale;
    match misread {
        Misread::LineTooLong { chars_max } => say!(
            locale,
            "That is too long: I read at most {chars_max} characters. Please shorten it.",
            "太长了：我最多读 {chars_max} 个字符。请缩短后再发。",
        ),
        Misread::TooManyDecimals { unit, max: 0 } => {
            let unit = names.unit(*unit);
            say!(
                locale,
                "{unit} has no decimals. Please write a whole amount.",
                "{unit} 没有小数。请写整数金额。",
            )
        }
        Misread::TooManyDecimals { unit, max } => {
            let unit = names.unit(*unit);
            say!(
                locale,
                "Too many decimals: {unit} has at most {max}. Please round the amount.",
                "小数位过多：{unit} 最多 {max} 位小数。请调整金额。",
            )
        }
        Misread::TwoAmounts => say!(
            locale,
            "That has two amounts, and an invoice has one. Put text after for.\n\
             For example: invoice 10 usd for table 5",
            "有两个金额，而一笔收款只能有一个。请把文字写在“为”之后。\n\
             例如：收款10美元为5号桌",
        ),
        Misread::UnknownUnit { found } => say!(
            locale,
            "MixPay has no prices in \"{found}\". Use a currency or a coin that it knows, such as \
             USD or BTC.",
            "MixPay 不支持以“{found}”标价。请用它认识的货币或币种，例如 USD 或 BTC。",
        ),
        Misread::BelowMinimum { min } => {
            let (min, range) = (names.money(*min), names.range(min.unit));
            say!(
                locale,
                "Too little: MixPay takes {range}. Please ask for {min} or more.",
                "金额太小：MixPay 可收 {range}。请至少写 {min}。",
            )
        }
        Misread::AboveMaximum { max } => {
            let (max, range) = (names.money(*max), names.range(max.unit));
            say!(
                locale,
                "Too much: MixPay takes {range}. Please ask for {max} or less.",
                "金额太大：MixPay 可收 {range}。请最多写 {max}。",
            )
        }
        Misread::Unusable { unit } => {
            let unit = names.unit(*unit);
            say!(
                locale,
                "MixPay takes no {unit} at the moment. Please use another currency or coin.",
                "MixPay 暂时不收 {unit}。请换一种货币或币种。",
            )
        }
        Misread::TooLarge => say!(
            locale,
            "That amount is larger than any that I can keep. Please write a smaller one.",
            "金额太大，无法处理。请写小一些的金额。",
        ),
        Misread::NotANumber { found } => say!(
            locale,
            "\"{found}\" is not an amount: write digits with at most one point, such as 1,000.50.",
            "“{found}”不是金额：请只用数字和最多一个小数点，例如 1,000.50。",
        ),
        Misread::Exponent { found } => say!(
            locale,
            "I read no exponents such as \"{found}\". Please write the amount out, such as 1000.",
            "不支持“{found}”这样的科学计数法。请完整写出金额，例如 1000。",
        ),
        Misread::Sign { found } => say!(
            locale,
            "An amount has no sign, and \"{found}\" has one. Please write it without.",
            "金额不带正负号，而“{found}”带了。请去掉符号。",
        ),
        Misread::Zero => say!(
            locale,
            "An amount is more than zero. Please write how much you want.",
            "金额必须大于零。请写明要收多少。",
        ),
        Misread::TwoPoints { found } => say!(
            locale,
            "An amount has at most one point, and \"{found}\" has more. Write it like 1,000.50.",
            "金额最多一个小数点，而“{found}”不止一个。请写成 1,000.50 这样。",
        ),
        Misread::BadGrouping { found } => say!(
            locale,
            "Commas part digits in threes, and those of \"{found}\" do not. Write it like 1,000.50.",
            "逗号应每三位一个，而“{found}”不是。请写成 1,000.50 这样。",
        ),
        Misread::MixedScripts { found } => say!(
            locale,
            "I read the digits 0 to 9, and \"{found}\" has others. Please write it with those.",
            "我只认 0 到 9 的数字，而“{found}”含有其他数字。请改用 0 到 9。",
        ),
        Misread::SpacedMagnitude { found } => {
            let joined: String = found.split_whitespace().collect();
            say!(
                locale,
                "k (thousand) and m (million) stand right after the number. If you mean that, \
                 write {joined} and not \"{found}\".",
                "k（千）和 m（百万）须紧跟数字。若是此意，请写 {joined}，而不是“{found}”。",
            )
        }
        Misread::BadCurrencySign { found } => say!(
            locale,
            "After a currency sign comes a number, and \"{found}\" has none. Write it like $10.",
            "货币符号后应是数字，而“{found}”不是。请写成 $10 这样。",
        ),
        Misread::MistypedCode { found } => say!(
            locale,
            "\"{found}\" is mistyped: its last character does not fit the rest. Please compare it \
             with the card.",
            "编号“{found}”有误：最后一位与其余不符。请与卡片核对。",
        ),
        Misread::NotACode { command, found } => {
            let command = names.command(*command);
            say!(
                locale,
                "{command} takes a code of 7 letters and digits, and \"{found}\" is none.\n\
                 For example: {command} {EXAMPLE_CODE}",
                "“{command}”需要 7 位字母数字的编号，而“{found}”不是。\n\
                 例如：{command} {EXAMPLE_CODE}",
            )
        }
        Misread::MissingCode { command } => {
            let command = names.command(*command);
            say!(
                locale,
                "{command} needs the code that stands on the card.\n\
                 For example: {command} {EXAMPLE_CODE}",
                "“{command}”需要卡片上的编号。\n例如：{command} {EXAMPLE_CODE}",
            )
        }
        Misread::MissingName { command } => {
            let command = names.command(*command);
            say!(
                locale,
                "{command} needs a name.\nFor example: {command} usdt",
                "“{command}”需要名称。\n例如：{command} usdt",
            )
        }
        Misread::ExpiryOutOfRange { min_s, max_s } => {
            let (min, max) = (names.span(*min_s), names.span(*max_s));
            say!(
                locale,
                "An invoice expires after {min} to {max}. Please choose a time between them.",
                "收款的有效期为 {min} 至 {max}。请在此范围内选择。",
            )
        }
        Misread::ClauseTwice { clause } => say!(
            locale,
            "\"{clause}\" may stand once, and stands twice. Please keep one of them.",
            "“{clause}”只能出现一次，却出现了两次。请只保留一个。",
        ),
        Misread::ClauseNotHere { command, clause } => {
            let command = names.command(*command);
            say!(
                locale,
                "{command} takes no \"{clause}\". Leave it out, or put it in quotation marks if it \
                 is text.",
                "“{command}”不支持“{clause}”。请去掉；若是文字，请加引号。",
            )
        }
        Misread::AmbiguousAsset { symbol } => {
            let example = names.on_a_chain(symbol);
            say!(
                locale,
                "{symbol} is on several chains. Please name one of them, such as {example}.",
                "多条链上都有 {symbol}。请写明是哪一条，例如 {example}。",
            )
        }
        Misread::UnknownAsset { found } => say!(
            locale,
            "MixPay cannot pay out \"{found}\". Choose a coin that it can.\nFor example: settle btc",
            "MixPay 无法结算为“{found}”。请换一种可结算的币。\n例如：结算 btc",
        ),
        Misread::NotAPerson { found } => say!(
            locale,
            "\"{found}\" names nobody: write a Mixin ID (5 to 12 digits) or a UUID, such as \
             37160854.",
            "“{found}”不是用户：请写 Mixin ID（5 至 12 位数字）或 UUID，例如 37160854。",
        ),
        Misread::Unexpected { command, found } => {
            let command = names.command(*command);
            say!(
                locale,
                "{command} does not take \"{found}\". Please send it again without that.",
                "“{command}”不支持“{found}”。请去掉后再发。",
            )
        }
        Misread::MultisigShape => say!(
            locale,
            "A multisig needs a number of signatures and its members.\n\
             For example: multisig 2 of me @37160854 @26930",
            "多签需要签名数和成员。\n例如：多签 2 of 我 @37160854 @26930",
        ),
        Misread::MultisigMembers { found, min, max } => say!(
            locale,
            "A multisig has {min} to {max} members, and this has {found}. Please change its \
             members.",
            "多签需要 {min} 至 {max} 名成员，这里有 {found} 名。请调整成员。",
        ),
        Misread::MultisigTwice { found } => say!(
            locale,
            "{found} stands twice, and a multisig has each member once. Please name each once.",
            "{found} 出现了两次，而多签的成员不能重复。请每人只写一次。",
        ),
        Misread::MultisigThreshold { members } => {
            let most = (*members).min(usize::from(u8::MAX));
            say!(
                locale,
                "With {members} members a multisig asks for 1 to {most} signatures. Please choose \
                 a number between them.",
                "{members} 名成员的多签需要 1 至 {most} 个签名。请在此范围内选择。",
            )
        }
        Misread::UnknownSetting { found } => say!(
            locale,
            "There is no setting \"{found}\". These are:\n\
             settings language en|zh · settings currency eur\n\
             settings invoices everyone|admins · settings results full|short|off",
            "没有设置“{found}”。可用的有：\n\
             设置 语言 en|zh · 设置 货币 eur\n\
             设置 收款 所有人|管理员 · 设置 结果 完整|简短|关",
        ),
    }
}
