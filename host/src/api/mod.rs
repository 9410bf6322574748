//! HTTP: the record and the programme to other programs, under `/v1`.
//!
//! One file a resource. A handler reads like the operation: load, check, do, save, answer. Each documents itself, and the
//! OpenAPI document is made of what is mounted here, so that neither can be without the other.

mod actions;
mod agreements;
mod answer_times;
mod as_read;
mod asking;
mod assessment_acts;
mod assessment_requests;
mod assessment_typing;
mod assessments;
mod attachments;
mod audit;
mod authorities;
mod back_test_came;
mod back_test_rows;
mod back_tests;
mod body;
mod caller;
mod cases;
mod catalogue;
mod claim_batches;
mod claim_rules;
mod claims;
mod codes;
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
mod journey;
pub mod listen;
mod mappings;
mod matches;
mod meanings;
mod members;
mod merges;
mod metrics;
mod noted;
mod notices;
mod once;
mod organisations;
mod outcome_returns;
mod overrides;
mod page;
mod params;
mod parking;
mod payments;
mod people;
mod person_merges;
mod plan;
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
mod splits;
mod steps;
mod subject;
mod switches;
mod tables;
mod tasks;
mod tokens;
mod triage;
mod trial_grants;
mod undecided;
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
use axum::{Json, Router};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Ref, Required};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

pub use self::front_ends::{FrontEnds, Origin};
pub use self::rates::PerMinute;
use self::rates::Rates;
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
    front_ends.before(router)
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

/// The way of a plugin: review, shadow, switch and return. Apart, since all routes in one function need more stack than a test's thread has.
#[inline(never)]
fn ways_of_plugins() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(reviews::read_review_rules, reviews::set_review_rules))
        .routes(routes!(reviews::read_review))
        .routes(routes!(reviews::check_installation))
        .routes(routes!(reviews::approve_sections))
        .routes(routes!(reviews::approve_as_second))
        .routes(routes!(switches::list_activations))
        .routes(routes!(switches::return_to_installation))
        .routes(routes!(switches::drop_switch))
        .routes(routes!(shadows::begin_shadow, shadows::read_shadow))
        .routes(routes!(shadows::end_shadow))
        .routes(routes!(shadows::list_shadow_answers))
        .routes(routes!(settings_changes::propose_settings, settings_changes::list_settings_changes))
        .routes(routes!(settings_changes::approve_settings))
        .routes(routes!(settings_changes::decline_settings))
        .routes(routes!(plugin_operations::read_plugin_operations))
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
        .routes(routes!(members::add_member))
        .routes(routes!(members::add_home))
        .routes(routes!(merges::merge_families, merges::list_family_merges))
        .routes(routes!(merges::undo_family_merge))
        .routes(routes!(splits::split_family, splits::list_splits))
        .routes(routes!(person_merges::merge_people, person_merges::list_person_merges))
        .routes(routes!(person_merges::undo_person_merge))
        .routes(routes!(handovers::give_family))
        .routes(routes!(handovers::list_handovers))
        .routes(routes!(handovers::read_handover))
        .routes(routes!(handovers::accept_handover))
        .routes(routes!(handovers::refuse_handover))
        .routes(routes!(handovers::withdraw_handover))
        .routes(routes!(attachments::attach, attachments::list_attachments).layer(DefaultBodyLimit::max(LARGEST)))
        .routes(routes!(attachments::read_attachment))
        .routes(routes!(attachments::remove_attachment))
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
        .routes(routes!(sessions::read_session))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(sessions::sign_out_everywhere))
        .routes(routes!(codes::ask_for_code))
        .routes(routes!(codes::answer_code))
        .routes(routes!(invitations::invite, invitations::list_invitations))
        .routes(routes!(invitations::withdraw_invitation))
        .routes(routes!(invitations::look_at_invitation))
        .routes(routes!(invitations::accept_invitation))
        .routes(routes!(providers::read_provider, providers::name_provider))
        .routes(routes!(providers::remove_provider))
        .routes(routes!(providers::begin_sign_in))
        .routes(routes!(providers::end_sign_in))
        .routes(routes!(sign_ins::list_sign_ins))
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
        .routes(routes!(consent_requests::list_consent_requests))
        .routes(routes!(consent_requests::answer_consent_request))
        .routes(routes!(assessments::begin_assessment, assessments::list_assessments))
        .routes(routes!(assessments::read_assessment))
        .routes(routes!(assessments::read_assessment_form))
        .routes(routes!(assessment_typing::type_assessment, assessment_typing::change_answers))
        .routes(routes!(assessment_acts::submit_assessment))
        .routes(routes!(assessment_acts::sign_assessment))
        .routes(routes!(assessment_acts::sign_assessment_off))
        .routes(routes!(assessment_acts::send_assessment_back))
        .routes(routes!(assessment_acts::amend_assessment))
        .routes(routes!(assessment_acts::give_assessment_up))
        .routes(routes!(assessment_requests::list_reviews))
        .routes(routes!(assessment_requests::ask_for_assessment, assessment_requests::list_assessment_requests))
        .routes(routes!(assessment_requests::drop_assessment_request))
        .routes(routes!(assessment_requests::read_distance))
        .routes(routes!(plan::read_plan, plan::order_plan))
        .routes(routes!(plan::set_goal))
        .routes(routes!(goal_ends::end_goal))
        .routes(routes!(journey::read_journey))
        .routes(routes!(journey::note_contact))
        .routes(routes!(journey::begin_service))
        .routes(routes!(destinations::list_destinations))
        .routes(routes!(destinations::set_destination))
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
        .routes(routes!(publishers::add_publisher, publishers::list_publishers))
        .routes(routes!(publishers::read_publisher))
        .routes(routes!(publishers::add_publisher_key))
        .routes(routes!(publishers::revoke_publisher_key))
        .routes(routes!(signatures::sign_plugin, signatures::read_signatures))
        .routes(routes!(registry::take_from_registry))
        .routes(routes!(updates::read_difference))
        .routes(routes!(updates::read_updates))
        .routes(routes!(plugin_rules::read_plugin_rules, plugin_rules::set_plugin_rules))
        .routes(routes!(plugin_rules::keep_on))
        .routes(routes!(catalogue::list_modules))
        .routes(routes!(catalogue::read_module))
        .routes(routes!(catalogue::list_module_versions))
        .routes(routes!(installations::propose_installation, installations::list_installations))
        .routes(routes!(installations::read_installation))
        .routes(routes!(installations::change_grants))
        .routes(routes!(installations::change_settings))
        .routes(routes!(installations::activate_installation))
        .routes(routes!(installations::retire_installation))
        .merge(ways_of_plugins())
        .routes(routes!(parking::unpark_installation))
        .routes(routes!(runs::list_runs))
        .routes(routes!(decisions::make_decision, decisions::list_decisions))
        .routes(routes!(decisions::read_decision))
        .routes(routes!(decisions::replay_decision))
        .routes(routes!(happenings::list_happenings))
        .routes(routes!(feed::follow))
        .routes(routes!(webhooks::list_webhooks, webhooks::add_webhook))
        .routes(routes!(webhooks::renew_webhook_secret))
        .routes(routes!(webhooks::stop_webhook))
        .routes(routes!(webhooks::remove_webhook))
        .routes(routes!(webhooks::resume_webhook))
        .routes(routes!(notices::list_notices))
        .routes(routes!(notices::see_notice))
        .routes(routes!(notices::list_told))
        .routes(routes!(undecided::list_undecided))
        .routes(routes!(undecided::retry_undecided))
        .routes(routes!(claims::list_claims))
        .routes(routes!(tasks::list_tasks))
        .routes(routes!(tasks::finish_task))
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
        .routes(routes!(referrals::refer, front_door::list_referrals))
        .routes(routes!(front_door::refer_found))
        .routes(routes!(front_door::read_referral))
        .routes(routes!(involvement::read_involvement))
        .routes(routes!(front_door::settle_referral))
        .routes(routes!(triage::triage_referral))
        .routes(routes!(triage::confirm_referral))
        .routes(routes!(triage::override_referral))
        .routes(routes!(referrals::list_sent_referrals))
        .routes(routes!(referrals::read_sent_referral))
        .routes(routes!(referrals::add_to_referral))
        .routes(routes!(answer_times::read_answer_time, answer_times::set_answer_time))
        .routes(routes!(overrides::override_decision))
        .routes(routes!(overrides::list_overrides))
        .routes(routes!(workers::list_workers))
        .routes(routes!(workers::read_worker, workers::set_worker))
        .routes(routes!(workers::allocate))
        .routes(routes!(steps::take_step))
        .routes(routes!(claims::list_all_claims))
        .routes(routes!(claims::read_claim))
        .routes(routes!(claims::step_claim))
        .routes(routes!(claims::check_claim))
        .routes(routes!(claim_batches::make_claim_batch, claim_batches::list_claim_batches))
        .routes(routes!(claim_batches::read_claim_file))
        .routes(routes!(claim_batches::submit_claim_batch))
        .routes(routes!(claim_batches::discard_claim_batch))
        .routes(routes!(claim_rules::read_claim_rules, claim_rules::set_claim_rules))
        .routes(routes!(claim_rules::read_evaluation_schedule, claim_rules::set_evaluation_schedule))
        .routes(routes!(claim_rules::list_evaluations))
        .routes(routes!(evidence_packs::read_claim_evidence))
        .routes(routes!(evidence_packs::read_claim_evidence_page))
        .routes(routes!(evidence_packs::read_missing))
        .routes(routes!(evidence_packs::list_look_again))
        .routes(routes!(outcome_returns::read_outcome_returns))
        .routes(routes!(outcome_returns::read_savings))
        .routes(routes!(outcome_returns::read_unit_costs, outcome_returns::supply_unit_costs))
        .routes(routes!(services::list_directory, services::add_service))
        .routes(routes!(services::read_service, services::change_service))
        .routes(routes!(services::state_places))
        .routes(routes!(services::list_service_versions))
        .routes(routes!(services::import_services).layer(large()))
        .routes(routes!(services::publish_services))
        .routes(routes!(published::publish_grants))
        .routes(routes!(published::publish_contracts))
        .routes(routes!(contracts::list_contracts, contracts::draft_contract))
        .routes(routes!(contracts::read_contract, contracts::change_contract))
        .routes(routes!(contracts::list_contract_versions))
        .routes(routes!(contracts::sign_contract))
        .routes(routes!(contracts::end_contract))
        .routes(routes!(contracts::list_budgets))
        .routes(routes!(contracts::read_budget, contracts::set_budget))
        .routes(routes!(contracts::read_buying_settings, contracts::set_buying_settings))
        .routes(routes!(contract_decisions::ask_about_contract, contract_decisions::list_contract_decisions))
        .routes(routes!(contract_decisions::replay_contract_decision))
        .routes(routes!(contract_decisions::review_contract))
        .routes(routes!(contract_decisions::read_performance))
        .routes(routes!(payments::list_payment_lines))
        .routes(routes!(payments::act_on_payment_line))
        .routes(routes!(help_requests::ask_for_help, help_requests::list_help_requests))
        .routes(routes!(help_requests::shortlist))
        .routes(routes!(help_requests::refer_to_service))
        .routes(routes!(help_requests::withdraw_help_request))
        .routes(routes!(provisions::list_service_referrals))
        .routes(routes!(provisions::answer_service_referral))
        .routes(routes!(provisions::withdraw_service_referral))
        .routes(routes!(delivered::tell_sessions))
        .routes(routes!(delivered::send_sessions).layer(DefaultBodyLimit::max(LARGEST)))
        .routes(routes!(delivered::report_end))
        .routes(routes!(trial_grants::ask_for_trial_grant, trial_grants::list_trial_grants))
        .routes(routes!(trial_grants::give_trial_grant))
        .routes(routes!(back_tests::begin_back_test, back_tests::list_back_tests))
        .routes(routes!(back_tests::read_back_test))
        .routes(routes!(back_tests::cancel_back_test))
        .routes(routes!(back_tests::remove_back_test))
        .routes(routes!(back_test_rows::list_differences))
        .routes(routes!(back_test_rows::read_differences_file))
        .layer(DefaultBodyLimit::max(body::USUAL_BYTES));
    said_of_purposes(api.get_openapi_mut());
    let token = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("A token that `hearth` gave out.")).build();
    said_of_sessions(api.get_openapi_mut());
    let session = ApiKeyValue::with_description(cookies::SESSION, "Of a browser in which somebody signed in.");
    let components = api.get_openapi_mut().components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    api
}
