//! The ledger: whatever transfers reach the bot, in whatever order, each ends as exactly one thing,
//! none is silent, and the sums balance.

use crate::harness::{Alice, Bob, Bot, Carol, Olivia, count, mins, secs};
use mixpay_bot::{
    domain::{amount::Amount, ids::TraceId},
    ports::ids::Ids,
    runtime::ids::SeededIds,
    sim::{MIXPAY_ACCOUNT, Transfer, coins, world::wallet},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Transfers of one story.
const TRANSFERS: u64 = 24;

/// What a transfer is, by a second and simpler book: the names of the bot's own counters.
#[derive(Default)]
struct Book {
    counts: BTreeMap<&'static str, u64>,
    settled: BTreeSet<TraceId>,
    /// What people must have been told of.
    income: Vec<Amount>,
}

impl Book {
    fn note(&mut self, what: &'static str, amount: Amount) {
        *self.counts.entry(what).or_default() += 1;
        self.income.push(amount);
    }

    /// The first settlement of a payment is its own; each further one is too much.
    fn settle(&mut self, trace: TraceId, is_late: bool, amount: Amount) {
        let what = match (self.settled.insert(trace), is_late) {
            (true, false) => "matched",
            (true, true) => "late",
            (false, _) => "surplus",
        };
        self.note(what, amount);
    }
}

/// What the bot itself counted, by its metrics.
async fn counted(bot: &Bot) -> BTreeMap<String, u64> {
    let text = bot.metrics().await;
    let counted = |line: &str| {
        let (name, number) = line.rsplit_once(' ')?;
        let outcome = name.strip_prefix("mixpay_bot_transfers_total{outcome=\"")?;
        Some((outcome.trim_end_matches("\"}").to_owned(), number.parse().ok()?))
    };
    text.lines().filter_map(counted).collect()
}

async fn story(seed: u64) {
    let chance = SeededIds::new(seed);
    let mut bot = Bot::new().await;
    bot.says(Bob, "payee bot confirm").await;
    let mut traces = Vec::new();
    for (line, is_late) in [("1 usd expires 30s", true), ("2 usd", false), ("3 usd", false)] {
        let code = bot.invoice(Bob, &format!("invoice {line} for wine")).await;
        traces.push((bot.trace(&code).await, is_late));
    }
    bot.says(Bob, "link open tips").await;
    bot.shows(Bob);
    let link = bot.code();
    bot.passes(secs(40)).await;
    let mut book = Book::default();
    for number in 1..=TRANSFERS {
        // Its digits tell each amount from every other.
        let amount = Amount::from_units(u128::from(100_000_000 + 1111 * number));
        let pick = usize::try_from(chance.bits() % 3).unwrap();
        let (trace, is_late) = *traces.get(pick).unwrap();
        let nobody = TraceId::new(Uuid::from_u128(u128::from(chance.bits())));
        let stranger = bot.id(if chance.bits().is_multiple_of(2) { Alice } else { Carol });
        let from = |sender, memo: &str| Transfer::to_bot(sender, coins::USDT, amount, memo);
        let settlement = wallet::settlement_memo(trace);
        let transfer = match chance.bits() % 9 {
            0..=2 => {
                book.settle(trace, is_late, amount);
                from(MIXPAY_ACCOUNT, &settlement)
            }
            3 => {
                book.note("refund_due", amount);
                from(MIXPAY_ACCOUNT, &wallet::refund_memo(trace, 40021))
            }
            4 => {
                book.note("unmatched", amount);
                from(MIXPAY_ACCOUNT, &wallet::settlement_memo(nobody))
            }
            5 => {
                book.note("unmatched", amount);
                from(stranger, &settlement)
            }
            6 => {
                book.note("link", amount);
                from(MIXPAY_ACCOUNT, &link)
            }
            7 => {
                book.note("unmatched", amount);
                Transfer { opponent: None, ..from(stranger, "") }
            }
            _ => Transfer { outgoing: true, ..from(stranger, &settlement) },
        };
        bot.world.transfer(transfer);
        if chance.bits().is_multiple_of(4) {
            bot.settle().await;
        }
        if chance.bits().is_multiple_of(8) {
            bot.passes(secs(5)).await;
        }
    }
    bot.settle().await;
    bot.passes(secs(65)).await;
    let counts: BTreeMap<String, u64> =
        book.counts.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect();
    assert_eq!(counted(&bot).await, counts, "seed {seed}");
    let mut shown = String::new();
    for who in [Bob, Alice, Carol, Olivia] {
        shown += &bot.shows(who);
    }
    // Of more than three an hour of one sender the operators hear in one summary.
    let is_told = |amount: &Amount| count(&shown, &format!("{amount} USDT")) > 0;
    let counted: Vec<Amount> = book.income.into_iter().filter(|amount| !is_told(amount)).collect();
    if let Some(sum) = counted.iter().copied().reduce(|sum, more| sum.checked_add(more).unwrap()) {
        bot.passes(mins(65)).await;
        let (told, number) = (bot.shows(Olivia), counted.len());
        let words = format!("{number} × {sum} USDT");
        assert!(told.contains(&words), "seed {seed}: nobody was told of {words}:\n{shown}\n{told}");
    }
    bot.finish().await;
}

#[tokio::test]
async fn invariant_5_every_transfer_ends_as_exactly_one_thing_and_is_told() {
    for seed in 1..=3 {
        story(seed).await;
    }
}
