//! Delivery: finds out which of many things that travel in one request a service does not take.
//!
//! One request has one outcome for all that it carries. One thing that is wrong must not stop the
//! others, and a service that is away must not be asked a hundred times: so a request that failed is
//! taken apart only as long as that tells something.

use crate::{
    app::outbox::is_final,
    ports::failure::{CallError, Reason},
};
use async_trait::async_trait;
use futures::future::join_all;

/// Parts of a request that failed are sent side by side.
const SIDE_BY_SIDE: usize = 8;
/// A service that answers none of so many parts is in trouble itself; nothing is learned from more.
const COLD_MAX: usize = 8;
/// What failed together so often is taken apart at once.
const APART_FROM: u32 = 3;

/// Carries things to a service, many in one request.
#[async_trait]
pub trait Carry<T: Send + Sync>: Sync {
    /// At most so many things go in one request.
    const MOST: usize;

    /// Whether the second may only go once the first has gone.
    fn in_order(&self, first: &T, second: &T) -> bool;

    /// Carries things, which all pass or all fail.
    async fn carry(&self, things: &[T]) -> Result<(), CallError>;
}

/// What became of the things. Those that stand behind one that did not pass, in its lane, are in
/// none of the lists: they were not tried.
#[derive(Debug)]
pub struct Delivery<T> {
    /// The service took them.
    pub passed: Vec<T>,
    /// The service will never take them.
    pub refused: Vec<(T, CallError)>,
    /// They fail alone, for now, while the service takes others.
    pub doubted: Vec<(T, CallError)>,
    /// Nothing is known about them; the service is in trouble.
    pub waiting: Vec<T>,
    /// The trouble, if anything waits.
    pub trouble: Option<CallError>,
}

/// What became of one request, or of a few that followed each other.
struct Tried<T> {
    passed: Vec<T>,
    left: Vec<T>,
    error: Option<CallError>,
}

/// What a look into one lane has found.
struct Lane<T> {
    passed: Vec<T>,
    refused: Vec<(T, CallError)>,
    failed: Option<(T, CallError)>,
}

/// Whether an error is about the service or about us, and says nothing about what was carried.
pub const fn is_away(error: &CallError) -> bool {
    match error.reason {
        Reason::Unreachable(_)
        | Reason::Limited { .. }
        | Reason::Unauthorized
        | Reason::ClockSkew { .. } => true,
        Reason::NoAnswer(_) | Reason::NotUnderstood { .. } | Reason::Refused { .. } => false,
    }
}

/// Whether one more try together is worth it: a hiccup is over by then. Whoever has waited in vain
/// for an answer has waited enough.
const fn may_be_a_hiccup(error: &CallError) -> bool {
    !matches!(error.reason, Reason::NoAnswer(_))
}

/// Delivers things of which those of one lane stand next to each other; they failed together
/// `before` times already.
pub async fn deliver<T, C>(carrier: &C, things: Vec<T>, before: u32) -> Delivery<T>
where
    T: Send + Sync,
    C: Carry<T>,
{
    let Tried { passed, left, error } = together(carrier, things).await;
    let mut delivery = Delivery {
        passed,
        refused: Vec::new(),
        doubted: Vec::new(),
        waiting: Vec::new(),
        trouble: None,
    };
    let Some(error) = error else { return delivery };
    let is_early = before == 0 && may_be_a_hiccup(&error);
    if !is_final(&error) && (is_away(&error) || is_early) {
        delivery.waiting = left;
        delivery.trouble = Some(error);
        return delivery;
    }
    if left.len() > 1 {
        search(carrier, &mut delivery, left, before, error).await;
    } else if is_final(&error) {
        delivery.refused.extend(left.into_iter().map(|alone| (alone, error.clone())));
    } else {
        delivery.waiting = left;
        delivery.trouble = Some(error);
    }
    delivery
}

/// Takes what failed apart, until only those are left that fail alone.
async fn search<T, C>(
    carrier: &C,
    delivery: &mut Delivery<T>,
    left: Vec<T>,
    before: u32,
    first_error: CallError,
) where
    T: Send + Sync,
    C: Carry<T>,
{
    let mut alive = !delivery.passed.is_empty() || is_final(&first_error);
    let mut trouble = first_error;
    let mut failed: Vec<(T, CallError)> = Vec::new();
    let mut cold = 0;
    let ways = if before < APART_FROM { SIDE_BY_SIDE } else { left.len() };
    let mut parts = pieces(carrier, left, ways);
    if let Some(turn) = turn(before, parts.len()) {
        // Else those that were tried in vain the last time would be tried again, and no others.
        parts.rotate_left(turn);
    }
    while !parts.is_empty() {
        let rest = parts.split_off(parts.len().min(SIDE_BY_SIDE));
        let group = std::mem::replace(&mut parts, rest);
        let mut smaller = Vec::new();
        let mut is_service_away = false;
        for outcome in join_all(group.into_iter().map(|part| part_of(carrier, part))).await {
            match outcome {
                Outcome::Many(Tried { passed, left, error }) => {
                    alive |= !passed.is_empty();
                    delivery.passed.extend(passed);
                    let Some(error) = error else { continue };
                    if !is_final(&error) && is_away(&error) {
                        delivery.waiting.extend(left);
                        (trouble, is_service_away) = (error, true);
                        continue;
                    }
                    alive |= is_final(&error);
                    cold += 1;
                    trouble = error;
                    smaller.extend(pieces(carrier, left, 2));
                }
                Outcome::One(lane) => {
                    alive |= !lane.passed.is_empty() || !lane.refused.is_empty();
                    delivery.passed.extend(lane.passed);
                    delivery.refused.extend(lane.refused);
                    match lane.failed {
                        Some((thing, error)) if is_away(&error) => {
                            delivery.waiting.push(thing);
                            (trouble, is_service_away) = (error, true);
                        }
                        Some((thing, error)) => {
                            cold += 1;
                            failed.push((thing, error));
                        }
                        None => {}
                    }
                }
            }
        }
        parts.splice(0..0, smaller);
        if is_service_away || (!alive && cold >= COLD_MAX) {
            delivery.waiting.extend(parts.into_iter().flatten());
            break;
        }
    }
    if alive {
        delivery.doubted = failed;
    } else {
        delivery.waiting.extend(failed.into_iter().map(|(thing, _)| thing));
    }
    if !delivery.waiting.is_empty() {
        delivery.trouble = Some(trouble);
    }
}

/// With which of so many parts the search begins after so many failures.
fn turn(before: u32, parts: usize) -> Option<usize> {
    usize::try_from(before).unwrap_or_default().saturating_mul(COLD_MAX).checked_rem(parts)
}

/// What became of a part.
enum Outcome<T> {
    /// It has several lanes.
    Many(Tried<T>),
    /// It has one.
    One(Lane<T>),
}

async fn part_of<T, C>(carrier: &C, part: Vec<T>) -> Outcome<T>
where
    T: Send + Sync,
    C: Carry<T>,
{
    let is_one = part
        .first()
        .zip(part.last())
        .is_none_or(|(first, last)| part.len() == 1 || carrier.in_order(first, last));
    if is_one {
        Outcome::One(along(carrier, part).await)
    } else {
        Outcome::Many(together(carrier, part).await)
    }
}

/// Sends things in as few requests as they need, one after the other, up to the first that fails.
async fn together<T, C>(carrier: &C, mut things: Vec<T>) -> Tried<T>
where
    T: Send + Sync,
    C: Carry<T>,
{
    let mut passed = Vec::new();
    while !things.is_empty() {
        let left = things.split_off(things.len().min(C::MOST));
        if let Err(error) = carrier.carry(&things).await {
            things.extend(left);
            return Tried { passed, left: things, error: Some(error) };
        }
        if passed.is_empty() {
            passed = things;
        } else {
            passed.append(&mut things);
        }
        things = left;
    }
    Tried { passed, left: Vec::new(), error: None }
}

/// Sends what is in one lane in its order, up to the first that fails for now; what is refused for
/// good is passed by.
async fn along<T, C>(carrier: &C, lane: Vec<T>) -> Lane<T>
where
    T: Send + Sync,
    C: Carry<T>,
{
    let mut found = Lane { passed: Vec::new(), refused: Vec::new(), failed: None };
    let mut stretches = vec![lane];
    while let Some(mut stretch) = stretches.pop() {
        if stretch.is_empty() {
            continue;
        }
        let error = if stretch.len() > C::MOST {
            None
        } else {
            match carrier.carry(&stretch).await {
                Ok(()) => {
                    found.passed.append(&mut stretch);
                    continue;
                }
                Err(error) => Some(error),
            }
        };
        match (error, stretch.len()) {
            (Some(error), 1) => {
                let Some(alone) = stretch.pop() else { continue };
                if is_final(&error) {
                    found.refused.push((alone, error));
                } else {
                    found.failed = Some((alone, error));
                    return found;
                }
            }
            (_, many) => {
                let second = stretch.split_off(many.div_ceil(2));
                stretches.extend([second, stretch]);
            }
        }
    }
    found
}

/// Things in about so many parts; a lane stays in one.
pub fn pieces<T, C>(carrier: &C, things: Vec<T>, ways: usize) -> Vec<Vec<T>>
where
    T: Send + Sync,
    C: Carry<T>,
{
    let size = things.len().div_ceil(ways.max(1)).max(1);
    let mut lanes: Vec<Vec<T>> = Vec::new();
    for thing in things {
        let is_next =
            |lane: &&mut Vec<T>| lane.last().is_some_and(|last| carrier.in_order(last, &thing));
        match lanes.last_mut().filter(is_next) {
            Some(lane) => lane.push(thing),
            None => lanes.push(vec![thing]),
        }
    }
    packed(lanes, size)
}

/// Lanes in parts of at most so many things, or of one lane that is longer.
pub fn packed<T>(lanes: impl IntoIterator<Item = Vec<T>>, size: usize) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = Vec::new();
    for lane in lanes {
        match parts.last_mut().filter(|part| part.len().saturating_add(lane.len()) <= size) {
            Some(part) => part.extend(lane),
            None => parts.push(lane),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::failure::Failure;
    use std::{
        collections::BTreeSet,
        sync::atomic::{AtomicUsize, Ordering},
    };

    /// Takes numbers; those of the same hundred are in one lane.
    struct Service {
        poisoned: BTreeSet<u32>,
        error: CallError,
        is_down: bool,
        requests: AtomicUsize,
    }

    fn error(failure: Failure, reason: Reason) -> CallError {
        CallError { failure, service: "mixin", call: "POST /messages", reason }
    }

    fn code(failure: Failure, code: i64) -> CallError {
        error(failure, Reason::Refused { code, message: String::new() })
    }

    impl Service {
        fn poisoned(poisoned: impl IntoIterator<Item = u32>, error: CallError) -> Self {
            let poisoned = poisoned.into_iter().collect();
            Self { poisoned, error, is_down: false, requests: AtomicUsize::new(0) }
        }

        fn down(error: CallError) -> Self {
            Self { is_down: true, ..Self::poisoned([], error) }
        }

        async fn takes(&self, things: &[u32], before: u32) -> (Vec<u32>, [Vec<u32>; 3], usize) {
            self.requests.store(0, Ordering::Relaxed);
            let delivery = deliver(self, things.to_vec(), before).await;
            let numbers = |list: Vec<(u32, CallError)>| {
                let mut list: Vec<u32> = list.into_iter().map(|(number, _)| number).collect();
                list.sort_unstable();
                list
            };
            let sorted = |mut list: Vec<u32>| {
                list.sort_unstable();
                list
            };
            assert_eq!(delivery.waiting.is_empty(), delivery.trouble.is_none());
            let others =
                [numbers(delivery.refused), numbers(delivery.doubted), sorted(delivery.waiting)];
            (sorted(delivery.passed), others, self.requests.load(Ordering::Relaxed))
        }
    }

    #[async_trait]
    impl Carry<u32> for Service {
        const MOST: usize = 100;

        fn in_order(&self, first: &u32, second: &u32) -> bool {
            first / 100 == second / 100
        }

        async fn carry(&self, things: &[u32]) -> Result<(), CallError> {
            self.requests.fetch_add(1, Ordering::Relaxed);
            assert!((1..=Self::MOST).contains(&things.len()));
            let fails = self.is_down || things.iter().any(|thing| self.poisoned.contains(thing));
            if fails { Err(self.error.clone()) } else { Ok(()) }
        }
    }

    /// A hundred lanes of one thing each.
    fn lanes() -> Vec<u32> {
        (0..100).map(|lane| lane * 100).collect()
    }

    fn all_but(out: &[u32]) -> Vec<u32> {
        lanes().into_iter().filter(|lane| !out.contains(lane)).collect()
    }

    #[tokio::test]
    async fn what_passes_needs_as_few_requests_as_it_can() {
        let service = Service::poisoned([], code(Failure::Permanent, 10002));
        assert_eq!(service.takes(&lanes(), 0).await, (lanes(), [vec![], vec![], vec![]], 1));
        let many: Vec<u32> = (0..250).map(|lane| lane * 100).collect();
        assert_eq!(service.takes(&many, 0).await.2, 3);
    }

    #[tokio::test]
    async fn whatever_is_refused_for_good_is_found_among_a_hundred_however_many_they_are() {
        for refused in [vec![], vec![0], vec![9900], vec![4200, 4300], vec![100, 5000, 9900]] {
            for final_code in [10002, 403, 404, 77777] {
                let error = code(Failure::Permanent, final_code);
                let service = Service::poisoned(refused.clone(), error);
                let (passed, others, requests) = service.takes(&lanes(), 0).await;
                assert_eq!(others, [refused.clone(), vec![], vec![]]);
                assert_eq!(passed, all_but(&refused));
                assert!(requests <= 1 + 8 + refused.len() * 10, "{requests} for {refused:?}");
            }
        }
    }

    #[tokio::test]
    async fn what_fails_for_now_is_tried_together_once_more_and_then_found() {
        let errors = [
            code(Failure::Unknown, 500),
            code(Failure::Transient, 10001),
            error(Failure::Unknown, Reason::NotUnderstood { status: 502, start: String::new() }),
        ];
        for error in errors {
            let service = Service::poisoned([4200, 7100], error);
            let (passed, others, requests) = service.takes(&lanes(), 0).await;
            assert_eq!((passed, others, requests), (vec![], [vec![], vec![], lanes()], 1));
            let (passed, others, requests) = service.takes(&lanes(), 1).await;
            assert_eq!(others, [vec![], vec![4200, 7100], vec![]]);
            assert_eq!(passed, all_but(&[4200, 7100]));
            assert!(requests <= 29, "{requests}");
        }
    }

    #[tokio::test]
    async fn what_is_never_answered_is_looked_for_at_once() {
        let late = error(Failure::Unknown, Reason::NoAnswer("too late".to_owned()));
        let service = Service::poisoned([4200], late);
        let (passed, others, _) = service.takes(&lanes(), 0).await;
        assert_eq!((passed, others), (all_but(&[4200]), [vec![], vec![4200], vec![]]));
    }

    #[tokio::test]
    async fn what_is_about_us_or_says_wait_is_no_reason_to_look() {
        let reasons = [
            Reason::Unreachable(String::new()),
            Reason::Limited { retry_after: None },
            Reason::Unauthorized,
            Reason::ClockSkew { seconds: 700 },
        ];
        for reason in reasons {
            for failure in [Failure::Transient, Failure::Permanent, Failure::Unknown] {
                let is_ours = matches!(reason, Reason::Unauthorized | Reason::ClockSkew { .. });
                if failure == Failure::Permanent && !is_ours {
                    continue;
                }
                let service = Service::down(error(failure, reason.clone()));
                let (_, others, requests) = service.takes(&lanes(), 5).await;
                assert_eq!((others, requests), ([vec![], vec![], lanes()], 1), "{reason:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_service_that_takes_nothing_is_not_asked_a_hundred_times() {
        for before in 0..9 {
            let service = Service::down(code(Failure::Unknown, 500));
            let (_, others, requests) = service.takes(&lanes(), before).await;
            assert_eq!(others, [vec![], vec![], lanes()]);
            assert!(requests <= 9, "{requests}");
        }
    }

    #[tokio::test]
    async fn more_poison_than_parts_is_got_past_too() {
        let poison: Vec<u32> = (0..100).step_by(9).map(|lane| lane * 100).collect();
        let service = Service::poisoned(poison.clone(), code(Failure::Unknown, 500));
        let (passed, ..) = service.takes(&lanes(), 1).await;
        assert_eq!(passed, Vec::<u32>::new(), "each part has some");
        let (passed, others, _) = service.takes(&lanes(), 3).await;
        assert_eq!((passed, others), (all_but(&poison), [vec![], poison, vec![]]));
        // Not even if the first dozen are all poisoned.
        let first: Vec<u32> = (0..12).map(|lane| lane * 100).collect();
        let service = Service::poisoned(first.clone(), code(Failure::Unknown, 500));
        let mut passed = 0;
        for before in 3..6 {
            passed = passed.max(service.takes(&lanes(), before).await.0.len());
        }
        assert_eq!(passed, 88);
    }

    #[tokio::test]
    async fn what_stands_behind_it_in_its_lane_waits_and_nothing_overtakes() {
        // Three lanes of five; the third of the second lane fails.
        let things: Vec<u32> =
            (0..3).flat_map(|lane| (0..5).map(move |n| lane * 100 + n)).collect();
        let service = Service::poisoned([102], code(Failure::Unknown, 500));
        let (passed, others, _) = service.takes(&things, 1).await;
        assert_eq!(others, [vec![], vec![102], vec![]]);
        assert_eq!(passed, [0, 1, 2, 3, 4, 100, 101, 200, 201, 202, 203, 204]);
        // What is refused for good is passed by.
        let service = Service::poisoned([102], code(Failure::Permanent, 10002));
        let (passed, others, _) = service.takes(&things, 0).await;
        assert_eq!(others, [vec![102], vec![], vec![]]);
        assert_eq!(passed.len(), 14);
        // A short lane beside a long one, and a lane that no request can carry whole.
        let long: Vec<u32> = (0..1).chain(100..199).collect();
        let service = Service::poisoned([150], code(Failure::Unknown, 500));
        let (passed, others, _) = service.takes(&long, 1).await;
        assert_eq!((passed.len(), others), (51, [vec![], vec![150], vec![]]));
    }
}
