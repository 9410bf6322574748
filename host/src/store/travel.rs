//! What an authority says about plugins from elsewhere, and which installation is an update of which.

use super::sql::query;
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Day, Digest, InstallationId, KnownAt};

/// What an authority says about plugins from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginRules {
    /// May plugins be adopted that nobody signed?
    pub unsigned: bool,
    /// May others be told which plugins it uses?
    pub named: bool,
    /// None: nothing was ever said.
    pub said: Option<RulesSaid>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesSaid {
    pub why: String,
    pub at: KnownAt,
    pub by: String,
}

/// An installation that is asked although its publisher's key was compromised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptOn {
    /// The last day.
    pub until: Day,
    pub reason: String,
    pub at: KnownAt,
    pub by: String,
}

/// What an installation takes the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updates {
    pub installation: InstallationId,
    /// The difference that was acknowledged.
    pub difference: Option<Digest>,
}

impl AuthorityStore {
    /// # Errors
    /// The file cannot be read.
    pub async fn plugin_rules(&self) -> Result<PluginRules, StoreError> {
        const SQL: &str = "SELECT r.unsigned, r.named, r.why, c.at, c.principal FROM plugin_rule r JOIN change c ON c.id = r.change \
             ORDER BY r.change DESC LIMIT 1";
        let Some(row) = query(SQL).fetch_optional(&mut *self.read().await?).await? else {
            return Ok(PluginRules { unsigned: true, named: false, said: None });
        };
        let said = RulesSaid { why: row.text("why")?, at: row.at("at")?, by: row.text("principal")? };
        Ok(PluginRules { unsigned: row.number("unsigned")? != 0, named: row.number("named")? != 0, said: Some(said) })
    }

    /// What was said last of keeping it on.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn kept_on(&self, installation: InstallationId) -> Result<Option<KeptOn>, StoreError> {
        const SQL: &str = "SELECT k.until, k.reason, c.at, c.principal FROM kept_on k JOIN change c ON c.id = k.change \
             WHERE k.installation = $1 ORDER BY k.change DESC LIMIT 1";
        let row = query(SQL).key(&installation).fetch_optional(&mut *self.read().await?).await?;
        row.map(|row| Ok(KeptOn { until: row.day("until")?, reason: row.text("reason")?, at: row.at("at")?, by: row.text("principal")? }))
            .transpose()
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn updates(&self, installation: InstallationId) -> Result<Option<Updates>, StoreError> {
        const SQL: &str = "SELECT updates, difference FROM installation_update WHERE installation = $1";
        let row = query(SQL).key(&installation).fetch_optional(&mut *self.read().await?).await?;
        row.map(|row| Ok(Updates { installation: row.key("updates")?, difference: row.maybe_key("difference")? })).transpose()
    }
}

impl AuthorityTx {
    /// Was it proposed in the place of an older version?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_update(&mut self, installation: InstallationId) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 FROM installation_update WHERE installation = $1";
        Ok(query(SQL).key(&installation).fetch_optional(self.connection()).await?.is_some())
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn say_plugin_rules(&mut self, unsigned: bool, named: bool, why: &str) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO plugin_rule (change, unsigned, named, why) VALUES ($1, $2, $3, $4)")
            .bind(change.0)
            .bind(i64::from(unsigned))
            .bind(i64::from(named))
            .bind(why)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn keep_on(&mut self, installation: InstallationId, until: Day, reason: &str) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO kept_on (change, installation, until, reason) VALUES ($1, $2, $3, $4)")
            .bind(change.0)
            .key(&installation)
            .day(until)
            .bind(reason)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn note_update(&mut self, installation: InstallationId, updates: &Updates) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO installation_update (installation, updates, difference, change) VALUES ($1, $2, $3, $4)")
            .key(&installation)
            .key(&updates.installation)
            .maybe_key(updates.difference.as_ref())
            .bind(change.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
