//! HTTP.
pub struct App { pub stores: crate::store::Stores, pub sandbox: std::sync::Arc<crate::sandbox::Sandbox>, pub workflow: crate::workflow::Workflow }
pub fn router(_: App) -> axum::Router { axum::Router::new() }
