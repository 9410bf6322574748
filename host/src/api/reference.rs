//! The reference documentation for plugin authors: open to everybody, and the same on every host of this release.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::problem::{Code, Problem};
use crate::plugins::author::reference::pages;

/// Nothing but what stands in the pages themselves: no script, no frame, no address elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn router() -> Router {
    // Pages link to each other by bare names, so the folder's own address has its stroke.
    let begin = || async { Redirect::permanent("/docs/plugins/") };
    Router::new()
        .route("/docs/plugins", get(begin))
        .route("/docs/plugins/", get(|| async { page("index.html") }))
        .route("/docs/plugins/{page}", get(|Path(name): Path<String>| async move { page(&name) }))
}

fn page(name: &str) -> Response {
    let Some(page) = pages().iter().find(|page| page.name == name) else {
        return Problem::new(Code::NoSuchPage, "the documentation has no page of this name; /docs/plugins lists them all").into_response();
    };
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(page.media_type)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        // No family's record stands in it, and a newer host has newer pages.
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, page.text.as_str()).into_response()
}
