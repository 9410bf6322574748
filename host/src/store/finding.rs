//! Looking people up for somebody who searches: within their rights.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::sql::{BATCH, Bind, Columns, places};
use super::{AuthorityStore, StoreError};
use crate::record::{FamilyId, PersonId};

/// Whom the caller may see, of `p`, a row of `person`: everybody. The one place for a predicate of access; all that a search finds passes
/// it before it is counted, ranked or shown.
const MAY_SEE: &str = "1 = 1";

static SEEN: LazyLock<String> = LazyLock::new(|| format!("SELECT p.id FROM person p WHERE p.id IN ({}) AND {MAY_SEE}", places(1, BATCH)));
static FAMILIES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT DISTINCT m.person, f.id, f.reference FROM fact m JOIN family f ON f.id = m.family \
         WHERE m.person IN ({}) AND m.kind = 'membership' \
         AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = m.id) ORDER BY m.person, f.reference",
        places(1, BATCH)
    )
});

impl AuthorityStore {
    /// Those of these people whom the caller may see, in the order of their ids.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn seen(&self, people: &[PersonId]) -> Result<Vec<PersonId>, StoreError> {
        let mut connection = self.read().await?;
        let mut seen = Vec::with_capacity(people.len());
        for chunk in people.chunks(BATCH) {
            for row in sqlx::query(SEEN.as_str()).keys(chunk).fetch_all(&mut *connection).await? {
                seen.push(row.key("id")?);
            }
        }
        seen.sort_unstable();
        Ok(seen)
    }

    /// Who is or was a member of a family of a home with this key ([`Address::key`](crate::record::sections::identity::Address::key)).
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn people_at(&self, key: &str) -> Result<Vec<PersonId>, StoreError> {
        const SQL: &str = "SELECT DISTINCT m.person FROM fact a JOIN fact r ON r.home = a.home AND r.kind = 'residence' \
             JOIN fact m ON m.family = r.family AND m.kind = 'membership' WHERE a.key = $1 AND a.home IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = a.id) \
             AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = r.id) \
             AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = m.id)";
        let rows = sqlx::query(SQL).bind(key.to_owned()).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|r| r.key("person")).collect()
    }

    /// The families that these people are or were members of, with the authority's reference of each.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn families_named(&self, people: &[PersonId]) -> Result<HashMap<PersonId, Vec<(FamilyId, String)>>, StoreError> {
        let mut connection = self.read().await?;
        let mut found: HashMap<PersonId, Vec<(FamilyId, String)>> = HashMap::new();
        for chunk in people.chunks(BATCH) {
            for row in sqlx::query(FAMILIES.as_str()).keys(chunk).fetch_all(&mut *connection).await? {
                found.entry(row.key("person")?).or_default().push((row.key("id")?, row.text("reference")?));
            }
        }
        Ok(found)
    }
}
