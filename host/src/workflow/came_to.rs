//! What a decision came to, read from what was kept of it; and when it is to be made again.

use super::acting::{self, ActionCameTo};
use super::decide::new_claims;
use super::{CameTo, ClaimCameTo, TaskCameTo};
use crate::record::Day;
use crate::sandbox::Answer;
use crate::store::{AuthorityStore, Decision, NewClaim, ProposalState, StoreError};

/// The earliest day on which a finding may come out otherwise.
pub(super) fn looks_again(answer: &Answer) -> Option<Day> {
    answer.findings.iter().filter_map(|f| f.look_again).min()
}

/// What came of a decision's proposals until now, read from what [`keep`] left.
///
/// # Errors
/// The file cannot be read.
pub async fn kept(store: &AuthorityStore, decision: &Decision, answer: &Answer) -> Result<CameTo, StoreError> {
    let (claims, tasks) = (store.claims(decision.family).await?, store.tasks_of_decision(decision).await?);
    let proposals = store.proposals_of(decision.id).await?;
    let under = |key: &str| proposals.iter().find(|p| p.key == key);
    let claim = |new: NewClaim| {
        let of_kind: Vec<_> = claims.iter().filter(|c| c.kind == new.kind).collect();
        if of_kind.is_empty() { ClaimCameTo::ReportedOnly } else { ClaimCameTo::of(of_kind.iter().any(|c| c.decision == decision.id)) }
    };
    let task = |t: &crate::sandbox::answer::Task| match under(&t.key).map(|p| p.state) {
        Some(ProposalState::Waiting | ProposalState::Confirmed) => TaskCameTo::Waiting,
        Some(ProposalState::Declined) => TaskCameTo::Declined,
        Some(ProposalState::CarriedOut) => TaskCameTo::GivenOut,
        None => TaskCameTo::of(tasks.iter().any(|k| k.decision == Some(decision.id) && k.key == t.key)),
    };
    let action = |a: &crate::sandbox::answer::Action| ActionCameTo::of(under(a.key()).map(|p| (p.id, p.state)));
    Ok(CameTo {
        claims: new_claims(decision, answer).into_iter().map(claim).collect(),
        tasks: answer.tasks.iter().map(task).collect(),
        actions: acting::proposed(answer).iter().map(action).collect(),
    })
}
