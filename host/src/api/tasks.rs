//! What is to be done: tasks that plugins proposed and the host gave out, and the host's own.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::Nothing;
use super::caller::Council;
use super::documented::{Acts, Reads};
use super::evidence::{Evidence, Language};
use super::once::{Answer, Begun, Once};
use super::page::{self, Cursor, Limit, Page};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::plugins::Manifest;
use crate::record::{AuthorityId, Day, DecisionId, FamilyId, InstallationId, TaskId};
use crate::sandbox::answer::Message;
use crate::store::{self, AuthorityStore, Seen, StoreError};
use crate::workflow::explain::Reader;

/// A task that somebody has to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Task {
    id: TaskId,
    family: FamilyId,
    /// What the authority calls the family: in lists, for whoever sees families.
    #[serde(skip_serializing_if = "Option::is_none")]
    family_reference: Option<String>,
    installation: InstallationId,
    /// That gave it out. Left out: the host's own, to look at what the plugin could not decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionId>,
    /// The plugin's own name for it: while it is open, it is not given out again. Of the host's own: `hearth:not-decided:`, and the question.
    key: String,
    /// Code list roles.
    #[schema(example = "keyworker")]
    role: String,
    title: String,
    due: Day,
}

/// Where a page of tasks ends. They are in the order of these two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(Day, TaskId);

impl Cursor for Place {
    fn write(&self) -> Vec<u8> {
        [&self.0.number().to_be_bytes(), self.1.as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (due, id) = bytes.split_first_chunk::<4>()?;
        Some(Self(Day::new(i32::from_be_bytes(*due))?, TaskId::from_bytes(id)?))
    }
}

/// Which tasks are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only about this family.
    family: Option<FamilyId>,
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
    let reader = council.reader(Verb::SeeDecisions)?;
    let after = page::after::<Place>(wanted.after.as_deref())?.map(|Place(due, id)| (due, id));
    let page = council.store.open_tasks_for(&reader, wanted.family, after, page::limit(wanted.limit)).await?;
    council.listed(&page.items, |t| Seen::of(t.family, "task", t.id, &[]));
    let called = council.called(&page.items.iter().map(|t| t.family).collect::<Vec<_>>()).await?;
    let mut titles =
        Titles { app: &app, store: &council.store, language: wanted.language, manifests: HashMap::new(), evidence: HashMap::new() };
    let mut items = Vec::with_capacity(page.items.len());
    for task in page.items {
        let title = titles.of(&task).await?;
        items.push(Task { family_reference: called.get(&task.family).cloned(), ..Task::of(task, title) });
    }
    Ok(Json(Page { items, next: page.next.map(|(due, id)| page::opaque(&Place(due, id))) }))
}

/// Tells titles; of several tasks of one plugin or one decision, what they have in common is read once.
struct Titles<'a> {
    app: &'a App,
    store: &'a AuthorityStore,
    language: Language,
    manifests: HashMap<InstallationId, Arc<Manifest>>,
    evidence: HashMap<DecisionId, Evidence>,
}

impl Titles<'_> {
    async fn of(&mut self, task: &store::Task) -> Result<String, Problem> {
        let Some(decision) = task.decision else {
            let words: Words = words_of(task)?;
            return Ok(words.in_language(self.language));
        };
        let manifest = match self.manifests.entry(task.installation) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let plugin = self.store.installation(task.installation).await?.digest;
                place.insert(self.app.workflow.manifest(plugin).await?)
            }
        };
        let words: Message = words_of(task)?;
        // Most titles name nobody: a long list of them would read as many families' evidence for nothing.
        if !words.names_what_was_given() {
            let reader = Reader { welsh: self.language == Language::Cy, ..Reader::default() };
            return Ok(reader.sentence(manifest, &words, None));
        }
        let evidence = match self.evidence.entry(decision) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let decision = self.store.decision(decision).await?;
                place.insert(Evidence::by(self.store, &decision, manifest.clone(), self.language).await?)
            }
        };
        Ok(evidence.sentence(&words))
    }
}

/// A task that was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoneTask {
    id: TaskId,
}

/// Say that a task was done
///
/// By whoever may write about its family and sees all that it rests on. Its key is free: the plugin may give it out again.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/tasks/{task}/done", tag = "decisions", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("task" = TaskId, Path, description = "The task"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = DoneTask, description = "Done"), Acts),
)]
pub async fn finish_task(council: Council, Id(id): Id<TaskId>, once: Once, Nothing { digest }: Nothing) -> Result<Response, Problem> {
    council.may(Verb::WriteFacts)?;
    let task = council.store.task(id).await?;
    let opened = council.family_of(Verb::WriteFacts, task.family, "task", id).await?;
    if let Some(decision) = task.decision {
        let label = council.store.decision(decision).await?.label;
        if !opened.relation.sections.covers(label) || !council.store.is_decision_unsealed(opened.reader(), decision).await? {
            return Err(Problem::no_such("task", id));
        }
    }
    let mut tx = match once.begin(&council, digest, "did a task").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.finish_task(id, &council.by).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &DoneTask { id })).await
}

/// The host's own words.
#[derive(Deserialize)]
struct Words {
    en: String,
    cy: String,
}

impl Words {
    fn in_language(self, language: Language) -> String {
        match language {
            Language::En => self.en,
            Language::Cy => self.cy,
        }
    }
}

fn words_of<T: serde::de::DeserializeOwned>(task: &store::Task) -> Result<T, StoreError> {
    serde_json::from_value(task.title.clone()).map_err(|e| StoreError::Damaged(format!("task {}: {e}", task.id)))
}

impl Task {
    fn of(task: store::Task, title: String) -> Self {
        let store::Task { id, family, installation, decision, key, role, due, .. } = task;
        Self { id, family, family_reference: None, installation, decision, key, role, title, due }
    }
}
