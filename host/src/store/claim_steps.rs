//! What was done to claims, by whom and why: each step is kept, and a claim stands where its last step left it.

use std::sync::LazyLock;

use super::claims::read as read_claim;
use super::reader::{Reader, Seen, unsealed};
use super::sql::{BATCH, Connection, Row, places, query};
use super::{AuthorityStore, AuthorityTx, ChangeId, Claim, Page, StoreError};
use crate::record::claim_way::{AuditStage, ClaimAct, ClaimState, SaidOfClaim, is_looked_at};
use crate::record::{Announced, Day, Digest, FactId, KnownAt};

/// Something that was done to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimStep {
    pub id: i64,
    pub claim: i64,
    pub change: ChangeId,
    pub at: KnownAt,
    pub by: String,
    pub act: ClaimAct,
    /// Where it left the claim.
    pub state: ClaimState,
    pub stage: Option<String>,
    pub reason: Option<String>,
    /// In pence.
    pub amount: Option<u64>,
    pub day: Option<Day>,
    /// The payer's.
    pub reference: Option<String>,
    pub batch: Option<i64>,
    /// Of the evidence as it was approved.
    pub digest: Option<Digest>,
}

/// A stage that stood before a claim when it was put forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimStage {
    pub stage: AuditStage,
    /// Of ten thousand.
    pub drawn: u16,
    /// The step that passed it since.
    pub passed: Option<i64>,
}

impl ClaimStage {
    /// Was the claim drawn for it, and has nobody passed it?
    #[must_use]
    pub fn waits(&self) -> bool {
        self.is_looked_at() && self.passed.is_none()
    }

    #[must_use]
    pub fn is_looked_at(&self) -> bool {
        is_looked_at(self.drawn, self.stage.share)
    }
}

macro_rules! step {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.claim, s.change, c.at, c.principal, s.act, s.state, s.stage, s.reason, s.amount, s.day, s.reference, s.batch, ",
            "s.digest FROM claim_step s JOIN change c ON c.id = s.change ",
            $rest
        )
    };
}
const STEPS: &str = step!("WHERE s.claim = $1 ORDER BY s.id");
/// Those of the last time that it was put forward.
const STAGES: &str = "SELECT g.name, g.roles, g.share, g.drawn, g.another, \
    (SELECT MIN(p.id) FROM claim_step p WHERE p.claim = $1 AND p.id > g.step AND p.act = 'pass' AND p.stage = g.name) AS passed \
    FROM claim_stage g WHERE g.step = (SELECT MAX(id) FROM claim_step WHERE claim = $1 AND act = 'put-forward') ORDER BY g.position";

/// A claim is seen as the bare result of its decision is.
static IN_STATE: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        format!(
            "SELECT id, decision, family, kind, amount, entitled_on, state FROM claim WHERE (LENGTH($10) = 0 OR state = $10) AND id > $11 \
             AND {} AND EXISTS (SELECT 1 FROM decision d WHERE d.id = claim.decision AND {} AND {}) ORDER BY id LIMIT $12",
            whose.family("claim.family"),
            whose.covers_telling("d.label", "claim.family"),
            unsealed("d.id"),
        )
    })
});
/// In the same words, together.
static SUMS: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        format!(
            "SELECT state, COUNT(*) AS claims, CAST(SUM(amount) AS BIGINT) AS pence FROM claim \
             WHERE {} AND EXISTS (SELECT 1 FROM decision d WHERE d.id = claim.decision AND {} AND {}) GROUP BY state ORDER BY state",
            whose.family("claim.family"),
            whose.covers_telling("d.label", "claim.family"),
            unsealed("d.id"),
        )
    })
});
static SUPERSEDED: LazyLock<String> =
    LazyLock::new(|| format!("SELECT fact FROM superseded WHERE change > ${} AND fact IN ({}) ORDER BY fact", BATCH + 1, places(1, BATCH)));

impl AuthorityStore {
    /// # Errors
    /// `NoSuch`.
    pub async fn claim(&self, id: i64) -> Result<Claim, StoreError> {
        one(&mut *self.read().await?, id).await
    }

    /// Those that the reader sees, of one state or all, in the order in which they were drafted. `after`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claims_in_state(
        &self,
        reader: &Reader,
        state: Option<ClaimState>,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Page<Claim, u64>, StoreError> {
        let statement = reader
            .bind(query(IN_STATE.by(reader)))
            .bind(state.map_or("", ClaimState::code))
            .count(after.unwrap_or(0))
            .bind(Page::<Claim, u64>::rows(limit));
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read_claim).collect::<Result<_, _>>()?, limit, |c| c.id.unsigned_abs()))
    }

    /// How many of those that the reader sees stand in each state, and for how much together, in pence.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claim_sums(&self, reader: &Reader) -> Result<Vec<(ClaimState, u64, u64)>, StoreError> {
        let rows = reader.bind(query(SUMS.by(reader))).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| Ok((row.parsed("state")?, row.count("claims")?, row.count("pence")?))).collect()
    }

    /// In the order in which they were done.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claim_steps(&self, claim: i64) -> Result<Vec<ClaimStep>, StoreError> {
        steps(&mut *self.read().await?, claim).await
    }

    /// The stages of the last time that it was put forward, in their order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claim_stages(&self, claim: i64) -> Result<Vec<ClaimStage>, StoreError> {
        stages(&mut *self.read().await?, claim).await
    }

    /// Which of these facts were corrected or withdrawn after a change.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn corrected_since(&self, facts: &[FactId], after: ChangeId) -> Result<Vec<FactId>, StoreError> {
        corrected(&mut *self.read().await?, facts, after).await
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch`.
    pub async fn claim(&mut self, id: i64) -> Result<Claim, StoreError> {
        one(self.connection(), id).await
    }

    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claim_steps(&mut self, claim: i64) -> Result<Vec<ClaimStep>, StoreError> {
        steps(self.connection(), claim).await
    }

    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claim_stages(&mut self, claim: i64) -> Result<Vec<ClaimStage>, StoreError> {
        stages(self.connection(), claim).await
    }

    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn corrected_since(&mut self, facts: &[FactId], after: ChangeId) -> Result<Vec<FactId>, StoreError> {
        corrected(self.connection(), facts, after).await
    }

    /// Keeps what was done, and leaves the claim there: of a claim that stands as whoever does it saw it. The step's number.
    ///
    /// # Errors
    /// `Conflict` where somebody was first.
    pub async fn step_claim(
        &mut self,
        claim: &Claim,
        act: ClaimAct,
        to: ClaimState,
        said: &SaidOfClaim,
        batch: Option<i64>,
        digest: Option<Digest>,
    ) -> Result<i64, StoreError> {
        let (change, _) = self.change().await?;
        let moved = query("UPDATE claim SET state = $3 WHERE id = $1 AND state = $2")
            .bind(claim.id)
            .bind(claim.state.code())
            .bind(to.code())
            .execute(self.connection())
            .await?;
        if moved.rows_affected() != 1 {
            return Err(StoreError::Conflict(format!("claim {} is not {} any more: somebody was first", claim.id, claim.state)));
        }
        const SQL: &str = "INSERT INTO claim_step (claim, change, act, state, stage, reason, amount, day, reference, batch, digest) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
        let row = query(SQL)
            .bind(claim.id)
            .bind(change.0)
            .bind(act.code())
            .bind(to.code())
            .bind(said.stage.clone())
            .bind(said.reason.clone())
            .bind(said.amount.map(|n| i64::try_from(n).unwrap_or(i64::MAX)))
            .maybe_day(said.on)
            .bind(said.reference.clone())
            .bind(batch)
            .maybe_key(digest.as_ref())
            .fetch_one(self.connection())
            .await?;
        if let Some(what) = announced(act) {
            self.announce(what, Some(claim.family), claim.id);
        }
        row.number("id")
    }

    /// The stages that stand before a claim from that step on, with what it drew for each.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_claim_stages(&mut self, step: i64, stages: &[(AuditStage, u16)]) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO claim_stage (step, position, name, roles, share, drawn, another) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        for (position, (stage, drawn)) in (1_i64..).zip(stages) {
            query(SQL)
                .bind(step)
                .bind(position)
                .bind(stage.name.as_str())
                .bind(stage.roles.join(" "))
                .bind(i64::from(stage.share))
                .bind(i64::from(*drawn))
                .bind(i64::from(stage.another_person))
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}

/// What of it is told to other systems.
const fn announced(act: ClaimAct) -> Option<Announced> {
    Some(match act {
        ClaimAct::PutForward => Announced::ClaimPutForward,
        ClaimAct::Pass => Announced::ClaimPassed,
        ClaimAct::SendBack => Announced::ClaimSentBack,
        ClaimAct::Refuse | ClaimAct::TurnDown => Announced::ClaimRefused,
        ClaimAct::Approve => Announced::ClaimApproved,
        ClaimAct::Submit => Announced::ClaimSubmitted,
        ClaimAct::Pay => Announced::ClaimPaid,
        ClaimAct::Withdraw => Announced::ClaimWithdrawn,
        ClaimAct::Repay => Announced::ClaimRepaid,
        ClaimAct::PutInBatch | ClaimAct::TakeOutOfBatch | ClaimAct::Look => return None,
    })
}

async fn one(connection: &mut Connection, id: i64) -> Result<Claim, StoreError> {
    let row = query("SELECT id, decision, family, kind, amount, entitled_on, state FROM claim WHERE id = $1").bind(id);
    let row = row.fetch_optional(connection).await?;
    read_claim(&row.ok_or_else(|| StoreError::no_such("claim", id))?)
}

async fn steps(connection: &mut Connection, claim: i64) -> Result<Vec<ClaimStep>, StoreError> {
    query(STEPS).bind(claim).fetch_all(connection).await?.iter().map(read).collect()
}

async fn stages(connection: &mut Connection, claim: i64) -> Result<Vec<ClaimStage>, StoreError> {
    let rows = query(STAGES).bind(claim).fetch_all(connection).await?;
    let stage = |row: &Row| {
        let small = |column: &str| row.count(column)?.try_into().map_err(|e| StoreError::damaged(column, e));
        let stage = AuditStage {
            name: row.text("name")?,
            roles: row.text("roles")?.split(' ').map(str::to_owned).collect(),
            share: u8::try_from(small("share")?).map_err(|e| StoreError::damaged("share", e))?,
            another_person: row.number("another")? == 1,
        };
        Ok(ClaimStage { stage, drawn: small("drawn")?, passed: row.maybe_number("passed")? })
    };
    rows.iter().map(stage).collect()
}

async fn corrected(connection: &mut Connection, facts: &[FactId], after: ChangeId) -> Result<Vec<FactId>, StoreError> {
    let mut found = Vec::new();
    for chunk in facts.chunks(BATCH) {
        for row in query(SUPERSEDED.as_str()).keys(chunk).bind(after.0).fetch_all(connection).await? {
            found.push(row.key("fact")?);
        }
    }
    Ok(found)
}

fn read(row: &Row) -> Result<ClaimStep, StoreError> {
    Ok(ClaimStep {
        id: row.number("id")?,
        claim: row.number("claim")?,
        change: ChangeId(row.number("change")?),
        at: row.at("at")?,
        by: row.text("principal")?,
        act: row.parsed("act")?,
        state: row.parsed("state")?,
        stage: row.maybe_text("stage")?,
        reason: row.maybe_text("reason")?,
        amount: row.maybe_number("amount")?.map(i64::unsigned_abs),
        day: row.maybe_day("day")?,
        reference: row.maybe_text("reference")?,
        batch: row.maybe_number("batch")?,
        digest: row.maybe_key("digest")?,
    })
}
