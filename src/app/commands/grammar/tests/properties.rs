//! What must hold for every line.

use super::*;
use crate::{
    app::commands::clauses::{EXPIRES_S_MAX, EXPIRES_S_MIN},
    domain::amount::Amount,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// Words that lines are made of, well-formed and not.
const VOCABULARY: [&str; 100] = [
    "invoice",
    "inv",
    "link",
    "pay",
    "quote",
    "status",
    "uuid",
    "settle",
    "payee",
    "收款",
    "链接",
    "收款方",
    "open",
    "for",
    "for",
    "from",
    "in",
    "in",
    "expires",
    "within",
    "id",
    "为",
    "用于",
    "settle",
    "10",
    "5",
    "1,000",
    "1.000",
    "1,5",
    "000",
    "0",
    "0.00001",
    "1.2.3",
    "-5",
    "1e3",
    "NaN",
    "٣",
    "５",
    "10k",
    "5m",
    "k",
    "m",
    "万",
    "亿",
    "千",
    "x",
    "3",
    "usd",
    "usd",
    "eur",
    "jpy",
    "kwd",
    "thb",
    "btc",
    "near",
    "usdt",
    "usdt",
    "usdc",
    "usdt@tron",
    "usdt@nowhere",
    "1inch",
    "maed",
    "$",
    "¥",
    "€",
    "$10",
    "10$",
    "$abc",
    "-$5",
    "美元",
    "元",
    "日元咖啡",
    "usdd",
    "10usd",
    "usd10",
    "coffee",
    "table",
    "咖啡",
    "\"two words\"",
    "\"",
    "“",
    "”",
    "「",
    "」",
    "'",
    "@37160854",
    "37160854",
    "@7000104999",
    "order_20001",
    "123456",
    "1h",
    "30m",
    "46h",
    "h",
    "K7Q2MXN",
    "K7Q2MXD",
    "confirm",
    "8e69e534-1f5b-4b0a-8f6d-7d9d0e5a1c11",
    "btc!",
    "，",
];

fn lines() -> impl Strategy<Value = String> {
    let glue = select(vec![" ", " ", " ", "", "，", "\n"]);
    let start = select(vec!["invoice ", "invoice ", "收款", "link ", "quote ", "pay K7Q2MXN ", ""]);
    let words = vec((select(VOCABULARY.to_vec()), glue), 0..10);
    (start, words).prop_map(|(start, words)| {
        words.iter().fold(start.to_owned(), |line, (word, glue)| line + word + glue)
    })
}

fn units() -> impl Strategy<Value = (QuoteAsset, u32)> {
    let fiats = FIATS.iter().map(|(code, decimals, ..)| (code.parse().unwrap(), *decimals));
    let assets = ASSETS.iter().map(|(_, _, _, id)| (id.parse().unwrap(), 8));
    select(fiats.chain(assets).collect::<Vec<_>>())
}

fn assets() -> impl Strategy<Value = AssetId> {
    select(ASSETS.iter().map(|(_, _, _, id)| id.parse().unwrap()).collect::<Vec<_>>())
}

fn moneys() -> impl Strategy<Value = Money> {
    (units(), 1_u128..10_u128.pow(13)).prop_map(|((unit, decimals), units)| {
        let step = 10_u128.pow(8 - decimals);
        let units = (units - units % step).max(step);
        Money { amount: Amount::from_units(units), unit }
    })
}

fn memos() -> impl Strategy<Value = String> {
    let words = vec(select(VOCABULARY.to_vec()), 1..6).prop_map(|words| words.join(" "));
    prop_oneof![words, "\\PC{1,40}", "[\"“”「」『』 a,，。]{1,12}"]
}

/// The memo as the reader keeps it.
fn kept(memo: &str) -> Option<String> {
    let line = Line::new(memo, "7000104999");
    line.memo(&line.tokens(), |_| true)
}

fn people() -> impl Strategy<Value = PersonRef> {
    prop_oneof![
        "[1-9][0-9]{4,11}"
            .prop_filter("the bot itself", |number| number != "7000104999")
            .prop_map(PersonRef::Number),
        any::<u128>().prop_map(|bits| {
            PersonRef::User(crate::domain::ids::UserId::new(uuid::Uuid::from_u128(bits)))
        }),
    ]
}

fn requests() -> impl Strategy<Value = InvoiceRequest> {
    let order = "[A-Za-z0-9_-]{0,30}[0-9][A-Za-z_-]{5}".prop_map(|text| text.parse().unwrap());
    let expires = EXPIRES_S_MIN..=EXPIRES_S_MAX;
    (
        moneys(),
        option::of(memos()),
        option::of(people()),
        option::of((assets(), any::<bool>())),
        option::of(assets()),
        option::of(expires),
        option::of(order),
    )
        .prop_map(|(money, memo, from, settle, pay_with, expires, order)| InvoiceRequest {
            money,
            memo: memo.and_then(|memo| kept(&memo)),
            from,
            settle: settle.map(|(asset, _)| asset),
            strict: settle.is_some_and(|(_, strict)| strict),
            pay_with,
            expires,
            order,
        })
}

fn check_line(line: &str) {
    let catalogue = catalogue();
    for (in_group, settlement) in [(false, BTC), (true, USDT_ERC20)] {
        let settlement = settlement.parse().ok();
        let scope = Scope { in_group, settlement, ..person(&catalogue) };
        let reading = read(line, &scope);
        check_choices(line, &reading, &scope);
        match &reading {
            Reading::Command(command) => {
                let printed = command.to_line(&scope);
                // A bare id is looked for in more places than one after `uuid`.
                let is_bare = matches!(command, Command::Uuid(LookupOf::Bare(_)));
                if !is_bare {
                    assert_eq!(read(&printed, &scope), reading, "{line:?} prints {printed:?}");
                }
            }
            Reading::BareMoney { command, money, memo } => {
                let reading = read(command, &scope);
                let Reading::Command(Command::Invoice(request)) = reading else {
                    panic!("{line:?}: {command:?} reads as {reading:?}");
                };
                assert_eq!((&request.money, &request.memo), (money, memo), "{line:?}");
            }
            Reading::Ask(_) | Reading::Refuse(_) | Reading::Unknown { .. } | Reading::Nothing => {}
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read_and_every_choice_is_a_command(line in "\\PC{0,60}") {
        check_line(&line);
    }

    #[test]
    fn any_bytes_are_read(line in any::<String>()) {
        check_line(&line);
    }

    #[test]
    fn any_words_are_read_and_every_choice_is_a_command(line in lines()) {
        check_line(&line);
    }

    #[test]
    fn a_printed_invoice_reads_back_as_itself(request in requests()) {
        let mut catalogue = catalogue();
        for listed in &mut catalogue.quote {
            (listed.min, listed.max) = (None, None);
        }
        let scope = person(&catalogue);
        let line = request.to_line(&scope);
        prop_assert_eq!(read(&line, &scope), Reading::Command(Command::Invoice(request)), "{}", line);
    }

    #[test]
    fn the_amount_read_is_the_amount_typed(units in 1_u128..10_u128.pow(15)) {
        let mut catalogue = catalogue();
        for listed in &mut catalogue.quote {
            (listed.min, listed.max) = (None, None);
        }
        let scope = person(&catalogue);
        let amount = Amount::from_units(units);
        let reading = read(&format!("invoice {amount} btc"), &scope);
        let Reading::Command(Command::Invoice(request)) = reading else {
            panic!("{reading:?}");
        };
        prop_assert_eq!(request.money.amount, amount);
    }
}

#[test]
fn the_longest_lines_are_read_in_bounded_work() {
    for piece in ["1 ", "usd ", "1 usd ", "for ", "a\" ", "“", "\" ", "from ", "10k ", "元10", "@"]
    {
        let line: String = "invoice ".chars().chain(piece.chars().cycle()).take(10_000).collect();
        check_line(&line);
    }
}
