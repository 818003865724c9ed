//! Ids: the one source of randomness.

use std::fmt;
use uuid::Uuid;

/// Fresh random numbers and ids.
pub trait Ids: Send + Sync + fmt::Debug {
    /// 64 random bits.
    fn bits(&self) -> u64;

    /// A fresh random UUID.
    fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        let (high, low) = (self.bits().to_be_bytes(), self.bits().to_be_bytes());
        for (to, from) in bytes.iter_mut().zip(high.into_iter().chain(low)) {
            *to = from;
        }
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
