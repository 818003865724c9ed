//! Faults: every lie of the simulated world by its name.

use super::{Asked, Wrong};
use crate::{
    domain::ids::MessageId,
    sim::{
        World,
        world::{
            faults::{Faults, later},
            mixpay::{FOREIGN, Foreign},
        },
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A lie that can be arranged.
#[derive(Debug, Clone, Copy)]
pub struct Lie {
    /// Its name in the body.
    pub name: &'static str,
    /// What it does.
    pub says: &'static str,
    kind: Kind,
}

/// Arranges a lie, at this time of the world.
type Arrange = Box<dyn FnOnce(&mut Faults, Timestamp)>;

/// What a lie takes.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// How many times; each time uses one up.
    Times(fn(&mut Faults) -> &mut u32),
    /// For how many seconds from now.
    For(fn(&mut Faults, Option<Timestamp>)),
    /// How many seconds long.
    Seconds(fn(&mut Faults) -> &mut Duration),
    /// How many seconds ahead, or behind if negative.
    Ahead(fn(&mut Faults) -> &mut SignedDuration),
    /// Whether.
    Switch(fn(&mut Faults) -> &mut bool),
    /// How many milliseconds long.
    Millis(fn(&mut Faults) -> &mut Duration),
    /// A word, or null for the truth.
    Word(fn(&mut Faults) -> &mut Option<String>),
    /// A message, or null for none.
    Message(fn(&mut Faults) -> &mut Option<MessageId>),
    /// What is another's, or null for nothing.
    Foreign(fn(&mut Faults) -> &mut Option<Foreign>),
    /// `true`: now, once.
    Now(fn(&mut Faults)),
}

const fn lie(name: &'static str, says: &'static str, kind: Kind) -> Lie {
    Lie { name, says, kind }
}

/// All lies.
pub const LIES: &[Lie] = &[
    lie(
        "mixin_offline",
        "Mixin and Blaze are off the net",
        Kind::For(|f, until| {
            f.mixin.offline_until = until;
            f.cut_blaze();
        }),
    ),
    lie(
        "mixin_html",
        "Mixin answers with a proxy's 502 page",
        Kind::For(|f, until| f.mixin.html_until = until),
    ),
    lie(
        "mixin_errors",
        "Mixin answers 500, and does nothing",
        Kind::Times(|f| &mut f.mixin.errors),
    ),
    lie(
        "mixin_limited",
        "Mixin answers 429, and does nothing",
        Kind::Times(|f| &mut f.mixin.limited),
    ),
    lie(
        "mixin_retry_after",
        "what Retry-After says with 429",
        Kind::Word(|f| &mut f.mixin.retry_after),
    ),
    lie("mixin_slow", "Mixin answers late", Kind::Times(|f| &mut f.mixin.slow)),
    lie("mixin_slow_by", "how late that is", Kind::Seconds(|f| &mut f.mixin.delay)),
    lie(
        "mixin_broken",
        "Mixin does it, and its answer breaks off in the middle",
        Kind::Times(|f| &mut f.mixin.broken),
    ),
    lie(
        "mixin_unanswered",
        "Mixin does it, never answers, and keeps the connection open",
        Kind::Times(|f| &mut f.mixin.unanswered),
    ),
    lie(
        "mixin_latency_ms",
        "every call of Mixin takes so long, and is no error",
        Kind::Millis(|f| &mut f.mixin.latency),
    ),
    lie(
        "mixin_unauthorized",
        "Mixin answers 401 to every HTTP call; Blaze goes on",
        Kind::For(|f, until| f.mixin_unauthorized_until = until),
    ),
    lie("mixin_clock_ahead", "Mixin's clock is ahead", Kind::Ahead(|f| &mut f.mixin_clock_ahead)),
    lie(
        "mixpay_offline",
        "MixPay is off the net",
        Kind::For(|f, until| f.mixpay.offline_until = until),
    ),
    lie(
        "mixpay_html",
        "MixPay answers with a proxy's 502 page",
        Kind::For(|f, until| f.mixpay.html_until = until),
    ),
    lie(
        "mixpay_errors",
        "MixPay answers 500, and does nothing",
        Kind::Times(|f| &mut f.mixpay.errors),
    ),
    lie(
        "mixpay_limited",
        "MixPay answers 429, and does nothing",
        Kind::Times(|f| &mut f.mixpay.limited),
    ),
    lie(
        "mixpay_retry_after",
        "what Retry-After says with 429",
        Kind::Word(|f| &mut f.mixpay.retry_after),
    ),
    lie("mixpay_slow", "MixPay answers late", Kind::Times(|f| &mut f.mixpay.slow)),
    lie("mixpay_slow_by", "how late that is", Kind::Seconds(|f| &mut f.mixpay.delay)),
    lie(
        "mixpay_broken",
        "MixPay does it, and its answer breaks off in the middle",
        Kind::Times(|f| &mut f.mixpay.broken),
    ),
    lie(
        "mixpay_unanswered",
        "MixPay does it, never answers, and keeps the connection open",
        Kind::Times(|f| &mut f.mixpay.unanswered),
    ),
    lie(
        "mixpay_latency_ms",
        "every call of MixPay takes so long, and is no error",
        Kind::Millis(|f| &mut f.mixpay.latency),
    ),
    lie(
        "mixpay_clock_ahead",
        "MixPay's clock is ahead",
        Kind::Ahead(|f| &mut f.mixpay_clock_ahead),
    ),
    lie(
        "bot_clock_ahead",
        "the bot's own clock is ahead; only in rehearsals, which bring its clock with them",
        Kind::Ahead(|f| &mut f.bot_clock_ahead),
    ),
    lie(
        "mixpay_timestamp",
        "every answer of MixPay has this timestampMs",
        Kind::Word(|f| &mut f.mixpay_timestamp),
    ),
    lie("mixpay_date", "every result has this date", Kind::Word(|f| &mut f.mixpay_date)),
    lie(
        "mixpay_maintenance",
        "MixPay makes no payments: 10008",
        Kind::For(|f, until| f.mixpay_maintenance_until = until),
    ),
    lie(
        "mixpay_made_then_500",
        "MixPay makes the payment, and answers 500",
        Kind::Times(|f| &mut f.mixpay_made_then_500),
    ),
    lie(
        "mixpay_made_then_cut",
        "MixPay makes the payment, and the connection breaks",
        Kind::Times(|f| &mut f.mixpay_made_then_cut),
    ),
    lie("mixpay_status", "every result has this status", Kind::Word(|f| &mut f.mixpay_status)),
    lie(
        "mixpay_fickle_results",
        "a result says pending for unpaid, or unpaid for pending",
        Kind::Times(|f| &mut f.mixpay_fickle_results),
    ),
    lie(
        "mixpay_stale_results",
        "a result is old: unpaid, with the time of then",
        Kind::Times(|f| &mut f.mixpay_stale_results),
    ),
    lie(
        "mixpay_strange_results",
        "a result has a status that nobody knows",
        Kind::Times(|f| &mut f.mixpay_strange_results),
    ),
    lie(
        "mixpay_foreign_payments",
        "what MixPay says of a payment in one coin has that of another; an amount a thousandfold, a time in 2100",
        Kind::Foreign(|f| &mut f.mixpay_foreign_payments),
    ),
    lie(
        "mixpay_exponents",
        "amounts are written with exponents, as texts and as numbers: 1.0e1",
        Kind::Switch(|f| &mut f.mixpay_exponents),
    ),
    lie("callback_storms", "a callback comes many times", Kind::Times(|f| &mut f.callback_storms)),
    lie(
        "callback_copies",
        "how many times more, at most 1,000",
        Kind::Times(|f| &mut f.callback_copies),
    ),
    lie("callbacks_late", "a callback comes late", Kind::Times(|f| &mut f.callbacks_late)),
    lie("callbacks_late_by", "how late that is", Kind::Seconds(|f| &mut f.callbacks_late_by)),
    lie(
        "callbacks_unwanted",
        "a callback comes for an event that nobody asked for",
        Kind::Times(|f| &mut f.callbacks_unwanted),
    ),
    lie(
        "messages_shown_then_500",
        "messages are shown, and answered with 500",
        Kind::Times(|f| &mut f.messages_shown_then_500),
    ),
    lie(
        "messages_poisoned_500",
        "a new message of the bot is poisoned: what is posted with it is always answered with 500, and not shown",
        Kind::Times(|f| &mut f.messages_poisoned_500),
    ),
    lie(
        "messages_poisoned_late",
        "a new message of the bot is poisoned: what is posted with it is never answered, and not shown",
        Kind::Times(|f| &mut f.messages_poisoned_late),
    ),
    lie(
        "acknowledgement_refused",
        "every acknowledgement with this message is refused with 10002, and none of it taken",
        Kind::Message(|f| &mut f.acknowledgement_refused),
    ),
    lie(
        "acknowledgements_refused",
        "a new message is one whose acknowledgement is always so refused",
        Kind::Times(|f| &mut f.acknowledgements_refused),
    ),
    lie(
        "acknowledgements_down",
        "every acknowledgement is answered with 500, and none taken",
        Kind::For(|f, until| f.acknowledgements_down_until = until),
    ),
    lie(
        "acknowledged_then_500",
        "acknowledgements are taken, and answered with 500",
        Kind::Times(|f| &mut f.acknowledged_then_500),
    ),
    lie(
        "uploaded_then_500",
        "an upload is kept, and answered with 500",
        Kind::Times(|f| &mut f.uploaded_then_500),
    ),
    lie(
        "lost_acknowledgements",
        "an acknowledged message comes again",
        Kind::Times(|f| &mut f.lost_acknowledgements),
    ),
    lie("doubled_pushes", "a message is pushed twice", Kind::Times(|f| &mut f.doubled_pushes)),
    lie(
        "shuffled_pushes",
        "messages that wait together come in another order",
        Kind::Times(|f| &mut f.shuffled_pushes),
    ),
    lie(
        "pushes_late",
        "a new message comes late, after those behind it",
        Kind::Times(|f| &mut f.pushes_late),
    ),
    lie("pushes_late_by", "how late that is", Kind::Seconds(|f| &mut f.pushes_late_by)),
    lie(
        "broken_frames",
        "a frame breaks off in the middle, and the connection with it",
        Kind::Times(|f| &mut f.broken_frames),
    ),
    lie(
        "garbage_frames",
        "a frame that is no gzip comes before a message",
        Kind::Times(|f| &mut f.garbage_frames),
    ),
    lie("blaze_cut", "all Blaze connections are cut", Kind::Now(Faults::cut_blaze)),
    lie(
        "blaze_half_open",
        "all Blaze connections stay open, and nothing moves on them any more",
        Kind::Now(Faults::half_open_blaze),
    ),
    lie("blaze_mute", "nothing moves on any Blaze connection", Kind::Switch(|f| &mut f.blaze_mute)),
    lie(
        "person_refused",
        "questions about several users, this one among them, are refused: 10002",
        Kind::Word(|f| &mut f.person_refused),
    ),
    lie(
        "search_ban",
        "every search for a user is answered with 429",
        Kind::For(|f, until| f.search_banned_until = until),
    ),
    lie(
        "transfers_at_one_time",
        "all new transfers bear one and the same time",
        Kind::Switch(|f| &mut f.transfers_at_one_time),
    ),
];

impl Lie {
    /// What it takes, in words.
    pub const fn takes(&self) -> &'static str {
        match self.kind {
            Kind::Times(_) => "how many times",
            Kind::For(_) => "for how many seconds; 0 ends it",
            Kind::Seconds(_) => "seconds",
            Kind::Ahead(_) => "seconds, negative for behind",
            Kind::Switch(_) => "true or false",
            Kind::Millis(_) => "milliseconds",
            Kind::Word(_) => "a word, or null for the truth",
            Kind::Message(_) => "a message's id, or null for none",
            Kind::Foreign(_) => "trace, asset, recipient, amount or time; or null for nothing",
            Kind::Now(_) => "true",
        }
    }

    /// How to arrange it with this value.
    fn read(&self, value: &Value) -> Result<Arrange, Wrong> {
        let whole = || value.as_u64().and_then(|number| u32::try_from(number).ok());
        let length = || whole().map(|seconds| Duration::from_secs(seconds.into()));
        let read = || -> Option<Arrange> {
            Some(match self.kind {
                Kind::Times(place) => {
                    let times = whole()?;
                    Box::new(move |faults, _| *place(faults) = times)
                }
                Kind::For(set) => {
                    let time = length()?;
                    Box::new(move |faults, now| {
                        set(faults, (!time.is_zero()).then(|| later(now, time)));
                    })
                }
                Kind::Seconds(place) => {
                    let time = length()?;
                    Box::new(move |faults, _| *place(faults) = time)
                }
                Kind::Ahead(place) => {
                    let seconds = i32::try_from(value.as_i64()?).ok()?;
                    let time = SignedDuration::from_secs(seconds.into());
                    Box::new(move |faults, _| *place(faults) = time)
                }
                Kind::Switch(place) => {
                    let on = value.as_bool()?;
                    Box::new(move |faults, _| *place(faults) = on)
                }
                Kind::Word(place) => {
                    let word =
                        if value.is_null() { None } else { Some(value.as_str()?.to_owned()) };
                    Box::new(move |faults, _| *place(faults) = word)
                }
                Kind::Millis(place) => {
                    let time = Duration::from_millis(whole()?.into());
                    Box::new(move |faults, _| *place(faults) = time)
                }
                Kind::Message(place) => {
                    let message =
                        if value.is_null() { None } else { Some(value.as_str()?.parse().ok()?) };
                    Box::new(move |faults, _| *place(faults) = message)
                }
                Kind::Foreign(place) => {
                    let found = |word: &str| FOREIGN.iter().find(|(known, _)| *known == word);
                    let foreign =
                        if value.is_null() { None } else { Some(found(value.as_str()?)?.1) };
                    Box::new(move |faults, _| *place(faults) = foreign)
                }
                Kind::Now(act) => {
                    value.as_bool().filter(|on| *on)?;
                    Box::new(move |faults, _| act(faults))
                }
            })
        };
        let (name, takes) = (self.name, self.takes());
        read().ok_or_else(|| Wrong::request(format!("{name}: found {value}; it takes {takes}")))
    }
}

pub(super) fn set(world: &World, asked: &Asked) -> Result<Value, Wrong> {
    let wanted: Map<String, Value> = asked.json()?;
    let arrange = wanted.iter().map(|(name, value)| {
        let lie = LIES.iter().find(|lie| lie.name == name).ok_or_else(|| {
            let known: Vec<_> = LIES.iter().map(|lie| lie.name).collect();
            Wrong::request(format!("there is no fault {name:?}; there are {}", known.join(", ")))
        })?;
        lie.read(value)
    });
    // Nothing is arranged unless everything can be.
    let arrange = arrange.collect::<Result<Vec<_>, _>>()?;
    world.faults(|faults, now| {
        for arrange in arrange {
            arrange(faults, now);
        }
    });
    Ok(json!({}))
}
