//! How an authority's plugins run: of each installation how often, how it failed, what it cost.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::as_read::Number;
use super::caller::Council;
use super::documented::Reads;
use super::params::Params;
use super::parking::Standing;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Digest, InstallationId, KnownAt};
use crate::store;

/// Days that are looked back, usually and at most.
const USUAL: u32 = 30;
const MOST: u32 = 366;

/// How far back.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// 1 to 366.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 366, default = 30)]
    days: Option<Number>,
}

/// How one installation ran.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginOperation {
    installation: InstallationId,
    name: String,
    version: String,
    plugin: Digest,
    /// `proposed`, `active`, `retired`.
    #[schema(example = "active")]
    status: &'static str,
    /// That ended, the failed among them.
    runs: u64,
    /// By code.
    failures: Vec<Failures>,
    /// Left out: it did not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<Spread>,
    #[serde(skip_serializing_if = "Option::is_none")]
    millis: Option<Spread>,
    /// Instructions of all its runs together.
    instructions_used: u64,
    #[serde(flatten)]
    standing: Standing,
}

/// How often something stopped it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OperationFailures)]
pub struct Failures {
    #[schema(example = "plugin-trapped")]
    outcome: String,
    runs: u64,
}

/// Of the last thousand runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Spread {
    median: u64,
    /// Nineteen of twenty take no more.
    p95: u64,
}

impl Spread {
    fn of(mut all: Vec<u64>) -> Option<Self> {
        all.sort_unstable();
        let at = |of_hundred: usize| all.get((all.len() * of_hundred).div_ceil(100).saturating_sub(1)).copied();
        Some(Self { median: at(50)?, p95: at(95)? })
    }
}

/// How an authority's plugins run.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginOperations {
    since: KnownAt,
    /// In the order in which they were proposed.
    items: Vec<PluginOperation>,
}

/// Read how plugins run
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/plugin-operations", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = PluginOperations, description = "Of each installation"), Reads),
)]
pub async fn read_plugin_operations(
    State(app): State<App>,
    council: Council,
    Params(wanted): Params<Wanted>,
) -> Result<Json<PluginOperations>, Problem> {
    council.may(Verb::SeeRuns)?;
    let Some(days) = wanted.days.map_or(Some(USUAL), |Number(days)| u32::try_from(days).ok()).filter(|days| (1..=MOST).contains(days))
    else {
        return Err(Problem::invalid("days", format!("is 1 to {MOST}")));
    };
    let now = council.store.clock().now();
    let since = KnownAt::from_millis(now.millis() - i64::from(days) * 86_400_000);
    let mut items = Vec::new();
    for installation in council.store.installations().await? {
        let store::Operations { outcomes, instructions, last } = council.store.operations(installation.id, since).await?;
        let version = app.workflow.manifest(installation.digest).await?.version.clone();
        let standing = Standing::of(council.store.parked(installation.id).await?, council.store.brought_back(installation.id).await?);
        let failed = outcomes.iter().filter(|(outcome, _)| outcome != "answered");
        items.push(PluginOperation {
            installation: installation.id,
            name: installation.plugin,
            version,
            plugin: installation.digest,
            status: installation.status.code(),
            runs: outcomes.iter().map(|(_, n)| n).sum(),
            failures: failed.map(|(outcome, runs)| Failures { outcome: outcome.clone(), runs: *runs }).collect(),
            instructions: Spread::of(last.iter().map(|(i, _)| *i).collect()),
            millis: Spread::of(last.iter().map(|(_, m)| *m).collect()),
            instructions_used: instructions,
            standing,
        });
    }
    Ok(Json(PluginOperations { since, items }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_and_what_nineteen_of_twenty_take_at_most() {
        let spread = Spread::of((1..=100).rev().collect()).unwrap();
        assert_eq!((spread.median, spread.p95), (50, 95));
        let one = Spread::of(vec![7]).unwrap();
        assert_eq!((one.median, one.p95), (7, 7));
        assert!(Spread::of(Vec::new()).is_none());
    }
}
