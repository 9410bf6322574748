//! HTTP: the record and the programme to other programs, under `/v1`.
//!
//! One file a resource. A handler reads like the operation: load, check, do, save, answer. Each documents itself, and the
//! OpenAPI document is made of what is mounted here, so that neither can be without the other.

mod actions;
mod agenda;
mod agenda_acts;
mod agreements;
mod answer_times;
mod as_read;
mod asking;
mod assessment_acts;
mod assessment_carrying;
mod assessment_requests;
mod assessment_typing;
mod assessments;
mod attachments;
mod audit;
mod authoring;
mod authorities;
mod back_test_came;
mod back_test_rows;
mod back_tests;
mod batch_reads;
mod body;
mod caller;
mod cases;
mod catalogue;
mod claim_batches;
mod claim_rules;
mod claim_sums;
mod claims;
mod code_lists;
mod codes;
mod colleagues;
mod consent_requests;
mod contract_decisions;
mod contracts;
mod cookies;
mod corrected;
mod coverage;
mod decision_seen;
mod decisions;
mod delivered;
mod deliveries;
mod destinations;
mod documented;
mod emergencies;
mod erasures;
mod evidence;
mod evidence_packs;
mod facts;
mod failures;
mod families;
mod family_referrals;
mod feed;
mod findings;
mod front_door;
mod front_ends;
pub mod frozen;
mod goal_ends;
mod handover_seen;
mod handovers;
mod happenings;
mod health;
mod help_requests;
mod holds;
mod installations;
mod invitations;
mod involvement;
mod job_events;
mod journey;
mod limits;
pub mod listen;
mod mappings;
mod matches;
mod meanings;
mod meetings;
mod members;
mod merges;
mod metrics;
mod noted;
mod notices;
mod offered_forms;
mod once;
mod organisations;
mod outcome_returns;
mod outside;
mod overrides;
mod page;
mod params;
mod parking;
mod payments;
mod people;
mod person_merges;
mod plan;
mod playground;
mod plugin_operations;
mod plugin_rules;
mod plugins;
mod policies;
pub mod problem;
mod proposals;
mod providers;
mod provisions;
mod published;
mod publishers;
mod rates;
mod reference;
mod referrals;
mod registry;
mod reports;
mod retention;
mod reviews;
mod routes;
mod runs;
mod said;
mod seals;
mod services;
mod sessions;
mod settings_changes;
mod shadows;
mod shares;
mod sign_ins;
mod signatures;
mod sittings;
mod splits;
mod standings;
mod steps;
mod subject;
mod sums;
mod switches;
mod tables;
mod tasks;
mod tokens;
mod triage;
mod trial_grants;
mod undecided;
mod untold;
mod updates;
mod version;
mod watch;
mod webhooks;
mod workers;
mod writing;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::{Extension, Json, Router};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Ref, Required};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_swagger_ui::SwaggerUi;

pub use self::front_ends::{FrontEnds, Origin};
use self::job_events::Followers;
pub use self::rates::PerMinute;
use self::rates::Rates;
use self::sums::Sums;
pub use erasures::OUTSIDE;

use crate::access::Reception;
use crate::egress::mail::Mail;
use crate::egress::{Door, Openings};
use crate::plugins::registry::Registries;
use crate::record::file_kind::LARGEST;
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
    pub reception: Reception,
    /// Places for files that are being read.
    pub deliveries: Arc<Semaphore>,
    pub door: Door,
    /// From where plugins are taken.
    pub registries: Registries,
    pub mail: Mail,
    pub rates: Rates,
    /// A server in front of the host says where requests come from.
    pub behind_proxy: bool,
    /// Whose pages may ask from a browser.
    pub front_ends: FrontEnds,
    /// Who follows work that goes on.
    pub followers: Followers,
    /// Sums over all families, until the record changes.
    pub sums: Sums,
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
        let (door, mail) = (Door::new(Openings::default()), Mail::nowhere());
        Self {
            stores,
            sandbox,
            workflow,
            reception: Reception::of_tokens_alone(),
            deliveries: Arc::new(Semaphore::new(DELIVERIES)),
            door,
            registries: Registries::default(),
            mail,
            rates: Rates::new(PerMinute::default()),
            behind_proxy: false,
            front_ends: FrontEnds::default(),
            followers: Followers::default(),
            sums: Sums::default(),
        }
    }

    /// Front ends at addresses of their own, whose pages a browser lets ask.
    #[must_use]
    pub fn answering(self, front_ends: FrontEnds) -> Self {
        Self { front_ends, ..self }
    }

    /// How often who may ask, and whether a server in front says who does.
    #[must_use]
    pub fn asked_at_most(self, most: PerMinute, behind_proxy: bool) -> Self {
        Self { rates: Rates::new(most), behind_proxy, ..self }
    }

    /// What it sends to others goes through these.
    #[must_use]
    pub fn reaching(self, door: Door, mail: Mail) -> Self {
        Self { door, mail, ..self }
    }

    /// Plugins are taken from these.
    #[must_use]
    pub fn taking_from(self, registries: Registries) -> Self {
        Self { registries, ..self }
    }

    /// Where people sign in otherwise than by tokens too.
    #[must_use]
    pub fn receiving(self, reception: Reception) -> Self {
        Self { reception, ..self }
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
        (name = "signing-in", description = "Sessions, invitations, one-time codes, and the authorities' identity providers"),
        (name = "access", description = "Who works here, whose case a family is, what is shared with whom, and what is sealed"),
        (name = "record", description = "Families and what is known of them"),
        (name = "intake", description = "Files from partner agencies: how they are read, what came, who is meant"),
        (name = "plugins", description = "Plugin versions, and an authority's adoption of them"),
        (name = "front-door", description = "Referrals: sent, looked at, triaged, answered"),
        (name = "assessments", description = "Assessments from the first word to the manager's signature, and how far a family has come"),
        (name = "plan", description = "The family's plan, contacts with the family, and its way through the programme in order of time"),
        (name = "meetings", description = "Hubs, panels and teams around families: sittings, agendas, who came, what was decided"),
        (name = "decisions", description = "What plugins answered, and what follows from it"),
        (name = "following", description = "What happened, for other systems and for people who are to know"),
        (name = "claims", description = "Results from the draft to the money: audit, evidence, files, what they cost and save"),
        (name = "buying", description = "Help that is bought: the directory, contracts, referrals to providers, what was delivered, payments"),
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
    let watched = watch::Watched { sandbox: app.sandbox.clone(), rates: app.rates.clone(), behind_proxy: app.behind_proxy };
    let front_ends = app.front_ends.clone();
    let router = router.route(OPENAPI, get(|| async { Json(document) })).with_state(app);
    let router = surrounded(router.merge(SwaggerUi::new("/docs").config(docs)).merge(reference::router()), watched);
    // What is read in a batch is asked of the same router, which knows of no batch within a batch.
    let within = batch_reads::Within(router.clone());
    front_ends.before(router.layer(Extension(within)))
}

/// With what surrounds every request.
fn surrounded(router: Router, watched: watch::Watched) -> Router {
    router.layer(from_fn(noted::note)).layer(CatchPanicLayer::custom(watch::panicked)).layer(from_fn_with_state(watched, watch::watch))
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
        let all = [&mut item.get, &mut item.post, &mut item.put].into_iter().flatten();
        for operation in all.filter(|operation| operation.security.is_some()) {
            operation.parameters.get_or_insert_default().push(purpose.clone().into());
        }
    }
}

/// Whatever a token opens, a session opens: said here once.
fn said_of_sessions(document: &mut utoipa::openapi::OpenApi) {
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.put].into_iter().flatten() {
            let session = || SecurityRequirement::new("session", Vec::<String>::new());
            if let Some(ways) = operation.security.as_mut().filter(|ways| !ways.contains(&session())) {
                ways.push(session());
            }
        }
    }
}

fn mounted() -> OpenApiRouter<App> {
    let mut api = OpenApiRouter::with_openapi(Described::openapi()).merge(routes::all()).layer(DefaultBodyLimit::max(body::USUAL_BYTES));
    said_of_purposes(api.get_openapi_mut());
    let token = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("A token that `hearth` gave out.")).build();
    said_of_sessions(api.get_openapi_mut());
    let session = ApiKeyValue::with_description(cookies::SESSION, "Of a browser in which somebody signed in.");
    let components = api.get_openapi_mut().components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    api
}
