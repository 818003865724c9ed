//! Seeds: plays many histories side by side, and tells of those that broke a promise.

use super::history::History;
use crate::store::Store;
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    fmt,
    io::{self, Write},
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// At most so many histories that went wrong are told; after that the rest is not played.
const MISHAPS_MAX: usize = 5;
/// The bar moves after so many histories.
const STEP: u64 = 16;

/// Which histories are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The first seed.
    pub first: u64,
    /// How many seeds.
    pub count: u64,
    /// No history is begun after so long.
    pub within: Option<Duration>,
    /// How many are played side by side; `None` is one on each core.
    pub threads: Option<NonZeroUsize>,
}

/// What became of histories that kept every promise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Played {
    /// How many.
    pub histories: u64,
    /// Invoices that were asked for.
    pub invoices: u64,
    /// How often the process died.
    pub deaths: u64,
    /// Points at which it could have died.
    pub points: u64,
}

impl std::ops::AddAssign for Played {
    fn add_assign(&mut self, other: Self) {
        self.histories += other.histories;
        self.invoices += other.invoices;
        self.deaths += other.deaths;
        self.points += other.points;
    }
}

/// A history that broke a promise.
#[derive(Debug)]
pub struct Mishap {
    /// Its seed.
    pub seed: u64,
    /// What is wrong.
    pub wrong: Vec<String>,
    /// What happened, in words.
    pub told: Vec<String>,
}

impl fmt::Display for Mishap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "History {} went wrong:", self.seed)?;
        for wrong in &self.wrong {
            writeln!(f, "  {wrong}")?;
        }
        writeln!(f, "What happened:")?;
        for line in &self.told {
            writeln!(f, "  {line}")?;
        }
        write!(f, "Play it again: mixpay-bot simulate seeds --first {} --count 1", self.seed)
    }
}

/// Plays the history of a seed, and judges it. `spare` is a database to play in; it is there for
/// the next one afterwards.
pub fn play(seed: u64, spare: &mut Option<Store>) -> Result<Played, Mishap> {
    let history = History::play(seed, spare.take()).map_err(|(told, broken)| Mishap {
        seed,
        wrong: vec![broken.to_string()],
        told,
    })?;
    if !history.wrong.is_empty() {
        return Err(Mishap { seed, wrong: history.wrong, told: history.told });
    }
    let played = Played {
        histories: 1,
        invoices: u64::try_from(history.wishes.len()).unwrap_or(u64::MAX),
        deaths: history.deaths.into(),
        points: history.machine.points(),
    };
    *spare = Some(history.machine.into_store());
    Ok(played)
}

/// Plays the histories of a plan, shows how far it is, and writes what became of them to `out`.
/// True if every promise was kept.
pub fn run(plan: Plan, out: &mut dyn Write, is_terminal: bool) -> io::Result<bool> {
    let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let threads = plan.threads.unwrap_or_else(cores);
    let bar = if is_terminal { ProgressBar::new(plan.count) } else { ProgressBar::hidden() };
    let style = "{bar:40} {human_pos} of {human_len} histories, {per_sec:0}, {eta} left";
    bar.set_style(ProgressStyle::with_template(style).map_err(io::Error::other)?);
    let began = Instant::now();
    let (next, sum) = (AtomicU64::new(0), Mutex::new(Played::default()));
    let mishaps = Mutex::new(Vec::new());
    let on_time = || plan.within.is_none_or(|within| began.elapsed() < within);
    let few = || mishaps.lock().unwrap_or_else(PoisonError::into_inner).len() < MISHAPS_MAX;
    let work = || {
        let (mut played, mut spare) = (Played::default(), None);
        while on_time() && few() {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= plan.count {
                break;
            }
            match play(plan.first.wrapping_add(number), &mut spare) {
                Ok(one) => played += one,
                Err(mishap) => {
                    mishaps.lock().unwrap_or_else(PoisonError::into_inner).push(mishap);
                }
            }
            if number.is_multiple_of(STEP) {
                bar.set_position(number);
            }
        }
        *sum.lock().unwrap_or_else(PoisonError::into_inner) += played;
    };
    thread::scope(|scope| {
        for _ in 0..threads.get() {
            scope.spawn(work);
        }
    });
    bar.finish_and_clear();
    let played = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut mishaps = mishaps.into_inner().unwrap_or_else(PoisonError::into_inner);
    mishaps.sort_by_key(|mishap| mishap.seed);
    for mishap in &mishaps {
        writeln!(out, "{mishap}\n")?;
    }
    let Played { histories, invoices, deaths, points } = played;
    let per_second = u128::from(histories) * 1000 / began.elapsed().as_millis().max(1);
    let each = per_second.checked_div(u128::try_from(threads.get()).unwrap_or(1)).unwrap_or(0);
    writeln!(
        out,
        "{histories} histories, {invoices} invoices, {deaths} deaths of the process, {points} points at \
         which it could have died: {} lost or told twice. {per_second} histories a second, {each} \
         on each of {threads} cores.",
        mishaps.len(),
    )?;
    Ok(mishaps.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{super::oracle, *};
    use futures::FutureExt;

    #[test]
    fn histories_in_which_everything_fails_end_as_they_must() {
        let plan = Plan { first: 0, count: 100, within: None, threads: None };
        let mut out = Vec::new();
        let right = run(plan, &mut out, false).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(right, "{out}");
        assert!(out.starts_with("100 histories, "), "{out}");
        assert!(out.contains("0 lost or told twice"), "{out}");
    }

    #[test]
    fn the_same_seed_gives_the_same_history() {
        let told = |seed: u64| History::play(seed, None).unwrap().told;
        for seed in 0..5 {
            assert_eq!(told(seed), told(seed));
        }
        let mut spare = None;
        let fresh = play(3, &mut spare).unwrap();
        assert!(spare.is_some());
        assert_eq!(play(3, &mut spare).unwrap(), fresh, "in a database that was used before");
    }

    #[test]
    fn the_oracle_notices_what_is_missing_and_what_is_too_much() {
        // A history with an invoice that was paid, and one that was not.
        let mut history = (0..100).map(|seed| History::play(seed, None).unwrap()).find(|history| {
            let paid = |words: &str| words.starts_with("Paid ");
            let shown = |wish: &super::super::history::Wish| {
                history.machine.world.shown(wish.by, wish.place)
            };
            history.wishes.iter().any(|wish| shown(wish).iter().any(|s| paid(&s.words())))
        });
        let history = history.as_mut().unwrap();
        let wrong = |history: &History| oracle::wrong(history).now_or_never().unwrap().unwrap();
        assert_eq!(wrong(history), Vec::<String>::new());
        let before = |at: jiff::Timestamp| at - Duration::from_hours(1);
        let healed = std::mem::replace(&mut history.healed, before(history.machine.now()));
        for wish in &mut history.wishes {
            wish.line.at = before(wish.line.at);
        }
        assert!(wrong(history).iter().any(|wrong| wrong.contains("\" is answered after 3")));
        history.healed = healed;
        assert_eq!(wrong(history), Vec::<String>::new());
        history.is_calm = true;
        for wish in &mut history.wishes {
            wish.line.is_aside = true;
        }
        assert!(wrong(history).iter().any(|wrong| wrong.starts_with("the bystander waits for")));
        history.is_calm = false;
        for wish in &mut history.wishes {
            wish.tampered = true;
        }
        assert!(wrong(history).iter().any(|wrong| wrong.contains("\"Paid \" 1 times")));
        for wish in &mut history.wishes {
            wish.memo.push_str("nobody");
        }
        assert!(wrong(history).iter().any(|wrong| wrong.contains("has 0 cards")));
    }
}
