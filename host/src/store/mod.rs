//! The record on disk: SQL, and nothing but.
//!
//! One file an authority beside one common file. An [`AuthorityStore`] is opened for one authority and has no argument
//! that could name another. Reads are its methods; whatever writes is a method of a transaction ([`AuthorityTx`],
//! [`CommonTx`]), which is all or nothing: dropped without `commit`, it never was.
//!
//! A transaction that writes is one *change*, whose row says who did what; a fact is known from its change on. At its end
//! every family that it touched gets one new *revision*: the snapshot that runs are given is built once, here.

mod activations;
mod agenda;
mod announcements;
mod assessment_acts;
mod assessments;
mod attachments;
mod audit;
mod authority;
mod back_test_rows;
mod back_tests;
mod backup;
mod bell;
mod belonging;
mod between;
mod carried;
mod carry;
mod claim_batches;
mod claim_rules;
mod claim_steps;
mod claims;
mod closed;
mod codes;
mod common;
mod connection;
mod content;
mod contracts;
mod corrected;
mod coverage;
mod decisions;
mod delivered;
mod deliveries;
mod destinations;
mod emergencies;
mod ends;
mod erase;
mod erase_beside;
mod error;
mod evaluations;
mod extract;
mod fact_rows;
mod facts;
mod facts_for;
mod failures;
mod families;
mod files;
mod findable;
mod finding;
mod forget;
mod handed_referrals;
mod handovers;
mod happenings;
mod help_requests;
mod helps;
mod holds;
mod idempotency;
mod installation_acts;
mod installations;
mod invitations;
mod letters;
mod look;
mod mappings;
mod match_decisions;
mod meetings;
mod merges;
mod missed;
mod notices;
mod organisations;
mod outside;
mod overrides;
mod parking;
mod payments;
mod people;
mod person_merges;
mod plans;
mod plugins;
mod policies;
mod pool;
mod postgres;
mod proposals;
mod providers;
mod provisions;
mod publishers;
mod rare;
mod reader;
mod referral_steps;
mod referrals;
mod requests;
mod retention;
mod revisions;
mod row;
mod runs;
mod seals;
mod services;
mod sessions;
mod settings_changes;
mod shadows;
mod sharing;
mod sign_ins;
mod signatures;
mod sittings;
mod splits;
mod sql;
mod standings;
mod stores;
mod subject;
mod supplied;
mod tasks;
mod together;
mod tokens;
mod touched;
mod travel;
mod trial_grants;
mod undecided;
mod waiting_rows;
mod wal;
mod webhooks;
mod worker_profiles;
mod workers;

#[cfg(test)]
pub(crate) mod cut;
#[cfg(test)]
pub(crate) mod tests;

pub use activations::{Activation, EndedActivation, PlannedSwitch};
pub use agenda::{AgendaItem, AgendaStep, NewItem, SharedWith};
pub use announcements::{Announcement, InFeed};
pub use assessment_acts::{Act as AssessmentAct, Acted, How as SignedHow};
pub use assessments::{Assessment, AssessmentState};
pub use attachments::Attachment;
pub use audit::{Act, Anchor, Broken, COMMON_TRAIL, Entry, Looked, Seal as AuditSeal, Seen, Verified, Wanted, Whose, Wrong};
pub use authority::{AsKnown, AuthorityStore, AuthorityTx, Change, ChangeId, Committed};
pub use back_test_rows::{BackTestRow, PutTogether, RowsBy};
pub use back_tests::{BackTest, BackTestOf, BackTestState};
pub use backup::{Kept, Manifest};
pub use bell::Bell;
pub use belonging::Belongings;
pub use between::{Between, BetweenState};
pub use carried::{CarriedOver, CarryingCame};
pub use claim_batches::{BatchRow, BatchState, ClaimBatch};
pub use claim_rules::SaidLast;
pub use claim_steps::{ClaimStage, ClaimStep};
pub use claims::{Claim, NewClaim};
pub use closed::{Closed, How};
pub use codes::NewCode;
pub use common::{Common, CommonTx};
pub use contracts::{Contract, ContractAct, ContractState, KeptBudget, NewContractAct};
pub use corrected::Correction;
pub use decisions::{Basis, Decision};
pub use delivered::{EndReport, Sessions, SessionsTold};
pub use deliveries::{Delivery, DeliveryState};
pub use destinations::Opened as OpenedDestination;
pub use emergencies::Emergency;
pub use erase::{Erase, Erasure, Went, WhyErased};
pub use error::StoreError;
pub use evaluations::{Evaluation, EvaluationState, LookAgain};
pub use extract::Extracted;
pub use facts::{AddedFact, Standing, Statement};
pub use failures::FailurePolicy;
pub use families::Family;
pub use handovers::{Given, GivenState, SaidThere, Taken};
pub use happenings::{Happened, Happening, HappeningState};
pub use help_requests::HelpRequest;
pub use holds::{Hold, NewHold};
pub use idempotency::Answered;
pub use installation_acts::{InstallationAct, InstallationActKind};
pub use installations::{DECIDED_BY_ONE, Installation, InstallationStatus, Offer};
pub use invitations::{Invitation, NewInvitation};
pub use letters::{Letter, LetterKind};
pub use look::{Beside, Look};
pub use mappings::KeptMapping;
pub use match_decisions::{MatchAnswer, MatchDecision};
pub use meetings::Meeting;
pub use merges::{FamilyMerge, MergeChoices};
pub use missed::Missed;
pub use notices::{Befell, Notice, Tells, Wanted as NoticesWanted};
pub use organisations::{Authority, Organisation};
pub use outside::EndedAlike;
pub use overrides::{Override, OverrideAbout};
pub use parking::{BroughtBack, Parked};
pub use payments::{ContractDecision, LineState, PaymentAct, PaymentLine};
pub use people::Member;
pub use person_merges::PersonMerge;
pub use plans::{Encounter, PlanGoal};
pub use plugins::PluginVersion;
pub use policies::Policy;
pub use pool::Pending;
pub use postgres::{Connections, Postgres};
pub use proposals::{Became, Proposal, ProposalState, Settled};
pub use providers::{Provider, Visit};
pub use provisions::{Provision, ProvisionState, ProvisionStep};
pub use publishers::{KeptKey, Publisher, Revoked};
pub use reader::{Reader, Relation, tells};
pub use referral_steps::Outcome;
pub use referrals::{Addition, FrontDoor, NewReferral, Referral, ReferralState, ReferralsThat, ToTell};
pub use requests::{AssessmentRequest, ConsentRequest, RequestState};
pub use retention::Retention;
pub use revisions::{CurrentSnapshot, Revision};
pub use runs::{Ended, Operations, Run, RunsThat};
pub use seals::{Hidden, Seal, Sealed};
pub use services::Service;
pub use sessions::Session;
pub use settings_changes::{KeptForDrafts, SettingsChange};
pub use shadows::{Shadow, ShadowAnswer};
pub use sharing::{Agreement, Said, Share};
pub use sign_ins::SignIn;
pub use signatures::{KeptSignature, Source};
pub use sittings::{Came, Sitting, WantedSittings};
pub use splits::{NewHome, NewSplit, Split};
pub use standings::{BareAnswer, Helped, LatestAnswer};
pub use stores::{Place, Stores};
pub use subject::{Held, Released, Review, SubjectRequest};
pub use supplied::SuppliedTable;
pub use tasks::{Task, TaskState};
pub use tokens::{Login, NewToken, Token};
pub use touched::tells_who;
pub use travel::{KeptOn, PluginRules, RulesSaid, Updates};
pub use trial_grants::{Given as TrialGiven, NewTrialGrant, TrialGrant};
pub use undecided::Undecided;
pub use waiting_rows::{WaitingRow, WaitingState};
pub use webhooks::{Sent, Webhook, WebhookState};
pub use worker_profiles::{Caseload, WorkerProfile};
pub use workers::{Assignment, Cover, RoleHeld};

/// Some of a list, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, Id> {
    pub items: Vec<T>,
    /// Ask for what comes after this one; none: this was the last page.
    pub next: Option<Id>,
}

impl<T, Id> Page<T, Id> {
    /// Of rows that were asked for one more than `limit`.
    fn cut(mut items: Vec<T>, limit: u32, id: impl Fn(&T) -> Id) -> Self {
        let limit = limit.clamp(1, MOST) as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(id) } else { None };
        Self { items, next }
    }

    /// How many rows to ask for.
    fn rows(limit: u32) -> i64 {
        i64::from(limit.clamp(1, MOST)) + 1
    }
}

/// The longest page.
const MOST: u32 = 10_000;
