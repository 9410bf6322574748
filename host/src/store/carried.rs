//! Drafts whose plugin has a newer version with another form: which version was asked to carry the answers over, and what came of it.

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{AssessmentId, Digest, InstallationId, KnownAt};

/// What came of asking a newer version about a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedOver {
    pub assessment: AssessmentId,
    /// The newer version.
    pub installation: InstallationId,
    pub came: CarryingCame,
    /// The code of a failure, or of a refusal.
    pub why: Option<String>,
    /// By which the question is known.
    pub asked: Digest,
    /// The draft as it was asked about.
    pub typed_at: KnownAt,
    /// The draft to the newer form.
    pub becomes: Option<AssessmentId>,
    /// Answers that went over.
    pub carried: u64,
    /// Questions whose answer the newer form did not take.
    pub refused: Vec<String>,
    pub by: String,
    pub at: KnownAt,
}

/// How asking ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CarryingCame {
    /// Not answered yet.
    Asked,
    /// What the newer version carried over is the new draft.
    Migrated,
    /// It cannot be carried over: the draft stays with its version, unless somebody begins again.
    StartAgain,
    /// The newer version has the same form, so the answers went over as they are.
    SameForm,
    /// The draft stays with its version.
    Failed,
    /// Somebody typed meanwhile: it is asked again.
    Changed,
}

impl CarryingCame {
    const ALL: [Self; 6] = [Self::Asked, Self::Migrated, Self::StartAgain, Self::SameForm, Self::Failed, Self::Changed];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Migrated => "migrated",
            Self::StartAgain => "start-again",
            Self::SameForm => "same-form",
            Self::Failed => "failed",
            Self::Changed => "changed",
        }
    }
}

/// Drafts of a plugin ($1) on another component than that of its newest installation ($2, $3), in which nobody typed since ($4), and about which that was not
/// asked yet, or long ago ($5) without an answer. Of families that moved away nobody is asked.
const DUE: &str = "SELECT a.id FROM assessment a JOIN installation o ON o.id = a.installation WHERE a.state = 'draft' AND a.answers <> '' \
     AND o.plugin = $1 AND o.id <> $2 AND o.digest <> $3 AND a.typed_at < $4 AND NOT EXISTS (SELECT 1 FROM assessment_carried c \
     WHERE c.assessment = a.id AND c.installation = $2 AND c.came <> 'changed' AND (c.came <> 'asked' OR c.at >= $5)) \
     AND NOT EXISTS (SELECT 1 FROM family_closed k WHERE k.family = a.family AND k.how = 'moved' AND k.reopened IS NULL) ORDER BY a.id LIMIT $6";

macro_rules! carried {
    ($rest:literal) => {
        concat!("SELECT assessment, installation, came, why, asked, typed_at, becomes, carried, refused, principal, at FROM assessment_carried ", $rest)
    };
}

impl AuthorityStore {
    /// Drafts that the newest installation of a plugin is to be asked about.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn drafts_to_carry(
        &self,
        plugin: &str,
        (newest, digest): (InstallationId, Digest),
        typed_before: KnownAt,
        asked_before: KnownAt,
        most: u32,
    ) -> Result<Vec<AssessmentId>, StoreError> {
        let due = query(DUE).bind(plugin).key(&newest).key(&digest).at(typed_before).at(asked_before).bind(i64::from(most));
        due.fetch_all(&mut *self.read().await?).await?.iter().map(|row| row.key("id")).collect()
    }

    /// What came of a draft, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn carried_over(&self, draft: AssessmentId) -> Result<Vec<CarriedOver>, StoreError> {
        let rows = query(carried!("WHERE assessment = $1 ORDER BY change DESC")).key(&draft).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// The draft whose answers went over into this one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn carried_from(&self, draft: AssessmentId) -> Result<Option<AssessmentId>, StoreError> {
        const SQL: &str = "SELECT assessment FROM assessment_carried WHERE becomes = $1";
        query(SQL).key(&draft).fetch_optional(&mut *self.read().await?).await?.map(|row| row.key("assessment")).transpose()
    }
}

impl AuthorityTx {
    /// What a question known so was asked about and has not come to anything yet.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn being_carried(&mut self, asked: Digest, installation: InstallationId) -> Result<Vec<CarriedOver>, StoreError> {
        const SQL: &str = carried!("WHERE asked = $1 AND installation = $2 AND came IN ('asked', 'failed') ORDER BY assessment");
        let rows = query(SQL).key(&asked).key(&installation).fetch_all(self.connection()).await?;
        rows.iter().map(read).collect()
    }

    /// In the place of what was noted of the draft and that version before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn note_carried(&mut self, of: &CarriedOver) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query(
            "INSERT INTO assessment_carried (assessment, installation, came, why, asked, typed_at, becomes, carried, refused, principal, change, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (assessment, installation) DO UPDATE SET came = excluded.came, \
             why = excluded.why, asked = excluded.asked, typed_at = excluded.typed_at, becomes = excluded.becomes, carried = excluded.carried, \
             refused = excluded.refused, principal = excluded.principal, change = excluded.change, at = excluded.at",
        )
        .key(&of.assessment)
        .key(&of.installation)
        .bind(of.came.code())
        .bind(of.why.as_deref())
        .key(&of.asked)
        .at(of.typed_at)
        .maybe_key(of.becomes.as_ref())
        .count(of.carried)
        .bind(serde_json::to_string(&of.refused).unwrap_or_default())
        .bind(of.by.as_str())
        .bind(change.0)
        .at(of.at)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<CarriedOver, StoreError> {
    let came = row.text("came")?;
    let found = CarryingCame::ALL.into_iter().find(|c| c.code() == came);
    Ok(CarriedOver {
        assessment: row.key("assessment")?,
        installation: row.key("installation")?,
        came: found.ok_or_else(|| StoreError::damaged("assessment_carried", "came to what is not known"))?,
        why: row.maybe_text("why")?,
        asked: row.key("asked")?,
        typed_at: row.at("typed_at")?,
        becomes: row.maybe_key("becomes")?,
        carried: row.count("carried")?,
        refused: row.json("refused")?,
        by: row.text("principal")?,
        at: row.at("at")?,
    })
}
