//! Calls of an installation that failed or wrote log lines: for operators and the plugin's author.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Council;
use super::documented::Reads;
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::record::{AuthorityId, Day, FamilyId, InstallationId, KnownAt, RunId};
use crate::store;

/// One call of a plugin.
#[derive(Debug, Serialize, ToSchema)]
pub struct Run {
    id: RunId,
    at: KnownAt,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<FamilyId>,
    question: String,
    as_of: Day,
    /// `answered`, or the code of the problem that stopped it.
    #[schema(example = "plugin-out-of-instructions")]
    outcome: String,
    /// What to tell the author.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    instructions: u64,
    millis: u64,
    /// In bytes, over all its memories.
    peak_memory: u64,
    /// Lines that it wrote for its author.
    #[schema(value_type = Object)]
    log: serde_json::Value,
}

impl From<store::Run> for Run {
    fn from(run: store::Run) -> Self {
        Self {
            id: run.id,
            at: run.at,
            family: run.family,
            question: run.question,
            as_of: run.as_of,
            outcome: run.outcome,
            message: run.message,
            instructions: run.instructions,
            millis: run.millis,
            peak_memory: run.peak_memory,
            log: run.log,
        }
    }
}

/// List an installation's runs
///
/// Those that failed, and those that wrote log lines: of the others the decision says all.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/installations/{installation}/runs", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        Paging,
    ),
    responses((status = 200, body = Page<Run>, description = "The latest first"), Reads),
)]
pub async fn list_runs(council: Council, Id(id): Id<InstallationId>, Params(paging): Params<Paging>) -> Result<Json<Page<Run>>, Problem> {
    let before = paging.after()?;
    let installation = council.store.installation(id).await?;
    let runs = council.store.runs(installation.id, before, paging.limit()).await?;
    Ok(Json(Page::of(runs, Run::from)))
}
