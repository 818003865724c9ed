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
        let mut before = None;
        loop {
            let token = tokio::select! {
                token = self.turn(before) => token?,
                () = stop.intake.cancelled() => return Ok(()),
            };
            before = token;
            let ended = Box::pin(self.term(token, stop)).await;
            match ended {
                Err(failure) if is_away(&failure) && !stop.intake.is_cancelled() => {
                    self.watch.interrupted();
                    tracing::warn!("the work is interrupted: {}", failure.told());
                }
                ended => {
                    if let Some(token) = token {
                        self.release(token).await;
                    }
                    return ended;
                }
            }
        }
    }

    /// Waits until this process may do the work, and the database takes what it writes; the token
    /// of the lease, if there is one.
    async fn turn(&self, before: Option<i64>) -> Result<Option<i64>, Failure> {
        let (clock, readiness) = (&self.sources.clock, &self.watch.readiness);
        if !self.store.is_shared() {
            let writable = lease::until_writable(&self.store, &**clock, readiness).await;
            return Ok(writable.context("the database cannot be used").map(|()| None)?);
        }
        self.watch.stand_by(hints::Standby::new(&self.store, clock));
        let token = lease::stand_by(&self.store, &**clock, readiness, before).await;
        Ok(Some(token.context("the lease cannot be read")?))
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
    is_any(failure, StoreError::is_transient)
}

/// Whether a failure is that the database's file cannot be opened or written.
pub(super) fn is_about_access(failure: &Failure) -> bool {
    is_any(failure, StoreError::is_about_access)
}

fn is_any(failure: &Failure, what: impl Fn(&StoreError) -> bool) -> bool {
    let Failure::Failed(error) = failure else { return false };
    error.chain().filter_map(|cause| cause.downcast_ref::<StoreError>()).any(what)
}
