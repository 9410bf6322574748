//! Which families people and homes belong to, and when: for rows about a family that name one of its people or its home. Families that are
//! closed are not among them: nothing is added to these.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::sql::{BATCH, Connection, Key, places, query};
use super::{Look, StoreError};
use crate::record::{FamilyId, HomeId, PersonId, Window};

/// Families, with the days on which each was theirs.
pub type Belongings<Id> = HashMap<Id, Vec<(FamilyId, Window)>>;

static OF_PEOPLE: LazyLock<String> = LazyLock::new(|| belonging("person", "membership"));
static OF_HOMES: LazyLock<String> = LazyLock::new(|| belonging("home", "residence"));
static BY_REFERENCE: LazyLock<String> =
    LazyLock::new(|| format!("SELECT id, reference FROM family WHERE reference IN ({})", places(1, BATCH)));

fn belonging(whose: &str, by: &str) -> String {
    format!(
        "SELECT {whose} AS id, family, first, last FROM fact WHERE {whose} IN ({}) AND kind = '{by}' \
         AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = fact.id) \
         AND NOT EXISTS (SELECT 1 FROM family_closed k WHERE k.family = fact.family AND k.reopened IS NULL) ORDER BY family, first",
        places(1, BATCH)
    )
}

impl Look<'_> {
    /// # Errors
    /// The file cannot be read.
    pub async fn families_of_people(&mut self, people: &[PersonId]) -> Result<Belongings<PersonId>, StoreError> {
        belongings(self.connection(), &OF_PEOPLE, people).await
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn families_of_homes(&mut self, homes: &[HomeId]) -> Result<Belongings<HomeId>, StoreError> {
        belongings(self.connection(), &OF_HOMES, homes).await
    }

    /// Families by what the authority calls them: whichever they go on within, and none that was handed over.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn families_by_reference(&mut self, references: &[&str]) -> Result<HashMap<String, FamilyId>, StoreError> {
        let mut found = HashMap::new();
        for chunk in references.chunks(BATCH) {
            for row in query(BY_REFERENCE.as_str()).texts(chunk).fetch_all(self.connection()).await? {
                found.insert(row.text("reference")?, row.key("id")?);
            }
        }
        let families: Vec<FamilyId> = found.values().copied().collect();
        let go_on_as = super::closed::go_on_as(self.connection(), &families).await?;
        for family in found.values_mut() {
            *family = go_on_as.get(family).copied().unwrap_or(*family);
        }
        let closed = super::closed::among(self.connection(), &families).await?;
        found.retain(|_, family| !closed.contains(family));
        Ok(found)
    }
}

async fn belongings<Id: Key>(connection: &mut Connection, sql: &'static str, ids: &[Id]) -> Result<Belongings<Id>, StoreError> {
    let mut found: Belongings<Id> = HashMap::new();
    for chunk in ids.chunks(BATCH) {
        for row in query(sql).keys(chunk).fetch_all(&mut *connection).await? {
            found.entry(row.key("id")?).or_default().push((row.key("family")?, row.window()?));
        }
    }
    Ok(found)
}
