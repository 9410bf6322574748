//! What is shared with which organisation: agreements, and the families and people that are shared under them.

use super::ends::ends;
use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{AgreementId, Basis, Day, FamilyId, KnownAt, OrganisationId, PersonId, Purpose, Sections, ShareId, Window};

/// What may be shared with an organisation, for what, and by which law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub id: AgreementId,
    pub organisation: OrganisationId,
    pub sections: Sections,
    pub purposes: Vec<Purpose>,
    pub basis: Basis,
    pub window: Window,
}

/// A family, or one of its people, shared under an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub id: ShareId,
    pub agreement: AgreementId,
    pub family: FamilyId,
    /// None: the whole family.
    pub person: Option<PersonId>,
    pub sections: Sections,
    /// Or with notice, where the law needs no consent.
    pub by_consent: bool,
    pub why: String,
    /// How consent or notice was given.
    pub how: String,
    /// Who agreed, or was told.
    pub given_by: String,
    pub given_on: Day,
    pub withdrawn: Option<Said>,
    pub objected: Option<Said>,
}

/// Something that somebody said later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub at: KnownAt,
    /// Who wrote it down.
    pub by: String,
    pub words: String,
}

impl AuthorityStore {
    /// All of them, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn agreements(&self) -> Result<Vec<Agreement>, StoreError> {
        const SQL: &str = "SELECT id, organisation, sections, purposes, basis, first, last FROM agreement ORDER BY id DESC";
        let rows = query(SQL).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_agreement).collect()
    }

    /// # Errors
    /// `NoSuch` where there is no such agreement.
    pub async fn agreement(&self, id: AgreementId) -> Result<Agreement, StoreError> {
        const SQL: &str = "SELECT id, organisation, sections, purposes, basis, first, last FROM agreement WHERE id = $1";
        let row = query(SQL).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read_agreement(&row.ok_or_else(|| StoreError::no_such("agreement", id))?)
    }

    /// Of one family, withdrawn ones too, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn shares(&self, family: FamilyId) -> Result<Vec<Share>, StoreError> {
        const SQL: &str = "SELECT id, agreement, family, person, sections, by_consent, why, how, given_by, given_on, withdrawn_at, \
             withdrawn_by, withdrawal, objected_at, objected_by, objection FROM share WHERE family = $1 ORDER BY id DESC";
        let rows = query(SQL).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_share).collect()
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn share(&self, id: ShareId) -> Result<Share, StoreError> {
        const SQL: &str = "SELECT id, agreement, family, person, sections, by_consent, why, how, given_by, given_on, withdrawn_at, \
             withdrawn_by, withdrawal, objected_at, objected_by, objection FROM share WHERE id = $1";
        let row = query(SQL).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read_share(&row.ok_or_else(|| StoreError::no_such("share", id))?)
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` where there is no such organisation.
    pub async fn add_agreement(&mut self, new: &Agreement) -> Result<(), StoreError> {
        self.source_kind(&new.organisation).await?;
        let (change, _) = self.change().await?;
        let purposes = new.purposes.iter().fold(0, |all, p| all | p.bit());
        query(
            "INSERT INTO agreement (id, organisation, sections, purposes, basis, first, last, change) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .key(&new.id)
        .bind(new.organisation.as_str().to_owned())
        .bind(new.sections.number())
        .bind(purposes)
        .bind(new.basis.code())
        .day(new.window.first)
        .maybe_day(new.window.last)
        .bind(change.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Its last day: from the next on nothing is shared under it.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where it was over before that day.
    pub async fn end_agreement(&mut self, id: AgreementId, last: Day) -> Result<(), StoreError> {
        self.end(ends!("agreement", "agreement"), id, last).await
    }

    /// # Errors
    /// `NoSuch` naming the family, or a person who was never of it.
    pub async fn add_share(&mut self, new: &Share) -> Result<(), StoreError> {
        super::families::must_exist(self.connection(), new.family).await?;
        if let Some(person) = new.person {
            const SQL: &str = "SELECT 1 FROM fact WHERE family = $1 AND person = $2 AND kind = 'membership'";
            let member = query(SQL).key(&new.family).key(&person).fetch_optional(self.connection()).await?;
            member.ok_or_else(|| StoreError::no_such("person", person))?;
        }
        let (change, _) = self.change().await?;
        query(
            "INSERT INTO share (id, agreement, family, person, sections, by_consent, why, how, given_by, given_on, change) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .key(&new.id)
        .key(&new.agreement)
        .key(&new.family)
        .maybe_key(new.person.as_ref())
        .bind(new.sections.number())
        .bind(i64::from(new.by_consent))
        .bind(new.why.clone())
        .bind(new.how.clone())
        .bind(new.given_by.clone())
        .day(new.given_on)
        .bind(change.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// At once: from now on nothing is shared by it.
    ///
    /// # Errors
    /// `Conflict` where it was withdrawn before.
    pub async fn withdraw_share(&mut self, id: ShareId, how: &str) -> Result<(), StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        let done = query("UPDATE share SET withdrawn_at = $2, withdrawn_by = $3, withdrawal = $4 WHERE id = $1 AND withdrawn_at IS NULL")
            .key(&id)
            .at(now)
            .bind(by)
            .bind(how.to_owned())
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict("it was withdrawn before".to_owned())) }
    }

    /// What somebody has against it, kept beside it.
    ///
    /// # Errors
    /// `Conflict` where one was kept before.
    pub async fn object_to_share(&mut self, id: ShareId, words: &str) -> Result<(), StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        let done = query("UPDATE share SET objected_at = $2, objected_by = $3, objection = $4 WHERE id = $1 AND objected_at IS NULL")
            .key(&id)
            .at(now)
            .bind(by)
            .bind(words.to_owned())
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict("an objection was kept before".to_owned())) }
    }
}

fn read_agreement(row: &Row) -> Result<Agreement, StoreError> {
    let purposes = row.number("purposes")?;
    Ok(Agreement {
        id: row.key("id")?,
        organisation: row.parsed("organisation")?,
        sections: sections(row)?,
        purposes: Purpose::ALL.iter().copied().filter(|p| purposes & p.bit() != 0).collect(),
        basis: row.parsed("basis")?,
        window: row.window()?,
    })
}

fn read_share(row: &Row) -> Result<Share, StoreError> {
    let said = |at: &str, by: &str, words: &str| -> Result<Option<Said>, StoreError> {
        let Some(at) = row.maybe_at(at)? else { return Ok(None) };
        Ok(Some(Said { at, by: row.maybe_text(by)?.unwrap_or_default(), words: row.maybe_text(words)?.unwrap_or_default() }))
    };
    Ok(Share {
        id: row.key("id")?,
        agreement: row.key("agreement")?,
        family: row.key("family")?,
        person: row.maybe_key("person")?,
        sections: sections(row)?,
        by_consent: row.number("by_consent")? != 0,
        why: row.text("why")?,
        how: row.text("how")?,
        given_by: row.text("given_by")?,
        given_on: row.day("given_on")?,
        withdrawn: said("withdrawn_at", "withdrawn_by", "withdrawal")?,
        objected: said("objected_at", "objected_by", "objection")?,
    })
}

fn sections(row: &Row) -> Result<Sections, StoreError> {
    Sections::from_number(row.number("sections")?).ok_or_else(|| StoreError::damaged("sections", "are not known"))
}
