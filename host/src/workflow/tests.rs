//! Decisions, from the question to what is kept, with a real plugin over real stores.

use std::sync::Arc;

use serde_json::json;

use super::{Asked, Asking, Made, Ran, Ready, Summary, Workflow, WorkflowError, keep};
use crate::plugins::install::{asked, propose};
use crate::plugins::publish::publish;
use crate::record::InstallationId;
use crate::record::family_file::NewFamily;
use crate::sandbox::{Limits, Sandbox};
use crate::store::tests::{House, add, family};
use crate::store::{AuthorityStore, StoreError};

const AS_OF: &str = "2026-08-31";

/// Bristol, whose rules decide.
struct Council {
    _house: House,
    store: AuthorityStore,
    workflow: Workflow,
    ready: Arc<Ready>,
}

impl Council {
    async fn new() -> Self {
        let (house, store) = House::new().await;
        let sandbox = Sandbox::start(None, Limits::default()).unwrap();
        let plugin = publish(house.stores.common(), &sandbox, built("bristol-outcomes"), "tests").await.unwrap().inspected;
        let version = house.stores.common().plugin_version(&plugin.digest).await.unwrap().unwrap();
        let mut tx = store.write("tests", "adopt a plugin").await.unwrap();
        let installation = propose(&mut tx, &version, &asked(&plugin), &json!({}), "tests").await.unwrap();
        tx.activate_installation(installation.id, "tests").await.unwrap();
        tx.commit().await.unwrap();
        let workflow = Workflow::new(house.stores.clone(), sandbox);
        let ready = workflow.deciding(&store).await.unwrap();
        Self { _house: house, store, workflow, ready }
    }

    async fn family(&self, reference: &str) -> NewFamily {
        let family = family(reference);
        add(&self.store, &family).await;
        family
    }

    async fn ask(&self, family: &NewFamily) -> Made {
        let asked = Asked { family: family.id, asking: Asking::Eligibility, as_of: AS_OF.parse().unwrap() };
        match self.workflow.ask(&self.store, &self.ready, asked, "worker").await.unwrap() {
            Ran::Decided(made) => *made,
            Ran::Failed(failed) => panic!("{}", failed.fault),
        }
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

/// What `make build` put there.
fn built(name: &str) -> Vec<u8> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../target").into(), std::path::PathBuf::from);
    let file = target.join("plugins").join(format!("{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}; `make test` builds it", file.display()))
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
