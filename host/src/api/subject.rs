//! Subject access: what is held about a person, reviewed part by part, then released.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Reads, Writes};
use super::holds::{Number, named};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::record::{AuthorityId, Digest, KnownAt, PersonId, Section, fact};
use crate::store::{self, Seen, StoreError};
use crate::workflow::subject::{Draft, csv, html};

/// Bytes of a reason.
const LONGEST: usize = 500;

/// Who asks to see what is held about them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubjectRequest {
    person: PersonId,
}

/// A person's request to see what is held about them.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectRequest {
    id: i64,
    person: PersonId,
    opened_at: KnownAt,
    opened_by: String,
    /// Left out: not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    released: Option<Release>,
}

/// What left the house.
#[derive(Debug, Serialize, ToSchema)]
pub struct Release {
    at: KnownAt,
    by: String,
    /// Of the JSON that was released.
    digest: Digest,
    /// It has been erased since.
    erased: bool,
}

impl From<store::SubjectRequest> for SubjectRequest {
    fn from(r: store::SubjectRequest) -> Self {
        let release = |r: store::Released| Release { at: r.at, by: r.by, digest: r.digest, erased: r.bytes.is_none() };
        Self { id: r.id, person: r.person, opened_at: r.opened_at, opened_by: r.opened_by, released: r.released.map(release) }
    }
}

/// A request by its number.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectRequestId {
    id: i64,
}

/// Open a subject access request
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/subject-requests", tag = "host", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewSubjectRequest, example = json!({ "person": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c11" })),
    responses((status = 201, body = SubjectRequestId, description = "Opened", headers(("Location" = String))), Writes),
)]
pub async fn open_subject_request(
    council: Council,
    once: Once,
    Body { value: new, digest }: Body<NewSubjectRequest>,
) -> Result<Response, Problem> {
    council.may(Verb::AnswerSubjects)?;
    let mut tx = match once.begin(&council, digest, "opened a subject access request").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let id = tx.open_subject_request(new.person, &council.by).await.map_err(named)?;
    once.finish(tx, &council, digest, Answer::created(&SubjectRequestId { id })).await
}

/// List subject access requests
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/subject-requests", tag = "host", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<SubjectRequest>, description = "The latest first"), Reads),
)]
pub async fn list_subject_requests(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<SubjectRequest>>, Problem> {
    council.may(Verb::AnswerSubjects)?;
    let page = council.store.subject_requests(paging.after()?, paging.limit()).await?;
    council.listed(&page.items, |r| Seen { person: Some(r.person), ..Seen::thing("subject-request", r.id, &[]) });
    Ok(Json(Page::of(page, SubjectRequest::from)))
}

/// What a reviewer said of one part.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartReview {
    part: String,
    shown: bool,
    reason: String,
    at: KnownAt,
    by: String,
}

/// A draft with what a reviewer said of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectDraft {
    request: SubjectRequest,
    draft: Draft,
    reviews: Vec<PartReview>,
    /// Parts that are marked and of which nothing was said: while there are any, nothing is released.
    unread: usize,
}

/// Read the draft of a subject access request
///
/// Everything that is held about the person, as it is now: facts with their corrections, decisions with their reasons, tasks, claims,
/// questions not decided yet, and every reading. Marked for a reviewer is what tells of somebody else, what might do serious harm, and
/// what somebody wrote in their own words.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/subject-requests/{request}", tag = "host", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("request" = i64, Path, description = "Its number")),
    responses((status = 200, body = SubjectDraft, description = "For a reviewer"), Reads),
)]
pub async fn read_subject_request(
    State(app): State<App>,
    council: Council,
    Id(Number(id)): Id<Number>,
) -> Result<Json<SubjectDraft>, Problem> {
    council.may(Verb::AnswerSubjects)?;
    let request = council.store.subject_request(id).await?;
    saw_all(&council, request.person, id);
    let draft = app.workflow.subject_draft(&council.store, request.person).await?;
    let reviews = council.store.subject_reviews(id).await?;
    let unread = draft.unread(&reviews).len();
    let reviews =
        reviews.into_iter().map(|store::Review { part, shown, reason, at, by }| PartReview { part, shown, reason, at, by }).collect();
    Ok(Json(SubjectDraft { request: request.into(), draft, reviews, unread }))
}

fn saw_all(council: &Council, person: PersonId, request: i64) {
    council.showed(Seen { person: Some(person), ..Seen::thing("subject-request", request, Section::ALL) });
}

/// What is said of one part.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReview {
    /// As the draft names it.
    part: String,
    /// It is shown; else it is kept back.
    shown: bool,
    /// 1 to 500 bytes. Where it is kept back, the person is told it.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Review a part of a draft
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/subject-requests/{request}/reviews", tag = "host", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("request" = i64, Path, description = "Its number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewReview, example = json!({
        "part": "fact/0198c1f2-7d30-7a10-8000-5b0f4f8a1c11", "shown": false, "reason": "It tells of somebody else, who has not agreed.",
    })),
    responses((status = 200, body = SubjectRequestId, description = "Kept"), Writes),
)]
pub async fn review_subject_part(
    State(app): State<App>,
    council: Council,
    Id(Number(id)): Id<Number>,
    once: Once,
    Body { value: new, digest }: Body<NewReview>,
) -> Result<Response, Problem> {
    council.may(Verb::AnswerSubjects)?;
    fact::text("reason", &new.reason, LONGEST)?;
    let request = council.store.subject_request(id).await?;
    let draft = app.workflow.subject_draft(&council.store, request.person).await?;
    if !draft.parts.iter().any(|p| p.part == new.part) {
        return Err(Problem::invalid("part", "is not a part of this draft"));
    }
    let mut tx = match once.begin(&council, digest, "reviewed a part of a subject access draft").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.review_subject_part(id, &new.part, new.shown, &new.reason, &council.by).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &SubjectRequestId { id })).await
}

/// Release a subject access request
///
/// Keeps the draft as it was reviewed, with its hash. Refused while a marked part is unread.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/subject-requests/{request}/release", tag = "host", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("request" = i64, Path, description = "Its number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = Release, description = "Released"), Acts),
)]
pub async fn release_subject_request(
    State(app): State<App>,
    council: Council,
    Id(Number(id)): Id<Number>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::AnswerSubjects)?;
    if let Some(before) = once.look(&council, digest).await? {
        return Ok(before);
    }
    let request = council.store.subject_request(id).await?;
    let draft = app.workflow.subject_draft(&council.store, request.person).await?;
    let reviews = council.store.subject_reviews(id).await?;
    let unread = draft.unread(&reviews).len();
    if unread > 0 {
        return Err(Problem::new(Code::Conflict, format!("{unread} marked parts are unread: say of each whether it is shown")));
    }
    let mut tx = match once.begin(&council, digest, "released what is held about a person").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let bytes = serde_json::to_vec(&draft.reviewed(&reviews)).unwrap_or_default();
    let (by, at) = (council.by.clone(), tx.now());
    let released = Release { at, digest: tx.release_subject_request(id, &bytes, &by).await?, by, erased: false };
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &released)).await
}

/// As what.
#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReleasedAs {
    /// The bytes that the digest is of.
    #[default]
    Json,
    Html,
    Csv,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InForm {
    /// JSON, if left out.
    #[serde(default)]
    #[param(inline, value_type = Option<ReleasedAs>)]
    form: ReleasedAs,
}

/// Read what was released
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/subject-requests/{request}/released", tag = "host", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("request" = i64, Path, description = "Its number"), InForm),
    responses(
        (status = 200, description = "For the person", content((Draft = "application/json"), (String = "text/html"), (String = "text/csv"))),
        Reads,
    ),
)]
pub async fn read_released(
    council: Council,
    Id(Number(id)): Id<Number>,
    Params(InForm { form }): Params<InForm>,
) -> Result<Response, Problem> {
    council.may(Verb::AnswerSubjects)?;
    let request = council.store.subject_request(id).await?;
    let bytes = request.released.and_then(|r| r.bytes).ok_or_else(|| StoreError::NoSuch { what: "release", id: id.to_string() })?;
    saw_all(&council, request.person, id);
    let draft = || serde_json::from_slice::<Draft>(&bytes).map_err(|e| StoreError::Damaged(format!("subject request {id}: {e}")));
    let (of, body) = match form {
        ReleasedAs::Json => ("application/json", bytes),
        ReleasedAs::Html => ("text/html; charset=utf-8", html(&draft()?).into_bytes()),
        ReleasedAs::Csv => ("text/csv; charset=utf-8", csv(&draft()?).map_err(|e| StoreError::Damaged(e.to_string()))?),
    };
    let name = format!("attachment; filename=\"subject-request-{id}\"");
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(of)), (header::CONTENT_DISPOSITION, header_of(&name))];
    Ok((headers, body).into_response())
}

fn header_of(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("attachment"))
}
