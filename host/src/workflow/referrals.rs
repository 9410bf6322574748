//! The front door: the pathway is asked about a referral, a person confirms its answer or sets it aside, and what follows is done in the same
//! transaction. The pathway's failure loses nothing: the referral waits, and a person can decide without it.

use serde::Serialize;

use super::about::{Asks, ReferralAsked};
use super::carry_out::{self, Place, Plan, ToDo};
use super::decide::key;
use super::{Made, Workflow, WorkflowError, about, failing, said, to_be_told};
use crate::record::referral::Described;
use crate::record::{Announced, AuthorityId, Day, DecisionId, FamilyId, Invalid, PersonId, ReferralId, TaskId, codes, told_back};
use crate::sandbox::answer::{Action, Answer, Reported};
use crate::sandbox::{ArgType, ExtensionPoint, Question, Verdict};
use crate::store::{
    AuthorityStore, AuthorityTx, LetterKind, NewReferral, Outcome, OverrideAbout, ProposalState, Referral, ReferralState, StoreError, Task,
    TaskState,
};

/// Families that are taken to the front door at once.
pub const MORE_FOUND: u32 = 200;
/// Referrals of which somebody is reminded at once.
const AT_ONCE: u32 = 100;
/// What the host's own task is known by. No plugin can take it: a key of a plugin's has no colon.
const TASK: &str = "hearth:referral";
const BY: &str = "hearth";

/// What is to become of a referral: what the pathway answered, or what a person says instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instead {
    /// Code list triages.
    pub answer: String,
    /// Of the pathway's levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Of the pathway's routes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goes_to: Option<String>,
    /// Code list priorities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
}

impl Instead {
    /// What a pathway answered. None: it answered that it cannot.
    #[must_use]
    pub fn answered(answer: &Answer) -> Option<Self> {
        let Verdict::Answered(code) = &answer.result else { return None };
        let mut said = Self { answer: code.clone(), level: None, goes_to: None, priority: None };
        for reported in &answer.reported {
            match reported {
                Reported::Level { level, .. } => said.level = Some(level.clone()),
                Reported::Route { route, .. } => said.goes_to = Some(route.clone()),
                Reported::Priority { priority, .. } => said.priority = Some(priority.clone()),
                _ => {}
            }
        }
        Some(said)
    }

    fn becomes(self, reason: Option<&str>, tx: &AuthorityTx) -> Outcome {
        let Self { answer, level, goes_to, priority } = self;
        Outcome { answer, level, goes_to, priority, reason: reason.map(str::to_owned), at: tx.now(), by: tx.principal().to_owned() }
    }
}

/// What a pathway is asked about a referral that is about a family.
#[must_use]
pub fn triage_of(referral: &Referral, people: Vec<PersonId>) -> Asks {
    Asks::Triage(ReferralAsked::of(referral, people))
}

/// The referrals whose question a decision answers wait for a person from now on.
///
/// # Errors
/// The file cannot be written.
pub(super) async fn settle(tx: &mut AuthorityTx, made: &Made) -> Result<(), StoreError> {
    if made.answer.question != Question::Triage {
        return Ok(());
    }
    for (referral, people) in tx.referrals_to_triage(made.decision.family).await? {
        let told = triage_of(&referral, people).told();
        if key(Question::Triage, &told, made.decision.installation) == made.key {
            tx.triage_referral(&referral, made.decision.id).await?;
        }
    }
    Ok(())
}

/// What a person says with what is to become of a referral.
#[derive(Debug, Clone, Copy, Default)]
pub struct With<'a> {
    /// Of an accepted one: from which day on the episode is open; today, if left out.
    pub on: Option<Day>,
    /// Of one that more is asked about: what its sender is asked.
    pub question: Option<&'a str>,
    /// Of an accepted one: what was found beside the problems that it names. Code list problems.
    pub needs: &'a [String],
}

impl Workflow {
    /// A person confirms what the pathway answered about a referral.
    ///
    /// # Errors
    /// `Conflict` where nothing waits for them, or the pathway answered that it cannot; `Invalid` naming `question` or `on`.
    pub async fn confirm_referral(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        referral: &Referral,
        with: With<'_>,
    ) -> Result<(), WorkflowError> {
        let waits = (referral.state == ReferralState::Triaged).then_some(referral.decision).flatten();
        let decision = waits.ok_or_else(|| StoreError::Conflict("nothing waits to be confirmed: have it triaged".to_owned()))?;
        let decision = store.decision(decision).await?;
        let answered = Instead::answered(&said(&decision)?);
        let answered = answered.ok_or_else(|| StoreError::Conflict("the pathway answered that it cannot: set it aside".to_owned()))?;
        self.conclude(store, tx, referral, answered, None, with).await
    }

    /// A person says instead what is to become of a referral, and why. What the pathway decided stays beside it.
    ///
    /// # Errors
    /// `Conflict` where it is closed; `Invalid` naming what is not a word of the lists or of the pathway, or what has to be settled first.
    pub async fn override_referral(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        referral: &Referral,
        instead: Instead,
        reason: &str,
        with: With<'_>,
    ) -> Result<(), WorkflowError> {
        if referral.state == ReferralState::Closed {
            return Err(StoreError::Conflict("the referral is closed".to_owned()).into());
        }
        self.check(store, &instead).await?;
        match referral.family {
            Some(family) => {
                let about = OverrideAbout { family, decision: referral.decision, about: Question::Triage.code() };
                tx.add_override(&about, serde_json::to_value(&instead).unwrap_or_default(), reason).await?;
            }
            None if instead.answer == "accept" => {
                let why = "cannot be `accept` before somebody has said whom the referral is about";
                return Err(StoreError::from(Invalid::new("answer", why)).into());
            }
            None => {}
        }
        self.conclude(store, tx, referral, instead, Some(reason), with).await
    }

    /// Are these words of the lists, and names of the pathway that decides?
    async fn check(&self, store: &AuthorityStore, instead: &Instead) -> Result<(), WorkflowError> {
        let wrong = |e: Invalid| WorkflowError::Store(e.into());
        codes::check("answer", "triages", &instead.answer).map_err(wrong)?;
        if let Some(priority) = &instead.priority {
            codes::check("priority", "priorities", priority).map_err(wrong)?;
        }
        let named = [("level", ArgType::Level, &instead.level), ("goes_to", ArgType::Route, &instead.goes_to)];
        for (field, sort, name) in named {
            let Some(name) = name else { continue };
            self.is_named(store, field, sort, name).await?;
        }
        Ok(())
    }

    /// # Errors
    /// [`WorkflowError::NobodyDecides`]; `Invalid` naming the field where the pathway has no such name.
    pub(super) async fn is_named(&self, store: &AuthorityStore, field: &str, sort: ArgType, name: &str) -> Result<(), WorkflowError> {
        let pathway = self.deciding(store, ExtensionPoint::Pathway).await?;
        if pathway.manifest.ids(sort).contains(&name) {
            return Ok(());
        }
        let known = pathway.manifest.ids(sort).join(", ");
        let why = format!("{} is none of the pathway's: {known}", told_back(name));
        Err(StoreError::from(Invalid::new(field, why)).into())
    }

    async fn conclude(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        referral: &Referral,
        instead: Instead,
        reason: Option<&str>,
        with: With<'_>,
    ) -> Result<(), WorkflowError> {
        let missing = |field: &str, why: &str| WorkflowError::Store(Invalid::new(field, why).into());
        if instead.answer == "ask-more" && with.question.is_none() && referral.found_by.is_none() {
            return Err(missing("question", "is needed: say what the sender is asked"));
        }
        if let Some(family) = referral.family {
            if instead.answer == "accept" {
                let on = with.on.unwrap_or_else(|| tx.now().day());
                if on < referral.came_on {
                    return Err(missing("on", "is before the day on which the referral came"));
                }
                about::each_once("needs", "problems", with.needs).map_err(|e| WorkflowError::Store(e.into()))?;
                self.open_episode(store, tx, family, referral.decision, on, with.needs).await?;
            }
            self.nobody_need_look(tx, referral, family).await?;
        }
        let outcome = instead.becomes(reason, tx);
        Ok(tx.end_referral(referral, &outcome, with.question).await?)
    }

    /// Opens an episode; what the pathway proposed is carried out with it, by the same code. One that is open goes on.
    async fn open_episode(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        family: FamilyId,
        decision: Option<DecisionId>,
        on: Day,
        needs: &[String],
    ) -> Result<(), WorkflowError> {
        let action = Action::OpenEpisode { reasons: Vec::new() };
        let proposals = match decision {
            Some(decision) => store.proposals_of(decision).await?,
            None => Vec::new(),
        };
        let waits = proposals.iter().find(|p| p.action == action.kind() && p.state == ProposalState::Waiting);
        let place = Place { family, person: None, on, title: "", needs };
        match carry_out::plan(tx, &ToDo::Action(action), &place).await? {
            Plan::Nothing => return Ok(()),
            Plan::NotNow(why) => return Err(StoreError::Conflict(why).into()),
            Plan::Facts(facts) if waits.is_none() => {
                tx.add_facts(&facts).await?;
            }
            Plan::Facts(_) | Plan::Task(_) | Plan::Tell { .. } | Plan::OnAgenda(_) | Plan::StaysConfirmed => {}
        }
        if let Some(proposal) = waits {
            self.confirm(store, tx, proposal.id, Some(on), needs).await?;
        }
        Ok(())
    }

    /// A person has decided: what could not be asked is not asked again, and the tasks to look are done.
    async fn nobody_need_look(&self, tx: &mut AuthorityTx, referral: &Referral, family: FamilyId) -> Result<(), StoreError> {
        let by = tx.principal().to_owned();
        for (waiting, people) in tx.referrals_to_triage(family).await?.into_iter().filter(|(r, _)| r.id == referral.id) {
            let told = triage_of(&waiting, people).told();
            // Pathways are decided by one: its installation is not in the key.
            let key = key(Question::Triage, &told, crate::record::InstallationId(uuid::Uuid::nil()));
            failing::settle(tx, family, Question::Triage.code(), key).await?;
        }
        tx.finish_own_tasks(family, TASK, &by).await?;
        Ok(())
    }

    /// Takes families to the front door that a bulk evaluation found eligible and that nobody helps; at most so many.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub async fn refer_found(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        most: u32,
    ) -> Result<Vec<(ReferralId, FamilyId)>, StoreError> {
        let (today, door) = (tx.now().day(), store.front_door().await?);
        let found = tx.found_eligible(today, most.min(MORE_FOUND)).await?;
        let mut taken = Vec::with_capacity(found.len());
        for (family, decision) in found {
            let new = NewReferral {
                id: ReferralId::fresh(),
                came_on: today,
                route: "data-match".to_owned(),
                organisation: None,
                organisation_kind: None,
                sender: None,
                urgent: false,
                agreed: None,
                problems: Vec::new(),
                told: Described::default(),
                words: None,
                family: Some(family),
                people: Vec::new(),
                found_by: Some(decision),
                answer_by: today.plus(door.answer_days).unwrap_or(today),
            };
            tx.add_referral(&new).await?;
            taken.push((new.id, family));
        }
        Ok(taken)
    }

    /// Gives somebody the task to look at each referral whose sender is to hear soon, or was; once. How many there were. A task is about a
    /// family, and beside the pathway that decides: of a referral of which nobody said whom it is about, and where no pathway decides, those at
    /// the front door are written to.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub async fn remind_of_referrals(&self, authority: &AuthorityId) -> Result<u64, WorkflowError> {
        let store = self.shared.stores.authority(authority).await?;
        let pathway = store.active_installations(ExtensionPoint::Pathway.code()).await?.into_iter().next();
        let (today, door) = (store.clock().now().day(), store.front_door().await?);
        let near = store.referrals_near(today.plus(door.near_days).unwrap_or(today), AT_ONCE).await?;
        if near.is_empty() {
            return Ok(0);
        }
        let mut tx = store.write(BY, "reminded of referrals that are to be answered").await?;
        let (mut given, mut unsettled) = (0, 0);
        for referral in near {
            tx.note_reminded(referral.id).await?;
            tx.announce(Announced::ReferralNear, referral.family, referral.id);
            let (Some(family), Some(pathway)) = (referral.family, &pathway) else {
                unsettled += 1;
                continue;
            };
            let task = Task {
                id: TaskId::fresh(),
                installation: pathway.id,
                key: TASK.to_owned(),
                family,
                role: "duty-worker".to_owned(),
                title: serde_json::json!({
                    "en": "Whoever referred the family waits to hear: decide about the referral",
                    "cy": "Mae pwy bynnag a atgyfeiriodd y teulu yn aros i glywed: penderfynwch am yr atgyfeiriad",
                }),
                due: referral.answer_by,
                state: TaskState::Open,
                decision: None,
            };
            given += u64::from(tx.add_task(&task).await?);
        }
        if unsettled > 0 {
            for login in to_be_told::at_the_front_door(&mut tx).await? {
                tx.write_letter(login, LetterKind::FrontDoor).await?;
            }
        }
        tx.commit().await?;
        Ok(given + unsettled)
    }

    /// The same in every authority.
    ///
    /// # Errors
    /// The common file cannot be read; or what the first authority said that could not be worked through.
    pub async fn remind_all_of_referrals(&self) -> Result<u64, WorkflowError> {
        let (mut given, mut first_fault) = (0, None);
        for authority in self.shared.stores.common().authorities().await? {
            match self.remind_of_referrals(&authority.code).await {
                Ok(n) => given += n,
                Err(fault) => drop(first_fault.get_or_insert(fault)),
            }
        }
        first_fault.map_or(Ok(given), Err)
    }
}
