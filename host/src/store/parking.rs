//! Installations that failed again and again and are not asked until somebody brings them back: since when and why, who brought them
//! back, when and why. Nothing of it goes.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{InstallationId, KnownAt};

/// An installation that is not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    pub installation: InstallationId,
    pub since: KnownAt,
    /// In words, none of them the guest's.
    pub why: String,
    pub failures: u64,
    /// That were looked at, the failures among them.
    pub runs: u64,
}

/// The last time that somebody brought an installation back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroughtBack {
    pub at: KnownAt,
    pub by: String,
    pub reason: String,
}

const NOW: &str = "SELECT installation, since, why, failures, runs FROM parking WHERE installation = $1 AND ended_at IS NULL";
const ENDED: &str = "SELECT ended_at, ended_by, reason FROM parking WHERE installation = $1 AND ended_at IS NOT NULL \
    ORDER BY id DESC LIMIT 1";

impl AuthorityStore {
    /// Is it parked?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn parked(&self, installation: InstallationId) -> Result<Option<Parked>, StoreError> {
        parked(&mut *self.read().await?, installation).await
    }

    /// The last time that it was brought back.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn brought_back(&self, installation: InstallationId) -> Result<Option<BroughtBack>, StoreError> {
        brought_back(&mut *self.read().await?, installation).await
    }

    /// How many are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn count_parked(&self) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) AS parked FROM parking WHERE ended_at IS NULL";
        query(SQL).fetch_one(&mut *self.read().await?).await?.count("parked")
    }
}

impl AuthorityTx {
    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn parked(&mut self, installation: InstallationId) -> Result<Option<Parked>, StoreError> {
        parked(self.connection(), installation).await
    }

    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn brought_back(&mut self, installation: InstallationId) -> Result<Option<BroughtBack>, StoreError> {
        brought_back(self.connection(), installation).await
    }

    /// Parks it: the row's number. One that is parked already stays as it was.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn park(&mut self, parked: &Parked) -> Result<Option<i64>, StoreError> {
        const SQL: &str = "INSERT INTO parking (installation, since, why, failures, runs) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING RETURNING id";
        let row = query(SQL)
            .key(&parked.installation)
            .at(parked.since)
            .bind(parked.why.clone())
            .count(parked.failures)
            .count(parked.runs)
            .fetch_optional(self.connection())
            .await?;
        row.map(|row| row.number("id")).transpose()
    }

    /// Brings it back.
    ///
    /// # Errors
    /// `NoSuch`, or `Conflict` where it is not parked.
    pub async fn unpark(&mut self, installation: InstallationId, by: &str, reason: &str) -> Result<(), StoreError> {
        let now = self.now();
        let done = query("UPDATE parking SET ended_at = $2, ended_by = $3, reason = $4 WHERE installation = $1 AND ended_at IS NULL")
            .key(&installation)
            .at(now)
            .bind(by.to_owned())
            .bind(reason.to_owned())
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 {
            return Ok(());
        }
        self.installation(installation).await?;
        Err(StoreError::Conflict("the installation is not parked".to_owned()))
    }
}

async fn parked(connection: &mut Connection, installation: InstallationId) -> Result<Option<Parked>, StoreError> {
    let row = query(NOW).key(&installation).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

async fn brought_back(connection: &mut Connection, installation: InstallationId) -> Result<Option<BroughtBack>, StoreError> {
    let row = query(ENDED).key(&installation).fetch_optional(connection).await?;
    row.map(|row| Ok(BroughtBack { at: row.at("ended_at")?, by: row.text("ended_by")?, reason: row.text("reason")? })).transpose()
}

fn read(row: &Row) -> Result<Parked, StoreError> {
    Ok(Parked {
        installation: row.key("installation")?,
        since: row.at("since")?,
        why: row.text("why")?,
        failures: row.count("failures")?,
        runs: row.count("runs")?,
    })
}
