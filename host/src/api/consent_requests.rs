//! What a family is to be asked to agree to: it ends in what is shared, or in a no.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::assessments::known;
use super::body::Body;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::Id;
use super::problem::Problem;
use super::shares::{NewShare, to_share};
use crate::access::Verb;
use crate::record::{AuthorityId, ConsentRequestId, Day, FamilyId, KnownAt, PersonId, ProposalId, Section, ShareId, fact};
use crate::store::{self, RequestState, Seen};

/// Something that a family is to be asked to agree to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentRequest {
    id: ConsentRequestId,
    family: FamilyId,
    /// Who is asked. Left out: the family together.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// What may be told,
    sections: Vec<Section>,
    /// to organisations of this kind (code list organisation-kinds)?
    to: String,
    due: Day,
    state: RequestState,
    proposal: ProposalId,
    /// Who confirmed that it is asked.
    by: String,
    /// What it ended in.
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<ShareId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    /// What was said to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
}

impl From<store::ConsentRequest> for ConsentRequest {
    fn from(r: store::ConsentRequest) -> Self {
        let (settled_at, settled_by, words) = match r.settled {
            Some(said) => (Some(said.at), Some(said.by), Some(said.words).filter(|w| !w.is_empty())),
            None => (None, None, None),
        };
        Self {
            id: r.id,
            family: r.family,
            person: r.person,
            sections: r.sections.iter().collect(),
            to: r.to,
            due: r.due,
            state: r.state,
            proposal: r.proposal,
            by: r.by,
            share: r.share,
            settled_at,
            settled_by,
            words,
        }
    }
}

/// List what a family is to be asked to agree to
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/consent-requests", tag = "access", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<ConsentRequest>, description = "Settled ones too, the latest first; one page"), Reads),
)]
pub async fn list_consent_requests(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<ConsentRequest>>, Problem> {
    let opened = council.family(Verb::RecordConsent, family).await?;
    let known = known(&council, &opened).await?;
    council.showed(Seen::family(family, &[]));
    let mut all = council.store.consent_requests(family).await?;
    all.retain(|r| r.person.is_none_or(|p| known.contains(&p)));
    Ok(Json(Page::whole(all.into_iter().map(ConsentRequest::from).collect())))
}

/// What was answered: one of these two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentAnswer {
    /// They agree: shared so, under an agreement.
    #[serde(default)]
    share: Option<NewShare>,
    /// They do not: what was said, 1 to 500 bytes.
    #[serde(default)]
    refused: Option<String>,
}

/// Answer a request for consent
///
/// With what is shared, or with a no. Nothing is shared by asking.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/consent-requests/{asked}/answer", tag = "access", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("asked" = ConsentRequestId, Path, description = "The request"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = ConsentAnswer, example = json!({ "refused": "not the school" })),
    responses((status = 200, body = ConsentRequest, description = "Settled"), Writes),
)]
pub async fn answer_consent_request(
    council: Council,
    Id(id): Id<ConsentRequestId>,
    once: Once,
    Body { value: answer, digest }: Body<ConsentAnswer>,
) -> Result<Response, Problem> {
    council.may(Verb::RecordConsent)?;
    let request = council.store.consent_request(id).await?;
    let family = council.store.goes_on_within(request.family).await?.unwrap_or(request.family);
    let opened = council.family_of(Verb::SeeFamilies, family, "consent request", id).await?;
    let known = known(&council, &opened).await?;
    if request.person.is_some_and(|p| !known.contains(&p)) {
        return Err(Problem::no_such("consent request", id));
    }
    council.family(Verb::RecordConsent, family).await?;
    council.showed(Seen::of(family, "consent-request", id, &[]));
    if answer.share.is_some() == answer.refused.is_some() {
        return Err(Problem::invalid("share", "stands exactly where they agree; else say what was said in `refused`"));
    }
    if let Some(words) = &answer.refused {
        fact::text("refused", words, 500)?;
    }
    let share = match answer.share {
        Some(new) => Some(to_share(&council, &opened, family, new).await.map_err(|p| p.within("share"))?),
        None => None,
    };
    if let Some(shared) = &share
        && !request.sections.covers(shared.sections)
    {
        return Err(Problem::invalid("share.sections", "has to be some of those that were asked for"));
    }
    let mut tx = match once.begin(&council, digest, "answered a request for consent").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    if let Some(shared) = &share {
        tx.add_share(shared).await?;
    }
    let settled = tx.settle_consent_request(id, share.map(|s| s.id), answer.refused.as_deref()).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &ConsentRequest::from(settled))).await
}
