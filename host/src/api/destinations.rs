//! Other computers that the host may reach for the authority: its identity provider, whoever it tells of what happened.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::page::Page;
use super::params::Id;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Destination as Named, KnownAt, fact};
use crate::store;

/// Bytes of what a destination is for.
const WHY: usize = 500;

/// Another computer, and whether the host may reach it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Destination {
    /// A name or an address, with its port where that is not 443.
    #[schema(value_type = String, example = "login.example.org")]
    destination: Named,
    open: bool,
    why: String,
    at: KnownAt,
    by: String,
}

impl From<store::OpenedDestination> for Destination {
    fn from(d: store::OpenedDestination) -> Self {
        Self { destination: d.destination, open: d.open, why: d.why, at: d.at, by: d.by }
    }
}

/// What is said of a destination.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDestination {
    /// May it be reached, from now on?
    open: bool,
    /// What for, or why not any more.
    #[schema(example = "Bristol's identity provider", min_length = 1)]
    why: String,
}

/// List destinations
///
/// Closed ones too.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/destinations", tag = "host", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<Destination>, description = "By name; one page"), Reads),
)]
pub async fn list_destinations(council: Council) -> Result<Json<Page<Destination>>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Json(Page::whole(council.store.destinations().await?.into_iter().map(Destination::from).collect())))
}

/// Open or close a destination
///
/// The host reaches no other computer for the authority. By https alone; the port is 443 or one from 1024 on. That a destination is open
/// does not make it reachable: all its addresses must be out in the world when something is sent.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/destinations/{destination}", tag = "host", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("destination" = String, Path, description = "A name or an address, with its port where that is not 443", example = "login.example.org"),
    ),
    request_body(content = NewDestination, example = json!({ "open": true, "why": "Bristol's identity provider" })),
    responses((status = 200, body = Destination, description = "As it is now"), Writes),
)]
pub async fn set_destination(
    council: Council,
    Id(named): Id<Named>,
    Body { value: new, .. }: Body<NewDestination>,
) -> Result<Json<Destination>, Problem> {
    council.may(Verb::OpenDestinations)?;
    if !named.is_usual() {
        return Err(Problem::invalid("destination", "has a port that is neither 443 nor from 1024 on"));
    }
    fact::text("why", &new.why, WHY)?;
    let mut tx = council.write("said which computers may be reached").await?;
    let (at, by) = (tx.now(), council.by.clone());
    tx.open_destination(&named, new.open, &new.why).await?;
    tx.commit().await?;
    Ok(Json(Destination { destination: named, open: new.open, why: new.why, at, by }))
}
