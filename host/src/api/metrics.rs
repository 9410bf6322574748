//! What the host counts of itself, for Prometheus.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::App;
use super::caller::Caller;
use super::documented::Reads;
use super::problem::Problem;
use crate::metrics::MEDIA_TYPE;

/// Read the host's counts
///
/// For Prometheus, in the text format of OpenMetrics 1.0; what is counted stands in `host/README.md`. With the operator's token: of an
/// authority there is its ONS code and how much it used, of families nothing.
#[utoipa::path(
    get, path = "/metrics", tag = "host", security(("token" = [])),
    responses((status = 200, body = String, content_type = "application/openmetrics-text", description = "Since the host started"), Reads),
)]
pub async fn read_metrics(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    caller.operates()?;
    let metrics = app.sandbox.metrics();
    for authority in app.stores.common().authorities().await? {
        let store = app.stores.authority(&authority.code).await?;
        metrics.stands(&authority.code, store.count_parked().await?, store.count_undecided().await?);
    }
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], metrics.text()).into_response())
}
