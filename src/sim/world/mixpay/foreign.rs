//! Foreign answers: what MixPay says of a payment in one coin, with something in it that is another's.

use super::{Checkout, Kind, Quote};
use crate::{
    domain::{
        amount::Amount,
        ids::{AssetId, TraceId, UserId},
    },
    sim::world::{World, coins},
};
use jiff::Timestamp;
use uuid::{Uuid, uuid};

/// What is another's in an answer about a payment in one coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// The trace.
    Trace,
    /// The coin.
    Asset,
    /// Whom it is to be paid to.
    Recipient,
    /// The amount: a thousand times as much.
    Amount,
    /// Until when it holds: 2100.
    Time,
}

/// All of them, each with its word.
pub const FOREIGN: [(&str, Foreign); 5] = [
    ("trace", Foreign::Trace),
    ("asset", Foreign::Asset),
    ("recipient", Foreign::Recipient),
    ("amount", Foreign::Amount),
    ("time", Foreign::Time),
];

/// Somebody else, and somebody else's payment.
const STRANGER: Uuid = uuid!("22222222-0000-4000-8000-000000000001");
/// The first second of 2100.
const YEAR_2100: i64 = 4_102_444_800;

impl World {
    /// A payment as MixPay tells it.
    pub(crate) fn as_told(&self, checkout: Checkout) -> Checkout {
        let foreign = self.read(|state, _| state.faults.mixpay_foreign_payments);
        match foreign {
            Some(foreign) if matches!(checkout.kind, Kind::DirectMixin | Kind::DirectChain) => {
                checkout.with_foreign(foreign)
            }
            Some(_) | None => checkout,
        }
    }
}

impl Checkout {
    fn with_foreign(mut self, foreign: Foreign) -> Self {
        match foreign {
            Foreign::Trace => self.trace = TraceId::new(STRANGER),
            Foreign::Recipient => {
                self.recipient = UserId::new(STRANGER);
                // Of which a destination on a chain is made.
                self.code = STRANGER;
            }
            Foreign::Asset => self.price = self.price.map(|p| Quote { asset: other(p.asset), ..p }),
            Foreign::Amount => {
                let much = |p: Quote| Amount::from_units(p.amount.units().saturating_mul(1000));
                self.price = self.price.map(|price| Quote { amount: much(price), ..price });
            }
            Foreign::Time => {
                let far = |p: Quote| Timestamp::from_second(YEAR_2100).unwrap_or(p.until);
                self.price = self.price.map(|price| Quote { until: far(price), ..price });
            }
        }
        self
    }
}

fn other(asset: AssetId) -> AssetId {
    if asset == coins::XIN { coins::BTC } else { coins::XIN }
}
