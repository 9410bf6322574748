//! The audit trail: who read what of which family, who wrote what, who was refused. Entries hold ids and codes and no value, so that
//! they may stay when what they are about is erased.
//!
//! An entry costs an insert. The chain is made afterwards: [`seal`] lists the entries since the last seal with the hash of each, and
//! names the seal before by its hash. What [`verify`] finds is then known by the row.

mod group;
mod seal;
mod verify;

use super::sql::{Connection, Insert, Row, query};
use super::{AuthorityStore, AuthorityTx, Common, Page, StoreError};
use crate::record::{Digest, FamilyId, KnownAt, PersonId, Section, canonical};
use serde::Serialize;
use std::sync::LazyLock;

pub(super) use group::Readings;
pub use seal::Seal;
pub(super) use verify::digest_of;
pub use verify::{Anchor, Broken, Verified, Wrong};

/// Refusals that are kept of one minute.
const REFUSALS_A_MINUTE: u64 = 100;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    Read,
    Wrote,
    /// Tried, and not allowed.
    Refused,
}

impl Act {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Wrote => "wrote",
            Self::Refused => "refused",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Read, Self::Wrote, Self::Refused].into_iter().find(|a| a.code() == code)
    }
}

/// What was looked at, or tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    pub family: Option<FamilyId>,
    pub person: Option<PersonId>,
    /// Of the family, as `decision/0198…`; an id and never a value.
    pub thing: Option<String>,
    /// Whose facts were shown, each once and in the order of their codes.
    pub sections: Vec<Section>,
}

impl Seen {
    #[must_use]
    pub fn family(id: FamilyId, sections: &[Section]) -> Self {
        Self { family: Some(id), sections: sections.to_vec(), ..Self::default() }
    }

    /// Something of a family, by its own id.
    #[must_use]
    pub fn of(family: FamilyId, kind: &str, id: impl std::fmt::Display, sections: &[Section]) -> Self {
        Self { family: Some(family), ..Self::thing(kind, id, sections) }
    }

    /// Something of its own id. Whose it is, the caller adds.
    #[must_use]
    pub fn thing(kind: &str, id: impl std::fmt::Display, sections: &[Section]) -> Self {
        Self { thing: Some(format!("{kind}/{id}")), sections: sections.to_vec(), ..Self::default() }
    }
}

/// Who looked, and how they came to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    pub principal: String,
    /// The route with its gaps, or the command.
    pub what: String,
    pub purpose: Option<String>,
}

/// A line of the trail. Its canonical JSON is what is hashed, and what is exported: whoever has an export can check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its place. Not hashed with the rest: the seal says which entry has which place.
    #[serde(skip)]
    pub id: i64,
    pub at: KnownAt,
    pub principal: String,
    pub act: Act,
    pub what: String,
    pub purpose: Option<String>,
    pub family: Option<FamilyId>,
    pub person: Option<PersonId>,
    pub thing: Option<String>,
    /// Codes with commas between.
    pub sections: String,
    pub change: Option<i64>,
    pub effects: Option<Digest>,
}

impl Entry {
    /// Of what it says, without its place.
    #[must_use]
    pub fn digest(&self) -> Digest {
        canonical(self).0
    }

    pub(super) fn wrote(at: KnownAt, principal: &str, what: &str, change: Option<i64>, effects: Option<Digest>) -> Self {
        let (principal, what) = (principal.to_owned(), what.to_owned());
        let (id, act, sections) = (0, Act::Wrote, String::new());
        Self { id, at, principal, act, what, purpose: None, family: None, person: None, thing: None, sections, change, effects }
    }

    fn of(at: KnownAt, looked: &Looked, act: Act, seen: &Seen) -> Self {
        let Looked { principal, what, purpose } = looked.clone();
        let Seen { family, person, thing, sections } = seen.clone();
        let mut sections: Vec<&str> = sections.into_iter().map(Section::code).collect();
        sections.sort_unstable();
        sections.dedup();
        let sections = sections.join(",");
        Self { id: 0, at, principal, act, what, purpose, family, person, thing, sections, change: None, effects: None }
    }
}

/// Whom lines of the trail are about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whose {
    #[default]
    Anybodys,
    /// Read by its id, or written by a change that it got a revision by.
    Family(FamilyId),
    /// Of this person, or of a family that they are or were a member of.
    Person(PersonId),
}

/// Which lines of the trail are asked for. All that is said must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    pub of: Whose,
    pub principal: Option<String>,
    pub act: Option<Act>,
    /// Both instants included and excluded.
    pub from: Option<KnownAt>,
    pub until: Option<KnownAt>,
}

const COLUMNS: [&str; 11] = ["at", "principal", "act", "what", "purpose", "family", "person", "thing", "sections", "change", "effects"];
static ENTRY: LazyLock<Insert> = LazyLock::new(|| Insert::into("audit_entry", &COLUMNS));

macro_rules! entry {
    ($($rest:literal)+) => {
        concat!(
            "SELECT id, at, principal, act, what, purpose, family, person, thing, sections, change, effects FROM audit_entry ",
            $($rest),+
        )
    };
}
use entry;

/// What is asked of every search, and so found without reading the whole trail: whose lines they are ($7).
macro_rules! search {
    ($whose:literal) => {
        entry!(
            $whose
                " AND id < $1 AND ($2 IS NULL OR principal = $2) AND ($3 IS NULL OR act = $3) AND ($4 IS NULL OR at >= $4) \
                  AND ($5 IS NULL OR at < $5) ORDER BY id DESC LIMIT $6"
        )
    };
}

const ANYBODYS: &str = search!("WHERE 1 = 1");
const BY_PRINCIPAL: &str = search!("WHERE principal = $7");
const OF_FAMILY: &str = search!(
    "WHERE id IN (SELECT id FROM audit_entry WHERE family = $7 \
     UNION ALL SELECT id FROM audit_entry WHERE change IN (SELECT change FROM family_revision WHERE family = $7))"
);
const OF_PERSON: &str = search!(
    "WHERE id IN (SELECT id FROM audit_entry WHERE person = $7 \
     UNION ALL SELECT id FROM audit_entry WHERE family IN (SELECT family FROM fact WHERE person = $7 AND kind = 'membership') \
     UNION ALL SELECT id FROM audit_entry WHERE change IN (SELECT r.change FROM family_revision r JOIN fact m ON m.family = r.family \
         WHERE m.person = $7 AND m.kind = 'membership'))"
);
const AFTER: &str = entry!("WHERE id > $1 ORDER BY id LIMIT $2");

impl AuthorityStore {
    /// The latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn audit_search(&self, wanted: &Wanted, before: Option<u64>, limit: u32) -> Result<Page<Entry, u64>, StoreError> {
        let (sql, principal) = match (&wanted.of, &wanted.principal) {
            (Whose::Family(_), principal) => (OF_FAMILY, principal.clone()),
            (Whose::Person(_), principal) => (OF_PERSON, principal.clone()),
            (Whose::Anybodys, Some(_)) => (BY_PRINCIPAL, None),
            (Whose::Anybodys, None) => (ANYBODYS, None),
        };
        let statement = query(sql)
            .bind(before.map_or(i64::MAX, |b| i64::try_from(b).unwrap_or(i64::MAX)))
            .bind(principal)
            .bind(wanted.act.map(Act::code))
            .maybe_at(wanted.from)
            .maybe_at(wanted.until)
            .bind(Page::<Entry, u64>::rows(limit));
        let statement = match (&wanted.of, &wanted.principal) {
            (Whose::Family(family), _) => statement.key(family),
            (Whose::Person(person), _) => statement.key(person),
            (Whose::Anybodys, Some(principal)) => statement.bind(principal.clone()),
            (Whose::Anybodys, None) => statement,
        };
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |e| e.id.unsigned_abs()))
    }
}

macro_rules! trail {
    ($store:ident, $name:expr) => {
        impl $store {
            /// The trail in the order in which it was kept: what comes after that place.
            ///
            /// # Errors
            /// The file cannot be read.
            pub async fn audit_after(&self, after: i64, limit: u32) -> Result<Vec<Entry>, StoreError> {
                after_place(&mut *self.read().await?, after, limit).await
            }

            /// The seals, the earliest first. `after`: that number.
            ///
            /// # Errors
            /// The file cannot be read.
            pub async fn audit_seals(&self, after: u64, limit: u32) -> Result<Page<Seal, u64>, StoreError> {
                seal::page(&mut *self.read().await?, after, limit).await
            }

            /// The last seal. None: nothing was sealed yet.
            ///
            /// # Errors
            /// The file cannot be read.
            pub async fn audit_last_seal(&self) -> Result<Option<Seal>, StoreError> {
                seal::latest(&mut *self.read().await?).await
            }

            /// Recomputes the whole trail, and compares it with seals that were kept elsewhere.
            ///
            /// # Errors
            /// The file cannot be read. What is wrong with the trail is no error, but what is answered.
            pub async fn audit_verify(&self, anchors: &[Anchor]) -> Result<Verified, StoreError> {
                let name: String = $name(self);
                verify::verify(&mut *self.read().await?, &name, anchors).await
            }
        }
    };
}
trail!(AuthorityStore, |s: &AuthorityStore| s.id().to_string());
trail!(Common, |_: &Common| COMMON_TRAIL.to_owned());

/// What the trail of the common file is called in its seals.
pub const COMMON_TRAIL: &str = "common";

impl AuthorityStore {
    /// Notes what somebody looked at. Back when the disk has it, so that nothing is shown whose reading could be lost; all readings of
    /// one moment go to the disk together.
    ///
    /// # Errors
    /// `Busy` where another transaction holds the file for too long: then nothing may be shown.
    pub async fn saw(&self, looked: &Looked, seen: &[Seen]) -> Result<(), StoreError> {
        self.note(Act::Read, looked, seen).await
    }

    /// Notes that somebody tried what they may not. Of one minute only so many are kept, and then that there were more: whoever is let
    /// in nowhere must not be able to fill another's disk.
    ///
    /// # Errors
    /// As [`AuthorityStore::saw`].
    pub async fn refused(&self, looked: &Looked, tried: &Seen) -> Result<(), StoreError> {
        match self.readings().refusals_in(self.clock().now()) {
            n if n < REFUSALS_A_MINUTE => self.note(Act::Refused, looked, std::slice::from_ref(tried)).await,
            REFUSALS_A_MINUTE => self.note(Act::Refused, looked, &[Seen { thing: Some("and more".to_owned()), ..tried.clone() }]).await,
            _ => Ok(()),
        }
    }

    async fn note(&self, act: Act, looked: &Looked, seen: &[Seen]) -> Result<(), StoreError> {
        let now = self.clock().now();
        self.readings().keep(seen.iter().map(|s| Entry::of(now, looked, act, s)).collect()).await
    }
}

impl AuthorityTx {
    /// Notes what is shown of what this transaction does: in the transaction itself.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn saw(&mut self, looked: &Looked, seen: &[Seen]) -> Result<(), StoreError> {
        let now = self.now();
        let entries: Vec<Entry> = seen.iter().map(|s| Entry::of(now, looked, Act::Read, s)).collect();
        insert(self.connection(), &entries).await
    }
}

pub(super) async fn insert(connection: &mut Connection, entries: &[Entry]) -> Result<(), StoreError> {
    ENTRY
        .rows(connection, entries, |s, e| {
            s.at(e.at)
                .bind(e.principal.clone())
                .bind(e.act.code())
                .bind(e.what.clone())
                .bind(e.purpose.clone())
                .maybe_key(e.family.as_ref())
                .maybe_key(e.person.as_ref())
                .bind(e.thing.clone())
                .bind(e.sections.clone())
                .bind(e.change)
                .maybe_key(e.effects.as_ref())
        })
        .await?;
    Ok(())
}

/// At most `limit` entries after that place.
async fn after_place(connection: &mut Connection, after: i64, limit: u32) -> Result<Vec<Entry>, StoreError> {
    let rows = query(AFTER).bind(after).bind(i64::from(limit)).fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Entry, StoreError> {
    let act = row.text("act")?;
    Ok(Entry {
        id: row.number("id")?,
        at: row.at("at")?,
        principal: row.text("principal")?,
        act: Act::from_code(&act).ok_or_else(|| StoreError::damaged("audit entry", format!("`{act}` is not an act")))?,
        what: row.text("what")?,
        purpose: row.maybe_text("purpose")?,
        family: row.maybe_key("family")?,
        person: row.maybe_key("person")?,
        thing: row.maybe_text("thing")?,
        sections: row.text("sections")?,
        change: row.maybe_number("change")?,
        effects: row.maybe_key("effects")?,
    })
}
