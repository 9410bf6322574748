//! The file by which claims are sent: made of what is approved, the same bytes whenever it is asked for, sent once or discarded.

use super::WorkflowError;
use super::claim_way::{leads_to, must_stand};
use super::explain::decimal_pounds;
use crate::record::claim_way::{ClaimAct, ClaimState, SaidOfClaim};
use crate::record::{AuthorityId, Digest};
use crate::sheet;
use crate::store::{AuthorityStore, AuthorityTx, BatchRow, BatchState, Claim, StoreError};

/// Claims of one file.
pub const MOST: u32 = 5_000;

const COLUMNS: [&str; 9] = ["authority", "batch", "row", "claim", "family", "result", "pounds", "entitled_on", "evidence"];

/// The file of a batch: a row a claim, by ids alone. `evidence` is the hash of the evidence that was approved.
///
/// # Errors
/// None in memory.
pub fn file(authority: &AuthorityId, number: i64, rows: &[BatchRow]) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut to = sheet::Writer::new(&mut bytes);
    to.row(COLUMNS)?;
    for (place, row) in (1_u64..).zip(rows) {
        let cells = [
            authority.to_string(),
            number.to_string(),
            place.to_string(),
            row.claim.to_string(),
            row.family.to_string(),
            row.kind.clone(),
            decimal_pounds(row.amount),
            row.entitled_on.to_string(),
            row.evidence.to_string(),
        ];
        to.row(cells.iter().map(String::as_str))?;
    }
    to.end()?;
    Ok(bytes)
}

/// Puts every approved claim, or those that are named, in a file of their own: its number.
///
/// # Errors
/// `Conflict` where none is approved, one that is named is not, or the evidence of one does not stand.
pub async fn make(store: &AuthorityStore, tx: &mut AuthorityTx, named: Option<&[i64]>) -> Result<i64, WorkflowError> {
    let claims = match named {
        None => tx.claims_to(ClaimState::Approved, MOST).await?,
        Some(named) => {
            let mut claims = Vec::with_capacity(named.len());
            for id in named {
                claims.push(tx.claim(*id).await?);
            }
            claims
        }
    };
    if claims.is_empty() {
        return Err(StoreError::Conflict("no claim is approved and waits to be sent".to_owned()).into());
    }
    let number = tx.next_claim_batch().await?;
    let mut rows = Vec::with_capacity(claims.len());
    for claim in &claims {
        leads_to(claim, ClaimAct::PutInBatch)?;
        must_stand(store, tx, claim).await?;
        rows.push(row(tx, claim).await?);
    }
    let bytes = file(store.id(), number, &rows).map_err(|e| StoreError::Damaged(e.to_string()))?;
    tx.add_claim_batch(number, &rows, Digest::of(&bytes)).await?;
    for claim in &claims {
        tx.step_claim(claim, ClaimAct::PutInBatch, ClaimState::InBatch, &SaidOfClaim::default(), Some(number), None).await?;
    }
    Ok(number)
}

async fn row(tx: &mut AuthorityTx, claim: &Claim) -> Result<BatchRow, StoreError> {
    let approved = tx.claim_steps(claim.id).await?.into_iter().rev().find_map(|s| s.digest);
    let evidence = approved.ok_or_else(|| StoreError::Damaged(format!("claim {} is approved on no evidence", claim.id)))?;
    let Claim { id, decision, family, kind, amount, entitled_on, .. } = claim;
    Ok(BatchRow {
        claim: *id,
        family: *family,
        decision: *decision,
        kind: kind.clone(),
        amount: *amount,
        entitled_on: *entitled_on,
        evidence,
    })
}

/// It was sent: every claim in it, or none.
///
/// # Errors
/// `NoSuch`; `Conflict` where it was sent or discarded before, or the evidence of a claim in it does not stand any more.
pub async fn submit(store: &AuthorityStore, tx: &mut AuthorityTx, number: i64) -> Result<(), WorkflowError> {
    settle(store, tx, number, BatchState::Submitted, ClaimAct::Submit).await
}

/// It will not be sent: its claims are approved as before, each by itself.
///
/// # Errors
/// `NoSuch`; `Conflict` where it was sent or discarded before.
pub async fn discard(store: &AuthorityStore, tx: &mut AuthorityTx, number: i64) -> Result<(), WorkflowError> {
    settle(store, tx, number, BatchState::Discarded, ClaimAct::TakeOutOfBatch).await
}

async fn settle(store: &AuthorityStore, tx: &mut AuthorityTx, number: i64, to: BatchState, act: ClaimAct) -> Result<(), WorkflowError> {
    tx.settle_claim_batch(number, to).await?;
    for row in store.claims_in_batch(number).await? {
        let claim = tx.claim(row.claim).await?;
        let state = leads_to(&claim, act)?;
        if act.goes_on() {
            must_stand(store, tx, &claim).await?;
        }
        tx.step_claim(&claim, act, state, &SaidOfClaim::default(), Some(number), None).await?;
    }
    Ok(())
}
