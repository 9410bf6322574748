//! Families, by id and by what the authority calls them.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::closed::open;
use super::error::exists;
use super::reader::{Reader, Seen};
use super::sql::{BATCH, Connection, Row, places, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::family_file::NewFamily;
use crate::record::{Announced, Coverage, FamilyId, KnownAt, NewFact};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    pub id: FamilyId,
    /// What the authority calls it.
    pub reference: String,
    /// The current one.
    pub revision: u64,
    /// When the record of the family last changed.
    pub changed_at: KnownAt,
}

macro_rules! family {
    ($rest:literal) => {
        concat!(
            "SELECT f.id, f.reference, r.revision, c.at FROM family f JOIN family_revision r ON r.family = f.id AND r.revision = ",
            "(SELECT MAX(revision) FROM family_revision WHERE family = f.id) JOIN change c ON c.id = r.change ",
            $rest
        )
    };
}

static FOR_READER: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| format!("{} AND {} AND {} ORDER BY f.id LIMIT $11", family!("WHERE f.id > $10"), open!(), whose.family("f.id")))
});
static BY_REFERENCE_FOR_READER: LazyLock<Seen> =
    LazyLock::new(|| Seen::new(|whose| format!("{} AND {}", family!("WHERE f.reference = $10"), whose.family("f.id"))));
static REFERENCES_FOR_READER: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| format!("SELECT f.id, f.reference FROM family f WHERE f.id IN ({}) AND {}", places(10, BATCH), whose.family("f.id")))
});

impl AuthorityStore {
    /// What the authority calls those of them that the reader sees.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn references_for(&self, reader: &Reader, families: &[FamilyId]) -> Result<HashMap<FamilyId, String>, StoreError> {
        let mut called = HashMap::with_capacity(families.len());
        for some in families.chunks(BATCH) {
            let rows = reader.bind(query(REFERENCES_FOR_READER.by(reader))).keys(some).fetch_all(&mut *self.read().await?).await?;
            for row in &rows {
                called.insert(row.key("id")?, row.text("reference")?);
            }
        }
        Ok(called)
    }

    /// Those that the reader sees, by id, without those that are closed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn families_for(&self, reader: &Reader, after: Option<FamilyId>, limit: u32) -> Result<Page<Family, FamilyId>, StoreError> {
        let rows = reader
            .bind(query(FOR_READER.by(reader)))
            .bind(after.as_ref().map_or(&[][..], FamilyId::as_bytes).to_vec())
            .bind(Page::<Family, FamilyId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |f| f.id))
    }

    /// None where the reader does not see it, too.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn family_by_reference_for(&self, reader: &Reader, reference: &str) -> Result<Option<Family>, StoreError> {
        let statement = reader.bind(query(BY_REFERENCE_FOR_READER.by(reader))).bind(reference.to_owned());
        let row = statement.fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// # Errors
    /// `NoSuch` where there is no such family.
    pub async fn family(&self, id: FamilyId) -> Result<Family, StoreError> {
        let row = query(family!("WHERE f.id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("family", id))?)
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn family_by_reference(&self, reference: &str) -> Result<Option<Family>, StoreError> {
        let row = query(family!("WHERE f.reference = $1")).bind(reference).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// By id: in the order in which they came. Closed ones too.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn families(&self, after: Option<FamilyId>, limit: u32) -> Result<Page<Family, FamilyId>, StoreError> {
        let rows = query(family!("WHERE f.id > $1 ORDER BY f.id LIMIT $2"))
            .bind(after.as_ref().map_or(&[][..], FamilyId::as_bytes))
            .bind(Page::<Family, FamilyId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |f| f.id))
    }

    /// How many the authority has.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn count_families(&self) -> Result<u64, StoreError> {
        query("SELECT COUNT(*) AS families FROM family").fetch_one(&mut *self.read().await?).await?.count("families")
    }
}

impl AuthorityTx {
    /// A family with its people, homes, facts and coverage. Its revision 1 is made when the transaction commits.
    ///
    /// # Errors
    /// `Exists` where the reference is taken; else as [`AuthorityTx::add_facts`].
    pub async fn add_family(&mut self, family: &NewFamily) -> Result<(), StoreError> {
        self.add_families(std::slice::from_ref(family)).await
    }

    /// Several, in fewer statements. An index in a fault counts through the facts of all.
    ///
    /// # Errors
    /// As [`AuthorityTx::add_family`].
    pub async fn add_families(&mut self, families: &[NewFamily]) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        for family in families {
            query("INSERT INTO family (id, reference, change) VALUES ($1, $2, $3)")
                .key(&family.id)
                .bind(&family.reference)
                .bind(change.0)
                .execute(self.connection())
                .await
                .map_err(exists("family", "reference"))?;
            self.touched.family(family.id);
            self.announce(Announced::FamilyTakenIn, Some(family.id), family.id);
        }
        let people: Vec<_> = families.iter().flat_map(|f| f.people.values().copied()).collect();
        let homes: Vec<_> = families.iter().flat_map(|f| f.homes.values().copied()).collect();
        self.add_people(&people).await?;
        self.add_homes(&homes).await?;
        let facts: Vec<NewFact> = families.iter().flat_map(|f| f.facts.iter().cloned()).collect();
        self.add_facts(&facts).await?;
        let coverage: Vec<Coverage> = families.iter().flat_map(|f| f.coverage.iter().cloned()).collect();
        self.add_coverage(&coverage).await?;
        Ok(())
    }
}

/// # Errors
/// `NoSuch` where there is no such family.
pub(super) async fn must_exist(connection: &mut Connection, id: FamilyId) -> Result<(), StoreError> {
    let found = query("SELECT 1 FROM family WHERE id = $1").key(&id).fetch_optional(connection).await?;
    if found.is_some() { Ok(()) } else { Err(StoreError::no_such("family", id)) }
}

fn read(row: &Row) -> Result<Family, StoreError> {
    Ok(Family { id: row.key("id")?, reference: row.text("reference")?, revision: row.count("revision")?, changed_at: row.at("at")? })
}
