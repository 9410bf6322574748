//! Is the host there?

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::documented::Public;
use super::problem::Problem;
use crate::sandbox::INTERFACE_VERSION;

/// The host answers, and its common file can be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "well")]
    status: &'static str,
    /// Of this host.
    #[schema(example = "0.9.0")]
    version: &'static str,
    /// The release of `wit/` that plugins are built against.
    #[schema(example = "1.0.0")]
    interface: &'static str,
}

/// Is the host there?
///
/// Reads the common file, and nothing of any authority.
#[utoipa::path(get, path = "/v1/health", tag = "host", responses((status = 200, body = Health, description = "It is"), Public))]
pub async fn health(State(app): State<App>) -> Result<Json<Health>, Problem> {
    app.stores.common().authorities().await?;
    Ok(Json(Health { status: "well", version: env!("CARGO_PKG_VERSION"), interface: INTERFACE_VERSION }))
}
