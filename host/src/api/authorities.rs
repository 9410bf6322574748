//! The councils that keep their families here.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Caller;
use super::documented::{Reads, Writes};
use super::once::{Answer, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::record::{AuthorityId, KnownAt, fact};
use crate::store;

/// A council, by its ONS code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAuthority {
    code: AuthorityId,
    #[schema(example = "Bristol City Council")]
    name: String,
    /// For training and trying out: all its families are invented. Said now, for good.
    #[serde(default)]
    invented: bool,
}

/// A council that keeps its families here.
#[derive(Debug, Serialize, ToSchema)]
pub struct Authority {
    code: AuthorityId,
    #[schema(example = "Bristol City Council")]
    name: String,
    /// Since when.
    created_at: KnownAt,
    /// All its families are invented.
    invented: bool,
}

impl From<store::Authority> for Authority {
    fn from(authority: store::Authority) -> Self {
        Self { code: authority.code, name: authority.name, created_at: authority.at, invented: authority.invented }
    }
}

/// Create an authority
///
/// For the operator of the host. The council itself becomes an organisation that facts can come from.
#[utoipa::path(
    post, path = "/v1/authorities", tag = "authorities", security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once")),
    request_body(content = NewAuthority, example = json!({ "code": "E06000023", "name": "Bristol City Council" })),
    responses((status = 201, body = Authority, description = "Created", headers(("Location" = String))), Writes),
)]
pub async fn create_authority(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body { value: new, digest }: Body<NewAuthority>,
) -> Result<Response, Problem> {
    caller.operates()?;
    let who = caller.0;
    fact::text("name", &new.name, 200)?;
    let common = app.stores.common();
    if let Some(before) = once.look_common(common, &who, digest).await? {
        return Ok(before);
    }
    if new.invented {
        app.stores.create_invented_authority(&new.code, &new.name).await?;
    } else {
        app.stores.create_authority(&new.code, &new.name).await?;
    }
    let created = common.authority(&new.code).await?.ok_or_else(|| Problem::no_such("authority", &new.code))?;
    once.keep_after(common, &who, digest, Answer::created(&Authority::from(created))).await
}

/// List authorities
///
/// All for the operator; for others their own.
#[utoipa::path(
    get, path = "/v1/authorities", tag = "authorities", security(("token" = [])), params(Paging),
    responses((status = 200, body = Page<Authority>, description = "By code"), Reads),
)]
pub async fn list_authorities(
    State(app): State<App>,
    caller: Caller,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Authority>>, Problem> {
    let mut known = app.stores.common().authorities().await?;
    if !caller.0.is_operator() {
        let theirs = caller.authorities(&app).await?;
        known.retain(|a| theirs.contains(&a.code));
    }
    let known = known.into_iter().map(Authority::from).collect();
    Ok(Json(paging.cut(known, |a: &Authority| a.code.to_string())?))
}

/// Read an authority
#[utoipa::path(
    get, path = "/v1/authorities/{authority}", tag = "authorities", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Authority, description = "The authority"), Reads),
)]
pub async fn read_authority(State(app): State<App>, caller: Caller, Id(code): Id<AuthorityId>) -> Result<Json<Authority>, Problem> {
    if !caller.0.is_operator() && !caller.authorities(&app).await?.contains(&code) {
        return Err(Problem::no_such("authority", &code));
    }
    let found = app.stores.common().authority(&code).await?;
    Ok(Json(found.ok_or_else(|| Problem::no_such("authority", &code))?.into()))
}
