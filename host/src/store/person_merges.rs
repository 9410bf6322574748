//! Two rows that were found to be one person, and what is taken back of it.

use std::collections::{BTreeSet, HashSet};

use super::merges::undone;
use super::reader::Reader;
use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, ChangeId, Page, Said, StoreError, coverage, facts};
use crate::record::{Announced, Coverage, CoverageState, FactId, Invalid, KnownAt, PersonId, PersonMergeId, Subject, reshape};

/// Two rows that were found to be one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonMerge {
    pub id: PersonMergeId,
    /// Goes on as the other.
    pub person: PersonId,
    pub stays: PersonId,
    pub reason: String,
    pub by: String,
    pub at: KnownAt,
    pub change: ChangeId,
    pub undone: Option<Said>,
}

macro_rules! merge {
    ($rest:literal) => {
        concat!(
            "SELECT m.id, m.person, m.stays, m.reason, m.principal, m.change, c.at, m.undone_by, m.undone_why, u.at AS undone_at ",
            "FROM person_merge m JOIN change c ON c.id = m.change LEFT JOIN change u ON u.id = m.undone ",
            $rest
        )
    };
}

impl AuthorityStore {
    /// The latest first, taken back ones too. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn person_merges(&self, before: Option<PersonMergeId>, limit: u32) -> Result<Page<PersonMerge, PersonMergeId>, StoreError> {
        let rows = query(merge!("WHERE m.id < $1 ORDER BY m.id DESC LIMIT $2"))
            .bind(before.as_ref().map_or(&[0xff; 16][..], PersonMergeId::as_bytes))
            .bind(Page::<PersonMerge, PersonMergeId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |m| m.id))
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn person_merge(&self, id: PersonMergeId) -> Result<PersonMerge, StoreError> {
        let row = query(merge!("WHERE m.id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("merge", id))?)
    }
}

impl AuthorityTx {
    /// What was said of `person` is said of `stays`: facts, how well they are known, what is sealed and shared of them, what is proposed
    /// for them. `wrong`: facts of either that were never so.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where one of them goes on as somebody else; `Invalid` naming `other` or `wrong`.
    pub async fn merge_people(
        &mut self,
        reader: &Reader,
        person: PersonId,
        stays: PersonId,
        reason: &str,
        wrong: &BTreeSet<FactId>,
    ) -> Result<PersonMerge, StoreError> {
        if person == stays {
            return Err(Invalid::new("other", "is the same person").into());
        }
        let both = HashSet::from([person, stays]);
        if let Some(id) = facts::missing_people(self.connection(), both.clone()).await?.into_iter().next() {
            return Err(StoreError::no_such("person", id));
        }
        super::closed::refuse(self.connection(), &HashSet::new(), &both).await?;
        let (gone, there) = (self.facts_naming(person).await?, self.facts_naming(stays).await?);
        let hidden = super::seals::hidden(self.connection(), reader).await?;
        let seen = gone.iter().chain(&there).map(|f| f.id).filter(|id| !hidden.facts.contains(id)).collect();
        let moves = reshape::merge_people((person, &gone), (stays, &there), wrong, &seen)?;
        self.carry(&moves, &[]).await?;
        self.carry_persons_seals(person, stays).await?;
        self.carry_persons_shares(person, stays).await?;
        query("UPDATE proposal SET person = $2 WHERE person = $1 AND state IN ('waiting', 'confirmed')")
            .key(&person)
            .key(&stays)
            .execute(self.connection())
            .await?;
        self.name_in_referrals(person, stays).await?;
        self.carry_requests(person, stays).await?;
        self.join_coverage(person, stays).await?;
        let (change, at) = self.change().await?;
        let (id, by) = (PersonMergeId::fresh(), self.principal().to_owned());
        query("INSERT INTO person_merge (id, person, stays, reason, principal, change) VALUES ($1, $2, $3, $4, $5, $6)")
            .key(&id)
            .key(&person)
            .key(&stays)
            .bind(reason.to_owned())
            .bind(by.clone())
            .bind(change.0)
            .execute(self.connection())
            .await?;
        self.announce(Announced::PeopleMerged, None, id);
        Ok(PersonMerge { id, person, stays, reason: reason.to_owned(), by, at, change, undone: None })
    }

    /// They were two after all. What was said since of the one who stayed stays with them. How well they are known for the days that were
    /// said of the other is partial, until a source says it anew.
    ///
    /// # Errors
    /// `Conflict` where it was undone before, or where the one who stayed goes on as somebody else.
    pub async fn undo_person_merge(&mut self, merge: &PersonMerge, reason: &str) -> Result<Said, StoreError> {
        let PersonMerge { id, person, stays, change, .. } = merge;
        super::closed::refuse(self.connection(), &HashSet::new(), &HashSet::from([*stays])).await?;
        let (now, at) = self.change().await?;
        let by = self.principal().to_owned();
        let done = query("UPDATE person_merge SET undone = $2, undone_by = $3, undone_why = $4 WHERE id = $1 AND undone IS NULL")
            .key(id)
            .bind(now.0)
            .bind(by.clone())
            .bind(reason.to_owned())
            .execute(self.connection())
            .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict("it was undone before".to_owned()));
        }
        let mut lost = self.lost_by_person(*person, *change).await?;
        let said: HashSet<FactId> = lost.iter().map(|(f, _)| f.id).collect();
        // What is between the two of them names both.
        lost.extend(self.lost_by_person(*stays, *change).await?.into_iter().filter(|(f, _)| !said.contains(&f.id)));
        let back = |before: &Subject, now: &Subject| {
            let them = |before: Option<PersonId>, now: Option<PersonId>| if before == Some(*person) { before } else { now };
            Some(Subject { person: them(before.person, now.person), to: them(before.to, now.to), ..*now })
        };
        self.carry_back(&lost, back).await?;
        let source = self.council();
        let unsure: Vec<Coverage> = coverage::said_in(self.connection(), *stays, *change)
            .await?
            .into_iter()
            .map(|said| Coverage { state: CoverageState::Partial, source: source.clone(), ..said })
            .collect();
        self.add_coverage(&unsure).await?;
        Ok(Said { at, by, words: reason.to_owned() })
    }

    /// What was said of how well the one is known holds for both; days for which either is known in part, are known in part.
    async fn join_coverage(&mut self, person: PersonId, stays: PersonId) -> Result<(), StoreError> {
        let of = |said: Coverage| Coverage { person: Some(stays), ..said };
        let there = coverage::said_of(self.connection(), stays).await?;
        let mut said: Vec<Coverage> = coverage::said_of(self.connection(), person).await?.into_iter().map(of).collect();
        said.extend(there.into_iter().filter(|c| c.state == CoverageState::Partial));
        self.add_coverage(&said).await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<PersonMerge, StoreError> {
    Ok(PersonMerge {
        id: row.key("id")?,
        person: row.key("person")?,
        stays: row.key("stays")?,
        reason: row.text("reason")?,
        by: row.text("principal")?,
        at: row.at("at")?,
        change: ChangeId(row.number("change")?),
        undone: undone(row)?,
    })
}
