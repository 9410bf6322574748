//! Facts as one reader may know of them: without what a seal hides.

use super::facts::{Seals, of_family};
use super::sql::query;
use super::{AsKnown, AuthorityStore, Reader, StoreError};
use crate::record::{Fact, FactId, FamilyId};

/// One fact ($2), if a reader ($3) who sees a family ($1) may know of it today ($4).
const SEEN_IN: &str = "SELECT 1 FROM fact f WHERE f.id = $2 \
    AND NOT EXISTS (SELECT 1 FROM seal s WHERE s.fact = f.id AND s.lifted IS NULL AND (s.until IS NULL OR s.until >= $4) \
        AND NOT EXISTS (SELECT 1 FROM seal_name n WHERE n.seal = s.id AND n.login = $3)) \
    AND NOT EXISTS (SELECT 1 FROM seal s WHERE s.family = $1 AND s.person IN (f.person, f.other) AND s.lifted IS NULL \
        AND (s.until IS NULL OR s.until >= $4) AND NOT EXISTS (SELECT 1 FROM seal_name n WHERE n.seal = s.id AND n.login = $3))";

/// The families through which a fact is seen: its own; else its person's; else its home's.
pub(super) const FAMILIES_OF: &str = "SELECT family FROM fact WHERE id = $1 AND family IS NOT NULL \
    UNION SELECT m.family FROM fact f JOIN fact m ON m.person = f.person AND m.kind = 'membership' WHERE f.id = $1 AND f.family IS NULL \
    UNION SELECT r.family FROM fact f JOIN fact r ON r.home = f.home AND r.kind = 'residence' \
    WHERE f.id = $1 AND f.family IS NULL AND f.person IS NULL";

impl AuthorityStore {
    /// Those of them that no seal hides from the reader. Which sections they see of the family is their
    /// [`Relation`](super::Relation)'s to say.
    ///
    /// # Errors
    /// `NoSuch` where there is no such family.
    pub async fn facts_for(&self, reader: &Reader, family: FamilyId, as_known: AsKnown) -> Result<Vec<Fact>, StoreError> {
        let mut connection = self.read().await?;
        super::families::must_exist(&mut connection, family).await?;
        let change = as_known.last_change(&mut connection).await?;
        let seals = Seals::For { login: reader.login_bytes(), on: reader.now.day() };
        of_family(&mut connection, family, change, &seals).await
    }

    /// May a reader who sees the family know of a fact of it?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_unsealed(&self, reader: &Reader, family: FamilyId, fact: FactId) -> Result<bool, StoreError> {
        let statement = query(SEEN_IN).key(&family).key(&fact).bind(reader.login_bytes()).day(reader.now.day());
        Ok(statement.fetch_optional(&mut *self.read().await?).await?.is_some())
    }

    /// The families through which a fact is seen; none where there is no such fact.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn families_of_fact(&self, fact: FactId) -> Result<Vec<FamilyId>, StoreError> {
        let rows = query(FAMILIES_OF).key(&fact).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| row.key("family")).collect()
    }
}
