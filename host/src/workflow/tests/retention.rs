//! What has been kept for its time goes, section by section, and nothing else.

use serde_json::json;

use super::Council;
use crate::record::family_file::NewFamily;
use crate::record::retention::{Keep, default_of};
use crate::record::{Kind, Section, Subject};
use crate::store::NewHold;
use crate::store::tests::{attended, fact};
use crate::workflow::retention::{Due, erase_due};

async fn due(council: &Council, today: &str, rehearsal: bool) -> Vec<Due> {
    let mut found = Vec::new();
    erase_due(&council.store, today.parse().unwrap(), rehearsal, "tests", |due| found.push(due)).await.unwrap();
    found
}

#[tokio::test]
async fn a_section_goes_when_its_time_is_over_and_not_while_an_episode_is_open_or_a_hold_stands() {
    let council = Council::new().await;
    let (closed, open) = (council.family("B-1").await, council.family("B-2").await);
    let episode = |family: &NewFamily, window: &str| {
        fact(Kind::Episode, Subject { family: Some(family.id), ..Subject::default() }, window, json!({ "needs": [] }))
    };
    let mut tx = council.store.write("tests", "facts").await.unwrap();
    for family in [&closed, &open] {
        tx.add_facts(&[attended(family.people["ben"], 90)]).await.unwrap();
    }
    tx.add_facts(&[episode(&closed, "2024-01-01..2025-03-31"), episode(&open, "2024-01-01..")]).await.unwrap();
    tx.set_retention("education", Keep { years: 1, until_age: None }).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(due(&council, "2026-03-31", true).await, [], "its last day");
    let would = due(&council, "2026-04-01", true).await;
    assert_eq!(would.len(), 1, "{would:?}");
    assert_eq!((would[0].family, &would[0].sections), (closed.id, &vec![Section::Education]));
    let kinds = async |family: &NewFamily| {
        let facts = council.store.facts(family.id, crate::store::AsKnown::Now).await.unwrap();
        facts.iter().filter(|f| f.kind().section() == Section::Education).count()
    };
    assert_eq!(kinds(&closed).await, 1, "a rehearsal takes nothing");

    let mut tx = council.store.write("tests", "held").await.unwrap();
    let hold = NewHold { family: Some(closed.id), person: None, why: "an inquiry".into(), until: None };
    let hold = tx.place_hold(&hold, "tests").await.unwrap();
    tx.commit().await.unwrap();
    let held = due(&council, "2026-04-01", false).await;
    assert!(held[0].went.as_ref().is_err_and(|why| why.contains("legal hold")), "{held:?}");
    assert_eq!(kinds(&closed).await, 1);
    let mut tx = council.store.write("tests", "lifted").await.unwrap();
    tx.lift_hold(hold, "tests").await.unwrap();
    tx.commit().await.unwrap();

    let went = due(&council, "2026-04-01", false).await;
    assert_eq!(went, would);
    assert_eq!((kinds(&closed).await, kinds(&open).await), (0, 1));
    assert_eq!(council.store.members(closed.id).await.unwrap().len(), 2, "other sections stay");
    assert_eq!(due(&council, "2026-04-01", false).await, [], "once");
    assert_eq!(council.store.audit_verify(&[]).await.unwrap().broken, None);
}

#[test]
fn identity_is_kept_as_long_as_whatever_else_there_is() {
    let longest = Section::ALL.iter().map(|s| default_of(*s).0.years).max();
    assert_eq!(Some(default_of(Section::Identity).0.years), longest);
    assert_eq!(default_of(Section::Household), default_of(Section::Identity));
    assert!(Section::ALL.iter().all(|s| !default_of(*s).1.is_empty()));
}
