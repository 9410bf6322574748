//! The catalogue: what modules there are, what each offers, asks to see and may say, who uses it, and what changed between its versions.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::caller::Council;
use super::colleagues::by_name;
use super::documented::Reads;
use super::page::{Page, Paging};
use super::params::{Id, Params, Slug};
use super::plugins::Asked;
use super::problem::Problem;
use super::signatures::{Provenance, provenance};
use crate::access::Verb;
use crate::plugins::Manifest;
use crate::plugins::difference::Difference;
use crate::plugins::install::manifest_of;
use crate::plugins::manifest::Both;
use crate::plugins::scenarios;
use crate::plugins::sensitive::marks;
use crate::plugins::update::{difference, numbers};
use crate::record::{AuthorityId, Digest, InstallationId, KnownAt};
use crate::sandbox::Template;
use crate::store::{InstallationStatus, PluginVersion};

/// A module, by its newest version.
#[derive(Debug, Serialize, ToSchema)]
pub struct Module {
    #[schema(example = "family-goals")]
    name: String,
    #[schema(example = "1.1.0")]
    version: String,
    /// The digest of the newest version.
    plugin: Digest,
    publisher: String,
    /// `unsigned`, `signed`, `compromised` or `broken`.
    #[schema(example = "signed")]
    state: &'static str,
    title: Both,
    purpose: Both,
    #[schema(example = json!(["outcomes"]))]
    offers: Vec<String>,
    used_by: UsedBy,
}

/// Who uses a module now.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct UsedBy {
    /// How many authorities.
    authorities: usize,
    /// Those of them that agreed to be named.
    named: Vec<AuthorityId>,
}

/// A module, in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModuleInFull {
    #[serde(flatten)]
    module: Module,
    /// What an authority would have to grant, with what data protection law guards most.
    asks: Vec<AskedMarked>,
    /// What it may say to people.
    #[schema(value_type = Vec<Object>)]
    says: Vec<Template>,
    scenarios: Scenarios,
    /// Where it is described in plain words, for whoever has to sign.
    #[schema(example = "/v1/plugins/sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae/inspection")]
    description: String,
    provenance: Provenance,
    /// This authority's own installations of it.
    installations: Vec<InstallationId>,
}

/// A permission, and why it weighs.
#[derive(Debug, Serialize, ToSchema)]
pub struct AskedMarked {
    #[serde(flatten)]
    asked: Asked,
    /// What data protection law says of it.
    marks: Vec<String>,
    /// It proposes by it, and does not read.
    proposes: bool,
}

/// What it was tried with.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scenarios {
    /// It passed all that it brings along, or would not be here.
    passed: usize,
    /// When they were played here.
    at: KnownAt,
}

/// A version of a module.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModuleVersion {
    plugin: Digest,
    version: String,
    published_at: KnownAt,
    state: &'static str,
    /// What changed since the version before. Left out: it is the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<Difference>,
}

/// Every module's users. One reading of each authority's installations: what they are is nobody else's, that there are some is counted.
async fn users(app: &App) -> Result<BTreeMap<String, UsedBy>, Problem> {
    let mut users: BTreeMap<String, UsedBy> = BTreeMap::new();
    for authority in app.stores.common().authorities().await? {
        let store = app.stores.authority(&authority.code).await?;
        let active = store.installations().await?.into_iter().filter(|i| i.status == InstallationStatus::Active);
        let names: std::collections::BTreeSet<String> = active.map(|i| i.plugin).collect();
        let named = !names.is_empty() && store.plugin_rules().await?.named;
        for name in names {
            let used = users.entry(name).or_default();
            used.authorities += 1;
            used.named.extend(named.then(|| authority.code.clone()));
        }
    }
    Ok(users)
}

/// The newest first.
fn by_age(mut versions: Vec<PluginVersion>) -> Vec<PluginVersion> {
    versions.sort_by_key(|v| std::cmp::Reverse(numbers(&v.version)));
    versions
}

async fn module(app: &App, newest: &PluginVersion, manifest: &Manifest, used_by: UsedBy) -> Result<Module, Problem> {
    Ok(Module {
        name: newest.name.clone(),
        version: newest.version.clone(),
        plugin: newest.digest,
        publisher: newest.publisher.clone(),
        state: app.workflow.standing(&newest.digest).await?.code(),
        title: manifest.title.clone(),
        purpose: manifest.purpose.clone(),
        offers: manifest.offers.iter().map(|o| o.code().to_owned()).collect(),
        used_by,
    })
}

/// Read the catalogue
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/catalogue", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Module>, description = "By name"), Reads),
)]
pub async fn list_modules(State(app): State<App>, council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Module>>, Problem> {
    council.may(Verb::SeeRules)?;
    let mut newest: BTreeMap<String, PluginVersion> = BTreeMap::new();
    for version in app.stores.common().every_version().await? {
        let older = newest.get(&version.name).is_none_or(|n| numbers(&n.version) < numbers(&version.version));
        if older {
            newest.insert(version.name.clone(), version);
        }
    }
    let mut users = users(&app).await?;
    let page = paging.cut(newest.into_values().collect(), |v: &PluginVersion| v.name.clone())?;
    let mut items = Vec::with_capacity(page.items.len());
    for version in page.items {
        items.push(module(&app, &version, &manifest_of(&version)?, users.remove(&version.name).unwrap_or_default()).await?);
    }
    Ok(Json(Page { items, next: page.next }))
}

async fn versions(app: &App, name: &str) -> Result<Vec<PluginVersion>, Problem> {
    let versions = by_age(app.stores.common().versions_named(name).await?);
    if versions.is_empty() { Err(Problem::no_such("module", name)) } else { Ok(versions) }
}

/// Read a module
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/catalogue/{module}", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("module" = String, Path, description = "The plugin's name")),
    responses((status = 200, body = ModuleInFull, description = "By its newest version"), Reads),
)]
pub async fn read_module(State(app): State<App>, council: Council, Id(Slug(name)): Id<Slug>) -> Result<Json<ModuleInFull>, Problem> {
    council.may(Verb::SeeRules)?;
    let newest = versions(&app, &name).await?.swap_remove(0);
    let manifest = manifest_of(&newest)?;
    let asks = Asked::all(&manifest).into_iter().map(|asked| AskedMarked {
        marks: marks(asked.interface()).iter().map(|(mark, why)| format!("{} {why}", mark.says())).collect(),
        proposes: asked.interface().starts_with("hearth:actions/"),
        asked,
    });
    let own = council.store.installations().await?.into_iter().filter(|i| i.plugin == name).map(|i| i.id);
    let mut provenance = provenance(&app, &newest.digest).await?;
    for by in provenance.who() {
        *by = by_name(&app, &council, std::mem::take(by)).await?;
    }
    Ok(Json(ModuleInFull {
        asks: asks.collect(),
        says: manifest.templates.clone(),
        // Inspection has read them already, so they can be read.
        scenarios: Scenarios { passed: scenarios::packed(&manifest.scenarios).map_or(0, |s| s.len()), at: newest.at },
        description: format!("/v1/plugins/{}/inspection", newest.digest),
        provenance,
        installations: own.collect(),
        module: module(&app, &newest, &manifest, users(&app).await?.remove(&name).unwrap_or_default()).await?,
    }))
}

/// Read a module's versions
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/catalogue/{module}/versions", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("module" = String, Path, description = "The plugin's name")),
    responses((status = 200, body = Vec<ModuleVersion>, description = "The newest first, each with what changed"), Reads),
)]
pub async fn list_module_versions(
    State(app): State<App>,
    council: Council,
    Id(Slug(name)): Id<Slug>,
) -> Result<Json<Vec<ModuleVersion>>, Problem> {
    council.may(Verb::SeeRules)?;
    let versions = versions(&app, &name).await?;
    let mut shown = Vec::with_capacity(versions.len());
    for (i, version) in versions.iter().enumerate() {
        let difference = versions.get(i + 1).map(|before| difference(before, version)).transpose()?;
        let state = app.workflow.standing(&version.digest).await?.code();
        shown.push(ModuleVersion { plugin: version.digest, version: version.version.clone(), published_at: version.at, state, difference });
    }
    Ok(Json(shown))
}
