//! Who signed in, and who was not let in.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::caller::Council;
use super::documented::Reads;
use super::page::{Page, Paging};
use super::params::Params;
use super::problem::Problem;
use crate::access::{How, Verb};
use crate::record::{AuthorityId, KnownAt, LoginId, SignInId};
use crate::store;

/// Somebody who came to sign in or out, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignIn {
    id: SignInId,
    at: KnownAt,
    /// Left out: nobody whom the host knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<LoginId>,
    how: How,
    /// Was it by this authority's own provider or invitation? Else it was for all councils that they work for.
    here: bool,
    /// `signed-in`, `signed-out`, or the code of the problem that they were answered.
    #[schema(example = "signed-in")]
    outcome: String,
}

impl SignIn {
    fn of(sign_in: store::SignIn) -> Result<Self, Problem> {
        let store::SignIn { id, at, login, authority, how, outcome } = sign_in;
        Ok(Self { id, at, login, how: how.parse()?, here: authority.is_some(), outcome })
    }
}

/// List who signed in
///
/// By this authority's provider and invitations, let in or not; and, of people who have or had a role here, by a code. Kept for 400 days.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/sign-ins", tag = "signing-in", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<SignIn>, description = "The latest first"), Reads),
)]
pub async fn list_sign_ins(
    State(app): State<App>,
    council: Council,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<SignIn>>, Problem> {
    council.may(Verb::ReadAudit)?;
    let page = app.stores.common().sign_ins(council.store.id(), paging.after()?, paging.limit()).await?;
    let store::Page { items, next } = page;
    let items = items.into_iter().map(SignIn::of).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::of(store::Page { items, next }, |seen| seen)))
}
