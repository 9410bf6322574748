//! A candidate beside the installation that decides. It is asked what that one was asked and answered, from what is kept of each decision, so
//! there is no queue to lose and nothing that the answer waits for: what was decided since it last looked, some at a time, as bulk work. What
//! it says is compared and kept apart. It decides nothing and proposes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::reviewing::{Review, ReviewError};
use super::supplied::{Supplies, packed};
use super::{Ready, Workflow, WorkflowError, about};
use crate::plugins::Manifest;
use crate::record::plugin_review::Approval;
use crate::record::{Announced, DecisionId, InstallationId, Invalid, KnownAt, Snapshot};
use crate::sandbox::answer::{Answer, Finding};
use crate::sandbox::{Context, Given, Matter, Outcome, Question, Unfit};
use crate::store::{AsKnown, AuthorityStore, AuthorityTx, Decision, InstallationStatus, Shadow, ShadowAnswer, StoreError};

/// Decisions that may wait for a candidate: what is older is dropped, and counted.
pub const MOST_WAITING: u32 = 2_000;
/// Asked about together.
const BATCH: u32 = 100;
/// Batches of one look, so that others have their turn.
const BATCHES: u32 = 10;
/// Who ends what nobody did.
const BY: &str = "hearth";
/// How long a candidate may run beside: a year.
const LONGEST: i64 = 366 * 86_400_000;

/// What differs between two answers to one question. Nothing: they are the same, whatever order it was said in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ShadowDiffers)]
pub struct Differs {
    /// The two results.
    pub result: bool,
    /// Criteria whose findings are others: standing, numbers, or of whom.
    pub criteria: Vec<String>,
    pub claims: bool,
    pub tasks: bool,
    /// What other extension points report.
    pub reported: bool,
    pub actions: bool,
    /// The reasons alone.
    pub reasons: bool,
}

impl Differs {
    /// Of what decides about the family, criterion by criterion.
    #[must_use]
    pub fn between(live: &Answer, candidate: &Answer) -> Self {
        let (ours, theirs) = (by_criterion(live), by_criterion(candidate));
        let mut criteria: Vec<String> =
            ours.keys().chain(theirs.keys()).filter(|c| ours.get(*c) != theirs.get(*c)).map(|c| (*c).to_owned()).collect();
        criteria.sort_unstable();
        criteria.dedup();
        let mut differs = Self {
            result: live.code() != candidate.code(),
            criteria,
            claims: claims(live) != claims(candidate),
            tasks: live.tasks != candidate.tasks,
            reported: live.reported != candidate.reported,
            actions: live.actions != candidate.actions,
            reasons: false,
        };
        differs.reasons = differs == Self::default() && live.encode().0 != candidate.encode().0;
        differs
    }
}

type Numbers = (Option<u32>, String, Option<i32>, Option<i32>, Option<i32>);

fn by_criterion(answer: &Answer) -> BTreeMap<&str, Vec<Numbers>> {
    let mut found: BTreeMap<&str, Vec<Numbers>> = BTreeMap::new();
    for Finding { criterion, person, standing, before, now, threshold, .. } in &answer.findings {
        found.entry(criterion).or_default().push((*person, standing.clone(), *before, *now, *threshold));
    }
    found.values_mut().for_each(|all| all.sort_unstable());
    found
}

fn claims(answer: &Answer) -> Vec<(&str, i64, crate::record::Day)> {
    answer.claims.iter().map(|c| (c.kind.as_str(), c.amount_pence, c.entitled_on)).collect()
}

/// Lets a candidate run beside the one that decides, until an instant.
///
/// # Errors
/// `Conflict` where it is no longer proposed; [`ReviewError::NotApproved`] where a section is not approved; `Invalid` naming `until` or
/// `reason`.
pub async fn begin(
    tx: &mut AuthorityTx,
    id: InstallationId,
    manifest: &Manifest,
    until: KnownAt,
    reason: &str,
    by: &str,
) -> Result<(), ReviewError> {
    about::reason(reason)?;
    let now = tx.now();
    if until <= now || until.millis() - now.millis() > LONGEST {
        return Err(Invalid::new("until", "is an instant to come, and within a year").into());
    }
    let installation = tx.installation(id).await?;
    if installation.status != InstallationStatus::Proposed {
        return Err(StoreError::Conflict("only what is proposed runs beside the one that decides".to_owned()).into());
    }
    if tx.review_rules().await?.approval == Approval::TwoPeople {
        let review = Review::of(&installation, manifest, &tx.installation_acts(id).await?)?;
        let open = review.items.iter().filter(|i| !i.is_approved()).map(|i| format!("nobody approved {}", i.about));
        let open: Vec<String> = open.collect();
        if !open.is_empty() {
            return Err(ReviewError::NotApproved(open));
        }
    }
    tx.begin_shadow(id, until, by, reason).await?;
    tx.announce(Announced::ShadowBegan, None, id);
    Ok(())
}

impl Workflow {
    /// Asks every candidate of an authority what was decided since it last looked, and ends those whose time is over.
    ///
    /// # Errors
    /// The store failed.
    pub async fn shadow_due(&self, store: &AuthorityStore) -> Result<(), WorkflowError> {
        for shadow in store.shadows_at_work().await? {
            self.shadow_on(store, shadow).await?;
        }
        Ok(())
    }

    /// For every authority.
    ///
    /// # Errors
    /// The stores failed.
    pub async fn shadow_all_due(&self) -> Result<(), WorkflowError> {
        for authority in self.shared.stores.common().authorities().await? {
            self.shadow_due(&self.shared.stores.authority(&authority.code).await?).await?;
        }
        Ok(())
    }

    async fn shadow_on(&self, store: &AuthorityStore, mut shadow: Shadow) -> Result<(), WorkflowError> {
        if let Some((reached, dropped)) = store.too_far_behind(&shadow, MOST_WAITING).await? {
            if !keep(store, &shadow, reached, dropped, &[]).await? {
                return Ok(());
            }
            shadow.reached = reached;
        }
        let mut over = false;
        for _ in 0..BATCHES {
            let decisions = store.beside(&shadow, BATCH).await?;
            let Some(reached) = decisions.last().map(|d| d.id) else {
                over = store.clock().now() > shadow.until;
                break;
            };
            let installation = store.installation(shadow.installation).await?;
            // It decides by now, or is given up: there is nothing to be tried.
            over = installation.status != InstallationStatus::Proposed;
            if over {
                break;
            }
            let ready = self.ready(installation).await?;
            let answers = self.ask_beside(store, &ready, &shadow, decisions).await?;
            if !keep(store, &shadow, reached, 0, &answers).await? {
                return Ok(());
            }
            shadow.reached = reached;
        }
        if over {
            let mut tx = store.write(BY, "ended a candidate's run beside the one that decides").await?;
            match tx.end_shadow(shadow.installation, BY).await {
                // Somebody ended it meanwhile.
                Err(StoreError::Conflict(_)) => return Ok(()),
                ended => ended?,
            }
            tx.announce(Announced::ShadowEnded, None, shadow.installation);
            tx.commit().await?;
        }
        Ok(())
    }

    async fn ask_beside(
        &self,
        store: &AuthorityStore,
        ready: &Arc<Ready>,
        shadow: &Shadow,
        decisions: Vec<Decision>,
    ) -> Result<Vec<ShadowAnswer>, WorkflowError> {
        let mut to_ask = Vec::with_capacity(decisions.len());
        for decision in decisions {
            let question = Question::from_code(&decision.question);
            let Some(question) = question.filter(|q| ready.prepared.answers(*q)) else { continue };
            if let Some(given) = self.as_given(store, ready, &decision, question).await? {
                to_ask.push((decision, given));
            }
        }
        let (sandbox, ready, authority, shadow) = (self.shared.sandbox.clone(), ready.clone(), store.id().clone(), shadow.id);
        let clock = store.clock().clone();
        let of = authority.clone();
        let plugin = ready.installation.plugin.clone();
        let work = async move {
            let mut answers = Vec::with_capacity(to_ask.len());
            for (decision, given) in to_ask {
                let outcome = sandbox.ask_in_bulk(&authority, &ready.prepared, given).await;
                answers.extend(compared(shadow, &decision, outcome, clock.now()));
            }
            answers
        };
        let stopping = |why: String| WorkflowError::Unfit { plugin: plugin.clone(), why: Unfit::Host(why) };
        let asking = self.shared.sandbox.in_bulk(&of, work).ok_or_else(|| stopping("it is stopping".into()))?;
        asking.await.map_err(|e| stopping(e.to_string()))
    }

    /// What the one that decided was given, with the candidate's own component, grants, settings and tables. None: it was erased.
    async fn as_given(
        &self,
        store: &AuthorityStore,
        ready: &Ready,
        decision: &Decision,
        question: Question,
    ) -> Result<Option<Given>, WorkflowError> {
        // What was sealed was given to the one that was granted it.
        if !ready.installation.sealed && store.installation(decision.installation).await?.sealed {
            return Ok(None);
        }
        let (Some(context), Some(snapshot)) = (store.content(&decision.context).await?, store.content(&decision.snapshot).await?) else {
            return Ok(None);
        };
        let damaged = |e: String| StoreError::Damaged(format!("decision {}: {e}", decision.id));
        let was: Context = serde_json::from_slice(&context).map_err(|e| damaged(e.to_string()))?;
        let snapshot = Snapshot::decode(&snapshot).map_err(|e| damaged(e.to_string()))?;
        let matter = match &decision.matter {
            None => Matter::Record,
            Some(digest) => match store.content(digest).await? {
                None => return Ok(None),
                Some(bytes) => serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?,
            },
        };
        let claims = serde_json::from_str(&decision.claims).map_err(|e| damaged(e.to_string()))?;
        let own = Context::new(ready.installation.digest, ready.grants.clone(), was.as_of);
        let mut context = Context { settings: ready.settings.clone(), coverage: was.coverage, ..own };
        let (manifest, known) = (&ready.manifest, AsKnown::After(decision.known_after));
        let packed = packed(manifest).map_err(StoreError::from)?;
        let supplies = Supplies::load(&self.shared.stores, store, ready.installation.id, manifest, &packed, &ready.grants, known).await?;
        supplies.into_context(&mut context);
        Ok(Some(Given { question, context: Arc::new(context), snapshot: Arc::new(snapshot), matter: Arc::new(matter), claims }))
    }
}

/// None: this host could not run it, which says nothing of the candidate.
fn compared(shadow: i64, decision: &Decision, outcome: Outcome, at: KnownAt) -> Option<ShadowAnswer> {
    let Outcome { result, instructions, took, .. } = outcome;
    let mut one = ShadowAnswer {
        shadow,
        decision: decision.id,
        family: decision.family,
        at,
        outcome: "answered".to_owned(),
        same: false,
        said: String::new(),
        differs: serde_json::Value::Null,
        sections: decision.label,
        instructions,
        millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    };
    match result {
        Err(crate::sandbox::Fault::Host { .. }) => return None,
        Err(fault) => fault.code().clone_into(&mut one.outcome),
        Ok(answer) => {
            one.same = answer.encode().1 == decision.answer;
            answer.code().clone_into(&mut one.said);
            one.sections = answer.delivered.iter().copied().collect();
            let live: Option<Answer> = serde_json::from_slice(&decision.answer).ok();
            let differs = live.map(|live| Differs::between(&live, &answer)).filter(|d| *d != Differs::default());
            one.differs = differs.and_then(|d| serde_json::to_value(d).ok()).unwrap_or_default();
        }
    }
    Some(one)
}

/// False: another host was there first.
async fn keep(
    store: &AuthorityStore,
    shadow: &Shadow,
    reached: DecisionId,
    dropped: u64,
    answers: &[ShadowAnswer],
) -> Result<bool, StoreError> {
    let mut tx = store.write(BY, "kept what a candidate says beside decisions").await?;
    if !tx.shadowed_to(shadow, reached, dropped, answers).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}
