//! The command line: what the program can be told to do, and how it ends.

use crate::{
    config::{
        duration,
        keys::{self, Key, Kind},
        shown,
    },
    runtime::telemetry::LogFormat,
};
use clap::{Arg, ArgMatches, Args, Command as ClapCommand, FromArgMatches, Parser, Subcommand};
use std::{net::SocketAddr, num::NonZeroUsize, path::PathBuf, process::ExitCode, time::Duration};

/// A cashier that lives in Mixin Messenger: invoices, pay links and payment states through MixPay.
#[derive(Debug, Parser)]
#[command(name = "mixpay-bot", version, about, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The configuration file [default: mixpay-bot.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How log lines look.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// Settings that were given as flags.
    #[command(flatten)]
    pub settings: SettingsFlags,
}

const AFTER_HELP: &str = "\
Settings come from flags, then environment variables, then the configuration file; see --help.
Exit codes: 0 all went well, 1 it failed, 2 a setting, a flag or the keystore is wrong,
3 Mixin refuses the credentials.";

/// What the program can do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Runs the bot.
    Run,
    /// Plays Mixin, MixPay and the bot in this terminal, without any account or network.
    Demo(Demo),
    /// Tests a deployment, and says what is wrong and how to mend it.
    Check,
    /// Prints what the keystore is, without its secrets.
    Keystore,
    /// Prints invoices and payments.
    Export(Export),
    /// Lists what cannot be read or handled and was set aside, beside a running bot.
    Quarantine(Quarantine),
    /// Stands in for Mixin and MixPay, so that any bot can be tested offline.
    Simulate(Simulate),
}

/// How the demo is played.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Demo {
    /// Plays the lines of this file (- for standard input) and prints the transcript.
    #[arg(long, value_name = "FILE", conflicts_with = "tour")]
    pub script: Option<PathBuf>,
    /// Plays a tour of the main features; fails unless every step comes out right.
    #[arg(long)]
    pub tour: bool,
    /// What chance is made from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// How Mixin and MixPay are simulated.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Simulate {
    /// Address of the control API; Mixin, Blaze and MixPay take the next three ports. Port 0 picks
    /// free ones.
    #[arg(long, value_name = "ADDR", required = true)]
    pub listen: Option<SocketAddr>,
    /// Prints where everything is, and the keystore of the bot, as one line of JSON.
    #[arg(long)]
    pub json: bool,
    /// What ids and keys are made from [default: chance]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// What is played instead, without a server.
    #[command(subcommand)]
    pub rehearsal: Option<Rehearsal>,
}

/// What proves the promises.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Rehearsal {
    /// Plays seeded histories in which everything fails, and says whether anything was lost or told
    /// twice.
    Seeds(Seeds),
    /// Kills this program's bot at random times under load, and checks that nothing is lost or told
    /// twice.
    Kills(Kills),
}

/// A time from a second to two days, as settings write it.
fn within(found: &str) -> Result<Duration, String> {
    duration(found, Duration::from_secs(1), Duration::from_hours(48))
}

/// Which histories are played.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Seeds {
    /// How many.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub count: u64,
    /// The first seed; the others follow it.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub first: u64,
    /// Begins none after so long: `2m`.
    #[arg(long, value_name = "TIME", value_parser = within)]
    pub within: Option<Duration>,
    /// How many are played side by side [default: one on each core]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

/// How the bot is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Kills {
    /// How many runs, each with a world and a database of its own.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub count: u32,
    /// The seed of the first run; the next have the next seeds.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// How often the bot is killed under load in a run; once more when all is calm.
    #[arg(long, value_name = "K", default_value_t = 6, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub kills_per_run: u32,
}

/// How invoices and payments are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Export {
    /// The form.
    #[arg(long, value_enum, default_value_t)]
    pub format: ExportFormat,
}

/// What becomes of something that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct Quarantine {
    /// Looks at this row again, after it was mended or by a newer program.
    #[arg(long, value_name = "TABLE/KEY", conflicts_with = "forget")]
    pub retry: Option<String>,
    /// Does without it for good: it is not listed any more.
    #[arg(long, value_name = "TABLE/KEY")]
    pub forget: Option<String>,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ExportFormat {
    /// A table with commas.
    #[default]
    Csv,
    /// A JSON object a line.
    Jsonl,
}

/// The settings that were given as flags: one flag for each key of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingsFlags(pub Vec<(&'static Key, String)>);

impl Args for SettingsFlags {
    fn augment_args(command: ClapCommand) -> ClapCommand {
        keys::ALL.iter().fold(command, |command, key| command.arg(flag(key)))
    }

    fn augment_args_for_update(command: ClapCommand) -> ClapCommand {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingsFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let given = |key: &'static Key| Some((key, matches.get_one::<String>(key.name)?.clone()));
        self.0 = keys::ALL.iter().filter_map(given).collect();
        Ok(())
    }
}

/// The flag of a key. Its value is not read here but with all other sources of settings, so that
/// every wrong value gets the same kind of message.
fn flag(key: &'static Key) -> Arg {
    let default = if key.default.is_empty() { key.unset } else { key.default };
    Arg::new(key.name)
        .long(key.flag)
        .help(format!("{} [env: {}] [default: {default}]", key.help, key.environment))
        .help_heading("Settings")
        .value_name(match key.kind {
            Kind::One => "VALUE",
            Kind::List => "VALUE,…",
        })
        .global(true)
        .hide_short_help(true)
}

/// Tells that a command line is not understood, or shows the help that it asks for. `clap` repeats
/// what it was given, and that may be a secret in the wrong place.
pub fn refuse(error: &clap::Error, arguments: impl Iterator<Item = String>) -> ExitCode {
    if !error.use_stderr() {
        return error.print().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let text = without_secrets(&error.render().to_string(), arguments);
    #[expect(clippy::print_stderr, reason = "the log has not begun")]
    {
        eprint!("{text}");
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// A text in which no argument stands that may be a secret.
fn without_secrets(text: &str, arguments: impl Iterator<Item = String>) -> String {
    let may_be_secret = |part: &str| shown::shown(part) != format!("{part:?}");
    let mut text = text.to_owned();
    for argument in arguments.skip(1) {
        // The last part first that is given with its flag: `--flag=VALUE`.
        let value = argument.split_once('=').filter(|(flag, _)| flag.starts_with("--"));
        let parts = [Some(argument.as_str()), value.map(|(_, value)| value)];
        for part in parts.into_iter().flatten().filter(|part| may_be_secret(part)) {
            text = text.replace(part, &shown::shown(part));
            // If it stands there in another spelling, nothing of the text is told.
            let start: String = part.chars().take(SECRET_START).collect();
            if start.chars().count() == SECRET_START && text.contains(&start) {
                let found = shown::shown(part);
                return format!("error: an argument is not understood: {found}\n\nSee --help.\n");
            }
        }
    }
    text
}

/// By so many characters at its beginning a secret is recognised.
const SECRET_START: usize = 12;

/// Why a command did not go well; the kind is the exit code.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It failed.
    #[error(transparent)]
    Failed(anyhow::Error),
    /// A setting, a flag or the keystore is wrong.
    #[error(transparent)]
    Setting(anyhow::Error),
    /// Mixin refuses the credentials.
    #[error(transparent)]
    Credentials(anyhow::Error),
}

impl Failure {
    /// The number that the program ends with.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Setting(_) => 2,
            Self::Credentials(_) => 3,
        }
    }

    /// The error and everything that caused it, in one line.
    pub fn told(&self) -> String {
        match self {
            Self::Failed(error) | Self::Setting(error) | Self::Credentials(error) => {
                format!("{error:#}")
            }
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<crate::config::SettingsError> for Failure {
    fn from(error: crate::config::SettingsError) -> Self {
        Self::Setting(error.into())
    }
}

impl From<&Failure> for ExitCode {
    fn from(failure: &Failure) -> Self {
        Self::from(failure.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_may_stand_before_and_after_the_command() {
        for line in [
            "mixpay-bot --mixpay-api-url http://127.0.0.1:1 --log-format json run",
            "mixpay-bot run --mixpay-api-url http://127.0.0.1:1 --log-format json",
        ] {
            let cli = parse(line).unwrap();
            assert_eq!(cli.command, Command::Run);
            assert_eq!(cli.log_format, LogFormat::Json);
            let given = (&keys::MIXPAY_API_URL, "http://127.0.0.1:1".to_owned());
            assert_eq!(cli.settings.0, [given], "{line}");
        }
    }

    #[test]
    fn commands_have_their_options() {
        let command = |line| parse(line).map(|cli| cli.command);
        let demo = |script: Option<&str>, tour, seed| {
            Command::Demo(Demo { script: script.map(PathBuf::from), tour, seed })
        };
        assert_eq!(command("mixpay-bot demo").unwrap(), demo(None, false, 1));
        assert_eq!(command("mixpay-bot demo --tour").unwrap(), demo(None, true, 1));
        assert_eq!(
            command("mixpay-bot demo --script - --seed 7").unwrap(),
            demo(Some("-"), false, 7)
        );
        assert_eq!(command("mixpay-bot check").unwrap(), Command::Check);
        assert_eq!(command("mixpay-bot keystore").unwrap(), Command::Keystore);
        let simulate = |listen: Option<&str>, json, seed, rehearsal| {
            let listen = listen.map(|address| address.parse().unwrap());
            Command::Simulate(Simulate { listen, json, seed, rehearsal })
        };
        assert_eq!(
            command("mixpay-bot simulate --listen 127.0.0.1:0 --json --seed 7").unwrap(),
            simulate(Some("127.0.0.1:0"), true, Some(7), None)
        );
        let kills = Kills { count: 2, seed: 9, kills_per_run: 0 };
        assert_eq!(
            command("mixpay-bot simulate kills --count 2 --seed 9 --kills-per-run 0").unwrap(),
            simulate(None, false, None, Some(Rehearsal::Kills(kills)))
        );
        let set_aside = |retry: Option<&str>, forget: Option<&str>| {
            let (retry, forget) = (retry.map(str::to_owned), forget.map(str::to_owned));
            Command::Quarantine(Quarantine { retry, forget })
        };
        assert_eq!(command("mixpay-bot quarantine").unwrap(), set_aside(None, None));
        let retry = command("mixpay-bot quarantine --retry effect/5").unwrap();
        assert_eq!(retry, set_aside(Some("effect/5"), None));
        let forget = command("mixpay-bot quarantine --forget effect/5").unwrap();
        assert_eq!(forget, set_aside(None, Some("effect/5")));
        let csv = Command::Export(Export { format: ExportFormat::Csv });
        assert_eq!(command("mixpay-bot export").unwrap(), csv);
        let jsonl = Command::Export(Export { format: ExportFormat::Jsonl });
        assert_eq!(command("mixpay-bot export --format jsonl").unwrap(), jsonl);
    }

    #[test]
    fn what_is_not_understood_ends_with_exit_code_2() {
        for line in [
            "mixpay-bot",
            "mixpay-bot dance",
            "mixpay-bot run --port 80",
            "mixpay-bot demo --script a --tour",
            "mixpay-bot export --format xml",
            "mixpay-bot quarantine --retry effect/5 --forget effect/5",
            "mixpay-bot simulate",
            "mixpay-bot simulate --listen 9100",
            "mixpay-bot simulate --listen 127.0.0.1:0 kills",
            "mixpay-bot simulate kills --kills-per-run 1001",
            "mixpay-bot run --http-listen",
        ] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn help_shows_each_setting_with_its_environment_variable_and_default() {
        let help = Cli::command().render_long_help().to_string();
        // Lines are wrapped, so that only the words can be compared.
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for key in keys::ALL {
            for part in [
                format!("--{} <", key.flag),
                format!("[env: {}]", key.environment),
                format!("[default: {}{}]", key.default, key.unset),
            ] {
                assert!(help.contains(&part), "{part} is missing in {help}");
            }
        }
    }
}
