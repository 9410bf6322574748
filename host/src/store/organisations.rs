//! Authorities, and the organisations that facts come from.

use super::error::exists;
use super::sql::{Row, query};
use super::{Common, CommonTx, StoreError};
use crate::record::{AuthorityId, KnownAt, OrganisationId, codes};

/// A council that keeps its families here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    pub code: AuthorityId,
    pub name: String,
    /// Since when.
    pub at: KnownAt,
    /// For training and trying out: all its families are invented. Said when it was created, for good.
    pub invented: bool,
}

/// Whoever takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: String,
    /// Code list organisation-kinds.
    pub kind: String,
}

impl Common {
    /// # Errors
    /// The file cannot be read.
    pub async fn authority(&self, code: &AuthorityId) -> Result<Option<Authority>, StoreError> {
        let row = query("SELECT code, name, at, invented FROM authority WHERE code = $1")
            .bind(code.as_str())
            .fetch_optional(&mut *self.read().await?)
            .await?;
        row.as_ref().map(read_authority).transpose()
    }

    /// All of them, by code.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn authorities(&self) -> Result<Vec<Authority>, StoreError> {
        let rows = query("SELECT code, name, at, invented FROM authority ORDER BY code").fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_authority).collect()
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn organisation(&self, id: &OrganisationId) -> Result<Option<Organisation>, StoreError> {
        let row = query("SELECT id, name, kind FROM organisation WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *self.read().await?)
            .await?;
        row.as_ref().map(read_organisation).transpose()
    }

    /// All of them, by short name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn organisations(&self) -> Result<Vec<Organisation>, StoreError> {
        let rows = query("SELECT id, name, kind FROM organisation ORDER BY id").fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_organisation).collect()
    }
}

impl CommonTx {
    /// With the council itself as an organisation. The authority's file is the business of `Stores::create_authority`.
    pub(super) async fn add_authority(&mut self, authority: &Authority) -> Result<(), StoreError> {
        query("INSERT INTO authority (code, name, at, invented) VALUES ($1, $2, $3, $4)")
            .bind(authority.code.as_str())
            .bind(&authority.name)
            .at(authority.at)
            .bind(i64::from(authority.invented))
            .execute(self.connection())
            .await
            .map_err(exists("authority", "code"))?;
        let council = OrganisationId::of_council(&authority.code);
        self.add_organisation(&Organisation { id: council, name: authority.name.clone(), kind: "council".to_owned() }).await
    }

    /// # Errors
    /// `Exists` where the short name is taken; `Invalid` where the kind is not in its code list.
    pub async fn add_organisation(&mut self, organisation: &Organisation) -> Result<(), StoreError> {
        codes::check("kind", "organisation-kinds", &organisation.kind)?;
        query("INSERT INTO organisation (id, name, kind) VALUES ($1, $2, $3)")
            .bind(organisation.id.as_str())
            .bind(&organisation.name)
            .bind(&organisation.kind)
            .execute(self.connection())
            .await
            .map_err(exists("organisation", "short name"))?;
        Ok(())
    }
}

fn read_authority(row: &Row) -> Result<Authority, StoreError> {
    Ok(Authority { code: row.parsed("code")?, name: row.text("name")?, at: row.at("at")?, invented: row.number("invented")? != 0 })
}

fn read_organisation(row: &Row) -> Result<Organisation, StoreError> {
    Ok(Organisation { id: row.parsed("id")?, name: row.text("name")?, kind: row.text("kind")? })
}
