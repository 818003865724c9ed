//! However often and however differently MixPay answers, what is kept stays small and amounts to
//! the same.

use super::{
    invoice, mismatch, ms, opened, said, said_of,
    stories::{report, story},
    success, terms,
};
use mixpay_bot::domain::invoice::{
    fact::{Fact, Facts},
    fold::fold,
    kept::HEARD_MAX,
    report::{Report, Status},
    standing::State,
};
use proptest::{prelude::*, sample::Index};

/// A story in which a few answers are given again and again, at any times and with other details.
fn talkative() -> impl Strategy<Value = Vec<Fact>> {
    let reports = prop::collection::vec((report(1), report(2)), 1..4);
    let answers =
        prop::collection::vec((any::<Index>(), any::<bool>(), 0..6000_i64, 0..9_u32), 3..60);
    (story(), reports, answers).prop_map(|(mut story, reports, answers)| {
        for (index, is_first, at, confirmations) in answers {
            let (one, other) = index.get(&reports);
            let (attempt, report) = if is_first { (1, one) } else { (2, other) };
            let confirmations = report.confirmations.map(|(_, of)| (confirmations, of));
            story.push(said_of(attempt, Report { confirmations, ..report.clone() }, at));
        }
        story
    })
}

proptest! {
    #[test]
    fn without_what_is_superfluous_the_facts_amount_to_the_same(story in talkative()) {
        let facts: Facts = story.into_iter().collect();
        let superfluous = facts.superfluous();
        let thin: Facts =
            facts.iter().filter(|fact| !superfluous.contains(&fact.key())).cloned().collect();
        prop_assert_eq!(fold(&terms(), &facts), fold(&terms(), &thin));
        // Once is enough.
        prop_assert_eq!(thin.superfluous(), Vec::<String>::new());
    }
}

#[test]
fn of_a_long_talk_the_first_and_the_last_are_kept() {
    let mut facts: Facts = [opened(1)].into_iter().collect();
    for number in 0..40 {
        let confirmations = Some((u32::try_from(number).unwrap(), Some(100)));
        facts.learn(said(Report { confirmations, ..Report::of(Status::Pending) }, number));
    }
    let before = fold(&terms(), &facts);
    assert_eq!(facts.thin_out().len(), 38);
    let kept: Vec<_> = facts.heard().map(|heard| heard.first_ms).collect();
    assert_eq!(kept.len(), 2);
    assert!(kept.contains(&ms(0)) && kept.contains(&ms(39)));
    assert_eq!(fold(&terms(), &facts), before);
}

#[test]
fn a_liar_whose_answers_all_differ_fills_nothing_and_the_truth_still_pays() {
    let mut invoice = invoice([opened(1)].into_iter().collect());
    for number in 0..2000_i64 {
        let words = format!("{number}{}", "x".repeat(9000));
        let seen = Some((u32::try_from(number).unwrap(), None));
        for report in [
            Report { paid_symbol: Some(words.clone()), ..Report::of(Status::Other(words.clone())) },
            Report { failure: Some(number + 1), ..Report::of(Status::Failed) },
            Report { confirmations: seen, paid_at: Some(number), ..mismatch(10) },
            Report { trace: Some(words), ..success(10) },
        ] {
            invoice.learn(said(report, number));
        }
        invoice.facts.thin_out();
    }
    let heard = invoice.facts.heard().count();
    assert!(heard <= 4 * HEARD_MAX, "{heard}");
    let size: usize = invoice.facts.iter().map(|fact| format!("{fact:?}").len()).sum();
    assert!(size < 400_000, "{size}");
    assert_eq!(invoice.standing().state, State::Held);
    invoice.learn(said(success(10), 3000));
    assert!(invoice.standing().state.is_paid());
}

#[test]
fn texts_from_outside_are_cut_where_they_become_facts() {
    let mut invoice = invoice([].into_iter().collect());
    let long = "长".repeat(900_000);
    let report = Report {
        trace: Some(long.clone()),
        paid_symbol: Some(long.clone()),
        settle_symbol: Some(long.clone()),
        transaction: Some(long.clone()),
        ..Report::of(Status::Other(long))
    };
    invoice.learn(said(report, 1));
    let heard = invoice.facts.heard().next().unwrap();
    let chars = |text: &Option<String>| text.as_ref().unwrap().chars().count();
    let report = &heard.report;
    assert_eq!(report.status, Status::Other("长".repeat(64)));
    assert_eq!([&report.trace, &report.paid_symbol, &report.settle_symbol].map(chars), [64; 3]);
    assert_eq!(chars(&report.transaction), 128);
}

#[test]
fn what_the_fold_does_not_read_makes_no_second_fact() {
    let mut invoice = invoice([].into_iter().collect());
    for (number, word) in ["reviewing", "checking", "looking"].into_iter().enumerate() {
        let transaction = Some(word.to_owned());
        let report = Report { transaction, ..Report::of(Status::Other(word.to_owned())) };
        invoice.learn(said(report, i64::try_from(number).unwrap()));
    }
    assert_eq!(invoice.facts.heard().count(), 1);
}
