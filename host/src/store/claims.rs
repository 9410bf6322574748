//! Results that are claimed for a family: each kind once.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reader::{Reader, Seen, unsealed};
use super::sql::{BATCH, Row, places, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Day, DecisionId, FamilyId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClaim {
    pub decision: DecisionId,
    pub family: FamilyId,
    /// Code list claims.
    pub kind: String,
    /// In pence.
    pub amount: u64,
    pub entitled_on: Day,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub id: i64,
    pub decision: DecisionId,
    pub family: FamilyId,
    pub kind: String,
    /// In pence.
    pub amount: u64,
    pub entitled_on: Day,
    /// `draft`: not sent to anybody yet.
    pub state: String,
}

/// A claim is a result: it is seen as the bare result of its decision is.
static FOR_READER: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        format!(
            "SELECT id, decision, family, kind, amount, entitled_on, state FROM claim WHERE family = $10 AND EXISTS ( \
         SELECT 1 FROM decision d WHERE d.id = claim.decision AND {} AND {}) ORDER BY id",
            whose.covers_telling("d.label", "claim.family"),
            unsealed("d.id"),
        )
    })
});

static OF_FAMILIES: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT id, decision, family, kind, amount, entitled_on, state FROM claim WHERE family IN ({}) ORDER BY id", places(1, BATCH))
});

impl AuthorityStore {
    /// In the order in which they were made.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claims(&self, family: FamilyId) -> Result<Vec<Claim>, StoreError> {
        Ok(self.claims_of(&[family]).await?.remove(&family).unwrap_or_default())
    }

    /// Of several families. One without claims is left out.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claims_of(&self, families: &[FamilyId]) -> Result<HashMap<FamilyId, Vec<Claim>>, StoreError> {
        let mut connection = self.read().await?;
        let mut found: HashMap<FamilyId, Vec<Claim>> = HashMap::new();
        for chunk in families.chunks(BATCH) {
            for row in query(OF_FAMILIES.as_str()).keys(chunk).fetch_all(&mut connection).await? {
                let claim = read(&row)?;
                found.entry(claim.family).or_default().push(claim);
            }
        }
        Ok(found)
    }
}

impl AuthorityStore {
    /// Those of a family that the reader sees.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claims_for(&self, reader: &Reader, family: FamilyId) -> Result<Vec<Claim>, StoreError> {
        let statement = reader.bind(query(FOR_READER.by(reader))).key(&family);
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// How many results are claimed, and for how much together, in pence.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn total_claims(&self) -> Result<(u64, u64), StoreError> {
        let row = query("SELECT COUNT(*) AS claims, CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS pence FROM claim")
            .fetch_one(&mut *self.read().await?)
            .await?;
        Ok((row.count("claims")?, row.count("pence")?))
    }
}

impl AuthorityTx {
    /// Whether the claim is new. One of its kind that the family has already stays as it was.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_claim(&mut self, claim: &NewClaim) -> Result<bool, StoreError> {
        let done = query(
            "INSERT INTO claim (decision, family, kind, amount, entitled_on, state) VALUES ($1, $2, $3, $4, $5, 'draft') \
             ON CONFLICT DO NOTHING",
        )
        .key(&claim.decision)
        .key(&claim.family)
        .bind(claim.kind.as_str())
        .count(claim.amount)
        .day(claim.entitled_on)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn read(row: &Row) -> Result<Claim, StoreError> {
    Ok(Claim {
        id: row.number("id")?,
        decision: row.key("decision")?,
        family: row.key("family")?,
        kind: row.text("kind")?,
        amount: row.count("amount")?,
        entitled_on: row.day("entitled_on")?,
        state: row.text("state")?,
    })
}
