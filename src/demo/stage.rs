//! Stage: the simulated world, and the real bot running against it over loopback sockets.

use crate::{
    app::reconcile::choice::is_any_free,
    cli::Failure,
    config::{Listen, Settings},
    domain::{
        code::ShortCode,
        ids::{ConversationId, TraceId, UserId},
    },
    ports::{ids::Ids, time::Clock},
    run::{Bot, Sources, Watch},
    runtime::{clock::HandClock, ids::SeededIds, stop::Stop, supervisor::Supervisor},
    sim::{Place, World, wire, world::faults::Service},
    store::{Added, Store},
};
use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinSet};

/// When a script's world begins.
const BEGINNING: &str = "2026-11-21T14:00:00Z";
/// How much time passes in the world after a line of a script.
pub const AFTER_A_LINE: Duration = Duration::from_secs(6);
/// A step in which time passes, so that what is due in between happens in its order.
const STEP: Duration = Duration::from_secs(1);
/// Long waits are made of so many steps at most.
const STEPS_MAX: u32 = 240;
/// How long the bot may take to become quiet, before the demo goes on regardless.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long what may wait for the time to move (a lost connection, an answer that was none) may
/// keep it from being quiet while nothing changes in the world.
const PATIENCE_FOR_LITTLE: Duration = Duration::from_millis(400);
/// How often the level is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// Whether MixPay calls the bot back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callbacks {
    /// It does, over loopback.
    On,
    /// It does not: the bot has no public address.
    Off,
}

/// The world, the bot, and who sits before them.
pub struct Stage {
    /// The simulated world.
    pub world: Arc<World>,
    /// Who types: a merchant.
    pub me: UserId,
    /// Somebody else, who pays and is looked up.
    pub alice: UserId,
    /// A group that both are in.
    pub group: ConversationId,
    clock: HandClock,
    settings: Settings,
    store: Store,
    seed: u64,
    starts: u64,
    bot: Option<Running>,
    _servers: wire::Servers,
}

/// A bot that was killed lets go of its address after so many turns of the runtime.
const LETS_GO_MAX: u32 = 100;

/// What a stage tells about the inside of its bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inside {
    /// Effects that wait.
    pub waiting: i64,
    /// Effects that were given up.
    pub parked: i64,
    /// Events that were set aside since the bot was started.
    pub set_aside: u64,
}

/// A running bot; dropping it kills it.
struct Running {
    deps: Arc<crate::app::deps::Deps>,
    _tasks: JoinSet<anyhow::Result<()>>,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage").field("seed", &self.seed).finish_non_exhaustive()
    }
}

impl Stage {
    /// A stage whose time stands until it is moved: for scripts.
    pub async fn standing(settings: &Settings, seed: u64) -> Result<Self, Failure> {
        let beginning: Timestamp = BEGINNING.parse().context("the beginning is a time")?;
        Self::new(settings, seed, HandClock::standing(beginning), Callbacks::On).await
    }

    /// A stage whose time runs: for people.
    pub async fn running(settings: &Settings, seed: u64) -> Result<Self, Failure> {
        Self::new(settings, seed, HandClock::running(), Callbacks::On).await
    }

    /// A stage with this clock.
    pub async fn new(
        settings: &Settings,
        seed: u64,
        clock: HandClock,
        callbacks: Callbacks,
    ) -> Result<Self, Failure> {
        Self::on(settings, seed, clock, callbacks, "sqlite::memory:").await
    }

    /// A stage whose bot keeps what it knows in the database at `url`.
    pub async fn on(
        settings: &Settings,
        seed: u64,
        clock: HandClock,
        callbacks: Callbacks,
        url: &str,
    ) -> Result<Self, Failure> {
        let world = World::new(Arc::new(clock.clone()), Arc::new(SeededIds::new(seed)));
        let me = world.add_person("Bob");
        let alice = world.add_person("Alice");
        let lookup: UserId = "a0b1c2d3-0000-4000-8000-000000007000".parse().context("an id")?;
        world.add_known(lookup, "7000101422", "小助理");
        let group = world.add_group("Dinner", me, &[], &[alice]);
        let servers = wire::serve(Arc::clone(&world), wire::Ports::default())
            .await
            .context("the simulated services cannot be started")?;
        let at = servers.endpoints();
        let mut settings = settings.clone();
        settings.mixin.api_url = at.mixin_api_url.parse().context("a URL")?;
        settings.mixin.blaze_url = at.mixin_blaze_url.parse().context("a URL")?;
        settings.mixpay.api_url = at.mixpay_api_url.parse().context("a URL")?;
        settings.invoice.bot_payee = true;
        let ids = SeededIds::new(seed.wrapping_add(1));
        let mut secret = [0; 32];
        for chunk in secret.chunks_exact_mut(8) {
            chunk.copy_from_slice(&ids.bits().to_be_bytes());
        }
        let store = Store::open(url, secret).await.context("the bot's database")?;
        let mut stage = Self {
            world,
            me,
            alice,
            group,
            clock,
            settings,
            store,
            seed,
            starts: 0,
            bot: None,
            _servers: servers,
        };
        stage.start(callbacks).await?;
        Ok(stage)
    }

    /// Starts the bot; one that runs is killed first, as if its machine had lost power.
    pub async fn start(&mut self, callbacks: Callbacks) -> Result<(), Failure> {
        self.bot = None;
        let listener = self.listener().await.context("no free port")?;
        let address = listener.local_addr().context("no free port")?;
        self.settings.http.listen = Listen::At(address);
        self.settings.http.public_url = match callbacks {
            Callbacks::On => Some(format!("http://{address}").parse().context("a URL")?),
            Callbacks::Off => None,
        };
        let keystore = self.world.keystore_json().parse().context("the world's keystore")?;
        self.starts = self.starts.wrapping_add(2);
        let seed = self.seed.wrapping_add(self.starts);
        let sources = Sources {
            clock: Arc::new(self.clock.clone()),
            ids: Arc::new(SeededIds::new(seed)),
            wire_ids: Arc::new(SeededIds::new(seed.wrapping_add(1 << 32))),
        };
        let stop = Stop::default();
        let mut supervisor = Supervisor::new(stop.clone());
        let watch = Watch::default();
        watch.serve(&self.settings, Some(listener), &mut supervisor, &stop);
        let (keystore, store) = (Arc::new(keystore), self.store.clone());
        let bot = Bot::with(&self.settings, keystore, store, sources, watch).await?;
        let deps = bot.deps();
        bot.spawn(&mut supervisor, &stop);
        let mut tasks = JoinSet::new();
        tasks.spawn(supervisor.run());
        self.bot = Some(Running { deps, _tasks: tasks });
        Ok(())
    }

    /// Where the bot listened before it was killed, so that MixPay finds it again; or anywhere.
    async fn listener(&self) -> std::io::Result<TcpListener> {
        if let Listen::At(before) = self.settings.http.listen
            && self.starts > 0
        {
            for _ in 0..LETS_GO_MAX {
                if let Ok(listener) = TcpListener::bind(before).await {
                    return Ok(listener);
                }
                tokio::task::yield_now().await;
            }
        }
        TcpListener::bind("127.0.0.1:0").await
    }

    /// The time of the world.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The number of the bot.
    pub fn bot_number(&self) -> String {
        self.world.bot_number()
    }

    /// Lets time pass, step by step, and after each step waits until the bot is quiet.
    pub async fn pass(&self, time: Duration) -> anyhow::Result<()> {
        let step = STEP.max(time / STEPS_MAX);
        let mut left = time;
        while !left.is_zero() {
            let now = step.min(left);
            left = left.saturating_sub(now);
            self.clock.advance(now);
            self.world.tick();
            self.settle().await?;
        }
        Ok(())
    }

    /// The machine that the bot runs on sleeps so long, and wakes: the world has gone on.
    pub async fn sleep(&self, time: Duration) -> anyhow::Result<()> {
        self.clock.step(SignedDuration::try_from(time)?);
        self.world.tick();
        self.settle().await
    }

    /// Waits until the world and the bot have nothing left to do at this time.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let began = std::time::Instant::now();
        let mut quiet_looks = 0;
        let (mut version, mut changed) = (self.world.version(), began);
        while quiet_looks < 3 && began.elapsed() < PATIENCE {
            let busy = self.busy().await?;
            if self.world.version() != version {
                (version, changed) = (self.world.version(), std::time::Instant::now());
            }
            let quiet = match busy {
                Busy::No => true,
                Busy::Perhaps => changed.elapsed() > PATIENCE_FOR_LITTLE,
                Busy::Yes => false,
            };
            quiet_looks = if quiet { quiet_looks + 1 } else { 0 };
            tokio::time::sleep(LOOK).await;
        }
        if quiet_looks < 3 {
            tracing::warn!(activity = ?self.world.activity(), "the bot does not become quiet");
        }
        Ok(())
    }

    async fn busy(&self) -> anyhow::Result<Busy> {
        let Some(Running { deps, .. }) = &self.bot else { return Ok(Busy::No) };
        let now = self.now();
        // A bot that cannot be reached has nothing left to hear.
        let mixin_offline = self.world.is_offline(Service::Mixin);
        let activity = self.world.activity();
        let is_served = activity.requests_in_flight > 0 || activity.callbacks > 0;
        if !mixin_offline && is_served {
            return Ok(Busy::Yes);
        }
        let mut tx = self.store.begin().await?;
        if !mixin_offline
            && (tx.effects_due(now).await? || !tx.noted_transfers(1).await?.is_empty())
        {
            return Ok(Busy::Yes);
        }
        // No permit is kept: this unit of work is never committed.
        let free = is_any_free(&mut tx, deps.rules.requests_per_minute, now).await;
        drop(tx);
        let may_poll = deps.without_unreadable("a look", free)?.unwrap_or(true);
        deps.wakes.ring(Added::ALL);
        let unheard = !mixin_offline && activity.unacknowledged > 0;
        Ok(if unheard || may_poll || is_served { Busy::Perhaps } else { Busy::No })
    }

    /// Why the running bot is not ready; empty if it is.
    pub fn against(&self) -> Vec<String> {
        self.bot.as_ref().map(|bot| bot.deps.readiness.reasons()).unwrap_or_default()
    }

    /// Where MixPay calls the running bot back.
    pub fn callback_url(&self) -> Option<&str> {
        self.bot.as_ref().and_then(|bot| bot.deps.rules.callback_url.as_deref())
    }

    /// What went wrong inside, as far as the store and the running bot know.
    pub async fn inside(&self) -> anyhow::Result<Inside> {
        let counts = self.store.begin().await?.effect_counts().await?;
        let set_aside = self.bot.as_ref().map(|bot| bot.deps.metrics.events_quarantined.value());
        Ok(Inside {
            waiting: counts.waiting,
            parked: counts.parked,
            set_aside: set_aside.unwrap_or_default(),
        })
    }

    /// The trace that MixPay knows an invoice by.
    pub async fn trace_of(&self, code: ShortCode) -> anyhow::Result<Option<TraceId>> {
        let invoice = self.store.begin().await?.invoice_by_code(code).await?;
        Ok(invoice.and_then(|invoice| invoice.facts.opened().map(|(trace, _)| trace)))
    }

    /// What the bot says about whether it can do its work; `None` while there is no bot.
    pub fn readiness(&self) -> Option<&crate::runtime::readiness::Readiness> {
        self.bot.as_ref().map(|bot| &*bot.deps.readiness)
    }

    /// What everybody in a place sees.
    pub fn place(&self, in_group: bool) -> Place {
        if in_group { Place::Group(self.group) } else { Place::Private }
    }
}

/// Whether anything is left to do at this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Busy {
    No,
    /// Lines that wait for a connection, or questions to MixPay.
    Perhaps,
    Yes,
}
