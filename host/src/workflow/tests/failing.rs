//! What is kept of a failure, and how the host asks again by itself.

use serde_json::json;

use super::Council;
use crate::record::{Clock, Digest, RunId};
use crate::sandbox::Fault;
use crate::store::Run;
use crate::store::tests::{BRISTOL, code, noon};
use crate::workflow::{Failed, Means, Workflow};

fn failed(council: &Council, family: crate::record::FamilyId, fault: Fault) -> Failed {
    let asked = json!({ "question": "eligibility", "about": null });
    let run = Run {
        id: RunId::fresh(),
        at: noon(0),
        installation: council.ready.installation.id,
        family: Some(family),
        question: "eligibility".into(),
        as_of: super::AS_OF.parse().unwrap(),
        outcome: fault.code().into(),
        message: Some(fault.to_string()),
        place: fault.place(),
        instructions: 0,
        millis: 0,
        peak_memory: 0,
        log: json!({ "lines": [], "dropped": 0 }),
        decision: None,
    };
    // As decisions about the record alone are told apart.
    let key = Digest::of(b"eligibility  null");
    Failed { run, fault, asked, key, by: "worker".into() }
}

#[tokio::test]
async fn what_this_host_could_not_run_it_asks_again_when_it_is_due_and_not_before() {
    let council = Council::new().await;
    let bells = council.family("B-1").await;
    let fault = Fault::Host { what: "no memory just now".into() };
    let mut tx = council.store.write("worker", "kept a failed run").await.unwrap();
    let kept = council.workflow.keep_failure(&mut tx, &failed(&council, bells.id, fault)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((kept.means, kept.task), (Means::Open, None));
    let undecided = council.store.undecided(kept.undecided.unwrap()).await.unwrap();
    assert_eq!(undecided.retry_at.map(|at| at.millis() - noon(0).millis()), Some(60_000), "in a minute");
    assert_eq!(council.workflow.retry_due().await.unwrap(), 0, "it is not due at this instant");
    assert_eq!(council.store.count_undecided().await.unwrap(), 1);

    let later = council.rooms.open(Clock::fixed(noon(1))).await;
    let workflow = Workflow::new(later.clone(), council.workflow.shared.sandbox.clone());
    assert_eq!(workflow.retry_due().await.unwrap(), 1);
    let store = later.authority(&code(BRISTOL)).await.unwrap();
    assert_eq!(store.count_undecided().await.unwrap(), 0);
    let decided = &store.decisions(Some(bells.id), None, 10).await.unwrap().items;
    assert_eq!(decided.iter().map(|d| (d.question.as_str(), d.principal.as_str())).collect::<Vec<_>>(), [("eligibility", "worker")]);
    assert_eq!(store.changes(None, 1).await.unwrap().items[0].principal, "hearth");
    assert_eq!(workflow.retry_due().await.unwrap(), 0, "once");
}

#[tokio::test]
async fn what_nobody_decides_any_more_is_left_to_people() {
    let council = Council::new().await;
    let bells = council.family("B-1").await;
    let mut tx = council.store.write("worker", "kept a failed run").await.unwrap();
    let fault = Fault::OverBudget { a_minute: 1, again_seconds: 1 };
    let kept = council.workflow.keep_failure(&mut tx, &failed(&council, bells.id, fault)).await.unwrap();
    tx.commit().await.unwrap();
    council.retire(council.ready.installation.id).await;
    let later = council.rooms.open(Clock::fixed(noon(1))).await;
    let workflow = Workflow::new(later, council.workflow.shared.sandbox.clone());
    assert_eq!(workflow.retry_due().await.unwrap(), 0);
    let undecided = council.store.undecided(kept.undecided.unwrap()).await.unwrap();
    assert_eq!((undecided.retry_at, undecided.failures, undecided.run), (None, 1, None), "in sight, and tried no more");
}
