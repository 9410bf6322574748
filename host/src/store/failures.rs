//! What a failure means, for each question: the authority's word. Every statement is kept; the latest counts.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::KnownAt;

/// What the authority said of failures at a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailurePolicy {
    pub question: String,
    /// `to-a-person` or `open`.
    pub policy: String,
    pub at: KnownAt,
    pub by: String,
}

const LATEST: &str = "SELECT p.question, p.policy, c.at, c.principal FROM failure_policy p JOIN change c ON c.id = p.change \
    WHERE p.change = (SELECT MAX(change) FROM failure_policy WHERE question = p.question) ORDER BY p.question";

impl AuthorityStore {
    /// The latest of each question that anything was said of.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn failure_policies(&self) -> Result<Vec<FailurePolicy>, StoreError> {
        latest(&mut *self.read().await?).await
    }
}

impl AuthorityTx {
    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn failure_policies(&mut self) -> Result<Vec<FailurePolicy>, StoreError> {
        latest(self.connection()).await
    }

    /// Says what failures mean: pairs of a question and a policy. What was said before and is said again is left out.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn set_failure_policies(&mut self, policies: &[(&str, &str)]) -> Result<(), StoreError> {
        let before = self.failure_policies().await?;
        for (question, policy) in policies {
            if before.iter().any(|p| p.question == *question && p.policy == *policy) {
                continue;
            }
            let (change, _) = self.change().await?;
            query("INSERT INTO failure_policy (question, change, policy) VALUES ($1, $2, $3)")
                .bind((*question).to_owned())
                .bind(change.0)
                .bind((*policy).to_owned())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}

async fn latest(connection: &mut Connection) -> Result<Vec<FailurePolicy>, StoreError> {
    let rows = query(LATEST).fetch_all(connection).await?;
    let read = |row: &Row| {
        Ok(FailurePolicy { question: row.text("question")?, policy: row.text("policy")?, at: row.at("at")?, by: row.text("principal")? })
    };
    rows.iter().map(read).collect()
}
