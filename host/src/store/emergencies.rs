//! Families that somebody opened because something could not wait. They see that family in full until it ends, and write nothing by it.

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{EmergencyId, FamilyId, KnownAt, LoginId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    pub id: EmergencyId,
    pub login: LoginId,
    /// Of whoever opened it, as the record keeps them.
    pub name: String,
    pub family: FamilyId,
    pub reason: String,
    pub begun_at: KnownAt,
    pub ends_at: KnownAt,
    /// When somebody looked at it, and who: until then it is a notice to them.
    pub seen: Option<(KnownAt, String)>,
}

macro_rules! emergency {
    ($rest:literal) => {
        concat!("SELECT id, login, name, family, reason, begun_at, ends_at, seen_at, seen_by FROM emergency ", $rest)
    };
}

impl AuthorityStore {
    /// The latest first; or only what nobody has looked at. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn emergencies(
        &self,
        unseen: bool,
        before: Option<EmergencyId>,
        limit: u32,
    ) -> Result<Page<Emergency, EmergencyId>, StoreError> {
        let sql = if unseen {
            emergency!("WHERE seen_at IS NULL AND id < $1 ORDER BY id DESC LIMIT $2")
        } else {
            emergency!("WHERE id < $1 ORDER BY id DESC LIMIT $2")
        };
        let rows = query(sql)
            .bind(before.as_ref().map_or(&[0xff; 17][..], EmergencyId::as_bytes).to_vec())
            .bind(Page::<Emergency, EmergencyId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |e| e.id))
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` where there is no such family.
    pub async fn begin_emergency(&mut self, new: &Emergency) -> Result<(), StoreError> {
        super::families::must_exist(self.connection(), new.family).await?;
        let (change, _) = self.change().await?;
        query("INSERT INTO emergency (id, login, name, family, reason, begun_at, ends_at, change) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .key(&new.id)
            .key(&new.login)
            .bind(new.name.clone())
            .key(&new.family)
            .bind(new.reason.clone())
            .at(new.begun_at)
            .at(new.ends_at)
            .bind(change.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Somebody looked at it.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where somebody did before.
    pub async fn see_emergency(&mut self, id: EmergencyId) -> Result<Emergency, StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        let done = query("UPDATE emergency SET seen_at = $2, seen_by = $3 WHERE id = $1 AND seen_at IS NULL")
            .key(&id)
            .at(now)
            .bind(by)
            .execute(self.connection())
            .await?;
        let row = query(emergency!("WHERE id = $1")).key(&id).fetch_optional(self.connection()).await?;
        let found = read(&row.ok_or_else(|| StoreError::no_such("emergency", id))?)?;
        if done.rows_affected() == 1 { Ok(found) } else { Err(StoreError::Conflict("somebody looked at it before".to_owned())) }
    }
}

fn read(row: &Row) -> Result<Emergency, StoreError> {
    let seen = row.maybe_at("seen_at")?.map(|at| Ok::<_, StoreError>((at, row.maybe_text("seen_by")?.unwrap_or_default())));
    Ok(Emergency {
        id: row.key("id")?,
        login: row.key("login")?,
        name: row.text("name")?,
        family: row.key("family")?,
        reason: row.text("reason")?,
        begun_at: row.at("begun_at")?,
        ends_at: row.at("ends_at")?,
        seen: seen.transpose()?,
    })
}
