//! Transfers of strangers: however many, and whenever they say they happened, nobody else waits for
//! them, and no money is overlooked behind them.

use super::Everybody;
use mixpay_bot::{
    domain::ids::{AssetId, UserId},
    sim::{MIXPAY_ACCOUNT, Place, Shown, Transfer, coins, world::wallet},
};
use std::time::Duration;
use uuid::Uuid;

const HOUR: u64 = 3600;

impl Everybody {
    fn sends(&self, from: UserId, asset: AssetId, amount: &str) {
        let amount = amount.parse().unwrap();
        self.machine.world.transfer(Transfer::to_bot(from, asset, amount, "hi"));
    }

    /// A deposit of which no message tells.
    fn deposits(&self, asset: AssetId, amount: &str) {
        let amount = amount.parse().unwrap();
        let transfer = Transfer::to_bot(self.bob, asset, amount, "");
        self.machine.world.transfer(Transfer { opponent: None, ..transfer });
    }

    /// Everything that somebody was shown.
    fn words(&self, who: UserId) -> Vec<String> {
        let shown = self.machine.world.shown(who, Place::Private);
        shown.iter().map(Shown::words).collect()
    }

    /// Bob's till makes an invoice; the memo of its settlement.
    fn settlement_memo(&mut self) -> String {
        self.says(self.bob, "payee bot confirm");
        self.passes(5);
        self.says(self.bob, "invoice 10 usd for tea");
        self.passes(10);
        let trace = self.machine.world.all_checkouts().last().unwrap().trace;
        wallet::settlement_memo(trace)
    }

    fn is_settled(&self, memo: &str) {
        let amount = "9.98".parse().unwrap();
        let world = &self.machine.world;
        world.transfer(Transfer::to_bot(MIXPAY_ACCOUNT, coins::USDT, amount, memo));
    }
}

#[test]
fn six_hundred_transfers_of_dust_delay_nobody_and_are_told_once_an_hour() {
    let mut all = Everybody::begin();
    let (alice, olivia) = (all.machine.world.add_person("Alice"), all.machine.world.owner());
    all.says(alice, "hello");
    all.passes(10);
    let mallory = all.machine.world.add_person("Mallory");
    all.machine.world.faults(|faults, _| faults.mixin.latency = Duration::from_millis(80));
    for _ in 0..600 {
        all.sends(mallory, coins::USDT, "0.0001");
    }
    all.passes(1);
    all.says(alice, "ping");
    all.passes(2);
    assert_eq!(all.shown(alice, "pong"), 1);
    all.passes(30);
    // However much there is, one answer and one opening.
    assert_eq!(all.words(mallory).len(), 1, "{:?}", all.words(mallory));
    assert_eq!(all.words(olivia), Vec::<String>::new());
    assert_eq!(all.machine.world.asked_to_open(), 1);
    all.passes(HOUR + 120);
    let told = all.words(olivia);
    assert_eq!(told.len(), 1, "{told:?}");
    let summary =
        "600 small or repeated transfers arrived that belong to no invoice:\n600 × 0.06 USDT";
    assert!(told.first().unwrap().starts_with(summary), "{told:?}");
    // The next hour is told anew, and the conversations stay open.
    all.sends(mallory, coins::USDT, "0.0001");
    all.passes(2 * HOUR);
    assert_eq!((all.words(mallory).len(), all.words(olivia).len()), (2, 2));
    assert_eq!(all.machine.world.asked_to_open(), 2);
}

#[test]
fn a_crowd_of_strangers_with_dust_delays_nobody_else() {
    let mut all = Everybody::begin();
    all.machine.world.faults(|faults, _| faults.mixin.latency = Duration::from_millis(80));
    let crowd: Vec<UserId> = (0..100)
        .map(|number| all.machine.world.add_person(&format!("Stranger {number}")))
        .collect();
    for stranger in &crowd {
        all.sends(*stranger, coins::USDT, "0.0001");
    }
    all.passes(1);
    all.says(all.bob, "ping");
    all.passes(2);
    assert_eq!(all.shown(all.bob, "pong"), 1);
    all.passes(30);
    assert!(crowd.iter().all(|stranger| all.words(*stranger).len() == 1));
}

#[test]
fn tokens_that_anybody_can_make_are_counted_by_their_ids() {
    let mut all = Everybody::begin();
    let olivia = all.machine.world.owner();
    let mallory = all.machine.world.add_person("Mallory");
    for number in 0..40 {
        all.sends(mallory, AssetId::new(Uuid::from_u128(1000 + number)), "1000000");
    }
    all.passes(2 * HOUR);
    let told = all.words(olivia);
    assert_eq!(told.len(), 1, "{told:?}");
    let told = told.first().unwrap();
    assert!(told.starts_with("40 small"), "{told}");
    assert!(told.contains("1,000,000 of an unlisted token, id 00000000-"), "{told}");
    assert!(told.ends_with("28 × of other tokens"), "{told}");
    assert_eq!(all.words(mallory).len(), 1);
}

#[test]
fn more_than_three_an_hour_of_one_sender_are_counted_and_other_senders_are_told_of() {
    let mut all = Everybody::begin();
    let olivia = all.machine.world.owner();
    let (mallory, alice) =
        (all.machine.world.add_person("Mallory"), all.machine.world.add_person("Alice"));
    for _ in 0..8 {
        all.sends(mallory, coins::BTC, "0.5");
    }
    all.sends(alice, coins::BTC, "0.25");
    all.passes(60);
    let told = all.words(olivia);
    assert_eq!(told.iter().filter(|words| words.starts_with("0.5 BTC arrived")).count(), 3);
    assert_eq!(told.iter().filter(|words| words.starts_with("0.25 BTC arrived")).count(), 1);
    // Each of the three has its answer, and then one says that there is one an hour.
    assert_eq!((all.words(mallory).len(), all.words(alice).len()), (4, 1));
    all.passes(HOUR + 120);
    let told = all.words(olivia);
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(told.last().unwrap().ends_with("5 × 2.5 BTC"), "{told:?}");
}

#[test]
fn a_settlement_behind_any_number_of_strangers_with_its_time_is_found() {
    for mute in [false, true] {
        let mut all = Everybody::begin();
        let olivia = all.machine.world.owner();
        let memo = all.settlement_memo();
        all.machine.world.faults(|faults, _| {
            faults.transfers_at_one_time = true;
            // Only the wallet's pages can tell then.
            faults.blaze_mute = mute;
        });
        for _ in 0..1200 {
            all.deposits(coins::USDT, "0.0001");
        }
        all.is_settled(&memo);
        all.passes(180);
        assert_eq!(all.shown(all.bob, "9.98 USDT arrived for"), 1, "mute: {mute}");
        // And what comes later is not hidden by the full pages for ever.
        all.machine.world.faults(|faults, _| faults.transfers_at_one_time = false);
        all.deposits(coins::BTC, "0.5");
        all.passes(600);
        // Nobody knows of whom it is, and of nobody there were too many.
        assert!(all.words(olivia).iter().all(|words| !words.contains("0.5 BTC arrived")));
        all.passes(HOUR + 120);
        assert!(all.words(olivia).iter().any(|words| words.contains("1 × 0.5 BTC")));
    }
}

#[test]
fn a_wallet_that_cannot_be_read_is_said_at_readyz_until_it_can() {
    let mut all = Everybody::begin();
    all.machine.world.mixin_offline_for(Duration::from_mins(9));
    all.passes(4 * 60);
    assert_eq!(all.not_ready(), Vec::<String>::new());
    all.passes(4 * 60);
    let against = all.not_ready();
    let said = |why: &String| why.starts_with("the wallet has not been read for 4");
    assert!(against.iter().any(said), "{against:?}");
    all.passes(5 * 60);
    assert_eq!(all.not_ready(), Vec::<String>::new());
}

#[test]
fn a_conversation_that_does_not_open_holds_up_its_own_lane_alone() {
    let mut all = Everybody::begin();
    let people: Vec<UserId> =
        (0..3).map(|number| all.machine.world.add_person(&format!("Guest {number}"))).collect();
    // One of the requests that open their conversations takes long.
    for person in &people {
        all.sends(*person, coins::BTC, "0.5");
    }
    all.machine.world.faults(|faults, _| faults.mixin.slow = 1);
    all.machine.world.faults(|faults, _| faults.mixin.delay = Duration::from_secs(7));
    all.says(all.bob, "ping");
    all.passes(60);
    assert_eq!(all.shown(all.bob, "pong"), 1);
    assert!(people.iter().all(|person| all.words(*person).len() == 1));
    assert_eq!(all.machine.world.violations(), []);
}
