//! Compiled components on disk: a cache, reached only through a [`Dir`], of artefacts that this host compiled itself.
//!
//! wasmtime trusts what it loads: a flipped byte in the middle loads without a word. So each file begins with an HMAC
//! under a key that is kept elsewhere, over the bytes and the name; the name binds the component and every setting of the
//! engine that changes the code. What does not fit is compiled again.

use std::hash::{Hash, Hasher};
use std::io::Write;

use cap_std::fs::{Dir, OpenOptions};
use hmac::{Hmac, Mac};
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::record::Digest;

const MAC_BYTES: usize = 32;

/// The folder and the key.
pub struct Artefacts {
    dir: Dir,
    key: [u8; 32],
}

/// SHA-256 as a [`Hasher`]: the standard one may differ between releases of Rust.
#[derive(Default)]
struct Stable(Sha256);

impl Hasher for Stable {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.clone().finalize();
        hash.iter().take(8).fold(0, |sum, b| sum << 8 | u64::from(*b))
    }
}

impl Artefacts {
    #[must_use]
    pub const fn new(dir: Dir, key: [u8; 32]) -> Self {
        Self { dir, key }
    }

    fn name(engine: &Engine, component: Digest) -> String {
        let mut settings = Stable::default();
        engine.precompile_compatibility_hash().hash(&mut settings);
        format!("{}-{:016x}.cwasm", component.hex(), settings.finish())
    }

    fn mac(&self, name: &str) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any key");
        mac.update(name.as_bytes());
        mac.update(&[0]);
        mac
    }

    /// The compiled component, if a file of ours fits; anything else counts as absent.
    pub(super) fn load(&self, engine: &Engine, component: Digest) -> Option<Component> {
        let name = Self::name(engine, component);
        let file = self.dir.read(&name).ok()?;
        let (stamp, bytes) = file.split_at_checked(MAC_BYTES)?;
        let mut mac = self.mac(&name);
        mac.update(bytes);
        if mac.verify_slice(stamp).is_err() {
            tracing::warn!(artefact = name, "a compiled artefact is damaged or not ours: compiling again");
            return None;
        }
        // SAFETY: `deserialize` must only see bytes that wasmtime's own `serialize` wrote. The HMAC shows that this host
        // wrote these, from `serialize`, with the settings that the name binds.
        #[expect(unsafe_code, reason = "loading compiled code has no safe form; authenticated above")]
        unsafe { Component::deserialize(engine, bytes) }.ok()
    }

    /// Written whole under another name before it is named: a reader never sees half.
    pub(super) fn save(&self, engine: &Engine, digest: Digest, component: &Component) -> std::io::Result<()> {
        let name = Self::name(engine, digest);
        let bytes = component.serialize().map_err(|e| std::io::Error::other(e.to_string()))?;
        let mut mac = self.mac(&name);
        mac.update(&bytes);
        let part = format!("{name}.{}.part", uuid::Uuid::now_v7());
        let mut file = self.dir.open_with(&part, OpenOptions::new().write(true).create_new(true))?;
        file.write_all(&mac.finalize().into_bytes())?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        self.dir.rename(&part, &self.dir, &name)
    }
}
