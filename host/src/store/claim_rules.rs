//! What an authority says of its claims, and when every family is asked about. Every statement is kept; the latest counts.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::sql::{Connection, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::KnownAt;
use crate::record::claim_way::ClaimRules;
use crate::record::schedule::Schedule;

/// What was said last, when and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidLast<T> {
    pub says: T,
    pub at: KnownAt,
    pub by: String,
}

macro_rules! latest {
    ($table:literal, $column:literal) => {
        concat!(
            "SELECT r.",
            $column,
            " AS says, c.at, c.principal FROM ",
            $table,
            " r JOIN change c ON c.id = r.change ORDER BY r.change DESC LIMIT 1"
        )
    };
}
const RULES: &str = latest!("claim_rules", "rules");
const SCHEDULE: &str = latest!("evaluation_schedule", "schedule");

impl AuthorityStore {
    /// None: nothing was ever said, and the default counts.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claim_rules(&self) -> Result<Option<SaidLast<ClaimRules>>, StoreError> {
        latest(&mut *self.read().await?, RULES).await
    }

    /// None: nobody ever said when.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn evaluation_schedule(&self) -> Result<Option<SaidLast<Schedule>>, StoreError> {
        latest(&mut *self.read().await?, SCHEDULE).await
    }
}

impl AuthorityTx {
    /// As they count now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claim_rules(&mut self) -> Result<ClaimRules, StoreError> {
        Ok(latest(self.connection(), RULES).await?.map(|said| said.says).unwrap_or_default())
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn set_claim_rules(&mut self, rules: &ClaimRules) -> Result<(), StoreError> {
        self.say("INSERT INTO claim_rules (change, rules) VALUES ($1, $2)", rules).await
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn set_evaluation_schedule(&mut self, schedule: &Schedule) -> Result<(), StoreError> {
        self.say("INSERT INTO evaluation_schedule (change, schedule) VALUES ($1, $2)", schedule).await
    }

    pub(super) async fn say(&mut self, sql: &'static str, what: &impl Serialize) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query(sql).bind(change.0).bind(serde_json::to_string(what).unwrap_or_default()).execute(self.connection()).await?;
        Ok(())
    }
}

pub(super) async fn latest<T: DeserializeOwned>(connection: &mut Connection, sql: &'static str) -> Result<Option<SaidLast<T>>, StoreError> {
    let Some(row) = query(sql).fetch_optional(connection).await? else { return Ok(None) };
    Ok(Some(SaidLast { says: row.json("says")?, at: row.at("at")?, by: row.text("principal")? }))
}
