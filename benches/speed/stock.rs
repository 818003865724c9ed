//! Stock: databases with any number of invoices, and the commands that ask about them.

use crate::service::{BOT, Command};
use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use jiff::{SignedDuration, Timestamp};
use mixpay_bot::{
    domain::{
        asset::Money,
        code::ShortCode,
        derive::contact_conversation,
        ids::{InvoiceId, TraceId, UserId},
        invoice::{
            Invoice,
            fact::{Fact, Facts, Heard},
            polling::{Age, Urgency},
            report::{Report, Status},
            terms::{Seconds, Terms},
        },
        locale::Locale,
    },
    ports::{directory::Person, time::Clock},
    runtime::{base64, clock::SystemClock},
    store::{Store, Tx},
};
use serde_json::json;
use std::{io::Write, ops::Range, path::Path};
use uuid::Uuid;

/// Invoices that are stored in one transaction.
const TOGETHER: u32 = 10_000;
/// Spreads numbers over all bits, so that ids and codes come in no order, as the real ones do.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// What a database holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stock {
    /// People whom the bot knows.
    pub(crate) people: u32,
    /// Their invoices, one after the other.
    pub(crate) invoices: u32,
    /// Every so many can be paid; the others were, and are settled.
    pub(crate) open_every: u32,
}

/// What people say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Say {
    /// Half `status CODE`, half `uuid NUMBER`.
    Mixed,
    /// `ping`: what a command costs that looks at nothing.
    Ping,
}

fn spread(kind: u128, number: u32) -> Uuid {
    let mixed =
        (u128::from(number) + 1).wrapping_mul(SPREAD) ^ kind.wrapping_mul((SPREAD << 3) | 1);
    uuid::Builder::from_random_bytes(mixed.to_be_bytes()).into_uuid()
}

fn user(number: u32) -> UserId {
    UserId::new(spread(1, number))
}

fn mixin_id(number: u32) -> String {
    (30_000_000 + number).to_string()
}

/// The code of an invoice: each number has another one.
fn code(number: u32) -> Result<ShortCode> {
    // Odd, so that no two numbers meet in 30 bits; all codes get a letter in front.
    let bits = ((number.wrapping_mul(0x1e35_a7bd) & 0x01ff_ffff) << 5) | 20;
    ShortCode::from_bits(bits).context("no code")
}

impl Stock {
    /// Makes the database in this file.
    pub(crate) async fn fill(self, file: &Path) -> Result<()> {
        let store = Store::open(&format!("sqlite://{}", file.display()), [7; 32]).await?;
        let now = SystemClock.now();
        let mut tx = store.begin().await?;
        for number in 0..self.people {
            let person = Person {
                id: user(number),
                number: mixin_id(number),
                name: "Alice".to_owned(),
                is_bot: false,
            };
            tx.keep_person(&person).await?;
            tx.set_meta(&format!("known:{}", person.number), "1").await?;
        }
        for number in 0..self.invoices {
            self.add(&mut tx, number, now).await?;
            if number % TOGETHER == TOGETHER - 1 {
                tx.commit().await?;
                tx = store.begin().await?;
            }
        }
        Ok(tx.commit().await?)
    }

    async fn add(self, tx: &mut Tx, number: u32, now: Timestamp) -> Result<()> {
        let is_open = number.is_multiple_of(self.open_every);
        let creator = user(number % self.people);
        let settlement = "4d8c508b-91c5-375b-92b0-ee702ed2dac5".parse()?;
        let price = Money { amount: "12.5".parse()?, unit: "usd".parse()? };
        let trace = TraceId::new(spread(2, number));
        let later = |hours| now + SignedDuration::from_hours(hours);
        let created_at = now - SignedDuration::from_secs(i64::from(self.invoices - number));
        let page = format!("PAGE{number}");
        let mut facts = vec![
            Fact::Attempted { trace, attempt: 1, deadline: later(45), closes_at: later(47) },
            Fact::Opened { trace, page: page.clone(), coin: None },
        ];
        if !is_open {
            let report = Report {
                payee: Some(creator),
                quote_amount: Some(price.amount),
                quote_asset: Some(price.unit),
                trace: Some(page),
                paid: Some(price.amount),
                paid_symbol: Some("USDT".to_owned()),
                paid_at: Some(created_at.as_second()),
                settled: true,
                settle_amount: Some(price.amount),
                settle_symbol: Some("USDT".to_owned()),
                settle_asset: Some(settlement),
                ..Report::of(Status::Success)
            };
            let at = created_at.as_millisecond();
            facts.push(Fact::Heard(Heard { trace, report, first_ms: at, last_ms: at }));
        }
        let invoice = Invoice {
            id: InvoiceId::new(spread(3, number)),
            code: code(number)?,
            creator,
            conversation: contact_conversation(BOT.parse()?, creator),
            in_group: false,
            asked_in: None,
            terms: Terms {
                price,
                symbol: "USD".to_owned(),
                decimals: 2,
                memo: Some("coffee".to_owned()),
                payee: creator,
                payee_name: format!("Alice ({})", mixin_id(number % self.people)),
                settlement,
                settlement_label: "USDT (ERC20)".to_owned(),
                strict: true,
                lifetime: Seconds(45 * 3600),
                grace: Seconds(7200),
                order: None,
                pay_with: None,
                link: None,
                told: None,
            },
            locale: Locale::En,
            created_at,
            facts: facts.into_iter().collect::<Facts>(),
        };
        tx.insert_invoice(&invoice).await?;
        if is_open {
            // Spread over the next half hour, as the pace of the questions would.
            let due = now + SignedDuration::from_secs(i64::from(number / self.open_every % 1800));
            let age = Age::of(now.duration_since(created_at));
            tx.set_poll(invoice.id, Some((due, Urgency::Open(age)))).await?;
        }
        Ok(())
    }

    /// The commands of these numbers, of everybody in turn, about invoices from all over the stock.
    /// No two rounds have a message id in common.
    pub(crate) fn commands(
        self,
        say: Say,
        numbers: Range<u32>,
        round: u32,
    ) -> Result<Vec<Command>> {
        numbers.map(|number| self.command(say, number, round)).collect()
    }

    fn command(self, say: Say, number: u32, round: u32) -> Result<Command> {
        let who = number % self.people;
        let each = (self.invoices / self.people).max(1);
        let line = match say {
            Say::Ping => "ping".to_owned(),
            Say::Mixed if (number / self.people + number).is_multiple_of(2) => {
                // One of their own: those stand `people` apart.
                let turn = number.wrapping_mul(0x9e37_79b1) % each;
                format!("status {}", code((who + turn * self.people) % self.invoices)?)
            }
            Say::Mixed => {
                let other = number.wrapping_mul(0x9e37_79b1) % self.people;
                format!("uuid {}", mixin_id(other))
            }
        };
        let at = SystemClock.now();
        let stamp = at.as_nanosecond().unsigned_abs();
        let message = uuid::Builder::from_random_bytes(
            ((stamp << 64) | (u128::from(round) << 32) | u128::from(number)).to_be_bytes(),
        );
        let (message, user) = (message.into_uuid().to_string(), user(who));
        let at = format!("{at:.9}");
        let envelope = json!({
            "id": spread(5, number).to_string(),
            "action": "CREATE_MESSAGE",
            "data": {
                "type": "message",
                "representative_id": "",
                "quote_message_id": "",
                "conversation_id": contact_conversation(BOT.parse()?, user).to_string(),
                "user_id": user.to_string(),
                "session_id": spread(6, who).to_string(),
                "message_id": message,
                "category": "PLAIN_TEXT",
                "data": base64::encode(&line),
                "data_base64": base64::encode(&line),
                "status": "SENT",
                "source": "LIST_PENDING_MESSAGES",
                "silent": false,
                "expire_in": 0,
                "created_at": at,
                "updated_at": at,
            },
        });
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(envelope.to_string().as_bytes())?;
        let packed = packed.finish()?;
        let mut frame = vec![0x82, 126];
        frame.extend(u16::try_from(packed.len())?.to_be_bytes());
        frame.extend(packed);
        Ok(Command { user: user.to_string(), message, frame })
    }
}
