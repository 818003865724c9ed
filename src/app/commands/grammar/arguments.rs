//! Arguments: the commands without a price, from `status` to `settings`.

use crate::{
    app::commands::{
        clauses::{OrderNumber, is_mixin_id, person},
        grammar::{
            Reading, Scope,
            answer::{CHOICES_MAX, Choice, Label, Misread, Question, found},
            command::{
                Command, InvoicesBy, ListFilter, ListState, LookupOf, Payee, PayeeChoice,
                PersonRef, Results, Setting, SettleChoice, StatusOf,
            },
            print::print,
            units::{Named, UnitKind, Units},
        },
        tokens::{Line, Token},
        words::{Word, near},
    },
    domain::{
        asset::QuoteAsset,
        catalogue::AssetList,
        code::{CodeError, ShortCode},
        ids::AssetId,
        locale::Locale,
    },
};
use std::collections::HashSet;
use uuid::Uuid;

/// The fewest members of a multisig.
pub const MULTISIG_MEMBERS_MIN: usize = 3;
/// The most members of a multisig.
pub const MULTISIG_MEMBERS_MAX: usize = 256;

/// What the commands of this file read from.
pub(super) struct Arguments<'a> {
    pub(super) word: Word,
    pub(super) line: &'a Line,
    pub(super) tokens: &'a [Token],
    pub(super) scope: &'a Scope<'a>,
    pub(super) units: &'a Units<'a>,
}

impl Arguments<'_> {
    fn low(&self, at: usize) -> Option<&str> {
        self.tokens.get(at).map(|token| token.low.trim_end_matches(['.', '!', '?', ':']))
    }

    fn unexpected(&self, at: usize) -> Reading {
        let found = found(self.tokens.get(at).map(|t| t.narrow.as_str()).unwrap_or_default());
        Reading::Refuse(Misread::Unexpected { command: self.word, found })
    }

    /// The code that the command needs.
    pub(super) fn code(&self) -> Result<ShortCode, Misread> {
        let command = self.word;
        let narrow = self.tokens.first().map(|token| token.narrow.as_str());
        let narrow = narrow.ok_or(Misread::MissingCode { command })?;
        code(narrow).map_err(|error| match error {
            CodeError::Mistyped => Misread::MistypedCode { found: found(narrow) },
            CodeError::NotACode => Misread::NotACode { command, found: found(narrow) },
        })
    }

    pub(super) fn cancel(&self) -> Reading {
        if self.tokens.is_empty() {
            return Reading::Command(Command::Cancel(None));
        }
        self.code().map(|code| Command::Cancel(Some(code))).into()
    }

    pub(super) fn verify(&self) -> Reading {
        self.code().map(Command::Verify).into()
    }

    /// `accept CODE` and `reject CODE`, with `confirm` the second time.
    pub(super) fn decide(&self, decide: fn(ShortCode, bool) -> Command) -> Reading {
        let code = match self.code() {
            Ok(code) => code,
            Err(misread) => return Reading::Refuse(misread),
        };
        match self.low(1) {
            None => Reading::Command(decide(code, false)),
            Some(word) if is_confirm(word) => Reading::Command(decide(code, true)),
            Some(_) => self.unexpected(1),
        }
    }

    pub(super) fn status(&self) -> Reading {
        let Some(first) = self.tokens.first() else {
            return Reading::Command(Command::Status(StatusOf::Newest));
        };
        let order = |at: usize| {
            let narrow = self.tokens.get(at).map(|token| token.narrow.as_str());
            narrow.and_then(|narrow| narrow.parse::<OrderNumber>().ok())
        };
        if let ("id" | "order", Some(order)) = (first.low.as_str(), order(1)) {
            return Reading::Command(Command::Status(StatusOf::Order(order)));
        }
        if let Ok(trace) = uuid(&first.low) {
            return Reading::Command(Command::Status(StatusOf::Trace(trace)));
        }
        match (self.code(), order(0)) {
            (Ok(code), _) => Reading::Command(Command::Status(StatusOf::Code(code))),
            (Err(Misread::NotACode { .. }), Some(order)) => {
                Reading::Command(Command::Status(StatusOf::Order(order)))
            }
            (Err(misread), _) => Reading::Refuse(misread),
        }
    }

    pub(super) fn lookup(&self) -> Reading {
        let text = self.line.memo(self.tokens, |_| true);
        let (Some(first), Some(text)) = (self.tokens.first(), text) else {
            return Reading::Command(Command::Uuid(LookupOf::Me));
        };
        let low = self.low(0).unwrap_or_default();
        let is_single = self.tokens.len() == 1 && !first.quoted;
        let of = match person(low) {
            Some(PersonRef::Number(number)) if is_single => LookupOf::Number(number),
            Some(PersonRef::User(user)) if is_single => LookupOf::Uuid(user.uuid()),
            Some(PersonRef::Number(_) | PersonRef::User(_) | PersonRef::Me) | None => {
                if is_single && is_me(low) {
                    LookupOf::Me
                } else if !first.quoted && is_number_like(low) {
                    return Reading::Refuse(Misread::NotAPerson { found: found(&first.narrow) });
                } else {
                    LookupOf::Symbol(text)
                }
            }
        };
        Reading::Command(Command::Uuid(of))
    }

    pub(super) fn asset(&self) -> Reading {
        let text = self.line.memo(self.tokens, |_| true);
        text.map(Command::Asset).ok_or(Misread::MissingName { command: self.word }).into()
    }

    pub(super) fn list(&self) -> Reading {
        let mut filter = ListFilter::default();
        let mut at = 0;
        while let Some(low) = self.low(at) {
            let next = self.low(at.saturating_add(1));
            let state = match low {
                "unpaid" | "未付" | "未付款" => Some(ListState::Unpaid),
                "paid" | "已付" | "已付款" => Some(ListState::Paid),
                _ => None,
            };
            let page = next.filter(|_| low == "page").and_then(positive);
            let days = low.strip_suffix('d').and_then(positive);
            let days_zh = next.filter(|next| *next == "天").and_then(|_| positive(low));
            match (state, page, days, days_zh) {
                (Some(state), ..) if matches!(filter.state, ListState::All) => filter.state = state,
                (None, Some(page), ..) => (filter.page, at) = (page, at.saturating_add(1)),
                (None, None, Some(days), _) => filter.days = Some(days),
                (None, None, None, Some(days)) => {
                    (filter.days, at) = (Some(days), at.saturating_add(1));
                }
                (Some(_) | None, ..) => return self.unexpected(at),
            }
            at = at.saturating_add(1);
        }
        Reading::Command(Command::List(filter))
    }

    pub(super) fn settle(&self) -> Reading {
        let settle = |choice| Reading::Command(Command::Settle(choice));
        let choice = |asset: &AssetId| {
            let command = print(&Command::Settle(SettleChoice::Asset(*asset)), self.units);
            Choice { label: Label::Unit(QuoteAsset::Asset(*asset)), command }
        };
        let choices = |assets: &[AssetId]| -> Vec<Choice> {
            assets.iter().map(choice).take(CHOICES_MAX).collect()
        };
        let low = match (self.low(0), self.low(1), self.low(2)) {
            (None, ..) => {
                let assets = Units::first(&self.scope.catalogue.settlement);
                return Reading::Ask(Question::WhatToReceive { choices: choices(&assets) });
            }
            (Some("paid"), None, _) => return settle(SettleChoice::AsPaid),
            (Some(low), None, _) => low.to_owned(),
            // `settle usdt tron`
            (Some(ticker), Some(chain), None) => format!("{ticker}@{chain}"),
            (Some(_), Some(_), Some(_)) => return self.unexpected(2),
        };
        // Whoever changes the asset does not mean the one that is set.
        let all = self.units.assets(AssetList::Settlement, &low);
        if all.len() > 1 {
            let symbol = low.to_uppercase();
            return Reading::Ask(Question::WhichChain { symbol, choices: choices(&all) });
        }
        match self.units.named(AssetList::Settlement, &low) {
            Named::One(asset) => settle(SettleChoice::Asset(asset)),
            Named::Several(symbol, assets) => {
                Reading::Ask(Question::WhichChain { symbol, choices: choices(&assets) })
            }
            Named::Nothing => match self.units.unit(&low).map(|word| (word.kind, word.units)) {
                Some((UnitKind::Fiat | UnitKind::Sign, units)) => match units.first() {
                    Some(unit) => settle_fiat(unit.unit, &low),
                    None => Reading::Refuse(Misread::UnknownAsset { found: found(&low) }),
                },
                Some((UnitKind::Ticker(_), _)) | None => {
                    let symbols = self.scope.catalogue.settlement.iter();
                    let near_ones: Vec<AssetId> = symbols
                        .filter(|listed| near(&low, &listed.symbol.to_lowercase()).is_some())
                        .filter_map(|listed| match listed.unit {
                            QuoteAsset::Asset(asset) => Some(asset),
                            QuoteAsset::Fiat(_) => None,
                        })
                        .collect();
                    if near_ones.is_empty() {
                        return Reading::Refuse(Misread::UnknownAsset { found: found(&low) });
                    }
                    Reading::Ask(Question::DidYouMean { choices: choices(&near_ones) })
                }
            },
        }
    }

    pub(super) fn payee(&self) -> Reading {
        let tokens: Vec<&Token> =
            self.tokens.iter().filter(|t| !matches!(t.low.as_str(), "multisig" | "多签")).collect();
        let Some(first) = tokens.first() else {
            let me = Command::Payee(PayeeChoice { who: Payee::Me, confirmed: false });
            let choice = Choice { label: Label::Me, command: print(&me, self.units) };
            return Reading::Ask(Question::WhoReceives { choices: vec![choice] });
        };
        let who = match (first.low.as_str(), person(&first.low)) {
            (low, _) if is_me(low) => Payee::Me,
            ("bot" | "机器人", _) => Payee::Bot,
            (_, Some(PersonRef::Number(number))) => Payee::Number(number),
            (_, Some(PersonRef::User(user))) => Payee::User(user),
            (_, Some(PersonRef::Me) | None) => {
                return Reading::Refuse(Misread::NotAPerson { found: found(&first.narrow) });
            }
        };
        let confirmed = match tokens.get(1..).unwrap_or_default() {
            [] => false,
            [word] if is_confirm(&word.low) => true,
            [word, ..] => {
                let found = found(&word.narrow);
                return Reading::Refuse(Misread::Unexpected { command: self.word, found });
            }
        };
        Reading::Command(Command::Payee(PayeeChoice { who, confirmed }))
    }

    pub(super) fn multisig(&self) -> Reading {
        let threshold = self.low(0).and_then(positive);
        let members_from = if self.low(1) == Some("of") { 2 } else { 1 };
        let members = self.tokens.get(members_from..).unwrap_or_default();
        let Some(threshold) = threshold.filter(|_| !members.is_empty()) else {
            return Reading::Refuse(Misread::MultisigShape);
        };
        multisig(threshold, members).into()
    }

    pub(super) fn lang(&self) -> Reading {
        match self.low(0) {
            None => Reading::Command(Command::Lang(None)),
            Some(low) => match locale(low) {
                Some(locale) => Reading::Command(Command::Lang(Some(locale))),
                None => self.which_language(|locale| Command::Lang(Some(locale))),
            },
        }
    }

    fn which_language(&self, command: impl Fn(Locale) -> Command) -> Reading {
        let choice = |locale| Choice {
            label: Label::Language(locale),
            command: print(&command(locale), self.units),
        };
        Reading::Ask(Question::WhichLanguage { choices: Locale::ALL.map(choice).to_vec() })
    }

    pub(super) fn settings(&self) -> Reading {
        let words: Vec<&str> = (0..self.tokens.len()).filter_map(|at| self.low(at)).collect();
        let [first, rest @ ..] = words.as_slice() else {
            return Reading::Command(Command::Settings(None));
        };
        // In Chinese the value may follow without a blank.
        let chinese = ["语言", "货币", "收款", "结果"];
        let (name, value) = match chinese.into_iter().find(|name| first.starts_with(name)) {
            Some(name) => (name, first.strip_prefix(name).filter(|value| !value.is_empty())),
            None => (*first, None),
        };
        let values: Vec<&str> = value.into_iter().chain(rest.iter().copied()).collect();
        let unknown = || {
            let text = self.line.memo(self.tokens, |_| true).unwrap_or_default();
            Reading::Refuse(Misread::UnknownSetting { found: found(&text) })
        };
        let [value] = values.as_slice() else { return unknown() };
        let set = |setting| Reading::Command(Command::Settings(Some(setting)));
        match (name, *value) {
            ("language" | "lang" | "语言", value) => match locale(value) {
                Some(locale) => set(Setting::Language(locale)),
                None => self.which_language(|l| Command::Settings(Some(Setting::Language(l)))),
            },
            ("currency" | "货币", value) => self.currency(value).unwrap_or_else(unknown),
            ("invoices" | "收款", "everyone" | "all" | "所有人") => {
                set(Setting::Invoices(InvoicesBy::Everyone))
            }
            ("invoices" | "收款", "admins" | "管理员") => {
                set(Setting::Invoices(InvoicesBy::Admins))
            }
            ("results" | "结果", "full" | "完整") => set(Setting::Results(Results::Full)),
            ("results" | "结果", "short" | "简短") => set(Setting::Results(Results::Short)),
            ("results" | "结果", "off" | "关" | "关闭") => set(Setting::Results(Results::Off)),
            _ => unknown(),
        }
    }

    fn currency(&self, value: &str) -> Option<Reading> {
        let currency = |unit| Command::Settings(Some(Setting::Currency(unit)));
        let choices = |units: Vec<QuoteAsset>| -> Vec<Choice> {
            let choice = |unit| Choice {
                label: Label::Unit(unit),
                command: print(&currency(unit), self.units),
            };
            units.into_iter().map(choice).take(CHOICES_MAX).collect()
        };
        let Some(word) = self.units.unit(value) else {
            let near: Vec<QuoteAsset> = self.units.near(value).iter().map(|u| u.unit).collect();
            let choices = choices(near);
            return (!choices.is_empty()).then_some(Reading::Ask(Question::DidYouMean { choices }));
        };
        let units: Vec<QuoteAsset> = word.units.iter().map(|unit| unit.unit).collect();
        Some(match (word.kind, word.is_unclear, units.as_slice()) {
            (_, false, [unit, ..]) => Reading::Command(currency(*unit)),
            (UnitKind::Ticker(symbol), _, _) => {
                Reading::Ask(Question::WhichChain { symbol, choices: choices(units) })
            }
            (UnitKind::Fiat | UnitKind::Sign, _, _) => {
                Reading::Ask(Question::DidYouMean { choices: choices(units) })
            }
        })
    }
}

/// Fiat is a choice of its own: MixPay settles in it on application only.
fn settle_fiat(unit: QuoteAsset, low: &str) -> Reading {
    match unit {
        QuoteAsset::Fiat(fiat) => Reading::Command(Command::Settle(SettleChoice::Fiat(fiat))),
        QuoteAsset::Asset(_) => Reading::Refuse(Misread::UnknownAsset { found: found(low) }),
    }
}

/// A multisig of these members, if its numbers are right.
fn multisig(threshold: u16, tokens: &[Token]) -> Result<Command, Misread> {
    let (mut members, mut seen) = (Vec::new(), HashSet::new());
    for word in tokens.iter().flat_map(|token| token.low.split(',')) {
        let member = match person(word) {
            None if is_me(word) => PersonRef::Me,
            None => return Err(Misread::NotAPerson { found: found(word) }),
            Some(person) => person,
        };
        if !seen.insert(member.clone()) {
            return Err(Misread::MultisigTwice { found: found(word) });
        }
        members.push(member);
    }
    let (min, max) = (MULTISIG_MEMBERS_MIN, MULTISIG_MEMBERS_MAX);
    if !(min..=max).contains(&members.len()) {
        return Err(Misread::MultisigMembers { found: members.len(), min, max });
    }
    let is_enough = usize::from(threshold) <= members.len();
    match u8::try_from(threshold).ok().filter(|_| is_enough) {
        Some(threshold) => Ok(Command::Multisig { threshold, members }),
        None => Err(Misread::MultisigThreshold { members: members.len() }),
    }
}

/// A code, as people write it: a full stop after it is no part of it.
pub(super) fn code(narrow: &str) -> Result<ShortCode, CodeError> {
    narrow.trim_end_matches(['.', '!', '?', ':']).parse()
}

/// A UUID in one of its two common spellings.
pub(super) fn uuid(low: &str) -> Result<Uuid, ()> {
    low.parse::<crate::domain::ids::TraceId>()
        .map(crate::domain::ids::TraceId::uuid)
        .map_err(|_| ())
}

/// Whether a word means the person who says it.
pub(super) fn is_me(low: &str) -> bool {
    matches!(low, "me" | "myself" | "我" | "自己" | "我自己")
}

fn is_confirm(low: &str) -> bool {
    matches!(low, "confirm" | "yes" | "确认")
}

/// Whether a word looks like a Mixin ID or a mention, and may be none.
fn is_number_like(low: &str) -> bool {
    let digits = low.bytes().all(|byte| byte.is_ascii_digit());
    (digits && !is_mixin_id(low)) || low.starts_with('@')
}

fn positive(low: &str) -> Option<u16> {
    let is_plain = low.bytes().all(|byte| byte.is_ascii_digit());
    low.parse().ok().filter(|number| is_plain && *number > 0)
}

fn locale(low: &str) -> Option<Locale> {
    match low {
        "en" | "english" | "英文" | "英语" => Some(Locale::En),
        "zh" | "cn" | "zh-cn" | "chinese" | "中文" | "汉语" => Some(Locale::Zh),
        _ => None,
    }
}
