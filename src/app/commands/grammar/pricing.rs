//! Pricing: the commands with money in them, `invoice`, `link`, `quote`, `pay`, and bare money.

use crate::{
    app::commands::{
        clauses::{Clauses, Digits, Role, part_chinese},
        grammar::{
            Reading, Scope,
            answer::{CHOICES_MAX, Choice, Label, Misread, Question, found},
            command::Command,
            draft::{Draft, Purpose, Sum, one},
            print::print,
            seek::{Candidate, Found, Pieces},
            units::{UnitKind, Units},
        },
        money::{Certainty, Number, PriceUnit},
        tokens::{Line, Token},
        words::Word,
    },
    domain::asset::{Money, QuoteAsset},
};
use std::{collections::HashSet, ops::RangeInclusive};

/// All readings of the money.
struct Readings {
    certainty: Certainty,
    /// The ticker, where the chain is what is unclear.
    symbol: Option<String>,
    sums: Vec<Sum>,
}

/// Reads the tokens after the command.
pub(super) fn read(
    purpose: Purpose,
    line: &Line,
    tokens: &[Token],
    scope: &Scope<'_>,
    units: &Units<'_>,
) -> Reading {
    let tokens = part_chinese(line, tokens.to_vec(), units);
    let reading = |digits| match Draft::new(purpose, line, &tokens, scope, units, digits) {
        Ok(draft) => (draft.clauses.took_digits, draft.read()),
        Err(misread) => (false, Reading::Refuse(misread)),
    };
    let (took_digits, first) = reading(Digits::AreIds);
    if took_digits && !matches!(first, Reading::Command(_)) {
        // `from 10000 usd` may mean a person or an amount.
        if let (_, Reading::Command(command)) = reading(Digits::AreMoney)
            && let Some(money) = money_of(&command)
        {
            let command = print(&command, units);
            let choices = vec![Choice { label: Label::Money(money), command }];
            return Reading::Ask(Question::DidYouMean { choices });
        }
    }
    first
}

/// Whether the money of a line without a command stands at its beginning.
pub(super) fn begins_with_money(line: &Line, tokens: &[Token], units: &Units<'_>) -> bool {
    let tokens = part_chinese(line, tokens.to_vec(), units);
    let Ok((_, roles)) = Clauses::take(Word::Invoice, &tokens, units, Digits::AreIds) else {
        return false;
    };
    let found = Pieces::new(line, tokens, &roles, units).seek(Role::Outside);
    found.candidates.iter().any(|candidate| *candidate.taken.start() == 0)
}

/// The money of a command that has some.
pub(super) fn money_of(command: &Command) -> Option<Money> {
    match command {
        Command::Invoice(request) => Some(request.money),
        Command::Link(request) => request.amount,
        Command::Pay { amount, .. } => *amount,
        Command::Quote { price, .. } => Some(*price),
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
        | Command::Quiet
        | Command::Start
        | Command::Help
        | Command::Ping => None,
    }
}

impl Draft<'_> {
    fn read(&self) -> Reading {
        let outside = self.pieces.seek(Role::Outside);
        if let Purpose::Link { open: true } = self.purpose {
            return self.open_link(&outside);
        }
        if let Some(misread) = self.pieces.fault(&outside, Role::Outside) {
            return Reading::Refuse(misread);
        }
        if outside.is_double {
            return Reading::Refuse(Misread::TwoAmounts);
        }
        if !outside.candidates.is_empty() {
            return self.weigh(&outside);
        }
        let runs = self.pieces.runs(Role::Outside);
        if let Some(run) = runs.first() {
            return self.which_unit(run);
        }
        if let Some(misread) = self.pieces.first_broken(Role::Outside) {
            return Reading::Refuse(misread);
        }
        let text = self.last_of_text();
        if text.candidates.is_empty() { self.how_much() } else { self.weigh(&text) }
    }

    /// The last money of the `for` text, which counts if there is none outside.
    fn last_of_text(&self) -> Found {
        let mut found = self.pieces.seek(Role::ForText);
        let Some(last) = found.candidates.iter().map(|c| *c.taken.end()).max() else {
            return found;
        };
        let number = self.pieces.runs(Role::ForText).into_iter().rev().find(|run| {
            found.candidates.iter().any(|c| run.clone().any(|at| c.taken.contains(&at)))
        });
        let Some(run) = number else { return found };
        let is_last = |c: &Candidate| run.clone().any(|at| c.taken.contains(&at));
        let is_after = |c: &Candidate| is_last(c) && c.taken.end() > run.end();
        // A unit between two numbers may belong to either, unless the last one has its own.
        let before = run.start().checked_sub(2);
        let is_between = self.pieces.number(before, Role::ForText).is_some();
        let unit = run.start().saturating_sub(1);
        let has_after = found.candidates.iter().any(is_after);
        found.candidates.retain(|c| match (is_between, has_after) {
            (true, true) => is_after(c) && *c.taken.end() == last,
            (true, false) => is_last(c) || c.taken.contains(&unit),
            (false, _) => is_last(c),
        });
        found
    }

    /// One reading is taken, several are asked for.
    fn weigh(&self, found: &Found) -> Reading {
        let (mut sums, mut fault) = (Vec::new(), None);
        let (mut certainty, mut symbol) = (Certainty::Sure, None);
        let mut is_asked = found.is_spaced || found.candidates.len() > 1;
        for candidate in &found.candidates {
            is_asked |= is_chain(candidate);
            if let (UnitKind::Ticker(ticker), true) = (&candidate.unit.kind, is_chain(candidate)) {
                symbol = Some(ticker.clone());
            }
            for unit in &candidate.unit.units {
                match candidate.number.read(unit) {
                    Ok((how, moneys)) => {
                        if how != Certainty::Sure {
                            certainty = how;
                        }
                        let taken = || candidate.taken.clone();
                        sums.extend(moneys.into_iter().map(|m| Sum { money: m, taken: taken() }));
                    }
                    Err(misread) => fault = fault.or(Some(misread)),
                }
            }
        }
        sums.extend(self.multiplied(&sums, found));
        is_asked |= certainty != Certainty::Sure || sums.len() > 1;
        let is_only_chain = found.candidates.len() == 1 && certainty == Certainty::Sure;
        match (sums.as_slice(), fault) {
            ([], Some(fault)) => Reading::Refuse(fault),
            ([sum], _) if !is_asked => self.settled(sum),
            ([_, ..] | [], _) => {
                let symbol = symbol.filter(|_| is_only_chain && !found.is_spaced);
                if found.candidates.len() > 1 {
                    certainty = Certainty::Unusual;
                }
                self.ask(Readings { certainty, symbol, sums })
            }
        }
    }

    /// `10 usd x 3` is ten, or thirty.
    fn multiplied(&self, sums: &[Sum], found: &Found) -> Option<Sum> {
        let ([sum], [candidate]) = (sums, found.candidates.as_slice()) else { return None };
        let role = Role::Outside;
        let is_times = |at| matches!(self.pieces.word(at, role), Some("x" | "×" | "*"));
        let whole = |at| self.pieces.number(at, role).and_then(Number::whole);
        let glued = |at: Option<usize>| {
            let word = self.pieces.0.get(at?).map(|piece| piece.token.low.as_str())?;
            let count = word.strip_prefix(['x', '×']).or_else(|| word.strip_suffix(['x', '×']))?;
            Number::is_digits(count).then(|| count.parse::<u128>().ok()).flatten()
        };
        let (start, end) = (*candidate.taken.start(), *candidate.taken.end());
        let (before, after) = (start.checked_sub(1), end.checked_add(1));
        let times = if is_times(after) {
            whole(end.checked_add(2))
        } else if is_times(before) {
            whole(start.checked_sub(2))
        } else {
            glued(after).or_else(|| glued(before))
        }?;
        let unit = self.units.price_unit(sum.money.unit)?;
        let money = unit.admit(sum.money.amount.checked_mul(times)?).ok()?;
        (money != sum.money).then(|| Sum { money, taken: sum.taken.clone() })
    }

    /// The money is clear; a clause may not be.
    fn settled(&self, sum: &Sum) -> Reading {
        if let Purpose::Pay(_) = self.purpose
            && let Some(memo) = self.memo(Some(&sum.taken))
        {
            return Reading::Refuse(Misread::Unexpected {
                command: Word::Pay,
                found: found(&memo),
            });
        }
        self.complete(Some(sum.money), self.memo(Some(&sum.taken)).as_deref())
    }

    fn ask(&self, readings: Readings) -> Reading {
        let choices = self.choices(&readings.sums);
        if let Some(misread) = self.unclear_clause() {
            return Reading::Refuse(misread);
        }
        Reading::Ask(match (readings.certainty, readings.symbol) {
            (_, Some(symbol)) => Question::WhichChain { symbol, choices },
            (Certainty::GroupingOrDecimal, None) if choices.len() == 2 => {
                Question::GroupingOrDecimal { choices }
            }
            (Certainty::Sure | Certainty::Unusual | Certainty::GroupingOrDecimal, None) => {
                Question::DidYouMean { choices }
            }
        })
    }

    fn which_unit(&self, run: &RangeInclusive<usize>) -> Reading {
        let role = Role::Outside;
        if let Some(misread) = self.unclear_clause() {
            return Reading::Refuse(misread);
        }
        let numbers = self.numbers(run);
        let beside = [run.end().checked_add(1), run.start().checked_sub(1)];
        let word = beside.into_iter().find_map(|at| Some((at?, self.pieces.word(at, role)?)));
        if let Some((_, word)) = word
            && word.parse::<uuid::Uuid>().is_ok()
        {
            return Reading::Refuse(Misread::UnknownUnit { found: found(word) });
        }
        for at in beside.into_iter().flatten() {
            let Some(word) = self.pieces.word(Some(at), role) else { continue };
            let taken = *run.start().min(&at)..=*run.end().max(&at);
            let numbers: Vec<_> =
                numbers.iter().map(|(number, _)| (number.clone(), taken.clone())).collect();
            let (sums, _) = readings(&numbers, &self.units.near(word));
            if !sums.is_empty() {
                let (word, choices) = (found(word), self.choices(&sums));
                return Reading::Ask(Question::UnknownUnit { word, choices });
            }
        }
        let (sums, fault) = readings(&numbers, &self.usual_units());
        if let (true, Some(fault)) = (sums.is_empty(), fault) {
            return Reading::Refuse(fault);
        }
        let amount = numbers.first().map(|(number, _)| number.as_typed()).unwrap_or_default();
        Reading::Ask(Question::WhichUnit { amount, choices: self.choices(&sums) })
    }

    /// The numbers of a run: as one, and each alone.
    fn numbers(&self, run: &RangeInclusive<usize>) -> Vec<(Number, RangeInclusive<usize>)> {
        let joined = self.pieces.joined(run, Role::Outside).map(|number| (number, run.clone()));
        let single = run.clone().filter_map(|at| {
            let number = self.pieces.number(Some(at), Role::Outside)?;
            Some((number.clone(), at..=at))
        });
        let is_single = run.start() == run.end();
        joined.into_iter().chain(single.filter(|_| !is_single)).collect()
    }

    /// The units that are near at hand: those of the line, the person's own, and common ones.
    fn usual_units(&self) -> Vec<PriceUnit> {
        let of_line = (0..self.pieces.0.len())
            .filter_map(|at| self.pieces.unit(Some(at), Role::Outside))
            .flat_map(|word| word.units.iter().map(|unit| unit.unit));
        let pay_with = one(self.clauses.pay_with.as_ref()).map(QuoteAsset::Asset);
        let common = ["usd", "eur", "cny", "gbp", "jpy", "hkd"];
        let common = common.into_iter().filter_map(|code| code.parse().ok()).map(QuoteAsset::Fiat);
        let mut seen = HashSet::new();
        std::iter::once(self.scope.currency)
            .chain(of_line)
            .chain(pay_with)
            .chain(self.scope.settlement.map(QuoteAsset::Asset))
            .chain(common)
            .filter(|unit| seen.insert(*unit))
            .filter_map(|unit| self.units.price_unit(unit))
            .take(CHOICES_MAX)
            .collect()
    }

    fn how_much(&self) -> Reading {
        if let Some(misread) = self.unclear_clause() {
            return Reading::Refuse(misread);
        }
        if let (Purpose::Pay(code), None) = (self.purpose, self.memo(None)) {
            return Reading::Command(Command::Pay { code, amount: None });
        }
        if let (Purpose::Pay(_), Some(memo)) = (self.purpose, self.memo(None)) {
            return Reading::Refuse(Misread::Unexpected {
                command: Word::Pay,
                found: found(&memo),
            });
        }
        let role = Role::Outside;
        let first = self.pieces.unit(Some(0), role).map(|word| (0, word));
        let fiat = (0..self.pieces.0.len())
            .filter_map(|at| Some((at, self.pieces.unit(Some(at), role)?)))
            .find(|(_, word)| !matches!(word.kind, UnitKind::Ticker(_)));
        let named = fiat.or(first).and_then(|(at, word)| Some((at, *word.units.first()?)));
        let unit =
            named.map(|(_, unit)| unit).or_else(|| self.units.price_unit(self.scope.currency));
        let taken = named.map(|(at, _)| at..=at);
        let memo = self.memo(taken.as_ref());
        let open = match self.purpose {
            Purpose::Link { .. } => self
                .build(None, memo.clone())
                .map(|command| Choice { label: Label::Open, command: print(&command, self.units) }),
            Purpose::Invoice | Purpose::Quote | Purpose::Pay(_) => None,
        };
        let sums = unit.map(|unit| unit.samples()).unwrap_or_default();
        let priced = sums.into_iter().filter_map(|money| self.choice(money, memo.clone()));
        let choices = open.into_iter().chain(priced).collect();
        let command = self.purpose.word();
        Reading::Ask(Question::HowMuch { command, memo, choices })
    }

    /// After `open` everything is memo; an amount there may be meant.
    fn open_link(&self, outside: &Found) -> Reading {
        let memo = self.memo(None);
        if outside.candidates.is_empty() {
            return self.complete(None, memo.as_deref());
        }
        if let Some(misread) = self.unclear_clause() {
            return Reading::Refuse(misread);
        }
        let mut choices: Vec<Choice> = self
            .build(None, memo)
            .map(|command| Choice { label: Label::Open, command: print(&command, self.units) })
            .into_iter()
            .collect();
        for candidate in &outside.candidates {
            for unit in &candidate.unit.units {
                let moneys = candidate.number.read(unit).map(|(_, moneys)| moneys);
                let memo = self.memo(Some(&candidate.taken));
                choices.extend(
                    moneys
                        .unwrap_or_default()
                        .into_iter()
                        .filter_map(|money| self.choice(money, memo.clone())),
                );
            }
        }
        choices.truncate(CHOICES_MAX);
        Reading::Ask(Question::DidYouMean { choices })
    }
}

/// Every number in every unit.
fn readings(
    numbers: &[(Number, RangeInclusive<usize>)],
    units: &[PriceUnit],
) -> (Vec<Sum>, Option<Misread>) {
    let (mut sums, mut fault) = (Vec::new(), None);
    for (number, taken) in numbers {
        for unit in units {
            match number.read(unit) {
                Ok((_, moneys)) => {
                    sums.extend(
                        moneys.into_iter().map(|money| Sum { money, taken: taken.clone() }),
                    );
                }
                Err(misread) => fault = fault.or(Some(misread)),
            }
        }
    }
    (sums, fault)
}

/// Whether the unit is unclear, or its chain was misspelt.
fn is_chain(candidate: &Candidate) -> bool {
    candidate.unit.is_unclear
}
