//! Decisions, from the question to what is kept, with a real plugin over real stores.

use std::sync::Arc;

use serde_json::json;

use super::{
    Asked, Asking, Asks, CameTo, ClaimCameTo, InputsNow, Made, Ran, Ready, Summary, TaskCameTo, Workflow, WorkflowError, keep, kept,
};
use crate::plugins::install::{asked, propose};
use crate::plugins::publish::publish;
use crate::record::family_file::NewFamily;
use crate::record::{Clock, Coverage, CoverageState, DecisionId, InstallationId, Kind, TaskId};
use crate::sandbox::answer::{self, Message};
use crate::sandbox::for_tests::{built, sandbox};
use crate::sandbox::{Artefacts, Compiler, Limits, Sandbox};
use crate::store::tests::{BRISTOL, House, Rooms, add, code, family, noon};
use crate::store::{AuthorityStore, NewClaim, StoreError, Task, TaskState};

const AS_OF: &str = "2026-08-31";

/// Bristol, whose rules decide.
struct Council {
    rooms: Rooms,
    store: AuthorityStore,
    workflow: Workflow,
    ready: Arc<Ready>,
}

mod acting;
mod corrected;
mod erasing;
mod failing;
mod handover;
mod happenings;
mod missed;
mod out_of_it;
mod points;
mod retention;
mod scheduled;
mod submitted;

impl Council {
    async fn new() -> Self {
        Self::with("bristol-outcomes", &json!({})).await
    }

    async fn with(plugin: &str, settings: &serde_json::Value) -> Self {
        let (House { stores, rooms }, _) = House::new().await;
        stores.close().await;
        // At one instant: what comes after what is then told by the order of changes alone.
        let stores = rooms.open(Clock::fixed(noon(0))).await;
        let store = stores.authority(&code(BRISTOL)).await.unwrap();
        let workflow = Workflow::new(stores, sandbox());
        let ready = adopt(&workflow, &store, plugin, settings).await;
        Self { rooms, store, workflow, ready }
    }

    /// Another installation, in the place of the one that decided.
    async fn adopt(&self, plugin: &str, settings: &serde_json::Value) -> Arc<Ready> {
        adopt(&self.workflow, &self.store, plugin, settings).await
    }

    async fn family(&self, reference: &str) -> NewFamily {
        let family = family(reference);
        add(&self.store, &family).await;
        family
    }

    async fn ask(&self, family: &NewFamily) -> Made {
        self.ask_about(family, Asks::Outcomes(Asking::Eligibility)).await
    }

    async fn ask_about(&self, family: &NewFamily, asks: Asks) -> Made {
        let asked = Asked { family: family.id, asks, as_of: AS_OF.parse().unwrap() };
        match self.workflow.ask(&self.store, &self.ready, asked, "worker").await.unwrap() {
            Ran::Decided(made) => *made,
            Ran::Failed(failed) => panic!("{}", failed.fault),
        }
    }

    async fn keep(&self, made: &Made) -> CameTo {
        let mut tx = self.store.write("worker", "decide").await.unwrap();
        let came_to = keep(&mut tx, &[made]).await.unwrap().pop().unwrap();
        tx.commit().await.unwrap();
        came_to
    }

    async fn inputs_of(&self, decision: DecisionId) -> InputsNow {
        self.workflow.replay(&self.store, decision).await.unwrap().inputs
    }

    async fn evaluate(&self) -> Result<Summary, WorkflowError> {
        self.workflow.evaluate(&self.store, &self.ready, Asking::Suited, AS_OF.parse().unwrap(), "tests", |_| ()).await
    }

    async fn retire(&self, installation: InstallationId) {
        let mut tx = self.store.write("tests", "retire").await.unwrap();
        tx.retire_installation(installation, "tests").await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Publishes a plugin, and adopts it with all that it asks for.
async fn adopt(workflow: &Workflow, store: &AuthorityStore, plugin: &str, settings: &serde_json::Value) -> Arc<Ready> {
    let common = workflow.shared.stores.common();
    let plugin = publish(common, &workflow.shared.sandbox, built(plugin), "tests").await.unwrap().inspected;
    let version = common.plugin_version(&plugin.digest).await.unwrap().unwrap();
    let mut tx = store.write("tests", "adopt a plugin").await.unwrap();
    let installation = propose(&mut tx, &version, &asked(&plugin), settings, "tests").await.unwrap();
    tx.activate_installation(installation.id, "tests").await.unwrap();
    tx.commit().await.unwrap();
    workflow.ready(store.installation(installation.id).await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn what_goes_from_memory_is_taken_from_the_disk_again_and_whoever_uses_it_keeps_it() {
    let council = Council::new().await;
    let bells = council.family("B-1").await;
    let compiled = tempfile::tempdir().unwrap();
    let dir = cap_std::fs::Dir::open_ambient_dir(compiled.path(), cap_std::ambient_authority()).unwrap();
    let sandbox = Sandbox::start(Some(Artefacts::new(dir, [3; 32])), Compiler::InThisProcess, Limits::default()).unwrap();
    let workflow = Workflow::with(council.workflow.shared.stores.clone(), sandbox, super::Parking::default(), 1);
    let outcomes = workflow.ready(council.ready.installation.clone()).await.unwrap();
    let again = workflow.ready(council.ready.installation.clone()).await.unwrap();
    assert!(Arc::ptr_eq(&outcomes, &again), "one is held however large it is");

    let other = council.adopt("hostile", &json!({})).await.installation.clone();
    workflow.ready(other).await.unwrap();
    assert_eq!(workflow.held().0, 1);
    let asked = Asked { family: bells.id, asks: Asks::Outcomes(Asking::Eligibility), as_of: AS_OF.parse().unwrap() };
    let ran = workflow.ask(&council.store, &outcomes, asked.clone(), "worker").await.unwrap();
    assert!(matches!(ran, Ran::Decided(_)), "it is in use, so it is there");

    let renewed = workflow.ready(outcomes.installation.clone()).await.unwrap();
    assert!(!Arc::ptr_eq(&outcomes, &renewed));
    assert!(matches!(workflow.ask(&council.store, &renewed, asked, "worker").await.unwrap(), Ran::Decided(_)));
    assert_eq!(workflow.held().0, 1);
}

#[tokio::test]
async fn what_is_linked_stays_so_while_others_decide_and_is_linked_anew_where_it_is_granted_or_set_otherwise() {
    let council = Council::new().await;
    let now = async || council.store.installation(council.ready.installation.id).await.unwrap();
    council.adopt("bristol-outcomes", &json!({ "problems-needed": 3 })).await;
    let retired = council.workflow.ready(now().await).await.unwrap();
    assert_eq!(retired.installation.status, crate::store::InstallationStatus::Retired, "as it stands");
    assert!(Arc::ptr_eq(&retired.prepared, &council.ready.prepared), "nothing was compiled");
    let with = async |change: &dyn Fn(&mut crate::store::Installation)| {
        let mut other = now().await;
        change(&mut other);
        council.workflow.ready(other).await.unwrap()
    };
    let set = with(&|i| i.settings = json!({ "problems-needed": 4 })).await;
    assert_eq!(set.settings, r#"{"problems-needed":4}"#);
    let granted = with(&|i| i.grants.as_array_mut().unwrap().push(json!("hearth:family/notes"))).await;
    assert!(granted.grants.has("hearth:family/notes") && !Arc::ptr_eq(&granted.prepared, &retired.prepared));
}

#[tokio::test]
async fn an_installation_that_was_retired_while_it_ran_decides_nothing() {
    let council = Council::new().await;
    let bells = council.family("B-1").await;
    let made = council.ask(&bells).await;
    council.retire(council.ready.installation.id).await;
    let mut tx = council.store.write("worker", "decide").await.unwrap();
    let refused = keep(&mut tx, &[&made]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict(_)), "{refused}");
    assert_eq!(refused.to_string(), "the installation was replaced while it ran: ask again");
}

#[tokio::test]
async fn a_night_run_stops_where_its_installation_is_retired_and_what_was_kept_stays() {
    let council = Council::new().await;
    council.family("B-1").await;
    assert_eq!(council.evaluate().await.unwrap().decided, 1);
    council.family("B-2").await;
    council.retire(council.ready.installation.id).await;
    let stopped = council.evaluate().await.unwrap_err();
    assert!(matches!(stopped, WorkflowError::Store(StoreError::Conflict(_))), "{stopped}");
    assert_eq!(council.store.count_decisions().await.unwrap(), 1);
}

#[tokio::test]
async fn coverage_that_was_said_while_a_run_went_on_is_not_among_its_inputs() {
    let council = Council::new().await;
    let bells = council.family("B-1").await;
    let made = council.ask(&bells).await;
    let said = Coverage {
        kind: Kind::PoliceCallout,
        person: None,
        first: "2025-01-01".parse().unwrap(),
        last: "2025-12-31".parse().unwrap(),
        state: CoverageState::Complete,
        source: "avon-police".parse().unwrap(),
        order: 0,
    };
    let mut tx = council.store.write("tests", "cover").await.unwrap();
    assert_eq!(tx.add_coverage(&[said]).await.unwrap(), 1);
    tx.commit().await.unwrap();
    council.keep(&made).await;
    assert_eq!(council.inputs_of(made.decision.id).await, InputsNow::StillFollow);
}

#[tokio::test]
async fn a_claim_that_a_run_was_told_of_has_to_be_in_the_record() {
    let council = Council::new().await;
    let bells = council.family("B-1").await;
    let first = council.ask(&bells).await;
    council.keep(&first).await;
    let claim = NewClaim {
        decision: first.decision.id,
        family: bells.id,
        kind: "employment-result".into(),
        amount: 80_000,
        entitled_on: "2026-03-31".parse().unwrap(),
    };
    let mut tx = council.store.write("tests", "claim").await.unwrap();
    assert!(tx.add_claim(&claim).await.unwrap());
    tx.commit().await.unwrap();
    let second = council.ask(&bells).await;
    council.keep(&second).await;
    assert_eq!(council.inputs_of(second.decision.id).await, InputsNow::StillFollow);

    council.rooms.tamper("UPDATE claim SET entitled_on = entitled_on + 1").await;
    let inputs = council.inputs_of(second.decision.id).await;
    assert!(matches!(&inputs, InputsNow::NoLongerFollow { what } if what.contains("2026-03-31")), "{inputs:?}");
    assert_eq!(council.inputs_of(first.decision.id).await, InputsNow::StillFollow, "it was told of none");
}

#[tokio::test]
async fn what_came_of_each_proposal_is_said_and_can_be_read_later() {
    let council = Council::new().await;
    let bells = council.family("B-1").await;
    let proposing = async || {
        let mut made = council.ask(&bells).await;
        let (decision, family) = (made.decision.id, bells.id);
        let (kind, key, role, due) = ("employment-result".to_owned(), "call".to_owned(), "keyworker".to_owned(), AS_OF.parse().unwrap());
        let title = Message { template: "call".into(), args: Vec::new() };
        made.claims = vec![NewClaim { decision, family, kind: kind.clone(), amount: 80_000, entitled_on: due }];
        made.tasks = vec![Task {
            id: TaskId::fresh(),
            installation: council.ready.installation.id,
            key: key.clone(),
            family,
            role: role.clone(),
            title: serde_json::to_value(&title).unwrap(),
            due,
            state: TaskState::Open,
            decision: Some(decision),
        }];
        made.answer.claims = vec![answer::Claim { kind, amount_pence: 80_000, entitled_on: due, rests_on: Vec::new() }];
        made.answer.tasks = vec![answer::Task { key, role, title, due }];
        made
    };
    let (first, second) = (proposing().await, proposing().await);
    let done = CameTo { claims: vec![ClaimCameTo::Drafted], tasks: vec![TaskCameTo::GivenOut], ..CameTo::default() };
    let before = CameTo { claims: vec![ClaimCameTo::ClaimedAlready], tasks: vec![TaskCameTo::OpenAlready], ..CameTo::default() };
    for (made, came_to) in [(first, done), (second, before)] {
        assert_eq!(council.keep(&made).await, came_to);
        assert_eq!(kept(&council.store, &made.decision, &made.answer).await.unwrap(), came_to);
    }
}
