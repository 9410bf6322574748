//! Decisions and claims whose facts were corrected afterwards.
//!
//! A decision names the snapshot that it was given, and a snapshot its facts: so nothing is written for this when a fact is corrected, and
//! nothing has to be looked for but the few decisions about the fact's families that were made while it was in force.

use crate::record::sections::Handle;
use crate::record::{FactId, Snapshot};
use crate::sandbox::answer::{Answer, Basis};
use crate::store::{AuthorityStore, Correction, Decision, StoreError};

use super::said;

/// A decision that was given a fact which was corrected since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    pub decision: Decision,
    pub correction: Correction,
    /// A reason rests on the fact; else the run was only given it.
    pub cited: bool,
    /// Kinds of the results that are claimed by this decision.
    pub claims: Vec<String>,
}

/// The decisions that a correction touches, the earliest first. One whose evidence was erased names no fact any more, and is none of them.
///
/// # Errors
/// The file cannot be read.
pub async fn touched_by(store: &AuthorityStore, correction: &Correction) -> Result<Vec<Corrected>, StoreError> {
    let mut touched = Vec::new();
    for decision in store.decided_before(correction).await? {
        let Some(bytes) = store.content(&decision.snapshot).await? else { continue };
        let snapshot = Snapshot::decode(&bytes).map_err(|e| StoreError::Damaged(format!("decision {}: {e}", decision.id)))?;
        let Some(handle) = handle_of(&snapshot, correction.fact) else { continue };
        let cited = cites(&said(&decision)?, handle);
        let claims = store.claims(decision.family).await?;
        let claims = claims.into_iter().filter(|c| c.decision == decision.id).map(|c| c.kind).collect();
        touched.push(Corrected { decision, correction: correction.clone(), cited, claims });
    }
    Ok(touched)
}

fn handle_of(snapshot: &Snapshot, fact: FactId) -> Option<Handle> {
    snapshot.facts.iter().zip(0..).find(|(f, _)| f.id == fact).map(|(_, handle)| handle)
}

/// Does any reason of the answer rest on the fact?
fn cites(answer: &Answer, handle: Handle) -> bool {
    answer.reasons().flat_map(|r| &r.rests_on).any(|b| matches!(b, Basis::Fact(of) if *of == handle))
}
