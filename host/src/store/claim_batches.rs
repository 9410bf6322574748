//! Claims that are sent together, as one file: its rows are kept as they were, so that it is the same file whenever it is asked for.

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, Claim, Page, StoreError};
use crate::record::claim_way::ClaimState;
use crate::record::{Day, DecisionId, Digest, FamilyId, KnownAt};

/// Claims that are sent together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimBatch {
    /// From 1.
    pub number: i64,
    pub state: BatchState,
    pub claims: u64,
    /// In pence, all together.
    pub amount: u64,
    /// Of the file's bytes.
    pub digest: Digest,
    pub made_at: KnownAt,
    pub made_by: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    Made,
    Submitted,
    /// Its claims were taken out again.
    Discarded,
}

impl BatchState {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Submitted => "submitted",
            Self::Discarded => "discarded",
        }
    }
}

/// A row of the file, as it was when the batch was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    pub claim: i64,
    pub family: FamilyId,
    pub decision: DecisionId,
    pub kind: String,
    /// In pence.
    pub amount: u64,
    pub entitled_on: Day,
    /// Of the evidence that was approved.
    pub evidence: Digest,
}

macro_rules! batch {
    ($rest:literal) => {
        concat!(
            "SELECT b.id, b.state, b.claims, b.amount, b.digest, c.at, c.principal FROM claim_batch b JOIN change c ON c.id = b.change ",
            $rest
        )
    };
}

impl AuthorityStore {
    /// The latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claim_batches(&self, before: Option<u64>, limit: u32) -> Result<Page<ClaimBatch, u64>, StoreError> {
        let rows = query(batch!("WHERE b.id < $1 ORDER BY b.id DESC LIMIT $2"))
            .count(before.unwrap_or(u64::MAX))
            .bind(Page::<ClaimBatch, u64>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |b| b.number.unsigned_abs()))
    }

    /// # Errors
    /// `NoSuch`.
    pub async fn claim_batch(&self, number: i64) -> Result<ClaimBatch, StoreError> {
        let row = query(batch!("WHERE b.id = $1")).bind(number).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("claim batch", number))?)
    }

    /// Its rows, in their order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claims_in_batch(&self, number: i64) -> Result<Vec<BatchRow>, StoreError> {
        const SQL: &str = "SELECT claim, family, decision, kind, amount, entitled_on, evidence FROM claim_in_batch WHERE batch = $1 \
             ORDER BY position";
        let rows = query(SQL).bind(number).fetch_all(&mut *self.read().await?).await?;
        let row = |row: &Row| {
            Ok(BatchRow {
                claim: row.number("claim")?,
                family: row.key("family")?,
                decision: row.key("decision")?,
                kind: row.text("kind")?,
                amount: row.count("amount")?,
                entitled_on: row.day("entitled_on")?,
                evidence: row.key("evidence")?,
            })
        };
        rows.iter().map(row).collect()
    }
}

impl AuthorityTx {
    /// The number that the next batch has.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn next_claim_batch(&mut self) -> Result<i64, StoreError> {
        query("SELECT COALESCE(MAX(id), 0) + 1 AS next FROM claim_batch").fetch_one(self.connection()).await?.number("next")
    }

    /// Every claim in a state, in the order in which they were drafted, at most so many.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claims_to(&mut self, state: ClaimState, most: u32) -> Result<Vec<Claim>, StoreError> {
        const SQL: &str = "SELECT id, decision, family, kind, amount, entitled_on, state FROM claim WHERE state = $1 ORDER BY id LIMIT $2";
        let rows = query(SQL).bind(state.code()).bind(i64::from(most)).fetch_all(self.connection()).await?;
        rows.iter().map(super::claims::read).collect()
    }

    /// Keeps a batch under the number that it was given.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_claim_batch(&mut self, number: i64, rows: &[BatchRow], digest: Digest) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        let amount = rows.iter().fold(0_u64, |sum, row| sum.saturating_add(row.amount));
        query("INSERT INTO claim_batch (id, change, state, claims, amount, digest) VALUES ($1, $2, 'made', $3, $4, $5)")
            .bind(number)
            .bind(change.0)
            .count(rows.len() as u64)
            .count(amount)
            .key(&digest)
            .execute(self.connection())
            .await?;
        const SQL: &str = "INSERT INTO claim_in_batch (batch, position, claim, family, decision, kind, amount, entitled_on, evidence) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        for (position, row) in (1_i64..).zip(rows) {
            query(SQL)
                .bind(number)
                .bind(position)
                .bind(row.claim)
                .key(&row.family)
                .key(&row.decision)
                .bind(row.kind.as_str())
                .count(row.amount)
                .day(row.entitled_on)
                .key(&row.evidence)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// It was sent, or discarded: once.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where somebody did either before.
    pub async fn settle_claim_batch(&mut self, number: i64, to: BatchState) -> Result<(), StoreError> {
        self.change().await?;
        let done = query("UPDATE claim_batch SET state = $2 WHERE id = $1 AND state = 'made'").bind(number).bind(to.code());
        if done.execute(self.connection()).await?.rows_affected() == 1 {
            return Ok(());
        }
        let row = query("SELECT state FROM claim_batch WHERE id = $1").bind(number).fetch_optional(self.connection()).await?;
        let row = row.ok_or_else(|| StoreError::no_such("claim batch", number))?;
        Err(StoreError::Conflict(format!("claim batch {number} is {} already", row.text("state")?)))
    }
}

fn read(row: &Row) -> Result<ClaimBatch, StoreError> {
    let state = match row.text("state")?.as_str() {
        "made" => BatchState::Made,
        "submitted" => BatchState::Submitted,
        _ => BatchState::Discarded,
    };
    Ok(ClaimBatch {
        number: row.number("id")?,
        state,
        claims: row.count("claims")?,
        amount: row.count("amount")?,
        digest: row.key("digest")?,
        made_at: row.at("at")?,
        made_by: row.text("principal")?,
    })
}
