//! Several readings in one request, for front ends that are far away: each is asked as if it came alone, ruled on, noted and counted.

use axum::body::Body as Bytes;
use axum::extract::Extension;
use axum::http::{HeaderMap, HeaderName, Method, Request, Uri, header};
use axum::response::Response;
use axum::{Json, Router};
use http_body_util::{BodyExt as _, Limited};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower::ServiceExt as _;
use utoipa::ToSchema;

use super::body::Body;
use super::caller::{Council, PURPOSE};
use super::documented::Writes;
use super::listen::Peer;
use super::problem::{Code, Problem};
use crate::record::AuthorityId;

/// Readings of one request.
pub const MOST: usize = 50;
/// Bytes of one answer.
pub const LONGEST: usize = 4 << 20;
/// Who asks, as it goes along with each.
const WHO: [HeaderName; 4] = [header::AUTHORIZATION, header::COOKIE, header::HOST, PURPOSE];

/// The API, to be asked from within.
#[derive(Clone)]
pub struct Within(pub Router);

/// What is read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchReads {
    /// Addresses below the authority's own, with what stands behind a question mark: 1 to 50. Each as it would be asked alone with GET,
    /// and answered by JSON: no file, no stream.
    #[schema(min_items = 1, max_items = 50, example = json!(["/tasks?limit=5", "/families?reference=BR-0001"]))]
    reads: Vec<String>,
}

/// One answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchRead {
    /// As if it had been asked alone.
    #[schema(example = 200)]
    status: u16,
    /// The version, for `If-Match`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    /// The answer, or the problem.
    body: Value,
}

/// The answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchAnswers {
    /// In the order in which they were asked for.
    answers: Vec<BatchRead>,
}

/// Read several things at once
///
/// Up to 50 addresses of this authority, each answered as if it were asked alone: by the same rules, noted as a reading of its own, counted
/// as a request of its own. One that is refused does not keep the others from being answered. Nothing is written but that they were read.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/batch-reads", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    request_body(content = BatchReads, example = json!({ "reads": ["/tasks?limit=5", "/families?reference=BR-0001"] })),
    responses((status = 200, body = BatchAnswers, description = "Each by its own status"), Writes),
)]
pub async fn read_batch(
    Extension(within): Extension<Within>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    council: Council,
    Body { value: BatchReads { reads }, .. }: Body<BatchReads>,
) -> Result<Json<BatchAnswers>, Problem> {
    if reads.is_empty() || reads.len() > MOST {
        return Err(Problem::invalid("reads", format!("has 1 to {MOST} entries")));
    }
    let authority = council.store.id().clone();
    let addresses: Vec<Uri> = (reads.iter().enumerate()).map(|(i, read)| address(&authority, read, i)).collect::<Result<_, _>>()?;
    let mut answers = Vec::with_capacity(addresses.len());
    for address in addresses {
        let request = alone(address, &headers, peer.as_ref().map(|p| p.0))?;
        // No request fails but by an answer.
        let Ok(answer) = within.0.clone().oneshot(request).await;
        answers.push(read(answer).await?);
    }
    Ok(Json(BatchAnswers { answers }))
}

/// An address within the authority, and within nothing else: no step of it leads back up.
fn address(authority: &AuthorityId, read: &str, i: usize) -> Result<Uri, Problem> {
    let refused = || Problem::invalid(format!("reads[{i}]"), "is no address below the authority's own, such as `/tasks?limit=5`");
    let path = read.split('?').next().unwrap_or_default();
    let up = path.split('/').any(|step| matches!(step.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."));
    // What streams never ends, and a batch within a batch is none.
    if !read.starts_with('/') || up || path.contains("//") || path.ends_with("/events") || read.contains('#') {
        return Err(refused());
    }
    format!("/v1/authorities/{authority}{read}").parse().map_err(|_| refused())
}

fn alone(address: Uri, from: &HeaderMap, peer: Option<Peer>) -> Result<Request<Bytes>, Problem> {
    let failed = |_| Problem::new(Code::HostFault, "a reading could not be asked");
    let mut request = Request::builder().method(Method::GET).uri(address).body(Bytes::empty()).map_err(failed)?;
    for name in WHO {
        for value in from.get_all(&name) {
            request.headers_mut().append(&name, value.clone());
        }
    }
    request.extensions_mut().extend(
        peer.map(|peer| {
            let mut carried = axum::http::Extensions::new();
            carried.insert(peer);
            carried
        })
        .unwrap_or_default(),
    );
    Ok(request)
}

async fn read(answer: Response) -> Result<BatchRead, Problem> {
    let (parts, body) = answer.into_parts();
    let etag = parts.headers.get(header::ETAG).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let is_json = kind.starts_with("application/json") || kind.starts_with("application/problem+json");
    let bytes = Limited::new(body, LONGEST).collect().await.ok().map(http_body_util::Collected::to_bytes);
    Ok(match bytes.filter(|_| is_json).and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        Some(body) => BatchRead { status: parts.status.as_u16(), etag, body },
        None => instead(Problem::new(Code::WrongMethod, "this is no answer of JSON, or one of more than 4 MiB: ask for it alone")),
    })
}

fn instead(problem: Problem) -> BatchRead {
    let status = problem.code.status();
    BatchRead { status, etag: None, body: serde_json::to_value(problem.document()).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_within_its_authority() {
        let bristol = "E06000023".parse().unwrap();
        assert_eq!(address(&bristol, "/tasks?limit=5", 0).unwrap(), "/v1/authorities/E06000023/tasks?limit=5");
        for bad in
            ["", "tasks", "//tasks", "/../E08000035/tasks", "/%2e%2E/E08000035/tasks", "/x/./y", "/tasks#x", "/a b", "/back-tests/1/events"]
        {
            assert_eq!(address(&bristol, bad, 3).unwrap_err().field.as_deref(), Some("reads[3]"), "{bad}");
        }
    }
}
