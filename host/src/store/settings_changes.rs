//! Other settings for an installation that decides: proposed by one person, approved or declined by a second.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Day, InstallationId, KnownAt};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsChange {
    pub id: i64,
    pub installation: InstallationId,
    /// Whole.
    pub settings: serde_json::Value,
    /// The first day on which they count.
    pub counts_from: Day,
    /// Paths of settings that move money and are others than before.
    pub money: Vec<String>,
    pub reason: String,
    pub at: KnownAt,
    pub by: String,
    /// `waiting`, `approved`, `declined`.
    pub state: String,
    pub settled: Option<(KnownAt, String)>,
    pub settled_why: Option<String>,
    /// The installation that follows.
    pub successor: Option<InstallationId>,
}

/// An assessment plugin's installation whose settings were changed, active for what was begun with it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptForDrafts {
    pub installation: InstallationId,
    /// The same component with the settings that count since.
    pub follower: InstallationId,
    /// Something that was begun with it is neither completed nor given up, or it is asked about more than assessments.
    pub needed: bool,
}

/// Of installations that follow each other by their settings the one that was activated last counts, whichever was there first: people go back.
const KEPT: &str = "WITH RECURSIVE \
     pair (own, other) AS (SELECT installation, successor FROM settings_change WHERE state = 'approved' \
         UNION SELECT successor, installation FROM settings_change WHERE state = 'approved'), \
     related (own, other) AS (SELECT own, other FROM pair UNION SELECT r.own, p.other FROM related r JOIN pair p ON p.own = r.other) \
     SELECT i.id, n.id AS follower, \
         CASE WHEN EXISTS (SELECT 1 FROM assessment a WHERE a.state IN ('draft', 'submitted') AND a.installation = i.id) \
         OR EXISTS (SELECT 1 FROM installation_offer o WHERE o.installation = i.id AND o.decides = 1 AND o.extension_point <> 'assessment') \
         THEN 1 ELSE 0 END AS needed \
     FROM related r JOIN installation i ON i.id = r.own JOIN installation n ON n.id = r.other \
     JOIN installation_offer o ON o.installation = i.id AND o.extension_point = 'assessment' AND o.decides = 1 \
     WHERE i.status = 'active' AND n.status = 'active' AND n.activated_at > i.activated_at \
     AND NOT EXISTS (SELECT 1 FROM related l JOIN installation m ON m.id = l.other \
         WHERE l.own = i.id AND m.status = 'active' AND m.activated_at > n.activated_at) ORDER BY i.id";

macro_rules! settings_change {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.installation, s.settings, s.counts_from, s.money, s.reason, c.at, s.principal, s.state, s.settled_at, ",
            "s.settled_by, s.settled_why, s.successor FROM settings_change s JOIN change c ON c.id = s.change ",
            $rest
        )
    };
}

impl AuthorityStore {
    /// Of one installation, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn settings_changes(&self, installation: InstallationId) -> Result<Vec<SettingsChange>, StoreError> {
        let rows = query(settings_change!("WHERE s.installation = $1 ORDER BY s.id DESC")).key(&installation);
        rows.fetch_all(&mut *self.read().await?).await?.iter().map(read).collect()
    }

    /// Those that are active for what was begun with them alone.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn kept_for_drafts(&self) -> Result<Vec<KeptForDrafts>, StoreError> {
        kept(&mut *self.read().await?).await
    }
}

impl AuthorityTx {
    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn kept_for_drafts(&mut self) -> Result<Vec<KeptForDrafts>, StoreError> {
        kept(self.connection()).await
    }

    /// The one that waits for a second person.
    ///
    /// # Errors
    /// `NoSuch` where there is no such installation, `Conflict` where none waits.
    pub async fn waiting_settings(&mut self, installation: InstallationId) -> Result<SettingsChange, StoreError> {
        let id = self.installation(installation).await?.id;
        let found = waiting(self.connection(), id).await?;
        found.ok_or_else(|| StoreError::Conflict("no change of its settings waits".to_owned()))
    }

    /// Does it follow another, by settings that a second person approved?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn follows(&mut self, installation: InstallationId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM settings_change WHERE successor = $1 AND state = 'approved'";
        Ok(query(sql).key(&installation).fetch_optional(self.connection()).await?.is_some())
    }

    /// # Errors
    /// `Conflict` where one waits already.
    pub async fn propose_settings(&mut self, new: &SettingsChange) -> Result<(), StoreError> {
        if waiting(self.connection(), new.installation).await?.is_some() {
            return Err(StoreError::Conflict("a change of its settings waits already: have it approved or declined first".to_owned()));
        }
        let (change, _) = self.change().await?;
        query(
            "INSERT INTO settings_change (installation, change, settings, counts_from, money, reason, principal, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting')",
        )
        .key(&new.installation)
        .bind(change.0)
        .bind(new.settings.to_string())
        .day(new.counts_from)
        .bind(serde_json::to_string(&new.money).unwrap_or_default())
        .bind(new.reason.clone())
        .bind(new.by.clone())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// With the installation that follows, where it was approved.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn settle_settings(
        &mut self,
        id: i64,
        by: &str,
        why: Option<&str>,
        successor: Option<InstallationId>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        query(
            "UPDATE settings_change SET state = $2, settled_at = $3, settled_by = $4, settled_why = $5, successor = $6 \
             WHERE id = $1 AND state = 'waiting'",
        )
        .bind(id)
        .bind(if successor.is_some() { "approved" } else { "declined" })
        .at(now)
        .bind(by)
        .bind(why)
        .maybe_key(successor.as_ref())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

async fn kept(connection: &mut Connection) -> Result<Vec<KeptForDrafts>, StoreError> {
    let rows = query(KEPT).fetch_all(connection).await?;
    let kept =
        |row: &Row| Ok(KeptForDrafts { installation: row.key("id")?, follower: row.key("follower")?, needed: row.number("needed")? != 0 });
    rows.iter().map(kept).collect()
}

async fn waiting(connection: &mut Connection, installation: InstallationId) -> Result<Option<SettingsChange>, StoreError> {
    let row = query(settings_change!("WHERE s.installation = $1 AND s.state = 'waiting'")).key(&installation);
    row.fetch_optional(connection).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<SettingsChange, StoreError> {
    let settled = match row.maybe_at("settled_at")? {
        Some(at) => Some((at, row.maybe_text("settled_by")?.unwrap_or_default())),
        None => None,
    };
    Ok(SettingsChange {
        id: row.number("id")?,
        installation: row.key("installation")?,
        settings: row.json("settings")?,
        counts_from: row.day("counts_from")?,
        money: row.json("money")?,
        reason: row.text("reason")?,
        at: row.at("at")?,
        by: row.text("principal")?,
        state: row.text("state")?,
        settled,
        settled_why: row.maybe_text("settled_why")?,
        successor: row.maybe_key("successor")?,
    })
}
