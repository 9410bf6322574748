//! When which installation was let decide, from whom it took that, how that ended; and activations that are to be at an instant.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{InstallationId, KnownAt};

/// One time that an installation was let decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    pub id: i64,
    pub installation: InstallationId,
    pub at: KnownAt,
    /// Those that decided, until then, something that it decides since.
    pub replaced: Vec<InstallationId>,
    pub by: String,
    pub reason: Option<String>,
    pub ended: Option<EndedActivation>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedActivation {
    pub at: KnownAt,
    pub by: String,
    pub why: String,
    /// It failed, and the host went back.
    pub by_itself: bool,
}

/// An activation that is to be at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSwitch {
    pub id: i64,
    pub installation: InstallationId,
    pub at: KnownAt,
    pub by: String,
    pub reason: Option<String>,
    /// `waiting`, `done`, `dropped`, `failed`.
    pub state: String,
    /// It could not be done.
    pub why: Option<String>,
}

const OF: &str = "SELECT id, installation, at, replaced, principal, reason, ended_at, ended_by, ended_why, by_itself FROM activation \
    WHERE installation = $1 ORDER BY id DESC";
const DUE: &str = "SELECT id, installation, at, principal, reason, state, why FROM planned_switch WHERE state = 'waiting' AND at <= $1 \
    ORDER BY at, id LIMIT 1";
const PLANNED: &str = "SELECT id, installation, at, principal, reason, state, why FROM planned_switch WHERE installation = $1 \
    ORDER BY id DESC LIMIT 1";

impl AuthorityStore {
    /// Of one installation, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn activations(&self, installation: InstallationId) -> Result<Vec<Activation>, StoreError> {
        activations(&mut *self.read().await?, installation).await
    }

    /// Is an activation due?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn due_switch(&self, now: KnownAt) -> Result<Option<PlannedSwitch>, StoreError> {
        due(&mut *self.read().await?, now).await
    }

    /// What was planned for an installation last.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn planned_switch(&self, installation: InstallationId) -> Result<Option<PlannedSwitch>, StoreError> {
        let row = query(PLANNED).key(&installation).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(planned).transpose()
    }
}

impl AuthorityTx {
    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn activations(&mut self, installation: InstallationId) -> Result<Vec<Activation>, StoreError> {
        activations(self.connection(), installation).await
    }

    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn due_switch(&mut self, now: KnownAt) -> Result<Option<PlannedSwitch>, StoreError> {
        due(self.connection(), now).await
    }

    /// Notes that an installation decides from now on.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn note_activation(
        &mut self,
        installation: InstallationId,
        replaced: &[InstallationId],
        by: &str,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let ((change, _), now) = (self.change().await?, self.now());
        let replaced: Vec<String> = replaced.iter().map(ToString::to_string).collect();
        query("INSERT INTO activation (installation, change, at, replaced, principal, reason) VALUES ($1, $2, $3, $4, $5, $6)")
            .key(&installation)
            .bind(change.0)
            .at(now)
            .bind(replaced.join(" "))
            .bind(by)
            .bind(reason)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Notes that it decides no more, where that was noted.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn end_activation(&mut self, installation: InstallationId, ended: &EndedActivation) -> Result<(), StoreError> {
        query(
            "UPDATE activation SET ended_at = $2, ended_by = $3, ended_why = $4, by_itself = $5 \
             WHERE installation = $1 AND ended_at IS NULL",
        )
        .key(&installation)
        .at(ended.at)
        .bind(ended.by.clone())
        .bind(ended.why.clone())
        .bind(i64::from(ended.by_itself))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// An activation at an instant; what was planned for the installation before is dropped.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn plan_switch(
        &mut self,
        installation: InstallationId,
        at: KnownAt,
        by: &str,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        self.drop_switch(installation, by).await?;
        let (change, _) = self.change().await?;
        query("INSERT INTO planned_switch (installation, change, at, principal, reason, state) VALUES ($1, $2, $3, $4, $5, 'waiting')")
            .key(&installation)
            .bind(change.0)
            .at(at)
            .bind(by)
            .bind(reason)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// What was planned for the installation is not done; was anything?
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn drop_switch(&mut self, installation: InstallationId, by: &str) -> Result<bool, StoreError> {
        let now = self.now();
        let done = query(
            "UPDATE planned_switch SET state = 'dropped', settled_at = $2, settled_by = $3 WHERE installation = $1 AND state = 'waiting'",
        )
        .key(&installation)
        .at(now)
        .bind(by)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// It was done, or could not be: why.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn settle_switch(&mut self, id: i64, why: Option<&str>) -> Result<(), StoreError> {
        let now = self.now();
        query("UPDATE planned_switch SET state = $2, settled_at = $3, settled_by = 'hearth', why = $4 WHERE id = $1 AND state = 'waiting'")
            .bind(id)
            .bind(if why.is_some() { "failed" } else { "done" })
            .at(now)
            .bind(why)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn activations(connection: &mut Connection, installation: InstallationId) -> Result<Vec<Activation>, StoreError> {
    query(OF).key(&installation).fetch_all(connection).await?.iter().map(read).collect()
}

async fn due(connection: &mut Connection, now: KnownAt) -> Result<Option<PlannedSwitch>, StoreError> {
    query(DUE).at(now).fetch_optional(connection).await?.as_ref().map(planned).transpose()
}

fn read(row: &Row) -> Result<Activation, StoreError> {
    let ended = match row.maybe_at("ended_at")? {
        None => None,
        Some(at) => Some(EndedActivation {
            at,
            by: row.maybe_text("ended_by")?.unwrap_or_default(),
            why: row.maybe_text("ended_why")?.unwrap_or_default(),
            by_itself: row.number("by_itself")? != 0,
        }),
    };
    let replaced = row.text("replaced")?;
    Ok(Activation {
        id: row.number("id")?,
        installation: row.key("installation")?,
        at: row.at("at")?,
        replaced: replaced.split_whitespace().map(str::parse).collect::<Result<_, _>>()?,
        by: row.text("principal")?,
        reason: row.maybe_text("reason")?,
        ended,
    })
}

fn planned(row: &Row) -> Result<PlannedSwitch, StoreError> {
    Ok(PlannedSwitch {
        id: row.number("id")?,
        installation: row.key("installation")?,
        at: row.at("at")?,
        by: row.text("principal")?,
        reason: row.maybe_text("reason")?,
        state: row.text("state")?,
        why: row.maybe_text("why")?,
    })
}
