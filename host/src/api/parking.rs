//! Plugins that failed again and again and are parked, and the way back.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Council;
use super::documented::Writes;
use super::installations::Installation;
use super::once::{Answer, Begun, Once};
use super::params::Id;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, InstallationId, KnownAt};
use crate::store;
use crate::workflow::unpark;

/// Why an installation is not asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Parked {
    since: KnownAt,
    #[schema(example = "it failed for 5 families in a row (plugin-trapped 5)")]
    why: String,
    failures: u64,
    /// That were looked at, the failures among them.
    runs: u64,
}

/// Who brought it back last, when and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct BroughtBack {
    at: KnownAt,
    by: String,
    reason: String,
}

/// Is it asked?
#[derive(Debug, Serialize, ToSchema)]
pub struct Standing {
    /// It failed again and again, or its publisher's key was compromised: it is not asked until it is brought back. Left out: it is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    parked: Option<Parked>,
    /// Left out where it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    brought_back: Option<BroughtBack>,
}

impl Standing {
    pub fn of(parked: Option<store::Parked>, back: Option<store::BroughtBack>) -> Self {
        Self {
            parked: parked.map(|store::Parked { since, why, failures, runs, .. }| Parked { since, why, failures, runs }),
            brought_back: back.map(|store::BroughtBack { at, by, reason }| BroughtBack { at, by, reason }),
        }
    }
}

/// Why it is to be asked again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Back {
    /// 1 to 500 bytes; kept, with who said it and when.
    reason: String,
}

/// Bring a parked installation back
///
/// It is asked again from now on, and what failed before counts no more towards parking it. Where its publisher's key was compromised, it is kept
/// on instead.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/unpark", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Back, example = json!({ "reason": "its author says that the families without an address were at fault; they are mended" })),
    responses((status = 200, body = Installation, description = "It is asked again"), Writes),
)]
pub async fn unpark_installation(
    State(app): State<App>,
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Body { value: Back { reason }, digest }: Body<Back>,
) -> Result<Response, Problem> {
    council.may(Verb::InstallPlugins)?;
    let parked = council.store.installation(id).await?;
    app.workflow.standing(&parked.digest).await?.must_be_believed()?;
    let mut tx = match once.begin(&council, digest, "brought a parked installation back").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    unpark(&mut tx, id, &reason, &council.by).await?;
    let installation = Installation::within(&mut tx, id).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &installation)).await
}
