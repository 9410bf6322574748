//! What surrounds every request: one line of the log, a time to end by, and one form for whatever goes wrong.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::problem::{Code, MEDIA_TYPE, Problem};
use crate::sandbox::Sandbox;

/// A request that takes longer is given up, so that a slow sender does not hold a place for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where requests are counted.
#[derive(Clone)]
pub struct Counted(pub Arc<Sandbox>);

/// A method that has a meaning here: anybody may send any word, and each would be a series of its own.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
    KNOWN.into_iter().find(|m| *m == method.as_str()).unwrap_or("other")
}

/// The log names the route with its gaps, not what stood in them; never a query, a body or an id.
pub async fn watch(State(counted): State<Counted>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = known(request.method());
    let span = tracing::info_span!("request", method, route);
    let answering = tokio::time::timeout(PATIENCE, next.run(request));
    let response = match answering.instrument(span.clone()).await {
        Ok(response) => as_problem(response),
        Err(_) => Problem::new(Code::TookTooLong, format!("no answer within {} s", PATIENCE.as_secs())).into_response(),
    };
    let took = started.elapsed();
    counted.0.metrics().answered(method, &route, response.status().as_u16(), took);
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), millis, "answered"));
    private(response)
}

/// Answers that axum and its neighbours make by themselves, in the form of all others.
fn as_problem(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t == MEDIA_TYPE) {
        return response;
    }
    let problem = match status {
        StatusCode::NOT_FOUND => Problem::new(Code::NoSuchPage, "there is nothing at this address"),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(Code::WrongMethod, "this address does not take this method"),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::TooLarge, "the body is larger than this request may have"),
        _ if status.is_client_error() => Problem::new(Code::Unreadable, "the request could not be read"),
        _ => Problem::new(Code::HostFault, "the host failed; what it was is in its log"),
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut response = problem.into_response();
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// No cache keeps a family's record; no browser guesses at what was sent.
fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A panic ends its request and nothing else. What it said may hold a value: that stays out of the answer.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request panicked; the host serves on");
    Problem::new(Code::HostFault, "the host failed; what it was is in its log").into_response()
}
