//! One of everything that is kept.

use super::at;
use mixpay_bot::{
    domain::{
        asset::{Money, QuoteAsset},
        catalogue::ListedAsset,
        code::ShortCode,
        ids::{
            AssetId, ConversationId, EffectId, InvoiceId, MessageId, SnapshotId, TraceId, UserId,
        },
        invoice::{
            Invoice,
            fact::{About, Arrival, ArrivalKind, Decision, Fact, Facts, Heard, Role, Word},
            report::{Report, Status},
            terms::{CoinPrice, PayWith, Seconds, Terms},
        },
        link::Link,
        locale::Locale,
        settings::{Invoicers, Payee, PersonSettings, PlaceSettings, Results, Settlement},
    },
    ports::{
        chat::{Body, Button, Card, File, OutgoingMessage, Picture},
        checkout::{DirectPayment, Estimate, PayTo},
        directory::{Group, NetworkAsset, Person},
        effect::{Effect, Envelope, Errand, Found, Need},
        inbound::{Content, Inbound},
        wallet::Snapshot,
    },
};
use uuid::Uuid;

pub(super) fn user(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

pub(super) fn message(number: u128) -> MessageId {
    MessageId::new(Uuid::from_u128(number))
}

pub(super) fn conversation() -> ConversationId {
    ConversationId::new(Uuid::from_u128(50))
}

pub(super) fn invoice_id(number: u128) -> InvoiceId {
    InvoiceId::new(Uuid::from_u128(number))
}

pub(super) fn snapshot_id() -> SnapshotId {
    SnapshotId::new(Uuid::from_u128(70))
}

pub(super) fn snapshot_id_of(number: u128) -> SnapshotId {
    SnapshotId::new(Uuid::from_u128(700 + number))
}

pub(super) fn price() -> Money {
    Money { amount: "12.5".parse().unwrap(), unit: QuoteAsset::Fiat("usd".parse().unwrap()) }
}

fn usdt() -> AssetId {
    "4d8c508b-91c5-375b-92b0-ee702ed2dac5".parse().unwrap()
}

fn terms() -> Terms {
    Terms {
        price: price(),
        symbol: "USD".to_owned(),
        decimals: 2,
        memo: Some("coffee \"to go\" 咖啡".to_owned()),
        payee: user(2),
        payee_name: "Bob (37160854)".to_owned(),
        settlement: usdt(),
        settlement_label: "USDT (ERC20)".to_owned(),
        strict: true,
        lifetime: Seconds(1800),
        grace: Seconds(7200),
        order: Some("A-17".to_owned()),
        pay_with: Some(PayWith { asset: usdt(), symbol: "USDT".to_owned(), on_chain: true }),
        link: Some(link_code()),
        told: Some(user(3)),
    }
}

/// The code of the link.
fn link_code() -> ShortCode {
    ShortCode::from_bits(0x1fff_ffff).unwrap()
}

pub(super) fn invoice() -> Invoice {
    Invoice {
        id: invoice_id(1),
        code: "K7Q2MXN".parse().unwrap(),
        creator: user(1),
        conversation: conversation(),
        in_group: true,
        asked_in: None,
        terms: terms(),
        locale: Locale::Zh,
        created_at: at(0),
        facts: facts().into_iter().collect(),
    }
}

/// One of several invoices, about which nothing is known.
pub(super) fn invoice_of(number: u32) -> Invoice {
    Invoice {
        id: invoice_id(number.into()),
        code: ShortCode::from_bits(0x1234_5670 + number).unwrap(),
        created_at: at(number.into()),
        facts: Facts::default(),
        ..invoice()
    }
}

/// So many messages of one lane.
pub(super) fn lane(count: usize) -> Vec<Effect> {
    let say = |effect: Effect| Effect {
        lane: "one".to_owned(),
        errand: say(1, Body::Text("hello".to_owned())),
        ..effect
    };
    effects().into_iter().take(count).map(say).collect()
}

/// A fact of every kind.
pub(super) fn facts() -> Vec<Fact> {
    let trace = TraceId::new(Uuid::from_u128(60));
    let report = Report {
        status: Status::Other("reviewing".to_owned()),
        payee: Some(user(2)),
        quote_amount: Some("12.5".parse().unwrap()),
        quote_odd: None,
        quote_asset: Some(QuoteAsset::Asset(usdt())),
        trace: Some("K7Q2MXNPAGE".to_owned()),
        paid: Some("0.00000001".parse().unwrap()),
        paid_symbol: Some("BTC".to_owned()),
        payable: Some("340282366920938463463374607431.76821145".parse().unwrap()),
        underpaid: true,
        transactions_total: Some("20".parse().unwrap()),
        confirmations: Some((3, None)),
        surplus: Some("3.8".parse().unwrap()),
        paid_at: Some(-1),
        failure: Some(40021),
        settled: true,
        settle_amount: Some("0".parse().unwrap()),
        settle_symbol: Some(String::new()),
        settle_asset: Some(usdt()),
        transaction: Some("1".repeat(64)),
    };
    let words = [Status::Unpaid, Status::NotFound, Status::Pending, Status::Auditing];
    let more = [Status::Success, Status::Failed];
    let coin = CoinPrice { amount: "12.5".parse().unwrap(), symbol: "USDT".to_owned(), until: 1 };
    let heard = |report| Fact::Heard(Heard { trace, report, first_ms: 1, last_ms: i64::MAX });
    let arrival = Arrival {
        snapshot: snapshot_id(),
        asset: usdt(),
        symbol: "USDT".to_owned(),
        amount: "9.98".parse().unwrap(),
        at: at(9),
        kind: ArrivalKind::Settlement,
    };
    let refund = |number, code| {
        let snapshot = SnapshotId::new(Uuid::from_u128(number));
        Fact::Arrived(Arrival { snapshot, kind: ArrivalKind::Refund(code), ..arrival.clone() })
    };
    let decision = |role, word, about, number| {
        let (at, cause) = (at(8), message(number));
        Fact::Decided(Decision { by: user(1), role, word, about, at, cause })
    };
    let mut facts = vec![
        Fact::Attempted { trace, attempt: 1, deadline: at(1800), closes_at: at(9000) },
        Fact::Opened { trace, page: "K7Q2MXNPAGE".to_owned(), coin: Some(coin) },
        Fact::Refused { trace, code: -10004 },
        Fact::GivenUp,
        heard(report),
        Fact::Arrived(arrival.clone()),
        refund(71, None),
        refund(72, Some(40021)),
        Fact::Cancelled { by: user(1), at: at(7), cause: message(80) },
        decision(Role::Creator, Word::Accept, About::Held, 81),
        decision(Role::Operator, Word::Reject, About::Held, 82),
        decision(Role::Both, Word::Accept, About::Short, 83),
    ];
    facts.extend(words.into_iter().chain(more).map(|status| heard(Report::of(status))));
    facts
}

pub(super) fn link() -> Link {
    Link {
        code: link_code(),
        creator: user(1),
        conversation: conversation(),
        in_group: true,
        price: Some(price()),
        symbol: "USD".to_owned(),
        decimals: 2,
        memo: None,
        payee: user(2),
        payee_name: "Bob (37160854)".to_owned(),
        settlement: None,
        settlement_label: "whatever is paid".to_owned(),
        locale: Locale::En,
        created_at: at(1),
    }
}

pub(super) fn say(number: u128, body: Body) -> Errand {
    Errand::Say {
        message: OutgoingMessage {
            id: message(number),
            conversation: conversation(),
            recipient: Some(user(1)),
            quote: Some(message(1)),
            silent: true,
            body,
        },
        open_first: true,
    }
}

fn envelope() -> Envelope {
    Envelope {
        id: message(90),
        conversation: conversation(),
        recipient: None,
        quote: None,
        silent: false,
    }
}

/// An effect of every kind.
pub(super) fn effects() -> Vec<Effect> {
    let button = Button {
        label: "Pay".to_owned(),
        color: "#0052CC".to_owned(),
        action: "https://mixpay.me/code/1".to_owned(),
    };
    let card = Card {
        title: "10.00 USD".to_owned(),
        description: "Pay to Bob\nCode".to_owned(),
        buttons: vec![button.clone()],
        shareable: true,
        updated_at: "2026-11-21T14:02:31Z".to_owned(),
    };
    let (attachment, size) = ("a-1".to_owned(), 300);
    let picture = Picture { attachment: attachment.clone(), width: 410, height: 410, size };
    let (name, mime) = ("invoices.csv".to_owned(), "text/csv".to_owned());
    let bodies = [
        Body::Text("line one\nline \"two\" 🙂".to_owned()),
        Body::Card(card),
        Body::Buttons(vec![button]),
        Body::Contact(user(3)),
        Body::Image(picture),
        Body::File(File { attachment, name: name.clone(), mime, size }),
    ];
    let mut errands: Vec<Errand> =
        (90..).zip(bodies).map(|(number, body)| say(number, body)).collect();
    errands.push(Errand::Picture { envelope: envelope(), link: "https://mixpay.me/1".to_owned() });
    errands.push(Errand::Document { envelope: envelope(), name, text: "a,b\n".to_owned() });
    errands.push(Errand::Open {
        invoice: invoice_id(1),
        trace: TraceId::new(Uuid::from_u128(60)),
        body: r#"{"payeeId":"x"}"#.to_owned(),
        direct: true,
        doubtful: true,
    });
    errands.extend(contents().into_iter().zip(questions()).map(|(content, (need, found))| {
        let event = Inbound { content, ..event(91) };
        Errand::Ask { event, need: need.clone(), found: vec![(need, found)] }
    }));
    let effect = |(number, errand): (u128, Errand)| Effect {
        id: EffectId::new(Uuid::from_u128(number)),
        lane: format!("lane {number}"),
        errand,
    };
    (200..).zip(errands).map(effect).collect()
}

/// Something that somebody said.
pub(super) fn event(number: u128) -> Inbound {
    Inbound {
        message: message(number),
        conversation: Some(conversation()),
        from: user(1),
        representative: Some(user(4)),
        quote: None,
        at: at(3),
        content: Content::Ignored,
    }
}

fn contents() -> Vec<Content> {
    let mut contents = vec![
        Content::Text("invoice 10 usd".to_owned()),
        Content::Contact(user(3)),
        Content::Transfer(snapshot_id()),
        Content::Membership { bot_added: true },
        Content::Unread { category: "PLAIN_AUDIO".to_owned(), undecryptable: true },
    ];
    contents.resize(questions().len(), Content::Ignored);
    contents
}

fn questions() -> Vec<(Need, Found)> {
    let person = Person {
        id: user(1),
        number: "37160854".to_owned(),
        name: "Bob".to_owned(),
        is_bot: false,
    };
    let estimate = Estimate {
        payment: "0.0001".parse().unwrap(),
        payment_symbol: "BTC".to_owned(),
        settlement: None,
        settlement_symbol: "USDT".to_owned(),
    };
    let symbol = "USDT".to_owned();
    let name = "Tether".to_owned();
    let asset = NetworkAsset { id: usdt(), symbol: symbol.clone(), name, chain: Some(usdt()) };
    let direct = |to| {
        let amount = "12.5".parse().unwrap();
        let trace = TraceId::new(Uuid::from_u128(60));
        let symbol = "USDT".to_owned();
        Found::Direct(DirectPayment { trace, asset: usdt(), symbol, amount, price_until: 1, to })
    };
    let in_mixin = PayTo::Mixin { recipient: user(5), memo: "m".to_owned() };
    let on_chain = PayTo::Chain { destination: "T1".to_owned(), tag: Some("9".to_owned()) };
    let pay_with = usdt();
    let group = Group { name: "Bar".to_owned(), admins: vec![user(1)] };
    vec![
        (Need::Turn, Found::Turn),
        (Need::Person(user(1)), Found::Person(Some(person))),
        (Need::Number("37160854".to_owned()), Found::Person(None)),
        (Need::Group(conversation()), Found::Group(Some(group))),
        (
            Need::Estimate { price: price(), pay_with, settlement: usdt() },
            Found::Estimate(estimate),
        ),
        (Need::Asset(usdt()), Found::Assets(vec![asset])),
        (Need::Ticker(symbol), Found::Assets(vec![])),
        (Need::Multisig { members: vec![user(1)], threshold: 2 }, Found::Multisig(user(6))),
        (Need::KnownToMixPay("37160854".to_owned()), Found::Known(true)),
        (Need::Direct { invoice: invoice_id(1), body: "{}".to_owned() }, direct(in_mixin)),
        (Need::Direct { invoice: invoice_id(1), body: "{}".to_owned() }, direct(on_chain)),
        (Need::Turn, Found::Unavailable(Some(10041))),
    ]
}

pub(super) fn person() -> Person {
    Person { id: user(2), number: "37160854".to_owned(), name: "Bob".to_owned(), is_bot: true }
}

pub(super) fn group() -> Group {
    Group { name: "Bar".to_owned(), admins: vec![user(1), user(2)] }
}

pub(super) fn person_settings() -> PersonSettings {
    PersonSettings {
        locale: Some(Locale::Zh),
        currency: Some("eur".parse().unwrap()),
        settlement: Some(Settlement::Asset(usdt())),
        payee: Some(Payee { id: user(2), name: "Bob".to_owned() }),
        told_where: true,
        hears_others: None,
    }
}

pub(super) fn place_settings() -> PlaceSettings {
    PlaceSettings {
        locale: None,
        currency: None,
        invoices: Invoicers::Admins,
        results: Results::Off,
    }
}

pub(super) fn listed() -> Vec<ListedAsset> {
    vec![ListedAsset {
        unit: QuoteAsset::Asset(usdt()),
        symbol: "USDT".to_owned(),
        name: "Tether".to_owned(),
        network: "Ethereum".to_owned(),
        chain: "ETH".to_owned(),
        decimals: Some(8),
        min: Some("0.1".parse().unwrap()),
        max: None,
        on_chain: true,
        available: true,
    }]
}

pub(super) fn snapshot() -> Snapshot {
    Snapshot {
        id: snapshot_id(),
        opponent: Some(user(6)),
        asset: usdt(),
        amount: "9.98".parse().unwrap(),
        outgoing: false,
        collectible: false,
        memo: "504d".to_owned(),
        at: at(9),
        cursor: "2026-11-21T14:02:31.000000001Z".to_owned(),
    }
}
