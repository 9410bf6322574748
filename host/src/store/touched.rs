//! Whom a transaction touched: collected as it goes, turned into families once, at its end.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use super::sql::{BATCH, Bind, Columns, Connection, Key, places};
use super::{AuthorityTx, StoreError};
use crate::record::{FamilyId, HomeId, Kind, PersonId, Subject};

#[derive(Debug, Default)]
pub(super) struct Touched {
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

    /// A fact that came or went.
    pub(super) fn fact(&mut self, kind: Kind, subject: &Subject) {
        self.subject(subject);
        match kind {
            Kind::Name | Kind::Birth | Kind::Identifier | Kind::Membership => self.known_otherwise.extend(subject.person),
            Kind::Residence => self.moved.extend(subject.family),
            Kind::Address => self.readdressed.extend(subject.home),
            _ => {}
        }
    }

    /// A membership or residence touches its family alone: it says nothing to the person's other families.
    fn subject(&mut self, subject: &Subject) {
        if let Some(family) = subject.family {
            self.families.insert(family);
            return;
        }
        self.people.extend(subject.person);
        self.people.extend(subject.to);
        self.homes.extend(subject.home);
    }
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

impl AuthorityTx {
    /// Every family that was touched: itself, through somebody who is or was a member, or through a home that it has or had.
    pub(super) async fn touched_families(&mut self) -> Result<BTreeSet<FamilyId>, StoreError> {
        let Touched { mut families, people, homes, .. } = std::mem::take(&mut self.touched);
        gather(self.connection(), &BY_PERSON, people, &mut families).await?;
        gather(self.connection(), &BY_HOME, homes, &mut families).await?;
        Ok(families)
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
        for row in sqlx::query(sql).keys(chunk).fetch_all(&mut *connection).await? {
            families.insert(row.key("family")?);
        }
    }
    Ok(())
}
