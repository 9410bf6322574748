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

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;

use upstream::{Api, Service};

/// What pages need of the host.
#[derive(Clone)]
pub struct Pages {
    service: Service,
}

impl Pages {
    fn api(&self, browser: &HeaderMap) -> Api {
        Api::of(self.service.clone(), browser)
    }
}

/// The pages, with the API behind them: what is no page goes there.
pub fn pages(api: Service) -> Router {
    let pages = Pages { service: api };
    pages::routes()
        .layer(from_fn_with_state(pages.clone(), failed::as_pages))
        .merge(assets::routes())
        .fallback(beyond)
        .layer(CompressionLayer::new())
        .with_state(pages)
}

/// What the API has under its own paths, and one answer for people to all else.
async fn beyond(axum::extract::State(pages): axum::extract::State<Pages>, request: Request) -> Response {
    let path = request.uri().path();
    let wants_page = request.headers().get("accept").and_then(|v| v.to_str().ok()).is_some_and(|a| a.contains("text/html"));
    let of_api = ["/v1/", "/problems/", "/docs", "/openapi", "/metrics", "/interface"].iter().any(|p| path.starts_with(p));
    if wants_page && !of_api {
        return failed::not_here(&pages, request.headers()).await.into_response();
    }
    match pages.service.clone().oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}
