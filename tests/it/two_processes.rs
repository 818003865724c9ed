//! Two processes of one bot on one Postgres: one does the work, the other stands by.

use crate::harness::{count, postgres};
use mixpay_bot::{
    cli::Failure,
    config::{Listen, Settings, sources::Sources},
    domain::{
        ids::{TraceId, UserId},
        invoice::polling::Urgency,
    },
    run::{self, Process, Watch},
    runtime::{clock::HandClock, ids::SeededIds, stop::Stop, supervisor::Supervisor},
    sim::{Payment, Place, World, wire},
    store::Store,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, task::JoinSet};

/// How long something may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// The world, and the database that the processes share.
struct Town {
    world: Arc<World>,
    clock: HandClock,
    settings: Settings,
    bob: UserId,
    database: String,
    http: reqwest::Client,
    _servers: wire::Servers,
}

/// A running process; dropping it is its death.
struct Running {
    address: String,
    stop: Stop,
    tasks: JoinSet<Result<(), Failure>>,
}

impl Running {
    /// How it ended.
    async fn ended(mut self) -> Result<(), Failure> {
        self.tasks.join_next().await.unwrap().unwrap()
    }
}

impl Town {
    /// `None` where Postgres is not installed.
    async fn new() -> Option<Self> {
        let database = postgres::new_database().await?;
        let clock = HandClock::running();
        let world = World::new(Arc::new(clock.clone()), Arc::new(SeededIds::new(7)));
        let bob = world.add_person("Bob");
        let servers = wire::serve(Arc::clone(&world), wire::Ports::default()).await.unwrap();
        let at = servers.endpoints();
        let mut settings = Settings::read(&Sources::default()).unwrap();
        settings.mixin.api_url = at.mixin_api_url.parse().unwrap();
        settings.mixin.blaze_url = at.mixin_blaze_url.parse().unwrap();
        settings.mixpay.api_url = at.mixpay_api_url.parse().unwrap();
        settings.invoice.bot_payee = true;
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_backend_preconfigured(
                rustls::ClientConfig::builder_with_provider(
                    rustls::crypto::ring::default_provider().into(),
                )
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth(),
            )
            .build()
            .unwrap();
        Some(Self { world, clock, settings, bob, database, http, _servers: servers })
    }

    async fn store(&self) -> Store {
        Store::open(&self.database, [7; 32]).await.unwrap()
    }

    /// A free address.
    async fn listener() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        (listener, address)
    }

    /// Starts a process that listens there; MixPay is told to call back at `public`.
    async fn start(&self, listener: TcpListener, public: &str, seed: u64) -> Running {
        let mut settings = self.settings.clone();
        let address = listener.local_addr().unwrap();
        settings.http.listen = Listen::At(address);
        settings.http.public_url = Some(public.parse().unwrap());
        let stop = Stop::default();
        let mut supervisor = Supervisor::new(stop.clone());
        let watch = Watch::default();
        watch.serve(&settings, Some(listener), &mut supervisor, &stop);
        let sources = run::Sources {
            clock: Arc::new(self.clock.clone()),
            ids: Arc::new(SeededIds::new(seed)),
            wire_ids: Arc::new(SeededIds::new(seed + 100)),
        };
        let keystore = Arc::new(self.world.keystore_json().parse().unwrap());
        let store = self.store().await;
        let process = Process { settings, keystore, store, sources, watch };
        let mut tasks = JoinSet::new();
        let its_stop = stop.clone();
        tasks.spawn(async move {
            // HTTP ends with the process.
            let mut http = JoinSet::new();
            http.spawn(supervisor.run());
            process.run(&its_stop).await
        });
        Running { address: format!("http://{address}"), stop, tasks }
    }

    async fn get(&self, process: &Running, path: &str) -> String {
        let url = format!("{}{path}", process.address);
        self.http.get(url).send().await.unwrap().text().await.unwrap()
    }

    /// Waits until `GET /readyz` says so. `hurry` is how much time passes in the world meanwhile,
    /// look by look.
    async fn until_it_says(&self, process: &Running, words: &str, hurry: Duration) {
        let began = Instant::now();
        loop {
            let said = self.get(process, "/readyz").await;
            if said == words {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{said}");
            self.clock.advance(hurry);
            self.world.tick();
        }
    }

    /// What Bob is shown, once these words are in it.
    async fn until_bob_sees(&self, process: &Running, words: &str) -> String {
        let began = Instant::now();
        loop {
            let shown = self.shown();
            if shown.contains(words) {
                return shown;
            }
            assert!(began.elapsed() < PATIENCE, "{shown}");
            // A look at the process, as the others take their turns meanwhile.
            self.get(process, "/healthz").await;
            self.world.tick();
        }
    }

    fn shown(&self) -> String {
        let shown = self.world.shown(self.bob, Place::Private);
        shown.iter().map(|shown| shown.words() + "\n").collect()
    }

    fn say(&self, line: &str) {
        self.world.say(self.bob, Place::Private, line).unwrap();
    }

    /// The trace of the only invoice.
    async fn trace(&self) -> TraceId {
        let mut tx = self.store().await.begin().await.unwrap();
        let invoices = tx.invoices_after(None, 2).await.unwrap();
        assert_eq!(invoices.len(), 1);
        invoices.first().unwrap().facts.opened().unwrap().0
    }
}

const NO_HURRY: Duration = Duration::ZERO;
/// Less than a holder may be silent.
const HURRY: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread")]
async fn when_one_process_dies_the_other_takes_over_and_paid_is_told_once() {
    let Some(town) = Town::new().await else { return };
    let (listener, at) = Town::listener().await;
    let first = town.start(listener, &at, 1).await;
    town.until_it_says(&first, "ready", NO_HURRY).await;
    let (listener, _) = Town::listener().await;
    let second = town.start(listener, &at, 2).await;
    town.until_it_says(&second, "standing by", NO_HURRY).await;
    assert!(town.get(&first, "/metrics").await.contains("\nmixpay_bot_lease_held 1\n"));
    assert!(town.get(&second, "/metrics").await.contains("\nmixpay_bot_lease_held 0\n"));
    town.say("invoice 10 usd for wine");
    town.until_bob_sees(&first, "wine").await;
    let trace = town.trace().await;
    drop(first);
    // Nobody hears of the payment, nor of what Bob says meanwhile.
    town.world.pay(&trace.to_string(), &Payment::default()).unwrap();
    town.say("ping");
    town.until_it_says(&second, "ready", HURRY).await;
    town.until_bob_sees(&second, "pong").await;
    let shown = town.until_bob_sees(&second, "Paid 10.00 USD").await;
    assert_eq!((count(&shown, "Paid 10.00 USD"), count(&shown, "pong")), (1, 1), "{shown}");
    assert!(town.get(&second, "/metrics").await.contains("\nmixpay_bot_lease_held 1\n"));
    assert_eq!(town.world.violations(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_was_replaced_ends_with_a_failure() {
    let Some(town) = Town::new().await else { return };
    let (listener, at) = Town::listener().await;
    let process = town.start(listener, &at, 1).await;
    town.until_it_says(&process, "ready", NO_HURRY).await;
    let mut tx = town.store().await.begin().await.unwrap();
    tx.take_lease().await.unwrap();
    tx.commit().await.unwrap();
    let failure = process.ended().await.unwrap_err();
    assert_eq!(failure.code(), 1);
    assert!(failure.told().contains("another process has taken the lease over"), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_stopped_gives_the_work_back_at_once() {
    let Some(town) = Town::new().await else { return };
    let (listener, at) = Town::listener().await;
    let process = town.start(listener, &at, 1).await;
    town.until_it_says(&process, "ready", NO_HURRY).await;
    assert!(town.store().await.begin().await.unwrap().lease().await.unwrap().held);
    process.stop.ask();
    process.ended().await.unwrap();
    assert!(!town.store().await.begin().await.unwrap().lease().await.unwrap().held);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_reaches_the_process_that_stands_by_is_noted_for_the_other() {
    let Some(town) = Town::new().await else { return };
    let (listener, _) = Town::listener().await;
    let (at_second, public) = Town::listener().await;
    let first = town.start(listener, &public, 1).await;
    town.until_it_says(&first, "ready", NO_HURRY).await;
    let second = town.start(at_second, &public, 2).await;
    town.until_it_says(&second, "standing by", NO_HURRY).await;
    town.say("invoice 10 usd for wine");
    town.until_bob_sees(&first, "wine").await;
    let trace = town.trace().await;
    // The process that does the work is dead, and the callback is all that anybody hears.
    drop(first);
    let body = serde_json::json!({ "orderId": trace.to_string(), "traceId": trace.to_string() });
    let callback = format!("{public}/mixpay/callback");
    let answer = town.http.post(callback).body(body.to_string()).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), r#"{"code":"SUCCESS"}"#);
    let mut tx = town.store().await.begin().await.unwrap();
    let polls = tx.due_polls(jiff::Timestamp::MAX, 9).await.unwrap();
    assert!(polls.iter().any(|poll| poll.urgency == Urgency::Now), "{polls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_at_the_process_that_stands_by_is_looked_into_by_the_other() {
    let Some(town) = Town::new().await else { return };
    let (listener, _) = Town::listener().await;
    let (at_second, public) = Town::listener().await;
    let first = town.start(listener, &public, 1).await;
    town.until_it_says(&first, "ready", NO_HURRY).await;
    let second = town.start(at_second, &public, 2).await;
    town.until_it_says(&second, "standing by", NO_HURRY).await;
    town.say("invoice 10 usd for wine");
    town.until_bob_sees(&first, "wine").await;
    town.world.pay(&town.trace().await.to_string(), &Payment::default()).unwrap();
    let shown = town.until_bob_sees(&second, "Paid 10.00 USD").await;
    assert_eq!(count(&shown, "Paid 10.00 USD"), 1, "{shown}");
    town.until_it_says(&second, "standing by", NO_HURRY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_hangs_up_is_waited_for_and_nothing_is_lost() {
    let Some(town) = Town::new().await else { return };
    let (listener, at) = Town::listener().await;
    let process = town.start(listener, &at, 1).await;
    town.until_it_says(&process, "ready", NO_HURRY).await;
    for number in 1..=5 {
        town.say(&format!("invoice {number} usd for wine {number}"));
        postgres::run(&town.database, postgres::HANG_UP).await;
        town.until_bob_sees(&process, &format!("wine {number}")).await;
        postgres::run(&town.database, postgres::HANG_UP).await;
    }
    town.until_it_says(&process, "ready", NO_HURRY).await;
    let mut tx = town.store().await.begin().await.unwrap();
    assert_eq!(tx.invoices_after(None, 9).await.unwrap().len(), 5);
    assert_eq!(town.world.violations(), []);
}
