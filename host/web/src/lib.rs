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
pub mod words;

mod failed;
mod pages;

use std::convert::Infallible;

use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use upstream::{Api, Carry, Service};

/// What pages need of the host.
#[derive(Clone)]
pub struct Pages {
    service: Service,
    carry: Carry,
}

impl Pages {
    /// The API, as whoever sent a request.
    fn api(&self, headers: &HeaderMap, extensions: &Extensions) -> Api {
        Api::of(self.service.clone(), headers, (self.carry)(extensions))
    }
}

impl FromRequestParts<Pages> for Api {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, Infallible> {
        Ok(pages.api(&parts.headers, &parts.extensions))
    }
}

/// The pages, with the API behind them: what is no page goes there. `carry`: what the API is told of the connection.
pub fn pages(api: Service, carry: Carry) -> Router {
    let pages = Pages { service: api, carry };
    pages::routes()
        .layer(from_fn_with_state(pages.clone(), failed::as_pages))
        .merge(assets::routes())
        .fallback(beyond)
        // A page that panics is its own end alone.
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new())
        .with_state(pages)
}

/// What the API has under its own paths, and one answer for people to all else.
async fn beyond(axum::extract::State(pages): axum::extract::State<Pages>, request: Request) -> Response {
    let path = request.uri().path();
    let wants_page = request.headers().get("accept").and_then(|v| v.to_str().ok()).is_some_and(|a| a.contains("text/html"));
    let of_api = ["/v1/", "/problems/", "/docs", "/openapi", "/metrics"].iter().any(|p| path.starts_with(p));
    if wants_page && !of_api {
        return failed::not_here(&pages.api(request.headers(), request.extensions())).await.into_response();
    }
    match pages.service.clone().oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}
