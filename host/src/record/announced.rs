//! What other systems are told of: that something happened, by a name in the past tense, and the ids of what it happened to. Never a word
//! about anybody: whoever may know more asks for it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Invalid;
use super::sharing::codes;

codes! {
    /// What happened. A name once told keeps its meaning.
    Announced "something that is announced" {
        FamilyTakenIn "family-taken-in" "A family is in the record";
        FamiliesMerged "families-merged" "Two families were found to be one";
        FamilySplit "family-split" "Members left a family for a new one";
        PeopleMerged "people-merged" "Two people were found to be one";
        DecisionMade "decision-made" "The authority's rules answered about one family; what a bulk evaluation decides is told by what follows from it";
        QuestionFailed "question-failed" "A question could not be answered, and what was asked is kept";
        ActionProposed "action-proposed" "Something was proposed and waits for a person";
        ActionConfirmed "action-confirmed" "A person confirmed what was proposed";
        ActionDeclined "action-declined" "A person declined what was proposed";
        ActionCarriedOut "action-carried-out" "What was proposed was carried out by itself";
        TaskGivenOut "task-given-out" "There is a task to do";
        TaskDone "task-done" "A task was done";
        ClaimDrafted "claim-drafted" "A result can be claimed";
        AssessmentSubmitted "assessment-submitted" "The answers of an assessment are final";
        AssessmentCompleted "assessment-completed" "An assessment is in the record";
        AssessmentSigned "assessment-signed" "Some of the family signed an assessment";
        AssessmentSignedOff "assessment-signed-off" "A manager signed an assessment off";
        AssessmentSentBack "assessment-sent-back" "A manager sent an assessment back";
        AssessmentAskedFor "assessment-asked-for" "An assessment, or the next review, is due on a day";
        ConsentAskedFor "consent-asked-for" "The family is to be asked whether something may be shared";
        ConsentAnswered "consent-answered" "The family answered whether something may be shared";
        ClaimPutForward "claim-put-forward" "A claim waits to be checked";
        ClaimPassed "claim-passed" "A claim passed a stage of the audit";
        ClaimSentBack "claim-sent-back" "A claim was sent back, with a reason";
        ClaimRefused "claim-refused" "A claim was refused, by the audit or the payer";
        ClaimApproved "claim-approved" "A claim may be sent";
        ClaimSubmitted "claim-submitted" "A claim was sent to whoever pays";
        ClaimPaid "claim-paid" "A claim was paid";
        ClaimWithdrawn "claim-withdrawn" "A claim was taken back";
        ClaimRepaid "claim-repaid" "What was paid for a claim was paid back";
        FamiliesEvaluated "families-evaluated" "Every family was asked about, by the authority's schedule";
        EventNoted "event-noted" "Something happened to a family that its pathway is asked about";
        ReferralReceived "referral-received" "A family was sent to the front door, or found";
        ReferralSettled "referral-settled" "A person said whom a referral is about";
        ReferralTriaged "referral-triaged" "The pathway answered about a referral, and a person is to confirm it";
        ReferralAsked "referral-asked" "Whoever sent a referral is asked for more";
        ReferralNear "referral-near" "Whoever sent a referral is to hear soon, and it is not decided what becomes of it";
        ReferralAnswered "referral-answered" "It is decided what becomes of a referral, and whoever sent it hears";
        DecisionOverridden "decision-overridden" "A person did otherwise than a plugin decided, or than it proposed";
        CaseGiven "case-given" "Somebody has a part in a case";
        CaseEnded "case-ended" "Somebody's part in a case ends";
        HelpAskedFor "help-asked-for" "Help is wanted for a family";
        ServiceReferralSent "service-referral-sent" "A family was referred to a service, and its provider is to answer";
        ServiceReferralAccepted "service-referral-accepted" "The provider helps, or will";
        ServiceReferralRefused "service-referral-refused" "The provider refused";
        SittingPlanned "sitting-planned" "A meeting is to be held on a day";
        SittingHeld "sitting-held" "A meeting was held";
        SittingMissed "sitting-missed" "A meeting was not held on its day";
        SittingCancelled "sitting-cancelled" "A meeting is not held";
        FamilyOnAgenda "family-on-agenda" "A family is on the agenda of a meeting";
        ServiceReferralLapsed "service-referral-lapsed" "The provider did not answer in time";
        ServiceReferralWithdrawn "service-referral-withdrawn" "The referral was withdrawn";
        ServiceEnded "service-ended" "A service for a family is over";
        ContractSigned "contract-signed" "A contract with a provider is in force";
        ContractEnded "contract-ended" "A contract with a provider is over";
        ContractReviewed "contract-reviewed" "Somebody settled a review of a contract";
        PaymentDrafted "payment-drafted" "Something is due under a contract, for a second person to approve";
        PaymentDisputed "payment-disputed" "A provider disputes what it is to be paid";
        InstallationChanged "installation-changed" "Somebody set other grants or settings for a proposed plugin";
        InstallationChecked "installation-checked" "The host played a proposed plugin's scenarios";
        InstallationReviewed "installation-reviewed" "Somebody approved or declined what a plugin asks for";
        InstallationApproved "installation-approved" "A second person approved a plugin";
        SwitchPlanned "switch-planned" "A plugin is to decide from an instant on";
        InstallationActivated "installation-activated" "A plugin decides from now on";
        InstallationReturned "installation-returned" "Somebody went back to a former version of a plugin";
        InstallationCameBack "installation-came-back" "A plugin failed, and the host went back to the version before";
        InstallationParked "installation-parked" "A plugin failed again and again, and is asked no more until somebody brings it back";
        SwitchFailed "switch-failed" "A plugin was to decide from an instant on, and could not";
        SettingsProposed "settings-proposed" "Other settings for a plugin that decides wait for a second person";
        SettingsApproved "settings-approved" "Other settings for a plugin that decides were approved";
        SettingsDeclined "settings-declined" "Other settings for a plugin that decides were declined";
        ShadowBegan "shadow-began" "A candidate runs beside the plugin that decides";
        ShadowEnded "shadow-ended" "A candidate no longer runs beside the plugin that decides";
        ReviewRulesSet "review-rules-set" "The authority said who has to approve plugins, and when they go back by themselves";
        PaymentApproved "payment-approved" "A payment was approved";
        PluginStopped "plugin-stopped" "An installation is asked no more, because its publisher's key was compromised";
    }
}
