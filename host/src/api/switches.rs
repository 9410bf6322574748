//! Going back to a former version, and what was done when.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Links, Reads, Writes};
use super::installations::{Activated, Installation};
use super::once::{Answer, Begun, Once};
use super::params::Id;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, InstallationId, KnownAt};
use crate::store::{self, StoreError};
use crate::workflow::switching;

/// One time that an installation was let decide.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activation {
    at: KnownAt,
    by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Those that decided until then.
    replaced: Vec<InstallationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<EndedActivation>,
}

/// How that ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndedActivation {
    at: KnownAt,
    by: String,
    why: String,
    /// It failed, and the host went back to the version before.
    by_itself: bool,
}

/// An activation that was planned.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedSwitch {
    at: KnownAt,
    by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// `waiting`, `done`, `dropped`, `failed`.
    #[schema(example = "waiting")]
    state: String,
    /// It could not be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// When an installation was let decide.
#[derive(Debug, Serialize, ToSchema)]
pub struct Switches {
    /// The latest first.
    activations: Vec<Activation>,
    /// The last that was planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    planned: Option<PlannedSwitch>,
}

impl From<store::Activation> for Activation {
    fn from(store::Activation { at, replaced, by, reason, ended, .. }: store::Activation) -> Self {
        let ended = ended.map(|store::EndedActivation { at, by, why, by_itself }| EndedActivation { at, by, why, by_itself });
        Self { at, by, reason, replaced, ended }
    }
}

/// List when an installation was let decide
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/installations/{installation}/activations", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
    ),
    responses((status = 200, body = Switches, description = "Since it was proposed"), Reads),
)]
pub async fn list_activations(council: Council, Id(id): Id<InstallationId>) -> Result<Json<Switches>, Problem> {
    council.may(Verb::SeeRules)?;
    let id = council.store.installation(id).await?.id;
    let planned = council.store.planned_switch(id).await?;
    let planned = planned.map(|store::PlannedSwitch { at, by, reason, state, why, .. }| PlannedSwitch { at, by, reason, state, why });
    let activations = council.store.activations(id).await?.into_iter().map(Activation::from).collect();
    Ok(Json(Switches { activations, planned }))
}

/// Why a former version is to decide again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReturn {
    /// 1 to 500 bytes; kept, with who said it and when.
    reason: String,
}

/// Go back to a former version
///
/// To any installation that decided before, in one step: it was approved then. That nothing unsigned is adopted or activated any more
/// (`plugin-rules`) does not keep it away, as it stops nothing that decides: there is always a way back. A compromised key does. What the one after
/// it decided stays.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/return", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation that is to decide again"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewReturn, example = json!({ "reason": "the new version counts half days as whole ones" })),
    responses((status = 200, body = Activated, description = "It decides again"), Links, Writes),
)]
pub async fn return_to_installation(
    State(app): State<App>,
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Body { value: NewReturn { reason }, digest }: Body<NewReturn>,
) -> Result<Response, Problem> {
    council.may(Verb::ApprovePlugins)?;
    let former = council.store.installation(id).await?;
    if former.activated_at.is_some() {
        app.workflow.standing(&former.digest).await?.must_be_believed()?;
        app.workflow.ready(former).await?;
    }
    let mut tx = match once.begin(&council, digest, "went back to a former installation").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let replaced = switching::return_to(&mut tx, id, &reason, &council.by).await?;
    let activated = Activated::now(Installation::within(&mut tx, id).await?, replaced);
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &activated)).await
}

/// Drop a planned activation
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/switch/drop", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = Installation, description = "Nothing is planned"), Acts),
)]
pub async fn drop_switch(
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::ApprovePlugins)?;
    let mut tx = match once.begin(&council, digest, "dropped a planned activation").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let installation = Installation::within(&mut tx, id).await?;
    if !tx.drop_switch(id, &council.by).await? {
        return Err(StoreError::Conflict("no activation of it is planned".to_owned()).into());
    }
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &installation)).await
}
