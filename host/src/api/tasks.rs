//! What is to be done: tasks that plugins proposed and the host gave out.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::caller::Council;
use super::documented::Reads;
use super::evidence::{Evidence, Language};
use super::page::{self, Cursor, Limit, Page};
use super::params::Params;
use super::problem::Problem;
use crate::record::{AuthorityId, Day, DecisionId, FamilyId, InstallationId, TaskId};
use crate::store::{self, StoreError};

/// A task that somebody has to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Task {
    id: TaskId,
    family: FamilyId,
    installation: InstallationId,
    decision: DecisionId,
    /// The plugin's own name for it: while it is open, it is not given out again.
    key: String,
    /// Code list roles.
    #[schema(example = "keyworker")]
    role: String,
    title: String,
    due: Day,
}

/// Where a page of tasks ends. They are in the order of these two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(i32, TaskId);

impl Place {
    const fn of(task: &store::Task) -> Self {
        Self(task.due.number(), task.id)
    }
}

impl Cursor for Place {
    fn write(&self) -> Vec<u8> {
        [&self.0.to_be_bytes(), self.1.as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (due, id) = bytes.split_first_chunk::<4>()?;
        Some(Self(i32::from_be_bytes(*due), TaskId::from_bytes(id)?))
    }
}

/// Which tasks are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Of the titles; English, if left out.
    #[serde(default)]
    #[param(value_type = Option<Language>)]
    language: Language,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List open tasks
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/tasks", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<Task>, description = "The first due first"), Reads),
)]
pub async fn list_tasks(State(app): State<App>, council: Council, Params(wanted): Params<Wanted>) -> Result<Json<Page<Task>>, Problem> {
    let after = page::after::<Place>(wanted.after.as_deref())?;
    let mut open = council.store.open_tasks(u32::MAX).await?;
    page::cut_after(&mut open, after, Place::of);
    let page = page::cut(open, page::limit(wanted.limit), Place::of);
    let mut told = HashMap::new();
    let mut items = Vec::with_capacity(page.items.len());
    for task in page.items {
        // One decision often gives out several tasks.
        let evidence = match told.entry(task.decision) {
            Entry::Occupied(evidence) => evidence.into_mut(),
            Entry::Vacant(place) => {
                let decision = council.store.decision(task.decision).await?;
                let plugin = council.store.installation(task.installation).await?.digest;
                place.insert(Evidence::of(&app, &council.store, &decision, plugin, wanted.language).await?)
            }
        };
        items.push(tell(task, evidence)?);
    }
    Ok(Json(Page { items, next: page.next }))
}

fn tell(task: store::Task, evidence: &Evidence) -> Result<Task, StoreError> {
    let title = serde_json::from_value(task.title).map_err(|e| StoreError::Damaged(format!("task {}: {e}", task.id)))?;
    let store::Task { id, family, installation, decision, key, role, due, .. } = task;
    Ok(Task { id, family, installation, decision, key, role, title: evidence.sentence(&title), due })
}
