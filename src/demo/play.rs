//! Play: what can be typed in the demo, and what is shown for it.

use crate::{
    demo::{
        screen::{self, Quotes},
        stage::{Callbacks, Stage},
    },
    domain::{
        amount::Amount,
        code::ShortCode,
        ids::{MessageId, TraceId, UserId},
    },
    sim::{Body, How, Payment, Place, Shown, Tapped, coins},
};
use anyhow::Context;
use std::{collections::HashSet, io::Write, time::Duration};

/// Buttons are numbered up to this; a larger number is a line like any other.
const BUTTONS_MAX: usize = 999;

/// A play on a stage, shown to somebody.
pub struct Play<'a> {
    /// Where it is played.
    pub stage: Stage,
    out: &'a mut (dyn Write + Send),
    is_terminal: bool,
    in_group: bool,
    /// Whether the group was entered: before that nobody looks at it.
    group_known: bool,
    who: UserId,
    seen: HashSet<MessageId>,
    /// The buttons that were shown, by number from 1: the message and the place in it.
    buttons: Vec<(MessageId, usize)>,
    /// What was shown since somebody last asked.
    heard: Vec<String>,
    /// The newest card's link, which a picture that follows shows.
    link: Option<String>,
}

impl std::fmt::Debug for Play<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Play").field("stage", &self.stage).finish_non_exhaustive()
    }
}

impl<'a> Play<'a> {
    /// A play on this stage.
    pub fn new(stage: Stage, out: &'a mut (dyn Write + Send), is_terminal: bool) -> Self {
        let who = stage.me;
        Self {
            stage,
            out,
            is_terminal,
            in_group: false,
            group_known: false,
            who,
            seen: HashSet::new(),
            buttons: Vec::new(),
            heard: Vec::new(),
            link: None,
        }
    }

    /// Says hello, and what can be typed.
    pub fn greet(&mut self) -> anyhow::Result<()> {
        let number = self.stage.bot_number();
        write!(
            self.out,
            "\n  Welcome. You are Bob, a merchant, in a chat with the cashier bot {number}.\n  \
             Mixin and MixPay are simulated on this machine; the bot is the real one.\n\n  \
             Type to the bot, for example:   invoice 10 usd coffee\n  \
             Press a button by its number:   2\n  \
             Play the payer:                 !pay CODE\n  \
             What else can be played:        !help     Leave: !quit\n\n",
        )?;
        Ok(())
    }

    fn help(&mut self) -> anyhow::Result<()> {
        write!(
            self.out,
            "  !pay CODE            pay it (or the rest of it)\n  \
             !underpay CODE 4     pay only 4 USDT of it\n  \
             !overpay CODE 3      pay 3 USDT too much\n  \
             !late CODE           pay it after its deadline (time moves)\n  \
             !double CODE         pay it twice\n  \
             !tamper CODE         MixPay reports another amount than was asked for\n  \
             !audit CODE          pay it, and MixPay reviews it;  !clear CODE ends the review\n  \
             !confirm CODE        all confirmations for an on-chain payment\n  \
             !offline 30s         MixPay is off the net;  !offline 30s mixin  is Mixin\n  \
             !wait 31m            time moves, nobody waits\n  \
             !restart             the bot is killed and started again\n  \
             !group, !private     speak in the group Dinner, or in private\n  \
             !as Alice, !as Bob   be somebody else\n  \
             !quit                leave\n",
        )?;
        Ok(())
    }

    /// A prompt, where somebody types.
    pub fn prompt(&mut self) -> anyhow::Result<()> {
        let place = if self.in_group { "Dinner" } else { "me" };
        write!(self.out, "{place} › ")?;
        Ok(self.out.flush()?)
    }

    /// Repeats a line of a script.
    pub fn echo(&mut self, line: &str) -> anyhow::Result<()> {
        let place = if self.in_group { "group" } else { "me" };
        Ok(writeln!(self.out, "{place:<5}  {line}")?)
    }

    /// A remark of the director.
    pub fn remark(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(writeln!(self.out, "       {text}")?)
    }

    /// Does what a line says, and waits until the bot is quiet; false to leave.
    pub async fn line(&mut self, line: &str) -> anyhow::Result<bool> {
        if let Some(order) = line.strip_prefix('!') {
            let words: Vec<&str> = order.split_whitespace().collect();
            if let ["quit" | "exit", ..] = words.as_slice() {
                return Ok(false);
            }
            if let Err(error) = self.order(&words).await {
                writeln!(self.out, "       {error:#}")?;
            }
        } else if let Some(place) = self.button(line) {
            self.press(place)?;
        } else {
            self.say(line)?;
        }
        self.stage.settle().await?;
        self.show_new()?;
        Ok(true)
    }

    /// Says a line as the person before the screen.
    pub fn say(&mut self, line: &str) -> anyhow::Result<()> {
        self.stage.world.say(self.who, self.stage.place(self.in_group), line)?;
        Ok(())
    }

    /// Lets time pass, and shows what happened meanwhile.
    pub async fn pass(&mut self, time: Duration) -> anyhow::Result<()> {
        self.stage.pass(time).await?;
        self.show_new()?;
        Ok(())
    }

    /// What was shown since the last call.
    pub fn take_heard(&mut self) -> Vec<String> {
        std::mem::take(&mut self.heard)
    }

    fn button(&self, line: &str) -> Option<(MessageId, usize)> {
        let number: usize = line.parse().ok().filter(|number| *number <= BUTTONS_MAX)?;
        self.buttons.get(number.checked_sub(1)?).copied()
    }

    fn press(&mut self, (message, index): (MessageId, usize)) -> anyhow::Result<()> {
        match self.stage.world.tap(self.who, message, index)? {
            Tapped::Said(_) => {}
            Tapped::Opened(link) => {
                writeln!(self.out, "       opens {link}")?;
                writeln!(self.out, "       To play the payer, type !pay and the code.")?;
            }
        }
        Ok(())
    }

    async fn order(&mut self, words: &[&str]) -> anyhow::Result<()> {
        match words {
            ["pay", code] => self.pay(code, Payment::default()).await,
            ["underpay", code, amount] => {
                let how = How::Underpay(amount.parse::<Amount>()?);
                self.pay(code, Payment::done(how).with(coins::USDT).on_chain()).await
            }
            ["overpay", code, amount] => {
                let how = How::Overpay(amount.parse::<Amount>()?);
                self.pay(code, Payment::done(how).with(coins::USDT).on_chain()).await
            }
            ["double", code] => self.pay(code, Payment::done(How::Double)).await,
            ["audit", code] => self.pay(code, Payment::done(How::Audited)).await,
            ["wrong", code] => self.pay(code, Payment::done(How::WrongAsset)).await,
            ["late", code] => {
                self.trace(code).await?;
                self.pass(Duration::from_mins(31)).await?;
                self.pay(code, Payment::done(How::Late)).await
            }
            ["tamper", code] => {
                let amount = Some(Amount::from_units(1_000_000));
                let how = How::Tampered { amount, payee: None, quote: None };
                self.pay(code, Payment::done(how)).await
            }
            ["confirm", code] => {
                let trace = self.trace(code).await?.to_string();
                self.stage.world.confirm_all(&trace).context("there is nothing to confirm")?;
                Ok(())
            }
            ["clear", code] => {
                let trace = self.trace(code).await?.to_string();
                self.stage.world.audit_stop(&trace, None);
                Ok(())
            }
            ["offline", time] => {
                self.stage.world.mixpay_offline_for(duration(time)?);
                Ok(())
            }
            ["offline", time, "mixin"] => {
                self.stage.world.mixin_offline_for(duration(time)?);
                Ok(())
            }
            ["wait", time] => self.pass(duration(time)?).await,
            ["restart"] => Ok(self.stage.start(Callbacks::On).await?),
            ["group"] => {
                (self.in_group, self.group_known) = (true, true);
                let number = self.stage.bot_number();
                self.remark(&format!("In the group Dinner. The bot reads lines with @{number}."))
            }
            ["private"] => {
                self.in_group = false;
                Ok(())
            }
            ["as", name] => self.be(name),
            ["help"] => self.help(),
            _ => anyhow::bail!("!{} is not known; !help lists what is", words.join(" ")),
        }
    }

    fn be(&mut self, name: &str) -> anyhow::Result<()> {
        self.who = match name.to_lowercase().as_str() {
            "alice" => self.stage.alice,
            "bob" => self.stage.me,
            other => anyhow::bail!("there is no {other} here, only Alice and Bob"),
        };
        self.remark(&format!("You are {name} now."))
    }

    async fn trace(&self, code: &str) -> anyhow::Result<TraceId> {
        let code: ShortCode = code.parse().with_context(|| format!("{code} is no code"))?;
        self.stage.trace_of(code).await?.with_context(|| format!("{code} cannot be paid"))
    }

    async fn pay(&mut self, code: &str, payment: Payment) -> anyhow::Result<()> {
        let trace = self.trace(code).await?.to_string();
        // What was begun on a chain is finished there.
        let begun = self.stage.world.checkout(&trace);
        let begun = begun.filter(|checkout| !checkout.transactions.is_empty());
        let payment = match begun.and_then(|checkout| checkout.transactions.first().cloned()) {
            Some(first) if payment.how == How::Exact => payment.with(first.asset).on_chain(),
            Some(_) | None => payment,
        };
        let on_chain = payment.means == crate::sim::Means::Chain;
        let short = matches!(payment.how, How::Underpay(_));
        let paid = self.stage.world.pay(&trace, &payment)?;
        let symbol = coins::find(paid.asset).map_or("", |coin| coin.symbol);
        self.remark(&format!("A payer sends {} {symbol}.", paid.amount))?;
        if on_chain && !short {
            self.stage.settle().await?;
            self.show_new()?;
            self.stage.world.confirm_all(&trace);
        }
        Ok(())
    }

    /// Shows what is new; whether there was anything.
    pub fn show_new(&mut self) -> anyhow::Result<bool> {
        let mut any = false;
        let group = self.group_known.then_some(Place::Group(self.stage.group));
        for place in [Place::Private].into_iter().chain(group) {
            for shown in self.stage.world.shown(self.who, place) {
                if self.seen.insert(shown.id) {
                    if !any && self.is_terminal {
                        writeln!(self.out)?;
                    }
                    any = true;
                    self.show(&shown, place)?;
                }
            }
        }
        Ok(any)
    }

    fn show(&mut self, shown: &Shown, place: Place) -> anyhow::Result<()> {
        if let Body::Card(card) = &shown.body {
            let link = card.buttons.first().map(|button| button.action.clone());
            self.link = link.filter(|link| link.starts_with("http"));
        }
        let mut number = self.buttons.len();
        let quotes = match shown.quote {
            None => Quotes::Nothing,
            Some(message) if self.seen.contains(&message) => Quotes::Card,
            Some(_) => Quotes::Line,
        };
        let link = self.link.as_deref();
        let lines = screen::lines(shown, quotes, &mut number, link, self.is_terminal);
        let count = shown.buttons().len();
        self.buttons.extend((0..count).map(|index| (shown.id, index)));
        self.heard.push(shown.words());
        let name = if place == Place::Private { "bot" } else { "bot@" };
        for (index, line) in lines.iter().enumerate() {
            let who = if index == 0 { name } else { "" };
            writeln!(self.out, "{who:<5}  {line}")?;
        }
        Ok(())
    }
}

/// `30s`, `31m`, `2h`, `2d`.
fn duration(text: &str) -> anyhow::Result<Duration> {
    let wrong = || format!("{text} is no length of time; 30s, 31m, 2h and 2d are");
    let (number, seconds) = match text.char_indices().last() {
        Some((at, 's')) => (text.get(..at), 1),
        Some((at, 'm')) => (text.get(..at), 60),
        Some((at, 'h')) => (text.get(..at), 3600),
        Some((at, 'd')) => (text.get(..at), 86_400),
        Some(_) | None => (None, 0),
    };
    let number: u64 = number.and_then(|number| number.parse().ok()).with_context(wrong)?;
    Ok(Duration::from_secs(number.checked_mul(seconds).with_context(wrong)?))
}
