//! What follows from decisions, who works with a family, with whom it is shared and what is sealed, where two families become one.

use std::collections::{BTreeMap, BTreeSet};

use super::decisions::{decide, installed};
use super::{House, add, attended, fact, family};
use crate::record::claim_way::{ClaimAct, ClaimState, SaidOfClaim};
use crate::record::family_file::NewFamily;
use crate::record::{
    AgreementId, AssignmentId, Basis, Day, InstallationId, Kind, LoginId, NewFact, PersonId, Purpose, Section, ShareId, Subject, TaskId,
    Window,
};
use crate::store::{
    Agreement, AsKnown, Assignment, AuthorityStore, AuthorityTx, FamilyMerge, MergeChoices, NewClaim, NewSplit, Reader, Sealed, Share,
    StoreError, Task, TaskState,
};

struct Two {
    _house: House,
    store: AuthorityStore,
    stays: NewFamily,
    gone: NewFamily,
    installation: InstallationId,
}

impl Two {
    async fn new() -> Self {
        let (house, store) = House::new().await;
        let (stays, gone) = (family("B-1"), family("B-2"));
        add(&store, &stays).await;
        add(&store, &gone).await;
        let installation = installed(&store).await;
        Self { _house: house, store, stays, gone, installation }
    }

    async fn write<T>(&self, what: impl AsyncFnOnce(&mut AuthorityTx) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut tx = self.store.write("dana", "tests").await?;
        let done = what(&mut tx).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn merge(&self, reader: &Reader, choices: MergeChoices) -> Result<FamilyMerge, StoreError> {
        let (gone, stays) = (self.gone.id, self.stays.id);
        self.write(async |tx: &mut AuthorityTx| tx.merge_families(reader, gone, stays, "one family", &choices).await).await
    }

    async fn undo(&self, merge: &FamilyMerge) -> Result<(), StoreError> {
        self.write(async |tx: &mut AuthorityTx| tx.undo_family_merge(merge, "two families").await.map(drop)).await
    }

    /// A decision about a family, with a claim of each kind.
    async fn claim(&self, of: &NewFamily, kinds: &[&str]) -> Vec<bool> {
        let decision = decide(&self.store, self.installation, &self.store.snapshot(of.id).await.unwrap()).await;
        let claim = |kind: &&str| NewClaim {
            decision: decision.id,
            family: of.id,
            kind: (*kind).to_owned(),
            amount: 80_000,
            entitled_on: "2026-02-01".parse().unwrap(),
        };
        let claims: Vec<NewClaim> = kinds.iter().map(claim).collect();
        let keep = async |tx: &mut AuthorityTx| {
            let mut new = Vec::new();
            for claim in &claims {
                new.push(tx.add_claim(claim).await?);
            }
            Ok(new)
        };
        self.write(keep).await.unwrap()
    }

    /// Its only claim came to that.
    async fn ended(&self, of: &NewFamily, state: ClaimState) {
        let claim = self.store.claims(of.id).await.unwrap().remove(0);
        let act = match state {
            ClaimState::Refused => ClaimAct::TurnDown,
            ClaimState::Paid => ClaimAct::Pay,
            ClaimState::Repaid => ClaimAct::Repay,
            _ => ClaimAct::Submit,
        };
        let said = SaidOfClaim::default();
        self.write(async |tx: &mut AuthorityTx| tx.step_claim(&claim, act, state, &said, None, None).await).await.unwrap();
    }

    async fn claims(&self, of: &NewFamily) -> Vec<(String, String)> {
        self.store.claims(of.id).await.unwrap().into_iter().map(|c| (c.kind, c.state.to_string())).collect()
    }

    fn all(&self) -> Reader {
        Reader::of_all(self.store.clock().now())
    }
}

fn said(kind: &str, state: &str) -> (String, String) {
    (kind.to_owned(), state.to_owned())
}

#[tokio::test]
async fn one_result_of_one_family_is_never_claimed_twice() {
    let two = Two::new().await;
    assert_eq!(two.claim(&two.stays, &["progress"]).await, [true]);
    assert_eq!(two.claim(&two.gone, &["progress", "employment"]).await, [true, true]);
    let error = two.merge(&two.all(), MergeChoices::default()).await.unwrap_err();
    assert!(matches!(&error, StoreError::Invalid(e) if e.field == "claims.progress"), "{error}");
    let claims = |kind: &str, of| MergeChoices { claims: BTreeMap::from([(kind.to_owned(), of)]), ..MergeChoices::default() };
    let error = two.merge(&two.all(), claims("employment", two.gone.id)).await.unwrap_err();
    assert!(matches!(&error, StoreError::Invalid(_)), "{error}");

    let merge = two.merge(&two.all(), claims("progress", two.gone.id)).await.unwrap();
    let as_one = [said("progress", "withdrawn"), said("progress", "draft"), said("employment", "draft")];
    assert_eq!(two.claims(&two.stays).await, as_one);
    // Neither is claimed again, of whichever family the other one was.
    assert_eq!(two.claim(&two.stays, &["progress", "employment"]).await, [false, false]);
    assert!(matches!(two.store.must_be_open(two.gone.id).await, Err(StoreError::Conflict(_))));

    two.undo(&merge).await.unwrap();
    assert_eq!(two.claims(&two.stays).await, [said("progress", "draft")]);
    assert_eq!(two.claims(&two.gone).await, [said("progress", "draft"), said("employment", "draft")]);
    // What the runs of the two as one were told of, can still be found.
    assert_eq!(two.store.claims_ever_of(two.stays.id).await.unwrap().len(), 3);
}

#[tokio::test]
async fn whatever_became_of_their_claims_a_result_of_the_two_as_one_is_claimed_once() {
    let ends = [None, Some(ClaimState::Refused), Some(ClaimState::Paid), Some(ClaimState::Repaid), Some(ClaimState::Submitted)];
    let stands = |end: &Option<ClaimState>| end.is_some_and(ClaimState::claims);
    for gone in ends {
        for stays in ends {
            let case = format!("{gone:?} of the one, {stays:?} of the other");
            let two = Two::new().await;
            for (of, end) in [(&two.gone, gone), (&two.stays, stays)] {
                let Some(end) = end else { continue };
                assert_eq!(two.claim(of, &["progress"]).await, [true], "{case}");
                two.ended(of, end).await;
            }
            let mut choices = MergeChoices::default();
            let mut left = [gone, stays];
            if left.iter().all(stands) {
                let error = two.merge(&two.all(), MergeChoices::default()).await.unwrap_err();
                assert!(matches!(&error, StoreError::Invalid(e) if e.field == "claims.progress"), "{case}: {error}");
                choices.claims.insert("progress".into(), two.stays.id);
                // Money that came, or was asked for, is not given up in passing.
                let error = two.merge(&two.all(), choices.clone()).await.unwrap_err();
                assert!(matches!(&error, StoreError::Conflict(why) if why.contains("settle it first")), "{case}: {error}");
                left[0] = Some(if gone == Some(ClaimState::Paid) { ClaimState::Repaid } else { ClaimState::Refused });
                two.ended(&two.gone, left[0].unwrap()).await;
                choices = MergeChoices::default();
            }
            let merge = two.merge(&two.all(), choices).await.unwrap_or_else(|e| panic!("{case}: {e}"));
            let as_one: Vec<ClaimState> = two.store.claims(two.stays.id).await.unwrap().into_iter().map(|c| c.state).collect();
            assert_eq!(as_one, left.into_iter().flatten().collect::<Vec<_>>(), "{case}: each stays as it ended");
            assert!(as_one.iter().filter(|state| state.claims()).count() <= 1, "{case}");
            let again = two.claim(&two.stays, &["progress"]).await;
            assert_eq!(again, [left == [None, None]], "{case}: however it ended, it is not claimed again");
            if again == [true] {
                continue;
            }
            two.undo(&merge).await.unwrap_or_else(|e| panic!("{case}: {e}"));
            let own = |end: Option<ClaimState>| end.map(|state| said("progress", state.code())).into_iter().collect::<Vec<_>>();
            assert_eq!((two.claims(&two.gone).await, two.claims(&two.stays).await), (own(left[0]), own(left[1])), "{case}");
            assert_eq!(two.claim(&two.gone, &["progress"]).await, [left[0].is_none()], "{case}: each its own again");
        }
    }
}

#[tokio::test]
async fn what_was_claimed_for_the_two_as_one_stands_in_the_way_of_parting_them() {
    let two = Two::new().await;
    let merge = two.merge(&two.all(), MergeChoices::default()).await.unwrap();
    assert_eq!(two.claim(&two.stays, &["progress"]).await, [true]);
    assert!(matches!(two.undo(&merge).await, Err(StoreError::Conflict(_))));
    // And so does a further merge: the last one first.
    let third = family("B-3");
    add(&two.store, &third).await;
    let further = async |tx: &mut AuthorityTx| {
        tx.merge_families(&Reader::of_all(tx.now()), two.stays.id, third.id, "all one", &MergeChoices::default()).await
    };
    let further = two.write(further).await.unwrap();
    assert_eq!(two.store.goes_on_within(two.gone.id).await.unwrap(), Some(third.id), "through both");
    assert_eq!(two.claims(&third).await, [said("progress", "draft")], "what was claimed of any counts for all");
    assert!(matches!(two.undo(&merge).await, Err(StoreError::Conflict(_))));
    two.undo(&further).await.unwrap();
    assert_eq!(two.store.goes_on_within(two.gone.id).await.unwrap(), Some(two.stays.id));
}

#[tokio::test]
async fn what_was_claimed_before_a_family_split_counts_for_both() {
    let two = Two::new().await;
    two.claim(&two.stays, &["progress"]).await;
    let people = BTreeSet::from([two.stays.people["ben"]]);
    let (family, first) = (two.stays.id, "2026-03-01".parse::<Day>().unwrap());
    let new = NewSplit { family, people: &people, reference: "B-9", first, since: first, reason: "left", home: None };
    let split = two.write(async |tx: &mut AuthorityTx| tx.split_family(&new).await).await.unwrap();
    let young = NewFamily { id: split.new_family, ..super::family("unused") };
    assert_eq!(two.claims(&young).await, [said("progress", "draft")]);
    assert_eq!(two.claim(&young, &["progress", "employment"]).await, [false, true]);
    assert_eq!(two.claims(&two.stays).await, [said("progress", "draft")], "and what it claims since is its own");
}

#[tokio::test]
async fn open_tasks_go_on_once_and_back() {
    let two = Two::new().await;
    for (of, keys) in [(&two.stays, vec!["visit"]), (&two.gone, vec!["visit", "letter"])] {
        let decision = decide(&two.store, two.installation, &two.store.snapshot(of.id).await.unwrap()).await;
        let give = async |tx: &mut AuthorityTx| {
            for key in keys {
                let task = Task {
                    id: TaskId::fresh(),
                    installation: two.installation,
                    key: key.to_owned(),
                    family: of.id,
                    role: "keyworker".into(),
                    title: serde_json::json!({}),
                    due: "2026-05-01".parse().unwrap(),
                    state: TaskState::Open,
                    decision: Some(decision.id),
                };
                tx.add_task(&task).await?;
            }
            Ok(())
        };
        two.write(give).await.unwrap();
    }
    let open = async |of: &NewFamily| {
        let tasks = two.store.tasks(of.id).await.unwrap();
        let mut keys: Vec<String> = tasks.into_iter().filter(|t| t.state == TaskState::Open).map(|t| t.key).collect();
        keys.sort();
        keys
    };
    let merge = two.merge(&two.all(), MergeChoices::default()).await.unwrap();
    assert_eq!((open(&two.stays).await, open(&two.gone).await), (vec!["letter".to_owned(), "visit".to_owned()], vec![]));
    two.undo(&merge).await.unwrap();
    assert_eq!((open(&two.stays).await, open(&two.gone).await), (vec!["visit".to_owned()], vec!["letter".to_owned()]));
}

/// A worker of the council who sees their own cases.
fn worker(store: &AuthorityStore, login: LoginId) -> Reader {
    Reader { all: false, own: true, login: Some(login), ..Reader::of_all(store.clock().now()) }
}

#[tokio::test]
async fn who_works_with_either_works_with_both_until_they_part() {
    let two = Two::new().await;
    let [joy, priya] = [(); 2].map(|()| LoginId::fresh());
    for (login, family) in [(joy, two.stays.id), (priya, two.gone.id)] {
        let (role, window) = ("keyworker".to_owned(), Window::since("2026-01-01".parse().unwrap()));
        let given = Assignment { id: AssignmentId::fresh(), login, family, role, window, reason: None, ended_why: None };
        two.write(async |tx: &mut AuthorityTx| tx.assign(&given).await).await.unwrap();
    }
    let sees = async |login, family: &NewFamily| two.store.relation(&worker(&two.store, login), family.id).await.unwrap().is_some();
    let merge = two.merge(&two.all(), MergeChoices::default()).await.unwrap();
    for login in [joy, priya] {
        assert!(sees(login, &two.stays).await && sees(login, &two.gone).await);
    }
    two.undo(&merge).await.unwrap();
    assert!(sees(joy, &two.stays).await && !sees(joy, &two.gone).await);
    assert!(sees(priya, &two.gone).await && !sees(priya, &two.stays).await);
}

#[tokio::test]
async fn what_is_shared_stays_shared_of_those_for_whom_it_was_given() {
    let two = Two::new().await;
    let agreement = Agreement {
        id: AgreementId::fresh(),
        organisation: "hill-school".parse().unwrap(),
        sections: [Section::Household, Section::Education].into_iter().collect(),
        purposes: vec![Purpose::Casework],
        basis: Basis::Consent,
        window: Window::since("2020-01-01".parse().unwrap()),
    };
    let share = Share {
        id: ShareId::fresh(),
        agreement: agreement.id,
        family: two.stays.id,
        person: None,
        sections: agreement.sections,
        by_consent: true,
        why: "a plan".into(),
        how: "a form".into(),
        given_by: "Ann".into(),
        given_on: "2026-01-01".parse().unwrap(),
        withdrawn: None,
        objected: None,
    };
    let keep = async |tx: &mut AuthorityTx| {
        tx.add_agreement(&agreement).await?;
        tx.add_share(&share).await?;
        tx.add_facts(&[attended(two.stays.people["ben"], 80), attended(two.gone.people["ben"], 70)]).await
    };
    two.write(keep).await.unwrap();
    let school = Reader {
        all: false,
        shared: true,
        organisation: Some("hill-school".parse().unwrap()),
        of_the_council: false,
        purpose: Purpose::Casework.bit(),
        ..Reader::of_all(two.store.clock().now())
    };
    let seen = async |of: &NewFamily| -> BTreeSet<PersonId> {
        let Some(relation) = two.store.relation(&school, of.id).await.unwrap() else { return BTreeSet::new() };
        let facts = two.store.facts_for(&school, of.id, AsKnown::Now).await.unwrap();
        facts.iter().filter(|f| relation.shows(f)).filter_map(|f| f.subject.person).collect()
    };
    let whose = |of: &NewFamily| of.people.values().copied().collect::<BTreeSet<_>>();
    assert_eq!((seen(&two.stays).await, seen(&two.gone).await), (whose(&two.stays), BTreeSet::new()));
    two.merge(&two.all(), MergeChoices::default()).await.unwrap();
    assert_eq!(seen(&two.stays).await, whose(&two.stays), "nobody asked the others");
    assert!(two.store.shares(two.stays.id).await.unwrap().iter().all(|s| s.withdrawn.is_some() || s.person.is_some()));
}

#[tokio::test]
async fn what_is_sealed_stays_sealed_wherever_it_goes() {
    let two = Two::new().await;
    let [named, other] = [(); 2].map(|()| LoginId::fresh());
    let ann = two.gone.people["ann"];
    let about_the_family = Subject { family: Some(two.gone.id), ..Subject::default() };
    let goal = serde_json::json!({ "domain": "school", "state": "set", "title": "go to school" });
    let goal: NewFact = fact(Kind::Goal, about_the_family, "2026-01-01..", goal);
    let seal = async |tx: &mut AuthorityTx| {
        tx.add_facts(std::slice::from_ref(&goal)).await?;
        tx.seal(Sealed::Fact(goal.id), "he does not know", None, &[named]).await?;
        tx.seal(Sealed::Member(two.gone.id, ann), "he looks for her", None, &[named]).await
    };
    two.write(seal).await.unwrap();
    let by = |login| Reader { login: Some(login), ..two.all() };
    let sees = async |login, family: &NewFamily| {
        let facts = two.store.facts_for(&by(login), family.id, AsKnown::Now).await.unwrap();
        (facts.iter().any(|f| f.kind() == Kind::Goal), facts.iter().any(|f| f.subject.person == Some(ann)))
    };
    // Whoever merges them is not named: it goes with its seals all the same.
    let merge = two.merge(&by(other), MergeChoices::default()).await.unwrap();
    assert_eq!((sees(named, &two.stays).await, sees(other, &two.stays).await), ((true, true), (false, false)));
    let given = String::from_utf8(two.store.snapshot(two.stays.id).await.unwrap().bytes).unwrap();
    assert!(!given.contains(&ann.to_string()), "runs are not given her");
    // In the family as it was known before, too.
    let before = two.store.facts_for(&by(other), two.gone.id, AsKnown::After(crate::store::ChangeId(merge.change.0 - 1))).await.unwrap();
    assert!(before.iter().all(|f| f.kind() != Kind::Goal && f.subject.person != Some(ann)));
    two.undo(&merge).await.unwrap();
    assert_eq!((sees(named, &two.gone).await, sees(other, &two.gone).await), ((true, true), (false, false)));
}

#[tokio::test]
async fn what_agencies_send_goes_to_the_family_and_the_person_that_stayed() {
    let two = Two::new().await;
    two.merge(&two.all(), MergeChoices::default()).await.unwrap();
    let found = two.write(async |tx: &mut AuthorityTx| tx.look().families_by_reference(&["B-1", "B-2"]).await).await.unwrap();
    assert_eq!((found["B-1"], found["B-2"]), (two.stays.id, two.stays.id));
    let (stays, gone) = (two.stays.people["ben"], two.gone.people["ben"]);
    let merge = two.write(async |tx: &mut AuthorityTx| {
        let reader = Reader::of_all(tx.now());
        tx.merge_people(&reader, gone, stays, "one person", &BTreeSet::new()).await
    });
    let merge = merge.await.unwrap();
    let found = two.write(async |tx: &mut AuthorityTx| tx.look().people_by_key(&["upn:B801200005001"]).await).await.unwrap();
    assert_eq!(found["upn:B801200005001"], [stays], "by his number there is one");
    // How well he is known for the days that were said of the other is in part, once they are two again.
    two.write(async |tx: &mut AuthorityTx| tx.undo_person_merge(&merge, "two").await.map(drop)).await.unwrap();
    let found = two.write(async |tx: &mut AuthorityTx| tx.look().people_by_key(&["upn:B801200005001"]).await).await.unwrap();
    assert_eq!(found["upn:B801200005001"].len(), 2);
}

#[tokio::test]
async fn what_waits_for_the_pathway_waits_with_the_family_that_stayed() {
    let two = Two::new().await;
    let pathway = super::decisions::proposed(&two.store, "pathway");
    two.write(async |tx: &mut AuthorityTx| {
        tx.add_installation(&pathway).await?;
        tx.activate_installation(pathway.id, "manager").await
    })
    .await
    .unwrap();
    let yesterday = two.store.clock().now().day().plus(-1).unwrap();
    let met = serde_json::json!({ "domain": "school", "state": "met", "title": "go to school" });
    let goal = fact(Kind::Goal, Subject { family: Some(two.gone.id), ..Subject::default() }, &format!("2026-01-01..{yesterday}"), met);
    let person = Some(two.gone.people["ben"]);
    let offence = serde_json::json!({ "proven": true });
    let offence = fact(Kind::Offence, Subject { person, ..Subject::default() }, &format!("{yesterday}..{yesterday}"), offence);
    two.write(async |tx: &mut AuthorityTx| tx.add_facts(&[goal, offence]).await).await.unwrap();
    // Of each family the first that waits; here one after the other.
    let waits = async || {
        let due = two.store.due_happenings(two.store.clock().now(), 10).await.unwrap();
        due.into_iter().map(|h| (h.family, h.what.fact)).collect::<Vec<_>>()
    };
    let of = async |family: &NewFamily| {
        let facts = two.store.facts(family.id, AsKnown::Now).await.unwrap();
        facts.into_iter().filter(|f| [Kind::Goal, Kind::Offence].contains(&f.kind())).map(|f| Some(f.id)).collect::<BTreeSet<_>>()
    };
    let before = waits().await;
    assert!(before.len() == 1 && before[0].0 == two.gone.id && of(&two.gone).await.contains(&before[0].1), "{before:?}");
    let merge = two.merge(&two.all(), MergeChoices::default()).await.unwrap();
    let merged = waits().await;
    assert!(merged.len() == 1 && merged[0].0 == two.stays.id, "{merged:?}");
    assert!(of(&two.stays).await.contains(&merged[0].1), "by the fact that tells of it now");
    two.undo(&merge).await.unwrap();
    assert_eq!(waits().await.into_iter().map(|(family, _)| family).collect::<Vec<_>>(), [two.gone.id]);
}
