//! Harness: the real bot in the simulated world, in the words of people who chat and pay.

pub(crate) mod postgres;
mod screen;

use mixpay_bot::{
    config::{Settings, sources::Sources},
    demo::stage::{Callbacks, Inside, Stage},
    domain::{
        amount::Amount,
        ids::{AssetId, MessageId, TraceId, UserId},
    },
    runtime::{client::http, clock::HandClock},
    sim::{Body, How, Payment, Place, Shown, Tapped, World, world::people::Person},
};
use std::{collections::HashSet, sync::Arc, time::Duration};
use url::Url;

/// Every story begins with the same chance.
const SEED: u64 = 7;
/// Every story begins then.
const BEGINNING: &str = "2026-11-21T14:00:00Z";

/// The people of every story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// A merchant, the owner of the group Dinner.
    Bob,
    /// A customer, a plain member of the group.
    Alice,
    /// Somebody who has nothing to do with either.
    Carol,
    /// The owner of the bot: its operator.
    Olivia,
}

pub(crate) use Who::{Alice, Bob, Carol, Olivia};

/// The bot and its world.
pub(crate) struct Bot {
    pub(crate) stage: Stage,
    pub(crate) world: Arc<World>,
    carol: UserId,
    callbacks: Callbacks,
    seen: HashSet<MessageId>,
    codes: Vec<String>,
    /// Everything that anybody looked at.
    pub(crate) everything: String,
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn mins(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

pub(crate) fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

impl Bot {
    /// A bot with the usual settings and a public address.
    pub(crate) async fn new() -> Self {
        Self::with(Callbacks::On, |_| ()).await
    }

    /// A bot without a public address: nobody calls it back.
    pub(crate) async fn without_callbacks() -> Self {
        Self::with(Callbacks::Off, |_| ()).await
    }

    /// A bot with other settings.
    pub(crate) async fn with(callbacks: Callbacks, change: impl FnOnce(&mut Settings)) -> Self {
        Self::on("sqlite::memory:", callbacks, change).await
    }

    /// A bot that keeps what it knows there.
    pub(crate) async fn on(
        url: &str,
        callbacks: Callbacks,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = Settings::read(&Sources::default()).unwrap();
        change(&mut settings);
        let clock = HandClock::standing(BEGINNING.parse().unwrap());
        let stage = Stage::on(&settings, SEED, clock, callbacks, url).await;
        let stage = stage.unwrap_or_else(|failure| panic!("{failure:?}"));
        let world = Arc::clone(&stage.world);
        let carol = world.add_person("Carol");
        let seen = HashSet::new();
        let (codes, everything) = (Vec::new(), String::new());
        let mut bot = Self { stage, world, carol, callbacks, seen, codes, everything };
        bot.settle().await;
        bot
    }

    pub(crate) fn id(&self, who: Who) -> UserId {
        match who {
            Bob => self.stage.me,
            Alice => self.stage.alice,
            Carol => self.carol,
            Olivia => self.world.owner(),
        }
    }

    pub(crate) fn person(&self, who: Who) -> Person {
        self.world.person(self.id(who)).unwrap()
    }

    pub(crate) fn group(&self) -> Place {
        Place::Group(self.stage.group)
    }

    pub(crate) fn bot_number(&self) -> String {
        self.stage.bot_number()
    }

    /// Waits until the bot and the world are quiet at this time.
    pub(crate) async fn settle(&mut self) {
        self.stage.settle().await.unwrap();
    }

    /// Says a line in private.
    pub(crate) async fn says(&mut self, who: Who, line: &str) {
        self.world.say(self.id(who), Place::Private, line).unwrap();
        self.settle().await;
    }

    /// Says a line in private, and looks at what is shown for it.
    pub(crate) async fn asks(&mut self, who: Who, line: &str) -> String {
        self.shows(who);
        self.says(who, line).await;
        self.shows(who)
    }

    /// Says a line in the group, after the bot's number.
    pub(crate) async fn says_in_group(&mut self, who: Who, line: &str) {
        let line = format!("@{} {line}", self.bot_number());
        self.world.say(self.id(who), self.group(), &line).unwrap();
        self.settle().await;
    }

    /// Says a line in the group, after the bot's number, and looks at what is shown for it.
    pub(crate) async fn asks_in_group(&mut self, who: Who, line: &str) -> String {
        self.shows_group();
        self.says_in_group(who, line).await;
        self.shows_group()
    }

    /// Quotes the newest message that shows these words.
    pub(crate) async fn replies(&mut self, who: Who, words: &str, line: &str) {
        let quoted = self.find(who, |shown| shown.words().contains(words)).id;
        self.world.reply(self.id(who), Place::Private, quoted, line).unwrap();
        self.settle().await;
    }

    /// Taps the newest button with this label, in private.
    pub(crate) async fn taps(&mut self, who: Who, label: &str) -> Tapped {
        let shown = self.find(who, |shown| shown.buttons().iter().any(|b| b.label == label));
        self.tap(who, &shown, label).await
    }

    /// Taps the newest button with this label, in the group.
    pub(crate) async fn taps_in_group(&mut self, who: Who, label: &str) -> Tapped {
        let shown = self.world.shown(self.id(who), self.group()).into_iter().rev();
        let mut with_button = shown.filter(|s| s.buttons().iter().any(|b| b.label == label));
        let shown = with_button.next().unwrap_or_else(|| panic!("no button {label:?}"));
        self.tap(who, &shown, label).await
    }

    async fn tap(&mut self, who: Who, shown: &Shown, label: &str) -> Tapped {
        let index = shown.buttons().iter().position(|b| b.label == label).unwrap();
        let tapped = self.world.tap(self.id(who), shown.id, index).unwrap();
        self.settle().await;
        tapped
    }

    /// What the newest button with this label does, in private.
    pub(crate) fn action(&self, who: Who, label: &str) -> String {
        let shown = self.find(who, |shown| shown.buttons().iter().any(|b| b.label == label));
        shown.buttons().iter().find(|b| b.label == label).unwrap().action.clone()
    }

    fn find(&self, who: Who, is_it: impl Fn(&Shown) -> bool) -> Shown {
        let shown = self.world.shown(self.id(who), Place::Private);
        shown.into_iter().rev().find(is_it).unwrap_or_else(|| panic!("{who:?} sees no such thing"))
    }

    /// What the bot counts of itself.
    pub(crate) async fn metrics(&self) -> String {
        let url: Url = self.stage.callback_url().unwrap().parse().unwrap();
        let answer = http(&url).unwrap().get(url.join("/metrics").unwrap()).send().await;
        answer.unwrap().text().await.unwrap()
    }

    /// What is new in somebody's own chat with the bot.
    pub(crate) fn shows(&mut self, who: Who) -> String {
        self.new_in(self.id(who), Place::Private)
    }

    /// What is new in the group.
    pub(crate) fn shows_group(&mut self) -> String {
        self.new_in(self.id(Bob), self.group())
    }

    fn new_in(&mut self, who: UserId, place: Place) -> String {
        let shown = self.world.shown(who, place);
        let known: HashSet<MessageId> = shown.iter().map(|shown| shown.id).collect();
        let mut lines = Vec::new();
        for shown in shown {
            if !self.seen.insert(shown.id) {
                continue;
            }
            let raw = screen::text(&shown, |id| known.contains(&id), |id| self.is_picture(id));
            self.everything.push_str(&raw);
            for button in shown.buttons() {
                self.everything.push_str(&button.action);
                self.everything.push('\n');
            }
            for code in screen::codes(&raw) {
                if !self.codes.contains(&code) {
                    self.codes.push(code);
                }
            }
            lines.push(screen::stable(&raw, |id| self.name_of(id)));
        }
        lines.join("\n")
    }

    fn is_picture(&self, attachment: &str) -> bool {
        self.world.attachment(attachment).is_some_and(|bytes| bytes.starts_with(b"\x89PNG"))
    }

    fn name_of(&self, id: uuid::Uuid) -> Option<String> {
        self.world.person(UserId::new(id)).map(|person| person.name)
    }

    /// The code of the newest invoice or link that anybody looked at.
    pub(crate) fn code(&self) -> String {
        self.codes.last().cloned().unwrap()
    }

    /// The codes that stand in a text.
    pub(crate) fn codes_in(text: &str) -> Vec<String> {
        screen::codes(text)
    }

    /// The codes of all invoices and links that anybody looked at.
    pub(crate) fn codes(&self) -> &[String] {
        &self.codes
    }

    /// Makes an invoice and looks at its card; its code.
    pub(crate) async fn invoice(&mut self, who: Who, line: &str) -> String {
        let shown = self.asks(who, line).await;
        assert!(shown.contains("[card]"), "{shown}");
        self.code()
    }

    pub(crate) async fn trace(&self, code: &str) -> TraceId {
        self.stage.trace_of(code.parse().unwrap()).await.unwrap().unwrap()
    }

    /// Pays what an invoice asks for, in Mixin.
    pub(crate) async fn pays(&mut self, code: &str) {
        self.pays_like(code, Payment::default()).await;
    }

    /// Pays an invoice like this.
    pub(crate) async fn pays_badly(&mut self, code: &str, how: How) {
        self.pays_like(code, Payment::done(how)).await;
    }

    /// Pays an invoice like this, with this coin, over its chain.
    pub(crate) async fn pays_on_chain(&mut self, code: &str, coin: AssetId, how: How) {
        self.pays_like(code, Payment::done(how).with(coin).on_chain()).await;
    }

    pub(crate) async fn pays_like(&mut self, code: &str, payment: Payment) {
        let trace = self.trace(code).await.to_string();
        self.world.pay(&trace, &payment).unwrap();
        self.settle().await;
    }

    /// All the confirmations that a payment over a chain needs.
    pub(crate) async fn confirms(&mut self, code: &str) {
        let trace = self.trace(code).await.to_string();
        self.world.confirm_all(&trace).unwrap();
        self.settle().await;
    }

    /// Lets time pass.
    pub(crate) async fn passes(&mut self, time: Duration) {
        self.stage.pass(time).await.unwrap();
    }

    /// Kills the bot, and starts it again on what it has written down.
    pub(crate) async fn restarts(&mut self) {
        self.no_harm().await;
        self.stage.start(self.callbacks).await.unwrap_or_else(|failure| panic!("{failure:?}"));
        self.settle().await;
    }

    async fn no_harm(&mut self) -> Inside {
        let inside = self.stage.inside().await.unwrap();
        assert_eq!((inside.parked, inside.set_aside), (0, 0), "effects parked, events set aside");
        inside
    }

    /// The story is over: nobody was wronged, and nothing is left undone.
    pub(crate) async fn finish(mut self) {
        self.settle().await;
        self.no_harm().await;
        assert_eq!(self.world.violations(), []);
        assert!(self.world.activity().is_quiet(), "{:?}", self.world.activity());
        for who in [Bob, Alice, Carol, Olivia] {
            let shown = self.world.shown(self.id(who), Place::Private);
            assert!(shown.iter().all(|shown| shown.body != Body::Recalled));
        }
    }
}

/// How often these words stand there.
pub(crate) fn count(text: &str, words: &str) -> usize {
    text.matches(words).count()
}
