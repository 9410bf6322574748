//! Results that are claimed for a family.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Council;
use super::documented::Reads;
use super::page::Page;
use super::params::Id;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, DecisionId, FamilyId};
use crate::store;

/// A result that is claimed for a family: each kind once.
#[derive(Debug, Serialize, ToSchema)]
pub struct Claim {
    family: FamilyId,
    /// Code list claims.
    kind: String,
    amount_pence: u64,
    entitled_on: Day,
    /// `draft`: not sent to anybody yet.
    #[schema(example = "draft")]
    state: String,
    /// What it rests on.
    decision: DecisionId,
}

impl From<store::Claim> for Claim {
    fn from(c: store::Claim) -> Self {
        Self { family: c.family, kind: c.kind, amount_pence: c.amount, entitled_on: c.entitled_on, state: c.state, decision: c.decision }
    }
}

/// List a family's claims
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/claims", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<Claim>, description = "In the order in which they were drafted; one page"), Reads),
)]
pub async fn list_claims(council: Council, Id(id): Id<FamilyId>) -> Result<Json<Page<Claim>>, Problem> {
    let opened = council.family(Verb::SeeDecisions, id).await?;
    let claims = council.store.claims_for(opened.reader(), id).await?;
    Ok(Json(Page::whole(claims.into_iter().map(Claim::from).collect())))
}
