//! Installations that stay in memory, linked and ready: so many bytes of them, those that were used last; and manifests, for telling what
//! plugins said. What goes loses nothing: whoever is using it keeps it, and the next use takes it from the disk again.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::Ready;
use crate::plugins::Manifest;
use crate::record::{Digest, InstallationId};

/// Bytes of compiled plugins that stay in memory. A Rust plugin takes about one megabyte, one in JavaScript eight, one in Python sixty.
pub const READY_MEMORY: u64 = 384 << 20;
/// Bytes that an installation counts for beside its compiled code: its manifest, read, and the table of what it is linked to.
const BESIDE: u64 = 1 << 20;

/// Manifests that stay in memory beside those of installations that are ready: some ten kilobytes each, seldom more than a megabyte.
const MANIFESTS: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// Manifests as they were read: what belongs to a digest never changes.
pub(super) struct Manifests(Mutex<LruCache<Digest, Arc<Manifest>>>);

impl Manifests {
    pub(super) fn new() -> Self {
        Self(Mutex::new(LruCache::new(MANIFESTS)))
    }

    fn entries(&self) -> MutexGuard<'_, LruCache<Digest, Arc<Manifest>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, plugin: Digest) -> Option<Arc<Manifest>> {
        self.entries().get(&plugin).cloned()
    }

    pub(super) fn put(&self, plugin: Digest, manifest: Arc<Manifest>) {
        self.entries().put(plugin, manifest);
    }
}

pub(super) struct Held {
    most: u64,
    entries: Mutex<Entries>,
}

struct Entries {
    by_use: LruCache<InstallationId, Arc<Ready>>,
    bytes: u64,
}

fn weight(ready: &Ready) -> u64 {
    ready.prepared.bytes() + BESIDE
}

impl Held {
    /// `most` bytes; one installation is held however large it is.
    pub(super) fn new(most: u64) -> Self {
        Self { most, entries: Mutex::new(Entries { by_use: LruCache::unbounded(), bytes: 0 }) }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, id: InstallationId) -> Option<Arc<Ready>> {
        self.entries().by_use.get(&id).cloned()
    }

    pub(super) fn put(&self, ready: Arc<Ready>) {
        let mut gone = Vec::new();
        let mut entries = self.entries();
        entries.bytes += weight(&ready);
        gone.extend(entries.by_use.put(ready.installation.id, ready).inspect(|before| entries.bytes -= weight(before)));
        while entries.bytes > self.most && entries.by_use.len() > 1 {
            let Some((_, oldest)) = entries.by_use.pop_lru() else { break };
            entries.bytes -= weight(&oldest);
            gone.push(oldest);
        }
        // Unmapping takes a moment, in which others may look.
        drop(entries);
        drop(gone);
    }

    /// How many are held, and their bytes.
    pub(super) fn held(&self) -> (usize, u64) {
        let entries = self.entries();
        (entries.by_use.len(), entries.bytes)
    }
}
