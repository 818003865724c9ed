//! Encrypted messages: opening what other sessions encrypted for ours (mixin.md 5).

use crate::keystore::Keystore;
use aes::Aes256;
use aes_gcm::{Aes128Gcm, KeyInit, Nonce, aead::Aead};
use cbc::cipher::{BlockDecryptMut, KeyIvInit, block_padding::Pkcs7};
use curve25519_dalek::MontgomeryPoint;
use sha2::{Digest, Sha512};
use uuid::Uuid;
use zeroize::Zeroizing;

/// One session's block: its id, and the message key wrapped for it (IV and ciphertext).
const BLOCK_BYTES: usize = 64;

/// Why a message could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecryptError {
    /// The keystore's key is RSA; nobody can encrypt for it.
    #[error("an RSA keystore cannot read encrypted messages")]
    NoKey,
    /// The bytes end too early.
    #[error("the message is cut off")]
    Short,
    /// No block is for our session.
    #[error("the message is not encrypted for this session")]
    NotForUs,
    /// A padding or a tag is wrong.
    #[error("the message was changed, or encrypted with another key")]
    Forged,
}

/// Opens a message. The version byte is not checked, as no other client does.
pub fn decrypt(keystore: &Keystore, message: &[u8]) -> Result<Vec<u8>, DecryptError> {
    let seed = keystore.seed().ok_or(DecryptError::NoKey)?;
    let (_version, rest) = message.split_first().ok_or(DecryptError::Short)?;
    let (blocks_count, rest) = rest.split_first_chunk::<2>().ok_or(DecryptError::Short)?;
    let (sender, rest) = rest.split_first_chunk::<32>().ok_or(DecryptError::Short)?;
    let blocks_bytes = usize::from(u16::from_le_bytes(*blocks_count)).saturating_mul(BLOCK_BYTES);
    let (blocks, rest) = rest.split_at_checked(blocks_bytes).ok_or(DecryptError::Short)?;
    let (nonce, body) = rest.split_first_chunk::<12>().ok_or(DecryptError::Short)?;

    let shared = shared_secret(seed, sender);
    let key = unwrap_key(blocks, keystore.session(), &shared)?;
    let cipher = Aes128Gcm::new_from_slice(key.as_slice()).map_err(|_| DecryptError::Forged)?;
    cipher.decrypt(Nonce::from_slice(nonce), body).map_err(|_| DecryptError::Forged)
}

/// X25519 of our secret, which is the Ed25519 seed's scalar, and the sender's public key.
fn shared_secret(seed: &[u8; 32], public: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let mut secret = Zeroizing::new([0; 32]);
    for (to, from) in secret.iter_mut().zip(Sha512::digest(seed)) {
        *to = from;
    }
    // `mul_clamped` clears and sets the bits that RFC 7748 wants.
    Zeroizing::new(MontgomeryPoint(*public).mul_clamped(*secret).to_bytes())
}

/// The message key out of our session's block.
fn unwrap_key(
    blocks: &[u8],
    session: Uuid,
    shared: &[u8; 32],
) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    let wrapped = blocks
        .chunks_exact(BLOCK_BYTES)
        .find_map(|block| block.strip_prefix(session.as_bytes()))
        .ok_or(DecryptError::NotForUs)?;
    let (iv, wrapped) = wrapped.split_at_checked(16).ok_or(DecryptError::Short)?;
    let cipher =
        cbc::Decryptor::<Aes256>::new_from_slices(shared, iv).map_err(|_| DecryptError::Forged)?;
    let key = cipher.decrypt_padded_vec_mut::<Pkcs7>(wrapped).map_err(|_| DecryptError::Forged)?;
    if key.len() == 16 { Ok(Zeroizing::new(key)) } else { Err(DecryptError::Forged) }
}
