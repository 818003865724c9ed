//! `settle`: the asset that a person receives from now on.

use crate::{
    app::commands::{Ask, Stop, asset::is_usable, asset_label, grammar::SettleChoice},
    domain::{asset::QuoteAsset, catalogue::Catalogue, ids::AssetId, settings::Settlement},
    ports::chat::BUTTONS_MAX,
    speech::{Draft, money_choice as words, outside},
};

/// Chooses what is received.
pub(super) async fn run(ask: &mut Ask<'_>, choice: SettleChoice) -> Result<Vec<Draft>, Stop> {
    ask.only_private()?;
    let catalogue = ask.deps.catalogue();
    let (settlement, text) = match choice {
        SettleChoice::Asset(asset) => {
            if !can_settle(&catalogue, asset) {
                return Err(Stop::Say(refuse(ask, &catalogue, asset)));
            }
            let label = asset_label(&catalogue.settlement, asset);
            (Settlement::Asset(asset), words::settles_in(&label, ask.locale))
        }
        SettleChoice::AsPaid => {
            let invoices = asset_label(&catalogue.settlement, ask.deps.rules.settlement);
            (Settlement::AsPaid, words::settles_as_paid(&invoices, ask.locale))
        }
        SettleChoice::Fiat(fiat) => {
            let support = &ask.deps.rules.support;
            return Err(ask.say(words::settle_fiat(&fiat.symbol(), support, ask.locale)));
        }
    };
    ask.settings.settlement = Some(settlement);
    ask.tx.keep_person_settings(ask.who, &ask.settings).await?;
    Ok(vec![Draft::text(text)])
}

fn can_settle(catalogue: &Catalogue, asset: AssetId) -> bool {
    let unit = QuoteAsset::Asset(asset);
    catalogue.settlement.iter().any(|listed| listed.unit == unit && is_usable(listed))
}

/// What can be received instead.
fn refuse(ask: &Ask<'_>, catalogue: &Catalogue, asset: AssetId) -> Vec<Draft> {
    let label = ask.deps.symbol(asset).unwrap_or_else(|| asset.to_string());
    let label = outside::ticker(&label);
    let others: Vec<(String, String)> = catalogue
        .settlement
        .iter()
        .filter(|listed| is_usable(listed))
        .filter_map(|listed| match listed.unit {
            QuoteAsset::Asset(other) => Some(other),
            QuoteAsset::Fiat(_) => None,
        })
        .take(BUTTONS_MAX)
        .map(|other| (asset_label(&catalogue.settlement, other), format!("settle {other}")))
        .collect();
    words::cannot_settle(&label, &others, ask.locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_mixpay_settles_in_now_can_be_chosen() {
        let mut catalogue = Catalogue::builtin();
        let btc: AssetId = "c6d0c728-2624-429b-8e0d-d9d19b6592fa".parse().unwrap();
        assert!(can_settle(&catalogue, btc));
        let unit = QuoteAsset::Asset(btc);
        let listed = catalogue.settlement.iter_mut().find(|listed| listed.unit == unit).unwrap();
        listed.available = false;
        assert!(!can_settle(&catalogue, btc));
        catalogue.settlement.retain(|listed| listed.unit != unit);
        assert!(!can_settle(&catalogue, btc));
    }
}
