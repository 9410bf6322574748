//! minisign's keys and signatures, as text. Its format: <https://jedisct1.github.io/minisign/#signature-format>.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Distrust, Stated};
use crate::record::{Digest, Invalid};

/// Bytes of what is read as a key or a signature: minisign's own are below four hundred, and a comment may be long.
const LONGEST: usize = 4_096;

/// Which key: 16 hexadecimal digits, as minisign shows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "F3B1A2C4D5E60718")]
pub struct KeyId(String);

impl KeyId {
    fn of(bytes: [u8; 8]) -> Self {
        Self(format!("{:016X}", u64::from_le_bytes(bytes)))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for KeyId {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
        if digits { Ok(Self(text.to_owned())) } else { Err(Invalid::new("key", "is not 16 digits or letters from A to F")) }
    }
}

impl TryFrom<String> for KeyId {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.0
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub id: KeyId,
    /// Base64, in one line.
    text: String,
    point: [u8; 32],
}

impl FromStr for PublicKey {
    type Err = Invalid;
    /// Either line of minisign's file, or both.
    fn from_str(given: &str) -> Result<Self, Invalid> {
        let refused = || Invalid::new("key", "is not a public key as minisign writes it");
        let text = given.lines().map(str::trim).rfind(|l| !l.is_empty()).filter(|_| given.len() <= LONGEST).ok_or_else(refused)?;
        let bytes: [u8; 42] = BASE64_STANDARD.decode(text).ok().and_then(|b| b.try_into().ok()).ok_or_else(refused)?;
        match bytes {
            [b'E', b'd', rest @ ..] => {
                let (mut id, mut point) = ([0; 8], [0; 32]);
                id.copy_from_slice(&rest[..8]);
                point.copy_from_slice(&rest[8..]);
                Ok(Self { id: KeyId::of(id), text: text.to_owned(), point })
            }
            _ => Err(refused()),
        }
    }
}

impl PublicKey {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Is it the signature of these bytes, made with this key?
    ///
    /// # Errors
    /// [`Distrust::Wrong`].
    pub fn check(&self, signature: &Signature, bytes: &[u8]) -> Result<(), Distrust> {
        let wrong = || Distrust::Wrong(self.id.clone());
        let key = minisign_verify::PublicKey::from_base64(&self.text).map_err(|_| wrong())?;
        let read = minisign_verify::Signature::decode(&signature.text).map_err(|_| wrong())?;
        key.verify(bytes, &read, false).map_err(|_| wrong())
    }

    /// Did this key sign that it signed the file of this digest? Costs no reading of the file.
    ///
    /// # Errors
    /// [`Distrust::Wrong`], or what [`Stated`] says.
    pub fn check_digest(&self, signature: &Signature, digest: &Digest) -> Result<(), Distrust> {
        let said = [signature.signed.as_slice(), signature.comment.as_bytes()].concat();
        let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, self.point);
        key.verify(&said, &signature.global).map_err(|_| Distrust::Wrong(self.id.clone()))?;
        let stated = Stated::read(&signature.comment)?;
        if stated.digest == *digest { Ok(()) } else { Err(Distrust::Wrong(self.id.clone())) }
    }
}

/// A `.minisig`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub key: KeyId,
    /// The whole file.
    pub text: String,
    /// The trusted comment.
    pub comment: String,
    signed: Vec<u8>,
    global: Vec<u8>,
}

impl FromStr for Signature {
    type Err = Distrust;
    fn from_str(text: &str) -> Result<Self, Distrust> {
        use Distrust::Unreadable;
        if text.len() > LONGEST {
            return Err(Unreadable("it is too long"));
        }
        let lines: Vec<&str> = text.lines().collect();
        let [untrusted, first, comment, second] = lines[..] else { return Err(Unreadable("it has not four lines")) };
        if !untrusted.starts_with("untrusted comment: ") {
            return Err(Unreadable("its first line is no untrusted comment"));
        }
        let comment = comment.strip_prefix("trusted comment: ").ok_or(Unreadable("its third line is no trusted comment"))?;
        let bytes: [u8; 74] = decoded(first).ok_or(Unreadable("its second line is no signature"))?;
        let global: [u8; 64] = decoded(second).ok_or(Unreadable("its fourth line is no signature"))?;
        if bytes[..2] != *b"ED" {
            return Err(Unreadable("it was made without hashing the file first, as old versions of minisign do"));
        }
        let mut id = [0; 8];
        id.copy_from_slice(&bytes[2..10]);
        // minisign's own reading ends a line at the end of the text: one form of each.
        let text = format!("{}\n", lines.join("\n"));
        Ok(Self { key: KeyId::of(id), text, comment: comment.to_owned(), signed: bytes[10..].to_vec(), global: global.to_vec() })
    }
}

fn decoded<const N: usize>(line: &str) -> Option<[u8; N]> {
    BASE64_STANDARD.decode(line).ok()?.try_into().ok()
}
