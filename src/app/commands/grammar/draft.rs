//! Draft: a line with money in it, taken apart, and the commands that are made of it once the money
//! is known.

use crate::{
    app::commands::{
        clauses::{Clauses, Digits, Role},
        grammar::{
            Reading, Scope,
            answer::{CHOICES_MAX, Choice, Label, Misread, Question},
            command::{Command, InvoiceRequest, LinkRequest},
            print::print,
            seek::Pieces,
            units::{Named, Units},
        },
        tokens::{Line, Token},
        words::Word,
    },
    domain::{
        asset::{Money, QuoteAsset},
        code::ShortCode,
        ids::AssetId,
    },
};
use std::ops::RangeInclusive;

/// Which command the money is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// An invoice.
    Invoice,
    /// A link; `open` leaves the amount to the payer.
    Link {
        /// Whether the line says `open`.
        open: bool,
    },
    /// An estimate.
    Quote,
    /// A payment under an open link.
    Pay(ShortCode),
}

/// A line with money in it, taken apart.
pub(super) struct Draft<'a> {
    pub(super) purpose: Purpose,
    pub(super) line: &'a Line,
    pub(super) scope: &'a Scope<'a>,
    pub(super) units: &'a Units<'a>,
    pub(super) clauses: Clauses,
    pub(super) pieces: Pieces,
}

/// One reading of the money, and the pieces that are not memo because of it.
#[derive(Debug)]
pub(super) struct Sum {
    pub(super) money: Money,
    pub(super) taken: RangeInclusive<usize>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        purpose: Purpose,
        line: &'a Line,
        tokens: &[Token],
        scope: &'a Scope<'a>,
        units: &'a Units<'a>,
        digits: Digits,
    ) -> Result<Self, Misread> {
        let (clauses, roles) = match purpose {
            Purpose::Pay(_) => (Clauses::default(), vec![Role::Outside; tokens.len()]),
            Purpose::Invoice | Purpose::Link { .. } | Purpose::Quote => {
                Clauses::take(purpose.word(), tokens, units, digits)?
            }
        };
        let pieces = Pieces::new(line, tokens.to_vec(), &roles, units);
        Ok(Self { purpose, line, scope, units, clauses, pieces })
    }

    /// Everything is there but perhaps the chain of a clause.
    pub(super) fn complete(&self, money: Option<Money>, memo: Option<&str>) -> Reading {
        let choices = |assets: &[AssetId], pick: &dyn Fn(AssetId) -> Option<Command>| {
            let choice = |asset: &AssetId| {
                let label = Label::Unit(QuoteAsset::Asset(*asset));
                Some(Choice { label, command: print(&pick(*asset)?, self.units) })
            };
            assets.iter().filter_map(choice).take(CHOICES_MAX).collect::<Vec<_>>()
        };
        let build =
            |settle, pay_with| self.command(money, memo.map(str::to_owned), settle, pay_with);
        match (self.clauses.settle.clone(), self.clauses.pay_with.clone()) {
            (Some(Named::Several(symbol, _)), Some(Named::Several(..))) => {
                Reading::Refuse(Misread::AmbiguousAsset { symbol })
            }
            (Some(Named::Several(symbol, assets)), pay_with) => {
                let pay_with = one(pay_with.as_ref());
                let choices = choices(&assets, &|asset| build(Some(asset), pay_with));
                Reading::Ask(Question::WhichChain { symbol, choices })
            }
            (settle, Some(Named::Several(symbol, assets))) => {
                let settle = one(settle.as_ref());
                let choices = choices(&assets, &|asset| build(settle, Some(asset)));
                Reading::Ask(Question::WhichChain { symbol, choices })
            }
            (settle, pay_with) => {
                if let Some(command) = build(one(settle.as_ref()), one(pay_with.as_ref())) {
                    return Reading::Command(command);
                }
                let coins = Units::first(&self.scope.catalogue.payment);
                let choices = choices(&coins, &|asset| build(None, Some(asset)));
                Reading::Ask(Question::WhichCoin { choices })
            }
        }
    }

    /// A clause whose asset is unclear, when something else is unclear as well.
    pub(super) fn unclear_clause(&self) -> Option<Misread> {
        [&self.clauses.settle, &self.clauses.pay_with].into_iter().find_map(|named| match named {
            Some(Named::Several(symbol, _)) => {
                Some(Misread::AmbiguousAsset { symbol: symbol.clone() })
            }
            Some(Named::One(_) | Named::Nothing) | None => None,
        })
    }

    pub(super) fn choices(&self, sums: &[Sum]) -> Vec<Choice> {
        let mut choices: Vec<Choice> = Vec::new();
        for sum in sums {
            let label = Label::Money(sum.money);
            if choices.len() < CHOICES_MAX && !choices.iter().any(|known| known.label == label) {
                choices.extend(self.choice(sum.money, self.memo(Some(&sum.taken))));
            }
        }
        choices
    }

    pub(super) fn choice(&self, money: Money, memo: Option<String>) -> Option<Choice> {
        let command = self.build(Some(money), memo)?;
        Some(Choice { label: Label::Money(money), command: print(&command, self.units) })
    }

    /// The command for a choice: an estimate without a coin takes the first that comes to hand.
    pub(super) fn build(&self, money: Option<Money>, memo: Option<String>) -> Option<Command> {
        let pay_with = one(self.clauses.pay_with.as_ref()).or_else(|| match self.purpose {
            Purpose::Quote => Units::first(&self.scope.catalogue.payment).first().copied(),
            Purpose::Invoice | Purpose::Link { .. } | Purpose::Pay(_) => None,
        });
        self.command(money, memo, one(self.clauses.settle.as_ref()), pay_with)
    }

    fn command(
        &self,
        money: Option<Money>,
        memo: Option<String>,
        settle: Option<AssetId>,
        pay_with: Option<AssetId>,
    ) -> Option<Command> {
        let strict = self.clauses.strict;
        match self.purpose {
            Purpose::Invoice => Some(Command::Invoice(InvoiceRequest {
                money: money?,
                memo,
                from: self.clauses.from.clone(),
                settle,
                strict,
                pay_with,
                expires: self.clauses.expires,
                order: self.clauses.order.clone(),
            })),
            Purpose::Link { .. } => {
                Some(Command::Link(LinkRequest { amount: money, memo, settle, strict }))
            }
            Purpose::Quote => Some(Command::Quote { price: money?, pay_with: pay_with? }),
            Purpose::Pay(code) => Some(Command::Pay { code, amount: money }),
        }
    }

    /// Everything that is neither money nor a clause. `for` itself is kept where it joins two texts.
    pub(super) fn memo(&self, taken: Option<&RangeInclusive<usize>>) -> Option<String> {
        let tokens: Vec<Token> = self.pieces.0.iter().map(|piece| piece.token.clone()).collect();
        let is_taken = |at: usize| taken.is_some_and(|taken| taken.contains(&at));
        let is_text = |at: usize| {
            let role = self.pieces.0.get(at).map(|piece| piece.role);
            matches!(role, Some(Role::Outside | Role::ForText)) && !is_taken(at)
        };
        self.line.memo(&tokens, |at| match self.pieces.0.get(at).map(|piece| piece.role) {
            Some(Role::ForWord) => {
                let next = at.saturating_add(1);
                at.checked_sub(1).is_some_and(is_text) && is_text(next)
            }
            Some(Role::Outside | Role::ForText | Role::Taken) | None => is_text(at),
        })
    }
}

impl Purpose {
    pub(super) const fn word(self) -> Word {
        match self {
            Self::Invoice => Word::Invoice,
            Self::Link { .. } => Word::Link,
            Self::Quote => Word::Quote,
            Self::Pay(_) => Word::Pay,
        }
    }
}

/// The asset of a clause, if it is clear.
pub(super) fn one(named: Option<&Named>) -> Option<AssetId> {
    match named {
        Some(Named::One(asset)) => Some(*asset),
        Some(Named::Several(..) | Named::Nothing) | None => None,
    }
}
