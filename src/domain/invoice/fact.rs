//! Fact: everything that can be learned about an invoice, each with the key by which a repeat is
//! recognised.

use crate::domain::{
    amount::Amount,
    ids::{AssetId, MessageId, SnapshotId, TraceId, UserId},
    invoice::{kept::digest, report::Report, terms::CoinPrice},
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Something that was learned about an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// We asked MixPay for a payment with this trace; from now on the trace is the invoice's.
    Attempted {
        /// The trace.
        trace: TraceId,
        /// Which attempt it is, from 1.
        attempt: u32,
        /// The deadline that is told in the chat, if this attempt makes the payment.
        deadline: Timestamp,
        /// When MixPay closes the payment: the deadline plus a grace.
        closes_at: Timestamp,
    },
    /// MixPay made the payment.
    Opened {
        /// The trace.
        trace: TraceId,
        /// The code of its page; for a payment in one coin the address that opens the wallet.
        page: String,
        /// For a payment in one coin: how much of it.
        coin: Option<CoinPrice>,
    },
    /// MixPay will not make the payment.
    Refused {
        /// The trace.
        trace: TraceId,
        /// MixPay's error code; 0 if it gave none.
        code: i64,
    },
    /// MixPay could not be told for a day, and we stopped trying.
    GivenUp,
    /// MixPay answered about the payment.
    Heard(Heard),
    /// A transfer that MixPay made reached the bot.
    Arrived(Arrival),
    /// Somebody who may cancelled it.
    Cancelled {
        /// Who.
        by: UserId,
        /// When.
        at: Timestamp,
        /// The message that said so.
        cause: MessageId,
    },
    /// Somebody who may decided what a machine may not.
    Decided(Decision),
}

/// An answer of MixPay, and over which time it was the answer. Two of the same answer are one,
/// heard over a longer time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The trace that was asked about.
    pub trace: TraceId,
    /// The answer.
    pub report: Report,
    /// MixPay's time (Unix milliseconds) when it said so first.
    pub first_ms: i64,
    /// MixPay's time when it said so last.
    pub last_ms: i64,
}

/// A transfer from MixPay into the bot's wallet that names one of the invoice's traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The transfer.
    pub snapshot: SnapshotId,
    /// The asset.
    pub asset: AssetId,
    /// The asset's ticker, if we know it.
    pub symbol: String,
    /// How much.
    pub amount: Amount,
    /// When.
    pub at: Timestamp,
    /// What it is.
    pub kind: ArrivalKind,
}

/// What a transfer from MixPay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArrivalKind {
    /// The settlement of the payment (`PM`).
    Settlement,
    /// Money that MixPay returned (`RF`, `CF`), with its reason if it gave one.
    Refund(Option<i64>),
}

/// A human decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: UserId,
    /// As what.
    pub role: Role,
    /// What they said.
    pub word: Word,
    /// About what.
    pub about: About,
    /// When.
    pub at: Timestamp,
    /// The message that said so.
    pub cause: MessageId,
}

/// As what somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The invoice's creator.
    Creator,
    /// An operator of the bot.
    Operator,
    /// Both: an operator's own invoice.
    Both,
}

/// What somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// It counts as paid.
    Accept,
    /// It does not.
    Reject,
}

/// About what somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A payment that did not match: needs the creator and an operator.
    Held,
    /// A short or failed payment: the creator's own affair.
    Short,
}

impl Fact {
    /// The kind's name, for counting.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Attempted { .. } => "attempted",
            Self::Opened { .. } => "opened",
            Self::Refused { .. } => "refused",
            Self::GivenUp => "given_up",
            Self::Heard(_) => "answer",
            Self::Arrived(_) => "transfer",
            Self::Cancelled { .. } => "cancelled",
            Self::Decided(_) => "decision",
        }
    }

    /// The key by which a repeat of this fact is recognised.
    pub fn key(&self) -> String {
        match self {
            Self::Attempted { trace, .. } => format!("attempted:{trace}"),
            Self::Opened { trace, .. } => format!("opened:{trace}"),
            Self::Refused { trace, .. } => format!("refused:{trace}"),
            Self::GivenUp => "given-up".to_owned(),
            Self::Heard(heard) => format!("heard:{}:{}", heard.trace, digest(&heard.report)),
            Self::Arrived(arrival) => format!("arrived:{}", arrival.snapshot),
            Self::Cancelled { cause, .. } => format!("cancelled:{cause}"),
            Self::Decided(decision) => format!("decided:{}", decision.cause),
        }
    }
}

/// The set of facts known about an invoice. Order and repetition leave no trace in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts(BTreeMap<String, Fact>);

impl Facts {
    /// Adds a fact. Returns the key if the set has changed, `None` if it said nothing new.
    pub fn learn(&mut self, fact: Fact) -> Option<String> {
        let key = fact.key();
        match (self.0.get_mut(&key), fact) {
            (Some(Fact::Heard(known)), Fact::Heard(new)) => {
                let (first, last) =
                    (known.first_ms.min(new.first_ms), known.last_ms.max(new.last_ms));
                if (first, last) == (known.first_ms, known.last_ms) {
                    return None;
                }
                (known.first_ms, known.last_ms) = (first, last);
                Some(key)
            }
            (Some(_), _) => None,
            (None, fact) => {
                self.0.insert(key.clone(), fact);
                Some(key)
            }
        }
    }

    /// Adds a fact that was kept under this key.
    pub fn recall(&mut self, key: String, fact: Fact) {
        self.0.insert(key, fact);
    }

    /// Takes times back that lie after `latest`, which nobody can have said or done yet: an older
    /// program believed any, and a clock may have been wrong. An answer is then as old as the
    /// invoice, so that it hides nothing that is said later; what people said, they said at `now`.
    /// Returns the keys of what has changed.
    pub fn doubt(&mut self, made: Timestamp, now: Timestamp, latest: Timestamp) -> Vec<String> {
        let (made_ms, latest_ms) = (made.as_millisecond(), latest.as_millisecond());
        let mut changed = Vec::new();
        for (key, fact) in &mut self.0 {
            let doubted = match fact {
                Fact::Heard(heard) if heard.last_ms > latest_ms => {
                    if heard.first_ms > latest_ms {
                        heard.first_ms = made_ms;
                    }
                    heard.last_ms = heard.first_ms;
                    true
                }
                Fact::Cancelled { at, .. }
                | Fact::Decided(Decision { at, .. })
                | Fact::Arrived(Arrival { at, .. })
                    if *at > latest =>
                {
                    *at = now;
                    true
                }
                Fact::Attempted { .. }
                | Fact::Opened { .. }
                | Fact::Refused { .. }
                | Fact::GivenUp
                | Fact::Heard(_)
                | Fact::Arrived(_)
                | Fact::Cancelled { .. }
                | Fact::Decided(_) => false,
            };
            if doubted {
                changed.push(key.clone());
            }
        }
        changed
    }

    /// The facts, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.0.values()
    }

    /// The facts with their keys.
    pub(super) fn keyed(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.0.iter().map(|(key, fact)| (key.as_str(), fact))
    }

    /// Takes a fact out again.
    pub(super) fn forget(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// The fact with this key.
    pub fn get(&self, key: &str) -> Option<&Fact> {
        self.0.get(key)
    }

    /// MixPay's answers.
    pub fn heard(&self) -> impl Iterator<Item = &Heard> {
        self.iter()
            .filter_map(|fact| if let Fact::Heard(heard) = fact { Some(heard) } else { None })
    }

    /// The transfers from MixPay.
    pub fn arrivals(&self) -> impl Iterator<Item = &Arrival> {
        self.iter()
            .filter_map(|fact| if let Fact::Arrived(arrival) = fact { Some(arrival) } else { None })
    }

    /// The human decisions.
    pub fn decisions(&self) -> impl Iterator<Item = &Decision> {
        self.iter().filter_map(|fact| {
            if let Fact::Decided(decision) = fact { Some(decision) } else { None }
        })
    }

    /// The attempts: trace, number, deadline and closing time.
    fn attempts(&self) -> impl Iterator<Item = (TraceId, u32, (Timestamp, Timestamp))> {
        self.iter().filter_map(|fact| {
            if let Fact::Attempted { trace, attempt, deadline, closes_at } = fact {
                Some((*trace, *attempt, (*deadline, *closes_at)))
            } else {
                None
            }
        })
    }

    /// The payments that MixPay made: trace, page and price in one coin.
    fn openings(&self) -> impl Iterator<Item = (TraceId, &str, Option<&CoinPrice>)> {
        self.iter().filter_map(|fact| {
            if let Fact::Opened { trace, page, coin } = fact {
                Some((*trace, page.as_str(), coin.as_ref()))
            } else {
                None
            }
        })
    }

    /// The traces that were tried, the newest attempt last.
    pub fn traces(&self) -> Vec<TraceId> {
        let mut attempts: Vec<(u32, TraceId)> =
            self.attempts().map(|(trace, attempt, _)| (attempt, trace)).collect();
        attempts.sort_unstable();
        attempts.into_iter().map(|(_, trace)| trace).collect()
    }

    /// What the price was in the one coin that it is to be paid in, when the payment was made.
    pub fn coin_price(&self) -> Option<&CoinPrice> {
        self.openings().find_map(|(_, _, coin)| coin)
    }

    /// The deadline and the closing time of the attempt that made the payment, or else of the
    /// newest one; the end of time if there was none.
    pub fn deadlines(&self) -> (Timestamp, Timestamp) {
        let shown = self.opened().map(|(trace, _)| trace);
        self.attempts()
            .map(|(trace, attempt, deadlines)| (shown == Some(trace), attempt, deadlines))
            .max()
            .map_or((Timestamp::MAX, Timestamp::MAX), |(_, _, deadlines)| deadlines)
    }

    /// The payment that MixPay made and that was shown: its trace and the code of its page.
    pub fn opened(&self) -> Option<(TraceId, &str)> {
        self.openings().next().map(|(trace, page, _)| (trace, page))
    }

    /// The code of the page of the payment that MixPay made under this trace, empty if it has
    /// none; `None` if we know of no such payment.
    pub fn page_of(&self, trace: TraceId) -> Option<&str> {
        match self.get(&format!("opened:{trace}")) {
            Some(Fact::Opened { page, .. }) => Some(page.as_str()),
            Some(_) | None => None,
        }
    }

    /// Whether MixPay will not make the payment with this trace.
    pub fn is_refused(&self, trace: TraceId) -> bool {
        self.get(&format!("refused:{trace}")).is_some()
    }
}

impl FromIterator<Fact> for Facts {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        let mut set = Self::default();
        for fact in facts {
            set.learn(fact);
        }
        set
    }
}
