//! Published plugin versions. Their bytes live here; the folder of compiled artefacts is a cache of them.

use super::sql::{Row, query};
use super::{Common, CommonTx, Page, StoreError};
use crate::record::{Digest, KnownAt};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginVersion {
    /// Of the component's bytes.
    pub digest: Digest,
    pub name: String,
    pub version: String,
    pub publisher: String,
    /// Of the component, in bytes.
    pub size: u64,
    pub uploaded_by: String,
    pub at: KnownAt,
    /// JSON, as it was read from the component.
    pub manifest: String,
}

impl Common {
    /// # Errors
    /// The file cannot be read.
    pub async fn plugin_version(&self, digest: &Digest) -> Result<Option<PluginVersion>, StoreError> {
        const SQL: &str = "SELECT digest, name, version, publisher, size, uploaded_by, at, manifest FROM plugin_version WHERE digest = $1";
        let row = query(SQL).key(digest).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn plugin_version_named(&self, name: &str, version: &str) -> Result<Option<PluginVersion>, StoreError> {
        const SQL: &str = "SELECT digest, name, version, publisher, size, uploaded_by, at, manifest FROM plugin_version \
             WHERE name = $1 AND version = $2";
        let row = query(SQL).bind(name).bind(version).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// By name and version, without their bytes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn plugin_versions(&self, after: Option<&Digest>, limit: u32) -> Result<Page<PluginVersion, Digest>, StoreError> {
        const SQL: &str = "SELECT digest, name, version, publisher, size, uploaded_by, at, manifest FROM plugin_version \
             WHERE $1 IS NULL OR (name, version) > (SELECT name, version FROM plugin_version WHERE digest = $1) \
             ORDER BY name, version LIMIT $2";
        let rows = query(SQL).maybe_key(after).bind(Page::<PluginVersion, Digest>::rows(limit)).fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |v| v.digest))
    }

    /// The component. Checked against its digest.
    ///
    /// # Errors
    /// `Damaged` where the bytes are not those that were published.
    pub async fn plugin_bytes(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let row = query("SELECT bytes FROM plugin_version WHERE digest = $1").key(digest).fetch_optional(&mut *self.read().await?).await?;
        let Some(bytes) = row.map(|r| r.bytes("bytes")).transpose()? else { return Ok(None) };
        if Digest::of(&bytes) == *digest {
            Ok(Some(bytes))
        } else {
            Err(StoreError::damaged("plugin version", format!("the bytes of {digest} are not those that were published")))
        }
    }
}

impl CommonTx {
    /// # Errors
    /// `Exists` where the same bytes, or the same name and version, were published before.
    pub async fn add_plugin_version(&mut self, version: &PluginVersion, bytes: Vec<u8>) -> Result<(), StoreError> {
        let same =
            query("SELECT name FROM plugin_version WHERE digest = $1").key(&version.digest).fetch_optional(self.connection()).await?;
        if same.is_some() {
            return Err(StoreError::Exists { what: "plugin version", field: "digest" });
        }
        let done = query(
            "INSERT INTO plugin_version (digest, name, version, publisher, size, uploaded_by, at, manifest, bytes) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .key(&version.digest)
        .bind(&version.name)
        .bind(&version.version)
        .bind(&version.publisher)
        .count(version.size)
        .bind(&version.uploaded_by)
        .at(version.at)
        .bind(&version.manifest)
        .bind(bytes)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Exists { what: "plugin version", field: "name and version" });
        }
        Ok(())
    }
}

pub(super) fn read(row: &Row) -> Result<PluginVersion, StoreError> {
    Ok(PluginVersion {
        digest: row.key("digest")?,
        name: row.text("name")?,
        version: row.text("version")?,
        publisher: row.text("publisher")?,
        size: row.count("size")?,
        uploaded_by: row.text("uploaded_by")?,
        at: row.at("at")?,
        manifest: row.text("manifest")?,
    })
}
