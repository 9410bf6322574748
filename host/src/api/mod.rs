//! HTTP: the record and the programme to other programs, under `/v1`.
//!
//! One file a resource. A handler reads like the operation: load, check, do, save, answer. Each documents itself, and the
//! OpenAPI document is made of what is mounted here, so that neither can be without the other.

mod actions;
mod agreements;
mod asking;
mod authorities;
mod body;
mod caller;
mod cases;
mod claims;
mod coverage;
mod decision_seen;
mod decisions;
mod deliveries;
mod documented;
mod emergencies;
mod evidence;
mod facts;
mod failures;
mod families;
mod happenings;
mod health;
mod installations;
mod mappings;
mod matches;
mod meanings;
mod metrics;
mod once;
mod organisations;
mod page;
mod params;
mod parking;
mod people;
mod plugins;
mod policies;
pub mod problem;
mod proposals;
mod reference;
mod reports;
mod runs;
mod said;
mod seals;
mod shares;
mod tables;
mod tasks;
mod tokens;
mod undecided;
mod watch;
mod writing;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Ref, Required};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

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
    /// Places for files that are being read.
    pub deliveries: Arc<Semaphore>,
}

/// Files of all authorities that are read at once: one writes while another is parsed.
const DELIVERIES: usize = 2;

impl App {
    #[must_use]
    pub fn new(stores: Stores, sandbox: Arc<Sandbox>) -> Self {
        Self::with(Workflow::new(stores.clone(), sandbox.clone()), stores, sandbox)
    }

    #[must_use]
    pub fn with(workflow: Workflow, stores: Stores, sandbox: Arc<Sandbox>) -> Self {
        Self { stores, sandbox, workflow, deliveries: Arc::new(Semaphore::new(DELIVERIES)) }
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
        (name = "access", description = "Who works here, whose case a family is, what is shared with whom, and what is sealed"),
        (name = "record", description = "Families and what is known of them"),
        (name = "intake", description = "Files from partner agencies: how they are read, what came, who is meant"),
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

/// Every operation within an authority may say why it reads: said here once.
fn said_of_purposes(document: &mut utoipa::openapi::OpenApi) {
    let schema = Ref::from_schema_name("Purpose");
    let purpose = ParameterBuilder::new()
        .name("Hearth-Purpose")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Why families are read; the usual purpose of your role, if left out"))
        .schema(Some(schema))
        .build();
    for (_, item) in document.paths.paths.iter_mut().filter(|(path, _)| path.contains("/{authority}/")) {
        for operation in [&mut item.get, &mut item.post, &mut item.put].into_iter().flatten() {
            operation.parameters.get_or_insert_default().push(purpose.clone().into());
        }
    }
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
        .routes(routes!(people::read_me))
        .routes(routes!(people::give_role, people::list_people))
        .routes(routes!(people::end_role))
        .routes(routes!(tokens::make_token, tokens::list_tokens))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(cases::assign, cases::list_assignments))
        .routes(routes!(cases::end_assignment))
        .routes(routes!(cases::cover, cases::list_covers))
        .routes(routes!(seals::seal, seals::list_seals))
        .routes(routes!(seals::lift_seal))
        .routes(routes!(emergencies::begin_emergency, emergencies::list_emergencies))
        .routes(routes!(emergencies::see_emergency))
        .routes(routes!(agreements::make_agreement, agreements::list_agreements))
        .routes(routes!(agreements::end_agreement))
        .routes(routes!(shares::share, shares::list_shares))
        .routes(routes!(shares::may_share))
        .routes(routes!(shares::withdraw_share))
        .routes(routes!(shares::object_to_share))
        .routes(routes!(coverage::add_coverage, coverage::list_coverage))
        .routes(routes!(matches::find_people))
        .routes(routes!(mappings::list_mappings))
        .routes(routes!(mappings::read_mapping, mappings::write_mapping))
        .routes(routes!(mappings::read_intake_settings, mappings::set_intake_settings))
        .routes(routes!(deliveries::preview_file))
        .routes(routes!(deliveries::send_file, deliveries::list_deliveries))
        .routes(routes!(deliveries::read_delivery))
        .routes(routes!(deliveries::list_feeds))
        .routes(routes!(matches::list_matches))
        .routes(routes!(matches::read_match))
        .routes(routes!(matches::decide_match))
        .routes(routes!(matches::list_match_decisions))
        .routes(routes!(matches::undo_match_decision))
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
        .routes(routes!(happenings::list_happenings))
        .routes(routes!(undecided::list_undecided))
        .routes(routes!(undecided::retry_undecided))
        .routes(routes!(claims::list_claims))
        .routes(routes!(tasks::list_tasks))
        .routes(routes!(proposals::list_proposals))
        .routes(routes!(proposals::read_proposal))
        .routes(routes!(proposals::confirm_proposal))
        .routes(routes!(proposals::decline_proposal))
        .routes(routes!(policies::read_policies, policies::set_policies))
        .routes(routes!(failures::read_failure_policies, failures::set_failure_policies))
        .routes(routes!(tables::read_school_terms, tables::supply_school_terms))
        .routes(routes!(tables::read_services, tables::supply_services))
        .routes(routes!(tables::read_plugin_table, tables::supply_plugin_table))
        .layer(DefaultBodyLimit::max(body::USUAL_BYTES));
    said_of_purposes(api.get_openapi_mut());
    let token = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("A token that `hearth` gave out.")).build();
    let components = api.get_openapi_mut().components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    api
}
