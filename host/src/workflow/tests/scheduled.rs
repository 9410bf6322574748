//! Every family is asked about when its time has come: once, whoever looks, and whoever is killed.

use serde_json::json;

use super::Council;
use crate::record::schedule::{Every, Schedule, ScheduledQuestion};
use crate::record::{Clock, KnownAt};
use crate::sandbox::for_tests::sandbox;
use crate::store::tests::{BRISTOL, code, noon};
use crate::store::{AuthorityStore, Evaluation, EvaluationState, StoreError};
use crate::workflow::Workflow;

const HOUR: i64 = 3_600_000;

/// A host of its own on the same record, at a time of its own.
struct Host {
    store: AuthorityStore,
    workflow: Workflow,
}

impl Council {
    async fn host(&self, hours: i64) -> Host {
        let at = KnownAt::from_millis(noon(0).millis() + hours * HOUR);
        let stores = self.rooms.open(Clock::fixed(at)).await;
        let store = stores.authority(&code(BRISTOL)).await.unwrap();
        Host { store, workflow: Workflow::new(stores, sandbox()) }
    }

    /// Every day at one in the afternoon, said at noon of a winter's day.
    async fn schedule(&self, paused: bool) {
        let schedule = Schedule { question: ScheduledQuestion::Suited, every: Every::Day, day: None, hour: 13, paused };
        let mut tx = self.store.write("data manager", "said when").await.unwrap();
        tx.set_evaluation_schedule(&schedule).await.unwrap();
        tx.commit().await.unwrap();
    }
}

impl Host {
    async fn due(&self) -> u64 {
        self.workflow.evaluate_due(&self.store).await.unwrap()
    }

    async fn all(&self) -> Vec<Evaluation> {
        self.store.evaluations(None, 10).await.unwrap().items
    }
}

#[tokio::test]
async fn what_is_due_is_done_once_though_two_hosts_look() {
    let council = Council::new().await;
    for reference in ["B-1", "B-2", "B-3"] {
        council.family(reference).await;
    }
    council.schedule(false).await;
    let early = council.host(0).await;
    assert_eq!((early.due().await, early.all().await.len()), (0, 0), "its time has not come");

    let (one, other) = (council.host(2).await, council.host(2).await);
    let (first, second) = tokio::join!(one.due(), other.due());
    assert_eq!(first + second, 1);
    assert_eq!(one.store.count_decisions().await.unwrap(), 3, "each family once");
    assert_eq!((one.due().await, other.due().await), (0, 0));
    let done = one.all().await;
    assert_eq!((done.len(), done[0].state), (1, EvaluationState::Done));
    let came = &done[0].came;
    assert_eq!((&came["families"], &came["decided"], &came["first_time"], &came["changed"]), (&json!(3), &json!(3), &json!(3), &json!(0)));
    assert_eq!(came["results"].as_array().unwrap().iter().map(|r| r["families"].as_u64().unwrap()).sum::<u64>(), 3);
    let decisions = one.store.decisions(None, None, 10).await.unwrap().items;
    assert!(decisions.iter().all(|d| d.as_of == done[0].as_of && d.principal == "hearth schedule"));

    // The next day, and not twice that day; days that were missed are not made up for.
    let later = council.host(74).await;
    assert_eq!((later.due().await, later.due().await), (1, 0));
    let all = later.all().await;
    assert_eq!((all.len(), &all[0].came["first_time"], &all[0].came["changed"]), (2, &json!(0), &json!(0)));
}

#[tokio::test]
async fn whoever_goes_on_after_a_host_was_killed_asks_about_nobody_twice() {
    let council = Council::new().await;
    let mut families = Vec::new();
    for reference in ["B-1", "B-2", "B-3"] {
        families.push(council.family(reference).await);
    }
    families.sort_by_key(|f| f.id);
    council.schedule(false).await;
    // A host took it up, kept the first family, and is gone.
    let killed = council.host(2).await;
    let due = killed.store.evaluation_schedule().await.unwrap().unwrap().says.due(killed.store.clock().now()).unwrap();
    let mut tx = killed.store.write("hearth schedule", "began").await.unwrap();
    let nothing = serde_json::to_string(&crate::workflow::scheduled::Came::default()).unwrap();
    assert!(tx.begin_evaluation(due, "suited", due.day(), &nothing).await.unwrap());
    let until = KnownAt::from_millis(noon(0).millis() + 2 * HOUR + 600_000);
    let taken = tx.take_evaluation("killed", until).await.unwrap().unwrap();
    assert_eq!(tx.take_evaluation("another", until).await.unwrap(), None, "it is held");
    let came = json!({ "families": 1, "decided": 1, "unchanged": 0, "failed": 0, "changed": 0, "first_time": 1, "results": [], "met": [], "missing": [] });
    tx.evaluation_reached(taken.number, "killed", Some(families[0].id), &came.to_string(), until).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(killed.due().await, 0, "until its time is over it is the other's");
    let next = council.host(3).await;
    assert_eq!(next.due().await, 1);
    for (family, decisions) in families.iter().zip([0, 1, 1]) {
        assert_eq!(next.store.decisions(Some(family.id), None, 10).await.unwrap().items.len(), decisions);
    }
    let done = next.all().await;
    assert_eq!((done.len(), done[0].state, &done[0].came["families"]), (1, EvaluationState::Done, &json!(3)));
    // It comes back, and finds that it is not its own any more: nothing of what it brings is kept.
    let mut tx = killed.store.write("hearth schedule", "late").await.unwrap();
    let late = tx.evaluation_reached(taken.number, "killed", Some(families[1].id), &nothing, until).await.unwrap_err();
    assert!(matches!(&late, StoreError::Conflict(why) if why.contains("another host")), "{late}");
}

#[tokio::test]
async fn what_cannot_go_on_says_why_is_tried_again_and_left_in_the_end() {
    let council = Council::new().await;
    council.family("B-1").await;
    council.schedule(false).await;
    council.retire(council.ready.installation.id).await;
    let mut tried = 0;
    for hours in 2..12 {
        let host = council.host(hours).await;
        assert_eq!(host.due().await, 0);
        let now = &host.all().await[0];
        tried = now.failures;
        assert!(now.why.as_deref().unwrap().contains("no installation decides"), "{now:?}");
    }
    let host = council.host(12).await;
    assert_eq!((tried, host.all().await[0].state), (5, EvaluationState::Failed));
    // With somebody who decides, the next day's is done.
    council.adopt("bristol-outcomes", &json!({})).await;
    let next = council.host(26).await;
    assert_eq!((next.due().await, next.all().await[0].state), (1, EvaluationState::Done));
}

#[tokio::test]
async fn what_is_paused_begins_nothing() {
    let council = Council::new().await;
    council.family("B-1").await;
    council.schedule(true).await;
    let host = council.host(2).await;
    assert_eq!((host.due().await, host.all().await.len()), (0, 0));
    council.schedule(false).await;
    assert_eq!(council.host(2).await.due().await, 1);
}
