//! What runs are given: a new revision for whom a change touches, and the old ones as they were.

use super::{House, add, attended, fact, family};
use crate::record::{Coverage, CoverageState, FamilyId, Kind, NewFact, PersonId, Snapshot, Subject};
use crate::store::{AsKnown, AuthorityStore, Committed};

async fn keep(store: &AuthorityStore, facts: &[NewFact]) -> Committed {
    let mut tx = store.write("tests", "add facts").await.unwrap();
    tx.add_facts(facts).await.unwrap();
    tx.commit().await.unwrap()
}

fn member(person: PersonId, family: FamilyId, window: &str) -> NewFact {
    let subject = Subject { family: Some(family), person: Some(person), ..Subject::default() };
    fact(Kind::Membership, subject, window, serde_json::json!({"resident": false}))
}

async fn current(store: &AuthorityStore, family: FamilyId) -> Snapshot {
    Snapshot::decode(&store.snapshot(family).await.unwrap().bytes).unwrap()
}

#[tokio::test]
async fn a_correction_makes_a_new_revision_and_the_old_one_rebuilds_to_the_same_bytes() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let first = attended(bells.people["ben"], 80);
    keep(&store, std::slice::from_ref(&first)).await;
    let before = store.snapshot(bells.id).await.unwrap();
    let done = keep(&store, &[NewFact { supersedes: Some(first.id), ..attended(bells.people["ben"], 95) }]).await;

    assert_eq!(done.revisions, [(bells.id, 3)]);
    assert_eq!(store.family(bells.id).await.unwrap().revision, 3);
    let after = current(&store, bells.id).await;
    assert_eq!((after.revision, after.education.attendances.len(), after.education.attendances[0].attended), (3, 1, 95));
    assert_eq!(store.rebuild_snapshot(bells.id, 2).await.unwrap(), (before.digest, before.bytes));
    assert_eq!(store.revision(bells.id, 2).await.unwrap().snapshot, before.digest);
    let after = store.snapshot(bells.id).await.unwrap();
    assert_eq!(store.rebuild_snapshot(bells.id, 3).await.unwrap(), (after.digest, after.bytes));
    assert!(store.rebuild_snapshot(bells.id, 4).await.is_err());
}

#[tokio::test]
async fn a_fact_about_a_person_in_two_families_revises_both() {
    let (_house, store) = House::new().await;
    let (bells, dales, coles) = (family("B-1"), family("D-1"), family("C-1"));
    for family in [&bells, &dales, &coles] {
        add(&store, family).await;
    }
    let ben = bells.people["ben"];
    let joined = keep(&store, &[member(ben, dales.id, "2025-10-01..")]).await;
    assert_eq!(joined.revisions, [(dales.id, 2)], "joining one family says nothing to the other");

    let done = keep(&store, &[attended(ben, 80)]).await;
    let mut both = vec![(bells.id, 2), (dales.id, 3)];
    both.sort_unstable();
    assert_eq!(done.revisions, both);
    assert_eq!(current(&store, dales.id).await.education.attendances.len(), 1);
    assert_eq!(current(&store, coles.id).await.revision, 1);

    let facts = store.facts(dales.id, AsKnown::Now).await.unwrap();
    assert!(facts.iter().all(|f| f.subject.family.is_none_or(|family| family == dales.id)), "the other family is not named");
}

#[tokio::test]
async fn a_call_out_revises_every_family_that_had_the_home() {
    let (_house, store) = House::new().await;
    let (bells, dales) = (family("B-1"), family("D-1"));
    add(&store, &bells).await;
    add(&store, &dales).await;
    let home = bells.homes["mill-lane"];
    let ours = Subject { family: Some(dales.id), home: Some(home), ..Subject::default() };
    keep(&store, &[fact(Kind::Residence, ours, "2025-11-01..", serde_json::json!({}))]).await;
    let callout = |day: &str| {
        let subject = Subject { home: Some(home), ..Subject::default() };
        fact(Kind::PoliceCallout, subject, &format!("{day}..{day}"), serde_json::json!({"domestic": true}))
    };
    let done = keep(&store, &[callout("2025-10-01"), callout("2025-12-01")]).await;
    assert_eq!(done.revisions.len(), 2);
    assert_eq!(current(&store, bells.id).await.offending.callouts.len(), 2);
    assert_eq!(current(&store, dales.id).await.offending.callouts.len(), 1, "before they moved in is not theirs");
}

#[tokio::test]
async fn a_transaction_makes_one_revision_of_a_family_however_much_it_adds() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let mut tx = store.write("tests", "add a lot").await.unwrap();
    for sessions in 0..5 {
        tx.add_facts(&[attended(bells.people["ben"], sessions)]).await.unwrap();
    }
    let done = tx.commit().await.unwrap();
    assert_eq!(done.revisions, [(bells.id, 2)]);
    assert_eq!(store.changes(None, 10).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn a_withdrawn_membership_takes_the_persons_facts_out_of_the_family() {
    let (_house, store) = House::new().await;
    let (bells, dales) = (family("B-1"), family("D-1"));
    add(&store, &bells).await;
    add(&store, &dales).await;
    let joined = member(bells.people["ben"], dales.id, "2025-09-01..");
    keep(&store, &[joined.clone(), attended(bells.people["ben"], 80)]).await;
    assert_eq!(current(&store, dales.id).await.education.attendances.len(), 1);
    let mut tx = store.write("tests", "withdraw").await.unwrap();
    tx.withdraw_fact(joined.id).await.unwrap();
    let done = tx.commit().await.unwrap();
    assert_eq!(done.revisions, [(dales.id, 3)]);
    let after = current(&store, dales.id).await;
    assert_eq!((after.people.len(), after.education.attendances.len()), (2, 0));
}

#[tokio::test]
async fn coverage_of_a_person_is_in_the_snapshot_and_said_once() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    assert_eq!(current(&store, bells.id).await.coverage.len(), 1);
    let covered = |first: &str, last: &str, state| Coverage {
        kind: Kind::Attendance,
        person: Some(bells.people["ben"]),
        first: first.parse().unwrap(),
        last: last.parse().unwrap(),
        state,
        source: "hill-school".parse().unwrap(),
        order: 0,
    };
    let say = async |statement: Coverage| {
        let mut tx = store.write("tests", "cover").await.unwrap();
        let new = tx.add_coverage(&[statement]).await.unwrap();
        (new, tx.commit().await.unwrap().revisions.len())
    };
    assert_eq!(say(covered("2025-10-01", "2025-11-30", CoverageState::Complete)).await, (0, 0), "known already");
    assert_eq!(say(covered("2025-10-01", "2026-03-31", CoverageState::Complete)).await, (1, 1));
    assert_eq!(say(covered("2025-10-01", "2025-10-31", CoverageState::Partial)).await, (1, 1));
    assert_eq!(current(&store, bells.id).await.coverage.len(), 3);
}

#[tokio::test]
async fn coverage_by_a_feed_speaks_for_every_family_and_revises_none() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let feed = Coverage {
        kind: Kind::PoliceCallout,
        person: None,
        first: "2025-01-01".parse().unwrap(),
        last: "2025-12-31".parse().unwrap(),
        state: CoverageState::Complete,
        source: "avon-police".parse().unwrap(),
        order: 0,
    };
    let mut tx = store.write("tests", "cover").await.unwrap();
    assert_eq!(tx.add_coverage(&[feed.clone(), feed.clone()]).await.unwrap(), 1);
    let done = tx.commit().await.unwrap();
    assert_eq!(done.revisions, []);
    let kept = store.feed_coverage(AsKnown::Now).await.unwrap();
    assert_eq!(kept, [Coverage { order: kept[0].order, ..feed }]);
    let first = store.revision(bells.id, 1).await.unwrap().change;
    assert_eq!(store.feed_coverage(AsKnown::After(first)).await.unwrap(), []);
}

#[tokio::test]
async fn that_nothing_is_known_of_somebody_has_to_be_said_and_is_kept() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let person = bells.people.values().next().copied();
    let said = |person, state| Coverage {
        kind: Kind::Attendance,
        person,
        first: "2025-01-01".parse().unwrap(),
        last: "2025-12-31".parse().unwrap(),
        state,
        source: "avon-police".parse().unwrap(),
        order: 0,
    };
    let mut tx = store.write("tests", "cover").await.unwrap();
    let (complete, none) = (CoverageState::Complete, CoverageState::None);
    for (statement, new) in [
        (said(None, complete), 1),
        (said(person, none), 1),
        (said(person, none), 0),
        (said(person, complete), 1),
        (said(None, none), 1),
        // The feed has broken since: the same words say something again.
        (said(person, complete), 1),
        (said(person, complete), 0),
    ] {
        assert_eq!(tx.add_coverage(std::slice::from_ref(&statement)).await.unwrap(), new, "{statement:?}");
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn bulk_evaluation_reads_every_family_once_page_by_page() {
    let (_house, store) = House::new().await;
    let families: Vec<_> = (0..7).map(|n| family(&format!("B-{n}"))).collect();
    let mut tx = store.write("tests", "add families").await.unwrap();
    tx.add_families(&families).await.unwrap();
    tx.commit().await.unwrap();
    keep(&store, &[attended(families[3].people["ben"], 80)]).await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.snapshots(after, 3).await.unwrap();
        seen.extend(page.items.iter().map(|s| (s.family, s.revision)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let wanted: Vec<_> = families.iter().enumerate().map(|(n, f)| (f.id, if n == 3 { 2 } else { 1 })).collect();
    assert_eq!(seen, wanted);
    assert_eq!(store.count_families().await.unwrap(), 7);
    let page = store.families(Some(families[4].id), 1).await.unwrap();
    assert_eq!((page.items[0].reference.as_str(), page.next), ("B-5", Some(families[5].id)));
    assert_eq!(store.family_by_reference("B-6").await.unwrap().unwrap().id, families[6].id);
}
