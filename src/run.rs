//! Composition root: builds the adapters and the use cases, and runs them side by side. With
//! `demo` and `check` the only files that know all layers.

mod terms;

use crate::{
    app::{
        acknowledge::{self, Handled},
        deps::{Deps, Outside, Rules},
        dispatch, hints, outbox, reconcile, sampler, timekeeper,
    },
    cli::Failure,
    config::{Database, Listen, Operators, Payee, Settings, shown},
    domain::asset::QuoteAsset,
    http::{Access, CALLBACK_PATH, Server},
    keystore::Keystore,
    mixin::{
        Mixin,
        blaze::{Blaze, BlazeError, INBOX_MAX, Link},
        verdict::Verdict,
    },
    mixpay::{Endpoints, MixPay},
    ports::{
        directory::{Directory, Me, Person},
        failure::Reason,
        ids::Ids,
        inbound::Inbound,
        time::Clock,
    },
    runtime::{
        backoff::Backoff,
        client,
        clock::SystemClock,
        ids::SystemIds,
        metrics::Metrics,
        readiness::{Condition, Readiness},
        stop::Stop,
        supervisor::Supervisor,
    },
    speech::qr,
    store::Store,
};
use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use std::{fs::File, path::Path, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};
use url::Url;

pub use terms::Process;

/// How often a database that is away at the start is tried again.
const DATABASE_WAIT: Duration = Duration::from_secs(1);
/// How often Mixin is asked again while our clock is wrong.
const SKEW_WAIT: SignedDuration = SignedDuration::from_secs(60);

/// Runs the bot until it is told to stop.
pub async fn run(settings: &Settings) -> Result<(), Failure> {
    // Longer than the database's own connection: to close any handle of a file makes SQLite's
    // locks on it void.
    let _alone = alone(&settings.database)?;
    let stop = Stop::default();
    let work = async {
        let watch = Watch::default();
        let listener = listener(settings.http.listen).await?;
        // HTTP is stopped with the rest, but its end is not the end of what is under way.
        let part = stop.child();
        let mut supervisor = Supervisor::new(part.clone());
        let is_served = listener.is_some();
        watch.serve(settings, listener, &mut supervisor, &part);
        let http = is_served.then_some(supervisor);
        beside(http, process(settings, watch, &stop), &stop).await
    };
    stop.on_signals(Box::pin(work)).await.context("signals cannot be listened to")?
}

/// HTTP, if there is to be any, and the work side by side. When one of them ends, the other is
/// asked to, and may finish what it began.
async fn beside(
    http: Option<Supervisor>,
    work: impl Future<Output = Result<(), Failure>>,
    stop: &Stop,
) -> Result<(), Failure> {
    let outside = async {
        let Some(http) = http else { return Ok(()) };
        let served = http.run().await;
        stop.intake.cancel();
        served
    };
    let inside = async {
        let worked = work.await;
        stop.intake.cancel();
        worked
    };
    let (outside, inside) = tokio::join!(outside, Box::pin(inside));
    inside.and(outside.map_err(sorted))
}

/// Everything but HTTP.
async fn process(settings: &Settings, watch: Watch, stop: &Stop) -> Result<(), Failure> {
    let keystore = Arc::new(keystore(&settings.keystore)?);
    let store = tokio::select! {
        store = store_in_time(&settings.database) => store?,
        () = stop.intake.cancelled() => return Ok(()),
    };
    let sources = Sources {
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        wire_ids: Arc::new(SystemIds),
    };
    Process { settings: settings.clone(), keystore, store, sources, watch }.run(stop).await
}

/// Keeps a second process away from a file that is ours. Two of them would both speak for the bot.
/// The lock is on the file itself, so that it has no other name by which it is free. It is another
/// kind of lock than SQLite's own, and neither minds the other.
fn alone(database: &Database) -> Result<Option<File>, Failure> {
    let Database::File(path) = database else { return Ok(None) };
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.with_context(|| format!("database {database} cannot be opened"))?;
    file.try_lock().with_context(|| {
        format!(
            "another mixpay-bot runs on {database}: stop that one first (two processes of one bot \
             need Postgres)"
        )
    })?;
    Ok(Some(file))
}

/// The store of these settings, as soon as its database is there.
async fn store_in_time(database: &Database) -> Result<Store, Failure> {
    loop {
        match store(database, &SystemIds).await {
            Err(failure) if terms::is_away(&failure) && !terms::is_about_access(&failure) => {
                tracing::warn!("waiting for the database: {}", failure.told());
                tokio::time::sleep(DATABASE_WAIT).await;
            }
            store => return store,
        }
    }
}

/// The socket of the HTTP server.
async fn listener(listen: Listen) -> Result<Option<TcpListener>, Failure> {
    let Listen::At(address) = listen else { return Ok(None) };
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("http.listen {address} cannot be listened at: choose another address, or off")
    })?;
    tracing::info!(%address, "HTTP listens at {address}");
    Ok(Some(listener))
}

/// An error of a task by what it means for the exit code.
fn sorted(error: anyhow::Error) -> Failure {
    if error.chain().any(|cause| cause.downcast_ref::<BlazeError>().is_some()) {
        Failure::Credentials(error)
    } else {
        Failure::Failed(error)
    }
}

/// The keystore of these settings.
pub fn keystore(path: &Path) -> Result<Keystore, Failure> {
    let text = std::fs::read_to_string(path)
        .with_context(|| {
            format!(
                "keystore {} cannot be read: download it from the developer dashboard of the bot, \
                 or name the right file",
                shown::path(path)
            )
        })
        .map_err(Failure::Setting)?;
    text.parse::<Keystore>()
        .with_context(|| format!("keystore {} cannot be used", shown::path(path)))
        .map_err(Failure::Setting)
}

/// The store of these settings.
pub async fn store(database: &Database, ids: &dyn Ids) -> Result<Store, Failure> {
    let url = match database {
        Database::File(_) | Database::Memory => database.to_string(),
        Database::Postgres(url) => url.reveal().to_owned(),
    };
    let mut random = [0; 32];
    for chunk in random.chunks_exact_mut(8) {
        chunk.copy_from_slice(&ids.bits().to_be_bytes());
    }
    let store = Store::open(&url, random).await;
    Ok(store.with_context(|| format!("database {database} cannot be opened"))?)
}

/// The adapters for Mixin and MixPay.
#[derive(Debug, Clone)]
pub struct Adapters {
    /// Mixin.
    pub mixin: Mixin,
    /// MixPay.
    pub mixpay: Arc<MixPay>,
}

/// Builds the adapters.
pub fn adapters(
    settings: &Settings,
    keystore: Arc<Keystore>,
    clock: &Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
) -> Result<Adapters, Failure> {
    let client = |url: &Url| client::http(url).context("the HTTP client cannot be built");
    let base = settings.mixin.api_url.clone();
    let http = client(&base)?;
    let mixin = Mixin::new(keystore, base, http, Arc::clone(clock), ids);
    let endpoints = Endpoints {
        api: settings.mixpay.api_url.to_string(),
        web: settings.mixpay.web_url.to_string(),
    };
    let http = client(&settings.mixpay.api_url)?;
    let mixpay = Arc::new(MixPay::new(http, endpoints));
    Ok(Adapters { mixin, mixpay })
}

/// Where time and chance come from.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance for what people see: codes.
    pub ids: Arc<dyn Ids>,
    /// Chance for what only the wire sees: token and request ids.
    pub wire_ids: Arc<dyn Ids>,
}

/// What the outside may look at, from the first moment: health, metrics, and the callback's door.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    readiness: Arc<Readiness>,
    metrics: Arc<Metrics>,
    callbacks: Arc<hints::Callbacks>,
}

impl Watch {
    /// Another process does the work; this one takes callbacks for it.
    fn stand_by(&self, standby: hints::Standby) {
        self.callbacks.stand_by(standby);
        self.readiness.set_standing_by(true);
        self.readiness.set_blaze_connected(false);
        self.metrics.lease_held.set(0);
        self.metrics.blaze_connected.set(0);
    }

    /// The database is away, and with it the work.
    fn interrupted(&self) {
        self.readiness.set_database_writable(false);
        self.readiness.set_blaze_connected(false);
        self.metrics.blaze_connected.set(0);
    }

    /// This process does the work.
    fn work(&self) {
        self.readiness.set_standing_by(false);
        self.metrics.lease_held.set(1);
    }

    /// Starts the HTTP server, if there is to be one.
    pub fn serve(
        &self,
        settings: &Settings,
        listener: Option<TcpListener>,
        supervisor: &mut Supervisor,
        stop: &Stop,
    ) {
        let Some(listener) = listener else { return };
        let (hints, readiness) = (Arc::clone(&self.callbacks), Arc::clone(&self.readiness));
        let access = Access {
            trusted_proxies: settings.http.trusted_proxies.clone(),
            callback_ips: settings.http.callback_ips.clone(),
        };
        let server = Server { hints, readiness, metrics: Arc::clone(&self.metrics), access };
        let intake = stop.intake.clone();
        supervisor.spawn("http", async move { Ok(server.serve(listener, intake).await?) });
    }
}

/// The bot, assembled and not yet running.
pub struct Bot {
    deps: Arc<Deps>,
    blaze: Blaze,
    verdict: watch::Receiver<Verdict>,
}

impl std::fmt::Debug for Bot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bot").finish_non_exhaustive()
    }
}

impl Bot {
    /// Builds the bot with this keystore and store, as far as finding out who it is.
    pub async fn with(
        settings: &Settings,
        keystore: Arc<Keystore>,
        store: Store,
        sources: Sources,
        watch: Watch,
    ) -> Result<Self, Failure> {
        let Sources { clock, ids, wire_ids } = sources;
        let Adapters { mixin, mixpay } =
            adapters(settings, Arc::clone(&keystore), &clock, wire_ids)?;
        let connector = client::connector().context("the TLS policy cannot be built")?;
        let blaze = Blaze::new(&mixin, settings.mixin.blaze_url.clone(), connector);
        let verdict = mixin.verdict();
        let mixin = Arc::new(mixin);
        let me = me(&*mixin, &store, &keystore, &*clock, &*ids, &watch.readiness).await?;
        let mut tx = store.begin().await.context("the database cannot be read")?;
        let catalogue =
            reconcile::lists::kept(&mut tx).await.context("the database cannot be read")?;
        drop(tx);
        let (chat, directory) = (Arc::clone(&mixin), Arc::clone(&mixin));
        let witness = Arc::<Mixin>::clone(&mixin);
        let draw = qr::picture;
        let (checkout, wallet) = (mixpay, mixin);
        let outside = Outside { chat, checkout, directory, wallet, clock, witness, ids, draw };
        let Watch { readiness, metrics, callbacks } = watch;
        let rules = rules(settings)?;
        let deps = Deps::new(store, outside, rules, me, metrics, readiness, catalogue);
        let deps = Arc::new(deps);
        callbacks.begin(Arc::clone(&deps));
        Ok(Self { deps, blaze, verdict })
    }

    /// What the use cases work with.
    pub fn deps(&self) -> Arc<Deps> {
        Arc::clone(&self.deps)
    }

    /// Starts everything that runs for long.
    pub fn spawn(self, supervisor: &mut Supervisor, stop: &Stop) {
        let Self { deps, blaze, verdict } = self;
        let (inbox, events) = mpsc::channel(INBOX_MAX);
        watch_link(&blaze, &deps, supervisor, stop);
        watch_credentials(verdict, &deps, supervisor, stop);
        let intake = stop.intake.clone();
        supervisor.spawn("blaze", async move { Ok(blaze.run(inbox, intake).await?) });
        spawn_loops(&deps, events, supervisor, stop);
        spawn_chores(&deps, supervisor, stop);
        {
            let (deps, intake) = (Arc::clone(&deps), stop.intake.clone());
            supervisor.spawn("sampler", async move { Ok(sampler::run(&deps, &intake).await?) });
        }
        tracing::info!(
            bot.number = deps.me.person.number,
            "{} ({}) is running",
            deps.me.person.name,
            deps.me.person.number,
        );
    }
}

/// Starts the loops that need neither a socket nor Blaze: handling what comes in, and everything
/// that follows from it.
pub fn spawn_loops(
    deps: &Arc<Deps>,
    events: mpsc::Receiver<Inbound>,
    supervisor: &mut Supervisor,
    stop: &Stop,
) {
    let handled = Arc::new(Handled::default());
    {
        let (deps, intake) = (Arc::clone(deps), stop.intake.clone());
        let handled = Arc::clone(&handled);
        supervisor.spawn("dispatch", async move {
            Ok(dispatch::run(&deps, events, &handled, &intake).await?)
        });
    }
    {
        let (deps, intake) = (Arc::clone(deps), stop.intake.clone());
        supervisor.spawn("acknowledge", async move {
            acknowledge::run(&deps, &handled, &intake).await;
            // Handling has ended; why, it tells itself.
            intake.cancelled().await;
            Ok(())
        });
    }
    macro_rules! task {
        ($name:literal, $run:path) => {
            let (deps, intake) = (Arc::clone(deps), stop.intake.clone());
            supervisor.spawn($name, async move {
                $run(&deps, &intake).await.map_err(anyhow::Error::from)
            });
        };
    }
    task!("timekeeper", timekeeper::run);
    task!("messages", outbox::messages::run);
    task!("errands", outbox::errands::run);
    task!("turns", outbox::turns::run);
    task!("checkouts", reconcile::checkouts::run);
    task!("transfers", reconcile::snapshots::run);
}

/// Starts what keeps the house in order: nobody waits for it.
pub fn spawn_chores(deps: &Arc<Deps>, supervisor: &mut Supervisor, stop: &Stop) {
    let (lists, sweep) = (Arc::clone(deps), Arc::clone(deps));
    let intake = stop.intake.clone();
    supervisor.spawn("lists", async move { Ok(reconcile::lists::run(&lists, &intake).await?) });
    let intake = stop.intake.clone();
    supervisor.spawn("sweep", async move { Ok(reconcile::sweep::run(&sweep, &intake).await?) });
}

/// Tells whoever wants to know whether Blaze is connected.
fn watch_link(blaze: &Blaze, deps: &Arc<Deps>, supervisor: &mut Supervisor, stop: &Stop) {
    let status = blaze.status();
    let (deps, intake) = (Arc::clone(deps), stop.intake.clone());
    supervisor.spawn("link", async move {
        let mut link = status.watch();
        let mut counted = status.counts();
        while !intake.is_cancelled() {
            let up = *link.borrow_and_update() == Link::Up;
            deps.readiness.set_blaze_connected(up);
            deps.metrics.blaze_connected.set(u64::from(up));
            if up {
                // What happened in between is looked for.
                deps.wakes.transfers.wake();
            }
            let counts = status.counts();
            let connections = counts.connections.saturating_sub(counted.connections);
            let refused = counts.refused_frames.saturating_sub(counted.refused_frames);
            deps.metrics.blaze_connections.add(connections);
            deps.metrics.blaze_frames_refused.add(refused);
            counted = counts;
            let later = deps.now().saturating_add(SignedDuration::from_secs(10));
            tokio::select! {
                changed = link.changed() => if changed.is_err() { break },
                () = deps.clock.sleep_until(later.unwrap_or(Timestamp::MAX)) => {}
                () = intake.cancelled() => {}
            }
        }
        intake.cancelled().await;
        Ok(())
    });
}

/// Ends the program when Mixin refuses the credentials, whichever call found it out; and tells
/// whoever wants to know while it is only our clock.
fn watch_credentials(
    mut verdict: watch::Receiver<Verdict>,
    deps: &Arc<Deps>,
    supervisor: &mut Supervisor,
    stop: &Stop,
) {
    let (deps, intake) = (Arc::clone(deps), stop.intake.clone());
    supervisor.spawn("credentials", async move {
        loop {
            let now = *verdict.borrow_and_update();
            let why = match now {
                Verdict::Good => None,
                Verdict::Skewed(seconds) => Some(format!(
                    "Mixin refuses the credentials: our clock is {seconds} s off Mixin's"
                )),
                Verdict::Refused => Some("Mixin refuses the credentials".to_owned()),
            };
            deps.readiness.set(Condition::Credentials, why);
            if now == Verdict::Refused {
                return Err(BlazeError::Unauthorized.into());
            }
            tokio::select! {
                changed = verdict.changed() => if changed.is_err() { break },
                () = intake.cancelled() => break,
            }
        }
        intake.cancelled().await;
        Ok(())
    });
}

/// Who the bot is. While Mixin does not answer, what it said at an earlier start serves.
async fn me(
    directory: &dyn Directory,
    store: &Store,
    keystore: &Keystore,
    clock: &dyn Clock,
    ids: &dyn Ids,
    readiness: &Readiness,
) -> Result<Me, Failure> {
    let mut failures = 0_u32;
    loop {
        let error = match directory.me().await {
            Ok(me) if me.person.id == keystore.user() => {
                remember(store, &me).await.context("the database cannot be written")?;
                return Ok(me);
            }
            Ok(me) => {
                return Err(Failure::Setting(anyhow::anyhow!(
                    "the keystore is of {}, but Mixin knows its session as {}",
                    keystore.user(),
                    me.person.id
                )));
            }
            Err(error) => error,
        };
        let mut wait = Backoff::CONNECTION.delay(failures.saturating_add(1), ids.bits());
        match &error.reason {
            Reason::Unauthorized => {
                return Err(Failure::Credentials(anyhow::Error::from(error).context(
                    "Mixin refuses the keystore's credentials: download a new keystore from the \
                     developer dashboard",
                )));
            }
            Reason::ClockSkew { seconds } => {
                tracing::error!(seconds, "our clock is {seconds} s off Mixin's: set it right");
                let why = timekeeper::words(SignedDuration::from_secs(*seconds));
                readiness.set(Condition::Clock, Some(why));
                wait = SKEW_WAIT.unsigned_abs();
            }
            Reason::Unreachable(_)
            | Reason::NoAnswer(_)
            | Reason::NotUnderstood { .. }
            | Reason::Limited { .. }
            | Reason::Refused { .. } => {
                if let Some(me) = recall(store, keystore).await {
                    tracing::warn!(%error, "Mixin does not answer; going on as it was: {error}");
                    return Ok(me);
                }
                tracing::warn!("Mixin does not answer: {error}");
            }
        }
        failures = failures.saturating_add(1);
        tokio::select! {
            () = clock.sleep_until(clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX)) => {}
            // It may be right now.
            _ = clock.stepped() => {}
        }
    }
}

async fn remember(store: &Store, me: &Me) -> Result<(), crate::store::StoreError> {
    let mut tx = store.begin().await?;
    tx.keep_person(&me.person).await?;
    tx.set_meta("owner", &me.owner.map(|owner| owner.to_string()).unwrap_or_default()).await?;
    tx.commit().await
}

async fn recall(store: &Store, keystore: &Keystore) -> Option<Me> {
    let mut tx = store.begin().await.ok()?;
    let person: Person = tx.person(keystore.user()).await.ok()??;
    let owner = tx.meta("owner").await.ok()?.and_then(|owner| owner.parse().ok());
    Some(Me { person, owner, resource_patterns: Vec::new(), capabilities: Vec::new() })
}

/// What the operator decided, as use cases see it.
pub fn rules(settings: &Settings) -> Result<Rules, Failure> {
    let length = |length: Duration| SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX);
    let callback_url = settings
        .http
        .public_url
        .as_ref()
        .map(|url| format!("{}{CALLBACK_PATH}", url.as_str().trim_end_matches('/')));
    Ok(Rules {
        expires: length(settings.invoice.expires),
        grace: length(settings.invoice.grace),
        settlement: settings.invoice.settlement_asset,
        payee: match settings.invoice.payee {
            Payee::WhoAsks => None,
            Payee::Till(user) => Some(user),
        },
        bot_payee: settings.invoice.bot_payee,
        operators: match &settings.operators {
            Operators::Owner => Vec::new(),
            Operators::These(users) => users.clone(),
        },
        representatives: settings.mixin.representatives.clone(),
        accounts: settings.mixpay.accounts.clone(),
        requests_per_minute: settings.mixpay.requests_per_minute,
        invoices_per_hour: settings.quota.invoices_per_hour,
        lookups_per_day: settings.quota.lookups_per_day,
        support: settings.support.clone(),
        callback_url,
        currency: QuoteAsset::Fiat("usd".parse().context("usd is a currency")?),
        web_url: settings.mixpay.web_url.as_str().trim_end_matches('/').to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_on_one_file_is_told_why_it_may_not_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bot.db");
        let database = Database::File(path.clone());
        let first = alone(&database).unwrap();
        let linked = folder.path().join("linked.db");
        std::os::unix::fs::symlink(&path, &linked).unwrap();
        let also = folder.path().join("also.db");
        std::fs::hard_link(&path, &also).unwrap();
        for name in [path, linked, also] {
            let told = alone(&Database::File(name)).unwrap_err().told();
            assert!(told.starts_with("another mixpay-bot runs on sqlite://"), "{told}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "no file of its own");
        drop(first);
        alone(&database).unwrap();
    }

    #[tokio::test]
    async fn the_lock_of_the_process_is_in_nobodys_way_who_reads_or_writes_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::File(folder.path().join("bot.db"));
        let _alone = alone(&database).unwrap();
        let bot = store(&database, &SystemIds).await.unwrap();
        let beside = store(&database, &SystemIds).await.unwrap();
        for (number, each) in [&bot, &beside, &bot].into_iter().enumerate() {
            let mut tx = each.begin().await.unwrap();
            tx.set_meta("count", &number.to_string()).await.unwrap();
            tx.commit().await.unwrap();
        }
        let count = beside.begin().await.unwrap().meta("count").await.unwrap();
        assert_eq!(count.as_deref(), Some("2"));
    }

    /// What becomes of work that takes two seconds from when it is asked to stop, beside an HTTP
    /// server that ends at once, one that a client keeps from ending, or none.
    async fn what_is_under_way(http: Option<Result<(), ()>>, asked: usize) -> bool {
        let stop = Stop::default();
        let part = stop.child();
        let mut server = Supervisor::new(part.clone());
        let ends = http != Some(Err(()));
        server.spawn("http", async move {
            part.intake.cancelled().await;
            if ends { Ok(()) } else { std::future::pending().await }
        });
        let server = http.map(|_| server);
        let (finished, is_finished) = tokio::sync::oneshot::channel();
        let term = stop.child();
        let mut tasks = Supervisor::new(term.clone());
        tasks.spawn("work", async move {
            term.intake.cancelled().await;
            tokio::time::sleep(Duration::from_secs(2)).await;
            finished.send(()).unwrap();
            Ok(())
        });
        for _ in 0..asked {
            stop.ask();
        }
        let work = async { tasks.run().await.map_err(sorted) };
        beside(server, work, &stop).await.unwrap();
        is_finished.await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_signal_lets_what_is_under_way_finish_whatever_http_does() {
        for http in [None, Some(Ok(())), Some(Err(()))] {
            assert!(what_is_under_way(http, 1).await, "{http:?}");
            assert!(!what_is_under_way(http, 2).await, "{http:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_http_server_that_fails_ends_the_program_and_its_error_is_told() {
        let stop = Stop::default();
        let mut server = Supervisor::new(stop.child());
        server.spawn("http", async { anyhow::bail!("no more sockets") });
        let work = async {
            stop.intake.cancelled().await;
            Ok(())
        };
        let failure = beside(Some(server), work, &stop).await.unwrap_err();
        assert_eq!(failure.told(), "task http failed: no more sockets");
    }
}
