//! Open: makes a MixPay payment, and what happens when the outcome is unknown.
//!
//! The body is stored before it is sent, and so is the doubt whether it was. If the outcome is unknown, the identical body is sent
//! once more; if that is refused, a new attempt with a new trace is made: the old link was never
//! shown, but its trace stays watched. A payment that MixPay cannot be told about for a day is
//! given up, and said so.

use crate::{
    app::{
        deps::Deps,
        gate::{self, PATIENCE},
        learn::{Occasion, learn, locale_of, place_of},
        outbox::{
            direct::{self, Asked},
            errands::postpone,
            is_final,
        },
        reply::say,
    },
    domain::{
        cause::Cause,
        ids::{EffectId, InvoiceId, TraceId},
        invoice::{Invoice, fact::Fact, standing::State, terms::CoinPrice},
        pay_link::{chain_pay_url, mixin_pay_url},
        shares::Wish,
    },
    ports::{
        checkout::{DirectPayment, PayTo, PaymentRequest},
        effect::{Effect, Errand, Need, Pending},
        failure::{CallError, Failure},
    },
    speech::{Draft, notice},
    store::{Grant, Permit, StoreError, Tx},
};
use jiff::{SignedDuration, Timestamp};

/// A draft that MixPay cannot be told about for this long is given up.
const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// A body that never reached MixPay is made anew when it is older than this: its deadline counts
/// from when the card is shown. One that may have reached it is kept for half of its lifetime.
const STALE_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// How soon it is looked again whether our clock is right.
const CLOCK_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// While MixPay does not answer, an invoice is tried again after a sixteenth of its age, and at least
/// this often: a day's outage is not made of thousands of attempts.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(5);
const AGES_A_WAIT: i32 = 16;
/// What stands instead of MixPay's code for an attempt that it never heard of.
const NEVER_SENT: i64 = 0;
/// MixPay refuses a closing time nearer than 10 s; with time to get there.
const CLOSING_MARGIN: SignedDuration = SignedDuration::from_secs(20);
/// The remark is public; MixPay takes this many characters.
const REMARK_CHARS_MAX: usize = 50;

/// What is to be sent.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) invoice: InvoiceId,
    pub(super) trace: TraceId,
    pub(super) body: String,
    pub(super) direct: bool,
    pub(super) doubtful: bool,
}

impl Request {
    /// The errand that sends this, with or without doubt whether it was sent before.
    fn errand(&self, doubtful: bool) -> Errand {
        let (invoice, trace, direct) = (self.invoice, self.trace, self.direct);
        Errand::Open { invoice, trace, body: self.body.clone(), direct, doubtful }
    }
}

/// Makes a new attempt to make an invoice's payment: its facts, and the effect that sends it.
pub async fn attempt(
    tx: &mut Tx,
    deps: &Deps,
    invoice: &Invoice,
    number: u32,
    now: Timestamp,
) -> Result<Fact, StoreError> {
    let terms = &invoice.terms;
    let trace = TraceId::new(Cause::Trace(invoice.id, number).id(deps.store.secret()));
    let deadline = now.saturating_add(terms.lifetime.length()).unwrap_or(Timestamp::MAX);
    let closes_at = deadline.saturating_add(terms.grace.length()).unwrap_or(Timestamp::MAX);
    let direct = terms.pay_with.is_some();
    let body = deps.mixpay.body(&request(deps, invoice, trace, closes_at, false));
    let effect = Effect {
        id: EffectId::new(Cause::Open(invoice.id, number).id(deps.store.secret())),
        lane: format!("invoice:{}", invoice.id),
        errand: Errand::Open { invoice: invoice.id, trace, body, direct, doubtful: false },
    };
    tx.enqueue(&effect, now, now).await?;
    Ok(Fact::Attempted { trace, attempt: number, deadline, closes_at })
}

/// The request for an invoice's payment under this trace.
pub fn request(
    deps: &Deps,
    invoice: &Invoice,
    trace: TraceId,
    closes_at: Timestamp,
    on_chain: bool,
) -> PaymentRequest {
    let terms = &invoice.terms;
    let remark = terms.memo.as_deref().unwrap_or_default();
    PaymentRequest {
        payee: terms.payee,
        price: terms.price,
        settlement: terms.settlement,
        strict: terms.strict,
        trace,
        remark: remark.chars().take(REMARK_CHARS_MAX).collect(),
        callback_url: deps.rules.callback_url.clone(),
        closes_at: closes_at.as_second(),
        pay_with: terms.pay_with.as_ref().map(|coin| coin.asset),
        on_chain,
    }
}

/// The address that opens the wallet on a payment in one coin, and what the price is in it.
pub fn wallet(direct: &DirectPayment) -> (String, CoinPrice) {
    let page = match &direct.to {
        PayTo::Mixin { recipient, memo } => {
            mixin_pay_url(*recipient, direct.asset, direct.amount, memo, direct.trace)
        }
        PayTo::Chain { destination, .. } => chain_pay_url(direct.asset, destination, direct.amount)
            .unwrap_or_else(|| destination.clone()),
    };
    let price = CoinPrice {
        amount: direct.amount,
        symbol: direct.symbol.clone(),
        until: direct.price_until,
    };
    (page, price)
}

/// Sends the request and writes down what came of it.
pub(super) async fn perform(
    deps: &Deps,
    pending: &Pending,
    request: Request,
) -> Result<(), StoreError> {
    let id = pending.effect.id;
    let now = deps.now();
    let mut tx = deps.store.begin().await?;
    let Some(invoice) = tx.invoice(request.invoice).await? else {
        tx.conclude(&[id]).await?;
        return deps.commit(tx).await;
    };
    let standing = invoice.standing();
    if standing.state != State::Draft && !request.doubtful {
        // Cancelled before MixPay was told, or settled some other way.
        tx.conclude(&[id]).await?;
        return deps.commit(tx).await;
    }
    if deps.clock_error().is_some() {
        // Its deadline would be wrong, and to MixPay it may lie in the past.
        tx.wait(id, now.saturating_add(CLOCK_WAIT).unwrap_or(now)).await?;
        return deps.commit(tx).await;
    }
    if now.duration_since(invoice.created_at) > GIVE_UP_AFTER {
        learn(&mut tx, deps, invoice.id, vec![Fact::GivenUp], Occasion::News).await?;
        tx.conclude(&[id]).await?;
        return deps.commit(tx).await;
    }
    let (deadline, closes_at) = invoice.facts.deadlines();
    let age = now.duration_since(pending.since);
    let half = invoice.terms.lifetime.length().checked_div(2).unwrap_or_default();
    let late =
        closes_at.duration_since(now) < CLOSING_MARGIN || deadline.duration_since(now) < half;
    // Written down while the clock was wrong: it would stay open for hours.
    let is_ahead =
        deadline.duration_since(now) > invoice.terms.lifetime.length().saturating_add(STALE_AFTER);
    if late || is_ahead || (!request.doubtful && age > STALE_AFTER) {
        return again(tx, deps, pending, &request, &invoice).await;
    }
    let Some(mut permit) = admitted(&mut tx, deps, pending, &invoice, now).await? else {
        return deps.commit(tx).await;
    };
    let mut about = None;
    if let Some(coin) = invoice.terms.pay_with.as_ref().filter(|_| request.direct) {
        // Without knowing about how much it is, the answer could not be judged.
        let (price, asset, settlement) =
            (invoice.terms.price, coin.asset, invoice.terms.settlement);
        let need = Need::Estimate { price, pay_with: asset, settlement };
        let mut estimate = deps.estimates.about(&need, now);
        if estimate.is_none() {
            deps.commit(tx).await?;
            let asked = gate::call(deps, permit, |mixpay| async move {
                mixpay.estimate(price, asset, settlement).await
            });
            match asked.await? {
                Ok(answer) => {
                    // Kept, so that a long way to the next permit does not begin with it again.
                    deps.estimates.keep(&need, &answer, deps.now());
                    estimate = Some(answer);
                }
                Err(error) => return record(deps, pending, request, &invoice, Err(error)).await,
            }
            tx = deps.store.begin().await?;
            let Some(another) = admitted(&mut tx, deps, pending, &invoice, deps.now()).await?
            else {
                return deps.commit(tx).await;
            };
            permit = another;
        }
        about = estimate.map(|estimate| (asset, estimate.payment));
    }
    // Whoever dies before the answer does not know what became of the request.
    tx.rewrite(id, &request.errand(true)).await?;
    deps.commit(tx).await?;
    let outcome = if let Some((asset, about)) = about {
        let (trace, accounts) = (request.trace, &deps.rules.accounts);
        let asked = Asked { trace, asset, on_chain: false, about, accounts, now: deps.now() };
        let made = direct::make(deps, permit, &invoice, &asked, &request.body);
        made.await?.map(|direct| {
            let (page, coin) = wallet(&direct);
            (page, Some(coin))
        })
    } else {
        let body = request.body.as_str();
        let made = gate::call(deps, permit, |mixpay| async move { mixpay.open(body).await });
        made.await?.map(|page| (page, None))
    };
    record(deps, pending, request, &invoice, outcome).await
}

/// A permit for making an invoice's payment; without one the errand waits, and whoever would wait
/// long is told.
async fn admitted(
    tx: &mut Tx,
    deps: &Deps,
    pending: &Pending,
    invoice: &Invoice,
    now: Timestamp,
) -> Result<Option<Permit>, StoreError> {
    let wish = Wish::making(invoice.creator);
    match tx.take_permit(wish, deps.rules.requests_per_minute, now).await? {
        Grant::Granted(permit) => Ok(Some(permit)),
        Grant::NotBefore(when) => {
            if when.duration_since(pending.since) > PATIENCE {
                tell_saved(tx, deps, invoice, now).await?;
            }
            tx.wait(pending.effect.id, when).await?;
            Ok(None)
        }
    }
}

async fn record(
    deps: &Deps,
    pending: &Pending,
    request: Request,
    invoice: &Invoice,
    outcome: Result<(String, Option<CoinPrice>), CallError>,
) -> Result<(), StoreError> {
    let id = pending.effect.id;
    let mut tx = deps.store.begin().await?;
    match outcome {
        Ok((page, coin)) => {
            let fact = Fact::Opened { trace: request.trace, page, coin };
            learn(&mut tx, deps, invoice.id, vec![fact], Occasion::Asked).await?;
            tx.conclude(&[id]).await?;
            deps.commit(tx).await
        }
        Err(error) => {
            tracing::warn!(invoice.id = %invoice.id, "the payment is not made: {error}");
            match (is_final(&error), request.doubtful) {
                (true, false) => {
                    let code = error.code().unwrap_or_default();
                    let fact = Fact::Refused { trace: request.trace, code };
                    learn(&mut tx, deps, invoice.id, vec![fact], Occasion::News).await?;
                    tx.conclude(&[id]).await?;
                    deps.commit(tx).await
                }
                (true, true) => again(tx, deps, pending, &request, invoice).await,
                (false, _) => retry(tx, deps, pending, request, invoice, &error).await,
            }
        }
    }
}

/// A new attempt with a new trace takes the place of this one, whose trace stays watched if
/// MixPay may have heard of it.
async fn again(
    mut tx: Tx,
    deps: &Deps,
    pending: &Pending,
    request: &Request,
    invoice: &Invoice,
) -> Result<(), StoreError> {
    let number = u32::try_from(invoice.facts.traces().len()).unwrap_or(u32::MAX).saturating_add(1);
    let mut facts = vec![attempt(&mut tx, deps, invoice, number, deps.now()).await?];
    if !request.doubtful {
        facts.push(Fact::Refused { trace: request.trace, code: NEVER_SENT });
    }
    learn(&mut tx, deps, invoice.id, facts, Occasion::News).await?;
    tx.conclude(&[pending.effect.id]).await?;
    deps.commit(tx).await
}

/// MixPay does not answer: the person is told once that the request is saved.
async fn retry(
    mut tx: Tx,
    deps: &Deps,
    pending: &Pending,
    request: Request,
    invoice: &Invoice,
    error: &CallError,
) -> Result<(), StoreError> {
    let now = deps.now();
    tell_saved(&mut tx, deps, invoice, now).await?;
    if error.failure == Failure::Unknown && !request.doubtful {
        let due = now.saturating_add(SignedDuration::from_secs(2)).unwrap_or(now);
        tx.wait(pending.effect.id, due).await?;
        return deps.commit(tx).await;
    }
    if !request.doubtful {
        // It did not happen, for sure.
        tx.rewrite(pending.effect.id, &request.errand(false)).await?;
    }
    deps.commit(tx).await?;
    let age = now.duration_since(invoice.created_at);
    let wait = age.checked_div(AGES_A_WAIT).unwrap_or(AGAIN_AFTER).min(AGAIN_AFTER);
    postpone(deps, pending, now.saturating_add(wait).unwrap_or(now)).await
}

/// Whoever has to wait for MixPay is told once that the request is saved.
async fn tell_saved(
    tx: &mut Tx,
    deps: &Deps,
    invoice: &Invoice,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !tx.tell_once(invoice.id, "saved", false).await? {
        return Ok(());
    }
    let locale = locale_of(tx, invoice).await?;
    let draft = Draft::text(notice::saved(invoice, locale)).about(invoice.code);
    let place = place_of(deps, invoice);
    say(tx, deps, place, Cause::Saved(invoice.id), vec![draft], now).await
}
