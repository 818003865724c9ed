//! Ids derived from their cause: the same cause gives the same id, so a resend is no second message.

use crate::domain::ids::{ConversationId, UserId};
use md5::Md5;
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// This database's secret. Members of a group see message ids; without the secret nobody can
/// compute the next one.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// The secret with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The id of what `cause` causes for `purpose`: a UUID from SHA-256(secret ‖ purpose ‖ cause),
    /// the parts divided by a zero byte so that no two causes run together.
    pub(in crate::domain) fn derive(&self, purpose: &str, cause: &[String]) -> Uuid {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(purpose.as_bytes());
        for part in cause {
            hash.update([0]);
            hash.update(part.as_bytes());
        }
        let digest = hash.finalize();
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(digest) {
            *to = from;
        }
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The conversation of two users: Mixin's formula, MD5 over both ids in order, with version bits
/// (mixin.md 8.1; not a version 3 UUID with a namespace).
pub fn contact_conversation(one: UserId, other: UserId) -> ConversationId {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    let mut hash = Md5::new();
    hash.update(first.to_string());
    hash.update(second.to_string());
    ConversationId::new(uuid::Builder::from_md5_bytes(hash.finalize().into()).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_cause_gives_the_same_id_and_another_gives_another() {
        let secret = Secret::new([7; 32]);
        let cause = |one: &str, other: &str| [one.to_owned(), other.to_owned()];
        let id = secret.derive("notice", &cause("a", "bc"));
        assert_eq!(id, secret.derive("notice", &cause("a", "bc")));
        assert_ne!(id, secret.derive("notice", &cause("ab", "c")));
        assert_ne!(id, secret.derive("trace", &cause("a", "bc")));
        assert_ne!(id, Secret::new([8; 32]).derive("notice", &cause("a", "bc")));
    }

    #[test]
    fn the_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new([7; 32])), "Secret(…)");
    }
}
