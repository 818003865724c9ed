//! Addresses that open a wallet on a payment: Mixin's own, and those of coins.

use super::query::{Query, percent_encoded};
use crate::domain::{
    amount::Amount,
    ids::{AssetId, TraceId, UserId},
};

/// The address that opens a Mixin wallet on a transfer; it must be made exactly as it stands there.
pub fn mixin_pay_url(
    recipient: UserId,
    asset: AssetId,
    amount: Amount,
    memo: &str,
    trace: TraceId,
) -> String {
    let mut query = Query::default();
    query.add("recipient", recipient);
    query.add("asset", asset);
    query.add("amount", amount);
    // The base64 of a memo has `+`, `/` and `=` in it.
    query.add("memo", memo);
    query.add("trace", trace);
    query.after("mixin://pay")
}

/// The address that opens a wallet of the coin's own chain, for the coins that have an agreed one.
/// Where it is `None`, show the destination itself; a tag has no place in such an address.
pub fn chain_pay_url(asset: AssetId, destination: &str, amount: Amount) -> Option<String> {
    const SCHEMES: [(AssetId, &str); 2] = [
        (AssetId::new(uuid::uuid!("c6d0c728-2624-429b-8e0d-d9d19b6592fa")), "bitcoin"),
        (AssetId::new(uuid::uuid!("64692c23-8971-4cf4-84a7-4dd1271dd887")), "solana"),
    ];
    let (_, scheme) = SCHEMES.iter().find(|(known, _)| *known == asset)?;
    Some(format!("{scheme}:{}?amount={amount}", percent_encoded(destination)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_with_an_agreed_address_open_their_wallet() {
        let check = |asset: &str, expected: Option<&str>| {
            let amount = "0.5".parse().unwrap();
            let url = chain_pay_url(asset.parse().unwrap(), "1MadeUp", amount);
            assert_eq!(url.as_deref(), expected);
        };
        check("c6d0c728-2624-429b-8e0d-d9d19b6592fa", Some("bitcoin:1MadeUp?amount=0.5"));
        check("64692c23-8971-4cf4-84a7-4dd1271dd887", Some("solana:1MadeUp?amount=0.5"));
        check("6cfe566e-4aad-470b-8c9a-2fd35b49c68d", None);
    }
}
