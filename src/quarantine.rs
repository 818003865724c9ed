//! The command `quarantine`: lists what was set aside, and takes it back or forgets it.

use crate::{
    cli::{Failure, Quarantine},
    config::{Database, Settings},
    run,
    runtime::ids::SystemIds,
    store::{Put, Store},
};
use anyhow::Context;
use std::io::Write;

/// So many are listed.
const LISTED_MAX: u32 = 1000;

/// Lists what is set aside, or does with one of it what is asked for. A bot that is running
/// notices by itself.
pub async fn run(
    settings: &Settings,
    what: &Quarantine,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if let Database::File(path) = &settings.database
        && !path.exists()
    {
        let path = path.display();
        return Err(Failure::Failed(anyhow::anyhow!(
            "there is no database at {path}: name the bot's in database_url"
        )));
    }
    let store = run::store(&settings.database, &SystemIds).await?;
    let text = match (&what.retry, &what.forget) {
        (Some(name), _) => retry(&store, name).await?,
        (None, Some(name)) => forget(&store, name).await?,
        (None, None) => list(&store).await?,
    };
    out.write_all(text.as_bytes()).context("the list cannot be written")?;
    Ok(())
}

/// Everything that is set aside, a line each.
async fn list(store: &Store) -> anyhow::Result<String> {
    let mut tx = store.begin().await?;
    let mut lines = Vec::new();
    for row in tx.unreadable(LISTED_MAX).await? {
        lines.push(line(&row.name(), &row.reason));
    }
    for (message, reason) in tx.quarantined(LISTED_MAX).await? {
        lines.push(line(&format!("message/{message}"), &reason));
    }
    if lines.is_empty() {
        lines.push("nothing is set aside\n".to_owned());
    }
    Ok(lines.concat())
}

/// One line, whatever the row says.
fn line(name: &str, reason: &str) -> String {
    let line = format!("{name}  {reason}");
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    line.chars().map(plain).chain(['\n']).collect()
}

async fn retry(store: &Store, name: &str) -> anyhow::Result<String> {
    let mut tx = store.begin().await?;
    let put = tx.put_back(name).await?;
    tx.commit().await?;
    match put {
        Put::Back => Ok(format!("{name} is looked at again\n")),
        Put::WasThere => Ok(format!("{name} was not taken away: it is read whenever it can be\n")),
        Put::Unknown => anyhow::bail!("{name} is not set aside, or cannot be looked at again"),
    }
}

async fn forget(store: &Store, name: &str) -> anyhow::Result<String> {
    let mut tx = store.begin().await?;
    let was_there = tx.forget_unreadable(name).await?;
    tx.commit().await?;
    anyhow::ensure!(was_there, "{name} is not set aside");
    Ok(format!("{name} is forgotten\n"))
}
