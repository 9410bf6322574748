//! Which operations there are: one function for each kind of work, since what is put together in one function stands on its stack.

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::*; // every room of the API has operations

/// Everything within the API.
pub fn all() -> OpenApiRouter<App> {
    let each: [fn() -> OpenApiRouter<App>; 18] = [
        the_house,
        families,
        what_is_known,
        people,
        sharing,
        assessments,
        intake,
        plugins,
        decisions,
        keeping,
        front_door,
        claims,
        buying,
        trying,
        ways_of_plugins,
        for_front_ends,
        authors,
        meeting,
    ];
    each.into_iter().fold(OpenApiRouter::default(), |all, some| all.merge(some()))
}

/// The host itself, authorities, organisations.
fn the_house() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(health::health))
        .routes(routes!(metrics::read_metrics))
        .routes(routes!(meanings::meaning))
        .routes(routes!(authorities::create_authority, authorities::list_authorities))
        .routes(routes!(authorities::read_authority))
        .routes(routes!(organisations::create_organisation, organisations::list_organisations))
        .routes(routes!(organisations::read_organisation))
}

/// Families, who belongs to them, and where they go.
fn families() -> OpenApiRouter<App> {
    OpenApiRouter::default()
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
}

/// Files, facts, cases, seals.
fn what_is_known() -> OpenApiRouter<App> {
    let large = || DefaultBodyLimit::max(body::LARGE_BYTES);
    OpenApiRouter::default()
        .routes(routes!(attachments::attach, attachments::list_attachments).layer(DefaultBodyLimit::max(LARGEST)))
        .routes(routes!(attachments::read_attachment))
        .routes(routes!(attachments::remove_attachment))
        .routes(routes!(facts::list_facts))
        .routes(routes!(facts::add_fact))
        .routes(routes!(facts::add_facts).layer(large()))
        .routes(routes!(facts::read_fact))
        .routes(routes!(facts::withdraw_fact))
}

/// Who works here, and how they sign in.
fn people() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(people::read_me))
        .routes(routes!(people::give_role, people::list_people))
        .routes(routes!(people::read_person))
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
}

/// Cases, seals, emergencies, what is shared and agreed to.
fn sharing() -> OpenApiRouter<App> {
    OpenApiRouter::default()
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
}

/// Assessments, plan, journey.
fn assessments() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(assessments::begin_assessment, assessments::list_assessments))
        .routes(routes!(offered_forms::list_forms))
        .routes(routes!(assessments::read_assessment))
        .routes(routes!(assessments::read_assessment_form))
        .routes(routes!(assessment_typing::type_assessment, assessment_typing::change_answers))
        .routes(routes!(assessment_acts::submit_assessment))
        .routes(routes!(assessment_carrying::carry_assessment))
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
}

/// What agencies send.
fn intake() -> OpenApiRouter<App> {
    OpenApiRouter::default()
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
}

/// How plugins travel, and what is adopted.
fn plugins() -> OpenApiRouter<App> {
    let large = || DefaultBodyLimit::max(body::LARGE_BYTES);
    OpenApiRouter::default()
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
        .routes(routes!(updates::read_scenarios_between))
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
}

/// What was asked and decided, and what follows.
fn decisions() -> OpenApiRouter<App> {
    OpenApiRouter::default()
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
}

/// Audit, holds, erasure, subject access, policies.
fn keeping() -> OpenApiRouter<App> {
    OpenApiRouter::default()
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
}

/// Tables, the front door, workers.
fn front_door() -> OpenApiRouter<App> {
    OpenApiRouter::default()
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
}

/// Claims.
fn claims() -> OpenApiRouter<App> {
    OpenApiRouter::default()
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
}

/// Help that is bought.
fn buying() -> OpenApiRouter<App> {
    let large = || DefaultBodyLimit::max(body::LARGE_BYTES);
    OpenApiRouter::default()
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
        .routes(routes!(payments::list_all_payment_lines))
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
}

/// For authors of plugins.
fn authors() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(authoring::export_scenario))
        .routes(routes!(authoring::what_would_change))
        .routes(routes!(playground::play))
        .routes(routes!(playground::list_plugin_scenarios))
        .routes(routes!(outside::read_runs_outside))
}

/// Candidates tried on real families.
fn trying() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(trial_grants::ask_for_trial_grant, trial_grants::list_trial_grants))
        .routes(routes!(trial_grants::give_trial_grant))
        .routes(routes!(back_tests::begin_back_test, back_tests::list_back_tests))
        .routes(routes!(back_tests::read_back_test))
        .routes(routes!(back_tests::cancel_back_test))
        .routes(routes!(back_tests::remove_back_test))
        .routes(routes!(back_test_rows::list_differences))
        .routes(routes!(back_test_rows::read_differences_file))
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

/// What saves front ends from asking again and again.
fn for_front_ends() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(limits::read_limits))
        .routes(routes!(batch_reads::read_batch))
        .routes(routes!(standings::list_family_standings))
        .routes(routes!(colleagues::list_colleagues))
        .routes(routes!(claim_sums::sum_up_claims))
        .routes(routes!(code_lists::list_code_lists))
        .routes(routes!(code_lists::read_code_list))
        .routes(routes!(provisions::read_service_referral))
        .routes(routes!(payments::read_payment_line))
        .routes(routes!(job_events::follow_delivery))
        .routes(routes!(job_events::follow_back_test))
        .routes(routes!(job_events::follow_evaluation))
}

/// Meetings about families.
fn meeting() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(meetings::list_meetings, meetings::set_up_meeting))
        .routes(routes!(meetings::read_meeting, meetings::change_meeting))
        .routes(routes!(meetings::list_family_meetings, meetings::set_up_family_meeting))
        .routes(routes!(sittings::list_sittings))
        .routes(routes!(sittings::plan_sitting))
        .routes(routes!(sittings::read_sitting, sittings::change_sitting))
        .routes(routes!(sittings::end_sitting))
        .routes(routes!(sittings::say_who_came))
        .routes(routes!(agenda_acts::put_on_agenda))
        .routes(routes!(agenda_acts::decide_item))
        .routes(routes!(agenda_acts::take_off_agenda))
        .routes(routes!(family_referrals::list_family_referrals))
}
