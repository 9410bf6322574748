//! What plugins propose: kept with the decision, carried out or left to a person by the authority's policies, confirmed or declined
//! by somebody later.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::about;
use super::carry_out::{Place, Plan, ToDo, plan, write};
use super::decide::{Made, TaskCameTo};
use super::explain::Reader;
use super::{Workflow, WorkflowError, requested, said};
use crate::plugins::Manifest;
use crate::record::sections::Handle;
use crate::record::{Day, Invalid, PersonId, ProposalId, Snapshot};
use crate::sandbox::answer::{Action, Answer, Message, Reported, Task};
use crate::sandbox::{Question, ServiceGiven, Verdict};
use crate::store::{AuthorityStore, AuthorityTx, Decision, Policy, Proposal, ProposalState, Settled, StoreError};

/// What came of a proposal that is no task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActionCameTo {
    pub is: ActionState,
    /// Left out where it changes nothing: then none was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<ProposalId>,
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ActionState {
    /// For a person to confirm or decline.
    Waiting,
    /// To be carried out by people: meetings that nobody keeps here, notices, requests for assessments and for services.
    Confirmed,
    CarriedOut,
    Declined,
    /// What was proposed under its key is still open, or it is so already.
    ChangesNothing,
}

impl From<ProposalState> for ActionState {
    fn from(state: ProposalState) -> Self {
        match state {
            ProposalState::Waiting => Self::Waiting,
            ProposalState::Confirmed => Self::Confirmed,
            ProposalState::CarriedOut => Self::CarriedOut,
            ProposalState::Declined => Self::Declined,
        }
    }
}

impl ActionCameTo {
    pub(super) fn of(kept: Option<(ProposalId, ProposalState)>) -> Self {
        match kept {
            Some((id, state)) => Self { is: state.into(), proposal: Some(id) },
            None => Self { is: ActionState::ChangesNothing, proposal: None },
        }
    }
}

/// Kinds of action (code list actions), and who carries each out (code list policies) where the authority has said nothing: a task is
/// given out with its decision, for everything else a person decides.
pub const DEFAULT_POLICIES: &[(&str, &str)] = &[
    ("task", "automatic"),
    ("open-episode", "person-confirms"),
    ("close-episode", "person-confirms"),
    ("move-to-stage", "person-confirms"),
    ("set-tier", "person-confirms"),
    ("meeting", "person-confirms"),
    ("notice", "person-confirms"),
    ("assessment-request", "person-confirms"),
    ("goal", "person-confirms"),
    ("service-request", "person-confirms"),
    ("consent-request", "person-confirms"),
];

/// Who carries out what, for one authority.
pub(super) struct Policies(HashMap<String, String>);

impl Policies {
    pub(super) fn of(said: &[Policy]) -> Self {
        let defaults = DEFAULT_POLICIES.iter().map(|(action, policy)| ((*action).to_owned(), (*policy).to_owned()));
        Self(defaults.chain(said.iter().map(|p| (p.action.clone(), p.policy.clone()))).collect())
    }

    pub(super) fn are_automatic(&self, action: &str) -> bool {
        self.0.get(action).is_some_and(|policy| policy == "automatic")
    }
}

/// What an answer proposes beside tasks: nothing where the plugin refused to answer, whatever it proposed before.
pub(super) fn proposed(answer: &Answer) -> &[Action] {
    if matches!(answer.result, Verdict::Refused(_)) { &[] } else { &answer.actions }
}

/// A task that a person has to confirm first.
pub(super) async fn propose_task(tx: &mut AuthorityTx, decision: &Decision, task: &Task) -> Result<TaskCameTo, StoreError> {
    if tx.is_open(decision.installation, decision.family, &task.key).await? {
        return Ok(TaskCameTo::OpenAlready);
    }
    let body = serde_json::to_value(task).unwrap_or_default();
    tx.add_proposal(&waiting(decision, "task", &task.key, body, None)).await?;
    Ok(TaskCameTo::Waiting)
}

fn waiting(decision: &Decision, action: &str, key: &str, body: serde_json::Value, person: Option<PersonId>) -> Proposal {
    Proposal {
        id: ProposalId::fresh(),
        installation: decision.installation,
        family: decision.family,
        decision: decision.id,
        action: action.to_owned(),
        key: key.to_owned(),
        body,
        person,
        state: ProposalState::Waiting,
        settled: None,
        task: None,
        fact: None,
    }
}

/// Keeps what a decision proposes beside tasks. What is automatic is carried out at once; where the record does not allow it now, it
/// waits for a person all the same.
pub(super) async fn propose(tx: &mut AuthorityTx, made: &Made, policies: &Policies) -> Result<Vec<ActionCameTo>, StoreError> {
    let actions = proposed(&made.answer);
    let mut came = vec![ActionCameTo::of(None); actions.len()];
    // A tier is set beside a stage: after the family was moved there.
    let (tiers, others): (Vec<_>, Vec<_>) = (0..).zip(actions).partition(|(_, a)| matches!(a, Action::SetTier { .. }));
    for (i, action) in others.into_iter().chain(tiers) {
        let place: &mut ActionCameTo = &mut came[i];
        *place = propose_one(tx, made, policies, action).await?;
    }
    Ok(came)
}

async fn propose_one(tx: &mut AuthorityTx, made: &Made, policies: &Policies, action: &Action) -> Result<ActionCameTo, StoreError> {
    let decision = &made.decision;
    if tx.is_open(decision.installation, decision.family, action.key()).await? {
        return Ok(ActionCameTo::of(None));
    }
    let person = person_of(action).and_then(|handle| made.snapshot.people.get(handle as usize)).map(|p| p.id);
    let body = serde_json::to_value(action).unwrap_or_default();
    let mut proposal = waiting(decision, action.kind(), action.key(), body, person);
    let words = Words { manifest: &made.manifest, snapshot: Some(&made.snapshot), directory: &made.context.directory };
    let title = words.title(tx, action).await?;
    let place = Place { family: decision.family, person, on: decision.as_of, title: &title, needs: &found(&made.answer) };
    let plan = plan(tx, &ToDo::Action(action.clone()), &place).await?;
    if matches!(plan, Plan::Nothing) {
        return Ok(ActionCameTo::of(None));
    }
    if policies.are_automatic(action.kind())
        && let Some(state) = settles_as(&plan)
    {
        proposal.state = state;
        proposal.settled = Some(Settled { at: tx.now(), by: decision.principal.clone(), reason: None });
        // First: what follows may name it.
        tx.add_proposal(&proposal).await?;
        let became = write(tx, &proposal, &plan).await?;
        tx.set_became(proposal.id, became).await?;
    } else {
        tx.add_proposal(&proposal).await?;
    }
    requested::begin(tx, &proposal).await?;
    Ok(ActionCameTo::of(Some((proposal.id, proposal.state))))
}

/// The needs that an answer found; whose they are is not the episode's to say.
fn found(answer: &Answer) -> Vec<String> {
    let need = |r: &Reported| if let Reported::Need { need, .. } = r { Some(need.clone()) } else { None };
    answer.reported.iter().filter_map(need).collect()
}

/// In which state a proposal is once its plan was written; none: it cannot be.
const fn settles_as(plan: &Plan) -> Option<ProposalState> {
    match plan {
        Plan::Facts(_) | Plan::Task(_) | Plan::Tell { .. } | Plan::OnAgenda(_) => Some(ProposalState::CarriedOut),
        Plan::StaysConfirmed => Some(ProposalState::Confirmed),
        Plan::Nothing | Plan::NotNow(_) => None,
    }
}

const fn person_of(action: &Action) -> Option<Handle> {
    match action {
        Action::AssessmentRequest { person, .. }
        | Action::Goal { person, .. }
        | Action::ServiceRequest { person, .. }
        | Action::ConsentRequest { person, .. } => *person,
        _ => None,
    }
}

/// What a title is told from.
struct Words<'a> {
    manifest: &'a Manifest,
    /// None: erased.
    snapshot: Option<&'a Snapshot>,
    directory: &'a [ServiceGiven],
}

/// Bytes of a goal's title in the record.
const LONGEST_TITLE: usize = 200;

impl Words<'_> {
    /// A goal's title as the record keeps it: in English, cut to its bound. Of other actions the record keeps none.
    async fn title(&self, tx: &mut AuthorityTx, action: &Action) -> Result<String, StoreError> {
        let Action::Goal { title, .. } = action else { return Ok(String::new()) };
        let people: Vec<PersonId> = self.snapshot.iter().flat_map(|s| s.people.iter().map(|p| p.id)).collect();
        let names = tx.names(&people).await?.into_iter().map(|(id, n)| (id, format!("{} {}", n.given, n.family))).collect();
        let reader = Reader { welsh: false, names, directory: self.directory.to_vec() };
        Ok(self.cut(&reader, title))
    }

    fn cut(&self, reader: &Reader, title: &Message) -> String {
        let mut sentence = reader.sentence(self.manifest, title, self.snapshot);
        if sentence.len() > LONGEST_TITLE {
            let end = (0..=LONGEST_TITLE - '…'.len_utf8()).rev().find(|i| sentence.is_char_boundary(*i)).unwrap_or(0);
            sentence.truncate(end);
            sentence.push('…');
        }
        sentence
    }
}

impl Workflow {
    /// Confirms a proposal and carries it out, in the caller's transaction. `on`: from which day on it holds; left out, from today,
    /// or from the decision's as-of date where that is later. `needs`: of an episode, what a person found beside what the decision did.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where somebody settled it first, its installation decides no more, or the record does not allow it now;
    /// `Invalid` naming `on` where that is before the decision's as-of date.
    pub async fn confirm(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        id: ProposalId,
        on: Option<Day>,
        needs: &[String],
    ) -> Result<Proposal, WorkflowError> {
        let by = tx.principal().to_owned();
        let proposal = tx.proposal(id).await?;
        let decision = store.decision(proposal.decision).await?;
        if on.is_some_and(|on| on < decision.as_of) {
            let why = format!("is before {}, which the decision is about", decision.as_of);
            return Err(StoreError::from(Invalid::new("on", why)).into());
        }
        let question = Question::from_code(&decision.question);
        let point = question.map(|q| q.extension_point().code()).unwrap_or_default();
        let installation = tx.installation(proposal.installation).await?;
        if proposal.state == ProposalState::Waiting && !installation.decides(point) {
            let why = format!("{} no longer decides {point} here: the proposal can only be declined", installation.plugin);
            return Err(StoreError::Conflict(why).into());
        }
        let on = on.unwrap_or_else(|| decision.as_of.max(tx.now().day()));
        let to_do = ToDo::of(&proposal)?;
        let mut found = found(&said(&decision)?);
        found.extend_from_slice(needs);
        let title = match &to_do {
            ToDo::Action(action @ Action::Goal { .. }) => self.title(store, tx, &decision, installation.digest, action).await?,
            _ => String::new(),
        };
        let place = Place { family: proposal.family, person: proposal.person, on, title: &title, needs: &found };
        let plan = plan(tx, &to_do, &place).await?;
        // First: of two people at once, the second is told that somebody was first, and not what the first one changed.
        let state = settles_as(&plan).unwrap_or(ProposalState::CarriedOut);
        tx.settle_proposal(id, state, &by, None).await?;
        match &plan {
            Plan::Nothing => return Err(StoreError::Conflict("it is so already: decline the proposal".to_owned()).into()),
            Plan::NotNow(why) => return Err(StoreError::Conflict(why.clone()).into()),
            Plan::Facts(_) | Plan::Task(_) | Plan::Tell { .. } | Plan::OnAgenda(_) | Plan::StaysConfirmed => {}
        }
        let became = write(tx, &proposal, &plan).await?;
        tx.set_became(id, became).await?;
        let confirmed = tx.proposal(id).await?;
        requested::begin(tx, &confirmed).await?;
        Ok(confirmed)
    }

    async fn title(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        decision: &Decision,
        plugin: crate::record::Digest,
        action: &Action,
    ) -> Result<String, WorkflowError> {
        let manifest = self.manifest(plugin).await?;
        let damaged = |e: String| StoreError::Damaged(format!("decision {}: {e}", decision.id));
        let snapshot = store.content(&decision.snapshot).await?;
        let snapshot = snapshot.map(|bytes| Snapshot::decode(&bytes).map_err(|e| damaged(e.to_string()))).transpose()?;
        let directory = directory_of(store, decision).await?;
        Ok(Words { manifest: &manifest, snapshot: snapshot.as_ref(), directory: &directory }.title(tx, action).await?)
    }
}

/// The services that a decision's run was given; none where that was erased.
///
/// # Errors
/// The file cannot be read.
pub async fn directory_of(store: &AuthorityStore, decision: &Decision) -> Result<Vec<ServiceGiven>, StoreError> {
    let Some(bytes) = store.content(&decision.context).await? else { return Ok(Vec::new()) };
    let context: crate::sandbox::Context =
        serde_json::from_slice(&bytes).map_err(|e| StoreError::Damaged(format!("decision {}: context: {e}", decision.id)))?;
    Ok(context.directory)
}

/// Declines a proposal, with the reason: 1 to 500 bytes. Its key is free again.
///
/// # Errors
/// `NoSuch`; `Conflict` where somebody settled it first; `Invalid` naming `reason`.
pub async fn decline(tx: &mut AuthorityTx, id: ProposalId, reason: &str, by: &str) -> Result<Proposal, StoreError> {
    about::reason(reason)?;
    tx.settle_proposal(id, ProposalState::Declined, by, Some(reason)).await?;
    tx.proposal(id).await
}
