//! What becomes of a random history where families and people are found to be one, or part. What is to be in force afterwards is worked out from
//! what was said, without regard to ids; then the ids are learnt, so that everything later is compared by them.

use std::collections::{BTreeMap, BTreeSet};

use super::{History, Model};
use crate::record::{Detail, FactId, FamilyId, Kind, NewFact, PersonId, Subject, Window};
use crate::store::{AuthorityTx, FamilyMerge, MergeChoices, NewSplit, PersonMerge, Reader, StoreError};

/// What was made one in a history, and may be taken back.
#[derive(Debug, Clone, Default)]
pub(super) struct Reshaped {
    /// Families that are closed.
    pub closed: BTreeSet<FamilyId>,
    /// People who go on as somebody else.
    pub gone: BTreeSet<PersonId>,
    families: Vec<(FamilyMerge, Lines)>,
    people: Vec<(PersonMerge, Lines)>,
}

/// Each fact that a merge took out of force, and what took its place.
type Lines = Vec<(FactId, Option<FactId>)>;

/// A statement without its id.
type Said = (Kind, Subject, Window, String);

fn said(fact: &NewFact) -> Said {
    (fact.detail.kind(), fact.subject, fact.window, fact.detail.to_json().to_string())
}

fn sorted(mut all: Vec<Said>) -> Vec<Said> {
    all.sort_by_key(|s| format!("{s:?}"));
    all
}

fn covers(outer: Window, inner: Window) -> bool {
    outer.first <= inner.first && outer.last.unwrap() >= inner.last.unwrap()
}

impl Model {
    fn own(&self, family: FamilyId) -> Vec<NewFact> {
        self.in_force_now().into_iter().filter(|f| f.subject.family == Some(family)).collect()
    }

    fn naming(&self, person: PersonId) -> Vec<NewFact> {
        self.in_force_now().into_iter().filter(|f| f.subject.person == Some(person)).collect()
    }

    fn fact(&self, id: FactId) -> &NewFact {
        &self.facts.iter().find(|(_, f)| f.id == id).unwrap().1
    }

    /// Where a line of corrections leads, if that is in force.
    fn end(&self, from: FactId) -> Option<NewFact> {
        let mut now = from;
        while let Some((_, next)) = self.facts.iter().find(|(_, f)| f.supersedes == Some(now)) {
            now = next.id;
        }
        self.in_force(now, i64::MAX).then(|| self.fact(now).clone())
    }

    /// What stands in for each fact once it is said of somebody else: nothing, where as much is said there already.
    fn moved(there: &[NewFact], gone: &[NewFact], to: impl Fn(Subject) -> Subject) -> Vec<NewFact> {
        let moved = gone.iter().map(|f| NewFact { subject: to(f.subject), ..f.clone() });
        moved.filter(|f| !there.iter().any(|t| t.subject == f.subject && t.detail == f.detail && covers(t.window, f.window))).collect()
    }

    /// Learns from the record which facts are there now, which have to be those; and what took the place of which.
    fn learn(&mut self, before: &[NewFact], now: Vec<NewFact>, expected: Vec<Said>) -> Lines {
        assert_eq!(sorted(now.iter().map(said).collect()), sorted(expected));
        let mut lines = Lines::new();
        for old in before.iter().filter(|f| !now.iter().any(|n| n.id == f.id)) {
            lines.push((old.id, now.iter().find(|n| n.supersedes == Some(old.id)).map(|n| n.id)));
            self.gone.insert(old.id, self.change());
            self.touch(&old.subject);
        }
        for new in now {
            if !before.iter().any(|f| f.id == new.id) {
                self.tell(&new);
            }
        }
        lines
    }

    /// Whom that is about today.
    fn goes_on(&self, mut subject: Subject) -> Subject {
        let families = || self.reshaped.families.iter().map(|(m, _)| (m.family, m.stays));
        let people = || self.reshaped.people.iter().map(|(m, _)| (m.person, m.stays));
        while let Some((_, stays)) = families().find(|(gone, _)| subject.family == Some(*gone)) {
            subject.family = Some(stays);
        }
        while let Some((_, stays)) = people().find(|(gone, _)| subject.person == Some(*gone)) {
            subject.person = Some(stays);
        }
        subject
    }

    /// What is said again when a merge is taken back, beside what is in force otherwise. `back`: of what stands now, whom it is about then.
    fn taken_back(&self, lines: &Lines, now: &[NewFact], back: impl Fn(Subject) -> Subject) -> Vec<Said> {
        let mut expected: BTreeMap<FactId, Said> = now.iter().map(|f| (f.id, said(f))).collect();
        let mut again = Vec::new();
        for (old, new) in lines {
            let before = self.fact(*old);
            let Some(new) = new else {
                again.push(said(&NewFact { subject: self.goes_on(before.subject), ..before.clone() }));
                continue;
            };
            let Some(end) = self.end(*new) else { continue };
            // Who left for another family meanwhile stays there.
            if expected.remove(&end.id).is_none() {
                continue;
            }
            let subject = back(end.subject);
            let as_it_is = if end.id == *new { before.clone() } else { end };
            again.push(said(&NewFact { subject, ..as_it_is }));
        }
        again.into_iter().chain(expected.into_values()).collect()
    }
}

async fn own(tx: &mut AuthorityTx, families: &[FamilyId]) -> Result<Vec<NewFact>, StoreError> {
    let mut all = Vec::new();
    for family in families {
        all.extend(tx.own_facts(*family).await?.into_iter().map(as_said));
    }
    Ok(all)
}

async fn naming(tx: &mut AuthorityTx, people: &[PersonId]) -> Result<Vec<NewFact>, StoreError> {
    let mut all = Vec::new();
    for person in people {
        all.extend(tx.facts_naming(*person).await?.into_iter().map(as_said));
    }
    Ok(all)
}

fn as_said(fact: crate::record::Fact) -> NewFact {
    let crate::record::Fact { id, subject, window, source, reference, supersedes, detail, .. } = fact;
    NewFact { id, subject, window, source, reference, supersedes, detail }
}

impl History {
    pub(super) fn open_families(&self) -> Vec<FamilyId> {
        self.model.families.iter().filter(|f| !self.model.reshaped.closed.contains(f)).copied().collect()
    }

    pub(super) fn open_people(&self) -> Vec<PersonId> {
        self.model.people.iter().filter(|p| !self.model.reshaped.gone.contains(p)).copied().collect()
    }

    pub(super) async fn reshape(&mut self, tx: &mut AuthorityTx) -> Result<(), StoreError> {
        match self.random.below(7) {
            0 | 1 => self.merge_families(tx).await,
            2 => self.undo_family_merge(tx).await,
            3 => self.split_family(tx).await,
            4 | 5 => self.merge_people(tx).await,
            _ => self.undo_person_merge(tx).await,
        }
    }

    async fn merge_families(&mut self, tx: &mut AuthorityTx) -> Result<(), StoreError> {
        let open = self.open_families();
        let (Some(gone), Some(stays)) = (self.random.pick(&open), self.random.pick(&open)) else { return Ok(()) };
        if gone == stays {
            return Ok(());
        }
        let (ours, theirs) = (self.model.own(stays), self.model.own(gone));
        let moved = Model::moved(&ours, &theirs, |s| Subject { family: Some(stays), ..s });
        let expected = ours.iter().chain(&moved).map(said).collect();
        let merge = tx.merge_families(&Reader::of_all(tx.now()), gone, stays, "found to be one", &MergeChoices::default()).await?;
        let now = own(tx, &[gone, stays]).await?;
        let before: Vec<NewFact> = ours.into_iter().chain(theirs).collect();
        let lines = self.model.learn(&before, now, expected);
        self.model.reshaped.closed.insert(gone);
        self.model.reshaped.families.push((merge, lines));
        Ok(())
    }

    async fn undo_family_merge(&mut self, tx: &mut AuthorityTx) -> Result<(), StoreError> {
        let Some(at) = self.model.reshaped.families.iter().rposition(|(m, _)| !self.model.reshaped.closed.contains(&m.stays)) else {
            return Ok(());
        };
        let (merge, lines) = self.model.reshaped.families.remove(at);
        let before: Vec<NewFact> = [self.model.own(merge.family), self.model.own(merge.stays)].concat();
        let expected = self.model.taken_back(&lines, &before, |s| Subject { family: Some(merge.family), ..s });
        tx.undo_family_merge(&merge, "two after all").await?;
        let now = own(tx, &[merge.family, merge.stays]).await?;
        self.model.learn(&before, now, expected);
        self.model.reshaped.closed.remove(&merge.family);
        Ok(())
    }

    async fn split_family(&mut self, tx: &mut AuthorityTx) -> Result<(), StoreError> {
        let Some(family) = self.random.pick(&self.open_families()) else { return Ok(()) };
        let day = self.day();
        let facts = self.model.own(family);
        let is_member = |f: &&NewFact| f.detail.kind() == Kind::Membership && f.window.last.unwrap() >= day;
        let members: BTreeSet<PersonId> = facts.iter().filter(is_member).filter_map(|f| f.subject.person).collect();
        let (Some(leaver), true) = (members.first().copied(), members.len() > 1) else { return Ok(()) };
        let people = BTreeSet::from([leaver]);
        let reference = FactId::fresh().to_string();
        let new = NewSplit { family, people: &people, reference: &reference, first: day, since: day, reason: "left", home: None };
        let split = tx.split_family(&new).await?;
        let mut expected = Vec::new();
        for fact in &facts {
            let (window, theirs) = (fact.window, fact.subject.person == Some(leaver) && matches!(fact.detail, Detail::Membership(_)));
            if !theirs || window.last.unwrap() < day {
                expected.push(said(fact));
                continue;
            }
            if window.first < day {
                expected.push(said(&NewFact { window: Window { last: day.plus(-1), ..window }, ..fact.clone() }));
            }
            let there = Subject { family: Some(split.new_family), ..fact.subject };
            expected.push(said(&NewFact { subject: there, window: Window { first: window.first.max(day), ..window }, ..fact.clone() }));
        }
        self.model.families.push(split.new_family);
        self.model.touched.insert(split.new_family);
        let now = own(tx, &[family, split.new_family]).await?;
        self.model.learn(&facts, now, expected);
        Ok(())
    }

    async fn merge_people(&mut self, tx: &mut AuthorityTx) -> Result<(), StoreError> {
        let open = self.open_people();
        let (Some(gone), Some(stays)) = (self.random.pick(&open), self.random.pick(&open)) else { return Ok(()) };
        if gone == stays {
            return Ok(());
        }
        let (ours, theirs) = (self.model.naming(stays), self.model.naming(gone));
        let moved = Model::moved(&ours, &theirs, |s| Subject { person: Some(stays), ..s });
        let expected = ours.iter().chain(&moved).map(said).collect();
        let merge = tx.merge_people(&Reader::of_all(tx.now()), gone, stays, "one person", &BTreeSet::new()).await?;
        let now = naming(tx, &[gone, stays]).await?;
        let before: Vec<NewFact> = ours.into_iter().chain(theirs).collect();
        let lines = self.model.learn(&before, now, expected);
        self.model.reshaped.gone.insert(gone);
        self.model.touch_person(gone);
        self.model.touch_person(stays);
        self.model.reshaped.people.push((merge, lines));
        Ok(())
    }

    async fn undo_person_merge(&mut self, tx: &mut AuthorityTx) -> Result<(), StoreError> {
        let Some(at) = self.model.reshaped.people.iter().rposition(|(m, _)| !self.model.reshaped.gone.contains(&m.stays)) else {
            return Ok(());
        };
        let (merge, lines) = self.model.reshaped.people.remove(at);
        let before: Vec<NewFact> = [self.model.naming(merge.person), self.model.naming(merge.stays)].concat();
        let expected = self.model.taken_back(&lines, &before, |s| Subject { person: Some(merge.person), ..s });
        tx.undo_person_merge(&merge, "two people after all").await?;
        let now = naming(tx, &[merge.person, merge.stays]).await?;
        self.model.learn(&before, now, expected);
        self.model.reshaped.gone.remove(&merge.person);
        self.model.touch_person(merge.person);
        self.model.touch_person(merge.stays);
        Ok(())
    }
}
