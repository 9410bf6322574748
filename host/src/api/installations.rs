//! An authority's adoption of plugin versions: proposed, active, retired.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::body::{Body, Nothing, Perhaps};
use super::caller::Council;
use super::documented::{Acts, Adopts, Edits, Links, Reads, Reviews};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::parking::Standing;
use super::problem::Problem;
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::plugins::install::{change, grants_of, propose};
use crate::plugins::update::{self, Carried};
use crate::record::{AuthorityId, Digest, InstallationId, KnownAt};
use crate::store::{self, AuthorityStore, AuthorityTx, InstallationStatus, PluginVersion, StoreError};
use crate::workflow::{reviewing, switching};

/// What an authority wants to adopt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInstallation)]
pub struct Proposal {
    /// The digest of the plugin version.
    plugin: Digest,
    /// Interfaces that it may have, of those that it asks for.
    #[serde(default)]
    grants: Vec<String>,
    /// What differs from the defaults of the plugin's settings schema.
    #[serde(default = "no_settings")]
    #[schema(value_type = Object)]
    settings: Value,
    /// The installation of an older version of the same plugin that this one is to take the place of. Grants and settings of it are carried over where
    /// they are not given, as `settings` of `…/installations/{installation}/updates` shows it.
    #[serde(default)]
    updates: Option<InstallationId>,
    /// Of an update: the digest of the difference that was read (`acknowledge` of `…/installations/{installation}/updates`). Needed where the
    /// newer version sees, proposes or says more.
    #[serde(default)]
    acknowledged: Option<Digest>,
    /// Of an update: settings of the older version that are not carried over and not given, so that nothing is dropped unseen. All of them.
    #[serde(default)]
    leaves: Vec<String>,
}

fn no_settings() -> Value {
    serde_json::json!({})
}

/// The interfaces that an installation may have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrants {
    grants: Vec<String>,
    /// Its runs are given what is sealed, too. What it decides is then seen by those alone whom every seal on the family names.
    #[serde(default)]
    sealed: bool,
}

/// What an installation is set to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSettings {
    /// What differs from the defaults of the plugin's settings schema.
    #[schema(value_type = Object)]
    settings: Value,
}

/// Where an adoption stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = InstallationStatus)]
pub enum Status {
    Proposed,
    Active,
    Retired,
}

/// An authority's adoption of a plugin version.
#[derive(Debug, Serialize, ToSchema)]
pub struct Installation {
    id: InstallationId,
    /// The plugin's name.
    #[schema(example = "bristol-outcomes")]
    name: String,
    /// The digest of the plugin version.
    plugin: Digest,
    /// The first of `offers`, for programs that know of one alone.
    #[schema(example = "outcomes")]
    extension_point: String,
    /// The extension points that its plugin offers.
    #[schema(example = json!(["outcomes"]))]
    offers: Vec<String>,
    /// Those that it is asked about: none unless it is active; of outcomes and pathway one installation decides.
    #[schema(example = json!(["outcomes"]))]
    decides: Vec<String>,
    grants: Vec<String>,
    /// Its runs are given what is sealed, too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sealed: bool,
    /// With the defaults of the plugin's settings schema filled in: what runs are given.
    #[schema(value_type = Object)]
    settings: Value,
    status: Status,
    proposed_at: KnownAt,
    proposed_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    activated_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activated_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_by: Option<String>,
    #[serde(flatten)]
    standing: Standing,
}

impl Installation {
    /// As it stands in a transaction.
    pub async fn within(tx: &mut AuthorityTx, id: InstallationId) -> Result<Self, StoreError> {
        let standing = Standing::of(tx.parked(id).await?, tx.brought_back(id).await?);
        Self::of(tx.installation(id).await?, standing)
    }

    async fn read(store: &AuthorityStore, installation: store::Installation) -> Result<Self, StoreError> {
        let standing = Standing::of(store.parked(installation.id).await?, store.brought_back(installation.id).await?);
        Self::of(installation, standing)
    }

    fn of(installation: store::Installation, standing: Standing) -> Result<Self, StoreError> {
        Ok(Self {
            standing,
            grants: grants_of(&installation)?.0.into_iter().collect(),
            id: installation.id,
            name: installation.plugin,
            plugin: installation.digest,
            extension_point: installation.offers.first().map(|o| o.extension_point.clone()).unwrap_or_default(),
            offers: installation.offers.iter().map(|o| o.extension_point.clone()).collect(),
            decides: installation.offers.iter().filter(|o| o.decides).map(|o| o.extension_point.clone()).collect(),
            sealed: installation.sealed,
            settings: installation.settings,
            status: match installation.status {
                InstallationStatus::Proposed => Status::Proposed,
                InstallationStatus::Active => Status::Active,
                InstallationStatus::Retired => Status::Retired,
            },
            proposed_at: installation.created_at,
            proposed_by: installation.created_by,
            activated_at: installation.activated_at,
            activated_by: installation.activated_by,
            retired_at: installation.retired_at,
            retired_by: installation.retired_by,
        })
    }
}

async fn version(app: &App, digest: &Digest) -> Result<Option<PluginVersion>, Problem> {
    Ok(app.stores.common().plugin_version(digest).await?)
}

async fn read(store: &AuthorityStore, id: InstallationId) -> Result<Json<Installation>, Problem> {
    Ok(Json(Installation::read(store, store.installation(id).await?).await?))
}

/// Propose an installation
///
/// Nothing of it runs until it is activated.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Proposal, example = json!({
        "plugin": "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        "grants": ["hearth:family/coverage", "hearth:family/education", "hearth:decision/episode"],
        "settings": {},
    })),
    responses((status = 201, body = Installation, description = "Proposed", headers(("Location" = String))), Adopts),
)]
pub async fn propose_installation(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: new, digest }: Body<Proposal>,
) -> Result<Response, Problem> {
    council.may(Verb::InstallPlugins)?;
    let plugin = version(&app, &new.plugin).await?;
    let plugin = plugin.ok_or_else(|| Problem::invalid("plugin", format!("there is no plugin {}", new.plugin)))?;
    app.workflow.must_be_believed(&council.store, &plugin.name, &plugin.digest).await?;
    let (new, update) = as_update(&app, &council, new, &plugin).await?;
    let mut tx = match once.begin(&council, digest, "proposed an installation").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let proposed = propose(&mut tx, &plugin, &new.grants, &new.settings, &council.by).await?;
    if let Some(updates) = update {
        tx.note_update(proposed.id, &updates).await?;
    }
    let proposed = Installation::within(&mut tx, proposed.id).await?;
    once.finish(tx, &council, digest, Answer::created(&proposed)).await
}

/// What is proposed in the place of an older version, with what is carried over.
async fn as_update(
    app: &App,
    council: &Council,
    new: Proposal,
    plugin: &PluginVersion,
) -> Result<(Proposal, Option<store::Updates>), Problem> {
    let Some(id) = new.updates else { return Ok((new, None)) };
    let before = council.store.installation(id).await?;
    let older = version(app, &before.digest).await?.ok_or_else(|| missing(&before))?;
    let difference = update::check(&older, plugin, new.acknowledged)?;
    let carried = update::carry(&before, &older, plugin, &new.settings)?;
    nothing_unseen(&carried, &new.leaves)?;
    let grants = if new.grants.is_empty() { carried.grants } else { new.grants };
    let updates = store::Updates { installation: id, difference };
    Ok((Proposal { grants, settings: carried.settings, ..new }, Some(updates)))
}

/// What is not carried over has been named, by name and by nobody else.
fn nothing_unseen(carried: &Carried, leaves: &[String]) -> Result<(), Problem> {
    let left: BTreeSet<&str> = carried.left.iter().map(|l| l.setting.as_str()).collect();
    let unseen: Vec<&str> = left.iter().copied().filter(|name| !leaves.iter().any(|l| l == name)).collect();
    if !unseen.is_empty() {
        let why = format!("cannot carry over {}: give what takes their place, or name them as `leaves`", unseen.join(", "));
        let problem = Problem::invalid("settings", why);
        return Err(problem.with("left", serde_json::to_value(&carried.left).unwrap_or_default()));
    }
    match leaves.iter().position(|name| !left.contains(name.as_str())) {
        Some(i) => Err(Problem::invalid(format!("leaves[{i}]"), "is no setting that is left behind")),
        None => Ok(()),
    }
}

/// List installations
///
/// Retired ones too.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/installations", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Installation>, description = "In the order in which they were proposed"), Reads),
)]
pub async fn list_installations(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Installation>>, Problem> {
    council.may(Verb::SeeRules)?;
    let page = paging.cut(council.store.installations().await?, |i| i.id)?;
    let mut items = Vec::with_capacity(page.items.len());
    for installation in page.items {
        items.push(Installation::read(&council.store, installation).await?);
    }
    Ok(Json(Page { items, next: page.next }))
}

/// Read an installation
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/installations/{installation}", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
    ),
    responses((status = 200, body = Installation, description = "The installation", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_installation(council: Council, Id(id): Id<InstallationId>) -> Result<Versioned<Installation>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Versioned(read(&council.store, id).await?.0))
}

/// Set an installation's grants
///
/// While it is proposed: what is active is replaced by a new installation, not changed.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/installations/{installation}/grants", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = NewGrants, example = json!({ "grants": ["hearth:family/education"] })),
    responses((status = 200, body = Installation, description = "Set", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn change_grants(
    State(app): State<App>,
    council: Council,
    Id(id): Id<InstallationId>,
    seen: IfMatch,
    Body { value, .. }: Body<NewGrants>,
) -> Result<Versioned<Installation>, Problem> {
    set(&app, &council, id, &seen, Some(&value), None).await
}

/// Set an installation's settings
///
/// While it is proposed: what is active is replaced by a new installation, not changed.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/installations/{installation}/settings", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = NewSettings, example = json!({ "settings": { "attendance-percent": 90 } })),
    responses((status = 200, body = Installation, description = "Set", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn change_settings(
    State(app): State<App>,
    council: Council,
    Id(id): Id<InstallationId>,
    seen: IfMatch,
    Body { value, .. }: Body<NewSettings>,
) -> Result<Versioned<Installation>, Problem> {
    set(&app, &council, id, &seen, None, Some(&value.settings)).await
}

async fn set(
    app: &App,
    council: &Council,
    id: InstallationId,
    seen: &IfMatch,
    grants: Option<&NewGrants>,
    settings: Option<&Value>,
) -> Result<Versioned<Installation>, Problem> {
    council.may(Verb::InstallPlugins)?;
    let mut tx = council.write("changed an installation").await?;
    let installation = tx.installation(id).await?;
    seen.holds(&read(&council.store, id).await?.0)?;
    let plugin = version(app, &installation.digest).await?.ok_or_else(|| missing(&installation))?;
    change(&mut tx, &installation, &plugin, grants.map(|g| g.grants.as_slice()), settings).await?;
    if let Some(grants) = grants {
        tx.grant_sealed(id, grants.sealed).await?;
    }
    reviewing::changed(&mut tx, &installation, &council.by).await?;
    tx.commit().await?;
    Ok(Versioned(read(&council.store, id).await?.0))
}

fn missing(installation: &store::Installation) -> StoreError {
    StoreError::Damaged(format!("the plugin of installation {} is not there", installation.id))
}

/// An installation that decides from now on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activated {
    #[serde(flatten)]
    installation: Installation,
    /// Those that decided, until now, something that this one decides from now on.
    replaced: Vec<InstallationId>,
    /// It is to be then, and was not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    planned: Option<KnownAt>,
}

impl Activated {
    pub const fn now(installation: Installation, replaced: Vec<InstallationId>) -> Self {
        Self { installation, replaced, planned: None }
    }
}

/// When, and why.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewActivation {
    /// An instant to come: whoever is asked first after it makes it true. Left out: at once.
    #[serde(default)]
    at: Option<KnownAt>,
    /// 1 to 500 bytes; needed of one that failed and came back by itself.
    #[serde(default)]
    reason: Option<String>,
}

/// Activate an installation
///
/// A proposed one, or a retired one again: to go back with a reason there is `return`. It has to be approved as the authority asks for (`plugin-review`). It is linked to what was granted first; where it
/// needs more, nothing changes. One that is parked stays so. Where one installation decides (outcomes, pathway), it takes that from the one that did; one
/// that has nothing left to decide is retired.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/activation", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Option<NewActivation>, description = "It may be left out: then at once", example = json!({ "at": "2027-04-01T00:00:00Z" })),
    responses((status = 200, body = Activated, description = "Active, or planned"), Reviews, Links),
)]
pub async fn activate_installation(
    State(app): State<App>,
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Perhaps { value: NewActivation { at, reason }, digest }: Perhaps<NewActivation>,
) -> Result<Response, Problem> {
    council.may(Verb::ApprovePlugins)?;
    let proposed = council.store.installation(id).await?;
    app.workflow.must_be_believed(&council.store, &proposed.plugin, &proposed.digest).await?;
    let ready = app.workflow.ready(proposed.clone()).await?;
    let mut tx = match once.begin(&council, digest, "activated an installation").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let now = tx.installation(id).await?;
    if (&now.grants, &now.settings, now.sealed) != (&proposed.grants, &proposed.settings, proposed.sealed) {
        return Err(StoreError::Conflict("somebody changed the installation at this moment: look at it again".into()).into());
    }
    let replaced = match at {
        Some(at) => switching::plan(&mut tx, id, &ready.manifest, at, reason.as_deref(), &council.by).await.map(|()| Vec::new())?,
        None => switching::activate(&mut tx, id, &ready.manifest, reason.as_deref(), &council.by).await?,
    };
    let activated = Activated { installation: Installation::within(&mut tx, id).await?, replaced, planned: at };
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &activated)).await
}

/// Retire an installation
///
/// It decides no longer. What it decided stays.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/retirement", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = Installation, description = "Retired"), Acts),
)]
pub async fn retire_installation(
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::InstallPlugins)?;
    let mut tx = match once.begin(&council, digest, "retired an installation").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.retire_installation(id, &council.by).await?;
    let retired = Installation::within(&mut tx, id).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &retired)).await
}
