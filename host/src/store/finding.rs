//! Looking people up for somebody who searches: within their rights.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use super::reader::{Reader, Seen, Whose};
use super::sql::{BATCH, places, query};
use super::{AuthorityStore, StoreError};
use crate::record::{FamilyId, PersonId};

/// Nothing that tells who `m.person` is may be sealed from the reader: neither their membership of `m.family`, nor a name, birth date or
/// number of theirs, nor an address of a home of that family. What else is sealed of them, a search does not show.
const NOT_SEALED: &str = "NOT EXISTS (SELECT 1 FROM seal s LEFT JOIN fact sealed ON sealed.id = s.fact \
     WHERE s.lifted IS NULL AND (s.until IS NULL OR s.until >= $4) \
     AND (s.person = m.person AND s.family = m.family OR sealed.id = m.id OR sealed.section = 'identity' AND (sealed.person = m.person \
         OR sealed.home IN (SELECT r.home FROM fact r WHERE r.family = m.family AND r.kind = 'residence'))) \
     AND NOT EXISTS (SELECT 1 FROM seal_name n WHERE n.seal = s.id AND n.login = $2))";

/// The memberships through which a reader knows who people are: those of these people, or of these families (`column`, `$10` on).
fn memberships(select: &str, column: &str, whose: Whose) -> String {
    format!(
        "SELECT DISTINCT {select} FROM fact m JOIN family f ON f.id = m.family WHERE {column} IN ({}) AND m.kind = 'membership' \
         AND NOT EXISTS (SELECT 1 FROM superseded x WHERE x.fact = m.id) AND {} AND {NOT_SEALED}",
        places(10, BATCH),
        whose.knows_who("m.person", "m.family"),
    )
}

static SEEN: LazyLock<Seen> = LazyLock::new(|| Seen::new(|whose| memberships("m.person AS id", "m.person", whose)));
static FAMILIES: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        memberships("m.person AS person, f.id AS id, f.reference AS reference", "m.person", whose) + " ORDER BY person, reference"
    })
});

static MEMBERS_TODAY: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        memberships("m.person AS person, m.family AS family", "m.family", whose) + " AND m.first <= $4 AND (m.last IS NULL OR m.last >= $4)"
    })
});

impl AuthorityStore {
    /// What people call these families: the family names of those who are members today and of whom the reader may know who they are, the
    /// most frequent first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn family_names_for(&self, reader: &Reader, families: &[FamilyId]) -> Result<HashMap<FamilyId, Vec<String>>, StoreError> {
        let mut members: Vec<(FamilyId, PersonId)> = Vec::new();
        for chunk in families.chunks(BATCH) {
            for row in reader.bind(query(MEMBERS_TODAY.by(reader))).keys(chunk).fetch_all(&mut *self.read().await?).await? {
                members.push((row.key("family")?, row.key("person")?));
            }
        }
        let people: Vec<PersonId> = members.iter().map(|(_, person)| *person).collect::<BTreeSet<_>>().into_iter().collect();
        let names = self.names(&people).await?;
        let mut counted: HashMap<FamilyId, BTreeMap<&str, usize>> = HashMap::new();
        for (family, person) in &members {
            if let Some(name) = names.get(person) {
                *counted.entry(*family).or_default().entry(name.family.as_str()).or_default() += 1;
            }
        }
        let ranked = |counts: BTreeMap<&str, usize>| {
            let mut names: Vec<(&str, usize)> = counts.into_iter().collect();
            names.sort_by_key(|(_, members)| Reverse(*members));
            names.into_iter().map(|(name, _)| name.to_owned()).collect()
        };
        Ok(counted.into_iter().map(|(family, counts)| (family, ranked(counts))).collect())
    }

    /// Those of these people of whom the reader may know who they are, in the order of their ids.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn seen(&self, reader: &Reader, people: &[PersonId]) -> Result<Vec<PersonId>, StoreError> {
        let mut connection = self.read().await?;
        let mut seen = Vec::with_capacity(people.len());
        for chunk in people.chunks(BATCH) {
            for row in reader.bind(query(SEEN.by(reader))).keys(chunk).fetch_all(&mut connection).await? {
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
        let rows = query(SQL).bind(key.to_owned()).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|r| r.key("person")).collect()
    }

    /// The families that these people are or were members of and that the reader sees, with the authority's reference of each.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn families_named(
        &self,
        reader: &Reader,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, Vec<(FamilyId, String)>>, StoreError> {
        let mut connection = self.read().await?;
        let mut found: HashMap<PersonId, Vec<(FamilyId, String)>> = HashMap::new();
        for chunk in people.chunks(BATCH) {
            for row in reader.bind(query(FAMILIES.by(reader))).keys(chunk).fetch_all(&mut connection).await? {
                found.entry(row.key("person")?).or_default().push((row.key("id")?, row.text("reference")?));
            }
        }
        Ok(found)
    }
}
