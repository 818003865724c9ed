//! Many open invoices, callbacks and commands at once, in virtual time: who is asked about when.

use super::{at, at_ms, budget::busiest_minute, in_memory, run, sample};
use jiff::{SignedDuration, Timestamp};
use mixpay_bot::{
    app::reconcile::choice::{Choice, Rounds, choose, next_urgent},
    domain::{
        code::ShortCode,
        ids::{InvoiceId, TraceId},
        invoice::{
            Invoice,
            fact::{Fact, Facts, Heard},
            polling::{Age, Urgency, next_poll},
            report::{Report, Status},
        },
        shares::Wish,
    },
    store::{Grant, Store, Tx},
};
use std::collections::{BTreeMap, BTreeSet};

const PER_MINUTE: u32 = 60;
const SPACING: SignedDuration = SignedDuration::from_secs(5);

/// An invoice that was made at this second, and can be paid for half an hour.
fn invoice(number: u32, made: i64) -> Invoice {
    let trace = TraceId::new(sample::invoice_id(number.into()).uuid());
    let deadline = at(made + 1800);
    let attempt = Fact::Attempted { trace, attempt: 1, deadline, closes_at: deadline };
    let opened = Fact::Opened { trace, page: "PAGE".to_owned(), coin: None };
    Invoice {
        id: sample::invoice_id(number.into()),
        // The number, above five bits that make a letter of it.
        code: ShortCode::from_bits(number << 5 | 31).unwrap(),
        created_at: at(made),
        facts: [attempt, opened].into_iter().collect::<Facts>(),
        ..sample::invoice()
    }
}

async fn make(tx: &mut Tx, number: u32, made: i64) {
    let invoice = invoice(number, made);
    tx.insert_invoice(&invoice).await.unwrap();
    tx.set_poll(invoice.id, next_poll(&invoice, &invoice.standing(), at(made))).await.unwrap();
}

/// MixPay is asked as often as it may be, and always answers that nothing came.
struct Crowd {
    store: Store,
    rounds: Rounds,
    /// When requests were made, and about which invoice last when.
    requests: Vec<Timestamp>,
    asked: BTreeMap<InvoiceId, Timestamp>,
    longest: SignedDuration,
}

impl Crowd {
    /// So many invoices, made at second 0.
    async fn of(count: u32) -> Self {
        let store = in_memory().await;
        let mut tx = store.begin().await.unwrap();
        for number in 1..=count {
            make(&mut tx, number, 0).await;
        }
        tx.commit().await.unwrap();
        let asked = (1..=count).map(|number| (sample::invoice_id(number.into()), at(0))).collect();
        let longest = SignedDuration::ZERO;
        Self { store, rounds: Rounds::default(), requests: Vec::new(), asked, longest }
    }

    /// A person's command makes a request, if it may.
    async fn command(&mut self, now: Timestamp) {
        let mut tx = self.store.begin().await.unwrap();
        let wish = Wish::making(sample::user(9));
        if matches!(tx.take_permit(wish, PER_MINUTE, now).await.unwrap(), Grant::Granted(_)) {
            self.requests.push(now);
        }
        tx.commit().await.unwrap();
    }

    async fn callback(&mut self, number: u32, now: Timestamp) {
        let mut tx = self.store.begin().await.unwrap();
        tx.hint_poll(sample::invoice_id(number.into()), now, SPACING).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Asks about whatever may be asked about now.
    async fn questions(&mut self, now: Timestamp) {
        loop {
            let mut tx = self.store.begin().await.unwrap();
            let none = BTreeSet::new();
            let rounds = &mut self.rounds;
            let urgent = next_urgent(&mut tx, PER_MINUTE, &none, rounds, now).await.unwrap();
            let poll = if let Ok((_, Choice { poll, .. })) = urgent {
                poll
            } else {
                let grant = tx.take_permit(Wish::POLLING, PER_MINUTE, now).await.unwrap();
                if matches!(grant, Grant::NotBefore(_)) {
                    return tx.commit().await.unwrap();
                }
                let poll = choose(&mut tx, PER_MINUTE, &none, rounds.turn, now).await.unwrap();
                let Some(Choice { poll, .. }) = poll else { return };
                rounds.turn += 1;
                poll
            };
            self.requests.push(now);
            let before = self.asked.insert(poll.invoice, now).unwrap();
            self.longest = self.longest.max(now.duration_since(before));
            tx.send_poll(poll.invoice).await.unwrap();
            let mut invoice = tx.invoice(poll.invoice).await.unwrap().unwrap();
            let ms = now.as_millisecond();
            let heard = Heard {
                trace: invoice.facts.traces().pop().unwrap(),
                report: Report::of(Status::Unpaid),
                first_ms: ms,
                last_ms: ms,
            };
            let key = invoice.facts.learn(Fact::Heard(heard)).unwrap();
            let changed = [(key.clone(), invoice.facts.get(&key).unwrap().clone())];
            let standing = invoice.standing();
            tx.save_facts(poll.invoice, &changed, standing.state, now).await.unwrap();
            tx.set_poll(poll.invoice, next_poll(&invoice, &standing, now)).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// The longest that anybody has waited for a question, or waits now.
    fn longest_wait(&self, now: Timestamp) -> SignedDuration {
        let waits = self.asked.values().map(|asked| now.duration_since(*asked));
        waits.max().unwrap().max(self.longest)
    }
}

#[test]
fn invariant_8_ten_thousand_open_invoices_callbacks_and_commands_at_once_keep_the_limit() {
    run(async {
        let mut crowd = Crowd::of(10_000).await;
        for step in 1..=1200_u32 {
            let now = at_ms(i64::from(step) * 250);
            crowd.callback(1 + step * 7 % 10_000, now).await;
            if step % 9 == 0 {
                crowd.command(now).await;
            }
            crowd.questions(now).await;
        }
        // A fifth is kept for other people than these two.
        assert!(crowd.requests.len() > 225, "{}", crowd.requests.len());
        assert!(busiest_minute(&crowd.requests) <= 60);
    });
}

#[test]
fn invariant_8_nobody_starves_however_many_callbacks_and_commands_there_are() {
    run(async {
        let mut crowd = Crowd::of(200).await;
        let mut now = at(0);
        for second in 1..=1780 {
            now = at(second);
            // Half of the invoices are called back about over and over.
            let number = u32::try_from(second % 100).unwrap() + 1;
            crowd.callback(number, now).await;
            if second % 6 == 0 {
                crowd.command(now).await;
            }
            crowd.questions(now).await;
        }
        // Twelve polls a minute are for the hundred that nobody calls back about.
        let longest = crowd.longest_wait(now);
        assert!(longest < SignedDuration::from_mins(13), "{longest}");
        assert!(longest > SignedDuration::from_mins(5), "{longest}: there was no storm");
    });
}

#[test]
fn while_few_are_open_and_nobody_commands_each_is_asked_about_every_fifteen_seconds() {
    run(async {
        let mut crowd = Crowd::of(10).await;
        let mut now = at(0);
        for step in 1..=15_000_i64 {
            now = at_ms(step * 20);
            crowd.questions(now).await;
        }
        let longest = crowd.longest_wait(now);
        assert!(longest <= SignedDuration::from_secs(15), "{longest}");
    });
}

#[tokio::test]
async fn callbacks_come_first_then_what_is_likeliest_to_have_news_and_the_longest_waiting_every_fourth()
 {
    let store = in_memory().await;
    let mut tx = store.begin().await.unwrap();
    let now = 3600;
    // Twelve that were asked about long ago, so that there are more than a few.
    for number in 1..=12 {
        make(&mut tx, number, now - 1500).await;
        let due = at(now - 100 - i64::from(number));
        let asked = Urgency::Open(Age::of(SignedDuration::from_mins(23)));
        tx.set_poll(sample::invoice_id(number.into()), Some((due, asked))).await.unwrap();
    }
    make(&mut tx, 20, now - 90).await;
    make(&mut tx, 21, now - 30).await;
    make(&mut tx, 22, now - 2000).await;
    make(&mut tx, 23, now - 1000).await;
    tx.set_poll(sample::invoice_id(23), Some((at(now - 900), Urgency::Watched))).await.unwrap();
    tx.hasten_poll(sample::invoice_id(21), at(now)).await.unwrap();
    let none = BTreeSet::new();
    let mut rounds = Rounds::default();
    let urgent = next_urgent(&mut tx, PER_MINUTE, &none, &mut rounds, at(now)).await.unwrap();
    let (_, Choice { poll, .. }) = urgent.unwrap();
    tx.send_poll(poll.invoice).await.unwrap();
    tx.set_poll(poll.invoice, None).await.unwrap();
    let mut order = vec![poll.invoice.uuid().as_u128()];
    for turn in [2, 4, 16, 3, 5] {
        let poll = choose(&mut tx, PER_MINUTE, &none, turn, at(now)).await.unwrap().unwrap().poll;
        order.push(poll.invoice.uuid().as_u128());
        tx.send_poll(poll.invoice).await.unwrap();
        tx.set_poll(poll.invoice, None).await.unwrap();
    }
    // The callback; who was made 90 s ago; who has waited since its making and is over; what is
    // only watched; and then who waits longest of those whose age is the same.
    assert_eq!(order, [21, 20, 22, 23, 12, 11]);
}

#[tokio::test]
async fn who_is_past_the_deadline_hides_nobody_younger() {
    let store = in_memory().await;
    let mut tx = store.begin().await.unwrap();
    for number in 1..=300 {
        make(&mut tx, number, 0).await;
    }
    make(&mut tx, 400, 1750).await;
    let none = BTreeSet::new();
    let now = at(1801 + 60);
    let mut young = false;
    for turn in [1, 2, 3, 5] {
        let poll = choose(&mut tx, PER_MINUTE, &none, turn, now).await.unwrap().unwrap().poll;
        young |= poll.invoice == sample::invoice_id(400);
    }
    assert!(young);
    let ended = tx.due_polls_of(Urgency::Ended, now, 999).await.unwrap();
    assert_eq!(ended.len(), 300);
}
