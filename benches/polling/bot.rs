//! The bot: its own policy, poll table and budget, on SQLite in memory, without anything else of it.

use crate::model::{Arrivals, Chance, Model, Outcome};
use jiff::Timestamp;
use mixpay_bot::{
    app::reconcile::choice::{Choice, choose},
    domain::{
        asset::{Money, QuoteAsset},
        code::ShortCode,
        ids::{InvoiceId, TraceId, UserId},
        invoice::{
            Invoice,
            fact::{Fact, Facts, Heard},
            polling::next_poll,
            report::{Report, Status},
            terms::{Seconds, Terms},
        },
        locale::Locale,
        shares::Wish,
    },
    store::{Grant, Store},
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

const PER_MINUTE: u32 = 60;
/// When a run begins, Unix seconds.
const BEGINNING: i64 = 1_795_226_100;

fn at(seconds: f64) -> Timestamp {
    Timestamp::from_microsecond(BEGINNING * 1_000_000 + (seconds * 1e6) as i64).unwrap()
}

fn seconds(time: Timestamp) -> f64 {
    (time.as_microsecond() - BEGINNING * 1_000_000) as f64 / 1e6
}

/// What is known about an open invoice besides the bot.
struct Open {
    made: f64,
    asked: f64,
    pays: Option<f64>,
}

struct Run<'a> {
    model: &'a Model,
    store: Store,
    open: HashMap<InvoiceId, Open>,
    chance: Chance,
    outcome: Outcome,
    made: u64,
    turn: u32,
}

pub(crate) fn run(model: &Model) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = Store::open("sqlite::memory:", [7; 32]).await.unwrap();
        let chance = Chance::new(model.seed);
        let (open, outcome) = (HashMap::new(), Outcome::default());
        let mut run = Run { model, store, open, chance, outcome, made: 0, turn: 0 };
        run.all().await;
        run.outcome.measured = model.span.measured;
        run.outcome
    })
}

impl Run<'_> {
    async fn all(&mut self) {
        if let Arrivals::Closed { open } = self.model.arrivals {
            for _ in 0..open {
                let made = -self.chance.part() * self.model.deadline;
                self.make(made).await;
            }
        }
        let (mut now, mut comes) = (0.0, 0.0);
        let mut queue = 0;
        while now < self.model.end() {
            match self.model.arrivals {
                Arrivals::Closed { open } => queue = open - self.open.len(),
                Arrivals::Random { a_second } => {
                    while comes <= now {
                        queue += 1;
                        comes += self.chance.pause(a_second);
                    }
                }
            }
            let mut next = if matches!(self.model.arrivals, Arrivals::Closed { .. }) {
                f64::INFINITY
            } else {
                comes
            };
            if queue > 0 {
                match self.permit(Wish::making(UserId::new(Uuid::from_u128(1))), now).await {
                    None => {
                        self.make(now).await;
                        queue -= 1;
                        continue;
                    }
                    Some(when) => next = next.min(when),
                }
            }
            match self.question(now).await {
                None => continue,
                Some(when) => next = next.min(when),
            }
            now = next.max(now + 1e-3);
        }
    }

    /// Takes a permit, or says when there may be one.
    async fn permit(&mut self, wish: Wish, now: f64) -> Option<f64> {
        let mut tx = self.store.begin().await.unwrap();
        let permit = tx.take_permit(wish, PER_MINUTE, at(now)).await.unwrap();
        tx.commit().await.unwrap();
        match permit {
            Grant::Granted(_) => None,
            Grant::NotBefore(when) => Some(seconds(when)),
        }
    }

    /// An invoice is made, and its card is shown.
    async fn make(&mut self, now: f64) {
        self.made += 1;
        let id = InvoiceId::new(Uuid::from_u128(u128::from(self.made)));
        let trace = TraceId::new(id.uuid());
        let made = at(now);
        let lifetime = Seconds(self.model.deadline as i64);
        let deadline = made + lifetime.length();
        let mut facts = Facts::default();
        facts.learn(Fact::Attempted { trace, attempt: 1, deadline, closes_at: deadline });
        facts.learn(Fact::Opened { trace, page: "PAGE".to_owned(), coin: None });
        // A code for each: the number, above five bits that make a letter of it.
        let bits = (u32::try_from(self.made).unwrap() << 5) | 31;
        let invoice = Invoice {
            id,
            code: ShortCode::from_bits(bits).unwrap(),
            creator: UserId::new(Uuid::from_u128(1)),
            conversation: "c98ad5b7-5cb5-4eb5-8a2e-0a1b2c3d4e5f".parse().unwrap(),
            in_group: false,
            asked_in: None,
            terms: Terms {
                price: Money {
                    amount: "12.5".parse().unwrap(),
                    unit: QuoteAsset::Fiat("usd".parse().unwrap()),
                },
                symbol: "USD".to_owned(),
                decimals: 2,
                memo: None,
                payee: UserId::new(Uuid::from_u128(1)),
                payee_name: "Bob".to_owned(),
                settlement: "4d8c508b-91c5-375b-92b0-ee702ed2dac5".parse().unwrap(),
                settlement_label: "USDT".to_owned(),
                strict: false,
                lifetime,
                grace: Seconds(0),
                order: None,
                pay_with: None,
                link: None,
                told: None,
            },
            locale: Locale::En,
            created_at: made,
            facts,
        };
        let pays = self.chance.pays(now, self.model.deadline);
        let mut tx = self.store.begin().await.unwrap();
        tx.insert_invoice(&invoice).await.unwrap();
        tx.set_poll(id, next_poll(&invoice, &invoice.standing(), made)).await.unwrap();
        tx.commit().await.unwrap();
        self.open.insert(id, Open { made: now, asked: now, pays });
    }

    /// Asks about an invoice, or says when there may be a question.
    async fn question(&mut self, now: f64) -> Option<f64> {
        let mut tx = self.store.begin().await.unwrap();
        let permit = tx.take_permit(Wish::POLLING, PER_MINUTE, at(now)).await.unwrap();
        if let Grant::NotBefore(when) = permit {
            return Some(seconds(when));
        }
        self.turn = self.turn.wrapping_add(1);
        let none = BTreeSet::new();
        let chosen = choose(&mut tx, PER_MINUTE, &none, self.turn, at(now)).await.unwrap();
        let Some(Choice { poll, .. }) = chosen else {
            let due = tx.next_poll_due(at(now)).await.unwrap();
            return Some(due.map_or(f64::INFINITY, seconds));
        };
        tx.send_poll(poll.invoice).await.unwrap();
        let count = self.open.len();
        let open = self.open.get_mut(&poll.invoice).unwrap();
        let times = (now, open.made, open.asked);
        open.asked = now;
        let next = if self.outcome.ask(self.model, count, times, open.pays) {
            self.open.remove(&poll.invoice);
            None
        } else {
            let mut invoice = tx.invoice(poll.invoice).await.unwrap().unwrap();
            let trace = invoice.facts.traces()[0];
            let ms = at(now).as_millisecond();
            let report = Report::of(Status::Unpaid);
            let heard = Fact::Heard(Heard { trace, report, first_ms: ms, last_ms: ms });
            if let Some(key) = invoice.facts.learn(heard)
                && let Some(fact) = invoice.facts.get(&key).cloned()
            {
                let state = invoice.standing().state;
                tx.save_facts(poll.invoice, &[(key, fact)], state, at(now)).await.unwrap();
            }
            next_poll(&invoice, &invoice.standing(), at(now))
        };
        tx.set_poll(poll.invoice, next).await.unwrap();
        tx.commit().await.unwrap();
        None
    }
}
