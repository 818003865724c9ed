//! Logs: what `tracing` collects goes to standard error, as text or as JSON lines.

use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// Why logging could not begin.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is none.
    #[error("{0:?} is no filter for the log")]
    Filter(String),
    /// Somebody else collects already.
    #[error("the log has begun already")]
    Begun,
}

/// Whether `text` says what to log.
///
/// `tracing` takes a lone word that is no level for the name of a target, and then logs nothing
/// else; `ifno` would silence the bot. So a target must be written with its level.
pub fn is_filter(text: &str) -> bool {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_typo = |word: &str| {
        let lone = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        lone && !LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level))
    };
    !text.split(',').any(is_typo) && EnvFilter::try_new(text).is_ok()
}

/// Below `debug` these log whole requests, and with them the signed tokens.
const WITH_TOKENS: [&str; 2] = ["tungstenite", "tokio_tungstenite"];

/// Begins to log.
pub fn begin(filter: &str, format: LogFormat) -> Result<(), LogError> {
    let wrong = || LogError::Filter(filter.to_owned());
    let mut filter_now = EnvFilter::try_new(filter).map_err(|_| wrong())?;
    if filter.to_lowercase().contains("trace") {
        for target in WITH_TOKENS {
            let directive = format!("{target}=debug").parse().map_err(|_| wrong())?;
            filter_now = filter_now.add_directive(directive);
        }
    }
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter_now)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    }
    .map_err(|_| LogError::Begun)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_levels_and_targets_with_levels() {
        for good in ["info", "WARN", "off", "info,mixpay_bot::mixin=debug", "info,[effect]=trace"] {
            assert!(is_filter(good), "{good}");
        }
        for bad in ["", "ifno", "info,", "mixpay_bot=loud", "verbose,mixpay_bot=debug"] {
            assert!(!is_filter(bad), "{bad}");
        }
    }
}
