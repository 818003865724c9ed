//! Turns: finds out who speaks and who may, many people at once, and then handles the lines that
//! waited for it together and in their order.
//!
//! What lines wait for is a row of its own, one for all of them, so that a thousand lines of a
//! stranger cost one question. Handling asks nothing outside and therefore stands in this loop;
//! questions are tasks, so that one that hangs holds up nobody but those who wait for it.

use crate::{
    app::{
        deps::Deps,
        dispatch,
        outbox::{again_at, is_final},
    },
    domain::{
        cause::Cause,
        ids::{ConversationId, EffectId, UserId},
    },
    ports::{
        directory::{Person, USERS_PER_REQUEST_MAX},
        effect::{Effect, Errand, Found, Need, Pending},
        failure::CallError,
    },
    store::{StoreError, Tx},
};
use anyhow::Context;
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Lines that are handled in one transaction.
const TURNS_MAX: u32 = 256;
/// Requests that are made side by side.
const REQUESTS_MAX: usize = 8;
/// What is to be found out is looked at so much at a time.
const FINDS_MAX: usize = REQUESTS_MAX * USERS_PER_REQUEST_MAX;
/// How many people the first, the second and each later try asks about in one request: whoever
/// spoils the answer for others is soon asked about alone.
const PEOPLE_BY_TRY: [usize; 3] = [USERS_PER_REQUEST_MAX, 10, 1];
/// A question is asked again this often before the lines are handled without its answer.
const TRIES_MAX: u32 = 2;

/// What came of a question, for each effect that asked it.
type Answers = Vec<(Pending, Result<Found, CallError>)>;

/// The effect that finds out what lines wait for; the same for all of them.
pub fn find(deps: &Deps, need: &Need) -> Option<Effect> {
    let cause = match need {
        Need::Person(user) => Cause::FindPerson(*user),
        Need::Group(conversation) => Cause::FindGroup(*conversation),
        Need::Turn
        | Need::Number(_)
        | Need::Estimate { .. }
        | Need::Asset(_)
        | Need::Ticker(_)
        | Need::Multisig { .. }
        | Need::KnownToMixPay(_)
        | Need::Direct { .. } => return None,
    };
    let id = EffectId::new(cause.id(deps.store.secret()));
    Some(Effect { id, lane: format!("find:{id}"), errand: Errand::Find { need: need.clone() } })
}

/// Finds out and handles until told to stop, and then waits for the answers that are under way.
pub async fn run(deps: &Arc<Deps>, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut under_way: JoinSet<Result<Vec<EffectId>, StoreError>> = JoinSet::new();
    let mut busy: BTreeSet<EffectId> = BTreeSet::new();
    loop {
        let mut next = None;
        if stop.is_cancelled() {
            if under_way.is_empty() {
                return Ok(());
            }
        } else {
            deps.wakes.turns.hush();
            next = ask(deps, &mut under_way, &mut busy).await?;
            // There may be more.
            if dispatch::take_turns(deps, TURNS_MAX).await? {
                deps.wakes.turns.wake();
            }
        }
        tokio::select! {
            biased;
            Some(done) = under_way.join_next() => {
                for id in done.context("a question panicked")?? {
                    busy.remove(&id);
                }
            }
            () = deps.wakes.turns.wait_or(&*deps.clock, next) => {}
            () = stop.cancelled(), if !stop.is_cancelled() => {}
        }
    }
}

/// Asks what is due, as far as there is room; tells when something is due next.
async fn ask(
    deps: &Arc<Deps>,
    under_way: &mut JoinSet<Result<Vec<EffectId>, StoreError>>,
    busy: &mut BTreeSet<EffectId>,
) -> Result<Option<Timestamp>, StoreError> {
    let now = deps.now();
    let limit = u32::try_from(FINDS_MAX.saturating_add(busy.len())).unwrap_or(u32::MAX);
    let mut tx = deps.store.begin().await?;
    let due = tx.due_finds(now, limit).await?;
    let next = tx.next_find_due(now).await?;
    drop(tx);
    let due = due.into_iter().filter(|pending| !busy.contains(&pending.effect.id)).collect();
    for request in requests(due) {
        if under_way.len() >= REQUESTS_MAX {
            break;
        }
        busy.extend(request.iter().map(|pending| pending.effect.id));
        let deps = Arc::clone(deps);
        under_way.spawn(async move { perform(&deps, request).await });
    }
    Ok(next)
}

/// What is asked together: people by how often they were tried, everything else alone.
fn requests(due: Vec<Pending>) -> Vec<Vec<Pending>> {
    let mut people: BTreeMap<usize, Vec<Pending>> = BTreeMap::new();
    let (mut requests, mut others) = (Vec::new(), Vec::new());
    for pending in due {
        if matches!(pending.effect.errand, Errand::Find { need: Need::Person(_) }) {
            let tried = usize::try_from(pending.attempts).unwrap_or(usize::MAX);
            let together = PEOPLE_BY_TRY.get(tried).copied().unwrap_or(1);
            people.entry(together).or_default().push(pending);
        } else {
            others.push(vec![pending]);
        }
    }
    // The untried first: most of them are nobody's trouble.
    for (together, mut waiting) in people.into_iter().rev() {
        while !waiting.is_empty() {
            let rest = waiting.split_off(waiting.len().min(together));
            requests.push(std::mem::replace(&mut waiting, rest));
        }
    }
    requests.append(&mut others);
    requests
}

/// Asks one request and writes down what came of it; the effects that it was about.
async fn perform(deps: &Deps, asked: Vec<Pending>) -> Result<Vec<EffectId>, StoreError> {
    let ids = asked.iter().map(|pending| pending.effect.id).collect();
    let mut people = BTreeMap::new();
    let mut answers: Answers = Vec::new();
    for pending in asked {
        match need_of(&pending) {
            Some(Need::Person(user)) => drop(people.insert(user, pending)),
            Some(Need::Group(conversation)) => {
                let answer = deps.directory.group(conversation).await.map(Found::Group);
                answers.push((pending, answer));
            }
            // Nothing else is ever found out here.
            Some(_) | None => answers.push((pending, Ok(Found::Unavailable(None)))),
        }
    }
    answers.extend(people_of(deps, people).await);
    learn(deps, answers).await?;
    Ok(ids)
}

fn need_of(pending: &Pending) -> Option<Need> {
    match &pending.effect.errand {
        Errand::Find { need } => Some(need.clone()),
        Errand::Say { .. }
        | Errand::Picture { .. }
        | Errand::Document { .. }
        | Errand::Open { .. }
        | Errand::Ask { .. }
        | Errand::Meet { .. }
        | Errand::Turn { .. } => None,
    }
}

/// Asks about people together. If Mixin refuses that for good, it refuses one of them: each half is
/// asked about by itself, until that one is alone.
async fn people_of(deps: &Deps, mut people: BTreeMap<UserId, Pending>) -> Answers {
    let mut groups = vec![people.keys().copied().collect::<Vec<UserId>>()];
    let mut answers = Vec::new();
    while let Some(mut group) = groups.pop() {
        let found: Result<BTreeMap<UserId, Person>, CallError> = match group.as_slice() {
            [] => continue,
            [one] => {
                deps.directory.user(*one).await.map(|found| by_id(found.into_iter().collect()))
            }
            several => deps.directory.users(several).await.map(by_id),
        };
        match found {
            Err(error) if group.len() > 1 && is_final(&error) => {
                tracing::debug!(people = group.len(), "each half is asked about alone: {error}");
                let second = group.split_off(group.len().div_ceil(2));
                groups.extend([second, group]);
            }
            outcome => {
                for user in group {
                    let Some(pending) = people.remove(&user) else { continue };
                    let answer = outcome.as_ref().map(|found| found.get(&user).cloned());
                    answers.push((pending, answer.map(Found::Person).map_err(Clone::clone)));
                }
            }
        }
    }
    answers
}

fn by_id(people: Vec<Person>) -> BTreeMap<UserId, Person> {
    people.into_iter().map(|person| (person.id, person)).collect()
}

/// Keeps what was found out, and gives the lines that waited for it their turn.
async fn learn(deps: &Deps, answers: Answers) -> Result<(), StoreError> {
    let mut over = Vec::new();
    let mut tx = deps.store.begin().await?;
    for (pending, answer) in answers {
        let id = pending.effect.id;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if !is_final(&error) && pending.attempts < TRIES_MAX => {
                tracing::debug!("a question waits: {error}");
                deps.metrics.effects_failed.add(1);
                tx.postpone(&[id], again_at(deps, pending.attempts)).await?;
                continue;
            }
            Err(error) => {
                tracing::info!("a question stays unanswered: {error}");
                Found::Unavailable(error.code())
            }
        };
        over.push(id);
        let Some(need) = need_of(&pending) else { continue };
        match (&need, &answer) {
            // Whoever is kept is known from now on, and need not be told to each line.
            (Need::Person(_), Found::Person(Some(person))) => tx.keep_person(person).await?,
            (Need::Group(conversation), Found::Group(Some(group))) => {
                let conversation: ConversationId = *conversation;
                tx.keep_group(conversation, group, deps.now()).await?;
                tell(&mut tx, id, &need, &answer).await?;
            }
            (_, _) => tell(&mut tx, id, &need, &answer).await?,
        }
    }
    tx.release_all(&over).await?;
    tx.conclude(&over).await?;
    deps.commit(tx).await
}

/// Gives each line that waits behind an effect what was found out.
async fn tell(tx: &mut Tx, id: EffectId, need: &Need, answer: &Found) -> Result<(), StoreError> {
    loop {
        let waiting = tx.turns_behind(id, TURNS_MAX).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        for Pending { effect, .. } in waiting {
            let mut errand = effect.errand;
            if let Errand::Turn { found, .. } = &mut errand {
                found.push((need.clone(), answer.clone()));
            }
            tx.release(effect.id, &errand).await?;
        }
    }
}
