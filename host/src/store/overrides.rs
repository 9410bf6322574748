//! What people put in the place of what plugins decided. The decision stays as it was; beside it stands what was done instead, by whom and
//! why. What a person does where a plugin decided nothing stands here too.

use std::sync::LazyLock;

use super::reader::{Reader, Seen, unsealed};
use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{Announced, DecisionId, FamilyId, KnownAt, OverrideId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    pub id: OverrideId,
    pub family: FamilyId,
    /// None: nothing was decided of it.
    pub decision: Option<DecisionId>,
    /// The question, the kind of action, or `caseload`.
    pub about: String,
    /// Codes, names of the pathway and ids.
    pub instead: serde_json::Value,
    pub reason: String,
    pub at: KnownAt,
    pub by: String,
}

/// What an override is about: the decision, where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverrideAbout<'a> {
    pub family: FamilyId,
    pub decision: Option<DecisionId>,
    pub about: &'a str,
}

macro_rules! made {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.family, o.decision, o.about, o.instead, o.reason, o.principal, c.at FROM override o ",
            "JOIN change c ON c.id = o.change ",
            $rest
        )
    };
}

/// As the decisions themselves: whose bare result would tell, or that was given what is sealed, has none.
static FOR_READER: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        format!(
            "{} AND {} AND (o.decision IS NULL OR EXISTS (SELECT 1 FROM decision d WHERE d.id = o.decision AND {} AND {})) \
             ORDER BY o.id DESC LIMIT $11",
            made!("WHERE o.id < $10"),
            whose.family("o.family"),
            whose.covers_telling("d.label", "o.family"),
            unsealed("d.id"),
        )
    })
});

impl AuthorityStore {
    /// Those that the reader sees, the latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn overrides_for(
        &self,
        reader: &Reader,
        before: Option<OverrideId>,
        limit: u32,
    ) -> Result<Page<Override, OverrideId>, StoreError> {
        let rows = reader
            .bind(query(FOR_READER.by(reader)))
            .bind(before.as_ref().map_or(&[0xff; 17][..], OverrideId::as_bytes).to_vec())
            .bind(Page::<Override, OverrideId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |o| o.id))
    }

    /// Of a decision, the first first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn overrides_of(&self, decision: DecisionId) -> Result<Vec<Override>, StoreError> {
        let rows = query(made!("WHERE o.decision = $1 ORDER BY o.id")).key(&decision).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// About a family, the first first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn overrides_about(&self, family: FamilyId) -> Result<Vec<Override>, StoreError> {
        let rows = query(made!("WHERE o.family = $1 ORDER BY o.id")).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// Keeps what a person does instead, and why.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_override(&mut self, of: &OverrideAbout<'_>, instead: serde_json::Value, reason: &str) -> Result<Override, StoreError> {
        let (change, at) = self.change().await?;
        let (id, by) = (OverrideId::fresh(), self.principal().to_owned());
        query(
            "INSERT INTO override (id, change, family, decision, about, instead, reason, principal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .key(&id)
        .bind(change.0)
        .key(&of.family)
        .maybe_key(of.decision.as_ref())
        .bind(of.about)
        .bind(instead.to_string())
        .bind(reason)
        .bind(by.clone())
        .execute(self.connection())
        .await?;
        self.announce(Announced::DecisionOverridden, Some(of.family), id);
        let (family, decision, about) = (of.family, of.decision, of.about.to_owned());
        Ok(Override { id, family, decision, about, instead, reason: reason.to_owned(), at, by })
    }
}

fn read(row: &Row) -> Result<Override, StoreError> {
    Ok(Override {
        id: row.key("id")?,
        family: row.key("family")?,
        decision: row.maybe_key("decision")?,
        about: row.text("about")?,
        instead: row.json("instead")?,
        reason: row.text("reason")?,
        at: row.at("at")?,
        by: row.text("principal")?,
    })
}
