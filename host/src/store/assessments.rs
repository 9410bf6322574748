//! Assessments as they are made: one row a version, with its answers as they were typed.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::forms::Answers;
use crate::record::{AssessmentId, Day, DecisionId, Digest, FamilyId, InstallationId, KnownAt, PersonId};

/// One version of an assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    pub id: AssessmentId,
    /// As it was begun: it may go on within another since.
    pub family: FamilyId,
    /// None: about the family.
    pub person: Option<PersonId>,
    /// The plugin version that it began with, and ends with.
    pub installation: InstallationId,
    pub form: String,
    pub digest: Digest,
    /// Its first version.
    pub line: AssessmentId,
    /// From 1.
    pub version: u64,
    pub state: AssessmentState,
    /// None: erased.
    pub answers: Option<Answers>,
    /// What applied of the answers and what was lent, once it was submitted.
    pub settled: Option<serde_json::Value>,
    /// The day that it is as of, once it was submitted.
    pub assessed: Option<Day>,
    /// What the plugin answered last.
    pub decision: Option<DecisionId>,
    pub begun_by: String,
    pub begun_at: KnownAt,
    pub typed_by: String,
    pub typed_at: KnownAt,
}

/// How far a version has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AssessmentState {
    /// Being typed.
    Draft,
    /// Its answers are final, and what they come to is not decided yet.
    Submitted,
    Completed,
    SignedByFamily,
    SignedOff,
    /// By a manager: another version is being made.
    SentBack,
    /// Another version was completed, or of a draft: goes on with the newer form.
    Superseded,
    GivenUp,
}

impl AssessmentState {
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Submitted,
        Self::Completed,
        Self::SignedByFamily,
        Self::SignedOff,
        Self::SentBack,
        Self::Superseded,
        Self::GivenUp,
    ];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Completed => "completed",
            Self::SignedByFamily => "signed-by-family",
            Self::SignedOff => "signed-off",
            Self::SentBack => "sent-back",
            Self::Superseded => "superseded",
            Self::GivenUp => "given-up",
        }
    }
}

macro_rules! assessment {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.family, a.person, a.installation, a.form, a.digest, a.line, a.version, a.state, a.answers, a.settled, a.assessed, ",
            "a.decision, a.principal, c.at, a.typed_by, a.typed_at FROM assessment a JOIN change c ON c.id = a.change ",
            $rest
        )
    };
}

/// A family's, and those of families that go on within it.
const OF_FAMILY: &str = assessment!(
    "WHERE a.family = $1 OR a.family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL) ORDER BY a.line DESC, a.version DESC"
);
/// Those of a form ($2) about somebody ($3; empty: the family) that are finished, without versions that another took the place of.
const BEFORE: &str = assessment!(
    "WHERE (a.family = $1 OR a.family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL)) AND a.form = $2 \
     AND COALESCE(a.person, $5) = $3 AND a.line <> $4 AND a.state IN ('completed', 'signed-by-family', 'signed-off', 'sent-back') \
     AND a.settled IS NOT NULL ORDER BY a.assessed DESC, a.id DESC LIMIT 5"
);
impl AuthorityStore {
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn assessment(&self, id: AssessmentId) -> Result<Assessment, StoreError> {
        get(&mut *self.read().await?, id).await
    }

    /// All versions of all of them, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn assessments(&self, family: FamilyId) -> Result<Vec<Assessment>, StoreError> {
        let rows = query(OF_FAMILY).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// What was answered to the same form about the same before, of other assessments: the latest first, the last five.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn assessments_before(&self, family: FamilyId, of: &Assessment) -> Result<Vec<Assessment>, StoreError> {
        let rows = query(BEFORE)
            .key(&family)
            .bind(of.form.as_str())
            .bind(of.person.as_ref().map_or(&[][..], PersonId::as_bytes).to_vec())
            .key(&of.line)
            .bind(Vec::new())
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// As in the store.
    ///
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn assessment(&mut self, id: AssessmentId) -> Result<Assessment, StoreError> {
        get(self.connection(), id).await
    }

    /// Begins a version, with whatever it begins with.
    ///
    /// # Errors
    /// `Conflict` where another version of it is being made; `NoSuch` naming the family.
    pub async fn begin_assessment(&mut self, new: &Assessment) -> Result<(), StoreError> {
        super::families::must_exist(self.connection(), new.family).await?;
        let (change, _) = self.change().await?;
        let answers = json(new.answers.as_ref());
        let done = query(
            "INSERT INTO assessment (id, family, person, installation, form, digest, line, version, state, answers, assessed, principal, \
             change, typed_by, typed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', $9, $10, $11, $12, $11, $13) ON CONFLICT DO NOTHING",
        )
        .key(&new.id)
        .key(&new.family)
        .maybe_key(new.person.as_ref())
        .key(&new.installation)
        .bind(new.form.as_str())
        .key(&new.digest)
        .key(&new.line)
        .count(new.version)
        .bind(answers)
        .maybe_day(new.assessed)
        .bind(new.begun_by.as_str())
        .bind(change.0)
        .at(new.typed_at)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict("another version of it is being made".to_owned())) }
    }

    /// # Errors
    /// `Conflict` where it is no draft.
    pub async fn type_assessment(&mut self, id: AssessmentId, answers: &Answers) -> Result<(), StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        let done = query("UPDATE assessment SET answers = $2, typed_by = $3, typed_at = $4 WHERE id = $1 AND state = 'draft'")
            .key(&id)
            .bind(json(Some(answers)))
            .bind(by)
            .at(now)
            .execute(self.connection())
            .await?;
        self.was_so(done.rows_affected(), id).await
    }

    /// Its answers are final: `key` is that of the question about it, `settled` what applied and what is lent.
    ///
    /// # Errors
    /// `Conflict` where it is no draft.
    pub async fn submit_assessment(
        &mut self,
        id: AssessmentId,
        key: Digest,
        settled: &serde_json::Value,
        assessed: Day,
    ) -> Result<(), StoreError> {
        let done =
            query("UPDATE assessment SET state = 'submitted', asked = $2, settled = $3, assessed = $4 WHERE id = $1 AND state = 'draft'")
                .key(&id)
                .key(&key)
                .bind(settled.to_string())
                .day(assessed)
                .execute(self.connection())
                .await?;
        self.was_so(done.rows_affected(), id).await
    }

    /// Those of a family whose answers are final and that this question is about.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn assessments_asked(&mut self, family: FamilyId, key: Digest) -> Result<Vec<Assessment>, StoreError> {
        const SQL: &str = assessment!(
            "WHERE a.asked = $2 AND a.state = 'submitted' AND (a.family = $1 \
             OR a.family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL)) ORDER BY a.id"
        );
        let rows = query(SQL).key(&family).key(&key).fetch_all(self.connection()).await?;
        rows.iter().map(read).collect()
    }

    /// # Errors
    /// `Conflict` where it is in none of the states that lead there.
    pub async fn set_assessment_state(
        &mut self,
        id: AssessmentId,
        from: &[AssessmentState],
        to: AssessmentState,
    ) -> Result<(), StoreError> {
        let state = self.assessment(id).await?.state;
        if !from.contains(&state) {
            return Err(not_now(state));
        }
        let done = query("UPDATE assessment SET state = $3 WHERE id = $1 AND state = $2").key(&id).bind(state.code()).bind(to.code());
        let done = done.execute(self.connection()).await?;
        self.was_so(done.rows_affected(), id).await
    }

    /// The plugin answered about it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn set_assessment_decision(&mut self, id: AssessmentId, decision: DecisionId) -> Result<(), StoreError> {
        query("UPDATE assessment SET decision = $2 WHERE id = $1").key(&id).key(&decision).execute(self.connection()).await?;
        Ok(())
    }

    /// The version before, of the same assessment.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn version_before(&mut self, of: &Assessment) -> Result<Option<Assessment>, StoreError> {
        const SQL: &str = assessment!(
            "WHERE a.line = $1 AND a.version < $2 AND a.state IN ('completed', 'signed-by-family', 'signed-off', 'sent-back') \
             ORDER BY a.version DESC LIMIT 1"
        );
        let row = query(SQL).key(&of.line).count(of.version).fetch_optional(self.connection()).await?;
        row.as_ref().map(read).transpose()
    }

    /// How many versions of an assessment there are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn versions_of(&mut self, line: AssessmentId) -> Result<u64, StoreError> {
        let row = query("SELECT MAX(version) AS last FROM assessment WHERE line = $1").key(&line).fetch_one(self.connection()).await?;
        row.count("last")
    }

    async fn was_so(&mut self, rows: u64, id: AssessmentId) -> Result<(), StoreError> {
        if rows == 1 { Ok(()) } else { Err(not_now(self.assessment(id).await?.state)) }
    }
}

fn not_now(state: AssessmentState) -> StoreError {
    StoreError::Conflict(format!("the assessment is {}: this cannot be done with it now", state.code()))
}

/// Empty: erased.
fn json(answers: Option<&Answers>) -> String {
    answers.map(|a| serde_json::to_string(a).unwrap_or_default()).unwrap_or_default()
}

async fn get(connection: &mut Connection, id: AssessmentId) -> Result<Assessment, StoreError> {
    let row = query(assessment!("WHERE a.id = $1")).key(&id).fetch_optional(connection).await?;
    read(&row.ok_or_else(|| StoreError::no_such("assessment", id))?)
}

fn read(row: &Row) -> Result<Assessment, StoreError> {
    let state = row.text("state")?;
    let found = AssessmentState::ALL.into_iter().find(|s| s.code() == state);
    let erased = row.text("answers")?.is_empty();
    let settled = row.maybe_text("settled")?;
    Ok(Assessment {
        id: row.key("id")?,
        family: row.key("family")?,
        person: row.maybe_key("person")?,
        installation: row.key("installation")?,
        form: row.text("form")?,
        digest: row.key("digest")?,
        line: row.key("line")?,
        version: row.count("version")?,
        state: found.ok_or_else(|| StoreError::damaged("assessment", format!("`{state}` is not a state")))?,
        answers: if erased { None } else { Some(row.json("answers")?) },
        settled: settled.map(|s| serde_json::from_str(&s).map_err(|e| StoreError::damaged("settled", e))).transpose()?,
        assessed: row.maybe_day("assessed")?,
        decision: row.maybe_key("decision")?,
        begun_by: row.text("principal")?,
        begun_at: row.at("at")?,
        typed_by: row.text("typed_by")?,
        typed_at: row.at("typed_at")?,
    })
}
