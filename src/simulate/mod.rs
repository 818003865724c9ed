//! The command `simulate`: Mixin and MixPay as servers of their own, and what proves the promises against them.

pub mod control;
mod kills;
pub mod listen;

use crate::{
    cli::{Failure, Rehearsal, Seeds, Simulate},
    rehearsal,
};
use anyhow::Context;
use std::io::{IsTerminal, Write};

/// Does what was asked for; what people or programs read goes to `out`.
pub async fn run(simulate: &Simulate, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
    match (&simulate.rehearsal, &simulate.listen) {
        (Some(Rehearsal::Seeds(plan)), _) => seeds(plan, out),
        (Some(Rehearsal::Kills(kills)), _) => kills::run(kills, out).await,
        (None, Some(address)) => listen::run(*address, simulate, out).await,
        // The command line asks for one of them.
        (None, None) => Ok(()),
    }
}

/// Plays seeded histories.
fn seeds(asked: &Seeds, out: &mut dyn Write) -> Result<(), Failure> {
    let plan = rehearsal::seeds::Plan {
        first: asked.first,
        count: asked.count,
        within: asked.within,
        threads: asked.threads,
    };
    let is_terminal = std::io::stderr().is_terminal();
    let kept =
        rehearsal::seeds::run(plan, out, is_terminal).context("the result cannot be told")?;
    if kept {
        return Ok(());
    }
    Err(Failure::Failed(anyhow::anyhow!("a promise was broken: see above how to play it again")))
}
