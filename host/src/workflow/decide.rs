//! One question about one family: what the run is given, the run, and what is kept of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tracing::Instrument as _;
use utoipa::ToSchema;

use super::about::{Asks, EventAsked};
use super::acting::{self, ActionCameTo, Policies};
use super::came_to::looks_again;
use super::supplied::Supplies;
use super::{Ready, Workflow, WorkflowError, assessments, carrying, failing, happenings, observe, referrals};
use crate::plugins::Manifest;
use crate::record::{Announced, DecisionId, Digest, FamilyId, InstallationId, KnownAt, RunId, SealId, Snapshot, TaskId};
use crate::sandbox::{Answer, Context, EarlierClaim, ExtensionPoint, Fault, FeedCoverage, Given, Matter, Outcome, Question, Verdict};
use crate::store::{
    AsKnown, AuthorityStore, AuthorityTx, ChangeId, Claim, CurrentSnapshot, DECIDED_BY_ONE, Decision, NewClaim, Run, StoreError, Stores,
    Task, TaskState,
};

/// What somebody wants to know of the family's outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Asking {
    Eligibility,
    Progress,
    /// Progress where an episode has begun by the as-of date; eligibility otherwise.
    Suited,
}

impl Asking {
    pub(super) fn question(self, snapshot: &Snapshot, as_of: crate::record::Day) -> Question {
        match self {
            Self::Eligibility => Question::Eligibility,
            Self::Progress => Question::Progress,
            Self::Suited if snapshot.support.episodes.iter().any(|e| e.window.first <= as_of) => Question::Progress,
            Self::Suited => Question::Eligibility,
        }
    }
}

/// A question about a family.
#[derive(Debug, Clone)]
pub struct Asked {
    pub family: FamilyId,
    pub asks: Asks,
    pub as_of: crate::record::Day,
}

/// How it went.
#[derive(Debug)]
pub enum Ran {
    Decided(Box<Made>),
    /// "Not decided yet": kept as a failure, to be asked again.
    Failed(Box<Failed>),
}

/// A decision with all that has to be kept beside it, before it is kept.
#[derive(Debug)]
pub struct Made {
    pub decision: Decision,
    pub answer: Answer,
    pub snapshot: Arc<Snapshot>,
    pub context: Arc<Context>,
    pub manifest: Arc<Manifest>,
    snapshot_bytes: Vec<u8>,
    context_bytes: Arc<Vec<u8>>,
    /// None: the question was about the record alone.
    matter_bytes: Option<Vec<u8>>,
    pub(super) claims: Vec<NewClaim>,
    pub(super) tasks: Vec<Task>,
    /// Only if the plugin wrote log lines: the decision holds the rest.
    run: Option<Run>,
    /// Whose facts it was given.
    pub seals: Vec<SealId>,
    /// As in [`Failed`].
    pub(super) key: Digest,
    /// What happened, where the question is about that.
    pub(super) event: Option<EventAsked>,
}

#[derive(Debug)]
pub struct Failed {
    /// Kept only where it was begun.
    pub run: Run,
    pub fault: Fault,
    /// The question as it was asked: what somebody typed is not lost.
    pub asked: serde_json::Value,
    /// By which it is told apart from other questions about the family: see [`key`].
    pub key: Digest,
    pub by: String,
}

/// What came of what a decision proposed, in the order in which it was proposed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CameTo {
    /// None at all where the plugin refused to answer: then nothing is claimed.
    pub claims: Vec<ClaimCameTo>,
    pub tasks: Vec<TaskCameTo>,
    /// Of the other proposals. None at all where the plugin refused to answer: then nothing is proposed.
    pub actions: Vec<ActionCameTo>,
}

/// What came of a proposed claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimCameTo {
    /// For a person to approve.
    Drafted,
    /// By another decision about the family: one result is never claimed twice.
    ClaimedAlready,
    /// The authority is paid up front and claims nothing: the result is counted.
    ReportedOnly,
}

/// What came of a proposed task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TaskCameTo {
    GivenOut,
    /// An earlier decision gave it out or proposed it, and it was still to do.
    OpenAlready,
    /// For a person to confirm: the authority's policy for tasks.
    Waiting,
    /// By a person.
    Declined,
}

impl ClaimCameTo {
    pub(super) const fn of(new: bool) -> Self {
        if new { Self::Drafted } else { Self::ClaimedAlready }
    }
}

impl TaskCameTo {
    pub(super) const fn of(new: bool) -> Self {
        if new { Self::GivenOut } else { Self::OpenAlready }
    }
}

/// What the runs of one evaluation share, encoded once.
#[derive(Clone)]
pub(super) struct Shared {
    pub context: Arc<Context>,
    /// The last change when its coverage was read.
    pub known_after: ChangeId,
    digest: Digest,
    bytes: Arc<Vec<u8>>,
    /// With the forms that answers are given to.
    manifest: Arc<Manifest>,
}

impl Shared {
    pub(super) async fn load(
        stores: &Stores,
        store: &AuthorityStore,
        ready: &Ready,
        as_of: crate::record::Day,
    ) -> Result<Self, StoreError> {
        Self::load_known(stores, store, ready, as_of, store.last_change().await?).await
    }

    /// As it was known after a change.
    pub(super) async fn load_known(
        stores: &Stores,
        store: &AuthorityStore,
        ready: &Ready,
        as_of: crate::record::Day,
        known_after: ChangeId,
    ) -> Result<Self, StoreError> {
        let coverage = feed_coverage(store, AsKnown::After(known_after)).await?;
        let mut context =
            Context { settings: ready.settings.clone(), coverage, ..Context::new(ready.installation.digest, ready.grants.clone(), as_of) };
        let Ready { installation, manifest, packed, grants, .. } = ready;
        let supplies = Supplies::load(stores, store, installation.id, manifest, packed, grants, AsKnown::After(known_after)).await?;
        supplies.into_context(&mut context);
        let (digest, bytes) = context.encode();
        Ok(Self { context: Arc::new(context), known_after, digest, bytes: Arc::new(bytes), manifest: manifest.clone() })
    }
}

/// What feeds say of the whole authority.
pub(super) async fn feed_coverage(store: &AuthorityStore, known: AsKnown) -> Result<Vec<FeedCoverage>, StoreError> {
    let statements = store.feed_coverage(known).await?;
    Ok(statements.into_iter().map(|c| FeedCoverage { kind: c.kind, window: c.window(), state: c.state, order: c.order }).collect())
}

/// A family as one run is given it, with the row that the run came from.
pub(super) struct About {
    pub current: CurrentSnapshot,
    pub snapshot: Arc<Snapshot>,
    pub given: Given,
    claims_json: String,
    asked: serde_json::Value,
    event: Option<EventAsked>,
}

/// What tells a question about a family apart from its others: what is asked and what it is about; where answers of several
/// installations add up, of whom. Not the day: asked again on another, it is still the same question.
pub(super) fn key(question: Question, asked: &serde_json::Value, installation: InstallationId) -> Digest {
    let point = question.extension_point().code();
    let of = if DECIDED_BY_ONE.contains(&point) { String::new() } else { installation.to_string() };
    Digest::of(format!("{} {of} {}", question.code(), asked["about"]).as_bytes())
}

/// The kept bytes of what a question is about, where it is more than the record.
fn matter_of(given: &Given) -> Option<(Digest, Vec<u8>)> {
    (*given.matter != Matter::Record).then(|| given.matter.encode())
}

impl About {
    /// # Errors
    /// `Damaged`, or `Invalid` where the question is about somebody or something that is not in this record.
    pub(super) fn read(current: CurrentSnapshot, claims: &[Claim], shared: &Shared, asks: &Asks) -> Result<Self, StoreError> {
        let snapshot =
            Arc::new(Snapshot::decode(&current.bytes).map_err(|e| StoreError::Damaged(format!("family {}: {e}", current.family)))?);
        let mut claims: Vec<EarlierClaim> =
            claims.iter().map(|c| EarlierClaim { entitled_on: c.entitled_on, kind: c.kind.clone() }).collect();
        claims.sort();
        let claims_json = serde_json::to_string(&claims).unwrap_or_default();
        let (question, matter) = asks.put(&snapshot, shared.context.as_of, &shared.manifest.forms)?;
        let given = Given { question, context: shared.context.clone(), snapshot: snapshot.clone(), matter: Arc::new(matter), claims };
        let event = if let Asks::OnEvent(event) = asks { Some(event.clone()) } else { None };
        Ok(Self { current, snapshot, given, claims_json, asked: asks.told(), event })
    }

    /// Was exactly this asked and answered before?
    pub(super) fn is(&self, shared: &Shared, before: &crate::store::Basis) -> bool {
        before.snapshot == self.current.digest && before.context == shared.digest && before.claims == self.claims_json
    }

    /// What is to be kept of the run.
    pub(super) fn concluded(self, ready: &Ready, shared: &Shared, by: &str, at: KnownAt, outcome: Outcome) -> Ran {
        let question = self.given.question;
        let run = Run {
            id: RunId::fresh(),
            at,
            installation: ready.installation.id,
            family: Some(self.current.family),
            question: question.code().to_owned(),
            as_of: shared.context.as_of,
            outcome: outcome.result.as_ref().map_or_else(Fault::code, |_| "answered").to_owned(),
            message: outcome.result.as_ref().err().map(ToString::to_string),
            place: outcome.result.as_ref().err().and_then(Fault::place),
            instructions: outcome.instructions,
            millis: u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX),
            peak_memory: outcome.peak_memory as u64,
            log: serde_json::to_value(&outcome.log).unwrap_or_default(),
            decision: None,
        };
        let key = key(question, &self.asked, ready.installation.id);
        let answer = match outcome.result {
            Ok(answer) => answer,
            Err(fault) => return Ran::Failed(Box::new(Failed { run, fault, asked: self.asked, key, by: by.to_owned() })),
        };
        let (answer_digest, answer_bytes) = answer.encode();
        let (matter, matter_bytes) = matter_of(&self.given).unzip();
        let decision = Decision {
            id: DecisionId::fresh(),
            at,
            principal: by.to_owned(),
            family: self.current.family,
            revision: self.current.revision,
            installation: ready.installation.id,
            question: question.code().to_owned(),
            as_of: shared.context.as_of,
            known_after: shared.known_after,
            snapshot: self.current.digest,
            context: shared.digest,
            matter,
            claims: self.claims_json,
            answer_digest,
            answer: answer_bytes,
            result: answer.code().to_owned(),
            label: answer.delivered.iter().copied().collect(),
            instructions: run.instructions,
            millis: run.millis,
            peak_memory: run.peak_memory,
        };
        Ran::Decided(Box::new(Made {
            claims: new_claims(&decision, &answer),
            tasks: new_tasks(&decision, &answer),
            run: (!outcome.log.lines.is_empty()).then_some(Run { decision: Some(decision.id), ..run }),
            key,
            event: self.event,
            snapshot: self.snapshot,
            seals: self.current.seals,
            context: shared.context.clone(),
            manifest: ready.manifest.clone(),
            snapshot_bytes: self.current.bytes,
            context_bytes: shared.bytes.clone(),
            matter_bytes,
            decision,
            answer,
        }))
    }
}

pub(super) fn new_claims(decision: &Decision, answer: &Answer) -> Vec<NewClaim> {
    // A refusal claims nothing, whatever was reported before it.
    if matches!(answer.result, Verdict::Refused(_)) {
        return Vec::new();
    }
    let claim = |c: &crate::sandbox::answer::Claim| NewClaim {
        decision: decision.id,
        family: decision.family,
        kind: c.kind.clone(),
        amount: u64::try_from(c.amount_pence).unwrap_or(0),
        entitled_on: c.entitled_on,
    };
    answer.claims.iter().map(claim).collect()
}

fn new_tasks(decision: &Decision, answer: &Answer) -> Vec<Task> {
    let task = |t: &crate::sandbox::answer::Task| Task {
        id: TaskId::fresh(),
        installation: decision.installation,
        key: t.key.clone(),
        family: decision.family,
        role: t.role.clone(),
        title: serde_json::to_value(&t.title).unwrap_or_default(),
        due: t.due,
        state: TaskState::Open,
        decision: Some(decision.id),
    };
    answer.tasks.iter().map(task).collect()
}

impl Workflow {
    /// Asks the installation about one family, unless it is parked. Nothing is kept yet: [`keep`] the decision, or
    /// [`Workflow::keep_failure`].
    ///
    /// # Errors
    /// `NoSuch` where the authority has no such family; `Conflict` where it is closed; `Invalid` naming what the question is about and is not in its record.
    pub async fn ask(&self, store: &AuthorityStore, ready: &Ready, asked: Asked, by: &str) -> Result<Ran, WorkflowError> {
        store.must_be_open(asked.family).await?;
        let shared = Shared::load(&self.shared.stores, store, ready, asked.as_of).await?;
        let current = ready.record(store, store.snapshot(asked.family).await?, shared.known_after).await?;
        let claims = store.claims(asked.family).await?;
        let about = About::read(current, &claims, &shared, &asked.asks)?;
        let span = observe::span(store.id(), ready, about.given.question);
        let outcome = match store.parked(ready.installation.id).await? {
            Some(parked) => Outcome::never_begun(Fault::Parked { since: parked.since, why: parked.why }),
            None => self.shared.sandbox.ask(store.id(), ready.prepared.clone(), about.given.clone()).instrument(span.clone()).await,
        };
        observe::ended(&span, &self.shared.sandbox, ready, about.given.question, &outcome);
        Ok(about.concluded(ready, &shared, by, store.clock().now(), outcome))
    }
}

/// Keeps decisions and what follows from them, by the authority's policies: claims are drafted for a person to approve; what is
/// proposed is carried out, or waits for a person. What the runs were given is kept first. Says what came of each decision's
/// proposals.
///
/// # Errors
/// `Conflict` where an installation that decided does so no more: its rules are no longer the authority's. The file cannot be written;
/// nothing is kept unless the transaction is committed.
pub async fn keep(tx: &mut AuthorityTx, made: &[&Made]) -> Result<Vec<CameTo>, StoreError> {
    let deciding: BTreeSet<(InstallationId, ExtensionPoint)> =
        made.iter().map(|m| (m.decision.installation, m.answer.question.extension_point())).collect();
    for (installation, point) in deciding {
        tx.must_decide(installation, point.code()).await?;
    }
    let mut contents: Vec<(Digest, &[u8])> = made.iter().map(|m| (m.decision.snapshot, m.snapshot_bytes.as_slice())).collect();
    contents.extend(made.iter().map(|m| (m.decision.context, m.context_bytes.as_slice())));
    contents.extend(made.iter().filter_map(|m| Some((m.decision.matter?, m.matter_bytes.as_deref()?))));
    contents.sort_unstable_by_key(|(digest, _)| *digest);
    contents.dedup_by_key(|(digest, _)| *digest);
    tx.keep_content(&contents).await?;
    let decisions: Vec<Decision> = made.iter().map(|m| m.decision.clone()).collect();
    tx.add_decisions(&decisions).await?;
    for made in made {
        tx.seal_decision(made.decision.id, &made.seals).await?;
    }
    let runs: Vec<Run> = made.iter().filter_map(|m| m.run.clone()).collect();
    tx.add_runs(&runs).await?;
    let families: Vec<FamilyId> = made.iter().map(|m| m.decision.family).collect();
    let undecided = tx.undecided_among(&families).await?;
    for made in made.iter().filter(|m| undecided.contains(&(m.decision.family, m.key))) {
        failing::settle(tx, made.decision.family, &made.decision.question, made.key).await?;
    }
    for made in made {
        happenings::settle(tx, made).await?;
        referrals::settle(tx, made).await?;
        // Before what is proposed: the next review is asked for once this one is settled.
        assessments::settle(tx, made).await?;
        carrying::settle(tx, made).await?;
    }
    let policies = Policies::of(&tx.policies().await?);
    let claims = made.iter().any(|m| !m.claims.is_empty()) && tx.claim_rules().await?.claims;
    tx.add_look_again(&made.iter().filter_map(|m| Some((&m.decision, looks_again(&m.answer)?))).collect::<Vec<_>>()).await?;
    let mut came_to = Vec::with_capacity(made.len());
    for made in made {
        let mut came = CameTo::default();
        for claim in &made.claims {
            came.claims.push(if claims { ClaimCameTo::of(tx.add_claim(claim).await?) } else { ClaimCameTo::ReportedOnly });
        }
        if policies.are_automatic("task") {
            for task in &made.tasks {
                came.tasks.push(TaskCameTo::of(tx.add_task(task).await?));
            }
        } else {
            for task in &made.answer.tasks {
                came.tasks.push(acting::propose_task(tx, &made.decision, task).await?);
            }
        }
        came.actions = acting::propose(tx, made, &policies).await?;
        came_to.push(came);
    }
    Ok(came_to)
}

/// The same of one question that was asked about one family, which is told to whoever follows.
///
/// # Errors
/// As [`keep`].
pub async fn keep_one(tx: &mut AuthorityTx, made: &Made) -> Result<CameTo, StoreError> {
    tx.announce(Announced::DecisionMade, Some(made.decision.family), made.decision.id);
    Ok(keep(tx, &[made]).await?.pop().unwrap_or_default())
}
