//! Signed tokens (RFC 7515, RFC 7517, RFC 7518), as far as an identity provider's are read: one algorithm, which the authority named. What a
//! token says of its own algorithm is compared with that and chooses nothing, so that neither `none` nor a key taken for another's kind
//! is a way in. Signatures are checked by ring, which speaks TLS for this host too.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::record::Invalid;
use crate::record::sharing::codes;

codes! {
    /// What a provider signs with (RFC 7518, section 3.1; RFC 8037). What is missing is symmetric, too short, or unsigned.
    Algorithm "an algorithm that is believed" {
        #[serde(rename = "RS256")]
        Rs256 "RS256" "RSA with SHA-256, 2,048 bits or more";
        #[serde(rename = "PS256")]
        Ps256 "PS256" "RSA in its probabilistic form with SHA-256, 2,048 bits or more";
        #[serde(rename = "ES256")]
        Es256 "ES256" "The curve P-256 with SHA-256";
        #[serde(rename = "EdDSA")]
        EdDsa "EdDSA" "The curve Ed25519";
    }
}

/// Bytes of a token, and keys of a provider: those in use have three or four.
const LONGEST: usize = 64 << 10;
const MOST_KEYS: usize = 100;

/// A provider's public keys.
#[derive(Debug, Clone, Deserialize)]
pub struct Keys {
    keys: Vec<Value>,
}

/// A public key that may be the one (RFC 7517, section 4).
#[derive(Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    r#use: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBelieved {
    /// Perhaps its key is newer than the keys that are known.
    UnknownKey,
    /// The part at fault, and why.
    Part(&'static str, &'static str),
}

impl Keys {
    /// What a token says, if one of these keys signed it with the algorithm.
    ///
    /// # Errors
    /// [`NotBelieved`].
    pub fn claims(&self, token: &str, algorithm: Algorithm) -> Result<Value, NotBelieved> {
        use NotBelieved::Part;
        const SHAPE: NotBelieved = Part("id_token", "is not a signed token");
        if token.len() > LONGEST {
            return Err(SHAPE);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [head, body, signed] = parts.as_slice() else { return Err(SHAPE) };
        let head: Head = serde_json::from_slice(&decoded(head).ok_or(SHAPE)?).map_err(|_| SHAPE)?;
        if head.alg != algorithm.code() {
            return Err(Part("alg", "is not the algorithm that the authority named"));
        }
        if head.crit.is_some() {
            return Err(Part("crit", "asks for what this host does not know"));
        }
        let key = self.key(&head, algorithm)?;
        let signature = decoded(signed).ok_or(SHAPE)?;
        let message = &token.as_bytes()[..token.len() - signed.len() - 1];
        if !key.signed(algorithm, message, &signature) {
            return Err(Part("signature", "is not the provider's"));
        }
        serde_json::from_slice(&decoded(body).ok_or(SHAPE)?).map_err(|_| SHAPE)
    }

    /// The one that the token names, of those that sign; where it names none, the only one there is.
    fn key(&self, head: &Head, algorithm: Algorithm) -> Result<Key, NotBelieved> {
        let fits = |key: &Key| {
            key.kty == algorithm.kind()
                && key.r#use.as_deref().is_none_or(|u| u == "sig")
                && key.alg.as_deref().is_none_or(|a| a == algorithm.code())
                && (head.kid.is_none() || key.kid == head.kid)
        };
        // One that cannot be read is none of ours: a provider may have kinds that are not known here.
        let mut keys = self.keys.iter().take(MOST_KEYS).filter_map(|key| Key::deserialize(key).ok()).filter(fits);
        match (keys.next(), keys.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(NotBelieved::UnknownKey),
            (Some(_), Some(_)) => Err(NotBelieved::Part("kid", "names more than one of the provider's keys")),
        }
    }
}

impl Algorithm {
    /// Of its keys (RFC 7518, section 6.1; RFC 8037, section 2).
    const fn kind(self) -> &'static str {
        match self {
            Self::Rs256 | Self::Ps256 => "RSA",
            Self::Es256 => "EC",
            Self::EdDsa => "OKP",
        }
    }
}

impl Key {
    fn signed(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let part = |part: &Option<String>| part.as_deref().and_then(decoded);
        let rsa = |parameters| {
            let (Some(n), Some(e)) = (part(&self.n), part(&self.e)) else { return false };
            RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).is_ok()
        };
        match (algorithm, self.crv.as_deref()) {
            (Algorithm::Rs256, _) => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            (Algorithm::Ps256, _) => rsa(&signature::RSA_PSS_2048_8192_SHA256),
            (Algorithm::Es256, Some("P-256")) => {
                let (Some(x), Some(y)) = (part(&self.x), part(&self.y)) else { return false };
                // A point as it is written without compression (SEC 1, section 2.3.3).
                let point = [&[4][..], &x, &y].concat();
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            (Algorithm::EdDsa, Some("Ed25519")) => {
                part(&self.x).is_some_and(|x| UnparsedPublicKey::new(&signature::ED25519, x).verify(message, signature).is_ok())
            }
            (Algorithm::Es256 | Algorithm::EdDsa, _) => false,
        }
    }
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(part).ok()
}
