//! Seals: marks that hide a fact, or a member of a family, from all but those who are named.

use std::collections::HashSet;

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, Reader, StoreError};
use crate::record::{Day, FactId, FamilyId, KnownAt, LoginId, PersonId, SealId, Section, Sections, Subject};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    pub id: SealId,
    pub of: Sealed,
    pub reason: String,
    pub sealed_by: String,
    pub at: KnownAt,
    /// The last day; none: until it is lifted.
    pub until: Option<Day>,
    /// Who sees what is sealed.
    pub names: Vec<LoginId>,
}

/// What is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// Wherever it would be seen.
    Fact(FactId),
    /// In this family: the person, and all that is known of them there. In another family of theirs they are seen as before.
    Member(FamilyId, PersonId),
}

/// What somebody who writes is not to know of: naming it is answered as naming what is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    pub facts: HashSet<FactId>,
    /// Sealed in every family of theirs.
    pub people: HashSet<PersonId>,
}

/// Seals in force that do not name the reader: `$1` their login, `$2` today.
const HIDDEN: &str = "WITH closed (id, fact, family, person) AS ( \
         SELECT id, fact, family, person FROM seal s WHERE lifted IS NULL AND (until IS NULL OR until >= $2) \
         AND NOT EXISTS (SELECT 1 FROM seal_name n WHERE n.seal = s.id AND n.login = $1)) \
     SELECT DISTINCT fact, person FROM closed c WHERE fact IS NOT NULL OR NOT EXISTS ( \
         SELECT 1 FROM fact m WHERE m.person = c.person AND m.kind = 'membership' \
         AND NOT EXISTS (SELECT 1 FROM superseded x WHERE x.fact = m.id) \
         AND NOT EXISTS (SELECT 1 FROM closed t WHERE t.family = m.family AND t.person = m.person))";

/// Seals in force that name the reader and are on the family's facts, people or homes: `$1` the family, `$2` their login, `$3` today.
const OF_FAMILY: &str = "SELECT s.id, s.fact, s.family, s.person, s.reason, s.sealed_by, s.until, c.at \
     FROM seal s JOIN change c ON c.id = s.change JOIN seal_name n ON n.seal = s.id AND n.login = $2 \
     WHERE s.lifted IS NULL AND (s.until IS NULL OR s.until >= $3) AND (s.family = $1 OR EXISTS ( \
         SELECT 1 FROM fact f WHERE f.id = s.fact AND (f.family = $1 \
             OR f.family IS NULL AND f.person IN (SELECT person FROM fact WHERE family = $1 AND kind = 'membership') \
             OR f.family IS NULL AND f.person IS NULL AND f.home IN (SELECT home FROM fact WHERE family = $1 AND kind = 'residence')))) \
     ORDER BY s.id";

impl AuthorityStore {
    /// # Errors
    /// The file cannot be read.
    pub async fn hidden_from(&self, reader: &Reader) -> Result<Hidden, StoreError> {
        hidden(&mut *self.read().await?, reader).await
    }

    /// All that is sealed today from anybody, and whoever is sealed in any family.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn sealed(&self) -> Result<Hidden, StoreError> {
        const SQL: &str = "SELECT fact, person FROM seal WHERE lifted IS NULL AND (until IS NULL OR until >= $1)";
        let mut hidden = Hidden::default();
        for row in query(SQL).day(self.clock().now().day()).fetch_all(&mut *self.read().await?).await? {
            hidden.facts.extend(row.maybe_key::<FactId>("fact")?);
            hidden.people.extend(row.maybe_key::<PersonId>("person")?);
        }
        Ok(hidden)
    }

    /// Those on a family that name the reader: of others nobody is told that there are any.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn seals(&self, reader: &Reader, family: FamilyId) -> Result<Vec<Seal>, StoreError> {
        let mut connection = self.read().await?;
        let statement = query(OF_FAMILY).key(&family).bind(reader.login_bytes()).day(reader.now.day());
        let mut seals = Vec::new();
        for row in statement.fetch_all(&mut connection).await? {
            seals.push(read(&mut connection, &row).await?);
        }
        Ok(seals)
    }

    /// Is the reader named in each of these?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn are_named(&self, reader: &Reader, seals: &[SealId]) -> Result<bool, StoreError> {
        let mut connection = self.read().await?;
        for seal in seals {
            let named = query("SELECT 1 FROM seal_name WHERE seal = $1 AND login = $2").key(seal).bind(reader.login_bytes());
            if named.fetch_optional(&mut connection).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// One that is in force and names the reader.
    ///
    /// # Errors
    /// `NoSuch` where there is none that they may know of.
    pub async fn seal(&self, reader: &Reader, id: SealId) -> Result<Seal, StoreError> {
        const SQL: &str = "SELECT s.id, s.fact, s.family, s.person, s.reason, s.sealed_by, s.until, c.at \
             FROM seal s JOIN change c ON c.id = s.change JOIN seal_name n ON n.seal = s.id AND n.login = $2 \
             WHERE s.id = $1 AND (s.fact IS NOT NULL OR s.family IS NOT NULL) AND s.lifted IS NULL AND (s.until IS NULL OR s.until >= $3)";
        let mut connection = self.read().await?;
        let statement = query(SQL).key(&id).bind(reader.login_bytes()).day(reader.now.day());
        let row = statement.fetch_optional(&mut connection).await?;
        read(&mut connection, &row.ok_or_else(|| StoreError::no_such("seal", id))?).await
    }
}

impl AuthorityTx {
    /// From now on. The snapshots that runs are given are built without it.
    ///
    /// # Errors
    /// `NoSuch` naming the fact or person: of a member, one who was never of the family.
    pub async fn seal(&mut self, of: Sealed, reason: &str, until: Option<Day>, names: &[LoginId]) -> Result<SealId, StoreError> {
        self.touch_sealed(of).await?;
        let (change, _) = self.change().await?;
        let (fact, family, person) = match of {
            Sealed::Fact(fact) => (Some(fact), None, None),
            Sealed::Member(family, person) => (None, Some(family), Some(person)),
        };
        let (id, by) = (SealId::fresh(), self.principal().to_owned());
        query("INSERT INTO seal (id, fact, family, person, reason, sealed_by, change, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .key(&id)
            .maybe_key(fact.as_ref())
            .maybe_key(family.as_ref())
            .maybe_key(person.as_ref())
            .bind(reason.to_owned())
            .bind(by)
            .bind(change.0)
            .maybe_day(until)
            .execute(self.connection())
            .await?;
        self.label_decisions(id, of).await?;
        for login in names {
            query("INSERT INTO seal_name (seal, login) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .key(&id)
                .key(login)
                .execute(self.connection())
                .await?;
        }
        Ok(id)
    }

    /// What was sealed is seen again by whoever sees the rest.
    ///
    /// # Errors
    /// `Conflict` where somebody lifted it first.
    pub async fn lift_seal(&mut self, seal: &Seal, why: &str) -> Result<(), StoreError> {
        self.touch_sealed(seal.of).await?;
        let (change, _) = self.change().await?;
        let by = self.principal().to_owned();
        let done = query("UPDATE seal SET lifted = $2, lifted_by = $3, lifting = $4 WHERE id = $1 AND lifted IS NULL")
            .key(&seal.id)
            .bind(change.0)
            .bind(by)
            .bind(why.to_owned())
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict("somebody lifted this seal first".to_owned())) }
    }

    /// Decisions that were made when it was not sealed, and were delivered the section that it is in, carry the seal from now on.
    async fn label_decisions(&mut self, id: SealId, of: Sealed) -> Result<(), StoreError> {
        const LABEL: &str = "INSERT INTO decision_seal (decision, seal) SELECT d.id, $1 FROM decision d \
             WHERE d.family = $2 AND (d.label & $3) <> 0 AND d.known_after >= $4";
        let (families, sections, since) = match of {
            Sealed::Member(family, _) => (vec![family], Sections::ALL, 0),
            Sealed::Fact(fact) => {
                let rows = query(super::facts_for::FAMILIES_OF).key(&fact).fetch_all(self.connection()).await?;
                let families = rows.iter().map(|row| row.key("family")).collect::<Result<_, _>>()?;
                let row = query("SELECT section, change FROM fact WHERE id = $1").key(&fact).fetch_one(self.connection()).await?;
                let section = Section::from_code(&row.text("section")?).ok_or_else(|| StoreError::damaged("section", "is not one"))?;
                (families, Sections::from_iter([section]), row.number("change")?)
            }
        };
        for family in families {
            let statement = query(LABEL).key(&id).key(&family).bind(sections.number()).bind(since);
            statement.execute(self.connection()).await?;
        }
        Ok(())
    }

    async fn touch_sealed(&mut self, of: Sealed) -> Result<(), StoreError> {
        match of {
            Sealed::Fact(fact) => {
                const SQL: &str = "SELECT family, person, home FROM fact WHERE id = $1";
                let row = query(SQL).key(&fact).fetch_optional(self.connection()).await?;
                let row = row.ok_or_else(|| StoreError::no_such("fact", fact))?;
                let subject =
                    Subject { family: row.maybe_key("family")?, person: row.maybe_key("person")?, to: None, home: row.maybe_key("home")? };
                self.touched.subject(&subject);
            }
            Sealed::Member(family, person) => {
                const SQL: &str = "SELECT 1 FROM fact WHERE family = $1 AND person = $2 AND kind = 'membership'";
                let member = query(SQL).key(&family).key(&person).fetch_optional(self.connection()).await?;
                member.ok_or_else(|| StoreError::no_such("person", person))?;
                self.touched.family(family);
            }
        }
        Ok(())
    }
}

pub(super) async fn hidden(connection: &mut Connection, reader: &Reader) -> Result<Hidden, StoreError> {
    let rows = query(HIDDEN).bind(reader.login_bytes()).day(reader.now.day()).fetch_all(connection).await?;
    let mut hidden = Hidden::default();
    for row in rows {
        hidden.facts.extend(row.maybe_key::<FactId>("fact")?);
        hidden.people.extend(row.maybe_key::<PersonId>("person")?);
    }
    Ok(hidden)
}

/// Seals in force on a day on what a family's runs would otherwise be given: what a decision that was given it is labelled with.
pub(super) async fn of_family(connection: &mut Connection, family: FamilyId, on: Day) -> Result<Vec<SealId>, StoreError> {
    const SQL: &str = "SELECT s.id FROM seal s WHERE s.lifted IS NULL AND (s.until IS NULL OR s.until >= $2) AND (s.family = $1 OR EXISTS ( \
         SELECT 1 FROM fact f WHERE f.id = s.fact AND (f.family = $1 \
             OR f.family IS NULL AND f.person IN (SELECT person FROM fact WHERE family = $1 AND kind = 'membership') \
             OR f.family IS NULL AND f.person IS NULL AND f.home IN (SELECT home FROM fact WHERE family = $1 AND kind = 'residence')))) \
         ORDER BY s.id";
    let rows = query(SQL).key(&family).day(on).fetch_all(connection).await?;
    rows.iter().map(|row| row.key("id")).collect()
}

async fn read(connection: &mut Connection, row: &Row) -> Result<Seal, StoreError> {
    let id: SealId = row.key("id")?;
    let names = query("SELECT login FROM seal_name WHERE seal = $1 ORDER BY login").key(&id).fetch_all(connection).await?;
    let of = match (row.maybe_key("fact")?, row.maybe_key("family")?, row.maybe_key("person")?) {
        (Some(fact), None, None) => Sealed::Fact(fact),
        (None, Some(family), Some(person)) => Sealed::Member(family, person),
        _ => return Err(StoreError::damaged("seal", format!("{id} is of nothing"))),
    };
    Ok(Seal {
        id,
        of,
        reason: row.text("reason")?,
        sealed_by: row.text("sealed_by")?,
        at: row.at("at")?,
        until: row.maybe_day("until")?,
        names: names.iter().map(|n| n.key("login")).collect::<Result<_, _>>()?,
    })
}
