//! What people do to a claim, from the draft to the money: each step by who may, in the state that it needs, on evidence that stands.

use crate::record::claim_way::{APPROVAL, AuditStage, ClaimAct, ClaimRules, ClaimState, SaidOfClaim, drawn, is_looked_at};
use crate::record::{Day, FactId, Invalid, Snapshot};
use crate::store::{AuthorityStore, AuthorityTx, ChangeId, Claim, ClaimStage, ClaimStep, StoreError};

use super::evidence_pack;
use super::{Workflow, WorkflowError};

/// Whoever does something to a claim.
#[derive(Debug, Clone, Copy)]
pub struct Hand<'a> {
    /// As the record keeps them.
    pub by: &'a str,
    /// Codes.
    pub roles: &'a [&'a str],
}

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// It is somebody else's to do.
    #[error("{0}")]
    NotTheirs(String),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        Self::Workflow(error.into())
    }
}

/// Why a claim cannot be carried on before somebody looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// These facts of its decision were corrected or withdrawn, and nobody has looked at the claim since.
    Corrected(Vec<FactId>),
    /// What it rests on was erased by law.
    Erased(Day),
}

/// The facts that a claim's decision was given, and when they were last looked at.
struct Ground {
    facts: Option<Vec<FactId>>,
    erased: Option<Day>,
}

impl Ground {
    async fn of(store: &AuthorityStore, claim: &Claim) -> Result<Self, StoreError> {
        let erased = store.evidence_erased(claim.decision).await?.map(crate::record::KnownAt::day);
        let decision = store.decision(claim.decision).await?;
        let damaged = |e| StoreError::Damaged(format!("decision {}: {e}", decision.id));
        let snapshot = store.content(&decision.snapshot).await?.map(|bytes| Snapshot::decode(&bytes).map_err(damaged)).transpose()?;
        Ok(Self { facts: snapshot.map(|s| s.facts.iter().map(|f| f.id).collect()), erased })
    }

    fn erased(&self) -> Option<Doubt> {
        self.erased.map(Doubt::Erased)
    }
}

/// The change by which somebody last looked.
fn looked(steps: &[ClaimStep]) -> ChangeId {
    steps.iter().rev().find(|s| s.act == ClaimAct::Look).map_or(ChangeId(0), |s| s.change)
}

/// What is in doubt of a claim that still claims something. What was given up is not looked at any more.
///
/// # Errors
/// The file cannot be read.
pub async fn doubt(store: &AuthorityStore, claim: &Claim, steps: &[ClaimStep]) -> Result<Option<Doubt>, StoreError> {
    if !claim.state.claims() {
        return Ok(None);
    }
    let ground = Ground::of(store, claim).await?;
    let Some(facts) = &ground.facts else { return Ok(ground.erased()) };
    let corrected = store.corrected_since(facts, looked(steps)).await?;
    Ok((!corrected.is_empty()).then_some(Doubt::Corrected(corrected)).or_else(|| ground.erased()))
}

/// # Errors
/// `Conflict` where its facts were corrected and nobody looked since, or its evidence was erased.
pub(super) async fn must_stand(store: &AuthorityStore, tx: &mut AuthorityTx, claim: &Claim) -> Result<(), StoreError> {
    let ground = Ground::of(store, claim).await?;
    if let Some(Doubt::Erased(on)) = ground.erased() {
        return Err(StoreError::Conflict(format!("claim {}: its evidence was erased on {on}; it can only be withdrawn", claim.id)));
    }
    let facts = ground.facts.ok_or_else(|| StoreError::Damaged(format!("the evidence of claim {} is missing", claim.id)))?;
    let steps = tx.claim_steps(claim.id).await?;
    let corrected = tx.corrected_since(&facts, looked(&steps)).await?;
    if corrected.is_empty() {
        return Ok(());
    }
    let why = format!(
        "claim {}: {} of its facts were corrected since its decision or since somebody looked; look at it, and say so, or withdraw it",
        claim.id,
        corrected.len()
    );
    Err(StoreError::Conflict(why))
}

/// # Errors
/// `Conflict` where it cannot be done in the state that the claim is in.
pub(super) fn leads_to(claim: &Claim, act: ClaimAct) -> Result<ClaimState, StoreError> {
    claim.state.after(act).ok_or_else(|| {
        let why = format!("claim {} is {}: what is done now is `{act}`, and that cannot be done to it", claim.id, claim.state);
        StoreError::Conflict(why)
    })
}

impl Workflow {
    /// Does one thing to a claim, in the transaction. What several claims go through together is `claim_batch`'s.
    ///
    /// # Errors
    /// [`StepError::NotTheirs`]; `Conflict` where the claim is not in a state for it, somebody was first, or its evidence does not stand;
    /// `Invalid` naming what is said and is not needed, or the other way round.
    pub async fn step_claim(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        id: i64,
        act: ClaimAct,
        said: &SaidOfClaim,
        hand: Hand<'_>,
    ) -> Result<Claim, StepError> {
        said.check(act).map_err(StoreError::from)?;
        let claim = tx.claim(id).await?;
        let to = leads_to(&claim, act)?;
        if act.goes_on() {
            must_stand(store, tx, &claim).await?;
        }
        match act {
            ClaimAct::PutForward => put_forward(store, tx, &claim, said).await?,
            ClaimAct::Pass | ClaimAct::SendBack | ClaimAct::Refuse => check(tx, &claim, act, to, said, hand).await?,
            ClaimAct::Approve => self.approve(store, tx, &claim, said, hand).await?,
            ClaimAct::Repay => repay(tx, &claim, said).await?,
            _ => drop(tx.step_claim(&claim, act, to, said, None, None).await?),
        }
        Ok(tx.claim(id).await?)
    }

    /// Approves it on its evidence as it stands now, whose hash is kept.
    async fn approve(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        claim: &Claim,
        said: &SaidOfClaim,
        hand: Hand<'_>,
    ) -> Result<(), StepError> {
        let ClaimRules { approval, .. } = tx.claim_rules().await?;
        let steps = tx.claim_steps(claim.id).await?;
        must_be_of(hand, &approval.roles, "approves claims")?;
        if approval.another_person {
            must_be_new_to(hand, &steps)?;
        }
        let digest = evidence_pack::digest_now(self, store, claim, &steps).await?;
        tx.step_claim(claim, ClaimAct::Approve, ClaimState::Approved, said, None, Some(digest)).await?;
        Ok(())
    }
}

/// Puts it before the authority's stages, and draws for each whether it is looked at there.
async fn put_forward(store: &AuthorityStore, tx: &mut AuthorityTx, claim: &Claim, said: &SaidOfClaim) -> Result<(), StoreError> {
    let answer = store.decision(claim.decision).await?.answer_digest;
    let stages = tx.claim_rules().await?.stages;
    let draws = |stage: AuditStage| {
        let drawn = drawn(store.id(), claim.id, answer, &stage.name);
        (stage, drawn)
    };
    let drawn: Vec<(AuditStage, u16)> = stages.into_iter().map(draws).collect();
    let waits = drawn.iter().any(|(stage, drawn)| is_looked_at(*drawn, stage.share));
    let to = if waits { ClaimState::InAudit } else { ClaimState::Checked };
    let step = tx.step_claim(claim, ClaimAct::PutForward, to, said, None, None).await?;
    tx.add_claim_stages(step, &drawn).await
}

/// In the stage that it waits for, and which is named: of two people who look at once, the second does not pass a stage that they never saw.
async fn check(
    tx: &mut AuthorityTx,
    claim: &Claim,
    act: ClaimAct,
    to: ClaimState,
    said: &SaidOfClaim,
    hand: Hand<'_>,
) -> Result<(), StepError> {
    let stages = tx.claim_stages(claim.id).await?;
    let steps = tx.claim_steps(claim.id).await?;
    let named = said.stage.as_deref().unwrap_or_default();
    if claim.state == ClaimState::Checked {
        if named != APPROVAL {
            return Err(StoreError::from(Invalid::new("stage", format!("is `{APPROVAL}`: the claim passed its stages"))).into());
        }
        must_be_of(hand, &tx.claim_rules().await?.approval.roles, "approves claims")?;
    } else {
        let stage = named_stage(claim, &stages, named)?;
        must_be_of(hand, &stage.roles, "checks claims in this stage")?;
        if stage.another_person {
            must_be_new_to(hand, &steps)?;
        }
    }
    let last = act == ClaimAct::Pass && stages.iter().filter(|s| s.waits()).count() == 1;
    tx.step_claim(claim, act, if last { ClaimState::Checked } else { to }, said, None, None).await?;
    Ok(())
}

/// The stage that the claim waits for.
fn named_stage<'a>(claim: &Claim, stages: &'a [ClaimStage], named: &str) -> Result<&'a AuditStage, StoreError> {
    match stages.iter().find(|s| s.waits()) {
        Some(waits) if waits.stage.name == named => Ok(&waits.stage),
        Some(_) if stages.iter().any(|s| s.stage.name == named) => Err(StoreError::Conflict(format!(
            "claim {} does not wait in that stage: somebody was first, or it was not drawn for it",
            claim.id
        ))),
        _ => Err(Invalid::new("stage", "is no stage that this claim was put before").into()),
    }
}

/// No more than was paid.
async fn repay(tx: &mut AuthorityTx, claim: &Claim, said: &SaidOfClaim) -> Result<(), StoreError> {
    let steps = tx.claim_steps(claim.id).await?;
    let paid = steps.iter().rev().find(|s| s.act == ClaimAct::Pay).and_then(|s| s.amount).unwrap_or(0);
    if said.amount.is_some_and(|pence| pence > paid) {
        return Err(Invalid::new("amount_pence", format!("is more than the {paid} that were paid")).into());
    }
    tx.step_claim(claim, ClaimAct::Repay, ClaimState::Repaid, said, None, None).await?;
    Ok(())
}

fn must_be_of(hand: Hand<'_>, roles: &[String], does: &str) -> Result<(), StepError> {
    if hand.roles.iter().any(|mine| roles.iter().any(|role| role == mine)) {
        return Ok(());
    }
    Err(StepError::NotTheirs(format!("nobody in your roles {does}: by the authority's own rules that is for {}", roles.join(", "))))
}

/// Nobody who put it forward, or passed it, since it was last put forward.
fn must_be_new_to(hand: Hand<'_>, steps: &[ClaimStep]) -> Result<(), StepError> {
    let from = steps.iter().rposition(|s| s.act == ClaimAct::PutForward).unwrap_or(0);
    let had = |s: &ClaimStep| matches!(s.act, ClaimAct::PutForward | ClaimAct::Pass) && s.by == hand.by;
    if steps[from..].iter().any(had) {
        let why = "you put this claim forward, or passed it before: by the authority's own rules this is for somebody else";
        return Err(StepError::NotTheirs(why.to_owned()));
    }
    Ok(())
}
