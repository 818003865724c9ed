//! Seeds: plays many histories, and says what was wrong with those that went wrong.

use super::{history::History, oracle};
use futures::FutureExt;

/// What became of one history.
#[derive(Debug, Clone, Copy, Default)]
pub struct Played {
    /// Invoices that were asked for.
    pub invoices: u64,
    /// How often the process died.
    pub deaths: u64,
    /// Points at which it could have died.
    pub points: u64,
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

/// Plays the history of a seed, and judges it.
pub fn play(seed: u64) -> Result<Played, Mishap> {
    let history = History::play(seed).map_err(|(told, broken)| Mishap {
        seed,
        wrong: vec![broken.to_string()],
        told,
    })?;
    let wrong = match oracle::wrong(&history).now_or_never() {
        Some(Ok(wrong)) => wrong,
        Some(Err(error)) => vec![format!("the store cannot be read: {error}")],
        None => vec!["the store is held by somebody".to_owned()],
    };
    if !wrong.is_empty() {
        return Err(Mishap { seed, wrong, told: history.told });
    }
    Ok(Played {
        invoices: u64::try_from(history.wishes.len()).unwrap_or(u64::MAX),
        deaths: history.deaths.into(),
        points: history.machine.points(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histories_in_which_everything_fails_end_as_they_must() {
        let first: u64 = std::env::var("FIRST").ok().and_then(|f| f.parse().ok()).unwrap_or(0);
        let count: u64 = std::env::var("COUNT").ok().and_then(|f| f.parse().ok()).unwrap_or(20);
        let began = std::time::Instant::now();
        let mut sum = Played::default();
        for seed in first..first + count {
            match play(seed) {
                Ok(p) => {
                    sum.invoices += p.invoices;
                    sum.deaths += p.deaths;
                    sum.points += p.points;
                }
                Err(m) => println!("seed {}: {:#?}\n{}", m.seed, m.wrong, m.told.join("\n")),
            }
        }
        println!("{sum:?} {:?}", began.elapsed());
    }
}
