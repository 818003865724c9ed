//! Rules of MixPay.

use super::{
    DOUBLE, FOREIGN, Foreign, How, MIXPAY_ACCOUNT, Param, Params, PayError, Payment, Refused,
    Stage, link, order::Maker,
};
use crate::{
    domain::ids::UserId,
    runtime::{clock::HandClock, ids::SeededIds},
    sim::world::{Violation, World, coins, wallet::settlement_memo},
};
use std::{sync::Arc, time::Duration};

const TRACE: &str = "5d2f6a1e-8c3b-4e7a-9f10-2b4c6d8e0f12";
/// 2026-11-21T14:00:00Z.
const START: i64 = 1_795_269_600;

struct Shop {
    world: Arc<World>,
    clock: HandClock,
    alice: UserId,
}

impl Shop {
    fn open() -> Self {
        let clock = HandClock::standing(jiff::Timestamp::from_second(START).unwrap());
        let world = World::new(Arc::new(clock.clone()), Arc::new(SeededIds::new(1)));
        world.habits(|habits| habits.settles_after = None);
        let alice = world.add_person("Alice");
        Self { world, clock, alice }
    }

    /// A complete order of 10 USD for Alice.
    fn order(&self) -> Params {
        Self::order_for(self.alice)
    }

    fn order_for(payee: UserId) -> Params {
        let text = |text: &str| Param::Text(text.to_owned());
        Params(
            [
                ("payeeId", text(&payee.to_string())),
                ("traceId", text(TRACE)),
                ("orderId", text(TRACE)),
                ("quoteAssetId", text("usd")),
                ("quoteAmount", text("10")),
                ("settlementAssetId", text(&coins::USDT.to_string())),
                ("strictMode", Param::Flag(false)),
                ("callbackUrl", text("http://127.0.0.1:1/mixpay/callback")),
                ("callbackEvent", text("settle|pending|paid_less")),
                ("expiredTimestamp", Param::Whole(START + 3600)),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        )
    }

    fn created(&self, order: &Params) -> String {
        self.world.create(order, Maker::OneTime).unwrap().code.to_string()
    }

    fn stage(&self) -> Stage {
        self.world.checkout(TRACE).unwrap().stage
    }
}

#[test]
fn parameters_are_checked_as_strictly_as_the_documents_say() {
    let shop = Shop::open();
    let check = |name: &str, value: Option<Param>, expected: Refused| {
        let mut order = shop.order();
        match value {
            Some(value) => order.0.insert(name.to_owned(), value),
            None => order.0.remove(name),
        };
        let refused = shop.world.create(&order, Maker::OneTime).map(|checkout| checkout.code);
        assert_eq!(refused, Err(expected), "{name}");
    };
    let text = |text: &str| Some(Param::Text(text.to_owned()));
    for required in ["payeeId", "quoteAssetId", "quoteAmount", "settlementAssetId"] {
        check(required, None, Refused::PARAMETER);
        check(required, text(""), Refused::PARAMETER);
    }
    check("payeeId", text("7000101422"), Refused::PARAMETER);
    check("payeeId", text(TRACE), Refused::PAYEE);
    check("quoteAmount", Some(Param::Whole(10)), Refused::PARAMETER);
    check("quoteAmount", text("0"), Refused::PARAMETER);
    check("quoteAmount", text("1e1"), Refused::PARAMETER);
    check("quoteAmount", text("0.09"), Refused::TOO_LOW);
    check("quoteAmount", text("20000.01"), Refused::TOO_HIGH);
    check("quoteAssetId", text("xxx"), Refused::QUOTE_ASSET);
    check("settlementAssetId", text(TRACE), Refused::ASSET);
    check("orderId", text("abc"), Refused::PARAMETER);
    check("orderId", text("ord 123456"), Refused::PARAMETER);
    check("strictMode", text("true"), Refused::PARAMETER);
    check("remark", text(&"x".repeat(51)), Refused::PARAMETER);
    check("callbackUrl", text("http://bot.example/"), Refused::PARAMETER);
    check("callbackEvent", text("settle,pending"), Refused::PARAMETER);
    check("expiredTimestamp", Some(Param::Whole(START + 10)), Refused::PARAMETER);
    check("expiredTimestamp", Some(Param::Whole(900)), Refused::PARAMETER);
    check("expiredTimestamp", Some(Param::Whole(START + 2880 * 60)), Refused::PARAMETER);
    assert_eq!(shop.world.checkouts(), 0);
    assert!(shop.world.create(&shop.order(), Maker::OneTime).is_ok());
}

#[test]
fn what_the_endpoint_does_not_know_is_ignored_and_noted() {
    let shop = Shop::open();
    let mut order = shop.order();
    order.0.insert("expireSeconds".to_owned(), Param::Whole(900));
    shop.created(&order);
    let noted = Violation::UnknownParameter("expireSeconds".to_owned());
    assert_eq!(shop.world.violations(), [noted]);
}

#[test]
fn the_same_order_again_gets_the_same_code_and_another_order_under_its_ids_is_refused() {
    let shop = Shop::open();
    let code = shop.created(&shop.order());
    assert_ne!(code, TRACE);
    assert_eq!(shop.created(&shop.order()), code);
    let mut other = shop.order();
    other.0.insert("quoteAmount".to_owned(), Param::Text("11".to_owned()));
    assert!(shop.world.create(&other, Maker::OneTime).is_err());
    shop.world.habits(|habits| habits.same_body_same_code = false);
    assert!(shop.world.create(&shop.order(), Maker::OneTime).is_err());
    assert_eq!(shop.world.checkouts(), 1);
}

#[test]
fn a_payment_in_mixin_is_paid_at_once_and_cannot_be_paid_again() {
    let shop = Shop::open();
    let code = shop.created(&shop.order());
    let link = format!("https://mixpay.me/code/{code}");
    let paid = shop.world.pay(&link, &Payment::default()).unwrap();
    assert_eq!(paid.amount.to_string(), "0.00009434");
    assert_eq!(shop.stage(), Stage::Success);
    assert_eq!(shop.world.pay(&link, &Payment::default()), Err(PayError::AlreadyPaid));
}

#[test]
fn a_payment_to_the_bot_is_settled_into_its_wallet_with_the_trace_in_the_memo() {
    let shop = Shop::open();
    shop.created(&Shop::order_for(shop.world.bot()));
    shop.world.pay(TRACE, &Payment::default()).unwrap();
    assert_eq!(shop.world.transfers(), 0);
    let settled = shop.world.settle(TRACE).unwrap().settled.unwrap();
    assert_eq!((settled.asset, settled.amount.to_string()), (coins::USDT, "9.98".to_owned()));
    assert!(shop.world.settle(TRACE).is_none(), "only once");
    shop.world.read(|state, _| {
        let snapshot = &state.wallet.snapshots[0];
        assert_eq!(snapshot.transfer.opponent, Some(MIXPAY_ACCOUNT));
        // "PM|trace" in base64, the bytes of that in hex: the fixture of the documents.
        assert_eq!(
            snapshot.memo_hex(),
            "554531384e5751795a6a5a684d5755744f474d7a596930305a5464684c546c6d4d5441744d6d4930597a5a6b4f4755775a6a4579"
        );
    });
    assert_eq!(shop.world.activity().unacknowledged, 1, "a message tells of the transfer");
    assert!(settlement_memo(TRACE.parse().unwrap()).starts_with("UE18"));
}

#[test]
fn a_payment_is_settled_by_itself_after_the_habitual_time() {
    let shop = Shop::open();
    shop.world.habits(|habits| habits.settles_after = Some(Duration::from_secs(3)));
    shop.created(&shop.order());
    shop.world.pay(TRACE, &Payment::default()).unwrap();
    assert!(shop.world.checkout(TRACE).unwrap().settled.is_none());
    shop.clock.advance(Duration::from_secs(3));
    assert!(shop.world.checkout(TRACE).unwrap().settled.is_some());
}

#[test]
fn over_a_chain_a_payment_may_come_in_parts_and_counts_after_its_blocks() {
    let shop = Shop::open();
    shop.created(&shop.order());
    let part = "0.00005".parse().unwrap();
    shop.world.pay(TRACE, &Payment::done(How::Underpay(part)).on_chain()).unwrap();
    shop.world.confirm_all(TRACE);
    let partial = shop.world.checkout(TRACE).unwrap();
    assert_eq!(partial.stage, Stage::Pending);
    assert!(partial.is_multi_pay() && !partial.is_fully_paid());
    let rest = shop.world.pay(TRACE, &Payment::default().on_chain()).unwrap();
    assert_eq!(rest.amount.to_string(), "0.00004434");
    assert_eq!(shop.stage(), Stage::Pending);
    assert_eq!(shop.world.confirm(TRACE).unwrap().stage, Stage::Pending);
    assert_eq!(shop.world.confirm(TRACE).unwrap().stage, Stage::Success);
    assert!(shop.world.checkout(TRACE).unwrap().surplus.is_none());
}

#[test]
fn too_much_over_a_chain_is_success_with_a_surplus_and_in_mixin_it_comes_back() {
    let shop = Shop::open();
    shop.created(&shop.order());
    let overpaid = Payment::done(How::Overpay("0.1".parse().unwrap()));
    shop.world.pay(TRACE, &overpaid).unwrap();
    assert_eq!(shop.stage(), Stage::Failed(40024));
    shop.world.pay(TRACE, &overpaid.on_chain()).unwrap();
    let surplus = shop.world.confirm_all(TRACE).unwrap().surplus.unwrap();
    assert_eq!(surplus.amount.to_string(), "0.1");
}

#[test]
fn a_tampered_payment_is_reported_as_success_with_other_values() {
    let shop = Shop::open();
    shop.created(&shop.order());
    let mallory = shop.world.add_person("Mallory");
    let how =
        How::Tampered { amount: Some("0.01".parse().unwrap()), payee: Some(mallory), quote: None };
    shop.world.pay(TRACE, &Payment::done(how)).unwrap();
    let result = shop.world.checkout(TRACE).unwrap();
    assert_eq!(result.stage, Stage::Success);
    assert_eq!(result.amount.unwrap().to_string(), "0.01");
    assert_eq!(result.payee, mallory);
}

#[test]
fn a_closed_payment_fails_what_comes_later_comes_back_and_only_on_command_counts() {
    let shop = Shop::open();
    shop.created(&shop.order());
    shop.clock.advance(Duration::from_hours(1));
    assert_eq!(shop.stage(), Stage::Failed(40000));
    shop.world.pay(TRACE, &Payment::default()).unwrap();
    assert_eq!(shop.stage(), Stage::Failed(40000));
    shop.world.pay(TRACE, &Payment::done(How::Late)).unwrap();
    assert_eq!(shop.stage(), Stage::Success);
}

#[test]
fn wrong_double_and_audited_payments_are_reported_as_such() {
    let shop = Shop::open();
    shop.created(&shop.order());
    shop.world.pay(TRACE, &Payment::done(How::WrongAsset)).unwrap();
    assert_eq!(shop.stage(), Stage::Failed(40020));
    shop.world.confirm_all(TRACE);
    assert_eq!(shop.stage(), Stage::Failed(40020), "blocks make the wrong coin good");
    shop.world.pay(TRACE, &Payment::done(How::Double)).unwrap();
    assert_eq!(shop.stage(), Stage::Failed(DOUBLE));
    let third = shop.world.pay(TRACE, &Payment::done(How::Exact));
    assert_eq!(third, Err(PayError::AlreadyPaid));
    shop.world.settle(TRACE).unwrap();
    assert_eq!(shop.stage(), Stage::Success);

    let mut second = shop.order();
    second.0.remove("traceId");
    second.0.insert("orderId".to_owned(), Param::Text("second_order".to_owned()));
    let code = shop.created(&second);
    shop.world.pay("second_order", &Payment::done(How::Audited)).unwrap();
    assert_eq!(shop.world.checkout(&code).unwrap().stage, Stage::Auditing);
    shop.world.audit_stop(&code, None);
    assert_eq!(shop.world.checkout(&code).unwrap().stage, Stage::Success);
}

#[test]
fn after_a_failure_the_page_asks_for_the_whole_price_again() {
    let shop = Shop::open();
    shop.created(&shop.order());
    let whole = Payment::default().with(coins::USDT).on_chain();
    let price = shop.world.price(TRACE, &whole).unwrap();
    shop.world.pay(TRACE, &whole).unwrap();
    let wrong = Payment::done(How::WrongAsset).with(coins::USDT).on_chain();
    shop.world.pay(TRACE, &wrong).unwrap();
    assert_eq!(shop.stage(), Stage::Failed(40020));
    assert_eq!(shop.world.price(TRACE, &whole), Ok(price));
}

#[test]
fn a_payment_that_is_refused_leaves_the_page_as_it_was() {
    let shop = Shop::open();
    shop.created(&shop.order());
    let part = |amount: &str| Payment::done(How::Underpay(amount.parse().unwrap()));
    shop.world.pay(TRACE, &part("0.00005")).unwrap();
    assert_eq!(shop.stage(), Stage::Failed(40024));
    let before = shop.world.checkout(TRACE).unwrap();
    assert_eq!(shop.world.pay(TRACE, &part("1")), Err(PayError::NotLess));
    let after = shop.world.checkout(TRACE).unwrap();
    assert_eq!((after.stage, after.transactions), (before.stage, before.transactions));
}

#[test]
fn a_direct_payment_is_paid_by_exactly_its_transfer_while_the_price_holds() {
    let shop = Shop::open();
    let mut order = shop.order();
    order.0.insert("paymentAssetId".to_owned(), Param::Text(coins::ETH.to_string()));
    let checkout = shop.world.create(&order, Maker::Direct).unwrap();
    let memo = "payment|".to_owned() + &checkout.client().to_string();
    let memo = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, memo);
    let link = |amount: &str, memo: &str| {
        let mut link = url::Url::parse("mixin://pay").unwrap();
        link.query_pairs_mut()
            .append_pair("recipient", &MIXPAY_ACCOUNT.to_string())
            .append_pair("asset", &coins::ETH.to_string())
            .append_pair("amount", amount)
            .append_pair("memo", memo)
            .append_pair("trace", TRACE);
        link.to_string()
    };
    let amount = checkout.price.unwrap().amount.to_string();
    assert!(link::transfer(&link(&amount, &memo)).is_some());
    let pay = |link: String| shop.world.pay(&link, &Payment::default());
    assert_eq!(pay(link(&amount, "x")), Err(PayError::Returned));
    pay(link("0.1", &memo)).unwrap();
    assert_eq!(shop.stage(), Stage::Failed(40024));
    shop.clock.advance(Duration::from_secs(61));
    pay(link(&amount, &memo)).unwrap();
    assert_eq!(shop.stage(), Stage::Failed(40000), "the price held for 60 s");
}

#[test]
fn a_universal_link_makes_a_payment_of_its_own_and_can_be_edited() {
    let shop = Shop::open();
    let bot = shop.world.bot();
    let link = format!(
        "https://mixpay.me/pay?payeeId={bot}&settlementAssetId={}&quoteAssetId=usd&quoteAmount=5&settlementMemo=K7Q2MXN",
        coins::USDT
    );
    let first = shop.world.pay(&link, &Payment::default()).unwrap();
    let edited = shop.world.pay(&format!("{link}&amount=0.5"), &Payment::default()).unwrap();
    assert_ne!(first.code, edited.code);
    assert!(edited.amount < first.amount);
    shop.world.settle(&first.code.to_string()).unwrap();
    let memo = shop.world.read(|state, _| state.wallet.snapshots[0].transfer.memo.clone());
    assert_eq!(memo, "K7Q2MXN");
    let open = format!("https://mixpay.me/pay?payeeId={bot}");
    assert_eq!(shop.world.pay(&open, &Payment::default()), Err(PayError::NoAmount));
    shop.created(&shop.order());
    let stolen = format!("{link}&traceId={TRACE}");
    assert_eq!(shop.world.pay(&stolen, &Payment::default()), Err(PayError::PageError(1017)));
}

#[test]
fn a_callback_is_delivered_ten_times_at_mixpays_intervals_unless_it_is_accepted() {
    let shop = Shop::open();
    shop.created(&shop.order());
    shop.world.pay(TRACE, &Payment::default()).unwrap();
    let mut at = vec![];
    let start = shop.world.clock().now();
    while let Some(due) = shop.world.next_due().filter(|_| at.len() < 20) {
        let wait = due.duration_since(shop.world.clock().now());
        shop.clock.advance(Duration::try_from(wait).unwrap_or_default());
        for callback in shop.world.take_callbacks() {
            if callback.event != super::callbacks::Event::Success {
                shop.world.callback_answered(callback.number, true);
                continue;
            }
            assert_eq!((callback.order.as_str(), callback.trace.as_str()), (TRACE, TRACE));
            assert_eq!(shop.world.activity().callbacks, 1);
            at.push(shop.world.clock().now().duration_since(start).as_secs());
            shop.world.callback_answered(callback.number, false);
        }
    }
    assert_eq!(at, [0, 15, 30, 60, 240, 2040, 3840, 5640, 7440, 11040]);
    assert_eq!(shop.world.callback_counts(), (0, 1));

    shop.world.call_back_again(TRACE);
    let again = shop.world.take_callbacks();
    assert_eq!(again.len(), 1);
    assert!(shop.world.take_callbacks().is_empty(), "it is on its way");
    shop.world.callback_answered(again[0].number, true);
    assert_eq!(shop.world.callback_counts(), (1, 1));
    assert!(shop.world.activity().is_quiet());
}

#[test]
fn in_no_60_seconds_are_more_than_60_requests_answered() {
    let shop = Shop::open();
    for second in 0..60 {
        assert_eq!(shop.world.count_mixpay_request(), Some(59 - second));
    }
    shop.clock.advance(Duration::from_secs(59));
    assert_eq!(shop.world.count_mixpay_request(), None);
    assert_eq!(shop.world.limit_violations(), 1);
    shop.clock.advance(Duration::from_secs(1));
    assert_eq!(shop.world.count_mixpay_request(), Some(58), "the refused one counts as well");
    assert_eq!(shop.world.mixpay_requests(), 62);
}

#[test]
fn the_same_group_of_payees_has_the_same_multisig_id() {
    let shop = Shop::open();
    let members: Vec<_> =
        ["Ann", "Ben", "Cyd"].map(|name| shop.world.add_person(name).to_string()).into();
    let ask = |members: Vec<String>, threshold: i64| {
        let params = Params(
            [
                ("receivers".to_owned(), Param::List(members)),
                ("threshold".to_owned(), Param::Whole(threshold)),
            ]
            .into(),
        );
        shop.world.multisig(&params)
    };
    let id = ask(members.clone(), 2).unwrap();
    assert_eq!(ask(members.iter().rev().cloned().collect(), 2), Ok(id));
    assert_ne!(ask(members.clone(), 3), Ok(id));
    assert_eq!(ask(members.clone(), 4), Err(Refused::THRESHOLD));
    assert_eq!(ask(members[..2].to_vec(), 1), Err(Refused::PARAMETER));
    shop.created(&Shop::order_for(id));
}

#[test]
fn what_is_said_of_a_payment_in_one_coin_can_be_anothers_while_the_payment_stays_what_it_is() {
    let shop = Shop::open();
    let mut order = shop.order();
    order.0.insert("paymentAssetId".to_owned(), Param::Text(coins::USDT.to_string()));
    let made = shop.world.create(&order, Maker::Direct).unwrap();
    let told = |foreign: Option<Foreign>| {
        shop.world.faults(|faults, _| faults.mixpay_foreign_payments = foreign);
        let told = shop.world.as_told(shop.world.checkout(TRACE).unwrap());
        let price = told.price.unwrap();
        let until = price.until.as_second();
        (told.trace, told.recipient, price.asset, price.amount.to_string(), until)
    };
    let truth = told(None);
    assert_eq!((truth.0, truth.1, truth.2), (made.trace, MIXPAY_ACCOUNT, coins::USDT));
    for (word, foreign) in FOREIGN {
        let lie = told(Some(foreign));
        let differs = [
            ("trace", lie.0 != truth.0),
            ("recipient", lie.1 != truth.1),
            ("asset", lie.2 != truth.2),
            ("amount", lie.3 != truth.3),
            ("time", lie.4 != truth.4),
        ];
        assert!(differs.iter().all(|(name, differs)| *differs == (*name == word)), "{word}");
    }
    assert_eq!(told(Some(Foreign::Amount)).3, "10000");
}
