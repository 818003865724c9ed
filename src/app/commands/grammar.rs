//! Grammar: from a line of the chat to what it asks for.
//!
//! A line is read in one pass of steps: [`tokens`](super::tokens) takes it apart, the first word
//! names the command, [`clauses`](super::clauses) are taken out, and `seek` finds the money in what
//! is left. A line that could be read in two ways that differ in money is a [`Question`]; a line
//! that breaks a rule is a [`Misread`]. Nothing is ever guessed, and nothing here has words for
//! people.

pub mod answer;
pub mod arguments;
pub mod command;
mod draft;
mod pricing;
mod print;
mod seek;
pub(in crate::app::commands) mod units;

pub use answer::{Choice, Label, Misread, Question};
pub use command::{
    Command, InvoiceRequest, InvoicesBy, LinkRequest, ListFilter, ListState, LookupOf, Payee,
    PayeeChoice, PersonRef, Results, Setting, SettleChoice, StatusOf,
};

use crate::{
    app::commands::{
        clauses::is_mixin_id,
        tokens::{LINE_CHARS_MAX, Line, Token, is_han},
        words::Word,
    },
    domain::{
        asset::{Money, QuoteAsset},
        catalogue::Catalogue,
        ids::AssetId,
    },
};
use arguments::{Arguments, code, uuid};
use draft::Purpose;
use units::Units;

/// The most commands that are offered for a mistyped one.
const DID_YOU_MEAN_MAX: usize = 3;

/// What the reader must know about the person and the place.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The bot's own Mixin ID.
    pub bot_number: &'a str,
    /// Whether the line was said in a group. There a line needs a command.
    pub in_group: bool,
    /// MixPay's lists.
    pub catalogue: &'a Catalogue,
    /// The asset that the person receives.
    pub settlement: Option<AssetId>,
    /// The person's usual currency: it comes first among the buttons, and is never assumed.
    pub currency: QuoteAsset,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A command, complete.
    Command(Command),
    /// Something that the person has to decide.
    Ask(Question),
    /// Something that breaks a rule.
    Refuse(Misread),
    /// Some other text.
    Unknown {
        /// Complete lines that may have been meant.
        did_you_mean: Vec<String>,
    },
    /// Money without a command, in a one-to-one chat. Nothing is made of it.
    BareMoney {
        /// The complete line that makes an invoice of it.
        command: String,
        /// The money that was understood.
        money: Money,
        /// The text beside it.
        memo: Option<String>,
    },
    /// Nothing that can be seen.
    Nothing,
}

impl From<Result<Command, Misread>> for Reading {
    fn from(result: Result<Command, Misread>) -> Self {
        match result {
            Ok(command) => Self::Command(command),
            Err(misread) => Self::Refuse(misread),
        }
    }
}

/// Reads a line.
pub fn read(line: &str, scope: &Scope<'_>) -> Reading {
    if line.chars().nth(LINE_CHARS_MAX).is_some() {
        return Reading::Refuse(Misread::LineTooLong { chars_max: LINE_CHARS_MAX });
    }
    let units = Units::new(scope);
    let text = Line::new(line, scope.bot_number);
    let tokens = without_slash(&text, text.tokens());
    let Some(first) = tokens.first() else {
        // Only a mention: the person wants to know what the bot can do.
        let is_mention = !Line::new(line, "").is_blank();
        return if is_mention { Reading::Command(Command::Help) } else { Reading::Nothing };
    };
    let rest = tokens.get(1..).unwrap_or_default();
    let reader = Reader { line: &text, scope, units: &units };
    if first.quoted {
        return reader.without_command(&tokens);
    }
    if let Some(word) = Word::parse(first.low.trim_end_matches(['.', '!', '?', ':'])) {
        return reader.command(word, rest);
    }
    reader.chinese(first, rest).unwrap_or_else(|| reader.without_command(&tokens))
}

/// The slash before a command, alone or glued to it, says nothing.
fn without_slash(line: &Line, mut tokens: Vec<Token>) -> Vec<Token> {
    let Some(first) = tokens.first_mut() else { return tokens };
    if first.low == "/" && !first.quoted {
        tokens.remove(0);
    } else if first.low.starts_with('/')
        && let Some((_, rest)) = line.split(first, 1)
    {
        *first = rest;
    }
    tokens
}

struct Reader<'a> {
    line: &'a Line,
    scope: &'a Scope<'a>,
    units: &'a Units<'a>,
}

impl Reader<'_> {
    fn command(&self, word: Word, rest: &[Token]) -> Reading {
        let price = |purpose, rest| pricing::read(purpose, self.line, rest, self.scope, self.units);
        let arguments =
            Arguments { word, line: self.line, tokens: rest, scope: self.scope, units: self.units };
        match word {
            Word::Invoice => price(Purpose::Invoice, rest),
            Word::Quote => price(Purpose::Quote, rest),
            Word::Link => match rest {
                [open, rest @ ..] if open.low == "open" && !open.quoted => {
                    price(Purpose::Link { open: true }, rest)
                }
                rest => price(Purpose::Link { open: false }, rest),
            },
            Word::Pay => match (arguments.code(), rest) {
                (Ok(code), [_, rest @ ..]) => price(Purpose::Pay(code), rest),
                (Ok(code), []) => Reading::Command(Command::Pay { code, amount: None }),
                (Err(misread), _) => Reading::Refuse(misread),
            },
            Word::Status => arguments.status(),
            Word::Uuid => arguments.lookup(),
            Word::Asset => arguments.asset(),
            Word::List => arguments.list(),
            Word::Cancel => arguments.cancel(),
            Word::Accept => arguments.decide(|code, confirmed| Command::Accept { code, confirmed }),
            Word::Reject => arguments.decide(|code, confirmed| Command::Reject { code, confirmed }),
            Word::Verify => arguments.verify(),
            Word::Settle => arguments.settle(),
            Word::Payee => arguments.payee(),
            Word::Multisig => arguments.multisig(),
            Word::Lang => arguments.lang(),
            Word::Settings => arguments.settings(),
            Word::Export => Reading::Command(Command::Export),
            Word::Quiet => Reading::Command(Command::Quiet),
            Word::Start => Reading::Command(Command::Start),
            Word::Help => Reading::Command(Command::Help),
            Word::Ping => Reading::Command(Command::Ping),
        }
    }

    /// A command in Chinese, which needs no blank after it. The longest name wins, unless only a
    /// shorter one makes a command: `收款方便面10元` bills noodles.
    fn chinese(&self, first: &Token, rest: &[Token]) -> Option<Reading> {
        let mut longest = None;
        for (word, length) in Word::parse_prefix(&first.low) {
            let left = self.line.split(first, length).map(|(_, left)| left);
            let tokens: Vec<Token> = left.into_iter().chain(rest.iter().cloned()).collect();
            let reading = self.command(word, &tokens);
            if let Reading::Command(_) = reading {
                return Some(reading);
            }
            longest = longest.or(Some(reading));
        }
        longest
    }

    /// A line whose first word is no command.
    fn without_command(&self, tokens: &[Token]) -> Reading {
        let bare = self.bare(tokens);
        match bare {
            Some(Reading::Command(command)) if self.scope.in_group => {
                let did_you_mean = vec![print::print(&command, self.units)];
                Reading::Unknown { did_you_mean }
            }
            Some(Reading::BareMoney { command, .. }) if self.scope.in_group => {
                Reading::Unknown { did_you_mean: vec![command] }
            }
            Some(reading) if !self.scope.in_group => reading,
            Some(_) | None => Reading::Unknown { did_you_mean: self.did_you_mean(tokens) },
        }
    }

    /// A number, an id, a code, or money without a command.
    fn bare(&self, tokens: &[Token]) -> Option<Reading> {
        if let [token] = tokens
            && !token.quoted
        {
            let low = token.low.as_str();
            let status = |code| Reading::Command(Command::Status(StatusOf::Code(code)));
            if is_mixin_id(low) {
                let number = low.to_owned();
                return Some(Reading::Command(Command::Uuid(LookupOf::Number(number))));
            }
            if let Ok(uuid) = uuid(low) {
                return Some(Reading::Command(Command::Uuid(LookupOf::Bare(uuid))));
            }
            if let Ok(code) = code(&token.narrow) {
                return Some(status(code));
            }
        }
        if !pricing::begins_with_money(self.line, tokens, self.units) {
            return None;
        }
        let reading = pricing::read(Purpose::Invoice, self.line, tokens, self.scope, self.units);
        let Reading::Command(Command::Invoice(request)) = reading else { return Some(reading) };
        let command = request.to_line(self.scope);
        Some(Reading::BareMoney { command, money: request.money, memo: request.memo })
    }

    /// The line with its first word replaced by a command that is near to it.
    fn did_you_mean(&self, tokens: &[Token]) -> Vec<String> {
        let Some((first, rest)) = tokens.split_first() else { return Vec::new() };
        let rest = self.line.typed_of(rest);
        let is_chinese = first.low.starts_with(is_han);
        Word::near(&first.low)
            .into_iter()
            .map(|word| {
                let name_zh = word.names_zh().first().filter(|_| is_chinese);
                let name = name_zh.copied().unwrap_or(word.name());
                format!("{name} {rest}").trim_end().to_owned()
            })
            .take(DID_YOU_MEAN_MAX)
            .collect()
    }
}

#[cfg(test)]
mod tests;
