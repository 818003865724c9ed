//! The bot as a process: its own executable, started, killed and stopped.

use crate::{
    domain::ids::UserId,
    sim::{Endpoints, World},
};
use anyhow::{Context, bail, ensure};
use std::{
    fs::{self, File, OpenOptions},
    net::TcpListener,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Mutex, PoisonError},
};
use tokio::process::{Child, Command};

/// The database's file in the folder of the run.
const DATABASE: &str = "mixpay-bot.db";
/// The number of SIGKILL.
const SIGKILL: i32 = 9;

/// The bot's executable, with its settings, and the process if it runs.
pub(super) struct Bot {
    folder: PathBuf,
    settings: Vec<(&'static str, String)>,
    child: Mutex<Option<Child>>,
}

impl Bot {
    /// The bot of this world, with its files in this folder.
    pub(super) fn new(
        folder: &Path,
        world: &World,
        at: &Endpoints,
        till: Option<UserId>,
    ) -> anyhow::Result<Self> {
        fs::write(folder.join("keystore.json"), world.keystore_json())
            .context("the keystore cannot be written")?;
        // The port has to be the same after each start, for MixPay was told of it.
        let listen = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let listen = listen.context("no port is free")?;
        let mut settings = vec![
            ("MIXPAY_BOT_MIXIN_API_URL", at.mixin_api_url.clone()),
            ("MIXPAY_BOT_MIXIN_BLAZE_URL", at.mixin_blaze_url.clone()),
            ("MIXPAY_BOT_MIXPAY_API_URL", at.mixpay_api_url.clone()),
            ("MIXPAY_BOT_HTTP_LISTEN", listen.to_string()),
            ("MIXPAY_BOT_HTTP_PUBLIC_URL", format!("http://{listen}")),
            ("MIXPAY_BOT_DATABASE_URL", format!("sqlite://{DATABASE}")),
            ("MIXPAY_BOT_QUOTA_INVOICES_PER_HOUR", "1000".to_owned()),
        ];
        settings.extend(till.map(|till| ("MIXPAY_BOT_INVOICE_PAYEE", till.to_string())));
        Ok(Self { folder: folder.to_owned(), settings, child: Mutex::new(None) })
    }

    /// The address of its database.
    pub(super) fn database_url(&self) -> String {
        format!("sqlite://{}", self.folder.join(DATABASE).display())
    }

    fn command(&self, command: &[&str]) -> anyhow::Result<Command> {
        let program = std::env::current_exe().context("the program's own file is not known")?;
        let mut process = Command::new(program);
        process
            .args(command)
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Ok(process)
    }

    fn log(&self) -> anyhow::Result<File> {
        let mut options = OpenOptions::new();
        let log = options.create(true).append(true).open(self.folder.join("bot.log"));
        log.context("the bot's log cannot be opened")
    }

    fn take(&self) -> anyhow::Result<Child> {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        child.take().context("the bot does not run")
    }

    /// Starts it.
    pub(super) fn start(&self) -> anyhow::Result<()> {
        let (out, err) = (self.log()?, self.log()?);
        let mut command = self.command(&["run"])?;
        let child = command.stdout(out).stderr(err).spawn().context("the bot cannot be started")?;
        *self.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        Ok(())
    }

    /// Fails if it has ended by itself.
    pub(super) fn is_alive(&self) -> anyhow::Result<()> {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let child = child.as_mut().context("the bot does not run")?;
        match child.try_wait().context("the bot cannot be watched")? {
            None => Ok(()),
            Some(status) => bail!("the bot ended by itself: {status}"),
        }
    }

    /// Kills it, as if it had lost power.
    pub(super) async fn kill(&self) -> anyhow::Result<()> {
        self.is_alive()?;
        let mut child = self.take()?;
        child.start_kill().context("the bot cannot be killed")?;
        let status = child.wait().await.context("the bot cannot be watched")?;
        ensure!(status.signal() == Some(SIGKILL), "the bot ended by itself: {status}");
        Ok(())
    }

    /// Asks it to stop; it must end well.
    pub(super) async fn stop(&self) -> anyhow::Result<()> {
        let mut child = self.take()?;
        let id = child.id().context("the bot ended by itself")?;
        // A shell's own `kill`: signals other than SIGKILL have no safe function.
        let asked = Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status().await;
        ensure!(asked.context("there is no shell")?.success(), "the bot cannot be asked to stop");
        let status = child.wait().await.context("the bot cannot be watched")?;
        ensure!(status.success(), "the bot does not end well: {status}");
        Ok(())
    }

    /// What it exports, as lines of JSON.
    pub(super) async fn export(&self) -> anyhow::Result<String> {
        let mut command = self.command(&["export", "--format", "jsonl"])?;
        let output = command.stderr(self.log()?).output().await.context("export cannot run")?;
        ensure!(output.status.success(), "export does not end well: {}", output.status);
        String::from_utf8(output.stdout).context("the export is no text")
    }
}
