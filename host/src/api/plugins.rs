//! Plugin versions: uploaded by anybody with a token, adopted by authorities.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::body::{Unread, Wasm};
use super::caller::Caller;
use super::documented::{Reads, Uploads};
use super::once::{Answer, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use super::signatures::Signed;
use crate::access::Verb;
use crate::plugins::describe::describe;
use crate::plugins::install::manifest_of;
use crate::plugins::manifest::Both;
use crate::plugins::publish::{Brought, publish_with};
use crate::plugins::{Manifest, inspect};
use crate::record::{Digest, KnownAt};
use crate::sandbox::INTERFACES;
use crate::store::{PluginVersion, StoreError};

/// A plugin version, in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginSummary {
    digest: Digest,
    #[schema(example = "bristol-outcomes")]
    name: String,
    #[schema(example = "1.0.0")]
    version: String,
    /// The organisation that answers for it.
    publisher: String,
    /// Of the component, in bytes.
    size: u64,
    published_at: KnownAt,
}

/// A plugin version, read from its file without running it: what it offers, asks to see and may say.
#[derive(Debug, Serialize, ToSchema)]
pub struct Plugin {
    #[serde(flatten)]
    summary: PluginSummary,
    /// What an authority would have to grant.
    asks: Vec<Asked>,
    manifest: Manifest,
}

/// One permission that a plugin asks for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Asked {
    /// What to write into an installation's grants.
    #[schema(example = "hearth:family/education")]
    interface: &'static str,
    /// What it lets the plugin do.
    #[schema(example = "see school attendance and exclusions")]
    says: &'static str,
    /// Why its author asks for it.
    why: Both,
    /// It runs without.
    optional: bool,
}

impl From<PluginVersion> for PluginSummary {
    fn from(v: PluginVersion) -> Self {
        Self { digest: v.digest, name: v.name, version: v.version, publisher: v.publisher, size: v.size, published_at: v.at }
    }
}

impl Asked {
    /// All that a plugin asks for.
    pub fn all(manifest: &Manifest) -> Vec<Self> {
        // Inspection has made sure that the manifest gives a reason for each import that has to be granted.
        let asks = INTERFACES.iter().filter(|i| i.is_granted_by_the_authority()).filter_map(|i| {
            let optional = manifest.optional.iter().any(|o| o == i.name);
            Some(Self { interface: i.name, says: i.says, why: manifest.why.get(i.name)?.clone(), optional })
        });
        asks.collect()
    }

    pub const fn interface(&self) -> &'static str {
        self.interface
    }
}

impl Plugin {
    pub fn of(version: PluginVersion) -> Result<Self, StoreError> {
        let manifest = manifest_of(&version)?;
        Ok(Self { asks: Asked::all(&manifest), manifest, summary: version.into() })
    }
}

pub async fn found(app: &App, digest: &Digest) -> Result<PluginVersion, Problem> {
    let version = app.stores.common().plugin_version(digest).await?;
    version.ok_or_else(|| Problem::no_such("plugin", digest))
}

/// Upload a plugin
///
/// One `.wasm` file of at most 64 MiB. It is read, compiled, linked with all that it asks for and started once: what is
/// wrong with it is said now. The same file again is answered with 200 and changes nothing. With the header `Hearth-Signature`, the base64 of
/// the .minisig file, its publisher vouches for it, and its name is the publisher's from then on.
#[utoipa::path(
    post, path = "/v1/plugins", tag = "plugins", security(("token" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
        ("Hearth-Signature" = Option<String>, Header, description = "The .minisig file in base64"),
    ),
    request_body(content = Vec<u8>, content_type = "application/wasm", description = "The component"),
    responses(
        (status = 201, body = Plugin, description = "Published", headers(("Location" = String))),
        (status = 200, body = Plugin, description = "Published before"),
        Uploads,
    ),
)]
pub async fn upload_plugin(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Signed(signature): Signed,
    body: Unread<Wasm>,
) -> Result<Response, Problem> {
    caller.may_somewhere(&app, Verb::PublishPlugins).await?;
    let Wasm(bytes) = body.read().await?;
    let who = caller.0;
    let common = app.stores.common();
    let body = Digest::of(&bytes);
    if let Some(before) = once.look_common(common, &who, body).await? {
        return Ok(before);
    }
    let brought = Brought { signature, from: None };
    let published = publish_with(common, &app.sandbox, bytes.into(), brought, &who.to_string()).await?;
    let plugin = Plugin::of(found(&app, &published.inspected.digest).await?)?;
    let status = if published.already { StatusCode::OK } else { StatusCode::CREATED };
    once.keep_after(common, &who, body, Answer::new(status, &plugin)).await
}

/// List plugins
#[utoipa::path(
    get, path = "/v1/plugins", tag = "plugins", security(("token" = [])), params(Paging),
    responses((status = 200, body = Page<PluginSummary>, description = "By name and version"), Reads),
)]
pub async fn list_plugins(State(app): State<App>, _: Caller, Params(paging): Params<Paging>) -> Result<Json<Page<PluginSummary>>, Problem> {
    let after = paging.after::<Digest>()?;
    let versions = app.stores.common().plugin_versions(after.as_ref(), paging.limit()).await?;
    Ok(Json(Page::of(versions, PluginSummary::from)))
}

/// Read a plugin
#[utoipa::path(
    get, path = "/v1/plugins/{plugin}", tag = "plugins", security(("token" = [])),
    params(("plugin" = Digest, Path, description = "The digest of its file")),
    responses((status = 200, body = Plugin, description = "The plugin"), Reads),
)]
pub async fn read_plugin(State(app): State<App>, _: Caller, Id(digest): Id<Digest>) -> Result<Json<Plugin>, Problem> {
    Ok(Json(Plugin::of(found(&app, &digest).await?)?))
}

/// Read a plugin in plain words
///
/// What it offers, asks to see, may propose and may say, for whoever has to sign.
#[utoipa::path(
    get, path = "/v1/plugins/{plugin}/inspection", tag = "plugins", security(("token" = [])),
    params(("plugin" = Digest, Path, description = "The digest of its file")),
    responses((status = 200, body = String, content_type = "text/plain", description = "A page of plain text"), Reads),
)]
pub async fn read_inspection(State(app): State<App>, _: Caller, Id(digest): Id<Digest>) -> Result<String, Problem> {
    let bytes = app.stores.common().plugin_bytes(&digest).await?.ok_or_else(|| Problem::no_such("plugin", digest))?;
    // A Python plugin has 18 MB to be read through: not on the threads that answer.
    let read = tokio::task::spawn_blocking(move || inspect(&bytes)).await;
    let inspected = read.map_err(|e| StoreError::Damaged(e.to_string()))?;
    Ok(describe(&inspected.map_err(|e| StoreError::Damaged(format!("plugin {digest}: {e}")))?, false).text())
}
