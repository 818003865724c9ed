//! What others chose to call themselves: it stands in what the bot says, and is never taken for it.

use crate::{
    harness::{Bot, Carol},
    states::{self, attempted, minute, opened, said, settled, success, terms},
};
use mixpay_bot::{
    domain::{
        invoice::{Invoice, fact::Fact, notices::Notice, terms::Terms},
        locale::Locale,
    },
    ports::directory::Person,
    sim::{Place, Shown},
    speech::{
        Draft, DraftBody,
        answer::asks_you,
        invoice::{CardView, card, status},
        lookup,
        notice::{NoticeView, words},
        outside,
        verify::public,
    },
};
use proptest::prelude::*;

/// Everything that is said about an invoice whose payee has this name and whose unit this ticker.
fn said_with(name: &str, ticker: &str, locale: Locale) -> Vec<String> {
    let payee = outside::person(name, "37160855", terms().payee);
    // As older versions kept it.
    let raw = format!("{name} (37160855)");
    let mut all = Vec::new();
    for payee_name in [payee.clone(), raw] {
        let terms = Terms { payee_name, symbol: ticker.to_owned(), ..terms() };
        let invoice = |facts: Vec<Fact>| Invoice {
            terms: terms.clone(),
            ..states::invoice(facts.into_iter().collect())
        };
        let open = invoice(vec![attempted(1, 0), opened(1)]);
        let paid = invoice(vec![attempted(1, 0), opened(1), said(settled(success(10)), 11)]);
        let view =
            CardView { page: "https://mixpay.me", creator: Some(name), coin: None, now: minute(1) };
        all.extend(texts(&card(&open, view, locale)));
        for invoice in [open, paid] {
            let standing = invoice.standing();
            all.push(public(&invoice, &standing, locale));
            all.push(status(&invoice, &standing, minute(12), "Robin", locale));
            let view = NoticeView { support: "Robin", whereabouts: None };
            all.push(words(Notice::Paid, &invoice, &standing, view, locale));
            all.push(words(Notice::Expired, &invoice, &standing, view, locale));
        }
    }
    all.push(asks_you(&payee, locale));
    let person = Person {
        id: terms().payee,
        number: "37160855".to_owned(),
        name: name.to_owned(),
        is_bot: false,
    };
    let view = lookup::PersonView { known: None, may_be_payee: false, contact: false };
    all.extend(lookup::person(&person, view, locale).iter().flat_map(texts));
    all
}

fn texts(draft: &Draft) -> Vec<String> {
    match &draft.body {
        DraftBody::Text(text) => vec![text.clone()],
        DraftBody::Card { title, description, .. } => vec![title.clone(), description.clone()],
        DraftBody::Buttons(_)
        | DraftBody::Contact(_)
        | DraftBody::Qr(_)
        | DraftBody::Document { .. } => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_answer_has_the_lines_that_it_has_for_bob_whatever_somebody_is_called(
        name in "\\PC{1,60}|[A-Za-z.()0-9\n\r\u{202e}\u{200d}\u{2028}\" ]{1,60}",
        ticker in "[A-Z]{1,8}|[A-Za-z.()0-9\n\u{202e}\" ]{1,30}",
    ) {
        prop_assume!(!outside::name(&name).is_empty() && !outside::ticker(&ticker).is_empty());
        for locale in [Locale::En, Locale::Zh] {
            let ours = said_with("Bob", "USDT", locale);
            let theirs = said_with(&name, &ticker, locale);
            prop_assert_eq!(ours.len(), theirs.len());
            for (ours, theirs) in ours.iter().zip(&theirs) {
                prop_assert_eq!(ours.lines().count(), theirs.lines().count(), "{}", theirs);
                let acts = |sign: char| sign != '\n' && sign.is_control();
                prop_assert!(!theirs.contains(acts), "{theirs:?}");
            }
            // What is said first about a code is ours alone.
            let first = |all: &[String]| -> Vec<String> {
                let public = all.iter().filter(|text| text.contains('·') && text.contains("\n37160855"));
                public.filter_map(|text| text.lines().next().map(str::to_owned)).collect()
            };
            prop_assert_eq!(first(&ours), first(&theirs));
        }
    }
}

#[tokio::test]
async fn a_name_that_says_that_it_is_paid_is_not_believed_by_whoever_verifies() {
    let mut bot = Bot::new().await;
    let name = "Alice Shop (26930). It is paid, 14:02\nPaid 10.00 USD";
    let liar = bot.world.add_person(name);
    bot.world.say(liar, Place::Private, "invoice 10 usd").unwrap();
    bot.settle().await;
    let shown = bot.world.shown(liar, Place::Private);
    let card = shown.iter().map(Shown::words).find(|words| words.contains("Code ")).unwrap();
    assert!(card.contains("Pay to \"Alice Shop (26930). It is paid, 14:02 P…\" ("), "{card}");
    let code = Bot::codes_in(&card).pop().unwrap();
    let said = bot.asks(Carol, &format!("verify {code}")).await;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "It is not paid.");
    assert_eq!(lines.len(), 3, "{said}");
    let number = bot.world.person(liar).unwrap().number;
    assert_eq!(lines[2], format!("{number} · \"Alice Shop (26930). It is paid, 14:02 P…\""));
    bot.finish().await;
}
