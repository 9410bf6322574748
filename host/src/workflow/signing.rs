//! An assessment after it is completed: signed by the family and then by a manager, sent back, amended. And a draft that is given up.

use super::assessments::note;
use crate::forms::Answers;
use crate::record::sections::assessments::Assessment as Completed;
use crate::record::{AssessmentId, Day, Detail, Fact, FactId, FamilyId, InstallationId, NewFact, PersonId, TaskId};
use crate::store::{
    Acted, Assessment, AssessmentAct as Act, AssessmentState as State, AuthorityTx, SignedHow, StoreError, Task, TaskState,
};

/// Signed by some of the family: who, how, and on which day.
///
/// # Errors
/// `Conflict` where it is not completed, or a manager signed it already.
pub async fn sign(tx: &mut AuthorityTx, id: AssessmentId, people: &[PersonId], how: SignedHow, on: Day) -> Result<(), StoreError> {
    let before = tx.assessment(id).await?;
    tx.set_assessment_state(id, &[State::Completed, State::SignedByFamily], State::SignedByFamily).await?;
    let (by, at) = (tx.principal().to_owned(), tx.now());
    for person in people {
        let acted = Acted { act: Act::Signed, person: Some(*person), how: Some(how), on: Some(on), why: None, by: by.clone(), at };
        tx.note_act(id, &acted).await?;
    }
    if before.state == State::Completed { told(tx, id, State::SignedByFamily).await } else { Ok(()) }
}

/// Signed off by a manager: only what the family has signed.
///
/// # Errors
/// `Conflict` where it has not.
pub async fn sign_off(tx: &mut AuthorityTx, id: AssessmentId) -> Result<(), StoreError> {
    tx.set_assessment_state(id, &[State::SignedByFamily], State::SignedOff).await?;
    note(tx, id, Act::SignedOff, None).await?;
    told(tx, id, State::SignedOff).await
}

/// The record says how far it was signed.
async fn told(tx: &mut AuthorityTx, id: AssessmentId, state: State) -> Result<(), StoreError> {
    for fact in tx.assessment_facts(id).await? {
        if let Detail::Assessment(completed) = fact.detail {
            let detail = Detail::Assessment(Completed { state: state.code().to_owned(), ..completed });
            let Fact { subject, window, source, .. } = fact;
            tx.add_facts(&[NewFact { id: FactId::fresh(), subject, window, source, reference: None, supersedes: Some(fact.id), detail }])
                .await?;
        }
    }
    Ok(())
}

/// Another version of an assessment begins, with its answers.
pub struct Next {
    pub installation: InstallationId,
    pub digest: crate::record::Digest,
    pub reason: String,
}

/// Sent back by a manager, with the reason: whoever made it has a task, and another version to work on.
///
/// # Errors
/// `Conflict` where it is neither completed nor signed by the family.
pub async fn send_back(tx: &mut AuthorityTx, id: AssessmentId, family: FamilyId, next: Next) -> Result<AssessmentId, StoreError> {
    tx.set_assessment_state(id, &[State::Completed, State::SignedByFamily], State::SentBack).await?;
    note(tx, id, Act::SentBack, Some(&next.reason)).await?;
    let begun = begin_next(tx, id, family, &next).await?;
    let assessment = tx.assessment(id).await?;
    let today = tx.now().day();
    let task = Task {
        id: TaskId::fresh(),
        installation: next.installation,
        key: sent_back_key(assessment.line),
        family,
        role: "keyworker".to_owned(),
        title: serde_json::json!({
            "en": "An assessment was sent back by the manager: look at the reason", "cy": "Anfonwyd asesiad yn ôl gan y rheolwr: edrychwch ar y rheswm",
        }),
        due: today.plus(SENT_BACK_DAYS).unwrap_or(today),
        state: TaskState::Open,
        decision: None,
    };
    tx.add_task(&task).await?;
    Ok(begun)
}

/// Days for what was sent back; own choice.
const SENT_BACK_DAYS: i32 = 7;

/// What the host's own task is known by. No plugin can take it: a key of a plugin's has no colon.
pub(super) fn sent_back_key(line: AssessmentId) -> String {
    format!("hearth:sent-back:{line}")
}

/// Amended later: what was stays as it was, and another version begins.
///
/// # Errors
/// `Conflict` where it is not finished, or another version is being made.
pub async fn amend(tx: &mut AuthorityTx, id: AssessmentId, family: FamilyId, next: Next) -> Result<AssessmentId, StoreError> {
    let finished = [State::Completed, State::SignedByFamily, State::SignedOff, State::SentBack];
    let state = tx.assessment(id).await?.state;
    if !finished.contains(&state) {
        return Err(StoreError::Conflict(format!("the assessment is {}: only one that is finished is amended", state.code())));
    }
    note(tx, id, Act::Amended, Some(&next.reason)).await?;
    begin_next(tx, id, family, &next).await
}

async fn begin_next(tx: &mut AuthorityTx, id: AssessmentId, family: FamilyId, next: &Next) -> Result<AssessmentId, StoreError> {
    let before = tx.assessment(id).await?;
    let Some(answers) = before.answers.clone() else { return Err(StoreError::Conflict("its answers were erased".to_owned())) };
    let version = tx.versions_of(before.line).await? + 1;
    let (by, at) = (tx.principal().to_owned(), tx.now());
    let new = Assessment {
        id: AssessmentId::fresh(),
        family,
        installation: next.installation,
        digest: next.digest,
        version,
        state: State::Draft,
        answers: Some(Answers { digest: next.digest, ..answers }),
        settled: None,
        decision: None,
        begun_by: by.clone(),
        begun_at: at,
        typed_by: by,
        typed_at: at,
        ..before
    };
    tx.begin_assessment(&new).await?;
    Ok(new.id)
}

/// A draft that nobody goes on with, with the reason.
///
/// # Errors
/// `Conflict` where it is no draft.
pub async fn give_up(tx: &mut AuthorityTx, id: AssessmentId, reason: &str) -> Result<(), StoreError> {
    tx.set_assessment_state(id, &[State::Draft], State::GivenUp).await?;
    note(tx, id, Act::GivenUp, Some(reason)).await
}
