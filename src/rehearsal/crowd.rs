//! Crowd: strangers who take what all share, and a bystander who must not notice.

use super::{
    history::{History, Line, Wish},
    machine::Broken,
};
use crate::{
    domain::amount::Amount,
    sim::{Place, Transfer, coins, world::hostile},
};
use std::time::Duration;

/// A flood of dust has at most so many transfers.
const DUST_MAX: u64 = 50;
/// At most so many people come at once whom the bot does not know yet.
const NEW_PEOPLE_MAX: u64 = 30;
/// Somebody asks without end for at most so many seconds.
const ENDLESS_SECONDS_MAX: u64 = 15;
/// And at most so often a second.
const A_SECOND_MAX: u64 = 5;
/// A machine sleeps for at most so many hours.
const SLEEP_HOURS_MAX: u64 = 6;

impl History {
    /// The bystander says a line or asks for an invoice.
    pub(super) fn aside(&mut self) {
        let by = self.bystander;
        if self.dice.percent(60) {
            let line = self.heard(by, "ping".to_owned(), Place::Private);
            self.lines.extend(line.map(|line| Line { is_aside: true, ..line }));
            return;
        }
        let memo = format!("aside{}", self.wishes.len());
        let text = format!("invoice 1 usd for {memo}");
        let Some(line) = self.heard(by, text, Place::Private) else { return };
        let (place, line) = (Place::Private, Line { is_aside: true, ..line });
        self.wishes.push(Wish { memo, by, place, line, tampered: false });
    }

    /// A stranger asks and asks. What he is told, and when, is his own affair.
    pub(super) fn endless(&mut self) -> Result<(), Broken> {
        let seconds = 1 + self.dice.below(ENDLESS_SECONDS_MAX);
        let a_second = 2 + self.dice.below(A_SECOND_MAX - 1);
        let trap = format!("trap{}", self.told.len());
        self.tell(format!("a stranger asks {a_second} times a second for {seconds} s"));
        self.ask_as_stranger(&format!("invoice 1 usd for {trap}"));
        for _ in 0..seconds {
            self.pass(1)?;
            if self.is_calm && self.dice.percent(20) {
                self.aside();
            }
            let link = self.world().link_beside(&trap);
            let code = self.code_beside(self.stranger, Place::Private, &trap);
            let status = format!("status {}", code.as_deref().unwrap_or("K7Q2MXN"));
            let kind = self.dice.below(4);
            for number in 0..a_second {
                match (kind, &link) {
                    (0, Some(link)) => self.world().call_back_again(link),
                    (0 | 1, _) => self.ask_as_stranger(&format!("quote {} usd in btc", 5 + number)),
                    (2, _) => self.ask_as_stranger(&status),
                    (_, _) => self.ask_as_stranger("list"),
                }
            }
        }
        Ok(())
    }

    fn ask_as_stranger(&self, text: &str) {
        let said = self.world().say(self.stranger, Place::Private, text);
        debug_assert!(said.is_ok(), "everybody can speak in a chat of their own");
    }

    /// Small change comes in great numbers, of an honest coin or of one that somebody made.
    pub(super) fn dust(&mut self) {
        let count = 1 + self.dice.below(DUST_MAX);
        let tickers = hostile::tickers();
        let ticker = self.dice.one(&tickers).cloned().unwrap_or_default();
        let made_up = self.dice.one(&hostile::ASSETS).copied().filter(|_| self.dice.percent(50));
        if let Some(asset) = made_up {
            self.world().make_up(asset, &ticker, &ticker);
        }
        let asset = made_up.unwrap_or(coins::USDT);
        self.tell(format!("{count} transfers of dust come at once, of {asset}"));
        for _ in 0..count {
            let dust = Amount::from_units(1);
            self.world().transfer(Transfer::to_bot(self.stranger, asset, dust, "for you"));
        }
    }

    /// Many people come at once whom the bot does not know yet, some with hostile names.
    pub(super) fn first_contact(&mut self) {
        let count = 2 + self.dice.below(NEW_PEOPLE_MAX - 1);
        let names = hostile::names();
        self.tell(format!("{count} people come whom the bot does not know"));
        for _ in 0..count {
            let hostile = self.dice.one(&names).cloned().filter(|_| self.dice.percent(20));
            let who = self.world().add_person(hostile.as_deref().unwrap_or("Dora"));
            let text = self.dice.one(&["ping", "help", "list"]).copied().unwrap_or("ping");
            let line = self.heard(who, text.to_owned(), Place::Private);
            self.lines.extend(line);
        }
    }

    /// The machine sleeps for hours, and its process wakes as if nothing had been.
    pub(super) fn sleep(&mut self) {
        let hours = 1 + self.dice.below(SLEEP_HOURS_MAX);
        self.tell(format!("the machine sleeps for {hours} h"));
        self.machine.sleep(Duration::from_hours(hours));
        // A payment in flight whose time passed meanwhile is asked about every ten minutes, and
        // ever less: in the 24th part of the time.
        let longest = Duration::from_mins(10).max(Duration::from_hours(hours) / 24);
        self.idle = self.idle.saturating_add(longest);
    }
}
