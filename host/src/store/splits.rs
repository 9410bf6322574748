//! Members who left a family for a new one. The way back is a merge.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, ChangeId, StoreError};
use crate::record::family_file::NewFamily;
use crate::record::reshape::{self, Leaving};
use crate::record::sections::{household::Residence, identity::Address};
use crate::record::{Announced, Day, Detail, FactId, FamilyId, HomeId, Invalid, KnownAt, NewFact, PersonId, SplitId, Subject, Window};

/// Some members left a family for a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    pub id: SplitId,
    pub family: FamilyId,
    pub new_family: FamilyId,
    /// Their first day there.
    pub first: Day,
    /// From this day on what is known of them counts there too.
    pub since: Day,
    pub reason: String,
    pub by: String,
    pub at: KnownAt,
}

/// Who leaves, and for what.
#[derive(Debug, Clone)]
pub struct NewSplit<'a> {
    pub family: FamilyId,
    pub people: &'a BTreeSet<PersonId>,
    /// What the authority calls the new family.
    pub reference: &'a str,
    pub first: Day,
    pub since: Day,
    pub reason: &'a str,
    pub home: Option<NewHome>,
}

/// Where they live from then on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewHome {
    /// One that the family had or has.
    Known(HomeId),
    At(Address),
}

impl AuthorityStore {
    /// Those that a family came from or that came from it, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn splits(&self, family: FamilyId) -> Result<Vec<Split>, StoreError> {
        const SQL: &str = "SELECT s.id, s.family, s.new_family, s.first, s.since, s.reason, s.principal, c.at FROM family_split s \
             JOIN change c ON c.id = s.change WHERE s.family = $1 OR s.new_family = $1 ORDER BY s.id DESC";
        let rows = query(SQL).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// The new family: its members, where they live, and their goals and services that go on. Who works with the one works with the other;
    /// nothing is shared of the new one before somebody is asked. What was claimed of the one counts as claimed of both.
    ///
    /// # Errors
    /// `NoSuch`; `Exists` where the reference is taken; `Conflict` where the family is closed or on its way to another authority;
    /// `Invalid` naming `people`, `since` or `home`.
    pub async fn split_family(&mut self, new: &NewSplit<'_>) -> Result<Split, StoreError> {
        super::families::must_exist(self.connection(), new.family).await?;
        super::closed::refuse(self.connection(), &HashSet::from([new.family]), &HashSet::new()).await?;
        self.must_not_be_leaving(new.family).await?;
        let (council, new_family) = (self.council(), FamilyId::fresh());
        let facts = self.own_facts(new.family).await?;
        let leaving = Leaving { people: new.people, family: new_family, first: new.first, since: new.since, source: &council };
        let (moves, beside) = reshape::split(&facts, &leaving)?;
        let reference = new.reference.to_owned();
        let (people, homes) = (BTreeMap::new(), BTreeMap::new());
        self.add_family(&NewFamily { id: new_family, reference, people, homes, facts: Vec::new(), coverage: Vec::new() }).await?;
        self.carry(&moves, &beside).await?;
        self.carry_member_seals(new.family, new_family, ChangeId(0), |person| new.people.contains(&person)).await?;
        if let Some(home) = &new.home {
            if let NewHome::Known(id) = home
                && !facts.iter().any(|f| f.subject.home == Some(*id) && matches!(f.detail, Detail::Residence(_)))
            {
                return Err(Invalid::new("home", StoreError::no_such("home", id).to_string()).into());
            }
            self.move_in(new_family, home, new.first).await?;
        }
        self.join_workers(new.family, new_family).await?;
        let (change, at) = self.change().await?;
        let (id, by) = (SplitId::fresh(), self.principal().to_owned());
        query(
            "INSERT INTO family_split (id, family, new_family, first, since, reason, principal, change) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .key(&id)
        .key(&new.family)
        .key(&new_family)
        .day(new.first)
        .day(new.since)
        .bind(new.reason.to_owned())
        .bind(by.clone())
        .bind(change.0)
        .execute(self.connection())
        .await?;
        let NewSplit { family, first, since, reason, .. } = *new;
        self.announce(Announced::FamilySplit, Some(family), id);
        Ok(Split { id, family, new_family, first, since, reason: reason.to_owned(), by, at })
    }

    /// From a day on it is the family's home.
    async fn move_in(&mut self, family: FamilyId, home: &NewHome, first: Day) -> Result<(), StoreError> {
        let source = self.council();
        let said = |subject, detail| NewFact {
            id: FactId::fresh(),
            subject,
            window: Window::since(first),
            source: source.clone(),
            reference: None,
            supersedes: None,
            detail,
        };
        let mut facts = Vec::new();
        let id = match home {
            NewHome::Known(id) => *id,
            NewHome::At(address) => {
                let id = HomeId::fresh();
                self.add_homes(&[id]).await?;
                facts.push(said(Subject { home: Some(id), ..Subject::default() }, Detail::Address(address.clone())));
                id
            }
        };
        let lives = Subject { family: Some(family), home: Some(id), ..Subject::default() };
        facts.push(said(lives, Detail::Residence(Residence {})));
        self.add_facts(&facts).await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<Split, StoreError> {
    Ok(Split {
        id: row.key("id")?,
        family: row.key("family")?,
        new_family: row.key("new_family")?,
        first: row.day("first")?,
        since: row.day("since")?,
        reason: row.text("reason")?,
        by: row.text("principal")?,
        at: row.at("at")?,
    })
}
