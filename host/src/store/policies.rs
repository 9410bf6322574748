//! Who carries out what plugins propose, for each kind of action: the authority's policies. Every statement is kept; the latest
//! counts.

use std::collections::HashMap;

use super::sql::{Connection, query};
use super::{AuthorityStore, AuthorityTx, ChangeId, StoreError};
use crate::record::KnownAt;

/// What the authority said of a kind of action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Code list actions.
    pub action: String,
    /// Code list policies.
    pub policy: String,
    pub at: KnownAt,
    pub by: String,
    pub change: ChangeId,
}

const LATEST: &str = "SELECT p.action, p.policy, p.change, c.at, c.principal FROM action_policy p JOIN change c ON c.id = p.change \
    WHERE p.change = (SELECT MAX(change) FROM action_policy WHERE action = p.action) ORDER BY p.action";

impl AuthorityStore {
    /// The latest of each kind of action that anything was said of.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn policies(&self) -> Result<Vec<Policy>, StoreError> {
        latest(&mut *self.read().await?).await
    }
}

impl AuthorityTx {
    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn policies(&mut self) -> Result<Vec<Policy>, StoreError> {
        latest(self.connection()).await
    }

    /// Says who carries out what: pairs of an action and a policy. What was said before and is said again is left out; how
    /// many were new.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn set_policies(&mut self, policies: &[(&str, &str)]) -> Result<usize, StoreError> {
        let before: HashMap<String, String> = self.policies().await?.into_iter().map(|p| (p.action, p.policy)).collect();
        let new: Vec<_> = policies.iter().filter(|(action, policy)| before.get(*action).is_none_or(|p| p != policy)).collect();
        for (action, policy) in &new {
            let (change, _) = self.change().await?;
            query("INSERT INTO action_policy (action, change, policy) VALUES ($1, $2, $3)")
                .bind((*action).to_owned())
                .bind(change.0)
                .bind((*policy).to_owned())
                .execute(self.connection())
                .await?;
        }
        Ok(new.len())
    }
}

async fn latest(connection: &mut Connection) -> Result<Vec<Policy>, StoreError> {
    let rows = query(LATEST).fetch_all(connection).await?;
    let read = |row: &super::sql::Row| {
        Ok(Policy {
            action: row.text("action")?,
            policy: row.text("policy")?,
            at: row.at("at")?,
            by: row.text("principal")?,
            change: ChangeId(row.number("change")?),
        })
    };
    rows.iter().map(read).collect()
}
