//! Signatures of plugin versions: who vouches for them, since when, and where they were taken from.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Caller;
use super::documented::{Reads, Uploads, Writes};
use super::once::{Answer, Once};
use super::params::Id;
use super::problem::Problem;
use crate::access::Verb;
use crate::plugins::publish::sign_again;
use crate::record::signing::{KeyId, Signature, Standing};
use crate::record::{Digest, KnownAt};

/// The header with which a plugin's signature comes.
pub const HEADER: &str = "Hearth-Signature";

/// The signature that comes with an upload, if one does.
pub struct Signed(pub Option<Signature>);

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(given) = parts.headers.get(HEADER) else { return Ok(Self(None)) };
        let text = BASE64_STANDARD.decode(given.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or_else(|| Problem::invalid(HEADER, "is not the .minisig file in base64"))?;
        Ok(Self(Some(text.parse()?)))
    }
}

/// A signature more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignature {
    /// The .minisig file.
    signature: String,
}

/// One signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginSignature {
    key: KeyId,
    publisher: String,
    at: KnownAt,
    by: String,
    /// Its key is good, `superseded` or past its day: it is believed. `compromised`: it is not.
    compromised: bool,
    /// The .minisig file.
    signature: String,
}

/// Whom a plugin version comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct Provenance {
    /// `unsigned`, `signed`, `compromised` (by keys that were compromised alone) or `broken` (what is kept is no signature of it).
    #[schema(example = "signed")]
    state: &'static str,
    /// Who signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    uploaded_by: String,
    uploaded_at: KnownAt,
    /// The registry that it was taken from. Left out: it was sent as a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_from: Option<TakenFrom>,
    signatures: Vec<PluginSignature>,
}

impl Provenance {
    /// Everybody who had a hand in it, as the host knows them.
    pub fn who(&mut self) -> impl Iterator<Item = &mut String> {
        let others = self.taken_from.iter_mut().map(|from| &mut from.by).chain(self.signatures.iter_mut().map(|s| &mut s.by));
        std::iter::once(&mut self.uploaded_by).chain(others)
    }
}

/// A place in a registry.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenFrom {
    #[schema(example = "oci://registry.example.org/charity/family-goals:1.0.0")]
    reference: String,
    /// The digest of the registry's manifest.
    manifest: String,
    at: KnownAt,
    by: String,
}

/// What is said of a version's signatures.
pub async fn provenance(app: &App, digest: &Digest) -> Result<Provenance, Problem> {
    let common = app.stores.common();
    let version = common.plugin_version(digest).await?.ok_or_else(|| Problem::no_such("plugin", digest))?;
    let standing = app.workflow.standing(digest).await?;
    let publisher = match &standing {
        Standing::Signed { publisher, .. } | Standing::Compromised { publisher, .. } => Some(publisher.clone()),
        Standing::Unsigned | Standing::Broken(_) => None,
    };
    let signatures = common.signatures(digest).await?.into_iter().map(|kept| PluginSignature {
        key: kept.signature.key,
        publisher: kept.key.publisher,
        at: kept.at,
        by: kept.by,
        compromised: kept.key.compromised,
        signature: kept.signature.text,
    });
    let from = common.plugin_source(digest).await?;
    Ok(Provenance {
        state: standing.code(),
        publisher,
        uploaded_by: version.uploaded_by,
        uploaded_at: version.at,
        taken_from: from.map(|s| TakenFrom { reference: s.reference, manifest: s.manifest, at: s.at, by: s.by }),
        signatures: signatures.collect(),
    })
}

/// Read a plugin's signatures
#[utoipa::path(
    get, path = "/v1/plugins/{plugin}/signatures", tag = "plugins", security(("token" = [])),
    params(("plugin" = Digest, Path, description = "The digest of its file")),
    responses((status = 200, body = Provenance, description = "Who vouches for it, and where it came from"), Reads),
)]
pub async fn read_signatures(State(app): State<App>, _: Caller, Id(digest): Id<Digest>) -> Result<Json<Provenance>, Problem> {
    Ok(Json(provenance(&app, &digest).await?))
}

/// Sign a plugin
///
/// A signature more: by a publisher's new key, or of a plugin that nobody had signed, whose name is then its publisher's.
#[utoipa::path(
    post, path = "/v1/plugins/{plugin}/signatures", tag = "plugins", security(("token" = [])),
    params(
        ("plugin" = Digest, Path, description = "The digest of its file"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewSignature, description = "The .minisig file that `hearth plugin sign` writes"),
    responses((status = 201, body = Provenance, description = "Signed"), Uploads, Writes),
)]
pub async fn sign_plugin(
    State(app): State<App>,
    caller: Caller,
    Id(plugin): Id<Digest>,
    once: Once,
    Body { value: new, digest }: Body<NewSignature>,
) -> Result<Response, Problem> {
    caller.may_somewhere(&app, Verb::PublishPlugins).await?;
    let who = caller.0;
    let common = app.stores.common();
    if let Some(before) = once.look_common(common, &who, digest).await? {
        return Ok(before);
    }
    let signature: Signature = new.signature.parse()?;
    sign_again(common, &plugin, &signature, &who.to_string()).await?;
    once.keep_after(common, &who, digest, Answer::new(StatusCode::CREATED, &provenance(&app, &plugin).await?)).await
}
