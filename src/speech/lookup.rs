//! Words about who somebody is and which asset is meant.

use crate::{
    domain::{
        ids::{AssetId, UserId},
        locale::Locale,
    },
    ports::directory::Person,
    speech::{Draft, Tap, outside},
};

/// What the link behind a person's QR code and *Transfer* opens: Mixin's transfer screen.
fn transfer_url(user: UserId) -> String {
    format!("mixin://transfer/{user}")
}

/// What is known about a person besides their entry, and what is shown of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonView {
    /// Whether MixPay knows them, if that is known.
    pub known: Option<bool>,
    /// Whether the asker could choose them as payee here.
    pub may_be_payee: bool,
    /// Whether a contact card is shown, too.
    pub contact: bool,
}

/// `小助理 · bot 7000101422`, and for people `Bob · Mixin ID 37160854`.
fn who_line(person: &Person, locale: Locale) -> String {
    let kind = match (person.is_bot, locale) {
        (true, Locale::En) => "bot",
        (true, Locale::Zh) => "机器人",
        (false, Locale::En | Locale::Zh) => "Mixin ID",
    };
    let name = outside::name(&person.name);
    match (name.is_empty(), person.number.is_empty()) {
        (false, false) => format!("{name} · {kind} {}", person.number),
        (false, true) => name,
        (true, _) => format!("{kind} {}", person.number),
    }
}

/// Who somebody is: the UUID alone on its line, so that it is easy to copy.
pub fn person(person: &Person, view: PersonView, locale: Locale) -> Vec<Draft> {
    let mut lines = vec![who_line(person, locale), "UUID".to_owned(), person.id.to_string()];
    lines.extend(view.known.map(|known| known_line(known, locale).to_owned()));
    let mut drafts = vec![Draft::text(lines.join("\n"))];
    if view.contact {
        drafts.push(Draft::contact(person.id).silently());
    }
    let (transfer, qr) = match locale {
        Locale::En => ("Transfer", "QR"),
        Locale::Zh => ("转账", "二维码"),
    };
    let mut taps = vec![
        Tap::open(transfer, transfer_url(person.id)),
        Tap::say(qr, format!("uuid qr {}", person.id)),
    ];
    if view.may_be_payee {
        taps.push(use_as_payee(person.id, locale));
    }
    drafts.push(Draft::buttons(taps).silently());
    drafts
}

/// The button that starts the choice of a payee.
pub fn use_as_payee(user: UserId, locale: Locale) -> Tap {
    let label = match locale {
        Locale::En => "Use as payee",
        Locale::Zh => "设为收款方",
    };
    Tap::say(label, format!("payee {user}"))
}

const fn known_line(known: bool, locale: Locale) -> &'static str {
    match (known, locale) {
        (true, Locale::En) => "MixPay knows them.",
        (true, Locale::Zh) => "MixPay 已有此用户。",
        (false, Locale::En) => "MixPay has not met them yet: they open it once to begin.",
        (false, Locale::Zh) => "MixPay 尚无此用户：对方打开一次 MixPay 即可开始使用。",
    }
}

/// The QR code of somebody.
pub fn qr(user: UserId) -> Draft {
    Draft::qr(transfer_url(user))
}

/// A multisig that was made here.
pub fn multisig(id: UserId, of: &str, may_be_payee: bool, locale: Locale) -> Vec<Draft> {
    let text = match locale {
        Locale::En => format!("A MixPay multisig, {of}\nUUID\n{id}"),
        Locale::Zh => format!("MixPay 多签，{of}\nUUID\n{id}"),
    };
    let mut drafts = vec![Draft::text(text)];
    if may_be_payee {
        drafts.push(Draft::buttons(vec![use_as_payee(id, locale)]).silently());
    }
    drafts
}

/// An id that exists nowhere.
pub fn nowhere(id: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!(
            "{id} exists nowhere: it is no user, no bot and no asset of Mixin. Please check it."
        ),
        Locale::Zh => format!("{id} 不存在：既不是 Mixin 用户或机器人，也不是资产。请核对。"),
    }
}

/// It cannot be looked up now.
pub fn unavailable(locale: Locale) -> String {
    match locale {
        Locale::En => "Mixin does not answer right now. Please try again in a minute.".to_owned(),
        Locale::Zh => "Mixin 暂时没有响应，请一分钟后再试。".to_owned(),
    }
}

/// An asset, as it is shown in a list of namesakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetEntry {
    /// Its ticker.
    pub symbol: String,
    /// Its name, may be empty.
    pub name: String,
    /// Its chain, may be empty.
    pub chain: String,
    /// Its id; a currency has none.
    pub id: Option<AssetId>,
    /// What MixPay does with it; `None` is nothing.
    pub uses: Option<Uses>,
}

/// What MixPay does with an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uses {
    /// It can be paid with.
    pub pay: bool,
    /// A price can be written in it.
    pub quote: bool,
    /// It can be received.
    pub settle: bool,
}

/// Assets of one name, each with its chain, its id alone on a line, and what MixPay does with it.
/// `left_out` more are not shown.
pub fn assets(entries: &[AssetEntry], left_out: usize, locale: Locale) -> String {
    let mut parts: Vec<String> = Vec::new();
    if entries.iter().all(|entry| entry.uses.is_none()) {
        parts.push(not_taken(locale).to_owned());
    }
    parts.extend(entries.iter().map(|entry| asset(entry, locale)));
    if left_out > 0 {
        parts.push(match locale {
            Locale::En => format!("{left_out} more: name the chain as well."),
            Locale::Zh => format!("还有 {left_out} 个：请同时写明链。"),
        });
    }
    parts.join("\n")
}

const fn not_taken(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "MixPay does not take it. Mixin knows:",
        Locale::Zh => "MixPay 不支持。Mixin 上有：",
    }
}

fn asset(entry: &AssetEntry, locale: Locale) -> String {
    let mut title = vec![outside::ticker(&entry.symbol)];
    for part in [outside::asset(&entry.name), outside::asset(&entry.chain)] {
        if !title.contains(&part) {
            title.push(part);
        }
    }
    title.retain(|part| !part.is_empty());
    let mut lines = vec![title.join(" · ")];
    lines.extend(entry.id.map(|id| id.to_string()));
    if let Some(Uses { pay, quote, settle }) = entry.uses {
        let (pay, quote, settle) = (mark(pay), mark(quote), mark(settle));
        lines.push(match locale {
            Locale::En => format!("pay with {pay} · price in {quote} · receive {settle}"),
            Locale::Zh => format!("付款 {pay} · 计价 {quote} · 结算 {settle}"),
        });
    }
    lines.join("\n")
}

const fn mark(yes: bool) -> &'static str {
    if yes { "✓" } else { "✗" }
}

/// No asset has this name.
pub fn no_such_asset(name: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!("No asset is called {name}. For example: asset usdt"),
        Locale::Zh => format!("没有叫 {name} 的资产。例如：币 usdt"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::DraftBody;

    const VIEW: PersonView = PersonView { known: None, may_be_payee: true, contact: true };

    fn helper() -> Person {
        Person {
            id: "a0d77914-0877-6b47-eb1d-d3f94ed15d6a".parse().unwrap(),
            number: "7000101422".to_owned(),
            name: "小助理".to_owned(),
            is_bot: true,
        }
    }

    #[test]
    fn a_bot_is_told_with_its_uuid_alone_on_a_line_and_what_can_be_done() {
        let drafts = person(&helper(), VIEW, Locale::En);
        let text = "小助理 · bot 7000101422\nUUID\na0d77914-0877-6b47-eb1d-d3f94ed15d6a";
        assert_eq!(drafts[0].body, DraftBody::Text(text.to_owned()));
        assert_eq!(drafts[1].body, DraftBody::Contact(helper().id));
        let DraftBody::Buttons(taps) = &drafts[2].body else { panic!("no buttons") };
        let labels: Vec<&str> = taps.iter().map(|tap| tap.label.as_str()).collect();
        assert_eq!(labels, ["Transfer", "QR", "Use as payee"]);
    }

    #[test]
    fn whether_mixpay_knows_them_is_only_said_if_it_is_known() {
        let lines = |known| {
            let drafts = person(&helper(), PersonView { known, ..VIEW }, Locale::Zh);
            let DraftBody::Text(text) = &drafts[0].body else { panic!("no text") };
            text.lines().count()
        };
        assert_eq!(lines(None), 3);
        assert_eq!(lines(Some(true)), 4);
        assert_eq!(lines(Some(false)), 4);
    }

    #[test]
    fn an_asset_has_its_chain_its_id_alone_and_its_uses() {
        let entry = AssetEntry {
            symbol: "USDT".to_owned(),
            name: "Tether USD".to_owned(),
            chain: "Tron".to_owned(),
            id: Some("b91e18ff-a9ae-3dc7-8679-e935d9a4b34b".parse().unwrap()),
            uses: Some(Uses { pay: true, quote: true, settle: false }),
        };
        let expected = "USDT · Tether USD · Tron\nb91e18ff-a9ae-3dc7-8679-e935d9a4b34b\n\
                        pay with ✓ · price in ✓ · receive ✗\n3 more: name the chain as well.";
        assert_eq!(assets(std::slice::from_ref(&entry), 3, Locale::En), expected);
        let unknown = AssetEntry { uses: None, ..entry };
        let text = assets(&[unknown], 0, Locale::En);
        assert!(text.starts_with("MixPay does not take it."), "{text}");
    }
}
