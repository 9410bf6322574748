//! Legal holds: nothing about their family or person is erased while they stand.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, FamilyId, Invalid, KnownAt, PersonId, fact};
use crate::store::{self, StoreError};

/// Bytes of a reason.
const LONGEST: usize = 500;

/// A hold to be placed, on a family or on a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    #[serde(default)]
    family: Option<FamilyId>,
    #[serde(default)]
    person: Option<PersonId>,
    /// 1 to 500 bytes; kept after what it was about is erased, so it names nobody.
    #[schema(min_length = 1, max_length = 500)]
    why: String,
    /// The last day. Left out: until it is lifted.
    #[serde(default)]
    until: Option<Day>,
}

/// A legal hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hold {
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<FamilyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    why: String,
    /// The last day. Left out: until it is lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Day>,
    placed_at: KnownAt,
    placed_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifted_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifted_by: Option<String>,
}

impl From<store::Hold> for Hold {
    fn from(hold: store::Hold) -> Self {
        let (lifted_at, lifted_by) = hold.lifted.unzip();
        let store::Hold { id, family, person, why, until, placed_at, placed_by, .. } = hold;
        Self { id, family, person, why, until, placed_at, placed_by, lifted_at, lifted_by }
    }
}

/// A hold by its number.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldId {
    id: i64,
}

/// Place a legal hold
///
/// Nothing about the family or person is erased while it stands: whoever asks, and whatever its time. A hold on a family keeps its
/// members, and one on a person the families that they are or were a member of.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/holds", tag = "host", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewHold, example = json!({
        "family": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c10", "why": "a claim in the county court", "until": "2027-12-31",
    })),
    responses((status = 201, body = HoldId, description = "It stands"), Writes),
)]
pub async fn place_hold(council: Council, once: Once, Body { value: new, digest }: Body<NewHold>) -> Result<Response, Problem> {
    council.may(Verb::HoldBack)?;
    if new.family.is_some() == new.person.is_some() {
        return Err(Problem::invalid("family", "a hold is on a family or on a person: name one of them"));
    }
    fact::text("why", &new.why, LONGEST)?;
    let mut tx = match once.begin(&council, digest, "placed a legal hold").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let hold = store::NewHold { family: new.family, person: new.person, why: new.why, until: new.until };
    let id = tx.place_hold(&hold, &council.by).await.map_err(named)?;
    once.finish(tx, &council, digest, Answer::created(&HoldId { id })).await
}

/// What a body names and is not there is the body's fault.
pub fn named(error: StoreError) -> Problem {
    match error {
        StoreError::NoSuch { what, .. } => Problem::invalid(what, error.to_string()),
        error => error.into(),
    }
}

/// List legal holds
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/holds", tag = "host", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Hold>, description = "Lifted ones too, the latest first"), Reads),
)]
pub async fn list_holds(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Hold>>, Problem> {
    council.may(Verb::HoldBack)?;
    Ok(Json(Page::of(council.store.holds(paging.after()?, paging.limit()).await?, Hold::from)))
}

/// The number of a hold in the path.
pub struct Number(pub i64);

impl std::str::FromStr for Number {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().map(Self).map_err(|_| Invalid::new("", "is not a number"))
    }
}

/// Lift a legal hold
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/holds/{hold}/lift", tag = "host", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("hold" = i64, Path, description = "Its number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = HoldId, description = "It stands no more"), Acts),
)]
pub async fn lift_hold(council: Council, Id(Number(id)): Id<Number>, once: Once, Nothing { digest }: Nothing) -> Result<Response, Problem> {
    council.may(Verb::HoldBack)?;
    let mut tx = match once.begin(&council, digest, "lifted a legal hold").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.lift_hold(id, &council.by).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &HoldId { id })).await
}
