//! What people said about whom rows are about, and the facts that came of it.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::sql::{Among, Insert, Row, query};
use super::{AuthorityStore, AuthorityTx, Look, Page, StoreError};
use crate::record::{Digest, FactId, HomeId, KnownAt, MatchDecisionId, OrganisationId, PersonId};

/// What a person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchAnswer {
    Person(PersonId),
    Home(HomeId),
    /// None of those who were shown.
    NoneOfThese,
    /// Nobody of the authority's.
    NotOurs,
}

impl MatchAnswer {
    /// As the API says it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person(_) | Self::Home(_) => "this-one",
            Self::NoneOfThese => "none-of-these",
            Self::NotOurs => "not-ours",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchDecision {
    pub id: MatchDecisionId,
    pub source: OrganisationId,
    /// Of what rows say of who is meant.
    pub who: Digest,
    pub answer: MatchAnswer,
    /// Whom the row was about, as JSON.
    pub told: String,
    /// Who was shown beside it, as JSON.
    pub shown: String,
    pub by: String,
    pub at: KnownAt,
    /// By whom and when it was taken back.
    pub undone: Option<(String, KnownAt)>,
}

macro_rules! decision {
    ($rest:literal) => {
        concat!(
            "SELECT id, source, who, answer, person, home, told, shown, principal, at, undone_by, undone_at FROM match_decision ",
            $rest
        )
    };
}

static IN_FORCE: LazyLock<Among> = LazyLock::new(|| {
    Among::new(|list, next| format!(concat!(decision!("WHERE undone_at IS NULL AND who IN ({})"), " AND source = ${}"), list, next))
});
static FACT: LazyLock<Insert> = LazyLock::new(|| Insert::into("matched_fact", &["fact", "decision", "mapping"]));

impl AuthorityStore {
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn match_decision(&self, id: MatchDecisionId) -> Result<MatchDecision, StoreError> {
        let row = query(decision!("WHERE id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("match decision", id))?)
    }

    /// The latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn match_decisions(
        &self,
        before: Option<MatchDecisionId>,
        limit: u32,
    ) -> Result<Page<MatchDecision, MatchDecisionId>, StoreError> {
        let rows = query(decision!("WHERE id < $1 ORDER BY id DESC LIMIT $2"))
            .bind(before.as_ref().map_or(&[0xff; 16][..], MatchDecisionId::as_bytes))
            .bind(Page::<MatchDecision, MatchDecisionId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |d| d.id))
    }
}

impl Look<'_> {
    /// What was said about these and stands, by whom it is about. Who was found to be somebody else since is meant as that one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn decided(&mut self, source: &OrganisationId, who: &[Digest]) -> Result<HashMap<Digest, MatchDecision>, StoreError> {
        let mut found = HashMap::new();
        for (statement, chunk) in IN_FORCE.each(who) {
            let statement = statement.keys(chunk).bind(source.as_str().to_owned());
            for row in statement.fetch_all(self.connection()).await? {
                let mut decision = read(&row)?;
                if let MatchAnswer::Person(person) = decision.answer {
                    decision.answer = MatchAnswer::Person(super::closed::goes_on_as(self.connection(), person).await?);
                }
                found.insert(decision.who, decision);
            }
        }
        Ok(found)
    }
}

impl AuthorityTx {
    /// # Errors
    /// `Conflict` where somebody else said it first.
    pub async fn add_match_decision(&mut self, decision: &MatchDecision) -> Result<(), StoreError> {
        let (person, home) = match decision.answer {
            MatchAnswer::Person(id) => (Some(id), None),
            MatchAnswer::Home(id) => (None, Some(id)),
            _ => (None, None),
        };
        query(
            "INSERT INTO match_decision (id, source, who, answer, person, home, told, shown, principal, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .key(&decision.id)
        .bind(decision.source.as_str().to_owned())
        .key(&decision.who)
        .bind(decision.answer.code())
        .maybe_key(person.as_ref())
        .maybe_key(home.as_ref())
        .bind(decision.told.clone())
        .bind(decision.shown.clone())
        .bind(decision.by.clone())
        .at(decision.at)
        .execute(self.connection())
        .await
        .map_err(|e| match &e {
            sqlx::Error::Database(database) if database.is_unique_violation() => {
                StoreError::Conflict("somebody has said already who is meant: look at the queue as it is now".to_owned())
            }
            _ => e.into(),
        })?;
        Ok(())
    }

    /// Takes a decision back. The facts that came of it are the caller's to withdraw.
    ///
    /// # Errors
    /// `Conflict` where it was taken back before.
    pub async fn undo_match_decision(&mut self, id: MatchDecisionId, by: &str) -> Result<(), StoreError> {
        let now = self.now();
        let done = query("UPDATE match_decision SET undone_by = $2, undone_at = $3 WHERE id = $1 AND undone_at IS NULL")
            .key(&id)
            .bind(by.to_owned())
            .at(now)
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict("this was taken back before".to_owned())) }
    }

    /// Notes which facts are there because of which decision, and by which mapping they came.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn note_matched(&mut self, facts: &[(FactId, MatchDecisionId)], mapping: &str) -> Result<(), StoreError> {
        FACT.rows(self.connection(), facts, |s, (fact, decision)| s.key(fact).key(decision).bind(mapping.to_owned())).await?;
        Ok(())
    }

    /// Facts in force that came of a decision, and the mappings by which they came.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn facts_of_decision(&mut self, id: MatchDecisionId) -> Result<Vec<(crate::record::Fact, String)>, StoreError> {
        const SQL: &str = "SELECT f.id, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, \
             f.reference, f.supersedes, f.detail, c.at, m.mapping FROM matched_fact m JOIN fact f ON f.id = m.fact \
             JOIN change c ON c.id = f.change WHERE m.decision = $1 \
             AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = f.id) ORDER BY f.change, f.id";
        let rows = query(SQL).key(&id).fetch_all(self.connection()).await?;
        rows.iter().map(|row| Ok((super::facts::read(row)?, row.text("mapping")?))).collect()
    }
}

fn read(row: &Row) -> Result<MatchDecision, StoreError> {
    let (person, home, said) = (row.maybe_key("person")?, row.maybe_key("home")?, row.text("answer")?);
    let answer = match (person, home, said.as_str()) {
        (Some(person), ..) => MatchAnswer::Person(person),
        (None, Some(home), _) => MatchAnswer::Home(home),
        (None, None, "none-of-these") => MatchAnswer::NoneOfThese,
        (None, None, "not-ours") => MatchAnswer::NotOurs,
        _ => return Err(StoreError::damaged("match_decision", format!("`{said}` is not an answer"))),
    };
    let undone = row.maybe_text("undone_by")?.zip(row.maybe_at("undone_at")?);
    Ok(MatchDecision {
        id: row.key("id")?,
        source: row.parsed("source")?,
        who: row.key("who")?,
        answer,
        told: row.text("told")?,
        shown: row.text("shown")?,
        by: row.text("principal")?,
        at: row.at("at")?,
        undone,
    })
}
