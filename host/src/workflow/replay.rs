//! Replay: the same question again, from what was kept. Two checks that must not be confused: does the plugin give the
//! same bytes again, and do the inputs that it was given still follow from the record?

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::decide::feed_coverage;
use super::supplied::{Supplies, packed};
use super::{Workflow, WorkflowError};
use crate::record::{Day, DecisionId, Digest, KnownAt, Snapshot};
use crate::sandbox::{Context, EarlierClaim, Given, Matter, Question};
use crate::store::{AsKnown, AuthorityStore, Decision, StoreError};

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Replayed {
    pub decision: DecisionId,
    pub answer: AnswerAgain,
    pub inputs: InputsNow,
    /// Changes to the family's record since: a new question may have another answer.
    pub revisions_since: u64,
}

/// The first check: the answer's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum AnswerAgain {
    /// Byte for byte.
    Same {
        digest: Digest,
    },
    Differs {
        kept: Digest,
        now: Digest,
    },
    /// The plugin failed this time.
    Failed {
        why: String,
    },
    /// What the run was given has been erased by law: it cannot be asked again.
    EvidenceErased {
        on: Day,
    },
    /// What the run was given is not there, and no erasure took it: the record was tampered with.
    EvidenceMissing,
}

/// The second check: the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "are")]
pub enum InputsNow {
    /// What the run was given is what the record says, today, about that revision.
    StillFollow,
    /// What they were has been erased by law.
    Erased { on: Day },
    /// They are not: the record was tampered with, or read differently.
    NoLongerFollow { what: String },
}

impl Workflow {
    /// Repeats a decision. Writes nothing.
    ///
    /// # Errors
    /// `NoSuch` where the authority has no such decision.
    pub async fn replay(&self, store: &AuthorityStore, id: DecisionId) -> Result<Replayed, WorkflowError> {
        let decision = store.decision(id).await?;
        let erased = store.evidence_erased(id).await?.map(KnownAt::day);
        let (answer, inputs) = match erased {
            Some(on) => (AnswerAgain::EvidenceErased { on }, InputsNow::Erased { on }),
            None => (self.again(store, &decision).await?, self.inputs_now(store, &decision).await?),
        };
        let revisions_since = store.family(decision.family).await?.revision.saturating_sub(decision.revision);
        Ok(Replayed { decision: id, answer, inputs, revisions_since })
    }

    /// What a decision's run was given, as it was kept. None: it is not there.
    pub(super) async fn evidence(&self, store: &AuthorityStore, decision: &Decision) -> Result<Option<Given>, StoreError> {
        let (Some(context), Some(snapshot)) = (store.content(&decision.context).await?, store.content(&decision.snapshot).await?) else {
            return Ok(None);
        };
        let damaged = |what: &str, e: String| StoreError::Damaged(format!("decision {}: {what}: {e}", decision.id));
        let context: Context = serde_json::from_slice(&context).map_err(|e| damaged("context", e.to_string()))?;
        let snapshot = Snapshot::decode(&snapshot).map_err(|e| damaged("snapshot", e.to_string()))?;
        let matter = match &decision.matter {
            None => Matter::Record,
            Some(digest) => match store.content(digest).await? {
                None => return Ok(None),
                Some(bytes) => serde_json::from_slice(&bytes).map_err(|e| damaged("matter", e.to_string()))?,
            },
        };
        let claims = serde_json::from_str(&decision.claims).map_err(|e| damaged("claims", e.to_string()))?;
        let question = Question::from_code(&decision.question).ok_or_else(|| damaged("question", decision.question.clone()))?;
        Ok(Some(Given { question, context: Arc::new(context), snapshot: Arc::new(snapshot), matter: Arc::new(matter), claims }))
    }

    async fn again(&self, store: &AuthorityStore, decision: &Decision) -> Result<AnswerAgain, WorkflowError> {
        let Some(given) = self.evidence(store, decision).await? else { return Ok(AnswerAgain::EvidenceMissing) };
        let (_, prepared) = self.prepare(given.context.component, &given.context.grants).await?;
        let outcome = self.shared.sandbox.ask(store.id(), prepared, given).await;
        Ok(match outcome.result {
            Ok(answer) => match answer.encode() {
                (now, bytes) if bytes == decision.answer => AnswerAgain::Same { digest: now },
                (now, _) => AnswerAgain::Differs { kept: Digest::of(&decision.answer), now },
            },
            Err(fault) => AnswerAgain::Failed { why: fault.to_string() },
        })
    }

    async fn inputs_now(&self, store: &AuthorityStore, decision: &Decision) -> Result<InputsNow, StoreError> {
        let (mut rebuilt, _) = store.rebuild_snapshot(decision.family, decision.revision).await?;
        // It may have been given what was sealed; or it was sealed only afterwards, and hides the decision all the same.
        if rebuilt != decision.snapshot && !store.seals_of_decision(decision.id).await?.is_empty() {
            (rebuilt, _) = store.rebuild_with_sealed(decision.family, decision.revision, decision.known_after).await?;
        }
        if rebuilt != decision.snapshot {
            let what = format!("revision {} of the family reads differently today", decision.revision);
            return Ok(InputsNow::NoLongerFollow { what });
        }
        let Some(context) = store.content(&decision.context).await? else {
            return Ok(InputsNow::NoLongerFollow { what: "the run's settings and coverage are no longer kept".into() });
        };
        let context: Context = serde_json::from_slice(&context).map_err(|e| StoreError::Damaged(e.to_string()))?;
        let coverage = feed_coverage(store, AsKnown::After(decision.known_after)).await?;
        if coverage != context.coverage {
            return Ok(InputsNow::NoLongerFollow { what: "the coverage known then reads differently today".into() });
        }
        let manifest = self.manifest(context.component).await?;
        let (installation, known) = (decision.installation, AsKnown::After(decision.known_after));
        let supplies =
            Supplies::load(&self.shared.stores, store, installation, &manifest, &packed(&manifest)?, &context.grants, known).await?;
        if supplies != Supplies::of(&context) {
            return Ok(InputsNow::NoLongerFollow { what: "the tables supplied then read differently today".into() });
        }
        let given: Vec<EarlierClaim> = serde_json::from_str(&decision.claims).map_err(|e| StoreError::Damaged(e.to_string()))?;
        let claims = store.claims_ever_of(decision.family).await?;
        let missing = given.iter().find(|g| !claims.iter().any(|c| c.kind == g.kind && c.entitled_on == g.entitled_on));
        if let Some(EarlierClaim { kind, entitled_on }) = missing {
            let what = format!("the run was told of a claim ({kind}, entitled on {entitled_on}) that is not in the record today");
            return Ok(InputsNow::NoLongerFollow { what });
        }
        Ok(InputsNow::StillFollow)
    }
}
