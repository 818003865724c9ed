//! Deps: what use cases get: the ports, the store, the operator's rules.

use crate::{
    app::{estimates::Estimates, gate::Gate},
    domain::{
        asset::QuoteAsset,
        catalogue::Catalogue,
        ids::{AssetId, UserId},
        invoice::credible::Now,
    },
    ports::{
        chat::Chat,
        checkout::Checkout,
        directory::{Directory, Me},
        ids::Ids,
        time::{Clock, Witness},
        wallet::Wallet,
    },
    runtime::{metrics::Metrics, readiness::Readiness, wake::Wake},
    speech::qr::Draw,
    store::{Added, Store, StoreError, Tx},
};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, PoisonError, RwLock};

/// From this difference on our clock counts as wrong. An invoice of half an hour would close a
/// thirtieth too early or too late, and no answer that comes late by its call's deadline looks like
/// it. Mixin refuses all our calls from 300 s on.
pub const SKEW_MAX: SignedDuration = SignedDuration::from_secs(60);

/// What use cases get.
pub struct Deps {
    /// Where everything is kept.
    pub store: Store,
    /// Saying things.
    pub chat: Arc<dyn Chat>,
    /// MixPay, behind the gate that keeps its limit.
    pub mixpay: Gate,
    /// What MixPay said about prices a moment ago.
    pub estimates: Estimates,
    /// Looking people, groups and assets up.
    pub directory: Arc<dyn Directory>,
    /// The bot's wallet.
    pub wallet: Arc<dyn Wallet>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Whose clock shows whether ours is right: Mixin's.
    pub witness: Arc<dyn Witness>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// Drawing QR codes.
    pub draw: Draw,
    /// What the operator decided.
    pub rules: Rules,
    /// The bot itself.
    pub me: Me,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Whether the bot can do its work, and if not, why.
    pub readiness: Arc<Readiness>,
    /// Bells of the loops.
    pub wakes: Wakes,
    catalogue: RwLock<Arc<Catalogue>>,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deps").field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// The outside that use cases work with.
pub struct Outside {
    /// Saying things.
    pub chat: Arc<dyn Chat>,
    /// MixPay.
    pub checkout: Arc<dyn Checkout>,
    /// Looking people, groups and assets up.
    pub directory: Arc<dyn Directory>,
    /// The bot's wallet.
    pub wallet: Arc<dyn Wallet>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Whose clock shows whether ours is right: Mixin's.
    pub witness: Arc<dyn Witness>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// Drawing QR codes: it is slow, and rehearsals, which look at words alone, do without.
    pub draw: Draw,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outside")
    }
}

/// What the operator decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// How long an invoice can be paid, as the chat is told.
    pub expires: SignedDuration,
    /// How much longer MixPay takes money for it.
    pub grace: SignedDuration,
    /// What payees receive unless they chose otherwise.
    pub settlement: AssetId,
    /// One payee for everybody; `None` is the person who asks.
    pub payee: Option<UserId>,
    /// Whether people may choose the bot as their payee.
    pub bot_payee: bool,
    /// Who runs the bot.
    pub operators: Vec<UserId>,
    /// Supergroup bots that may speak for people.
    pub representatives: Vec<UserId>,
    /// From which users MixPay pays.
    pub accounts: Vec<UserId>,
    /// Requests a minute that MixPay allows.
    pub requests_per_minute: u32,
    /// Invoices a person may make an hour.
    pub invoices_per_hour: u32,
    /// Searches a person may cause a day.
    pub lookups_per_day: u32,
    /// Whom to ask where only MixPay can help.
    pub support: String,
    /// Where MixPay calls back.
    pub callback_url: Option<String>,
    /// The currency that is offered first.
    pub currency: QuoteAsset,
    /// MixPay's pages.
    pub web_url: String,
}

/// Bells of the loops.
#[derive(Debug, Default)]
pub struct Wakes {
    /// Messages wait to be shown.
    pub messages: Wake,
    /// Other effects wait.
    pub errands: Wake,
    /// An invoice is to be asked about.
    pub polls: Wake,
    /// A transfer is to be read back.
    pub transfers: Wake,
    /// Lines wait for their turn, or for what is to be found out.
    pub turns: Wake,
}

impl Wakes {
    /// Rings for those who have something to do.
    pub fn ring(&self, added: Added) {
        let bells = [
            (added.messages, &self.messages),
            (added.errands, &self.errands),
            (added.polls, &self.polls),
            (added.transfers, &self.transfers),
            (added.turns, &self.turns),
        ];
        for (_, bell) in bells.into_iter().filter(|(rings, _)| *rings) {
            bell.wake();
        }
    }
}

impl Deps {
    /// The use cases' things, with MixPay's lists as they were last kept.
    pub fn new(
        store: Store,
        outside: Outside,
        rules: Rules,
        me: Me,
        metrics: Arc<Metrics>,
        readiness: Arc<Readiness>,
        catalogue: Catalogue,
    ) -> Self {
        let Outside { chat, checkout, directory, wallet, clock, witness, ids, draw } = outside;
        Self {
            store,
            chat,
            mixpay: Gate::new(checkout),
            estimates: Estimates::default(),
            directory,
            wallet,
            clock,
            witness,
            ids,
            draw,
            rules,
            me,
            metrics,
            readiness,
            wakes: Wakes::default(),
            catalogue: RwLock::new(Arc::new(catalogue)),
        }
    }

    /// The time now, by our own clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How far our clock is ahead of Mixin's (behind: less than zero), as far as Mixin told; zero
    /// while nobody knows. What was done to our clock since Mixin told is in it.
    pub fn skew(&self) -> SignedDuration {
        let shown = self.witness.shown();
        shown.map_or(SignedDuration::ZERO, |shown| {
            self.now().duration_since(shown.at(self.clock.steady()))
        })
    }

    /// How wrong our clock is, if it is too wrong to be used: then no invoice is made.
    pub fn clock_error(&self) -> Option<SignedDuration> {
        Some(self.skew()).filter(|skew| skew.abs() >= SKEW_MAX)
    }

    /// Whether our clock is known to be right: only then is anything forgotten for its age.
    pub fn is_clock_proved(&self) -> bool {
        self.witness.shown().is_some() && self.clock_error().is_none()
    }

    /// What time it is, by our clock and as far as can be known.
    pub fn times(&self) -> Now {
        let ours = self.now();
        let error = self.clock_error().unwrap_or_default();
        Now { ours, best: ours.saturating_sub(error).unwrap_or(ours) }
    }

    /// Makes a unit of work durable, and then rings for those who have something to do through it.
    pub async fn commit(&self, tx: Tx) -> Result<(), StoreError> {
        let added = tx.added();
        self.commit_silently(tx).await?;
        self.wakes.ring(added);
        Ok(())
    }

    /// The same, by a loop that looks again by itself.
    pub async fn commit_silently(&self, tx: Tx) -> Result<(), StoreError> {
        let (enqueued, concluded) = (tx.enqueued(), tx.concluded());
        tx.commit().await?;
        self.metrics.effects_enqueued.add(enqueued);
        self.metrics.effects_done.add(concluded);
        Ok(())
    }

    /// What came of a unit of work; `None` if it met a row that cannot be read. It has changed
    /// nothing then, the store sets that row aside, and the work goes on without it: this is where
    /// each loop and each task hands in what failed.
    pub fn without_unreadable<T>(
        &self,
        what: &str,
        done: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match done {
            Err(error) if error.is_unreadable() => {
                self.metrics.units_set_aside.add(1);
                let error = anyhow::Error::from(error);
                tracing::error!("{what} is set aside: {error:#}");
                Ok(None)
            }
            done => done.map(Some),
        }
    }

    /// MixPay's lists, as they were last heard.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces MixPay's lists.
    pub fn set_catalogue(&self, catalogue: Catalogue) {
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalogue);
    }

    /// Whether this user runs the bot.
    pub fn is_operator(&self, user: UserId) -> bool {
        if self.rules.operators.is_empty() {
            self.me.owner == Some(user)
        } else {
            self.rules.operators.contains(&user)
        }
    }

    /// Who runs the bot.
    pub fn operators(&self) -> Vec<UserId> {
        if self.rules.operators.is_empty() {
            self.me.owner.into_iter().collect()
        } else {
            self.rules.operators.clone()
        }
    }

    /// The ticker of an asset, as far as MixPay's lists know it.
    pub fn symbol(&self, asset: AssetId) -> Option<String> {
        let catalogue = self.catalogue();
        let lists = [&catalogue.settlement, &catalogue.payment, &catalogue.quote];
        lists
            .into_iter()
            .flatten()
            .find(|listed| listed.unit == QuoteAsset::Asset(asset))
            .map(|listed| listed.symbol.clone())
    }
}
