//! Messages: shows what is ready to be shown, up to a hundred in one request.

use crate::{
    app::{
        deps::Deps,
        outbox::{
            again_at,
            delivery::{Carry, Delivery, deliver, is_away, packed, pieces},
        },
        reply::{Place, say},
    },
    domain::{cause::Cause, ids::EffectId, locale::Locale},
    ports::{
        chat::{Body, MESSAGES_PER_REQUEST_MAX, OutgoingMessage},
        effect::{Errand, Pending},
        failure::CallError,
    },
    speech::{Draft, answer},
    store::{StoreError, Tx},
};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};
use tokio_util::sync::CancellationToken;

/// Messages that are looked for, and removed from the store once they are shown, in one go.
const SHOWN_MAX: usize = 500;
/// Loads that are under way side by side.
const LOADS_MAX: usize = 16;
/// Doubted messages that are tried side by side; they take no place of the others.
const DOUBTED_MAX: usize = 4;
/// Loads that begin together are waited for so long, to be concluded together. A later one holds up
/// its own lanes alone.
const PATIENCE: SignedDuration = SignedDuration::from_millis(500);
/// A load of several lanes that is not answered by then is divided: one message that is never
/// answered must not hold up those that travel with it. Its parts go beside it, and whichever is
/// answered first counts: Mixin knows by its id what it has shown.
const LATE: SignedDuration = SignedDuration::from_millis(700);
/// A load is divided into about so many parts, and each of these once more if it is late while
/// what went no sooner is taken: that takes a hundred apart.
const PARTS: usize = 10;
/// How often a message may be in a load that is divided.
const DIVISIONS_MAX: u32 = 2;
/// A message that fails alone for so long, while others are taken, is given up on.
const DOUBTED_FOR: SignedDuration = SignedDuration::from_hours(6);
/// Whether others are taken is judged by what was taken within this time.
const TAKEN_LATELY: SignedDuration = SignedDuration::from_hours(1);
/// Mixin's code for "the recipient blocked the bot, or the bot is not in the conversation".
const FORBIDDEN: i64 = 403;

/// Puts messages into Mixin.
struct Saying<'d>(&'d Deps);

#[async_trait]
impl Carry<Arc<Pending>> for Saying<'_> {
    const MOST: usize = MESSAGES_PER_REQUEST_MAX;

    fn in_order(&self, first: &Arc<Pending>, second: &Arc<Pending>) -> bool {
        first.effect.lane == second.effect.lane
    }

    async fn carry(&self, things: &[Arc<Pending>]) -> Result<(), CallError> {
        let mut messages = Vec::with_capacity(things.len());
        for pending in things {
            if let Errand::Say { message, open_first } = &pending.effect.errand {
                // Earlier versions had no errand of its own for this.
                if let (true, Some(person)) = (*open_first, message.recipient) {
                    self.0.chat.open_conversation(person).await?;
                }
                messages.push(message.clone());
            }
        }
        self.0.chat.send(&messages).await
    }
}

/// Why a load is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LoadKind {
    /// It was due in this round.
    Due(u64),
    /// It is one message, which is doubted.
    Doubted,
    /// It is a part of a load that was late, which was divided so often.
    Part(u32),
}

impl LoadKind {
    /// Whether its messages have failed before: alone, or with others.
    const fn is_again(self, before: u32) -> bool {
        before > 0 || matches!(self, Self::Part(_))
    }
}

/// A load that is under way.
struct Load {
    messages: Vec<Arc<Pending>>,
    kind: LoadKind,
    began: Timestamp,
    /// Its parts go beside it: what it fails of is theirs.
    is_divided: bool,
}

impl Load {
    /// Whether anything in it could go without the rest.
    fn is_of_several_lanes(&self) -> bool {
        let ends = self.messages.first().zip(self.messages.last());
        ends.is_some_and(|(first, last)| first.effect.lane != last.effect.lane)
    }

    const fn divisions(&self) -> u32 {
        match self.kind {
            LoadKind::Part(divisions) => divisions,
            LoadKind::Due(_) | LoadKind::Doubted => 0,
        }
    }
}

/// What came of a load.
struct Landed {
    number: u64,
    kind: LoadKind,
    /// How often it had failed before.
    before: u32,
    delivery: Delivery<Arc<Pending>>,
}

/// What is under way.
#[derive(Default)]
struct Traffic<'d> {
    flights: FuturesUnordered<BoxFuture<'d, Landed>>,
    loads: BTreeMap<u64, Load>,
    begun: u64,
    /// How many messages of a lane are under way: what follows in it has to wait.
    busy: BTreeMap<String, usize>,
    /// The messages of which nothing is known yet.
    open: HashSet<EffectId>,
    /// When Mixin took a message last.
    taken_at: Option<Timestamp>,
    /// When the newest load began that it took anything of.
    taken_began: Option<Timestamp>,
}

impl<'d> Traffic<'d> {
    fn count(&self, which: impl Fn(LoadKind) -> bool) -> usize {
        self.loads.values().filter(|load| which(load.kind)).count()
    }

    /// How many loads may begin.
    fn free(&self) -> usize {
        LOADS_MAX.saturating_sub(self.count(|kind| matches!(kind, LoadKind::Due(_))))
    }

    /// Sends messages on their way that were not yet.
    fn begin(&mut self, deps: &'d Deps, messages: Vec<Pending>, kind: LoadKind) {
        let messages: Vec<_> = messages.into_iter().map(Arc::new).collect();
        for message in &messages {
            self.open.insert(message.effect.id);
            if let Some(count) = self.busy.get_mut(&message.effect.lane) {
                *count = count.saturating_add(1);
            } else {
                self.busy.insert(message.effect.lane.clone(), 1);
            }
        }
        self.fly(deps, messages, kind);
    }

    fn fly(&mut self, deps: &'d Deps, messages: Vec<Arc<Pending>>, kind: LoadKind) {
        let before = messages.iter().map(|pending| pending.attempts).max().unwrap_or_default();
        let number = self.begun;
        self.begun = number.wrapping_add(1);
        let load = Load { messages: messages.clone(), kind, began: deps.now(), is_divided: false };
        self.loads.insert(number, load);
        self.flights.push(Box::pin(async move {
            let delivery = deliver(&Saying(deps), messages, before).await;
            Landed { number, kind, before, delivery }
        }));
    }

    /// When the next load will be late.
    fn next_late(&self) -> Option<Timestamp> {
        let divisible = self.loads.values().filter(|load| self.may_be_divided(load));
        divisible.map(|load| load.began.saturating_add(LATE).unwrap_or(Timestamp::MAX)).min()
    }

    /// A service that takes nothing is not asked a hundred times.
    fn may_be_divided(&self, load: &Load) -> bool {
        let others_pass = || self.taken_began.is_some_and(|began| began >= load.began);
        let is_open = |message: &Arc<Pending>| self.open.contains(&message.effect.id);
        !load.is_divided
            && load.divisions() < DIVISIONS_MAX
            && load.is_of_several_lanes()
            && (load.divisions() == 0 || others_pass())
            && load.messages.iter().any(is_open)
    }

    /// Divides the loads that are late.
    fn divide(&mut self, deps: &'d Deps) {
        let now = deps.now();
        let is_late = |load: &Load| now.duration_since(load.began) >= LATE;
        let late = self.loads.iter().filter(|(_, load)| is_late(load) && self.may_be_divided(load));
        let late: Vec<u64> = late.map(|(number, _)| *number).collect();
        for number in late {
            let Some(load) = self.loads.get_mut(&number) else { continue };
            load.is_divided = true;
            let kind = LoadKind::Part(load.divisions().saturating_add(1));
            let parts = pieces(&Saying(deps), load.messages.clone(), PARTS);
            tracing::warn!(
                parts = parts.len(),
                "a request is late; its messages go apart beside it"
            );
            for part in parts {
                self.fly(deps, part, kind);
            }
        }
    }

    /// One has come back; what of it is news.
    fn landed(&mut self, mut landed: Landed, now: Timestamp) -> Landed {
        let Some(load) = self.loads.remove(&landed.number) else { return landed };
        let Delivery { passed, refused, doubted, waiting, trouble } = &mut landed.delivery;
        if !passed.is_empty() {
            self.taken_at = Some(now);
            self.taken_began = self.taken_began.max(Some(load.began));
        }
        passed.retain(|message| self.settle(message));
        if load.is_divided {
            // Its parts tell what else there is to know.
            refused.clear();
            doubted.clear();
            waiting.clear();
        } else {
            refused.retain(|(message, _)| self.settle(message));
            doubted.retain(|(message, _)| self.settle(message));
            waiting.retain(|message| self.settle(message));
            // Those that were not tried are looked for again.
            for message in &load.messages {
                self.settle(message);
            }
        }
        if waiting.is_empty() {
            *trouble = None;
        }
        landed
    }

    /// Something is known of a message; whether that is news.
    fn settle(&mut self, message: &Pending) -> bool {
        let is_news = self.open.remove(&message.effect.id);
        if is_news && let Some(count) = self.busy.get_mut(&message.effect.lane) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.busy.remove(&message.effect.lane);
            }
        }
        is_news
    }

    /// What there is room for.
    fn room(&self, now: Timestamp) -> Room {
        let doubted = self.count(|kind| kind == LoadKind::Doubted);
        Room {
            busy: self.busy.keys().cloned().collect(),
            free: self.free(),
            doubted: DOUBTED_MAX.saturating_sub(doubted),
            takes: self.taken_at.is_some_and(|at| now.duration_since(at) < TAKEN_LATELY),
        }
    }
}

/// What there is room for beside what is under way.
struct Room {
    /// Lanes that have to wait.
    busy: BTreeSet<String>,
    /// Loads that may begin.
    free: usize,
    /// Doubted messages that may be tried.
    doubted: usize,
    /// Whether Mixin takes messages.
    takes: bool,
}

/// What there is to show.
struct Outlook {
    due: Vec<Pending>,
    doubted: Vec<Pending>,
    /// When there will be more.
    next: Option<Timestamp>,
}

/// Shows messages until told to stop, and then finishes what is under way.
pub async fn run(deps: &Deps, stop: &CancellationToken) -> Result<(), StoreError> {
    let mut traffic = Traffic::default();
    let mut landed: Vec<Landed> = Vec::new();
    for round in 0.. {
        let is_over = stop.is_cancelled();
        let room = traffic.room(deps.now());
        let Outlook { due, doubted, next } = look(deps, &room, &mut landed, is_over).await?;
        if is_over && traffic.flights.is_empty() {
            return Ok(());
        }
        let mut awaited = 0_usize;
        for load in loads(due).into_iter().take(traffic.free()) {
            traffic.begin(deps, load, LoadKind::Due(round));
            awaited += 1;
        }
        for alone in doubted {
            traffic.begin(deps, vec![alone], LoadKind::Doubted);
        }
        let patience = deps.now().saturating_add(PATIENCE).unwrap_or(Timestamp::MAX);
        let may_begin = !is_over && traffic.free() > 0;
        loop {
            let late = traffic.next_late();
            tokio::select! {
                biased;
                Some(one) = traffic.flights.next(), if !traffic.flights.is_empty() => {
                    let mut one = Some(one);
                    while let Some(back) = one {
                        awaited = awaited.saturating_sub(usize::from(back.kind == LoadKind::Due(round)));
                        landed.push(traffic.landed(back, deps.now()));
                        one = traffic.flights.next().now_or_never().flatten();
                    }
                    if awaited == 0 || is_over {
                        break;
                    }
                }
                () = deps.clock.sleep_until(late.unwrap_or(Timestamp::MAX)), if late.is_some() => {
                    traffic.divide(deps);
                }
                () = deps.clock.sleep_until(patience), if awaited > 0 => break,
                () = deps.wakes.messages.wait_or(&*deps.clock, next), if awaited == 0 && may_begin => break,
                () = stop.cancelled(), if !is_over => break,
            }
        }
    }
    Ok(())
}

/// Messages as loads, in their order: those of a lane are in one, and those that failed before are
/// not among those that are new.
fn loads(due: Vec<Pending>) -> Vec<Vec<Pending>> {
    let mut lanes: Vec<Vec<Pending>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for pending in due {
        let place = *places.entry(pending.effect.lane.clone()).or_insert(lanes.len());
        match lanes.get_mut(place) {
            Some(lane) => lane.push(pending),
            None => lanes.push(vec![pending]),
        }
    }
    let failed = |lane: &Vec<Pending>| lane.iter().any(|pending| pending.attempts > 0);
    let (again, new): (Vec<_>, Vec<_>) = lanes.into_iter().partition(failed);
    let mut loads = packed(new, MESSAGES_PER_REQUEST_MAX);
    loads.extend(packed(again, MESSAGES_PER_REQUEST_MAX));
    loads
}

/// Writes down what came of loads, and looks what is next, in one transaction.
async fn look(
    deps: &Deps,
    room: &Room,
    landed: &mut Vec<Landed>,
    is_over: bool,
) -> Result<Outlook, StoreError> {
    deps.wakes.messages.hush();
    let now = deps.now();
    let mut tx = deps.store.begin().await?;
    let mut shown: Vec<EffectId> = Vec::new();
    let has_landed = !landed.is_empty();
    for Landed { before, kind, delivery, .. } in landed.drain(..) {
        let Delivery { passed, refused, doubted, waiting, trouble } = delivery;
        shown.extend(passed.iter().map(|pending| pending.effect.id));
        for (pending, error) in refused {
            refuse(&mut tx, deps, &pending, &error).await?;
        }
        for (pending, error) in doubted {
            doubt(&mut tx, deps, room, &pending, &error).await?;
        }
        let Some(error) = trouble else { continue };
        match waiting.as_slice() {
            // Nothing in its own load tells whether Mixin takes others; what came of other loads does.
            [alone]
                if kind == LoadKind::Doubted
                    || (kind.is_again(before) && room.takes && !is_away(&error)) =>
            {
                doubt(&mut tx, deps, room, alone, &error).await?;
            }
            _ => postpone(&mut tx, deps, &waiting, before, &error).await?,
        }
    }
    if !shown.is_empty() {
        tx.conclude(&shown).await?;
    }
    let mut outlook = Outlook { due: Vec::new(), doubted: Vec::new(), next: None };
    let limit = SHOWN_MAX.min(room.free.saturating_mul(MESSAGES_PER_REQUEST_MAX));
    if !is_over && limit > 0 {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        outlook.due = tx.due_messages_beside(&room.busy, now, limit).await?;
        let few = u32::try_from(room.doubted).unwrap_or(0);
        outlook.doubted = tx.due_doubted(&room.busy, now, few).await?;
        if outlook.due.is_empty() {
            outlook.next = tx.next_message_due(now).await?;
        }
    }
    // What waited behind these in their lanes may be due now.
    let errands_wait = has_landed && tx.errands_wait().await?;
    if has_landed {
        deps.commit_silently(tx).await?;
    }
    if errands_wait {
        deps.wakes.errands.wake();
    }
    Ok(outlook)
}

/// Mixin is in trouble, or may have shown it already: all of this waits.
async fn postpone(
    tx: &mut Tx,
    deps: &Deps,
    waiting: &[Arc<Pending>],
    before: u32,
    error: &CallError,
) -> Result<(), StoreError> {
    let due = again_at(deps, before);
    tracing::warn!(effects = waiting.len(), %due, "messages wait: {error}");
    deps.metrics.effects_failed.add(1);
    let ids: Vec<EffectId> = waiting.iter().map(|pending| pending.effect.id).collect();
    tx.postpone(&ids, due).await
}

/// A message that fails alone, while Mixin takes others: it and its lane wait, and nobody else.
async fn doubt(
    tx: &mut Tx,
    deps: &Deps,
    room: &Room,
    pending: &Pending,
    error: &CallError,
) -> Result<(), StoreError> {
    let (id, now) = (pending.effect.id, deps.now());
    let age = pending.doubted.map(|since| now.duration_since(since));
    if age.is_some_and(|age| age >= DOUBTED_FOR) && room.takes && !is_away(error) {
        tracing::error!(effect.id = %id, %error, "a message fails for hours while others do not, and is parked");
        deps.metrics.effects_parked.add(1);
        tx.park(id).await?;
        return tell_operators(tx, deps, pending).await;
    }
    let due = again_at(deps, pending.attempts);
    tracing::warn!(effect.id = %id, %due, "a message fails alone, and waits with its lane: {error}");
    deps.metrics.effects_failed.add(1);
    tx.doubt(id, now, due).await
}

/// The operators are told in private that a message was given up on.
async fn tell_operators(tx: &mut Tx, deps: &Deps, pending: &Pending) -> Result<(), StoreError> {
    let Errand::Say { message, .. } = &pending.effect.errand else { return Ok(()) };
    let id = pending.effect.id;
    for operator in deps.operators() {
        let locale = tx.person_settings(operator).await?.locale.unwrap_or(Locale::En);
        let text = answer::given_up(&id.to_string(), message.conversation, locale);
        let place = Place { new: true, ..Place::private(deps, operator) };
        let cause = Cause::GivenUp(id, operator);
        say(tx, deps, place, cause, vec![Draft::text(text)], deps.now()).await?;
    }
    Ok(())
}

/// A message that Mixin will never show: as plain text if it was more, else parked.
async fn refuse(
    tx: &mut Tx,
    deps: &Deps,
    pending: &Pending,
    error: &CallError,
) -> Result<(), StoreError> {
    let id = pending.effect.id;
    match plainer(&pending.effect.errand) {
        _ if error.code() == Some(FORBIDDEN) => {
            tracing::info!(effect.id = %id, "a message is dropped: we may not speak there");
            tx.conclude(&[id]).await
        }
        Some(plain) => {
            tracing::warn!(effect.id = %id, %error, "a message is refused, and goes out as plain text");
            tx.replace(id, &plain, deps.now()).await
        }
        None => {
            tracing::error!(effect.id = %id, %error, "a message is refused for good and parked");
            deps.metrics.effects_parked.add(1);
            tx.park(id).await
        }
    }
}

/// A card or buttons as text with the same words and links.
fn plainer(errand: &Errand) -> Option<Errand> {
    let Errand::Say { message, open_first } = errand else { return None };
    let lines = |buttons: &[crate::ports::chat::Button]| {
        let line = |button: &crate::ports::chat::Button| {
            let action = button.action.strip_prefix("input:").unwrap_or(&button.action);
            format!("{}: {action}", button.label)
        };
        buttons.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    let text = match &message.body {
        Body::Card(card) => {
            format!("{}\n{}\n{}", card.title, card.description, lines(&card.buttons))
        }
        Body::Buttons(buttons) => lines(buttons),
        Body::Text(_) | Body::Contact(_) | Body::Image(_) | Body::File(_) => return None,
    };
    let message = OutgoingMessage { body: Body::Text(text), ..message.clone() };
    Some(Errand::Say { message, open_first: *open_first })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::chat::{Button, Card};

    fn say(body: Body) -> Errand {
        let message = OutgoingMessage {
            id: "ba1ccb11-b341-45d4-8c45-e5b81bdd4b39".parse().unwrap(),
            conversation: "c98ad5b7-5cb5-4eb5-8a2e-0a1b2c3d4e5f".parse().unwrap(),
            recipient: None,
            quote: None,
            silent: true,
            body,
        };
        Errand::Say { message, open_first: true }
    }

    #[test]
    fn a_card_that_is_refused_goes_out_as_text_with_its_words_and_links() {
        let button = |label: &str, action: &str| Button {
            label: label.to_owned(),
            color: "#3D75E3".to_owned(),
            action: action.to_owned(),
        };
        let buttons = vec![button("Pay", "https://a.example"), button("Status", "input:status")];
        let card = Body::Card(Card {
            title: "10.00 USD".to_owned(),
            description: "Pay to Bob".to_owned(),
            buttons: buttons.clone(),
            shareable: true,
            updated_at: String::new(),
        });
        let links = "Pay: https://a.example\nStatus: status";
        let text = Body::Text(format!("10.00 USD\nPay to Bob\n{links}"));
        assert_eq!(plainer(&say(card)), Some(say(text)));
        assert_eq!(plainer(&say(Body::Buttons(buttons))), Some(say(Body::Text(links.to_owned()))));
        assert_eq!(plainer(&say(Body::Text("hello".to_owned()))), None);
    }
}
