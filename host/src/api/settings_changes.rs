//! Other settings for an installation that decides: proposed by one person, approved by a second, from a day on.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Reads, Writes};
use super::installations::Installation;
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, InstallationId, KnownAt};
use crate::store::{self, AuthorityTx, StoreError};
use crate::workflow::settings_change::{self, NewSettings};

/// Other settings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSettingsChange {
    /// Whole: what differs from the defaults of the plugin's settings schema.
    #[schema(value_type = Object)]
    settings: Value,
    /// The first day on which they count. Needed where one of them moves money; else today, if left out.
    #[serde(default)]
    counts_from: Option<Day>,
    /// 1 to 500 bytes.
    reason: String,
}

/// A change of settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsChange {
    id: i64,
    installation: InstallationId,
    #[schema(value_type = Object)]
    settings: Value,
    counts_from: Day,
    /// Those that move money and are others than before.
    money: Vec<String>,
    reason: String,
    at: KnownAt,
    by: String,
    /// `waiting`, `approved`, `declined`.
    #[schema(example = "waiting")]
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_why: Option<String>,
    /// The installation that follows, with these settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    successor: Option<InstallationId>,
}

impl From<store::SettingsChange> for SettingsChange {
    fn from(change: store::SettingsChange) -> Self {
        let store::SettingsChange { id, installation, settings, counts_from, money, reason, at, by, state, .. } = change;
        let (settled_at, settled_by) = change.settled.unzip();
        let (settled_why, successor) = (change.settled_why, change.successor);
        Self { id, installation, settings, counts_from, money, reason, at, by, state, settled_at, settled_by, settled_why, successor }
    }
}

/// List changes of an installation's settings
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/installations/{installation}/settings-changes", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        Paging,
    ),
    responses((status = 200, body = Page<SettingsChange>, description = "The latest first"), Reads),
)]
pub async fn list_settings_changes(
    council: Council,
    Id(id): Id<InstallationId>,
    Params(_): Params<Paging>,
) -> Result<Json<Page<SettingsChange>>, Problem> {
    council.may(Verb::SeeRules)?;
    let changes = council.store.settings_changes(council.store.installation(id).await?.id).await?;
    Ok(Json(Page { items: changes.into_iter().map(SettingsChange::from).collect(), next: None }))
}

/// Propose other settings for an active installation
///
/// What it decided keeps the settings that it was decided with: once a second person approves these, an installation of the same component
/// follows it, from the day on which they count.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/settings-changes", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation, which is active"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewSettingsChange, example = json!({
        "settings": { "attendance-percent": 90 }, "counts_from": "2027-04-01", "reason": "the new framework",
    })),
    responses((status = 201, body = SettingsChange, description = "It waits for a second person"), Writes),
)]
pub async fn propose_settings(
    State(app): State<App>,
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Body { value: new, digest }: Body<NewSettingsChange>,
) -> Result<Response, Problem> {
    council.may(Verb::InstallPlugins)?;
    let manifest = app.workflow.manifest(council.store.installation(id).await?.digest).await?;
    let mut tx = match once.begin(&council, digest, "proposed other settings").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let new = NewSettings { settings: new.settings, counts_from: new.counts_from, reason: new.reason };
    settings_change::propose(&mut tx, id, &manifest, &new, &council.by).await?;
    let change: SettingsChange = waiting(&mut tx, id).await?.into();
    once.finish(tx, &council, digest, Answer::created(&change)).await
}

async fn waiting(tx: &mut AuthorityTx, id: InstallationId) -> Result<store::SettingsChange, StoreError> {
    tx.waiting_settings(id).await
}

/// Approve other settings as a second person
///
/// The installation that follows is answered. It decides at once, or from the day on which the settings count.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/settings-changes/approval", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation, which is active"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = Installation, description = "What follows it"), Acts),
)]
pub async fn approve_settings(
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::ApprovePlugins)?;
    let mut tx = match once.begin(&council, digest, "approved other settings").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let next = settings_change::approve(&mut tx, id, &council.by).await?;
    let next = Installation::within(&mut tx, next).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &next)).await
}

/// Why other settings are not wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDecline {
    /// 1 to 500 bytes.
    reason: String,
}

/// Decline other settings
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/settings-changes/decline", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewDecline, example = json!({ "reason": "the rate is not agreed yet" })),
    responses((status = 200, body = Installation, description = "It stays as it is"), Writes),
)]
pub async fn decline_settings(
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Body { value: NewDecline { reason }, digest }: Body<NewDecline>,
) -> Result<Response, Problem> {
    council.may(Verb::ApprovePlugins)?;
    let mut tx = match once.begin(&council, digest, "declined other settings").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    settings_change::decline(&mut tx, id, &reason, &council.by).await?;
    let installation = Installation::within(&mut tx, id).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &installation)).await
}
