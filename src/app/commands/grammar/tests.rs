//! Tests of the grammar: a small world, the table of lines, and what must always hold.

use super::*;
use crate::domain::catalogue::ListedAsset;

mod properties;
mod table;

const BTC: &str = "c6d0c728-2624-429b-8e0d-d9d19b6592fa";
const USDT_ERC20: &str = "4d8c508b-91c5-375b-92b0-ee702ed2dac5";
const SHIB: &str = "dcde18b9-f015-326f-b8b1-5b820a060e44";

/// Fiat code, decimals, least and most.
const FIATS: [(&str, u32, &str, &str); 11] = [
    ("usd", 2, "0.1", "10000000"),
    ("eur", 2, "0.1", "20000"),
    ("gbp", 2, "0.1", "20000"),
    ("cny", 2, "0.5", "150000"),
    ("jpy", 0, "15", "300000000"),
    ("krw", 0, "150", "30000000"),
    ("hkd", 2, "1", "150000"),
    ("cad", 2, "0.2", "30000"),
    ("aed", 2, "0.4", "70000000"),
    ("kwd", 3, "0.03", "6000"),
    ("thb", 2, "0", "0"),
];

/// Ticker, network, chain and id; the most widely supported first.
const ASSETS: [(&str, &str, &str, &str); 22] = [
    ("BTC", "Bitcoin", "BTC", BTC),
    ("ETH", "Ethereum", "ETH", "43d61dcd-e413-450d-80b8-101d5e903357"),
    ("USDT", "Tron", "TRX", "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b"),
    ("USDT", "Ethereum", "ETH", USDT_ERC20),
    ("USDT", "BSC", "BNB", "94213408-4ee7-3150-a9c4-9c5cce421c78"),
    ("USDT", "Polygon", "MATIC", "218bc6f4-7927-3f8e-8568-3a3725b74361"),
    ("USDT", "Solana", "SOL", "cb54aed4-1893-3977-b739-ec7b2e04f0c5"),
    ("USDT", "Optimism", "ETH", "65f137d4-50ba-3090-920b-b360f7da8eee"),
    ("USDT", "Arbitrum One", "ETH", "66e12fe3-50fe-3308-9426-7b2f47f6a66f"),
    ("USDT", "", "AVAX", "38ff9f68-d62a-3070-9766-69b6a84218b3"),
    ("USDC", "Ethereum", "ETH", "9b180ab6-6abe-3dc0-a13f-04169eb34bfa"),
    ("USDC", "Solana", "SOL", "de6fa523-c596-398e-b12f-6d6980544b59"),
    ("XIN", "Mixin", "XIN", "c94ac88f-4671-3976-b60a-09064f1811e8"),
    ("SOL", "Solana", "SOL", "64692c23-8971-4cf4-84a7-4dd1271dd887"),
    ("TRX", "Tron", "TRX", "25dabac5-056a-48ff-b9f9-f67395dc407c"),
    ("NEAR", "Near", "NEAR", "d6ac94f7-c932-4e11-97dd-617867f0669e"),
    ("1INCH", "Ethereum", "ETH", "ec9ee5bf-c24b-3a5a-bd73-9a5ee4b7c2b5"),
    ("mAED", "Polygon", "MATIC", "b5289c48-ec3a-3cdb-b2c4-0913d1812cd5"),
    ("DOGE", "Dogecoin", "DOGE", "6770a1e5-6086-44d5-b60f-545f9d9e8ffd"),
    ("SHIB", "Ethereum", "ETH", SHIB),
    ("IN", "Ethereum", "ETH", "00000000-0000-4000-8000-000000000001"),
    ("USDe!", "Ethereum", "ETH", "00000000-0000-4000-8000-000000000002"),
];

fn listed(unit: QuoteAsset, symbol: &str) -> ListedAsset {
    ListedAsset {
        unit,
        symbol: symbol.to_owned(),
        name: String::new(),
        network: String::new(),
        chain: String::new(),
        decimals: None,
        min: None,
        max: None,
        on_chain: false,
        available: true,
    }
}

fn catalogue() -> Catalogue {
    let fiats = FIATS.map(|(code, decimals, min, max)| ListedAsset {
        decimals: Some(decimals),
        min: min.parse().ok(),
        max: max.parse().ok(),
        ..listed(code.parse().unwrap(), &code.to_uppercase())
    });
    let assets = ASSETS.map(|(symbol, network, chain, id)| ListedAsset {
        network: network.to_owned(),
        chain: chain.to_owned(),
        ..listed(id.parse().unwrap(), symbol)
    });
    // As MixPay does, the quote list names the chain only.
    let quoted = assets.clone().map(|asset| ListedAsset {
        network: String::new(),
        decimals: Some(8),
        min: "0.000001".parse().ok(),
        max: if asset.symbol == "SHIB" { None } else { "500000".parse().ok() },
        ..asset
    });
    Catalogue {
        quote: fiats.into_iter().chain(quoted.into_iter().rev()).collect(),
        payment: assets.to_vec(),
        settlement: assets.to_vec(),
    }
}

/// A person who receives bitcoin and thinks in dollars.
fn person(catalogue: &Catalogue) -> Scope<'_> {
    Scope {
        bot_number: "7000104999",
        in_group: false,
        catalogue,
        settlement: BTC.parse().ok(),
        currency: "usd".parse().unwrap(),
    }
}

/// A reading in one line: a command as its canonical line, a question with its labels, a misread
/// with its name.
fn show(reading: &Reading, scope: &Scope<'_>) -> String {
    let units = Units::new(scope);
    let label = |choice: &Choice| match &choice.label {
        Label::Money(money) => format!("{} {}", money.amount, units.print(money.unit)),
        Label::Unit(unit) => units.print(*unit),
        Label::Open => "open".to_owned(),
        Label::Me => "me".to_owned(),
        Label::Language(locale) => locale.code().to_owned(),
    };
    match reading {
        Reading::Command(command) => command.to_line(scope),
        Reading::Ask(question) => {
            let kind = format!("{question:?}");
            let kind = kind.split([' ', '{']).next().unwrap();
            let labels: Vec<String> = question.choices().iter().map(label).collect();
            format!("ask {kind}: {}", labels.join(", "))
        }
        Reading::Refuse(misread) => {
            let kind = format!("{misread:?}");
            format!("refuse {}", kind.split([' ', '{']).next().unwrap())
        }
        Reading::Unknown { did_you_mean } => format!("unknown {did_you_mean:?}"),
        Reading::BareMoney { command, .. } => format!("bare {command}"),
        Reading::Nothing => "nothing".to_owned(),
    }
}

/// Every choice of a question must be a command at once, and say the amount that its label shows.
fn check_choices(line: &str, reading: &Reading, scope: &Scope<'_>) {
    let Reading::Ask(question) = reading else { return };
    assert!(question.choices().len() <= answer::CHOICES_MAX, "{line}: too many choices");
    for choice in question.choices() {
        match (read(&choice.command, scope), &choice.label) {
            (Reading::Command(command), Label::Money(money)) => {
                assert_eq!(pricing::money_of(&command), Some(*money), "{line}: {choice:?}");
            }
            (
                Reading::Command(_),
                Label::Unit(_) | Label::Open | Label::Me | Label::Language(_),
            ) => {}
            (other, _) => panic!("{line}: {choice:?} reads as {other:?}"),
        }
    }
}
