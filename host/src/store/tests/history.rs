//! Facts are only ever added, and the record can be asked as it was known.

use super::{House, Rooms, add, attended, code, fact, family, noon};
use crate::record::{Clock, Detail, Fact, Kind, NewFact, PersonId, Subject};
use crate::store::{AsKnown, AuthorityStore, Standing, StoreError};

async fn keep(store: &AuthorityStore, fact: NewFact) {
    let mut tx = store.write("tests", "add a fact").await.unwrap();
    tx.add_facts(&[fact]).await.unwrap();
    tx.commit().await.unwrap();
}

fn sessions(facts: &[Fact], of: PersonId) -> Vec<u16> {
    let attended = |f: &Fact| match &f.detail {
        Detail::Attendance(a) if f.subject.person == Some(of) => Some(a.attended),
        _ => None,
    };
    facts.iter().filter_map(attended).collect()
}

#[tokio::test]
async fn a_fact_is_known_from_its_change_on_and_a_correction_from_its_own() {
    let rooms = Rooms::new().await;
    // The same records, opened on another day.
    let on = async |days| {
        let stores = rooms.open(Clock::fixed(noon(days))).await;
        let made = stores.create_authority(&code(super::BRISTOL), "Bristol").await;
        if made.is_ok() { made } else { stores.authority(&code(super::BRISTOL)).await }.unwrap()
    };
    let store = on(0).await;
    let bells = family("B-1");
    let ben = bells.people["ben"];
    add(&store, &bells).await;
    let mut first = attended(ben, 80);
    first.source = bells.facts[0].source.clone();
    let corrected = NewFact { id: crate::record::FactId::fresh(), supersedes: Some(first.id), ..attended(ben, 95) };
    let corrected = NewFact { source: first.source.clone(), ..corrected };
    keep(&on(10).await, first.clone()).await;
    keep(&on(20).await, corrected).await;

    let at = async |days| sessions(&store.facts(bells.id, AsKnown::At(noon(days))).await.unwrap(), ben);
    assert!(at(9).await.is_empty());
    assert_eq!(at(10).await, [80]);
    assert_eq!(at(19).await, [80]);
    assert_eq!(at(20).await, [95]);
    assert_eq!(sessions(&store.facts(bells.id, AsKnown::Now).await.unwrap(), ben), [95]);
    assert_eq!(store.fact(first.id).await.unwrap().known_at, noon(10), "the corrected fact is still there");

    let changes = store.changes(None, 10).await.unwrap().items;
    assert_eq!(changes.iter().map(|c| c.at).collect::<Vec<_>>(), [noon(20), noon(10), noon(0)]);
    let second = AsKnown::After(changes[1].id);
    assert_eq!(sessions(&store.facts(bells.id, second).await.unwrap(), ben), [80]);

    // A clock that was put back does not put a change before the one it follows.
    keep(&on(5).await, NewFact { source: first.source, ..attended(bells.people["ann"], 1) }).await;
    assert_eq!(store.changes(None, 1).await.unwrap().items[0].at, noon(20));
}

#[tokio::test]
async fn who_corrects_second_is_told() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let first = attended(bells.people["ben"], 80);
    keep(&store, first.clone()).await;
    let correction = |sessions| NewFact { supersedes: Some(first.id), ..attended(bells.people["ben"], sessions) };
    keep(&store, correction(90)).await;

    let mut tx = store.write("tests", "correct").await.unwrap();
    let error = tx.add_facts(&[correction(91)]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Fact { why, .. } if matches!(**why, StoreError::Conflict(_))), "{error}");
    assert!(matches!(tx.withdraw_fact(first.id).await, Err(StoreError::Conflict(_))));
    drop(tx);

    let twice = attended(bells.people["ann"], 10);
    keep(&store, twice.clone()).await;
    let again = |sessions| NewFact { supersedes: Some(twice.id), ..attended(bells.people["ann"], sessions) };
    let mut tx = store.write("tests", "correct twice at once").await.unwrap();
    let error = tx.add_facts(&[again(11), again(12)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Fact { index: 1, .. }), "{error}");
}

#[tokio::test]
async fn a_correction_says_the_same_kind_of_thing_about_the_same_subject() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let first = attended(bells.people["ben"], 80);
    keep(&store, first.clone()).await;
    let mut tx = store.write("tests", "correct").await.unwrap();
    let other = NewFact { supersedes: Some(first.id), ..attended(bells.people["ann"], 80) };
    let error = tx.add_facts(&[other]).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Fact { why, .. } if matches!(&**why, StoreError::Invalid(e) if e.field == "supersedes")),
        "{error}"
    );
    let nothing = NewFact { supersedes: Some(crate::record::FactId::fresh()), ..attended(bells.people["ben"], 80) };
    let error = tx.add_facts(&[nothing]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Fact { why, .. } if matches!(**why, StoreError::NoSuch { what: "fact", .. })), "{error}");
}

#[tokio::test]
async fn a_chain_of_corrections_may_come_in_one_list() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let ben = bells.people["ben"];
    let first = attended(ben, 80);
    let second = NewFact { supersedes: Some(first.id), ..attended(ben, 81) };
    let third = NewFact { supersedes: Some(second.id), ..attended(ben, 82) };
    let mut tx = store.write("tests", "add facts").await.unwrap();
    tx.add_facts(&[first, second, third]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(sessions(&store.facts(bells.id, AsKnown::Now).await.unwrap(), ben), [82]);
}

#[tokio::test]
async fn what_a_source_said_is_found_by_its_reference_and_so_is_its_end() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let named = |reference: &str, sessions| NewFact { reference: Some(reference.into()), ..attended(bells.people["ben"], sessions) };
    let (stays, corrected, withdrawn, resent) = (named("r-1", 80), named("r-2", 81), named("r-3", 82), named("r-4", 83));
    let by_hand = NewFact { supersedes: Some(corrected.id), ..attended(bells.people["ben"], 70) };
    let sent_again = NewFact { supersedes: Some(resent.id), ..named("r-4", 84) };
    let mut tx = store.write("tests", "add facts").await.unwrap();
    tx.add_facts(&[stays.clone(), corrected, withdrawn.clone(), resent, by_hand, sent_again]).await.unwrap();
    tx.withdraw_fact(withdrawn.id).await.unwrap();
    let found = tx.look().facts_by_reference(&stays.source, Kind::Attendance, &["r-1", "r-2", "r-3", "r-4", "r-5"]).await.unwrap();
    let standing = |r: &str| found.get(r).map(|s| s.standing);
    assert_eq!(standing("r-1"), Some(Standing::InForce));
    assert_eq!(standing("r-2"), Some(Standing::Corrected));
    assert_eq!(standing("r-3"), Some(Standing::Withdrawn));
    assert_eq!(standing("r-4"), Some(Standing::InForce));
    assert_eq!(standing("r-5"), None);
    assert_eq!(found["r-1"].fact.detail, stays.detail);
    let police = "avon-police".parse().unwrap();
    assert!(tx.look().facts_by_reference(&police, Kind::Attendance, &["r-1"]).await.unwrap().is_empty(), "another source's reference");
}

#[tokio::test]
async fn people_and_homes_are_found_by_what_identifies_them() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let mut tx = store.write("tests", "look").await.unwrap();
    let people = tx.look().people_by_key(&["nino:AB123456C", "upn:B801200005001", "upn:none"]).await.unwrap();
    assert_eq!(people["nino:AB123456C"], [bells.people["ann"]]);
    assert_eq!(people["upn:B801200005001"], [bells.people["ben"]]);
    assert_eq!(people.len(), 2);
    assert_eq!(tx.look().homes_by_key(&["uprn:12345"]).await.unwrap()["uprn:12345"], [bells.homes["mill-lane"]]);
    drop(tx);

    let members = store.members(bells.id).await.unwrap();
    let read: Vec<_> = members.iter().map(|m| (m.name.as_ref().unwrap().given.as_str(), m.born.as_deref().unwrap())).collect();
    assert_eq!(read, [("Ann", "1988-02-03"), ("Ben", "2012-05-06")]);
    assert_eq!(store.names(&[bells.people["ben"]]).await.unwrap()[&bells.people["ben"]].given, "Ben");
    assert_eq!(store.families_of(bells.people["ben"]).await.unwrap(), [bells.id]);
}

#[tokio::test]
async fn facts_come_in_pages() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let mut tx = store.write("tests", "add facts").await.unwrap();
    let many: Vec<NewFact> = (0..150)
        .map(|_| {
            let subject = Subject { person: Some(bells.people["ben"]), ..Subject::default() };
            fact(Kind::Exclusion, subject, "2025-10-01..2025-10-02", serde_json::json!({"how": "fixed-term"}))
        })
        .collect();
    tx.add_facts(&many).await.unwrap();
    tx.commit().await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.facts_page(bells.id, AsKnown::Now, after, 40).await.unwrap();
        seen.extend(page.items.iter().map(|f| f.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 150 + bells.facts.len());
    assert!(seen.is_sorted());
}
