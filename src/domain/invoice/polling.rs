//! Polling: when to ask MixPay again about an invoice, and which of those that are due to ask about
//! first, from what is known and the time.

use crate::domain::invoice::{
    Invoice,
    standing::{Standing, State},
};
use jiff::{SignedDuration, Timestamp};

/// Why an invoice is to be asked about, most urgent first. Those of one urgency are alike: the one
/// that waits longest is the likeliest to have news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Somebody waits for it now: a callback, a transfer, a person's question.
    Now,
    /// Money is on its way.
    Likely,
    /// It can be paid.
    Open(Age),
    /// Its deadline has passed, and an answer must say whether it was paid.
    Ended,
    /// Its time is over, and it is only watched.
    Watched,
}

impl Urgency {
    /// Every urgency, most urgent first.
    pub fn all() -> impl Iterator<Item = Self> {
        let open = (0..Age::CLASSES).map(|class| Self::Open(Age(class)));
        [Self::Now, Self::Likely].into_iter().chain(open).chain([Self::Ended, Self::Watched])
    }
}

/// How long an invoice had been open when it was last asked about, roughly: each class is twice as
/// old as the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Age(u8);

impl Age {
    /// How many classes there are: not asked about yet, up to a minute old, two, …, and older.
    pub const CLASSES: u8 = 9;
    /// Not asked about since its card was shown.
    pub const NEW: Self = Self(0);

    /// The class of an invoice of this age.
    pub fn of(age: SignedDuration) -> Self {
        let minutes = age.as_mins().max(0).unsigned_abs();
        let doublings = u64::BITS.saturating_sub(minutes.leading_zeros());
        Self(u8::try_from(doublings).unwrap_or(u8::MAX).saturating_add(1).min(Self::CLASSES - 1))
    }

    /// The number of the class.
    pub const fn class(self) -> u8 {
        self.0
    }

    /// The class with this number, or the oldest.
    pub fn from_class(class: u8) -> Self {
        Self(class.min(Self::CLASSES - 1))
    }
}

/// Nothing is asked about twice within this time, however many requests are to spare.
const SOONEST: SignedDuration = SignedDuration::from_secs(4);
/// After the grace an invoice is asked about once more at these minutes after it.
const WATCH_MINUTES: [i64; 6] = [1, 5, 30, 2 * 60, 12 * 60, 48 * 60];
/// A paid invoice is asked about its settlement this often at first, and then ever less.
const SETTLEMENT: SignedDuration = SignedDuration::from_secs(60);
/// In the grace, when expiry has been told, an invoice is asked about at least this seldom.
const IN_GRACE: SignedDuration = SignedDuration::from_secs(60);
/// A payment in flight is asked about this seldom at first when its time has long passed, and then
/// ever less, without end: an audit may take weeks.
const IDLE: SignedDuration = SignedDuration::from_mins(10);
/// However long it has been idle, it is asked about this often.
const IDLE_MOST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long after the grace a payment in flight counts as idle.
const IDLE_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// The settlement of a paid invoice is asked about for this long after the grace.
const LAST_WATCH: SignedDuration = SignedDuration::from_hours(7 * 24);

const MILLION: i64 = 1_000_000;
/// The age of an open invoice in seconds, and how many of a million payments are made by then:
/// Φ(ln(age / 2 min) / 1.2), a log-normal delay with its median at two minutes. Between two ages it
/// is a straight line; the error is below a hundredth.
const PAID_BY: [(i64, i64); 20] = [
    (0, 0),
    (10, 19_191),
    (20, 67_701),
    (30, 123_995),
    (40, 179_962),
    (60, 281_759),
    (80, 367_724),
    (120, 500_000),
    (160, 594_732),
    (240, 718_241),
    (320, 793_138),
    (480, 876_005),
    (640, 918_489),
    (960, 958_440),
    (1280, 975_730),
    (1920, 989_569),
    (2560, 994_617),
    (3840, 998_062),
    (7680, 999_736),
    (15_360, 999_974),
];
/// Money on its way is as likely to have moved on as not after this long.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(120);
/// Each second that an invoice waits to be told expired counts as this many of a million payments:
/// two in a thousand a minute. Less, and those that are over pile up behind a stream of new ones;
/// more, and they take the questions that find payments.
const ENDED_WEIGHT: i64 = 33;

/// How many of a million payments are made until an invoice is this old.
pub fn paid_by(age: SignedDuration) -> i64 {
    let age = age.as_secs().max(0);
    let mut before = (0, 0);
    for (at, share) in PAID_BY {
        if age < at {
            let (from, least) = before;
            let rise = share.saturating_sub(least).saturating_mul(age.saturating_sub(from));
            return rise
                .checked_div(at.saturating_sub(from))
                .map_or(least, |rise| least.saturating_add(rise));
        }
        before = (at, share);
    }
    before.1
}

/// How likely an answer about an invoice has news, in millionths, if it was given this urgency and
/// this time to be asked about. Of those that are due the one with the greatest is asked about.
///
/// For an open invoice that is the share of all payments that come between the age at which it was
/// asked about last and its age now. That those who have not paid by now are less likely to pay
/// at all is left out on purpose: with it the order among old invoices changes a little, and the
/// median gets worse (BENCHMARKS.md).
pub fn likelihood(invoice: &Invoice, urgency: Urgency, due: Timestamp, now: Timestamp) -> i64 {
    let waited = now.duration_since(due).as_secs().max(0);
    match urgency {
        Urgency::Now => i64::MAX,
        Urgency::Likely => waited
            .saturating_mul(MILLION)
            .checked_div(waited.saturating_add(ON_ITS_WAY.as_secs()))
            .unwrap_or(MILLION),
        Urgency::Ended => {
            now.duration_since(invoice.deadline()).as_secs().saturating_mul(ENDED_WEIGHT)
        }
        Urgency::Open(age) => {
            let asked = now.duration_since(due).saturating_add(SOONEST);
            if age == Age::NEW {
                return paid_by(asked);
            }
            let age = now.duration_since(invoice.created_at);
            paid_by(age).saturating_sub(paid_by(age.saturating_sub(asked)))
        }
        Urgency::Watched => -1,
    }
}

/// Whether an invoice that could be paid when it was last asked about is now past its deadline.
pub fn has_ended(invoice: &Invoice, urgency: Urgency, now: Timestamp) -> bool {
    matches!(urgency, Urgency::Open(_)) && now > invoice.deadline()
}

/// The earliest time to ask next, and why; `None` if there is nothing left to learn.
pub fn next_poll(
    invoice: &Invoice,
    standing: &Standing,
    now: Timestamp,
) -> Option<(Timestamp, Urgency)> {
    let traces = invoice.facts.traces();
    traces.last()?;
    let (deadline, closes_at) = invoice.facts.deadlines();
    let after =
        |time: Timestamp, by: SignedDuration| time.saturating_add(by).unwrap_or(Timestamp::MAX);
    let past = now.duration_since(closes_at);
    let soon = after(
        now,
        if past > IDLE_AFTER {
            past.checked_div(24).unwrap_or(IDLE).clamp(IDLE, IDLE_MOST)
        } else {
            SOONEST
        },
    );
    match standing.state {
        State::Draft | State::Settled => None,
        State::Paid => {
            standing.paid.as_ref().and_then(|payment| payment.trace)?;
            let age = now.duration_since(invoice.created_at);
            let wait = SETTLEMENT.max(age.checked_div(8).unwrap_or(SETTLEMENT));
            (now < after(closes_at, LAST_WATCH)).then(|| (after(now, wait), Urgency::Watched))
        }
        // Somebody waits to hear that it is over, however long ago that was.
        State::Open if now > deadline => {
            let wait = past.checked_div(24).unwrap_or(SOONEST).clamp(SOONEST, IN_GRACE);
            Some((after(now, wait), Urgency::Ended))
        }
        State::Open => {
            let asked = invoice.facts.heard().next().is_some();
            let age = Age::of(now.duration_since(invoice.created_at));
            Some((soon, Urgency::Open(if asked { age } else { Age::NEW })))
        }
        State::Partial | State::Processing | State::Review => Some((soon, Urgency::Likely)),
        // A payment that MixPay would not make has nothing to tell.
        State::Failed if traces.into_iter().all(|trace| invoice.facts.is_refused(trace)) => None,
        State::Expired | State::Cancelled | State::Failed | State::Held => {
            let next_minute = after(now, IN_GRACE);
            let mut watch = WATCH_MINUTES
                .iter()
                .map(|minutes| after(closes_at, SignedDuration::from_mins(*minutes)));
            let when = if next_minute < closes_at {
                Some(next_minute)
            } else {
                watch.find(|when| *when > now)
            };
            when.map(|when| (when, Urgency::Watched))
        }
    }
}
