//! The rivals: plain round robin, and policies that know only ages, with exact numbers.

use crate::model::{Arrivals, Chance, MEDIAN, Model, Outcome, SIGMA};
use std::collections::VecDeque;

/// The budget of the bot: so many requests in this time, a fifth of them for making invoices, less
/// while none are made.
const WINDOW: f64 = 61.5;
const REQUESTS: usize = 60;
const RESERVED: usize = 12;
const RESERVED_IDLE: usize = 4;
const SOONEST: f64 = 4.0;
/// Ages are put into classes, each so much longer than the one before; within one the invoice that
/// waits longest comes first.
const CLASS: f64 = 1.12;
const CLASSES: usize = 130;

/// Which invoice a question is worth most for: the one with the greatest value of this, a function
/// of its age and its age at the last question.
#[derive(Debug, Clone)]
pub(crate) enum Index {
    /// The share of all payments that come between these ages; old ones count less.
    Share { discount: f64 },
    /// The chance that it was paid between these ages, as it was not before; old ones count less.
    Chance { discount: f64 },
    /// How long a payment is expected to have waited; old ones count less.
    Waiting { discount: f64 },
    /// How many times older it is.
    Ratio { bend: f64 },
    /// It has come to one of these ages, just now rather than long ago.
    Schedule { ages: Vec<f64> },
}

/// What keeps an invoice from starving.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Starving {
    /// None waits longer than this.
    Never { wait: f64 },
    /// One in so many questions is for the one that waits longest.
    Share { every: f64 },
}

/// A policy that knows only ages.
#[derive(Debug, Clone)]
pub(crate) struct Rival {
    pub(crate) index: Index,
    pub(crate) starving: Starving,
    /// What a minute past the deadline is worth.
    pub(crate) ended: f64,
}

impl Rival {
    pub(crate) fn name(&self) -> String {
        let Self { index, starving, ended } = self;
        format!("{index:?}, {starving:?}, {ended} a minute past the deadline")
    }
}

/// The distribution of delays, and its integral, second by second.
struct Delays {
    by: Vec<f64>,
    sum: Vec<f64>,
}

impl Delays {
    fn new(deadline: f64) -> Self {
        let mut by = vec![0.0];
        let mut sum = vec![0.0];
        let mut last = 0.0;
        for second in 1..=(deadline as usize).min(40_000) + 1 {
            let to = (second as f64 / MEDIAN).ln() / SIGMA;
            // Φ by Simpson's rule over the last second.
            let from =
                if second == 1 { to - 4.0 } else { ((second - 1) as f64 / MEDIAN).ln() / SIGMA };
            let density = |z: f64| (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            last += (to - from) / 6.0
                * (density(from) + 4.0 * density(f64::midpoint(from, to)) + density(to));
            sum.push(sum[second - 1] + f64::midpoint(by[second - 1], last));
            by.push(last);
        }
        Self { by, sum }
    }

    fn at(values: &[f64], age: f64) -> f64 {
        let last = values.len() - 2;
        let second = (age.max(0.0) as usize).min(last);
        let part = (age - second as f64).clamp(0.0, 1.0);
        values[second] + (values[second + 1] - values[second]) * part
    }

    fn share(&self, age: f64, asked: f64) -> f64 {
        Self::at(&self.by, age) - Self::at(&self.by, asked)
    }

    /// The expected time that a payment since `asked` has waited, and the chance that there is one.
    fn chance(&self, age: f64, asked: f64) -> f64 {
        0.6 * self.share(age, asked) / (1.0 - 0.6 * Self::at(&self.by, asked))
    }

    fn waiting(&self, age: f64, asked: f64) -> f64 {
        let before = Self::at(&self.by, asked);
        let sum = Self::at(&self.sum, age) - Self::at(&self.sum, asked) - before * (age - asked);
        0.6 * sum / (1.0 - 0.6 * before)
    }
}

impl Index {
    fn value(&self, delays: &Delays, age: f64, asked: f64) -> f64 {
        let worth = |discount: f64| ((age + 60.0) / 60.0).powf(-discount);
        match self {
            Self::Share { discount } => delays.share(age, asked) * worth(*discount),
            Self::Chance { discount } => delays.chance(age, asked) * worth(*discount),
            Self::Waiting { discount } => delays.waiting(age, asked) / 60.0 * worth(*discount),
            Self::Ratio { bend } => ((age + bend) / (asked + bend) - 1.0) / 10.0,
            Self::Schedule { ages } => ages
                .iter()
                .find(|planned| **planned > asked + 0.5)
                .filter(|planned| age >= **planned)
                .map_or(-1.0, |planned| 1.0 / (1.0 + (age - planned) / 60.0)),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Open {
    made: f64,
    asked: f64,
    pays: Option<f64>,
    /// How often it was asked about: an entry of a queue with another number is void.
    times: u32,
}

/// Invoices in the order in which they were asked about.
type Queue = VecDeque<(usize, u32)>;

struct Run<'a> {
    model: &'a Model,
    policy: Option<(&'a Rival, Delays)>,
    open: Vec<Option<Open>>,
    free: Vec<usize>,
    count: usize,
    /// By the age when they were asked about; then those past their deadline.
    classes: Vec<Queue>,
    all: Queue,
    window: VecDeque<(f64, bool)>,
    polled: f64,
    fair: f64,
    chance: Chance,
    outcome: Outcome,
}

/// Whoever waits longest is next.
pub(crate) fn round_robin(model: &Model) -> Outcome {
    run_with(model, None)
}

/// By an index of ages.
pub(crate) fn run(model: &Model, rival: &Rival) -> Outcome {
    run_with(model, Some((rival, Delays::new(model.deadline))))
}

fn run_with(model: &Model, policy: Option<(&Rival, Delays)>) -> Outcome {
    let mut run = Run {
        model,
        policy,
        open: Vec::new(),
        free: Vec::new(),
        count: 0,
        classes: vec![Queue::new(); CLASSES + 1],
        all: Queue::new(),
        window: VecDeque::new(),
        polled: f64::NEG_INFINITY,
        fair: 0.0,
        chance: Chance::new(model.seed),
        outcome: Outcome { measured: model.span.measured, ..Outcome::default() },
    };
    run.all_of_it();
    run.outcome
}

impl Run<'_> {
    fn all_of_it(&mut self) {
        if let Arrivals::Closed { open } = self.model.arrivals {
            for _ in 0..open {
                let made = -self.chance.part() * self.model.deadline;
                self.make(made);
            }
        }
        let (mut now, mut comes, mut queue) = (0.0, 0.0, 0);
        while now < self.model.end() {
            let mut next = f64::INFINITY;
            match self.model.arrivals {
                Arrivals::Closed { open } => queue = open - self.count,
                Arrivals::Random { a_second } => {
                    while comes <= now {
                        queue += 1;
                        comes += self.chance.pause(a_second);
                    }
                    next = comes;
                }
            }
            while self.window.front().is_some_and(|(at, _)| *at < now - WINDOW) {
                self.window.pop_front();
            }
            if queue > 0 {
                if self.window.len() < REQUESTS {
                    self.window.push_back((now, true));
                    self.make(now);
                    queue -= 1;
                    continue;
                }
                next = next.min(self.leaves(REQUESTS));
            }
            match self.question(now) {
                None => continue,
                Some(when) => next = next.min(when),
            }
            now = next.max(now + 1e-3);
        }
    }

    /// When there is room for one more of so many requests.
    fn leaves(&self, allowed: usize) -> f64 {
        self.window[self.window.len() - allowed].0 + WINDOW + 1e-3
    }

    fn make(&mut self, now: f64) {
        let pays = self.chance.pays(now, self.model.deadline);
        let times = 0;
        let open = Some(Open { made: now, asked: now, pays, times });
        let at = self.free.pop().unwrap_or(self.open.len());
        if at == self.open.len() {
            self.open.push(open);
        } else {
            // Entries of the one that was here before are void.
            let times = self.open[at].map_or(0, |old| old.times) + 1;
            self.open[at] = open.map(|open| Open { times, ..open });
        }
        self.count += 1;
        self.enqueue(at);
    }

    fn enqueue(&mut self, at: usize) {
        let open = self.open[at].unwrap();
        let age = open.asked - open.made;
        let class = ((age + 1.0).ln() / CLASS.ln()) as usize;
        let entry = (at, open.times);
        self.classes[class.min(CLASSES - 1)].push_back(entry);
        self.all.push_back(entry);
    }

    fn question(&mut self, now: f64) -> Option<f64> {
        let made = self.window.iter().filter(|(_, made)| *made).count();
        let allowed = REQUESTS - if made == 0 { RESERVED_IDLE } else { RESERVED };
        let turn = self.polled + WINDOW / allowed.saturating_sub(made).max(1) as f64;
        if self.window.len() >= allowed {
            return Some(self.leaves(allowed).max(turn));
        }
        if now < turn {
            return Some(turn);
        }
        let longest = self.longest()?;
        let waits = now - self.open[longest].unwrap().asked;
        if waits < SOONEST {
            return Some(now - waits + SOONEST);
        }
        let at = self.choose(now, longest, waits);
        self.window.push_back((now, false));
        self.polled = now;
        let open = self.open[at].as_mut().unwrap();
        let times = (now, open.made, open.asked);
        open.asked = now;
        open.times += 1;
        let pays = open.pays;
        if self.outcome.ask(self.model, self.count, times, pays) {
            self.count -= 1;
            self.free.push(at);
        } else {
            self.enqueue(at);
        }
        None
    }

    fn is_void(&self, (at, times): (usize, u32)) -> bool {
        self.open[at].is_none_or(|open| open.times != times)
    }

    fn longest(&mut self) -> Option<usize> {
        while let Some(entry) = self.all.front().copied() {
            if !self.is_void(entry) {
                return Some(entry.0);
            }
            self.all.pop_front();
        }
        None
    }

    fn choose(&mut self, now: f64, longest: usize, waits: f64) -> usize {
        let Some((rival, _)) = &self.policy else { return longest };
        match rival.starving {
            Starving::Never { wait } if waits >= wait => return longest,
            Starving::Never { .. } => {}
            Starving::Share { every } => {
                self.fair += 1.0;
                if self.fair >= every {
                    self.fair -= every;
                    return longest;
                }
            }
        }
        let mut best = (0.0, longest);
        for class in 0..=CLASSES {
            while let Some(entry) = self.classes[class].front().copied() {
                if self.is_void(entry) {
                    self.classes[class].pop_front();
                    continue;
                }
                let open = self.open[entry.0].unwrap();
                let age = now - open.made;
                if class < CLASSES && age > self.model.deadline {
                    self.classes[class].pop_front();
                    self.classes[CLASSES].push_back(entry);
                    continue;
                }
                let Some((rival, delays)) = &self.policy else { return longest };
                let value = if class == CLASSES {
                    (age - self.model.deadline) / 60.0 * rival.ended
                } else if now - open.asked < SOONEST {
                    -1.0
                } else {
                    rival.index.value(delays, age, open.asked - open.made)
                };
                if value > best.0 {
                    best = (value, entry.0);
                }
                break;
            }
        }
        best.1
    }
}
