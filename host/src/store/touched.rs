//! Whom a transaction touched: collected as it goes, turned into families once, at its end.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use super::sql::{BATCH, Connection, Key, places, query};
use super::{AuthorityTx, StoreError};
use crate::record::{FamilyId, HomeId, Kind, PersonId, Section, Subject};

#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Something was said of who somebody is or where a home lies: no snapshot holds it, and readers of a family see it.
    identity: bool,
    families: BTreeSet<FamilyId>,
    people: HashSet<PersonId>,
    homes: HashSet<HomeId>,
    /// Of whom something is known otherwise that tells who they are.
    pub(super) known_otherwise: HashSet<PersonId>,
    /// Families and homes of whose people that is so.
    pub(super) moved: HashSet<FamilyId>,
    pub(super) readdressed: HashSet<HomeId>,
}

impl Touched {
    pub(super) fn family(&mut self, id: FamilyId) {
        self.families.insert(id);
    }

    pub(super) fn person(&mut self, id: PersonId) {
        self.people.insert(id);
    }

    /// A fact that came or went. Which kinds tell who somebody is, [`tells_who`] says too.
    pub(super) fn fact(&mut self, kind: Kind, subject: &Subject) {
        self.subject(subject);
        self.identity |= kind.section() == Section::Identity;
        match kind {
            Kind::Name | Kind::Birth | Kind::Identifier | Kind::Membership => self.known_otherwise.extend(subject.person),
            Kind::Residence => self.moved.extend(subject.family),
            Kind::Address => self.readdressed.extend(subject.home),
            _ => {}
        }
    }

    /// A membership or residence touches its family alone: it says nothing to the person's other families. Whoever else a fact names
    /// (who is said to have done it, say) is not touched: no family sees a fact through them.
    pub(super) fn subject(&mut self, subject: &Subject) {
        if let Some(family) = subject.family {
            self.families.insert(family);
            return;
        }
        self.people.extend(subject.person);
        self.homes.extend(subject.home);
    }
}

/// May a fact of this kind change whom a row is about, or which family is meant?
#[must_use]
pub const fn tells_who(kind: Kind) -> bool {
    matches!(kind, Kind::Name | Kind::Birth | Kind::Identifier | Kind::Membership | Kind::Residence | Kind::Address)
}

static BY_PERSON: LazyLock<String> = LazyLock::new(|| families("person", "membership"));
static BY_HOME: LazyLock<String> = LazyLock::new(|| families("home", "residence"));

fn families(whose: &str, by: &str) -> String {
    format!(
        "SELECT DISTINCT family FROM fact WHERE {whose} IN ({}) AND kind = '{by}' \
         AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = fact.id)",
        places(1, BATCH)
    )
}

/// How a family was touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Through {
    /// By name: it has a new revision.
    Itself,
    /// Through somebody who is or was a member, or a home that it has or had. What it does not see of them must not show by a new
    /// revision.
    Others,
}

impl AuthorityTx {
    /// Every family that was touched, by family.
    pub(super) async fn touched_families(&mut self) -> Result<Vec<(FamilyId, Through)>, StoreError> {
        let Touched { identity, families, people, homes, .. } = std::mem::take(&mut self.touched);
        let mut all = families.clone();
        gather(self.connection(), &BY_PERSON, people, &mut all).await?;
        gather(self.connection(), &BY_HOME, homes, &mut all).await?;
        let through = |family| if identity || families.contains(family) { Through::Itself } else { Through::Others };
        Ok(all.iter().map(|family| (*family, through(family))).collect())
    }
}

async fn gather<K: Key>(
    connection: &mut Connection,
    sql: &'static str,
    ids: HashSet<K>,
    families: &mut BTreeSet<FamilyId>,
) -> Result<(), StoreError> {
    let ids: Vec<K> = ids.into_iter().collect();
    for chunk in ids.chunks(BATCH) {
        for row in query(sql).keys(chunk).fetch_all(&mut *connection).await? {
            families.insert(row.key("family")?);
        }
    }
    Ok(())
}
