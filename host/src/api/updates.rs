//! Updates of installations: which are offered, and what they change.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::caller::{Caller, Council};
use super::documented::Reads;
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::plugins::difference::Difference;
use crate::plugins::update;
use crate::record::{AuthorityId, Day, Digest, InstallationId, KnownAt};
use crate::store::{AuthorityStore, PluginVersion, StoreError};

/// A newer version, and what it changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offered {
    /// The digest of the plugin version.
    plugin: Digest,
    #[schema(example = "1.1.0")]
    version: String,
    published_at: KnownAt,
    /// Whom it comes from: `signed` or `unsigned`.
    state: &'static str,
    /// What to name as `acknowledged`.
    acknowledge: Digest,
    difference: Difference,
}

/// An installation's updates.
#[derive(Debug, Serialize, ToSchema)]
pub struct Updates {
    /// The newest first. Nobody has to take one.
    offered: Vec<Offered>,
    /// It was proposed as an update of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    updates: Option<InstallationId>,
    /// The difference that was acknowledged then.
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged: Option<Digest>,
    /// It is asked although its publisher's key was compromised. Left out: nobody ever said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_on: Option<KeptOn>,
}

/// Until when an installation is kept on, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptOn {
    /// The last day.
    until: Day,
    reason: String,
    at: KnownAt,
    by: String,
}

/// The versions of a plugin that an authority has seen: those of all its installations of it.
async fn seen(app: &App, store: &AuthorityStore, name: &str) -> Result<Vec<String>, StoreError> {
    let mut seen = Vec::new();
    for installation in store.installations().await?.into_iter().filter(|i| i.plugin == name) {
        seen.extend(app.stores.common().plugin_version(&installation.digest).await?.map(|v| v.version));
    }
    Ok(seen)
}

async fn offer(app: &App, installed: &PluginVersion, newer: PluginVersion) -> Result<Option<Offered>, Problem> {
    let standing = app.workflow.standing(&newer.digest).await?;
    if standing.must_be_believed().is_err() {
        return Ok(None);
    }
    let difference = update::difference(installed, &newer)?;
    let PluginVersion { digest, version, at, .. } = newer;
    let acknowledge = difference.digest();
    Ok(Some(Offered { plugin: digest, version, published_at: at, state: standing.code(), acknowledge, difference }))
}

/// Read an installation's updates
///
/// Newer versions by the same publisher, each with what it changes. One that is older than any that the authority has seen is not offered. To
/// take one is to propose an installation that names this one as `updates`, and the digest of the difference as `acknowledged`.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/installations/{installation}/updates", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
    ),
    responses((status = 200, body = Updates, description = "What is offered"), Reads),
)]
pub async fn read_updates(State(app): State<App>, council: Council, Id(id): Id<InstallationId>) -> Result<Json<Updates>, Problem> {
    council.may(Verb::SeeRules)?;
    let store = &council.store;
    let installation = store.installation(id).await?;
    let common = app.stores.common();
    let installed = common.plugin_version(&installation.digest).await?;
    let installed = installed.ok_or_else(|| Problem::no_such("plugin", installation.digest))?;
    let known = common.versions_named(&installation.plugin).await?;
    let mut offered = Vec::new();
    for newer in update::offered(&installed, &seen(&app, store, &installation.plugin).await?, known) {
        offered.extend(offer(&app, &installed, newer).await?);
    }
    let (updates, acknowledged) = store.updates(id).await?.map_or((None, None), |u| (Some(u.installation), u.difference));
    let kept_on = store.kept_on(id).await?.map(|k| KeptOn { until: k.until, reason: k.reason, at: k.at, by: k.by });
    Ok(Json(Updates { offered, updates, acknowledged, kept_on }))
}

/// The other of two.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct From {
    /// The digest of the version that it is compared with.
    #[param(value_type = String)]
    from: Digest,
}

/// Read the difference of two versions
///
/// What changed from one version of a plugin to this one, read from their files without running them.
#[utoipa::path(
    get, path = "/v1/plugins/{plugin}/difference", tag = "plugins", security(("token" = [])),
    params(("plugin" = Digest, Path, description = "The digest of its file"), From),
    responses((status = 200, body = Difference, description = "What changed"), Reads),
)]
pub async fn read_difference(
    State(app): State<App>,
    _: Caller,
    Id(to): Id<Digest>,
    Params(From { from }): Params<From>,
) -> Result<Json<Difference>, Problem> {
    let common = app.stores.common();
    let newer = common.plugin_version(&to).await?.ok_or_else(|| Problem::no_such("plugin", to))?;
    let older = common.plugin_version(&from).await?.ok_or_else(|| Problem::no_such("plugin", from))?;
    if older.name != newer.name {
        return Err(Problem::invalid("from", "is a version of another plugin"));
    }
    Ok(Json(update::difference(&older, &newer)?))
}
