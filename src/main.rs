//! Parse the command line, run one command, turn the outcome into an exit code.

use anyhow::Context;
use clap::Parser;
use mixpay_bot::{
    check,
    cli::{Cli, Command, Failure, Rehearsal, Simulate},
    config::{
        Settings, keys,
        sources::{Sources, strange_variables},
    },
    demo, export, inspect, quarantine, run,
    runtime::telemetry,
    simulate,
};
use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let arguments = std::env::args_os().map(|each| each.to_string_lossy().into_owned());
            return mixpay_bot::cli::refuse(&error, arguments);
        }
    };
    match start(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            #[expect(clippy::print_stderr, reason = "the log may not have begun, or be off")]
            {
                eprintln!("mixpay-bot: {}", telemetry::one_line(&failure.told(), false));
            }
            ExitCode::from(&failure)
        }
    }
}

fn start(cli: &Cli) -> Result<(), Failure> {
    let settings = settings(cli)?;
    telemetry::begin(&settings.log, cli.log_format)
        .map_err(|error| Failure::Setting(error.into()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    tracing::debug!(?settings, "these are the settings");
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for (name, nearest) in strange_variables(names) {
        tracing::warn!("{name} is no setting and changes nothing; {nearest} is one");
    }
    runtime.block_on(async {
        match &cli.command {
            Command::Run => run::run(&settings).await,
            Command::Demo(what) => {
                let (mut out, is_terminal) = (io::stdout(), io::stdout().is_terminal());
                demo::run(&settings, what, &mut out, is_terminal).await
            }
            Command::Simulate(what) => simulate::run(what, &mut io::stdout()).await,
            Command::Check => check::run(&settings, &mut io::stdout()).await,
            Command::Keystore => inspect::keystore(&settings.keystore, &mut io::stdout()),
            Command::Quarantine(what) => quarantine::run(&settings, what, &mut io::stdout()).await,
            Command::Export(export) => {
                export::run(&settings, export.format, &mut io::stdout()).await
            }
        }
    })
}

/// What flags, environment and file add up to. The demo and the simulation need no file, and
/// keep their terminal free of all but errors.
fn settings(cli: &Cli) -> Result<Settings, Failure> {
    let sources = match &cli.command {
        // Histories meet every trouble on purpose; what went wrong in one is printed.
        Command::Simulate(Simulate { rehearsal: Some(Rehearsal::Seeds(_)), .. }) => {
            Sources::default().with_default(&keys::LOG, "off")
        }
        Command::Demo(_) | Command::Simulate(_) => {
            Sources::default().with_default(&keys::LOG, "error")
        }
        Command::Run
        | Command::Check
        | Command::Keystore
        | Command::Export(_)
        | Command::Quarantine(_) => Sources::default().with_file(cli.config.as_deref())?,
    };
    let sources = sources.with_environment(|name| std::env::var_os(name))?;
    Ok(Settings::read(&sources.with_flags(&cli.settings.0))?)
}
