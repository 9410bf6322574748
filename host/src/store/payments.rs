//! What is due and paid under contracts, line by line; and the decisions that plugins made about contracts.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::sql::{BATCH, Connection, Row, places, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Announced, ContractId, Day, DecisionId, Digest, InstallationId, KnownAt, PaymentLineId};

/// A payment line. Families are the contract's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLine {
    pub id: PaymentLineId,
    pub contract: ContractId,
    pub at: KnownAt,
    /// Who asked for it, or gave the credit.
    pub by: String,
    /// That computed it; none: a credit.
    pub decision: Option<DecisionId>,
    /// Code list payment-kinds.
    pub kind: String,
    /// None: for the contract as a whole.
    pub number: Option<u32>,
    /// In pence.
    pub amount: i64,
    pub day: Day,
    pub state: LineState,
    /// The last day of a dispute.
    pub settle_by: Option<Day>,
    /// The line that it takes back.
    pub credits: Option<PaymentLineId>,
}

macro_rules! states {
    ($($name:ident $code:literal $says:literal;)*) => {
        /// How far a payment has come.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum LineState { $(#[doc = $says] $name),* }

        impl LineState {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}
states! {
    Drafted "drafted" "Computed, for a second person to approve.";
    Queried "queried" "Somebody asked about it.";
    Disputed "disputed" "The provider disputes it: to be settled by a day.";
    Approved "approved" "To be paid, or paid.";
    Declined "declined" "Not paid: as if it had never been computed.";
}

impl std::str::FromStr for LineState {
    type Err = &'static str;
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|s| s.code() == code).ok_or("is no state of a payment")
    }
}

/// What somebody did about a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentAct {
    pub at: KnownAt,
    pub by: String,
    pub act: String,
    pub why: Option<String>,
}

/// A decision about a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractDecision {
    pub id: DecisionId,
    pub contract: ContractId,
    /// Of the contract.
    pub version: u64,
    pub at: KnownAt,
    pub by: String,
    pub installation: InstallationId,
    pub question: String,
    pub as_of: Day,
    /// Content: settings, grants, component; and the contract as the run was given it.
    pub context: Digest,
    pub matter: Digest,
    /// The contract's numbers of the run's families, in the run's order.
    pub numbers: Vec<u32>,
    pub answer_digest: Digest,
    pub answer: Vec<u8>,
    pub result: String,
    pub instructions: u64,
    pub millis: u64,
}

macro_rules! line {
    ($rest:literal) => {
        concat!(
            "SELECT l.id, l.contract, c.at, c.principal, l.decision, l.kind, l.number, l.amount, l.day, l.state, l.settle_by, l.credits \
             FROM payment_line l JOIN change c ON c.id = l.change ",
            $rest
        )
    };
}
macro_rules! decision {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.contract, d.version, c.at, c.principal, d.installation, d.question, d.as_of, d.context, d.matter, d.numbers, \
             d.answer_digest, d.answer, d.result, d.instructions, d.millis FROM contract_decision d JOIN change c ON c.id = d.change ",
            $rest
        )
    };
}

static LINES: LazyLock<String> = LazyLock::new(|| format!("{} WHERE l.contract IN ({})", line!(""), places(1, BATCH)));
static ACTS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT a.line, c.at, c.principal, a.act, a.why FROM payment_act a JOIN change c ON c.id = a.change WHERE a.line IN ({}) ORDER BY a.id",
        places(1, BATCH)
    )
});

impl AuthorityStore {
    /// Of a contract, in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn payment_lines(&self, contract: ContractId) -> Result<Vec<PaymentLine>, StoreError> {
        lines(&mut *self.read().await?, contract).await
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn payment_line(&self, id: PaymentLineId) -> Result<PaymentLine, StoreError> {
        get(&mut *self.read().await?, id).await
    }

    /// Of several contracts, in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn payment_lines_under(&self, contracts: &[ContractId]) -> Result<Vec<PaymentLine>, StoreError> {
        let mut lines = Vec::new();
        for chunk in contracts.chunks(BATCH) {
            for row in query(LINES.as_str()).keys(chunk).fetch_all(&mut *self.read().await?).await? {
                lines.push(read(&row)?);
            }
        }
        lines.sort_by_key(|line| line.id);
        Ok(lines)
    }

    /// What people did about each of these lines, in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn payment_acts(&self, lines: &[PaymentLineId]) -> Result<HashMap<PaymentLineId, Vec<PaymentAct>>, StoreError> {
        let mut acts: HashMap<PaymentLineId, Vec<PaymentAct>> = HashMap::new();
        for chunk in lines.chunks(BATCH) {
            for r in query(ACTS.as_str()).keys(chunk).fetch_all(&mut *self.read().await?).await? {
                let act = PaymentAct { at: r.at("at")?, by: r.text("principal")?, act: r.text("act")?, why: r.maybe_text("why")? };
                acts.entry(r.key("line")?).or_default().push(act);
            }
        }
        Ok(acts)
    }

    /// What was approved under each contract, in pence.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn spent(&self) -> Result<HashMap<ContractId, i64>, StoreError> {
        const SQL: &str =
            "SELECT contract, CAST(SUM(amount) AS BIGINT) AS pence FROM payment_line WHERE state = 'approved' GROUP BY contract";
        let rows = query(SQL).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| Ok((row.key("contract")?, row.number("pence")?))).collect()
    }

    /// Of a contract, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn contract_decisions(&self, contract: ContractId) -> Result<Vec<ContractDecision>, StoreError> {
        let rows = query(decision!("WHERE d.contract = $1 ORDER BY d.id DESC")).key(&contract).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_decision).collect()
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn contract_decision(&self, id: DecisionId) -> Result<ContractDecision, StoreError> {
        let row = query(decision!("WHERE d.id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read_decision).transpose()?.ok_or_else(|| StoreError::no_such("decision", id))
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn payment_line(&mut self, id: PaymentLineId) -> Result<PaymentLine, StoreError> {
        get(self.connection(), id).await
    }

    /// Of a contract, in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn payment_lines(&mut self, contract: ContractId) -> Result<Vec<PaymentLine>, StoreError> {
        lines(self.connection(), contract).await
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn add_contract_decision(&mut self, new: &ContractDecision) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query(
            "INSERT INTO contract_decision (id, contract, version, change, installation, question, as_of, context, matter, numbers, \
             answer_digest, answer, result, instructions, millis) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .key(&new.id)
        .key(&new.contract)
        .count(new.version)
        .bind(change.0)
        .key(&new.installation)
        .bind(new.question.as_str())
        .day(new.as_of)
        .key(&new.context)
        .key(&new.matter)
        .bind(serde_json::to_string(&new.numbers).unwrap_or_default())
        .key(&new.answer_digest)
        .bind(new.answer.as_slice())
        .bind(new.result.as_str())
        .count(new.instructions)
        .count(new.millis)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Whether the line is new. A share of an attachment fee or result that a family has under the contract already stays as it was.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_payment_line(&mut self, new: &PaymentLine) -> Result<bool, StoreError> {
        let (change, _) = self.change().await?;
        let done = query(
            "INSERT INTO payment_line (id, contract, change, decision, kind, number, amount, day, state, credits) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'drafted', $9) ON CONFLICT DO NOTHING",
        )
        .key(&new.id)
        .key(&new.contract)
        .bind(change.0)
        .maybe_key(new.decision.as_ref())
        .bind(new.kind.as_str())
        .bind(new.number.map(i64::from))
        .bind(new.amount)
        .day(new.day)
        .maybe_key(new.credits.as_ref())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 {
            self.announce(Announced::PaymentDrafted, None, new.id);
            return Ok(true);
        }
        Ok(false)
    }

    /// Takes a line to another state and keeps who did it.
    ///
    /// # Errors
    /// `Conflict` where it is not in that state any more.
    pub async fn move_line(
        &mut self,
        line: &PaymentLine,
        to: LineState,
        settle_by: Option<Day>,
        act: &str,
        why: Option<&str>,
    ) -> Result<(), StoreError> {
        let done = query("UPDATE payment_line SET state = $3, settle_by = $4 WHERE id = $1 AND state = $2")
            .key(&line.id)
            .bind(line.state.code())
            .bind(to.code())
            .maybe_day(settle_by)
            .execute(self.connection())
            .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict("somebody was first: the line is in another state".to_owned()));
        }
        match to {
            LineState::Approved => self.announce(Announced::PaymentApproved, None, line.id),
            LineState::Disputed => self.announce(Announced::PaymentDisputed, None, line.id),
            LineState::Drafted | LineState::Queried | LineState::Declined => {}
        }
        self.note_line(line.id, act, why).await
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn note_line(&mut self, line: PaymentLineId, act: &str, why: Option<&str>) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO payment_act (line, change, act, why) VALUES ($1, $2, $3, $4)")
            .key(&line)
            .bind(change.0)
            .bind(act)
            .bind(why.map(str::to_owned))
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn lines(connection: &mut Connection, contract: ContractId) -> Result<Vec<PaymentLine>, StoreError> {
    let rows = query(line!("WHERE l.contract = $1 ORDER BY l.id")).key(&contract).fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

async fn get(connection: &mut Connection, id: PaymentLineId) -> Result<PaymentLine, StoreError> {
    let row = query(line!("WHERE l.id = $1")).key(&id).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()?.ok_or_else(|| StoreError::no_such("payment line", id))
}

fn read(row: &Row) -> Result<PaymentLine, StoreError> {
    let number = row.maybe_number("number")?.map(|n| u32::try_from(n).map_err(|e| StoreError::damaged("number", e))).transpose()?;
    Ok(PaymentLine {
        id: row.key("id")?,
        contract: row.key("contract")?,
        at: row.at("at")?,
        by: row.text("principal")?,
        decision: row.maybe_key("decision")?,
        kind: row.text("kind")?,
        number,
        amount: row.number("amount")?,
        day: row.day("day")?,
        state: row.parsed("state")?,
        settle_by: row.maybe_day("settle_by")?,
        credits: row.maybe_key("credits")?,
    })
}

fn read_decision(row: &Row) -> Result<ContractDecision, StoreError> {
    Ok(ContractDecision {
        id: row.key("id")?,
        contract: row.key("contract")?,
        version: row.count("version")?,
        at: row.at("at")?,
        by: row.text("principal")?,
        installation: row.key("installation")?,
        question: row.text("question")?,
        as_of: row.day("as_of")?,
        context: row.key("context")?,
        matter: row.key("matter")?,
        numbers: row.json("numbers")?,
        answer_digest: row.key("answer_digest")?,
        answer: row.bytes("answer")?,
        result: row.text("result")?,
        instructions: row.count("instructions")?,
        millis: row.count("millis")?,
    })
}
