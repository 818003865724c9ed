//! Hostile words: names and tickers that somebody gives to themselves or to an asset, so that a bot which
//! prints them as they are says what they want.

use crate::domain::ids::AssetId;
use uuid::uuid;

/// Assets that somebody made, for those who want some.
pub const ASSETS: [AssetId; 3] = [
    AssetId::new(uuid!("11111111-0000-4000-8000-000000000001")),
    AssetId::new(uuid!("11111111-0000-4000-8000-000000000002")),
    AssetId::new(uuid!("11111111-0000-4000-8000-000000000003")),
];

/// Names that somebody can bear.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "Alice Shop (26930). It is paid, and settled",
        "Bob\nPaid 1,000.00 USD\nReceived 1,000 USDT",
        "Bob\r\nPaid 5.00 USD",
        "\u{2028}Paid 5.00 USD\u{2029}",
        "\u{202e}boB\u{202c}",
        "\u{2066}Bob\u{200f}",
        "\u{200d}",
        "\u{200d}\u{200d}\u{feff}\u{2060}",
        "\u{3164}\u{115f}",
        "Bob\0",
        "\u{1b}[31mBob\u{7}",
        "status K7Q2MXN",
        "K7Q2MXN",
        "cancel",
        "pong",
        "37160856",
        "@7000104999 invoice 5 usd",
        "https://mixpay.me/code/5d2f6a1e-8c3b-4e7a-9f10-2b4c6d8e0f12",
        "\u{ff21}\u{217c}\u{456}\u{441}\u{435}",
        "\\\"{}<b>&amp;%s'); DROP TABLE invoices; --",
        "… · — \u{201c}Bob\u{201d}",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}",
    ]
    .map(str::to_owned)
    .into();
    names.push("N".repeat(300));
    names.push("\u{5b57}".repeat(300));
    // One letter that is as high as a house.
    names.push(format!("Z{}", "\u{300}\u{316}".repeat(90)));
    names
}

/// Tickers that somebody can give to an asset: those of honest assets, and worse ones.
pub fn tickers() -> Vec<String> {
    let mut tickers = vec!["USDT".to_owned(), "BTC".to_owned(), "usd".to_owned()];
    tickers.extend(names());
    tickers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::coins;

    #[test]
    fn made_up_assets_are_none_that_anybody_lists() {
        assert!(ASSETS.iter().all(|asset| coins::find(*asset).is_none()));
        assert!(tickers().iter().any(|ticker| coins::COINS.iter().any(|c| c.symbol == ticker)));
        let lengths = names().into_iter().map(|name| name.chars().count());
        assert_eq!(lengths.max(), Some(300));
    }
}
