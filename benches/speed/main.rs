//! Speed: the figures of BENCHMARKS.md, measured on the release binary through real sockets, with
//! everything committed to SQLite on disk. `cargo bench --bench speed -- backlog steady` runs two
//! parts, without names all but `million`.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

mod child;
mod service;
mod stock;

use anyhow::{Context, Result, bail};
use child::Bot;
use service::Service;
use std::{
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};
use stock::{Say, Stock};

/// Commands of one run under a backlog, and those before it that nobody counts.
const BACKLOG: u32 = 20_000;
const WARM_UP: u32 = 2_000;
/// Runs of which the median is told.
const RUNS: usize = 5;
/// A few people, each with an invoice to ask about: "none stored".
const NONE: Stock = Stock { people: 200, invoices: 200, open_every: 2 };

/// A part that can be chosen by its name.
type Part = (&'static str, fn(&Service) -> Result<()>);

const PARTS: [Part; 9] = [
    ("disk", disk),
    ("ping", ping),
    ("backlog", backlog),
    ("stored", |service| stored(service, 100_000)),
    ("steady", steady),
    ("latency", latency),
    ("memory", memory),
    ("recovery", recovery),
    ("strangers", strangers),
];
/// Takes minutes to be made ready.
const LONG: Part = ("million", |service| stored(service, 1_000_000));

fn main() -> Result<()> {
    // `cargo bench` adds `--bench`.
    let names: Vec<String> = std::env::args().skip(1).filter(|name| name != "--bench").collect();
    let known = PARTS.into_iter().chain([LONG]);
    if let Some(name) = names.iter().find(|name| known.clone().all(|(known, _)| known != *name)) {
        bail!("{name} is none of {}", known.map(|(name, _)| name).collect::<Vec<_>>().join(", "));
    }
    let service = Service::start()?;
    println!("| What | Measured |\n| --- | --- |");
    for (name, run) in known {
        let is_chosen = names.iter().any(|chosen| chosen == name);
        if is_chosen || (names.is_empty() && name != LONG.0) {
            run(&service).with_context(|| format!("part {name}"))?;
        }
    }
    Ok(())
}

/// An empty folder on the disk where the program was built.
fn folder(name: &str) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("speed").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// A new database with this stock.
fn database(name: &str, stock: Stock) -> Result<PathBuf> {
    let file = folder(name)?.join("bot.db");
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(stock.fill(&file))?;
    Ok(file)
}

/// What one run showed.
#[derive(Debug, Clone, Copy)]
struct Run {
    per_second: u64,
    /// Processor time for a thousand commands, of the bot and of this program.
    bot: Duration,
    service: Duration,
}

/// One run against a bot that was just started: so many commands, as fast as they are taken or one
/// every so often.
fn run(
    service: &Service,
    database: &Path,
    (stock, say): (Stock, Say),
    (count, every): (u32, Duration),
) -> Result<(Run, Vec<Duration>)> {
    let bot = Bot::start(service, database)?;
    let (warm_up, commands) =
        (stock.commands(say, 0..WARM_UP, 0)?, stock.commands(say, 0..count, 1)?);
    service.write(&warm_up, Duration::ZERO)?;
    service.answered(warm_up.len())?;
    service.acknowledged(warm_up.len())?;
    // What a start brings with it is over by then.
    sleep(Duration::from_millis(500));
    let (own, before, began) = (own_cpu()?, bot.cpu()?, Instant::now());
    let writer = {
        let service = service.clone();
        std::thread::spawn(move || service.write(&commands, every))
    };
    let total = usize::try_from(WARM_UP + count)?;
    let mut latencies = service.answered(total)?;
    let took = began.elapsed();
    service.acknowledged(total)?;
    let used = bot.cpu()?.saturating_sub(before);
    let own = own_cpu()?.saturating_sub(own);
    writer.join().ok().context("the writer panicked")??;
    latencies.sort_unstable();
    let per_second = u128::from(count) * 1_000_000 / took.as_micros().max(1);
    let per_thousand = |time: Duration| time * 1000 / count;
    let run = Run {
        per_second: u64::try_from(per_second)?,
        bot: per_thousand(used),
        service: per_thousand(own),
    };
    Ok((run, latencies))
}

fn own_cpu() -> Result<Duration> {
    child::cpu_of(std::process::id())
}

fn median<T: Copy + Ord>(values: impl IntoIterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// The medians of several runs.
fn medians(runs: &[Run]) -> Option<Run> {
    Some(Run {
        per_second: median(runs.iter().map(|run| run.per_second))?,
        bot: median(runs.iter().map(|run| run.bot))?,
        service: median(runs.iter().map(|run| run.service))?,
    })
}

fn tell(what: &str, run: Run) {
    println!(
        "| {what} | {} a second; CPU {:.3?} for 1,000, and {:.3?} of the load generator |",
        run.per_second, run.bot, run.service
    );
}

/// How fast this disk makes a page durable: what no program can undercut.
fn disk(_: &Service) -> Result<()> {
    use std::io::Write;
    let mut file = fs::File::create(folder("disk")?.join("page"))?;
    let times = (0..200).map(|_| {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        Ok(began.elapsed())
    });
    let median = median(times.collect::<Result<Vec<_>>>()?).context("no times")?;
    println!("| disk: one page appended and durable | {median:.2?} |");
    Ok(())
}

fn several(service: &Service, name: &str, stock: Stock, say: Say) -> Result<Run> {
    let database = database(name, stock)?;
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(run(service, &database, (stock, say), (BACKLOG, Duration::ZERO))?.0);
    }
    medians(&runs).context("no runs")
}

fn ping(service: &Service) -> Result<()> {
    tell(
        "ping: a backlog of commands that look at nothing",
        several(service, "ping", NONE, Say::Ping)?,
    );
    Ok(())
}

fn backlog(service: &Service) -> Result<()> {
    tell("backlog: half `status`, half `uuid`", several(service, "backlog", NONE, Say::Mixed)?);
    Ok(())
}

fn stored(service: &Service, invoices: u32) -> Result<()> {
    let many = Stock { people: 2_000, invoices, open_every: 10 };
    let none = Stock { invoices: many.people, ..many };
    let began = Instant::now();
    let files = [(none, database("stored-none", none)?), (many, database("stored-many", many)?)];
    println!("| stored: {invoices} invoices made ready | in {:.0?} |", began.elapsed());
    let mut runs = [Vec::new(), Vec::new()];
    for _ in 0..RUNS {
        for ((stock, file), runs) in files.iter().zip(&mut runs) {
            runs.push(run(service, file, (*stock, Say::Mixed), (BACKLOG, Duration::ZERO))?.0);
        }
    }
    let [none, many] = runs.map(|runs| medians(&runs));
    let (none, many) = (none.context("no runs")?, many.context("no runs")?);
    tell("stored: none but one each to ask about", none);
    tell(&format!("stored: {invoices} invoices"), many);
    println!(
        "| stored: share of the speed with none | {} % |",
        many.per_second * 100 / none.per_second
    );
    Ok(())
}

fn steady(service: &Service) -> Result<()> {
    let database = database("steady", NONE)?;
    let mut runs = Vec::new();
    for _ in 0..3 {
        let pace = (10_000, Duration::from_millis(1));
        runs.push(run(service, &database, (NONE, Say::Mixed), pace)?.0);
    }
    tell("steady: 1,000 commands a second", medians(&runs).context("no runs")?);
    Ok(())
}

fn latency(service: &Service) -> Result<()> {
    let database = database("latency", NONE)?;
    let pace = (2_000, Duration::from_millis(10));
    let (run, latencies) = run(service, &database, (NONE, Say::Mixed), pace)?;
    let at = |share: usize| latencies.get((latencies.len() - 1) * share / 1000).copied();
    let [p50, p99, most] = [500, 990, 1000].map(|share| at(share).unwrap_or_default());
    println!(
        "| latency: 100 commands a second | p50 {p50:.2?}, p99 {p99:.2?}, most {most:.2?}; CPU {:.3?} for 1,000 |",
        run.bot
    );
    Ok(())
}

fn mib(kib: u64) -> String {
    format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024)
}

fn memory(service: &Service) -> Result<()> {
    let open = Stock { people: 2_000, invoices: 100_000, open_every: 1 };
    for (name, stock) in [("none", NONE), ("100,000 open invoices", open)] {
        let database = database("memory", stock)?;
        let bot = Bot::start(service, &database)?;
        sleep(Duration::from_secs(15));
        let idle = bot.memory("VmRSS")?;
        let commands = stock.commands(Say::Mixed, 0..BACKLOG, 0)?;
        service.write(&commands, Duration::ZERO)?;
        service.answered(commands.len())?;
        service.acknowledged(commands.len())?;
        let (most, after) = (bot.memory("VmHWM")?, bot.memory("VmRSS")?);
        println!(
            "| memory: {name} | {} idle, {} at most under load, {} after it |",
            mib(idle),
            mib(most),
            mib(after)
        );
    }
    Ok(())
}

fn recovery(service: &Service) -> Result<()> {
    let stock = Stock { people: 2_000, invoices: 100_000, open_every: 2 };
    let database = database("recovery", stock)?;
    for _ in 0..3 {
        // Killed in the middle of a storm, with a thousand unacknowledged messages.
        service.reset();
        service.keep(stock.commands(Say::Mixed, 0..1_000, 0)?);
        let bot = Bot::spawn(service, &database)?;
        let before = service.answered(200)?.len();
        drop(bot);
        service.reset();
        // Of other people, so that what the first life left to be shown is no answer to these.
        service.keep(stock.commands(Say::Mixed, 1_000..2_000, 1)?);
        let bot = Bot::spawn(service, &database)?;
        service.answered(1)?;
        let first = bot.started.elapsed();
        service.drained()?;
        service.answered(1_000)?;
        let all = bot.started.elapsed();
        println!(
            "| recovery: killed after {before} answers, 1,000 messages wait | first answer after {first:.0?}, all after {all:.0?} |"
        );
    }
    Ok(())
}

/// People whom the bot does not know yet: a hundred who say much, and a thousand who say a word;
/// and for comparison a hundred whom it knows.
fn strangers(service: &Service) -> Result<()> {
    const NOBODY: Stock = Stock { people: 0, invoices: 0, open_every: 1 };
    for (what, known, people, count) in [
        ("5,000 lines of 100 known people", 100, 100, 5_000),
        ("5,000 lines of 100 strangers", 0, 100, 5_000),
        ("1,000 lines of 1,000 strangers", 0, 1_000, 1_000),
        ("3,000 lines of one stranger", 0, 1, 3_000),
    ] {
        let mut runs = Vec::new();
        for _ in 0..RUNS {
            let database = database("strangers", Stock { people: known, ..NOBODY })?;
            let bot = Bot::start(service, &database)?;
            sleep(Duration::from_millis(500));
            let commands = Stock { people, ..NOBODY }.commands(Say::Ping, 0..count, 0)?;
            let (own, before, began) = (own_cpu()?, bot.cpu()?, Instant::now());
            service.write(&commands, Duration::ZERO)?;
            service.answered(commands.len())?;
            let took = began.elapsed();
            service.acknowledged(commands.len())?;
            let per_second = u128::from(count) * 1_000_000 / took.as_micros().max(1);
            runs.push(Run {
                per_second: u64::try_from(per_second)?,
                bot: bot.cpu()?.saturating_sub(before) * 1000 / count,
                service: own_cpu()?.saturating_sub(own) * 1000 / count,
            });
        }
        tell(&format!("strangers: {what}"), medians(&runs).context("no runs")?);
    }
    Ok(())
}
