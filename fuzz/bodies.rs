//! Bodies: what must hold whatever comes in, one function a kind of input. The fuzzer throws bytes at
//! them, and the test suite plays the committed ones through them.
#![expect(clippy::indexing_slicing, reason = "what must hold may fail by panicking")]

use jiff::Timestamp;
use mixpay_bot::{
    app::commands::grammar::{
        Command, Label, LookupOf, Question, Reading, Scope, command::InvoiceRequest, read,
    },
    domain::{
        amount::Amount,
        asset::Money,
        catalogue::{AssetList, Catalogue},
        ids::AssetId,
        memo::{MEMO_BYTES_MAX, Memo, texts},
    },
    http::callback,
    keystore::Keystore,
    mixin::{
        blaze::{
            envelope,
            frame::{UNPACKED_BYTES_MAX, pack, unpack},
            inbound::{self, Reading as Frame},
        },
        encrypted,
    },
    mixpay::told::{self, Asked, Told},
    ports::inbound::Content,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// What must hold for an input.
type Body = fn(&[u8]);

/// The kinds of input, each with what must hold for it.
pub(crate) const BODIES: [(&str, Body); 7] = [
    ("frames", frames),
    ("envelopes", envelopes),
    ("lines", lines),
    ("memos", memos),
    ("answers", answers),
    ("callbacks", callbacks),
    ("keystores", keystores),
];

/// A keystore that nobody owns.
const KEYSTORE: &str = include_str!("../keystore.example.json");
/// Our number in the lines.
const BOT: &str = "7000104999";

/// A frame unpacks to bounded bytes or to an error, and a packed frame unpacks to itself.
fn frames(bytes: &[u8]) {
    if let Ok(unpacked) = unpack(bytes) {
        assert!(unpacked.len() <= UNPACKED_BYTES_MAX);
        envelopes(&unpacked);
    }
    assert_eq!(unpack(&pack(bytes).unwrap()).unwrap(), bytes);
}

/// An envelope says nothing that is not in it: a text that a person is said to have sent is not our
/// own, and no longer than what carried it.
fn envelopes(bytes: &[u8]) {
    let keystore: Keystore = KEYSTORE.parse().unwrap();
    drop(encrypted::decrypt(&keystore, bytes));
    let Ok(envelope) = envelope::parse(bytes) else { return };
    let now = Timestamp::UNIX_EPOCH;
    let (Frame::Inbound(inbound) | Frame::UnknownCategory { inbound, .. }) =
        inbound::read(&envelope, &keystore, now)
    else {
        return;
    };
    assert!(!inbound.message.uuid().is_nil());
    match &inbound.content {
        Content::Text(text) => {
            assert!(inbound.from != keystore.user() && !inbound.from.uuid().is_nil());
            assert!(!text.contains('\0') && text.len() <= bytes.len());
        }
        Content::Contact(_) | Content::Unread { .. } => {
            assert!(inbound.from != keystore.user() && !inbound.from.uuid().is_nil());
        }
        Content::Transfer(_) | Content::Membership { .. } | Content::Ignored => {}
    }
}

/// Every amount that is understood stands in the line, a command prints as a line that reads back
/// as itself, and every button of a question sends the amount that it shows.
fn lines(bytes: &[u8]) {
    let Some((place, line)) = bytes.split_first() else { return };
    let line = String::from_utf8_lossy(line);
    let catalogue = Catalogue::builtin();
    let scope = Scope {
        bot_number: BOT,
        in_group: place & 1 == 1,
        catalogue: &catalogue,
        settlement: (place & 2 == 2).then(usdt),
        currency: "usd".parse().unwrap(),
    };
    let reading = read(&line, &scope);
    match &reading {
        Reading::Command(command) => {
            stands_in(&line, &moneys_of(command), &sure_amounts(&line));
            // A bare id is looked for in more places than one after `uuid`.
            if !matches!(command, Command::Uuid(LookupOf::Bare(_))) {
                let printed = command.to_line(&scope);
                assert_eq!(read(&printed, &scope), reading, "{line:?} prints {printed:?}");
            }
        }
        Reading::BareMoney { command, money, memo } => {
            stands_in(&line, &[*money], &sure_amounts(&line));
            let Reading::Command(Command::Invoice(InvoiceRequest {
                money: again, memo: text, ..
            })) = read(command, &scope)
            else {
                panic!("{line:?} offers {command:?}, which is no invoice");
            };
            assert_eq!((&again, &text), (money, memo), "{line:?} offers {command:?}");
        }
        Reading::Ask(question) => asked(&line, question, &scope),
        Reading::Refuse(_) | Reading::Unknown { .. } | Reading::Nothing => {}
    }
}

fn asked(line: &str, question: &Question, scope: &Scope<'_>) {
    // Some questions show amounts that nobody typed, and say so: samples, and moneys of a similar
    // word.
    let may_be_new = matches!(question, Question::HowMuch { .. });
    let possible = possible_amounts(line);
    for choice in question.choices() {
        let Reading::Command(command) = read(&choice.command, scope) else {
            panic!("{line:?} offers {:?}, which is no command", choice.command);
        };
        let moneys = moneys_of(&command);
        if let Label::Money(shown) = &choice.label {
            assert_eq!(moneys.first(), Some(shown), "{line:?} offers {choice:?}");
        }
        if !may_be_new {
            stands_in(line, &moneys, &possible);
        }
    }
}

fn usdt() -> AssetId {
    "4d8c508b-91c5-375b-92b0-ee702ed2dac5".parse().unwrap()
}

fn moneys_of(command: &Command) -> Vec<Money> {
    match command {
        Command::Invoice(request) => vec![request.money],
        Command::Link(request) => request.amount.into_iter().collect(),
        Command::Pay { amount, .. } => amount.iter().copied().collect(),
        Command::Quote { price, .. } => vec![*price],
        Command::Status(_)
        | Command::Uuid(_)
        | Command::Asset(_)
        | Command::List(_)
        | Command::Cancel(_)
        | Command::Accept { .. }
        | Command::Reject { .. }
        | Command::Verify(_)
        | Command::Settle(_)
        | Command::Payee(_)
        | Command::Multisig { .. }
        | Command::Lang(_)
        | Command::Settings(_)
        | Command::Export
        | Command::Help
        | Command::Quiet
        | Command::Start
        | Command::Ping => Vec::new(),
    }
}

fn stands_in(line: &str, moneys: &[Money], amounts: &BTreeSet<u128>) {
    for money in moneys {
        let units = money.amount.units();
        assert!(amounts.contains(&units), "{line:?} is read as {money:?}; it says {amounts:?}");
    }
}

/// The line as a naive reader sees it: wide characters made narrow, and what cannot be seen left out.
fn seen(line: &str) -> Vec<char> {
    line.chars()
        .filter(|letter| {
            let is_invisible = matches!(u32::from(*letter),
                0xad | 0x61c | 0x180b..=0x180f | 0x200b..=0x200f | 0x202a..=0x202e
                | 0x2060..=0x206f | 0xfe00..=0xfe0f | 0xfeff | 0xfff9..=0xfffb
                | 0xe0000..=0xe0fff | 0x115f..=0x1160 | 0x3164 | 0xffa0 | 0x34f | 0x17b4..=0x17b5);
            let is_blank = letter.is_whitespace();
            !is_invisible && (is_blank || !letter.is_control())
        })
        .map(|letter| match u32::from(letter) {
            wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap(),
            _ if letter.is_whitespace() => ' ',
            _ => letter,
        })
        .collect()
}

/// Runs of digits and what parts them, each with the powers of ten that what follows may stand for.
fn runs(line: &str, parts: &str) -> Vec<(String, Vec<u32>)> {
    let line = seen(line);
    let mut found = Vec::new();
    let mut rest = line.as_slice();
    while let Some(start) = rest.iter().position(char::is_ascii_digit) {
        // A point may lead: `.5`, `,5`.
        let before = start.checked_sub(1).map(|at| rest[at]);
        let has_point = before.is_some_and(|c| matches!(c, '.' | ',') && parts.contains(c));
        let start = if has_point { start - 1 } else { start };
        let run = &rest[start..];
        let is_part = |letter: &char| letter.is_ascii_digit() || parts.contains(*letter);
        let end = run.iter().position(|letter| !is_part(letter)).unwrap_or(run.len());
        let text: String = run[..end].iter().collect();
        found.push((text, powers(&run[end..])));
        rest = &run[end..];
    }
    found
}

/// Of which powers of ten a number is, by what follows it. `k` and `m` may begin a unit.
fn powers(after: &[char]) -> Vec<u32> {
    let mut powers = vec![0];
    let mut sum = 0;
    for (at, letter) in after.iter().enumerate() {
        let (power, is_letter) = match letter.to_ascii_lowercase() {
            ' ' => continue,
            'k' => (3, true),
            'm' => (6, true),
            '万' | '萬' => (4, false),
            '亿' | '億' => (8, false),
            _ => break,
        };
        if is_letter && at > 0 {
            break;
        }
        sum += power;
        // Nothing but a magnitude begins with these.
        if !is_letter {
            powers.clear();
        }
        powers.push(sum);
    }
    powers
}

/// Units of 1e-8, by shifting digits; `None` if there is more than one point, or too much.
fn units(number: &str, power: u32) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let shift = usize::try_from(power + 8).ok()?;
    let fraction = fraction.trim_end_matches('0');
    let zeros = shift.checked_sub(fraction.len())?;
    format!("{whole}{fraction}{}", "0".repeat(zeros)).parse().ok()
}

/// Whether digits are parted in threes.
fn is_in_threes(whole: &str, parted_by: char) -> bool {
    let mut groups = whole.split(parted_by);
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)
}

/// The amounts that a line says beyond doubt: a point parts decimals, commas stand in threes.
fn sure_amounts(line: &str) -> BTreeSet<u128> {
    let mut found = BTreeSet::new();
    for (text, powers) in runs(line, ".,") {
        let text = text.trim_matches(',');
        let whole = text.split('.').next().unwrap_or_default();
        if whole.contains(',') && !is_in_threes(whole, ',') {
            continue;
        }
        let number = whole.replace(',', "") + &text[whole.len()..];
        found.extend(powers.iter().filter_map(|power| units(&number, *power)));
        let number = number.trim_end_matches('.');
        found.extend(powers.iter().filter_map(|power| units(number, *power)));
    }
    found
}

/// The amounts that somebody could mean with a line: whatever parts digits may group them, or be the
/// point, or stand between two words.
fn possible_amounts(line: &str) -> BTreeSet<u128> {
    let mut found = sure_amounts(line);
    for parts in ["", ".", ",", ".,", ".,'’", ".,'’ "] {
        for (text, powers) in runs(line, parts) {
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            let mut numbers = vec![digits(&text)];
            for (at, _) in text.match_indices(['.', ',']) {
                numbers.push(format!("{}.{}", digits(&text[..at]), digits(&text[at..])));
            }
            for number in numbers {
                found.extend(powers.iter().filter_map(|power| units(&number, *power)));
            }
        }
    }
    // Of `3 x 10 usd` both 10 and 30 may be meant.
    if line.contains(['x', 'X', '×', '*', 'ｘ', 'Ｘ']) {
        let counts = runs(line, "").into_iter().filter_map(|(text, _)| text.parse::<u128>().ok());
        let products: Vec<u128> = counts
            .flat_map(|count| found.iter().filter_map(move |amount| amount.checked_mul(count)))
            .collect();
        found.extend(products);
    }
    found
}

/// A memo of MixPay prints as text that reads back as itself, in each spelling; another one is bounded.
fn memos(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for wire in [text.as_ref(), &hex::encode(bytes)] {
        assert!(texts(wire).iter().all(|text| text.len() <= MEMO_BYTES_MAX));
        let memo = Memo::read(wire);
        if let Memo::Plain(text) = &memo {
            assert!(text.len() <= MEMO_BYTES_MAX);
            continue;
        }
        // What is longer than the bound is cut when it is read again.
        let spellings = [memo.to_string(), memo.to_base64(), hex::encode(memo.to_string())];
        for spelling in spellings.into_iter().filter(|text| text.len() <= MEMO_BYTES_MAX) {
            assert_eq!(Memo::read(&spelling), memo, "{spelling:?}");
        }
    }
}

/// Every amount that an answer is understood to say stands in it.
fn answers(bytes: &[u8]) {
    const STATUSES: [u16; 4] = [200, 404, 429, 500];
    let Some((kind, body)) = bytes.split_first() else { return };
    let asked = match kind % 9 {
        0 => Asked::Page,
        1 => Asked::Direct,
        2 => Asked::Result,
        3 => Asked::Estimate,
        4 => Asked::Assets(AssetList::Quote),
        5 => Asked::Assets(AssetList::Payment),
        6 => Asked::Assets(AssetList::Settlement),
        7 => Asked::Payee,
        _ => Asked::Multisig,
    };
    let status = STATUSES[usize::from(kind / 9) % STATUSES.len()];
    let Ok(told) = told::read(asked, status, body.to_vec()) else { return };
    let amounts: Vec<Option<Amount>> = match told {
        Told::Page(_) | Told::Person(_) => return,
        Told::Direct(payment) => vec![Some(payment.amount)],
        Told::Estimate(estimate) => vec![Some(estimate.payment), estimate.settlement],
        Told::Assets(rows) => rows.iter().flat_map(|row| [row.min, row.max]).collect(),
        // The total may be a sum, and is checked by tests of its own.
        Told::Result(_, report) => {
            vec![
                report.quote_amount,
                report.paid,
                report.payable,
                report.surplus,
                report.settle_amount,
            ]
        }
    };
    let said = numbers_of(body);
    for amount in amounts.into_iter().flatten() {
        assert!(
            said.contains(&amount.units()),
            "{amount} is not in {}",
            String::from_utf8_lossy(body)
        );
    }
}

/// Every number that JSON holds, in units of 1e-8.
fn numbers_of(body: &[u8]) -> BTreeSet<u128> {
    let text = String::from_utf8_lossy(body);
    let mut texts = vec![text.clone().into_owned()];
    let text = text.trim_start().trim_start_matches('\u{feff}');
    // A text may spell its digits as escapes.
    let mut open: Vec<Value> = serde_json::from_str(text).into_iter().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => texts.push(text),
            Value::Array(values) => open.extend(values),
            Value::Object(fields) => open.extend(fields.into_iter().map(|(_, value)| value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let is_part = |letter: char| letter.is_ascii_digit() || letter == '.';
    let runs = texts.iter().flat_map(|text| text.split(|letter| !is_part(letter)));
    runs.filter_map(|run| units(run, 0)).collect()
}

/// A callback that is understood names a payment, in words of its own.
fn callbacks(bytes: &[u8]) {
    let Some(hint) = callback::read(bytes) else { return };
    assert!(hint.order.is_some() || hint.trace.is_some());
    for text in [hint.order, hint.trace, hint.payee].into_iter().flatten() {
        assert!(!text.is_empty() && text.len() <= bytes.len());
    }
}

/// Neither what is told about a keystore nor why it is none shows a value that could be a secret.
fn keystores(bytes: &[u8]) {
    /// A shorter text may stand in our own words.
    const SECRET_CHARS_MIN: usize = 20;
    let text = String::from_utf8_lossy(bytes);
    let told = match text.parse::<Keystore>() {
        Ok(keystore) => format!("{keystore:?}"),
        Err(error) => format!("{error} {error:?}"),
    };
    let Ok(Value::Object(fields)) = serde_json::from_str(text.trim_start_matches('\u{feff}'))
    else {
        return;
    };
    for (name, value) in fields {
        let is_id = matches!(name.as_str(), "app_id" | "client_id" | "session_id");
        let Value::String(secret) = value else { continue };
        if !is_id && secret.chars().count() >= SECRET_CHARS_MIN {
            assert!(!told.contains(secret.trim()), "`{name}` is told: {told}");
        }
    }
}

/// Plays bytes through the body of this name.
pub(crate) fn play(name: &str, bytes: &[u8]) {
    let (_, body) = BODIES.iter().find(|body| body.0 == name).unwrap();
    body(bytes);
}
