//! Question and misread: what the reader answers to a line that it cannot take as it is.
//!
//! Both are data; the sentences are made elsewhere. A choice carries the complete line that a tap
//! sends, and that line reads as a command: nobody is asked twice.

use crate::{
    app::commands::words::Word,
    domain::{
        asset::{Money, QuoteAsset},
        locale::Locale,
    },
};

/// The most choices that a question offers.
pub const CHOICES_MAX: usize = 6;
/// The most characters of a line that a misread repeats.
const FOUND_CHARS_MAX: usize = 40;

/// Something that the person has to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// There is no amount.
    HowMuch {
        /// The command that lacks it.
        command: Word,
        /// The memo so far.
        memo: Option<String>,
        /// Some amounts of the usual currency.
        choices: Vec<Choice>,
    },
    /// There is an amount and no unit.
    WhichUnit {
        /// The amount, as typed.
        amount: String,
        /// The amount in the units that are near at hand.
        choices: Vec<Choice>,
    },
    /// The unit is unknown, but near to others.
    UnknownUnit {
        /// The word that was found.
        word: String,
        /// The amount in the units that it may have meant.
        choices: Vec<Choice>,
    },
    /// The line says something else than it seems to, or can be read in several ways.
    DidYouMean {
        /// The readings.
        choices: Vec<Choice>,
    },
    /// Does the point part thousands or decimals?
    GroupingOrDecimal {
        /// Both readings.
        choices: Vec<Choice>,
    },
    /// Several chains have an asset of that ticker.
    WhichChain {
        /// The ticker, upper case.
        symbol: String,
        /// The six assets that are supported most widely.
        choices: Vec<Choice>,
    },
    /// An estimate needs a coin to pay with.
    WhichCoin {
        /// The coins that are supported most widely.
        choices: Vec<Choice>,
    },
    /// What shall be received from now on?
    WhatToReceive {
        /// The assets that most people receive.
        choices: Vec<Choice>,
    },
    /// Who shall receive from now on?
    WhoReceives {
        /// The person who asks.
        choices: Vec<Choice>,
    },
    /// The bot does not speak that language.
    WhichLanguage {
        /// Those that it speaks.
        choices: Vec<Choice>,
    },
}

impl Question {
    /// The choices, in the order of their buttons.
    pub fn choices(&self) -> &[Choice] {
        match self {
            Self::HowMuch { choices, .. }
            | Self::WhichUnit { choices, .. }
            | Self::UnknownUnit { choices, .. }
            | Self::DidYouMean { choices }
            | Self::GroupingOrDecimal { choices }
            | Self::WhichChain { choices, .. }
            | Self::WhichCoin { choices }
            | Self::WhatToReceive { choices }
            | Self::WhoReceives { choices }
            | Self::WhichLanguage { choices } => choices,
        }
    }
}

/// A button of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it shows.
    pub label: Label,
    /// The complete line that it sends, without the prefix that groups need.
    pub command: String,
}

/// What a button shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Label {
    /// An amount. Where the unit is an asset, the chain belongs to it.
    Money(Money),
    /// A currency, or an asset with its chain.
    Unit(QuoteAsset),
    /// Any amount: an open link.
    Open,
    /// The person who asks.
    Me,
    /// A language, in its own name.
    Language(Locale),
}

/// What is wrong with a line: the rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misread {
    /// More characters than are read.
    LineTooLong {
        /// The most that are read.
        chars_max: usize,
    },
    /// More decimals than the unit has.
    TooManyDecimals {
        /// The unit.
        unit: QuoteAsset,
        /// The most decimals that it has.
        max: u32,
    },
    /// Two amounts; text belongs after `for`.
    TwoAmounts,
    /// MixPay quotes no such unit.
    UnknownUnit {
        /// The word that was found.
        found: String,
    },
    /// Less than MixPay takes.
    BelowMinimum {
        /// The least.
        min: Money,
    },
    /// More than MixPay takes.
    AboveMaximum {
        /// The most.
        max: Money,
    },
    /// MixPay lists the unit, and takes none of it at present.
    Unusable {
        /// The unit.
        unit: QuoteAsset,
    },
    /// More than any number that we keep.
    TooLarge,
    /// Digits with something else between them.
    NotANumber {
        /// The word that was found.
        found: String,
    },
    /// A number with an exponent.
    Exponent {
        /// The word that was found.
        found: String,
    },
    /// A number with a sign.
    Sign {
        /// The word that was found.
        found: String,
    },
    /// Nothing at all.
    Zero,
    /// A number with two points.
    TwoPoints {
        /// The word that was found.
        found: String,
    },
    /// Commas that do not part threes.
    BadGrouping {
        /// The word that was found.
        found: String,
    },
    /// Digits of another script than ours.
    MixedScripts {
        /// The word that was found.
        found: String,
    },
    /// `k` or `m` apart from its number.
    SpacedMagnitude {
        /// The number and the letter.
        found: String,
    },
    /// A currency sign without a number.
    BadCurrencySign {
        /// The word that was found.
        found: String,
    },
    /// A code with a wrong check character.
    MistypedCode {
        /// The word that was found.
        found: String,
    },
    /// The command takes a code, and this is none.
    NotACode {
        /// The command.
        command: Word,
        /// The word that was found.
        found: String,
    },
    /// The command needs a code.
    MissingCode {
        /// The command.
        command: Word,
    },
    /// The command needs a name.
    MissingName {
        /// The command.
        command: Word,
    },
    /// The time is shorter or longer than allowed.
    ExpiryOutOfRange {
        /// The shortest, in seconds.
        min_s: u64,
        /// The longest, in seconds.
        max_s: u64,
    },
    /// A clause that stands twice.
    ClauseTwice {
        /// The clause's first word.
        clause: &'static str,
    },
    /// A clause that this command does not take.
    ClauseNotHere {
        /// The command.
        command: Word,
        /// The clause's first word.
        clause: &'static str,
    },
    /// Several chains have an asset of that ticker, and something else is unclear as well.
    AmbiguousAsset {
        /// The ticker, upper case.
        symbol: String,
    },
    /// No asset of that name can be received.
    UnknownAsset {
        /// The word that was found.
        found: String,
    },
    /// Neither a Mixin ID nor a UUID.
    NotAPerson {
        /// The word that was found.
        found: String,
    },
    /// The command does not take this word.
    Unexpected {
        /// The command.
        command: Word,
        /// The word that was found.
        found: String,
    },
    /// A multisig is written `2 of @1 @2 @3`.
    MultisigShape,
    /// Too few members, or too many.
    MultisigMembers {
        /// How many there are.
        found: usize,
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// A member who stands twice.
    MultisigTwice {
        /// The member, as typed.
        found: String,
    },
    /// More signatures than members, or none.
    MultisigThreshold {
        /// How many members there are.
        members: usize,
    },
    /// There is no such setting, or no such value of it.
    UnknownSetting {
        /// The words that were found.
        found: String,
    },
}

/// A word that a misread repeats, cut to a bearable length.
pub(in crate::app::commands) fn found(text: &str) -> String {
    text.chars().take(FOUND_CHARS_MAX).collect()
}
