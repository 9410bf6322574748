//! What a confirmed proposal asks people to do, where the host keeps it: an assessment that is due, and consent to be asked for. The proposal stays
//! `confirmed` until that is done.

use crate::record::sharing::Sections;
use crate::record::{AssessmentRequestId, ConsentRequestId, Section};
use crate::sandbox::answer::Action;
use crate::store::{AssessmentRequest, AuthorityTx, ConsentRequest, Proposal, ProposalState, RequestState, StoreError};

/// Begins what a proposal asks for, once it is confirmed and kept.
///
/// # Errors
/// The file cannot be written.
pub(super) async fn begin(tx: &mut AuthorityTx, proposal: &Proposal) -> Result<(), StoreError> {
    if proposal.state != ProposalState::Confirmed || !matches!(&*proposal.action, "assessment-request" | "consent-request") {
        return Ok(());
    }
    let action = serde_json::from_value(proposal.body.clone());
    let by = tx.principal().to_owned();
    match action.map_err(|e| StoreError::Damaged(format!("proposal {}: {e}", proposal.id)))? {
        Action::AssessmentRequest { form, due, .. } => {
            tx.ask_for_assessment(&AssessmentRequest {
                id: AssessmentRequestId::fresh(),
                family: proposal.family,
                person: proposal.person,
                form,
                due,
                why: None,
                proposal: Some(proposal.id),
                state: RequestState::Open,
                by,
                assessment: None,
                settled: None,
            })
            .await
        }
        Action::ConsentRequest { sections, to, by: due, .. } => {
            let sections: Sections = sections.iter().filter_map(|s| Section::from_code(s)).collect();
            tx.ask_for_consent(&ConsentRequest {
                id: ConsentRequestId::fresh(),
                family: proposal.family,
                person: proposal.person,
                sections,
                to,
                due,
                proposal: proposal.id,
                state: RequestState::Open,
                by,
                share: None,
                settled: None,
            })
            .await
        }
        _ => Ok(()),
    }
}
