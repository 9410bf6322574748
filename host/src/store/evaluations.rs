//! The times at which every family is asked about: each once, by one host at a time, which another goes on for where it stopped; and when a
//! decision said to look again.

use std::sync::LazyLock;

use super::reader::{Reader, Seen, unsealed};
use super::sql::{Insert, Row, query};
use super::{AuthorityStore, AuthorityTx, Decision, Page, StoreError};
use crate::record::{Announced, Day, DecisionId, FamilyId, KnownAt};

/// One time at which every family is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// From 1.
    pub number: i64,
    pub due: KnownAt,
    pub question: String,
    pub as_of: Day,
    pub state: EvaluationState,
    /// The last family that is done with.
    pub reached: Option<FamilyId>,
    pub failures: u64,
    pub begun: KnownAt,
    pub ended: Option<KnownAt>,
    /// What it came to until now, as whoever keeps it writes it.
    pub came: serde_json::Value,
    pub why: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvaluationState {
    Running,
    Done,
    /// It could not go on, again and again.
    Failed,
}

impl EvaluationState {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A family to look at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookAgain {
    pub family: FamilyId,
    pub decision: DecisionId,
    pub question: String,
    pub day: Day,
}

macro_rules! evaluation {
    ($rest:literal) => {
        concat!("SELECT id, due, question, as_of, state, reached, failures, begun, ended, came, why FROM evaluation ", $rest)
    };
}

static LOOK_AGAIN: LazyLock<Insert> = LazyLock::new(|| Insert::into("look_again", &["decision", "family", "question", "day"]));
/// Of each family and question the latest decision's; not of families that are closed, nor of what was erased.
static TO_LOOK_AT: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        format!(
            "SELECT l.decision, l.family, l.question, l.day FROM look_again l JOIN decision d ON d.id = l.decision \
             WHERE l.day <= $10 AND (l.day > $11 OR l.day = $11 AND l.decision > $12) AND {} AND {} AND {} \
             AND NOT EXISTS (SELECT 1 FROM decision n WHERE n.family = l.family AND n.question = l.question AND n.id > l.decision) \
             AND NOT EXISTS (SELECT 1 FROM family_closed f WHERE f.family = l.family AND f.reopened IS NULL) \
             AND NOT EXISTS (SELECT 1 FROM erased_decision e WHERE e.decision = l.decision) ORDER BY l.day, l.decision LIMIT $13",
            whose.family("l.family"),
            whose.covers_telling("d.label", "l.family"),
            unsealed("d.id"),
        )
    })
});

impl AuthorityStore {
    /// The latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn evaluations(&self, before: Option<u64>, limit: u32) -> Result<Page<Evaluation, u64>, StoreError> {
        let rows = query(evaluation!("WHERE id < $1 ORDER BY id DESC LIMIT $2"))
            .count(before.unwrap_or(u64::MAX))
            .bind(Page::<Evaluation, u64>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |e| e.number.unsigned_abs()))
    }

    /// Is there one that nobody is at?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_evaluation_free(&self, now: KnownAt) -> Result<bool, StoreError> {
        let found = query("SELECT 1 FROM evaluation WHERE state = 'running' AND lease <= $1 LIMIT 1").at(now);
        Ok(found.fetch_optional(&mut *self.read().await?).await?.is_some())
    }

    /// Was it begun before?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_evaluation_begun(&self, due: KnownAt) -> Result<bool, StoreError> {
        let found = query("SELECT 1 FROM evaluation WHERE due = $1").at(due).fetch_optional(&mut *self.read().await?).await?;
        Ok(found.is_some())
    }

    /// Families whose latest decision said to look again by that day, and that the reader sees. `after`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn look_again_for(
        &self,
        reader: &Reader,
        until: Day,
        after: Option<(Day, DecisionId)>,
        limit: u32,
    ) -> Result<Page<LookAgain, (Day, DecisionId)>, StoreError> {
        let statement = reader
            .bind(query(TO_LOOK_AT.by(reader)))
            .day(until)
            .day(after.map_or(Day::FIRST, |(day, _)| day))
            .bind(after.map_or_else(Vec::new, |(_, decision)| decision.as_bytes().to_vec()))
            .bind(Page::<LookAgain, (Day, DecisionId)>::rows(limit));
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        let one = |row: &Row| {
            let (family, decision) = (row.key("family")?, row.key("decision")?);
            Ok(LookAgain { family, decision, question: row.text("question")?, day: row.day("day")? })
        };
        let found = rows.iter().map(one).collect::<Result<_, StoreError>>()?;
        Ok(Page::cut(found, limit, |l| (l.day, l.decision)))
    }
}

impl AuthorityTx {
    /// Begins what is due, unless it was begun before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn begin_evaluation(&mut self, due: KnownAt, question: &str, as_of: Day, came: &str) -> Result<bool, StoreError> {
        let now = self.now();
        const SQL: &str = "INSERT INTO evaluation (due, question, as_of, state, lease, begun, came) VALUES ($1, $2, $3, 'running', $4, $4, $5) \
             ON CONFLICT DO NOTHING";
        let begun = query(SQL).at(due).bind(question).day(as_of).at(now).bind(came).execute(self.connection()).await?;
        Ok(begun.rows_affected() == 1)
    }

    /// Takes the first that nobody is at. None: there is none.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn take_evaluation(&mut self, holder: &str, until: KnownAt) -> Result<Option<Evaluation>, StoreError> {
        let now = self.now();
        const SQL: &str = evaluation!("WHERE state = 'running' AND lease <= $1 ORDER BY id LIMIT 1");
        let Some(row) = query(SQL).at(now).fetch_optional(self.connection()).await? else { return Ok(None) };
        let taken = read(&row)?;
        query("UPDATE evaluation SET holder = $2, lease = $3 WHERE id = $1")
            .bind(taken.number)
            .bind(holder)
            .at(until)
            .execute(self.connection())
            .await?;
        Ok(Some(taken))
    }

    /// It has come so far, and whoever holds it goes on holding it.
    ///
    /// # Errors
    /// `Conflict` where another host goes on with it.
    pub async fn evaluation_reached(
        &mut self,
        number: i64,
        holder: &str,
        reached: Option<FamilyId>,
        came: &str,
        until: KnownAt,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE evaluation SET reached = COALESCE($3, reached), came = $4, lease = $5 \
             WHERE id = $1 AND holder = $2 AND state = 'running'";
        let held = query(SQL).bind(number).bind(holder).maybe_key(reached.as_ref()).bind(came).at(until).execute(self.connection()).await?;
        must_hold(held.rows_affected())
    }

    /// It is over.
    ///
    /// # Errors
    /// `Conflict` where another host goes on with it.
    pub async fn end_evaluation(&mut self, number: i64, holder: &str, came: &str) -> Result<(), StoreError> {
        let now = self.now();
        const SQL: &str = "UPDATE evaluation SET state = 'done', ended = $3, came = $4, holder = NULL WHERE id = $1 AND holder = $2 AND state = 'running'";
        let held = query(SQL).bind(number).bind(holder).at(now).bind(came).execute(self.connection()).await?;
        must_hold(held.rows_affected())?;
        self.announce(Announced::FamiliesEvaluated, None, number);
        Ok(())
    }

    /// It could not go on: to be tried again at that time, or never.
    ///
    /// # Errors
    /// `Conflict` where another host goes on with it.
    pub async fn put_off_evaluation(&mut self, number: i64, holder: &str, why: &str, again: Option<KnownAt>) -> Result<(), StoreError> {
        let now = self.now();
        const SQL: &str = "UPDATE evaluation SET failures = failures + 1, why = $3, state = $4, lease = $5, ended = $6, holder = NULL \
             WHERE id = $1 AND holder = $2 AND state = 'running'";
        let state = if again.is_some() { EvaluationState::Running } else { EvaluationState::Failed };
        let held = query(SQL)
            .bind(number)
            .bind(holder)
            .bind(why)
            .bind(state.code())
            .at(again.unwrap_or(now))
            .maybe_at(again.is_none().then_some(now))
            .execute(self.connection())
            .await?;
        must_hold(held.rows_affected())
    }

    /// When each of these decisions said to look again.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_look_again(&mut self, when: &[(&Decision, Day)]) -> Result<(), StoreError> {
        let bind = |s: super::sql::Statement, (decision, day): &(&Decision, Day)| {
            s.key(&decision.id).key(&decision.family).bind(decision.question.as_str()).day(*day)
        };
        Ok(LOOK_AGAIN.rows(self.connection(), when, bind).await?)
    }
}

fn must_hold(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Conflict("another host goes on with this evaluation".to_owned())) }
}

fn read(row: &Row) -> Result<Evaluation, StoreError> {
    let state = match row.text("state")?.as_str() {
        "running" => EvaluationState::Running,
        "done" => EvaluationState::Done,
        _ => EvaluationState::Failed,
    };
    Ok(Evaluation {
        number: row.number("id")?,
        due: row.at("due")?,
        question: row.text("question")?,
        as_of: row.day("as_of")?,
        state,
        reached: row.maybe_key("reached")?,
        failures: row.count("failures")?,
        begun: row.at("begun")?,
        ended: row.maybe_at("ended")?,
        came: row.json("came")?,
        why: row.maybe_text("why")?,
    })
}
