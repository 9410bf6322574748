//! The authority's adoptions of plugin versions: proposed, active, retired.

use super::sql::{Bind, Columns, Connection, Row};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Digest, InstallationId, KnownAt};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    pub id: InstallationId,
    /// The plugin's name.
    pub plugin: String,
    /// Of the plugin version.
    pub digest: Digest,
    /// `outcomes`, …
    pub extension_point: String,
    /// Sections and actions that the authority lets it have.
    pub grants: serde_json::Value,
    /// The authority's settings for it.
    pub settings: serde_json::Value,
    pub status: InstallationStatus,
    pub created_at: KnownAt,
    pub created_by: String,
    pub activated_at: Option<KnownAt>,
    pub activated_by: Option<String>,
    pub retired_at: Option<KnownAt>,
    pub retired_by: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallationStatus {
    Proposed,
    Active,
    Retired,
}

impl InstallationStatus {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

/// Of these one installation decides for the authority; of others several may be active.
const DECIDED_BY_ONE: &[&str] = &["outcomes"];

macro_rules! installation {
    ($rest:literal) => {
        concat!(
            "SELECT id, plugin, digest, extension_point, grants, settings, status, created_at, created_by, activated_at, ",
            "activated_by, retired_at, retired_by FROM installation ",
            $rest
        )
    };
}

impl AuthorityStore {
    /// # Errors
    /// `NoSuch` where there is no such installation.
    pub async fn installation(&self, id: InstallationId) -> Result<Installation, StoreError> {
        get(&mut *self.read().await?, id).await
    }

    /// All of them, retired ones too, in the order in which they were proposed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn installations(&self) -> Result<Vec<Installation>, StoreError> {
        let rows = sqlx::query(installation!("ORDER BY id")).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// Those that are active for an extension point.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn active_installations(&self, extension_point: &str) -> Result<Vec<Installation>, StoreError> {
        let rows = sqlx::query(installation!("WHERE status = 'active' AND extension_point = $1 ORDER BY id"))
            .bind(extension_point)
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// As it was given; whoever activates it does so with [`AuthorityTx::activate_installation`].
    ///
    /// # Errors
    /// `Exists` where the id was used before.
    pub async fn add_installation(&mut self, installation: &Installation) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO installation (id, plugin, digest, extension_point, grants, settings, status, created_at, created_by) \
             VALUES ($1, $2, $3, $4, $5, $6, 'proposed', $7, $8)",
        )
        .key(&installation.id)
        .bind(installation.plugin.as_str())
        .key(&installation.digest)
        .bind(installation.extension_point.as_str())
        .bind(installation.grants.to_string())
        .bind(installation.settings.to_string())
        .at(installation.created_at)
        .bind(installation.created_by.as_str())
        .execute(self.connection())
        .await
        .map_err(super::error::exists("installation", "id"))?;
        Ok(())
    }

    /// As in the store.
    ///
    /// # Errors
    /// `NoSuch` where there is no such installation.
    pub async fn installation(&mut self, id: InstallationId) -> Result<Installation, StoreError> {
        get(self.connection(), id).await
    }

    /// Refuses what an installation says that was retired since it was asked.
    ///
    /// # Errors
    /// `NoSuch`, or `Conflict` where it is not active.
    pub async fn must_be_active(&mut self, id: InstallationId) -> Result<(), StoreError> {
        match self.installation(id).await?.status {
            InstallationStatus::Active => Ok(()),
            InstallationStatus::Proposed | InstallationStatus::Retired => {
                Err(StoreError::Conflict("the installation was replaced while it ran: ask again".to_owned()))
            }
        }
    }

    /// Other grants and settings, while nothing rests on them: an active installation is replaced, not changed.
    ///
    /// # Errors
    /// `NoSuch`, or `Conflict` where it is no longer proposed.
    pub async fn change_installation(
        &mut self,
        id: InstallationId,
        grants: &serde_json::Value,
        settings: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE installation SET grants = $2, settings = $3 WHERE id = $1 AND status = 'proposed'")
            .key(&id)
            .bind(grants.to_string())
            .bind(settings.to_string())
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 {
            return Ok(());
        }
        let status = self.installation(id).await?.status;
        Err(StoreError::Conflict(format!("the installation is {}: propose a new one instead of changing it", status.code())))
    }

    /// Makes it active: a proposed one, or a retired one again (rolling back). Where one installation decides, the one that
    /// did is retired and answered.
    ///
    /// # Errors
    /// `NoSuch`, or `Conflict` where it is active already.
    pub async fn activate_installation(&mut self, id: InstallationId, by: &str) -> Result<Vec<InstallationId>, StoreError> {
        let now = self.now();
        let installation = self.installation(id).await?;
        if installation.status == InstallationStatus::Active {
            return Err(StoreError::Conflict("the installation is active already".to_owned()));
        }
        let mut retired = Vec::new();
        if DECIDED_BY_ONE.contains(&installation.extension_point.as_str()) {
            let rows = sqlx::query("SELECT id FROM installation WHERE status = 'active' AND extension_point = $1")
                .bind(installation.extension_point.as_str())
                .fetch_all(self.connection())
                .await?;
            for row in rows {
                let before = row.key("id")?;
                self.retire_installation(before, by).await?;
                retired.push(before);
            }
        }
        sqlx::query(
            "UPDATE installation SET status = 'active', activated_at = $2, activated_by = $3, retired_at = NULL, retired_by = NULL \
             WHERE id = $1",
        )
        .key(&id)
        .at(now)
        .bind(by)
        .execute(self.connection())
        .await?;
        Ok(retired)
    }

    /// # Errors
    /// `NoSuch`, or `Conflict` where it is retired already.
    pub async fn retire_installation(&mut self, id: InstallationId, by: &str) -> Result<(), StoreError> {
        let now = self.now();
        let done = sqlx::query(
            "UPDATE installation SET status = 'retired', retired_at = $2, retired_by = $3 WHERE id = $1 AND status <> 'retired'",
        )
        .key(&id)
        .at(now)
        .bind(by)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 {
            return Ok(());
        }
        self.installation(id).await?;
        Err(StoreError::Conflict("the installation is retired already".to_owned()))
    }
}

async fn get(connection: &mut Connection, id: InstallationId) -> Result<Installation, StoreError> {
    let row = sqlx::query(installation!("WHERE id = $1")).key(&id).fetch_optional(connection).await?;
    read(&row.ok_or_else(|| StoreError::no_such("installation", id))?)
}

fn read(row: &Row) -> Result<Installation, StoreError> {
    let status = row.text("status")?;
    Ok(Installation {
        id: row.key("id")?,
        plugin: row.text("plugin")?,
        digest: row.key("digest")?,
        extension_point: row.text("extension_point")?,
        grants: row.json("grants")?,
        settings: row.json("settings")?,
        status: [InstallationStatus::Proposed, InstallationStatus::Active, InstallationStatus::Retired]
            .into_iter()
            .find(|s| s.code() == status)
            .ok_or_else(|| StoreError::damaged("installation", format!("`{status}` is not a status")))?,
        created_at: row.at("created_at")?,
        created_by: row.text("created_by")?,
        activated_at: row.maybe_at("activated_at")?,
        activated_by: row.maybe_text("activated_by")?,
        retired_at: row.maybe_at("retired_at")?,
        retired_by: row.maybe_text("retired_by")?,
    })
}
