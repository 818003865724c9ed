//! Ids with kinds: a user's id is not a message's id, although both are UUIDs.

use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no UUID")]
pub struct IdError {
    /// The text that was found.
    pub found: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        ///
        /// Text is 32 hex digits with or without dashes, in either case; it prints in lower case
        /// with dashes. Version and variant are not checked: MixPay's own samples break them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with this UUID.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID of this id.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )* };
}

/// Only the plain and the dashed form: the `uuid` crate would also read braces and URNs.
fn parse(text: &str) -> Result<Uuid, IdError> {
    match text.len() {
        32 | 36 => Uuid::try_parse(text).map_err(|_| IdError { found: text.to_owned() }),
        _ => Err(IdError { found: text.to_owned() }),
    }
}

ids! {
    /// A Mixin user, a bot, or a MixPay multisig: whoever can be paid or spoken to.
    UserId
    /// A conversation: one-to-one or a group.
    ConversationId
    /// A message of a conversation.
    MessageId
    /// A transfer into or out of a Mixin wallet.
    SnapshotId
    /// A payment, as MixPay knows it.
    TraceId
    /// An asset of the Mixin network.
    AssetId
    /// One of our invoices.
    InvoiceId
    /// Something that is to leave this process.
    EffectId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_one_id_and_anything_else_is_none() {
        let dashed: UserId = "a0d77914-0877-6b47-eb1d-d3f94ed15d6a".parse().unwrap();
        let plain: UserId = "A0D7791408776B47EB1DD3F94ED15D6A".parse().unwrap();
        assert_eq!(dashed, plain);
        assert_eq!(plain.to_string(), "a0d77914-0877-6b47-eb1d-d3f94ed15d6a");
        for bad in ["", "7000101422", "{a0d77914-0877-6b47-eb1d-d3f94ed15d6a}"] {
            assert!(bad.parse::<UserId>().is_err(), "{bad}");
        }
    }
}
