//! What surrounds every request: one line of the log, a time to end by, and one form for whatever goes wrong.

use std::any::Any;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::listen::Peer;
use super::problem::{Code, MEDIA_TYPE, Problem};
use super::rates::Rates;
use crate::sandbox::Sandbox;

/// A request that takes longer is given up, so that a slow sender does not hold a place for ever.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The same where a version is compiled and its scenarios are played, which takes its time on a full machine: the compiler and the scenarios
/// have ends of their own, and these come first.
pub(super) const TRYING_PATIENCE: Duration = Duration::from_secs(16 * 60);
const TRYING: [&str; 5] = [
    "/v1/plugins",
    "/v1/plugins/from-registry",
    "/v1/plugins/{plugin}/difference/scenarios",
    "/v1/authorities/{authority}/installations/{installation}/check",
    "/v1/authorities/{authority}/plugins/{plugin}/playground",
];

fn patience(route: &str) -> Duration {
    if TRYING.contains(&route) { TRYING_PATIENCE } else { PATIENCE }
}

/// Bytes of path and parameters: some thirty times the longest that this host gives out.
pub(super) const ADDRESS_BYTES: usize = 8 << 10;
/// Bytes of all headers together: what servers in front of hosts take as a rule.
pub(super) const HEAD_BYTES: usize = 32 << 10;
/// Where a server in front of the host writes from where a request came.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where requests are counted, and who sends too many.
#[derive(Clone)]
pub struct Watched {
    pub sandbox: Arc<Sandbox>,
    pub rates: Rates,
    /// There is a server in front, which says where requests come from.
    pub behind_proxy: bool,
}

/// A method that has a meaning here: anybody may send any word, and each would be a series of its own.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
    KNOWN.into_iter().find(|m| *m == method.as_str()).unwrap_or("other")
}

/// The log names the route with its gaps, not what stood in them; never a query, a body or an id.
pub async fn watch(State(watched): State<Watched>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let (method, patience) = (known(request.method()), patience(&route));
    let span = tracing::info_span!("request", method, route);
    let from = watched.from(&request);
    let answering = async {
        match too_large(&request).or_else(|| watched.at_the_door(from, &route)) {
            Some(problem) => Ok(problem.into_response()),
            None => tokio::time::timeout(patience, next.run(request)).await,
        }
    };
    let response = match answering.instrument(span.clone()).await {
        Ok(response) => watched.refused(from, as_problem(response)),
        Err(_) => Problem::new(Code::TookTooLong, format!("no answer within {} s", patience.as_secs())).into_response(),
    };
    let took = started.elapsed();
    watched.sandbox.metrics().answered(method, &route, response.status().as_u16(), took);
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), millis, "answered"));
    private(response)
}

impl Watched {
    /// None: within this process, as in tests.
    fn from(&self, request: &Request) -> Option<IpAddr> {
        let forwarded = || {
            // The last one was written by the server in front; those before it by whoever likes.
            let last = request.headers().get_all(&FORWARDED).iter().next_back()?.to_str().ok()?.rsplit(',').next()?;
            last.trim().parse().ok()
        };
        let peer = request.extensions().get::<Peer>().map(|p| p.0);
        if self.behind_proxy { forwarded().or(peer) } else { peer }
    }

    /// Whoever signs in has no token yet: each attempt counts as one without, before anything is looked up or sent for it.
    fn at_the_door(&self, from: Option<IpAddr>, route: &str) -> Option<Problem> {
        let signs_in = route.starts_with("/v1/sign-in/") || route.ends_with("/sign-in") || route.ends_with("/sign-in/callback");
        // A publisher signs each time that it asks.
        let signs_in = signs_in || route == "/v1/publishers/{publisher}/runs";
        from.filter(|_| signs_in).and_then(|from| self.rates.refused(from).err())
    }

    /// Whoever tries tokens from one address is told to wait. Those whose token is good are not held up by who shares their address.
    fn refused(&self, from: Option<IpAddr>, response: Response) -> Response {
        match from.filter(|_| response.status() == StatusCode::UNAUTHORIZED).map(|from| self.rates.refused(from)) {
            Some(Err(problem)) => problem.into_response(),
            Some(Ok(())) | None => response,
        }
    }
}

fn too_large(request: &Request) -> Option<Problem> {
    let address = request.uri().path_and_query().map_or(0, |a| a.as_str().len());
    if address > ADDRESS_BYTES {
        return Some(Problem::new(Code::AddressTooLong, format!("the address has more than {ADDRESS_BYTES} bytes")));
    }
    let head: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum();
    (head > HEAD_BYTES).then(|| Problem::new(Code::HeadTooLarge, format!("the headers together have more than {HEAD_BYTES} bytes")))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_tries_a_plugin_has_its_time_and_is_a_route() {
        let document = serde_json::to_value(crate::api::openapi()).unwrap();
        for route in TRYING {
            assert!(document["paths"].get(route).is_some(), "{route}");
            assert_eq!(patience(route), TRYING_PATIENCE);
        }
        assert_eq!(patience("/v1/authorities/{authority}/families"), PATIENCE);
        // What gives up by itself says why.
        let own = crate::plugins::scenarios::Budget::default().wall + crate::sandbox::compiler::Bounds::default().wall;
        assert!(TRYING_PATIENCE > own);
    }
}
