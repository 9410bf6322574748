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

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{Ed25519KeyPair, KeyPair as _};
    use serde_json::json;

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn key(seed: u8, more: Value) -> Value {
        let mut key = json!({ "kty": "OKP", "crv": "Ed25519", "x": BASE64_URL_SAFE_NO_PAD.encode(pair(seed).public_key()) });
        for (name, value) in more.as_object().unwrap() {
            key[name] = value.clone();
        }
        key
    }

    fn token(seed: u8, head: Value) -> String {
        let part = |part: Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let text = format!("{}.{}", part(head), part(json!({ "sub": "ann" })));
        let signature = pair(seed).sign(text.as_bytes());
        format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    /// Of a token that names `kid` and is signed by key 1: believed, the part at fault, or an unknown key.
    fn judged(keys: Value, token: &str) -> Result<(), &'static str> {
        let keys: Keys = serde_json::from_value(json!({ "keys": keys })).unwrap();
        match keys.claims(token, Algorithm::EdDsa) {
            Ok(claims) => {
                assert_eq!(claims, json!({ "sub": "ann" }));
                Ok(())
            }
            Err(NotBelieved::Part(field, _)) => Err(field),
            Err(NotBelieved::UnknownKey) => Err("unknown key"),
        }
    }

    #[test]
    fn a_token_is_believed_by_the_one_key_that_signs_such_tokens() {
        let one = token(1, json!({ "alg": "EdDSA", "kid": "a" }));
        let unnamed = token(1, json!({ "alg": "EdDSA" }));
        let a = |more: Value| key(1, more);
        for (keys, token, judgement) in [
            (json!([a(json!({ "kid": "a" }))]), &one, Ok(())),
            (json!([a(json!({ "kid": "a", "use": "sig", "alg": "EdDSA" })), key(2, json!({ "kid": "b" }))]), &one, Ok(())),
            (
                json!([a(json!({ "kid": "a" })), "no key", { "kty": "new" }, { "kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB" }]),
                &one,
                Ok(()),
            ),
            (json!([a(json!({}))]), &unnamed, Ok(())),
            (json!([a(json!({ "kid": "a" }))]), &unnamed, Ok(())),
            (json!([]), &one, Err("unknown key")),
            (json!([a(json!({ "kid": "b" }))]), &one, Err("unknown key")),
            (json!([a(json!({}))]), &one, Err("unknown key")),
            (json!([a(json!({ "kid": "a", "use": "enc" }))]), &one, Err("unknown key")),
            (json!([a(json!({ "kid": "a", "alg": "ES256" }))]), &one, Err("unknown key")),
            (json!([a(json!({ "kid": "a" })), a(json!({ "kid": "a" }))]), &one, Err("kid")),
            (json!([a(json!({})), key(2, json!({}))]), &unnamed, Err("kid")),
            (json!([key(2, json!({ "kid": "a" }))]), &one, Err("signature")),
            (json!([a(json!({ "kid": "a", "crv": "Ed448" }))]), &one, Err("signature")),
            (json!([a(json!({ "kid": "a", "x": "" }))]), &one, Err("signature")),
        ] {
            assert_eq!(judged(keys.clone(), token), judgement, "{keys}");
        }
    }

    #[test]
    fn what_is_no_signed_token_is_none() {
        let keys = || json!([key(1, json!({ "kid": "a" }))]);
        let good = token(1, json!({ "alg": "EdDSA", "kid": "a" }));
        let (text, signature) = good.rsplit_once('.').unwrap();
        let (head, body) = text.split_once('.').unwrap();
        for (token, field) in [
            (String::new(), "id_token"),
            (text.to_owned(), "id_token"),
            (format!("{good}.x"), "id_token"),
            (format!("{text}.!"), "id_token"),
            (format!("{text}."), "signature"),
            (format!("{head}.{body}x.{signature}"), "signature"),
            (format!("{head}..{signature}"), "signature"),
            ("a".repeat(LONGEST + 1), "id_token"),
            (token(1, json!({ "alg": "eddsa", "kid": "a" })), "alg"),
            (token(1, json!({ "alg": "HS256", "kid": "a" })), "alg"),
            (token(1, json!({ "kid": "a" })), "id_token"),
            (token(1, json!({ "alg": "EdDSA", "kid": "a", "crit": ["exp"] })), "crit"),
        ] {
            assert_eq!(judged(keys(), &token), Err(field), "{}", &token[..token.len().min(80)]);
        }
    }
}
