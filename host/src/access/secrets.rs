//! Random texts that open something for whoever carries them. The host keeps their hash.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::record::Digest;

/// Bytes of randomness: guessing one is as hopeless as guessing a key.
const RANDOM_BYTES: usize = 32;
/// Digits of a code that people type.
pub const DIGITS: usize = 6;

/// This machine gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("this machine gave no randomness: {0}")]
pub struct NoRandomness(getrandom::Error);

/// A text that was just made. It is nowhere else.
pub struct Secret {
    pub text: String,
    pub hash: Digest,
}

impl Secret {
    /// # Errors
    /// [`NoRandomness`].
    pub fn fresh(prefix: &str) -> Result<Self, NoRandomness> {
        let random = random::<RANDOM_BYTES>()?;
        let text = format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(random));
        Ok(Self { hash: Digest::of(text.as_bytes()), text })
    }

    /// One that was made before, as somebody sends it. None: it has not the form of one.
    #[must_use]
    pub fn sent(text: &str) -> Option<Self> {
        let formed = BASE64_URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == RANDOM_BYTES);
        formed.then(|| Self { text: text.to_owned(), hash: Digest::of(text.as_bytes()) })
    }
}

/// Random bytes.
///
/// # Errors
/// [`NoRandomness`].
pub fn random<const BYTES: usize>() -> Result<[u8; BYTES], NoRandomness> {
    let mut random = [0; BYTES];
    getrandom::fill(&mut random).map_err(NoRandomness)?;
    Ok(random)
}

/// A code of [`DIGITS`] digits, each as likely as any other.
///
/// # Errors
/// [`NoRandomness`].
pub fn digits() -> Result<String, NoRandomness> {
    const CODES: u32 = 10_u32.pow(DIGITS as u32);
    // Above the last whole multiple, the small codes would be likelier.
    const FAIR: u32 = u32::MAX - u32::MAX % CODES;
    loop {
        let number = u32::from_le_bytes(random()?);
        if number < FAIR {
            return Ok(format!("{:0width$}", number % CODES, width = DIGITS));
        }
    }
}

fn mac(key: &str, text: &str) -> Option<Hmac<Sha256>> {
    // A key of any length is one.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

/// What a short text comes to under a key that is not kept: whoever reads it cannot try all texts.
#[must_use]
pub fn keyed(key: &str, text: &str) -> Digest {
    mac(key, text).map_or(Digest([0; 32]), |mac| Digest(mac.finalize().into_bytes().into()))
}

/// Is it that text? It takes as long wherever they differ.
#[must_use]
pub fn is_keyed(key: &str, text: &str, kept: &Digest) -> bool {
    mac(key, text).is_some_and(|mac| mac.verify_slice(kept.as_bytes()).is_ok())
}

/// As it stands in addresses and headers.
#[must_use]
pub fn in_base64(digest: &Digest) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_code_is_six_digits_and_not_the_last_one() {
        let codes: BTreeSet<String> = (0..200).map(|_| digits().unwrap()).collect();
        assert!(codes.iter().all(|c| c.len() == DIGITS && c.bytes().all(|b| b.is_ascii_digit())));
        assert!(codes.len() > 190, "{} of 200 differ", codes.len());
    }

    #[test]
    fn a_code_is_known_under_its_key_alone() {
        let kept = keyed("attempt", "123456");
        assert!(is_keyed("attempt", "123456", &kept));
        assert!(!is_keyed("attempt", "123457", &kept) && !is_keyed("another", "123456", &kept));
    }
}
