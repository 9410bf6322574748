//! What tells who people are, kept beside them so that they are found: a profile, and the keys made of it. Worked out anew at the end of
//! each transaction that changed a name, birth date, identifier, membership, residence or address.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use super::sql::{Among, BATCH, Connection, Insert, places, query};
use super::{AuthorityStore, AuthorityTx, Look, StoreError};
use crate::matching::keys::{Key, of_person, of_place};
use crate::matching::{Place, Profile};
use crate::record::sections::identity::Address;
use crate::record::{HomeId, Kind, PersonId};

/// People that one go of [`AuthorityTx::make_findable`] takes.
const AT_ONCE: i64 = 2_000;

static PROFILE: LazyLock<Insert> = LazyLock::new(|| Insert::into("person_profile", &["person", "profile"]));
static PERSON_KEY: LazyLock<Insert> = LazyLock::new(|| Insert::into("person_key", &["key", "person"]));
static HOME_KEY: LazyLock<Insert> = LazyLock::new(|| Insert::into("home_key", &["key", "home"]));
static DROP_PROFILES: LazyLock<String> = LazyLock::new(|| format!("DELETE FROM person_profile WHERE person IN ({})", places(1, BATCH)));
static DROP_KEYS: LazyLock<String> = LazyLock::new(|| format!("DELETE FROM person_key WHERE person IN ({})", places(1, BATCH)));
static DROP_HOME_KEYS: LazyLock<String> = LazyLock::new(|| format!("DELETE FROM home_key WHERE home IN ({})", places(1, BATCH)));
static PROFILES: LazyLock<Among> =
    LazyLock::new(|| Among::new(|list, _| format!("SELECT person, profile FROM person_profile WHERE person IN ({list})")));
static PEOPLE_OF_KEYS: LazyLock<Among> =
    LazyLock::new(|| Among::new(|list, _| format!("SELECT key, person FROM person_key WHERE key IN ({list})")));
static HOMES_OF_KEYS: LazyLock<String> = LazyLock::new(|| format!("SELECT key, home FROM home_key WHERE key IN ({})", places(1, BATCH)));

static ABOUT_THEM: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT person, kind, detail FROM fact WHERE person IN ({}) AND kind IN ('name', 'birth', 'identifier') \
         AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = fact.id) ORDER BY change, id",
        places(1, BATCH)
    )
});
static WHERE_THEY_LIVE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT m.person, a.detail FROM fact m \
         JOIN fact r ON r.family = m.family AND r.kind = 'residence' JOIN fact a ON a.home = r.home AND a.kind = 'address' \
         WHERE m.person IN ({}) AND m.kind = 'membership' \
         AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = m.id) \
         AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = r.id) \
         AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = a.id) ORDER BY a.change, a.id",
        places(1, BATCH)
    )
});
static ADDRESSES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT home, detail FROM fact WHERE home IN ({}) AND kind = 'address' \
         AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = fact.id) ORDER BY change, id",
        places(1, BATCH)
    )
});
static MEMBERS: LazyLock<String> =
    LazyLock::new(|| format!("SELECT DISTINCT person FROM fact WHERE family IN ({}) AND kind = 'membership'", places(1, BATCH)));

impl AuthorityTx {
    /// Brings profiles and keys up to date with what this transaction changed.
    pub(super) async fn keep_findable(&mut self) -> Result<(), StoreError> {
        let mut people = std::mem::take(&mut self.touched.known_otherwise);
        let moved: Vec<_> = std::mem::take(&mut self.touched.moved).into_iter().collect();
        let readdressed: Vec<HomeId> = std::mem::take(&mut self.touched.readdressed).into_iter().collect();
        for chunk in moved.chunks(BATCH) {
            for row in query(MEMBERS.as_str()).keys(chunk).fetch_all(self.connection()).await? {
                people.insert(row.key("person")?);
            }
        }
        people.extend(self.people_of_homes(&readdressed).await?.into_values().flatten());
        keep_homes(self.connection(), &readdressed).await?;
        keep_people(self.connection(), &people.into_iter().collect::<Vec<_>>()).await
    }

    /// Profiles and keys for some of those who have none, as in a record that is older than they are; whether there are more.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn make_findable(&mut self) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT id FROM person WHERE NOT EXISTS (SELECT 1 FROM person_profile p WHERE p.person = person.id) LIMIT $1";
        let rows = query(SQL).bind(AT_ONCE).fetch_all(self.connection()).await?;
        let people: Vec<PersonId> = rows.iter().map(|r| r.key("id")).collect::<Result<_, _>>()?;
        const HOMES: &str = "SELECT DISTINCT f.home FROM fact f WHERE f.kind = 'address' \
             AND NOT EXISTS (SELECT 1 FROM home_key k WHERE k.home = f.home)";
        if people.is_empty() {
            return Ok(false);
        }
        let homes = query(HOMES).fetch_all(self.connection()).await?;
        let homes: Vec<HomeId> = homes.iter().map(|r| r.key("home")).collect::<Result<_, _>>()?;
        keep_homes(self.connection(), &homes).await?;
        keep_people(self.connection(), &people).await?;
        Ok(people.len() as i64 == AT_ONCE)
    }
}

impl Look<'_> {
    /// Who has any of these keys, once for each.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn people_of_keys(&mut self, keys: &[Key]) -> Result<Vec<(Key, PersonId)>, StoreError> {
        people_of_keys(self.connection(), keys).await
    }

    /// Homes that have any of these keys.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn homes_of_keys(&mut self, keys: &[Key]) -> Result<Vec<(Key, HomeId)>, StoreError> {
        let mut found = Vec::new();
        for chunk in keys.chunks(BATCH) {
            for row in query(HOMES_OF_KEYS.as_str()).numbers(chunk).fetch_all(self.connection()).await? {
                found.push((row.number("key")?, row.key("home")?));
            }
        }
        Ok(found)
    }

    /// What tells who these people are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn profiles(&mut self, people: &[PersonId]) -> Result<HashMap<PersonId, Profile>, StoreError> {
        profiles(self.connection(), people).await
    }

    /// The addresses of these homes, old ones too.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn addresses(&mut self, homes: &[HomeId]) -> Result<HashMap<HomeId, Vec<Place>>, StoreError> {
        addresses(self.connection(), homes).await
    }
}

impl AuthorityStore {
    /// As in a transaction.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn people_of_keys(&self, keys: &[Key]) -> Result<Vec<(Key, PersonId)>, StoreError> {
        people_of_keys(&mut *self.read().await?, keys).await
    }

    /// As in a transaction.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn profiles(&self, people: &[PersonId]) -> Result<HashMap<PersonId, Profile>, StoreError> {
        profiles(&mut *self.read().await?, people).await
    }

    /// As in a transaction.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn addresses(&self, homes: &[HomeId]) -> Result<HashMap<HomeId, Vec<Place>>, StoreError> {
        addresses(&mut *self.read().await?, homes).await
    }
}

async fn people_of_keys(connection: &mut Connection, keys: &[Key]) -> Result<Vec<(Key, PersonId)>, StoreError> {
    let mut found = Vec::new();
    for (statement, chunk) in PEOPLE_OF_KEYS.each(keys) {
        for row in statement.numbers(chunk).fetch_all(&mut *connection).await? {
            found.push((row.number("key")?, row.key("person")?));
        }
    }
    Ok(found)
}

async fn profiles(connection: &mut Connection, people: &[PersonId]) -> Result<HashMap<PersonId, Profile>, StoreError> {
    let mut found = HashMap::with_capacity(people.len());
    for (statement, chunk) in PROFILES.each(people) {
        for row in statement.keys(chunk).fetch_all(&mut *connection).await? {
            found.insert(row.key("person")?, row.json("profile")?);
        }
    }
    Ok(found)
}

async fn addresses(connection: &mut Connection, homes: &[HomeId]) -> Result<HashMap<HomeId, Vec<Place>>, StoreError> {
    let mut found: HashMap<HomeId, Vec<Place>> = HashMap::new();
    for chunk in homes.chunks(BATCH) {
        for row in query(ADDRESSES.as_str()).keys(chunk).fetch_all(&mut *connection).await? {
            let mut profile = Profile::default();
            profile.add_home(row.json::<Address>("detail")?);
            let places = found.entry(row.key("home")?).or_default();
            for place in profile.homes {
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
    }
    Ok(found)
}

async fn keep_people(connection: &mut Connection, people: &[PersonId]) -> Result<(), StoreError> {
    for chunk in people.chunks(BATCH) {
        // In the order of their ids, in which the rows lie.
        let mut known: BTreeMap<PersonId, Profile> = chunk.iter().map(|id| (*id, Profile::default())).collect();
        for row in query(ABOUT_THEM.as_str()).keys(chunk).fetch_all(&mut *connection).await? {
            let Some(profile) = known.get_mut(&row.key("person")?) else { continue };
            match row.parsed::<Kind>("kind")? {
                Kind::Name => profile.add_name(row.json("detail")?),
                Kind::Birth => profile.add_birth(row.json("detail")?),
                _ => profile.add_identifier(row.json("detail")?),
            }
        }
        for row in query(WHERE_THEY_LIVE.as_str()).keys(chunk).fetch_all(&mut *connection).await? {
            if let Some(profile) = known.get_mut(&row.key("person")?) {
                profile.add_home(row.json("detail")?);
            }
        }
        query(DROP_PROFILES.as_str()).keys(chunk).execute(&mut *connection).await?;
        query(DROP_KEYS.as_str()).keys(chunk).execute(&mut *connection).await?;
        let known: Vec<(PersonId, Profile)> = known.into_iter().collect();
        PROFILE.rows(connection, &known, |s, (id, profile)| s.key(id).bind(serde_json::to_string(profile).unwrap_or_default())).await?;
        let keys: Vec<(Key, PersonId)> = known.iter().flat_map(|(id, p)| of_person(p).into_iter().map(|key| (key, *id))).collect();
        PERSON_KEY.rows(connection, &keys, |s, (key, id)| s.bind(*key).key(id)).await?;
    }
    Ok(())
}

async fn keep_homes(connection: &mut Connection, homes: &[HomeId]) -> Result<(), StoreError> {
    for chunk in homes.chunks(BATCH) {
        let known = addresses(connection, chunk).await?;
        query(DROP_HOME_KEYS.as_str()).keys(chunk).execute(&mut *connection).await?;
        let keys: HashSet<(Key, HomeId)> =
            known.iter().flat_map(|(home, places)| places.iter().flat_map(of_place).map(|key| (key, *home))).collect();
        let keys: Vec<_> = keys.into_iter().collect();
        HOME_KEY.rows(connection, &keys, |s, (key, home)| s.bind(*key).key(home)).await?;
    }
    Ok(())
}
