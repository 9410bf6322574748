//! Calls of an installation: for operators and the plugin's author.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::Council;
use super::documented::Reads;
use super::page::{self, Limit, Page};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, DecisionId, FamilyId, InstallationId, KnownAt, RunId};
use crate::sandbox::{Blame, Fault};
use crate::store::{self, RunsThat, Seen};

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
    /// Who has to act, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    blame: Option<Blame>,
    /// That it came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionId>,
    /// What to tell the author.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    instructions: u64,
    millis: u64,
    /// In bytes, over all its memories.
    peak_memory: u64,
    /// Lines that it wrote for its author. Left out: it answered, and wrote none, or they are no longer kept.
    #[serde(skip_serializing_if = "serde_json::Value::is_null")]
    #[schema(value_type = Option<Object>)]
    log: serde_json::Value,
}

/// Which runs are asked for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = RunsThat)]
pub enum That {
    #[default]
    Ended,
    Failed,
}

/// Which part of the list is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `failed`: only those; left out: all that ended.
    #[serde(default)]
    #[param(inline, value_type = Option<That>)]
    that: That,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

impl From<store::Run> for Run {
    fn from(run: store::Run) -> Self {
        Self {
            id: run.id,
            at: run.at,
            family: run.family,
            question: run.question,
            as_of: run.as_of,
            blame: Fault::blame_of(&run.outcome),
            decision: run.decision,
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
/// All that came to a decision, and those that failed. Of one that only answered, its decision keeps what it used; the rows of those that
/// failed or wrote log lines are kept for a set time.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/installations/{installation}/runs", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        Wanted,
    ),
    responses((status = 200, body = Page<Run>, description = "The latest first"), Reads),
)]
pub async fn list_runs(council: Council, Id(id): Id<InstallationId>, Params(wanted): Params<Wanted>) -> Result<Json<Page<Run>>, Problem> {
    council.may(Verb::SeeRuns)?;
    let before = page::after(wanted.after.as_deref())?;
    let that = match wanted.that {
        That::Ended => RunsThat::Ended,
        That::Failed => RunsThat::Failed,
    };
    let installation = council.store.installation(id).await?;
    let runs = council.store.runs(installation.id, that, before, page::limit(wanted.limit)).await?;
    council.listed(&runs.items, |r| Seen { family: r.family, ..Seen::thing("run", r.id, &[]) });
    // Its own words may hold what is sealed.
    let told = |run: store::Run| if installation.sealed { store::Run { message: None, log: serde_json::Value::Null, ..run } } else { run };
    Ok(Json(Page::of(runs, |run| Run::from(told(run)))))
}
