//! Corrections, and the decisions that were made before them.

use super::sql::{Row, query};
use super::{AuthorityStore, ChangeId, Decision, Page, StoreError};
use crate::record::{FactId, FamilyId, Kind, KnownAt};

/// A fact that was corrected or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub fact: FactId,
    pub kind: Kind,
    /// Since which change the fact was known, and by which it was superseded.
    pub known: ChangeId,
    pub change: ChangeId,
    /// None: it was withdrawn.
    pub successor: Option<FactId>,
    pub at: KnownAt,
    pub by: String,
}

const FAMILIES: &str = "SELECT f.family FROM fact f WHERE f.id = $1 AND f.family IS NOT NULL \
     UNION SELECT m.family FROM fact f JOIN fact m ON m.person IN (f.person, f.other) AND m.kind = 'membership' \
         WHERE f.id = $1 AND f.family IS NULL \
     UNION SELECT r.family FROM fact f JOIN fact r ON r.home = f.home AND r.kind = 'residence' WHERE f.id = $1 AND f.family IS NULL";

impl AuthorityStore {
    /// The latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn corrections(
        &self,
        before: Option<(ChangeId, FactId)>,
        limit: u32,
    ) -> Result<Page<Correction, (ChangeId, FactId)>, StoreError> {
        const SQL: &str = "SELECT s.fact, f.kind, f.change AS known, s.change, s.successor, c.at, c.principal FROM superseded s \
             JOIN fact f ON f.id = s.fact JOIN change c ON c.id = s.change WHERE (s.change, s.fact) < ($1, $2) \
             ORDER BY s.change DESC, s.fact DESC LIMIT $3";
        let rows = query(SQL)
            .bind(before.map_or(i64::MAX, |(change, _)| change.0))
            .bind(before.map_or(vec![0xff; 17], |(_, fact)| fact.as_bytes().to_vec()))
            .bind(Page::<Correction, (ChangeId, FactId)>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |c| (c.change, c.fact)))
    }

    /// Decisions that were made while the fact was in force, about families that it is about: those that may have been given it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn decided_before(&self, correction: &Correction) -> Result<Vec<Decision>, StoreError> {
        let mut connection = self.read().await?;
        let rows = query(FAMILIES).key(&correction.fact).fetch_all(&mut connection).await?;
        let families = rows.iter().map(|r| r.key("family")).collect::<Result<Vec<FamilyId>, _>>()?;
        let mut decisions = Vec::new();
        for family in families {
            let rows = query(super::decisions::KNOWN_BETWEEN)
                .key(&family)
                .bind(correction.known.0)
                .bind(correction.change.0)
                .fetch_all(&mut connection)
                .await?;
            decisions.extend(rows.iter().map(super::decisions::read).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(decisions)
    }
}

fn read(row: &Row) -> Result<Correction, StoreError> {
    Ok(Correction {
        fact: row.key("fact")?,
        kind: row.parsed("kind")?,
        known: ChangeId(row.number("known")?),
        change: ChangeId(row.number("change")?),
        successor: row.maybe_key("successor")?,
        at: row.at("at")?,
        by: row.text("principal")?,
    })
}
