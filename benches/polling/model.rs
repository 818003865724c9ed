//! The model: who pays and when, what is measured, and how it is summed up.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use std::f64::consts::PI;

/// Of those who get an invoice so many pay, after a log-normal delay with this median and σ.
const PAY: f64 = 0.6;
pub(crate) const MEDIAN: f64 = 120.0;
pub(crate) const SIGMA: f64 = 1.2;

/// How invoices come to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arrivals {
    /// One for each that closes.
    Closed { open: usize },
    /// By chance, so many a second.
    Random { a_second: f64 },
}

/// Seconds until measuring begins, and for how many it goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) warm: f64,
    pub(crate) measured: f64,
}

/// One run. Times are seconds from its beginning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Model {
    pub(crate) arrivals: Arrivals,
    pub(crate) deadline: f64,
    pub(crate) span: Span,
    pub(crate) seed: u64,
}

impl Model {
    pub(crate) fn end(&self) -> f64 {
        self.span.warm + self.span.measured
    }
}

/// Chance.
#[derive(Debug)]
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Between 0 and 1, neither of them.
    pub(crate) fn part(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// How long after its making an invoice is paid; `None` is never. Who would come after the
    /// deadline does not come.
    fn delay(&mut self, deadline: f64) -> Option<f64> {
        let (pays, angle, radius) = (self.part() < PAY, self.part(), self.part());
        let normal = (-2.0 * radius.ln()).sqrt() * (2.0 * PI * angle).cos();
        let delay = MEDIAN * (SIGMA * normal).exp();
        (pays && delay < deadline).then_some(delay)
    }

    /// When an invoice made then is paid; of those made before the beginning all who had paid
    /// by then are gone.
    pub(crate) fn pays(&mut self, made: f64, deadline: f64) -> Option<f64> {
        self.delay(deadline).map(|delay| made + delay).filter(|pays| *pays > 0.0)
    }

    /// How long until the next one comes.
    pub(crate) fn pause(&mut self, a_second: f64) -> f64 {
        -self.part().ln() / a_second
    }
}

/// What happened in the measured span, in seconds.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// From payment to the answer that told of it.
    pub(crate) delays: Vec<f64>,
    /// Between two questions about an invoice, or its making and the first.
    pub(crate) waits: Vec<f64>,
    /// From the deadline to the answer that it was not paid.
    pub(crate) expired: Vec<f64>,
    /// How many were open when a question was asked.
    pub(crate) open: Vec<f64>,
    pub(crate) measured: f64,
}

impl Outcome {
    /// A question at `now` about an invoice made at `made` and last asked about at `asked`; whether
    /// it closes the invoice.
    pub(crate) fn ask(
        &mut self,
        model: &Model,
        open: usize,
        (now, made, asked): (f64, f64, f64),
        pays: Option<f64>,
    ) -> bool {
        let counts = now > model.span.warm;
        let paid = pays.filter(|pays| *pays <= now);
        let over = now > made + model.deadline;
        if counts {
            self.waits.push(now - asked);
            self.open.push(open as f64);
            if let Some(paid) = paid {
                self.delays.push(now - paid);
            } else if over {
                self.expired.push(now - made - model.deadline);
            }
        }
        paid.is_some() || over
    }

    /// Several runs as one.
    pub(crate) fn all(runs: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for run in runs {
            all.delays.extend(run.delays);
            all.waits.extend(run.waits);
            all.expired.extend(run.expired);
            all.open.extend(run.open);
            all.measured += run.measured;
        }
        all
    }

    pub(crate) fn summary(mut self) -> Summary {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let closed = (self.delays.len() + self.expired.len()) as f64 / self.measured * 60.0;
        Summary {
            payments: self.delays.len(),
            mean: mean(&self.delays) / 60.0,
            open: mean(&self.open),
            median: part(&mut self.delays, 0.5),
            late: part(&mut self.delays, 0.99),
            longest: part(&mut self.waits, 1.0),
            expired: part(&mut self.expired, 0.5),
            closed,
        }
    }
}

/// The value below which this part of the values lies, in minutes.
fn part(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = ((values.len() as f64 * part) as usize).min(values.len().saturating_sub(1));
    values.get(at).map_or(f64::NAN, |value| value / 60.0)
}

/// An outcome in figures: minutes, and numbers a minute.
#[derive(Debug, Clone)]
pub(crate) struct Summary {
    payments: usize,
    pub(crate) median: f64,
    late: f64,
    mean: f64,
    pub(crate) longest: f64,
    expired: f64,
    pub(crate) closed: f64,
    open: f64,
}

impl Summary {
    pub(crate) fn head() {
        println!(
            "| open | policy | payments | median | p99 | mean | longest wait | deadline to *Expired* \
             | closed a minute | open on average | median, ratio to this bot's |"
        );
        println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    }

    pub(crate) fn print(&self, open: &str, policy: &str, bot: Option<&Self>) {
        let ratio = bot.map_or(String::new(), |bot| format!("{:.2}", self.median / bot.median));
        println!(
            "| {open} | {policy} | {} | {:.2} | {:.1} | {:.2} | {:.1} | {:.1} | {:.2} | {:.0} \
             | {ratio} |",
            self.payments,
            self.median,
            self.late,
            self.mean,
            self.longest,
            self.expired,
            self.closed,
            self.open,
        );
    }
}
