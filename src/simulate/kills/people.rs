//! People: what they say and pay while the bot dies, and what they must see for it.

use crate::{
    domain::ids::{ConversationId, UserId},
    rehearsal::{dice::Dice, oracle::code_on},
    sim::{
        Body, Payment, Place, Shown, World, coins,
        world::{
            faults::{Faults, later},
            mixpay::Stage,
        },
    },
};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};

/// So many invoices are asked for in a run: each costs MixPay's limit two requests or three.
const INVOICES: usize = 9;
/// So many other lines are said.
const LINES: usize = 24;
/// Between two things that are done pass at most so many milliseconds.
const PAUSE_MS_MAX: u64 = 220;

/// Everybody in the world of one run.
pub(super) struct People {
    world: Arc<World>,
    dice: Dice,
    merchants: Vec<UserId>,
    group: ConversationId,
    wishes: Vec<Wish>,
    lines: Vec<Line>,
}

/// An invoice that somebody asked for.
struct Wish {
    memo: String,
    by: UserId,
    place: Place,
    /// Whether somebody is to pay it.
    wanted: bool,
    paid: bool,
}

/// A line that has one answer.
struct Line {
    by: UserId,
    place: Place,
    /// How its answer begins; other lines may have the same.
    answer: String,
}

/// What people do next.
#[derive(Clone, Copy)]
enum Turn {
    Invoice,
    Line,
    Pay,
    Lie,
}

impl People {
    pub(super) fn new(world: &Arc<World>, dice: Dice) -> Self {
        let merchants: Vec<_> = ["Bob", "Alice", "Carol"].map(|name| world.add_person(name)).into();
        let owner = merchants.first().copied().unwrap_or(world.owner());
        let group = world.add_group("Dinner", owner, &[], &merchants);
        world.habits(|habits| {
            habits.code_is_trace = dice.percent(30);
            habits.same_body_same_code = dice.percent(70);
            habits.settles_after = Some(Duration::from_millis(dice.below(2_000)));
        });
        let world = Arc::clone(world);
        Self { world, dice, merchants, group, wishes: Vec::new(), lines: Vec::new() }
    }

    pub(super) const fn lines(&self) -> usize {
        self.lines.len()
    }

    pub(super) const fn invoices(&self) -> usize {
        self.wishes.len()
    }

    /// Does everything that is done while the bot dies.
    pub(super) async fn live(&mut self) -> anyhow::Result<()> {
        while self.wishes.len() < INVOICES || self.lines.len() < LINES {
            let turns = [(3, Turn::Invoice), (6, Turn::Line), (4, Turn::Pay), (3, Turn::Lie)];
            match self.dice.weighted(&turns) {
                Some(Turn::Invoice) if self.wishes.len() < INVOICES => self.ask_for_one()?,
                Some(Turn::Line) if self.lines.len() < LINES => self.chatter()?,
                Some(Turn::Lie) => self.lie(),
                _ => self.pay_one(),
            }
            tokio::time::sleep(Duration::from_millis(self.dice.below(PAUSE_MS_MAX))).await;
        }
        Ok(())
    }

    fn somebody(&self) -> UserId {
        self.dice.one(&self.merchants).copied().unwrap_or(self.world.owner())
    }

    fn somewhere(&self) -> Place {
        if self.dice.percent(25) { Place::Group(self.group) } else { Place::Private }
    }

    /// Says a line so that the bot hears it.
    fn say(&self, who: UserId, place: Place, text: &str) -> anyhow::Result<()> {
        let line = match place {
            Place::Private => text.to_owned(),
            Place::Group(_) => format!("@{} {text}", self.world.bot_number()),
        };
        self.world.say(who, place, &line)?;
        Ok(())
    }

    fn ask_for_one(&mut self) -> anyhow::Result<()> {
        let (by, place) = (self.somebody(), self.somewhere());
        let memo = format!("thing{}", self.wishes.len());
        self.say(by, place, &format!("invoice {} usd for {memo}", 1 + self.dice.below(50)))?;
        let wanted = self.dice.percent(85);
        self.wishes.push(Wish { memo, by, place, wanted, paid: false });
        Ok(())
    }

    /// A line whose answer can be told from others.
    fn chatter(&mut self) -> anyhow::Result<()> {
        let by = self.somebody();
        let codes = self.wishes.iter().filter(|wish| wish.by == by).filter_map(|wish| {
            let card = self.cards(wish).into_iter().next()?;
            code_on(&card).map(|code| code.to_string())
        });
        let codes: Vec<_> = codes.collect();
        let (place, text, answer) = match self.dice.one(&codes) {
            Some(code) if self.dice.percent(30) => {
                (Place::Private, format!("status {code}"), format!("{code} · "))
            }
            _ => (self.somewhere(), "ping".to_owned(), "pong".to_owned()),
        };
        self.say(by, place, &text)?;
        self.lines.push(Line { by, place, answer });
        Ok(())
    }

    /// Everybody says one line more, wherever they are.
    pub(super) fn ping(&mut self) {
        let places = self.merchants.iter().map(|who| (*who, Place::Private));
        let places: Vec<_> = places
            .chain(self.merchants.first().map(|who| (*who, Place::Group(self.group))))
            .collect();
        for (by, place) in places {
            // Everybody is where they were.
            if self.say(by, place, "ping").is_ok() {
                self.lines.push(Line { by, place, answer: "pong".to_owned() });
            }
        }
    }

    /// Pays an invoice whose card is there.
    fn pay_one(&mut self) {
        let open = |wish: &&Wish| wish.wanted && !wish.paid;
        let waiting: Vec<_> =
            self.wishes.iter().filter(open).map(|wish| wish.memo.clone()).collect();
        let Some(memo) = self.dice.one(&waiting).cloned() else { return };
        self.pay(&memo);
    }

    fn pay(&mut self, memo: &str) {
        let Some(wish) = self.wishes.iter().find(|wish| wish.memo == memo) else { return };
        let link = self.cards(wish).iter().find_map(|card| {
            let button = card.buttons().iter().find(|b| !b.action.starts_with("input:"))?;
            Some(button.action.clone())
        });
        let Some(link) = link else { return };
        let dice = &self.dice;
        self.world.faults(|faults, _| {
            if dice.percent(40) {
                faults.callback_storms += 1;
                faults.callback_copies = 20;
            }
            if dice.percent(25) {
                // Nobody calls in this run: only polling, or a transfer, can tell.
                faults.callbacks_late += 1;
                faults.callbacks_late_by = Duration::from_hours(1);
            }
        });
        let on_chain = dice.percent(25);
        let payment = Payment::default().with(coins::USDT);
        let payment = if on_chain { payment.on_chain() } else { payment };
        let paid = self.world.pay(&link, &payment).is_ok();
        if paid && on_chain {
            self.world.confirm_all(&link);
        }
        if let Some(wish) = self.wishes.iter_mut().find(|wish| wish.memo == memo) {
            wish.paid = paid;
        }
    }

    /// Something goes wrong between the bot and the world.
    fn lie(&self) {
        let lies: [fn(&mut Faults, Timestamp); 21] = [
            |f, _| f.cut_blaze(),
            |f, _| f.doubled_pushes += 3,
            |f, _| f.shuffled_pushes += 1,
            |f, _| f.garbage_frames += 1,
            |f, _| f.broken_frames += 1,
            |f, _| f.lost_acknowledgements += 2,
            |f, _| f.acknowledged_then_500 += 1,
            |f, _| f.messages_shown_then_500 += 1,
            |f, _| f.uploaded_then_500 += 1,
            |f, _| f.mixin.errors += 1,
            |f, _| f.mixin.broken += 1,
            |f, _| f.mixpay.broken += 1,
            |f, _| f.mixpay_made_then_500 += 1,
            |f, _| f.mixpay_fickle_results += 1,
            |f, _| {
                f.pushes_late += 1;
                f.pushes_late_by = Duration::from_millis(300);
            },
            |f, _| f.messages_poisoned_500 += 1,
            |f, _| f.acknowledgements_refused += 1,
            |f, now| f.acknowledgements_down_until = Some(later(now, Duration::from_secs(1))),
            |f, _| f.mixin.latency = Duration::from_millis(40),
            |f, _| f.transfers_at_one_time = true,
            |f, _| (f.mixpay.limited, f.mixpay.retry_after) = (1, Some("1".to_owned())),
        ];
        if let Some(lie) = self.dice.one(&lies) {
            self.world.faults(lie);
        }
    }

    /// Nothing goes wrong any more, once what was lost on the way can come again.
    pub(super) fn calm_down(&self) {
        self.world.faults(|faults, _| {
            faults.end();
            faults.cut_blaze();
        });
    }

    /// Pays what is still to be paid, and tells what is not there yet.
    pub(super) fn missing(&mut self) -> Vec<String> {
        let unpaid = self.wishes.iter().filter(|wish| wish.wanted && !wish.paid);
        let unpaid: Vec<_> = unpaid.map(|wish| wish.memo.clone()).collect();
        for memo in unpaid {
            self.pay(&memo);
        }
        let short = self.counts().into_iter().filter(Count::is_short);
        let mut missing: Vec<_> = short.map(|count| count.to_string()).collect();
        for checkout in self.world.all_checkouts() {
            if checkout.stage == Stage::Success && checkout.settled.is_none() {
                missing.push(format!("payment {} is not settled", checkout.trace));
            }
        }
        missing
    }

    /// What is not there as often as it must.
    pub(super) fn wrong(&self) -> Vec<String> {
        let wrong = |count: &Count| count.found != count.expected;
        self.counts().into_iter().filter(wrong).map(|count| count.to_string()).collect()
    }

    /// Everything that must be seen, and how often it is.
    fn counts(&self) -> Vec<Count> {
        let mut counts: Vec<_> = self.wishes.iter().flat_map(|wish| self.of_wish(wish)).collect();
        for line in &self.lines {
            let same = |other: &&Line| {
                let conversation = |line: &Line| self.world.conversation_of(line.by, line.place);
                conversation(other) == conversation(line) && other.answer == line.answer
            };
            let shown = self.world.shown(line.by, line.place);
            let found = shown.iter().filter(|s| s.words().starts_with(&line.answer)).count();
            let expected = self.lines.iter().filter(same).count();
            counts.push(Count { what: format!("answers {:?}", line.answer), found, expected });
        }
        for who in &self.merchants {
            let shown = self.world.shown(*who, Place::Private);
            let found = shown.iter().filter(|s| matches!(s.body, Body::Image { .. })).count();
            let theirs = |wish: &&Wish| wish.by == *who && wish.place == Place::Private;
            let expected = self.wishes.iter().filter(theirs).count();
            counts.push(Count { what: "pictures".to_owned(), found, expected });
        }
        counts
    }

    /// One card, and one *Paid* if it is paid.
    fn of_wish(&self, wish: &Wish) -> Vec<Count> {
        let cards = self.cards(wish);
        let mut counts = vec![Count {
            what: format!("cards of {}", wish.memo),
            found: cards.len(),
            expected: 1,
        }];
        let Some(code) = cards.first().and_then(code_on) else { return counts };
        let link = cards.first().and_then(|card| {
            card.buttons().iter().find(|button| !button.action.starts_with("input:"))
        });
        let checkout = link.and_then(|link| self.world.checkout(&link.action));
        let is_paid = checkout.is_some_and(|checkout| checkout.stage == Stage::Success);
        let code = code.to_string();
        let shown = self.world.shown(wish.by, wish.place);
        let tells = |shown: &&Shown| {
            let words = shown.words();
            words.starts_with("Paid ") && words.contains(&code)
        };
        counts.push(Count {
            what: format!("Paid of {}", wish.memo),
            found: shown.iter().filter(tells).count(),
            expected: usize::from(is_paid),
        });
        counts
    }

    fn cards(&self, wish: &Wish) -> Vec<Shown> {
        let is_word = |text: &str| {
            text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| word == wish.memo)
        };
        let mut shown = self.world.shown(wish.by, wish.place);
        shown.retain(|shown| matches!(&shown.body, Body::Card(card) if is_word(&card.title) || is_word(&card.description)));
        shown
    }
}

/// How often something is seen, and how often it must be.
struct Count {
    what: String,
    found: usize,
    expected: usize,
}

impl Count {
    const fn is_short(&self) -> bool {
        self.found < self.expected
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} instead of {}", self.found, self.what, self.expected)
    }
}
