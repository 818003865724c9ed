//! Credentials that Mixin refuses while the bot runs, whichever call meets the refusal first.

use mixpay_bot::{
    cli::Failure,
    config::{Settings, sources::Sources},
    domain::ids::UserId,
    mixin::blaze::BlazeError,
    run::{self, Bot, Process, Watch},
    runtime::{
        clock::HandClock, ids::SeededIds, readiness::Readiness, stop::Stop, supervisor::Supervisor,
    },
    sim::{Place, World, wire},
    store::Store,
};
use std::{sync::Arc, time::Duration};

/// How long something may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A world, and what a process needs to work in it.
struct Town {
    world: Arc<World>,
    clock: HandClock,
    bob: UserId,
    settings: Settings,
    _servers: wire::Servers,
}

impl Town {
    async fn new() -> Self {
        let clock = HandClock::running();
        let world = World::new(Arc::new(clock.clone()), Arc::new(SeededIds::new(7)));
        let bob = world.add_person("Bob");
        let servers = wire::serve(Arc::clone(&world), wire::Ports::default()).await.unwrap();
        let at = servers.endpoints();
        let mut settings = Settings::read(&Sources::default()).unwrap();
        settings.mixin.api_url = at.mixin_api_url.parse().unwrap();
        settings.mixin.blaze_url = at.mixin_blaze_url.parse().unwrap();
        settings.mixpay.api_url = at.mixpay_api_url.parse().unwrap();
        Self { world, clock, bob, settings, _servers: servers }
    }

    fn sources(&self) -> run::Sources {
        run::Sources {
            clock: Arc::new(self.clock.clone()),
            ids: Arc::new(SeededIds::new(8)),
            wire_ids: Arc::new(SeededIds::new(9)),
        }
    }

    async fn store() -> Store {
        Store::open("sqlite::memory:", [7; 32]).await.unwrap()
    }

    /// From now on every call over HTTP is refused; Blaze stays open.
    fn refuse(&self) {
        self.world.faults(|faults, now| {
            faults.mixin_unauthorized_until = Some(now + Duration::from_hours(1));
        });
    }

    /// Bob says something, and waits for the answer to it.
    async fn pings(&self) {
        let mut changes = self.world.changed();
        self.world.say(self.bob, Place::Private, "ping").unwrap();
        let answered = || {
            let shown = self.world.shown(self.bob, Place::Private);
            shown.iter().any(|shown| shown.words().contains("pong"))
        };
        changes.wait_for(|_| answered()).await.unwrap();
    }
}

#[tokio::test]
async fn a_revoked_session_ends_the_program_with_3_although_blaze_stays_open() {
    let town = Town::new().await;
    let process = Process {
        settings: town.settings.clone(),
        keystore: Arc::new(town.world.keystore_json().parse().unwrap()),
        store: Town::store().await,
        sources: town.sources(),
        watch: Watch::default(),
    };
    let stop = Stop::default();
    let script = async {
        town.pings().await;
        town.refuse();
        // Blaze brings it, and the answer is refused.
        town.world.say(town.bob, Place::Private, "ping").unwrap();
    };
    let ended = async { tokio::join!(process.run(&stop), script).0 };
    let ended = tokio::time::timeout(PATIENCE, Box::pin(ended)).await.unwrap();
    let failure = ended.unwrap_err();
    assert!(matches!(failure, Failure::Credentials(_)), "{failure:?}");
    assert_eq!(failure.code(), 3);
}

#[tokio::test]
async fn refused_credentials_are_told_to_whoever_asks_whether_the_bot_is_ready() {
    let town = Town::new().await;
    let stop = Stop::default();
    let mut supervisor = Supervisor::new(stop.clone());
    let keystore = Arc::new(town.world.keystore_json().parse().unwrap());
    let store = Town::store().await;
    let bot = Bot::with(&town.settings, keystore, store, town.sources(), Watch::default());
    let bot = Box::pin(bot).await.unwrap_or_else(|failure| panic!("{failure:?}"));
    let deps = bot.deps();
    bot.spawn(&mut supervisor, &stop);
    let against = |readiness: &Readiness| {
        let refused = |why: &String| why.starts_with("Mixin refuses the credentials");
        readiness.reasons().into_iter().find(refused)
    };
    let script = async {
        town.pings().await;
        assert_eq!(against(&deps.readiness), None);
        town.refuse();
        town.world.say(town.bob, Place::Private, "ping").unwrap();
    };
    let ended = async { tokio::join!(supervisor.run(), script).0 };
    let ended = tokio::time::timeout(PATIENCE, Box::pin(ended)).await.unwrap();
    let error = ended.unwrap_err();
    assert!(error.chain().any(|cause| cause.downcast_ref::<BlazeError>().is_some()), "{error:?}");
    assert_eq!(against(&deps.readiness).as_deref(), Some("Mixin refuses the credentials"));
}
