//! People and homes: an id each. All that is known of them are facts.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::sql::{Among, BATCH, Connection, Insert, Key, places, query};
use super::{AsKnown, AuthorityStore, AuthorityTx, Look, StoreError};
use crate::record::sections::identity::Name;
use crate::record::{Detail, Fact, FamilyId, HomeId, PersonId, Window};

/// Somebody who is or was a member of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: PersonId,
    pub name: Option<Name>,
    /// `2010-09-14`, or `2010-09`.
    pub born: Option<String>,
    /// When they were members, and whether they lived in the family's home.
    pub memberships: Vec<(Window, bool)>,
}

impl Member {
    /// Whoever a family's facts say is or was a member, in the order in which they joined.
    #[must_use]
    pub fn among(mut facts: Vec<Fact>) -> Vec<Self> {
        let mut members: BTreeMap<PersonId, Self> = BTreeMap::new();
        facts.sort_by_key(|f| f.window.first);
        for fact in &facts {
            let (Detail::Membership(membership), Some(id)) = (&fact.detail, fact.subject.person) else { continue };
            let member = members.entry(id).or_insert_with(|| Self { id, name: None, born: None, memberships: Vec::new() });
            member.memberships.push((fact.window, membership.resident));
        }
        for fact in facts {
            let Some(member) = fact.subject.person.and_then(|p| members.get_mut(&p)) else { continue };
            match fact.detail {
                Detail::Name(name) => member.name = Some(name),
                Detail::Birth(birth) => member.born = Some(birth.on),
                _ => {}
            }
        }
        let mut members: Vec<Self> = members.into_values().collect();
        members.sort_by_key(|m| (m.memberships.first().map(|(window, _)| window.first), m.id));
        members
    }
}

static PERSON: LazyLock<Insert> = LazyLock::new(|| Insert::into("person", &["id", "change"]));
static HOME: LazyLock<Insert> = LazyLock::new(|| Insert::into("home", &["id", "change"]));
static NAMES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT person, detail FROM fact WHERE person IN ({}) AND kind = 'name' \
         AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = fact.id) ORDER BY first, change, id",
        places(1, BATCH)
    )
});
static PEOPLE_OF_HOMES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT DISTINCT r.home, m.person FROM fact r JOIN fact m ON m.family = r.family AND m.kind = 'membership' \
         WHERE r.home IN ({}) AND r.kind = 'residence' \
         AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = r.id) \
         AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = m.id) ORDER BY r.home, m.person",
        places(1, BATCH)
    )
});
static HOMES: LazyLock<String> = LazyLock::new(|| format!("SELECT id FROM home WHERE id IN ({})", places(1, BATCH)));
static PEOPLE_BY_KEY: LazyLock<Among> = LazyLock::new(|| by_key("person"));
static HOMES_BY_KEY: LazyLock<Among> = LazyLock::new(|| by_key("home"));

fn by_key(whose: &str) -> Among {
    Among::new(|list, _| {
        format!(
            "SELECT DISTINCT key, {whose} AS id FROM fact WHERE key IN ({list}) AND {whose} IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = fact.id) ORDER BY key, id"
        )
    })
}

impl AuthorityStore {
    /// Everybody who is or was a member of the family, in the order in which they joined.
    ///
    /// # Errors
    /// `NoSuch` where there is no such family.
    pub async fn members(&self, family: FamilyId) -> Result<Vec<Member>, StoreError> {
        Ok(Member::among(self.facts(family, AsKnown::Now).await?))
    }

    /// What people are called now. Who has no name is left out.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn names(&self, people: &[PersonId]) -> Result<HashMap<PersonId, Name>, StoreError> {
        names(&mut *self.read().await?, people).await
    }

    /// Families that a person is or was a member of.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn families_of(&self, person: PersonId) -> Result<Vec<FamilyId>, StoreError> {
        const SQL: &str = "SELECT DISTINCT family FROM fact WHERE person = $1 AND kind = 'membership' \
             AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = fact.id) ORDER BY family";
        let rows = query(SQL).key(&person).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|r| r.key("family")).collect()
    }

    /// Families whose home it is or was.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn families_at(&self, home: HomeId) -> Result<Vec<FamilyId>, StoreError> {
        const SQL: &str = "SELECT DISTINCT family FROM fact WHERE home = $1 AND kind = 'residence' \
             AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = fact.id) ORDER BY family";
        let rows = query(SQL).key(&home).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|r| r.key("family")).collect()
    }

    /// People by the keys of their identifiers ([`Identifier::key`](crate::record::sections::identity::Identifier::key)).
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn people_by_key(&self, keys: &[&str]) -> Result<HashMap<String, Vec<PersonId>>, StoreError> {
        find(&mut *self.read().await?, &PEOPLE_BY_KEY, keys).await
    }
}

async fn names(connection: &mut Connection, people: &[PersonId]) -> Result<HashMap<PersonId, Name>, StoreError> {
    let mut names = HashMap::with_capacity(people.len());
    for chunk in people.chunks(BATCH) {
        for row in query(NAMES.as_str()).keys(chunk).fetch_all(&mut *connection).await? {
            names.insert(row.key("person")?, row.json("detail")?);
        }
    }
    Ok(names)
}

impl AuthorityTx {
    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn names(&mut self, people: &[PersonId]) -> Result<HashMap<PersonId, Name>, StoreError> {
        names(self.connection(), people).await
    }

    /// A person whom a family's document does not bring: what is known of them follows as facts.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_people(&mut self, ids: &[PersonId]) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        self.touched.known_otherwise.extend(ids);
        PERSON.rows(self.connection(), ids, |s, id| s.key(id).bind(change.0)).await.map_err(super::error::exists("person", "id"))
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn add_homes(&mut self, ids: &[HomeId]) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        HOME.rows(self.connection(), ids, |s, id| s.key(id).bind(change.0)).await.map_err(super::error::exists("home", "id"))
    }

    /// Who is or was a member of a family that each of these homes is or was a home of.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn people_of_homes(&mut self, homes: &[HomeId]) -> Result<HashMap<HomeId, Vec<PersonId>>, StoreError> {
        let mut found: HashMap<HomeId, Vec<PersonId>> = HashMap::with_capacity(homes.len());
        for chunk in homes.chunks(BATCH) {
            for row in query(PEOPLE_OF_HOMES.as_str()).keys(chunk).fetch_all(self.connection()).await? {
                let people = found.entry(row.key("home")?).or_default();
                let person = row.key("person")?;
                // A home that stands twice in the list stands in two statements.
                if !people.contains(&person) {
                    people.push(person);
                }
            }
        }
        Ok(found)
    }

    /// Those of these homes that are in the record.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn homes_known(&mut self, homes: &[HomeId]) -> Result<Vec<HomeId>, StoreError> {
        let mut known = Vec::new();
        for chunk in homes.chunks(BATCH) {
            for row in query(HOMES.as_str()).keys(chunk).fetch_all(self.connection()).await? {
                known.push(row.key("id")?);
            }
        }
        Ok(known)
    }
}

impl Look<'_> {
    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn people_by_key(&mut self, keys: &[&str]) -> Result<HashMap<String, Vec<PersonId>>, StoreError> {
        find(self.connection(), &PEOPLE_BY_KEY, keys).await
    }

    /// Homes by the keys of their addresses ([`Address::key`](crate::record::sections::identity::Address::key)).
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn homes_by_key(&mut self, keys: &[&str]) -> Result<HashMap<String, Vec<HomeId>>, StoreError> {
        find(self.connection(), &HOMES_BY_KEY, keys).await
    }
}

async fn find<K: Key>(connection: &mut Connection, among: &'static Among, keys: &[&str]) -> Result<HashMap<String, Vec<K>>, StoreError> {
    let mut found: HashMap<String, Vec<K>> = HashMap::with_capacity(keys.len());
    for (statement, chunk) in among.each(keys) {
        for row in statement.texts(chunk).fetch_all(&mut *connection).await? {
            let ids = found.entry(row.text("key")?).or_default();
            let id = row.key("id")?;
            // A key that stands twice in the list stands in two statements.
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    Ok(found)
}
