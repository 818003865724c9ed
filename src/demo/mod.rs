//! Demo: the real bot against the simulated world, in a terminal, without any account or network.

pub mod play;
pub mod screen;
pub mod stage;
pub mod tour;

use crate::{
    cli::{Demo, Failure},
    config::Settings,
};
use anyhow::Context;
use play::Play;
use stage::Stage;
use std::{io::Write, path::Path};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Plays the demo as it was asked for, and writes what a person would see to `out`.
pub async fn run(
    settings: &Settings,
    demo: &Demo,
    out: &mut (dyn Write + Send),
    is_terminal: bool,
) -> Result<(), Failure> {
    if demo.tour {
        return tour::run(settings, demo.seed, out, is_terminal).await;
    }
    let stage = match &demo.script {
        Some(_) => Stage::standing(settings, demo.seed).await?,
        None => Stage::running(settings, demo.seed).await?,
    };
    let mut play = Play::new(stage, out, is_terminal);
    match &demo.script {
        Some(path) if path == Path::new("-") => script(&mut play, tokio::io::stdin()).await?,
        Some(path) => {
            let file = std::fs::read(path).with_context(|| {
                format!("script {} cannot be read", crate::config::shown::path(path))
            })?;
            script(&mut play, &*file).await?;
        }
        None => chat(&mut play).await?,
    }
    Ok(())
}

/// Plays every line of a script.
async fn script(play: &mut Play<'_>, lines: impl AsyncRead + Unpin) -> anyhow::Result<()> {
    let mut lines = BufReader::new(lines).lines();
    while let Some(line) = lines.next_line().await? {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        play.echo(line)?;
        if !play.line(line).await? {
            break;
        }
        play.pass(stage::AFTER_A_LINE).await?;
    }
    Ok(())
}

/// A chat with whoever sits at the terminal.
async fn chat(play: &mut Play<'_>) -> anyhow::Result<()> {
    play.greet()?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut changed = play.stage.world.changed();
    play.prompt()?;
    loop {
        tokio::select! {
            line = lines.next_line() => {
                let Some(line) = line? else { return Ok(()) };
                let line = line.trim();
                if !line.is_empty() && !play.line(line).await? {
                    return Ok(());
                }
                play.show_new()?;
                play.prompt()?;
            }
            seen = changed.changed() => {
                seen?;
                if play.show_new()? {
                    play.prompt()?;
                }
            }
        }
    }
}
