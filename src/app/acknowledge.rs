//! Acknowledgements: tells Mixin which messages were handled, and never holds up the handling.
//!
//! What is not acknowledged comes again and is recognised, so one that Mixin does not take can be
//! dropped, and so can the oldest of too many.

use crate::{
    app::{
        deps::Deps,
        outbox::delivery::{Carry, Delivery, deliver},
    },
    domain::ids::MessageId,
    ports::{chat::ACKNOWLEDGEMENTS_PER_REQUEST_MAX, failure::CallError},
    runtime::{
        backoff::Backoff,
        clock::until,
        pace::Pace,
        readiness::{ACKNOWLEDGEMENTS_AGE_MAX, Condition},
        wake::Wake,
    },
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// Nobody waits for acknowledgements, so that they can be gathered longer.
const EVERY: SignedDuration = SignedDuration::from_millis(50);
/// Handled messages that wait to be acknowledged; of more, the oldest are dropped.
pub const WAITING_MAX: usize = 4096;

/// A handled message, and since when it waits.
type Waiting = (MessageId, Timestamp);

/// Handled messages that wait to be acknowledged.
#[derive(Debug, Default)]
pub struct Handled {
    queue: Mutex<Queue>,
    bell: Wake,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// Whether some were dropped since the last request that went well.
    overflows: bool,
    /// Whether nobody handles any more.
    is_over: bool,
}

/// Says that nobody handles any more, when it is dropped.
#[derive(Debug)]
pub struct Ending<'h>(&'h Handled);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.bell.wake();
    }
}

impl Handled {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody handles, until this is dropped.
    pub const fn ending(&self) -> Ending<'_> {
        Ending(self)
    }

    /// Adds messages; never waits.
    pub fn add(&self, deps: &Deps, messages: impl IntoIterator<Item = MessageId>) {
        let now = deps.now();
        let mut queue = self.lock();
        queue.waiting.extend(messages.into_iter().map(|message| (message, now)));
        let over = queue.waiting.len().saturating_sub(WAITING_MAX);
        queue.waiting.drain(..over);
        let begins = over > 0 && !queue.overflows;
        queue.overflows |= over > 0;
        drop(queue);
        if begins {
            tracing::error!("more acknowledgements wait than are kept; the oldest are dropped");
        }
        deps.metrics.acknowledgements_dropped.add(u64::try_from(over).unwrap_or(0));
        self.bell.wake();
    }

    /// Fills a batch from what waits.
    fn fill(&self, batch: &mut Vec<Waiting>) {
        let room = ACKNOWLEDGEMENTS_PER_REQUEST_MAX.saturating_sub(batch.len());
        let mut queue = self.lock();
        let count = room.min(queue.waiting.len());
        batch.extend(queue.waiting.drain(..count));
    }

    /// Waits for something; false once there is nothing, and nobody handles any more.
    async fn next(&self, batch: &mut Vec<Waiting>) -> bool {
        loop {
            self.bell.hush();
            self.fill(batch);
            if !batch.is_empty() {
                return true;
            }
            if self.lock().is_over {
                return false;
            }
            self.bell.wait().await;
        }
    }

    fn len(&self) -> usize {
        self.lock().waiting.len()
    }
}

struct Acknowledging<'d>(&'d Deps);

#[async_trait]
impl Carry<Waiting> for Acknowledging<'_> {
    const MOST: usize = ACKNOWLEDGEMENTS_PER_REQUEST_MAX;

    fn in_order(&self, _: &Waiting, _: &Waiting) -> bool {
        false
    }

    async fn carry(&self, things: &[Waiting]) -> Result<(), CallError> {
        let messages: Vec<MessageId> = things.iter().map(|(message, _)| *message).collect();
        self.0.chat.acknowledge(&messages).await
    }
}

/// Acknowledges handled messages until nobody handles any more. Those that Mixin does not take
/// when the program stops come again, and are recognised.
pub async fn run(deps: &Deps, handled: &Handled, stop: &CancellationToken) {
    let mut pace = Pace::new(EVERY, EVERY);
    let mut batch = Vec::with_capacity(ACKNOWLEDGEMENTS_PER_REQUEST_MAX);
    while handled.next(&mut batch).await {
        let now = deps.now();
        let begin = pace.round(now);
        let room = ACKNOWLEDGEMENTS_PER_REQUEST_MAX.saturating_sub(batch.len());
        if handled.len() < room && begin > now {
            deps.clock.pause(until(now, begin)).await;
        }
        // What came meanwhile, if anything.
        handled.fill(&mut batch);
        let mut failures = 0;
        while !batch.is_empty() {
            let things = std::mem::take(&mut batch);
            let delivery = deliver(&Acknowledging(deps), things, failures).await;
            batch = passed_on(deps, handled, delivery);
            if batch.is_empty() {
                break;
            }
            if stop.is_cancelled() {
                return;
            }
            failures = failures.saturating_add(1);
            let delay = Backoff::CONNECTION.delay(failures, deps.ids.bits());
            let until = deps.now().saturating_add(delay).unwrap_or(Timestamp::MAX);
            tokio::select! {
                biased;
                () = deps.clock.sleep_until(until) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

/// Drops what Mixin does not take; what still waits.
fn passed_on(deps: &Deps, handled: &Handled, delivery: Delivery<Waiting>) -> Vec<Waiting> {
    let Delivery { passed, refused, doubted, waiting, trouble } = delivery;
    for ((message, _), error) in refused.into_iter().chain(doubted) {
        tracing::error!(
            message.id = %message,
            "Mixin does not take the acknowledgement of message {message}, which is dropped: {error}",
        );
        deps.metrics.acknowledgements_dropped.add(1);
    }
    if !passed.is_empty() {
        handled.lock().overflows = false;
    }
    if let Some(error) = trouble {
        tracing::warn!(messages = waiting.len(), "acknowledgements wait: {error}");
    }
    let now = deps.now();
    let age = waiting.iter().map(|(_, since)| until(*since, now)).max().unwrap_or_default();
    let why = || format!("acknowledgements have waited {} s", age.as_secs());
    deps.readiness.set(Condition::Acknowledgements, (age > ACKNOWLEDGEMENTS_AGE_MAX).then(why));
    waiting
}
