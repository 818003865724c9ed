//! Logs: what `tracing` collects goes to standard error, as text or as JSON lines.

use std::io::{self, IsTerminal};
use tracing::{Level, Subscriber};
use tracing_subscriber::{
    EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

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

/// Libraries that see the headers of requests, and with them the signed tokens.
const WITH_HEADERS: [&str; 7] =
    ["h2", "http", "hyper", "hyper_util", "reqwest", "tokio_tungstenite", "tungstenite"];

/// Whether what this target logs at this level may be shown, whatever the filter says. We know what
/// we log ourselves; of libraries, the finest level repeats what goes over the wire.
pub fn may_be_shown(target: &str, level: Level) -> bool {
    let of = target.split("::").next().unwrap_or_default();
    match of {
        "mixpay_bot" => true,
        of if WITH_HEADERS.contains(&of) => level <= Level::INFO,
        _ => level <= Level::DEBUG,
    }
}

/// What collects and writes the log.
pub fn subscriber<W: io::Write + 'static>(
    filter: &str,
    format: LogFormat,
    writer: impl Fn() -> W + Send + Sync + 'static,
    ansi: bool,
) -> Result<Box<dyn Subscriber + Send + Sync>, LogError> {
    let filter = EnvFilter::try_new(filter).map_err(|_| LogError::Filter(filter.to_owned()))?;
    let shown = filter_fn(|metadata| may_be_shown(metadata.target(), *metadata.level()));
    let registry = tracing_subscriber::registry().with(filter).with(shown);
    let lines = fmt::layer().with_writer(move || OneLine { to: writer(), ansi }).with_ansi(ansi);
    Ok(match format {
        LogFormat::Text => Box::new(registry.with(lines)),
        LogFormat::Json => Box::new(registry.with(lines.json().flatten_event(true))),
    })
}

/// Begins to log.
pub fn begin(filter: &str, format: LogFormat) -> Result<(), LogError> {
    let subscriber = subscriber(filter, format, io::stderr, io::stderr().is_terminal())?;
    subscriber.try_init().map_err(|_| LogError::Begun)
}

/// Writes each entry of the log as one line: text from outside can neither begin another entry nor
/// move the cursor of a terminal.
struct OneLine<W> {
    to: W,
    /// Whether escape signs are our own colours; those of texts are gone by then.
    ansi: bool,
}

impl<W: io::Write> io::Write for OneLine<W> {
    /// Takes an entry as it is written: in one piece, with the end of its line.
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(entry);
        let (text, end) = text.strip_suffix('\n').map_or((&*text, ""), |text| (text, "\n"));
        let line = one_line(text, self.ansi);
        self.to.write_all(format!("{line}{end}").as_bytes())?;
        Ok(entry.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A text in which signs that do more than show something are spelled, as JSON spells them.
pub fn one_line(text: &str, ansi: bool) -> String {
    let acts = |sign: char| match sign {
        '\u{1b}' => !ansi,
        // What turns the direction of reading round, and what ends a line besides a line feed.
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        sign => sign.is_control(),
    };
    if !text.contains(acts) {
        return text.to_owned();
    }
    let mut line = String::with_capacity(text.len());
    for sign in text.chars() {
        if acts(sign) {
            line.push_str("\\u");
            line.push_str(&hex::encode(u16::try_from(u32::from(sign)).unwrap_or(0).to_be_bytes()));
        } else {
            line.push(sign);
        }
    }
    line
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

    /// What is logged by this, with this filter.
    fn logged(filter: &str, format: LogFormat, say: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
        impl io::Write for Log {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let log = Log::default();
        let writer = log.clone();
        let subscriber = subscriber(filter, format, move || writer.clone(), false).unwrap();
        tracing::subscriber::with_default(subscriber, say);
        let bytes = log.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_text_from_outside_can_not_forge_a_line_of_the_log() {
        let forged = "no\n2026-11-21T14:00:00Z  INFO all is well\r\u{1b}[2K\u{85}\u{202e}\u{2028}x";
        for format in [LogFormat::Text, LogFormat::Json] {
            let text = logged("info", format, || {
                tracing::info!(why = forged, other = ?forged, "refused: {forged}");
                tracing::info!("the next");
            });
            let lines: Vec<_> = text.split_terminator('\n').collect();
            assert_eq!(lines.len(), 2, "{text}");
            let acts = |sign: char| sign.is_control() || "\u{202e}\u{2028}".contains(sign);
            assert!(!lines.concat().contains(acts), "{text:?}");
            if format == LogFormat::Json {
                let entry: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
                assert_eq!(entry["why"], forged);
            }
        }
    }

    #[test]
    fn no_filter_shows_what_libraries_say_about_headers() {
        let say = || {
            tracing::trace!(target: "tungstenite::handshake::client", "Bearer 1");
            tracing::debug!(target: "hyper::proto::h1::role", "Bearer 2");
            tracing::trace!(target: "rustls::conn", "Bearer 3");
            tracing::debug!(target: "reqwest::connect", "Bearer 4");
            tracing::trace!(target: "mixpay_bot::app", "ours");
            tracing::warn!(target: "hyper::server", "theirs");
        };
        for filter in [
            "trace",
            "trace,tungstenite::handshake=trace",
            "trace,tungstenite::handshake::client=TRACE,hyper::proto=debug,rustls=trace",
        ] {
            let text = logged(filter, LogFormat::Text, say);
            assert!(!text.contains("Bearer"), "{filter}: {text}");
            assert!(text.contains("ours") && text.contains("theirs"), "{filter}: {text}");
        }
    }
}
