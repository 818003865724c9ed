//! The command `keystore`: tells what a keystore is, without its secrets.

use crate::{
    cli::Failure,
    keystore::{KeyType, Summary},
    run,
};
use anyhow::Context;
use std::{io::Write, path::Path};

/// Writes what the keystore in this file is.
pub fn keystore(path: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let told = told(&run::keystore(path)?.summary());
    out.write_all(told.as_bytes())
        .and_then(|()| out.flush())
        .context("the summary cannot be written")?;
    Ok(())
}

fn told(summary: &Summary) -> String {
    let encrypted = match summary.key {
        KeyType::Ed25519 => "",
        KeyType::Rsa { .. } => " (reads no encrypted messages)",
    };
    let spend_key = if summary.has_spend_key { "present (the bot never needs it)" } else { "none" };
    format!(
        "kind         {}\n\
         app          {}\n\
         session      {}\n\
         session key  {}{encrypted}\n\
         spend key    {spend_key}\n",
        summary.kind, summary.user, summary.session, summary.key,
    )
}
