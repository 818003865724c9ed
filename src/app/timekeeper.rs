//! Timekeeper: compares our clock with Mixin's, and takes back what was written down while it was wrong.
//!
//! No time that is kept is believed without bounds: the store's table of doubt says how far ahead each
//! may lie. While our clock is wrong no new times are made, and `/readyz` says so.

use crate::{
    app::{
        deps::Deps,
        reply::{Place, say},
    },
    domain::{cause::Cause, locale::Locale},
    runtime::readiness::Condition,
    speech::{Draft, clock},
    store::{Added, StoreError, Tx},
};
use futures::future::OptionFuture;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often Mixin is asked what time it is while our clock is wrong.
const ASK_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// Operators are told of a wrong clock at most once in this many seconds, restarts included.
const TOLD_EVERY: i64 = 3600;

/// What is known about the clock.
struct Keeper<'d> {
    deps: &'d Deps,
    /// Whether it is wrong.
    wrong: bool,
    /// Whether operators were told so.
    told: bool,
    /// When it was set last: what Mixin showed before does not prove that it is wrong, for a
    /// machine that slept looks the same.
    set_at: Duration,
}

/// Keeps the time until told to stop.
pub async fn run(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    let mut stepped = deps.clock.stepped();
    doubt(deps, deps.store.begin().await?, SignedDuration::ZERO).await?;
    let wrong = deps.readiness.is_against(Condition::Clock);
    let mut keeper = Keeper { deps, wrong, told: false, set_at: Duration::ZERO };
    keeper.judge().await?;
    // Every answer of Mixin tells what time it is, a refusal as well.
    let mut asked = OptionFuture::from(None);
    while !stop.is_cancelled() {
        let next = deps.now().saturating_add(ASK_EVERY).unwrap_or(Timestamp::MAX);
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            // Mixin may be slow to answer, and the clock be set again meanwhile.
            by = &mut stepped => {
                stepped = deps.clock.stepped();
                keeper.was_set(by).await?;
                asked = Some(deps.directory.me()).into();
            }
            Some(answer) = &mut asked => {
                asked = None.into();
                if let Err(error) = answer {
                    tracing::debug!("Mixin was asked for the time: {error}");
                }
                keeper.judge().await?;
            }
            () = deps.witness.surprise() => keeper.judge().await?,
            () = deps.clock.sleep_until(next), if keeper.wrong => {
                asked = Some(deps.directory.me()).into();
            }
        }
    }
    Ok(())
}

impl Keeper<'_> {
    /// The clock was set, or the machine slept.
    async fn was_set(&mut self, by: SignedDuration) -> Result<(), StoreError> {
        let seconds = by.as_secs();
        tracing::warn!(seconds, "the clock was set by {seconds} s, or the machine slept");
        self.set_at = self.deps.clock.steady();
        let back = (-by).max(SignedDuration::ZERO);
        doubt(self.deps, self.deps.store.begin().await?, back).await?;
        self.deps.wakes.ring(Added::ALL);
        if self.deps.clock_error().is_none() {
            self.judge().await?;
        }
        Ok(())
    }

    /// Says whether the clock is wrong, and acts on it if that is new.
    async fn judge(&mut self) -> Result<(), StoreError> {
        let error = self.deps.clock_error();
        self.deps.metrics.clock_skew_seconds.set(self.deps.skew().as_secs().unsigned_abs());
        self.deps.readiness.set(Condition::Clock, error.map(words));
        match error {
            Some(error) => {
                if !self.wrong {
                    tracing::warn!(
                        seconds = error.as_secs(),
                        "{}: no invoice is made until it is right",
                        words(error)
                    );
                }
                self.wrong = true;
                let shown = self.deps.witness.shown();
                let is_proved = shown.is_some_and(|shown| shown.steady >= self.set_at);
                if is_proved && !self.told {
                    self.told = true;
                    self.tell(error).await?;
                }
            }
            None if self.wrong => {
                tracing::info!("our clock agrees with Mixin's again");
                (self.wrong, self.told) = (false, false);
                doubt(self.deps, self.deps.store.begin().await?, SignedDuration::ZERO).await?;
                self.deps.wakes.ring(Added::ALL);
            }
            None => {}
        }
        Ok(())
    }

    /// Operators are told. What Mixin refuses for the clock's sake reaches them when it is right.
    async fn tell(&self, error: SignedDuration) -> Result<(), StoreError> {
        let deps = self.deps;
        let now = deps.now();
        let when = deps.times().best.as_second().div_euclid(TOLD_EVERY);
        let mut tx = deps.store.begin().await?;
        for operator in deps.operators() {
            let locale = tx.person_settings(operator).await?.locale.unwrap_or(Locale::En);
            let place = Place { new: true, ..Place::private(deps, operator) };
            let drafts = vec![Draft::text(clock::wrong(error, locale))];
            say(&mut tx, deps, place, Cause::Clock(when, operator), drafts, now).await?;
        }
        deps.commit(tx).await
    }
}

/// How wrong our clock is, as `/readyz` and the log say it.
pub fn words(error: SignedDuration) -> String {
    let seconds = error.as_secs().unsigned_abs();
    let side = if error.is_negative() { "behind" } else { "ahead of" };
    format!("our clock is {seconds} s {side} Mixin's")
}

/// Takes back in this unit of work what was written down while the clock was further ahead, by `back` or by what the store
/// remembers, and commits it. Whoever waits looks again.
pub async fn doubt(deps: &Deps, mut tx: Tx, back: SignedDuration) -> Result<(), StoreError> {
    let doubted = tx.doubt_times(deps.now(), back).await?;
    deps.commit(tx).await?;
    if doubted > 0 {
        tracing::warn!(times = doubted, "{doubted} times lay too far ahead, and were taken back");
        deps.wakes.ring(Added::ALL);
    }
    Ok(())
}
