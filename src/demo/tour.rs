//! Tour: the built-in story of the main features; it succeeds only if every step comes out right.

use crate::{
    cli::Failure,
    config::Settings,
    demo::{
        play::Play,
        stage::{Callbacks, Stage},
    },
    runtime::clock::HandClock,
};
use anyhow::{Context, bail};
use jiff::Timestamp;
use std::{io::Write, time::Duration};

/// What is typed, and what must be shown for it. `CODE`, `TRACE` stand for the newest invoice's.
#[derive(Debug, Clone, Copy)]
struct Step {
    typed: &'static str,
    shown: &'static [&'static str],
    /// How much time passes in the world before it is looked.
    pass: Duration,
}

const fn step(typed: &'static str, shown: &'static [&'static str]) -> Step {
    Step { typed, shown, pass: Duration::ZERO }
}

const fn later(typed: &'static str, seconds: u64, shown: &'static [&'static str]) -> Step {
    Step { typed, shown, pass: Duration::from_secs(seconds) }
}

/// A chapter of the tour.
#[derive(Debug, Clone, Copy)]
struct Chapter {
    title: &'static str,
    steps: &'static [Step],
}

const BY_QR: Chapter = Chapter {
    title: "An invoice by QR code, found paid by asking MixPay (no public address needed)",
    steps: &[
        step("invoice 10 usd for coffee", &["10.00 USD · coffee", "Pay to Bob", "Status"]),
        later("!pay CODE", 15, &["Paid 10.00 USD", "Receipt CODE", "Settled"]),
    ],
};

const CHAPTERS: [Chapter; 9] = [
    Chapter {
        title: "Paid, told at once by MixPay's callback",
        steps: &[
            step("invoice 25 usd for lunch id order_20001", &["25.00 USD · lunch"]),
            step("!pay CODE", &["Paid 25.00 USD", "Receipt CODE"]),
            later("status", 5, &["CODE · 25.00 USD · lunch", "Paid"]),
        ],
    },
    Chapter {
        title: "Settled by a transfer into the bot's wallet",
        steps: &[
            step("payee bot", &["Shall they receive", "Yes, use as payee"]),
            step("payee bot confirm", &[]),
            step("invoice 5 usd", &["5.00 USD"]),
            later("!pay CODE", 8, &["Paid 5.00 USD", "Settled"]),
            step("payee me", &[]),
            step("payee me confirm", &[]),
        ],
    },
    Chapter {
        title: "Underpaid, then topped up",
        steps: &[
            step("invoice 10 usd for cake", &["10.00 USD · cake"]),
            later("!underpay CODE 4", 15, &["Underpaid", "missing", "same link still works"]),
            step("status CODE", &["Underpaid"]),
            later("!pay CODE", 20, &["Paid 10.00 USD"]),
        ],
    },
    Chapter {
        title: "Expired, with nobody waiting",
        steps: &[
            step("invoice 3 usd for tea", &["3.00 USD · tea"]),
            later("!wait 31m", 5, &["Expired"]),
            step("status CODE", &["Expired"]),
        ],
    },
    Chapter {
        title: "Tampered with, and held",
        steps: &[
            step("invoice 40 usd for shoes", &["40.00 USD · shoes"]),
            later("!tamper CODE", 3, &["Held", "amount: asked for 40, reported 0.01"]),
            step("status CODE", &["Held"]),
        ],
    },
    Chapter {
        title: "Who is Mixin ID 7000101422?",
        steps: &[
            step("7000101422", &["小助理", "a0b1c2d3-0000-4000-8000-000000007000"]),
            step("uuid me", &["Bob"]),
        ],
    },
    Chapter {
        title: "The state of a payment, in every form",
        steps: &[
            step("invoice 12 usd for books id order_20002", &["12.00 USD · books"]),
            step("status", &["12.00 USD · books", "Open"]),
            step("CODE", &["12.00 USD · books", "Open"]),
            step("status order_20002", &["12.00 USD · books", "order order_20002"]),
            step("status TRACE", &["12.00 USD · books", "trace TRACE"]),
        ],
    },
    Chapter {
        title: "MixPay off the net: the request is saved",
        steps: &[
            step("!offline 30s", &[]),
            step("invoice 8 usd for soup", &["saved"]),
            later("!wait 90s", 0, &["8.00 USD · soup"]),
        ],
    },
    Chapter {
        title: "The bot is killed and started again in the middle",
        steps: &[
            step("invoice 15 usd for wine", &["15.00 USD · wine"]),
            step("!restart", &[]),
            later("!pay CODE", 3, &["Paid 15.00 USD"]),
            step("help", &["invoice"]),
        ],
    },
];

/// Plays the tour.
///
/// # Errors
/// If a step does not come out right: which, what was wanted, and what was shown.
pub async fn run(
    settings: &Settings,
    seed: u64,
    out: &mut (dyn Write + Send),
    is_terminal: bool,
) -> Result<(), Failure> {
    let beginning: Timestamp = "2026-11-21T14:00:00Z".parse().context("the beginning is a time")?;
    let clock = HandClock::standing(beginning);
    let stage = Stage::new(settings, seed, clock, Callbacks::Off).await?;
    let mut play = Play::new(stage, out, is_terminal);
    chapter(&mut play, 1, &BY_QR).await?;
    play.stage.start(Callbacks::On).await?;
    for (number, next) in (2..).zip(&CHAPTERS) {
        chapter(&mut play, number, next).await?;
    }
    let violations = play.stage.world.violations();
    if !violations.is_empty() {
        return Err(anyhow::anyhow!("the simulated services object: {violations:?}").into());
    }
    play.remark("Every step came out right.")?;
    Ok(())
}

async fn chapter(play: &mut Play<'_>, number: usize, chapter: &Chapter) -> anyhow::Result<()> {
    play.remark("")?;
    play.remark(&format!("{number}. {}", chapter.title))?;
    let mut newest = Newest::default();
    for step in chapter.steps {
        let typed = newest.fill(step.typed);
        play.echo(&typed)?;
        play.take_heard();
        play.line(&typed).await?;
        if !step.pass.is_zero() {
            play.pass(step.pass).await?;
        }
        let heard = play.take_heard().join("\n");
        newest.learn(play, &heard).await?;
        for wanted in step.shown {
            let wanted = newest.fill(wanted);
            if !heard.contains(&wanted) {
                bail!(
                    "chapter {number}, {}: after {typed:?} there should be {wanted:?}, but there \
                     was {heard:?}",
                    chapter.title
                );
            }
        }
    }
    Ok(())
}

/// The newest invoice's code and trace.
#[derive(Debug, Default)]
struct Newest {
    code: String,
    trace: String,
}

impl Newest {
    fn fill(&self, text: &str) -> String {
        text.replace("CODE", &self.code).replace("TRACE", &self.trace)
    }

    async fn learn(&mut self, play: &Play<'_>, heard: &str) -> anyhow::Result<()> {
        let Some((_, rest)) = heard.split_once("Code ") else { return Ok(()) };
        let code: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        if let Ok(parsed) = code.parse() {
            let trace = play.stage.trace_of(parsed).await?;
            self.trace = trace.map(|trace| trace.to_string()).unwrap_or_default();
            self.code = code;
        }
        Ok(())
    }
}
