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
        EventNoted "event-noted" "Something happened to a family that its pathway is asked about";
        HelpAskedFor "help-asked-for" "Help is wanted for a family";
        ServiceReferralSent "service-referral-sent" "A family was referred to a service, and its provider is to answer";
        ServiceReferralAccepted "service-referral-accepted" "The provider helps, or will";
        ServiceReferralRefused "service-referral-refused" "The provider refused";
        ServiceReferralLapsed "service-referral-lapsed" "The provider did not answer in time";
        ServiceReferralWithdrawn "service-referral-withdrawn" "The referral was withdrawn";
        ServiceEnded "service-ended" "A service for a family is over";
        ContractSigned "contract-signed" "A contract with a provider is in force";
        ContractEnded "contract-ended" "A contract with a provider is over";
        ContractReviewed "contract-reviewed" "Somebody settled a review of a contract";
        PaymentDrafted "payment-drafted" "Something is due under a contract, for a second person to approve";
        PaymentDisputed "payment-disputed" "A provider disputes what it is to be paid";
        PaymentApproved "payment-approved" "A payment was approved";
    }
}
