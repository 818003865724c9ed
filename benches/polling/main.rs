//! How soon polling alone tells of a payment, in virtual time: the bot's own policy, store and budget
//! beside plain round robin and beside the best policy that knows only ages.
//!
//! `cargo bench --bench polling`; BENCHMARKS.md says what the tables mean.
#![expect(
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::disallowed_types,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark prints statistics, and stops where it goes wrong"
)]

mod bot;
mod model;
mod rivals;

use model::{Outcome, Span, Summary};
use rivals::{Index, Rival, Starving};

/// Seeds of the runs that are measured; another one chooses the rival.
const SEEDS: [u64; 2] = [1, 2];
const SEED_OF_SEARCH: u64 = 99;
const HOUR: f64 = 3600.0;

/// How many invoices are open, how long they can be paid, and how long is warmed up and measured.
fn spans() -> [(usize, f64, Span); 4] {
    let half_hour = 0.5 * HOUR;
    let span = |warm: f64, measured: f64| Span { warm: warm * HOUR, measured: measured * HOUR };
    [
        (10, half_hour, span(1.0, 12.0)),
        (100, half_hour, span(2.0, 8.0)),
        (1000, half_hour, span(8.0, 8.0)),
        (10_000, 45.0 * HOUR, span(24.0, 24.0)),
    ]
}

fn main() {
    let only: Option<usize> = std::env::args().find_map(|arg| arg.parse().ok());
    println!("Closed: as many invoices are open all the time.\n");
    Summary::head();
    for (open, deadline, span) in spans() {
        if only.is_none_or(|only| only == open) {
            closed(open, deadline, span);
        }
    }
    if only.is_none() {
        println!(
            "\nOpen: so many invoices are made a minute, by chance; deadlines of 30 minutes.\n"
        );
        Summary::head();
        for made_a_minute in [6.0, 10.0, 14.0, 16.0] {
            let span = Span { warm: 4.0 * HOUR, measured: 8.0 * HOUR };
            let arrivals = model::Arrivals::Random { a_second: made_a_minute / 60.0 };
            let model = |seed| model::Model { arrivals, deadline: 0.5 * HOUR, span, seed };
            let name = format!("{made_a_minute} a minute");
            let bot = Outcome::all(SEEDS.map(|seed| bot::run(&model(seed)))).summary();
            bot.print(&name, "this bot", None);
            let robin = Outcome::all(SEEDS.map(|seed| rivals::round_robin(&model(seed)))).summary();
            robin.print(&name, "round robin", Some(&bot));
        }
    }
}

fn closed(open: usize, deadline: f64, span: Span) {
    let arrivals = model::Arrivals::Closed { open };
    let model = |seed| model::Model { arrivals, deadline, span, seed };
    let name = format!("{open}");
    let bot = Outcome::all(SEEDS.map(|seed| bot::run(&model(seed)))).summary();
    bot.print(&name, "this bot", None);
    let robin = Outcome::all(SEEDS.map(|seed| rivals::round_robin(&model(seed)))).summary();
    robin.print(&name, "round robin", Some(&bot));
    let half = Span { measured: span.measured / 2.0, ..span };
    let (best, starving) = search(&model::Model { span: half, ..model(SEED_OF_SEARCH) }, &bot);
    for (what, rival) in [("best by age", best), ("best by age, whoever starves", starving)] {
        let Some(rival) = rival else { continue };
        let runs = SEEDS.map(|seed| rivals::run(&model(seed), &rival));
        let summary = Outcome::all(runs).summary();
        summary.print(&name, &format!("{what}: {}", rival.name()), Some(&bot));
    }
}

/// The rival with the least median of those that let nobody wait longer than the bot does and
/// close as many invoices; and the one with the least median of all, whoever starves.
fn search(model: &model::Model, bot: &Summary) -> (Option<Rival>, Option<Rival>) {
    let mut tried: Vec<(Rival, Summary)> = Vec::new();
    let mut indices = Vec::new();
    for by in [0.0, 0.25, 0.5, 0.75] {
        indices.push(Index::Share { discount: by });
        indices.push(Index::Chance { discount: by });
        indices.push(Index::Waiting { discount: 1.0 + by });
    }
    for bend in [30.0, 60.0, 120.0] {
        indices.push(Index::Ratio { bend });
    }
    let mut bounds = vec![Starving::Never { wait: bot.longest * 60.0 }];
    bounds.extend([3.5, 4.0, 4.5, 12.0].map(|every| Starving::Share { every }));
    for index in indices {
        for starving in &bounds {
            for ended in [0.0005, 0.002, 0.005] {
                let rival = Rival { index: index.clone(), starving: *starving, ended };
                let summary = Outcome::all([rivals::run(model, &rival)]).summary();
                tried.push((rival, summary));
            }
        }
    }
    // The best schedule of ages, by turns along each of them.
    for starving in &bounds {
        let quantum = model.deadline / 1800.0;
        let start = [75.0, 150.0 * quantum.sqrt(), 600.0 * quantum.sqrt()];
        let mut best: Option<(Rival, Summary)> = None;
        let mut ages = start.to_vec();
        for factor in [1.6, 1.25] {
            for at in 0..ages.len() {
                for by in [1.0 / factor, factor] {
                    let mut changed = ages.clone();
                    changed[at] *= by;
                    changed.sort_by(f64::total_cmp);
                    let rival = Rival {
                        index: Index::Schedule { ages: changed },
                        starving: *starving,
                        ended: 0.002,
                    };
                    let summary = Outcome::all([rivals::run(model, &rival)]).summary();
                    if best.as_ref().is_none_or(|(_, least)| summary.median < least.median)
                        && let Index::Schedule { ages: better } = &rival.index
                    {
                        ages.clone_from(better);
                        best = Some((rival.clone(), summary.clone()));
                    }
                    tried.push((rival, summary));
                }
            }
        }
    }
    let least = |fair: bool| {
        tried
            .iter()
            .filter(|(_, one)| {
                !fair || (one.longest <= bot.longest * 1.02 && one.closed >= bot.closed * 0.98)
            })
            .min_by(|(_, one), (_, other)| one.median.total_cmp(&other.median))
            .map(|(rival, _)| rival.clone())
    };
    (least(true), least(false))
}
