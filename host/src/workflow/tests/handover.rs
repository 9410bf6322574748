//! A family on its way, with the host cut off at each step by its name: nothing is lost, and nothing is there twice.

use std::collections::BTreeMap;

use serde_json::json;

use crate::record::handover::{Package, Terms};
use crate::record::{Basis, FamilyId, HandoverId, Kind, Section, Sections, Subject};
use crate::store::tests::{BRISTOL, House, add, attended, code, fact, family};
use crate::store::{AsKnown, AuthorityStore, Between, BetweenState, Erase, Given, GivenState, How, Stores, WhyErased};
use crate::workflow::handover::{self, Taking};

const LEEDS: &str = "E08000035";

/// In the order in which they are done.
const STEPS: [&str; 7] = ["give", "deliver", "claim", "take", "tell", "close", "finish"];

struct Two {
    house: House,
    stores: Stores,
    bristol: AuthorityStore,
    leeds: AuthorityStore,
    family: FamilyId,
    id: HandoverId,
}

impl Two {
    async fn new() -> Self {
        let (house, bristol) = House::new().await;
        let stores = house.stores.clone();
        let leeds = stores.create_authority(&code(LEEDS), "Leeds").await.unwrap();
        let bells = family("B-1");
        add(&bristol, &bells).await;
        let mut tx = bristol.write("tests", "a fact").await.unwrap();
        tx.add_facts(&[attended(bells.people["ben"], 80)]).await.unwrap();
        tx.commit().await.unwrap();
        Self { house, stores, bristol, leeds, family: bells.id, id: HandoverId::fresh() }
    }

    async fn between(&self) -> Between {
        self.stores.common().handover(self.leeds.id(), self.id).await.unwrap().unwrap()
    }

    async fn given(&self) -> Given {
        self.bristol.handover_given(self.id).await.unwrap().unwrap()
    }

    async fn take(&self) -> Result<FamilyId, crate::store::StoreError> {
        let bytes = self.stores.common().package_for(self.leeds.id(), self.id).await?.unwrap();
        let package: Package = serde_json::from_slice(&bytes).unwrap();
        let mut tx = self.leeds.write("jo", "took a family in").await?;
        let taking = Taking { reference: "L-1", known: &BTreeMap::new(), names: &[] };
        let family = handover::take(&mut tx, &self.between().await, &package, &taking).await?;
        tx.commit().await?;
        Ok(family)
    }

    async fn step(&self, name: &str) {
        let common = self.stores.common();
        match name {
            "give" => {
                let facts = self.bristol.facts(self.family, AsKnown::Now).await.unwrap();
                let package = Package::of(self.family, "B-1", &facts, Sections::ALL, Vec::new(), &[]);
                let (digest, bytes) = package.encode();
                let terms = Terms {
                    sections: Section::ALL.to_vec(),
                    basis: Basis::ChildProtection,
                    reason: "they moved".into(),
                    first: "2026-03-01".parse().unwrap(),
                    given_by: "ann".into(),
                    given_at: self.bristol.clock().now(),
                    told: package.told(),
                };
                let (id, family, to) = (self.id, self.family, code(LEEDS));
                let given = Given { id, family, to, terms, digest, state: GivenState::Making, settled: None };
                let mut tx = self.bristol.write("ann", "gave a family").await.unwrap();
                tx.give_family(&given, &bytes).await.unwrap();
                tx.commit().await.unwrap();
            }
            "deliver" => handover::deliver(common, &self.bristol, &self.given().await).await.unwrap(),
            "claim" => handover::claim(common, &self.between().await, "jo").await.unwrap(),
            "take" => _ = self.take().await.unwrap(),
            "tell" => handover::tell(common, self.id).await.unwrap(),
            "close" => handover::close(&self.bristol, &self.given().await, &self.between().await).await.unwrap(),
            "finish" => handover::finish(common, &self.between().await).await.unwrap(),
            other => panic!("{other} is no step"),
        }
    }

    async fn settle(&self) {
        // Either may look first, and both look again.
        for store in [&self.leeds, &self.bristol, &self.leeds] {
            handover::settle(&self.stores, store).await.unwrap();
        }
    }

    /// Both have it once, and nothing lies between them.
    async fn is_moved(&self, cut_off: &str) {
        let taken = self.leeds.handovers_taken().await.unwrap();
        assert_eq!((taken.len(), self.leeds.count_families().await.unwrap()), (1, 1), "cut off after {cut_off}");
        let given = self.given().await;
        assert_eq!((given.state, given.digest, &given.terms.told), (GivenState::Moved, taken[0].digest, &taken[0].terms.told), "{cut_off}");
        let facts = self.leeds.facts(taken[0].family, AsKnown::Now).await.unwrap();
        let attendances: Vec<_> = facts.iter().filter(|f| f.kind() == Kind::Attendance).collect();
        assert_eq!(attendances.len(), 1, "{cut_off}");
        assert_eq!(attendances[0].source.as_str(), BRISTOL.to_ascii_lowercase());
        let there = self.leeds.said_there(&[attendances[0].id]).await.unwrap();
        assert_eq!(there[&attendances[0].id].source.as_str(), "hill-school");
        assert_eq!(facts.len(), given.terms.told.facts.values().sum::<usize>(), "{cut_off}");
        assert_eq!(self.bristol.closed(self.family).await.unwrap().unwrap().how, How::Moved, "{cut_off}");
        let members = self.bristol.members(self.family).await.unwrap();
        assert!(members.iter().all(|m| m.memberships.iter().all(|(w, _)| w.last.is_some())), "{cut_off}");
        assert_eq!(self.between().await.state, BetweenState::Settled, "{cut_off}");
        assert_eq!(self.stores.common().package_for(self.leeds.id(), self.id).await.unwrap(), None, "{cut_off}");
        assert_eq!(self.bristol.package_given(self.id).await.unwrap(), None, "{cut_off}");
    }
}

#[tokio::test]
async fn cut_off_after_any_step_it_goes_on_from_there() {
    for (n, cut_off) in STEPS.iter().enumerate() {
        let two = Two::new().await;
        for step in &STEPS[..=n] {
            two.step(step).await;
        }
        two.settle().await;
        // What a person had not done, or not seen done, they do again.
        if n < 3 {
            assert_eq!(two.given().await.state, GivenState::Waiting, "after {cut_off}");
            assert!(two.bristol.closed(two.family).await.unwrap().is_none(), "after {cut_off}");
            two.step("claim").await;
            two.step("take").await;
            two.settle().await;
        }
        two.is_moved(cut_off).await;
        // Each step again, out of turn: nothing more is done.
        for step in ["tell", "close", "finish"] {
            two.step(step).await;
        }
        assert!(handover::claim(two.stores.common(), &two.between().await, "jo").await.is_err());
        two.is_moved(cut_off).await;
    }
}

#[tokio::test]
async fn who_answers_first_is_heard_and_nobody_after() {
    for (state, ends) in [(BetweenState::Refused, GivenState::Refused), (BetweenState::Withdrawn, GivenState::Withdrawn)] {
        let two = Two::new().await;
        two.step("give").await;
        two.step("deliver").await;
        let between = two.between().await;
        handover::answer(two.stores.common(), &between, state, "jo", "they stay").await.unwrap();
        assert!(handover::claim(two.stores.common(), &between, "jo").await.is_err());
        assert!(handover::answer(two.stores.common(), &between, BetweenState::Refused, "jo", "again").await.is_err());
        two.settle().await;
        let given = two.given().await;
        assert_eq!((given.state, given.settled.unwrap().2.as_deref()), (ends, Some("they stay")));
        assert!(two.bristol.closed(two.family).await.unwrap().is_none());
        assert_eq!(two.leeds.count_families().await.unwrap(), 0);
        assert_eq!(two.stores.common().package_for(two.leeds.id(), two.id).await.unwrap(), None);
    }
    // Once it is being taken, nobody takes it back.
    let two = Two::new().await;
    for step in &STEPS[..3] {
        two.step(step).await;
    }
    let between = two.between().await;
    assert!(handover::answer(two.stores.common(), &between, BetweenState::Withdrawn, "ann", "they stay").await.is_err());
    // The other authorities of the host know of nothing.
    let york = two.stores.create_authority(&code("E06000014"), "York").await.unwrap();
    assert_eq!(two.stores.common().handover(york.id(), two.id).await.unwrap(), None);
    assert_eq!(two.stores.common().package_for(york.id(), two.id).await.unwrap(), None);
    assert_eq!(two.stores.common().package_for(two.bristol.id(), two.id).await.unwrap(), None, "who gave it has it already");
}

#[tokio::test]
async fn what_is_erased_where_it_is_given_is_not_to_be_had_from_what_was_given_before() {
    const WORD: &str = "quince";
    for (n, done) in STEPS.iter().enumerate().take(3) {
        let two = Two::new().await;
        let ben = two.bristol.members(two.family).await.unwrap()[0].id;
        let subject = Subject { family: Some(two.family), ..Subject::default() };
        let note = fact(Kind::Note, subject, "2026-01-05..2026-01-05", json!({ "topic": "home", "role": "keyworker", "text": WORD }));
        let mut tx = two.bristol.write("tests", "a note").await.unwrap();
        tx.add_facts(&[note]).await.unwrap();
        tx.commit().await.unwrap();
        for step in &STEPS[..=n] {
            two.step(step).await;
        }
        // A rehearsal takes nothing back.
        let mut tx = two.bristol.write("officer", "would erase").await.unwrap();
        tx.erase(&Erase::Person(ben), WhyErased::Asked, "officer").await.unwrap();
        drop(tx);
        handover::take_back_erased(&two.stores, &two.bristol).await.unwrap();
        assert!(matches!(two.given().await.state, GivenState::Making | GivenState::Waiting), "after {done}");

        let mut tx = two.bristol.write("officer", "erased").await.unwrap();
        tx.erase(&Erase::Person(ben), WhyErased::Asked, "officer").await.unwrap();
        tx.erase(&Erase::Sections(two.family, vec![Section::Notes]), WhyErased::Retention, "officer").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(two.bristol.package_given(two.id).await.unwrap(), None, "after {done}");
        two.bristol.overwrite().await.unwrap();
        handover::take_back_erased(&two.stores, &two.bristol).await.unwrap();
        let package = two.stores.common().package_for(two.leeds.id(), two.id).await.unwrap();
        if *done == "claim" {
            // The other authority is taking it in: it is theirs, and goes on.
            assert!(package.is_some());
            two.step("take").await;
            two.settle().await;
            assert_eq!(two.given().await.state, GivenState::Moved);
            continue;
        }
        assert_eq!(package, None, "after {done}");
        let given = two.given().await;
        assert_eq!(given.state, GivenState::Withdrawn, "after {done}");
        assert!(given.settled.unwrap().2.unwrap().contains("erased"), "after {done}");
        assert_eq!(two.house.rooms.found(&[WORD]).await, Vec::<&str>::new(), "after {done}");
        // It can be given anew; and a host that had read it before lays nothing there for long.
        let old = Given { state: GivenState::Making, ..two.bristol.handover_given(two.id).await.unwrap().unwrap() };
        if *done == "give" {
            let mut tx = two.stores.common().write("tests", "laid by a slow host").await.unwrap();
            let (id, from, to, digest) = (old.id, two.bristol.id().clone(), code(LEEDS), old.digest);
            let between = Between { id, from, to, terms: old.terms, digest, state: BetweenState::Waiting, answered: None };
            tx.put_handover(&between, b"what had been read").await.unwrap();
            tx.commit().await.unwrap();
            two.settle().await;
            assert_eq!(two.stores.common().package_for(two.leeds.id(), two.id).await.unwrap(), None);
        }
        assert!(two.bristol.closed(two.family).await.unwrap().is_none(), "after {done}");
        two.bristol.must_be_open(two.family).await.unwrap();
    }
}

#[tokio::test]
async fn why_it_was_given_does_not_stay_between_the_two_once_both_have_it_or_who_gave_it_erased_it() {
    const WORDS: [&str; 2] = ["they moved", "they stay"];
    let erase = async |two: &Two, store: &AuthorityStore, family: FamilyId| {
        let mut tx = store.write("officer", "erased").await.unwrap();
        tx.erase(&Erase::Family(family), WhyErased::Asked, "officer").await.unwrap();
        tx.commit().await.unwrap();
        store.overwrite().await.unwrap();
        handover::take_back_erased(&two.stores, store).await.unwrap();
    };
    let two = Two::new().await;
    for step in STEPS {
        two.step(step).await;
    }
    let taken = two.leeds.handovers_taken().await.unwrap().remove(0);
    let reasons = (two.given().await.terms.reason, taken.terms.reason, two.between().await.terms.reason);
    assert_eq!(reasons, (WORDS[0].to_owned(), WORDS[0].to_owned(), String::new()));
    erase(&two, &two.bristol, two.family).await;
    assert_eq!(two.house.rooms.found(&WORDS).await, WORDS[..1], "Leeds has not erased it");
    erase(&two, &two.leeds, taken.family).await;
    assert_eq!(two.house.rooms.found(&WORDS).await, [""; 0]);

    for state in [BetweenState::Refused, BetweenState::Withdrawn] {
        let two = Two::new().await;
        two.step("give").await;
        two.step("deliver").await;
        handover::answer(two.stores.common(), &two.between().await, state, "jo", WORDS[1]).await.unwrap();
        two.settle().await;
        assert_eq!(two.between().await.terms.reason, WORDS[0], "whoever answered may read what was answered");
        erase(&two, &two.bristol, two.family).await;
        let between = two.between().await;
        assert_eq!((between.state, between.terms.reason.as_str(), between.answered.unwrap().2), (state, "", None));
        assert_eq!(two.house.rooms.found(&WORDS).await, [""; 0], "{state:?}");
    }
}
