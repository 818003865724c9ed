//! `asset`, `quote`, `settle`, `multisig`: what money can be, and who may receive together.

use crate::harness::{Alice, Bob, Bot, Carol, Olivia};

#[tokio::test]
async fn an_asset_is_told_with_every_chain_and_what_mixpay_does_with_it() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "asset usdt").await, @r"
    USDT · Tether USD · Ethereum
    [UUID]
    pay with ✓ · price in ✓ · receive ✓
    USDT · Tether USD · Tron
    [UUID]
    pay with ✓ · price in ✓ · receive ✓
    USDT · Tether USD · BNB Smart Chain
    [UUID]
    pay with ✓ · price in ✓ · receive ✓
    ");
    insta::assert_snapshot!(bot.asks(Bob, "币 btc").await, @r"
    BTC · Bitcoin
    [UUID]
    付款 ✓ · 计价 ✓ · 结算 ✓
    ");
    insta::assert_snapshot!(bot.asks(Bob, "asset mob").await, @r"
    MOB · MobileCoin
    [UUID]
    pay with ✗ · price in ✓ · receive ✗
    ");
    insta::assert_snapshot!(bot.asks(Bob, "asset nonsense").await, @"No asset is called nonsense. For example: asset usdt");
    insta::assert_snapshot!(bot.asks(Bob, "c6d0c728-2624-429b-8e0d-d9d19b6592fa").await, @r"
    BTC · Bitcoin
    [UUID]
    pay with ✓ · price in ✓ · receive ✓
    ");
    bot.finish().await;
}

#[tokio::test]
async fn a_quote_says_what_has_to_be_paid_and_what_is_received() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "quote 10 usd in btc").await, @r"
    10.00 USD ≈ 0.00009434 BTC (estimate, not locked)
    You would receive about 9.98003992 USDT.
    (silent) [Invoice 10.00 USD]
    ");
    insta::assert_snapshot!(bot.asks(Bob, "报价 10 usd in eth").await, @r"
    10.00 USD ≈ 0.00285715 ETH (ERC20)（估价，未锁定）
    你将收到约 9.98002495 USDT。
    (silent) [收款 10.00 USD]
    ");
    insta::assert_snapshot!(bot.asks(Bob, "quote 10 usd").await, @r"
    Which coin is it to be paid with?
    (silent) [BTC] [ETH (ERC20)] [USDT (ERC20)] [USDT (TRC20)] [USDT (BEP20)] [USDC (ERC20)]
    ");
    bot.finish().await;
}

#[tokio::test]
async fn what_is_settled_in_is_chosen_and_stands_on_the_next_card() {
    let mut bot = Bot::new().await;
    insta::assert_snapshot!(bot.asks(Bob, "settle").await, @r"
    Which coin do you want to receive from now on? Tap, or write: settle usdt@erc20
    (silent) [BTC] [ETH (ERC20)] [USDT (ERC20)] [USDT (TRC20)] [USDT (BEP20)] [USDC (ERC20)]
    ");
    insta::assert_snapshot!(bot.asks(Bob, "settle btc").await, @"From now on you receive BTC. Invoices that were made before keep theirs.");
    bot.says(Bob, "invoice 10 usd").await;
    assert!(bot.shows(Bob).contains("Settles in BTC"));
    insta::assert_snapshot!(bot.asks(Bob, "settle eur").await, @r"
    MixPay pays out EUR on application only. Ask Robin, Mixin ID 26930.
    Coins need no application, for example: settle usdt
    ");
    insta::assert_snapshot!(bot.asks(Bob, "settle paid").await, @r"
    From now on your pay links settle in whatever the payer pays with.
    That is for links only: your invoices settle in USDT (ERC20).
    ");
    insta::assert_snapshot!(bot.asks(Bob, "结算 usdt@tron").await, @"今后你将收到 USDT (TRC20)。之前创建的收款不变。");
    bot.finish().await;
}

#[tokio::test]
async fn a_multisig_is_made_once_and_can_be_the_payee() {
    let mut bot = Bot::new().await;
    let [a, b, c] = [Bob, Alice, Carol].map(|who| bot.person(who).number);
    let line = format!("multisig 2 of @{a} @{b} @{c}");
    insta::assert_snapshot!(bot.asks(Bob, &line).await, @r"
    MixPay multisig, 2 of 3 must sign. Its id:
    [UUID]
    The group sees its money in the wallets 7000102367, 7000103970.
    (silent) [Use as payee]
    ");
    let requests = bot.world.mixpay_requests();
    let again = format!("multisig 2 of @{c} @{a} @{b}");
    insta::assert_snapshot!(bot.asks(Olivia, &again).await, @r"
    MixPay multisig, 2 of 3 must sign. Its id:
    [UUID]
    The group sees its money in the wallets 7000102367, 7000103970.
    (silent) [Use as payee]
    ");
    assert_eq!(bot.world.mixpay_requests(), requests);
    bot.taps(Bob, "Use as payee").await;
    insta::assert_snapshot!(bot.shows(Bob), @r"
    A MixPay multisig, 2 of 3
    [UUID]
    Shall they receive what is paid to you from now on?
    (silent) [Yes, use as payee]
    ");
    insta::assert_snapshot!(bot.asks(Bob, &format!("multisig 2 of @{a} @{a} @{c}")).await, @"@37160855 stands twice, and a multisig has each member once. Please name each once.");
    insta::assert_snapshot!(bot.asks(Bob, &format!("multisig 4 of @{a} @{b} @{c}")).await, @"With 3 members a multisig asks for 1 to 3 signatures. Please choose a number between them.");
    insta::assert_snapshot!(bot.asks(Bob, &format!("multisig 2 of @{a} @{b}")).await, @"A multisig has 3 to 256 members, and this has 2. Please change its members.");
    bot.finish().await;
}
