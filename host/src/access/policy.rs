//! The policy, on one page: which role may do what, and with whose families. Written by hand; what is not here is not allowed.
//!
//! Three rules stand above the table. The operator of the host keeps it running and sees no family. A verb that is about families
//! reaches those of the caller's own authority and no other's. What is sealed is seen by those whom the seal names, and by no role.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Role, Roles};
use crate::record::sharing::codes;
use crate::record::{Invalid, Purpose};

codes! {
    /// What somebody may be allowed to do.
    Verb "something that can be done" {
        SeeFamilies "see-families" "See families, and what is known of them";
        TakeInFamilies "take-in-families" "Take families in";
        WriteFacts "write-facts" "Add, correct and withdraw facts";
        SayCoverage "say-coverage" "Say how well something is known";
        RunIntake "run-intake" "Bring in files of agencies, and say whom their rows are about";
        SeeDecisions "see-decisions" "See decisions, and what follows from them";
        Decide "decide" "Ask the authority's rules about a family";
        ConfirmProposals "confirm-proposals" "Confirm and decline what plugins propose";
        SeeRuns "see-runs" "See how plugins ran, and what they wrote for their authors";
        SeeRules "see-rules" "See installations, policies, tables and agreements";
        SetRules "set-rules" "Set policies, and supply tables";
        PublishPlugins "publish-plugins" "Upload plugin versions";
        InstallPlugins "install-plugins" "Adopt, set, retire and bring back plugins";
        ApprovePlugins "approve-plugins" "Let a plugin decide";
        ManagePeople "manage-people" "Say who works here, in which role, with which tokens";
        Invite "invite" "Invite people to work here";
        Assign "assign" "Give cases to workers, and cover for them";
        Seal "seal" "Seal facts and members, and lift seals";
        ManageSharing "manage-sharing" "Make and end agreements; add organisations";
        RecordConsent "record-consent" "Record consent, notice, withdrawal and objection";
        EnterInEmergency "enter-in-emergency" "Open a family that is not theirs because something cannot wait";
        ReviewEmergencies "review-emergencies" "Look at who did";
        OpenDestinations "open-destinations" "Say which other computers the host may reach for the authority";
        ReadAudit "read-audit" "Read who did what";
        HoldBack "hold-back" "Place and lift legal holds";
        Erase "erase" "Erase families and people, or say what an erasure would take";
        SetRetention "set-retention" "Say how long what is kept";
        AnswerSubjects "answer-subjects" "Draft, review and release what is held about a person";
        Reshape "reshape-families" "Merge and split families, and merge rows of one person";
        HandOver "hand-over" "Hand families over to another authority, and take them in from one";
        Follow "follow" "Follow what happens, by names and ids";
        Refer "refer" "Send families to the front door, and hear what became of it";
        Triage "triage" "See referrals, say whom they are about, have them triaged and confirm it";
        Override "override" "Do otherwise than a plugin decided, or proposed, with a reason; see who did";
        Assess "assess" "Make assessments of families, and say when they are due";
        SignOff "sign-off" "Sign assessments off for the council, or send them back";
        CheckClaims "check-claims" "See the evidence of claims, and pass them, send them back or refuse them";
        ClaimResults "claim-results" "Put claims forward, approve, send, withdraw and repay them, and note what was paid";
        ReadReturns "read-returns" "Read what outcomes are reported, cost and save";
        SeeDirectory "see-directory" "See the directory of services, and what is published";
        KeepDirectory "keep-directory" "Keep the directory; of a provider, its own services";
        SeeContracts "see-contracts" "See contracts and payments; of a provider, its own";
        KeepContracts "keep-contracts" "Make, review and end contracts, and ask what is due; set budgets";
        ApprovePayments "approve-payments" "Approve what is paid, as a second person";
        ReviewPlugins "review-plugins" "Approve what plugins are granted, and plugins as a second person";
        SetPluginReview "set-plugin-review" "Say who has to approve plugins, and when they go back by themselves";
        Provide "provide" "Answer referrals to services, and tell what was delivered; of a provider, its own";
        SeeMeetings "see-meetings" "See meetings to which their organisation is invited, and families on agendas that are theirs to see";
        PlanMeetings "plan-meetings" "Plan meetings, put families on agendas, and write down what was decided";
        BackTest "back-test" "Try candidates on the authority's own families, and see what would differ";
        ExportScenarios "export-scenarios" "Export what was decided as scenarios for authors, pseudonymised";
        TryOut "try-out" "Try plugins on families that are invented";
    }
}

/// With whose families a verb may be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// Every family of the authority; of a verb that is about no family: yes.
    pub all: bool,
    /// Cases that are theirs, or that they cover.
    pub own: bool,
    /// What is shared with their organisation.
    pub shared: bool,
}

impl Reach {
    #[must_use]
    pub const fn is_none(self) -> bool {
        !(self.all || self.own || self.shared)
    }

    const fn and(self, more: Self) -> Self {
        Self { all: self.all || more.all, own: self.own || more.own, shared: self.shared || more.shared }
    }
}

const NO: Reach = Reach { all: false, own: false, shared: false };
/// All, or yes.
const ALL: Reach = Reach { all: true, ..NO };
/// Their own cases.
const OWN: Reach = Reach { own: true, ..NO };
/// What is shared with their organisation; of services, contracts and referrals, their organisation's own.
const SHA: Reach = Reach { shared: true, ..NO };
/// Both.
const O_S: Reach = Reach { own: true, ..SHA };

/// The columns of the table, in order.
const COLUMNS: [Role; 14] = [
    Role::Keyworker,
    Role::LeadWorker,
    Role::Manager,
    Role::DataManager,
    Role::Coordinator,
    Role::Commissioner,
    Role::Adviser,
    Role::Partner,
    Role::Provider,
    Role::PluginAuthor,
    Role::PluginReviewer,
    Role::Auditor,
    Role::Administrator,
    Role::System,
];

/// Which role may do what.
#[rustfmt::skip]
const TABLE: &[(Verb, [Reach; 14])] = &[
    //                       key- lead man- data coor commis- ad-  part- pro-  plugin plugin audi- admini- sys-
    //                       wrkr wrkr ager mgr  din  sioner viser ner  vider author review tor   strator tem
    (Verb::SeeFamilies,      [OWN, OWN, ALL, ALL, ALL, NO,   O_S,  SHA,  SHA,  NO,    NO,    NO,   NO,    ALL]),
    (Verb::TakeInFamilies,   [NO,  NO,  ALL, ALL, ALL, NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::WriteFacts,       [OWN, OWN, ALL, ALL, ALL, NO,   OWN,  NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::SayCoverage,      [NO,  NO,  NO,  ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::RunIntake,        [NO,  NO,  NO,  ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::SeeDecisions,     [OWN, OWN, ALL, ALL, ALL, NO,   O_S,  NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::Decide,           [OWN, OWN, ALL, ALL, ALL, NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::ConfirmProposals, [OWN, OWN, ALL, NO,  ALL, NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::SeeRuns,          [NO,  NO,  ALL, ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::SeeRules,         [ALL, ALL, ALL, ALL, ALL, ALL,  ALL,  NO,   NO,   ALL,   ALL,   ALL,  ALL,   ALL]),
    (Verb::SetRules,         [NO,  NO,  ALL, ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::PublishPlugins,   [NO,  NO,  NO,  NO,  NO,  NO,   NO,   NO,   NO,   ALL,   NO,    NO,   NO,    ALL]),
    (Verb::InstallPlugins,   [NO,  NO,  NO,  ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   ALL,   ALL]),
    (Verb::ApprovePlugins,   [NO,  NO,  NO,  NO,  NO,  NO,   NO,   NO,   NO,   NO,    ALL,   NO,   NO,    ALL]),
    (Verb::ManagePeople,     [NO,  NO,  NO,  NO,  NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   ALL,   ALL]),
    (Verb::Invite,           [NO,  NO,  NO,  NO,  ALL, NO,   NO,   NO,   NO,   NO,    NO,    NO,   ALL,   ALL]),
    (Verb::Assign,           [NO,  NO,  ALL, NO,  ALL, NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::Seal,             [OWN, OWN, ALL, ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::ManageSharing,    [NO,  NO,  NO,  ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::RecordConsent,    [OWN, OWN, ALL, ALL, ALL, NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::EnterInEmergency, [ALL, ALL, NO,  NO,  NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    NO ]),
    (Verb::ReviewEmergencies,[NO,  NO,  ALL, NO,  NO,  NO,   NO,   NO,   NO,   NO,    NO,    ALL,  NO,    ALL]),
    (Verb::OpenDestinations, [NO,  NO,  NO,  NO,  NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   ALL,   ALL]),
    (Verb::ReadAudit,        [NO,  NO,  NO,  NO,  NO,  NO,   NO,   NO,   NO,   NO,    NO,    ALL,  NO,    ALL]),
    // What cannot be taken back, and what leaves the house, is not every system's to do.
    (Verb::HoldBack,         [NO,  NO,  NO,  ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    ALL,  NO,    NO ]),
    (Verb::Erase,            [NO,  NO,  NO,  ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    NO ]),
    (Verb::SetRetention,     [NO,  NO,  NO,  ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    NO ]),
    (Verb::AnswerSubjects,   [NO,  NO,  NO,  ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    ALL,  NO,    NO ]),
    (Verb::Reshape,          [NO,  NO,  ALL, ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::HandOver,         [NO,  NO,  ALL, ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::Follow,           [NO,  NO,  ALL, ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::Refer,            [ALL, ALL, ALL, ALL, ALL, NO,   ALL,  ALL,  ALL,  NO,    NO,    NO,   NO,    ALL]),
    (Verb::Triage,           [NO,  NO,  ALL, NO,  ALL, NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::Override,         [NO,  NO,  ALL, NO,  ALL, NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::Assess,           [OWN, OWN, ALL, NO,  ALL, NO,   OWN,  NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    // A signature is a person's.
    (Verb::SignOff,          [NO,  NO,  ALL, NO,  NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    NO ]),
    // People claim, check and approve, each in their own name; and whoever audits sees the evidence of what is claimed, and no more of a family.
    (Verb::CheckClaims,      [NO,  NO,  ALL, ALL, ALL, NO,   NO,   NO,   NO,   NO,    NO,    ALL,  NO,    NO ]),
    (Verb::ClaimResults,     [NO,  NO,  ALL, ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    NO ]),
    (Verb::ReadReturns,      [NO,  NO,  ALL, ALL, ALL, ALL,  NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    (Verb::SeeDirectory,     [ALL, ALL, ALL, ALL, ALL, ALL,  ALL,  ALL,  ALL,  ALL,   ALL,   ALL,  ALL,   ALL]),
    (Verb::KeepDirectory,    [NO,  NO,  ALL, NO,  ALL, ALL,  NO,   NO,   SHA,  NO,    NO,    NO,   NO,    ALL]),
    (Verb::SeeContracts,     [NO,  NO,  ALL, NO,  NO,  ALL,  NO,   NO,   SHA,  NO,    NO,    ALL,  NO,    ALL]),
    (Verb::KeepContracts,    [NO,  NO,  NO,  NO,  NO,  ALL,  NO,   NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    // Money that leaves the house: a person's to approve.
    (Verb::ApprovePayments,  [NO,  NO,  ALL, NO,  NO,  ALL,  NO,   NO,   NO,   NO,    NO,    NO,   NO,    NO ]),
    // Whose basis in law it is that a plugin reads something is people's to say: the information governance lead's for one.
    (Verb::ReviewPlugins,    [NO,  NO,  NO,  ALL, NO,  NO,   NO,   NO,   NO,   NO,    ALL,   ALL,  NO,    NO ]),
    (Verb::SetPluginReview,  [NO,  NO,  NO,  NO,  NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   ALL,   ALL]),
    (Verb::Provide,          [NO,  NO,  ALL, NO,  ALL, NO,   NO,   NO,   SHA,  NO,    NO,    NO,   NO,    ALL]),
    // What is seen of a family on an agenda is what is seen of the family.
    (Verb::SeeMeetings,      [OWN, OWN, ALL, ALL, ALL, NO,   O_S,  SHA,  SHA,  NO,    NO,    NO,   NO,    ALL]),
    (Verb::PlanMeetings,     [OWN, OWN, ALL, NO,  ALL, NO,   OWN,  NO,   NO,   NO,    NO,    NO,   NO,    ALL]),
    // A reviewer reads counts; rows are for those who see decisions of every family.
    (Verb::BackTest,         [NO,  NO,  ALL, ALL, NO,  NO,   NO,   NO,   NO,   NO,    ALL,   NO,   NO,    ALL]),
    // What leaves the house of a family, pseudonymised, a person answers for.
    (Verb::ExportScenarios,  [NO,  NO,  ALL, ALL, NO,  NO,   NO,   NO,   NO,   NO,    NO,    NO,   NO,    NO ]),
    (Verb::TryOut,           [NO,  NO,  ALL, ALL, ALL, ALL,  NO,   NO,   NO,   ALL,   ALL,   ALL,  ALL,   ALL]),
];

/// What a role reads for where nobody says, and what else it may say that it reads for.
#[must_use]
pub const fn purposes(role: Role) -> (Purpose, &'static [Purpose]) {
    use Purpose::{Audit, Casework, Claims, DataQuality, Referral, Statistics, SubjectAccess, Supervision};
    match role {
        Role::Keyworker | Role::LeadWorker | Role::Adviser => (Casework, &[Claims]),
        Role::Manager => (Supervision, &[Casework, Claims, SubjectAccess]),
        Role::DataManager => (DataQuality, &[Claims, SubjectAccess, Statistics]),
        Role::Coordinator => (Casework, &[Supervision, Claims, Statistics]),
        Role::Partner => (Casework, &[Referral]),
        Role::Provider => (Referral, &[Casework]),
        Role::Auditor => (Audit, &[SubjectAccess]),
        Role::Commissioner => (Statistics, &[]),
        Role::PluginAuthor | Role::PluginReviewer | Role::Administrator => (DataQuality, &[]),
        Role::System => (Casework, Purpose::ALL),
    }
}

/// Some verbs: what a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verbs(i64);

impl Verbs {
    pub const ALL: Self = Self(i64::MAX);

    #[must_use]
    pub const fn has(self, verb: Verb) -> bool {
        self.0 & verb.bit() != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Verb> {
        Verb::ALL.iter().copied().filter(move |v| self.has(*v))
    }
}

impl FromIterator<Verb> for Verbs {
    fn from_iter<I: IntoIterator<Item = Verb>>(verbs: I) -> Self {
        Self(verbs.into_iter().fold(0, |all, v| all | v.bit()))
    }
}

impl fmt::Display for Verbs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().map(Verb::code).collect::<Vec<_>>().join(" "))
    }
}

impl FromStr for Verbs {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.split_whitespace().map(Verb::from_str).collect()
    }
}

/// With whose families somebody in these roles may do it.
#[must_use]
pub fn reach(roles: Roles, verb: Verb) -> Reach {
    let Some((_, row)) = TABLE.iter().find(|(v, _)| *v == verb) else { return NO };
    COLUMNS.iter().zip(row).filter(|(role, _)| roles.has(**role)).fold(NO, |all, (_, more)| all.and(*more))
}

/// May somebody be invited to the role: by whoever says who works here, or by a coordinator, who brings together those that work with
/// families?
#[must_use]
pub const fn may_be_invited(role: Role, by_whoever_manages_people: bool) -> bool {
    match role {
        Role::Keyworker | Role::LeadWorker | Role::Adviser | Role::Partner | Role::Provider => true,
        Role::System => false,
        Role::Manager
        | Role::DataManager
        | Role::Coordinator
        | Role::Commissioner
        | Role::PluginAuthor
        | Role::PluginReviewer
        | Role::Auditor
        | Role::Administrator => by_whoever_manages_people,
    }
}

/// What somebody in these roles reads for: what they say, or the first role's own purpose. `None`: they may not say that.
#[must_use]
pub fn purpose(roles: Roles, said: Option<Purpose>) -> Option<Purpose> {
    let mut may = roles.iter().map(purposes);
    match said {
        None => may.next().map(|(usual, _)| usual),
        Some(said) => may.any(|(usual, others)| usual == said || others.contains(&said)).then_some(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_and_every_role_stands_in_the_table_once() {
        for (verb, (row, _)) in Verb::ALL.iter().zip(TABLE) {
            assert_eq!(verb, row, "in the order of their definition");
        }
        assert_eq!((TABLE.len(), COLUMNS.as_slice()), (Verb::ALL.len(), Role::ALL));
    }

    #[test]
    fn what_is_not_allowed_to_any_of_somebodys_roles_is_not_allowed() {
        let roles = |roles: &[Role]| roles.iter().copied().collect::<Roles>();
        assert!(reach(roles(&[]), Verb::SeeFamilies).is_none());
        assert_eq!(reach(roles(&[Role::Keyworker]), Verb::SeeFamilies), OWN);
        assert_eq!(reach(roles(&[Role::Keyworker, Role::Partner]), Verb::SeeFamilies), O_S);
        for verb in [Verb::SeeFamilies, Verb::SeeDecisions, Verb::SeeRuns, Verb::WriteFacts] {
            for role in [Role::Administrator, Role::Auditor, Role::Commissioner, Role::PluginAuthor, Role::PluginReviewer] {
                assert!(reach(roles(&[role]), verb).is_none(), "{role}: {verb}");
            }
        }
    }

    #[test]
    fn nobody_reads_for_a_purpose_that_is_not_their_roles() {
        let keyworker = std::iter::once(Role::Keyworker).collect();
        assert_eq!(purpose(keyworker, None), Some(Purpose::Casework));
        assert_eq!(purpose(keyworker, Some(Purpose::Claims)), Some(Purpose::Claims));
        assert_eq!(purpose(keyworker, Some(Purpose::Audit)), None);
    }

    #[test]
    fn a_tokens_verbs_are_read_as_they_were_written() {
        let some: Verbs = [Verb::SeeFamilies, Verb::Decide].into_iter().collect();
        assert_eq!(some.to_string(), "see-families decide");
        assert_eq!(some.to_string().parse::<Verbs>().unwrap(), some);
        assert!("see-families fly".parse::<Verbs>().is_err());
    }
}
