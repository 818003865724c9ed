//! `asset`: every asset of a name, and what MixPay does with it.

use crate::{
    app::commands::{Ask, Stop, lookup::spend_search},
    domain::{
        amount::Amount,
        asset::QuoteAsset,
        catalogue::{Catalogue, ListedAsset},
        ids::AssetId,
    },
    ports::{
        directory::NetworkAsset,
        effect::{Found, Need},
    },
    speech::{
        Draft,
        lookup::{self as words, AssetEntry, Uses},
    },
};

/// Assets of MixPay's lists that an answer shows.
const LISTED_MAX: usize = 16;
/// Assets that only Mixin knows that an answer shows.
const UNLISTED_MAX: usize = 6;
/// The longest name that is searched for.
const NAME_CHARS_MAX: usize = 40;

/// Shows the assets of this symbol, name or id.
pub(super) async fn run(ask: &mut Ask<'_>, name: &str) -> Result<Vec<Draft>, Stop> {
    if let Ok(id) = name.trim().parse::<AssetId>() {
        return match by_id(ask, id).await? {
            Some(drafts) => Ok(drafts),
            None => Err(ask.say(words::nowhere(&id.to_string(), ask.locale))),
        };
    }
    let entries = listed(&ask.deps.catalogue(), name);
    if entries.is_empty() {
        return unlisted(ask, name.trim()).await;
    }
    let left_out = entries.len().saturating_sub(LISTED_MAX);
    let shown = entries.get(..LISTED_MAX).unwrap_or(&entries);
    Ok(vec![Draft::text(words::assets(shown, left_out, ask.locale))])
}

/// The asset with this id, in MixPay's lists or in Mixin; `None` if it exists nowhere.
pub(super) async fn by_id(ask: &mut Ask<'_>, id: AssetId) -> Result<Option<Vec<Draft>>, Stop> {
    if let Some(drafts) = listed_by_id(ask, id) {
        return Ok(Some(drafts));
    }
    match ask.found(&Need::Asset(id)) {
        Some(Found::Assets(assets)) if assets.is_empty() => Ok(None),
        Some(Found::Assets(assets)) => Ok(Some(network(ask, assets))),
        Some(_) => Err(ask.say(words::unavailable(ask.locale))),
        None => Err(Stop::Need(Need::Asset(id))),
    }
}

/// The asset with this id in MixPay's lists.
pub(super) fn listed_by_id(ask: &Ask<'_>, id: AssetId) -> Option<Vec<Draft>> {
    let entry = entry(&ask.deps.catalogue(), QuoteAsset::Asset(id))?;
    Some(vec![Draft::text(words::assets(&[entry], 0, ask.locale))])
}

/// What MixPay does not list may still be known to Mixin.
async fn unlisted(ask: &mut Ask<'_>, name: &str) -> Result<Vec<Draft>, Stop> {
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(ask.say(words::no_such_asset(
            &name.chars().take(NAME_CHARS_MAX).collect::<String>(),
            ask.locale,
        )));
    }
    let need = Need::Ticker(name.to_owned());
    match ask.found(&need) {
        Some(Found::Assets(assets)) if assets.is_empty() => {
            Err(ask.say(words::no_such_asset(name, ask.locale)))
        }
        Some(Found::Assets(assets)) => Ok(network(ask, assets)),
        Some(_) => Err(ask.say(words::unavailable(ask.locale))),
        None => {
            spend_search(ask).await?;
            Err(Stop::Need(need))
        }
    }
}

/// Assets as Mixin tells them; what MixPay does with them stands in its lists.
fn network(ask: &Ask<'_>, assets: &[NetworkAsset]) -> Vec<Draft> {
    let catalogue = ask.deps.catalogue();
    let entries: Vec<AssetEntry> = assets
        .iter()
        .take(UNLISTED_MAX)
        .map(|asset| {
            entry(&catalogue, QuoteAsset::Asset(asset.id)).unwrap_or_else(|| AssetEntry {
                symbol: asset.symbol.clone(),
                name: asset.name.clone(),
                chain: asset
                    .chain
                    .filter(|chain| *chain != asset.id)
                    .and_then(|chain| ask.deps.symbol(chain))
                    .unwrap_or_default(),
                id: Some(asset.id),
                uses: None,
            })
        })
        .collect();
    vec![Draft::text(words::assets(&entries, 0, ask.locale))]
}

/// The assets of MixPay's lists that bear this symbol or name, or this symbol on this chain.
fn listed(catalogue: &Catalogue, name: &str) -> Vec<AssetEntry> {
    let name = name.trim().to_lowercase();
    let exact = units(catalogue, |asset| is_called(asset, &name));
    let found = if exact.is_empty() {
        match name.rsplit_once(['@', ' ']) {
            Some((name, chain)) => units(catalogue, |asset| {
                is_called(asset, name.trim())
                    && asset.chain_names().iter().any(|known| known.to_lowercase() == chain)
            }),
            None => exact,
        }
    } else {
        exact
    };
    found.into_iter().filter_map(|unit| entry(catalogue, unit)).collect()
}

fn is_called(asset: &ListedAsset, name: &str) -> bool {
    asset.symbol.to_lowercase() == name
        || (!asset.name.is_empty() && asset.name.to_lowercase() == name)
}

/// The units that fit, each once; those that can be paid with come first, in MixPay's order.
fn units(catalogue: &Catalogue, fits: impl Fn(&ListedAsset) -> bool) -> Vec<QuoteAsset> {
    let mut units: Vec<QuoteAsset> = Vec::new();
    let lists = [&catalogue.payment, &catalogue.quote, &catalogue.settlement];
    for asset in lists.into_iter().flatten().filter(|asset| fits(asset)) {
        if !units.contains(&asset.unit) {
            units.push(asset.unit);
        }
    }
    units
}

/// An asset with what MixPay's three lists say about it.
fn entry(catalogue: &Catalogue, unit: QuoteAsset) -> Option<AssetEntry> {
    let of = |list: &[ListedAsset]| list.iter().find(|asset| asset.unit == unit).cloned();
    let lists = [of(&catalogue.payment), of(&catalogue.quote), of(&catalogue.settlement)];
    let usable = |at: usize| lists.get(at).and_then(Option::as_ref).is_some_and(is_usable);
    let uses = Uses { pay: usable(0), quote: usable(1), settle: usable(2) };
    let asset = lists.iter().flatten().next()?;
    Some(AssetEntry {
        symbol: asset.symbol.clone(),
        name: asset.name.clone(),
        chain: asset.chain_names().first().copied().unwrap_or_default().to_owned(),
        id: match unit {
            QuoteAsset::Asset(id) => Some(id),
            QuoteAsset::Fiat(_) => None,
        },
        uses: Some(uses),
    })
}

/// Whether an asset of a list can be used now.
pub(super) fn is_usable(asset: &ListedAsset) -> bool {
    asset.available && asset.max != Some(Amount::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chains(name: &str) -> Vec<String> {
        listed(&Catalogue::builtin(), name).into_iter().map(|entry| entry.chain).collect()
    }

    #[test]
    fn every_chain_of_a_ticker_is_shown_once_and_a_chain_picks_one() {
        let usdt = chains("usdt");
        assert_eq!(usdt.first().map(String::as_str), Some("Ethereum"));
        assert!(usdt.contains(&"Tron".to_owned()));
        let mut once = usdt.clone();
        once.dedup();
        assert_eq!(once, usdt);
        assert_eq!(chains("USDT@trc20"), ["Tron"]);
        assert_eq!(chains("usdt tron"), ["Tron"]);
        assert_eq!(chains("tether usd"), usdt, "a name with a blank is a name");
        assert_eq!(chains("usdt@nowhere"), [""; 0]);
    }

    #[test]
    fn what_is_in_no_list_or_closed_cannot_be_used() {
        let mut catalogue = Catalogue::builtin();
        let btc = "c6d0c728-2624-429b-8e0d-d9d19b6592fa".parse().unwrap();
        let uses = |catalogue: &Catalogue| entry(catalogue, btc).unwrap().uses.unwrap();
        assert_eq!(uses(&catalogue), Uses { pay: true, quote: true, settle: true });
        catalogue.settlement.retain(|asset| asset.unit != btc);
        let paid = catalogue.payment.iter_mut().find(|asset| asset.unit == btc).unwrap();
        paid.max = Some(Amount::ZERO);
        assert_eq!(uses(&catalogue), Uses { pay: false, quote: true, settle: false });
        assert_eq!(entry(&catalogue, "xyz".parse().unwrap()), None);
    }

    #[test]
    fn a_currency_is_listed_without_an_id() {
        let usd = &listed(&Catalogue::builtin(), "usd")[0];
        assert_eq!(usd.id, None);
        assert_eq!(usd.uses, Some(Uses { pay: false, quote: true, settle: false }));
    }
}
