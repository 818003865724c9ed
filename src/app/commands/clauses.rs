//! Clauses: `for`, `from`, `settle`, `in`, `expires`, `id`, in any order. A clause that does not
//! parse in full is no clause: its words are memo.

use crate::{
    app::commands::{
        grammar::{
            answer::Misread,
            command::PersonRef,
            units::{Named, Units},
        },
        tokens::{Line, Token, is_han, is_sign},
        words::Word,
    },
    domain::{catalogue::AssetList, ids::UserId},
};
use std::{fmt, str::FromStr};

/// The shortest time until an invoice expires, in seconds.
pub const EXPIRES_S_MIN: u64 = 30;
/// The longest time until an invoice expires, in seconds: 45 hours.
pub const EXPIRES_S_MAX: u64 = 45 * 3600;
/// Digits of the shortest and the longest Mixin ID.
const MIXIN_ID_DIGITS: std::ops::RangeInclusive<usize> = 5..=12;
/// Characters of the shortest and the longest order number.
const ORDER_CHARS: std::ops::RangeInclusive<usize> = 6..=36;
/// What may end a sentence, and with it a word.
const ENDS: [char; 4] = ['.', '!', '?', ':'];

/// A person's own order number: 6 to 36 letters, digits, `-` and `_`, with a digit among them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderNumber(String);

/// Why a text is no order number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order number is 6 to 36 letters, digits, - and _, with a digit among them")]
pub struct OrderNumberError;

impl OrderNumber {
    /// The number as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrderNumber {
    type Err = OrderNumberError;

    fn from_str(text: &str) -> Result<Self, OrderNumberError> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_order = ORDER_CHARS.contains(&text.len())
            && text.bytes().all(is_allowed)
            && text.bytes().any(|byte| byte.is_ascii_digit());
        if is_order { Ok(Self(text.to_owned())) } else { Err(OrderNumberError) }
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app::commands) enum Role {
    /// To no clause: money, or memo.
    Outside,
    /// The word `for` itself.
    ForWord,
    /// The text after `for`.
    ForText,
    /// To a clause that was taken.
    Taken,
}

/// What the clauses of a line say.
#[derive(Debug, Clone, Default)]
pub(in crate::app::commands) struct Clauses {
    pub(in crate::app::commands) from: Option<PersonRef>,
    pub(in crate::app::commands) settle: Option<Named>,
    pub(in crate::app::commands) strict: bool,
    pub(in crate::app::commands) pay_with: Option<Named>,
    pub(in crate::app::commands) expires: Option<u64>,
    pub(in crate::app::commands) order: Option<OrderNumber>,
    /// Whether `from` or `id` took a word that is nothing but digits.
    pub(in crate::app::commands) took_digits: bool,
}

/// One clause, parsed in full.
enum Clause {
    From(PersonRef),
    Settle(Named, bool),
    In(Named),
    Expires(u64),
    Id(OrderNumber),
}

/// Whether digits alone after `from` and `id` may be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app::commands) enum Digits {
    /// They are an id.
    AreIds,
    /// They are an amount.
    AreMoney,
}

impl Clauses {
    /// Takes the clauses out of a line.
    pub(in crate::app::commands) fn take(
        command: Word,
        tokens: &[Token],
        units: &Units<'_>,
        digits: Digits,
    ) -> Result<(Self, Vec<Role>), Misread> {
        let mut clauses = Self::default();
        let mut roles = Vec::new();
        let mut text = Role::Outside;
        while let Some(token) = tokens.get(roles.len()) {
            let rest = tokens.get(roles.len().saturating_add(1)..).unwrap_or_default();
            if let Some((clause, words, is_digits)) = parse(token, rest, units)
                && !(is_digits && digits == Digits::AreMoney)
            {
                clauses.put(command, clause)?;
                clauses.took_digits |= is_digits;
                roles.extend(std::iter::repeat_n(Role::Taken, words.saturating_add(1)));
                text = Role::Outside;
            } else if is_for(token) && text == Role::Outside {
                roles.push(Role::ForWord);
                text = Role::ForText;
            } else {
                roles.push(text);
            }
        }
        Ok((clauses, roles))
    }

    fn put(&mut self, command: Word, clause: Clause) -> Result<(), Misread> {
        let (name, is_first) = match &clause {
            Clause::From(_) => ("from", self.from.is_none()),
            Clause::Settle(..) => ("settle", self.settle.is_none()),
            Clause::In(_) => ("in", self.pay_with.is_none()),
            Clause::Expires(_) => ("expires", self.expires.is_none()),
            Clause::Id(_) => ("id", self.order.is_none()),
        };
        let is_here = match command {
            Word::Link => name == "settle",
            Word::Quote => name == "in",
            Word::Invoice
            | Word::Pay
            | Word::Status
            | Word::Uuid
            | Word::Asset
            | Word::List
            | Word::Cancel
            | Word::Accept
            | Word::Reject
            | Word::Verify
            | Word::Settle
            | Word::Payee
            | Word::Multisig
            | Word::Lang
            | Word::Settings
            | Word::Export
            | Word::Quiet
            | Word::Start
            | Word::Help
            | Word::Ping => true,
        };
        if !is_here {
            return Err(Misread::ClauseNotHere { command, clause: name });
        }
        if !is_first {
            return Err(Misread::ClauseTwice { clause: name });
        }
        match clause {
            Clause::From(person) => self.from = Some(person),
            Clause::Settle(named, strict) => (self.settle, self.strict) = (Some(named), strict),
            Clause::In(named) => self.pay_with = Some(named),
            Clause::Id(order) => self.order = Some(order),
            Clause::Expires(seconds) => {
                let (min_s, max_s) = (EXPIRES_S_MIN, EXPIRES_S_MAX);
                if !(min_s..=max_s).contains(&seconds) {
                    return Err(Misread::ExpiryOutOfRange { min_s, max_s });
                }
                self.expires = Some(seconds);
            }
        }
        Ok(())
    }
}

/// The clause that begins here, how many words it has after the first, and whether its argument is
/// nothing but digits.
fn parse(token: &Token, rest: &[Token], units: &Units<'_>) -> Option<(Clause, usize, bool)> {
    if token.quoted || !is_clause_word(&token.low) {
        return None;
    }
    let argument = rest.first().filter(|argument| !argument.quoted)?;
    let low = argument.low.trim_end_matches(ENDS);
    let is_digits = low.bytes().all(|byte| byte.is_ascii_digit());
    let one = |clause| Some((clause, 1, false));
    match token.low.as_str() {
        "from" => Some((Clause::From(person(low)?), 1, is_digits)),
        "settle" => match units.named(AssetList::Settlement, low) {
            Named::Nothing => None,
            named @ (Named::One(_) | Named::Several(..)) => {
                one(Clause::Settle(named, argument.low.ends_with('!')))
            }
        },
        "in" => match units.named(AssetList::Payment, low) {
            Named::Nothing => None,
            named @ (Named::One(_) | Named::Several(..)) => one(Clause::In(named)),
        },
        "id" => {
            let order = argument.narrow.trim_end_matches(ENDS).parse().ok()?;
            Some((Clause::Id(order), 1, is_digits))
        }
        _ => {
            if let Some(seconds) = duration(low) {
                return one(Clause::Expires(seconds));
            }
            let unit = rest.get(1).filter(|unit| !unit.quoted)?;
            let unit = unit.low.trim_end_matches(ENDS);
            let seconds = duration(&format!("{low}{unit}"))?;
            Some((Clause::Expires(seconds), 2, false))
        }
    }
}

/// Whether a word begins a clause; a memo that holds one is printed in quotation marks.
pub(in crate::app::commands) fn is_clause_word(low: &str) -> bool {
    matches!(low, "from" | "settle" | "in" | "expires" | "within" | "id")
}

fn is_for(token: &Token) -> bool {
    !token.quoted && matches!(token.low.as_str(), "for" | "为" | "用于")
}

/// The person whom a word names: `@number`, a Mixin ID, or a UUID.
pub(in crate::app::commands) fn person(low: &str) -> Option<PersonRef> {
    let digits = low.strip_prefix('@').unwrap_or(low);
    if is_mixin_id(digits) {
        return Some(PersonRef::Number(digits.to_owned()));
    }
    low.parse::<UserId>().ok().map(PersonRef::User)
}

/// Whether a word is a Mixin ID: 5 to 12 digits that do not begin with 0.
pub(in crate::app::commands) fn is_mixin_id(low: &str) -> bool {
    MIXIN_ID_DIGITS.contains(&low.len())
        && low.bytes().all(|byte| byte.is_ascii_digit())
        && !low.starts_with('0')
}

/// How many seconds a word like `30m` says; as many as there are if it is too long to count.
fn duration(low: &str) -> Option<u64> {
    let number = low.strip_suffix(|c: char| c.is_ascii_alphabetic())?;
    let seconds: u64 = match low.chars().next_back()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let parts = u32::try_from(fraction.len()).ok().and_then(|places| 10_u64.checked_pow(places));
    let count = format!("{whole}{fraction}").parse::<u64>().ok();
    match (count.and_then(|count| count.checked_mul(seconds)), parts) {
        (Some(total), Some(parts)) if !total.is_multiple_of(parts) => None,
        (Some(total), Some(parts)) => total.checked_div(parts),
        (_, _) => Some(u64::MAX),
    }
}

/// Parts Chinese where no blank is needed: after an amount, its power of ten and its unit; before a
/// text, the words for `for`.
pub(in crate::app::commands) fn part_chinese(
    line: &Line,
    tokens: Vec<Token>,
    units: &Units<'_>,
) -> Vec<Token> {
    let mut parted: Vec<Token> = Vec::new();
    for token in tokens {
        let is_chinese = !token.quoted && token.low.starts_with(is_han);
        let mut rest = Some(token);
        if is_chinese {
            rest = rest.and_then(|rest| magnitude(line, &mut parted, rest));
            let after_number = parted.last().is_some_and(is_number);
            if after_number {
                let length = rest.as_ref().and_then(|rest| units.name_zh_length(&rest.low));
                rest = cut(line, &mut parted, rest, length);
            }
            let for_word = rest.as_ref().and_then(|rest| {
                let words = [("用于", 2), ("为", 1)];
                words.iter().find(|(w, _)| rest.low.starts_with(w)).map(|(_, length)| *length)
            });
            rest = cut(line, &mut parted, rest, for_word);
        }
        parted.extend(rest);
    }
    parted
}

/// Moves the first characters of `rest` to `parted`; what is left, if anything is.
fn cut(
    line: &Line,
    parted: &mut Vec<Token>,
    rest: Option<Token>,
    length: Option<usize>,
) -> Option<Token> {
    let rest = rest?;
    match length.and_then(|length| line.split(&rest, length)) {
        Some((first, left)) => {
            parted.push(first);
            Some(left)
        }
        None => Some(rest),
    }
}

/// Joins 万 and 亿 to the number before them. 千, 百 and 十 are joined as well, so that the whole is
/// refused and not read without them.
fn magnitude(line: &Line, parted: &mut Vec<Token>, mut rest: Token) -> Option<Token> {
    while let Some(c) = rest.low.chars().next() {
        let is_power = matches!(c, '万' | '亿' | '萬' | '億');
        let is_refused = matches!(c, '千' | '百' | '十') && rest.touches;
        let Some(number) = parted.last().filter(|token| ends_in_number(token)) else { break };
        if !is_power && !is_refused {
            break;
        }
        let (power, left) = match line.split(&rest, 1) {
            Some((power, left)) => (power, Some(left)),
            None => (rest.clone(), None),
        };
        let joined = line.join(number, &power);
        parted.pop();
        parted.push(joined);
        rest = left?;
    }
    Some(rest)
}

/// Whether a token is an amount, perhaps with a unit before it: `usd1`, before `万`.
fn ends_in_number(token: &Token) -> bool {
    let low = token.low.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == ',');
    !token.quoted && low.starts_with(|c: char| c.is_ascii_digit()) || is_number(token)
}

/// Whether a token is an amount, perhaps with a sign before it.
fn is_number(token: &Token) -> bool {
    let low = token.low.trim_start_matches(is_sign);
    let parts = |c: char| c.is_ascii_digit() || ".,'’km 万亿萬億".contains(c);
    !token.quoted
        && low.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && low.chars().all(parts)
}
