//! Who works here, by name: for whoever writes to them, hands something on to them, or reads what they did.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::caller::Council;
use super::documented::Reads;
use super::page::Page;
use super::problem::{Code, Problem};
use crate::access::{Principal, Verb};
use crate::record::{AuthorityId, LoginId, OrganisationId};

/// Somebody who works here, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Colleague {
    login: LoginId,
    name: String,
    /// Who employs them: its short name.
    organisation: OrganisationId,
}

/// Whoever did something on the host that belongs to no authority (`person/…`), by name to those who work with them; others stay as they are.
///
/// # Errors
/// The files cannot be read.
pub async fn by_name(app: &App, council: &Council, by: String) -> Result<String, Problem> {
    let Some(login) = by.strip_prefix("person/").and_then(|id| id.parse::<LoginId>().ok()) else { return Ok(by) };
    if council.store.roles_of(login).await?.is_empty() {
        return Ok(by);
    }
    Ok(Principal::of_login(app.stores.common().login(login).await?).name())
}

/// List colleagues
///
/// Everybody who has a role here today, by name alone: what each may do is for whoever says so. For the council's own people.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/colleagues", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<Colleague>, description = "By name; one page"), Reads),
)]
pub async fn list_colleagues(State(app): State<App>, council: Council) -> Result<Json<Page<Colleague>>, Problem> {
    let reader = council.reader(Verb::SeeFamilies)?;
    if !reader.of_the_council && !reader.all {
        return Err(Problem::new(Code::NotAllowed, "who works here is for the council's own people"));
    }
    let today = council.store.clock().now().day();
    let mut known = HashSet::new();
    let mut all = Vec::new();
    for held in council.store.roles_held().await? {
        if held.window.contains(today) && known.insert(held.login) {
            let login = app.stores.common().login(held.login).await?;
            all.push(Colleague { login: login.id, name: login.name, organisation: login.organisation });
        }
    }
    all.sort_by(|a, b| (&a.name, a.login).cmp(&(&b.name, b.login)));
    Ok(Json(Page::whole(all)))
}
