//! Troubles: what can go wrong in a history, and how it is arranged in the world.

use crate::sim::world::faults::Faults;
use jiff::Timestamp;
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
}

const fn trouble(words: &'static str, arrange: fn(&mut Faults, Size)) -> Trouble {
    Trouble { words, arrange, is_fickle: false }
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
    trouble("MixPay answers 429", |f, size| f.mixpay.limited = size.few),
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
    trouble("MixPay says a status that nobody knows", |f, _| {
        f.mixpay_status = Some("reticulating".to_owned());
    }),
    trouble("MixPay says a status that nobody knows, a few times", |f, size| {
        f.mixpay_strange_results = size.few;
    }),
    Trouble {
        words: "MixPay changes its mind between pending and unpaid",
        arrange: |f, size| f.mixpay_fickle_results = size.few,
        is_fickle: true,
    },
    trouble("MixPay gives old answers", |f, size| f.mixpay_stale_results = size.few),
    trouble("MixPay's clock is wrong", |f, size| {
        let ahead = jiff::SignedDuration::try_from(size.time / 8).unwrap_or_default();
        f.mixpay_clock_ahead = ahead;
    }),
    trouble("callbacks come in storms", |f, size| {
        (f.callback_storms, f.callback_copies) = (size.few, 20);
    }),
    trouble("callbacks come late", |f, size| {
        (f.callbacks_late, f.callbacks_late_by) = (size.few, size.time);
    }),
    trouble("callbacks come that nobody wanted", |f, size| f.callbacks_unwanted = size.few),
    trouble("Mixin shows messages and answers 500", |f, size| {
        f.messages_shown_then_500 = size.few;
    }),
    trouble("acknowledgements and uploads are taken and answered with 500", |f, size| {
        (f.acknowledged_then_500, f.uploaded_then_500) = (size.few, size.few);
    }),
    trouble("Blaze pushes twice", |f, size| f.doubled_pushes = size.few),
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
    faults.mixpay_clock_ahead = jiff::SignedDuration::ZERO;
    faults.cut_blaze();
}
