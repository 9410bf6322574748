//! What pages are styled with and helped by. Each file's address has its digest in it, so that a browser keeps it for ever and a new host
//! is never shown with an old style.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

const ASSETS: [Asset; 4] = [
    Asset { name: "hearth.css", kind: "text/css", bytes: include_bytes!(concat!(env!("OUT_DIR"), "/hearth.css")) },
    Asset { name: "govuk-frontend.js", kind: "text/javascript", bytes: include_bytes!(concat!(env!("OUT_DIR"), "/govuk-frontend.js")) },
    Asset { name: "hearth.js", kind: "text/javascript", bytes: include_bytes!("../script/hearth.js") },
    Asset { name: "hearth.svg", kind: "image/svg+xml", bytes: include_bytes!("../style/hearth.svg") },
];

/// Of all of them: one changes, all get a new address, and the script finds the one beside it.
static DIGEST: LazyLock<String> = LazyLock::new(|| {
    // FNV-1a: this tells two builds apart and protects nothing.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in ASSETS.iter().flat_map(|asset| asset.bytes) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
});

/// Where a file is.
#[must_use]
pub fn address(name: &str) -> String {
    format!("/assets/{}/{name}", *DIGEST)
}

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    // Browsers ask for it beside pages that stand alone; ours has no picture, and that is no error.
    let icon = || async { (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "public, max-age=86400")]) };
    Router::new().route("/assets/{digest}/{name}", get(serve)).route("/favicon.ico", get(icon))
}

async fn serve(Path((_, name)): Path<(String, String)>) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => {
            let headers = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, asset.bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
