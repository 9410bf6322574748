//! Erasure: what would go, and then what went.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::holds::named;
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::Params;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, FamilyId, KnownAt, PersonId};
use crate::store::{self, Erase, Went, WhyErased};
use crate::workflow::handover;

/// What is to be erased: a family or a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewErasure {
    #[serde(default)]
    family: Option<FamilyId>,
    #[serde(default)]
    person: Option<PersonId>,
    why: WhyErased,
    /// Only say what would go. The default, so that nothing is erased by a word forgotten.
    #[serde(default = "yes")]
    rehearsal: bool,
}

const fn yes() -> bool {
    true
}

/// What went, or would go.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erased {
    rehearsal: bool,
    went: Went,
    /// What an erasure does not reach: backups and extracts that were taken before are erased when their own time is over.
    outside: &'static str,
}

/// An erasure that was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erasure {
    id: i64,
    at: KnownAt,
    by: String,
    why: WhyErased,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<FamilyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// Left out: everything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sections: Vec<String>,
    went: Went,
}

impl From<store::Erasure> for Erasure {
    fn from(e: store::Erasure) -> Self {
        let store::Erasure { id, at, by, why, family, person, sections, went } = e;
        Self { id, at, by, why, family, person, sections, went }
    }
}

pub const OUTSIDE: &str = "backups and extracts that were taken before; rows of agencies' files that name nobody of the record, until their \
    time is over; in PostgreSQL, pages that its owner has not cleaned yet";

/// Erase a family or a person
///
/// First as a rehearsal, which says how much would go. Content goes: facts, the families' records as runs were given them, reasons,
/// questions not decided yet, logs, answers kept for requests sent again. Ids, hashes, results and claims stay: the audit trail stays
/// valid, and a decision whose evidence went says so when it is repeated. Refused while a legal hold stands.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/erasures", tag = "host", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewErasure, example = json!({ "person": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c11", "why": "asked", "rehearsal": true })),
    responses((status = 200, body = Erased, description = "What went, or would go"), Writes),
)]
pub async fn erase(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: new, digest }: Body<NewErasure>,
) -> Result<Response, Problem> {
    council.may(Verb::Erase)?;
    let erase = match (new.family, new.person) {
        (Some(family), None) => Erase::Family(family),
        (None, Some(person)) => Erase::Person(person),
        _ => return Err(Problem::invalid("family", "an erasure is of a family or of a person: name one of them")),
    };
    if new.rehearsal {
        let mut tx = council.write("rehearsed an erasure").await?;
        let went = tx.erase(&erase, new.why, &council.by).await.map_err(named)?;
        return Ok(Json(Erased { rehearsal: true, went, outside: OUTSIDE }).into_response());
    }
    let mut tx = match once.begin(&council, digest, "erased").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let went = tx.erase(&erase, new.why, &council.by).await.map_err(named)?;
    let answer = Answer::new(StatusCode::OK, &Erased { rehearsal: false, went, outside: OUTSIDE });
    let response = once.finish(tx, &council, digest, answer).await?;
    council.store.overwrite().await?;
    handover::take_back_erased(&app.stores, &council.store).await?;
    Ok(response)
}

/// List erasures
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/erasures", tag = "host", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Erasure>, description = "The latest first"), Reads),
)]
pub async fn list_erasures(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Erasure>>, Problem> {
    council.may(Verb::Erase)?;
    Ok(Json(Page::of(council.store.erasures(paging.after()?, paging.limit()).await?, Erasure::from)))
}
