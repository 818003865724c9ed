//! The table of product.md §5: one row for each of its rows, and for each rule of the ranking.

use super::{
    TRX, amount, arrived, asset, attempted, cancelled, check, check_shown, decided, failed,
    kept_saying, mismatch, opened, order, refused, said, said_of, settled, success, trx, underpaid,
};
use mixpay_bot::domain::invoice::{
    fact::{About, ArrivalKind, Fact, Role, Word},
    report::{Report, Status},
};

const HOURS: i64 = 60;

#[test]
fn nothing_paid_is_open_until_an_answer_is_newer_than_the_cancel_or_the_deadline() {
    for nothing in [order(Status::Unpaid), Report::of(Status::NotFound)] {
        check_shown([said(nothing.clone(), 29)], "open");
        check_shown([said(nothing.clone(), 30)], "open");
        check_shown([said(nothing.clone(), 31)], "expired");
        check_shown([said(nothing.clone(), 4), cancelled(5)], "open");
        check_shown([said(nothing.clone(), 5), cancelled(5)], "open");
        check_shown([said(nothing.clone(), 6), cancelled(5)], "cancelled");
        check_shown([said(nothing, 40), cancelled(5)], "cancelled");
    }
}

#[test]
fn nothing_paid_after_money_was_seen_is_in_flight_and_under_review_after_two_days() {
    let seen = || said(trx(Status::Pending, "51.2"), 10);
    let unpaid = |at| said(order(Status::Unpaid), at);
    check_shown([seen(), unpaid(12)], "processing");
    check_shown([seen(), unpaid(31)], "processing");
    check_shown([seen(), unpaid(12), cancelled(11)], "processing");
    check_shown([seen(), unpaid(10 + 48 * HOURS - 1)], "processing");
    check_shown([seen(), unpaid(10 + 48 * HOURS)], "review");
    check_shown([unpaid(40), said(trx(Status::Pending, "51.2"), 41)], "processing");
    check_shown([unpaid(40), arrived(1, ArrivalKind::Settlement, 41)], "processing");
    check_shown([unpaid(40), arrived(1, ArrivalKind::Refund(None), 41)], "expired");
}

#[test]
fn pending_is_partial_or_processing() {
    check_shown([said(underpaid(), 10)], "partial, missing 31.2 TRX");
    check_shown([said(trx(Status::Pending, "51.2"), 10)], "processing");
    check_shown([said(order(Status::Pending), 10)], "processing");
    check_shown([said(underpaid(), 40)], "partial, missing 31.2 TRX");
    let paid_since = said(trx(Status::Pending, "51.2"), 11);
    check_shown([said(underpaid(), 10), paid_since], "processing");
}

#[test]
fn auditing_is_under_review_whatever_the_time() {
    check_shown([said(order(Status::Auditing), 10)], "review");
    check_shown([said(order(Status::Unpaid), 10), said(order(Status::Auditing), 40)], "review");
    check_shown([kept_saying(order(Status::Auditing), 10, 100 * 24 * HOURS)], "review");
}

#[test]
fn a_success_as_asked_for_is_paid() {
    check_shown([said(success(10), 11)], "paid");
    check_shown([said(Report { trace: None, ..success(10) }, 11)], "paid");
    check_shown([said(Report { trace: Some("k7q2mxnpage".into()), ..success(10) }, 11)], "paid");
    check_shown([said(Report { quote_amount: Some(amount("12.50")), ..success(10) }, 11)], "paid");
    let surplus = Report { surplus: Some(amount("3.8")), ..success(10) };
    check_shown([said(surplus, 11)], "paid, over 3.8 TRX");
}

#[test]
fn a_price_that_differs_in_the_ninth_decimal_is_held_and_one_that_cannot_be_read_is_asked_again() {
    let said_amount = |odd: Option<&str>| Report {
        quote_amount: None,
        quote_odd: odd.map(str::to_owned),
        ..success(10)
    };
    check_shown([said(said_amount(Some("12.500000001")), 11)], "held");
    check_shown([said(said_amount(Some("-12.5")), 11)], "held");
    check_shown([said(said_amount(None), 11)], "open");
}

#[test]
fn what_was_settled_is_left_out_where_nobody_says_how_much() {
    let silent = |amount: Option<&str>| Report {
        settle_amount: amount.map(|amount| amount.parse().unwrap()),
        ..settled(success(10))
    };
    check_shown([said(silent(None), 11)], "settled");
    check_shown([said(silent(Some("0")), 11)], "settled");
}

#[test]
fn paid_is_late_by_mixpays_date_or_else_by_the_time_of_the_answer() {
    check_shown([said(success(30), 45)], "paid");
    check_shown([said(success(31), 45)], "paid, late");
    let undated = Report { paid_at: None, ..success(0) };
    check_shown([kept_saying(undated.clone(), 29, 45)], "paid");
    check_shown([said(undated, 45)], "paid, late");
}

#[test]
fn a_success_with_another_value_is_held() {
    let other = |change: fn(&mut Report)| {
        let mut report = success(10);
        change(&mut report);
        check_shown([said(report, 11)], "held");
    };
    other(|report| report.quote_amount = Some(amount("12.49999999")));
    other(|report| report.payee = Some(super::user(9)));
    other(|report| report.quote_asset = Some("eur".parse().unwrap()));
    other(|report| report.trace = Some(super::trace(2).to_string()));
    // What is wrong is wrong, whatever else is missing.
    other(|report| (report.payee, report.quote_asset) = (None, Some("eur".parse().unwrap())));
}

#[test]
fn a_success_with_a_value_missing_is_not_known() {
    let missing = |change: fn(&mut Report)| {
        let mut report = success(10);
        change(&mut report);
        check_shown([said(report.clone(), 11)], "open");
        check_shown(
            [said(report.clone(), 11), said(trx(Status::Pending, "51.2"), 9)],
            "processing",
        );
        check_shown([said(report, 11), said(order(Status::Unpaid), 31)], "processing");
    };
    missing(|report| report.quote_amount = None);
    missing(|report| report.payee = None);
    missing(|report| report.quote_asset = None);
}

#[test]
fn settled_is_a_verified_success_and_the_money() {
    let transfer = || arrived(1, ArrivalKind::Settlement, 12);
    check_shown([said(settled(success(10)), 11)], "settled, got 12.4 USDT");
    check_shown([said(success(10), 11), transfer()], "settled, got 12.5 USDT");
    check_shown([transfer()], "processing");
    check_shown([transfer(), said(mismatch(10), 11)], "held");
    check_shown([said(success(10), 11), arrived(1, ArrivalKind::Refund(Some(40021)), 12)], "paid");
    let elsewhere = Report {
        settle_asset: Some(asset(TRX)),
        settle_symbol: Some("TRX".to_owned()),
        ..settled(success(10))
    };
    check_shown([said(elsewhere, 11)], "settled, got 12.4 TRX, other settlement TRX");
}

#[test]
fn overtime_with_nothing_received_is_expired() {
    check_shown([said(failed(40000, None), 20)], "expired");
    check_shown([said(failed(40000, None), 20), cancelled(10)], "cancelled");
    check_shown([said(failed(40000, Some("20")), 20)], "failed, 40000, received 20 TRX");
    // What was seen before was received.
    let seen = said(underpaid(), 10);
    check_shown([seen, said(failed(40000, None), 160)], "failed, 40000, received 20 TRX");
    let transfer = arrived(1, ArrivalKind::Settlement, 12);
    check_shown([transfer, said(failed(40000, None), 160)], "failed, 40000");
}

#[test]
fn a_double_payment_stays_in_flight_and_is_under_review_after_half_an_hour() {
    let double = |paid| failed(40021, Some(paid));
    check_shown([said(double("51.2"), 10)], "processing, double");
    check_shown([kept_saying(double("51.2"), 10, 39)], "processing, double");
    check_shown([kept_saying(double("51.2"), 10, 40)], "review, double");
    // In other words it is still the same double payment.
    check_shown([said(double("51.2"), 10), said(double("51.3"), 40)], "review, double");
    check_shown([kept_saying(double("51.2"), 10, 40), said(success(5), 41)], "paid, double");
}

#[test]
fn other_failures_are_failed_with_what_was_received() {
    check_shown([said(failed(40024, Some("11")), 10)], "failed, 40024, received 11 TRX");
    check_shown([said(failed(49999, None), 10)], "failed, 49999");
    check_shown([said(order(Status::Failed), 10)], "failed, 0");
}

#[test]
fn a_word_that_we_do_not_know_changes_nothing() {
    let unknown = || order(Status::Other("reviewing".to_owned()));
    check_shown([said(unknown(), 40)], "open");
    check_shown([said(order(Status::Unpaid), 31), said(unknown(), 40)], "expired");
    check_shown([said(underpaid(), 31), said(unknown(), 40)], "partial, missing 31.2 TRX");
    check_shown([said(success(10), 31), said(unknown(), 40)], "paid");
}

#[test]
fn a_draft_is_cancelled_refused_or_given_up() {
    check([], "draft");
    check([attempted(1, 0)], "draft");
    check([attempted(1, 0), cancelled(1)], "cancelled");
    check([cancelled(1)], "cancelled");
    check([attempted(1, 0), refused(1, 10004)], "failed, refused with 10004");
    check([attempted(1, 0), refused(1, 10004), attempted(2, 5)], "draft");
    check([attempted(1, 0), refused(1, 10004), attempted(2, 5), opened(2)], "open");
    check([attempted(1, 0), Fact::GivenUp], "failed, given up");
    check([attempted(1, 0), cancelled(1), opened(1)], "open");
}

#[test]
fn an_attempt_that_was_never_shown_is_watched_for_money_only() {
    let shown = |facts: Vec<Fact>, expected: &str| {
        check([attempted(1, 0), attempted(2, 60), opened(2)].into_iter().chain(facts), expected);
    };
    let mine = || order(Status::Unpaid);
    shown(vec![said_of(1, mine(), 80)], "open");
    shown(vec![said_of(1, failed(40000, None), 80)], "open");
    shown(vec![said_of(1, failed(49999, None), 80)], "open");
    shown(vec![said_of(2, mine(), 89), said_of(1, failed(40000, None), 180)], "open");
    shown(vec![said_of(2, mine(), 91)], "expired");
    shown(vec![said_of(1, success(70), 80)], "paid");
    shown(vec![said_of(1, success(70), 80), said_of(2, mine(), 91)], "paid");
    let other = || Report { trace: Some(super::trace(2).to_string()), ..success(70) };
    shown(vec![said_of(2, other(), 80), said_of(1, failed(40000, None), 180)], "paid");
    shown(vec![said_of(1, success(70), 80), said_of(2, other(), 81)], "paid, double");
    shown(vec![said_of(1, trx(Status::Pending, "51.2"), 70), said_of(2, mine(), 91)], "processing");
}

#[test]
fn two_payments_that_were_both_made_are_each_known_by_their_page() {
    let by_page = |attempt, page: &str| {
        said_of(attempt, Report { trace: Some(page.to_owned()), ..success(10) }, 11)
    };
    let both = || [attempted(1, 0), opened(1), attempted(2, 5), opened(2)];
    check(both().into_iter().chain([by_page(1, super::PAGE)]), "paid");
    check(both().into_iter().chain([by_page(2, "PAGE2")]), "paid");
    check(both().into_iter().chain([by_page(2, super::PAGE)]), "held");
}

#[test]
fn a_verified_success_outranks_everything() {
    let paid = || said(success(10), 11);
    for (other, expected) in [
        (said(order(Status::Unpaid), 200), "paid"),
        (said(order(Status::Auditing), 200), "paid"),
        (said(underpaid(), 200), "paid"),
        (said(failed(40024, Some("11")), 10), "paid"),
        (said(failed(40024, Some("11")), 200), "paid, contradicted"),
        (said(failed(40000, None), 200), "paid, contradicted"),
        (said(failed(40021, None), 200), "paid, double"),
        (said(mismatch(9), 9), "paid, contradicted"),
        (said(mismatch(10), 200), "paid, contradicted"),
        (cancelled(5), "paid"),
        (decided(Role::Both, Word::Reject, About::Held, 300), "paid"),
        (Fact::GivenUp, "paid"),
    ] {
        check_shown([paid(), other], expected);
    }
}

#[test]
fn a_mismatching_success_outranks_every_other_answer() {
    for other in [
        said(order(Status::Unpaid), 200),
        said(order(Status::Auditing), 200),
        said(failed(40024, Some("11")), 200),
        said(failed(40000, None), 200),
        kept_saying(mismatch(10), 11, 5000),
        cancelled(5),
    ] {
        check_shown([said(mismatch(10), 11), other], "held");
    }
}

#[test]
fn of_the_other_answers_the_newest_counts() {
    let failure = |at| said(failed(49999, None), at);
    check_shown([failure(10), said(order(Status::Auditing), 11)], "review");
    check_shown([failure(11), said(order(Status::Auditing), 10)], "failed, 49999");
    check_shown([failure(31), said(order(Status::Unpaid), 32)], "expired");
    check_shown([failure(32), said(order(Status::Unpaid), 31)], "failed, 49999");
}

#[test]
fn of_answers_of_the_same_time_one_counts() {
    let at = 40;
    let ranked = [
        (said(order(Status::Auditing), at), "review"),
        (said(underpaid(), at), "partial, missing 31.2 TRX"),
        (said(trx(Status::Pending, "51.2"), at), "processing"),
        (said(failed(40024, Some("11")), at), "failed, 40024, received 11 TRX"),
    ];
    for (index, (higher, expected)) in ranked.iter().enumerate() {
        for (lower, _) in &ranked[index..] {
            check_shown([higher.clone(), lower.clone()], expected);
            check_shown([lower.clone(), higher.clone()], expected);
        }
    }
    let failure = said(failed(49999, None), at);
    check_shown([said(order(Status::Unpaid), at), failure], "failed, 49999");
}

#[test]
fn a_short_or_failed_payment_is_the_creators_affair() {
    let accept = |role| decided(role, Word::Accept, About::Short, 20);
    let reject = |at| decided(Role::Creator, Word::Reject, About::Short, at);
    let short = || said(underpaid(), 10);
    check_shown([short(), accept(Role::Creator)], "paid, accepted short, decided");
    check_shown([short(), accept(Role::Both)], "paid, accepted short, decided");
    check_shown([short(), accept(Role::Operator)], "partial, missing 31.2 TRX");
    check_shown([short(), reject(20)], "failed, rejected, decided");
    check_shown([short(), accept(Role::Creator), reject(21)], "failed, rejected, decided");
    check_shown([short(), accept(Role::Creator), reject(19)], "paid, accepted short, decided");
    check_shown([short(), reject(20), said(success(30), 31)], "paid");
}

#[test]
fn a_held_payment_needs_the_creator_and_an_operator() {
    let accept = |role, at| decided(role, Word::Accept, About::Held, at);
    let reject = |at| decided(Role::Operator, Word::Reject, About::Held, at);
    let held = || said(mismatch(10), 11);
    check_shown([held(), accept(Role::Creator, 20)], "held");
    check_shown([held(), accept(Role::Operator, 20)], "held");
    check_shown([held(), accept(Role::Operator, 20), accept(Role::Operator, 21)], "held");
    let both = || [held(), accept(Role::Creator, 20), accept(Role::Operator, 21)];
    check_shown(both(), "paid, decided");
    check_shown([held(), accept(Role::Both, 20)], "paid, decided");
    check_shown(both().into_iter().chain([reject(22)]), "failed, rejected, decided");
    check_shown(both().into_iter().chain([reject(19)]), "paid, decided");
    // A no between the two words takes the first one back.
    let between = [held(), accept(Role::Creator, 20), reject(21), accept(Role::Operator, 22)];
    check_shown(between.clone(), "failed, rejected, decided");
    check_shown(between.into_iter().chain([accept(Role::Creator, 23)]), "paid, decided");
    // A word about a short payment is none about a payment that does not match.
    let about_short = decided(Role::Operator, Word::Accept, About::Short, 21);
    check_shown([held(), accept(Role::Creator, 20), about_short], "held");
}

#[test]
fn what_a_human_accepted_is_settled_by_the_transfer_and_contradicted_by_what_is_new() {
    let accept = || decided(Role::Both, Word::Accept, About::Held, 20);
    let held = || kept_saying(mismatch(10), 11, 40);
    check_shown([held(), accept()], "paid, decided");
    let transfer = arrived(1, ArrivalKind::Settlement, 12);
    check_shown([held(), accept(), transfer], "settled, got 12.5 USDT, decided");
    let another = said(Report { payee: Some(super::user(9)), ..success(10) }, 41);
    check_shown([held(), accept(), another], "paid, contradicted, decided");
    let failure = said(failed(40024, Some("11")), 41);
    check_shown([held(), accept(), failure], "paid, contradicted, decided");
    check_shown([held(), accept(), said(success(10), 41)], "paid, contradicted");
}

#[test]
fn the_same_answer_heard_twice_is_one_heard_longer() {
    let unpaid = |at| said(order(Status::Unpaid), at);
    check_shown([unpaid(10), unpaid(31)], "expired");
    check_shown([unpaid(31), unpaid(10)], "expired");
    let facts: mixpay_bot::domain::invoice::fact::Facts =
        [unpaid(10), unpaid(31), unpaid(20)].into_iter().collect();
    assert_eq!(facts.iter().count(), 1);
}
