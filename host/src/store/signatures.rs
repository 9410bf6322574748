//! Signatures of plugin versions, and where versions were taken from.

use super::publishers::read_key;
use super::sql::{Row, query};
use super::{Common, CommonTx, StoreError};
use crate::record::signing::{Key, Signature};
use crate::record::{Digest, KnownAt};

/// A signature as it is kept, with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSignature {
    pub signature: Signature,
    pub key: Key,
    pub at: KnownAt,
    pub by: String,
}

/// Where a version was taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub reference: String,
    /// Of the registry's manifest.
    pub manifest: String,
    pub at: KnownAt,
    pub by: String,
}

impl Common {
    /// In the order in which they came.
    ///
    /// # Errors
    /// `Damaged` where what is kept is no signature.
    pub async fn signatures(&self, digest: &Digest) -> Result<Vec<KeptSignature>, StoreError> {
        const SQL: &str = "SELECT s.signature, s.at AS signed_at, s.by AS signed_by, \
             k.id, k.publisher, k.key, k.at, k.by, k.until, k.revoked_at, k.revoked_by, k.revoked_as, k.revoked_why \
             FROM plugin_signature s JOIN publisher_key k ON k.id = s.key WHERE s.digest = $1 ORDER BY s.at, s.key";
        query(SQL).key(digest).fetch_all(&mut *self.read().await?).await?.iter().map(read).collect()
    }

    /// None: it was sent as a file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn plugin_source(&self, digest: &Digest) -> Result<Option<Source>, StoreError> {
        const SQL: &str = "SELECT reference, manifest, at, by FROM plugin_source WHERE digest = $1";
        let row = query(SQL).key(digest).fetch_optional(&mut *self.read().await?).await?;
        row.map(|row| {
            Ok(Source { reference: row.text("reference")?, manifest: row.text("manifest")?, at: row.at("at")?, by: row.text("by")? })
        })
        .transpose()
    }

    /// Versions of one name, without their bytes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn versions_named(&self, name: &str) -> Result<Vec<super::PluginVersion>, StoreError> {
        const SQL: &str = "SELECT digest, name, version, publisher, size, uploaded_by, at, manifest FROM plugin_version WHERE name = $1";
        query(SQL).bind(name).fetch_all(&mut *self.read().await?).await?.iter().map(super::plugins::read).collect()
    }

    /// Versions of all names, without their bytes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn every_version(&self) -> Result<Vec<super::PluginVersion>, StoreError> {
        const SQL: &str =
            "SELECT digest, name, version, publisher, size, uploaded_by, at, manifest FROM plugin_version ORDER BY name, version";
        query(SQL).fetch_all(&mut *self.read().await?).await?.iter().map(super::plugins::read).collect()
    }
}

impl CommonTx {
    /// The same key's again changes nothing.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_signature(&mut self, digest: &Digest, signature: &Signature, by: &str) -> Result<(), StoreError> {
        let now = self.now();
        let done =
            query("INSERT INTO plugin_signature (digest, key, signature, at, by) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
                .key(digest)
                .bind(signature.key.as_str())
                .bind(signature.text.as_str())
                .at(now)
                .bind(by)
                .execute(self.connection())
                .await?;
        if done.rows_affected() == 1 { self.trust_changed().await } else { Ok(()) }
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn add_plugin_source(&mut self, digest: &Digest, source: &Source) -> Result<(), StoreError> {
        query("INSERT INTO plugin_source (digest, reference, manifest, at, by) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
            .key(digest)
            .bind(source.reference.as_str())
            .bind(source.manifest.as_str())
            .at(source.at)
            .bind(source.by.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<KeptSignature, StoreError> {
    let signature = row.text("signature")?.parse().map_err(|_| StoreError::damaged("plugin signature", "it is none"))?;
    Ok(KeptSignature { signature, key: read_key(row)?.key, at: row.at("signed_at")?, by: row.text("signed_by")? })
}
