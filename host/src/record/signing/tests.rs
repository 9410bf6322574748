//! Keys as the tool makes them.

use std::io::Cursor;

use minisign::KeyPair;

use super::*;
use crate::record::{Day, Digest, KnownAt};

/// A publisher's key pair.
pub struct Pair(KeyPair);

impl Pair {
    pub fn fresh() -> Self {
        Self(KeyPair::generate_unencrypted_keypair().unwrap())
    }

    pub fn public(&self) -> String {
        self.0.pk.to_base64()
    }

    pub fn id(&self) -> KeyId {
        self.public().parse::<PublicKey>().unwrap().id
    }

    /// A `.minisig` of these bytes, saying this.
    pub fn sign(&self, bytes: &[u8], says: &str) -> String {
        minisign::sign(Some(&self.0.pk), &self.0.sk, Cursor::new(bytes), Some(says), None).unwrap().into_string()
    }

    pub fn sign_plugin(&self, bytes: &[u8]) -> String {
        let inspected = crate::plugins::inspect(bytes).unwrap();
        self.sign(bytes, &Stated::of(&inspected.manifest.name, &inspected.manifest.version, inspected.digest).to_string())
    }

    fn key(&self) -> Key {
        Key { key: self.public().parse().unwrap(), publisher: "family-goals-cic".into(), until: None, revoked_at: None, compromised: false }
    }
}

fn stated(bytes: &[u8]) -> String {
    Stated { name: "family-goals".into(), version: "1.0.0".into(), digest: Digest::of(bytes) }.to_string()
}

#[test]
fn a_signature_is_of_one_file_by_one_key() {
    let (pair, other) = (Pair::fresh(), Pair::fresh());
    let signature: Signature = pair.sign(b"plugin", &stated(b"plugin")).parse().unwrap();
    let (key, others): (PublicKey, PublicKey) = (pair.public().parse().unwrap(), other.public().parse().unwrap());
    assert_eq!(signature.key, key.id);
    key.check(&signature, b"plugin").unwrap();
    assert_eq!(key.check(&signature, b"plugIn"), Err(Distrust::Wrong(key.id.clone())));
    assert_eq!(others.check(&signature, b"plugin"), Err(Distrust::Wrong(others.id.clone())));
    // By its comment alone.
    key.check_digest(&signature, &Digest::of(b"plugin")).unwrap();
    assert!(key.check_digest(&signature, &Digest::of(b"plugIn")).is_err());
    assert!(others.check_digest(&signature, &Digest::of(b"plugin")).is_err());
    let said: Signature = signature.text.replace("version:1.0.0", "version:1.1.0").parse().unwrap();
    assert!(key.check_digest(&said, &Digest::of(b"plugin")).is_err(), "the comment is signed too");
    assert!(key.check(&said, b"plugin").is_err(), "the comment is signed too");
}

#[test]
fn what_is_no_signature_is_told_apart() {
    let whole = Pair::fresh().sign(b"plugin", &stated(b"plugin"));
    let lines: Vec<&str> = whole.lines().collect();
    for (given, why) in [
        (String::new(), "four lines"),
        (lines[..3].join("\n"), "four lines"),
        (whole.replace("untrusted comment: ", "comment: "), "untrusted comment"),
        (whole.replace("\ntrusted comment: ", "\nits comment: "), "trusted comment"),
        (whole.replacen(lines[1], "RUQ", 1), "second line"),
        (whole.replacen(lines[3], "RUQ", 1), "fourth line"),
        // `Ed` and not `ED`: of the file itself and not of its hash.
        (whole.replacen(lines[1], &format!("RWQ{}", &lines[1][3..]), 1), "without hashing"),
        ("x".repeat(5_000), "too long"),
    ] {
        let refused = given.parse::<Signature>().unwrap_err().to_string();
        assert!(refused.contains(why), "{why}: {refused}");
    }
    assert!("RWQ".parse::<PublicKey>().is_err());
    assert!(Stated::read("timestamp:1").is_err());
    assert!(Stated::read(&format!("{} name:other", stated(b"p"))).is_err(), "nothing stands after it");
}

#[test]
fn what_becomes_of_a_key_becomes_of_what_it_signed() {
    let today: Day = "2026-09-01".parse().unwrap();
    let (old, new) = (Pair::fresh(), Pair::fresh());
    let digest = Digest::of(b"plugin");
    let signed = |pair: &Pair| pair.sign(b"plugin", &stated(b"plugin")).parse::<Signature>().unwrap();
    let (before, after) = (signed(&old), signed(&new));
    let superseded = Key { revoked_at: Some(KnownAt::from_millis(1)), ..old.key() };
    let compromised = Key { compromised: true, ..superseded.clone() };
    let over = Key { until: Some("2026-08-31".parse().unwrap()), ..old.key() };
    // what comes
    old.key().must_be_good(today).unwrap();
    Key { until: Some(today), ..old.key() }.must_be_good(today).unwrap();
    assert_eq!(over.must_be_good(today), Err(Distrust::Revoked(old.id())));
    assert_eq!(superseded.must_be_good(today), Err(Distrust::Revoked(old.id())));
    assert_eq!(compromised.must_be_good(today), Err(Distrust::Compromised(old.id())));
    // what was accepted before
    assert_eq!(judge(&digest, &[]), Standing::Unsigned);
    for key in [old.key(), superseded, over] {
        assert_eq!(judge(&digest, &[(before.clone(), key)]).code(), "signed");
    }
    let fallen = judge(&digest, &[(before.clone(), compromised.clone())]);
    assert_eq!(fallen.must_be_believed(), Err(Distrust::Compromised(old.id())));
    // signed again by the publisher's new key
    let again = judge(&digest, &[(before.clone(), compromised), (after, new.key())]);
    assert_eq!(again, Standing::Signed { publisher: "family-goals-cic".into(), keys: vec![new.id()] });
    // and what is none of its signatures
    assert_eq!(judge(&Digest::of(b"other"), &[(before, old.key())]), Standing::Broken(old.id()));
}
