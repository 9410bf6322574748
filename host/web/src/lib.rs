//! Hearth's pages: a front end like any other, over the same API and with the same rights as whoever looks at them, that happens to be
//! served by the host. It asks the API within the process, as an HTTP service, with the visitor's own cookie: so a page shows nothing that
//! its visitor could not read there, each reading is noted, and each act is ruled on, in one place.
//!
//! Every page works without scripts. Style: GOV.UK Frontend, without what is the government's own.

mod assets;
mod codes;
pub mod told;
pub mod ui;
pub mod upstream;
pub mod visit;
pub mod welsh;
pub mod words;

mod failed;
mod pages;

use std::convert::Infallible;
use std::time::Instant;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use upstream::{Api, Asked, Carry, Service};

/// What pages need of the host.
#[derive(Clone)]
pub struct Pages {
    service: Service,
    carry: Carry,
}

impl Pages {
    /// The API, as whoever sent a request.
    fn api(&self, headers: &HeaderMap, extensions: &Extensions) -> Api {
        let asked = extensions.get::<Asked>().cloned().unwrap_or_default();
        Api::of(self.service.clone(), headers, (self.carry)(extensions), asked)
    }
}

impl FromRequestParts<Pages> for Api {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, Infallible> {
        Ok(pages.api(&parts.headers, &parts.extensions))
    }
}

/// The pages and the API. `carry`: what the API is told of the connection.
pub fn pages(api: Service, carry: Carry) -> Router {
    let pages = Pages { service: api.clone(), carry };
    let ours = pages::routes()
        .layer(from_fn_with_state(pages.clone(), failed::as_pages))
        .merge(assets::routes())
        .fallback(nowhere)
        // A page that panics is its own end alone.
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new())
        .layer(from_fn(timed))
        .with_state(pages);
    Router::new().fallback(divide).with_state(Both { api, ours })
}

/// How long a page took, and how much of it and how often it asked the API (`Server-Timing`): what a slow page is mended by.
async fn timed(mut request: Request, next: Next) -> Response {
    let (began, asked) = (Instant::now(), Asked::default());
    request.extensions_mut().insert(asked.clone());
    let mut answer = next.run(request).await;
    let (times, waited) = asked.so_far();
    let took = began.elapsed().as_secs_f64() * 1_000.0;
    let told = format!("page;dur={took:.2}, api;dur={waited:.2};desc=\"{times}\"");
    if let Ok(told) = HeaderValue::from_str(&told) {
        answer.headers_mut().insert("server-timing", told);
    }
    answer
}

#[derive(Clone)]
struct Both {
    api: Service,
    ours: Router,
}

/// What is the API's, whatever pages there are: an authority's pages begin with its code, and `v1` is none.
fn is_of_the_api(path: &str) -> bool {
    path == "/v1" || ["/v1/", "/problems/", "/docs", "/openapi", "/metrics"].iter().any(|begin| path.starts_with(begin))
}

async fn divide(State(both): State<Both>, request: Request) -> Response {
    let answer = if is_of_the_api(request.uri().path()) { both.api.oneshot(request).await } else { both.ours.oneshot(request).await };
    match answer {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

/// Where there is nothing: people are told so on a page, programs as the API tells them.
async fn nowhere(State(pages): State<Pages>, request: Request) -> Response {
    let wants_page = request.headers().get("accept").and_then(|v| v.to_str().ok()).is_some_and(|a| a.contains("text/html"));
    if wants_page {
        return failed::not_here(&pages.api(request.headers(), request.extensions())).await.into_response();
    }
    match pages.service.clone().oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::StatusCode;
    use tower::util::BoxCloneSyncService;

    use super::*;

    /// An authority's pages begin with any word: the API's own must not be taken for one.
    #[tokio::test]
    async fn what_is_the_apis_reaches_it_whatever_pages_there_are() {
        let api = Router::new().fallback(async |request: Request| (StatusCode::IM_A_TEAPOT, request.uri().path().to_owned()));
        let both = pages(BoxCloneSyncService::new(api), |_| Extensions::new());
        for (method, path, status) in [
            ("POST", "/v1/plugins", StatusCode::IM_A_TEAPOT),
            ("GET", "/v1/authorities/E06000023/families", StatusCode::IM_A_TEAPOT),
            ("GET", "/metrics", StatusCode::IM_A_TEAPOT),
            ("GET", "/sign-in", StatusCode::OK),
            ("GET", "/no/such/page/here", StatusCode::IM_A_TEAPOT),
        ] {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            assert_eq!(both.clone().oneshot(request).await.unwrap().status(), status, "{method} {path}");
        }
    }
}
