//! How a plugin ran, as far as its publisher outside may know: how often each thing was, never which run.

use super::sql::query;
use super::{AuthorityStore, StoreError};
use crate::record::{InstallationId, KnownAt};

/// Runs of an installation that ended alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedAlike {
    /// `answered`, or what stopped it.
    pub outcome: String,
    /// Where in the plugin's code.
    pub place: Option<String>,
    pub runs: u64,
}

impl AuthorityStore {
    /// Of the runs that came to a decision, and those that failed while their rows are kept.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn ended_alike(&self, installation: InstallationId, since: KnownAt) -> Result<Vec<EndedAlike>, StoreError> {
        const SQL: &str = "SELECT outcome, place, COUNT(*) AS n FROM run WHERE installation = $1 AND at >= $2 AND outcome <> 'answered' \
             GROUP BY outcome, place UNION ALL SELECT 'answered', NULL, COUNT(*) FROM decision WHERE installation = $1 AND at >= $2 \
             ORDER BY 1, 2";
        let rows = query(SQL).key(&installation).at(since).fetch_all(&mut *self.read().await?).await?;
        let read =
            rows.iter().map(|row| Ok(EndedAlike { outcome: row.text("outcome")?, place: row.maybe_text("place")?, runs: row.count("n")? }));
        read.collect()
    }

    /// The answers that it gave last: canonical bytes, and none of those whose evidence was erased.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn last_answers(&self, installation: InstallationId, since: KnownAt, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        const SQL: &str = "SELECT id, answer FROM decision WHERE installation = $1 AND at >= $2 ORDER BY id DESC LIMIT $3";
        let rows = query(SQL).key(&installation).at(since).bind(i64::from(limit)).fetch_all(&mut *self.read().await?).await?;
        let answers = rows.iter().map(|row| row.bytes("answer")).collect::<Result<Vec<_>, _>>()?;
        Ok(answers.into_iter().filter(|answer| !answer.is_empty()).collect())
    }
}
