//! The invariants of product.md §5 that the facts alone decide, each a property.

use super::{
    minute, mismatch, order, said, said_of,
    stories::{Chat, report, story, story_without_decisions, told_twice},
    success, terms, trace, trx,
};
use mixpay_bot::domain::invoice::{
    fact::{ArrivalKind, Fact, Facts, Heard},
    fold::{OVERTIME, fold},
    notices::Notice,
    report::{Report, Status},
    standing::{Standing, State},
    verify::{Verdict, verify},
};
use proptest::prelude::*;

fn standing(story: &[Fact]) -> Standing {
    fold(&terms(), &story.iter().cloned().collect())
}

/// The verdict about an answer, if it is a success.
fn verdict(facts: &Facts, heard: &Heard) -> Option<Verdict> {
    let page = facts.page_of(heard.trace).unwrap_or_default();
    (heard.report.status == Status::Success)
        .then(|| verify(&terms(), heard.trace, page, &heard.report))
}

fn has_verified(story: &[Fact]) -> bool {
    let facts: Facts = story.iter().cloned().collect();
    facts.heard().any(|heard| verdict(&facts, heard) == Some(Verdict::Verified))
}

/// The message that tells a closing state.
fn closing(state: State) -> Option<Notice> {
    match state {
        State::Paid | State::Settled => Some(Notice::Paid),
        State::Expired => Some(Notice::Expired),
        State::Failed => Some(Notice::Failed),
        State::Cancelled => Some(Notice::Cancelled),
        State::Held => Some(Notice::Held),
        State::Draft | State::Open | State::Partial | State::Processing | State::Review => None,
    }
}

proptest! {
    #[test]
    fn invariant_1_same_facts_same_state_and_flags((story, retold) in told_twice(story())) {
        let facts: Facts = story.iter().cloned().collect();
        let again: Facts = retold.iter().cloned().collect();
        prop_assert_eq!(&facts, &again);
        prop_assert_eq!(standing(&story), standing(&retold));
    }

    #[test]
    fn invariant_1_the_end_is_told_whatever_the_order((story, retold) in told_twice(story())) {
        let (one, other) = (Chat::after(&story), Chat::after(&retold));
        prop_assert_eq!(&one.standing, &other.standing);
        if let Some(notice) = closing(one.standing.state) {
            prop_assert!(one.count(notice) > 0, "{:?}", one.occasions);
            prop_assert!(other.count(notice) > 0, "{:?}", other.occasions);
        }
    }

    #[test]
    fn invariant_1_a_repeat_is_no_occasion_to_tell_anything(story in story()) {
        let twice: Vec<Fact> = story.iter().chain(&story).cloned().collect();
        prop_assert_eq!(Chat::after(&story).occasions, Chat::after(&twice).occasions);
    }

    #[test]
    fn invariant_2_only_an_answer_expires_or_cancels(story in story()) {
        let facts: Facts = story.iter().cloned().collect();
        let shown = |heard: &Heard| facts.page_of(heard.trace).is_some();
        let nothing = |heard: &Heard| match heard.report.status {
            Status::Unpaid | Status::NotFound => true,
            Status::Failed => heard.report.failure == Some(OVERTIME),
            Status::Pending | Status::Auditing | Status::Success | Status::Other(_) => false,
        };
        let said_after = |deadline_ms: i64| {
            facts.heard().any(|heard| shown(heard) && nothing(heard) && heard.last_ms > deadline_ms)
        };
        let state = standing(&story).state;
        // MixPay's own word that the time is over counts as well.
        let overtime = facts.heard().any(|heard| heard.report.failure == Some(OVERTIME));
        let after_deadline = said_after(facts.deadlines().0.as_millisecond());
        prop_assert!(state != State::Expired || overtime || after_deadline);
        // What was never shown needs nobody's answer.
        if state == State::Cancelled && facts.opened().is_some() {
            let after_cancel = facts.iter().any(|fact| {
                matches!(fact, Fact::Cancelled { at, .. } if said_after(at.as_millisecond()))
            });
            prop_assert!(after_cancel);
        }
    }

    #[test]
    fn invariant_2_an_answer_of_another_century_neither_expires_nor_hides(
        mut story in story_without_decisions(),
        centuries in 1..9_i64,
    ) {
        // As a program kept it that believed any time.
        let (now, later) = (minute(7000), minute(7000 + centuries * 52_000_000));
        let wild = Heard {
            trace: trace(1),
            report: Report { confirmations: Some((99, None)), ..order(Status::Unpaid) },
            first_ms: later.as_millisecond(),
            last_ms: later.as_millisecond(),
        };
        let alone = standing(&story).state;
        story.push(Fact::Heard(wild));
        let mut facts: Facts = story.iter().cloned().collect();
        prop_assert_eq!(facts.doubt(minute(0), now, now).len(), 1);
        prop_assert_eq!(facts.doubt(minute(0), now, now), Vec::<String>::new());
        let doubted = fold(&terms(), &facts).state;
        prop_assert!(doubted != State::Expired || alone == State::Expired);
        facts.learn(said(trx(Status::Pending, "51.2"), 6999));
        let after = fold(&terms(), &facts).state;
        prop_assert!(after != State::Open && after != State::Expired, "{after:?}");
    }

    #[test]
    fn invariant_3_paid_never_goes_back(
        story in story_without_decisions(),
        words in story(),
        later in story_without_decisions(),
    ) {
        for mut story in [story, words] {
            let before = standing(&story).state;
            story.extend(later.iter().cloned());
            let after = standing(&story).state;
            if before.is_paid() {
                prop_assert!(after.is_paid(), "{before:?} became {after:?}");
            }
            if before == State::Settled {
                prop_assert_eq!(after, State::Settled);
            }
        }
    }

    #[test]
    fn invariant_3_a_verified_success_pays_whatever_else_is_known(
        mut story in story(),
        number in 1..3_u32,
    ) {
        let report = Report { trace: None, ..success(40) };
        story.push(said_of(number, report, 41));
        let standing = standing(&story);
        prop_assert!(standing.state.is_paid());
        prop_assert!(standing.failure.is_none() && standing.missing.is_none());
    }

    #[test]
    fn invariant_3_no_repetition_of_a_mismatch_pays(
        story in story_without_decisions(),
        times in prop::collection::vec(0..6000_i64, 1..9),
    ) {
        prop_assume!(!has_verified(&story));
        let mut story = story;
        story.extend(times.into_iter().map(|at| said(mismatch(10), at)));
        prop_assert_eq!(standing(&story).state, State::Held);
    }

    #[test]
    fn invariant_3_no_mismatch_keeps_a_verified_success_from_paying(
        reports in prop::collection::vec((report(1), 0..6000_i64), 0..9),
    ) {
        let mut story: Vec<Fact> =
            reports.into_iter().map(|(report, at)| said(report, at)).collect();
        story.extend([said(mismatch(10), 11), said(success(10), 12)]);
        let standing = standing(&story);
        prop_assert!(standing.state.is_paid());
        prop_assert!(standing.flags.contradicted);
        prop_assert!(!standing.differences.is_empty());
    }

    #[test]
    fn invariant_4_paid_is_told_exactly_once_by_however_many_sources(
        (_, retold) in told_twice(story_without_decisions()),
    ) {
        let chat = Chat::after(&retold);
        let paid = usize::from(chat.standing.state.is_paid());
        prop_assert_eq!(chat.count(Notice::Paid), paid);
        prop_assert_eq!(has_verified(&retold), chat.standing.state.is_paid());
        // If the first answer is both paid and settled, one message says both.
        prop_assert!(chat.count(Notice::Settled) <= paid);
    }

    #[test]
    fn invariant_6_a_transfer_alone_pays_nothing(story in story_without_decisions()) {
        let facts: Facts = story.iter().cloned().collect();
        if standing(&story).state.is_paid() {
            prop_assert!(has_verified(&story));
        }
        let claims: Vec<Fact> =
            story.into_iter().filter(|fact| !matches!(fact, Fact::Heard(_))).collect();
        prop_assert!(!standing(&claims).state.is_paid());
        let settled = |fact: &Fact| {
            matches!(fact, Fact::Arrived(arrival) if arrival.kind == ArrivalKind::Settlement)
        };
        prop_assert_eq!(standing(&claims).arrived.is_some(), facts.iter().any(settled));
    }
}

#[test]
fn a_notice_is_known_by_its_kind_and_never_by_a_number() {
    let kinds = [
        Notice::Card,
        Notice::Seen,
        Notice::Partial,
        Notice::Review,
        Notice::Arrived,
        Notice::Paid,
        Notice::Settled,
        Notice::Expired,
        Notice::Failed,
        Notice::Cancelled,
        Notice::Held,
        Notice::Contradicted,
        Notice::Double,
        Notice::Unread,
    ];
    let keys: std::collections::BTreeSet<&str> = kinds.iter().map(|kind| kind.key()).collect();
    assert_eq!(keys.len(), kinds.len());
    assert!(keys.iter().all(|key| key.bytes().all(|byte| byte.is_ascii_lowercase())));
}
