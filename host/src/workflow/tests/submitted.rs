//! Between the answers that somebody submits and what the plugin makes of them: cut off at every point, what was submitted is asked about after
//! the restart, and once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;

use super::adopt;
use super::points::unless_killed;
use crate::forms::tests::{answers, person, whole_family};
use crate::record::family_file::FamilyFile;
use crate::record::{AssessmentId, Clock, FamilyId, Kind};
use crate::sandbox::Sandbox;
use crate::sandbox::for_tests::sandbox;
use crate::store::cut::{self, How};
use crate::store::tests::{BRISTOL, House, Rooms, add, code};
use crate::store::{AsKnown, Assessment, AssessmentState as State, AuthorityStore, Stores};
use crate::workflow::assessments::Submitted;
use crate::workflow::{Workflow, WorkflowError};

/// An hour, in milliseconds: longer than the host waits before it asks by itself.
const HOUR: i64 = 3_600_000;

/// Bristol with an assessment that is filled in.
struct World {
    rooms: Rooms,
    ahead: Arc<AtomicI64>,
    sandbox: Arc<Sandbox>,
    family: FamilyId,
    draft: AssessmentId,
}

#[derive(Clone)]
struct Running {
    _stores: Stores,
    store: AuthorityStore,
    workflow: Workflow,
}

/// What there is in the end.
#[derive(Debug, PartialEq, Eq)]
struct Came {
    state: State,
    decisions: usize,
    /// Facts that say that it is completed.
    completed: usize,
    scores: usize,
    undecided: usize,
}

impl World {
    async fn new(sandbox: &Arc<Sandbox>) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let (House { stores, rooms }, store) = House::at(Clock::ahead(ahead.clone())).await;
        let workflow = Workflow::new(stores.clone(), sandbox.clone());
        let ready = adopt(&workflow, &store, "early-help-assessment", &json!({})).await;
        let member =
            |given: &str, born: &str| json!({ "name": { "given": given, "family": "Ash" }, "born": born, "member_from": "2024-07-01" });
        let people =
            json!({ "p1": member("Bryony", "1992-02-03"), "p2": member("Rowan", "2017-03-01"), "p3": member("Hazel", "2024-06-01") });
        let file: FamilyFile = serde_json::from_value(json!({ "reference": "B-1", "people": people })).unwrap();
        let family = file.resolve(&code(BRISTOL)).unwrap();
        add(&store, &family).await;

        let (_, form) = workflow.offering(&store, "whole-family", None).await.unwrap();
        let mut filled_in = json!(whole_family::filled_in()).to_string();
        for n in 1..=3 {
            filled_in = filled_in.replace(&person(n).to_string(), &family.people[&format!("p{n}")].to_string());
        }
        let (given, groups) = serde_json::from_str(&filled_in).unwrap();
        let mut tx = store.write("keyworker", "began an assessment").await.unwrap();
        let (id, now) = (AssessmentId::fresh(), tx.now());
        let begun = Assessment {
            id,
            family: family.id,
            person: None,
            installation: ready.installation.id,
            form: form.form.clone(),
            digest: form.digest(),
            line: id,
            version: 1,
            state: State::Draft,
            answers: Some(answers(&form, given, groups)),
            settled: None,
            assessed: None,
            decision: None,
            begun_by: "keyworker".into(),
            begun_at: now,
            typed_by: "keyworker".into(),
            typed_at: now,
        };
        tx.begin_assessment(&begun).await.unwrap();
        tx.commit().await.unwrap();
        stores.close().await;
        Self { rooms, ahead, sandbox: sandbox.clone(), family: family.id, draft: id }
    }

    async fn run(&self) -> Running {
        let stores = self.rooms.open(Clock::ahead(self.ahead.clone())).await;
        let store = stores.authority(&code(BRISTOL)).await.unwrap();
        Running { workflow: Workflow::new(stores.clone(), self.sandbox.clone()), _stores: stores, store }
    }

    /// Somebody submits it, and submits it again only where they see that it is a draft; the host goes on by itself.
    async fn play(&self, at: Option<(usize, How)>) -> Vec<String> {
        let mut running = self.run().await;
        cut::begin(at);
        let mut passed = Vec::new();
        while !unless_killed(running.clone().submitted(self.draft)).await {
            passed.extend(cut::end());
            running = self.run().await;
            if running.store.assessment(self.draft).await.unwrap().state != State::Draft {
                break;
            }
        }
        for _ in 0..2 {
            self.ahead.fetch_add(HOUR, Ordering::Relaxed);
            if !unless_killed(running.clone().goes_on()).await {
                passed.extend(cut::end());
                running = self.run().await;
            }
        }
        passed.extend(cut::end());
        passed
    }

    async fn came(&self) -> Came {
        let Running { store, .. } = self.run().await;
        let facts = store.facts(self.family, AsKnown::Now).await.unwrap();
        let of = |kind| facts.iter().filter(|f| f.kind() == kind).count();
        Came {
            state: store.assessment(self.draft).await.unwrap().state,
            decisions: store.decisions(Some(self.family), None, 100).await.unwrap().items.len(),
            completed: of(Kind::Assessment),
            scores: of(Kind::Score),
            undecided: store.undecided_of_family(self.family).await.unwrap().len(),
        }
    }
}

impl Running {
    async fn submitted(self, id: AssessmentId) -> Result<(), WorkflowError> {
        let as_of = Some("2026-08-31".parse().unwrap());
        match self.workflow.submit(&self.store, id, as_of, "keyworker").await? {
            Submitted::Incomplete(judged) => panic!("{judged:?}"),
            Submitted::Decided | Submitted::NotDecided(_) => Ok(()),
        }
    }

    async fn goes_on(self) -> Result<(), WorkflowError> {
        self.workflow.retry_due().await.map(drop)
    }
}

#[tokio::test]
async fn cut_off_at_every_point_between_saving_and_asking_it_is_asked_once() {
    let sandbox = sandbox();
    let whole = World::new(&sandbox).await;
    let points = whole.play(None).await;
    let wanted = whole.came().await;
    assert_eq!((wanted.state, wanted.decisions, wanted.completed, wanted.undecided), (State::Completed, 1, 1, 0), "{wanted:?}");
    assert!(wanted.scores > 3, "{wanted:?}");
    // Among them the one at which the answers are kept and nobody has been asked.
    assert_eq!(points.iter().filter(|name| *name == "after a commit").count(), 2, "{points:?}");
    let every = if std::env::var_os("N").is_some() { 1 } else { 15 };
    let mut tried = 0;
    for (number, name) in points.iter().enumerate() {
        for how in [How::Killed, How::Gone] {
            if number % every != 0 && !name.contains("commit") {
                continue;
            }
            let world = World::new(&sandbox).await;
            world.play(Some((number, how))).await;
            assert_eq!(world.came().await, wanted, "{how:?} at point {number}: {name}");
            tried += 1;
        }
    }
    println!("{} points, {tried} tried: {}", points.len(), points.join("; "));
}

#[tokio::test]
async fn of_whoever_asks_at_once_the_first_is_kept_and_nobody_else() {
    let sandbox = sandbox();
    let saved = World::new(&sandbox).await.play(None).await.iter().position(|name| name == "after a commit").unwrap();
    let world = World::new(&sandbox).await;
    cut::begin(Some((saved, How::Killed)));
    assert!(!unless_killed(world.run().await.submitted(world.draft)).await);
    cut::end();
    let Running { store, workflow, .. } = world.run().await;
    let undecided = store.undecided_of_family(world.family).await.unwrap().remove(0);
    assert_eq!((store.assessment(world.draft).await.unwrap().state, undecided.question.as_str()), (State::Submitted, "evaluate"));

    // Whoever submitted it, and two hosts, ask before any of them has kept what came of it.
    let (ready, asked) = workflow.ask_again(&store, &undecided).await.unwrap();
    let ran = workflow.ask(&store, &ready, asked, "keyworker").await.unwrap();
    assert!(workflow.retry_one(&store, &undecided).await.unwrap());
    assert!(!workflow.retry_one(&store, &undecided).await.unwrap());
    let kept = workflow.keep_asked(&store, world.draft, (world.family, undecided.key), ran, "keyworker").await.unwrap();
    assert!(matches!(kept, Submitted::Decided));
    let came = world.came().await;
    assert_eq!((came.state, came.decisions, came.completed, came.undecided), (State::Completed, 1, 1, 0));
}
