//! Shares: who may make the next of the few requests that MixPay allows in a minute.
//!
//! Pure: the requests of the last minute and who waits come in as values. Making payments, asking
//! for people and polling have a floor each, a fifth of the minute; the rest, and what of an idle
//! floor is not kept back, is lent out, evenly over the minute, so that it comes back within
//! seconds. Within a floor, and for what is lent, people take turns: first whoever has had least.

use crate::domain::ids::UserId;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Ordering;

/// MixPay counts 60 seconds; the margin is for the time that requests need to get there.
pub const WINDOW: SignedDuration = SignedDuration::from_millis(61_500);
/// Each of the three that have a floor has one of so many parts of the minute.
const FLOORS: usize = 5;
/// Of an idle floor one of so many parts is kept back, for the first who comes.
const IDLE: usize = 6;
/// Of a floor one of so many parts is for others than whoever has taken the rest.
const OTHERS: usize = 2;
/// What is lent out is lent out in about so many parts of the minute.
const TIMES: usize = 8;
/// Who is not first in the queue comes again no sooner than this.
const AGAIN: SignedDuration = SignedDuration::from_millis(250);

/// What a request is for, the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Making a payment.
    Making,
    /// Somebody waits for the answer: a person, a callback, a transfer.
    Asking,
    /// Our own looking around.
    Polling,
    /// MixPay's lists of assets: a few requests every ten minutes.
    Lists,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [Self::Making, Self::Asking, Self::Polling, Self::Lists];

    /// Its name, in the store and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Asking => "asking",
            Self::Polling => "polling",
            Self::Lists => "lists",
        }
    }

    /// The purpose with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }

    /// How many requests of a minute are its own.
    const fn floor(self, limit: usize) -> usize {
        match self {
            Self::Making | Self::Asking | Self::Polling => limit / FLOORS,
            Self::Lists => 0,
        }
    }
}

/// A wish to make one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wish {
    /// What for.
    pub purpose: Purpose,
    /// For whom; nobody in particular for polling and lists.
    pub person: Option<UserId>,
}

impl Wish {
    /// To look around.
    pub const POLLING: Self = Self { purpose: Purpose::Polling, person: None };
    /// To refresh a list.
    pub const LISTS: Self = Self { purpose: Purpose::Lists, person: None };

    /// To make this person's payment.
    pub const fn making(person: UserId) -> Self {
        Self { purpose: Purpose::Making, person: Some(person) }
    }

    /// To find something out for this person.
    pub const fn asking(person: UserId) -> Self {
        Self { purpose: Purpose::Asking, person: Some(person) }
    }
}

/// A request that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// When.
    pub at: Timestamp,
    /// What for, and for whom.
    pub wish: Wish,
    /// Whether it was lent: beyond what was the asker's own.
    pub lent: bool,
}

/// Somebody who was refused, and will come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// What they wish for.
    pub wish: Wish,
    /// Since when.
    pub since: Timestamp,
}

/// Whether a request may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Now.
    Now {
        /// Whether it is lent.
        lent: bool,
    },
    /// Not before this time, which is later the more wait before.
    NotBefore(Timestamp),
}

/// Whether `wish` may be granted now: at most `limit` of `uses`, the requests of the last window,
/// in any minute, and in turn with those who wait.
pub fn decide(uses: &[Use], waiting: &[Waiting], wish: Wish, limit: u32, now: Timestamp) -> Turn {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let others = || waiting.iter().filter(|waiting| waiting.wish != wish);
    let mut wanted: Vec<Purpose> = others().map(|waiting| waiting.wish.purpose).collect();
    wanted.push(wish.purpose);
    let is_crowded = waiting.iter().any(|waiting| waiting.wish.person.is_some());
    let mut window = Window { uses: uses.to_vec(), wanted: &wanted, is_crowded, limit };
    window.leave(now);
    let alone = window.first(wish, now);
    let since = waiting.iter().find(|waiting| waiting.wish == wish);
    let me = window.order(wish, since.map_or(now, |waiting| waiting.since.min(now)), now);
    let mut before: Vec<_> = others()
        .map(|other| (window.order(other.wish, other.since, now), other.wish))
        // Of those who are alike, whoever is new stands last.
        .filter(|(order, other)| match order.cmp(&me) {
            Ordering::Less => true,
            Ordering::Equal => since.is_none() || other.person < wish.person,
            Ordering::Greater => false,
        })
        .collect();
    before.sort_by_key(|(order, _)| *order);
    if alone == now {
        // What those before may have now is theirs, although they have not come yet.
        let mut left = Window { uses: window.uses.clone(), ..window };
        for (_, other) in &before {
            if let Some(lent) = left.grants(*other, now) {
                left.uses.push(Use { at: now, wish: *other, lent });
            }
        }
        if let Some(lent) = left.grants(wish, now) {
            return Turn::Now { lent };
        }
    }
    let in_the_queue = |other: Wish| wish.person.is_some() && other.person.is_some();
    let ahead = before.iter().filter(|(_, other)| in_the_queue(*other)).count();
    let ahead = i32::try_from(ahead).unwrap_or(i32::MAX);
    // No slot comes sooner than this; whoever comes too early is told again.
    let queue = part(limit).checked_mul(ahead).unwrap_or(WINDOW);
    let soonest = after(now, AGAIN);
    let when = after(if alone == now { soonest } else { alone }, queue);
    Turn::NotBefore(when.min(after(now, WINDOW)))
}

fn after(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// The window, spread over so many.
fn part(count: usize) -> SignedDuration {
    WINDOW.checked_div(i32::try_from(count.max(1)).unwrap_or(i32::MAX)).unwrap_or(WINDOW)
}

/// The requests of the last minute, and what is wished for.
struct Window<'a> {
    uses: Vec<Use>,
    wanted: &'a [Purpose],
    /// Whether people were refused, and will come again.
    is_crowded: bool,
    limit: usize,
}

impl Window<'_> {
    /// Forgets what has left the window by then.
    fn leave(&mut self, now: Timestamp) {
        self.uses.retain(|made| after(made.at, WINDOW) > now);
    }

    fn count(&self, which: impl Fn(&Use) -> bool) -> usize {
        self.uses.iter().filter(|made| which(made)).count()
    }

    /// How much of its floor a purpose has had. Polling has one part of the minute after the other,
    /// whatever of it is lent.
    fn own(&self, purpose: Purpose) -> usize {
        let is_polling = purpose == Purpose::Polling;
        let made = self.count(|made| made.wish.purpose == purpose && (is_polling || !made.lent));
        made.min(purpose.floor(self.limit))
    }

    /// What of a floor nobody else may have.
    fn kept(&self, purpose: Purpose) -> usize {
        let floor = purpose.floor(self.limit);
        let is_active = self.wanted.contains(&purpose)
            || self.uses.iter().any(|made| made.wish.purpose == purpose);
        if is_active {
            floor.saturating_sub(self.own(purpose))
        } else {
            (floor / IDLE).max(1).min(floor)
        }
    }

    fn all_kept(&self) -> usize {
        Purpose::ALL.into_iter().map(|purpose| self.kept(purpose)).sum()
    }

    /// Whether a wish may be granted, if nobody else has one; and whether that is lent.
    fn grants(&self, wish: Wish, now: Timestamp) -> Option<bool> {
        if self.uses.len() >= self.limit {
            return None;
        }
        let is_spare = || self.uses.len().saturating_add(self.all_kept()) < self.limit;
        let floor = wish.purpose.floor(self.limit);
        let own = self.own(wish.purpose);
        match wish.purpose {
            Purpose::Polling => {
                let polls = self.uses.iter().filter(|made| made.wish.purpose == Purpose::Polling);
                let last = polls.map(|made| made.at).max();
                let turn = |polls| last.is_none_or(|last| after(last, part(polls)) <= now);
                // Its floor is the evenly spread one: a minute without a look at MixPay is none.
                let is_own = floor > 0 && turn(floor);
                (is_own || (turn(self.polls()) && (floor == 0 || is_spare()))).then_some(!is_own)
            }
            Purpose::Making | Purpose::Asking => {
                let mine = self.count(|made| made.wish == wish && !made.lent);
                let others = (floor / OTHERS).max(1).min(floor.saturating_sub(1));
                if own < floor && mine < floor.saturating_sub(others) {
                    return Some(false);
                }
                let is_lent = self.is_first_card(wish) || (is_spare() && self.lends(now));
                is_lent.then_some(true)
            }
            Purpose::Lists => is_spare().then_some(true),
        }
    }

    /// Whether this is somebody's first payment in a minute, and there is room for it beside
    /// polling's floor and the first questions. It waits for nobody who has had one.
    fn is_first_card(&self, wish: Wish) -> bool {
        let questions = self.kept(Purpose::Asking).min(self.limit / FLOORS / IDLE);
        let kept = self.kept(Purpose::Polling).saturating_add(questions);
        wish.purpose == Purpose::Making
            && self.limit >= FLOORS
            && self.uses.len().saturating_add(kept) < self.limit
            && self.count(|made| made.wish == wish) == 0
    }

    /// How many polls there may be in a minute: what the others neither have nor keep. Spent at
    /// once, it would leave the rest of the minute blind. While people wait, it is the floor alone.
    fn polls(&self) -> usize {
        let floor = Purpose::Polling.floor(self.limit);
        if self.is_crowded {
            return floor;
        }
        let others = Purpose::ALL.into_iter().filter(|purpose| *purpose != Purpose::Polling);
        let taken: usize = others
            .map(|other| {
                let made = self.count(|made| made.wish.purpose == other);
                made.max(self.own(other).saturating_add(self.kept(other)))
            })
            .sum();
        self.limit.saturating_sub(taken).max(floor)
    }

    /// Whether the next of those that are lent out to people may go now: a few in each part of the
    /// minute, so that they come back as evenly.
    fn lends(&self, now: Timestamp) -> bool {
        let own: usize = Purpose::ALL.into_iter().map(|purpose| self.own(purpose)).sum();
        let all = self.limit.saturating_sub(own.saturating_add(self.all_kept())).max(1);
        let few = (all / TIMES).max(1);
        let time = part(all).saturating_mul(i32::try_from(few).unwrap_or(i32::MAX));
        let lent = |made: &Use| made.lent && made.wish.person.is_some();
        self.count(|made| lent(made) && after(made.at, time) > now) < few
    }

    /// The first moment from `now` on at which a wish is granted if nobody else comes. Time alone
    /// only makes room, so that the moment can be found by halving.
    fn first(&self, wish: Wish, now: Timestamp) -> Timestamp {
        let grants = |micros: i64| {
            let time = after(now, SignedDuration::from_micros(micros));
            let mut then = Window { uses: self.uses.clone(), ..*self };
            then.leave(time);
            then.grants(wish, time).is_some()
        };
        if grants(0) {
            return now;
        }
        let (mut early, mut late) = (0, i64::try_from(WINDOW.as_micros()).unwrap_or(i64::MAX));
        while early < late {
            let middle = early.midpoint(late);
            if grants(middle) {
                late = middle;
            } else {
                early = middle.saturating_add(1);
            }
        }
        after(now, SignedDuration::from_micros(early))
    }

    /// Who is first, of those who could be granted theirs: what is one's own before what is lent,
    /// then whoever has had least.
    fn order(&self, wish: Wish, since: Timestamp, now: Timestamp) -> Order {
        let is_lent = self.grants(wish, now).unwrap_or(true);
        let class = match wish.purpose {
            Purpose::Making | Purpose::Asking | Purpose::Polling if !is_lent => 0,
            Purpose::Making | Purpose::Asking => 1,
            Purpose::Polling => 2,
            Purpose::Lists => 3,
        };
        let had = wish.person.map_or(0, |_| self.count(|made| made.wish.person == wish.person));
        // Where nothing is anybody's own, whoever waits longest is first.
        let has_floors = Purpose::Making.floor(self.limit) > 0;
        if has_floors { (class, had, wish.purpose, since) } else { (0, 0, Purpose::Making, since) }
    }
}

/// The class, how much the person has had, what for, and since when they wait.
type Order = (u8, usize, Purpose, Timestamp);
