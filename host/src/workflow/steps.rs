//! Steps that a person takes where the pathway did not propose them: an override of the pathway, with why, carried out by the same code as
//! what a plugin proposes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::carry_out::{self, Place, Plan, ToDo};
use super::{Workflow, WorkflowError};
use crate::record::{Day, FamilyId, Invalid, codes};
use crate::sandbox::ArgType;
use crate::sandbox::answer::Action;
use crate::store::{AuthorityStore, AuthorityTx, Override, OverrideAbout, Proposal, ProposalState, Reader, StoreError};

/// A step on a family's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "step", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// A family that comes back has a new one, on the same record.
    OpenEpisode {},
    CloseEpisode {
        /// Code list closures.
        #[schema(example = "stepped-down")]
        why: String,
    },
    MoveToStage {
        /// Of the pathway's stages.
        stage: String,
    },
    SetTier {
        /// Of the pathway's tiers.
        tier: String,
    },
}

impl Step {
    /// As a plugin would propose it.
    fn action(&self) -> Action {
        let reasons = Vec::new();
        match self {
            Self::OpenEpisode {} => Action::OpenEpisode { reasons },
            Self::CloseEpisode { why } => Action::CloseEpisode { why: why.clone(), reasons },
            Self::MoveToStage { stage } => Action::MoveToStage { stage: stage.clone(), reasons },
            Self::SetTier { tier } => Action::SetTier { tier: tier.clone(), reasons },
        }
    }

    /// Is it what was proposed?
    fn is(&self, proposal: &Proposal) -> bool {
        let told = |field: &str| proposal.body.get(field).and_then(serde_json::Value::as_str);
        match self {
            Self::OpenEpisode {} => true,
            Self::CloseEpisode { why } => told("why") == Some(why),
            Self::MoveToStage { stage } => told("stage") == Some(stage),
            Self::SetTier { tier } => told("tier") == Some(tier),
        }
    }
}

impl Workflow {
    /// A person takes a step. Something else of the kind that waits as a proposal is declined with the reason: that is what is set aside.
    ///
    /// # Errors
    /// `Conflict` where the pathway proposes just that, where it is so already, or where the record does not allow it now; `Invalid` naming a
    /// word that is in no list, or no name of the pathway.
    pub async fn step(
        &self,
        store: &AuthorityStore,
        tx: &mut AuthorityTx,
        reader: &Reader,
        family: FamilyId,
        step: (&Step, Day, &str),
    ) -> Result<Override, WorkflowError> {
        let (step, on, reason) = step;
        self.check_step(store, step).await?;
        let action = step.action();
        let waiting = store.proposals_for(reader, ProposalState::Waiting, Some(family), None, 200).await?;
        let waiting = waiting.items.into_iter().find(|p| p.action == action.kind());
        if let Some(proposed) = waiting.as_ref().filter(|p| step.is(p)) {
            let why = format!("the pathway proposes this: confirm proposal {}", proposed.id);
            return Err(StoreError::Conflict(why).into());
        }
        let place = Place { family, person: None, on, title: "", needs: &[] };
        match carry_out::plan(tx, &ToDo::Action(action.clone()), &place).await? {
            Plan::Facts(facts) => tx.add_facts(&facts).await?,
            Plan::NotNow(why) => return Err(StoreError::Conflict(why).into()),
            Plan::Nothing | Plan::Task(_) | Plan::Tell { .. } | Plan::OnAgenda(_) | Plan::StaysConfirmed => {
                return Err(StoreError::Conflict("it is so already".to_owned()).into());
            }
        };
        if let Some(proposed) = &waiting {
            let by = tx.principal().to_owned();
            tx.settle_proposal(proposed.id, ProposalState::Declined, &by, Some(reason)).await?;
        }
        let about = OverrideAbout { family, decision: waiting.map(|p| p.decision), about: action.kind() };
        let mut instead = serde_json::to_value(step).unwrap_or_default();
        instead["on"] = serde_json::json!(on);
        Ok(tx.add_override(&about, instead, reason).await?)
    }

    async fn check_step(&self, store: &AuthorityStore, step: &Step) -> Result<(), WorkflowError> {
        match step {
            Step::OpenEpisode {} => Ok(()),
            Step::CloseEpisode { why } => codes::check("why", "closures", why).map_err(|e: Invalid| WorkflowError::Store(e.into())),
            Step::MoveToStage { stage } => self.is_named(store, "stage", ArgType::Stage, stage).await,
            Step::SetTier { tier } => self.is_named(store, "tier", ArgType::Tier, tier).await,
        }
    }
}
