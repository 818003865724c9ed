//! Units: which unit of MixPay's lists a word names, and how a unit is printed so that it is read
//! back as the same.

use crate::{
    app::commands::{
        grammar::Scope,
        money::{Number, PriceUnit},
        tokens::folded,
        words::near,
    },
    domain::{
        asset::QuoteAsset,
        catalogue::{AssetList, Catalogue, ListedAsset},
        ids::AssetId,
    },
};
use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashMap},
};

/// The most assets of one ticker, or neighbours of one word, that are offered.
const OFFERED_MAX: usize = 6;
/// Decimals of a fiat currency where MixPay does not say.
const FIAT_DECIMALS: u32 = 2;
/// Decimals of an asset where MixPay does not say.
const ASSET_DECIMALS: u32 = 8;

/// Currency signs, and what each may mean.
const SIGNS: [(&str, &[&str]); 14] = [
    ("$", &["usd"]),
    ("€", &["eur"]),
    ("£", &["gbp"]),
    ("₩", &["krw"]),
    ("¥", &["cny", "jpy"]),
    ("us$", &["usd"]),
    ("hk$", &["hkd"]),
    ("au$", &["aud"]),
    ("a$", &["aud"]),
    ("ca$", &["cad"]),
    ("c$", &["cad"]),
    ("s$", &["sgd"]),
    ("nt$", &["twd"]),
    ("nz$", &["nzd"]),
];
/// Chinese names of currencies.
const NAMES_ZH: [(&str, &str); 14] = [
    ("元", "cny"),
    ("块", "cny"),
    ("块钱", "cny"),
    ("人民币", "cny"),
    ("美元", "usd"),
    ("美金", "usd"),
    ("欧元", "eur"),
    ("日元", "jpy"),
    ("港币", "hkd"),
    ("港元", "hkd"),
    ("英镑", "gbp"),
    ("韩元", "krw"),
    ("加元", "cad"),
    ("澳元", "aud"),
];
/// Names by which people know one chain. The first is printed.
const CHAINS: [&[&str]; 10] = [
    &["erc20", "ethereum", "eth", "erc-20", "ether"],
    &["trc20", "tron", "trx", "trc-20"],
    &["bsc", "bep20", "bnb", "bep-20", "bnbchain", "bnbsmartchain", "binancesmartchain"],
    &["polygon", "matic", "pol", "polygonpos"],
    &["solana", "sol", "spl"],
    &["arbitrum", "arb", "arbitrumone"],
    &["optimism", "op", "opmainnet"],
    &["avalanche", "avax", "avaxc", "avalanchec", "avalanchec-chain", "avalanchecchain"],
    &["bep2", "binancechain"],
    &["bitcoin", "btc"],
];
/// Words that are never a unit: an asset of that ticker can only be named by its id.
const RESERVED: [&str; 13] = [
    "for", "from", "settle", "in", "expires", "within", "id", "x", "k", "m", "nan", "inf",
    "infinity",
];
/// Words that mean something else in some place: an asset of that ticker is printed by its id.
const RESERVED_SOMEWHERE: [&str; 4] = ["open", "paid", "me", "confirm"];

/// What a word that stands for a unit may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app::commands) struct UnitWord {
    /// The units; one, if it is plain.
    pub(in crate::app::commands) units: Vec<PriceUnit>,
    /// What kind of word it was.
    pub(in crate::app::commands) kind: UnitKind,
    /// Whether the person must choose, even if there is only one: the chain may be misspelt.
    pub(in crate::app::commands) is_unclear: bool,
}

/// What kind of word it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app::commands) enum UnitKind {
    /// A currency sign.
    Sign,
    /// A fiat code or a currency's name.
    Fiat,
    /// A ticker, upper case, or an id.
    Ticker(String),
}

/// What a word means in one of the lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app::commands) enum Named {
    /// Nothing.
    Nothing,
    /// This asset.
    One(AssetId),
    /// One of these, the most widely supported first; the ticker in upper case.
    Several(String, Vec<AssetId>),
}

/// The lists, ready to be asked. Most lines name no unit, so that they are made ready only then.
#[derive(Debug)]
pub(in crate::app::commands) struct Units<'a> {
    settlement: Option<AssetId>,
    catalogue: &'a Catalogue,
    tables: OnceCell<Tables>,
}

/// The lists by what they are asked for.
#[derive(Debug)]
struct Tables {
    quote: HashMap<String, Vec<QuoteAsset>>,
    payment: HashMap<String, Vec<QuoteAsset>>,
    receive: HashMap<String, Vec<QuoteAsset>>,
    quoted: HashMap<QuoteAsset, PriceUnit>,
    places: HashMap<QuoteAsset, usize>,
}

/// The names of the chain of an asset in the lists that have it, folded, without blanks, in order.
#[derive(Debug, Default)]
struct Chain {
    networks: BTreeSet<String>,
    tickers: BTreeSet<String>,
}

impl Tables {
    fn new(catalogue: &Catalogue) -> Self {
        let by_symbol = |list: &[ListedAsset]| {
            let mut map: HashMap<String, Vec<QuoteAsset>> = HashMap::new();
            for listed in list {
                map.entry(folded(&listed.symbol)).or_default().push(listed.unit);
            }
            map
        };
        // Of an asset that is listed twice the first place counts.
        let mut places = HashMap::new();
        for (at, listed) in (0..).zip(&catalogue.payment) {
            places.entry(listed.unit).or_insert(at);
        }
        Self {
            quote: by_symbol(&catalogue.quote),
            payment: by_symbol(&catalogue.payment),
            receive: by_symbol(&catalogue.settlement),
            quoted: catalogue
                .quote
                .iter()
                .map(|listed| (listed.unit, price_unit(listed)))
                .collect(),
            places,
        }
    }
}

impl<'a> Units<'a> {
    pub(in crate::app::commands) const fn new(scope: &Scope<'a>) -> Self {
        Self { settlement: scope.settlement, catalogue: scope.catalogue, tables: OnceCell::new() }
    }

    fn tables(&self) -> &Tables {
        self.tables.get_or_init(|| Tables::new(self.catalogue))
    }

    /// What a unit may be priced at, if MixPay quotes it.
    pub(in crate::app::commands) fn price_unit(&self, unit: QuoteAsset) -> Option<PriceUnit> {
        self.tables().quoted.get(&unit).copied()
    }

    /// The unit of a price that a word names.
    pub(in crate::app::commands) fn unit(&self, low: &str) -> Option<UnitWord> {
        if Number::is_digits(low) || RESERVED.contains(&low) {
            return None;
        }
        let fiats = |codes: &[&str], kind: UnitKind| {
            let units = codes.iter().filter_map(|code| self.fiat(code)).collect::<Vec<_>>();
            let is_unclear = codes.len() > 1;
            (!units.is_empty()).then_some(UnitWord { units, kind, is_unclear })
        };
        if let Some((_, codes)) = SIGNS.iter().find(|(sign, _)| *sign == low) {
            return fiats(codes, UnitKind::Sign);
        }
        if let Some((_, code)) = NAMES_ZH.iter().find(|(name, _)| *name == low) {
            return fiats(&[*code], UnitKind::Fiat);
        }
        if let Some(unit) = self.fiat(low) {
            return Some(UnitWord { units: vec![unit], kind: UnitKind::Fiat, is_unclear: false });
        }
        let price_unit = |asset| self.price_unit(QuoteAsset::Asset(asset));
        match self.named(AssetList::Quote, low) {
            Named::Nothing => None,
            Named::One(asset) => Some(UnitWord {
                units: price_unit(asset).into_iter().collect(),
                kind: UnitKind::Ticker(low.to_uppercase()),
                is_unclear: false,
            }),
            Named::Several(symbol, assets) => Some(UnitWord {
                units: assets.into_iter().filter_map(price_unit).collect(),
                kind: UnitKind::Ticker(symbol),
                is_unclear: true,
            }),
        }
    }

    fn fiat(&self, code: &str) -> Option<PriceUnit> {
        let unit = QuoteAsset::Fiat(code.parse().ok()?);
        self.price_unit(unit)
    }

    /// The length in characters of the longest Chinese currency name that a text begins with.
    pub(in crate::app::commands) fn name_zh_length(&self, low: &str) -> Option<usize> {
        NAMES_ZH
            .iter()
            .filter(|(name, code)| low.starts_with(name) && self.fiat(code).is_some())
            .map(|(name, _)| name.chars().count())
            .max()
    }

    /// How many bytes of a word are a currency sign with the letters before it: `us$`.
    pub(in crate::app::commands) fn sign_length(low: &str) -> Option<usize> {
        SIGNS.iter().filter(|(sign, _)| low.starts_with(sign)).map(|(sign, _)| sign.len()).max()
    }

    fn list(&self, list: AssetList) -> &HashMap<String, Vec<QuoteAsset>> {
        match list {
            AssetList::Quote => &self.tables().quote,
            AssetList::Payment => &self.tables().payment,
            AssetList::Settlement => &self.tables().receive,
        }
    }

    /// The asset of a list that a ticker, a `ticker@chain` or an id names. A ticker that several
    /// chains have is the asset that the person receives, if it bears that ticker.
    pub(in crate::app::commands) fn named(&self, list: AssetList, low: &str) -> Named {
        if let Ok(asset) = low.parse::<AssetId>() {
            let unit = QuoteAsset::Asset(asset);
            let is_listed = self.list(list).values().flatten().any(|listed| *listed == unit);
            return if is_listed { Named::One(asset) } else { Named::Nothing };
        }
        let found = self.assets(list, low);
        if let Some(chosen) = self.settlement.filter(|asset| found.contains(asset))
            && found.len() > 1
        {
            return Named::One(chosen);
        }
        if !found.is_empty() {
            return one_or_several(low, found);
        }
        let Some((ticker, chain)) = low.split_once('@') else { return Named::Nothing };
        let all = self.assets(list, ticker);
        let on_chain = self.on_chain(&all, chain);
        // A chain that nobody knows is a slip: show the chains that there are.
        let is_slip = on_chain.is_empty();
        match one_or_several(ticker, if is_slip { all } else { on_chain }) {
            Named::One(asset) if is_slip => Named::Several(ticker.to_uppercase(), vec![asset]),
            named @ (Named::Nothing | Named::One(_) | Named::Several(..)) => named,
        }
    }

    /// Every asset of that exact ticker, the most widely supported first.
    pub(in crate::app::commands) fn assets(&self, list: AssetList, ticker: &str) -> Vec<AssetId> {
        let mut assets: Vec<AssetId> = Vec::new();
        for listed in self.list(list).get(ticker).into_iter().flatten() {
            if let QuoteAsset::Asset(asset) = *listed
                && !assets.contains(&asset)
            {
                assets.push(asset);
            }
        }
        assets.sort_by_key(|asset| self.place(QuoteAsset::Asset(*asset)));
        assets
    }

    fn place(&self, unit: QuoteAsset) -> usize {
        self.tables().places.get(&unit).copied().unwrap_or(usize::MAX)
    }

    /// Those of the assets that live on a chain of that name. The network's name counts more than
    /// the ticker of its coin, which several chains share.
    fn on_chain(&self, assets: &[AssetId], name: &str) -> Vec<AssetId> {
        let Some(name) = chain_name(name) else { return Vec::new() };
        let chains: Vec<_> =
            assets.iter().map(|asset| (*asset, self.chain(QuoteAsset::Asset(*asset)))).collect();
        let having = |names: fn(&Chain) -> &BTreeSet<String>| -> Vec<AssetId> {
            let having = chains.iter().filter(|(_, chain)| names(chain).contains(&name));
            having.map(|(asset, _)| *asset).collect()
        };
        let networks = having(|chain| &chain.networks);
        if networks.is_empty() {
            return having(|chain| &chain.tickers);
        }
        networks
    }

    fn chain(&self, unit: QuoteAsset) -> Chain {
        let Catalogue { quote, payment, settlement } = self.catalogue;
        let mut chain = Chain::default();
        for listed in quote.iter().chain(payment).chain(settlement) {
            if listed.unit == unit {
                chain.networks.extend(chain_name(&listed.network));
                chain.tickers.extend(chain_name(&listed.chain));
            }
        }
        chain
    }

    /// The first assets of a list.
    pub(in crate::app::commands) fn first(list: &[ListedAsset]) -> Vec<AssetId> {
        let mut assets: Vec<AssetId> = Vec::new();
        for listed in list.iter().filter(|listed| listed.available) {
            if let QuoteAsset::Asset(asset) = listed.unit
                && !assets.contains(&asset)
                && assets.len() < OFFERED_MAX
            {
                assets.push(asset);
            }
        }
        assets
    }

    /// The units that a mistyped word may have meant, the nearest first. Of a ticker that several
    /// chains have, the asset that the person receives, or the most widely supported one.
    pub(in crate::app::commands) fn near(&self, low: &str) -> Vec<PriceUnit> {
        let length = low.chars().count();
        let mut found: Vec<((usize, usize, usize, QuoteAsset), PriceUnit)> = Vec::new();
        for symbol in self.tables().quote.keys() {
            let Some(distance) = near(low, symbol) else { continue };
            let unit = match self.unit(symbol) {
                Some(word) => word.units.first().copied(),
                None => None,
            };
            if let Some(unit) = unit {
                let apart = symbol.chars().count().abs_diff(length);
                found.push(((distance, apart, self.place(unit.unit), unit.unit), unit));
            }
        }
        found.sort_by_key(|(key, _)| *key);
        found.into_iter().map(|(_, unit)| unit).take(OFFERED_MAX).collect()
    }

    /// A unit as it is printed in a line.
    pub(in crate::app::commands) fn print(&self, unit: QuoteAsset) -> String {
        match unit {
            QuoteAsset::Fiat(fiat) => fiat.code().to_owned(),
            QuoteAsset::Asset(asset) => self.print_asset(AssetList::Quote, asset),
        }
    }

    /// An asset of a list as it is printed in a line: its ticker if no other asset bears it, else
    /// `ticker@chain`, else its id.
    pub(in crate::app::commands) fn print_asset(&self, list: AssetList, asset: AssetId) -> String {
        let unit = QuoteAsset::Asset(asset);
        let ticker = self
            .list(list)
            .iter()
            .find(|(_, all)| all.contains(&unit))
            .map(|(ticker, _)| ticker.as_str());
        let Some(ticker) = ticker.filter(|ticker| is_plain(ticker) && self.fiat(ticker).is_none())
        else {
            return asset.to_string();
        };
        if self.assets(list, ticker) == [asset] {
            return ticker.to_owned();
        }
        let Chain { networks, tickers } = self.chain(unit);
        networks
            .union(&tickers)
            .filter(|name| is_plain(name))
            .map(|chain| format!("{ticker}@{chain}"))
            .find(|line| self.named(list, line) == Named::One(asset))
            .unwrap_or_else(|| asset.to_string())
    }
}

/// What a listed unit may be priced at.
fn price_unit(listed: &ListedAsset) -> PriceUnit {
    let decimals = listed.decimals.unwrap_or(match listed.unit {
        QuoteAsset::Fiat(_) => FIAT_DECIMALS,
        QuoteAsset::Asset(_) => ASSET_DECIMALS,
    });
    PriceUnit { unit: listed.unit, decimals, min: listed.min, max: listed.max }
}

fn one_or_several(ticker: &str, mut assets: Vec<AssetId>) -> Named {
    match assets.as_slice() {
        [] => Named::Nothing,
        [asset] => Named::One(*asset),
        [_, ..] => {
            assets.truncate(OFFERED_MAX);
            Named::Several(ticker.to_uppercase(), assets)
        }
    }
}

/// The name under which a chain is compared: the first of its aliases.
fn chain_name(name: &str) -> Option<String> {
    let name: String = folded(name).split_whitespace().collect();
    let known = CHAINS.iter().find(|names| names.contains(&name.as_str()));
    let name = known.and_then(|names| names.first()).map_or(name, |name| (*name).to_owned());
    (!name.is_empty()).then_some(name)
}

/// Whether a ticker is read as that ticker wherever it stands.
fn is_plain(ticker: &str) -> bool {
    ticker.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        && ticker.bytes().any(|byte| byte.is_ascii_lowercase())
        && !RESERVED.contains(&ticker)
        && !RESERVED_SOMEWHERE.contains(&ticker)
        && ticker.len() <= 20
}
