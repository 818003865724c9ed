//! Metrics: counters and gauges that are passed around, and their text for Prometheus.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// What every name begins with.
const PREFIX: &str = "mixpay_bot_";

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Counts `more`.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// How much was counted.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// Sets it.
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// What it was set to last.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counters of one meaning, one for each word: facts by kind, commands by name. The words are
/// fixed in the source, so there are few of them.
#[derive(Debug, Default)]
pub struct Counters(Mutex<BTreeMap<&'static str, u64>>);

impl Counters {
    /// Counts `more` under `word`.
    pub fn add(&self, word: &'static str, more: u64) {
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = words.entry(word).or_default();
        *count = count.saturating_add(more);
    }

    /// How much was counted under `word`.
    pub fn value(&self, word: &'static str) -> u64 {
        let words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        words.get(word).copied().unwrap_or(0)
    }
}

/// How a metric writes its lines, below its HELP and TYPE.
trait Render {
    /// The kind of the TYPE line.
    const KIND: &'static str;
    /// What its name ends with.
    const SUFFIX: &'static str;

    fn lines(&self, name: &str, label: &str, text: &mut String);
}

impl Render for Counter {
    const KIND: &'static str = "counter";
    const SUFFIX: &'static str = "_total";

    fn lines(&self, name: &str, _: &str, text: &mut String) {
        line(text, format_args!("{name} {}", self.value()));
    }
}

impl Render for Gauge {
    const KIND: &'static str = "gauge";
    const SUFFIX: &'static str = "";

    fn lines(&self, name: &str, _: &str, text: &mut String) {
        line(text, format_args!("{name} {}", self.value()));
    }
}

impl Render for Counters {
    const KIND: &'static str = "counter";
    const SUFFIX: &'static str = "_total";

    fn lines(&self, name: &str, label: &str, text: &mut String) {
        for (word, count) in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            line(text, format_args!("{name}{{{label}=\"{word}\"}} {count}"));
        }
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let written = writeln!(text, "{content}");
    debug_assert!(written.is_ok());
}

fn render<M: Render>(metric: &M, name: &str, label: &str, help: &str, text: &mut String) {
    let name = format!("{PREFIX}{name}{}", M::SUFFIX);
    line(text, format_args!("# HELP {name} {}", help.trim()));
    line(text, format_args!("# TYPE {name} {}", M::KIND));
    metric.lines(&name, label, text);
}

macro_rules! metrics {
    ($( #[doc = $help:literal] $name:ident: $kind:ident $(by $label:literal)?, )*) => {
        /// Everything that the bot counts. What it says about itself never names a person.
        #[derive(Debug, Default)]
        pub struct Metrics {
            $( #[doc = $help] pub $name: $kind, )*
        }

        impl Metrics {
            /// The text that Prometheus reads.
            pub fn render(&self) -> String {
                let mut text = String::new();
                $(
                    let label = concat!($($label)?);
                    render(&self.$name, stringify!($name), label, $help, &mut text);
                )*
                text
            }
        }
    };
}

metrics! {
    /// Messages that came from Mixin, repeats included.
    messages_received: Counter,
    /// Messages that had been handled before and came again.
    messages_repeated: Counter,
    /// Handled messages whose acknowledgement was dropped: Mixin did not take it, or too many waited.
    acknowledgements_dropped: Counter,
    /// Lines that were refused, with the rule that they broke.
    messages_refused: Counter,
    /// Commands that were understood, by name.
    commands: Counters by "command",
    /// Events that were set aside because handling them failed.
    events_quarantined: Counter,
    /// Rows that cannot be read and were set aside.
    rows_unreadable: Gauge,
    /// Units of work that met a row that cannot be read, and were set aside with it.
    units_set_aside: Counter,
    /// Facts that were learned about invoices, by kind.
    facts: Counters by "kind",
    /// Invoices that are still watched.
    invoices_open: Gauge,
    /// Transfers that reached the bot, by what they turned out to be.
    transfers: Counters by "outcome",
    /// Transfers that are told of in an hourly summary alone: dust, or too many of one sender.
    transfers_untold: Counter,
    /// Effects that were put into the outbox.
    effects_enqueued: Counter,
    /// Effects that were performed.
    effects_done: Counter,
    /// Attempts at an effect that failed and will be made again.
    effects_failed: Counter,
    /// Effects that were given up after their last attempt.
    effects_parked: Counter,
    /// How many seconds the oldest due effect has been due.
    effects_oldest_due_seconds: Gauge,
    /// Requests made to MixPay, by what for: making payments, asking for people, polling or lists.
    mixpay_requests: Counters by "purpose",
    /// Answers of MixPay that said too many requests.
    mixpay_limited: Counter,
    /// Answers of MixPay with a payment that was not asked for, by what was wrong in them.
    mixpay_foreign: Counters by "field",
    /// For how many more seconds MixPay wants no requests; 0 if it has not asked for a pause.
    mixpay_paused_seconds: Gauge,
    /// Callbacks of MixPay, by what we answered.
    callbacks: Counters by "answer",
    /// Whether this process does the bot's work (1) or stands by (0).
    lease_held: Gauge,
    /// How many seconds our clock and Mixin's differ.
    clock_skew_seconds: Gauge,
    /// Connections to the message service of Mixin that were made.
    blaze_connections: Counter,
    /// Whether the message service of Mixin is connected: 1 or 0.
    blaze_connected: Gauge,
    /// Frames of the message service of Mixin that were refused: too large, or not understood.
    blaze_frames_refused: Counter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_help_type_and_value_of_each_metric() {
        let metrics = Metrics::default();
        metrics.messages_received.add(2);
        metrics.messages_received.add(1);
        metrics.invoices_open.set(9);
        metrics.invoices_open.set(7);
        metrics.commands.add("status", 1);
        metrics.commands.add("invoice", 4);
        metrics.commands.add("invoice", 1);
        let text = metrics.render();
        for part in [
            "# HELP mixpay_bot_messages_received_total Messages that came from Mixin, repeats included.\n\
             # TYPE mixpay_bot_messages_received_total counter\n\
             mixpay_bot_messages_received_total 3\n",
            "# TYPE mixpay_bot_invoices_open gauge\nmixpay_bot_invoices_open 7\n",
            "# TYPE mixpay_bot_commands_total counter\n\
             mixpay_bot_commands_total{command=\"invoice\"} 5\n\
             mixpay_bot_commands_total{command=\"status\"} 1\n",
            "mixpay_bot_mixpay_limited_total 0\n",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert_eq!(metrics.commands.value("invoice"), 5);
    }

    #[test]
    fn every_line_is_a_comment_or_a_name_and_a_whole_number() {
        let metrics = Metrics::default();
        metrics.facts.add("answer", 1);
        for line in metrics.render().lines() {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let is_comment = line.starts_with("# HELP ") || line.starts_with("# TYPE ");
            assert!(is_comment || value.parse::<u64>().is_ok(), "{line}");
            assert!(is_comment || name.starts_with(PREFIX), "{line}");
        }
    }
}
