//! The command `simulate`: Mixin and MixPay as servers of their own, and what proves the promises against them.

pub mod control;
mod kills;
pub mod listen;

use crate::cli::{Failure, Proof, Simulate};
use std::io::Write;

/// Does what was asked for; what people or programs read goes to `out`.
pub async fn run(simulate: &Simulate, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
    match (&simulate.proof, &simulate.listen) {
        (Some(Proof::Kills(kills)), _) => kills::run(kills, out).await,
        (None, Some(address)) => listen::run(*address, simulate, out).await,
        // The command line asks for the address.
        (None, None) => Ok(()),
    }
}
