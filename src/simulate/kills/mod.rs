//! `simulate kills`: the real program on a real disk, killed at random times under load, loses and repeats nothing.
//!
//! Each run is a world of its own behind sockets, and the bot's own executable beside it. People
//! ask, pay and chatter while the network lies and SIGKILL comes; then everything calms down, and what
//! people saw, what MixPay knows and what the bot wrote down must be one story. Time is real
//! here, so that a seed repeats what is done, but not each instruction at which the bot died.

mod bot;
mod checks;
mod people;

use crate::{
    cli::{Failure, Kills},
    rehearsal::dice::Dice,
    runtime::{clock::SystemClock, ids::SeededIds},
    sim::{Ports, World, wire},
};
use anyhow::{Context, bail};
use bot::Bot;
use people::People;
use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// The longest that the bot lives between two kills of a run, in milliseconds.
const LIFE_MS_MAX: u64 = 1_500;
/// The most changes of the world that the bot outlives, where they decide.
const CHANGES_MAX: u64 = 120;
/// How long everything may take to come to its end once it is calm.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often it is looked whether it has, while nothing happens in the world.
const LOOK: Duration = Duration::from_millis(250);

/// What one run saw.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    kills: u32,
    lines: usize,
    invoices: usize,
    paid: usize,
}

/// Plays all runs; stops at the first in which something is lost or told twice.
pub(super) async fn run(kills: &Kills, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
    let mut sum = Seen::default();
    for number in 0..kills.count {
        let seed = kills.seed.wrapping_add(number.into());
        progress(&format!("run {} of {}, seed {seed}", number + 1, kills.count));
        let told = one(seed, kills.kills_per_run).await.with_context(|| {
            format!(
                "replay it with: mixpay-bot simulate kills --seed {seed} --count 1 \
                 --kills-per-run {}",
                kills.kills_per_run
            )
        })?;
        sum.kills += told.kills;
        sum.lines += told.lines;
        sum.invoices += told.invoices;
        sum.paid += told.paid;
    }
    progress("");
    let Seen { kills: deaths, lines, invoices, paid } = sum;
    writeln!(
        out,
        "{} runs, {deaths} kills: {lines} lines answered, {invoices} invoices, {paid} paid; \
         nothing lost, nothing twice, the ledger balances.",
        kills.count
    )
    .context("the result cannot be printed")?;
    Ok(())
}

/// Tells on a terminal how far it is.
fn progress(text: &str) {
    let mut err = io::stderr();
    if err.is_terminal() && write!(err, "\r\x1b[K{text}").and_then(|()| err.flush()).is_err() {
        tracing::debug!("the terminal is gone");
    }
}

/// A folder of one run; it is removed unless the run fails.
struct Folder(PathBuf);

impl Folder {
    fn new(seed: u64) -> anyhow::Result<Self> {
        let name = format!("mixpay-bot-kills-{}-{seed}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)
            .with_context(|| format!("the folder {} cannot be made", path.display()))?;
        Ok(Self(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

/// Plays the run of a seed.
async fn one(seed: u64, kills: u32) -> anyhow::Result<Seen> {
    let folder = Folder::new(seed)?;
    let told = play(seed, kills, &folder).await;
    if let Err(error) = told {
        return Err(error.context(format!("its files are in {}", folder.path().display())));
    }
    std::fs::remove_dir_all(folder.path()).context("the run's folder cannot be removed")?;
    told
}

async fn play(seed: u64, kills: u32, folder: &Folder) -> anyhow::Result<Seen> {
    let world = World::new(Arc::new(SystemClock), Arc::new(SeededIds::new(seed)));
    let servers = wire::serve(Arc::clone(&world), Ports::default())
        .await
        .context("the simulated services cannot be started")?;
    let dice = Dice::new(seed);
    // In half of the runs the bot is the till, and is told of payments by transfers too.
    let till = dice.percent(50).then(|| world.bot());
    let bot = Bot::new(folder.path(), &world, servers.endpoints(), till)?;
    let mut people = People::new(&world, Dice::new(seed.wrapping_add(1)));

    bot.start()?;
    {
        let reaper = reap(&bot, &world, &dice, kills);
        let (killed, lived) = tokio::join!(reaper, people.live());
        killed?;
        lived?;
    }
    people.calm_down();
    level(&world, &bot, || people.missing()).await?;
    // What was not finished before the last death would be shown now, a second time if it was.
    bot.kill().await?;
    bot.start()?;
    people.ping();
    level(&world, &bot, || people.missing()).await?;
    at_rest(&world, &bot).await?;
    bot.stop().await?;

    let mut wrong = people.wrong();
    wrong.extend(checks::outside(&world));
    wrong.extend(checks::ledger(&world, &bot).await?);
    wrong.extend(checks::database(&world, &bot).await?);
    if !wrong.is_empty() {
        bail!("{}", wrong.join("; "));
    }
    let paid =
        world.all_checkouts().iter().filter(|checkout| checkout.status() == "success").count();
    Ok(Seen { kills: kills + 1, lines: people.lines(), invoices: people.invoices(), paid })
}

/// Kills the bot and starts it again, so many times.
async fn reap(bot: &Bot, world: &World, dice: &Dice, kills: u32) -> anyhow::Result<()> {
    for _ in 0..kills {
        let life = Duration::from_millis(dice.below(LIFE_MS_MAX));
        let mut left = if dice.percent(50) { dice.below(CHANGES_MAX) } else { u64::MAX };
        let mut changed = world.changed();
        let enough = async {
            while left > 0 && changed.changed().await.is_ok() {
                left -= 1;
            }
        };
        // Whether time or what happens decides, the other bounds it.
        drop(tokio::time::timeout(life, enough).await);
        bot.kill().await?;
        tokio::time::sleep(Duration::from_millis(dice.below(200))).await;
        bot.start()?;
    }
    Ok(())
}

/// Waits until the database has nothing left to do.
async fn at_rest(world: &World, bot: &Bot) -> anyhow::Result<()> {
    let began = std::time::Instant::now();
    loop {
        let mut left = checks::database(world, bot).await?;
        let waiting = checks::waiting(bot).await?;
        if waiting > 0 {
            left.push(format!("{waiting} effects wait"));
        }
        if left.is_empty() {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            bail!("after {} s still: {}", PATIENCE.as_secs(), left.join("; "));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until nothing is missing and nothing is on its way.
async fn level(
    world: &World,
    bot: &Bot,
    mut missing: impl FnMut() -> Vec<String>,
) -> anyhow::Result<()> {
    let began = std::time::Instant::now();
    let mut changed = world.changed();
    loop {
        changed.mark_unchanged();
        let left = missing();
        let activity = world.activity();
        if left.is_empty() && activity.is_quiet() {
            return Ok(());
        }
        bot.is_alive()?;
        if began.elapsed() > PATIENCE {
            bail!("after {} s still: {}; {activity:?}", PATIENCE.as_secs(), left.join("; "));
        }
        match tokio::time::timeout(LOOK, changed.changed()).await {
            Ok(Ok(())) | Err(_) => {}
            Ok(Err(_)) => bail!("the world is gone"),
        }
    }
}
