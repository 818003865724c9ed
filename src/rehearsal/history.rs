//! History: people who type, tap and pay well and badly, while everything fails; chosen by a seed.

use super::{
    dice::Dice,
    machine::{Broken, Machine, Outcome, at_once},
    oracle::{self, PAID_WITHIN, PAID_WITHIN_ON_LITTLE},
    troubles::{self, Others, PAUSE_MAX, Size, TROUBLES, Trouble},
};
use crate::{
    domain::{
        amount::Amount,
        derive::contact_conversation,
        ids::{ConversationId, MessageId, UserId},
    },
    ports::ids::Ids,
    runtime::ids::SeededIds,
    sim::{
        How, MIXPAY_ACCOUNT, Payment, Place, Tapped, Transfer, World, coins,
        world::{
            faults::later,
            hostile,
            mixpay::Stage,
            wallet::{refund_memo, settlement_memo},
        },
    },
    store::Store,
};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};

/// Invoices of these histories live so long, and MixPay takes money for them so much longer: short,
/// because every minute costs questions.
const EXPIRES: Duration = Duration::from_secs(20);
const GRACE: Duration = Duration::from_secs(20);
/// After everything has healed the bot gets so long to bring every story to its end: longer than
/// an invoice lives, and than the longest pause between two tries.
const HEALING: Duration = Duration::from_secs(330);
/// A machine that died is started again after at most so many seconds.
const DOWN_SECONDS_MAX: u64 = 30;

/// A line that somebody said.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its message.
    pub message: MessageId,
    /// Where.
    pub conversation: ConversationId,
    /// What.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// Whether the bystander said it, whom nobody's trouble concerns.
    pub is_aside: bool,
}

/// An invoice that somebody asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What it is for; no other wish has this.
    pub memo: String,
    /// Who asked.
    pub by: UserId,
    /// Where.
    pub place: Place,
    /// The line that asked.
    pub line: Line,
    /// Whether somebody paid it by a lie, so that MixPay reports other values.
    pub tampered: bool,
}

/// A history, while it is played and after.
#[derive(Debug)]
pub struct History {
    /// The world and the bot.
    pub machine: Machine,
    /// Every invoice that was asked for.
    pub wishes: Vec<Wish>,
    /// Every other line that the bot heard.
    pub lines: Vec<Line>,
    /// How often the process died.
    pub deaths: u32,
    /// Whether MixPay called payments pending that were not: then an end without money looks like
    /// money that came back.
    pub fickle: bool,
    /// Whether only one or another is in trouble, and the bystander is watched.
    pub is_calm: bool,
    /// How long it may take until what was paid is told.
    pub paid_within: Duration,
    /// How long the bystander may wait then.
    pub others: Others,
    /// Whether the bot's clock was wrong for a while, so that it made no invoices.
    pub skewed: bool,
    /// How much longer everything may take because a service said to stay away.
    pub pause: Duration,
    /// How seldom what was left behind by a machine that slept is asked about.
    pub(super) idle: Duration,
    /// When everything healed.
    pub healed: Timestamp,
    /// What happened, in words.
    pub told: Vec<String>,
    /// What is wrong in the end.
    pub wrong: Vec<String>,
    pub(super) dice: Dice,
    /// Somebody who asks without end.
    pub(super) stranger: UserId,
    /// Somebody to whom nothing happens.
    pub(super) bystander: UserId,
    people: Vec<UserId>,
    group: ConversationId,
}

/// What can happen next.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Invoice,
    Pay,
    Say,
    Tap,
    Transfer,
    Callbacks,
    Trouble,
    Death,
    Time,
    Endless,
    Dust,
    FirstContact,
    Sleep,
    Aside,
}

/// How often each happens.
const TURNS: &[(u64, Turn)] = &[
    (16, Turn::Invoice),
    (22, Turn::Pay),
    (14, Turn::Say),
    (6, Turn::Tap),
    (4, Turn::Transfer),
    (6, Turn::Callbacks),
    (16, Turn::Trouble),
    (12, Turn::Death),
    (8, Turn::Time),
    (1, Turn::Endless),
    (2, Turn::Dust),
    (2, Turn::FirstContact),
    (1, Turn::Sleep),
];
/// How often each happens where only one or another is in trouble.
const CALM_TURNS: &[(u64, Turn)] = &[
    (6, Turn::Invoice),
    (8, Turn::Pay),
    (4, Turn::Say),
    (4, Turn::Callbacks),
    (24, Turn::Trouble),
    (12, Turn::Aside),
    (6, Turn::Time),
    (6, Turn::Endless),
    (6, Turn::Dust),
    (6, Turn::FirstContact),
];
/// So many histories in a hundred are such.
const CALM_PERCENT: u64 = 15;

impl History {
    /// Plays the history of this seed to its end, in a database that another one has left, if any.
    pub fn play(seed: u64, spare: Option<Store>) -> Result<Self, (Vec<String>, Broken)> {
        let mut history = Self::new(seed, spare).map_err(|broken| (Vec::new(), broken))?;
        match history.run() {
            Ok(()) => Ok(history),
            Err(broken) => Err((history.told, broken)),
        }
    }

    fn new(seed: u64, spare: Option<Store>) -> Result<Self, Broken> {
        let dice = Dice::new(SeededIds::new(seed).bits());
        let is_calm = dice.percent(CALM_PERCENT);
        let is_rich = is_calm || seed.is_multiple_of(4);
        let mut machine = Machine::with(seed, spare, |settings| {
            settings.invoice.expires = EXPIRES;
            settings.invoice.grace = GRACE;
            settings.quota.invoices_per_hour = 1000;
            // A smaller budget than MixPay's in most: the bot has to go without for a while.
            settings.mixpay.requests_per_minute = if is_rich { 60 } else { 15 };
        })?;
        let world = Arc::clone(&machine.world);
        // Who is called like a code would only fool the oracle, which looks for the code on a card.
        let mut names = hostile::names();
        names.retain(|name| oracle::code_in(name).is_none());
        let hostile = dice.one(&names).filter(|_| dice.percent(20));
        let bob = hostile.map_or("Bob", String::as_str);
        let people = vec![world.add_person(bob), world.add_person("Alice")];
        let (stranger, bystander) = (world.add_person("Mallory"), world.add_person("Carol"));
        let aside = contact_conversation(world.bot(), bystander);
        world.faults(|faults, _| faults.poison_spares = Some(aside));
        let group = world.add_group(
            "Dinner",
            people.first().copied().unwrap_or(world.owner()),
            &[],
            &people,
        );
        world.habits(|habits| {
            habits.same_body_same_code = dice.percent(70);
            habits.code_is_trace = dice.percent(30);
            let after = Duration::from_secs(dice.below(20));
            habits.settles_after = dice.percent(80).then_some(after);
        });
        machine.has_chores = dice.percent(6);
        machine.start()?;
        let _quiet = machine.settle()?;
        Ok(Self {
            machine,
            wishes: Vec::new(),
            lines: Vec::new(),
            deaths: 0,
            fickle: false,
            is_calm,
            paid_within: if is_rich { PAID_WITHIN } else { PAID_WITHIN_ON_LITTLE },
            others: Others::SOON,
            skewed: false,
            pause: Duration::ZERO,
            idle: Duration::ZERO,
            healed: Timestamp::MAX,
            told: Vec::new(),
            wrong: Vec::new(),
            dice,
            stranger,
            bystander,
            people,
            group,
        })
    }

    fn run(&mut self) -> Result<(), Broken> {
        if self.dice.percent(30) {
            // Then MixPay pays the bot, and its transfers tell.
            let line = format!("payee {} confirm", self.world().bot_number());
            self.say_line(line, Place::Private);
        }
        self.invoice();
        for _ in 0..=self.dice.below(4) {
            self.pass(self.dice.below(12))?;
            let turns = if self.is_calm { CALM_TURNS } else { TURNS };
            match self.dice.weighted(turns).copied().unwrap_or(Turn::Time) {
                Turn::Invoice => self.invoice(),
                Turn::Pay => self.pay(),
                Turn::Say => self.say(),
                Turn::Tap => self.tap(),
                Turn::Transfer => self.transfer(),
                Turn::Callbacks => self.callbacks(),
                Turn::Trouble => self.trouble(),
                Turn::Death => self.arrange_death(),
                Turn::Time => self.pass(self.dice.below(50))?,
                Turn::Endless => self.endless()?,
                Turn::Dust => self.dust(),
                Turn::FirstContact => self.first_contact(),
                Turn::Sleep => self.sleep(),
                Turn::Aside => self.aside(),
            }
            if self.is_calm {
                self.aside();
            }
        }
        self.pass(self.dice.below(5))?;
        self.heal();
        self.finish()
    }

    pub(super) fn world(&self) -> &Arc<World> {
        &self.machine.world
    }

    pub(super) fn tell(&mut self, words: impl Into<String>) {
        let at = self.machine.now().strftime("%H:%M:%S");
        self.told.push(format!("{at} {}", words.into()));
    }

    /// Lets time pass; a bot that dies meanwhile is started again some seconds later.
    pub(super) fn pass(&mut self, seconds: u64) -> Result<(), Broken> {
        let end = later(self.machine.now(), Duration::from_secs(seconds));
        loop {
            let left = end.duration_since(self.machine.now());
            let left = Duration::try_from(left).unwrap_or_default();
            if self.machine.pass(left)? == Outcome::Quiet {
                return Ok(());
            }
            self.deaths += 1;
            let down = self.dice.below(DOWN_SECONDS_MAX);
            self.tell(format!("the process dies, and is started again after {down} s"));
            self.machine.pass_without_bot(Duration::from_secs(down));
            self.machine.start()?;
            if self.dice.percent(20) {
                // And again, while it picks up the pieces.
                self.machine.fail_at(self.machine.points() + self.dice.below(12));
            }
        }
    }

    fn somebody(&self) -> UserId {
        self.dice.one(&self.people).copied().unwrap_or_else(|| self.world().owner())
    }

    fn somewhere(&self) -> Place {
        if self.dice.percent(20) { Place::Group(self.group) } else { Place::Private }
    }

    fn invoice(&mut self) {
        let memo = format!("wish{}", self.wishes.len());
        let (by, place) = (self.somebody(), self.somewhere());
        let price = 1 + self.dice.below(90);
        let unit = self.dice.one(&["usd", "eur", "cny"]).copied().unwrap_or("usd");
        // Below MixPay's limits a price is refused at once.
        let price = if unit == "cny" { price * 10 } else { price };
        let Some(line) = self.heard(by, format!("invoice {price} {unit} for {memo}"), place) else {
            return;
        };
        self.wishes.push(Wish { memo, by, place, line, tampered: false });
    }

    pub(super) fn heard(&mut self, by: UserId, text: String, place: Place) -> Option<Line> {
        let said = match place {
            Place::Private => text.clone(),
            Place::Group(_) => format!("@{} {text}", self.world().bot_number()),
        };
        let said = self.world().say(by, place, &said).ok()?;
        self.tell(format!("{by} says {text:?}"));
        let (message, conversation) = (said.message, said.conversation);
        let at = self.machine.now();
        said.heard.then_some(Line { message, conversation, text, at, is_aside: false })
    }

    fn say_line(&mut self, text: String, place: Place) {
        let by = self.somebody();
        let line = self.heard(by, text, place);
        self.lines.extend(line);
    }

    fn say(&mut self) {
        let code = self.code().unwrap_or_else(|| "K7Q2MXN".to_owned());
        let text = match self.dice.below(9) {
            0 | 1 => format!("status {code}"),
            2 => format!("cancel {code}"),
            3 => "list".to_owned(),
            4 => "uuid 7000104220".to_owned(),
            5 => "help".to_owned(),
            6 => "invoice 10".to_owned(),
            7 => format!("invoice {} usd in btc for cake", 1 + self.dice.below(90)),
            _ => "9,5 ??? \u{202e}\0 invoice".to_owned(),
        };
        let place = self.somewhere();
        self.say_line(text, place);
    }

    /// The code of an invoice whose card is shown.
    fn code(&self) -> Option<String> {
        let wish = self.dice.one(&self.wishes)?;
        self.code_beside(wish.by, wish.place, &wish.memo)
    }

    /// The code that somebody sees beside these words.
    pub(super) fn code_beside(&self, who: UserId, place: Place, words: &str) -> Option<String> {
        let shown = self.world().shown(who, place);
        let card = shown.iter().find(|shown| shown.words().contains(words))?;
        oracle::code_on(card).map(|code| code.to_string())
    }

    fn tap(&mut self) {
        let (who, place) = (self.somebody(), self.somewhere());
        let shown = self.world().shown(who, place);
        let with_buttons: Vec<_> = shown.iter().filter(|s| !s.buttons().is_empty()).collect();
        let Some(shown) = self.dice.one(&with_buttons) else { return };
        let index = self.dice.below(u64::try_from(shown.buttons().len()).unwrap_or_default());
        let index = usize::try_from(index).unwrap_or_default();
        if let Ok(Tapped::Said(said)) = self.world().tap(who, shown.id, index) {
            let text = shown.buttons().get(index).map(|b| b.action.clone()).unwrap_or_default();
            self.tell(format!("{who} taps {text:?}"));
            let (message, conversation) = (said.message, said.conversation);
            if said.heard {
                let at = self.machine.now();
                self.lines.push(Line { message, conversation, text, at, is_aside: false });
            }
        }
    }

    fn pay(&mut self) {
        let index = self.dice.below(u64::try_from(self.wishes.len()).unwrap_or_default());
        let index = usize::try_from(index).unwrap_or_default();
        let Some(wish) = self.wishes.get(index) else { return };
        let Some(link) = self.world().link_beside(&wish.memo) else { return };
        let little = Amount::from_units(1 + u128::from(self.dice.below(500)));
        let payment = match self.dice.below(20) {
            0..=9 => Payment::default(),
            10 | 11 => Payment::done(How::Underpay(little)).with(coins::USDT_TRON).on_chain(),
            12 => Payment::default().with(coins::USDT_TRON).on_chain(),
            13 => Payment::done(How::Overpay(little)).with(coins::USDT_TRON).on_chain(),
            14 => Payment::done(How::Late),
            15 => Payment::done(How::WrongAsset),
            16 => Payment::done(How::Double),
            17 => Payment::done(How::Audited),
            18 => Payment::done(How::Underpay(little)),
            _ => Payment::done(How::Tampered {
                amount: Some(little),
                payee: self.dice.percent(50).then(|| self.world().owner()),
                quote: None,
            }),
        };
        let outcome = self.world().pay(&link, &payment);
        // A lie about a payment that MixPay has closed is none: it fails like any other.
        let succeeded = self.world().checkout(&link).is_some_and(|c| c.stage == Stage::Success);
        let lied = matches!(payment.how, How::Tampered { .. }) && outcome.is_ok() && succeeded;
        let memo = wish.memo.clone();
        if lied && let Some(wish) = self.wishes.get_mut(index) {
            wish.tampered = true;
        }
        self.tell(format!("somebody pays {memo}, {:?}: {:?}", payment.how, outcome.map(drop)));
        if self.dice.percent(60) {
            self.world().confirm_all(&link);
        }
    }

    /// Transfers that prove nothing: a stranger's claim, a repeated settlement, small change.
    fn transfer(&mut self) {
        let Some(wish) = self.dice.one(&self.wishes) else { return };
        let link = self.world().link_beside(&wish.memo);
        let checkout = link.and_then(|link| self.world().checkout(&link));
        let trace = checkout.map(|checkout| checkout.trace);
        let amount = Amount::from_units(u128::from(1 + self.dice.below(1_000_000)));
        let stranger = self.somebody();
        let (from, memo) = match (self.dice.below(4), trace) {
            (0, Some(trace)) => (stranger, settlement_memo(trace)),
            (1, Some(trace)) => (stranger, refund_memo(trace, 40024)),
            (2, _) => (MIXPAY_ACCOUNT, "thanks".to_owned()),
            _ => (stranger, "for lunch".to_owned()),
        };
        self.tell(format!("{from} transfers {amount} with memo {memo:?}"));
        self.world().transfer(Transfer::to_bot(from, coins::USDT, amount, &memo));
    }

    fn callbacks(&mut self) {
        let Some(wish) = self.dice.one(&self.wishes) else { return };
        let Some(link) = self.world().link_beside(&wish.memo) else { return };
        let times = 1 + self.dice.below(20);
        for _ in 0..times {
            self.world().call_back_again(&link);
        }
        self.tell(format!("MixPay calls back {times} times"));
    }

    /// The process will die at one of the next points.
    fn arrange_death(&mut self) {
        self.machine.fail_at(self.machine.points() + self.dice.below(60));
    }

    fn trouble(&mut self) {
        let fits = |trouble: &&Trouble| !self.is_calm || trouble.others.is_some();
        let fitting: Vec<_> = TROUBLES.iter().filter(fits).collect();
        let Some(trouble) = self.dice.one(&fitting) else { return };
        let time = Duration::from_secs(self.dice.below(60));
        let few = u32::try_from(1 + self.dice.below(4)).unwrap_or(1);
        let size = Size { few, time, until: later(self.machine.now(), time) };
        self.world().faults(|faults, _| (trouble.arrange)(faults, size));
        self.fickle |= trouble.is_fickle;
        self.skewed |= trouble.skews;
        if trouble.pauses {
            self.pause = PAUSE_MAX;
        }
        self.others = self.others.max(trouble.others.unwrap_or(Others::SOON));
        self.tell(format!("{} ({few} times or {} s)", trouble.words, time.as_secs()));
    }

    /// Everything works again, and MixPay comes to its decisions.
    fn heal(&mut self) {
        self.tell("everything heals");
        self.world().faults(|faults, _| troubles::heal(faults));
        self.healed = self.machine.now();
        self.machine.fail_at(u64::MAX);
        for wish in &self.wishes {
            if let Some(link) = self.world().link_beside(&wish.memo) {
                self.world().audit_stop(&link, None);
                self.world().confirm_all(&link);
                self.world().settle(&link);
            }
        }
    }

    /// Lets every story come to its end.
    fn finish(&mut self) -> Result<(), Broken> {
        let end = later(self.machine.now(), HEALING + self.pause + self.idle);
        loop {
            self.pass(10)?;
            let is_late = self.machine.now() >= end;
            if is_late || at_once(oracle::may_be_right(self))? {
                // What is right must also stay right.
                self.pass(6)?;
                self.wrong = at_once(oracle::wrong(self))?;
                if is_late || self.wrong.is_empty() {
                    return Ok(());
                }
            }
        }
    }
}
