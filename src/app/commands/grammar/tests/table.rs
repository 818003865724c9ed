//! Lines and their readings.

use super::*;

fn check_all(scope: &Scope<'_>, table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (line, expected) in table {
        let reading = read(line, scope);
        check_choices(line, &reading, scope);
        let found = show(&reading, scope);
        if found != *expected {
            wrong.push(format!("{line:?}\n  expected {expected}\n  found    {found}"));
        }
        if let Reading::Command(command) = reading
            && !matches!(command, Command::Uuid(LookupOf::Bare(_)))
        {
            let line = command.to_line(scope);
            assert_eq!(read(&line, scope), Reading::Command(command), "{line}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(table: &[(&str, &str)]) {
    let catalogue = catalogue();
    check_all(&person(&catalogue), table);
}

#[test]
fn the_documented_lines_read_as_documented() {
    let coffee = "invoice 10 usd for coffee";
    check(&[
        ("invoice 10 usd for coffee", coffee),
        ("/Invoice $10 coffee", coffee),
        ("bill usd 10 \"coffee\"", coffee),
        ("收款10美元咖啡", "invoice 10 usd for 咖啡"),
        ("invoice 1,000.50 usd", "invoice 1000.5 usd"),
        ("invoice ０.５ usd", "invoice 0.5 usd"),
        ("invoice .5 usd", "invoice 0.5 usd"),
        ("invoice 1.2k usd", "invoice 1200 usd"),
        ("invoice 1万日元", "invoice 10000 jpy"),
        ("invoice 0.00001 btc", "invoice 0.00001 btc"),
        ("invoice 1.000 btc", "invoice 1 btc"),
        ("invoice 5 1inch", "invoice 5 1inch"),
        ("invoice 10 usd for 2 coffees expires 1h", "invoice 10 usd for 2 coffees expires 1h"),
        ("invoice for coffee 10 usd", coffee),
        ("invoice 10 usd for $5 voucher", "invoice 10 usd for $5 voucher"),
        ("invoice 10 usd lunch from yesterday", "invoice 10 usd for \"lunch from yesterday\""),
        ("invoice 10 usd id card", "invoice 10 usd for \"id card\""),
        ("invoice 10 usd milk expires tomorrow", "invoice 10 usd for \"milk expires tomorrow\""),
        (
            "invoice 10 usd from @37160854 for lunch id order_20001",
            "invoice 10 usd for lunch from @37160854 id order_20001",
        ),
        ("invoice 10", "ask WhichUnit: 10 usd, 10 btc, 10 eur, 10 cny, 10 gbp"),
        ("invoice 10 coffee", "ask WhichUnit: 10 usd, 10 btc, 10 eur, 10 cny, 10 gbp"),
        ("invoice coffee", "ask HowMuch: 5 usd, 10 usd, 20 usd"),
        ("invoice 1,5 eur", "ask DidYouMean: 1.5 eur"),
        ("invoice 1.000 eur", "ask GroupingOrDecimal: 1 eur, 1000 eur"),
        ("invoice 1,000 btc", "ask GroupingOrDecimal: 1 btc, 1000 btc"),
        ("invoice 1 000 usd", "ask DidYouMean: 1000 usd"),
        ("invoice 00050 eur", "ask DidYouMean: 50 eur"),
        ("invoice 007.50 eur", "ask DidYouMean: 7.5 eur"),
        ("invoice ½…2.,00050 eur", "ask DidYouMean: 50 eur"),
        ("invoice ¥100", "ask DidYouMean: 100 cny, 100 jpy"),
        (
            "invoice 10 usdt",
            "ask WhichChain: 10 usdt@trc20, 10 usdt@erc20, 10 usdt@bsc, 10 usdt@polygon, \
             10 usdt@solana, 10 usdt@optimism",
        ),
        ("invoice usd 10 btc", "ask DidYouMean: 10 usd, 10 btc"),
        ("invoice 1e3 usd", "refuse Exponent"),
        ("invoice 0x10", "refuse NotANumber"),
        ("invoice 0x10 usd", "refuse NotANumber"),
        ("invoice -5", "refuse Sign"),
        ("invoice -5 usd", "refuse Sign"),
        ("invoice 0", "refuse Zero"),
        ("invoice 0 usd", "refuse Zero"),
        ("invoice NaN", "refuse NotANumber"),
        ("invoice NaN usd", "refuse NotANumber"),
        ("invoice inf", "refuse NotANumber"),
        ("invoice inf usd", "refuse NotANumber"),
        ("invoice 1.2.3", "refuse TwoPoints"),
        ("invoice 1.2.3 usd", "refuse TwoPoints"),
        ("invoice 1,00,0", "refuse BadGrouping"),
        ("invoice 1,00,0 usd", "refuse BadGrouping"),
        ("invoice 10.001 usd", "refuse TooManyDecimals"),
        ("invoice $0.00000001", "refuse TooManyDecimals"),
        ("invoice 1thisshouldnotwork usd", "refuse NotANumber"),
        ("invoice 10 m usd", "refuse SpacedMagnitude"),
        ("invoice ١٠ usd", "refuse MixedScripts"),
        ("invoice 10 usd 12 eur", "refuse TwoAmounts"),
        ("invoice 10 usd table 5 near door", "refuse TwoAmounts"),
        ("invoice $abc", "refuse BadCurrencySign"),
        ("7000101422", "uuid 7000101422"),
        ("26930", "uuid 26930"),
        ("1000", "unknown []"),
        ("status", "status"),
        ("status K7Q2MXN", "status K7Q2MXN"),
        ("k7q2mxn", "status K7Q2MXN"),
        ("status K7Q2MXD", "refuse MistypedCode"),
        ("link open mic night", "link open for mic night"),
    ]);
}

#[test]
fn numbers_and_units_stand_in_any_order_and_shape() {
    check(&[
        ("invoice 10usd", "invoice 10 usd"),
        ("invoice usd10", "invoice 10 usd"),
        ("invoice 10$", "invoice 10 usd"),
        ("invoice $ 10", "invoice 10 usd"),
        ("invoice 10 €", "invoice 10 eur"),
        ("invoice €1,000", "invoice 1000 eur"),
        ("invoice £5.", "invoice 5 gbp"),
        ("invoice ₩5000", "invoice 5000 krw"),
        ("invoice $10 cad", "invoice 10 cad"),
        ("invoice $10cad", "invoice 10 cad"),
        ("invoice cad $10", "invoice 10 cad"),
        ("invoice 10 $ cad", "invoice 10 cad"),
        ("invoice ¥100 jpy", "invoice 100 jpy"),
        ("invoice ￥100元", "invoice 100 cny"),
        ("invoice hk$100 taxi", "invoice 100 hkd for taxi"),
        ("invoice us$10", "invoice 10 usd"),
        ("invoice $10 btc", "ask DidYouMean: 10 usd, 10 btc"),
        ("invoice $10 near door", "ask DidYouMean: 10 usd, 10 near"),
        ("invoice $10€", "ask DidYouMean: 10 usd, 10 eur"),
        ("invoice 5m usd", "invoice 5000000 usd"),
        ("invoice 5kusd", "invoice 5000 usd"),
        ("invoice 5k$", "invoice 5000 usd"),
        ("invoice $5k", "invoice 5000 usd"),
        ("invoice 5maed", "refuse NotANumber"),
        ("invoice 5 maed", "invoice 5 maed"),
        ("invoice 5m aed", "invoice 5000000 aed"),
        ("invoice 10 m", "refuse SpacedMagnitude"),
        ("invoice 10 k usd", "refuse SpacedMagnitude"),
        ("invoice １０ ＵＳＤ ＣＯＦＦＥＥ", "invoice 10 usd for ＣＯＦＦＥＥ"),
        ("invoice 1，000 usd", "invoice 1000 usd"),
        ("invoice 1,000,000 usd", "invoice 1000000 usd"),
        ("invoice 1,000,000 shib", "ask DidYouMean: 1000000 shib"),
        ("invoice 1,000.5 shib", "ask DidYouMean: 1000.5 shib"),
        ("invoice 1.00 jpy", "refuse BelowMinimum"),
        ("invoice 100.00 jpy", "invoice 100 jpy"),
        ("invoice 100.000 jpy", "ask GroupingOrDecimal: 100 jpy, 100000 jpy"),
        ("invoice 100.5 jpy", "refuse TooManyDecimals"),
        ("invoice 1.500 usd", "ask GroupingOrDecimal: 1.5 usd, 1500 usd"),
        ("invoice 1.5 kwd", "invoice 1.5 kwd"),
        ("invoice 1.500 kwd", "invoice 1.5 kwd"),
        ("invoice 1,500 kwd", "ask GroupingOrDecimal: 1.5 kwd, 1500 kwd"),
        ("invoice 10,00 usd", "ask DidYouMean: 10 usd"),
        ("invoice ,5 usd", "ask DidYouMean: 0.5 usd"),
        ("invoice 1.000,50 eur", "ask DidYouMean: 1000.5 eur"),
        ("invoice 1'000 usd", "ask DidYouMean: 1000 usd"),
        ("invoice $1 000", "ask DidYouMean: 1000 usd, 1 usd"),
        ("invoice 2 500 usd", "ask DidYouMean: 2500 usd, 500 usd"),
        ("invoice 1\u{a0}000\u{202f}usd", "ask DidYouMean: 1000 usd"),
        ("invoice 10 20 usd", "ask DidYouMean: 20 usd"),
        (
            "invoice 1 000",
            "ask WhichUnit: 1000 usd, 1000 btc, 1000 eur, 1000 cny, 1000 gbp, 1000 jpy",
        ),
        ("invoice 12,34,567 usd", "refuse BadGrouping"),
        ("invoice +5 usd", "refuse Sign"),
        ("invoice -$5", "refuse Sign"),
        ("invoice $-5", "refuse Sign"),
        ("invoice −5 usd", "refuse Sign"),
        ("invoice $1e3", "refuse Exponent"),
        ("invoice 10² usd", "refuse MixedScripts"),
        ("invoice ½ usd", "refuse MixedScripts"),
        ("invoice 1٠ usd", "refuse MixedScripts"),
        ("invoice 10-20 usd", "refuse NotANumber"),
        ("invoice ~10 usd", "refuse NotANumber"),
        ("invoice (10 usd)", "ask HowMuch: 5 usd, 10 usd, 20 usd"),
        ("invoice 0.05 usd", "refuse BelowMinimum"),
        ("invoice 20001 eur", "refuse AboveMaximum"),
        ("invoice 5 thb", "refuse Unusable"),
        (&format!("invoice {} usd", "9".repeat(60)), "refuse TooLarge"),
        (&format!("invoice 10 {BTC}"), "invoice 10 btc"),
        ("invoice 10 43d61dcde413450d80b8101d5e903357", "invoice 10 eth"),
        ("invoice 10 8e69e534-1f5b-4b0a-8f6d-000000000000", "refuse UnknownUnit"),
        ("invoice 10 in", "ask WhichUnit: 10 usd, 10 btc, 10 eur, 10 cny, 10 gbp"),
        (
            "invoice 10 00000000-0000-4000-8000-000000000001",
            "invoice 10 00000000-0000-4000-8000-000000000001",
        ),
        ("invoice 10 usdd", "ask UnknownUnit: 10 usdt@trc20, 10 usdc@erc20, 10 usd"),
        ("invoice usdd 10", "ask UnknownUnit: 10 usdt@trc20, 10 usdc@erc20, 10 usd"),
        ("invoice 10 uѕd", "ask UnknownUnit: 10 usd"),
        ("invoice 10 euro", "ask UnknownUnit: 10 eur"),
        ("invoice eur coffee", "ask HowMuch: 5 eur, 10 eur, 20 eur"),
        ("invoice near coffee", "ask HowMuch: 0.00005 near, 0.0001 near, 0.0002 near"),
        ("invoice", "ask HowMuch: 5 usd, 10 usd, 20 usd"),
        ("invoice $", "ask HowMuch: 5 usd, 10 usd, 20 usd"),
        ("invoice jpy", "ask HowMuch: 500 jpy, 1000 jpy, 2000 jpy"),
    ]);
}

#[test]
fn a_ticker_of_several_chains_is_resolved_or_asked_for() {
    check(&[
        ("invoice 10 usdt@tron", "invoice 10 usdt@trc20"),
        ("invoice 10 usdt@trc20", "invoice 10 usdt@trc20"),
        ("invoice 10 USDT@TRX", "invoice 10 usdt@trc20"),
        ("invoice 10 usdt@eth", "invoice 10 usdt@erc20"),
        ("invoice 10usdt@erc20", "invoice 10 usdt@erc20"),
        ("invoice 10 usdt@arbitrum", "invoice 10 usdt@arbitrum"),
        ("invoice 10 usdt@arb", "invoice 10 usdt@arbitrum"),
        ("invoice 10 usdt@avax", "invoice 10 usdt@avalanche"),
        ("invoice 10 usdc@tron", "ask WhichChain: 10 usdc@erc20, 10 usdc@solana"),
        ("invoice 10 btc@tron", "ask WhichChain: 10 btc"),
        ("invoice 10 bob@home", "ask WhichUnit: 10 usd, 10 btc, 10 eur, 10 cny, 10 gbp"),
        ("invoice 1,5 usdc", "ask DidYouMean: 1.5 usdc@erc20, 1.5 usdc@solana"),
    ]);
    let catalogue = catalogue();
    let scope = Scope { settlement: USDT_ERC20.parse().ok(), ..person(&catalogue) };
    check_all(
        &scope,
        &[
            ("invoice 10 usdt", "invoice 10 usdt@erc20"),
            (
                "invoice 10 usdt settle usdt in usdt",
                "invoice 10 usdt@erc20 settle usdt@erc20 in usdt@erc20",
            ),
            ("invoice 10 usdc", "ask WhichChain: 10 usdc@erc20, 10 usdc@solana"),
            ("invoice 10 usdd", "ask UnknownUnit: 10 usdt@erc20, 10 usdc@erc20, 10 usd"),
            (
                "settle usdt",
                "ask WhichChain: usdt@trc20, usdt@erc20, usdt@bsc, usdt@polygon, usdt@solana, \
                 usdt@optimism",
            ),
        ],
    );
}

#[test]
fn a_second_amount_is_refused_or_asked_for_and_other_numbers_are_memo() {
    check(&[
        ("invoice 10 usd table 5", "invoice 10 usd for table 5"),
        ("invoice 10 usd near door", "invoice 10 usd for near door"),
        ("invoice 5 coffees 10 usd", "invoice 10 usd for 5 coffees"),
        ("invoice 10 usd 2 coffees", "ask DidYouMean: 10 usd, 2 usd"),
        ("invoice 10usd 2 coffees", "invoice 10 usd for 2 coffees"),
        ("invoice $10 2 coffees", "ask DidYouMean: 10 usd"),
        ("invoice 5 usd $10", "refuse TwoAmounts"),
        ("invoice usd 10 eur 12", "refuse TwoAmounts"),
        ("invoice $10 cad 5", "refuse TwoAmounts"),
        ("invoice 10 usd 20eur", "refuse TwoAmounts"),
        ("invoice 10 usd 2nd floor", "invoice 10 usd for 2nd floor"),
        ("invoice 10 usd 2026-11-21", "invoice 10 usd for 2026-11-21"),
        ("invoice 10 usd iphone15", "invoice 10 usd for iphone15"),
        ("invoice 10 usd nan bread", "invoice 10 usd for nan bread"),
        ("invoice 10 usd 30m", "ask DidYouMean: 10 usd"),
        ("invoice 10 usd x 3", "ask DidYouMean: 10 usd, 30 usd"),
        ("invoice 3 x 10 usd", "ask DidYouMean: 10 usd, 30 usd"),
        ("invoice 10 usd x3", "ask DidYouMean: 10 usd, 30 usd"),
        ("invoice 10 usd pack x 3", "invoice 10 usd for pack x 3"),
        ("invoice 10 usd $abc", "refuse BadCurrencySign"),
        ("invoice 10 usd \"$abc 12 eur\"", "invoice 10 usd for $abc 12 eur"),
        ("invoice 10 usd for $abc 12 eur", "invoice 10 usd for $abc 12 eur"),
        ("invoice - 10 usd", "refuse Sign"),
        ("invoice coffee - 10 usd", "invoice 10 usd for coffee -"),
        ("invoice for coffee usd 10 btc", "ask DidYouMean: 10 usd, 10 btc"),
        ("invoice for 5 usd voucher 10 eur", "invoice 10 eur for 5 usd voucher"),
        ("invoice for 10 usd 12 eur", "invoice 12 eur for 10 usd"),
        ("invoice for coffee $10", "invoice 10 usd for coffee"),
        ("invoice for 1,5 eur", "ask DidYouMean: 1.5 eur"),
        ("invoice for 1.000 eur", "ask GroupingOrDecimal: 1 eur, 1000 eur"),
        ("invoice 10 for 5 usd voucher", "ask WhichUnit: 10 usd, 10 btc, 10 eur, 10 cny, 10 gbp"),
        ("invoice 10 in usd", "ask WhichUnit: 10 usd, 10 btc, 10 eur, 10 cny, 10 gbp"),
        ("invoice 10 in btc", "ask WhichUnit: 10 usd, 10 btc, 10 eur, 10 cny, 10 gbp"),
        ("invoice from 10000 usd", "ask DidYouMean: 10000 usd"),
        ("invoice id 123456 usd", "ask DidYouMean: 123456 usd"),
    ]);
}

#[test]
fn clauses_stand_in_any_order_and_need_their_argument() {
    check(&[
        (
            "invoice expires 90m id A-1234 in btc settle usdt@tron! from 37160854 10 usd for Tea",
            "invoice 10 usd for Tea from @37160854 settle usdt@trc20! in btc expires 90m id A-1234",
        ),
        ("invoice 10 usd within 30s", "invoice 10 usd expires 30s"),
        ("invoice 10 usd expires 1.5h", "invoice 10 usd expires 90m"),
        ("invoice 10 usd expires 1 h", "invoice 10 usd expires 1h"),
        ("invoice 10 usd expires 45h", "invoice 10 usd expires 45h"),
        ("invoice 10 usd expires 46h", "refuse ExpiryOutOfRange"),
        ("invoice 10 usd expires 29s", "refuse ExpiryOutOfRange"),
        ("invoice 10 usd expires 0s", "refuse ExpiryOutOfRange"),
        ("invoice 10 usd expires 99999999999999999999d", "refuse ExpiryOutOfRange"),
        ("invoice 10 usd expires", "invoice 10 usd for \"expires\""),
        ("invoice 10 usd from me", "invoice 10 usd for \"from me\""),
        ("invoice 10 usd from @bob", "invoice 10 usd for \"from @bob\""),
        (
            "invoice 10 usd from 773E5E77-4107-45C2-B648-8FC722ED77F5",
            "invoice 10 usd from 773e5e77-4107-45c2-b648-8fc722ed77f5",
        ),
        ("invoice 10 usd settle dinner", "invoice 10 usd for \"settle dinner\""),
        ("invoice 10 usd settle eur", "invoice 10 usd for \"settle eur\""),
        ("invoice 10 usd settle usdc", "ask WhichChain: usdc@erc20, usdc@solana"),
        ("invoice 10 usd in usdc", "ask WhichChain: usdc@erc20, usdc@solana"),
        ("invoice 1,5 usd in usdc", "refuse AmbiguousAsset"),
        ("invoice 10 usd in usdc settle usdc", "refuse AmbiguousAsset"),
        ("invoice 10 usd dinner in town", "invoice 10 usd for \"dinner in town\""),
        ("invoice 10 usd in btc in eth", "refuse ClauseTwice"),
        ("invoice 10 usd lunch for Bob", "invoice 10 usd for \"lunch for Bob\""),
        ("invoice 10 usd for a expires 1h b", "invoice 10 usd for a b expires 1h"),
        ("invoice 10 usd id order_20001.", "invoice 10 usd id order_20001"),
        ("invoice 10 usd id ORDER-7.", "invoice 10 usd id ORDER-7"),
        ("invoice 10 usd id 12345", "invoice 10 usd for \"id 12345\""),
        ("invoice 10 usd for Café “Größe 4” now", "invoice 10 usd for Café Größe 4 now"),
        ("invoice 10 usd for a\u{202e}b\u{200b}c", "invoice 10 usd for abc"),
        ("invoice 10 usd, coffee, please!", "invoice 10 usd for coffee, please!"),
        ("invoice: 10 usd.", "invoice 10 usd"),
        ("invoice 10 usd for 6\" pizza", "invoice 10 usd for “6\" pizza”"),
    ]);
}

#[test]
fn chinese_needs_no_blanks() {
    check(&[
        ("收款 10 美元 咖啡", "invoice 10 usd for 咖啡"),
        ("收款１０美元，咖啡。", "invoice 10 usd for 咖啡"),
        ("收款美元10", "invoice 10 usd"),
        ("收款咖啡10元", "invoice 10 cny for 咖啡"),
        ("收款100元用于5号桌", "invoice 100 cny for 5号桌"),
        ("收款100元为客户", "invoice 100 cny for 客户"),
        ("收款5块", "invoice 5 cny"),
        ("收款5块钱咖啡", "invoice 5 cny for 咖啡"),
        ("收款1.5万人民币", "invoice 15000 cny"),
        ("收款0.01亿日元", "invoice 1000000 jpy"),
        ("收款1 万 日元", "invoice 10000 jpy"),
        ("收款5千日元", "refuse NotANumber"),
        ("收款1万5千日元", "refuse NotANumber"),
        ("收款￥100", "ask DidYouMean: 100 cny, 100 jpy"),
        ("收款100", "ask WhichUnit: 100 usd, 100 btc, 100 eur, 100 cny, 100 gbp, 100 jpy"),
        ("收款三百元", "ask HowMuch: 5 usd, 10 usd, 20 usd"),
        ("收款台币100", "ask WhichUnit: 100 usd, 100 btc, 100 eur, 100 cny, 100 gbp, 100 jpy"),
        ("收款10usd咖啡", "invoice 10 usd for 咖啡"),
        ("收款10美元5杯咖啡", "ask DidYouMean: 10 usd, 5 usd"),
        ("收款10美元 5杯咖啡", "invoice 10 usd for 5杯咖啡"),
        ("收款10美元5杯", "ask DidYouMean: 10 usd, 5 usd"),
        ("收款「10 20」10美元", "invoice 10 usd for 10 20"),
        ("收款方便面10元", "invoice 10 cny for 方便面"),
        ("收款方我", "payee me"),
        ("收款方", "ask WhoReceives: me"),
        ("／收款10元", "invoice 10 cny"),
        ("链接5美元小费", "link 5 usd for 小费"),
        ("付款K7Q2MXN", "pay K7Q2MXN"),
        ("状态", "status"),
        ("状态K7Q2MXN", "status K7Q2MXN"),
        ("查7000101422", "uuid 7000101422"),
        ("查我", "uuid me"),
        ("报价10美元 in btc", "quote 10 usd in btc"),
        ("币usdt", "asset usdt"),
        ("列表未付7天", "list unpaid 7d"),
        ("取消", "cancel"),
        ("取消K7Q2MXN", "cancel K7Q2MXN"),
        ("确认K7Q2MXN确认", "accept K7Q2MXN confirm"),
        ("拒绝 K7Q2MXN", "reject K7Q2MXN"),
        ("验真K7Q2MXN", "verify K7Q2MXN"),
        ("结算btc", "settle btc"),
        ("多签2 of @37160854 @37160855 @37160856", "multisig 2 of @37160854 @37160855 @37160856"),
        ("语言中文", "lang zh"),
        ("设置语言中文", "settings language zh"),
        ("设置 货币 欧元", "settings currency eur"),
        ("设置", "settings"),
        ("帮助", "help"),
        ("你好", "help"),
        ("你好！", "help"),
    ]);
}

#[test]
fn links_quotes_and_payments_read_their_money_alike() {
    check(&[
        ("link 5 usd tips", "link 5 usd for tips"),
        ("link tips 5 usd settle btc!", "link 5 usd for tips settle btc!"),
        ("link open", "link open"),
        ("link tips", "ask HowMuch: open, 5 usd, 10 usd, 20 usd"),
        ("link tips open", "ask HowMuch: open, 5 usd, 10 usd, 20 usd"),
        ("link open 5 usd", "ask DidYouMean: open, 5 usd"),
        ("link open for 5 usd tips", "link open for 5 usd tips"),
        ("link 5 usd tips expires 1h", "refuse ClauseNotHere"),
        ("link 5 usd tips from 37160854", "refuse ClauseNotHere"),
        ("link 5", "ask WhichUnit: 5 usd, 5 btc, 5 eur, 5 cny, 5 gbp"),
        ("quote 10 usd in btc", "quote 10 usd in btc"),
        ("price in btc 10 usd", "quote 10 usd in btc"),
        ("quote 10 usd", "ask WhichCoin: btc, eth, usdt@trc20, usdt@erc20, usdt@bsc, usdt@polygon"),
        ("quote 1,5 eur", "ask DidYouMean: 1.5 eur"),
        ("quote in btc", "ask HowMuch: 5 usd, 10 usd, 20 usd"),
        ("pay K7Q2MXN", "pay K7Q2MXN"),
        ("pay K7Q2MXN 5 usd", "pay K7Q2MXN 5 usd"),
        ("pay K7Q2MXN 5", "ask WhichUnit: 5 usd, 5 btc, 5 eur, 5 cny, 5 gbp"),
        ("pay K7Q2MXN 1.000 eur", "ask GroupingOrDecimal: 1 eur, 1000 eur"),
        ("pay K7Q2MXN please", "refuse Unexpected"),
        ("pay K7Q2MXN 5 usd please", "refuse Unexpected"),
        ("pay", "refuse MissingCode"),
        ("pay bob", "refuse NotACode"),
        ("pay K7Q2MXD", "refuse MistypedCode"),
    ]);
}

#[test]
fn the_other_commands_read_their_arguments() {
    let trace = "8e69e534-1f5b-4b0a-8f6d-7d9d0e5a1c11";
    let members: Vec<String> = (0..257).map(|n| format!("@{}", 37_160_000 + n)).collect();
    let most = format!("multisig 200 of {}", members[..256].join(" "));
    check(&[
        ("s", "status"),
        ("check k7q2-mxn", "status id k7q2-mxn"),
        (&format!("status {trace}"), &format!("status {trace}")),
        ("status order_20001", "status id order_20001"),
        ("status id ORDER12", "status id ORDER12"),
        ("status soon", "refuse NotACode"),
        ("status K7Q2MXN.", "status K7Q2MXN"),
        ("uuid", "uuid me"),
        ("id me", "uuid me"),
        ("whois @7000101422", "uuid 7000101422"),
        (&format!("uuid {trace}"), &format!("uuid {trace}")),
        ("uuid USDT", "uuid USDT"),
        ("uuid usdt@tron", "uuid usdt@tron"),
        ("uuid \"me\"", "uuid \"me\""),
        ("uuid 123", "refuse NotAPerson"),
        ("uuid @bob", "refuse NotAPerson"),
        ("coin Tether USD", "asset Tether USD"),
        ("asset", "refuse MissingName"),
        ("list", "list"),
        ("history unpaid 7d page 2", "list unpaid 7d page 2"),
        ("list paid", "list paid"),
        ("list paid unpaid", "refuse Unexpected"),
        ("list 0d", "refuse Unexpected"),
        ("list everything", "refuse Unexpected"),
        ("cancel", "cancel"),
        ("cancel K7Q2MXD", "refuse MistypedCode"),
        ("accept K7Q2MXN", "accept K7Q2MXN"),
        ("accept K7Q2MXN confirm", "accept K7Q2MXN confirm"),
        ("reject K7Q2MXN maybe", "refuse Unexpected"),
        ("accept", "refuse MissingCode"),
        ("verify oooooo", "refuse NotACode"),
        ("settle btc", "settle btc"),
        ("settle paid", "settle paid"),
        ("settle EUR", "settle eur"),
        ("settle usdt tron", "settle usdt@trc20"),
        ("settle usdc", "ask WhichChain: usdc@erc20, usdc@solana"),
        ("settle", "ask WhatToReceive: btc, eth, usdt@trc20, usdt@erc20, usdt@bsc, usdt@polygon"),
        ("settle doeg", "ask DidYouMean: doge"),
        ("settle everything", "refuse UnknownAsset"),
        ("payee me", "payee me"),
        ("payee bot", "payee bot"),
        ("payee 37160854 confirm", "payee 37160854 confirm"),
        (&format!("payee multisig {trace}"), &format!("payee {trace}")),
        ("payee bob", "refuse NotAPerson"),
        ("payee me now", "refuse Unexpected"),
        (
            "multisig 2 of @37160854, 37160855,37160856",
            "multisig 2 of @37160854 @37160855 @37160856",
        ),
        (&most, &most),
        (&format!("multisig 2 of {}", members.join(" ")), "refuse MultisigMembers"),
        ("multisig 1 of @37160854 @37160855", "refuse MultisigMembers"),
        ("multisig 4 of @37160854 @37160855 @37160856", "refuse MultisigThreshold"),
        ("multisig 2 of @37160854 @37160855 37160854", "refuse MultisigTwice"),
        ("multisig 2 of alice bob carol", "refuse NotAPerson"),
        ("multisig 0 of @37160854 @37160855 @37160856", "refuse MultisigShape"),
        ("multisig", "refuse MultisigShape"),
        ("lang", "lang"),
        ("lang EN", "lang en"),
        ("lang klingon", "ask WhichLanguage: en, zh"),
        ("settings", "settings"),
        ("settings invoices everyone", "settings invoices everyone"),
        ("settings invoices admins", "settings invoices admins"),
        ("settings currency eur", "settings currency eur"),
        ("settings currency €", "settings currency eur"),
        ("settings currency ¥", "ask DidYouMean: cny, jpy"),
        ("settings currency usdc", "ask WhichChain: usdc@erc20, usdc@solana"),
        ("settings currency euro", "ask DidYouMean: eur"),
        ("settings currency", "refuse UnknownSetting"),
        ("settings results full", "settings results full"),
        ("settings results short", "settings results short"),
        ("settings results off", "settings results off"),
        ("settings language zh", "settings language zh"),
        ("settings colour blue", "refuse UnknownSetting"),
        ("export", "export"),
        ("help", "help"),
        ("HELP!", "help"),
        ("Hi", "help"),
        ("Hello", "help"),
        ("ping", "ping"),
        ("stop", "stop"),
        ("停止", "stop"),
        ("/start", "start"),
        ("开始", "start"),
    ]);
}

#[test]
fn without_a_command_only_ids_codes_and_money_mean_something() {
    check(&[
        ("$10 coffee", "bare invoice 10 usd for coffee"),
        ("10美元咖啡", "bare invoice 10 usd for 咖啡"),
        ("1.000 eur", "ask GroupingOrDecimal: 1 eur, 1000 eur"),
        ("10 coffee", "unknown []"),
        ("012345", "unknown []"),
        ("1234567890123", "unknown []"),
        ("k7q2mxd", "unknown []"),
        ("good morning", "unknown []"),
        ("he paid 10 usd", "unknown []"),
        ("invocie 10 usd, coffee", "unknown [\"invoice 10 usd, coffee\"]"),
        ("付钱 K7Q2MXN", "unknown [\"付款 K7Q2MXN\"]"),
        ("\"invoice 10 usd\"", "unknown []"),
        ("@7000104999", "help"),
        ("@7000104999 ", "help"),
        ("", "nothing"),
        ("\u{200b}\n", "nothing"),
        ("invoice 10 usd @7000104999 coffee", "invoice 10 usd for coffee"),
        (&"a".repeat(10_001), "refuse LineTooLong"),
    ]);
    let catalogue = catalogue();
    let trace = "8e69e534-1f5b-4b0a-8f6d-7d9d0e5a1c11";
    assert_eq!(
        read(trace, &person(&catalogue)),
        Reading::Command(Command::Uuid(LookupOf::Bare(trace.parse().unwrap())))
    );
    let group = Scope { in_group: true, ..person(&catalogue) };
    check_all(
        &group,
        &[
            ("@7000104999 ", "help"),
            ("@7000104999 invoice 10 usd", "invoice 10 usd"),
            ("@7000104999收款10元", "invoice 10 cny"),
            ("@7000104999 $10 coffee", "unknown [\"invoice 10 usd for coffee\"]"),
            ("@7000104999 7000101422", "unknown [\"uuid 7000101422\"]"),
            (
                "@7000104999 8e69e534-1f5b-4b0a-8f6d-7d9d0e5a1c11",
                "unknown [\"uuid 8e69e534-1f5b-4b0a-8f6d-7d9d0e5a1c11\"]",
            ),
            ("@7000104999 K7Q2MXN", "unknown [\"status K7Q2MXN\"]"),
            ("@7000104999 1.000 eur", "unknown []"),
        ],
    );
}

#[test]
fn lines_at_the_edge_of_a_rule_stay_on_their_side_of_it() {
    let trace = "8e69e534-1f5b-4b0a-8f6d-7d9d0e5a1c11";
    check(&[
        // Groups of a number that has a power of ten are no groups.
        ("invoice 2k 500 usd", "ask DidYouMean: 500 usd"),
        ("invoice 2 500k usd", "ask DidYouMean: 500000 usd"),
        ("invoice 2 500 usd 1k 000", "ask DidYouMean: 2500 usd, 500 usd, 1000 usd"),
        ("invoice .5 万 usd", "invoice 5000 usd"),
        ("invoice .5万美元", "invoice 5000 usd"),
        ("invoice usd1万", "invoice 10000 usd"),
        ("收款usd1万咖啡", "invoice 10000 usd for 咖啡"),
        ("invoice ,5万 usd", "ask DidYouMean: 5000 usd"),
        ("invoice 5 usd \"10\" 万岁", "invoice 5 usd for 10 万岁"),
        ("invoice 10 usd tea expires .5h", "invoice 10 usd for \"tea expires .5h\""),
        ("invoice 10 usd tea expires 1x.5h", "invoice 10 usd for \"tea expires 1x.5h\""),
        ("invoice 10 usd tea expires 1.00001h", "invoice 10 usd for \"tea expires 1.00001h\""),
        ("uuid 7000101422 coffee", "uuid \"7000101422 coffee\""),
        (&format!("uuid {trace} coffee"), &format!("uuid \"{trace} coffee\"")),
        ("invoice for 10 usd 5", "ask DidYouMean: 10 usd, 5 usd"),
        ("invoice for pizza 10 usd 2 persons", "ask DidYouMean: 10 usd, 2 usd"),
        ("invoice for pizza 10 $ 2 persons", "ask DidYouMean: 10 usd, 2 usd"),
        ("invoice for pizza $10 2 persons", "ask DidYouMean: 10 usd"),
        ("invoice for pizza 10usd 2 persons", "invoice 10 usd for pizza 2 persons"),
        ("invoice for 10 usd 5 eur", "invoice 5 eur for 10 usd"),
        ("invoice for 10 usd 5 eur 7", "ask DidYouMean: 5 eur, 7 eur"),
        (
            "invoice 1,000 usdt",
            "ask DidYouMean: 1 usdt@trc20, 1000 usdt@trc20, 1 usdt@erc20, 1000 usdt@erc20, 1 usdt@bsc, 1000 usdt@bsc",
        ),
        (
            "invoice 1.000 usdt",
            "ask WhichChain: 1 usdt@trc20, 1 usdt@erc20, 1 usdt@bsc, 1 usdt@polygon, 1 usdt@solana, 1 usdt@optimism",
        ),
        ("invoice 1,000 usdt@tron", "ask GroupingOrDecimal: 1 usdt@trc20, 1000 usdt@trc20"),
        ("invoice 1.000 thb", "refuse Unusable"),
        ("invoice 0.100 eur", "invoice 0.1 eur"),
        ("invoice 20000 eur", "invoice 20000 eur"),
        ("invoice 0.1 eur", "invoice 0.1 eur"),
        ("invoice 20000.01 eur", "refuse AboveMaximum"),
        ("invoice -", "ask HowMuch: 5 usd, 10 usd, 20 usd"),
        ("invoice - coffee", "ask HowMuch: 5 usd, 10 usd, 20 usd"),
        ("invoice - usd 10", "refuse Sign"),
        ("invoice \u{2212}5usd usd", "refuse Sign"),
        ("invoice 5 usd -5", "invoice 5 usd for -5"),
        ("invoice 10 〇三", "ask WhichUnit: 10 usd, 10 btc, 10 eur, 10 cny, 10 gbp"),
        ("invoice 〇 10 usd", "invoice 10 usd for 〇"),
        ("invoice 10k万 usd", "refuse NotANumber"),
        ("invoice 1万k usd", "refuse SpacedMagnitude"),
        ("invoice 10 usd a\"b\" c", "invoice 10 usd for “a\"b\" c”"),
        ("invoice 10 usd 5\" screen 7\" screen", "invoice 10 usd for “5\" screen 7\" screen”"),
        ("@7000104999@7000104999 help", "help"),
        ("@70001049991 help", "unknown []"),
        ("invoice usd coffee 5", "ask WhichUnit: 5 usd, 5 btc, 5 eur, 5 cny, 5 gbp"),
        ("invoice 10 20 30 usd", "ask DidYouMean: 30 usd"),
        ("invoice 10 20", "ask WhichUnit: 10 usd, 10 btc, 10 eur, 10 cny, 10 gbp, 20 usd"),
        (
            "invoice 1 000",
            "ask WhichUnit: 1000 usd, 1000 btc, 1000 eur, 1000 cny, 1000 gbp, 1000 jpy",
        ),
        ("invoice 10 usd 4x", "ask DidYouMean: 10 usd, 40 usd"),
        ("invoice 10usd5 eur", "refuse NotANumber"),
        ("invoice 5 usd5", "invoice 5 usd for 5"),
        ("invoice abc5", "ask HowMuch: 5 usd, 10 usd, 20 usd"),
        ("invoice 5usd5", "refuse NotANumber"),
        ("invoice usd-5", "ask HowMuch: 5 usd, 10 usd, 20 usd"),
        ("invoice usd5x", "ask HowMuch: 5 usd, 10 usd, 20 usd"),
        ("settle in", "settle 00000000-0000-4000-8000-000000000001"),
        ("settle usdt@eth", "settle usdt@erc20"),
        ("settle btc@tron", "ask WhichChain: btc"),
    ]);
}

#[test]
fn a_question_keeps_every_other_clause() {
    let catalogue = catalogue();
    let scope = person(&catalogue);
    let commands = |line: &str| {
        let Reading::Ask(question) = read(line, &scope) else { panic!("{line} is no question") };
        question.choices().iter().map(|choice| choice.command.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        commands("invoice 1.000 eur for Tea from 37160854 settle btc! in eth expires 2h id A-1234"),
        [
            "invoice 1 eur for Tea from @37160854 settle btc! in eth expires 2h id A-1234",
            "invoice 1000 eur for Tea from @37160854 settle btc! in eth expires 2h id A-1234",
        ]
    );
    assert_eq!(commands("invoice coffee")[0], "invoice 5 usd for coffee");
    assert_eq!(commands("invoice $10 near door")[0], "invoice 10 usd for near door");
    assert_eq!(commands("invoice $10 near door")[1], "invoice 10 near for door");
    assert_eq!(
        commands("invoice 10 usd settle usdc for Tea")[1],
        "invoice 10 usd for Tea settle usdc@solana"
    );
    assert_eq!(commands("link tips")[0], "link open for tips");
}
