//! Seek: where the money stands in a line. Every pair of a number and a unit that stand together is
//! found, so that a line with two readings is never taken for one.

use crate::app::commands::{
    clauses::Role,
    grammar::{
        answer::{Misread, found},
        units::{UnitKind, UnitWord, Units},
    },
    money::{Number, begins_like_a_number, is_no_number, is_plus_or_minus, number_length},
    tokens::{Line, Token, is_han, is_sign},
};
use std::ops::RangeInclusive;

/// What a word is, as far as money is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sense {
    /// A number.
    Number(Number),
    /// A unit.
    Unit(UnitWord),
    /// Something that begins like a number and is none.
    Broken(Misread),
    /// Something else with digits in it, or `NaN`: wrong beside a unit, else text.
    Odd(Misread),
    /// A currency sign before something that is no number.
    BrokenSign(Misread),
    /// Any other word.
    Text,
}

/// A token with its sense. `10usd` is two pieces.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) token: Token,
    pub(super) role: Role,
    pub(super) sense: Sense,
}

/// The pieces of a line.
#[derive(Debug)]
pub(super) struct Pieces(pub(super) Vec<Piece>);

/// A number and a unit that stand together.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) number: Number,
    pub(super) unit: UnitWord,
    /// The pieces that it takes out of the memo.
    pub(super) taken: RangeInclusive<usize>,
}

/// What stands in one region of a line.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Every reading of the money.
    pub(super) candidates: Vec<Candidate>,
    /// Whether digits stand beside digits: then even a single reading is asked for.
    pub(super) is_spaced: bool,
    /// Whether two moneys stand apart.
    pub(super) is_double: bool,
}

impl Pieces {
    /// The pieces of tokens whose clauses are known.
    pub(super) fn new(line: &Line, tokens: Vec<Token>, roles: &[Role], units: &Units<'_>) -> Self {
        let mut pieces = Vec::new();
        for (token, role) in tokens.into_iter().zip(roles) {
            sense(line, token, *role, units, &mut pieces);
        }
        Self(pieces)
    }

    fn at(&self, at: Option<usize>, role: Role) -> Option<&Piece> {
        self.0.get(at?).filter(|piece| piece.role == role && !piece.token.quoted)
    }

    pub(super) fn number(&self, at: Option<usize>, role: Role) -> Option<&Number> {
        match &self.at(at, role)?.sense {
            Sense::Number(number) => Some(number),
            Sense::Unit(_)
            | Sense::Broken(_)
            | Sense::Odd(_)
            | Sense::BrokenSign(_)
            | Sense::Text => None,
        }
    }

    pub(super) fn unit(&self, at: Option<usize>, role: Role) -> Option<&UnitWord> {
        match &self.at(at, role)?.sense {
            Sense::Unit(unit) => Some(unit),
            Sense::Number(_)
            | Sense::Broken(_)
            | Sense::Odd(_)
            | Sense::BrokenSign(_)
            | Sense::Text => None,
        }
    }

    /// The low form of a plain word.
    pub(super) fn word(&self, at: Option<usize>, role: Role) -> Option<&str> {
        let piece = self.at(at, role)?;
        matches!(piece.sense, Sense::Text | Sense::Odd(_)).then_some(piece.token.low.as_str())
    }

    fn touches(&self, at: usize) -> bool {
        self.0.get(at).is_some_and(|piece| piece.token.touches)
    }

    /// Runs of numbers beside each other.
    pub(super) fn runs(&self, role: Role) -> Vec<RangeInclusive<usize>> {
        let mut runs: Vec<RangeInclusive<usize>> = Vec::new();
        for at in (0..self.0.len()).filter(|at| self.number(Some(*at), role).is_some()) {
            match runs.last_mut() {
                Some(run) if run.end().checked_add(1) == Some(at) => *run = *run.start()..=at,
                Some(_) | None => runs.push(at..=at),
            }
        }
        runs
    }

    /// All money of a region.
    pub(super) fn seek(&self, role: Role) -> Found {
        let mut found = Found::default();
        for run in self.runs(role) {
            let several = run.start() != run.end();
            let mut candidates = Vec::new();
            if let Some(number) = self.joined(&run, role) {
                candidates.extend(self.options(&number, &run, role));
            }
            for at in [*run.start(), *run.end()] {
                if several && let Some(number) = self.number(Some(at), role) {
                    candidates.extend(self.options(number, &(at..=at), role));
                }
            }
            found.is_spaced |= several && !candidates.is_empty();
            found.candidates.extend(candidates);
        }
        found.is_double = self.pairs(role) > 1;
        found
    }

    /// The one number of a run, or several as groups of one.
    pub(super) fn joined(&self, run: &RangeInclusive<usize>, role: Role) -> Option<Number> {
        let numbers: Vec<Number> =
            run.clone().filter_map(|at| self.number(Some(at), role)).cloned().collect();
        match numbers.as_slice() {
            [number] => Some(number.clone()),
            numbers => Number::join(numbers),
        }
    }

    /// The units that a number can have, with what each takes.
    fn options(&self, number: &Number, run: &RangeInclusive<usize>, role: Role) -> Vec<Candidate> {
        let (first, last) = (*run.start(), *run.end());
        let (left, left_2) = (first.checked_sub(1), first.checked_sub(2));
        let (right, right_2) = (last.checked_add(1), last.checked_add(2));
        let near = |at: Option<usize>| self.unit(at, role).filter(|_| self.is_free(at, run, role));
        // A second unit belongs to this number only if no other number is behind it.
        let far = |at: Option<usize>, behind: Option<usize>| {
            self.unit(at, role).filter(|_| self.number(behind, role).is_none())
        };
        let far_left = far(left_2, first.checked_sub(3));
        let far_right = far(right_2, last.checked_add(3));
        let from = |at: Option<usize>| at.unwrap_or(first);
        let to = |at: Option<usize>| at.unwrap_or(last);
        let candidate = |unit: &UnitWord, taken| Candidate {
            number: number.clone(),
            unit: unit.clone(),
            taken,
        };
        match (near(left), near(right)) {
            (Some(l), Some(r)) if is_one_unit(l, r) => {
                vec![candidate(code_of(l, r), from(left)..=to(right))]
            }
            (Some(l), Some(r)) => {
                // What is left of a sign is no memo.
                let l_taken = from(left)..=if is_sign_word(r) { to(right) } else { last };
                let r_taken = if is_sign_word(l) { from(left) } else { first }..=to(right);
                vec![candidate(l, l_taken), candidate(r, r_taken)]
            }
            (Some(l), None) => match far_left.filter(|far| is_one_unit(far, l)) {
                Some(far) => vec![candidate(code_of(far, l), from(left_2)..=last)],
                None => vec![candidate(l, from(left)..=last)],
            },
            (None, Some(r)) => match far_right.filter(|far| is_one_unit(far, r)) {
                Some(far) => vec![candidate(code_of(far, r), first..=to(right_2))],
                None => vec![candidate(r, first..=to(right))],
            },
            (None, None) => Vec::new(),
        }
    }

    /// Whether a unit beside a run is not glued to another number on its other side.
    fn is_free(&self, at: Option<usize>, run: &RangeInclusive<usize>, role: Role) -> bool {
        let Some(at) = at else { return false };
        let next = at.saturating_add(1);
        let is_left = at < *run.start();
        let other = if is_left { at.checked_sub(1) } else { Some(next) };
        let (glued_left, glued_right) = (self.touches(at), self.touches(next));
        let (to_run, to_other) =
            if is_left { (glued_right, glued_left) } else { (glued_left, glued_right) };
        self.number(other, role).is_none() || !to_other || to_run
    }

    /// How many moneys there are at least: pairs of neighbours, none of them used twice.
    fn pairs(&self, role: Role) -> usize {
        let runs = self.runs(role);
        let run_at =
            |at: Option<usize>| runs.iter().find(|run| at.is_some_and(|a| run.contains(&a)));
        let (mut pairs, mut at) = (0_usize, 0);
        let mut free_from = 0_usize;
        while at < self.0.len() {
            let next = at.saturating_add(1);
            let here = Some(at);
            if let Some(run) = run_at(here) {
                let after = run.end().checked_add(1);
                let before = run.start().checked_sub(1).filter(|at| *at >= free_from);
                let has = |at| self.unit(at, role).is_some() && self.is_free(at, run, role);
                if has(before) {
                    pairs = pairs.saturating_add(1);
                    free_from = run.end().saturating_add(1);
                } else if has(after) {
                    pairs = pairs.saturating_add(1);
                    free_from = after.unwrap_or(next).saturating_add(1);
                }
                at = run.end().saturating_add(1);
            } else {
                at = next;
            }
        }
        pairs
    }

    /// What is wrong with a line, whatever else stands in it.
    pub(super) fn fault(&self, found: &Found, role: Role) -> Option<Misread> {
        let here = || (0..self.0.len()).filter(|at| self.at(Some(*at), role).is_some());
        for at in here() {
            if let Some(Piece { sense: Sense::BrokenSign(misread), .. }) = self.0.get(at) {
                return Some(misread.clone());
            }
        }
        let minus = here().next().and_then(|at| self.spaced_sign(at, role));
        let magnitude = || here().find_map(|at| self.spaced_magnitude(at, found, role));
        minus.or_else(magnitude).or_else(|| {
            here().find_map(|at| {
                let is_taken = |at: usize| found.candidates.iter().any(|c| c.taken.contains(&at));
                self.unit(Some(at), role).filter(|_| !is_taken(at))?;
                let beside = [at.checked_sub(1), at.checked_add(1)];
                beside.into_iter().find_map(|at| self.broken(at, role))
            })
        })
    }

    fn broken(&self, at: Option<usize>, role: Role) -> Option<Misread> {
        match &self.at(at, role)?.sense {
            Sense::Broken(misread) | Sense::Odd(misread) => Some(misread.clone()),
            Sense::Number(_) | Sense::Unit(_) | Sense::BrokenSign(_) | Sense::Text => None,
        }
    }

    /// `- 10 usd`: a dash after some text is a dash, but a dash in the first place may be a minus.
    fn spaced_sign(&self, at: usize, role: Role) -> Option<Misread> {
        let word = self.word(Some(at), role)?;
        let next = at.checked_add(1);
        let is_money = self.number(next, role).is_some() || self.unit(next, role).is_some();
        let is_sign = at == 0 && is_money && word.chars().all(is_plus_or_minus);
        is_sign.then(|| Misread::Sign { found: found(word) })
    }

    /// `10 m usd`, and `10 m` where nothing else is money.
    fn spaced_magnitude(&self, at: usize, found_here: &Found, role: Role) -> Option<Misread> {
        self.number(Some(at), role)?;
        let next = at.checked_add(1);
        let letter = self.at(next, role).map(|piece| piece.token.low.as_str());
        let letter = letter.filter(|low| matches!(*low, "k" | "m"))?;
        let is_before_unit = self.unit(at.checked_add(2), role).is_some();
        let number = self.number(Some(at), role).map(Number::as_typed)?;
        (is_before_unit || found_here.candidates.is_empty())
            .then(|| Misread::SpacedMagnitude { found: found(&format!("{number} {letter}")) })
    }

    /// The first word that begins like a number and is none; `NaN` counts if it stands alone.
    pub(super) fn first_broken(&self, role: Role) -> Option<Misread> {
        let here: Vec<&Piece> =
            (0..self.0.len()).filter_map(|at| self.at(Some(at), role)).collect();
        if let [Piece { token, sense: Sense::Odd(misread), .. }] = here.as_slice()
            && is_no_number(&token.low)
        {
            return Some(misread.clone());
        }
        here.iter().find_map(|piece| match &piece.sense {
            Sense::Broken(misread) => Some(misread.clone()),
            Sense::Number(_)
            | Sense::Unit(_)
            | Sense::Odd(_)
            | Sense::BrokenSign(_)
            | Sense::Text => None,
        })
    }
}

fn is_sign_word(unit: &UnitWord) -> bool {
    unit.kind == UnitKind::Sign
}

/// Whether two units are a sign and a code: one unit, and the code wins.
fn is_one_unit(a: &UnitWord, b: &UnitWord) -> bool {
    matches!(
        (&a.kind, &b.kind),
        (UnitKind::Sign, UnitKind::Fiat) | (UnitKind::Fiat, UnitKind::Sign)
    )
}

fn code_of<'a>(a: &'a UnitWord, b: &'a UnitWord) -> &'a UnitWord {
    if is_sign_word(a) { b } else { a }
}

/// Takes a token apart where a number touches a unit, and says what each part is.
fn sense(line: &Line, token: Token, role: Role, units: &Units<'_>, pieces: &mut Vec<Piece>) {
    let low = token.low.trim_end_matches(['.', '!', '?', ':']);
    if token.quoted || role == Role::Taken || role == Role::ForWord {
        pieces.push(Piece { token, role, sense: Sense::Text });
        return;
    }
    if let Some(unit) = units.unit(low) {
        pieces.push(Piece { token, role, sense: Sense::Unit(unit) });
        return;
    }
    if let Some((first, second)) = parted(line, &token, low, units) {
        sense(line, first, role, units, pieces);
        sense(line, second, role, units, pieces);
        return;
    }
    let sense = whole_sense(&token.low, low);
    pieces.push(Piece { token, role, sense });
}

/// The number and the unit of a word that is both.
fn parted(line: &Line, token: &Token, low: &str, units: &Units<'_>) -> Option<(Token, Token)> {
    if low.parse::<uuid::Uuid>().is_ok() {
        return None;
    }
    let split = |bytes: usize| {
        let (first, _) = low.split_at_checked(bytes)?;
        line.split(token, first.chars().count())
    };
    if let Some(length) = Units::sign_length(low) {
        let rest = low.get(length..)?;
        return rest.starts_with(starts_number).then(|| split(length)).flatten();
    }
    if low.starts_with(starts_number) {
        let length = number_length(low);
        let rest = low.get(length..)?;
        if rest.is_empty() || low.starts_with("0x") || Number::parse(low).is_ok() {
            return None;
        }
        if let Err(Misread::Exponent { .. } | Misread::MixedScripts { .. }) = Number::parse(low) {
            return None;
        }
        let scaled = rest.strip_prefix(['k', 'm']).and_then(|rest| units.unit(rest));
        return match (units.unit(rest), scaled) {
            (Some(_), None) => split(length),
            (None, Some(_)) => split(length.checked_add(1)?),
            // `5maed` is 5 MAED or 5,000,000 AED: neither.
            (Some(_), Some(_)) | (None, None) => None,
        };
    }
    let length = low.find(|c: char| c.is_ascii_digit() || c == '.')?;
    let (unit, number) = low.split_at_checked(length)?;
    let is_money = unit.bytes().all(|byte| byte.is_ascii_alphabetic())
        && units.unit(unit).is_some()
        && Number::parse(number).is_ok();
    is_money.then(|| split(length)).flatten()
}

fn starts_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '.' | ',')
}

/// What a word is that is neither a unit nor can be parted.
fn whole_sense(word: &str, low: &str) -> Sense {
    let not_a_number = || Misread::NotANumber { found: found(word) };
    let has_digits = low.contains(|c: char| c.is_numeric() && !is_han(c));
    if low.parse::<uuid::Uuid>().is_ok() {
        return Sense::Text;
    }
    if low.starts_with(is_sign) {
        let rest = low.trim_start_matches(is_sign);
        let begins = begins_like_a_number(rest);
        let misread = match Number::parse(rest) {
            // The sign is that of a currency that MixPay does not quote.
            Ok(_) => Misread::UnknownUnit { found: low.chars().take(1).collect() },
            Err(misread) if begins => misread,
            Err(_) => Misread::BadCurrencySign { found: found(word) },
        };
        return Sense::BrokenSign(misread);
    }
    if begins_like_a_number(low) {
        // A price may end a sentence: `10!`.
        return match Number::parse(low) {
            Ok(number) => Sense::Number(number),
            Err(_) if low.starts_with(is_plus_or_minus) => {
                Sense::Broken(Misread::Sign { found: found(word) })
            }
            Err(misread) => Sense::Broken(misread),
        };
    }
    if has_digits {
        return Sense::Odd(match Number::parse(low) {
            Err(misread @ Misread::MixedScripts { .. }) => misread,
            Ok(_) | Err(_) => not_a_number(),
        });
    }
    if is_no_number(low) { Sense::Odd(not_a_number()) } else { Sense::Text }
}
