//! Bytes kept under their own hash: snapshots, and what else a run was given. The same bytes are kept once.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::sql::{BATCH, Connection, Insert, places, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::Digest;

static CONTENT: LazyLock<Insert> = LazyLock::new(|| Insert::into("content", &["digest", "bytes"]));
static KEPT: LazyLock<String> = LazyLock::new(|| format!("SELECT digest FROM content WHERE digest IN ({})", places(1, BATCH)));

fn drop_text(snapshots: usize) -> String {
    let digests = places(1, snapshots);
    format!("DELETE FROM content WHERE digest IN ({digests}) AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.snapshot = content.digest)")
}
static DROP_ONE: LazyLock<String> = LazyLock::new(|| drop_text(1));
static DROP: LazyLock<String> = LazyLock::new(|| drop_text(BATCH));

impl AuthorityStore {
    /// Checked against its digest. None: it was never kept, or it was erased.
    ///
    /// # Errors
    /// `Damaged` where the bytes are not those that were kept.
    pub async fn content(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let row = query("SELECT bytes FROM content WHERE digest = $1").key(digest).fetch_optional(&mut *self.read().await?).await?;
        let Some(bytes) = row.map(|r| r.bytes("bytes")).transpose()? else { return Ok(None) };
        if Digest::of(&bytes) == *digest { Ok(Some(bytes)) } else { Err(StoreError::damaged("content", digest)) }
    }
}

impl AuthorityTx {
    /// # Errors
    /// The file cannot be written.
    pub async fn put_content(&mut self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        self.keep_content(&[(digest, bytes)]).await?;
        Ok(digest)
    }

    /// Keeps what is not kept yet, under hashes that the caller has counted. What a decision refers to goes this way
    /// before the decision: the snapshot that a run was given may have been replaced, and dropped, while it ran.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn keep_content(&mut self, contents: &[(Digest, &[u8])]) -> Result<(), StoreError> {
        keep(self.connection(), contents).await
    }
}

pub(super) async fn keep(connection: &mut Connection, contents: &[(Digest, &[u8])]) -> Result<(), StoreError> {
    for chunk in contents.chunks(BATCH) {
        let digests: Vec<Digest> = chunk.iter().map(|(digest, _)| *digest).collect();
        let rows = query(KEPT.as_str()).keys(&digests).fetch_all(&mut *connection).await?;
        let mut kept = rows.iter().map(|r| r.key("digest")).collect::<Result<HashSet<Digest>, _>>()?;
        let missing: Vec<(Digest, &[u8])> = chunk.iter().filter(|(digest, _)| kept.insert(*digest)).copied().collect();
        CONTENT.rows(&mut *connection, &missing, |s, (digest, bytes)| s.key(digest).bind(*bytes)).await?;
    }
    Ok(())
}

/// Drops snapshots that newer ones replaced, unless a decision rests on them.
pub(super) async fn drop_unless_decided(connection: &mut Connection, snapshots: &[Digest]) -> Result<(), StoreError> {
    for chunk in snapshots.chunks(BATCH) {
        let statement = match chunk {
            [one] => query(DROP_ONE.as_str()).key(one),
            _ => query(DROP.as_str()).keys(chunk),
        };
        statement.execute(connection).await?;
    }
    Ok(())
}
