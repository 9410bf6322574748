//! Agreements to share: what may be shared with an organisation, for what, and by which law.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::Id;
use super::people::{End, Ended};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AgreementId, AuthorityId, Basis, Day, OrganisationId, Purpose, Section, Sections, Window};
use crate::store::{self, StoreError};

/// What may be shared with an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agreement {
    id: AgreementId,
    organisation: OrganisationId,
    sections: Vec<Section>,
    purposes: Vec<Purpose>,
    basis: Basis,
    /// Is nothing shared until the family, or the person, agrees?
    needs_consent: bool,
    first: Day,
    /// The last day; left out: no end is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
}

impl From<store::Agreement> for Agreement {
    fn from(a: store::Agreement) -> Self {
        Self {
            id: a.id,
            organisation: a.organisation,
            sections: a.sections.iter().collect(),
            purposes: a.purposes,
            basis: a.basis,
            needs_consent: a.basis.needs_consent(),
            first: a.window.first,
            last: a.window.last,
        }
    }
}

/// What is agreed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgreement {
    organisation: OrganisationId,
    sections: Vec<Section>,
    purposes: Vec<Purpose>,
    basis: Basis,
    first: Day,
    #[serde(default)]
    last: Option<Day>,
}

/// Make an agreement to share
///
/// By itself it shares nothing: families and people are shared under it, one by one.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/agreements", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewAgreement, example = json!({
        "organisation": "severnhope-academy", "sections": ["household", "education"], "purposes": ["casework"], "basis": "consent",
        "first": "2026-01-01", "last": "2028-12-31",
    })),
    responses((status = 201, body = Agreement, description = "Made"), Writes),
)]
pub async fn make_agreement(council: Council, once: Once, Body { value: new, digest }: Body<NewAgreement>) -> Result<Response, Problem> {
    council.may(Verb::ManageSharing)?;
    let window = Window::new(new.first, new.last)?;
    let sections: Sections = new.sections.iter().copied().collect();
    if sections.is_empty() {
        return Err(Problem::invalid("sections", "is empty: an agreement is about one at least"));
    }
    if new.purposes.is_empty() {
        return Err(Problem::invalid("purposes", "is empty: an agreement is for one at least"));
    }
    let mut tx = match once.begin(&council, digest, "made an agreement to share").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let (id, organisation) = (AgreementId::fresh(), new.organisation);
    let agreement = store::Agreement { id, organisation, sections, purposes: new.purposes, basis: new.basis, window };
    tx.add_agreement(&agreement).await.map_err(|e| match e {
        StoreError::NoSuch { what: "organisation", .. } => Problem::invalid("organisation", StoreError::to_string(&e)),
        e => e.into(),
    })?;
    once.finish(tx, &council, digest, Answer::created(&Agreement::from(agreement))).await
}

/// List agreements to share
///
/// Over ones too.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/agreements", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<Agreement>, description = "The latest first; one page"), Reads),
)]
pub async fn list_agreements(council: Council) -> Result<Json<Page<Agreement>>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Json(Page::whole(council.store.agreements().await?.into_iter().map(Agreement::from).collect())))
}

/// End an agreement to share
///
/// From the day after its last nothing is shared under it.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/agreements/{agreement}/end", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("agreement" = AgreementId, Path, description = "The agreement"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = End, example = json!({})),
    responses((status = 200, body = Ended, description = "It ends"), Writes),
)]
pub async fn end_agreement(
    council: Council,
    Id(id): Id<AgreementId>,
    once: Once,
    Body { value: end, digest }: Body<End>,
) -> Result<Response, Problem> {
    council.may(Verb::ManageSharing)?;
    let mut tx = match once.begin(&council, digest, "ended an agreement to share").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let last = end.last(tx.now().day());
    tx.end_agreement(id, last).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &Ended { last })).await
}
