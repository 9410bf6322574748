//! A copy of every database while the host works, and the way back.
//!
//! `VACUUM INTO` copies a database as one transaction saw it, without what was deleted before: consistent under load, and no larger than
//! what is in it. Each file is as of its own instant: the common file is taken last, so that it has every plugin version and organisation
//! that an authority's file names. The cache of compiled plugins and its key are made anew.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::stores::{authority_file, common_file};
use super::{Anchor, COMMON_TRAIL, StoreError, Stores};
use crate::record::{Digest, KnownAt};

/// What is in a backup: written last, so that a folder without one is no backup.
const MANIFEST: &str = "backup.json";
/// A server is copied by whoever may read all of it, and the host's role may not.
const ITS_OWN_TOOL: &str = "seal the trails (`hearth audit seal`), then copy both schemas with `pg_dump --format=custom \
    --schema=hearth_common --schema=hearth_record` as a role that row security does not bind, and bring them back with `pg_restore`";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub at: KnownAt,
    /// Of the program that made it.
    pub hearth: String,
    pub files: Vec<Kept>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Below the folder.
    pub path: PathBuf,
    pub bytes: u64,
    pub digest: Digest,
    /// The last seal of its audit trail, as a line of an anchor file; none: it has none.
    pub seal: Option<String>,
}

impl Stores {
    /// Copies every database into a folder that is not there yet, while others read and write. Audit trails are sealed first.
    ///
    /// # Errors
    /// `InPostgres`, with what to do there; `File` where the folder is there or cannot be written; then what was copied is not a backup, since it has no manifest.
    pub async fn back_up(&self, to: &Path) -> Result<Manifest, StoreError> {
        let failed = |path: &Path| {
            let file = path.display().to_string();
            move |why| StoreError::File { file, why }
        };
        let common = self.common().database().file(ITS_OWN_TOOL)?;
        std::fs::create_dir(to).map_err(failed(to))?;
        std::fs::create_dir(to.join("authorities")).map_err(failed(to))?;
        self.seal_all().await?;
        let mut files = Vec::new();
        for authority in self.common().authorities().await? {
            let store = self.authority(&authority.code).await?;
            let path = authority_file(Path::new(""), &authority.code);
            store.database().file(ITS_OWN_TOOL)?.copy_to(&to.join(&path)).await?;
            let seal = store.audit_last_seal().await?.map(|s| Anchor::of(authority.code.as_str(), &s).to_string());
            files.push(kept(to, path, seal)?);
        }
        let path = common_file(Path::new(""));
        common.copy_to(&to.join(&path)).await?;
        let seal = self.common().audit_last_seal().await?.map(|s| Anchor::of(COMMON_TRAIL, &s).to_string());
        files.push(kept(to, path, seal)?);
        let manifest = Manifest { at: self.clock().now(), hearth: env!("CARGO_PKG_VERSION").to_owned(), files };
        let path = to.join(MANIFEST);
        let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
        std::fs::write(&path, text).and_then(|()| std::fs::File::open(&path)?.sync_all()).map_err(failed(&path))?;
        Ok(manifest)
    }

    /// Copies a backup into a data folder that has no databases, after checking every file against the manifest.
    ///
    /// # Errors
    /// `Damaged` naming the file that is not as it was copied; `File` where a file cannot be read or written, or a database is there.
    pub fn restore(from: &Path, data_dir: &Path) -> Result<Manifest, StoreError> {
        let failed = |path: &Path, why| StoreError::File { file: path.display().to_string(), why };
        let path = from.join(MANIFEST);
        let text = std::fs::read(&path).map_err(|e| failed(&path, e))?;
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|e| StoreError::damaged(MANIFEST, e))?;
        for file in &manifest.files {
            let plain = file.path.components().all(|c| matches!(c, std::path::Component::Normal(_)));
            let here = plain.then(|| digest_of(&from.join(&file.path))).transpose()?;
            if here.is_none_or(|(bytes, digest)| (bytes, digest) != (file.bytes, file.digest)) {
                return Err(StoreError::damaged(&file.path.display().to_string(), "is not as it was copied"));
            }
        }
        let folder = data_dir.join("authorities");
        std::fs::create_dir_all(&folder).map_err(|e| failed(&folder, e))?;
        for file in &manifest.files {
            let to = data_dir.join(&file.path);
            if to.exists() {
                return Err(failed(&to, std::io::Error::from(std::io::ErrorKind::AlreadyExists)));
            }
        }
        for file in &manifest.files {
            let to = data_dir.join(&file.path);
            std::fs::copy(from.join(&file.path), &to).and_then(|_| std::fs::File::open(&to)?.sync_all()).map_err(|e| failed(&to, e))?;
        }
        Ok(manifest)
    }
}

impl Manifest {
    /// The seals that the audit trails ended with.
    #[must_use]
    pub fn anchors(&self) -> Vec<Anchor> {
        self.files.iter().filter_map(|f| f.seal.as_ref()?.parse().ok()).collect()
    }
}

fn kept(folder: &Path, path: PathBuf, seal: Option<String>) -> Result<Kept, StoreError> {
    let (bytes, digest) = digest_of(&folder.join(&path))?;
    Ok(Kept { path, bytes, digest, seal })
}

/// Of a file that may be larger than memory.
fn digest_of(path: &Path) -> Result<(u64, Digest), StoreError> {
    use sha2::Digest as _;
    let read = || -> std::io::Result<(u64, Digest)> {
        let mut hash = sha2::Sha256::new();
        let bytes = std::io::copy(&mut std::fs::File::open(path)?, &mut hash)?;
        Ok((bytes, Digest(hash.finalize().into())))
    };
    read().map_err(|why| StoreError::File { file: path.display().to_string(), why })
}
