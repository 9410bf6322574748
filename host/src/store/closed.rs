//! Families and people that nothing is added to: a family that goes on within another or was handed over, a person who goes on as another.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::sql::{BATCH, Connection, Row, places, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{FamilyId, KnownAt, PersonId};

/// Why nothing is added to a family any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    pub how: How,
    pub at: KnownAt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It goes on within another family.
    Merged,
    /// It was handed over to another authority.
    Moved,
}

impl How {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Moved => "moved",
        }
    }
}

/// Leaves families out that are closed: for statements that read `family f`.
macro_rules! open {
    () => {
        "NOT EXISTS (SELECT 1 FROM family_closed k WHERE k.family = f.id AND k.reopened IS NULL)"
    };
}
pub(super) use open;

static FAMILIES: LazyLock<String> =
    LazyLock::new(|| format!("SELECT family FROM family_closed WHERE family IN ({}) AND reopened IS NULL", places(1, BATCH)));
static PEOPLE: LazyLock<String> =
    LazyLock::new(|| format!("SELECT person FROM person_merge WHERE person IN ({}) AND undone IS NULL", places(1, BATCH)));
/// The last of the families within which each goes on: the one that is open.
static ALL_GO_ON_AS: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT m.family, m.stays FROM merged_into m JOIN family f ON f.id = m.stays WHERE m.undone IS NULL AND {}", open!())
});
static GO_ON_AS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT m.family, m.stays FROM merged_into m JOIN family f ON f.id = m.stays WHERE m.family IN ({}) AND m.undone IS NULL AND {}",
        places(1, BATCH),
        open!()
    )
});

impl AuthorityStore {
    /// None: it is open.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn closed(&self, family: FamilyId) -> Result<Option<Closed>, StoreError> {
        const SQL: &str =
            "SELECT k.how, c.at FROM family_closed k JOIN change c ON c.id = k.change WHERE k.family = $1 AND k.reopened IS NULL";
        let row = query(SQL).key(&family).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// # Errors
    /// `Conflict` where the family is closed.
    pub async fn must_be_open(&self, family: FamilyId) -> Result<(), StoreError> {
        refuse(&mut *self.read().await?, &HashSet::from([family]), &HashSet::new()).await
    }

    /// The open family within which this one goes on; none where it was not merged.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn goes_on_within(&self, family: FamilyId) -> Result<Option<FamilyId>, StoreError> {
        let row = query(GO_ON_AS.as_str()).keys(&[family]).fetch_optional(&mut *self.read().await?).await?;
        row.map(|row| row.key("stays")).transpose()
    }

    /// Every family that goes on within another, with that one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn all_go_on_within(&self) -> Result<HashMap<FamilyId, FamilyId>, StoreError> {
        let rows = query(ALL_GO_ON_AS.as_str()).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| Ok((row.key("family")?, row.key("stays")?))).collect()
    }

    /// The families that go on within this one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn merged_into(&self, family: FamilyId) -> Result<Vec<FamilyId>, StoreError> {
        const SQL: &str = "SELECT DISTINCT family FROM merged_into WHERE stays = $1 AND undone IS NULL ORDER BY family";
        let rows = query(SQL).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| row.key("family")).collect()
    }
}

impl AuthorityTx {
    /// # Errors
    /// The file cannot be written.
    pub(super) async fn close_family(&mut self, family: FamilyId, how: How) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO family_closed (family, change, how) VALUES ($1, $2, $3)")
            .key(&family)
            .bind(change.0)
            .bind(how.code())
            .execute(self.connection())
            .await?;
        query("UPDATE undecided SET retry_at = NULL WHERE family = $1").key(&family).execute(self.connection()).await?;
        Ok(())
    }

    /// # Errors
    /// The file cannot be written.
    pub(super) async fn reopen_family(&mut self, family: FamilyId) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        let reopened = query("UPDATE family_closed SET reopened = $2 WHERE family = $1 AND reopened IS NULL").key(&family).bind(change.0);
        reopened.execute(self.connection()).await?;
        Ok(())
    }

    /// Where each of these families goes on, if not as itself.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) async fn go_on_as(&mut self, families: &[FamilyId]) -> Result<HashMap<FamilyId, FamilyId>, StoreError> {
        go_on_as(self.connection(), families).await
    }

    /// Who somebody goes on as, through as many merges as there were; themselves, if there was none.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn goes_on_as(&mut self, person: PersonId) -> Result<PersonId, StoreError> {
        goes_on_as(self.connection(), person).await
    }
}

/// Where each of these families goes on, if not as itself.
pub(super) async fn go_on_as(connection: &mut Connection, families: &[FamilyId]) -> Result<HashMap<FamilyId, FamilyId>, StoreError> {
    let mut found = HashMap::new();
    for chunk in families.chunks(BATCH) {
        for row in query(GO_ON_AS.as_str()).keys(chunk).fetch_all(connection).await? {
            found.insert(row.key("family")?, row.key("stays")?);
        }
    }
    Ok(found)
}

/// Who somebody goes on as; themselves, if nobody else.
pub(super) async fn goes_on_as(connection: &mut Connection, person: PersonId) -> Result<PersonId, StoreError> {
    const SQL: &str = "SELECT stays FROM person_merge WHERE person = $1 AND undone IS NULL";
    // Somebody who goes on as another takes nobody in: each step leads on, and none leads back.
    let mut now = person;
    while let Some(row) = query(SQL).key(&now).fetch_optional(connection).await? {
        now = row.key("stays")?;
    }
    Ok(now)
}

/// Those of these families that are closed.
pub(super) async fn among(connection: &mut Connection, families: &[FamilyId]) -> Result<HashSet<FamilyId>, StoreError> {
    let mut closed = HashSet::new();
    for chunk in families.chunks(BATCH) {
        for row in query(FAMILIES.as_str()).keys(chunk).fetch_all(connection).await? {
            closed.insert(row.key("family")?);
        }
    }
    Ok(closed)
}

/// # Errors
/// `Conflict` naming the first that nothing can be added to.
pub(super) async fn refuse(
    connection: &mut Connection,
    families: &HashSet<FamilyId>,
    people: &HashSet<PersonId>,
) -> Result<(), StoreError> {
    let families: Vec<FamilyId> = families.iter().copied().collect();
    if let Some(family) = among(connection, &families).await?.into_iter().min() {
        return Err(StoreError::Conflict(format!("family {family} is closed: it was merged into another, or handed over")));
    }
    let people: Vec<PersonId> = people.iter().copied().collect();
    for chunk in people.chunks(BATCH) {
        if let Some(row) = query(PEOPLE.as_str()).keys(chunk).fetch_optional(connection).await? {
            let person: PersonId = row.key("person")?;
            return Err(StoreError::Conflict(format!(
                "person {person} was found to be somebody else who is in the record: write about them"
            )));
        }
    }
    Ok(())
}

fn read(row: &Row) -> Result<Closed, StoreError> {
    let how = match row.text("how")?.as_str() {
        "merged" => How::Merged,
        "moved" => How::Moved,
        other => return Err(StoreError::damaged("family_closed", format!("`{other}` is not a way to close a family"))),
    };
    Ok(Closed { how, at: row.at("at")? })
}
