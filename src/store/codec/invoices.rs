//! Invoices, links and facts as stored JSON.

use super::{choice, record};
use crate::domain::{
    amount::Amount,
    asset::{Money, QuoteAsset},
    code::ShortCode,
    ids::{AssetId, ConversationId, InvoiceId, MessageId, SnapshotId, TraceId, UserId},
    invoice::{
        fact::{About, Arrival, ArrivalKind, Decision, Fact, Heard, Role, Word},
        report::{Report, Status},
        terms::{CoinPrice, PayWith, Seconds, Terms},
    },
    link::Link,
    locale::Locale,
};
use jiff::Timestamp;

record!(Money { amount: Amount, unit: QuoteAsset });

impl serde::Serialize for Seconds {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> serde::Deserialize<'de> for Seconds {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        i64::deserialize(from).map(Self)
    }
}

record!(CoinPrice { amount: Amount, symbol: String, until: i64 });
record!(PayWith { asset: AssetId, symbol: String, on_chain: bool });
record!(Terms {
    price: Money,
    symbol: String,
    decimals: u32,
    memo: Option<String>,
    payee: UserId,
    payee_name: String,
    settlement: AssetId,
    settlement_label: String,
    strict: bool,
    lifetime: Seconds,
    grace: Seconds,
    order: Option<String>,
    pay_with: Option<PayWith>,
    link: Option<ShortCode>,
    told: Option<UserId>,
});
record!(Link {
    code: ShortCode,
    creator: UserId,
    conversation: ConversationId,
    in_group: bool,
    price: Option<Money>,
    symbol: String,
    decimals: u32,
    memo: Option<String>,
    payee: UserId,
    payee_name: String,
    settlement: Option<AssetId>,
    settlement_label: String,
    locale: Locale,
    created_at: Timestamp,
});

choice!(Status { Unpaid, NotFound, Pending, Auditing, Success, Failed, Other(word: String) });
record!(Report {
    status: Status,
    payee: Option<UserId>,
    quote_amount: Option<Amount>,
    quote_odd: Option<String>,
    quote_asset: Option<QuoteAsset>,
    trace: Option<String>,
    paid: Option<Amount>,
    paid_symbol: Option<String>,
    payable: Option<Amount>,
    underpaid: bool,
    transactions_total: Option<Amount>,
    confirmations: Option<(u32, Option<u32>)>,
    surplus: Option<Amount>,
    paid_at: Option<i64>,
    failure: Option<i64>,
    settled: bool,
    settle_amount: Option<Amount>,
    settle_symbol: Option<String>,
    settle_asset: Option<AssetId>,
    transaction: Option<String>,
});
record!(Heard { trace: TraceId, report: Report, first_ms: i64, last_ms: i64 });
choice!(ArrivalKind { Settlement, Refund(code: Option<i64>) });
record!(Arrival {
    snapshot: SnapshotId,
    asset: AssetId,
    symbol: String,
    amount: Amount,
    at: Timestamp,
    kind: ArrivalKind,
});
choice!(Role { Creator, Operator, Both });
choice!(Word { Accept, Reject });
choice!(About { Held, Short });
record!(Decision {
    by: UserId,
    role: Role,
    word: Word,
    about: About,
    at: Timestamp,
    cause: MessageId,
});
choice!(Fact {
    Attempted { trace: TraceId, attempt: u32, deadline: Timestamp, closes_at: Timestamp },
    Opened { trace: TraceId, page: String, coin: Option<CoinPrice> },
    Refused { trace: TraceId, code: i64 },
    GivenUp,
    Heard(heard: Heard),
    Arrived(arrival: Arrival),
    Cancelled { by: UserId, at: Timestamp, cause: MessageId },
    Decided(decision: Decision),
});

/// An invoice without its facts, which have a table of their own.
#[derive(Debug)]
pub(in crate::store) struct InvoiceRow {
    pub(in crate::store) id: InvoiceId,
    pub(in crate::store) code: ShortCode,
    pub(in crate::store) creator: UserId,
    pub(in crate::store) conversation: ConversationId,
    pub(in crate::store) in_group: bool,
    pub(in crate::store) asked_in: Option<MessageId>,
    pub(in crate::store) terms: Terms,
    pub(in crate::store) locale: Locale,
    pub(in crate::store) created_at: Timestamp,
}
record!(InvoiceRow {
    id: InvoiceId,
    code: ShortCode,
    creator: UserId,
    conversation: ConversationId,
    in_group: bool,
    asked_in: Option<MessageId>,
    terms: Terms,
    locale: Locale,
    created_at: Timestamp,
});
