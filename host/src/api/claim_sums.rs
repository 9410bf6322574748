//! What claims come to by where they stand.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Council;
use super::claims::reading;
use super::documented::Reads;
use super::page::Page;
use super::problem::Problem;
use crate::record::AuthorityId;
use crate::record::claim_way::ClaimState;

/// What stands in one state together.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimsInState {
    #[schema(example = "draft")]
    state: ClaimState,
    claims: u64,
    amount_pence: u64,
}

/// Sum up claims by state
///
/// Of the claims that you see.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/claim-sums", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<ClaimsInState>, description = "By state, without those in which there is none; one page"), Reads),
)]
pub async fn sum_up_claims(council: Council) -> Result<Json<Page<ClaimsInState>>, Problem> {
    let reader = council.reader(reading(&council))?;
    let sums = council.store.claim_sums(&reader).await?;
    Ok(Json(Page::whole(sums.into_iter().map(|(state, claims, amount_pence)| ClaimsInState { state, claims, amount_pence }).collect())))
}
