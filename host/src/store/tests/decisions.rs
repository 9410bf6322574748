//! Decisions and what follows from them.

use super::{House, add, attended, family, noon};
use crate::record::{Clock, DecisionId, Digest, FamilyId, InstallationId, RunId, TaskId};
use crate::store::{
    Answered, AuthorityStore, AuthorityTx, CurrentSnapshot, Decision, Installation, InstallationStatus, NewClaim, Offer, Run, RunsThat,
    StoreError, Task,
};

pub(super) fn proposed(store: &AuthorityStore, extension_point: &str) -> Installation {
    Installation {
        id: InstallationId::fresh(),
        plugin: "supporting-families".into(),
        digest: Digest::of(b"component"),
        offers: vec![Offer::of(extension_point)],
        grants: serde_json::json!(["household", "education"]),
        settings: serde_json::json!({"threshold": 90}),
        status: InstallationStatus::Proposed,
        created_at: store.clock().now(),
        sealed: false,
        created_by: "manager".into(),
        activated_at: None,
        activated_by: None,
        retired_at: None,
        retired_by: None,
    }
}

pub(super) async fn installed(store: &AuthorityStore) -> InstallationId {
    let installation = proposed(store, "outcomes");
    let mut tx = store.write("manager", "propose").await.unwrap();
    tx.add_installation(&installation).await.unwrap();
    tx.commit().await.unwrap();
    installation.id
}

async fn decided(store: &AuthorityStore, installation: InstallationId, on: &CurrentSnapshot, context: Digest) -> Decision {
    let known_after = store.last_change().await.unwrap();
    Decision {
        id: DecisionId::fresh(),
        at: store.clock().now(),
        principal: "worker".into(),
        family: on.family,
        revision: on.revision,
        installation,
        question: "progress".into(),
        as_of: "2026-03-31".parse().unwrap(),
        known_after,
        snapshot: on.digest,
        context,
        matter: None,
        claims: "[]".into(),
        answer_digest: Digest::of(b"answer"),
        answer: b"answer".to_vec(),
        result: "none-yet".into(),
        label: std::iter::once(crate::record::Section::Education).collect(),
        instructions: 12_345,
        millis: 1,
        peak_memory: 1 << 20,
    }
}

pub(super) async fn decide(store: &AuthorityStore, installation: InstallationId, on: &CurrentSnapshot) -> Decision {
    let mut tx = store.write("worker", "decide").await.unwrap();
    let context = tx.put_content(b"{\"settings\":{}}").await.unwrap();
    tx.keep_content(&[(on.digest, &on.bytes)]).await.unwrap();
    let decision = decided(store, installation, on, context).await;
    tx.add_decision(&decision).await.unwrap();
    assert_eq!(tx.commit().await.unwrap().revisions, [], "a decision does not touch the record");
    decision
}

async fn touch(store: &AuthorityStore, family: FamilyId, person: crate::record::PersonId) -> u64 {
    let mut tx = store.write("tests", "add a fact").await.unwrap();
    tx.add_facts(&[attended(person, 50)]).await.unwrap();
    tx.commit().await.unwrap().revision_of(family).unwrap()
}

#[tokio::test]
async fn a_snapshot_is_kept_while_a_decision_rests_on_it() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let installation = installed(&store).await;
    let first = store.snapshot(bells.id).await.unwrap();
    let decision = decide(&store, installation, &first).await;
    touch(&store, bells.id, bells.people["ben"]).await;
    let second = store.snapshot(bells.id).await.unwrap();
    touch(&store, bells.id, bells.people["ben"]).await;

    assert_eq!(store.content(&first.digest).await.unwrap(), Some(first.bytes));
    assert_eq!(store.content(&second.digest).await.unwrap(), None, "nobody decided on the second");
    assert_eq!(store.decision(decision.id).await.unwrap(), decision);
    assert!(store.content(&decision.context).await.unwrap().is_some());
}

#[tokio::test]
async fn a_snapshot_that_was_replaced_while_the_run_went_on_is_kept_with_the_decision() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let installation = installed(&store).await;
    let given = store.snapshot(bells.id).await.unwrap();
    touch(&store, bells.id, bells.people["ben"]).await;
    assert_eq!(store.content(&given.digest).await.unwrap(), None);
    decide(&store, installation, &given).await;
    assert_eq!(store.content(&given.digest).await.unwrap(), Some(given.bytes));
}

#[tokio::test]
async fn decisions_are_read_latest_first_of_one_family_or_all() {
    let (_house, store) = House::new().await;
    let (bells, dales) = (family("B-1"), family("D-1"));
    add(&store, &bells).await;
    add(&store, &dales).await;
    let installation = installed(&store).await;
    let mut made = Vec::new();
    for family in [&bells, &dales, &bells] {
        let on = store.snapshot(family.id).await.unwrap();
        made.push(decide(&store, installation, &on).await.id);
    }
    let ids = |page: &crate::store::Page<Decision, DecisionId>| page.items.iter().map(|d| d.id).collect::<Vec<_>>();
    let first = store.decisions(None, None, 2).await.unwrap();
    assert_eq!(ids(&first), [made[2], made[1]]);
    assert_eq!(ids(&store.decisions(None, first.next, 2).await.unwrap()), [made[0]]);
    assert_eq!(ids(&store.decisions(Some(bells.id), None, 10).await.unwrap()), [made[2], made[0]]);
    assert_eq!(store.count_decisions().await.unwrap(), 3);
}

#[tokio::test]
async fn who_did_what_is_kept_of_everything_that_was_written() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let installation = installed(&store).await;
    let done = async |tx: AuthorityTx| tx.commit().await.unwrap().change.is_some();
    let mut tx = store.write("manager", "activate").await.unwrap();
    tx.activate_installation(installation, "manager").await.unwrap();
    assert!(done(tx).await);
    let on = store.snapshot(bells.id).await.unwrap();
    let decision = decide(&store, installation, &on).await;

    let claim = NewClaim {
        decision: decision.id,
        family: bells.id,
        kind: "progress-result".into(),
        amount: 80_000,
        entitled_on: "2026-03-31".parse().unwrap(),
    };
    let mut tx = store.write("worker", "claim").await.unwrap();
    tx.add_claim(&claim).await.unwrap();
    assert!(done(tx).await);
    let mut tx = store.write("worker", "claim again").await.unwrap();
    assert!(!tx.add_claim(&claim).await.unwrap());
    assert!(!done(tx).await, "nothing was written");
    let mut tx = store.write("worker", "look").await.unwrap();
    tx.installation(installation).await.unwrap();
    assert!(!done(tx).await, "nothing was written");

    let changes = store.changes(None, 10).await.unwrap().items;
    let said: Vec<_> = changes.iter().rev().map(|c| format!("{}: {}", c.principal, c.what)).collect();
    assert_eq!(said, ["tests: add a family", "manager: propose", "manager: activate", "worker: decide", "worker: claim"]);
}

#[tokio::test]
async fn a_result_is_claimed_once_and_a_task_is_open_once() {
    let (_house, store) = House::new().await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let installation = installed(&store).await;
    let on = store.snapshot(bells.id).await.unwrap();
    let decision = decide(&store, installation, &on).await;
    let claim = NewClaim {
        decision: decision.id,
        family: bells.id,
        kind: "progress-result".into(),
        amount: 80_000,
        entitled_on: "2026-03-31".parse().unwrap(),
    };
    let task = || Task {
        id: TaskId::fresh(),
        installation,
        key: "review".into(),
        family: bells.id,
        role: "lead-worker".into(),
        title: serde_json::json!({"template": "review"}),
        due: "2026-04-30".parse().unwrap(),
        state: crate::store::TaskState::Open,
        decision: Some(decision.id),
    };
    let first = task();
    let mut tx = store.write("worker", "follow up").await.unwrap();
    assert!(tx.add_claim(&claim).await.unwrap());
    assert!(!tx.add_claim(&NewClaim { amount: 90_000, ..claim.clone() }).await.unwrap());
    assert!(tx.add_task(&first).await.unwrap());
    assert!(!tx.add_task(&task()).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(store.claims(bells.id).await.unwrap()[0].amount, 80_000);
    assert_eq!(store.open_tasks(10).await.unwrap(), std::slice::from_ref(&first));

    let mut tx = store.write("worker", "do it").await.unwrap();
    tx.finish_task(first.id, "worker").await.unwrap();
    assert!(matches!(tx.finish_task(first.id, "worker").await, Err(StoreError::Conflict(_))));
    assert!(tx.add_task(&task()).await.unwrap(), "once done, it can be proposed again");
    tx.commit().await.unwrap();
    assert_eq!(store.tasks(bells.id).await.unwrap().len(), 2);
    assert_eq!(store.open_tasks(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_installation_decides_outcomes_and_the_one_before_can_come_back() {
    let (_house, store) = House::new().await;
    let (old, new) = (installed(&store).await, installed(&store).await);
    let mut tx = store.write("manager", "activate").await.unwrap();
    assert_eq!(tx.activate_installation(old, "manager").await.unwrap(), []);
    assert_eq!(tx.activate_installation(new, "manager").await.unwrap(), [old]);
    assert!(matches!(tx.activate_installation(new, "manager").await, Err(StoreError::Conflict(_))));
    assert!(matches!(tx.change_installation(new, &"x".into(), &"y".into()).await, Err(StoreError::Conflict(_))));
    tx.commit().await.unwrap();
    let active = store.active_installations("outcomes").await.unwrap();
    assert_eq!(active.iter().map(|i| i.id).collect::<Vec<_>>(), [new]);
    assert_eq!(store.installation(old).await.unwrap().status, InstallationStatus::Retired);

    let mut tx = store.write("manager", "roll back").await.unwrap();
    assert_eq!(tx.activate_installation(old, "manager").await.unwrap(), [new]);
    tx.commit().await.unwrap();
    let back = store.installation(old).await.unwrap();
    assert_eq!((back.status, back.retired_at), (InstallationStatus::Active, None));

    let advisers = [proposed(&store, "assessment"), proposed(&store, "assessment")];
    let mut tx = store.write("manager", "activate").await.unwrap();
    for adviser in &advisers {
        tx.add_installation(adviser).await.unwrap();
        assert_eq!(tx.activate_installation(adviser.id, "manager").await.unwrap(), []);
    }
    tx.commit().await.unwrap();
    assert_eq!(store.active_installations("assessment").await.unwrap().len(), 2);
    assert_eq!(store.installations().await.unwrap().len(), 4);
}

#[tokio::test]
async fn answers_are_forgotten_after_a_week_and_runs_after_a_quarter() {
    let (house, store) = House::new().await;
    let installation = installed(&store).await;
    let answered = Answered {
        principal: "case-system".into(),
        key: "k-1".into(),
        route: "POST /families".into(),
        body: Digest::of(b"{}"),
        status: 201,
        response: b"{}".to_vec(),
        at: noon(0),
    };
    let mut tx = store.write("worker", "run").await.unwrap();
    tx.add_runs(&[Run { at: noon(0), ..run(installation, "trap") }]).await.unwrap();
    tx.keep_answer(&answered).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = house.stores.common().write("tests", "tried").await.unwrap();
    tx.keep_answer(&answered).await.unwrap();
    tx.commit().await.unwrap();

    let kept_on = async |days| {
        let stores = house.rooms.open(Clock::fixed(noon(days))).await;
        stores.forget_old(90, 400).await.unwrap();
        let store = stores.authority(store.id()).await.unwrap();
        let answers = [store.answered("case-system", "k-1").await, stores.common().answered("case-system", "k-1").await];
        let runs = store.runs(installation, RunsThat::Ended, None, 10).await.unwrap().items.len();
        (answers.map(|a| a.unwrap().is_some()), runs, store.changes(None, 10).await.unwrap().items.len())
    };
    assert_eq!(kept_on(7).await, ([true, true], 1, 2));
    assert_eq!(kept_on(8).await, ([false, false], 1, 3), "the change says that it was forgotten");
    assert_eq!(kept_on(90).await, ([false, false], 1, 3));
    assert_eq!(kept_on(91).await, ([false, false], 0, 4));
}

fn run(installation: InstallationId, outcome: &str) -> Run {
    Run {
        id: RunId::fresh(),
        at: noon(0),
        installation,
        family: None,
        question: "progress".into(),
        as_of: "2026-03-31".parse().unwrap(),
        outcome: outcome.into(),
        message: Some("unreachable".into()),
        place: Some("rules::attendance+0x1f".into()),
        instructions: 1,
        millis: 2,
        peak_memory: 65_536,
        log: serde_json::json!([{"level": "info", "message": "here"}]),
        decision: None,
    }
}

#[tokio::test]
async fn runs_are_one_list_of_what_failed_what_logged_and_what_only_answered() {
    let (_house, store) = House::new().await;
    let installation = installed(&store).await;
    let bells = family("B-1");
    add(&store, &bells).await;
    let current = store.snapshot(bells.id).await.unwrap();
    let silent = decide(&store, installation, &current).await;
    let logged = decide(&store, installation, &current).await;
    let (of_logged, failed) = (Run { decision: Some(logged.id), ..run(installation, "answered") }, run(installation, "plugin-trapped"));
    let mut tx = store.write("worker", "run").await.unwrap();
    tx.add_runs(&[of_logged.clone(), failed.clone()]).await.unwrap();
    tx.commit().await.unwrap();

    let all = store.runs(installation, RunsThat::Ended, None, 10).await.unwrap().items;
    let told: Vec<_> = all.iter().map(|r| (r.outcome.as_str(), r.decision)).collect();
    assert_eq!(told, [("plugin-trapped", None), ("answered", Some(logged.id)), ("answered", Some(silent.id))], "each once");
    assert_eq!((all[2].instructions, all[2].peak_memory, &all[2].log), (12_345, 1 << 20, &serde_json::Value::Null));
    assert_eq!(store.runs(installation, RunsThat::Failed, None, 10).await.unwrap().items, [failed]);
    let mut next = None;
    let mut walked = Vec::new();
    for _ in 0..3 {
        let page = store.runs(installation, RunsThat::Ended, next, 1).await.unwrap();
        walked.extend(page.items);
        next = page.next;
    }
    assert_eq!((walked, next), (all, None), "page by page the same");
}

#[tokio::test]
async fn runs_are_kept_for_the_author() {
    let (_house, store) = House::new().await;
    let installation = installed(&store).await;
    let (first, second) = (run(installation, "answered"), run(installation, "trap"));
    let mut tx = store.write("worker", "run").await.unwrap();
    tx.add_runs(&[first.clone(), second.clone()]).await.unwrap();
    tx.commit().await.unwrap();
    let page = store.runs(installation, RunsThat::Ended, None, 1).await.unwrap();
    assert_eq!((page.items, page.next), (vec![second.clone()], Some(second.id)));
    assert_eq!(store.runs(installation, RunsThat::Ended, page.next, 1).await.unwrap().items, [first]);
}
