//! A correction finds the decisions that had been given the fact.

use serde_json::json;

use super::{Asks, Council};
use crate::record::{Kind, NewFact, Subject};
use crate::store::tests::{attended, fact};
use crate::workflow::Asking;
use crate::workflow::corrected::{Corrected, touched_by};

async fn all(council: &Council) -> Vec<Corrected> {
    let mut found = Vec::new();
    for correction in council.store.corrections(None, 100).await.unwrap().items {
        found.extend(touched_by(&council.store, &correction).await.unwrap());
    }
    found
}

async fn add(council: &Council, facts: &[NewFact]) {
    let mut tx = council.store.write("school office", "corrected").await.unwrap();
    tx.add_facts(facts).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_decision_is_flagged_when_a_fact_that_it_was_given_is_corrected_and_only_then() {
    let council = Council::new().await;
    let (bells, others) = (council.family("B-1").await, council.family("B-2").await);
    let first = attended(bells.people["ben"], 60);
    let name = fact(
        Kind::Name,
        Subject { person: Some(bells.people["ben"]), ..Subject::default() },
        "2020-01-01..",
        json!({ "given": "Ben", "family": "Bell" }),
    );
    let early = council.ask(&bells).await;
    council.keep(&early).await;
    add(&council, &[first.clone(), attended(others.people["ben"], 60), name.clone()]).await;
    let given = council.ask_about(&bells, Asks::Outcomes(Asking::Eligibility)).await;
    council.keep(&given).await;
    let theirs = council.ask(&others).await;
    council.keep(&theirs).await;
    assert!(all(&council).await.is_empty());

    let second = NewFact { supersedes: Some(first.id), ..attended(bells.people["ben"], 95) };
    add(&council, std::slice::from_ref(&second)).await;
    let flagged = all(&council).await;
    let brief: Vec<_> = flagged.iter().map(|c| (c.decision.id, c.correction.fact, c.correction.successor)).collect();
    assert_eq!(brief, [(given.decision.id, first.id, Some(second.id))], "not the one before it came, and not another family's");
    assert_eq!((flagged[0].correction.by.as_str(), flagged[0].decision.principal.as_str()), ("school office", "worker"));
    let rests_on_it = given
        .answer
        .reasons()
        .flat_map(|r| &r.rests_on)
        .any(|b| matches!(b, crate::sandbox::answer::Basis::Fact(handle) if given.snapshot.facts[*handle as usize].id == first.id));
    assert_eq!(flagged[0].cited, rests_on_it);

    // A name was given to no plugin; a withdrawal is a correction too.
    let later = council.ask(&bells).await;
    council.keep(&later).await;
    let renamed = NewFact {
        supersedes: Some(name.id),
        ..fact(Kind::Name, name.subject, "2020-01-01..", json!({ "given": "Benjamin", "family": "Bell" }))
    };
    add(&council, &[renamed]).await;
    let mut tx = council.store.write("school office", "withdrew").await.unwrap();
    tx.withdraw_fact(second.id).await.unwrap();
    tx.commit().await.unwrap();
    let flagged: Vec<_> = all(&council).await.iter().map(|c| (c.decision.id, c.correction.successor)).collect();
    assert_eq!(flagged, [(later.decision.id, None), (given.decision.id, Some(second.id))]);
}
