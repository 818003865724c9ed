//! Terms: the bot's work, from the moment when this process may do it to the moment when it no
//! longer can.

use crate::{
    app::{hints, lease},
    cli::Failure,
    config::Settings,
    keystore::Keystore,
    run::{Bot, Sources, Watch, sorted},
    runtime::{stop::Stop, supervisor::Supervisor},
    store::{Store, StoreError},
};
use anyhow::Context;
use std::{sync::Arc, time::Duration};

/// How long giving the lease back may take.
const RELEASE_MAX: Duration = Duration::from_secs(1);

/// What this process works with.
#[derive(Debug)]
pub struct Process {
    /// What the operator decided.
    pub settings: Settings,
    /// The bot's keys.
    pub keystore: Arc<Keystore>,
    /// Where it remembers.
    pub store: Store,
    /// Time and chance.
    pub sources: Sources,
    /// What the outside looks at.
    pub watch: Watch,
}

impl Process {
    /// Does the bot's work until told to stop. If the database is shared, only while no other
    /// process does; and when the database goes away, again when it is back: a term that ends
    /// at any point is a crash at that point, and loses nothing.
    pub async fn run(&self, stop: &Stop) -> Result<(), Failure> {
        if !self.store.is_shared() {
            return Box::pin(self.term(None, stop)).await;
        }
        let clock = &self.sources.clock;
        let mut before = None;
        loop {
            self.watch.stand_by(hints::Standby::new(&self.store, clock));
            let standing_by = lease::stand_by(&self.store, &**clock, &self.watch.readiness, before);
            let token = tokio::select! {
                token = standing_by => token.context("the lease cannot be read")?,
                () = stop.intake.cancelled() => return Ok(()),
            };
            before = Some(token);
            let ended = Box::pin(self.term(Some(token), stop)).await;
            match ended {
                Err(failure) if is_away(&failure) && !stop.intake.is_cancelled() => {
                    tracing::warn!("the work is interrupted: {}", failure.told());
                }
                ended => {
                    self.release(token).await;
                    return ended;
                }
            }
        }
    }

    async fn term(&self, token: Option<i64>, stop: &Stop) -> Result<(), Failure> {
        let term = stop.child();
        let mut supervisor = Supervisor::new(term.clone());
        let mut store = self.store.clone();
        if let Some(token) = token {
            store = store.fenced(token);
            let apart = self.store.apart().await;
            let (clock, intake) = (Arc::clone(&self.sources.clock), term.intake.clone());
            supervisor.spawn("lease", async move {
                Ok(lease::keep(&apart, token, &*clock, &intake).await?)
            });
        }
        self.watch.work();
        let (keystore, sources) = (Arc::clone(&self.keystore), self.sources.clone());
        let assembled = Bot::with(&self.settings, keystore, store, sources, self.watch.clone());
        let bot = tokio::select! {
            bot = assembled => bot?,
            () = stop.intake.cancelled() => return Ok(()),
        };
        if token.is_some() {
            let (deps, intake) = (bot.deps(), term.intake.clone());
            supervisor.spawn("hints", async move {
                hints::look_out(&deps, &intake).await;
                Ok(())
            });
        }
        bot.spawn(&mut supervisor, &term);
        supervisor.run().await.map_err(sorted)
    }

    async fn release(&self, token: i64) {
        let released = lease::release(&self.store, token);
        match tokio::time::timeout(RELEASE_MAX, released).await {
            Ok(Ok(()) | Err(StoreError::Replaced)) => {}
            Ok(Err(error)) => tracing::warn!("the lease is not given back: {error}"),
            Err(_) => tracing::warn!("the lease is not given back: the database does not answer"),
        }
    }
}

/// Whether a failure is the database's, and may pass.
pub(super) fn is_away(failure: &Failure) -> bool {
    let Failure::Failed(error) = failure else { return false };
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<StoreError>());
    causes.any(StoreError::is_transient)
}
