//! Print: a command as a line that reads back as the same command.

use crate::{
    app::commands::{
        clauses::{is_clause_word, is_mixin_id, part_chinese},
        grammar::{
            Scope,
            arguments::is_me,
            command::{
                Command, InvoiceRequest, InvoicesBy, LinkRequest, ListFilter, ListState, LookupOf,
                Payee, PayeeChoice, PersonRef, Results, Setting, SettleChoice, StatusOf,
            },
            units::Units,
        },
        tokens::{Line, has_quote, quote},
        words::Word,
    },
    domain::{
        asset::{Money, QuoteAsset},
        catalogue::AssetList,
        code::ShortCode,
        ids::AssetId,
    },
};

impl Command {
    /// The complete line that asks for this, without the prefix that groups need.
    pub fn to_line(&self, scope: &Scope<'_>) -> String {
        print(self, &Units::new(scope))
    }
}

impl InvoiceRequest {
    /// The complete line that asks for this invoice, without the prefix that groups need.
    pub fn to_line(&self, scope: &Scope<'_>) -> String {
        invoice(self, &Units::new(scope))
    }
}

impl ListFilter {
    /// The complete line that asks for this list, without the prefix that groups need.
    pub fn to_line(self) -> String {
        let state = match self.state {
            ListState::All => None,
            ListState::Unpaid => Some("unpaid".to_owned()),
            ListState::Paid => Some("paid".to_owned()),
        };
        let days = self.days.map(|days| format!("{days}d"));
        let page = (self.page > 1).then(|| format!("page {}", self.page));
        joined([Some(Word::List.name().to_owned()), state, days, page])
    }
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A command as a line.
pub(super) fn print(command: &Command, units: &Units<'_>) -> String {
    let code = |word: Word, code: &ShortCode| format!("{} {code}", word.name());
    let confirmed = |line: String, yes: bool| if yes { format!("{line} confirm") } else { line };
    let name = |word: Word| word.name().to_owned();
    match command {
        Command::Invoice(request) => invoice(request, units),
        Command::Link(request) => link(request, units),
        Command::Pay { code: of, amount } => match amount {
            None => code(Word::Pay, of),
            Some(money) => format!("{} {}", code(Word::Pay, of), amount_of(*money, units)),
        },
        Command::Status(of) => status(of),
        Command::Uuid(of) => lookup(of),
        Command::Quote { price, pay_with } => {
            let price = amount_of(*price, units);
            let coin = units.print_asset(AssetList::Payment, *pay_with);
            format!("{} {price} in {coin}", Word::Quote.name())
        }
        Command::Asset(text) => format!("{} {}", Word::Asset.name(), text_of(text)),
        Command::List(filter) => filter.to_line(),
        Command::Cancel(None) => name(Word::Cancel),
        Command::Cancel(Some(of)) => code(Word::Cancel, of),
        Command::Accept { code: of, confirmed: yes } => confirmed(code(Word::Accept, of), *yes),
        Command::Reject { code: of, confirmed: yes } => confirmed(code(Word::Reject, of), *yes),
        Command::Verify(of) => code(Word::Verify, of),
        Command::Settle(choice) => settle(*choice, units),
        Command::Payee(choice) => payee(choice),
        Command::Multisig { threshold, members } => {
            let members: Vec<String> = members.iter().map(person).collect();
            format!("{} {threshold} of {}", Word::Multisig.name(), members.join(" "))
        }
        Command::Lang(None) => name(Word::Lang),
        Command::Lang(Some(locale)) => format!("{} {}", Word::Lang.name(), locale.code()),
        Command::Settings(None) => name(Word::Settings),
        Command::Settings(Some(choice)) => {
            format!("{} {}", Word::Settings.name(), setting(*choice, units))
        }
        Command::Export => name(Word::Export),
        Command::Quiet => name(Word::Quiet),
        Command::Start => name(Word::Start),
        Command::Help => name(Word::Help),
        Command::Ping => name(Word::Ping),
    }
}

fn amount_of(money: Money, units: &Units<'_>) -> String {
    format!("{} {}", money.amount, units.print(money.unit))
}

fn invoice(request: &InvoiceRequest, units: &Units<'_>) -> String {
    let pay_with = |asset| format!("in {}", units.print_asset(AssetList::Payment, asset));
    joined([
        Some(Word::Invoice.name().to_owned()),
        Some(amount_of(request.money, units)),
        request.memo.as_deref().map(|memo| for_memo(memo, units)),
        request.from.as_ref().map(|from| format!("from {}", person(from))),
        request.settle.map(|asset| settle_in(asset, request.strict, units)),
        request.pay_with.map(pay_with),
        request.expires.map(|seconds| format!("expires {}", duration(seconds))),
        request.order.as_ref().map(|order| format!("id {order}")),
    ])
}

fn link(request: &LinkRequest, units: &Units<'_>) -> String {
    joined([
        Some(Word::Link.name().to_owned()),
        Some(request.amount.map_or("open".to_owned(), |money| amount_of(money, units))),
        request.memo.as_deref().map(|memo| for_memo(memo, units)),
        request.settle.map(|asset| settle_in(asset, request.strict, units)),
    ])
}

fn for_memo(memo: &str, units: &Units<'_>) -> String {
    let is_plain = is_plain(memo) && !memo_has_clause(memo, units);
    let memo = if is_plain { memo.to_owned() } else { quote(memo) };
    format!("for {memo}")
}

fn settle_in(asset: AssetId, strict: bool, units: &Units<'_>) -> String {
    let asset = units.print_asset(AssetList::Settlement, asset);
    format!("settle {asset}{}", if strict { "!" } else { "" })
}

/// Whether some word of a memo could begin a clause, or be taken for `for`.
fn memo_has_clause(memo: &str, units: &Units<'_>) -> bool {
    let text = Line::new(memo, "");
    let tokens = part_chinese(&text, text.tokens(), units);
    tokens.iter().any(|token| {
        is_clause_word(&token.low) || matches!(token.low.as_str(), "for" | "为" | "用于")
    })
}

/// Whether a text keeps its meaning without quotation marks.
fn is_plain(text: &str) -> bool {
    let line = Line::new(text, "");
    let tokens = line.tokens();
    !has_quote(text) && line.memo(&tokens, |_| true).as_deref() == Some(text)
}

fn text_of(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quote(text) }
}

fn duration(seconds: u64) -> String {
    match seconds {
        s if s.is_multiple_of(3600) => format!("{}h", s.saturating_div(3600)),
        s if s.is_multiple_of(60) => format!("{}m", s.saturating_div(60)),
        s => format!("{s}s"),
    }
}

fn person(person: &PersonRef) -> String {
    match person {
        PersonRef::Number(number) => format!("@{number}"),
        PersonRef::User(user) => user.to_string(),
        PersonRef::Me => "me".to_owned(),
    }
}

fn status(of: &StatusOf) -> String {
    let name = Word::Status.name();
    match of {
        StatusOf::Newest | StatusOf::Quoted => name.to_owned(),
        StatusOf::Code(code) => format!("{name} {code}"),
        StatusOf::Trace(trace) => format!("{name} {trace}"),
        StatusOf::Order(order) => format!("{name} id {order}"),
    }
}

fn lookup(of: &LookupOf) -> String {
    let name = Word::Uuid.name();
    match of {
        LookupOf::Me => format!("{name} me"),
        LookupOf::Number(number) => format!("{name} {number}"),
        LookupOf::Uuid(uuid) | LookupOf::Bare(uuid) => format!("{name} {uuid}"),
        LookupOf::Symbol(text) => {
            let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic());
            let is_other = is_me(&text.to_lowercase())
                || text.parse::<uuid::Uuid>().is_ok()
                || is_mixin_id(text);
            let text = if is_word && !is_other { text_of(text) } else { quote(text) };
            format!("{name} {text}")
        }
    }
}

fn settle(choice: SettleChoice, units: &Units<'_>) -> String {
    let what = match choice {
        SettleChoice::Asset(asset) => units.print_asset(AssetList::Settlement, asset),
        SettleChoice::AsPaid => "paid".to_owned(),
        SettleChoice::Fiat(fiat) => fiat.code().to_owned(),
    };
    format!("{} {what}", Word::Settle.name())
}

fn payee(choice: &PayeeChoice) -> String {
    let who = match &choice.who {
        Payee::Me => "me".to_owned(),
        Payee::Bot => "bot".to_owned(),
        Payee::Number(number) => number.clone(),
        Payee::User(user) => user.to_string(),
    };
    let confirm = if choice.confirmed { " confirm" } else { "" };
    format!("{} {who}{confirm}", Word::Payee.name())
}

fn setting(setting: Setting, units: &Units<'_>) -> String {
    match setting {
        Setting::Language(locale) => format!("language {}", locale.code()),
        Setting::Currency(QuoteAsset::Fiat(fiat)) => format!("currency {fiat}"),
        Setting::Currency(unit @ QuoteAsset::Asset(_)) => {
            format!("currency {}", units.print(unit))
        }
        Setting::Invoices(InvoicesBy::Everyone) => "invoices everyone".to_owned(),
        Setting::Invoices(InvoicesBy::Admins) => "invoices admins".to_owned(),
        Setting::Results(Results::Full) => "results full".to_owned(),
        Setting::Results(Results::Short) => "results short".to_owned(),
        Setting::Results(Results::Off) => "results off".to_owned(),
    }
}
