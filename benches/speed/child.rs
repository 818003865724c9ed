//! Child: the release binary as a process of its own, and what it costs.

use crate::service::Service;
use anyhow::{Context, Result};
use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The kernel counts a process's time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// A bot that runs.
#[derive(Debug)]
pub(crate) struct Bot {
    child: Child,
    /// When it was started.
    pub(crate) started: Instant,
}

impl Bot {
    /// Starts the bot on this database, against this service, and waits until it listens there.
    pub(crate) fn start(service: &Service, database: &Path) -> Result<Self> {
        service.reset();
        let bot = Self::spawn(service, database)?;
        service.connected()?;
        Ok(bot)
    }

    /// Starts the bot on this database: the one of this build, or the one that `SPEED_BOT` names.
    pub(crate) fn spawn(service: &Service, database: &Path) -> Result<Self> {
        let started = Instant::now();
        let program = std::env::var_os("SPEED_BOT");
        let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_mixpay-bot").into());
        let child = Command::new(program)
            .arg("run")
            .env_clear()
            .current_dir(database.parent().context("no folder")?)
            .env(
                "MIXPAY_BOT_KEYSTORE",
                concat!(env!("CARGO_MANIFEST_DIR"), "/keystore.example.json"),
            )
            .env("MIXPAY_BOT_DATABASE_URL", format!("sqlite://{}", database.display()))
            .env("MIXPAY_BOT_MIXIN_API_URL", format!("http://{}", service.http))
            .env("MIXPAY_BOT_MIXIN_BLAZE_URL", format!("ws://{}/", service.blaze))
            .env("MIXPAY_BOT_MIXPAY_API_URL", format!("http://{}/v1", service.http))
            .env("MIXPAY_BOT_HTTP_LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stderr(File::create(database.with_extension("log"))?)
            .spawn()
            .context("the bot cannot be started")?;
        Ok(Self { child, started })
    }

    /// The processor time that it has used.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        cpu_of(self.child.id())
    }

    /// A value of `/proc/PID/status` in KiB: `VmRSS` is the memory now, `VmHWM` the most so far.
    pub(crate) fn memory(&self, name: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let value = line.context("no such value")?.trim().trim_end_matches(" kB");
        Ok(value.parse()?)
    }
}

/// The processor time that a process has used, on all cores, in user and kernel mode.
pub(crate) fn cpu_of(process: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name may hold anything; the numbers begin behind its bracket.
    let (_, numbers) = stat.rsplit_once(')').context("no bracket")?;
    let ticks = numbers.split_whitespace().skip(11).take(2);
    let ticks: Vec<u32> = ticks.map(str::parse).collect::<Result<_, _>>()?;
    Ok(TICK * ticks.iter().sum::<u32>())
}

/// Killed, never asked to stop.
impl Drop for Bot {
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}
