//! Crashes: every story is played once calmly, and then once for every commit and every outside
//! call with the process dead at that point; it must end in the same visible history.

mod stories;

use mixpay_bot::{
    domain::{
        code::ShortCode,
        ids::{ConversationId, MessageId, UserId},
    },
    rehearsal::machine::{Machine, Outcome},
    sim::{Payment, Place, Shown, Transfer},
};
use std::{collections::BTreeMap, time::Duration};

/// Every story begins with the same chance.
const SEED: u64 = 7;

/// A story: what people do, with time between.
type Story = fn(&mut Rehearsal);

/// The bot and its people, while a story is played.
struct Rehearsal {
    machine: Machine,
    bob: UserId,
    alice: UserId,
    group: ConversationId,
    deaths: u32,
}

impl Rehearsal {
    fn begin() -> Self {
        let machine = Machine::new(SEED, |settings| {
            settings.invoice.expires = Duration::from_mins(1);
            settings.invoice.grace = Duration::from_mins(1);
        });
        let machine = machine.unwrap();
        let (bob, alice) = (machine.world.add_person("Bob"), machine.world.add_person("Alice"));
        // Else a question that comes late finds both at once, which one message then says.
        machine.world.habits(|habits| habits.settles_after = None);
        let group = machine.world.add_group("Dinner", bob, &[], &[alice]);
        Self { machine, bob, alice, group, deaths: 0 }
    }

    /// Lets time pass; a process that dies is started again at once.
    fn wait(&mut self, seconds: u64) {
        let end = self.machine.now() + Duration::from_secs(seconds);
        loop {
            let left = end.duration_since(self.machine.now());
            if self.machine.pass(left.try_into().unwrap()).unwrap() == Outcome::Quiet {
                return;
            }
            self.deaths += 1;
            self.machine.start().unwrap();
        }
    }

    fn says(&mut self, who: UserId, line: &str) {
        self.machine.world.say(who, Place::Private, line).unwrap();
        self.wait(5);
    }

    fn says_in_group(&mut self, who: UserId, line: &str) {
        let line = format!("@{} {line}", self.machine.world.bot_number());
        self.machine.world.say(who, Place::Group(self.group), &line).unwrap();
        self.wait(5);
    }

    /// The pay link on the newest message with these words.
    fn link(&self, words: &str) -> String {
        let link = self.machine.world.link_beside(words);
        link.unwrap_or_else(|| panic!("nobody sees a link beside {words:?}"))
    }

    fn pays(&mut self, words: &str, payment: &Payment) {
        let link = self.link(words);
        self.machine.world.pay(&link, payment).unwrap();
        self.wait(20);
    }

    fn settles(&mut self, words: &str) {
        self.machine.world.settle(&self.link(words)).unwrap();
        self.wait(20);
    }

    fn confirms(&mut self, words: &str) {
        self.machine.world.confirm_all(&self.link(words)).unwrap();
        self.wait(20);
    }

    fn taps(&mut self, who: UserId, place: Place, label: &str) {
        let shown = self.machine.world.shown(who, place).into_iter().rev();
        let has = |shown: &Shown| shown.buttons().iter().position(|b| b.label.starts_with(label));
        let (id, index): (MessageId, usize) =
            shown.map(|shown| (shown.id, has(&shown))).find_map(|(id, i)| Some((id, i?))).unwrap();
        self.machine.world.tap(who, id, index).unwrap();
        self.wait(5);
    }

    fn transfers(&mut self, transfer: Transfer) {
        self.machine.world.transfer(transfer);
        self.wait(10);
    }

    /// The code of the newest invoice that Bob sees.
    fn code(&self) -> String {
        let shown = self.machine.world.shown(self.bob, Place::Private).into_iter().rev();
        let words: Vec<String> = shown.map(|shown| shown.words()).collect();
        let mut words = words.iter().flat_map(|words| parts(words));
        words.find(|word| word.parse::<ShortCode>().is_ok()).unwrap().to_owned()
    }

    /// What everybody has seen, place by place, with codes and ids by their order of appearance.
    fn visible(&self) -> String {
        let world = &self.machine.world;
        let mut names = BTreeMap::new();
        let mut text = String::new();
        let places = [
            ("Bob", self.bob, Place::Private),
            ("Alice", self.alice, Place::Private),
            ("Olivia", world.owner(), Place::Private),
            ("Dinner", self.bob, Place::Group(self.group)),
        ];
        for (name, who, place) in places {
            // Whether MixPay was silent for so long that it is said depends on who waited.
            let lasts = |shown: &Shown| !shown.words().starts_with("MixPay is not answering");
            for shown in world.shown(who, place).into_iter().filter(lasts) {
                let actions: Vec<_> = shown.buttons().iter().map(|b| b.action.clone()).collect();
                let silent = if shown.silent { " (silent)" } else { "" };
                let line = format!("{name}{silent}: {} {}\n", shown.words(), actions.join(" "));
                text.push_str(&named(&line, &mut names));
            }
        }
        text
    }

    /// Nothing is left, and nothing was done that the services would punish.
    fn ends_clean(&self, at: &str) {
        let world = &self.machine.world;
        assert_eq!(world.violations(), [], "{at}");
        assert!(world.activity().is_quiet(), "{at}: {:?}", world.activity());
        assert_eq!(self.machine.quarantined(), 0, "{at}");
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
}

/// The text with every code and id replaced by its number.
fn named(text: &str, names: &mut BTreeMap<String, usize>) -> String {
    let text = text.replace("%2F", "/");
    let mut renamed = text.clone();
    for part in parts(&text) {
        let is_code = part.parse::<ShortCode>().is_ok();
        if is_code || (part.len() == 36 && part.parse::<UserId>().is_ok()) {
            let number = names.len();
            let number = *names.entry(part.to_owned()).or_insert(number);
            renamed = renamed.replace(part, &format!("#{number}"));
        }
    }
    renamed
}

/// The lines that only one of them has.
fn difference(calm: &str, shaken: &str) -> String {
    let only = |one: &str, other: &str, mark: &str| -> String {
        let other: Vec<_> = other.lines().collect();
        let lines = one.lines().filter(|line| !other.contains(line));
        lines.flat_map(|line| [mark, " ", line, "\n"]).collect()
    };
    format!("{}{}", only(calm, shaken, "-"), only(shaken, calm, "+"))
}

/// Plays a story with the process dead at the given point; what was seen, and how many points
/// there were.
fn play(story: Story, dies_at: Option<u64>) -> (String, u64) {
    let mut rehearsal = Rehearsal::begin();
    if let Some(point) = dies_at {
        rehearsal.machine.fail_at(point);
    }
    rehearsal.wait(5);
    story(&mut rehearsal);
    rehearsal.wait(60);
    let at = dies_at.map_or_else(|| "calmly".to_owned(), |point| format!("dead at {point}"));
    rehearsal.ends_clean(&at);
    assert_eq!(rehearsal.deaths, u32::from(dies_at.is_some()), "{at}");
    (rehearsal.visible(), rehearsal.machine.points())
}

/// A story ends the same wherever the process dies, and as it should.
fn survives_every_crash(story: Story, ends: &[&str]) {
    let (calm, points) = play(story, None);
    for end in ends {
        assert_eq!(calm.matches(end).count(), 1, "{end:?} is told once in\n{calm}");
    }
    for point in 0..points {
        let (shaken, _) = play(story, Some(point));
        assert!(
            shaken == calm,
            "dead at point {point} of {points}\n{}",
            difference(&calm, &shaken)
        );
    }
}
