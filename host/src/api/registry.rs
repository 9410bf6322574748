//! Plugins from registries.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Caller;
use super::documented::Pulls;
use super::once::{Answer, Once};
use super::plugins::{Plugin, found};
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::plugins::inspect;
use crate::plugins::publish::{Brought, PublishError, publish_with};
use crate::plugins::registry::{Reference, RegistryError, pull};
use crate::record::Digest;
use crate::record::signing::{Signature, Stated};

/// Where a plugin lies.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InRegistry {
    /// `oci://registry/repository:tag`, with `@sha256:…` of the manifest where it is known.
    reference: String,
}

impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Self {
        let said = error.to_string();
        match error {
            RegistryError::Reference(why) => Self::invalid("reference", why),
            RegistryError::NotNamed(_) => Self::new(Code::RegistryNotNamed, said).at("reference"),
            RegistryError::Replays { .. } => Self::new(Code::RegistryReplays, said).at("reference"),
            RegistryError::Door(_)
            | RegistryError::Status { .. }
            | RegistryError::Missing(_)
            | RegistryError::Lies { .. }
            | RegistryError::NoPlugin(_)
            | RegistryError::Published
            | RegistryError::Unknown { .. }
            | RegistryError::NotLetIn { .. }
            | RegistryError::NoPassword { .. }
            | RegistryError::OtherTag { .. }
            | RegistryError::Credentials => Self::new(Code::RegistryFailed, said).at("reference"),
        }
    }
}

/// Take a plugin from a registry
///
/// The host fetches the file and the signature beside it from an OCI registry that its operator named, checks the digests, and then does as with
/// an upload. A tag that is a version has to be that of the plugin and of its signature.
#[utoipa::path(
    post, path = "/v1/plugins/from-registry", tag = "plugins", security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once")),
    request_body(content = InRegistry, example = json!({ "reference": "oci://registry.example.org/charity/family-goals:1.0.0" })),
    responses(
        (status = 201, body = Plugin, description = "Published", headers(("Location" = String))),
        (status = 200, body = Plugin, description = "Published before"),
        Pulls,
    ),
)]
pub async fn take_from_registry(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body { value: asked, digest }: Body<InRegistry>,
) -> Result<Response, Problem> {
    caller.may_somewhere(&app, Verb::PublishPlugins).await?;
    let who = caller.0;
    let common = app.stores.common();
    if let Some(before) = once.look_common(common, &who, digest).await? {
        return Ok(before);
    }
    let reference: Reference = asked.reference.parse()?;
    let pulled = pull(&app.door, &app.registries, &reference).await?;
    let signature: Option<Signature> = pulled.signature.as_deref().map(str::parse).transpose()?;
    let bytes = pulled.bytes;
    let plugin = Digest::of(&bytes);
    let (read, bytes) = app.sandbox.apart(move || inspect(&bytes).map(|read| (read, bytes))).await?.map_err(PublishError::from)?;
    let stated = signature.as_ref().map(|s| Stated::read(&s.comment)).transpose()?;
    reference.must_be(&read.manifest.version, stated.as_ref())?;
    let brought = Brought { signature, from: Some((reference.to_string(), pulled.manifest.to_string())) };
    let published = publish_with(common, &app.sandbox, bytes, brought, &who.to_string()).await?;
    let answer = Plugin::of(found(&app, &plugin).await?)?;
    let status = if published.already { StatusCode::OK } else { StatusCode::CREATED };
    once.keep_after(common, &who, digest, Answer::new(status, &answer)).await
}
