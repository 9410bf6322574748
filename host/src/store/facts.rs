//! Facts: only ever added. A correction is a new fact that supersedes an old one; a withdrawal supersedes with nothing.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::sql::{self, Among, BATCH, Connection, Key, Row, places, query};
use super::{AsKnown, AuthorityStore, AuthorityTx, Look, Page, StoreError};
use crate::record::{Day, Detail, Fact, FactId, FamilyId, HomeId, Invalid, Kind, KnownAt, NewFact, OrganisationId, PersonId, Subject};

/// A fact that is in the record now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddedFact {
    pub id: FactId,
    pub known_at: KnownAt,
}

/// What a source said under one of its references, and whether that still stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub fact: Fact,
    pub standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    InForce,
    /// By a fact that does not carry the reference.
    Corrected,
    Withdrawn,
}

static PEOPLE: LazyLock<String> = LazyLock::new(|| format!("SELECT id FROM person WHERE id IN ({})", places(1, BATCH)));
static HOMES: LazyLock<String> = LazyLock::new(|| format!("SELECT id FROM home WHERE id IN ({})", places(1, BATCH)));
static FAMILIES: LazyLock<String> = LazyLock::new(|| format!("SELECT id FROM family WHERE id IN ({})", places(1, BATCH)));
static TO_SUPERSEDE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT id, kind, family, person, other, home, EXISTS (SELECT 1 FROM superseded s WHERE s.fact = fact.id) AS gone \
         FROM fact WHERE id IN ({})",
        places(1, BATCH)
    )
});
static BY_REFERENCE: LazyLock<Among> = LazyLock::new(|| {
    Among::new(|list, next| {
        format!(
            "SELECT f.id, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, f.reference, \
         f.supersedes, f.detail, c.at, s.change AS gone, s.successor \
         FROM fact f JOIN change c ON c.id = f.change LEFT JOIN superseded s ON s.fact = f.id \
         WHERE f.reference IN ({list}) AND f.source = ${next} AND f.kind = ${} ORDER BY f.change, f.id",
            next + 1
        )
    })
});

/// Facts in force that may touch these families as known after a change: their own, their members', their homes'. The last two are about
/// nobody else's family, so no other family is named. `of`: through which family. In the order in which they came.
fn of_families_text(families: usize) -> String {
    let (ids, known, seen, sealed, on, login) = (places(1, families), families + 1, families + 2, families + 3, families + 4, families + 5);
    let hides = format!(
        "s.change <= ${sealed} AND (s.lifted IS NULL OR s.lifted > ${sealed}) AND (s.until IS NULL OR s.until >= ${on}) \
         AND NOT EXISTS (SELECT 1 FROM seal_name n WHERE n.seal = s.id AND n.login = ${login})"
    );
    format!(
        "SELECT ours.family AS of, f.id, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, \
             f.reference, f.supersedes, f.detail, c.at \
         FROM (SELECT family, id FROM fact WHERE family IN ({ids}) \
               UNION ALL SELECT m.family, f.id \
                   FROM (SELECT DISTINCT family, person FROM fact WHERE family IN ({ids}) AND kind = 'membership') m \
                   JOIN fact f ON f.person = m.person AND f.family IS NULL \
               UNION ALL SELECT r.family, f.id \
                   FROM (SELECT DISTINCT family, home FROM fact WHERE family IN ({ids}) AND kind = 'residence') r \
                   JOIN fact f ON f.home = r.home AND f.family IS NULL AND f.person IS NULL) ours \
         JOIN fact f ON f.id = ours.id JOIN change c ON c.id = f.change \
         WHERE f.change <= ${known} AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = f.id AND s.change <= ${known}) \
         AND (${seen} = 1 OR NOT EXISTS (SELECT 1 FROM seal s WHERE s.fact = f.id AND {hides}) \
             AND NOT EXISTS (SELECT 1 FROM seal s WHERE s.family = ours.family AND s.person IN (f.person, f.other) AND {hides})) \
         ORDER BY f.change, f.id"
    )
}
static OF_FAMILY: LazyLock<String> = LazyLock::new(|| of_families_text(1));
static OF_FAMILIES: LazyLock<String> = LazyLock::new(|| of_families_text(BATCH));

/// What happens with facts that are sealed.
#[derive(Debug, Clone)]
pub(super) enum Seals {
    /// Seen like others.
    Seen,
    /// Left out where a seal of a change up to this one was in force on that day: whatever runs are given.
    LeftOut { change: i64, on: Day },
    /// Left out where a seal is in force on that day and does not name the login.
    For { login: Vec<u8>, on: Day },
}

impl Seals {
    fn bind(&self, statement: sql::Statement) -> sql::Statement {
        let (seen, until, on, login) = match self {
            Self::Seen => (1, i64::MAX, Day::FIRST, Vec::new()),
            Self::LeftOut { change, on } => (0, *change, *on, Vec::new()),
            Self::For { login, on } => (0, i64::MAX, *on, login.clone()),
        };
        statement.bind(seen).bind(until).day(on).bind(login)
    }
}

impl AuthorityStore {
    /// Facts in force that may touch a family: its own, and those of its members and homes at any time. Which of them a run
    /// sees is [`Snapshot::build`](crate::record::Snapshot::build)'s to say.
    ///
    /// # Errors
    /// `NoSuch` where there is no such family.
    pub async fn facts(&self, family: FamilyId, as_known: AsKnown) -> Result<Vec<Fact>, StoreError> {
        let mut connection = self.read().await?;
        super::families::must_exist(&mut connection, family).await?;
        let change = as_known.last_change(&mut connection).await?;
        of_family(&mut connection, family, change, &Seals::Seen).await
    }

    /// The same, by fact and some at a time.
    ///
    /// # Errors
    /// `NoSuch` where there is no such family.
    pub async fn facts_page(
        &self,
        family: FamilyId,
        as_known: AsKnown,
        after: Option<FactId>,
        limit: u32,
    ) -> Result<Page<Fact, FactId>, StoreError> {
        // A family has some hundred facts, which SQLite gathers and sorts whichever page is asked for.
        let mut facts = self.facts(family, as_known).await?;
        facts.sort_by_key(|f| f.id);
        facts.retain(|f| after.is_none_or(|after| f.id > after));
        Ok(Page::cut(facts, limit, |f| f.id))
    }

    /// One fact, in force or not.
    ///
    /// # Errors
    /// `NoSuch` where there is no such fact.
    pub async fn fact(&self, id: FactId) -> Result<Fact, StoreError> {
        const SQL: &str = "SELECT f.id, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, \
             f.reference, f.supersedes, f.detail, c.at FROM fact f JOIN change c ON c.id = f.change WHERE f.id = $1";
        let row = query(SQL).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("fact", id))?)
    }
}

impl Look<'_> {
    /// The latest that a source said under each of these references, in force or not.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn facts_by_reference(
        &mut self,
        source: &OrganisationId,
        kind: Kind,
        references: &[&str],
    ) -> Result<HashMap<String, Statement>, StoreError> {
        let mut found = HashMap::with_capacity(references.len());
        for (statement, chunk) in BY_REFERENCE.each(references) {
            let statement = statement.texts(chunk).bind(source.as_str()).bind(kind.code());
            for row in statement.fetch_all(self.connection()).await? {
                let gone = row.maybe_at("gone")?.is_some();
                let standing = match (gone, row.maybe_key::<FactId>("successor")?) {
                    (false, _) => Standing::InForce,
                    (true, Some(_)) => Standing::Corrected,
                    (true, None) => Standing::Withdrawn,
                };
                let fact = read(&row)?;
                if let Some(reference) = fact.reference.clone() {
                    // In the order in which they came: the last one stays.
                    found.insert(reference, Statement { fact, standing });
                }
            }
        }
        Ok(found)
    }
}

impl AuthorityTx {
    /// Adds facts, all or none. A fact may supersede one that stands before it in the same list.
    ///
    /// # Errors
    /// `Fact` with the position of the first at fault, and in it: `NoSuch` (a family, person, home, organisation or superseded
    /// fact that is not there), `Conflict` (somebody superseded it first), `Invalid` (the subject does not suit the kind,
    /// or the superseded fact says another kind of thing about another subject).
    pub async fn add_facts(&mut self, facts: &[NewFact]) -> Result<Vec<AddedFact>, StoreError> {
        if facts.is_empty() {
            return Ok(Vec::new());
        }
        for (i, fact) in facts.iter().enumerate() {
            fact.check().map_err(|e| StoreError::from(e).in_fact(i))?;
        }
        self.check_subjects(facts).await?;
        self.check_superseded(facts).await?;
        let known_at = self.insert_facts(facts).await?;
        for fact in facts {
            self.news.hear(fact, known_at.day());
        }
        Ok(facts.iter().map(|f| AddedFact { id: f.id, known_at }).collect())
    }

    /// Takes a fact out of force with nothing in its place: it was never so, or was about somebody else.
    ///
    /// # Errors
    /// `NoSuch`, or `Conflict` where somebody corrected or withdrew it first.
    pub async fn withdraw_fact(&mut self, id: FactId) -> Result<(), StoreError> {
        let found = self.find_superseded(&[id]).await?;
        let old = found.get(&id).ok_or_else(|| StoreError::no_such("fact", id))?;
        if old.gone {
            return Err(corrected_first(id));
        }
        let people = [old.subject.person, old.subject.to].into_iter().flatten().collect();
        super::closed::refuse(self.connection(), &old.subject.family.into_iter().collect(), &people).await?;
        self.supersede(&[(id, None)]).await?;
        self.touched.fact(old.kind, &old.subject);
        Ok(())
    }

    /// A family's facts of these kinds that are in force now, in the order in which they came.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn facts_of(&mut self, family: FamilyId, kinds: &[Kind]) -> Result<Vec<Fact>, StoreError> {
        const SQL: &str = "SELECT f.id, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, \
             f.reference, f.supersedes, f.detail, c.at FROM fact f JOIN change c ON c.id = f.change \
             WHERE f.family = $1 AND f.kind = $2 AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = f.id) ORDER BY f.change, f.id";
        let mut found = Vec::new();
        for kind in kinds {
            let rows = query(SQL).key(&family).bind(kind.code()).fetch_all(self.connection()).await?;
            found.extend(rows.iter().map(read).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(found)
    }

    async fn check_subjects(&mut self, facts: &[NewFact]) -> Result<(), StoreError> {
        let people: HashSet<PersonId> = facts.iter().flat_map(|f| [f.subject.person, f.subject.to]).flatten().collect();
        let homes: HashSet<HomeId> = facts.iter().filter_map(|f| f.subject.home).collect();
        let families: HashSet<FamilyId> = facts.iter().filter_map(|f| f.subject.family).collect();
        super::closed::refuse(self.connection(), &families, &people).await?;
        let families = missing(self.connection(), &FAMILIES, families).await?;
        let people = missing(self.connection(), &PEOPLE, people).await?;
        let homes = missing(self.connection(), &HOMES, homes).await?;
        if people.is_empty() && homes.is_empty() && families.is_empty() {
            return Ok(());
        }
        for (i, fact) in facts.iter().enumerate() {
            let Subject { family, person, to, home } = fact.subject;
            if let Some(id) = [person, to].into_iter().flatten().find(|id| people.contains(id)) {
                return Err(StoreError::no_such("person", id).in_fact(i));
            }
            if let Some(id) = home.filter(|id| homes.contains(id)) {
                return Err(StoreError::no_such("home", id).in_fact(i));
            }
            if let Some(id) = family.filter(|id| families.contains(id)) {
                return Err(StoreError::no_such("family", id).in_fact(i));
            }
        }
        Ok(())
    }

    async fn check_superseded(&mut self, facts: &[NewFact]) -> Result<(), StoreError> {
        let wanted: Vec<FactId> = facts.iter().filter_map(|f| f.supersedes).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut there = self.find_superseded(&wanted).await?;
        for (i, fact) in facts.iter().enumerate() {
            let here = ToSupersede { kind: fact.detail.kind(), subject: fact.subject, gone: false };
            if let Some(id) = fact.supersedes {
                let old = there.get_mut(&id).ok_or_else(|| StoreError::no_such("fact", id).in_fact(i))?;
                if old.gone {
                    return Err(corrected_first(id).in_fact(i));
                }
                if old.kind != here.kind || old.subject != here.subject {
                    let why = format!("fact {id} is of another kind, or about another subject: withdraw it and add a new fact");
                    return Err(StoreError::from(Invalid::new("supersedes", why)).in_fact(i));
                }
                old.gone = true;
            }
            there.insert(fact.id, here);
        }
        Ok(())
    }

    async fn find_superseded(&mut self, ids: &[FactId]) -> Result<HashMap<FactId, ToSupersede>, StoreError> {
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(BATCH) {
            for row in query(TO_SUPERSEDE.as_str()).keys(chunk).fetch_all(self.connection()).await? {
                let fact = ToSupersede { kind: row.parsed("kind")?, subject: subject(&row)?, gone: row.number("gone")? != 0 };
                found.insert(row.key("id")?, fact);
            }
        }
        Ok(found)
    }
}

struct ToSupersede {
    kind: Kind,
    subject: Subject,
    gone: bool,
}

fn corrected_first(id: FactId) -> StoreError {
    StoreError::Conflict(format!("somebody corrected or withdrew fact {id} first: look at the record as it is now"))
}

/// Those of the ids that `sql` does not find.
async fn missing<K: Key>(connection: &mut Connection, sql: &'static str, mut ids: HashSet<K>) -> Result<HashSet<K>, StoreError> {
    let all: Vec<K> = ids.iter().copied().collect();
    for chunk in all.chunks(BATCH) {
        for row in query(sql).keys(chunk).fetch_all(&mut *connection).await? {
            ids.remove(&row.key("id")?);
        }
    }
    Ok(ids)
}

/// Those of the people that the record does not know.
pub(super) async fn missing_people(connection: &mut Connection, ids: HashSet<PersonId>) -> Result<HashSet<PersonId>, StoreError> {
    missing(connection, &PEOPLE, ids).await
}

pub(super) async fn of_family(connection: &mut Connection, family: FamilyId, change: i64, seals: &Seals) -> Result<Vec<Fact>, StoreError> {
    let rows = seals.bind(query(OF_FAMILY.as_str()).key(&family).bind(change)).fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

/// Of several families, by family; at most [`BATCH`].
pub(super) async fn of_families(
    connection: &mut Connection,
    families: &[FamilyId],
    change: i64,
    seals: &Seals,
) -> Result<HashMap<FamilyId, Vec<Fact>>, StoreError> {
    if let [family] = families {
        return Ok(HashMap::from([(*family, of_family(connection, *family, change, seals).await?)]));
    }
    let rows = seals.bind(query(OF_FAMILIES.as_str()).keys(families).bind(change)).fetch_all(connection).await?;
    let mut found: HashMap<FamilyId, Vec<Fact>> = HashMap::with_capacity(families.len());
    for row in &rows {
        found.entry(row.key("of")?).or_default().push(read(row)?);
    }
    Ok(found)
}

fn subject(row: &Row) -> Result<Subject, StoreError> {
    Ok(Subject {
        family: row.maybe_key("family")?,
        person: row.maybe_key("person")?,
        to: row.maybe_key("other")?,
        home: row.maybe_key("home")?,
    })
}

pub(super) fn read(row: &Row) -> Result<Fact, StoreError> {
    let id: FactId = row.key("id")?;
    // Not `Detail::read`: what was right when it came in stays readable when the checks grow.
    let stored = format!(r#"{{"kind":"{}","detail":{}}}"#, row.text("kind")?, row.text("detail")?);
    let detail: Detail = serde_json::from_str(&stored).map_err(|e| StoreError::damaged(&format!("fact {id}"), e))?;
    Ok(Fact {
        id,
        subject: subject(row)?,
        window: row.window()?,
        source: row.parsed("source")?,
        source_kind: row.text("source_kind")?,
        reference: row.maybe_text("reference")?,
        supersedes: row.maybe_key("supersedes")?,
        known_at: row.at("at")?,
        detail,
    })
}
