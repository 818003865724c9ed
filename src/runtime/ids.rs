//! The system's randomness, and a seeded one for demo and tests.

use crate::ports::ids::Ids;
use rand_chacha::{
    ChaCha12Rng,
    rand_core::{RngCore, SeedableRng},
};
use std::sync::{Mutex, PoisonError};

/// The system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no id can be made, and none must be guessable"
    )]
    fn bits(&self) -> u64 {
        getrandom::u64().expect("the system gives no random numbers")
    }
}

/// Ids that follow from a seed.
#[derive(Debug)]
pub struct SeededIds(Mutex<ChaCha12Rng>);

impl SeededIds {
    /// The ids of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha12Rng::seed_from_u64(seed)))
    }
}

impl Ids for SeededIds {
    fn bits(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next_u64()
    }
}
