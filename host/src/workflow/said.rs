//! What a kept decision said.

use crate::sandbox::{Answer, Question};
use crate::store::{Decision, StoreError};

/// What a decision's run said. Where its evidence was erased, so were its reasons: what was answered is left.
///
/// # Errors
/// `Damaged`.
pub fn said(decision: &Decision) -> Result<Answer, StoreError> {
    let damaged = |why: String| StoreError::Damaged(format!("decision {}: {why}", decision.id));
    if decision.answer.is_empty() {
        let question = Question::from_code(&decision.question).ok_or_else(|| damaged(decision.question.clone()))?;
        return Ok(Answer::bare(question, decision.result.clone()));
    }
    serde_json::from_slice(&decision.answer).map_err(|e| damaged(e.to_string()))
}
