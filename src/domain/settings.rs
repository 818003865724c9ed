//! Settings: what a person and a group have chosen.

use crate::domain::{
    asset::QuoteAsset,
    ids::{AssetId, UserId},
    locale::Locale,
};

/// What a person has chosen; `None` is "nothing yet".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonSettings {
    /// The language.
    pub locale: Option<Locale>,
    /// The usual currency.
    pub currency: Option<QuoteAsset>,
    /// What to receive.
    pub settlement: Option<Settlement>,
    /// Who receives.
    pub payee: Option<Payee>,
    /// Whether the first *Paid* has told where the money is.
    pub told_where: bool,
    /// Whether to be written to for others.
    pub hears_others: Option<bool>,
}

impl PersonSettings {
    /// Whether the person is written to for others: until they say no.
    pub fn wants_to_hear_others(&self) -> bool {
        self.hears_others.unwrap_or(true)
    }
}

/// What a payee receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// This asset.
    Asset(AssetId),
    /// Whatever the payer pays with; links only.
    AsPaid,
}

/// Who receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payee {
    /// Whom MixPay pays.
    pub id: UserId,
    /// As people read it.
    pub name: String,
}

/// What a group has chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlaceSettings {
    /// The language.
    pub locale: Option<Locale>,
    /// The usual currency.
    pub currency: Option<QuoteAsset>,
    /// Who may make invoices.
    pub invoices: Invoicers,
    /// How much is told about results.
    pub results: Results,
}

/// Who may make invoices in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Invoicers {
    /// Everyone.
    #[default]
    Everyone,
    /// The owner and the admins.
    Admins,
}

/// How much is told about results in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Results {
    /// Every change of state, at most four of them silent ones.
    #[default]
    Full,
    /// Only how it ended.
    Short,
    /// Only how it ended, and silently.
    Off,
}
