//! Arbitrary stories of an invoice: facts of every kind, with times that meet at the moments that
//! matter.

use super::{
    CLOSES, DEADLINE, TRX, amount, arrived, asset, attempted, cancelled, opened, page, refused,
    said_of, success, terms, trace, user,
};
use mixpay_bot::domain::{
    ids::MessageId,
    invoice::{
        fact::{About, ArrivalKind, Decision, Fact, Facts, Role, Word},
        notices::{Notice, notices},
        report::{Report, Status},
        standing::Standing,
        terms::Terms,
    },
};
use proptest::{option, prelude::*, sample::select};
use uuid::Uuid;

/// Facts that a story has besides those about its making.
const FACTS_MAX: usize = 9;

fn moment() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0..DEADLINE + 5,
        1 => select(vec![DEADLINE, DEADLINE + 1, CLOSES, CLOSES + 1]),
        1 => 2870..2900_i64,
        1 => 5000..6000_i64,
    ]
}

fn status() -> impl Strategy<Value = Status> {
    select(vec![
        Status::Unpaid,
        Status::NotFound,
        Status::Pending,
        Status::Auditing,
        Status::Success,
        Status::Success,
        Status::Failed,
        Status::Failed,
        Status::Other("reviewing".to_owned()),
    ])
}

/// What an answer says about who pays whom how much for what.
fn identity(attempt: u32) -> impl Strategy<Value = Report> {
    let Terms { price, payee, .. } = terms();
    let ours = trace(attempt).to_string();
    (
        prop_oneof![6 => Just(Some(payee)), 1 => Just(Some(user(9))), 1 => Just(None)],
        prop_oneof![
            6 => Just(Some(price.amount)),
            1 => Just(Some(amount("0.01"))),
            1 => Just(None)
        ],
        prop_oneof![6 => Just(Some(price.unit)), 1 => Just(Some("eur".parse().unwrap()))],
        prop_oneof![
            4 => Just(Some(ours)),
            1 => Just(None),
            2 => Just(Some(page(attempt))),
            1 => Just(Some("another".to_owned()))
        ],
    )
        .prop_map(|(payee, quote_amount, quote_asset, trace)| Report {
            payee,
            quote_amount,
            quote_asset,
            trace,
            ..Report::of(Status::Unpaid)
        })
}

pub(super) fn report(attempt: u32) -> impl Strategy<Value = Report> {
    let money = (
        option::of(select(vec!["0", "20", "51.2", "55"])),
        any::<bool>(),
        option::of(select(vec![(1, None), (2, Some(3))])),
        option::of(select(vec!["3.8"])),
        option::of(moment()),
        option::of(select(vec![40000, 40021, 40024, 49999])),
        any::<bool>(),
        select(vec![terms().settlement, asset(TRX)]),
    );
    (status(), identity(attempt), money).prop_map(|(status, identity, money)| {
        let (paid, underpaid, confirmations, surplus, paid_at, failure, settled, settle) = money;
        Report {
            failure: failure.filter(|_| status == Status::Failed),
            underpaid: underpaid && status == Status::Pending,
            settled: settled && status == Status::Success,
            status,
            paid: paid.map(amount),
            paid_symbol: paid.map(|_| "TRX".to_owned()),
            payable: Some(amount("51.2")),
            confirmations,
            surplus: surplus.map(amount),
            paid_at: paid_at.and_then(|at| success(at).paid_at),
            settle_amount: settled.then(|| amount("12.4")),
            settle_asset: settled.then_some(settle),
            ..identity
        }
    })
}

fn answer() -> impl Strategy<Value = Fact> {
    (1..3_u32)
        .prop_flat_map(|attempt| (Just(attempt), report(attempt), moment()))
        .prop_map(|(attempt, report, at)| said_of(attempt, report, at))
}

/// A transfer; one of the same id is the same transfer.
fn transfer() -> impl Strategy<Value = Fact> {
    (0..4_u8).prop_map(|number| {
        let kind = match number {
            0 => ArrivalKind::Refund(None),
            1 => ArrivalKind::Refund(Some(40021)),
            _ => ArrivalKind::Settlement,
        };
        arrived(u128::from(number), kind, i64::from(number) * 20)
    })
}

fn decision() -> impl Strategy<Value = Fact> {
    let roles = select(vec![Role::Creator, Role::Operator, Role::Both]);
    let words = select(vec![Word::Accept, Word::Accept, Word::Reject]);
    (roles, words, select(vec![About::Held, About::Short]), moment()).prop_map(
        |(role, word, about, at)| {
            let by = user(if role == Role::Operator { 2 } else { 1 });
            let cause = MessageId::new(Uuid::nil());
            Fact::Decided(Decision { by, role, word, about, at: super::minute(at), cause })
        },
    )
}

/// How the payment came to be made, or not.
fn making() -> impl Strategy<Value = Vec<Fact>> {
    select(vec![
        vec![],
        vec![attempted(1, 0)],
        vec![attempted(1, 0), refused(1, 10004)],
        vec![attempted(1, 0), Fact::GivenUp],
        vec![attempted(1, 0), opened(1)],
        vec![attempted(1, 0), opened(1)],
        vec![attempted(1, 0), opened(1)],
        vec![attempted(1, 0), attempted(2, 10)],
        vec![attempted(1, 0), attempted(2, 10), opened(2)],
        vec![attempted(1, 0), attempted(2, 10), opened(2)],
        vec![attempted(1, 0), attempted(2, 10), opened(1), opened(2)],
    ])
}

/// Each message says one thing: facts with causes of their own.
fn with_causes(mut facts: Vec<Fact>) -> Vec<Fact> {
    for (number, fact) in (100_u128..).zip(&mut facts) {
        match fact {
            Fact::Cancelled { cause, .. } | Fact::Decided(Decision { cause, .. }) => {
                *cause = MessageId::new(Uuid::from_u128(number));
            }
            Fact::Attempted { .. }
            | Fact::Opened { .. }
            | Fact::Refused { .. }
            | Fact::GivenUp
            | Fact::Heard(_)
            | Fact::Arrived(_) => {}
        }
    }
    facts
}

fn story_of(fact: impl Strategy<Value = Fact>) -> impl Strategy<Value = Vec<Fact>> {
    (making(), prop::collection::vec(fact, 0..FACTS_MAX)).prop_map(|(mut story, rest)| {
        story.extend(rest);
        with_causes(story)
    })
}

/// Anything that can happen to an invoice.
pub(crate) fn story() -> impl Strategy<Value = Vec<Fact>> {
    story_of(prop_oneof![
        6 => answer(),
        1 => transfer(),
        1 => moment().prop_map(cancelled),
        2 => decision(),
    ])
}

/// The same without anybody's decision.
pub(super) fn story_without_decisions() -> impl Strategy<Value = Vec<Fact>> {
    story_of(prop_oneof![
        6 => answer(),
        1 => transfer(),
        1 => moment().prop_map(cancelled),
    ])
}

/// The same facts, each at least once, in another order.
pub(super) fn retold(story: Vec<Fact>) -> impl Strategy<Value = Vec<Fact>> {
    let again = match story.len() {
        0 => Just(Vec::new()).boxed(),
        _ => prop::collection::vec(select(story.clone()), 0..6).boxed(),
    };
    again.prop_flat_map(move |again| {
        let all: Vec<Fact> = story.iter().cloned().chain(again).collect();
        Just(all).prop_shuffle()
    })
}

/// A story and the same story told otherwise.
pub(super) fn told_twice(
    story: impl Strategy<Value = Vec<Fact>>,
) -> impl Strategy<Value = (Vec<Fact>, Vec<Fact>)> {
    story.prop_flat_map(|story| (Just(story.clone()), retold(story)))
}

/// What a chat was told while an invoice's facts were learned one by one.
#[derive(Debug)]
pub(super) struct Chat {
    pub(super) standing: Standing,
    /// Everything that there was to tell.
    pub(super) occasions: Vec<Notice>,
}

impl Chat {
    pub(super) fn after(story: &[Fact]) -> Self {
        let mut facts = Facts::default();
        let fold = |facts: &Facts| mixpay_bot::domain::invoice::fold::fold(&terms(), facts);
        let mut standing = fold(&facts);
        let mut occasions = Vec::new();
        for fact in story {
            facts.learn(fact.clone());
            let after = fold(&facts);
            occasions.extend(notices(&standing, &after));
            standing = after;
        }
        Self { standing, occasions }
    }

    pub(super) fn count(&self, notice: Notice) -> usize {
        self.occasions.iter().filter(|told| **told == notice).count()
    }
}
