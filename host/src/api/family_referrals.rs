//! The referrals of one family, earlier ones too.

use axum::Json;

use super::caller::Council;
use super::documented::Reads;
use super::front_door::{Referral, hide};
use super::page::Page;
use super::params::Id;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, FamilyId};
use crate::store::Seen;

/// List the referrals of a family
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/referrals", tag = "front-door", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<Referral>, description = "Closed ones too, in the order in which they came; one page"), Reads),
)]
pub async fn list_family_referrals(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<Referral>>, Problem> {
    let opened = council.family(Verb::Triage, family).await?;
    let today = council.store.clock().now().day();
    let mut found = council.store.referrals_about(family).await?;
    for referral in &mut found {
        hide(&council, opened.reader(), referral).await?;
    }
    council.showed(Seen::family(family, &[]));
    Ok(Json(Page::whole(found.into_iter().map(|r| Referral::of(r, today)).collect())))
}
