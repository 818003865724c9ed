//! Coins: the assets of this world and their made-up prices, all in whole numbers.

use crate::domain::{amount::Amount, asset::QuoteAsset, ids::AssetId};
use uuid::uuid;

/// An asset of the Mixin network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coin {
    /// Its id.
    pub id: AssetId,
    /// Its ticker.
    pub symbol: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The network's name as MixPay writes it.
    pub network: &'static str,
    /// What tells it from others of its ticker: `ERC20`.
    pub version: &'static str,
    /// The asset of its chain.
    pub chain: AssetId,
    /// The price of one, in millionths of a US dollar.
    pub micro_usd: u128,
    /// After how many blocks a payment counts; zero if it cannot be paid on chain.
    pub confirms: u32,
    /// Whether an address needs a tag beside it.
    pub tagged: bool,
    /// Whether one can pay with it now.
    pub payable: bool,
}

/// A fiat currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    /// Its code: `usd`.
    pub code: &'static str,
    /// The price of one, in millionths of a US dollar.
    pub micro_usd: u128,
    /// Decimals that a price may have.
    pub decimals: u32,
}

/// Bitcoin.
pub const BTC: AssetId = AssetId::new(uuid!("c6d0c728-2624-429b-8e0d-d9d19b6592fa"));
/// Ether.
pub const ETH: AssetId = AssetId::new(uuid!("43d61dcd-e413-450d-80b8-101d5e903357"));
/// Tether USD on Ethereum.
pub const USDT: AssetId = AssetId::new(uuid!("4d8c508b-91c5-375b-92b0-ee702ed2dac5"));
/// Tether USD on Tron.
pub const USDT_TRON: AssetId = AssetId::new(uuid!("b91e18ff-a9ae-3dc7-8679-e935d9a4b34b"));
/// Tron.
pub const TRX: AssetId = AssetId::new(uuid!("25dabac5-056a-48ff-b9f9-f67395dc407c"));
/// EOS, whose addresses need a tag.
pub const EOS: AssetId = AssetId::new(uuid!("6cfe566e-4aad-470b-8c9a-2fd35b49c68d"));
/// XIN, which cannot be paid on chain.
pub const XIN: AssetId = AssetId::new(uuid!("c94ac88f-4671-3976-b60a-09064f1811e8"));

const BSC: AssetId = AssetId::new(uuid!("1949e683-6a08-49e2-b087-d6b72398588f"));

const fn coin(
    id: AssetId,
    symbol: &'static str,
    name: &'static str,
    network: (&'static str, &'static str, AssetId),
    micro_usd: u128,
    confirms: u32,
) -> Coin {
    let (network, version, chain) = network;
    let (tagged, payable) = (false, true);
    Coin { id, symbol, name, network, version, chain, micro_usd, confirms, tagged, payable }
}

/// Every asset of this world.
pub const COINS: [Coin; 15] = [
    coin(BTC, "BTC", "Bitcoin", ("Bitcoin", "", BTC), 106_000_000_000, 2),
    coin(ETH, "ETH", "Ether", ("Ethereum", "", ETH), 3_500_000_000, 12),
    coin(USDT, "USDT", "Tether USD", ("Ethereum", "ERC20", ETH), 1_000_000, 12),
    coin(USDT_TRON, "USDT", "Tether USD", ("Tron", "TRC20", TRX), 1_000_000, 19),
    coin(
        AssetId::new(uuid!("94213408-4ee7-3150-a9c4-9c5cce421c78")),
        "USDT",
        "Tether USD",
        ("BNB Smart Chain", "BEP20", BSC),
        1_000_000,
        15,
    ),
    coin(
        AssetId::new(uuid!("9b180ab6-6abe-3dc0-a13f-04169eb34bfa")),
        "USDC",
        "USD Coin",
        ("Ethereum", "ERC20", ETH),
        1_000_000,
        12,
    ),
    coin(XIN, "XIN", "Mixin", ("", "", ETH), 120_000_000, 0),
    Coin { tagged: true, ..coin(EOS, "EOS", "EOS", ("EOS", "", EOS), 750_000, 10) },
    coin(TRX, "TRX", "TRON", ("Tron", "", TRX), 250_000, 19),
    coin(
        AssetId::new(uuid!("6770a1e5-6086-44d5-b60f-545f9d9e8ffd")),
        "DOGE",
        "Dogecoin",
        ("Dogecoin", "", AssetId::new(uuid!("6770a1e5-6086-44d5-b60f-545f9d9e8ffd"))),
        200_000,
        20,
    ),
    coin(
        AssetId::new(uuid!("76c802a2-7c88-447f-a93e-c29c9e5dd9c8")),
        "LTC",
        "Litecoin",
        ("Litecoin", "", AssetId::new(uuid!("76c802a2-7c88-447f-a93e-c29c9e5dd9c8"))),
        90_000_000,
        6,
    ),
    coin(
        AssetId::new(uuid!("64692c23-8971-4cf4-84a7-4dd1271dd887")),
        "SOL",
        "Solana",
        ("Solana", "", AssetId::new(uuid!("64692c23-8971-4cf4-84a7-4dd1271dd887"))),
        180_000_000,
        32,
    ),
    coin(BSC, "BNB", "BNB", ("BNB Smart Chain", "", BSC), 650_000_000, 15),
    coin(
        AssetId::new(uuid!("dcde18b9-f015-326f-b8b1-5b820a060e44")),
        "SHIB",
        "Shiba Inu",
        ("Ethereum", "ERC20", ETH),
        12,
        12,
    ),
    // In the lists, but switched off: the "0" of mixpay.md 5.2.
    Coin {
        payable: false,
        ..coin(
            AssetId::new(uuid!("eea900a8-b327-488c-8d8d-1428702fe240")),
            "MOB",
            "MobileCoin",
            ("MobileCoin", "", AssetId::new(uuid!("eea900a8-b327-488c-8d8d-1428702fe240"))),
            150_000,
            10,
        )
    },
];

/// The fiat currencies that prices can be written in.
pub const CURRENCIES: [Currency; 7] = [
    Currency { code: "usd", micro_usd: 1_000_000, decimals: 2 },
    Currency { code: "eur", micro_usd: 1_080_000, decimals: 2 },
    Currency { code: "gbp", micro_usd: 1_270_000, decimals: 2 },
    Currency { code: "cny", micro_usd: 140_000, decimals: 2 },
    Currency { code: "hkd", micro_usd: 128_000, decimals: 2 },
    Currency { code: "jpy", micro_usd: 6_500, decimals: 0 },
    Currency { code: "aed", micro_usd: 272_300, decimals: 2 },
];

/// MixPay takes payments of at least 0.1 USD: amount units times millionths of a dollar.
const VALUE_MIN: u128 = 10_000_000 * 1_000_000;
/// MixPay takes payments of at most 20,000 USD, in the same measure.
const VALUE_MAX: u128 = 2_000_000_000_000 * 1_000_000;

impl Coin {
    /// Whether it can be paid on chain.
    pub const fn on_chain(&self) -> bool {
        self.confirms > 0
    }
}

/// The coin with this id.
pub fn find(id: AssetId) -> Option<&'static Coin> {
    COINS.iter().find(|coin| coin.id == id)
}

/// The price of one unit, in millionths of a US dollar; `None` for what MixPay does not quote.
pub fn micro_usd(unit: QuoteAsset) -> Option<u128> {
    match unit {
        QuoteAsset::Asset(asset) => find(asset).map(|coin| coin.micro_usd),
        QuoteAsset::Fiat(fiat) => CURRENCIES
            .iter()
            .find(|currency| currency.code == fiat.code())
            .map(|currency| currency.micro_usd),
    }
}

/// The ticker of a unit.
pub fn symbol(unit: QuoteAsset) -> String {
    match unit {
        QuoteAsset::Asset(asset) => find(asset).map_or("", |coin| coin.symbol).to_owned(),
        QuoteAsset::Fiat(fiat) => fiat.symbol(),
    }
}

/// What `amount` of one unit is in another, rounded up to 8 decimals.
pub fn convert_up(amount: Amount, from_micro_usd: u128, to_micro_usd: u128) -> Option<Amount> {
    let value = amount.units().checked_mul(from_micro_usd)?;
    Some(Amount::from_units(value.div_ceil(to_micro_usd.max(1))))
}

/// What of `amount` of one unit reaches the payee in another: MixPay keeps 0.2 %; rounded down.
pub fn settle(amount: Amount, from_micro_usd: u128, to_micro_usd: u128) -> Option<Amount> {
    let value = amount.units().checked_mul(from_micro_usd)?.checked_mul(9_980)?;
    Some(Amount::from_units(value / to_micro_usd.max(1).checked_mul(10_000)?))
}

/// The least and the most of a unit that MixPay takes.
pub fn limits(micro_usd: u128) -> (Amount, Amount) {
    let price = micro_usd.max(1);
    (Amount::from_units(VALUE_MIN.div_ceil(price)), Amount::from_units(VALUE_MAX / price))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_paid_rounds_up_and_what_is_received_rounds_down() {
        let ten: Amount = "10".parse().unwrap();
        let usd = 1_000_000;
        let btc = micro_usd(QuoteAsset::Asset(BTC)).unwrap();
        assert_eq!(convert_up(ten, usd, btc).unwrap().to_string(), "0.00009434");
        assert_eq!(settle(ten, usd, usd).unwrap().to_string(), "9.98");
        let (min, max) = limits(usd);
        assert_eq!((min.to_string(), max.to_string()), ("0.1".to_owned(), "20000".to_owned()));
    }

    #[test]
    fn no_two_coins_share_an_id_and_every_chain_is_known() {
        for (index, coin) in COINS.iter().enumerate() {
            assert!(COINS.iter().skip(index + 1).all(|other| other.id != coin.id));
            assert!(find(coin.chain).is_some(), "{}", coin.name);
        }
    }
}
