//! Legal holds: while one stands, nothing about its family or person is erased.

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{Day, FamilyId, KnownAt, PersonId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub id: i64,
    /// One of these two.
    pub family: Option<FamilyId>,
    pub person: Option<PersonId>,
    pub why: String,
    /// The last day; none: until it is lifted.
    pub until: Option<Day>,
    pub placed_at: KnownAt,
    pub placed_by: String,
    pub lifted: Option<(KnownAt, String)>,
}

/// A hold to be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHold {
    /// One of these two.
    pub family: Option<FamilyId>,
    pub person: Option<PersonId>,
    pub why: String,
    pub until: Option<Day>,
}

/// A hold that stands on a day ($3) and keeps an erasure of a family ($1) or person ($2) from being done. A family's record holds its
/// members', and theirs is in it: a hold on one keeps the other.
const STANDS: &str = "SELECT id FROM legal_hold WHERE lifted_at IS NULL AND (until IS NULL OR until >= $3) AND (\
     family = $1 OR person = $2 \
     OR person IN (SELECT person FROM fact WHERE family = $1 AND kind = 'membership') \
     OR family IN (SELECT family FROM fact WHERE person = $2 AND kind = 'membership') \
     OR person IN (SELECT o.person FROM fact m JOIN fact o ON o.family = m.family AND o.kind = 'membership' \
                   WHERE m.person = $2 AND m.kind = 'membership') \
     OR family IN (SELECT o.family FROM fact m JOIN fact o ON o.person = m.person AND o.kind = 'membership' \
                   WHERE m.family = $1 AND m.kind = 'membership')) ORDER BY id LIMIT 1";

impl AuthorityStore {
    /// Those that stand and those that were lifted, the latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn holds(&self, before: Option<u64>, limit: u32) -> Result<Page<Hold, u64>, StoreError> {
        const SQL: &str = "SELECT id, family, person, why, until, placed_at, placed_by, lifted_at, lifted_by FROM legal_hold \
             WHERE id < $1 ORDER BY id DESC LIMIT $2";
        let rows =
            query(SQL).count(before.unwrap_or(u64::MAX)).bind(Page::<Hold, u64>::rows(limit)).fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |h| h.id.unsigned_abs()))
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` where there is no such family or person.
    pub async fn place_hold(&mut self, hold: &NewHold, by: &str) -> Result<i64, StoreError> {
        self.must_be_there(hold.family, hold.person).await?;
        let now = self.now();
        let row =
            query("INSERT INTO legal_hold (family, person, why, until, placed_at, placed_by) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id")
                .maybe_key(hold.family.as_ref())
                .maybe_key(hold.person.as_ref())
                .bind(hold.why.clone())
                .maybe_day(hold.until)
                .at(now)
                .bind(by.to_owned())
                .fetch_one(self.connection())
                .await?;
        row.number("id")
    }

    /// # Errors
    /// `NoSuch` where there is no such hold, `Conflict` where it was lifted before.
    pub async fn lift_hold(&mut self, id: i64, by: &str) -> Result<(), StoreError> {
        let now = self.now();
        let done = query("UPDATE legal_hold SET lifted_at = $2, lifted_by = $3 WHERE id = $1 AND lifted_at IS NULL")
            .bind(id)
            .at(now)
            .bind(by.to_owned())
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 {
            return Ok(());
        }
        match query("SELECT 1 FROM legal_hold WHERE id = $1").bind(id).fetch_optional(self.connection()).await? {
            Some(_) => Err(StoreError::Conflict("this hold was lifted before".to_owned())),
            None => Err(StoreError::no_such("hold", id)),
        }
    }

    /// # Errors
    /// `NoSuch` where there is no such family or person; `Conflict` where a hold stands.
    pub(super) async fn must_be_free(&mut self, family: Option<FamilyId>, person: Option<PersonId>) -> Result<(), StoreError> {
        self.must_be_there(family, person).await?;
        let today = self.now().day();
        let statement = query(STANDS).maybe_key(family.as_ref()).maybe_key(person.as_ref()).day(today);
        match statement.fetch_optional(self.connection()).await? {
            Some(row) => Err(StoreError::Conflict(format!("legal hold {} stands: nothing about them may go", row.number("id")?))),
            None => Ok(()),
        }
    }

    async fn must_be_there(&mut self, family: Option<FamilyId>, person: Option<PersonId>) -> Result<(), StoreError> {
        if let Some(family) = family {
            super::families::must_exist(self.connection(), family).await?;
        }
        if let Some(person) = person {
            let found = query("SELECT 1 FROM person WHERE id = $1").key(&person).fetch_optional(self.connection()).await?;
            found.ok_or_else(|| StoreError::no_such("person", person))?;
        }
        Ok(())
    }
}

fn read(row: &Row) -> Result<Hold, StoreError> {
    let lifted = match row.maybe_at("lifted_at")? {
        Some(at) => Some((at, row.maybe_text("lifted_by")?.unwrap_or_default())),
        None => None,
    };
    Ok(Hold {
        id: row.number("id")?,
        family: row.maybe_key("family")?,
        person: row.maybe_key("person")?,
        why: row.text("why")?,
        until: row.maybe_day("until")?,
        placed_at: row.at("placed_at")?,
        placed_by: row.text("placed_by")?,
        lifted,
    })
}
