//! Command: what a line asks for, typed.

use crate::{
    app::commands::{clauses::OrderNumber, words::Word},
    domain::{
        asset::{Fiat, Money, QuoteAsset},
        code::ShortCode,
        ids::{AssetId, UserId},
        locale::Locale,
    },
};
use uuid::Uuid;

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A one-time payment.
    Invoice(InvoiceRequest),
    /// A reusable pay link.
    Link(LinkRequest),
    /// An invoice's card, or a payment of one's own under a link.
    Pay {
        /// The code of the invoice or the link.
        code: ShortCode,
        /// How much, for an open link.
        amount: Option<Money>,
    },
    /// What became of a payment.
    Status(StatusOf),
    /// Who or what is this?
    Uuid(LookupOf),
    /// An estimate, not locked.
    Quote {
        /// What it costs.
        price: Money,
        /// What it would be paid with.
        pay_with: AssetId,
    },
    /// Every asset of that name.
    Asset(String),
    /// One's own invoices.
    List(ListFilter),
    /// Take an invoice back; without a code nothing is cancelled.
    Cancel(Option<ShortCode>),
    /// A human's yes.
    Accept {
        /// Which invoice.
        code: ShortCode,
        /// Whether this is the second, meant, yes.
        confirmed: bool,
    },
    /// A human's no.
    Reject {
        /// Which invoice.
        code: ShortCode,
        /// Whether this is the second, meant, no.
        confirmed: bool,
    },
    /// Is this card ours?
    Verify(ShortCode),
    /// The asset to receive from now on.
    Settle(SettleChoice),
    /// Who receives from now on.
    Payee(PayeeChoice),
    /// A multisig that can receive.
    Multisig {
        /// How many of the members must sign.
        threshold: u8,
        /// The members, none of them twice.
        members: Vec<PersonRef>,
    },
    /// The language; `None` shows the choices.
    Lang(Option<Locale>),
    /// A setting; `None` shows all.
    Settings(Option<Setting>),
    /// One's own invoices as a file.
    Export,
    /// Do not write to me for others.
    Quiet,
    /// Write to me for others again.
    Start,
    /// What can I say?
    Help,
    /// Are you there?
    Ping,
}

impl Command {
    /// The word that it begins with.
    pub const fn word(&self) -> Word {
        match self {
            Self::Invoice(_) => Word::Invoice,
            Self::Link(_) => Word::Link,
            Self::Pay { .. } => Word::Pay,
            Self::Status(_) => Word::Status,
            Self::Uuid(_) => Word::Uuid,
            Self::Quote { .. } => Word::Quote,
            Self::Asset(_) => Word::Asset,
            Self::List(_) => Word::List,
            Self::Cancel(_) => Word::Cancel,
            Self::Accept { .. } => Word::Accept,
            Self::Reject { .. } => Word::Reject,
            Self::Verify(_) => Word::Verify,
            Self::Settle(_) => Word::Settle,
            Self::Payee(_) => Word::Payee,
            Self::Multisig { .. } => Word::Multisig,
            Self::Lang(_) => Word::Lang,
            Self::Settings(_) => Word::Settings,
            Self::Export => Word::Export,
            Self::Quiet => Word::Quiet,
            Self::Start => Word::Start,
            Self::Help => Word::Help,
            Self::Ping => Word::Ping,
        }
    }
}

/// An invoice that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRequest {
    /// The price.
    pub money: Money,
    /// What it is for, as typed, at most 200 characters.
    pub memo: Option<String>,
    /// Who is told of it. It does not restrict who may pay.
    pub from: Option<PersonRef>,
    /// The asset to receive, if not the usual one.
    pub settle: Option<AssetId>,
    /// Whether `settle` is written with `!`: that asset or nothing.
    pub strict: bool,
    /// The coin that it is to be paid in.
    pub pay_with: Option<AssetId>,
    /// After how many seconds it expires, if not the usual time.
    pub expires: Option<u64>,
    /// The person's own order number.
    pub order: Option<OrderNumber>,
}

/// A reusable link that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRequest {
    /// The price; `None` leaves it to the payer.
    pub amount: Option<Money>,
    /// What it is for, as typed, at most 200 characters.
    pub memo: Option<String>,
    /// The asset to receive, if not the usual one.
    pub settle: Option<AssetId>,
    /// Whether `settle` is written with `!`: that asset or nothing.
    pub strict: bool,
}

/// A person, as a line names one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PersonRef {
    /// A Mixin ID, digits only.
    Number(String),
    /// A user's UUID.
    User(UserId),
    /// The person who asks.
    Me,
}

/// Whose state is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusOf {
    /// The newest invoice of the person who asks; what a line without a code says.
    Newest,
    /// The invoice whose card the message quotes. A line cannot say this: whoever sees the quote
    /// puts it in place of [`StatusOf::Newest`].
    Quoted,
    /// The invoice or link of this code.
    Code(ShortCode),
    /// The payment with this trace id.
    Trace(Uuid),
    /// The invoice with the person's own order number.
    Order(OrderNumber),
}

/// What is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupOf {
    /// The person who asks.
    Me,
    /// A Mixin ID, digits only.
    Number(String),
    /// A user or an asset.
    Uuid(Uuid),
    /// A UUID alone in a line: one's own trace or invoice first, then a user, then an asset.
    Bare(Uuid),
    /// An asset's symbol or name, as typed.
    Symbol(String),
}

/// Which of one's invoices are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListFilter {
    /// Paid or not.
    pub state: ListState,
    /// Only those of the last so many days.
    pub days: Option<u16>,
    /// Which page, from 1.
    pub page: u16,
}

impl Default for ListFilter {
    fn default() -> Self {
        Self { state: ListState::All, days: None, page: 1 }
    }
}

/// Whether a list shows paid invoices, unpaid ones, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListState {
    /// Both.
    All,
    /// Those that nobody has paid.
    Unpaid,
    /// Those that are paid.
    Paid,
}

/// What a person wants to receive from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettleChoice {
    /// This asset.
    Asset(AssetId),
    /// Whatever the payer pays with; links only.
    AsPaid,
    /// A fiat currency, which MixPay settles on application only.
    Fiat(Fiat),
}

/// Who is to receive from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayeeChoice {
    /// Who.
    pub who: Payee,
    /// Whether the person has seen who that is and means it.
    pub confirmed: bool,
}

/// Who receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payee {
    /// The person who asks.
    Me,
    /// The bot.
    Bot,
    /// The person or bot with this Mixin ID.
    Number(String),
    /// A user, a bot or a multisig.
    User(UserId),
}

/// A setting of a person or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The language.
    Language(Locale),
    /// The usual currency.
    Currency(QuoteAsset),
    /// Who may ask for invoices in this group.
    Invoices(InvoicesBy),
    /// How much this group is told.
    Results(Results),
}

/// Who may ask for invoices in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoicesBy {
    /// Every member.
    Everyone,
    /// Its owner and admins.
    Admins,
}

/// How much a group is told about its invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Results {
    /// Every change.
    Full,
    /// Only the end.
    Short,
    /// Nothing.
    Off,
}
