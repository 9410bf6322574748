//! Mappings that the authority wrote, in versions, and its thresholds and times of intake.

use std::collections::BTreeMap;

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::KnownAt;

/// A version of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMapping {
    pub name: String,
    /// From 1.
    pub version: u64,
    /// As it was written.
    pub text: String,
    pub at: KnownAt,
    pub by: String,
}

macro_rules! mapping {
    ($rest:literal) => {
        concat!("SELECT m.name, m.version, m.text, c.at, c.principal FROM mapping m JOIN change c ON c.id = m.change ", $rest)
    };
}

impl AuthorityStore {
    /// The latest version of each, by name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn mappings(&self) -> Result<Vec<KeptMapping>, StoreError> {
        const SQL: &str = mapping!("WHERE m.version = (SELECT MAX(n.version) FROM mapping n WHERE n.name = m.name) ORDER BY m.name");
        query(SQL).fetch_all(&mut *self.read().await?).await?.iter().map(read).collect()
    }

    /// One version, or the latest; none where there is none of that name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn mapping(&self, name: &str, version: Option<u64>) -> Result<Option<KeptMapping>, StoreError> {
        const SQL: &str = mapping!("WHERE m.name = $1 AND m.version <= $2 ORDER BY m.version DESC LIMIT 1");
        let row = query(SQL).bind(name.to_owned()).count(version.unwrap_or(i64::MAX as u64));
        let found = row.fetch_optional(&mut *self.read().await?).await?.as_ref().map(read).transpose()?;
        Ok(found.filter(|m| version.is_none_or(|v| v == m.version)))
    }

    /// What is set, by name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn intake_settings(&self) -> Result<BTreeMap<String, i64>, StoreError> {
        let rows = query("SELECT name, value FROM intake_setting").fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|r| Ok((r.text("name")?, r.number("value")?))).collect()
    }
}

impl AuthorityTx {
    /// Keeps a mapping as the next version of its name; the same text as the latest makes none.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn keep_mapping(&mut self, name: &str, text: &str) -> Result<u64, StoreError> {
        const LATEST: &str = "SELECT version, text FROM mapping WHERE name = $1 ORDER BY version DESC LIMIT 1";
        let latest = query(LATEST).bind(name.to_owned()).fetch_optional(self.connection()).await?;
        let latest = latest.map(|row| Ok::<_, StoreError>((row.count("version")?, row.text("text")?))).transpose()?;
        let version = match latest {
            Some((version, before)) if before == text => return Ok(version),
            Some((version, _)) => version + 1,
            None => 1,
        };
        let (change, _) = self.change().await?;
        query("INSERT INTO mapping (name, version, change, text) VALUES ($1, $2, $3, $4)")
            .bind(name.to_owned())
            .count(version)
            .bind(change.0)
            .bind(text.to_owned())
            .execute(self.connection())
            .await?;
        Ok(version)
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn set_intake(&mut self, name: &str, value: i64) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO intake_setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        query(SQL).bind(name.to_owned()).bind(value).execute(self.connection()).await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<KeptMapping, StoreError> {
    Ok(KeptMapping {
        name: row.text("name")?,
        version: row.count("version")?,
        text: row.text("text")?,
        at: row.at("at")?,
        by: row.text("principal")?,
    })
}
