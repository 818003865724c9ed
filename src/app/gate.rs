//! Gate: the one way to MixPay for all that counts against its limit.
//!
//! A call takes a permit, which only the store makes ([`crate::store::Tx::take_permit`]). The gate
//! counts it, makes it, and hears what the answer means for everybody: that MixPay wants a pause,
//! or that a pause is over.

use crate::{
    app::deps::Deps,
    domain::shares::Wish,
    ports::{
        checkout::{Checkout, PaymentRequest},
        failure::{CallError, Failure, Reason, pause_until},
    },
    runtime::readiness::{Condition, SILENCE_MAX},
    store::{Grant, Permit, StoreError, Tx},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// A person waits this long for MixPay before they are told.
pub const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

/// MixPay, behind the gate. What needs no request is had without a permit.
pub struct Gate {
    mixpay: Arc<dyn Checkout>,
    /// Since when none of our requests was answered, by the clock that nobody sets.
    silent_since: Mutex<Option<Duration>>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

impl Gate {
    /// The gate before this MixPay.
    pub const fn new(mixpay: Arc<dyn Checkout>) -> Self {
        Self { mixpay, silent_since: Mutex::new(None) }
    }

    /// For how long MixPay has not answered, after a request that it answered or did not.
    fn silence(&self, is_answered: bool, now: Duration) -> Duration {
        let mut since = self.silent_since.lock().unwrap_or_else(PoisonError::into_inner);
        if is_answered {
            *since = None;
            return Duration::ZERO;
        }
        now.saturating_sub(*since.get_or_insert(now))
    }

    /// The exact JSON body of a request; it is stored before it is sent, and sent as it is.
    pub fn body(&self, request: &PaymentRequest) -> String {
        self.mixpay.body(request)
    }

    /// The page where a one-time payment is paid.
    pub fn payment_page(&self, code: &str) -> String {
        self.mixpay.payment_page(code)
    }
}

/// A permit for a wish that nothing else has to be written down with.
pub async fn permit(deps: &Deps, wish: Wish) -> Result<Grant, StoreError> {
    let mut tx = deps.store.begin().await?;
    let grant = tx.take_permit(wish, deps.rules.requests_per_minute, deps.now()).await?;
    deps.commit(tx).await?;
    Ok(grant)
}

/// A permit for somebody who does not wait longer than [`PATIENCE`]: then their wish is forgotten,
/// so that nobody waits for them.
pub async fn permit_soon(deps: &Deps, wish: Wish) -> Result<Grant, StoreError> {
    let now = deps.now();
    let mut tx = deps.store.begin().await?;
    let grant = tx.take_permit(wish, deps.rules.requests_per_minute, now).await?;
    if let Grant::NotBefore(when) = &grant
        && when.duration_since(now) > PATIENCE
    {
        tx.withdraw(wish).await?;
    }
    deps.commit(tx).await?;
    Ok(grant)
}

/// Makes the request that the permit is for. `Err` is the store's; what MixPay said is within.
pub async fn call<T, F>(
    deps: &Deps,
    permit: Permit,
    request: impl FnOnce(Arc<dyn Checkout>) -> F + Send,
) -> Result<Result<T, CallError>, StoreError>
where
    F: Future<Output = Result<T, CallError>> + Send,
{
    deps.metrics.mixpay_requests.add(permit.purpose().name(), 1);
    let outcome = request(Arc::clone(&deps.mixpay.mixpay)).await;
    hear_silence(deps, &outcome);
    let now = deps.now();
    match &outcome {
        Err(CallError { reason: Reason::Limited { retry_after }, .. }) => {
            deps.metrics.mixpay_limited.add(1);
            let mut tx = deps.store.begin().await?;
            tx.pause_mixpay(pause_until(now, *retry_after), now).await?;
            look(&mut tx, deps, now).await?;
            deps.commit(tx).await?;
        }
        answer if permit.is_probe() => {
            // A plain no is an answer, too; silence and a failing server are none.
            let well = answer.as_ref().map_or_else(|e| e.failure == Failure::Permanent, |_| true);
            let mut tx = deps.store.begin().await?;
            tx.end_probe(well).await?;
            look(&mut tx, deps, now).await?;
            deps.commit(tx).await?;
        }
        Ok(_) | Err(_) => {}
    }
    Ok(outcome)
}

/// Tells `/readyz` whether MixPay is silent: then no money is looked at.
fn hear_silence<T>(deps: &Deps, outcome: &Result<T, CallError>) {
    let is_answer = |error: &CallError| {
        error.failure == Failure::Permanent || matches!(error.reason, Reason::Limited { .. })
    };
    let is_answered = outcome.as_ref().map_or_else(is_answer, |_| true);
    let silence = deps.mixpay.silence(is_answered, deps.clock.steady());
    let why = || format!("MixPay has not answered for {} s", silence.as_secs());
    deps.readiness.set(Condition::MixPay, (silence > SILENCE_MAX).then(why));
}

/// Tells `/readyz` and `/metrics` whether MixPay has asked for a pause.
pub async fn look(tx: &mut Tx, deps: &Deps, now: Timestamp) -> Result<(), StoreError> {
    let until = tx.mixpay_pause(now).await?.map(|pause| pause.until);
    let left = until.map_or(0, |until| until.duration_since(now).as_secs().max(0));
    deps.metrics.mixpay_paused_seconds.set(u64::try_from(left).unwrap_or(0));
    let why = until.filter(|until| *until > now).map(|until| {
        let time = until.strftime("%H:%M:%S");
        format!("MixPay asked for a pause until {time} UTC ({left} s)")
    });
    deps.readiness.set(Condition::Paused, why);
    Ok(())
}
