//! HTTP: the record and the programme to other programs, under `/v1`.
//!
//! One file a resource. A handler reads like the operation: load, check, do, save, answer. Each documents itself, and the
//! OpenAPI document is made of what is mounted here, so that neither can be without the other.

mod actions;
mod asking;
mod audit;
mod authorities;
mod body;
mod caller;
mod claims;
mod corrected;
mod coverage;
mod decisions;
mod documented;
mod erasures;
mod evidence;
mod facts;
mod failures;
mod families;
mod health;
mod holds;
mod installations;
mod meanings;
mod metrics;
mod once;
mod organisations;
mod page;
mod params;
mod parking;
mod plugins;
mod policies;
pub mod problem;
mod proposals;
mod reference;
mod reports;
mod retention;
mod runs;
mod said;
mod subject;
mod tables;
mod tasks;
mod undecided;
mod watch;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

pub use erasures::OUTSIDE;

use crate::sandbox::Sandbox;
use crate::store::Stores;
use crate::workflow::Workflow;

/// Where the OpenAPI document is.
const OPENAPI: &str = "/v1/openapi.json";

/// What handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub stores: Stores,
    pub sandbox: Arc<Sandbox>,
    pub workflow: Workflow,
}

impl App {
    #[must_use]
    pub fn new(stores: Stores, sandbox: Arc<Sandbox>) -> Self {
        Self { workflow: Workflow::new(stores.clone(), sandbox.clone()), stores, sandbox }
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hearth",
        description = include_str!("begin.md"),
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "authorities", description = "The councils that keep their families here, and the organisations that facts come from"),
        (name = "record", description = "Families and what is known of them"),
        (name = "plugins", description = "Plugin versions, and an authority's adoption of them"),
        (name = "decisions", description = "What plugins answered, and what follows from it"),
        (name = "host", description = "The host itself"),
    ),
    components(schemas(problem::Document)),
)]
struct Described;

/// The document of the API, without a running host.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    mounted().into_openapi()
}

/// Everything that is served.
pub fn router(app: App) -> Router {
    let (router, document) = mounted().split_for_parts();
    let docs = utoipa_swagger_ui::Config::from(OPENAPI).persist_authorization(false);
    let counted = watch::Counted(app.sandbox.clone());
    let router = router.route(OPENAPI, get(|| async { Json(document) })).with_state(app);
    surrounded(router.merge(SwaggerUi::new("/docs").config(docs)).merge(reference::router()), counted)
}

/// With what surrounds every request.
fn surrounded(router: Router, counted: watch::Counted) -> Router {
    router.layer(CatchPanicLayer::custom(watch::panicked)).layer(from_fn_with_state(counted, watch::watch))
}

fn mounted() -> OpenApiRouter<App> {
    let large = || DefaultBodyLimit::max(body::LARGE_BYTES);
    let mut api = OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(health::health))
        .routes(routes!(metrics::read_metrics))
        .routes(routes!(meanings::meaning))
        .routes(routes!(authorities::create_authority, authorities::list_authorities))
        .routes(routes!(authorities::read_authority))
        .routes(routes!(organisations::create_organisation, organisations::list_organisations))
        .routes(routes!(organisations::read_organisation))
        .routes(routes!(families::create_family, families::list_families))
        .routes(routes!(families::read_family))
        .routes(routes!(facts::list_facts))
        .routes(routes!(facts::add_fact))
        .routes(routes!(facts::add_facts).layer(large()))
        .routes(routes!(facts::read_fact))
        .routes(routes!(facts::withdraw_fact))
        .routes(routes!(coverage::add_coverage, coverage::list_coverage))
        .routes(routes!(plugins::list_plugins))
        .routes(routes!(plugins::upload_plugin).layer(large()))
        .routes(routes!(plugins::read_plugin))
        .routes(routes!(plugins::read_inspection))
        .routes(routes!(installations::propose_installation, installations::list_installations))
        .routes(routes!(installations::read_installation))
        .routes(routes!(installations::change_grants))
        .routes(routes!(installations::change_settings))
        .routes(routes!(installations::activate_installation))
        .routes(routes!(installations::retire_installation))
        .routes(routes!(parking::unpark_installation))
        .routes(routes!(runs::list_runs))
        .routes(routes!(decisions::make_decision, decisions::list_decisions))
        .routes(routes!(decisions::read_decision))
        .routes(routes!(decisions::replay_decision))
        .routes(routes!(undecided::list_undecided))
        .routes(routes!(undecided::retry_undecided))
        .routes(routes!(claims::list_claims))
        .routes(routes!(tasks::list_tasks))
        .routes(routes!(proposals::list_proposals))
        .routes(routes!(proposals::read_proposal))
        .routes(routes!(proposals::confirm_proposal))
        .routes(routes!(proposals::decline_proposal))
        .routes(routes!(audit::list_audit_entries))
        .routes(routes!(audit::list_audit_seals))
        .routes(routes!(holds::place_hold, holds::list_holds))
        .routes(routes!(holds::lift_hold))
        .routes(routes!(retention::read_retention, retention::set_retention))
        .routes(routes!(erasures::erase, erasures::list_erasures))
        .routes(routes!(subject::open_subject_request, subject::list_subject_requests))
        .routes(routes!(subject::read_subject_request))
        .routes(routes!(subject::review_subject_part))
        .routes(routes!(subject::release_subject_request))
        .routes(routes!(subject::read_released))
        .routes(routes!(corrected::list_corrected_decisions))
        .routes(routes!(corrected::read_impact))
        .routes(routes!(policies::read_policies, policies::set_policies))
        .routes(routes!(failures::read_failure_policies, failures::set_failure_policies))
        .routes(routes!(tables::read_school_terms, tables::supply_school_terms))
        .routes(routes!(tables::read_services, tables::supply_services))
        .routes(routes!(tables::read_plugin_table, tables::supply_plugin_table))
        .layer(DefaultBodyLimit::max(body::USUAL_BYTES));
    let token = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("A token that `hearth` gave out.")).build();
    let components = api.get_openapi_mut().components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    api
}
