//! Random histories of a record, beside a model that is simple enough to be seen to be right: a list of what was said, in the order in which
//! it became known. Each read of the store as it was known, after every change and at every instant, must answer what the list says; and
//! every revision must be built again to the same bytes.
//!
//! On whichever database the run has. `N` says how many histories, and `SEED` which is the first.

mod reshaped;

use std::collections::{BTreeMap, BTreeSet};

use super::seeded::Seeded;
use super::{BRISTOL, Rooms, code, fact};
use crate::record::family_file::NewFamily;
use crate::record::{Clock, Coverage, CoverageState, Day, FactId, FamilyId, HomeId, Kind, KnownAt, NewFact, PersonId, Subject, Window};
use crate::store::{AsKnown, AuthorityStore, AuthorityTx, Organisation, StoreError, Stores};

/// What was said, and after which change it was known.
#[derive(Debug, Clone, Default)]
struct Model {
    /// When each change was made; the first is change 1.
    changes: Vec<KnownAt>,
    families: Vec<FamilyId>,
    people: Vec<PersonId>,
    homes: Vec<HomeId>,
    facts: Vec<(i64, NewFact)>,
    /// Corrected or withdrawn by which change.
    gone: BTreeMap<FactId, i64>,
    feeds: Vec<(i64, Coverage)>,
    /// Of each family the changes that made a revision.
    revisions: BTreeMap<FamilyId, Vec<i64>>,
    reshaped: reshaped::Reshaped,
    /// By the change that is being made.
    touched: BTreeSet<FamilyId>,
}

impl Model {
    /// The number of the change that is being made.
    fn change(&self) -> i64 {
        i64::try_from(self.changes.len()).unwrap() + 1
    }

    fn in_force(&self, id: FactId, after: i64) -> bool {
        self.gone.get(&id).is_none_or(|change| *change > after)
    }

    fn in_force_now(&self) -> Vec<NewFact> {
        self.facts.iter().filter(|(_, f)| self.in_force(f.id, i64::MAX)).map(|(_, f)| f.clone()).collect()
    }

    /// Facts that may touch a family, as known after a change: its own, and those of whoever and whichever home was ever its.
    fn facts(&self, family: FamilyId, after: i64) -> Vec<FactId> {
        let own: Vec<&NewFact> = self.facts.iter().map(|(_, f)| f).filter(|f| f.subject.family == Some(family)).collect();
        let people: Vec<_> = own.iter().filter(|f| f.detail.kind() == Kind::Membership).filter_map(|f| f.subject.person).collect();
        let homes: Vec<_> = own.iter().filter(|f| f.detail.kind() == Kind::Residence).filter_map(|f| f.subject.home).collect();
        let touches = |s: &Subject| match (s.family, s.person, s.home) {
            (Some(of), ..) => of == family,
            (None, Some(person), _) => people.contains(&person),
            (None, None, home) => home.is_some_and(|home| homes.contains(&home)),
        };
        let known = self.facts.iter().filter(|(change, f)| *change <= after && self.in_force(f.id, after) && touches(&f.subject));
        let mut found: Vec<(i64, FactId)> = known.map(|(change, f)| (*change, f.id)).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Families that a person is or was a member of, as is known now.
    fn families_of(&self, person: PersonId) -> BTreeSet<FamilyId> {
        let facts = self.in_force_now();
        let memberships = facts.iter().filter(|f| f.detail.kind() == Kind::Membership && f.subject.person == Some(person));
        memberships.filter_map(|f| f.subject.family).collect()
    }

    /// How well a feed covers a day, as known after a change: the latest word counts.
    fn covered(&self, kind: Kind, day: Day, after: i64) -> Option<CoverageState> {
        let mut said = self.feeds.iter().filter(|(change, c)| *change <= after && c.kind == kind && c.window().contains(day));
        said.next_back().map(|(_, c)| c.state)
    }

    fn tell(&mut self, fact: &NewFact) {
        if let Some(old) = fact.supersedes {
            self.gone.insert(old, self.change());
        }
        self.facts.push((self.change(), fact.clone()));
        self.touch(&fact.subject);
    }

    fn touch(&mut self, subject: &Subject) {
        match subject {
            Subject { family: Some(family), .. } => _ = self.touched.insert(*family),
            Subject { person: Some(person), .. } => self.touch_person(*person),
            Subject { home: Some(home), .. } => {
                let facts = self.in_force_now();
                let residences = facts.iter().filter(|f| f.detail.kind() == Kind::Residence && f.subject.home == Some(*home));
                self.touched.extend(residences.filter_map(|f| f.subject.family));
            }
            Subject { .. } => unreachable!("every fact is about something"),
        }
    }

    fn touch_person(&mut self, person: PersonId) {
        self.touched.extend(self.families_of(person));
    }
}

/// One history as it goes on.
struct History {
    random: Seeded,
    model: Model,
}

/// The first day that anything is about.
const FIRST: i32 = 20_000;

impl History {
    fn day(&mut self) -> Day {
        Day::new(FIRST + i32::try_from(self.random.below(40)).unwrap()).unwrap()
    }

    fn window(&mut self) -> String {
        let (a, b) = (self.day(), self.day());
        format!("{}..{}", a.min(b), a.max(b))
    }

    fn of_person(&mut self) -> Option<NewFact> {
        let person = self.random.pick(&self.open_people())?;
        let detail = serde_json::json!({ "possible": 100, "attended": self.random.below(101), "unauthorised": 0 });
        Some(fact(Kind::Attendance, Subject { person: Some(person), ..Subject::default() }, &self.window(), detail))
    }

    fn of_home(&mut self) -> Option<NewFact> {
        let home = self.random.pick(&self.model.homes)?;
        let day = self.day();
        let subject = Subject { home: Some(home), ..Subject::default() };
        Some(fact(Kind::PoliceCallout, subject, &format!("{day}..{day}"), serde_json::json!({ "domestic": self.random.below(2) == 0 })))
    }

    fn membership(&mut self) -> Option<NewFact> {
        let (family, person) = (self.random.pick(&self.open_families())?, self.random.pick(&self.open_people())?);
        let subject = Subject { family: Some(family), person: Some(person), ..Subject::default() };
        Some(fact(Kind::Membership, subject, &self.window(), serde_json::json!({ "resident": self.random.below(2) == 0 })))
    }

    fn residence(&mut self) -> Option<NewFact> {
        let (family, home) = (self.random.pick(&self.open_families())?, self.random.pick(&self.model.homes)?);
        let subject = Subject { family: Some(family), home: Some(home), ..Subject::default() };
        Some(fact(Kind::Residence, subject, &self.window(), serde_json::json!({})))
    }

    /// The same said with another window, of something that was said before.
    fn correction(&mut self) -> Option<NewFact> {
        let old = self.random.pick(&self.model.in_force_now())?;
        let window = match old.detail.kind() {
            Kind::PoliceCallout => Window::on(self.day()),
            _ => self.window().parse().unwrap(),
        };
        Some(NewFact { id: FactId::fresh(), window, supersedes: Some(old.id), ..old })
    }

    fn coverage(&mut self, person: Option<PersonId>) -> Coverage {
        let window: Window = self.window().parse().unwrap();
        let states = [CoverageState::Complete, CoverageState::Partial, CoverageState::None];
        Coverage {
            kind: self.random.pick(&[Kind::Attendance, Kind::PoliceCallout]).unwrap(),
            person,
            first: window.first,
            last: window.last.unwrap(),
            state: self.random.pick(&states).unwrap(),
            source: "hill-school".parse().unwrap(),
            order: 0,
        }
    }

    async fn add_family(&mut self, tx: &mut AuthorityTx) -> Result<(), StoreError> {
        let id = FamilyId::fresh();
        let family = NewFamily {
            id,
            reference: id.to_string(),
            people: (0..=self.random.below(2)).map(|n| (format!("person {n}"), PersonId::fresh())).collect(),
            homes: BTreeMap::from([("home".to_owned(), HomeId::fresh())]),
            facts: Vec::new(),
            coverage: Vec::new(),
        };
        tx.add_family(&family).await?;
        self.model.families.push(id);
        self.model.people.extend(family.people.values());
        self.model.homes.extend(family.homes.values());
        self.model.touched.insert(id);
        Ok(())
    }

    async fn add(&mut self, tx: &mut AuthorityTx, fact: Option<NewFact>) -> Result<(), StoreError> {
        let Some(fact) = fact else { return Ok(()) };
        tx.add_facts(std::slice::from_ref(&fact)).await?;
        self.model.tell(&fact);
        Ok(())
    }

    /// One thing that somebody does.
    async fn step(&mut self, tx: &mut AuthorityTx) -> Result<(), StoreError> {
        let fact = match self.random.below(12) {
            0 | 1 => return self.add_family(tx).await,
            2 | 3 => self.of_person(),
            4 => self.of_home(),
            5 => self.membership(),
            6 => self.residence(),
            7 | 8 => self.correction(),
            9 => {
                if let Some(old) = self.random.pick(&self.model.in_force_now()) {
                    tx.withdraw_fact(old.id).await?;
                    self.model.gone.insert(old.id, self.model.change());
                    self.model.touch(&old.subject);
                }
                return Ok(());
            }
            10 => {
                let said = self.coverage(None);
                tx.add_coverage(std::slice::from_ref(&said)).await?;
                self.model.feeds.push((self.model.change(), said));
                return Ok(());
            }
            _ => {
                let Some(person) = self.random.pick(&self.open_people()) else { return Ok(()) };
                let said = self.coverage(Some(person));
                if tx.add_coverage(&[said]).await? > 0 {
                    self.model.touch_person(person);
                }
                return Ok(());
            }
        };
        self.add(tx, fact).await
    }

    /// One transaction; some are given up.
    async fn transaction(&mut self, store: &AuthorityStore) -> Result<(), StoreError> {
        let (before, now) = (self.model.clone(), store.clock().now());
        let mut tx = store.write("tests", "a step").await?;
        // Whatever makes families or people one, or two again, is a change of its own.
        if self.random.below(3) == 0 {
            self.reshape(&mut tx).await?;
        } else {
            for _ in 0..=self.random.below(3) {
                self.step(&mut tx).await?;
            }
        }
        if self.random.below(8) == 0 {
            self.model = before;
            return Ok(());
        }
        let committed = tx.commit().await?;
        let Some(change) = committed.change else {
            assert_eq!((self.model.facts.len(), self.model.families.len()), (before.facts.len(), before.families.len()));
            return Ok(());
        };
        assert_eq!(change.0, self.model.change(), "changes follow each other");
        let touched = std::mem::take(&mut self.model.touched);
        let revised: BTreeSet<_> = committed.revisions.iter().map(|(family, _)| *family).collect();
        // A family that sees nothing of what was said of its people has no new revision.
        assert!(revised.is_subset(&touched), "{revised:?} have a new revision, and {touched:?} were touched");
        for family in revised {
            self.model.revisions.entry(family).or_default().push(change.0);
        }
        self.model.changes.push(self.model.changes.last().map_or(now, |last| (*last).max(now)));
        Ok(())
    }

    async fn compare(&self, store: &AuthorityStore) -> Result<(), StoreError> {
        let model = &self.model;
        let last = model.changes.len();
        let at: Vec<KnownAt> = store.changes(None, 1000).await?.items.iter().rev().map(|c| c.at).collect();
        assert_eq!(at, model.changes);
        let mut reads = vec![(AsKnown::Now, i64::MAX)];
        for n in 0..=i64::try_from(last).unwrap() {
            reads.push((AsKnown::After(crate::store::ChangeId(n)), n));
        }
        for instant in &model.changes {
            for at in [instant.millis() - 1, instant.millis()].map(KnownAt::from_millis) {
                let known = model.changes.iter().filter(|change| **change <= at).count();
                reads.push((AsKnown::At(at), i64::try_from(known).unwrap()));
            }
        }
        for (known, after) in reads {
            for family in &model.families {
                let facts = store.facts(*family, known).await?;
                assert_eq!(facts.iter().map(|f| f.id).collect::<Vec<_>>(), model.facts(*family, after), "family {family} {known:?}");
                for fact in facts {
                    let (change, said) = model.facts.iter().find(|(_, f)| f.id == fact.id).unwrap();
                    let made = model.changes[usize::try_from(*change - 1).unwrap()];
                    assert_eq!(
                        (fact.subject, fact.window, fact.supersedes, fact.known_at),
                        (said.subject, said.window, said.supersedes, made)
                    );
                    assert_eq!(fact.detail, said.detail);
                }
            }
            let feeds = store.feed_coverage(known).await?;
            for (kind, day) in [Kind::Attendance, Kind::PoliceCallout].into_iter().flat_map(|k| (0..40).map(move |d| (k, d))) {
                let day = Day::new(FIRST + day).unwrap();
                let said = feeds.iter().rfind(|c| c.kind == kind && c.window().contains(day)).map(|c| c.state);
                assert_eq!(said, model.covered(kind, day, after), "{} on {day} {known:?}", kind.code());
            }
        }
        for person in &model.people {
            assert_eq!(store.families_of(*person).await?.into_iter().collect::<BTreeSet<_>>(), model.families_of(*person));
        }
        for (family, changes) in &model.revisions {
            for (revision, change) in (1..).zip(changes) {
                let kept = store.revision(*family, revision).await?;
                assert_eq!(kept.change.0, *change);
                assert_eq!(store.rebuild_snapshot(*family, revision).await?.0, kept.snapshot, "revision {revision} of {family}");
            }
            assert_eq!(store.snapshot(*family).await?.revision, changes.len() as u64);
        }
        assert_eq!(store.count_families().await?, model.families.len() as u64);
        Ok(())
    }
}

async fn opened(rooms: &Rooms, at: i64, authority: &str) -> (Stores, AuthorityStore) {
    let stores = rooms.open(Clock::fixed(KnownAt::from_millis(at))).await;
    let store = match stores.create_authority(&code(authority), authority).await {
        Err(StoreError::Exists { .. }) => stores.authority(&code(authority)).await,
        made => made,
    };
    (stores, store.unwrap())
}

/// Files of so many histories at once on the disk.
const TOGETHER: u64 = 100;

#[tokio::test]
async fn every_read_of_every_history_answers_what_was_said() {
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok()).unwrap_or(default);
    let (first, many) = (number("SEED", 1), number("N", 40));
    let (mut rooms, mut changes) = (None, 0);
    for seed in first..first + many {
        if rooms.is_none() || seed.is_multiple_of(TOGETHER) {
            let new = Rooms::new().await;
            let (stores, _) = opened(&new, 0, BRISTOL).await;
            let school = Organisation { id: "hill-school".parse().unwrap(), name: "Hill".to_owned(), kind: "school".to_owned() };
            let mut tx = stores.common().write("tests", "tried").await.unwrap();
            tx.add_organisation(&school).await.unwrap();
            tx.commit().await.unwrap();
            stores.close().await;
            rooms = Some(new);
        }
        let rooms = rooms.as_ref().unwrap();
        let mut history = History { random: Seeded::new(seed), model: Model::default() };
        let (mut at, authority) = (1_000_000_000_000_i64, format!("E{:08}", seed % 100_000_000));
        // Another host each time, whose clock may be behind the last one's.
        for _ in 0..3 {
            at += i64::try_from(history.random.below(2_000)).unwrap() - 500;
            let (stores, store) = opened(rooms, at, &authority).await;
            for _ in 0..3 {
                history.transaction(&store).await.unwrap_or_else(|e| panic!("seed {seed}: {e}"));
            }
            history.compare(&store).await.unwrap_or_else(|e| panic!("seed {seed}: {e}"));
            stores.close().await;
        }
        changes += history.model.changes.len();
    }
    println!("{many} random histories of {changes} changes: every read as of a day, as known at an instant, answers what was said");
}
