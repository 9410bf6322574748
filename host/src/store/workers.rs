//! Who works here: roles, cases, and cover while somebody is away.

use super::ends::ends;
use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Announced, AssignmentId, CoverId, Day, FamilyId, LoginId, RoleId, Window};

/// What somebody does here, for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleHeld {
    pub id: RoleId,
    pub login: LoginId,
    /// Its code.
    pub role: String,
    pub window: Window,
}

/// A worker's part in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub id: AssignmentId,
    pub login: LoginId,
    pub family: FamilyId,
    /// Code list roles.
    pub role: String,
    pub window: Window,
    /// Why it began.
    pub reason: Option<String>,
    /// Why it ended, where somebody said so.
    pub ended_why: Option<String>,
}

/// Somebody is away, and somebody else has their cases meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    pub id: CoverId,
    pub absent: LoginId,
    pub stand_in: LoginId,
    pub first: Day,
    pub last: Day,
}

impl AuthorityStore {
    /// All that somebody was ever given, over ones too.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn roles_of(&self, login: LoginId) -> Result<Vec<RoleHeld>, StoreError> {
        const SQL: &str = "SELECT id, login, role, first, last FROM role_held WHERE login = $1 ORDER BY first, id";
        let rows = query(SQL).key(&login).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_role).collect()
    }

    /// Everybody's, by login.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn roles_held(&self) -> Result<Vec<RoleHeld>, StoreError> {
        const SQL: &str = "SELECT id, login, role, first, last FROM role_held ORDER BY login, first, id";
        let rows = query(SQL).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_role).collect()
    }

    /// Who has, had and will have a part in the case, the first first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn assignments(&self, family: FamilyId) -> Result<Vec<Assignment>, StoreError> {
        const SQL: &str =
            "SELECT id, login, family, role, first, last, reason, ended_why FROM assignment WHERE family = $1 ORDER BY first, id";
        let rows = query(SQL).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_assignment).collect()
    }

    /// # Errors
    /// `NoSuch` where there is no such assignment.
    pub async fn assignment(&self, id: AssignmentId) -> Result<Assignment, StoreError> {
        const SQL: &str = "SELECT id, login, family, role, first, last, reason, ended_why FROM assignment WHERE id = $1";
        let row = query(SQL).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read_assignment(&row.ok_or_else(|| StoreError::no_such("assignment", id))?)
    }

    /// All of it, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn covers(&self) -> Result<Vec<Cover>, StoreError> {
        const SQL: &str = "SELECT id, absent, stand_in, first, last FROM cover ORDER BY id DESC";
        let rows = query(SQL).fetch_all(&mut *self.read().await?).await?;
        let cover = |row: &Row| {
            let (first, last) = (row.day("first")?, row.day("last")?);
            Ok(Cover { id: row.key("id")?, absent: row.key("absent")?, stand_in: row.key("stand_in")?, first, last })
        };
        rows.iter().map(cover).collect()
    }
}

impl AuthorityTx {
    /// # Errors
    /// The file cannot be written.
    pub async fn give_role(&mut self, held: &RoleHeld) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO role_held (id, login, role, first, last, change) VALUES ($1, $2, $3, $4, $5, $6)")
            .key(&held.id)
            .key(&held.login)
            .bind(held.role.clone())
            .day(held.window.first)
            .maybe_day(held.window.last)
            .bind(change.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Its last day. One before its first means that it never was.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where it was over before that day.
    pub async fn end_role(&mut self, id: RoleId, last: Day) -> Result<(), StoreError> {
        self.end(ends!("role_held", "role"), id, last).await
    }

    /// # Errors
    /// `NoSuch` where there is no such family.
    pub async fn assign(&mut self, new: &Assignment) -> Result<(), StoreError> {
        super::families::must_exist(self.connection(), new.family).await?;
        let (change, _) = self.change().await?;
        query("INSERT INTO assignment (id, login, family, role, first, last, change, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .key(&new.id)
            .key(&new.login)
            .key(&new.family)
            .bind(new.role.clone())
            .day(new.window.first)
            .maybe_day(new.window.last)
            .bind(change.0)
            .bind(new.reason.as_deref())
            .execute(self.connection())
            .await?;
        self.announce(Announced::CaseGiven, Some(new.family), new.id);
        Ok(())
    }

    /// Its last day, and why, where somebody says so. A day before its first means that it never was.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where it was over before that day.
    pub async fn end_assignment(&mut self, id: AssignmentId, last: Day, why: Option<&str>) -> Result<(), StoreError> {
        self.end(ends!("assignment", "assignment"), id, last).await?;
        let row = query("SELECT family FROM assignment WHERE id = $1").key(&id).fetch_one(self.connection()).await?;
        self.announce(Announced::CaseEnded, row.maybe_key("family")?, id);
        if let Some(why) = why {
            query("UPDATE assignment SET ended_why = $2 WHERE id = $1").key(&id).bind(why).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn cover(&mut self, new: &Cover) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO cover (id, absent, stand_in, first, last, change) VALUES ($1, $2, $3, $4, $5, $6)")
            .key(&new.id)
            .key(&new.absent)
            .key(&new.stand_in)
            .day(new.first)
            .day(new.last)
            .bind(change.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read_role(row: &Row) -> Result<RoleHeld, StoreError> {
    Ok(RoleHeld { id: row.key("id")?, login: row.key("login")?, role: row.text("role")?, window: row.window()? })
}

fn read_assignment(row: &Row) -> Result<Assignment, StoreError> {
    Ok(Assignment {
        id: row.key("id")?,
        login: row.key("login")?,
        family: row.key("family")?,
        role: row.text("role")?,
        window: row.window()?,
        reason: row.maybe_text("reason")?,
        ended_why: row.maybe_text("ended_why")?,
    })
}
