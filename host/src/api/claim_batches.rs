//! Claims that are sent together, as one file.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Reads, Writes};
use super::holds::Number;
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Digest, FamilyId, KnownAt};
use crate::store::{self, AuthorityTx, Seen, StoreError};
use crate::workflow::claim_batch;

/// Claims that are to stand in a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaimBatch {
    /// Numbers, each once, at most 5,000. Left out: every claim that is approved.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 5_000)]
    claims: Option<Vec<i64>>,
}

/// Claims that are sent together.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimBatch {
    /// From 1.
    batch: i64,
    /// `made`, `submitted`, `discarded`.
    #[schema(example = "made")]
    state: &'static str,
    claims: u64,
    amount_pence: u64,
    /// Of the file's bytes.
    digest: Digest,
    made_at: KnownAt,
    made_by: String,
}

/// A batch by its number.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimBatchId {
    batch: i64,
}

impl From<store::ClaimBatch> for ClaimBatch {
    fn from(b: store::ClaimBatch) -> Self {
        Self {
            batch: b.number,
            state: b.state.code(),
            claims: b.claims,
            amount_pence: b.amount,
            digest: b.digest,
            made_at: b.made_at,
            made_by: b.made_by,
        }
    }
}

/// Put claims in a file
///
/// Every claim that is approved, or those that are named: all of them or none. The file has a number and does not change any more; it is
/// sent, or discarded.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/claim-batches", tag = "claims", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewClaimBatch, example = json!({})),
    responses((status = 201, body = ClaimBatchId, description = "It is made"), Writes),
)]
pub async fn make_claim_batch(council: Council, once: Once, Body { value: new, digest }: Body<NewClaimBatch>) -> Result<Response, Problem> {
    council.may(Verb::ClaimResults)?;
    let named = new.claims;
    if let Some(claims) = &named {
        let most = claim_batch::MOST as usize;
        if claims.is_empty() || claims.len() > most {
            return Err(Problem::invalid("claims", format!("are 1 to {most}, or left out")));
        }
        let mut each = claims.clone();
        each.sort_unstable();
        each.dedup();
        if each.len() != claims.len() {
            return Err(Problem::invalid("claims", "names a claim twice"));
        }
    }
    let mut tx = match once.begin(&council, digest, "put claims in a file").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    must_see_all(&council, &mut tx, named.as_deref()).await?;
    let made = claim_batch::make(&council.store, &mut tx, named.as_deref()).await;
    let batch = made.map_err(|e| match e {
        crate::workflow::WorkflowError::Store(e @ StoreError::NoSuch { what: "claim", .. }) => Problem::invalid("claims", e.to_string()),
        e => e.into(),
    })?;
    once.finish(tx, &council, digest, Answer::created(&ClaimBatchId { batch })).await
}

/// What is sealed from whoever makes the file goes into none of theirs by name. Without names all of it goes, in ids alone.
async fn must_see_all(council: &Council, tx: &mut AuthorityTx, named: Option<&[i64]>) -> Result<(), Problem> {
    for id in named.unwrap_or_default() {
        let seen = match tx.claim(*id).await {
            Ok(_) => super::claims::open(council, Some(Verb::ClaimResults), *id).await.map(drop),
            Err(error) => Err(error.into()),
        };
        seen.map_err(|p| {
            if p.code == super::problem::Code::NoSuch { Problem::invalid("claims", "names a claim that is not there") } else { p }
        })?;
    }
    Ok(())
}

/// List files of claims
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/claim-batches", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<ClaimBatch>, description = "The latest first"), Reads),
)]
pub async fn list_claim_batches(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<ClaimBatch>>, Problem> {
    council.may(Verb::ClaimResults)?;
    Ok(Json(Page::of(council.store.claim_batches(paging.after()?, paging.limit()).await?, ClaimBatch::from)))
}

/// Read a file of claims
///
/// The same bytes whenever it is read: a row a claim, by ids alone, with the hash of the evidence that was approved.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/claim-batches/{batch}/file", tag = "claims", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("batch" = i64, Path, description = "Its number")),
    responses((status = 200, body = String, content_type = "text/csv", description = "Columns authority, batch, row, claim, family, result, pounds, entitled_on, evidence"), Reads),
)]
pub async fn read_claim_file(council: Council, Id(Number(number)): Id<Number>) -> Result<Response, Problem> {
    council.may(Verb::ClaimResults)?;
    let batch = council.store.claim_batch(number).await?;
    let rows = council.store.claims_in_batch(number).await?;
    let bytes = claim_batch::file(council.store.id(), number, &rows).map_err(|e| StoreError::Damaged(e.to_string()))?;
    if Digest::of(&bytes) != batch.digest {
        return Err(StoreError::Damaged(format!("the file of claim batch {number} is another than was made")).into());
    }
    let families: Vec<FamilyId> = rows.iter().map(|r| r.family).collect();
    council.listed(&families, |family| Seen::of(*family, "claim batch", number, &[]));
    let name = format!("attachment; filename=\"claims-{}-{number}.csv\"", council.store.id());
    let disposition = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")), (header::CONTENT_DISPOSITION, disposition)];
    Ok((StatusCode::OK, headers, bytes).into_response())
}

/// Submit a file of claims
///
/// It was sent to whoever pays. Not while a claim in it rests on a fact that was corrected since, and at which nobody has looked.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/claim-batches/{batch}/submission", tag = "claims", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("batch" = i64, Path, description = "Its number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = ClaimBatchId, description = "Every claim in it is submitted"), Acts),
)]
pub async fn submit_claim_batch(
    council: Council,
    Id(Number(batch)): Id<Number>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::ClaimResults)?;
    let mut tx = match once.begin(&council, digest, "submitted a file of claims").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    claim_batch::submit(&council.store, &mut tx, batch).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &ClaimBatchId { batch })).await
}

/// Discard a file of claims
///
/// It will not be sent: its claims are approved as before. The file can still be read.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/claim-batches/{batch}/discard", tag = "claims", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("batch" = i64, Path, description = "Its number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = ClaimBatchId, description = "Its claims are approved, each by itself"), Acts),
)]
pub async fn discard_claim_batch(
    council: Council,
    Id(Number(batch)): Id<Number>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::ClaimResults)?;
    let mut tx = match once.begin(&council, digest, "discarded a file of claims").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    claim_batch::discard(&council.store, &mut tx, batch).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &ClaimBatchId { batch })).await
}
