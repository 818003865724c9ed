//! Troubles: what can go wrong in a history, and how it is arranged in the world.

use crate::sim::world::{faults::Faults, mixpay::FOREIGN};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// So many times.
    pub few: u32,
    /// So long.
    pub time: Duration,
    /// Until then.
    pub until: Timestamp,
}

/// Something that goes wrong.
#[derive(Debug)]
pub struct Trouble {
    /// What happens, in words.
    pub words: &'static str,
    /// Arranges it.
    pub arrange: fn(&mut Faults, Size),
    /// Whether MixPay then calls payments pending that are not.
    pub is_fickle: bool,
    /// Whether the bot's clock is then wrong, so that it makes no invoices.
    pub skews: bool,
    /// Whether a service then says to stay away for longer than is believed.
    pub pauses: bool,
    /// How long those wait whom it does not concern; `None` if it is everybody's trouble.
    pub others: Option<Others>,
}

/// How long those wait whom a trouble does not concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Others {
    /// For an answer.
    pub line: Duration,
    /// For an invoice's card.
    pub card: Duration,
}

impl Others {
    /// Whoever is in no trouble is answered within ten seconds, whatever others are in.
    pub const SOON: Self = Self { line: Duration::from_secs(10), card: Duration::from_secs(10) };
    /// What travels with a message that is never answered waits until the client has given up on both
    /// twice, eight seconds each time, and for the pauses in between.
    const AFTER_SILENCE: Self =
        Self { line: Duration::from_secs(30), card: Duration::from_secs(30) };
    /// MixPay says for how long it wants no requests: that is believed for ten minutes at most.
    const AFTER_A_PAUSE: Self = Self { card: PAUSE_MAX, ..Self::SOON };

    /// The longer of both.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { line: self.line.max(other.line), card: self.card.max(other.card) }
    }
}

/// A service that says to stay away is believed for ten minutes, and one more is for the probe and what
/// waits behind it.
pub const PAUSE_MAX: Duration = Duration::from_mins(11);
/// What services say of how long to stay away: too long, or nothing that makes sense.
const RETRY_AFTER: [&str; 5] =
    ["31536000", "Sat, 27 Nov 2027 14:00:00 GMT", "soon", "-1", "99999999999999999999"];
/// What MixPay says of the time: 2100, 1970, or nothing that makes sense.
const TIMES: [&str; 4] = ["4102444800000", "0", "soon", "-9223372036854775808"];

const fn trouble(words: &'static str, arrange: fn(&mut Faults, Size)) -> Trouble {
    Trouble { words, arrange, is_fickle: false, skews: false, pauses: false, others: None }
}

/// A trouble of one that others must not feel.
const fn local(words: &'static str, arrange: fn(&mut Faults, Size), others: Others) -> Trouble {
    Trouble { others: Some(others), ..trouble(words, arrange) }
}

/// One of these, by chance.
fn some(of: &[&str], size: Size) -> Option<String> {
    let index = usize::try_from(size.time.as_secs()).unwrap_or_default();
    let count = of.len().max(1);
    of.get(index % count).map(|word| (*word).to_owned())
}

/// A wrong clock: by up to an hour.
fn astray(size: Size) -> SignedDuration {
    SignedDuration::try_from(size.time * 60).unwrap_or_default()
}

/// Everything that can go wrong.
pub const TROUBLES: &[Trouble] = &[
    trouble("Mixin is off the net", |faults, size| {
        faults.mixin.offline_until = Some(size.until);
        faults.cut_blaze();
    }),
    trouble("MixPay is off the net", |f, size| f.mixpay.offline_until = Some(size.until)),
    trouble("Mixin answers HTML", |f, size| f.mixin.html_until = Some(size.until)),
    trouble("MixPay answers HTML", |f, size| f.mixpay.html_until = Some(size.until)),
    trouble("Mixin answers 500", |f, size| f.mixin.errors = size.few),
    trouble("MixPay answers 500", |f, size| f.mixpay.errors = size.few),
    trouble("Mixin answers 429", |f, size| f.mixin.limited = size.few),
    // Without a word of when to come again a minute passes after each.
    Trouble {
        pauses: true,
        ..trouble("MixPay answers 429", |f, size| f.mixpay.limited = size.few)
    },
    trouble("MixPay is slow", |faults, size| {
        faults.mixpay.slow = size.few;
        faults.mixpay.delay = size.time / 4;
    }),
    trouble("Mixin is slow", |faults, size| {
        faults.mixin.slow = size.few;
        faults.mixin.delay = size.time / 4;
    }),
    trouble("answers break off", |f, size| {
        (f.mixin.broken, f.mixpay.broken) = (size.few, size.few);
    }),
    trouble("answers never come", |f, size| {
        (f.mixin.unanswered, f.mixpay.unanswered) = (1, size.few);
    }),
    trouble("MixPay makes payments and answers 500", |f, size| {
        f.mixpay_made_then_500 = size.few;
    }),
    trouble("MixPay makes payments and breaks the line", |f, size| {
        f.mixpay_made_then_cut = size.few;
    }),
    trouble("MixPay is under maintenance", |f, size| {
        f.mixpay_maintenance_until = Some(size.until);
    }),
    local(
        "MixPay says a status that nobody knows",
        |f, _| f.mixpay_status = Some("reticulating".to_owned()),
        Others::SOON,
    ),
    trouble("MixPay says a status that nobody knows, a few times", |f, size| {
        f.mixpay_strange_results = size.few;
    }),
    Trouble {
        words: "MixPay changes its mind between pending and unpaid",
        arrange: |f, size| f.mixpay_fickle_results = size.few,
        is_fickle: true,
        ..trouble("", |_, _| ())
    },
    trouble("MixPay gives old answers", |f, size| f.mixpay_stale_results = size.few),
    trouble("MixPay's clock is wrong", |f, size| {
        let ahead = SignedDuration::try_from(size.time / 8).unwrap_or_default();
        f.mixpay_clock_ahead = ahead;
    }),
    local(
        "callbacks come in storms",
        |f, size| (f.callback_storms, f.callback_copies) = (size.few, 20),
        Others::SOON,
    ),
    local(
        "callbacks come late",
        |f, size| (f.callbacks_late, f.callbacks_late_by) = (size.few, size.time),
        Others::SOON,
    ),
    local(
        "callbacks come that nobody wanted",
        |f, size| f.callbacks_unwanted = size.few,
        Others::SOON,
    ),
    trouble("Mixin shows messages and answers 500", |f, size| {
        f.messages_shown_then_500 = size.few;
    }),
    trouble("acknowledgements and uploads are taken and answered with 500", |f, size| {
        (f.acknowledged_then_500, f.uploaded_then_500) = (size.few, size.few);
    }),
    local("Blaze pushes twice", |f, size| f.doubled_pushes = size.few, Others::SOON),
    trouble("messages come in another order", |f, size| f.shuffled_pushes = size.few),
    trouble("messages come late", |f, size| {
        (f.pushes_late, f.pushes_late_by) = (size.few, size.time);
    }),
    trouble("frames break off", |f, size| f.broken_frames = size.few),
    trouble("acknowledgements are lost, and Blaze is cut", |faults, size| {
        faults.lost_acknowledgements = size.few;
        faults.cut_blaze();
    }),
    trouble("Blaze is mute", |f, _| f.blaze_mute = true),
    trouble("Blaze is half open until somebody notices", |faults, _| faults.half_open_blaze()),
    trouble("searches are banned", |f, size| f.search_banned_until = Some(size.until)),
    local("a message is poisoned", |f, _| f.messages_poisoned_500 = 1, Others::SOON),
    local(
        "a message is poisoned, and never answered",
        |f, _| f.messages_poisoned_late = 1,
        Others::AFTER_SILENCE,
    ),
    local(
        "acknowledgements are refused for good",
        |f, size| f.acknowledgements_refused = size.few,
        Others::SOON,
    ),
    local(
        "acknowledgements are down",
        |f, size| f.acknowledgements_down_until = Some(size.until),
        Others::SOON,
    ),
    local(
        "both services are far away",
        |f, size| {
            (f.mixin.latency, f.mixpay.latency) = (size.time / 300, size.time / 200);
        },
        Others::SOON,
    ),
    Trouble {
        words: "Mixin says to stay away for a year, or nonsense",
        arrange: |f, size| (f.mixin.limited, f.mixin.retry_after) = (1, some(&RETRY_AFTER, size)),
        pauses: true,
        ..trouble("", |_, _| ())
    },
    Trouble {
        words: "MixPay says to stay away for a year, or nonsense",
        arrange: |f, size| (f.mixpay.limited, f.mixpay.retry_after) = (1, some(&RETRY_AFTER, size)),
        pauses: true,
        others: Some(Others::AFTER_A_PAUSE),
        ..trouble("", |_, _| ())
    },
    trouble("Mixin refuses the credentials", |f, size| {
        f.mixin_unauthorized_until = Some(size.until);
    }),
    Trouble {
        words: "the bot's clock is ahead",
        arrange: |f, size| f.bot_clock_ahead = astray(size),
        skews: true,
        ..trouble("", |_, _| ())
    },
    Trouble {
        words: "the bot's clock is behind",
        arrange: |f, size| f.bot_clock_ahead = -astray(size),
        skews: true,
        ..trouble("", |_, _| ())
    },
    local(
        "MixPay says something of another payment",
        |f, size| {
            let index = usize::try_from(size.time.as_secs()).unwrap_or_default();
            let foreign = FOREIGN.get(index % FOREIGN.len());
            f.mixpay_foreign_payments = foreign.map(|(_, foreign)| *foreign);
        },
        Others::SOON,
    ),
    local(
        "MixPay tells a far time",
        |f, size| f.mixpay_timestamp = some(&TIMES, size),
        Others::SOON,
    ),
    local(
        "MixPay dates payments far away",
        |f, size| f.mixpay_date = some(&TIMES, size),
        Others::SOON,
    ),
    local("all transfers have one time", |f, _| f.transfers_at_one_time = true, Others::SOON),
];

/// Ends what would not end by itself, and what could still bring a finished story to life.
pub fn heal(faults: &mut Faults) {
    faults.blaze_mute = false;
    faults.mixpay_status = None;
    faults.lost_acknowledgements = 0;
    faults.broken_frames = 0;
    faults.mixpay_stale_results = 0;
    faults.mixpay_fickle_results = 0;
    faults.mixpay_strange_results = 0;
    faults.mixpay_clock_ahead = SignedDuration::ZERO;
    faults.cure();
    for outage in [&mut faults.mixin, &mut faults.mixpay] {
        (outage.latency, outage.retry_after) = (Duration::ZERO, None);
    }
    faults.mixin_unauthorized_until = None;
    faults.acknowledgements_down_until = None;
    faults.transfers_at_one_time = false;
    faults.mixpay_foreign_payments = None;
    (faults.mixpay_timestamp, faults.mixpay_date) = (None, None);
    faults.bot_clock_ahead = SignedDuration::ZERO;
    faults.cut_blaze();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_ends_by_itself_by_being_used_up_or_by_healing() {
        // Times have passed by then, and counters only wait for something to use them up.
        let ends = |name: &str| name.ends_with("_until") || name == "blaze_cuts";
        let lasting = |faults: &Faults| -> Vec<String> {
            let all = format!("{faults:#?}");
            let healthy = format!("{:#?}", Faults::default());
            let fields = all.lines().filter(|line| !healthy.lines().any(|other| other == *line));
            let fields = fields.filter_map(|line| line.trim().split_once(": "));
            let lasts =
                |value: &str| !value.trim_end_matches(',').bytes().all(|b| b.is_ascii_digit());
            let fields = fields.filter(|(name, value)| !ends(name) && lasts(value));
            fields.map(|(name, value)| format!("{name}: {value}")).collect()
        };
        for trouble in TROUBLES {
            let mut faults = Faults::default();
            let time = Duration::from_secs(7);
            let size = Size { few: 2, time, until: "2026-11-21T14:00:07Z".parse().unwrap() };
            (trouble.arrange)(&mut faults, size);
            heal(&mut faults);
            // How late something is matters only while a counter says what.
            let lasting: Vec<_> = lasting(&faults);
            let lasting = lasting.iter().filter(|f| !f.contains("delay") && !f.contains("late_by"));
            assert_eq!(lasting.collect::<Vec<_>>(), Vec::<&String>::new(), "{}", trouble.words);
        }
    }
}
