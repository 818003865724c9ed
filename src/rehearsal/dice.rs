//! Dice: what happens next in a seeded history.

use crate::{ports::ids::Ids, runtime::ids::SeededIds};

/// Chance that follows from a seed.
#[derive(Debug)]
pub struct Dice(SeededIds);

impl Dice {
    /// The dice of a seed.
    pub fn new(seed: u64) -> Self {
        Self(SeededIds::new(seed))
    }

    /// A number below `end`; 0 if that is 0.
    pub fn below(&self, end: u64) -> u64 {
        self.0.bits().checked_rem(end).unwrap_or_default()
    }

    /// True so many times in a hundred.
    pub fn percent(&self, of_hundred: u64) -> bool {
        self.below(100) < of_hundred
    }

    /// One of these; `None` if there is none.
    pub fn one<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(of.len()).unwrap_or(u64::MAX);
        of.get(usize::try_from(self.below(count)).unwrap_or_default())
    }

    /// One of these, each as often as its weight says; `None` if all weigh nothing.
    pub fn weighted<'a, T>(&self, of: &'a [(u64, T)]) -> Option<&'a T> {
        let mut left = self.below(of.iter().map(|(weight, _)| weight).sum());
        of.iter().find_map(|(weight, what)| match left.checked_sub(*weight) {
            Some(rest) => {
                left = rest;
                None
            }
            None => Some(what),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_weighs_nothing_never_happens_and_the_rest_does() {
        let dice = Dice::new(1);
        let of = [(0, "never"), (1, "seldom"), (9, "often")];
        let thrown: Vec<_> = (0..1000).map(|_| *dice.weighted(&of).unwrap()).collect();
        let count = |what: &str| thrown.iter().filter(|each| **each == what).count();
        assert_eq!(count("never"), 0);
        assert!((50..200).contains(&count("seldom")), "{}", count("seldom"));
        assert_eq!(dice.weighted::<()>(&[]), None);
        assert_eq!(dice.one::<()>(&[]), None);
    }
}
