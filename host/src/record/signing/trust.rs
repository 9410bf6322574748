//! Is a plugin version believed? From its signatures and what became of their keys; pure.

use super::{Distrust, KeyId, PublicKey, Signature};
use crate::record::{Day, Digest, KnownAt};

/// A publisher's key, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub key: PublicKey,
    pub publisher: String,
    /// The last day on which it signs.
    pub until: Option<Day>,
    pub revoked_at: Option<KnownAt>,
    pub compromised: bool,
}

impl Key {
    /// May it sign what comes today?
    ///
    /// # Errors
    /// [`Distrust::Compromised`] or [`Distrust::Revoked`].
    pub fn must_be_good(&self, today: Day) -> Result<(), Distrust> {
        if self.compromised {
            return Err(Distrust::Compromised(self.key.id.clone()));
        }
        if self.revoked_at.is_some() || self.until.is_some_and(|until| until < today) {
            return Err(Distrust::Revoked(self.key.id.clone()));
        }
        Ok(())
    }
}

/// How a plugin version stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody signed it.
    Unsigned,
    /// By a key that was good when the signature came.
    Signed { publisher: String, keys: Vec<KeyId> },
    /// Every key that signed it was compromised.
    Compromised { publisher: String, key: KeyId },
    /// What is kept as a signature is none, or none of this plugin: somebody wrote into the database.
    Broken(KeyId),
}

impl Standing {
    /// # Errors
    /// [`Distrust::Compromised`] or [`Distrust::Wrong`].
    pub fn must_be_believed(&self) -> Result<(), Distrust> {
        match self {
            Self::Unsigned | Self::Signed { .. } => Ok(()),
            Self::Compromised { key, .. } => Err(Distrust::Compromised(key.clone())),
            Self::Broken(key) => Err(Distrust::Wrong(key.clone())),
        }
    }

    /// For programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Signed { .. } => "signed",
            Self::Compromised { .. } => "compromised",
            Self::Broken(_) => "broken",
        }
    }
}

/// From what is kept: each signature with its key.
#[must_use]
pub fn judge(digest: &Digest, signatures: &[(Signature, Key)]) -> Standing {
    if let Some((_, broken)) = signatures.iter().find(|(s, k)| s.key != k.key.id || k.key.check_digest(s, digest).is_err()) {
        return Standing::Broken(broken.key.id.clone());
    }
    let good: Vec<&Key> = signatures.iter().map(|(_, k)| k).filter(|k| !k.compromised).collect();
    match (good.first(), signatures.first()) {
        (Some(one), _) => Standing::Signed { publisher: one.publisher.clone(), keys: good.iter().map(|k| k.key.id.clone()).collect() },
        (None, Some((_, one))) => Standing::Compromised { publisher: one.publisher.clone(), key: one.key.id.clone() },
        (None, None) => Standing::Unsigned,
    }
}
