//! Calls of plugins: what they cost, and how they failed. For operators and authors; no decision rests on them.

use std::sync::LazyLock;

use super::sql::{Bind, Columns, Insert, Row};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{Day, FamilyId, InstallationId, KnownAt, RunId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: RunId,
    pub at: KnownAt,
    pub installation: InstallationId,
    /// None where the question was about no family.
    pub family: Option<FamilyId>,
    pub question: String,
    pub as_of: Day,
    /// `answered`, or what stopped it.
    pub outcome: String,
    /// What to tell the author.
    pub message: Option<String>,
    pub instructions: u64,
    pub millis: u64,
    /// In bytes.
    pub peak_memory: u64,
    /// Lines the plugin wrote.
    pub log: serde_json::Value,
}

static RUN: LazyLock<Insert> = LazyLock::new(|| {
    Insert::into(
        "run",
        &["id", "at", "installation", "family", "question", "as_of", "outcome", "message", "instructions", "millis", "peak_memory", "log"],
    )
});

impl AuthorityStore {
    /// The latest first, of one installation. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn runs(&self, installation: InstallationId, before: Option<RunId>, limit: u32) -> Result<Page<Run, RunId>, StoreError> {
        const SQL: &str = "SELECT id, at, installation, family, question, as_of, outcome, message, instructions, millis, peak_memory, \
             log FROM run WHERE installation = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
        let rows = sqlx::query(SQL)
            .key(&installation)
            .bind(before.as_ref().map_or(&[0xff; 17][..], RunId::as_bytes))
            .bind(Page::<Run, RunId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |r| r.id))
    }
}

impl AuthorityTx {
    /// # Errors
    /// The file cannot be written.
    pub async fn add_runs(&mut self, runs: &[Run]) -> Result<(), StoreError> {
        RUN.rows(self.connection(), runs, |s, run| {
            s.key(&run.id)
                .at(run.at)
                .key(&run.installation)
                .maybe_key(run.family.as_ref())
                .bind(run.question.as_str())
                .day(run.as_of)
                .bind(run.outcome.as_str())
                .bind(run.message.as_deref())
                .count(run.instructions)
                .count(run.millis)
                .count(run.peak_memory)
                .bind(run.log.to_string())
        })
        .await?;
        Ok(())
    }

    /// Forgets the runs from before that instant; how many.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn forget_runs(&mut self, before: KnownAt) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM run WHERE at < $1").at(before).execute(self.connection()).await?;
        Ok(done.rows_affected())
    }
}

fn read(row: &Row) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.key("id")?,
        at: row.at("at")?,
        installation: row.key("installation")?,
        family: row.maybe_key("family")?,
        question: row.text("question")?,
        as_of: row.day("as_of")?,
        outcome: row.text("outcome")?,
        message: row.maybe_text("message")?,
        instructions: row.count("instructions")?,
        millis: row.count("millis")?,
        peak_memory: row.count("peak_memory")?,
        log: row.json("log")?,
    })
}
