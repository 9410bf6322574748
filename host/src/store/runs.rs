//! Calls of plugins: what they cost, and how they failed. For operators and authors; no decision rests on them. A run that came to a
//! decision has no row of its own, unless it wrote log lines: of 400,000 families a night that would say everything twice.

use std::sync::LazyLock;

use super::sql::{Insert, Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{Day, DecisionId, FamilyId, InstallationId, KnownAt, RunId};

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
    /// Where in the plugin's code it stopped, by its own names.
    pub place: Option<String>,
    pub instructions: u64,
    pub millis: u64,
    /// In bytes.
    pub peak_memory: u64,
    /// Lines the plugin wrote; null: none, and no row of its own was kept.
    pub log: serde_json::Value,
    /// That it came to; none: it failed.
    pub decision: Option<DecisionId>,
}

/// How a run ended, as far as its plugin answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub family: Option<FamilyId>,
    /// `answered`, or what stopped it.
    pub outcome: String,
}

/// Which of an installation's runs are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RunsThat {
    #[default]
    Ended,
    Failed,
}

static RUN: LazyLock<Insert> = LazyLock::new(|| {
    Insert::into(
        "run",
        &[
            "id",
            "at",
            "installation",
            "family",
            "question",
            "as_of",
            "outcome",
            "message",
            "place",
            "instructions",
            "millis",
            "peak_memory",
            "log",
            "decision",
        ],
    )
});

macro_rules! run {
    ($rest:literal) => {
        concat!(
            "SELECT id, at, installation, family, question, as_of, outcome, message, place, instructions, millis, peak_memory, log, decision ",
            "FROM run WHERE installation = $1 AND id < $2 ",
            $rest
        )
    };
}

/// Of a run that only answered its decision says all.
const ENDED: &str = run!(
    "UNION ALL SELECT id, at, installation, family, question, as_of, 'answered', NULL, NULL, instructions, millis, peak_memory, 'null', id \
     FROM decision WHERE installation = $1 AND id < $2 AND NOT EXISTS (SELECT 1 FROM run WHERE run.decision = decision.id) \
     ORDER BY id DESC LIMIT $3"
);
const FAILED: &str = run!("AND outcome <> 'answered' ORDER BY id DESC LIMIT $3");

impl AuthorityStore {
    /// The latest first, of one installation: those that failed or wrote log lines while their rows are kept, and all that came to a
    /// decision. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn runs(
        &self,
        installation: InstallationId,
        that: RunsThat,
        before: Option<RunId>,
        limit: u32,
    ) -> Result<Page<Run, RunId>, StoreError> {
        let sql = match that {
            RunsThat::Ended => ENDED,
            RunsThat::Failed => FAILED,
        };
        let rows = query(sql)
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
                .bind(run.place.as_deref())
                .count(run.instructions)
                .count(run.millis)
                .count(run.peak_memory)
                .bind(run.log.to_string())
                .maybe_key(run.decision.as_ref())
        })
        .await?;
        Ok(())
    }

    /// How the last `limit` runs after that instant ended, the latest first. Left out are those that the plugin does not answer for: the
    /// host failed, or the time was up, which says as much of the machine.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn ended_runs(&mut self, installation: InstallationId, after: KnownAt, limit: u32) -> Result<Vec<Ended>, StoreError> {
        const SQL: &str = "SELECT id, family, outcome FROM run WHERE installation = $1 AND at > $2 AND outcome <> 'answered' \
             AND outcome NOT IN ('host-could-not-run', 'plugin-out-of-time') \
             UNION ALL SELECT id, family, 'answered' FROM decision WHERE installation = $1 AND at > $2 ORDER BY id DESC LIMIT $3";
        let rows = query(SQL).key(&installation).at(after).bind(i64::from(limit)).fetch_all(self.connection()).await?;
        rows.iter().map(|row| Ok(Ended { family: row.maybe_key("family")?, outcome: row.text("outcome")? })).collect()
    }

    /// Forgets the runs from before that instant; how many.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn forget_runs(&mut self, before: KnownAt) -> Result<u64, StoreError> {
        let done = query("DELETE FROM run WHERE at < $1").at(before).execute(self.connection()).await?;
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
        place: row.maybe_text("place")?,
        instructions: row.count("instructions")?,
        millis: row.count("millis")?,
        peak_memory: row.count("peak_memory")?,
        log: row.json("log")?,
        decision: row.maybe_key("decision")?,
    })
}

/// How an installation ran since an instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operations {
    /// How often each way of ending.
    pub outcomes: Vec<(String, u64)>,
    /// Of all of them.
    pub instructions: u64,
    /// Instructions and milliseconds of the last thousand.
    pub last: Vec<(u64, u64)>,
}

impl AuthorityStore {
    /// Of the runs that came to a decision, and those that failed while their rows are kept.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn operations(&self, installation: InstallationId, since: KnownAt) -> Result<Operations, StoreError> {
        const COUNTS: &str = "SELECT outcome, COUNT(*) AS n, CAST(SUM(instructions) AS BIGINT) AS used FROM run WHERE installation = $1 \
             AND at >= $2 AND outcome <> 'answered' GROUP BY outcome UNION ALL SELECT 'answered', COUNT(*), \
             CAST(COALESCE(SUM(instructions), 0) AS BIGINT) FROM decision WHERE installation = $1 AND at >= $2 ORDER BY 1";
        const LAST: &str = "SELECT id, instructions, millis FROM run WHERE installation = $1 AND at >= $2 AND outcome <> 'answered' \
             UNION ALL SELECT id, instructions, millis FROM decision WHERE installation = $1 AND at >= $2 ORDER BY id DESC LIMIT 1000";
        let mut connection = self.read().await?;
        let mut found = Operations::default();
        for row in query(COUNTS).key(&installation).at(since).fetch_all(&mut connection).await? {
            let (outcome, n) = (row.text("outcome")?, row.count("n")?);
            found.instructions += row.count("used")?;
            if n > 0 {
                found.outcomes.push((outcome, n));
            }
        }
        for row in query(LAST).key(&installation).at(since).fetch_all(&mut connection).await? {
            found.last.push((row.count("instructions")?, row.count("millis")?));
        }
        Ok(found)
    }
}
