//! The authority's adoptions of plugin versions: proposed, active, retired.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, PluginVersion, StoreError};
use crate::record::{Digest, InstallationId, KnownAt};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    pub id: InstallationId,
    /// The plugin's name.
    pub plugin: String,
    /// Of the plugin version.
    pub digest: Digest,
    /// What it offers, in the order of their names.
    pub offers: Vec<Offer>,
    /// Sections and actions that the authority lets it have.
    pub grants: serde_json::Value,
    /// It is given what is sealed, too.
    pub sealed: bool,
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

/// An extension point that an installation offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// `outcomes`, …
    pub extension_point: String,
    /// It is active, and the one that is asked where one decides.
    pub decides: bool,
}

impl Offer {
    /// As it is before anybody activates it.
    #[must_use]
    pub fn of(extension_point: &str) -> Self {
        Self { extension_point: extension_point.to_owned(), decides: false }
    }
}

impl Installation {
    /// Is it asked about this extension point?
    #[must_use]
    pub fn decides(&self, extension_point: &str) -> bool {
        self.offers.iter().any(|o| o.decides && o.extension_point == extension_point)
    }
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
pub const DECIDED_BY_ONE: &[&str] = &["outcomes", "pathway"];

macro_rules! installation {
    ($rest:literal) => {
        concat!(
            "SELECT id, plugin, digest, grants, sealed, settings, status, created_at, created_by, activated_at, ",
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
        let mut connection = self.read().await?;
        let rows = query(installation!("ORDER BY id")).fetch_all(&mut connection).await?;
        with_offers(&mut connection, &rows).await
    }

    /// Those that are asked about an extension point: one or none where one decides.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn active_installations(&self, extension_point: &str) -> Result<Vec<Installation>, StoreError> {
        let mut connection = self.read().await?;
        let rows = query(installation!(
            "WHERE id IN (SELECT installation FROM installation_offer WHERE extension_point = $1 AND decides = 1) ORDER BY id"
        ))
        .bind(extension_point)
        .fetch_all(&mut connection)
        .await?;
        with_offers(&mut connection, &rows).await
    }
}

impl AuthorityTx {
    /// As it was given; whoever activates it does so with [`AuthorityTx::activate_installation`].
    ///
    /// # Errors
    /// `Exists` where the id was used before.
    pub async fn add_installation(&mut self, installation: &Installation) -> Result<(), StoreError> {
        query(
            "INSERT INTO installation (id, plugin, digest, grants, settings, status, created_at, created_by) \
             VALUES ($1, $2, $3, $4, $5, 'proposed', $6, $7)",
        )
        .key(&installation.id)
        .bind(installation.plugin.as_str())
        .key(&installation.digest)
        .bind(installation.grants.to_string())
        .bind(installation.settings.to_string())
        .at(installation.created_at)
        .bind(installation.created_by.as_str())
        .execute(self.connection())
        .await
        .map_err(super::error::exists("installation", "id"))?;
        for offer in &installation.offers {
            query("INSERT INTO installation_offer (installation, extension_point, decides) VALUES ($1, $2, 0)")
                .key(&installation.id)
                .bind(offer.extension_point.as_str())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// As in the store.
    ///
    /// # Errors
    /// `NoSuch` where there is no such installation.
    pub async fn installation(&mut self, id: InstallationId) -> Result<Installation, StoreError> {
        get(self.connection(), id).await
    }

    /// The version of a plugin that an installation is of; none: it is not kept any more.
    ///
    /// # Errors
    /// The common file cannot be read.
    pub async fn version_of(&self, installation: &Installation) -> Result<Option<PluginVersion>, StoreError> {
        self.common().plugin_version(&installation.digest).await
    }

    /// The active installation of a plugin, the last that was activated.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn active_of(&mut self, plugin: &str) -> Result<Option<Installation>, StoreError> {
        const SQL: &str = installation!("WHERE plugin = $1 AND status = 'active' ORDER BY activated_at DESC, id DESC LIMIT 1");
        let rows = query(SQL).bind(plugin.to_owned());
        let rows = rows.fetch_all(self.connection()).await?;
        Ok(with_offers(self.connection(), &rows).await?.pop())
    }

    /// Is there an installation that decides an extension point?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn anybody_decides(&mut self, extension_point: &str) -> Result<bool, StoreError> {
        let statement = query("SELECT 1 FROM installation_offer WHERE extension_point = $1 AND decides = 1 LIMIT 1");
        Ok(statement.bind(extension_point.to_owned()).fetch_optional(self.connection()).await?.is_some())
    }

    /// Refuses what an installation says that was retired, or replaced, since it was asked.
    ///
    /// # Errors
    /// `NoSuch`, or `Conflict` where it is not asked about the extension point any more.
    pub async fn must_decide(&mut self, id: InstallationId, extension_point: &str) -> Result<(), StoreError> {
        if self.installation(id).await?.decides(extension_point) {
            return Ok(());
        }
        Err(StoreError::Conflict("the installation was replaced while it ran: ask again".to_owned()))
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
        let done = query("UPDATE installation SET grants = $2, settings = $3 WHERE id = $1 AND status = 'proposed'")
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

    /// Whether it is given what is sealed: to be said with its grants, while it is proposed.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn grant_sealed(&mut self, id: InstallationId, sealed: bool) -> Result<(), StoreError> {
        query("UPDATE installation SET sealed = $2 WHERE id = $1").key(&id).bind(i64::from(sealed)).execute(self.connection()).await?;
        Ok(())
    }

    /// Makes it active: a proposed one, or a retired one again (rolling back). Where one installation decides, it takes that
    /// from whichever did; one that is left with nothing to decide is retired. Those that lost something are answered.
    ///
    /// # Errors
    /// `NoSuch`, or `Conflict` where it decides all that it offers already.
    pub async fn activate_installation(&mut self, id: InstallationId, by: &str) -> Result<Vec<InstallationId>, StoreError> {
        let now = self.now();
        let installation = self.installation(id).await?;
        if installation.status == InstallationStatus::Active && installation.offers.iter().all(|o| o.decides) {
            return Err(StoreError::Conflict("the installation is active already".to_owned()));
        }
        let mut replaced = Vec::new();
        for offer in installation.offers.iter().filter(|o| DECIDED_BY_ONE.contains(&o.extension_point.as_str())) {
            let rows = query(
                "UPDATE installation_offer SET decides = 0 WHERE extension_point = $1 AND decides = 1 AND installation <> $2 \
                 RETURNING installation",
            )
            .bind(offer.extension_point.clone())
            .key(&id)
            .fetch_all(self.connection())
            .await?;
            for row in rows {
                replaced.push(row.key("installation")?);
            }
        }
        replaced.sort_unstable();
        replaced.dedup();
        for before in &replaced {
            if self.installation(*before).await?.offers.iter().all(|o| !o.decides) {
                self.retire_installation(*before, by).await?;
            }
        }
        query("UPDATE installation_offer SET decides = 1 WHERE installation = $1").key(&id).execute(self.connection()).await?;
        query(
            "UPDATE installation SET status = 'active', activated_at = $2, activated_by = $3, retired_at = NULL, retired_by = NULL \
             WHERE id = $1",
        )
        .key(&id)
        .at(now)
        .bind(by)
        .execute(self.connection())
        .await?;
        Ok(replaced)
    }

    /// # Errors
    /// `NoSuch`, or `Conflict` where it is retired already.
    pub async fn retire_installation(&mut self, id: InstallationId, by: &str) -> Result<(), StoreError> {
        let now = self.now();
        let done =
            query("UPDATE installation SET status = 'retired', retired_at = $2, retired_by = $3 WHERE id = $1 AND status <> 'retired'")
                .key(&id)
                .at(now)
                .bind(by)
                .execute(self.connection())
                .await?;
        if done.rows_affected() == 1 {
            let offers = "UPDATE installation_offer SET decides = 0 WHERE installation = $1";
            query(offers).key(&id).execute(self.connection()).await?;
            return Ok(());
        }
        self.installation(id).await?;
        Err(StoreError::Conflict("the installation is retired already".to_owned()))
    }
}

async fn get(connection: &mut Connection, id: InstallationId) -> Result<Installation, StoreError> {
    let row = query(installation!("WHERE id = $1")).key(&id).fetch_optional(&mut *connection).await?;
    let rows = [row.ok_or_else(|| StoreError::no_such("installation", id))?];
    with_offers(connection, &rows).await?.pop().ok_or_else(|| StoreError::no_such("installation", id))
}

async fn with_offers(connection: &mut Connection, rows: &[Row]) -> Result<Vec<Installation>, StoreError> {
    let mut installations = Vec::with_capacity(rows.len());
    for row in rows {
        let mut installation = read(row)?;
        let offers = query("SELECT extension_point, decides FROM installation_offer WHERE installation = $1 ORDER BY extension_point")
            .key(&installation.id)
            .fetch_all(&mut *connection)
            .await?;
        for offer in offers {
            let decides = offer.number("decides")? != 0;
            installation.offers.push(Offer { extension_point: offer.text("extension_point")?, decides });
        }
        installations.push(installation);
    }
    Ok(installations)
}

fn read(row: &Row) -> Result<Installation, StoreError> {
    let status = row.text("status")?;
    Ok(Installation {
        id: row.key("id")?,
        plugin: row.text("plugin")?,
        digest: row.key("digest")?,
        offers: Vec::new(),
        grants: row.json("grants")?,
        sealed: row.number("sealed")? != 0,
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
