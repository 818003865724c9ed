//! Catalogue: what MixPay lets one quote in, pay with and settle in.

use crate::domain::{
    amount::{Amount, DECIMALS},
    asset::QuoteAsset,
};

/// An asset of one of MixPay's three lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAsset {
    /// The fiat code or the asset.
    pub unit: QuoteAsset,
    /// Its ticker, upper case.
    pub symbol: String,
    /// Its name, may be empty.
    pub name: String,
    /// The network's name, may be empty: `Ethereum`, `Tron`.
    pub network: String,
    /// The chain's ticker, may be empty: `ETH`, `TRX`.
    pub chain: String,
    /// Decimals that a price may have; only the quote list tells.
    pub decimals: Option<u32>,
    /// The least that MixPay takes, if it says.
    pub min: Option<Amount>,
    /// The most that MixPay takes, if it says; zero means that it cannot be used now.
    pub max: Option<Amount>,
    /// Whether it can be paid on chain; only the payment list tells.
    pub on_chain: bool,
    /// Whether it can be used now; only the settlement list says no.
    pub available: bool,
}

/// MixPay's three lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetList {
    /// Units that a price can be written in.
    Quote,
    /// Coins that can be paid with.
    Payment,
    /// Coins that can be received.
    Settlement,
}

/// The three lists together, as they were last heard from MixPay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    /// Units that a price can be written in.
    pub quote: Vec<ListedAsset>,
    /// Coins that can be paid with, the most widely supported first.
    pub payment: Vec<ListedAsset>,
    /// Coins that can be received.
    pub settlement: Vec<ListedAsset>,
}

/// The chains and what people call them: the network's name, its ticker, and the rest. Compare
/// without regard to case.
const CHAINS: &[&[&str]] = &[
    &["Ethereum", "ETH", "Ether", "ERC20", "ERC-20"],
    &["Tron", "TRX", "TRC20", "TRC-20"],
    &["BSC", "BNB", "BEP20", "BEP-20", "BNB Chain", "BNB Smart Chain", "Binance Smart Chain"],
    &["Polygon", "MATIC", "POL", "Polygon PoS"],
    &["Solana", "SOL", "SPL"],
    &["Base"],
    &["Arbitrum", "ARB", "Arbitrum One"],
    &["Optimism", "OP", "OP Mainnet"],
    &["Avalanche", "AVAX", "Avalanche C", "Avalanche C-Chain"],
    &["Bitcoin", "BTC"],
    &["TON", "Toncoin"],
];

/// Fiat currencies that prices are commonly written in, and their decimals.
const FIATS: &[(&str, u32)] = &[
    ("usd", 2),
    ("eur", 2),
    ("gbp", 2),
    ("cny", 2),
    ("jpy", 0),
    ("krw", 0),
    ("hkd", 2),
    ("twd", 2),
    ("sgd", 2),
    ("aed", 2),
    ("aud", 2),
    ("cad", 2),
    ("chf", 2),
    ("nzd", 2),
    ("inr", 2),
    ("idr", 2),
    ("myr", 2),
    ("php", 2),
    ("thb", 2),
    ("vnd", 0),
    ("brl", 2),
    ("try", 2),
];

/// Assets that MixPay is known to take, the most widely supported first: id, ticker, name, network,
/// chain. The last three are the ones that only Mixin wallets hold. BNB of the old Binance Chain is
/// left out: that chain has ended, and people who write BNB mean the other.
const ASSETS: &[[&str; 5]] = &[
    ["4d8c508b-91c5-375b-92b0-ee702ed2dac5", "USDT", "Tether USD", "Ethereum", "ETH"],
    ["c6d0c728-2624-429b-8e0d-d9d19b6592fa", "BTC", "Bitcoin", "Bitcoin", "BTC"],
    ["43d61dcd-e413-450d-80b8-101d5e903357", "ETH", "Ether", "Ethereum", "ETH"],
    ["9b180ab6-6abe-3dc0-a13f-04169eb34bfa", "USDC", "USD Coin", "Ethereum", "ETH"],
    ["b91e18ff-a9ae-3dc7-8679-e935d9a4b34b", "USDT", "Tether USD", "Tron", "TRX"],
    ["94213408-4ee7-3150-a9c4-9c5cce421c78", "USDT", "Tether USD", "BSC", "BNB"],
    ["218bc6f4-7927-3f8e-8568-3a3725b74361", "USDT", "Tether USD", "Polygon", "MATIC"],
    ["cb54aed4-1893-3977-b739-ec7b2e04f0c5", "USDT", "Tether USD", "Solana", "SOL"],
    ["de6fa523-c596-398e-b12f-6d6980544b59", "USDC", "USD Coin", "Solana", "SOL"],
    ["25dabac5-056a-48ff-b9f9-f67395dc407c", "TRX", "TRON", "Tron", "TRX"],
    ["64692c23-8971-4cf4-84a7-4dd1271dd887", "SOL", "Solana", "Solana", "SOL"],
    ["1949e683-6a08-49e2-b087-d6b72398588f", "BNB", "BNB", "BSC", "BNB"],
    ["6770a1e5-6086-44d5-b60f-545f9d9e8ffd", "DOGE", "Dogecoin", "Dogecoin", "DOGE"],
    ["76c802a2-7c88-447f-a93e-c29c9e5dd9c8", "LTC", "Litecoin", "Litecoin", "LTC"],
    ["3d3d69f1-6742-34cf-95fe-3f8964e6d307", "USDC", "USD Coin", "BSC", "BNB"],
    ["2f845564-3898-3d17-8c24-3275e96235b5", "USDC", "USD Coin", "Base", "BASE"],
    ["5fec1691-561d-339f-8819-63d54bf50b52", "USDC", "USD Coin", "Polygon", "MATIC"],
    ["d2d80f2c-0ac5-3d8c-82c2-e0a1aa25f928", "USDC", "USD Coin", "Arbitrum", "ARB"],
    ["2adae45c-5077-3b96-b810-0da15bcc3097", "USDC", "USD Coin", "Optimism", "OP"],
    ["66e12fe3-50fe-3308-9426-7b2f47f6a66f", "USDT", "Tether USD", "Arbitrum", "ARB"],
    ["65f137d4-50ba-3090-920b-b360f7da8eee", "USDT", "Tether USD", "Optimism", "OP"],
    ["38ff9f68-d62a-3070-9766-69b6a84218b3", "USDT", "Tether USD", "Avalanche", "AVAX"],
    ["23dfb5a5-5d7b-48b6-905f-3970e3176e27", "XRP", "XRP", "XRP", "XRP"],
    ["fd11b6e3-0b87-41f1-a41f-f0e9b49e5bf0", "BCH", "Bitcoin Cash", "Bitcoin Cash", "BCH"],
    ["dcde18b9-f015-326f-b8b1-5b820a060e44", "SHIB", "SHIBA INU", "Ethereum", "ETH"],
    ["6cfe566e-4aad-470b-8c9a-2fd35b49c68d", "EOS", "EOS", "EOS", "EOS"],
    ["6472e7e3-75fd-48b6-b1dc-28d294ee1476", "DASH", "Dash", "Dash", "DASH"],
    ["05c5ac01-31f9-4a69-aa8a-ab796de1d041", "XMR", "Monero", "Monero", "XMR"],
    ["eea900a8-b327-488c-8d8d-1428702fe240", "MOB", "MobileCoin", "MobileCoin", "MOB"],
    ["c94ac88f-4671-3976-b60a-09064f1811e8", "XIN", "Mixin", "", "ETH"],
    ["31d2ea9c-95eb-3355-b65b-ba096853bc18", "pUSD", "Pando USD", "", ""],
    ["b5289c48-ec3a-3cdb-b2c4-0913d1812cd5", "mAED", "Mixin AED", "", ""],
];

impl ListedAsset {
    /// What people call the chain of this asset: the network, the chain's ticker, and other words
    /// such as `ERC20`. Empty for fiat, and where MixPay names no chain. Compare without regard to
    /// case.
    ///
    /// ```
    /// use mixpay_bot::domain::catalogue::Catalogue;
    /// let catalogue = Catalogue::builtin();
    /// let named = |word| catalogue.payment.iter().find(|asset| {
    ///     asset.symbol == "USDT" && asset.chain_names().contains(&word)
    /// });
    /// assert_eq!(named("ERC20").unwrap().network, "Ethereum");
    /// assert_eq!(named("TRC20").unwrap().network, "Tron");
    /// ```
    pub fn chain_names(&self) -> Vec<&str> {
        // The network goes first: chains on top of Ethereum have its ticker as well.
        let words = known_chain(&self.network);
        let ticker = if words.is_some() { "" } else { self.chain.as_str() };
        let words = words.or_else(|| known_chain(ticker)).unwrap_or_default();
        let mut names: Vec<&str> = Vec::new();
        for name in [self.network.as_str(), ticker].into_iter().chain(words.iter().copied()) {
            if !name.is_empty() && !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name);
            }
        }
        names
    }
}

fn known_chain(name: &str) -> Option<&'static [&'static str]> {
    let bears = |words: &&&[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(name));
    CHAINS.iter().find(bears).copied()
}

impl Catalogue {
    /// What we know without asking MixPay: common units and assets, without limits. It lets the bot
    /// read prices and take wishes when it is first started during an outage; MixPay's own lists
    /// replace it.
    pub fn builtin() -> Self {
        let assets: Vec<ListedAsset> = ASSETS.iter().filter_map(builtin_asset).collect();
        let quoted = |asset: &ListedAsset| ListedAsset {
            decimals: Some(DECIMALS),
            on_chain: false,
            ..asset.clone()
        };
        let received = |asset: &ListedAsset| ListedAsset { on_chain: false, ..asset.clone() };
        Self {
            quote: FIATS
                .iter()
                .filter_map(|(code, decimals)| builtin_fiat(code, *decimals))
                .chain(assets.iter().map(quoted))
                .collect(),
            settlement: assets.iter().map(received).collect(),
            payment: assets,
        }
    }
}

fn builtin_fiat(code: &str, decimals: u32) -> Option<ListedAsset> {
    Some(ListedAsset {
        unit: QuoteAsset::Fiat(code.parse().ok()?),
        symbol: code.to_ascii_uppercase(),
        name: String::new(),
        network: String::new(),
        chain: String::new(),
        decimals: Some(decimals),
        min: None,
        max: None,
        on_chain: false,
        available: true,
    })
}

fn builtin_asset([id, symbol, name, network, chain]: &[&str; 5]) -> Option<ListedAsset> {
    Some(ListedAsset {
        unit: QuoteAsset::Asset(id.parse().ok()?),
        symbol: symbol.to_ascii_uppercase(),
        name: (*name).to_owned(),
        network: (*network).to_owned(),
        chain: (*chain).to_owned(),
        decimals: None,
        min: None,
        max: None,
        on_chain: !network.is_empty(),
        available: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn only_what_is_paid_with_comes_over_a_chain_and_only_if_there_is_one() {
        let catalogue = Catalogue::builtin();
        let by_chain = |list: &[ListedAsset]| list.iter().filter(|asset| asset.on_chain).count();
        assert_eq!((by_chain(&catalogue.quote), by_chain(&catalogue.settlement)), (0, 0));
        assert!(by_chain(&catalogue.payment) > 0);
        let fits = |asset: &ListedAsset| asset.on_chain != asset.network.is_empty();
        assert!(catalogue.payment.iter().all(fits));
    }

    #[test]
    fn every_row_of_the_built_in_table_is_read_and_none_is_there_twice() {
        let catalogue = Catalogue::builtin();
        assert_eq!(catalogue.payment.len(), ASSETS.len());
        assert_eq!(catalogue.settlement.len(), ASSETS.len());
        assert_eq!(catalogue.quote.len(), ASSETS.len() + FIATS.len());
        let units: HashSet<QuoteAsset> = catalogue.quote.iter().map(|asset| asset.unit).collect();
        assert_eq!(units.len(), catalogue.quote.len());
    }

    #[test]
    fn a_price_has_the_decimals_of_its_unit() {
        let catalogue = Catalogue::builtin();
        let check = |symbol: &str, decimals: u32| {
            let asset = catalogue.quote.iter().find(|asset| asset.symbol == symbol).unwrap();
            assert_eq!(asset.decimals, Some(decimals), "{symbol}");
        };
        check("USD", 2);
        check("AED", 2);
        check("JPY", 0);
        check("KRW", 0);
        check("BTC", 8);
    }

    #[test]
    fn a_ticker_and_a_chain_name_one_asset() {
        let catalogue = Catalogue::builtin();
        let check = |symbol: &str, chain: &str, expected: &str| {
            let found: Vec<String> = catalogue
                .payment
                .iter()
                .filter(|asset| asset.symbol == symbol)
                .filter(|asset| asset.chain_names().iter().any(|n| n.eq_ignore_ascii_case(chain)))
                .map(|asset| asset.unit.to_string())
                .collect();
            assert_eq!(found, [expected], "{symbol}@{chain}");
        };
        check("USDT", "erc20", "4d8c508b-91c5-375b-92b0-ee702ed2dac5");
        check("USDT", "eth", "4d8c508b-91c5-375b-92b0-ee702ed2dac5");
        check("USDT", "tron", "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b");
        check("USDT", "trc20", "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b");
        check("USDT", "bep20", "94213408-4ee7-3150-a9c4-9c5cce421c78");
        check("USDT", "matic", "218bc6f4-7927-3f8e-8568-3a3725b74361");
        check("USDT", "pol", "218bc6f4-7927-3f8e-8568-3a3725b74361");
        check("USDT", "spl", "cb54aed4-1893-3977-b739-ec7b2e04f0c5");
        check("USDC", "base", "2f845564-3898-3d17-8c24-3275e96235b5");
        check("XIN", "erc20", "c94ac88f-4671-3976-b60a-09064f1811e8");
    }

    #[test]
    fn a_chain_on_top_of_ethereum_is_not_ethereum() {
        let optimism = ListedAsset {
            network: "Optimism".into(),
            chain: "ETH".into(),
            ..Catalogue::builtin().payment.swap_remove(0)
        };
        assert_eq!(optimism.chain_names(), ["Optimism", "OP", "OP Mainnet"]);
        let nowhere = ListedAsset { network: String::new(), chain: String::new(), ..optimism };
        assert!(nowhere.chain_names().is_empty());
    }

    #[test]
    fn what_nearly_everybody_can_pay_with_comes_first() {
        let catalogue = Catalogue::builtin();
        let first: Vec<&str> =
            catalogue.payment.iter().take(4).map(|asset| asset.symbol.as_str()).collect();
        assert_eq!(first, ["USDT", "BTC", "ETH", "USDC"]);
        assert!(catalogue.payment[0].chain_names().contains(&"ERC20"));
    }
}
