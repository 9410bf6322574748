//! Whoever takes part: the sources of facts. They belong to no authority.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Caller;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, OrganisationId, fact};
use crate::store;

/// Whoever takes part: a council's service, a school, the police, a charity.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its short name, for ever.
    id: OrganisationId,
    #[schema(example = "Avon and Somerset Police")]
    name: String,
    /// Code list organisation-kinds.
    #[schema(example = "police")]
    kind: String,
}

impl From<store::Organisation> for Organisation {
    fn from(organisation: store::Organisation) -> Self {
        Self { id: organisation.id, name: organisation.name, kind: organisation.kind }
    }
}

/// Add an organisation
#[utoipa::path(
    post, path = "/v1/organisations", tag = "authorities", security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once")),
    request_body(
        content = Organisation,
        example = json!({ "id": "avon-and-somerset-police", "name": "Avon and Somerset Police", "kind": "police" }),
    ),
    responses((status = 201, body = Organisation, description = "Added", headers(("Location" = String))), Writes),
)]
pub async fn create_organisation(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Body { value: new, digest }: Body<Organisation>,
) -> Result<Response, Problem> {
    caller.may_somewhere(&app, Verb::ManageSharing).await?;
    let who = caller.0;
    fact::text("name", &new.name, 200)?;
    // A council's own name comes with the council.
    if new.id.as_str().to_ascii_uppercase().parse::<AuthorityId>().is_ok() {
        return Err(Problem::invalid("id", "a council is an organisation by its ONS code, from when the authority is created"));
    }
    let mut tx = match once.begin_common(app.stores.common(), &who, digest).await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let answer = Answer::created(&new);
    tx.add_organisation(&store::Organisation { id: new.id, name: new.name, kind: new.kind }).await?;
    once.finish_common(tx, &who, digest, answer).await
}

/// List organisations
#[utoipa::path(
    get, path = "/v1/organisations", tag = "authorities", security(("token" = [])), params(Paging),
    responses((status = 200, body = Page<Organisation>, description = "By short name"), Reads),
)]
pub async fn list_organisations(
    State(app): State<App>,
    _: Caller,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Organisation>>, Problem> {
    let all = app.stores.common().organisations().await?.into_iter().map(Organisation::from).collect();
    Ok(Json(paging.cut(all, |o: &Organisation| o.id.to_string())?))
}

/// Read an organisation
#[utoipa::path(
    get, path = "/v1/organisations/{organisation}", tag = "authorities", security(("token" = [])),
    params(("organisation" = OrganisationId, Path, description = "Short name")),
    responses((status = 200, body = Organisation, description = "The organisation"), Reads),
)]
pub async fn read_organisation(State(app): State<App>, _: Caller, Id(id): Id<OrganisationId>) -> Result<Json<Organisation>, Problem> {
    let found = app.stores.common().organisation(&id).await?;
    Ok(Json(found.ok_or_else(|| Problem::no_such("organisation", &id))?.into()))
}
