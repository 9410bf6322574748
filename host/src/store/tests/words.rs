//! Every column that could hold somebody's words is either reached by an erasure or declared free of them, with the reason: a new one that
//! is neither is a column that an erasure forgets.

use std::collections::BTreeSet;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};

use super::{BRISTOL, House, Rooms};

/// Text, and bytes that are neither a key nor a reference.
const COLUMNS: &str = "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> '_sqlx_migrations' \
     AND (c.type = 'TEXT' OR c.type = 'BLOB' AND c.pk = 0 AND NOT EXISTS ( \
         SELECT 1 FROM pragma_foreign_key_list(m.name) k WHERE k.\"from\" = c.name))";

/// What is known of families and people, and what anybody wrote about them: emptied, or gone with its row.
const ERASED: &str = "
    content.bytes coverage.kind coverage.source coverage.state decision.answer emergency.reason
    fact.detail fact.key fact.kind fact.reference fact.section fact.source fact.source_kind
    family.reference idempotency.response idempotency.route idempotency.key idempotency.principal legal_hold.why
    match_decision.shown match_decision.told matched_fact.mapping person_profile.profile
    proposal.action proposal.body proposal.key proposal.reason proposal.settled_by proposal.state
    run.log run.message run.outcome run.place run.question seal.lifting seal.reason
    share.given_by share.how share.objection share.why share.withdrawal
    subject_request.released subject_review.reason task.done_by task.key task.role task.state task.title
    undecided.asked undecided.asked_by undecided.blame undecided.outcome undecided.question
    assignment.ended_why assignment.reason attachment.name attachment.removed_why attachment_piece.bytes
    family_merge.reason family_merge.undone_why family_split.reason handed_fact.reference handed_fact.source
    handover_given.answer handover_given.package handover_given.reason handover_taken.reason happening.kind happening.state
    person_merge.reason person_merge.undone_why
    override.instead override.reason referral.question referral.reason referral.told referral.words referral_added.words
    assessment.answers assessment.settled assessment_act.why assessment_request.settled_why assessment_request.why
    consent_request.settled_why plan_goal.begins_at plan_goal.ended_why plan_goal.measured plan_goal.target plan_goal.raised_from plan_goal.principal
    encounter.login encounter.principal service_began.principal
    help_request.kind help_request.problems payment_act.why provision.why provision_report.reached provision_report.words provision_step.why
    waiting_row.candidates waiting_row.kind waiting_row.mapping waiting_row.reference waiting_row.source waiting_row.state waiting_row.told
    claim_step.reason
    back_test_row.candidate back_test_row.criterion back_test_row.kind back_test_row.live
    agenda_item.settled_why agenda_item.why meeting.name meeting.place sitting.place sitting.settled_why
    shadow_answer.differs shadow_answer.outcome shadow_answer.said
";
/// Who did it: people at work, and what they belong to.
const WORKERS: &str = "
    letter.login notice.login webhook.made_by
    agreement.organisation assignment.login audit_entry.principal change.principal cover.absent cover.stand_in decision.principal
    delivery.principal delivery.source emergency.login emergency.name emergency.seen_by erasure.by installation.activated_by
    installation.created_by installation.retired_by legal_hold.lifted_by legal_hold.placed_by match_decision.principal
    match_decision.source match_decision.undone_by parking.ended_by role_held.login seal.lifted_by seal.sealed_by share.objected_by
    attachment.principal attachment.removed_by family_merge.principal family_merge.undone_by family_split.principal
    handover_given.principal handover_given.settled_by handover_given.to_whom handover_taken.from_whom handover_taken.given_by
    handover_taken.principal invitation.accepted_by invitation.address invitation.invited_by invitation.login invitation.name
    invitation.organisation person_merge.principal person_merge.undone_by provider_subject.login provider_subject.subject
    allocation_candidate.login override.principal referral.organisation referral.outcome_by referral.sender referral.sent_by
    referral.settled_by
    assessment.principal assessment.typed_by assessment_act.principal assessment_carried.principal assessment_request.principal assessment_request.settled_by
    consent_request.principal consent_request.settled_by
    contract.provider provision.provider service.organisation
    back_test.principal trial_grant.asked_by trial_grant.given_by
    activation.ended_by activation.principal installation_act.principal planned_switch.principal planned_switch.settled_by
    settings_change.principal settings_change.settled_by shadow.ended_by shadow.principal
    agenda_item.principal agenda_item.settled_by agenda_step.organisation agenda_step.owner meeting.chair meeting.principal
    meeting_invited.organisation sitting.principal sitting.settled_by sitting_attendance.organisation sitting_attendance.principal
    share.withdrawn_by subject_request.opened_by subject_request.released_by subject_review.by
";
/// Codes, names of rules, routes, and the host's own sentences about what was done.
const CODES: &str = "
    announcement.name letter.kind webhook.names webhook.state
    action_policy.action action_policy.policy agreement.basis assignment.role audit_entry.act audit_entry.purpose audit_entry.sections
    audit_entry.thing audit_entry.what change.what claim.kind claim.state decision.claims decision.question decision.result
    delivery.kind delivery.mapping delivery.state erasure.sections erasure.went erasure.why failure_policy.policy
    failure_policy.question installation.grants installation.plugin installation.status installation_offer.extension_point
    intake_setting.name mapping.name match_decision.answer parking.why retention.section role_held.role subject_review.part
    assessment.form assessment.state assessment_act.act assessment_act.how assessment_carried.came assessment_carried.refused assessment_carried.why assessment_request.form assessment_request.state
    consent_request.state consent_request.to_kind
    attachment.media_type attachment.section family_closed.how handover_given.basis handover_given.state handover_given.told
    handover_taken.basis handover_taken.told invitation.roles supplied_table.name
    override.about referral.goes_to referral.level referral.organisation_kind referral.outcome referral.priority referral.problems
    referral.route referral.state worker_profile.strengths
    back_test.came back_test.days back_test.known back_test.left_out back_test.question back_test.state back_test.why trial_grant.interface
    claim_batch.state claim_in_batch.kind claim_step.act claim_step.reference claim_step.state evaluation.came evaluation.holder
    evaluation.question evaluation.state evaluation.why evaluation_schedule.schedule look_again.question
    buying_paper.name buying_paper.sort contract.state contract_act.act contract_act.came_to contract_decision.answer
    contract_decision.numbers contract_decision.question contract_decision.result help_request.state payment_act.act payment_line.kind
    payment_line.state provision.state provision_step.state
    activation.ended_why activation.replaced installation_act.about installation_act.act installation_act.basis installation_act.conditions
    planned_switch.state planned_switch.why settings_change.money settings_change.state
    agenda_item.invited agenda_item.state meeting.kind meeting.named meeting.starts sitting.starts sitting.state sitting_attendance.how
";
/// What the authority wrote about its rules, and about a plugin that failed.
const RULES: &str = "
    installation.settings mapping.text parking.reason supplied_table.content claim_rules.rules claim_stage.name claim_stage.roles
    claim_step.stage
    back_test.grants back_test.settings trial_grant.basis trial_grant.why
    activation.reason installation_act.found installation_act.words planned_switch.reason plugin_review.rules settings_change.reason
    settings_change.settings settings_change.settled_why shadow.reason
    buying_paper.content contract_act.why contract_version.content service_version.content
    kept_on.reason plugin_rule.why
";
/// Whom the host may reach for the authority, and by whom its people sign in.
const OUTSIDE: &str = "
    webhook.former webhook.secret webhook.url webhook.why destination.destination destination.why identity_provider.algorithm identity_provider.client identity_provider.issuer
    identity_provider.secret provider_subject.issuer service.reference
";
/// What came of a file as a whole, and which of its lines were refused: a refusal repeats no value.
const OF_FILES: &str = "delivery.report";
/// Ids and hashes.
const HASHES: &str = "
    announcement.thing
    audit_entry.effects audit_entry.family audit_entry.person audit_seal.before audit_seal.digest audit_seal.entries
    decision.answer_digest decision.context decision.matter decision.snapshot delivery.digest family_revision.snapshot
    idempotency.body installation.digest match_decision.who subject_request.digest undecided.key undecided.run
    assessment.asked assessment.digest assessment.line assessment_carried.asked assessment_request.proposal consent_request.proposal
    contract_decision.answer_digest contract_decision.context contract_decision.matter help_request.proposal
    installation_act.digest shadow.reached
    attachment.digest handover_given.digest handover_taken.digest invitation.hash waiting_row.delivery waiting_row.who
    claim_batch.digest claim_in_batch.evidence claim_step.digest
    back_test.plugin back_test_row.snapshot trial_grant.plugin
    installation_update.difference
    agenda_item.proposal
";

#[tokio::test]
async fn every_column_with_words_is_erased_or_declared_free_of_them() {
    let (house, _store) = House::in_files().await;
    let Rooms::Folder(folder) = &house.rooms else { panic!("the house is in files") };
    let file = SqliteConnectOptions::new().filename(folder.path().join(format!("authorities/{BRISTOL}.sqlite")));
    let rows = sqlx::query(COLUMNS).fetch_all(&mut file.connect().await.unwrap()).await.unwrap();
    let there: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let declared: Vec<&str> =
        [ERASED, WORKERS, CODES, RULES, OUTSIDE, OF_FILES, HASHES].into_iter().flat_map(str::split_whitespace).collect();
    let known: BTreeSet<String> = declared.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(known.len(), declared.len(), "a column is declared twice");
    let (new, gone): (Vec<_>, Vec<_>) = (there.difference(&known).collect(), known.difference(&there).collect());
    assert!(new.is_empty(), "does an erasure reach these? `store/erase.rs`, `erase_beside.rs`, then say so here: {new:?}");
    assert!(gone.is_empty(), "not there any more: {gone:?}");
}
