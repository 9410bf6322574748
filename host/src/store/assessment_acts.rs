//! What was done with a version of an assessment, and the facts that it put into the record.

use std::sync::LazyLock;

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Announced, AssessmentId, Day, Fact, FactId, Kind, KnownAt, PersonId};

/// Something that was done with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    Submitted,
    Completed,
    /// The plugin found something missing or wrong: it is a draft again.
    Incomplete,
    /// By one of the family.
    Signed,
    SignedOff,
    SentBack,
    Amended,
    GivenUp,
}

impl Act {
    const ALL: [Self; 8] =
        [Self::Submitted, Self::Completed, Self::Incomplete, Self::Signed, Self::SignedOff, Self::SentBack, Self::Amended, Self::GivenUp];

    const fn code(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Completed => "completed",
            Self::Incomplete => "incomplete",
            Self::Signed => "signed",
            Self::SignedOff => "signed-off",
            Self::SentBack => "sent-back",
            Self::Amended => "amended",
            Self::GivenUp => "given-up",
        }
    }
}

impl Act {
    const fn announced(self) -> Option<Announced> {
        Some(match self {
            Self::Submitted => Announced::AssessmentSubmitted,
            Self::Completed => Announced::AssessmentCompleted,
            Self::Signed => Announced::AssessmentSigned,
            Self::SignedOff => Announced::AssessmentSignedOff,
            Self::SentBack => Announced::AssessmentSentBack,
            Self::Incomplete | Self::Amended | Self::GivenUp => return None,
        })
    }
}

/// How one of the family signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = SignedHow)]
pub enum How {
    InPerson,
    /// It was read to them over the phone, and they agreed.
    ReadOverPhone,
}

impl How {
    const fn code(self) -> &'static str {
        match self {
            Self::InPerson => "in-person",
            Self::ReadOverPhone => "read-over-phone",
        }
    }
}

/// What was done, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    pub act: Act,
    /// Who signed.
    pub person: Option<PersonId>,
    pub how: Option<How>,
    /// On which day they signed.
    pub on: Option<Day>,
    pub why: Option<String>,
    pub by: String,
    pub at: KnownAt,
}

/// Of a version's facts ($1) those in force that stand for them now.
static FACTS: LazyLock<String> = LazyLock::new(|| {
    "WITH RECURSIVE line (fact) AS (SELECT fact FROM assessment_fact WHERE assessment = $1 \
     UNION SELECT s.successor FROM superseded s JOIN line l ON s.fact = l.fact WHERE s.successor IS NOT NULL) \
     SELECT DISTINCT f.id FROM line l JOIN fact f ON f.id = l.fact WHERE NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = f.id) ORDER BY f.id"
        .to_owned()
});

impl AuthorityStore {
    /// What was done with a version, in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn assessment_acts(&self, id: AssessmentId) -> Result<Vec<Acted>, StoreError> {
        const SQL: &str = "SELECT act, person, how, day, why, principal, at FROM assessment_act WHERE assessment = $1 ORDER BY position";
        let rows = query(SQL).key(&id).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_act).collect()
    }

    /// The facts of a version as they stand now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn assessment_facts(&self, id: AssessmentId) -> Result<Vec<FactId>, StoreError> {
        let rows = query(FACTS.as_str()).key(&id).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| row.key("id")).collect()
    }
}

impl AuthorityTx {
    /// Notes what was done with a version.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn note_act(&mut self, id: AssessmentId, acted: &Acted) -> Result<(), StoreError> {
        query(
            "INSERT INTO assessment_act (assessment, position, act, person, how, day, why, principal, at) \
             SELECT $1, COUNT(*) + 1, $2, $3, $4, $5, $6, $7, $8 FROM assessment_act WHERE assessment = $1",
        )
        .key(&id)
        .bind(acted.act.code())
        .maybe_key(acted.person.as_ref())
        .bind(acted.how.map(How::code))
        .maybe_day(acted.on)
        .bind(acted.why.as_deref())
        .bind(acted.by.as_str())
        .at(acted.at)
        .execute(self.connection())
        .await?;
        if let Some(what) = acted.act.announced() {
            let family = self.assessment(id).await?.family;
            self.announce(what, Some(family), id);
        }
        Ok(())
    }

    /// The facts are a version's.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn keep_assessment_facts(&mut self, id: AssessmentId, facts: &[FactId]) -> Result<(), StoreError> {
        for fact in facts {
            let statement = query("INSERT INTO assessment_fact (assessment, fact) VALUES ($1, $2) ON CONFLICT DO NOTHING");
            statement.key(&id).key(fact).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// The facts of a version as they stand now, of these kinds.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn assessment_facts(&mut self, id: AssessmentId) -> Result<Vec<Fact>, StoreError> {
        const SQL: &str = "SELECT f.id, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, \
             f.reference, f.supersedes, f.detail, c.at FROM fact f JOIN change c ON c.id = f.change WHERE f.id = $1";
        let mut facts = Vec::new();
        for row in query(FACTS.as_str()).key(&id).fetch_all(self.connection()).await? {
            let id: FactId = row.key("id")?;
            facts.push(super::facts::read(&query(SQL).key(&id).fetch_one(self.connection()).await?)?);
        }
        facts.retain(|f| matches!(f.kind(), Kind::Assessment | Kind::Score));
        Ok(facts)
    }
}

fn read_act(row: &Row) -> Result<Acted, StoreError> {
    let (act, how) = (row.text("act")?, row.maybe_text("how")?);
    Ok(Acted {
        act: Act::ALL
            .into_iter()
            .find(|a| a.code() == act)
            .ok_or_else(|| StoreError::damaged("assessment_act", format!("`{act}` is no act")))?,
        person: row.maybe_key("person")?,
        how: how.and_then(|how| [How::InPerson, How::ReadOverPhone].into_iter().find(|h| h.code() == how)),
        on: row.maybe_day("day")?,
        why: row.maybe_text("why")?,
        by: row.text("principal")?,
        at: row.at("at")?,
    })
}
