//! Updates of installations: which are offered, and what they change.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::caller::{Caller, Council};
use super::documented::Reads;
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::plugins::difference::Difference;
use crate::plugins::install::{check_settings, manifest_of};
use crate::plugins::scenarios::{Became, Between};
use crate::plugins::update::{self, Carried, CarriedOver, LeftBehind};
use crate::record::{AuthorityId, Day, Digest, InstallationId, KnownAt};
use crate::store::{AuthorityStore, Installation, PluginVersion, StoreError};

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
    /// What would become of this installation's settings.
    settings: SettingsCarried,
}

/// An older installation's settings in a newer version, before anybody proposes it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsCarried {
    /// All of the newer version's, with its defaults: what its form begins with. Left out: it needs some that nobody gave yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    settings: Option<Value>,
    /// Each that goes over, before and after.
    over: Vec<CarriedOver>,
    /// Those that do not. To take the update is to give what takes their place, or to name them as `leaves`.
    left: Vec<LeftBehind>,
    /// New ones, with the newer version's defaults.
    fresh: Vec<String>,
    /// What moves money and would not be as it was: a second person approves it, and it is activated from an instant on.
    money: Vec<String>,
}

impl SettingsCarried {
    fn of(before: &Installation, older: &PluginVersion, newer: &PluginVersion) -> Result<Self, StoreError> {
        let Carried { settings, over, left, fresh, money, .. } = update::carry(before, older, newer, &Value::Null)?;
        let settings = check_settings(&manifest_of(newer)?, &settings).ok();
        Ok(Self { settings, over, left, fresh, money })
    }
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

async fn offer(app: &App, of: &Installation, installed: &PluginVersion, newer: PluginVersion) -> Result<Option<Offered>, Problem> {
    let standing = app.workflow.standing(&newer.digest).await?;
    if standing.must_be_believed().is_err() {
        return Ok(None);
    }
    let difference = update::difference(installed, &newer)?;
    let settings = SettingsCarried::of(of, installed, &newer)?;
    let PluginVersion { digest, version, at, .. } = newer;
    let acknowledge = difference.digest();
    Ok(Some(Offered { plugin: digest, version, published_at: at, state: standing.code(), acknowledge, difference, settings }))
}

/// Read an installation's updates
///
/// Newer versions by the same publisher, each with what it changes. One that is older than any that the authority has seen is not offered. To
/// take one is to propose an installation that names this one as `updates`, and the digest of the difference as `acknowledged`. `settings` shows each setting
/// before and after, and what could not be carried over.
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
        offered.extend(offer(&app, &installation, &installed, newer).await?);
    }
    let (updates, acknowledged) = store.updates(id).await?.map_or((None, None), |u| (Some(u.installation), u.difference));
    let kept_on = store.kept_on(id).await?.map(|k| KeptOn { until: k.until, reason: k.reason, at: k.at, by: k.by });
    Ok(Json(Updates { offered, updates, acknowledged, kept_on }))
}

/// The older version's scenarios with the newer one, and those that are new.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenariosBetween {
    /// Those that the newer version still answers as the older one promised.
    passed: u64,
    /// Those that it does not: no mistake by itself, since an author may think better of a rule.
    failed: u64,
    new: u64,
    /// In the order of the older version's files, then the new ones.
    scenarios: Vec<Between>,
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
    let (older, newer) = two(&app, &from, &to).await?;
    Ok(Json(update::difference(&older, &newer)?))
}

/// Two versions of one plugin.
async fn two(app: &App, from: &Digest, to: &Digest) -> Result<(PluginVersion, PluginVersion), Problem> {
    let common = app.stores.common();
    let newer = common.plugin_version(to).await?.ok_or_else(|| Problem::no_such("plugin", to))?;
    let older = common.plugin_version(from).await?.ok_or_else(|| Problem::no_such("plugin", from))?;
    if older.name != newer.name {
        return Err(Problem::invalid("from", "is a version of another plugin"));
    }
    Ok((older, newer))
}

/// Read what scenarios came to between two versions
///
/// The older version's scenarios, played with the newer one in the sandbox, within what an upload's scenarios may use; and which ones are new.
/// What fails is for whoever takes the newer version to know.
#[utoipa::path(
    get, path = "/v1/plugins/{plugin}/difference/scenarios", tag = "plugins", security(("token" = [])),
    params(("plugin" = Digest, Path, description = "The digest of the newer version's file"), From),
    responses((status = 200, body = ScenariosBetween, description = "What became of each"), Reads),
)]
pub async fn read_scenarios_between(
    State(app): State<App>,
    _: Caller,
    Id(to): Id<Digest>,
    Params(From { from }): Params<From>,
) -> Result<Json<ScenariosBetween>, Problem> {
    let (older, newer) = two(&app, &from, &to).await?;
    let scenarios = app.workflow.scenarios_between(&older, &newer).await?.to_vec();
    let count = |became: Became| scenarios.iter().filter(|s| s.became() == became).count() as u64;
    let (passed, failed, new) = (count(Became::Passes), count(Became::Fails), count(Became::New));
    Ok(Json(ScenariosBetween { passed, failed, new, scenarios }))
}
