//! Who signed a plugin, and whether that is believed. Signatures are minisign's: detached, Ed25519 over the BLAKE2b hash of the file, beside a
//! comment that is signed too and says which plugin, version and digest is meant. So a signature can be checked twice: whole, over the file,
//! when it comes; and by its comment alone, which names the digest, whenever the plugin is loaded, without reading the file again.
//!
//! What becomes of a key:
//!
//! | key | what comes | what was accepted before |
//! |---|---|---|
//! | good | accepted | goes on |
//! | past its day, or revoked as *superseded* | refused (`plugin-key-revoked`) | goes on: it was signed while the key was good |
//! | revoked as *compromised* | refused (`plugin-key-compromised`) | is proposed, activated and brought back no more; what is active is parked, from the next question on at the latest, and its authority is told, unless it says with a reason that it keeps it until a day; a signature by another key of the publisher makes it good again |

mod key;
mod shape;
pub mod stated;
mod trust;

#[cfg(test)]
pub mod tests;

pub use key::{KeyId, PublicKey, Signature};
pub use shape::shape;
pub use stated::Stated;
pub use trust::{Key, Standing, judge};

/// Why a signature is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    #[error("the signature is not one of minisign's: {0}")]
    Unreadable(&'static str),
    #[error("the plugin is not signed: the name {name} belongs to the publisher {publisher}, who signs what is published by it")]
    Missing { name: String, publisher: String },
    #[error("the signature is by the key {0}, which is no publisher's here: the operator of the host enters publishers and their keys")]
    UnknownKey(KeyId),
    #[error(
        "the signature by the key {0} is not of this file: the file was changed after it was signed, or the signature is another file's"
    )]
    Wrong(KeyId),
    #[error("the signature is for {field} {signed}, and the plugin says {says}")]
    OfAnother { field: &'static str, signed: String, says: String },
    #[error("the key {key} belongs to the publisher {publisher}, and the plugin says that it is {says}'s")]
    OtherPublisher { key: KeyId, publisher: String, says: String },
    #[error("the key {0} signs no more: it was superseded, or its time is over")]
    Revoked(KeyId),
    #[error("the key {0} was compromised: nothing that it alone signed is believed")]
    Compromised(KeyId),
    #[error("the name {name} belongs to the publisher {publisher}, or looks like one that does: give the plugin another name")]
    Squats { name: String, publisher: String },
    #[error("this authority adopts no plugin that nobody signed")]
    Unsigned,
}
