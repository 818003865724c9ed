//! Derived ids: the conversation of two users has the id that every other client gives it.

use super::{each, text, vectors};
use mixpay_bot::domain::{derive::contact_conversation, ids::UserId};

#[test]
fn two_users_have_one_conversation_with_the_id_of_the_sdks() {
    let mut checked = 0;
    for file in ["uuid-node", "uuid-go"] {
        for pair in each(&vectors(file)["unique_conversation_id"]) {
            // Some recorded pairs are no UUIDs, to show the formula alone.
            let ids = (text(&pair["a"]).parse::<UserId>(), text(&pair["b"]).parse::<UserId>());
            let (Ok(one), Ok(other)) = ids else { continue };
            assert_eq!(contact_conversation(one, other).to_string(), pair["id"]);
            assert_eq!(contact_conversation(other, one).to_string(), pair["id"]);
            checked += 1;
        }
    }
    assert_eq!(checked, 9);
}
