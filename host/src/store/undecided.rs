//! Questions whose last run failed and that nothing was decided about since, with what was asked: so that what somebody typed is not
//! lost with the failure, and can be asked again.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::reader::{Reader, Seen};
use super::sql::{BATCH, Row, places, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{Announced, Day, Digest, FamilyId, InstallationId, KnownAt, RunId, Sections, UndecidedId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    pub id: UndecidedId,
    pub family: FamilyId,
    /// Of the question and what it is about: there is one for each.
    pub key: Digest,
    /// `eligibility`, `triage`, ….
    pub question: String,
    /// As it was asked, with what it is about.
    pub asked: serde_json::Value,
    pub as_of: Day,
    /// That failed last.
    pub installation: InstallationId,
    /// Code of what stopped it.
    pub outcome: String,
    /// `guest`, `host` or `authority`.
    pub blame: String,
    /// Its last run; none: it was not begun.
    pub run: Option<RunId>,
    /// Who asked first.
    pub asked_by: String,
    pub first_at: KnownAt,
    pub last_at: KnownAt,
    pub failures: u64,
    /// When the host tries again by itself.
    pub retry_at: Option<KnownAt>,
}

static AMONG: LazyLock<String> = LazyLock::new(|| format!("SELECT family, key FROM undecided WHERE family IN ({})", places(1, BATCH)));

macro_rules! undecided {
    ($rest:literal) => {
        concat!(
            "SELECT id, family, key, question, asked, as_of, installation, outcome, blame, run, asked_by, first_at, last_at, failures, ",
            "retry_at FROM undecided ",
            $rest
        )
    };
}

/// What was typed may say anything: for whoever sees the family in full.
static FOR_READER: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        format!(
            "{} AND {} AND {} ORDER BY id LIMIT $11",
            undecided!("WHERE id > $10"),
            whose.family("undecided.family"),
            whose.covers_all(&Sections::ALL.number().to_string(), "undecided.family"),
        )
    })
});

impl AuthorityStore {
    /// # Errors
    /// `NoSuch` where there is none: it may have been decided.
    pub async fn undecided(&self, id: UndecidedId) -> Result<Undecided, StoreError> {
        let row = query(undecided!("WHERE id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("undecided question", id))?)
    }

    /// Those that the reader sees, the first that failed first. `after`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn undecided_for(
        &self,
        reader: &Reader,
        after: Option<UndecidedId>,
        limit: u32,
    ) -> Result<Page<Undecided, UndecidedId>, StoreError> {
        let rows = reader
            .bind(query(FOR_READER.by(reader)))
            .bind(after.as_ref().map_or(&[][..], UndecidedId::as_bytes).to_vec())
            .bind(Page::<Undecided, UndecidedId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |u| u.id))
    }

    /// Of one family, the first that failed first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn undecided_of_family(&self, family: FamilyId) -> Result<Vec<Undecided>, StoreError> {
        let rows = query(undecided!("WHERE family = $1 ORDER BY id")).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// Those that the host is to try again by now, at most `limit` of them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn to_retry(&self, now: KnownAt, limit: u32) -> Result<Vec<Undecided>, StoreError> {
        let rows = query(undecided!("WHERE retry_at <= $1 ORDER BY retry_at LIMIT $2"))
            .at(now)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(read).collect()
    }

    /// How many there are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn count_undecided(&self) -> Result<u64, StoreError> {
        query("SELECT COUNT(*) AS undecided FROM undecided").fetch_one(&mut *self.read().await?).await?.count("undecided")
    }
}

impl AuthorityTx {
    /// The one of that key, if there is one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn undecided_of(&mut self, family: FamilyId, key: Digest) -> Result<Option<Undecided>, StoreError> {
        let statement = query(undecided!("WHERE family = $1 AND key = $2")).key(&family).key(&key);
        statement.fetch_optional(self.connection()).await?.as_ref().map(read).transpose()
    }

    /// Is another of the family's questions of that code undecided?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_undecided(&mut self, family: FamilyId, question: &str) -> Result<bool, StoreError> {
        let statement = query("SELECT 1 FROM undecided WHERE family = $1 AND question = $2 LIMIT 1");
        Ok(statement.key(&family).bind(question.to_owned()).fetch_optional(self.connection()).await?.is_some())
    }

    /// Keeps it, in the place of the one of its key.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn keep_undecided(&mut self, undecided: &Undecided) -> Result<(), StoreError> {
        let row = query(
            "INSERT INTO undecided (id, family, key, question, asked, as_of, installation, outcome, blame, run, asked_by, first_at, \
             last_at, failures, retry_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
             ON CONFLICT (family, key) DO UPDATE SET asked = excluded.asked, as_of = excluded.as_of, \
             installation = excluded.installation, outcome = excluded.outcome, blame = excluded.blame, run = excluded.run, \
             last_at = excluded.last_at, failures = excluded.failures, retry_at = excluded.retry_at RETURNING id",
        )
        .key(&undecided.id)
        .key(&undecided.family)
        .key(&undecided.key)
        .bind(undecided.question.clone())
        .bind(undecided.asked.to_string())
        .day(undecided.as_of)
        .key(&undecided.installation)
        .bind(undecided.outcome.clone())
        .bind(undecided.blame.clone())
        .maybe_key(undecided.run.as_ref())
        .bind(undecided.asked_by.clone())
        .at(undecided.first_at)
        .at(undecided.last_at)
        .count(undecided.failures)
        .maybe_at(undecided.retry_at)
        .fetch_one(self.connection())
        .await?;
        // What nobody could ask yet has not failed.
        if undecided.failures > 0 {
            self.announce(Announced::QuestionFailed, Some(undecided.family), row.key::<UndecidedId>("id")?);
        }
        Ok(())
    }

    /// Family and key of what is undecided of these families.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn undecided_among(&mut self, families: &[FamilyId]) -> Result<HashSet<(FamilyId, Digest)>, StoreError> {
        let mut found = HashSet::new();
        for chunk in families.chunks(BATCH) {
            for row in query(AMONG.as_str()).keys(chunk).fetch_all(self.connection()).await? {
                found.insert((row.key("family")?, row.key("key")?));
            }
        }
        Ok(found)
    }

    /// It is decided: whether it had been undecided.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn settle_undecided(&mut self, family: FamilyId, key: Digest) -> Result<bool, StoreError> {
        let done = query("DELETE FROM undecided WHERE family = $1 AND key = $2").key(&family).key(&key);
        Ok(done.execute(self.connection()).await?.rows_affected() == 1)
    }

    /// The host tries it no more by itself.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn stop_retrying(&mut self, id: UndecidedId) -> Result<(), StoreError> {
        query("UPDATE undecided SET retry_at = NULL WHERE id = $1").key(&id).execute(self.connection()).await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<Undecided, StoreError> {
    Ok(Undecided {
        id: row.key("id")?,
        family: row.key("family")?,
        key: row.key("key")?,
        question: row.text("question")?,
        asked: row.json("asked")?,
        as_of: row.day("as_of")?,
        installation: row.key("installation")?,
        outcome: row.text("outcome")?,
        blame: row.text("blame")?,
        run: row.maybe_key("run")?,
        asked_by: row.text("asked_by")?,
        first_at: row.at("first_at")?,
        last_at: row.at("last_at")?,
        failures: row.count("failures")?,
        retry_at: row.maybe_at("retry_at")?,
    })
}
