//! Compiled components on disk: a cache, reached only through a [`Dir`], of artefacts that this host compiled itself.
//!
//! wasmtime trusts what it loads: a flipped byte in the middle loads without a word. So each file begins with an HMAC
//! under a key that is kept elsewhere, over the bytes and the name; the name binds the component and every setting of the
//! engine that changes the code. What does not fit is compiled again. What is checked and what is loaded are the same bytes, in
//! an [`Image`] that nobody can change: a file in a folder could be another one a moment later.

use std::hash::{Hash, Hasher};
use std::io::{Read, Write};
use std::time::{Duration, SystemTime};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use hmac::{Hmac, Mac};
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;

use super::image::{CHUNK, Image};
use super::{Compiled, Unfit};
use crate::record::Digest;

const MAC_BYTES: usize = 32;
/// Bytes that the folder may hold; what was longest unused goes first. A Rust plugin takes about a megabyte, one in Python fifty.
pub const LARGEST_CACHE: u64 = 16 << 30;
/// How old an unfinished file is before it counts as left behind: no compilation takes that long.
const ABANDONED: Duration = Duration::from_hours(1);

/// The folder and the key.
pub struct Artefacts {
    dir: Dir,
    key: [u8; 32],
    most: u64,
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

/// Everything of an engine that the compiled code depends on, its version and the machine's processor included.
pub(super) fn settings_of(engine: &Engine) -> String {
    let mut settings = Stable::default();
    engine.precompile_compatibility_hash().hash(&mut settings);
    format!("{:016x}", settings.finish())
}

fn suffix(engine: &Engine) -> String {
    format!("-{}.cwasm", settings_of(engine))
}

fn name(engine: &Engine, component: Digest) -> String {
    format!("{}{}", component.hex(), suffix(engine))
}

impl Artefacts {
    #[must_use]
    pub const fn new(dir: Dir, key: [u8; 32]) -> Self {
        Self { dir, key, most: LARGEST_CACHE }
    }

    /// With another bound than [`LARGEST_CACHE`], in bytes.
    #[must_use]
    pub fn holding(self, most: u64) -> Self {
        Self { most, ..self }
    }

    fn mac(&self, name: &str) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any key");
        mac.update(name.as_bytes());
        mac.update(&[0]);
        mac
    }

    /// The compiled component, if a file of ours fits; anything else counts as absent.
    ///
    /// # Errors
    /// [`Unfit::Host`] where the machine has no memory or handles for it now.
    pub(super) fn load(&self, engine: &Engine, component: Digest) -> Result<Option<Compiled>, Unfit> {
        let name = name(engine, component);
        let Ok(file) = self.dir.open(&name) else { return Ok(None) };
        let mut file = file.into_std();
        let mut stamp = [0; MAC_BYTES];
        if file.read_exact(&mut stamp).is_err() {
            tracing::warn!(artefact = name, "a compiled artefact is cut short: compiling again");
            return Ok(None);
        }
        let mut mac = self.mac(&name);
        let image = Image::of(&mut Seen { file: &mut file, mac: &mut mac })?;
        if mac.verify_slice(&stamp).is_err() {
            tracing::warn!(artefact = name, "a compiled artefact is damaged or not ours: compiling again");
            return Ok(None);
        }
        // When it was last used is what tidying goes by; a cache on a read-only disk is tidied by somebody else.
        let _ = file.set_modified(SystemTime::now());
        // SAFETY: the HMAC shows that this host wrote these bytes, from wasmtime's own answer, with the settings that the name binds;
        // it was taken over the very bytes of the image.
        #[expect(unsafe_code, reason = "loading compiled code has no safe form; authenticated above")]
        match unsafe { image.load(engine) } {
            Ok(compiled) => Ok(Some(compiled)),
            Err(e) if super::of_the_machine(&e) => Err(Unfit::Host(format!("{e:#}"))),
            Err(e) => {
                tracing::warn!(artefact = name, "a compiled artefact does not fit any more: compiling again: {e:#}");
                Ok(None)
            }
        }
    }

    /// Written whole under another name before it is named: a reader never sees half.
    pub(super) fn save(&self, engine: &Engine, component: Digest, image: &Image) -> std::io::Result<()> {
        let name = name(engine, component);
        let part = format!("{name}.{}.part", uuid::Uuid::now_v7());
        let written = self.write(&part, &name, image).and_then(|()| self.dir.rename(&part, &self.dir, &name));
        if written.is_err() {
            // The reason is in the error that is answered.
            let _ = self.dir.remove_file(&part);
        }
        written?;
        self.tidy(engine)
    }

    fn write(&self, part: &str, name: &str, image: &Image) -> std::io::Result<()> {
        let mut mac = self.mac(name);
        image.read(|chunk| {
            mac.update(chunk);
            Ok(())
        })?;
        let mut options = OpenOptions::new();
        let mut file = self.dir.open_with(part, options.write(true).create_new(true).mode(0o600))?;
        file.write_all(&mac.finalize().into_bytes())?;
        image.read(|chunk| file.write_all(chunk))?;
        file.sync_all()
    }

    /// Removes what was left behind unfinished, what another engine compiled, and what was longest unused where there is too much.
    ///
    /// # Errors
    /// The folder cannot be read, or not written.
    pub(super) fn tidy(&self, engine: &Engine) -> std::io::Result<()> {
        let (now, suffix) = (SystemTime::now(), suffix(engine));
        let mut kept = Vec::new();
        for entry in self.dir.entries()? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // Gone since: another host over the same folder.
            let Ok(meta) = entry.metadata() else { continue };
            let Ok(modified) = meta.modified().map(cap_std::time::SystemTime::into_std) else { continue };
            let ours = name.ends_with(".cwasm");
            let abandoned = name.ends_with(".part") && now.duration_since(modified).is_ok_and(|age| age > ABANDONED);
            if abandoned || (ours && !name.ends_with(&suffix)) {
                self.dir.remove_file(&name)?;
            } else if ours {
                kept.push((modified, meta.len(), name));
            }
        }
        let mut bytes: u64 = kept.iter().map(|(_, bytes, _)| bytes).sum();
        kept.sort();
        for (_, size, name) in kept {
            if bytes <= self.most {
                break;
            }
            self.dir.remove_file(&name)?;
            bytes -= size;
        }
        Ok(())
    }
}

/// Hands on what it reads, and takes it into the HMAC.
struct Seen<'a> {
    file: &'a mut std::fs::File,
    mac: &'a mut Hmac<Sha256>,
}

impl Read for Seen<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(CHUNK);
        let n = self.file.read(&mut buffer[..most])?;
        self.mac.update(&buffer[..n]);
        Ok(n)
    }
}
