//! `link`: a pay link that anybody can use any number of times.

use crate::{
    app::{
        commands::{
            Ask, Stop, asset_label,
            grammar::LinkRequest,
            invoice::{free_code, payee, unit_of},
        },
        reply::Place,
    },
    domain::{
        asset::Money,
        ids::AssetId,
        link::Link,
        pay_link::{PayLink, Quote, REMARK_CHARS_MAX},
        settings::Settlement,
    },
    speech::{
        Draft,
        aside::{self, Told},
        link,
    },
};

/// Posts a link.
pub(super) async fn run(ask: &mut Ask<'_>, request: LinkRequest) -> Result<Vec<Draft>, Stop> {
    ask.may_create().await?;
    let (payee, payee_name) = payee(ask).await?;
    let settlement = settlement(ask, request.settle);
    let (symbol, decimals) = match request.amount {
        Some(Money { unit, .. }) => unit_of(ask, unit),
        None => (String::new(), 0),
    };
    let link = Link {
        code: free_code(ask).await?,
        creator: ask.who,
        // A supergroup bot's own chat with us is nobody's place.
        conversation: if ask.is_relayed() {
            Place::private(ask.deps, ask.who).conversation
        } else {
            ask.place.conversation
        },
        in_group: ask.in_group(),
        price: request.amount,
        symbol,
        decimals,
        memo: request.memo,
        payee,
        payee_name,
        settlement,
        settlement_label: settlement
            .map(|asset| asset_label(&ask.deps.catalogue().settlement, asset))
            .unwrap_or_default(),
        locale: ask.locale,
        created_at: ask.now,
    };
    let Ok(url) = url(ask, &link) else {
        return Err(ask.say(aside::broke(
            &ask.event.message.to_string(),
            Told::Nobody,
            ask.locale,
        )));
    };
    ask.tx.insert_link(&link).await?;
    ask.count_created().await?;
    tracing::info!(link.code = %link.code, "link {} is made", link.code);
    Ok(link::card(&link, &url, ask.locale))
}

fn settlement(ask: &Ask<'_>, asked: Option<AssetId>) -> Option<AssetId> {
    match (asked, ask.settings.settlement) {
        (Some(asset), _) => Some(asset),
        (None, Some(Settlement::AsPaid)) => None,
        (None, Some(Settlement::Asset(_)) | None) => Some(ask.settlement()),
    }
}

/// MixPay's universal link. If the bot is the payee, the code travels as the settlement's memo, so
/// that each payment is recognised.
fn url(ask: &Ask<'_>, link: &Link) -> Result<String, crate::domain::pay_link::LinkError> {
    let mut pay = PayLink::to(link.payee);
    pay.web.clone_from(&ask.deps.rules.web_url);
    pay.settlement = link.settlement;
    pay.quote = link.price.map(|price| Quote {
        unit: price.unit,
        amount: Some(price.amount),
        decimals_min: 0,
    });
    pay.remark = link.memo.iter().flat_map(|memo| memo.chars()).take(REMARK_CHARS_MAX).collect();
    if link.payee == ask.deps.me.person.id {
        pay.settlement_memo = link.code.to_string();
    }
    pay.url()
}
