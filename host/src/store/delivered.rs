//! What was delivered to a family: sessions offered and kept, and the report at the end.

use std::collections::BTreeMap;

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{ContractId, KnownAt, ProvisionId, Window};

/// Sessions of one family in a window, both days included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sessions {
    pub window: Window,
    pub offered: u32,
    pub kept: u32,
}

/// How sessions that were told became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SessionsTold {
    New,
    /// Other numbers for days that were told of before.
    Corrected,
    /// They were known.
    Unchanged,
}

/// A report at the end of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndReport {
    pub at: KnownAt,
    pub by: String,
    /// How far, for each problem (code list problems): `achieved`, `partly`, `not`.
    pub reached: BTreeMap<String, String>,
    /// Empty: nothing was said, or it was erased.
    pub words: String,
}

/// The latest word about each days of a referral ($1).
const OF_PROVISION: &str = "SELECT s.first, s.last, s.offered, s.kept FROM provision_sessions s WHERE s.provision = $1 AND s.id = \
     (SELECT MAX(l.id) FROM provision_sessions l WHERE l.provision = s.provision AND l.first = s.first AND l.last = s.last) \
     ORDER BY s.first, s.last";
const UNDER: &str = "SELECT p.number, s.first, s.last, s.offered, s.kept FROM provision_sessions s JOIN provision p ON p.id = s.provision \
     WHERE p.contract = $1 AND s.id = (SELECT MAX(l.id) FROM provision_sessions l WHERE l.provision = s.provision AND l.first = s.first \
     AND l.last = s.last) ORDER BY p.number, s.first, s.last";

impl AuthorityStore {
    /// Of a referral, by day.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn sessions_of(&self, provision: ProvisionId) -> Result<Vec<Sessions>, StoreError> {
        let rows = query(OF_PROVISION).key(&provision).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// Under a contract: by the contract's number of the family, then by day.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn sessions_under(&self, contract: ContractId) -> Result<Vec<(u32, Sessions)>, StoreError> {
        let rows = query(UNDER).key(&contract).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| Ok((count(row, "number")?, read(row)?))).collect()
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn end_report(&self, provision: ProvisionId) -> Result<Option<EndReport>, StoreError> {
        const SQL: &str = "SELECT c.at, c.principal, r.reached, r.words FROM provision_report r JOIN change c ON c.id = r.change \
             WHERE r.provision = $1";
        let row = query(SQL).key(&provision).fetch_optional(&mut *self.read().await?).await?;
        let read = |row: Row| {
            Ok(EndReport { at: row.at("at")?, by: row.text("principal")?, reached: row.json("reached")?, words: row.text("words")? })
        };
        row.map(read).transpose()
    }
}

impl AuthorityTx {
    /// Tells of sessions. What is known already stays as it is.
    ///
    /// # Errors
    /// `Conflict` where they share days with others that were told of.
    pub async fn tell_sessions(&mut self, provision: ProvisionId, told: &Sessions) -> Result<SessionsTold, StoreError> {
        let last = told.window.last.unwrap_or(told.window.first);
        let mut known = SessionsTold::New;
        for row in query(OF_PROVISION).key(&provision).fetch_all(self.connection()).await? {
            let before = read(&row)?;
            if before == *told {
                return Ok(SessionsTold::Unchanged);
            }
            if before.window == told.window {
                known = SessionsTold::Corrected;
            } else if before.window.overlaps(&told.window) && before.offered > 0 {
                let why = format!("shares days with those of {}: correct these, or tell of other days", before.window);
                return Err(StoreError::Conflict(why));
            }
        }
        let (change, _) = self.change().await?;
        query("INSERT INTO provision_sessions (provision, change, first, last, offered, kept) VALUES ($1, $2, $3, $4, $5, $6)")
            .key(&provision)
            .bind(change.0)
            .day(told.window.first)
            .day(last)
            .bind(i64::from(told.offered))
            .bind(i64::from(told.kept))
            .execute(self.connection())
            .await?;
        Ok(known)
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn report_end(&mut self, provision: ProvisionId, reached: &BTreeMap<String, String>, words: &str) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO provision_report (provision, change, reached, words) VALUES ($1, $2, $3, $4)")
            .key(&provision)
            .bind(change.0)
            .bind(serde_json::to_string(reached).unwrap_or_default())
            .bind(words)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn count(row: &Row, column: &str) -> Result<u32, StoreError> {
    u32::try_from(row.number(column)?).map_err(|e| StoreError::damaged(column, e))
}

fn read(row: &Row) -> Result<Sessions, StoreError> {
    Ok(Sessions { window: row.window()?, offered: count(row, "offered")?, kept: count(row, "kept")? })
}
