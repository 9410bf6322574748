//! Somebody new in a family, and a home that the record does not know yet. Whoever is known already joins by a fact of kind `membership`.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::Writes;
use super::facts::named;
use super::once::{Answer, Begun, Once};
use super::params::Id;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::family_file::{HomeEntry, PersonEntry, home_facts, person_facts};
use crate::record::{AuthorityId, FamilyId, HomeId, NewFact, PersonId};
use crate::store::{AuthorityTx, StoreError};

/// Somebody who is in the record now.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewMember {
    id: PersonId,
}

/// A home that is in the record now.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewHome {
    id: HomeId,
}

/// Add somebody to a family
///
/// Somebody whom the record does not know yet: born, moved in, found. Search first: whoever is known joins by a fact of kind `membership`,
/// of this family as of a second one.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/members", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = PersonEntry, example = json!({
        "name": { "given": "Rosa", "family": "Pellow" }, "born": "2026-02-11", "resident": true,
    })),
    responses((status = 201, body = NewMember, description = "Added"), Writes),
)]
pub async fn add_member(
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: entry, digest }: Body<PersonEntry>,
) -> Result<Response, Problem> {
    council.family(Verb::WriteFacts, family).await?;
    let id = PersonId::fresh();
    let facts = person_facts(family, id, entry, &council.as_source())?;
    let mut tx = match once.begin(&council, digest, "added somebody to a family").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.add_people(&[id]).await?;
    add(&mut tx, &facts).await?;
    once.finish(tx, &council, digest, Answer::created(&NewMember { id })).await
}

/// Add a home to a family
///
/// One that the record does not know yet. A home that it knows becomes this family's by a fact of kind `residence`.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/homes", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = HomeEntry, example = json!({
        "address": { "lines": ["3 Quay Street", "Bristol"], "postcode": "BS99 2AB" }, "from": "2026-03-01",
    })),
    responses((status = 201, body = NewHome, description = "Added"), Writes),
)]
pub async fn add_home(
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: entry, digest }: Body<HomeEntry>,
) -> Result<Response, Problem> {
    council.family(Verb::WriteFacts, family).await?;
    let id = HomeId::fresh();
    let facts = home_facts(family, id, entry, &council.as_source())?;
    let mut tx = match once.begin(&council, digest, "added a home to a family").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.add_homes(&[id]).await?;
    add(&mut tx, &facts).await?;
    once.finish(tx, &council, digest, Answer::created(&NewHome { id })).await
}

async fn add(tx: &mut AuthorityTx, facts: &[NewFact]) -> Result<(), Problem> {
    tx.add_facts(facts).await.map(drop).map_err(|e| match e {
        StoreError::Fact { why, index } => named(*why, &facts[index]),
        e => e.into(),
    })
}
