//! Rows of facts, and of what superseded them: how they come into the record, whoever checked them before.

use std::sync::LazyLock;

use super::sql::Insert;
use super::{AuthorityTx, StoreError};
use crate::record::{FactId, KnownAt, NewFact};

static FACT: LazyLock<Insert> = LazyLock::new(|| {
    Insert::into(
        "fact",
        &[
            "id",
            "change",
            "section",
            "kind",
            "family",
            "person",
            "other",
            "home",
            "first",
            "last",
            "source",
            "source_kind",
            "reference",
            "supersedes",
            "key",
            "detail",
        ],
    )
});
static SUPERSEDED: LazyLock<Insert> = LazyLock::new(|| Insert::into("superseded", &["fact", "successor", "change"]));

impl AuthorityTx {
    /// Adds facts that were checked, with what each of them supersedes; from when on they are known.
    ///
    /// # Errors
    /// `Fact` with the position of one whose source is not there; `Conflict` where somebody superseded a fact first.
    pub(super) async fn insert_facts(&mut self, facts: &[NewFact]) -> Result<KnownAt, StoreError> {
        let mut source_kinds = Vec::with_capacity(facts.len());
        for (i, fact) in facts.iter().enumerate() {
            source_kinds.push(self.source_kind(&fact.source).await.map_err(|e| e.in_fact(i))?.to_owned());
        }
        let (change, known_at) = self.change().await?;
        let rows: Vec<_> = facts.iter().zip(&source_kinds).collect();
        FACT.rows(self.connection(), &rows, |s, (fact, source_kind)| {
            let kind = fact.detail.kind();
            s.key(&fact.id)
                .bind(change.0)
                .bind(kind.section().code())
                .bind(kind.code())
                .maybe_key(fact.subject.family.as_ref())
                .maybe_key(fact.subject.person.as_ref())
                .maybe_key(fact.subject.to.as_ref())
                .maybe_key(fact.subject.home.as_ref())
                .day(fact.window.first)
                .maybe_day(fact.window.last)
                .bind(fact.source.as_str())
                .bind(source_kind.as_str())
                .bind(fact.reference.as_deref())
                .maybe_key(fact.supersedes.as_ref())
                .bind(fact.key())
                .bind(fact.detail.to_json().to_string())
        })
        .await?;
        let replaced: Vec<_> = facts.iter().filter_map(|f| f.supersedes.map(|old| (old, Some(f.id)))).collect();
        self.supersede(&replaced).await?;
        for fact in facts {
            self.touched.fact(fact.detail.kind(), &fact.subject);
        }
        Ok(known_at)
    }

    /// Takes facts out of force, each for its successor or for nothing.
    ///
    /// # Errors
    /// `Conflict` where somebody superseded one first: possible where writers run side by side.
    pub(super) async fn supersede(&mut self, facts: &[(FactId, Option<FactId>)]) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        let rows = SUPERSEDED.rows(self.connection(), facts, |s, (old, new)| s.key(old).maybe_key(new.as_ref()).bind(change.0));
        rows.await.map_err(|error| match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => {
                StoreError::Conflict("somebody corrected one of these facts first: look at the record as it is now".to_owned())
            }
            _ => error.into(),
        })
    }
}
