//! Outages: MixPay or Mixin fails in every way that we know; nothing is lost or told twice.

use crate::harness::{Alice, Bob, Bot, Olivia, count, mins, secs};
use mixpay_bot::{
    config::Settings,
    demo::stage::Callbacks,
    sim::{Payment, Place, Violation},
};

#[tokio::test]
async fn mixpay_off_the_net_saves_the_request_and_says_so_once() {
    let mut bot = Bot::new().await;
    bot.world.mixpay_offline_for(secs(90));
    bot.says(Bob, "invoice 10 usd for soup").await;
    insta::assert_snapshot!(bot.shows(Bob), @"MixPay is not answering right now. Your request is saved ([CODE], 10.00 USD); I'll send the link as soon as it answers.");
    insta::assert_snapshot!(bot.asks(Bob, "status").await, @r"
    [CODE] · 10.00 USD · soup
    Saved. The link comes as soon as MixPay answers.
    trace [UUID]
    ");
    bot.passes(mins(4)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [card] 10.00 USD · soup
    Pay to Bob (37160855). Any coin MixPay takes.
    Settles in USDT (ERC20). Expires in 28 min 5 s. Code [CODE]
    [Pay 10.00 USD]
    (silent) [picture]
    (silent) [Status] [Cancel] [Share]
    ");
    assert_eq!(bot.world.checkouts(), 1);
    let code = bot.code();
    bot.pays(&code).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    bot.finish().await;
}

/// However the first creation ends, there is one card, and money on any trace is told.
async fn made_without_an_answer(same_body_same_code: bool, cut: bool) {
    let mut bot = Bot::new().await;
    bot.world.habits(|habits| habits.same_body_same_code = same_body_same_code);
    bot.world.faults(|faults, _| {
        if cut {
            faults.mixpay_made_then_cut = 1;
        } else {
            faults.mixpay_made_then_500 = 1;
        }
    });
    bot.says(Bob, "invoice 10 usd for soup").await;
    bot.passes(mins(2)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "[card]"), count(&shown, "saved")), (1, 1), "{shown}");
    let made = if same_body_same_code { 1 } else { 2 };
    assert_eq!(bot.world.checkouts(), made);
    let code = bot.code();
    bot.pays(&code).await;
    bot.passes(secs(20)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn a_payment_that_was_made_but_answered_with_500() {
    made_without_an_answer(true, false).await;
    made_without_an_answer(false, false).await;
}

#[tokio::test]
async fn a_payment_that_was_made_but_cut_off() {
    made_without_an_answer(true, true).await;
    made_without_an_answer(false, true).await;
}

/// Whether a card says that at least half of the usual half an hour is left.
fn has_half_its_time(shown: &str) -> bool {
    (15..=30).any(|left| shown.contains(&format!("Expires in {left} min")))
}

#[tokio::test]
async fn after_a_long_outage_it_is_the_payment_on_the_card_that_is_asked_about() {
    let mut bot = Bot::without_callbacks().await;
    // Long enough for dozens of attempts that MixPay never hears of.
    bot.world.mixpay_offline_for(mins(600));
    bot.says(Bob, "invoice 10 usd for soup").await;
    bot.passes(mins(599)).await;
    assert_eq!(count(&bot.shows(Bob), "saved"), 1);
    let mut shown = String::new();
    for _ in 0..24 {
        bot.passes(secs(15)).await;
        shown += &bot.shows(Bob);
        if shown.contains("[card]") {
            break;
        }
    }
    assert_eq!(count(&shown, "[card]"), 1, "{shown}");
    assert!(has_half_its_time(&shown), "{shown}");
    let code = bot.code();
    bot.passes(secs(30)).await;
    let before = bot.world.mixpay_requests();
    bot.pays(&code).await;
    bot.passes(secs(16)).await;
    let asked = bot.world.mixpay_requests() - before;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1, "after {asked} questions");
    bot.finish().await;
}

/// MixPay makes Bob's payment, does not say so, and then makes none for 28 min.
async fn made_before_a_maintenance(bot: &mut Bot) {
    bot.world.faults(|faults, _| faults.mixpay_made_then_500 = 1);
    bot.says(Bob, "invoice 10 usd for soup").await;
    // From now on MixPay tells of payments, and makes none.
    let until = bot.stage.now() + mins(28);
    bot.world.faults(|faults, _| faults.mixpay_maintenance_until = Some(until));
    bot.passes(mins(35)).await;
}

#[tokio::test]
async fn a_payment_that_was_made_before_a_maintenance_is_shown_with_time_left_after_it() {
    let mut bot = Bot::new().await;
    made_before_a_maintenance(&mut bot).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "[card]"), count(&shown, "saved")), (1, 1), "{shown}");
    assert!(has_half_its_time(&shown), "{shown}");
    let code = bot.code();
    bot.pays(&code).await;
    bot.passes(secs(20)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn what_mixpay_cannot_be_told_about_for_a_day_is_given_up_and_said_so() {
    let mut bot = Bot::new().await;
    bot.world.mixpay_offline_for(mins(30 * 60));
    bot.says(Bob, "invoice 10 usd for soup").await;
    bot.passes(mins(23 * 60)).await;
    assert_eq!(count(&bot.shows(Bob), "saved"), 1);
    let before = bot.world.mixpay_requests();
    bot.passes(mins(2 * 60)).await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    [CODE] · Failed: MixPay could not be reached for a day, and the request was given up. Please make a new invoice.
    For MixPay's support (Robin, Mixin ID 26930): trace [UUID], price 10.00 USD, received -, made 2026-11-21 14:00:00 UTC
    ");
    assert!(bot.world.mixpay_requests() - before < 60, "asked too often");
    assert_eq!(bot.asks(Bob, "ping").await, "pong");
    bot.passes(mins(10 * 60)).await;
    assert_eq!(bot.world.checkouts(), 0, "given up, and made all the same");
    assert_eq!(bot.shows(Bob), "");
    bot.finish().await;
}

#[tokio::test]
async fn a_picture_that_cannot_be_uploaded_is_given_up_and_nothing_waits_for_it() {
    let mut bot = Bot::new().await;
    bot.world.faults(|faults, _| faults.uploaded_then_500 = 100);
    bot.says(Bob, "invoice 10 usd for soup").await;
    bot.passes(mins(20)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "[card]"), count(&shown, "[picture]")), (1, 0), "{shown}");
    assert_eq!(count(&shown, "[Cancel]"), 1, "{shown}");
    bot.world.faults(|faults, _| assert_eq!(100 - faults.uploaded_then_500, 9, "tries"));
    bot.finish().await;
}

#[tokio::test]
async fn too_many_requests_pause_everything_and_then_it_goes_on() {
    let mut bot = Bot::new().await;
    bot.world.faults(|faults, _| faults.mixpay.limited = 1);
    bot.says(Bob, "invoice 10 usd for soup").await;
    assert_eq!(count(&bot.shows(Bob), "saved"), 1);
    let before = bot.world.mixpay_requests();
    bot.says(Alice, "invoice 5 usd").await;
    bot.passes(secs(20)).await;
    assert_eq!(bot.world.mixpay_requests(), before, "asked during the pause");
    bot.passes(mins(3)).await;
    assert_eq!(count(&bot.shows(Bob), "[card]"), 1);
    assert_eq!(count(&bot.shows(Alice), "[card]"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn maintenance_and_a_proxys_html_are_outages_like_any_other() {
    let mut bot = Bot::new().await;
    let until = bot.stage.now() + secs(60);
    bot.world.faults(|faults, _| faults.mixpay_maintenance_until = Some(until));
    bot.says(Bob, "invoice 10 usd for soup").await;
    assert_eq!(count(&bot.shows(Bob), "saved"), 1);
    bot.passes(mins(3)).await;
    assert_eq!(count(&bot.shows(Bob), "[card]"), 1);
    let until = bot.stage.now() + secs(60);
    bot.world.faults(|faults, _| faults.mixpay.html_until = Some(until));
    bot.says(Bob, "invoice 11 usd for soup").await;
    assert_eq!(count(&bot.shows(Bob), "saved"), 1);
    bot.passes(mins(4)).await;
    assert_eq!(count(&bot.shows(Bob), "[card]"), 1);
    let code = bot.code();
    let until = bot.stage.now() + secs(60);
    bot.world.faults(|faults, _| faults.mixpay.html_until = Some(until));
    bot.pays(&code).await;
    bot.passes(mins(2)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 11.00 USD"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn nothing_expires_while_mixpay_cannot_be_asked() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd expires 5m").await;
    bot.world.mixpay_offline_for(secs(1800));
    bot.pays(&code).await;
    bot.passes(mins(20)).await;
    assert_eq!(bot.shows(Bob), "");
    bot.passes(mins(15)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "Paid 10.00 USD"), count(&shown, "Expired")), (1, 0), "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn mixin_off_the_net_delays_what_is_told_and_doubles_nothing() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for soup").await;
    bot.world.mixin_offline_for(secs(60));
    bot.pays(&code).await;
    bot.passes(secs(30)).await;
    assert_eq!(bot.shows(Bob), "");
    bot.passes(mins(4)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "Paid 10.00 USD"), count(&shown, "Settled")), (1, 1), "{shown}");
    assert_eq!(bot.asks(Bob, "ping").await, "pong");
    bot.finish().await;
}

#[tokio::test]
async fn messages_that_were_shown_but_answered_with_500_have_one_copy() {
    let mut bot = Bot::new().await;
    bot.world.faults(|faults, _| faults.messages_shown_then_500 = 3);
    bot.says(Bob, "invoice 10 usd for soup").await;
    bot.passes(mins(2)).await;
    let shown = bot.shows(Bob);
    assert_eq!((count(&shown, "[card]"), count(&shown, "[picture]")), (1, 1), "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn messages_that_come_twice_are_answered_once() {
    let mut bot = Bot::new().await;
    bot.world.faults(|faults, _| {
        faults.doubled_pushes = 2;
        faults.garbage_frames = 2;
    });
    bot.says(Bob, "invoice 10 usd for soup").await;
    bot.passes(secs(10)).await;
    assert_eq!(count(&bot.shows(Bob), "[card]"), 1);
    assert_eq!(bot.world.checkouts(), 1);
    bot.says(Bob, "invoice 11 usd for soup").await;
    bot.passes(secs(10)).await;
    assert_eq!(count(&bot.shows(Bob), "[card]"), 1);
    bot.finish().await;
}

#[tokio::test]
async fn acknowledgements_that_are_lost_double_nothing() {
    let mut bot = Bot::new().await;
    bot.world.faults(|faults, _| faults.lost_acknowledgements = 1);
    bot.world.say(bot.id(Bob), Place::Private, "invoice 10 usd for soup").unwrap();
    bot.passes(secs(3)).await;
    // A new connection brings what was not acknowledged again.
    bot.world.faults(|faults, _| faults.cut_blaze());
    bot.passes(secs(90)).await;
    assert_eq!(count(&bot.shows(Bob), "[card]"), 1);
    assert_eq!(bot.world.checkouts(), 1);
    bot.finish().await;
}

#[tokio::test]
async fn clocks_that_go_wrong_change_nothing() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for soup").await;
    bot.world.faults(|faults, _| {
        faults.mixpay_clock_ahead = jiff::SignedDuration::from_mins(20);
        faults.mixin_clock_ahead = jiff::SignedDuration::from_mins(-2);
    });
    bot.passes(mins(2)).await;
    bot.pays(&code).await;
    bot.passes(secs(30)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    let limits = |violation: &&Violation| matches!(violation, Violation::MixPayLimit(_));
    assert_eq!(bot.world.violations().iter().filter(limits).count(), 0);
    bot.finish().await;
}

#[tokio::test]
async fn while_the_clock_is_wrong_operators_know_and_what_is_paid_is_told() {
    let mut bot = Bot::new().await;
    let code = bot.invoice(Bob, "invoice 10 usd for soup").await;
    bot.world.faults(|faults, _| faults.mixin_clock_ahead = jiff::SignedDuration::from_mins(-2));
    bot.pays(&code).await;
    bot.passes(mins(2)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    insta::assert_snapshot!(bot.shows(Olivia), @"The bot's clock is 120 s ahead of Mixin's.");
    bot.world.faults(|faults, _| faults.mixin_clock_ahead = jiff::SignedDuration::ZERO);
    bot.passes(mins(2)).await;
    bot.invoice(Bob, "invoice 11 usd for tea").await;
    bot.finish().await;
}

#[tokio::test]
async fn a_machine_that_slept_for_hours_goes_on_where_the_world_is() {
    let mut bot = Bot::without_callbacks().await;
    let code = bot.invoice(Bob, "invoice 10 usd for soup").await;
    bot.pays(&code).await;
    bot.stage.sleep(mins(6 * 60)).await.unwrap();
    bot.passes(secs(60)).await;
    assert_eq!(count(&bot.shows(Bob), "Paid 10.00 USD"), 1);
    assert_eq!(bot.shows(Olivia), "");
    bot.invoice(Bob, "invoice 11 usd for tea").await;
    bot.finish().await;
}

#[tokio::test]
async fn a_question_that_mixpay_fails_is_asked_once_more() {
    let mut bot = Bot::new().await;
    bot.world.faults(|faults, _| faults.mixpay.errors = 1);
    bot.says(Bob, "quote 10 usd in btc").await;
    bot.passes(secs(10)).await;
    assert!(bot.shows(Bob).contains("≈ 0.00009434 BTC"));
    bot.finish().await;
}

#[tokio::test]
async fn who_would_wait_a_minute_for_mixpays_limit_is_told_at_once() {
    let few = |settings: &mut Settings| settings.mixpay.requests_per_minute = 2;
    let mut bot = Bot::with(Callbacks::Off, few).await;
    bot.passes(secs(130)).await;
    assert!(bot.asks(Bob, "quote 11 usd in btc").await.contains(" BTC"));
    let before = bot.world.mixpay_requests();
    insta::assert_snapshot!(bot.asks(Bob, "quote 12 usd in btc").await, @"MixPay is not answering right now. Please try again in a minute.");
    assert_eq!(bot.world.mixpay_requests(), before);
    // A few seconds are waited for.
    bot.passes(secs(22)).await;
    assert_eq!(bot.asks(Bob, "quote 13 usd in btc").await, "");
    bot.passes(secs(10)).await;
    assert!(bot.shows(Bob).contains(" BTC"));
    bot.finish().await;
}

#[tokio::test]
async fn a_person_has_ten_prices_a_minute_and_is_told_when_there_are_more() {
    let mut bot = Bot::new().await;
    for number in 11..=20 {
        bot.says(Bob, &format!("quote {number} usd in btc")).await;
        // What was said a moment ago is not asked again, and costs nothing.
        let before = bot.world.mixpay_requests();
        bot.says(Alice, &format!("quote {number} usd in btc")).await;
        assert_eq!(bot.world.mixpay_requests(), before);
        bot.passes(secs(5)).await;
    }
    assert_eq!(count(&bot.shows(Bob), " BTC (estimate"), 10);
    assert_eq!(count(&bot.shows(Alice), " BTC (estimate"), 10);
    let before = bot.world.mixpay_requests();
    insta::assert_snapshot!(bot.asks(Bob, "quote 21 usd in btc").await, @"Slow down: 10 prices a minute. The next one can be asked for in 11 s.");
    assert_eq!(bot.world.mixpay_requests(), before);
    assert!(bot.asks(Alice, "quote 21 usd in btc").await.contains(" BTC (estimate"));
    bot.passes(secs(11)).await;
    assert!(bot.asks(Bob, "quote 22 usd in btc").await.contains(" BTC (estimate"));
    bot.finish().await;
}

#[tokio::test]
async fn a_status_over_and_over_asks_mixpay_once_in_fifteen_seconds() {
    let mut bot = Bot::without_callbacks().await;
    let codes =
        [bot.invoice(Bob, "invoice 10 usd").await, bot.invoice(Bob, "invoice 11 usd").await];
    // So old that MixPay is asked about it once a minute at most.
    for code in &codes {
        bot.says(Bob, &format!("cancel {code}")).await;
    }
    bot.passes(secs(60)).await;
    bot.shows(Bob);
    let before = bot.world.mixpay_requests();
    for _ in 0..20 {
        assert!(bot.asks(Bob, &format!("status {}", codes[0])).await.contains("Cancelled"));
    }
    assert_eq!(bot.world.mixpay_requests() - before, 1);
    bot.says(Bob, &format!("status {}", codes[1])).await;
    assert_eq!(bot.world.mixpay_requests() - before, 2);
    bot.finish().await;
}

#[tokio::test]
async fn a_pause_of_a_year_lasts_ten_minutes_and_everybody_is_told() {
    let mut bot = Bot::new().await;
    bot.world.faults(|faults, _| {
        faults.mixpay.limited = 1;
        faults.mixpay.retry_after = Some("31536000".to_owned());
    });
    bot.says(Bob, "invoice 10 usd for soup").await;
    assert_eq!(count(&bot.shows(Bob), "saved"), 1);
    let before = bot.world.mixpay_requests();
    // She was not even asked for, and is told all the same, and once.
    bot.says(Alice, "invoice 5 usd").await;
    bot.passes(secs(10)).await;
    assert_eq!(count(&bot.shows(Alice), "saved"), 1);
    assert_eq!(bot.stage.against(), ["MixPay asked for a pause until 14:10:00 UTC (590 s)"]);
    bot.passes(mins(9)).await;
    assert_eq!(bot.world.mixpay_requests(), before, "asked during the pause");
    bot.passes(mins(3)).await;
    for who in [Bob, Alice] {
        let shown = bot.shows(who);
        assert_eq!((count(&shown, "[card]"), count(&shown, "saved")), (1, 0), "{shown}");
    }
    assert!(bot.stage.against().is_empty());
    bot.finish().await;
}

#[tokio::test]
async fn what_was_cancelled_before_mixpay_heard_of_it_is_never_made() {
    let mut bot = Bot::new().await;
    // "Too many requests" is certain: nothing was made.
    bot.world.faults(|faults, _| faults.mixpay.limited = 1);
    bot.says(Bob, "invoice 10 usd for soup").await;
    assert_eq!(count(&bot.shows(Bob), "saved"), 1);
    let code = bot.code();
    let answer = bot.asks(Bob, &format!("cancel {code}")).await;
    assert_eq!(count(&answer, "Cancelled"), 1, "{answer}");
    bot.passes(mins(20)).await;
    assert_eq!(bot.shows(Bob), "");
    assert_eq!(bot.world.all_checkouts().len(), 0);
    bot.finish().await;
}

#[tokio::test]
async fn a_payment_that_may_have_been_made_stays_watched_after_another_took_its_place() {
    let mut bot = Bot::without_callbacks().await;
    made_before_a_maintenance(&mut bot).await;
    let made = bot.world.all_checkouts();
    assert_eq!((made.len(), count(&bot.shows(Bob), "[card]")), (2, 1));
    // Nobody was shown the first one; whoever pays it all the same has paid.
    let first = made.iter().min_by_key(|checkout| checkout.made_at).unwrap();
    bot.world.pay(&first.trace.to_string(), &Payment::default()).unwrap();
    bot.passes(mins(12)).await;
    let shown = bot.shows(Bob);
    assert_eq!(count(&shown, "Paid 10.00 USD"), 1, "{shown}");
    bot.finish().await;
}

#[tokio::test]
async fn while_mixpay_has_been_silent_for_minutes_readyz_says_that_no_money_is_looked_at() {
    let mut bot = Bot::without_callbacks().await;
    bot.invoice(Bob, "invoice 10 usd for coffee").await;
    bot.world.mixpay_offline_for(mins(10));
    bot.passes(mins(4)).await;
    assert!(bot.stage.against().is_empty(), "{:?}", bot.stage.against());
    bot.passes(mins(4)).await;
    let against = bot.stage.against();
    assert!(
        against.iter().any(|why| why.starts_with("MixPay has not answered for ")),
        "{against:?}"
    );
    bot.passes(mins(4)).await;
    assert!(bot.stage.against().is_empty(), "{:?}", bot.stage.against());
}
